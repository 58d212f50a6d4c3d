"""Every quote that a close used, once, with the companies it was used for."""

from collections.abc import Iterator
from dataclasses import dataclass

from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Dated,
    Layers,
    Monthly,
    PeriodRates,
    Treatment,
)
from monthclose.ledger.book import Book
from monthclose.ledger.rates import Quote, RateKind

CAUSES = {
    "opening_net_assets": "opening",
    "result": "result",
    "dividends": "dividends",
    "dividend": "received",
    "contribution": "capital",
    "capital_reduction": "capital",
    "formation": "capital",
    "purchase": "capital",
    "opening_carrying_amount": "opening",
    "oci": "reserves",
    "sale": "sold",
}
"""Causes of a CTA by the first word of a component's label."""

OTHER = "other"


def cause_of(label: str) -> str:
    """What moved a CTA: `result 2025-06` is a result."""
    return CAUSES.get(label.partition(" ")[0], OTHER)


@dataclass(frozen=True, slots=True)
class UsedQuote:
    """A quote, and the codes of the companies it was used for, in the group's order."""

    quote: Quote
    entities: tuple[str, ...]


def quotes_used(book: Book) -> list[UsedQuote]:
    """
    Gather the quotes of a close: by pair, then closing, average, historical, then by date.

    A quote that only differs in how a table names it is one quote.
    """
    found: dict[tuple[str, str, str, str, int, str], tuple[Quote, dict[str, None]]] = {}
    for entity, quote in _all(book):
        key = (
            quote.base,
            quote.quote,
            quote.kind.value,
            quote.on,
            quote.value_e10,
            quote.origin("en"),
        )
        found.setdefault(key, (quote, {}))[1][entity] = None
    ranks = [RateKind.CLOSING, RateKind.AVERAGE, RateKind.HISTORICAL, RateKind.DAILY]
    order = sorted(found, key=lambda key: (key[0], key[1], ranks.index(RateKind(key[2])), *key[3:]))
    return [UsedQuote(found[key][0], tuple(found[key][1])) for key in order]


def _all(book: Book) -> Iterator[tuple[str, Quote]]:
    for translation in book.translations:
        if not translation.foreign:
            continue
        rates = book.facts.rates.get(translation.entity) or PeriodRates(book.presentation)
        quotes = [translation.opening_quote, translation.closing_quote, rates.average]
        quotes += [flow.quote for flow in translation.flows]
        for treatment in rates.treatments.values():
            quotes += _of(treatment)
        yield from ((translation.entity, quote) for quote in quotes if quote)
    for acquisition in book.facts.acquisitions:
        for quote in (
            acquisition.quote,
            acquisition.investment_quote,
            acquisition.consideration_quote,
        ):
            if quote:
                yield acquisition.target, quote
    yield from _beside(book)
    for dividend in book.facts.dividends:
        if dividend.quote:
            yield dividend.payer, dividend.quote
        for part in dividend.received:
            if part.quote:
                yield part.holder, part.quote


def _beside(book: Book) -> Iterator[tuple[str, Quote]]:
    """The quotes of profit in stock and of net-investment loans."""
    for profit in book.facts.profits:
        stated = [profit.opened, *(profit.turnover.months if profit.turnover else ())]
        for quote in (profit.sale_quote, *(each.quote for each in stated if each)):
            if quote:
                yield profit.seller, quote
    for loan in book.facts.loans:
        for quote in (loan.quote, *(each.quote for each in loan.months)):
            if quote:
                yield loan.entity, quote


def _of(treatment: Treatment) -> list[Quote | None]:
    """The quotes of a treatment."""
    match treatment:
        case AtRate(quote):
            return [quote]
        case Monthly(months):
            return [month.quote for month in months]
        case CarriedForward():
            return [part.quote for part in treatment.history]
        case Layers(parts) | Dated(parts):
            return [part.quote for part in parts]
