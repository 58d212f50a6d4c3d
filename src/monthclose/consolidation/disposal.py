"""Loss of control: everything of a company leaves the group, and the gain is the group's own."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from monthclose.consolidation.chain_sales import Above
from monthclose.consolidation.elimination import InvestmentMismatch, Sold
from monthclose.consolidation.purchase import historical_cost
from monthclose.consolidation.retained import kept_in
from monthclose.consolidation.step import check_step
from monthclose.ledger.accounts import EQUITY, POSITION, Chart, UnknownAccount
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.book import Purchase
from monthclose.ledger.changes import held_through
from monthclose.ledger.entities import UnknownEntity, percent
from monthclose.ledger.equity import NciRollforward
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import (
    Derecognition,
    Disposal,
    Event,
    PartialDisposal,
    Sale,
    StepAcquisition,
)
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import Money
from monthclose.ledger.translations import Translation


class SaleUnexplained(CloseError):
    """The price of a sale is not what the holder took off its books and booked as gain."""

    code = "sale-unexplained"

    def __init__(self, entity: str, currency: str, proceeds: int, made: int) -> None:
        super().__init__(
            entity=entity,
            proceeds=Money(proceeds, currency),
            made=Money(made, currency),
            size=Money(proceeds - made, currency),
        )


class SoldInPart(CloseError):
    """By the interests the group owned another share than was sold."""

    code = "sold-in-part"

    def __init__(self, entity: str, sold: Fraction, owned: Fraction) -> None:
        super().__init__(entity=entity, sold=percent(sold), owned=percent(owned))


class SoldWithinChain(CloseError):
    """A part was sold of a company that holds others, and nothing is known of those on the day."""

    code = "sold-within-chain"

    def __init__(self, entity: str, other: str) -> None:
        super().__init__(entity=entity, other=other)


class LeftInPart(CloseError):
    """A company below one that was sold is held by another company too, which was not."""

    code = "left-in-part"

    def __init__(self, entity: str, other: str, holder: str) -> None:
        super().__init__(entity=entity, other=other, holder=holder)


def sold_investments(
    facts: PeriodFacts,
    acquisitions: Sequence[Acquisition],
    currencies: Mapping[str, str],
    group: Group,
) -> dict[str, Sold]:
    """
    Say what sales took off their holders' investment accounts, by acquisition.

    Those of earlier periods come first: what they left is what a later one can sell.

    Raises:
        InvestmentMismatch: a holder took another cost off its books than it carried, or no
            acquisition says what was sold.
        UnknownEntity: the company sold, or its holder, is not consolidated.
        StepIncomplete, StepDiffers: a step to control does not fit its purchase.
    """
    sold: dict[str, Sold] = {}
    presentation = group.presentation
    for place, event in enumerate((*facts.settled, *facts.events)):
        if isinstance(event, PartialDisposal) and event.through:
            continue  # shares of a company above it were sold
        account = event.investment_account
        for code in (event.holder, event.entity):
            if code not in currencies:
                raise UnknownEntity(code, group.code)
        parts = [
            each
            for each in acquisitions
            if (each.acquirer, each.target) == (event.holder, event.entity)
            and each.investment_account == account
        ]
        if isinstance(event, StepAcquisition):
            check_step(event, parts, currencies[event.entity], presentation)
            # Nothing was sold: the old interest comes to the account at fair value.
            fair = event.fair_value if event.fair_booked is None else event.fair_booked
            last, earlier = parts[-1].id, place < len(facts.settled)
            sold[last] = _more(sold.get(last), fair, event.fair_value, earlier=earlier)
            continue
        booked = event.cost if currencies[event.holder] == presentation else event.cost_booked
        if isinstance(event, PartialDisposal) and parts:
            # Given without it, the cost in another currency is what the books lack.
            last, earlier = parts[-1].id, place < len(facts.settled)
            sold[last] = _more(sold.get(last), booked, event.cost, earlier=earlier)
            continue
        left, known = event.cost, 0
        for part in parts:
            was = sold.get(part.id, Sold(0, 0))
            due = part.investment - (was.amount or 0)
            restored = left if part is parts[-1] else historical_cost(part) - was.restored
            left, known = left - restored, known + due
            sold[part.id] = _more(was, due, restored)
        if not parts or (booked is not None and known != booked):
            stated = event.cost if booked is None else booked
            raise InvestmentMismatch(event.holder, account, currencies[event.holder], known, stated)
    for kept, earlier in kept_in(facts):
        # What was kept stands at fair value; the books carry it at another amount.
        sold[kept.acquisition] = _more(
            sold.get(kept.acquisition), kept.beyond_booked, kept.beyond, earlier=earlier
        )
    return sold


def _more(was: Sold | None, amount: int | None, restored: int, *, earlier: bool = False) -> Sold:
    """Add a sale to those before it; an earlier one was gone when the period opened."""
    was = was or Sold(0, 0)
    return Sold(
        None if amount is None or was.amount is None else was.amount + amount,
        was.restored + restored,
        was.amount_before + (amount or 0 if earlier else 0),
        was.restored_before + (restored if earlier else 0),
    )


def check_sale(sale: Sale, chart: Chart, currency: str) -> None:
    """
    Refuse a price that the holder's books do not explain.

    Raises:
        SaleUnexplained: the price differs from cost and gain.
        UnknownAccount: an account of the sale is not in the chart.
    """
    kept = sale.retained if isinstance(sale, Disposal) else None
    made = sale.cost + sale.separate_gain - (kept.carried if kept else 0)
    if sale.proceeds != made:
        raise SaleUnexplained(sale.entity, currency, sale.proceeds, made)
    if kept and kept.account not in chart:
        raise UnknownAccount(kept.account, kept.holder)
    for account in (sale.gain_account, sale.investment_account):
        if account not in chart and (account or sale.separate_gain):
            raise UnknownAccount(account, sale.holder)


def check_ownership_sold(
    sale: Event, facts: PeriodFacts, consolidated: Container[str] = ()
) -> None:
    """
    Refuse a sale that the interests contradict, or of which what it does below is not known.

    Args:
        sale: Of the period.
        facts: With its interests, and what sales did to companies below.
        consolidated: Codes of the group's companies.

    Raises:
        SoldInPart: control is lost and the group owned another share than is sold and
            retained; or more is sold than others own afterwards.
        SoldWithinChain: a part was sold of a company that holds others, about which nothing
            is known on the day.
    """
    if isinstance(sale, StepAcquisition) or (isinstance(sale, PartialDisposal) and sale.through):
        return
    interests = facts.interests
    owned = sum((e.share for e in interests if e.investee == sale.entity), Fraction(0))
    if isinstance(sale, Disposal):
        differs = owned != sale.share + (sale.retained.share if sale.retained else 0)
    else:  # dated, it has been held against the interests of its own day
        differs = sale.books is None and owned + sale.share > 1
    if differs:
        raise SoldInPart(sale.entity, sale.share, owned)
    if isinstance(sale, Disposal):
        return
    known = {
        each.entity
        for each in facts.events
        if each.on == sale.on
        and (isinstance(each, PartialDisposal) and each.through == sale.entity)
    }
    for each in facts.events:
        if isinstance(each, Disposal) and (not (each.on and sale.on) or each.on <= sale.on):
            known.add(each.entity)
    for held in interests:
        code = held.investee
        if held.holder == sale.entity and code in consolidated and code not in known:
            raise SoldWithinChain(sale.entity, code)


def companies_left(
    disposal: Disposal, events: Sequence[Event], facts: PeriodFacts, consolidated: Container[str]
) -> tuple[str, ...]:
    """
    The company sold, and those of the group below it: whoever loses the one loses the others.

    Associates are no companies of the group: what they are carried at is in their holder.

    Args:
        disposal: Of the company at the top.
        events: Those of the period before it, which have taken out what was sold for itself.
        facts: Interests as of the day before.
        consolidated: Codes of the group's companies.

    Raises:
        LeftInPart: one of them is also held by a company that is not among them.

    Source:
        IFRS 10.25, 10.B98(a).
    """
    gone = {each.entity for each in events if isinstance(each, Disposal)}
    live = [e for e in facts.interests if e.investee in consolidated and e.investee not in gone]
    below = held_through(disposal.entity, live)
    left = {disposal.entity} | below
    for each in live:
        if each.investee in below and each.holder not in left:
            raise LeftInPart(disposal.entity, each.investee, each.holder)
    return (disposal.entity, *sorted(below))


def lose_control(
    disposal: Disposal,
    sold: Sequence[Translation],
    entries: Sequence[Entry],
    purchases: Iterable[Purchase],
    chart: Chart,
    above: Above,
) -> tuple[Derecognition, Entry]:
    """
    Take a company out of the group at the day of its sale, with those below it.

    The holder's own gain is undone. Out go assets and liabilities as they stand in the
    group, fair value layer and goodwill among them; outsiders go; the owners' part of the
    CTA goes to the result, that of outsiders does not. What the holder keeps comes in at
    its fair value. What remains is the group's gain. What the owners have in its other
    equity accounts goes to retained earnings, not to the result.

    Args:
        disposal: With price, cost and the holder's gain.
        sold: Its translation at the rate of the day, and those of the companies that leave
            with it.
        entries: Every entry up to the attribution, which has been made.
        purchases: For its goodwill.
        chart: Names the accounts.
        above: What their outsiders have, and what of it, and of the CTA, is of those of the
            holder.

    Returns:
        What left, and the entry that takes it out.

    Raises:
        SaleUnexplained: the price differs from cost and gain.
        UnknownAccount: an account of the sale is not in the chart.

    Source:
        IFRS 10.25, 10.B98, 10.B99; IAS 21.48-48B; ASC 830-30-40-1.
    """
    presentation, entity = sold[0].presentation, disposal.entity
    check_sale(disposal, chart, presentation)
    codes, roles = [each.entity for each in sold], chart.roles
    standing = {each.entity: _standing(each, entries, chart) for each in sold}
    goodwill = sum(each.goodwill_closing for each in purchases if each.target in codes)
    position = [
        (account, amount, code)
        for code in codes
        for account, amount in standing[code].items()
        if chart.kind(account) in POSITION
    ]
    released = {code: _released(standing[code], chart) for code in codes}
    translated = {code: -standing[code].get(roles.cta, 0) for code in codes}
    outside = {code: -standing[code].get(roles.nci, 0) for code in codes}
    if above.left:  # of what stands there theirs stays
        outside = {code: above.left.get(code, 0) for code in codes}
    lost = Derecognition(
        entity=entity,
        proceeds=disposal.proceeds,
        net_assets=sum(amount for _, amount, _ in position) - goodwill,
        goodwill=goodwill,
        nci=sum(outside.values()),
        cta_recycled=sum(translated.values()) - above.cta,
        retained=disposal.retained.fair_value if disposal.retained else 0,
        released=_together(released.values()),
        below=tuple(codes[1:]),
    )
    kept = [(k.account, k.beyond, k.holder) for k in (disposal.retained,) if k]
    amounts = [
        # The price stands in the holder's books already: as cost taken off, and as its gain.
        (disposal.investment_account, disposal.cost, disposal.holder),
        (disposal.gain_account, disposal.separate_gain, disposal.holder),
        *kept,
        *((account, -amount, code) for account, amount, code in position),
        *((roles.nci, outside[code], code) for code in codes),
        *((roles.cta, translated[code], code) for code in codes),
        (roles.cta, -above.cta, disposal.holder),  # they were given it with the holder's
        *((account, n, code) for code in codes for account, n in released[code].items()),
        *((roles.retained_earnings, -sum(released[code].values()), code) for code in codes),
        (disposal.gain_account, -lost.gain, disposal.holder),
    ]
    entry = Entry(
        id=f"DISP-{entity}",
        layer=LayerName.ELIMINATION,
        kind="disposal",
        reason="entries.disposal-with" if lost.below else "entries.disposal",
        standard="IFRS 10.B98",
        currency=presentation,
        lines=tuple(EntryLine(*each) for each in amounts if each[1]),
        entity=entity,
        reference=", ".join(lost.below),
    )
    return lost, entry


def _released(standing: Mapping[str, int], chart: Chart) -> dict[str, int]:
    """Reserves and capital of a company that left, the owners' part, credit positive."""
    roles = chart.roles
    computed = (roles.retained_earnings, roles.cta, roles.nci)
    return {
        code: -amount
        for code, amount in sorted(standing.items())
        if amount and chart.kind(code) in EQUITY and code not in computed
    }


def _together(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Amounts of several companies added up, by account."""
    sums: dict[str, int] = {}
    for each in parts:
        for account, amount in each.items():
            sums[account] = sums.get(account, 0) + amount
    return sums


def _standing(sold: Translation, entries: Iterable[Entry], chart: Chart) -> dict[str, int]:
    """What stands in the group's figures of one company, by account, debit positive."""
    standing = {chart.roles.cta: -sold.cta.closing}
    lines = list(zip(sold.accounts, sold.amounts.tolist(), strict=True))
    lines += [
        (e.account, e.amount) for each in entries for e in each.lines if e.entity == sold.entity
    ]
    for account, amount in lines:
        standing[account] = standing.get(account, 0) + amount
    return standing


def derecognised(rolled: NciRollforward) -> NciRollforward:
    """Outsiders of a company that left: nothing is theirs any more."""
    return replace(rolled, derecognised=-rolled.closing)
