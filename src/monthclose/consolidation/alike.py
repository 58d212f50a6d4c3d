"""Companies that are alike, translated as one table: a row a company, a column a line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.accounts import Chart, Slots
from monthclose.ledger.balances import PeriodRates, TrialBalance
from monthclose.ledger.money import Amounts, row_totals
from monthclose.ledger.rates import Quote, convert
from monthclose.ledger.translations import Translation

_TABLE = 32_768  # lines of one table: what a core's cache holds


@dataclass(frozen=True, slots=True, eq=False)
class AtClassRates:
    """
    A company's lines at the rates of their classes, before any is treated on its own.

    Attributes:
        amounts: (n,) translated, nil where a line has no class rate.
        net_assets: Assets less liabilities of *amounts*.
        result: Income and expense of *amounts*, debit positive.
        movement: Income and expense of the month, functional, debit positive.
    """

    amounts: Amounts
    net_assets: int
    result: int
    movement: int


def translate_alike(
    balances: Sequence[TrialBalance],
    rates: Mapping[str, PeriodRates],
    chart: Chart,
    before: Mapping[str, Translation] | None = None,
) -> dict[str, AtClassRates]:
    """
    Translate what takes the rates of its class, for companies that are alike, together.

    Companies with one list of accounts are a table. All those of one currency, closing and
    average rate are converted at once: in a group from one country nearly all. One by one,
    most of the time would go into starting and ending steps of a few hundred lines each.

    Args:
        balances: Of one month.
        rates: By entity.
        chart: Gives each account's class.
        before: The month before in the same fiscal year, by entity; a company without one
            begins its fiscal year.

    Returns:
        By entity. A company that needs none, misses a rate, or had other lines the month
        before is left out: `translate` takes those one by one.
    """
    last = before or {}
    alike: dict[_Terms, dict[tuple[int, bool], list[TrialBalance]]] = {}
    for balance in balances:
        quotes, was = rates.get(balance.entity), last.get(balance.entity)
        if quotes is None or balance.currency == quotes.presentation:
            continue
        if was is not None and not (
            was.accounts is balance.accounts and was.partners == balance.partners
        ):
            continue
        if quotes.closing is not None and quotes.average is not None:
            terms = (balance.currency, quotes.presentation, quotes.closing, quotes.average)
            # Equal lists are one list since the balances were mapped.
            same = (id(balance.accounts), was is None)
            alike.setdefault(terms, {}).setdefault(same, []).append(balance)
    translated: dict[str, AtClassRates] = {}
    for terms, lists in alike.items():
        for group in _fitting(lists.values()):
            translated |= _together([_table(each, last, chart) for each in group], terms)
    return translated


type _Terms = tuple[str, str, Quote, Quote]
"""Functional and presentation currency, closing and average."""


def _fitting(lists: Iterable[list[TrialBalance]]) -> Iterator[list[Sequence[TrialBalance]]]:
    """Companies of one list after those of another, as many lines at a time as a cache holds."""
    group: list[Sequence[TrialBalance]] = []
    lines = 0
    for members in lists:
        width = max(1, len(members[0].accounts))
        for some in batched(members, max(1, _TABLE // width), strict=False):
            if group and lines + width * len(some) > _TABLE:
                yield group
                group, lines = [], 0
            group.append(some)
            lines += width * len(some)
    if group:
        yield group


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """
    Companies with one list of accounts.

    Attributes:
        entities: (k,) codes.
        places: Where each class stands.
        amounts: (k, n) functional, to be translated in place.
        movement: (k, r) income and expense of the month.
        earlier: (k, r) income and expense before it, translated; None: it begins the year.
    """

    entities: tuple[str, ...]
    places: Slots
    amounts: NDArray[np.int64]
    movement: NDArray[np.int64]
    earlier: NDArray[np.int64] | None


def _table(
    balances: Sequence[TrialBalance], last: Mapping[str, Translation], chart: Chart
) -> _Table:
    """Lay companies with one list of accounts below each other."""
    places = chart.slots(balances[0].accounts, balances[0].entity)
    entities = tuple(balance.entity for balance in balances)
    amounts = np.stack([balance.amounts for balance in balances])
    movement, earlier = amounts.take(places.result, axis=1), None
    if entities[0] in last:
        reported = np.stack([last[code].reported for code in entities])
        movement -= reported.take(places.result, axis=1)
        translated = np.stack([last[code].amounts for code in entities])
        earlier = translated.take(places.result, axis=1)
    return _Table(entities, places, amounts, movement, earlier)


def _together(tables: Sequence[_Table], terms: _Terms) -> dict[str, AtClassRates]:
    """Translate tables of one currency and one pair of rates."""
    *pair, closing, average = terms
    found: dict[str, AtClassRates] = {}
    due = [each.amounts.take(each.places.position, axis=1) for each in tables]
    at_closing = _convert(due, closing, pair)
    at_average = _convert([each.movement for each in tables], average, pair)
    for table, position, month in zip(tables, at_closing, at_average, strict=True):
        result = month if table.earlier is None else month + table.earlier
        table.amounts[:, table.places.position] = position
        table.amounts[:, table.places.result] = result
        table.amounts[:, table.places.other] = 0
        sums = (row_totals(position), row_totals(result), row_totals(table.movement))
        for entity, row, *each in zip(table.entities, table.amounts, *sums, strict=True):
            found[entity] = AtClassRates(row, *each)
    return found


def _convert(
    tables: Sequence[NDArray[np.int64]], quote: Quote, pair: Sequence[str]
) -> Iterator[NDArray[np.int64]]:
    """Convert tables as one column."""
    column = convert(np.concatenate([table.ravel() for table in tables]), quote, *pair)
    start = 0
    for table in tables:
        yield column[start : start + table.size].reshape(table.shape)
        start += table.size
