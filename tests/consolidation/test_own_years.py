"""Companies whose fiscal years end in another month: the figures are those of the group's year."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.lineage import explain
from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.consolidation.own_years import OwnYearUnknown
from monthclose.ledger.acquisitions import AcquisitionKind, Dividend, Received
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.group import Group
from monthclose.ledger.periods import FiscalYear, Period
from tests.consolidation.groups import (
    CODES,
    bought,
    engine,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    subsidiary,
)

FIRST = Period(2024, 4)
MONTHS = [FIRST.plus(place) for place in range(27)]
RATES = {
    str(FIRST.plus(place)): (f"0.{20 + place % 5}", f"0.{20 + place % 4}")
    for place in range(-1, 27)
}
PAID = (date(2025, 2, 10), date(2025, 8, 20))


def described(year_end: int) -> Group:
    """P in dollars founded 80 % of S in April 2024; S pays two dividends in 2025."""
    company = replace(subsidiary("S", first_period=str(FIRST)), year_end=year_end)
    dividends = tuple(
        Dividend("S", 50_00, None, day, (Received("P", 8_00, None, CODES["dividend_income"][0]),))
        for day in PAID
    )
    founded = bought(
        day="2024-04-01", kind=AcquisitionKind.FORMATION, paid="800.00", carried="160.00",
        nci="20", capital="-1000.00",
    )  # fmt: skip
    return group(
        replace(parent(), first_period=str(FIRST)), company,
        quotes=(*monthly(RATES), on("2024-04-01", "0.20"), *(on(str(day), "0.20") for day in PAID)),
        interests=(holds("P", "S", "80"),),
        acquisitions=(founded,),
        dividends=dividends,
        first_period=str(FIRST),
    )  # fmt: skip


def books(year_end: int, earned: list[int]) -> list[TrialBalance]:
    """Both companies, month after month; S by its own years."""
    s = [{"revenue": -amount, "costs": amount // 3} for amount in earned]
    s[0]["capital"] = -1000_00
    p = [{"revenue": -1_00} for _ in earned]
    p[0] |= {"capital": -500_00, "investment": 160_00}
    for day in PAID:
        place = FIRST.until(Period.of(day))
        s[place]["dividends"] = 50_00
        p[place]["dividend_income"] = -8_00
    of_s = lived("S", s, str(FIRST), year=FiscalYear(year_end or 12))
    return [*of_s, *lived("P", p, str(FIRST), currency="USD")]


def closing(year_end: int, earned: list[int]) -> ConsolidationEngine:
    """An engine with all of them."""
    return engine(described(year_end), *books(year_end, earned))


@given(
    st.integers(1, 11),
    st.lists(st.integers(0, 10**6), min_size=len(MONTHS), max_size=len(MONTHS)),
)
def test_every_figure_is_that_of_a_company_with_the_groups_year(year_end: int, earned: list[int]):
    own, same = closing(year_end, earned), closing(0, earned)
    last: Book | None = None
    for month in MONTHS:
        book, other = own.consolidate(str(month)), same.consolidate(str(month))
        assert (book.layers == other.layers).all(), month
        assert (book.nci, book.equity, book.totals) == (other.nci, other.equity, other.totals)
        found = validate(book, last.left() if last else None)
        assert found.blocking == (), month
        last = book


def test_the_months_by_hand():
    """
    S earns 90.00 less 30.00 a month; its year ends in March.

    March 2025: its books say 12 x 60.00 since April 2024; the group's year has three months.
    June 2025: its books say 3 months, the group's year six: 540.00 of revenue.
    """
    made = closing(3, [90_00] * len(MONTHS))
    march, june = made.consolidate("2025-03"), made.consolidate("2025-06")
    for book, revenue in ((march, 270_00), (june, 540_00)):
        s = next(each for each in book.translations if each.entity == "S")
        reported = dict(zip(s.accounts, s.reported.tolist(), strict=True))
        assert -reported["4000"] == revenue
    sent = dict(zip(june.balances[1].accounts, june.balances[1].amounts.tolist(), strict=True))
    assert -sent["4000"] == 270_00
    node = explain(june, "4000", "S", made.month_before)
    entries = {
        (each.facts["entry"], each.facts["month"], int(each.amount))
        for each in node.walk()
        if each.kind == "policy"
    }
    assert entries == {
        ("OWN-YEAR-BEFORE", "2025-01", 9 * 90_00),
        ("OWN-YEAR-CLOSED", "2025-04", -12 * 90_00),
    }


def test_cash_flows_do_not_see_whose_year_it_is():
    own, same = (closing(year_end, [90_00] * len(MONTHS)) for year_end in (3, 0))
    for month in ("2025-03", "2025-06", "2026-05"):
        cash, other = (each.cash_flows(each.consolidate(month)) for each in (own, same))
        assert (cash.problems, cash.group) == (other.problems, other.group)
        assert cash.group is not None


def test_what_cannot_be_told_is_asked_for():
    """December 2024 is not there, so that nothing says what S had earned before January."""
    known = described(3)
    entities = tuple(replace(each, first_period="") for each in known.entities)
    sent = books(3, [90_00] * len(MONTHS))
    without = engine(
        replace(known, entities=entities, first_period="2025-01"),
        *(each for each in sent if each.period != "2024-12"),
    )
    with pytest.raises(OwnYearUnknown) as refused:
        without.consolidate("2025-02")
    error = refused.value
    assert (error.facts["entity"], error.facts["needed"]) == ("S", "2024-12")
    assert error.message("en") != error.message("pt-BR")
