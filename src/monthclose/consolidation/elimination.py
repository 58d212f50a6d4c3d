"""The entries that cancel what group companies hold of each other."""

from collections.abc import Mapping
from dataclasses import dataclass

from monthclose.consolidation.purchase import historical_cost
from monthclose.ledger.accounts import FAIR_VALUE_CLEARING, GOODWILL_CLEARING, Chart
from monthclose.ledger.acquisitions import Acquisition, Dividend
from monthclose.ledger.balances import PeriodRates
from monthclose.ledger.book import Purchase
from monthclose.ledger.errors import CloseError
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import Money, apart
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Rollforward, Translation


class DividendUnexplained(CloseError):
    """A subsidiary's dividends do not equal those its records declare."""

    code = "dividend-unexplained"

    def __init__(self, entity: str, currency: str, declared: int, booked: int) -> None:
        super().__init__(
            entity=entity,
            declared=Money(declared, currency),
            booked=Money(booked, currency),
            size=Money(booked - declared, currency),
        )


class InvestmentMismatch(CloseError):
    """The holder's books carry another amount than its acquisitions record."""

    code = "investment-mismatch"

    def __init__(self, entity: str, account: str, currency: str, known: int, booked: int) -> None:
        super().__init__(
            entity=entity,
            account=account,
            **apart(currency, known, booked),
        )


def eliminate_dividends(
    dividends: tuple[Dividend, ...],
    payer: Translation,
    holders: dict[str, str],
    chart: Chart,
    *,
    shared: bool = True,
) -> tuple[Entry | None, int]:
    """
    Cancel a subsidiary's dividends against the income its holders booked.

    What holders did not receive is the outsiders'. Without outsiders, the cents that the
    two sides were rounded apart go to the difference account; more than that stays with
    outsiders who do not exist, where the validation finds it.

    Args:
        dividends: Every dividend of the payer since the roll-forward began.
        payer: Its translation; its dividends account is credited in full.
        holders: Functional currency of each group company, by code.
        chart: Names the accounts.
        shared: Whether outsiders own a part of the payer.

    Returns:
        The entry (None without dividends), and what outsiders received: presentation
        currency, positive.

    Raises:
        DividendUnexplained: the dividends account differs from the dividends declared.

    Source:
        IFRS 10.B86(c); ASC 810-10-45-1.
    """
    account = chart.roles.dividends
    declared = sum([dividend.amount for dividend in dividends])
    places = chart.slots(payer.accounts, payer.entity).lines.get(account, ())
    booked = sum([int(payer.reported[place]) for place in places])
    if declared != booked:
        raise DividendUnexplained(payer.entity, payer.functional, declared, booked)
    if not dividends:
        return None, 0
    lines, received = [], 0
    for dividend in dividends:
        for part in dividend.received:
            currency = holders[part.holder]
            income = convert_one(part.amount, part.quote, currency, payer.presentation)
            lines.append(EntryLine(part.income_account, income, part.holder))
            received += income
    paid = sum([int(payer.amounts[place]) for place in places])
    lines.append(EntryLine(account, -paid, payer.entity))
    outside = paid - received
    income_lines = len(lines) - 1
    if outside and not shared and 2 * abs(outside) <= income_lines + 1:
        lines.append(EntryLine(chart.roles.difference_result, outside, payer.entity))
        outside = 0
    if outside:
        lines.append(EntryLine(chart.roles.nci, outside, payer.entity))
    entry = Entry(
        id=f"DIV-{payer.entity}",
        layer=LayerName.ELIMINATION,
        kind="dividend",
        reason="entries.dividend",
        standard="IFRS 10.B86(c)",
        currency=payer.presentation,
        lines=tuple(lines),
        entity=payer.entity,
    )
    return entry, outside


def eliminate_investment(
    acquisition: Acquisition,
    purchase: Purchase,
    equity: dict[str, int],
    chart: Chart,
    currency: str,
) -> Entry:
    """
    Cancel an investment against the target's equity at acquisition.

    Goodwill and step-ups go to their clearing accounts, from where `carry_layers` takes
    them; a bargain gain goes to the result when the acquisition is of the period, later to
    retained earnings; outsiders are credited with what they had at acquisition.

    Source:
        IFRS 10.B86(b); IFRS 3.19, 3.34.
    """
    roles = chart.roles
    step_ups = purchase.fair_value_layer.acquired if purchase.fair_value_layer else 0
    gain_account = roles.bargain_gain if acquisition.in_period else roles.retained_earnings
    # The result before acquisition has an account of its own in its year only.
    closed = "" if acquisition.result else roles.result_before
    amounts = [
        (roles.retained_earnings if account == closed else account, -amount, acquisition.target)
        for account, amount in equity.items()
    ]
    amounts += [
        (FAIR_VALUE_CLEARING, step_ups, acquisition.target),
        (GOODWILL_CLEARING, purchase.goodwill_presentation, acquisition.target),
        (acquisition.investment_account, -historical_cost(acquisition), acquisition.acquirer),
        (roles.nci, -purchase.nci_presentation, acquisition.target),
        (gain_account, -purchase.gain_presentation, acquisition.acquirer),
    ]
    return Entry(
        id=f"INV-{acquisition.id}",
        layer=LayerName.ELIMINATION,
        kind="investment",
        reason="entries.investment",
        standard="IFRS 10.B86(b)",
        currency=currency,
        lines=tuple([EntryLine(*each) for each in amounts if each[1]]),
        entity=acquisition.target,
        reference=acquisition.id,
    )


@dataclass(frozen=True, slots=True)
class CarriedInvestment:
    """An investment as its holder's translated balance carries it: at closing, at opening."""

    now: int
    was: int


def undo_retranslation(
    acquisition: Acquisition, carried: CarriedInvestment, chart: Chart, currency: str
) -> tuple[Entry | None, Rollforward]:
    """
    Take the retranslation of an investment out of the CTA of a foreign holder.

    The holder's balance carries its shares at the closing rate; they are eliminated at
    their historical amount, and the difference belongs to no one.

    Args:
        acquisition: With its historical cost.
        carried: What the holder's translated balance carries the investment at.
        chart: Names the accounts.
        currency: Presentation currency.

    Returns:
        The entry (None when there is no difference), and what it takes from the CTA,
        credit positive.
    """
    cost = historical_cost(acquisition)
    now = carried.now - cost
    was = 0 if acquisition.in_period else carried.was - cost
    taken = Rollforward(-was, was - now)
    if now == 0:
        return None, taken
    entry = Entry(
        id=f"RET-{acquisition.id}",
        layer=LayerName.ELIMINATION,
        kind="investment_retranslation",
        reason="entries.retranslation",
        standard="IAS 21.39(a)",
        currency=currency,
        lines=(
            EntryLine(acquisition.investment_account, -now, acquisition.acquirer),
            EntryLine(chart.roles.cta, now, acquisition.acquirer),
        ),
        entity=acquisition.acquirer,
        reference=acquisition.id,
    )
    return entry, taken


@dataclass(frozen=True, slots=True)
class Sold:
    """
    What sales took off an investment of its holder's books.

    Attributes:
        amount: Minor units of the holder's currency, positive; None: what the account
            lacks, of a part sold by a holder in another currency.
        restored: What undoing the sales puts back, minor units of the presentation currency.
        amount_before: What of *amount* was gone when the period opened.
        restored_before: What of *restored* belongs to that.
    """

    amount: int | None
    restored: int
    amount_before: int = 0
    restored_before: int = 0


def carried_investments(
    acquisitions: tuple[Acquisition, ...],
    holder: Translation,
    rates: PeriodRates,
    chart: Chart,
    sold: Mapping[str, Sold],
) -> dict[str, CarriedInvestment]:
    """
    Divide a holder's translated investment accounts among its acquisitions.

    An account is translated once, whatever stands on it: each acquisition takes what the
    running total of the account grows by, and the last one what the line still holds, so
    that no cent of a rounding stays behind.

    Args:
        acquisitions: Of this holder, in order.
        holder: Its translation.
        rates: Its quotes.
        chart: Finds the lines.
        sold: What sales of the period took off, by acquisition.

    Returns:
        By acquisition, in presentation currency, debit positive; with what undoing a sale
        puts back.

    Raises:
        InvestmentMismatch: an account carries another amount than its acquisitions.
    """
    pair = (holder.functional, holder.presentation)
    by_account: dict[str, list[Acquisition]] = {}
    for acquisition in acquisitions:
        by_account.setdefault(acquisition.investment_account, []).append(acquisition)
    carried: dict[str, CarriedInvestment] = {}
    for account, members in by_account.items():
        lines = chart.slots(holder.accounts, holder.entity).lines.get(account, ())
        booked = sum(int(holder.reported[line]) for line in lines)
        gone = {each.id: sold[each.id] for each in members if each.id in sold}
        known = sum(each.investment for each in members)
        known -= sum(each.amount or 0 for each in gone.values())
        lacks = {id_: known - booked for id_, each in gone.items() if each.amount is None}
        known -= sum(lacks.values())
        if booked != known:
            raise InvestmentMismatch(holder.entity, account, holder.functional, known, booked)
        upto, before, taken_now, taken_was = 0, 0, 0, 0
        whole = sum(int(holder.amounts[line]) for line in lines)
        for acquisition in members:
            upto += acquisition.investment
            if acquisition.id in gone:
                upto -= gone[acquisition.id].amount or lacks.get(acquisition.id, 0)
            now = whole if acquisition is members[-1] else convert_one(upto, rates.closing, *pair)
            was = taken_was
            if not acquisition.in_period:
                before += acquisition.investment
                before -= acquisition.pickup.moved if acquisition.pickup else 0
                before -= gone[acquisition.id].amount_before if acquisition.id in gone else 0
                was = convert_one(before, rates.opening, *pair)
            sales = gone.get(acquisition.id, Sold(0, 0))
            carried[acquisition.id] = CarriedInvestment(
                now - taken_now + sales.restored, was - taken_was + sales.restored_before
            )
            taken_now, taken_was = now, was
    return carried
