"""Dividends from group companies, and accounts that carry several investments."""

from dataclasses import replace
from datetime import date

from monthclose.analysis.validation import validate
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.book import Book
from monthclose.ledger.rates import RateKind
from tests.consolidation.groups import (
    CODES,
    balance,
    cents,
    dollars,
    engine,
    founded,
    group,
    holds,
    monthly,
    on,
    opening,
    parent,
    subsidiary,
)

INCOME = CODES["dividend_income"][0]


class TestDividendsReceived:
    """
    A holding in reais founds a company with others on 10 January, and is paid at once.

    A dividend of 50.00, of which 40.00 are the holding's; its other income is 10.00.
    """

    def close(self) -> Book:
        founding = replace(
            founded(day="2025-01-10", carried="80.00", nci="20", capital="-100.00"),
            consideration=cents("80.00"),
        )
        dividend = Dividend(
            payer="S",
            amount=cents("50.00"),
            quote=None,
            on=date(2025, 1, 10),
            received=(Received("P", cents("40.00"), None, INCOME),),
        )
        described = group(
            parent(currency="BRL"),
            subsidiary(),
            interests=(holds("P", "S", "80"),),
            quotes=(
                *monthly({"2025-01": ("0.16", "0.19")}),
                on("2025-01-10", "0.25"),
                dollars("0.16", "2024-12", RateKind.CLOSING),
            ),
            acquisitions=(founding,),
            dividends=(dividend,),
            openings=(
                opening("P", "capital", "-80.00", "-16.00"),
                opening("P", "3400", None, "3.20"),
            ),
            first_period="2025-01",
        )
        holding = {"cash": "50.00", "investment": "80.00", "capital": "-80.00"}
        return engine(
            described,
            balance("P", **holding, dividend_income="-50.00"),
            balance("S", cash="150.00", capital="-100.00", dividends="50.00", revenue="-100.00"),
        ).consolidate("2025-01")

    def test_leave_nothing_behind_in_the_income_statement(self):
        """
        The dividend is income at the rate of its declaration, and eliminated at that rate.

        40.00 x 0.25 = 10.00 go; the other 10.00 take the average: 10.00 x 0.19 = 1.90.
        """
        book = self.close()
        assert book.figure(INCOME) == -1_90
        assert book.figure("3350") == 0

    def test_are_a_cause_of_the_cta_of_their_own(self):
        """P: 40.00 x (0.16 - 0.25) = -3.60 and 10.00 x (0.16 - 0.19) = -0.30."""
        book = self.close()
        (holder,) = (t for t in book.translations if t.entity == "P")
        causes = {each.label: each.amount for each in holder.proof().components}
        assert causes["dividend received 2025-01-10"] == -3_60
        assert causes["result 2025-01"] == -30
        assert holder.proof().total == holder.cta.movement
        assert validate(book).blocking == ()


class TestSeveralInvestmentsOnOneAccount:
    def test_no_cent_of_a_rounding_stays_behind(self):
        """
        Three investments of 0.01 at 0.5 stand on an account of 0.03 x 0.5 = 0.02.

        Each alone is 0.01 (0.005 rounded away from nil): three would leave -0.01 standing.
        """
        companies = ("A", "B", "C")
        described = group(
            parent(currency="BRL"),
            *(subsidiary(code) for code in companies),
            interests=tuple(holds("P", code) for code in companies),
            quotes=(
                *monthly({"2025-01": ("0.5", "0.5")}),
                on("2025-01-02", "0.5"),
                dollars("0.5", "2024-12", RateKind.CLOSING),
            ),
            acquisitions=tuple(
                replace(founded(code, "2025-01-02", paid="0.01", capital="-0.01"), id=f"ACQ-{code}")
                for code in companies
            ),
            openings=(
                opening("P", "capital", "-0.03", "-0.02"),
                opening("P", "3400", None, "0.00"),
            ),
            first_period="2025-01",
        )
        described = replace(
            described,
            rates=type(described.rates)(
                (*described.rates.quotes, dollars("0.5", "2024-12", RateKind.CLOSING))
            ),
        )
        book = engine(
            described,
            balance("P", investment="0.03", capital="-0.03"),
            *(balance(code, cash="0.01", capital="-0.01") for code in companies),
        ).consolidate("2025-01")
        assert book.figure(CODES["investment"][0]) == 0
        assert validate(book).blocking == ()
