"""Rates of the days on which companies, or parts of them, changed hands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from monthclose.consolidation.dividends import received
from monthclose.ledger.balances import Dated, Layer, Treatment, TrialBalance
from monthclose.ledger.entities import Entity
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, Quote, RateKind


def rate_of_day(group: Group, currency: str, day: date, where: str) -> Quote | None:
    """
    Find the rate of the day on which something changed hands.

    One loaded for the very day; on the last day of a month its closing rate; else the last
    daily quote on or before. None in the presentation currency.

    Raises:
        MissingRate: nothing was loaded for it.

    Source:
        IAS 21.22, 21.39(a).
    """
    if currency == group.presentation:
        return None
    pair = (currency, group.presentation)
    quote = group.rates.historical(*pair, day)
    if quote is None or quote.on != day.isoformat():
        last = day == Period.of(day).last_day
        quote = (group.rates.closing(*pair, day) if last else None) or quote
    if quote is None:
        raise MissingRate(*pair, "historical", str(day), where)
    return quote


def rate_of_sale(group: Group, entity: Entity, period: Period) -> Quote | None:
    """
    The closing rate of a company in the month of its sale: that of the day.

    Returns:
        None: it was not sold in the month.

    Source:
        IFRS 10.B98; IAS 21.48: the rate of the day of the sale is the closing one.
    """
    sold = group.sold_on.get(entity.code)
    if sold is None or Period.of(sold) != period:
        return None
    quote = rate_of_day(group, entity.currency, sold, entity.code)
    return None if quote is None else replace(quote, kind=RateKind.CLOSING)


def dated_items(
    group: Group, entity: Entity, balance: TrialBalance, period: Period
) -> dict[str, Treatment]:
    """Single items of a company's month at the rates of their days: dividends, sales."""
    parts = received(group, entity, balance, period)
    for account, layer in _gains_booked(group, entity, period):
        if account in balance.accounts:
            parts.setdefault(account, []).append(layer)
    return {account: Dated(tuple(layers)) for account, layers in parts.items()}


def _gains_booked(group: Group, entity: Entity, period: Period) -> Iterator[tuple[str, Layer]]:
    """
    Gains that a holder booked on sales of a month, each at the rate of its day.

    So the whole gain leaves its result when the group's takes its place (IAS 21.22).
    """
    for change in group.changes_by.get(entity.code, ()):
        if Period.of(change.on) != period:
            continue
        # Under equity pick-up its own translation reserve goes there too.
        if gain := change.gain + group.reserve_sold(change):
            quote = rate_of_day(group, entity.currency, change.on, entity.code)
            label = f"sale of {change.entity} {change.on}"
            yield change.gain_account, Layer(-gain, quote, label)
