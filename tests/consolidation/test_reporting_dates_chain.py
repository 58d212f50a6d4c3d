"""A company in the middle of a chain with an earlier reporting date: what it buys and receives."""

from dataclasses import replace
from datetime import date

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.periods import Period
from tests.consolidation.groups import (
    CHART,
    CODES,
    engine,
    founded,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    subsidiary,
)

FIRST = Period(2024, 8)
MONTHS = [FIRST.plus(place) for place in range(20)]
LAG = 2
BETWEEN = CHART.roles.difference_position
BOUGHT, PAID = "2024-10-15", date(2024, 12, 10)
RATES = {
    str(FIRST.plus(place)): (f"0.{200 + 7 * place % 50}", f"0.{200 + 11 * place % 40}")
    for place in range(-4, 20)
}


def late(balances: list[TrialBalance]) -> list[TrialBalance]:
    """The same, each handed in two months later; those of the first month stand until then."""
    return [
        replace(balances[max(place - LAG, 0)], period=each.period)
        for place, each in enumerate(balances)
    ]


def chain() -> ConsolidationEngine:
    """
    P has all of H, which in October founds S with 60 % for 420.00 and in December gets 30.00.

    H is two months behind: its books show the purchase in December, the dividend in February.
    """
    companies = (
        parent(),
        replace(subsidiary("H", first_period="2024-08"), reporting_lag=LAG, year_end=10),
        subsidiary("S", first_period="2024-10"),
    )
    parts = (Received("H", 30_00, None, CODES["dividend_income"][0]),)
    described = group(
        *companies,
        quotes=(
            *monthly(RATES), on("2024-08-01", "0.20"), on(BOUGHT, "0.21"), on(str(PAID), "0.22"),
        ),
        interests=(holds("P", "H"), holds("H", "S", "60", BOUGHT)),
        acquisitions=(
            founded("H", "2024-08-01", paid="2000.00", carried="400.00", capital="-2000.00"),
            founded(
                "S", BOUGHT, acquirer="H", account="investment_b", paid="420.00", nci="40",
                capital="-700.00",
            ),
        ),
        dividends=(Dividend("S", 50_00, None, PAID, parts),),
        first_period="2024-08",
    )  # fmt: skip
    of_h = [{"expenses": 5_00} for _ in MONTHS]
    of_h[0] = {"capital": -2000_00}
    of_h[2] |= {"investment_b": 420_00}
    of_h[4] |= {"dividend_income": -30_00}
    of_s = [{"revenue": -20_00} for _ in MONTHS[2:]]
    of_s[0] = {"capital": -700_00}
    of_s[2] |= {"dividends": 50_00}
    of_p = [{"capital": -500_00, "investment": 400_00}, *({"revenue": -1_00} for _ in MONTHS[1:])]
    year = replace(described.fiscal_year, end_month=10)
    return engine(
        described,
        *late(lived("H", of_h, "2024-08", year=year)),
        *lived("S", of_s, "2024-10"),
        *lived("P", of_p, "2024-08", currency="USD"),
    )


def test_what_it_bought_and_received_counts_on_its_day():
    """
    H owes 420.00 for the shares until its books say so.

    October: at the rate of its August, 0.200: 84.00; November: at 0.207 of its September.
    December: the shares are in its books, and 30.00 of S are due, at 0.214 of its October;
    in January at 0.221 of its November.
    """
    made, last = chain(), None
    found: dict[str, Book] = {}
    for month in MONTHS:
        book = found[str(month)] = made.consolidate(str(month))
        assert validate(book, last).blocking == (), str(month)
        last = book.left()
        assert book.figure(CODES["investment_b"][0]) == 0
        assert book.figure(CODES["dividend_income"][0]) == 0
    between = {month: book.figure(BETWEEN) for month, book in found.items()}
    assert (between["2024-10"], between["2024-11"]) == (-84_00, -86_94)
    assert (between["2024-12"], between["2025-01"]) == (6_42, 6_63)
    assert all(between[str(month)] == 0 for month in MONTHS[6:])
