"""Companies with an earlier reporting date: their own rates, and events that count on time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.acquisitions import AcquisitionKind, Dividend, Received, Transfer
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.group import Group
from monthclose.ledger.periods import FiscalYear, Period
from tests.consolidation.groups import (
    CHART,
    CODES,
    bought,
    engine,
    group,
    holds,
    monthly,
    on,
    paid_in,
    parent,
    subsidiary,
)

FIRST = Period(2024, 4)
"""Month in which S was founded, and the group's first."""

MONTHS = [FIRST.plus(place) for place in range(30)]
RATES = {
    str(FIRST.plus(place)): (f"0.{200 + 7 * place % 50}", f"0.{200 + 11 * place % 40}")
    for place in range(-6, 31)
}
PAID = (date(2024, 12, 20), date(2025, 6, 10), date(2026, 2, 28))
CAME = date(2025, 3, 31)
MOVED = date(2024, 12, 31)
BETWEEN = CHART.roles.difference_position
DAYS = tuple(on(str(day), "0.2125") for day in (date(2024, 4, 1), *PAID, CAME))


def described(lag: int, year_end: int = 0, rates: Mapping[str, tuple[str, str]] = RATES) -> Group:
    """P in dollars founded 80 % of S; S pays dividends, gets capital, fills its legal reserve."""
    company = replace(
        subsidiary("S", first_period=str(FIRST)), year_end=year_end, reporting_lag=lag
    )
    founded = bought(
        day="2024-04-01", kind=AcquisitionKind.FORMATION, paid="800.00", carried="170.00",
        nci="20", capital="-1000.00",
    )  # fmt: skip
    parts = (Received("P", 8_50, None, CODES["dividend_income"][0]),)
    return group(
        replace(parent(), first_period=str(FIRST)), company,
        quotes=(*monthly(rates), *DAYS),
        interests=(holds("P", "S", "80"),),
        acquisitions=(founded,),
        dividends=tuple(Dividend("S", 50_00, None, day, parts) for day in PAID),
        contributions=(paid_in("S", "90.00", str(CAME), "premium"),),
        transfers=(
            Transfer("S", CODES["retained"][0], CODES["legal_reserve"][0], 20_00, MOVED, ""),
        ),
        first_period=str(FIRST),
    )  # fmt: skip


def books(
    code: str, currency: str, moves: Mapping[Period, Iterable[tuple[str, int]]], year: FiscalYear
) -> dict[Period, dict[str, int]]:
    """What a company's accounts hold at the end of each month, from what moved; cash the rest."""
    held: dict[str, int] = {}
    ends = {}
    yearly = [CODES[name][0] for name in ("revenue", "costs", "dividends", "dividend_income")]
    for month in [FIRST.plus(place) for place in range(-1, len(MONTHS))]:
        if year.is_first(month):
            earned = sum(held.pop(account, 0) for account in yearly)
            held[CODES["retained"][0]] = held.get(CODES["retained"][0], 0) + earned
        for account, amount in moves.get(month, ()):
            for each, sign in ((account, 1), (CODES["cash"][0], -1)):
                held[each] = held.get(each, 0) + sign * amount
        ends[month] = dict(held)
    return ends


def sent(code: str, currency: str, month: Period, held: Mapping[str, int]) -> TrialBalance:
    """A month's balance."""
    amounts = np.array(list(held.values()), dtype=np.int64)
    return TrialBalance(code, str(month), currency, tuple(held), amounts)


def earned(place: int) -> list[tuple[str, int]]:
    """What S earns in its month."""
    revenue = 100_00 + 37_11 * (place % 7)
    return [(CODES["revenue"][0], -revenue), (CODES["costs"][0], revenue // 3)]


type Event = tuple[date, str, int]

EVENTS: list[Event] = [
    *((day, "dividends", 50_00) for day in PAID),
    (CAME, "premium", -90_00),
]


def of_s(lag: int, year_end: int, events: Sequence[Event] = EVENTS) -> list[TrialBalance]:
    """The books of S as they are, each handed in *lag* months later."""
    moves = {month: earned(place) for place, month in enumerate(MONTHS)}
    moves[FIRST] = [*moves[FIRST], (CODES["capital"][0], -1000_00)]
    for day, name, amount in events:
        moves[Period.of(day)] = [*moves[Period.of(day)], (CODES[name][0], amount)]
    december = Period.of(MOVED)
    moves[december] = [
        *moves[december], (CODES["retained"][0], 20_00), (CODES["legal_reserve"][0], -20_00),
    ]  # fmt: skip
    ends = books("S", "BRL", moves, FiscalYear(year_end or 12))
    return [sent("S", "BRL", each, ends[max(each.plus(-lag), FIRST)]) for each in MONTHS]


def of_twin(lag: int, events: Sequence[Event] = EVENTS) -> list[TrialBalance]:
    """
    The same as a company of the group's date would keep them.

    Its months are those of S *lag* months before; what happens to its equity is on time,
    and is settled when S's books say so.
    """
    moves: dict[Period, list[tuple[str, int]]] = {each: [] for each in MONTHS}
    for place, month in enumerate(MONTHS):
        arrives = FIRST if month == FIRST else month.plus(lag)
        if arrives in moves:
            moves[arrives] += earned(place)
    moves[FIRST].append((CODES["capital"][0], -1000_00))
    for day, name, amount in events:
        month = Period.of(day)
        moves[month] += [(CODES[name][0], amount), (BETWEEN, -amount)]
        if month.plus(lag) in moves:
            moves[month.plus(lag)].append((BETWEEN, amount))
    moves[Period.of(MOVED)] += [
        (CODES["retained"][0], 20_00), (CODES["legal_reserve"][0], -20_00),
    ]  # fmt: skip
    ends = books("S", "BRL", moves, FiscalYear())
    return [sent("S", "BRL", each, ends[each]) for each in MONTHS]


def of_p() -> list[TrialBalance]:
    """The parent's books: what it receives of S is there on the day."""
    moves = {month: [(CODES["revenue"][0], -1_00)] for month in MONTHS}
    moves[FIRST] += [(CODES["capital"][0], -500_00), (CODES["investment"][0], 170_00)]
    for day in PAID:
        moves[Period.of(day)].append((CODES["dividend_income"][0], -8_50))
    ends = books("P", "USD", moves, FiscalYear())
    return [sent("P", "USD", each, ends[each]) for each in MONTHS]


def shifted(lag: int) -> Mapping[str, tuple[str, str]]:
    """A rate table in which every month has the rates of the one *lag* months before."""
    months = [Period.parse(text) for text in RATES]
    books_of = {m: m if m < FIRST else max(m.plus(-lag), FIRST) for m in months}
    return {str(m): RATES[str(each)] for m, each in books_of.items()}


def closed(made: ConsolidationEngine) -> list[Book]:
    """Every month, each clean against what the one before left."""
    found: list[Book] = []
    for month in MONTHS:
        book = made.consolidate(str(month))
        checked = validate(book, found[-1].left() if found else None)
        assert checked.blocking == (), (str(month), checked.blocking)
        found.append(book)
    return found


@pytest.mark.parametrize(("lag", "year_end"), [(1, 0), (2, 0), (3, 0), (3, 9), (1, 11), (2, 3)])
def test_every_figure_is_that_of_a_company_with_the_groups_date(lag: int, year_end: int):
    """Rates of its own dates, events on time, and no difference where its years turn."""
    late = closed(engine(described(lag, year_end), *of_s(lag, year_end), *of_p()))
    twin = closed(engine(described(0, 0, shifted(lag)), *of_twin(lag), *of_p()))
    for book, other in zip(late, twin, strict=True):
        assert (book.layers == other.layers).all(), book.period
        assert (book.nci, book.equity, book.totals) == (other.nci, other.equity, other.totals)
