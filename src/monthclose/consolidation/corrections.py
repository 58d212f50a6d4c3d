"""Corrections of prior periods: from dated records to parts of an opening, at their own rates."""

from dataclasses import replace

from monthclose.consolidation.transfers import Part
from monthclose.ledger.balances import Layer
from monthclose.ledger.entities import Entity
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, Quote, RateUnusable, mean_of


def corrected(group: Group, entity: Entity, period: Period, start: Period) -> list[Part]:
    """
    What corrections put into an entity's opening, each at the rate of the time it is of.

    Args:
        group: With its corrections.
        entity: The company.
        period: The month that is closed: what is restated later is left out.
        start: First month of its roll-forward; what was restated before is carried forward.

    Returns:
        By day, account and part: functional currency, debit positive.

    Raises:
        MissingRate: an average was not loaded.

    Source:
        IAS 8.42; ASC 250-10-45-23.
    """
    parts: list[Part] = []
    for each in group.corrections_of.get(entity.code, ()):
        if start <= Period.parse(each.since) <= period:
            quote = _quote_of(group, entity, each.origin)
            label = f"correction {each.origin}"
            if each.reference:
                label = f"{label} {each.reference}"
            parts.append((start.first_day, each.account, Layer(each.amount, quote, label)))
    return parts


def _quote_of(group: Group, entity: Entity, origin: str) -> Quote | None:
    """The average of a month, or of a fiscal year: the mean of the averages of its months."""
    currency, presentation = entity.currency, group.presentation
    if currency == presentation:
        return None
    months = [origin]
    if "-" not in origin:
        last = Period(int(origin), group.fiscal_year.end_month)
        months = [str(last.plus(back)) for back in range(-11, 1)]
    quotes = []
    for month in months:
        quote = group.rates.average(currency, presentation, Period.parse(month))
        if quote is None:
            raise MissingRate(currency, presentation, "average", month, entity.code)
        quotes.append(quote)
    if len({(quote.base, quote.quote) for quote in quotes}) > 1:
        # A mean of quotes that stand upside down to each other would be no rate at all.
        raise RateUnusable(currency, presentation, quotes[0].base, quotes[0].quote)
    return quotes[0] if len(quotes) == 1 else replace(mean_of(quotes, origin), days=0)
