"""A company in a third currency, bought within its fiscal year by a company that has outsiders."""

from dataclasses import replace

import pytest

from monthclose.analysis.validation import validate
from monthclose.ledger.accounts import Account, AccountClass
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.money import parse_amount
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate
from tests.consolidation.groups import (
    CODES,
    balance,
    bought,
    engine,
    founded,
    group,
    holds,
    monthly,
    on,
    parent,
    subsidiary,
)

MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04")
BEFORE = Account("3310", "Result before", AccountClass.RETAINED_EARNINGS)
REAIS = {
    "2024-12": ("0.20", "0.20"),
    "2025-01": ("0.22", "0.21"),
    "2025-02": ("0.24", "0.23"),
    "2025-03": ("0.25", "0.24"),
    "2025-04": ("0.24", "0.26"),
}
PESOS = {
    "2025-01": ("0.05", "0.05"),
    "2025-02": ("0.055", "0.058"),
    "2025-03": ("0.06", "0.05"),
    "2025-04": ("0.05", "0.055"),
}


def pesos(value: str, on: str, kind: RateKind = RateKind.HISTORICAL) -> Quote:
    """Dollars for one peso."""
    return Quote("MXN", "USD", parse_rate(value), kind, on, "by hand")


def of_m(month: str, cash: str, held: str, result: str, retained: str = "0.00") -> TrialBalance:
    """M, in reais."""
    return balance(
        "M", month, cash=cash, investment_b=held, capital="-1000.00", revenue=f"-{result}",
        retained=retained,
    )  # fmt: skip


def of_x(month: str, cash: str, revenue: str, costs: str, retained: str) -> TrialBalance:
    """X, in pesos."""
    return balance(
        "X", month, "MXN", cash=cash, capital="-1000.00", retained=retained, revenue=f"-{revenue}",
        costs=costs,
    )  # fmt: skip


@pytest.fixture
def books() -> list[Book]:
    """
    M, founded in January and held to 80 %, buys 75 % of X for 1,200.00 pesos on 10 February.

    X has 1,200.00 and a result of 30.00 by then. A peso costs 0.06, a real 0.24: M pays 300.00.
    Fiscal years end in March.
    """
    purchase = replace(
        bought(
            "X", "2025-02-10", "M", account="investment_b", paid="1200.00", carried="300.00",
            nci="25", capital="-1000.00", retained="-200.00",
        ),
        result={CODES["revenue"][0]: -90_00, CODES["costs"][0]: 60_00},
    )  # fmt: skip
    base = group(
        parent(),
        subsidiary("M", first_period="2025-01"),
        subsidiary("X", "MXN", first_period="2025-02"),
        interests=(holds("P", "M", "80"), holds("M", "X", "75", "2025-02-10")),
        acquisitions=(
            founded("M", paid="800.00", carried="160.00", nci="20", capital="-1000.00"),
            purchase,
        ),
        first_period="2025-01",
        fiscal_year=FiscalYear(3),
    )
    quotes = (
        *monthly(REAIS),
        *monthly(PESOS, pesos),
        on("2025-01-01", "0.20"),
        on("2025-02-10", "0.24"),
        pesos("0.06", "2025-02-10"),
    )
    chart = replace(base.chart, accounts=(*base.chart.accounts, BEFORE))
    chart = replace(chart, roles=replace(chart.roles, result_before=BEFORE.code))
    described = replace(base, chart=chart, rates=RateTable(quotes))
    made = engine(
        described,
        *(
            balance("P", month, "USD", cash="40.00", investment="160.00", capital="-200.00")
            for month in MONTHS
        ),
        of_m("2025-01", "1100.00", "0.00", "100.00"),
        of_m("2025-02", "900.00", "300.00", "200.00"),
        of_m("2025-03", "1000.00", "300.00", "300.00"),
        of_m("2025-04", "1100.00", "300.00", "100.00", "-300.00"),
        of_x("2025-02", "1250.00", "130.00", "80.00", "-200.00"),
        of_x("2025-03", "1290.00", "190.00", "100.00", "-200.00"),
        of_x("2025-04", "1310.00", "40.00", "20.00", "-290.00"),
    )
    found, last = [], None
    for month in MONTHS:
        book = made.consolidate(month)
        assert [str(each) for each in validate(book, last).blocking] == [], month
        found.append(book)
        last = book.left()
    return found


def test_what_was_earned_before_and_goodwill_are_those_of_the_day(books: list[Book]):
    """
    Goodwill 1,200.00 + 25 % of 1,230.00 - 1,230.00 = 277.50 pesos: 15.26 at 0.055.

    Of February's 50.00 pesos 20.00 came after: 1.16. M earned 100 x 0.21 + 100 x 0.23 = 44.00.
    Outsiders have 20 % of that, 8.80, and 40 % of the 1.16, 0.46: a quarter, and 20 % of the
    rest.
    """
    february = books[1]
    assert february.purchases["ACQ-X"].goodwill_closing == 15_26
    assert february.totals.net_income == 45_16
    assert {code: each.share_of_profit for code, each in february.nci.items()} == {
        "M": 8_80,
        "X": 46,
    }


def test_the_investment_leaves_nothing_and_outsiders_have_what_they_own(books: list[Book]):
    """
    M: 20 % of its 900.00 reais at 0.24, and of the goodwill, partial, that it bought: 15.26.

    X: 40 % of 1,250.00 pesos at 0.055. Of M's investment of 300.00 reais, 72.00 of the day,
    nothing is left at any month.
    """
    february = books[1]
    outside = {code: each.closing for code, each in february.nci.items()}
    assert outside["M"] == parse_amount("46.25")  # (216.00 + 15.26) x 20 % = 46.252
    assert abs(outside["X"] - parse_amount("27.50")) <= 1
    assert all(book.figure(CODES["investment_b"][0]) == 0 for book in books)


def test_a_new_year_opens_where_the_old_one_closed(books: list[Book]):
    march, april = books[2].equity, books[3].equity
    assert march is not None
    assert april is not None
    assert april.retained_opening == march.retained_closing
    assert april.cta_parent.opening == march.cta_parent.closing
    assert april.nci_opening == march.nci_closing
