"""V10: what changed equity is comprehensive income and what passed with its owners."""

from collections.abc import Iterator
from fractions import Fraction

from monthclose.ledger.accounts import EQUITY, RESULT
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.balances import CarriedForward, Layers, PeriodRates
from monthclose.ledger.book import Book
from monthclose.ledger.equity import EquityMove, whole
from monthclose.ledger.events import StepAcquisition
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.money import plain, rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.pickups import EquityPickup
from monthclose.ledger.purchases import PurchaseLayer
from monthclose.ledger.rates import ratio_of
from monthclose.ledger.translations import Translation


def check_changes(book: Book) -> CheckResult:
    """
    V10: opening equity, comprehensive income and owners' transactions are closing equity.

    Two steps, which meet here alone. Each company's translated equity as it opened, with
    its CTA, is what its opening net assets come to at the opening rate, within half a cent a
    rounded line. The group's opening equity is put together from those of its companies, its
    purchases and what is adjusted beside the books; with the statement of changes in equity it
    ends at assets less liabilities, within a cent for each rounded part.

    Source:
        IAS 1.106; IAS 21.41.
    """
    findings: list[Finding] = []
    tested = unexplained = population = 0
    evidence: dict[str, str] = {}
    opening, bound = Fraction(0), 0
    new = _new(book)
    for translation in book.translations:
        if translation.entity in new:
            continue
        opens, rounds = _opened(book, translation)
        opening, bound = opening + opens, bound + rounds
        if not translation.foreign:
            continue
        expected, actual = _at_opening_rate(book, translation), opens + _so_far(book, translation)
        population += 1
        tested += max(abs(expected), abs(actual))
        lines = translation.rounded_lines
        if 2 * abs(actual - expected) > lines:
            unexplained += abs(actual - expected) - lines // 2
            findings.append(
                Finding(
                    "V10",
                    "opening-equity-unproved",
                    Severity.BLOCKING,
                    translation.entity,
                    expected,
                    actual,
                    book.presentation,
                    {"lines": lines},
                )
            )
    statement = book.changes_in_equity
    if statement is not None:
        parts = list(_beside(book))
        opening += sum(amount for amount, _ in parts)
        bound += sum(cents for _, cents in parts)
        moves = (row for row in EquityMove if row is not EquityMove.RESTATEMENT)
        came = sum(whole(statement.moves.get(row, {})) for row in moves)
        expected, actual = rounded(opening) + came, book.totals.total_equity
        population += 1
        tested += max(abs(expected), abs(actual))
        evidence[book.group.code] = f"{plain(actual)} {plain(expected)}"
        if abs(actual - expected) > bound:
            unexplained += abs(actual - expected) - bound
            findings.append(
                Finding(
                    "V10",
                    "equity-change-unexplained",
                    Severity.BLOCKING,
                    book.group.code,
                    expected,
                    actual,
                    book.presentation,
                )
            )
    return CheckResult(
        check="V10",
        severity=Severity.BLOCKING,
        weight=5,
        population=population,
        tested=max(tested, unexplained),
        unexplained=unexplained,
        currency=book.presentation,
        findings=tuple(findings),
        evidence=evidence,
    )


def _new(book: Book) -> set[str]:
    """Companies that became the group's in the period: nothing of them opened with it."""
    before: dict[str, bool] = {}
    for each in book.facts.acquisitions:
        before[each.target] = before.get(each.target, False) or not each.in_period
    return {code for code, known in before.items() if not known}


def _at_opening_rate(book: Book, translation: Translation) -> int:
    """A company's opening net assets at its opening rate."""
    if not translation.opening_net_assets:
        return 0
    rate = ratio_of(translation.opening_quote, translation.functional, book.presentation)
    return rounded(translation.opening_net_assets * rate)


def _so_far(book: Book, translation: Translation) -> int:
    """
    The year's result before the roll-forward began, as loaded; credit positive.

    It is of the opening net assets of a company that begins within a fiscal year, and of
    the year's result all the same.
    """
    first, chart = book.group.first_period, book.chart
    if first and book.group.fiscal_year.start(Period.parse(book.period)) > Period.parse(first):
        return 0
    rows = book.group.openings_of.get(translation.entity, ())
    return -sum(row.translated for row in rows if chart.kind(row.account) in RESULT)


def _opened(book: Book, translation: Translation) -> tuple[int, int]:
    """
    A company's translated equity and CTA as they opened, as restated; credit positive.

    Returns:
        The amount, and how many parts were taken off at rates of their own: an account is
        rounded once with all of them.
    """
    chart = book.chart
    rates = book.facts.rates.get(translation.entity) or PeriodRates(book.presentation)
    opens, rounds = translation.cta.opening, 0
    for line in chart.slots(translation.accounts, translation.entity).other.tolist():
        if chart.kind(translation.accounts[line]) in EQUITY:
            opens -= int(translation.amounts[line])
    for given in book.facts.reductions:
        if given.entity == translation.entity and given.in_period:
            opens += given.translated or 0
    pair = (translation.functional, translation.presentation)
    for account, treatment in rates.treatments.items():
        if chart.kind(account) not in EQUITY or not isinstance(treatment, CarriedForward | Layers):
            continue
        for part in treatment.parts:
            if part.flow:
                opens += rounded(part.amount * ratio_of(part.quote, *pair))
                rounds += 1
    return opens, rounds


def _beside(book: Book) -> Iterator[tuple[Fraction, int]]:
    """
    What opened beside the companies' books, credit positive, and cents it may be out by.

    Investments are no asset of the group; goodwill and step-ups are.
    """
    acquisitions = {each.id: each for each in book.facts.acquisitions}
    for purchase in book.purchases.values():
        acquisition = acquisitions[purchase.acquisition]
        yield Fraction(0), 1 + len(acquisition.equity)
        if acquisition.in_period:
            continue
        yield -_carried(book, acquisition), 1
        if acquisition.pickup:
            yield Fraction(_picked_up_before(acquisition.pickup)), 0
        for layer in purchase.layers:
            yield Fraction(_opening_layer(layer)), 0
        if not purchase.layers:
            yield Fraction(purchase.goodwill_presentation), 0
    for sale in book.facts.settled:
        if isinstance(sale, StepAcquisition):
            # Its fair value is in that investment; the books still carry what it had cost.
            fair = sale.fair_value if sale.fair_booked is None else sale.fair_booked
            cost = sum(e.investment for e in book.facts.former if e.target == sale.entity)
            yield (fair - cost) * _opening_rate(book, sale.holder), 2
            continue
        # What was sold before the period is in that investment, and was gone when it opened.
        cost = sale.cost if sale.cost_booked is None else sale.cost_booked
        yield cost * _opening_rate(book, sale.holder), 1
    yield from _given_back(book)
    for kept in book.facts.kept:  # the same of what was kept as an associate
        yield kept.beyond_booked * _opening_rate(book, kept.holder), 2
    for profit in book.facts.profits:
        tax = rounded(profit.opening * profit.tax_rate)
        yield Fraction(profit.opening_cta - profit.opening + tax), 0
    for made in book.manual:
        yield Fraction(made.equity.opening), 0
    yield from _by_equity_method(book)


def _by_equity_method(book: Book) -> Iterator[tuple[Fraction, int]]:
    """What associates opened with beyond what the books of their holders carry."""
    for each in book.associates.values():
        yield Fraction(each.opening_result + each.oci.opening + each.cta.opening), 0
    for acquisition in _of_associates(book):
        if not acquisition.in_period:
            yield (acquisition.investment_historical or 0) - _carried(book, acquisition), 1
    for sale in (each for associate in book.facts.associates for each in associate.sold):
        # What left cost and books before the period opened.
        yield sale.cost_booked * _opening_rate(book, sale.holder) - sale.cost, 1


def _given_back(book: Book) -> Iterator[tuple[Fraction, int]]:
    """Capital that had come off investments before the period opened."""
    for given in book.facts.reductions:
        for part in given.received if not given.in_period else ():
            yield part.amount * _opening_rate(book, part.holder), 1


def _of_associates(book: Book) -> Iterator[Acquisition]:
    """How holders came to their associates, where records say so."""
    for associate in book.facts.associates:
        yield from associate.acquisitions


def _carried(book: Book, acquisition: Acquisition) -> Fraction:
    """What an investment of an earlier period opened with in its holder's books."""
    pickup = acquisition.pickup.moved if acquisition.pickup else 0
    return (acquisition.investment - pickup) * _opening_rate(book, acquisition.acquirer)


def _picked_up_before(pickup: EquityPickup) -> int:
    """
    What the holder picked up in the fiscal year before the roll-forward began, translated.

    The investment opened with it and its books hold it as income of the year, which is no
    part of what they opened with; the group's income of those months is the subsidiary's.
    """
    added = sum(each.presentation or 0 for each in pickup.current if each.before)
    return added - sum(each.presentation or 0 for each in pickup.dividends if each.before)


def _opening_rate(book: Book, holder: str) -> Fraction:
    """The rate at which a holder's books opened."""
    rates = book.facts.rates.get(holder)
    opening = rates.opening if rates else None
    return ratio_of(opening, book.group.currencies[holder], book.presentation)


def _opening_layer(layer: PurchaseLayer) -> int:
    """Where a layer of a purchase opened, an asset is positive."""
    return layer.acquired - layer.prior + layer.cta.opening
