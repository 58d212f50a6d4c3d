"""V11: purchases close, their schedules end at nil, deferred tax is the rate of what is left."""

from collections.abc import Iterator
from fractions import Fraction

from monthclose.ledger.acquisitions import Acquisition, Impairment
from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.money import rounded


def check_purchases(book: Book) -> CheckResult:
    """
    V11: the purchase equation closes, schedules end at nil, deferred tax follows them.

    Everything is worked out again from the records of the acquisition, in exact fractions
    of the target's currency; nothing of the schedules is used.

    Source:
        IFRS 3.32; IAS 12.19, 12.58; IAS 38.97.
    """
    acquisitions = {each.id: each for each in book.facts.acquisitions}
    pairs = [
        (code, purchase, expected, actual)
        for purchase in book.purchases.values()
        for code, expected, actual in _compared(purchase, acquisitions[purchase.acquisition])
    ]
    return CheckResult(
        check="V11",
        severity=Severity.BLOCKING,
        weight=5,
        population=len(pairs),
        tested=sum(max(abs(expected), abs(actual)) for _, _, expected, actual in pairs),
        unexplained=sum(abs(actual - expected) for _, _, expected, actual in pairs),
        currency="",
        findings=tuple(
            Finding(
                "V11",
                code,
                Severity.BLOCKING,
                f"{purchase.target} {purchase.acquisition}",
                expected,
                actual,
                purchase.currency,
            )
            for code, purchase, expected, actual in pairs
            if expected != actual
        ),
    )


def _compared(purchase: Purchase, acquisition: Acquisition) -> Iterator[tuple[str, int, int]]:
    """What a purchase says, beside what its records come to: finding code, expected, actual."""
    bought = Fraction(sum(each.amount for each in acquisition.step_ups))
    identifiable = bought - rounded(acquisition.tax_rate * bought)
    identifiable -= sum(acquisition.equity.values())
    given = purchase.consideration + purchase.nci + acquisition.previously_held
    surplus = rounded(given - identifiable)
    yield "purchase-open", surplus, purchase.goodwill - purchase.bargain_gain
    if acquisition.impairments or acquisition.goodwill_life is not None:
        left = _goodwill_left(purchase.goodwill, acquisition)
        yield "goodwill-open", left, purchase.goodwill_schedule.closing
    schedule = purchase.schedule
    if schedule is None:
        return
    months = sum(each.months for each in (*acquisition.prior_periods, *acquisition.current_periods))
    left = 0
    for each, charged in zip(acquisition.step_ups, schedule.closing.accumulated, strict=True):
        due = Fraction(0)
        if each.life is not None:
            due = Fraction(each.amount) * min(Fraction(months, each.life), Fraction(1))
        left += each.amount - rounded(due)
        yield "schedule-open", rounded(due), charged
    yield (
        "deferred-tax-differs",
        rounded(acquisition.tax_rate * left),
        schedule.closing.deferred_tax,
    )


def _goodwill_left(goodwill: int, acquisition: Acquisition) -> int:
    """
    What the records leave of goodwill: losses off it, the rest straight line over its life.

    What a loss leaves is spread over the months that are left (IAS 36.63). Losses that
    have no month come before the charges of their period, those of a month after its own.
    """
    if acquisition.goodwill_life is None:
        return goodwill - sum(each.amount for each in acquisition.impairments)
    base, life, months, left = goodwill, acquisition.goodwill_life, 0, goodwill

    def lose(losses: list[Impairment]) -> None:
        nonlocal base, life, months, left
        if losses:
            base = left = left - sum(each.amount for each in losses)
            life, months = max(life - months, 1), 0

    for current, periods in (
        (False, acquisition.prior_periods),
        (True, acquisition.current_periods),
    ):
        losses = [each for each in acquisition.impairments if each.in_period is current]
        for period in periods:
            early = [each for each in losses if not each.month or each.month < period.label]
            losses = [each for each in losses if each not in early]
            lose(early)
            months += period.months
            left = base - rounded(Fraction(base * min(months, life), life))
        lose(losses)
    return left
