"""V9: every rate is there, of the right kind and day, and not stale."""

from collections.abc import Iterator, Mapping
from datetime import date

from monthclose.ledger.acquisitions import Contribution
from monthclose.ledger.balances import PeriodRates
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity
from monthclose.ledger.equity import OciMovement
from monthclose.ledger.events import PartialDisposal
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.periods import NotAPeriod, Period
from monthclose.ledger.rates import Quote, RateKind
from monthclose.ledger.rules import Rule
from monthclose.ledger.translations import Translation


def check_rates(book: Book, rules: Mapping[str, Rule]) -> CheckResult:
    """
    V9: rates complete, of the right kind and date, not stale; functional currencies set.

    A closing rate is of the last day or the last quote before it, an average of the very
    month, the rate of a purchase, dividend or contribution of its day or the last before.
    How old a quote may be are the rules `stale_rate.closing` and `.historical`, in days.
    """
    month = _month(book.period)
    days = int(rules["stale_rate.closing"].at(book.period)) if month else 0
    entities = {entity.code: entity for entity in book.group.entities}
    problems: list[tuple[str, str, Quote | None]] = []
    looked = 0
    for translation in book.translations:
        entity = entities[translation.entity]
        if not entity.currency:
            problems.append(("functional-currency-missing", entity.code, None))
        if translation.functional == book.presentation:
            continue
        rates = book.facts.rates.get(entity.code, PeriodRates(book.presentation))
        looked += 2
        of_its_day = _month(translation.period) if month else None
        if of_its_day:
            of_its_day = book.group.reported(entity.code, of_its_day)
        found = _entity(entity, rates, book, of_its_day, days)
        problems += [p for p in found if p[0] != "rate-absent" or _needed(p[1], translation)]
    if month:
        events = list(_events(book, month))
        looked += len(events)
        problems += _dated(events, int(rules["stale_rate.historical"].at(book.period)))
    findings = tuple(
        Finding(
            "V9",
            code,
            Severity.BLOCKING,
            subject,
            facts={"kind": quote.kind.value, "on": quote.on, "rate": quote.value} if quote else {},
        )
        for code, subject, quote in problems
    )
    return CheckResult(
        check="V9",
        severity=Severity.BLOCKING,
        weight=10,
        population=looked + len(book.translations),
        tested=looked + len(book.translations),
        unexplained=len(findings),
        currency="",
        findings=findings,
        evidence={"rates": looked, "currencies": len(book.translations)},
    )


def _needed(subject: str, translation: Translation) -> bool:
    """Whether a missing average would translate anything: a month without result needs none."""
    return not subject.endswith(RateKind.AVERAGE) or bool(translation.rounded_results)


def _entity(
    entity: Entity, rates: PeriodRates, book: Book, month: Period | None, days: int
) -> Iterator[tuple[str, str, Quote | None]]:
    """What is wrong with one entity's closing and average rate; sold, its closing is of the day."""
    last = month.last_day if month else date.min
    if (sold := book.group.sold_on.get(entity.code)) is not None:
        last = min(last, sold)
    for quote, kind in ((rates.closing, RateKind.CLOSING), (rates.average, RateKind.AVERAGE)):
        subject = f"{entity.code} {kind}"
        if quote is None:
            yield "rate-absent", subject, None
            continue
        if {quote.base, quote.quote} != {entity.currency, book.presentation}:
            yield "rate-of-other-currencies", subject, quote
        if quote.kind not in (kind, RateKind.DAILY) or (
            kind is RateKind.AVERAGE and quote.kind is not kind
        ):
            yield "rate-of-other-kind", subject, quote
        if month is None:
            continue  # a worked case names its dates by labels
        if kind is RateKind.AVERAGE:
            if quote.on != str(month):
                yield "rate-of-other-date", subject, quote
        elif quote.on != str(month):
            day = _day(quote.on)
            if day is None or day > last:
                yield "rate-of-other-date", subject, quote
            elif (last - day).days > days:
                yield "rate-stale", subject, quote


def _events(book: Book, month: Period) -> Iterator[tuple[str, date, Quote]]:
    """The rates of the days on which something happened: which, when, the quote."""
    for acquisition in book.facts.acquisitions:
        for quote in dict.fromkeys((acquisition.quote, acquisition.investment_quote)):
            if acquisition.on is not None and quote is not None:
                yield acquisition.id, acquisition.on, quote
    for dividend in book.facts.dividends:
        if dividend.on is not None and dividend.quote is not None:
            yield f"{dividend.payer} {dividend.on}", dividend.on, dividend.quote
    for event in book.facts.events:
        if isinstance(event, PartialDisposal) and event.on is not None and event.quote is not None:
            yield f"{event.entity} {event.on}", event.on, event.quote
    sold = {each.id: each.sold for each in book.group.unrealised if each.period == str(month)}
    sold |= {each.id: str(each.on) for each in book.group.asset_sales}
    for profit in book.facts.profits:
        day = _day(sold.get(profit.id, ""))
        if day is not None and profit.sale_quote is not None and profit.amount:
            yield profit.id, day, profit.sale_quote
    group, scope = book.group, {translation.entity for translation in book.translations}
    came: list[Contribution | OciMovement] = [*group.contributions, *group.recognised]
    for paid in came:
        if paid.entity in scope and paid.on <= month.last_day:
            pair = (group.currencies[paid.entity], book.presentation)
            quote = paid.quote or group.rates.historical(*pair, paid.on)
            if quote is not None and pair[0] != pair[1]:
                yield f"{paid.entity} {paid.on}", paid.on, quote


def _dated(
    events: list[tuple[str, date, Quote]], days: int
) -> Iterator[tuple[str, str, Quote | None]]:
    """What is wrong with the rates of events; one that was stated without its day passes."""
    for subject, on, quote in events:
        day = _day(quote.on)
        if day is None:
            continue
        if day > on:
            yield "rate-of-other-date", subject, quote
        elif (on - day).days > days:
            yield "rate-stale", subject, quote


def _month(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except NotAPeriod:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
