"""From dated intercompany items to those of one close, with their rates."""

from collections.abc import Collection
from dataclasses import replace

from monthclose.consolidation.facts import quote_for
from monthclose.ledger.entities import Entity
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item
from monthclose.ledger.money import rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote


def items_of(group: Group, month: Period, scope: Collection[str]) -> tuple[Item, ...]:
    """
    The items that a close looks at: balances of the month, flows of the year to date.

    Income and expense run from the start of the fiscal year, and each month of them was
    translated at its own average: so is each month's item. Balances are those still open
    at the end of the month, at its closing rate. What two companies had before both were
    in the group was no intercompany balance.

    Args:
        group: With its items.
        month: The month that is closed.
        scope: Codes of the companies that are consolidated in it.

    Raises:
        MissingRate: a month's rate was not loaded.

    Source:
        IAS 21.39, 21.40; of restated books IAS 21.42.
    """
    if not group.items:
        return ()
    start = group.fiscal_year.start(month)
    firsts = {each.code: each.first_period for each in group.entities}
    currencies, presentation = group.currencies, group.presentation
    indexed = {each.code: each for each in group.entities if each.index}
    quotes: dict[tuple[str, Period, bool], Quote | None] = {}
    found: list[Item] = []
    for period, items in group.items_in.items():
        when = Period.parse(period)
        if not start <= when <= month:
            continue
        for item in items:
            flow = item.kind.flow
            if item.entity not in scope or not (flow or when == month):
                continue
            if group.left_before(item.entity, item):
                continue  # what it owes leaves the group with it
            if max(firsts[item.entity], firsts.get(item.partner, "")) > period:
                continue
            if flow and item.entity in indexed:
                found.append(_grown(group, indexed[item.entity], item, month))
                continue
            quote, currency = item.quote, currencies[item.entity]
            if quote is None and currency != presentation:
                books = group.reported(item.entity, when)
                key = (currency, books, flow)
                if key not in quotes:
                    kind = "average" if flow else "closing"
                    quotes[key] = quote_for(group, currency, kind, books)
                quote = quotes[key]
            found.append(item if quote is item.quote else replace(item, quote=quote))
    return tuple(found)


def _grown(group: Group, entity: Entity, item: Item, month: Period) -> Item:
    """Income or expense of restated books: grown to the month's end, at its closing rate."""
    when = Period.parse(item.period).last_day
    amount = rounded(item.amount * group.growth(entity, when, month))
    return replace(item, amount=amount, quote=quote_for(group, entity.currency, "closing", month))
