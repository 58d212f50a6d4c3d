"""The engine over dated records: months, years, chains, and everything it refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.validation import validate
from monthclose.consolidation.before_control import ResultBeforeMissing
from monthclose.consolidation.elimination import DividendUnexplained, InvestmentMismatch
from monthclose.consolidation.facts import EquityUnexplained, OpeningMissing
from monthclose.consolidation.mapping import UnmappedAccounts
from monthclose.consolidation.months import BalanceMissing, OpeningResultMissing
from monthclose.ledger.accounts import UnknownAccount
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.balances import RawBalance, TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.digest import digest
from monthclose.ledger.entities import (
    Method,
    OwnershipUnclear,
    UnknownEntity,
)
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.rates import MissingRate, Quote
from tests.consolidation.groups import (
    CHART,
    CODES,
    balance,
    bought,
    cents,
    engine,
    founded,
    group,
    holds,
    lived,
    monthly,
    on,
    opening,
    paid_in,
    parent,
    ptax,
    shuffled,
    subsidiary,
)

DECEMBER, JANUARY, FEBRUARY, MARCH = "2024-12", "2025-01", "2025-02", "2025-03"


def figures(book: Book, *names: str) -> dict[str, int]:
    """Consolidated accounts before closing, by name; those of nil left out."""
    codes = {CODES[name][0] if name in CODES else name: name for name in names}
    return {name: book.figure(code) for code, name in codes.items() if book.figure(code)}


def sheet(book: Book) -> dict[str, int]:
    """Every account of the balance sheet that is not nil, by name or code."""
    names = {code: name for name, (code, _) in CODES.items()}
    return {
        names.get(code, code): amount
        for code, amount in zip(CHART.codes, book.closed.tolist(), strict=True)
        if amount
    }


def blocking(book: Book, last: Book | None = None) -> list[str]:
    """What the validation says against a book."""
    found = validate(book, last.left() if last else None)
    return [f"{each.check} {each.code} {each.subject}" for each in found.blocking]


def dividend(payer: str, amount: str, day: str, rate: Quote | None, **received: str) -> Dividend:
    """A dividend, and what each holder booked in its own currency."""
    parts = tuple(
        Received(holder, cents(text), None, CODES["dividend_income"][0])
        for holder, text in received.items()
    )
    return Dividend(payer, cents(amount), rate, date.fromisoformat(day), parts)


RATES = {
    DECEMBER: ("0.20", "0.20"),
    JANUARY: ("0.22", "0.21"),
    FEBRUARY: ("0.25", "0.24"),
    MARCH: ("0.24", "0.26"),
}


class TestMonths:
    """A company founded on 1 January with 1,000.00 at 0.20; it earns 100.00 a month."""

    def close(self, month: str) -> Book:
        balances = lived(
            "S", [{"capital": -1000_00, "revenue": -100_00}] + [{"revenue": -100_00}] * 2
        )
        described = group(
            replace(subsidiary(), method=Method.PARENT),
            quotes=(*monthly(RATES), on("2025-01-01", "0.20")),
            contributions=(paid_in("S", "1000.00", "2025-01-01"),),
        )
        return engine(described, *balances).consolidate(month)

    def test_the_result_to_date_is_the_sum_of_the_months(self):
        """100.00 x 0.21 + 100.00 x 0.24 + 100.00 x 0.26 = 21.00 + 24.00 + 26.00 = 71.00."""
        assert self.close(JANUARY).totals.net_income == 21_00
        assert self.close(FEBRUARY).totals.net_income == 45_00
        assert self.close(MARCH).totals.net_income == 71_00

    def test_the_cta_is_proved_from_the_start_of_the_year(self):
        """
        March closes at 0.24: 1,300.00 x 0.24 - 200.00 - 71.00 = 41.00.

        1,000.00 x 0.04 + 100.00 x (0.03 + 0.00 - 0.02) = 40.00 + 1.00 = 41.00.
        """
        march = self.close(MARCH)
        (translation,) = march.translations
        assert translation.cta.closing == translation.proof().total == 41_00
        labels = [each.label for each in translation.proof().components]
        assert labels == [
            "opening_net_assets",
            "contribution 2025-01-01",
            f"result {JANUARY}",
            f"result {FEBRUARY}",
            f"result {MARCH}",
        ]
        assert blocking(march) == []


class TestRollover:
    def months(self, year: FiscalYear | None = None, count: int = 15) -> list[TrialBalance]:
        moves = [{"capital": -1000_00, "revenue": -100_00}]
        moves += [{"revenue": -100_00}] * (count - 1)
        moves[6] = {"revenue": -100_00, "dividends": 50_00}
        return lived("S", moves, year=year)

    def described(self, year: FiscalYear | None = None) -> Group:
        return group(
            replace(subsidiary(first_period=JANUARY), method=Method.PARENT),
            quotes=(
                *monthly({str(Period(2024, 12).plus(m)): ("0.20", "0.30") for m in range(12)}),
                *monthly({str(Period(2025, 12).plus(m)): ("0.40", "0.50") for m in range(6)}),
                on("2025-01-01", "0.20"),
                on("2025-07-15", "0.25"),
            ),
            contributions=(paid_in("S", "1000.00", "2025-01-01"),),
            dividends=(dividend("S", "50.00", "2025-07-15", None),),
            fiscal_year=year or FiscalYear(),
        )

    def test_the_result_becomes_retained_as_it_was_translated(self):
        """
        2025 earned 11 x 100.00 x 0.30 + 100.00 x 0.50 = 380.00 and paid 50.00 x 0.25 = 12.50.

        So 2026 opens with 367.50, and March has earned 3 x 100.00 x 0.50 = 150.00.
        """
        closing = engine(self.described(), *self.months())
        december, march = closing.consolidate("2025-12"), closing.consolidate("2026-03")
        assert december.totals.net_income == 380_00
        assert figures(december, "dividends") == {"dividends": 12_50}
        assert figures(march, "retained", "dividends") == {"retained": -367_50}
        assert march.totals.net_income == 150_00
        assert march.equity is not None
        assert march.equity.retained_opening == 367_50
        assert march.equity.retained_closing == 517_50

    def test_the_cta_is_carried(self):
        """
        December: 2,150.00 x 0.40 - 200.00 - 367.50 = 292.50; it opens 2026.

        March: 2,450.00 x 0.40 - 200.00 - 517.50 = 262.50, a movement of -30.00, which is
        300.00 x (0.40 - 0.50).
        """
        closing = engine(self.described(), *self.months())
        december, march = closing.consolidate("2025-12"), closing.consolidate("2026-03")
        assert december.translations[0].cta.closing == 292_50
        assert (march.translations[0].cta.opening, march.translations[0].cta.closing) == (
            292_50,
            262_50,
        )
        assert march.translations[0].proof().total == -30_00
        assert blocking(december) == []
        assert blocking(march, december) == []

    def test_a_year_may_end_in_another_month(self):
        """A year to March: in April 2025 the result of January to March is retained, 90.00."""
        year = FiscalYear(3)
        closing = engine(self.described(year), *self.months(year))
        march, april = closing.consolidate("2025-03"), closing.consolidate("2025-04")
        assert march.totals.net_income == 90_00
        assert figures(april, "retained") == {"retained": -90_00}
        assert april.totals.net_income == 30_00
        assert blocking(april, march) == []

    def test_a_profit_and_a_loss_of_one_size_do_not_vanish_from_equity(self):
        """
        2025 earns 100.00 at 0.30 = 30.00, 2026 loses 100.00 at 0.50 = 50.00.

        The books show no retained earnings in 2027; translated, they are -20.00.
        """
        moves = [{"capital": -1000_00, "revenue": -100_00}] + [{}] * 11
        moves += [{"expenses": 100_00}] + [{}] * 11 + [{}]
        balances = [
            replace(each, accounts=each.accounts, amounts=each.amounts)
            for each in lived("S", moves)
        ]
        keep = balances[-1].amounts != 0
        balances[-1] = replace(
            balances[-1],
            accounts=tuple(np.array(balances[-1].accounts)[keep].tolist()),
            amounts=balances[-1].amounts[keep],
        )
        assert balances[-1].accounts == ("3000", "1010")
        rates = {str(Period(2024, 12).plus(m)): ("0.20", "0.30") for m in range(13)}
        rates |= {str(Period(2026, 1).plus(m)): ("0.40", "0.50") for m in range(13)}
        described = group(
            replace(subsidiary(), method=Method.PARENT),
            quotes=(*monthly(rates), on("2025-01-01", "0.20")),
            contributions=(paid_in("S", "1000.00", "2025-01-01"),),
        )
        closing = engine(described, *balances)
        last, new = closing.consolidate("2026-12"), closing.consolidate("2027-01")
        assert figures(new, "retained") == {"retained": 20_00}
        assert new.translations[0].cta.closing == last.translations[0].cta.closing
        assert blocking(new, last) == []


class TestOpenings:
    """A company that the group closed elsewhere until February begins here in March."""

    def described(self, *openings, first: str = MARCH) -> Group:
        return group(
            replace(subsidiary(), method=Method.PARENT),
            quotes=monthly(RATES),
            openings=openings,
            first_period=first,
        )

    MARCH_BALANCE = balance(
        "S", MARCH, cash="1300.00", capital="-1000.00", retained="-50.00", revenue="-250.00"
    )
    EQUITY = (
        opening("S", "capital", "-1000.00", "-200.00"),
        opening("S", "retained", "-50.00", "-12.00"),
    )
    RESULT = opening("S", "revenue", "-150.00", "-33.00")

    def test_the_result_so_far_stays_as_it_was_translated(self):
        """
        33.00 for 150.00 until February, and 100.00 x 0.26 = 26.00 in March: 59.00.

        CTA: 1,300.00 x 0.24 - 200.00 - 12.00 - 59.00 = 41.00, of which 55.00 before:
        1,200.00 x (0.24 - 0.25) + 100.00 x (0.24 - 0.26) = -12.00 - 2.00 = -14.00.
        """
        cta = opening("S", "3400", None, "-55.00")
        book = engine(self.described(*self.EQUITY, self.RESULT, cta), self.MARCH_BALANCE)
        march = book.consolidate(MARCH)
        (translation,) = march.translations
        assert translation.net_income == 59_00
        assert (translation.cta.opening, translation.cta.movement) == (55_00, -14_00)
        assert translation.proof().total == -14_00
        assert blocking(march) == []

    def test_without_its_cta_the_implied_figure_is_said(self):
        """1,200.00 x 0.25 - 200.00 - 12.00 - 33.00 = 55.00, a gain: a credit in the openings."""
        book = engine(self.described(*self.EQUITY, self.RESULT), self.MARCH_BALANCE)
        with pytest.raises(OpeningMissing) as refused:
            book.consolidate(MARCH)
        error = refused.value
        assert (error.entity, error.account, error.period) == ("S", "3400", MARCH)
        assert error.implied.minor == -55_00
        assert "USD -55.00" in error.message("en")
        assert "USD -55,00" in error.message("pt-BR")
        stated = opening("S", "3400", None, "-55.00")
        full = engine(self.described(*self.EQUITY, self.RESULT, stated), self.MARCH_BALANCE)
        assert blocking(full.consolidate(MARCH)) == []

    def test_without_its_result_so_far_nothing_is_guessed(self):
        cta = opening("S", "3400", None, "-55.00")
        book = engine(self.described(*self.EQUITY, cta), self.MARCH_BALANCE)
        with pytest.raises(OpeningResultMissing) as refused:
            book.consolidate(MARCH)
        assert refused.value.facts == {"entity": "S", "period": MARCH, "year_start": JANUARY}

    def test_equity_that_differs_from_its_opening_is_unexplained(self):
        cta = opening("S", "3400", None, "-55.00")
        other = opening("S", "retained", "-49.00", "-12.00")
        book = engine(self.described(self.EQUITY[0], other, self.RESULT, cta), self.MARCH_BALANCE)
        with pytest.raises(EquityUnexplained) as refused:
            book.consolidate(MARCH)
        error = refused.value
        assert (error.entity, error.period, error.account) == ("S", MARCH, "3300")
        assert (error.known.minor, error.booked.minor, error.size.minor) == (-49_00, -50_00, -1_00)

    def test_a_wholly_spent_equity_still_has_an_opening_rate(self):
        """
        Capital of 100.00 and losses of 100.00: nothing to retranslate, yet goodwill has.

        Goodwill 50.00 x (0.24 - 0.25) = -0.50 since February.
        """
        loss = opening("S", "retained", "100.00", "20.00")
        described = group(
            parent(),
            subsidiary(),
            quotes=(*monthly(RATES), on("2024-06-01", "0.20")),
            interests=(holds("P", "S"),),
            acquisitions=(
                bought("S", "2024-06-01", paid="150.00", carried="30.00", capital="-100.00"),
            ),
            openings=(
                opening("S", "capital", "-100.00", "-20.00"),
                loss,
                opening("S", "revenue", "0.00", "0.00"),
                opening("S", "3400", None, "0.00"),
            ),
            first_period=MARCH,
        )
        book = engine(
            described,
            balance("P", MARCH, "USD", investment="30.00", capital="-30.00"),
            balance(
                "S", MARCH, cash="1.00", payables="-1.00", capital="-100.00", retained="100.00"
            ),
        ).consolidate(MARCH)
        assert book.purchases["ACQ-S"].cta.movement == -50
        assert blocking(book) == []


def shop(**facts) -> Group:
    """A parent in dollars that founds S on 1 January with 1,000.00 reais at 0.20."""
    known = {
        "quotes": (*monthly(RATES), on("2025-01-01", "0.20")),
        "interests": (holds("P", "S"),),
        "acquisitions": (founded(paid="1000.00", carried="200.00", capital="-1000.00"),),
    }
    return group(parent(), subsidiary(), **(known | facts))


P_JANUARY = balance("P", JANUARY, "USD", cash="300.00", investment="200.00", capital="-500.00")
S_JANUARY = balance(
    "S", JANUARY, cash="1100.00", payables="-50.00", capital="-1000.00", revenue="-50.00"
)


class TestFoundation:
    def test_capital_meets_the_investment_and_nothing_is_left(self):
        """
        S translated: 1,100.00 x 0.22 = 242.00, -11.00, -200.00, 50.00 x 0.21 = -10.50.

        CTA 20.50 = 1,000.00 x 0.02 + 50.00 x 0.01; no goodwill; cash 300.00 + 242.00.
        """
        book = engine(shop(), P_JANUARY, S_JANUARY).consolidate(JANUARY)
        assert sheet(book) == {
            "cash": 542_00,
            "payables": -11_00,
            "capital": -500_00,
            "retained": -10_50,
            "3400": -20_50,
        }
        assert validate(book).score == 100
        assert [entry.id for entry in book.entries] == ["INV-ACQ-S"]

    def test_capital_without_a_record_stays_and_is_said(self):
        """Nothing says what was paid: the capital of 200.00 stands, with the investment."""
        described = shop(acquisitions=(), contributions=(paid_in("S", "1000.00", "2025-01-01"),))
        book = engine(described, P_JANUARY, S_JANUARY).consolidate(JANUARY)
        assert figures(book, "capital", "investment") == {"capital": -700_00, "investment": 200_00}
        validation = validate(book)
        assert [(f.check, f.subject, abs(f.actual or 0)) for f in validation.findings] == [
            ("W2", "S", 200_00)
        ]
        assert str(validation.score) == "94.99"

    def test_outsiders_get_their_part_of_capital_without_a_record(self):
        """40 % of 200.00 capital, of 10.50 result and of 20.50 CTA: 80.00 + 4.20 + 8.20."""
        described = shop(
            acquisitions=(),
            contributions=(paid_in("S", "1000.00", "2025-01-01"),),
            interests=(holds("P", "S", "60"),),
        )
        book = engine(described, P_JANUARY, S_JANUARY).consolidate(JANUARY)
        assert book.figure("3900") == -92_40
        assert book.nci["S"].closing == 92_40
        assert {"CAP-S", "NCI-S"} <= {entry.id for entry in book.entries}
        assert blocking(book) == []

    def test_a_company_that_joins_later_is_not_there_before(self):
        described = shop(
            quotes=(*monthly(RATES), on("2025-02-10", "0.23")),
            acquisitions=(
                founded(day="2025-02-10", paid="1000.00", carried="230.00", capital="-1000.00"),
            ),
        )
        described = replace(described, entities=(parent(), subsidiary(first_period=FEBRUARY)))
        book = engine(
            described,
            balance("P", JANUARY, "USD", cash="500.00", capital="-500.00"),
            balance("P", FEBRUARY, "USD", cash="270.00", investment="230.00", capital="-500.00"),
            balance("S", FEBRUARY, cash="1010.00", capital="-1000.00", revenue="-10.00"),
        )
        january, february = book.consolidate(JANUARY), book.consolidate(FEBRUARY)
        assert [t.entity for t in january.translations] == ["P"]
        # 1,010.00 x 0.25 = 252.50; 230.00; 2.40; CTA 20.10 = 1,000.00 x 0.02 + 10.00 x 0.01
        assert sheet(february) == {
            "cash": 522_50,
            "capital": -500_00,
            "retained": -2_40,
            "3400": -20_10,
        }
        assert blocking(january) == []
        assert blocking(february, january) == []


class TestPurchase:
    """80 % of S for 1,000.00 reais on 1 January, when its equity is 900.00 and one buys 0.20."""

    def close(self, paid: str = "1000.00", carried: str = "200.00", month: str = JANUARY) -> Book:
        described = shop(
            interests=(holds("P", "S", "80"),),
            acquisitions=(
                bought(paid=paid, carried=carried, nci="20", capital="-600.00", retained="-300.00"),
            ),
        )
        cash = str((50000 - cents(carried)) / 100)
        s = {"capital": "-600.00", "retained": "-300.00", "revenue": "-100.00"}
        balances = [
            balance("P", m, "USD", cash=cash, investment=carried, capital="-500.00")
            for m in (JANUARY, FEBRUARY)
        ]
        balances += [balance("S", m, cash="1000.00", **s) for m in (JANUARY, FEBRUARY)]
        return engine(described, *balances).consolidate(month)

    def test_goodwill_takes_the_closing_rate(self):
        """
        Goodwill 1,000.00 + 20 % x 900.00 - 900.00 = 280.00.

        At acquisition 280.00 x 0.20 = 56.00, at the end of February 280.00 x 0.25 = 70.00.
        """
        book = self.close(month=FEBRUARY)
        purchase = book.purchases["ACQ-S"]
        assert (purchase.goodwill, purchase.goodwill_presentation) == (280_00, 56_00)
        assert book.figure("1600") == purchase.goodwill_closing == 70_00
        assert purchase.cta.closing == 14_00
        assert blocking(book) == []

    def test_outsiders_share_result_and_cta_but_no_partial_goodwill(self):
        """
        At acquisition 20 % x 900.00 x 0.20 = 36.00; result 100.00 x 0.21 = 21.00 -> 4.20.

        CTA of S 900.00 x 0.02 + 100.00 x 0.01 = 19.00 -> 3.80: together 44.00.
        """
        book = self.close()
        rolled = book.nci["S"]
        assert (rolled.percent, rolled.opening, rolled.acquired) == ("20", 0, 36_00)
        assert (rolled.share_of_profit, rolled.share_of_cta) == (4_20, 3_80)
        assert book.figure("3900") == -44_00
        assert book.totals.net_income_parent == 16_80
        # owners: 15.20 of the books' CTA, and all of goodwill's 280.00 x 0.02 = 5.60
        assert book.figure("3400") == -20_80

    def test_a_bargain_is_a_gain_of_the_period_and_retained_afterwards(self):
        """600.00 + 180.00 - 900.00 = -120.00, x 0.20 = -24.00."""
        book = self.close("600.00", "120.00")
        purchase = book.purchases["ACQ-S"]
        assert (purchase.goodwill, purchase.bargain_gain) == (0, 120_00)
        assert purchase.gain_presentation == 24_00
        assert book.figure("4500") == -24_00
        assert book.totals.net_income == 45_00
        assert blocking(book) == []

    def test_a_purchase_within_a_fiscal_year_asks_for_the_result_before_in_any_currency(self):
        """Its year to date holds what it earned for its former owners."""
        for currency, day in (("BRL", "2025-02-10"), ("USD", "2025-02-10"), ("BRL", "2025-01-15")):
            described = shop(
                quotes=(*monthly(RATES), on("2025-02-10", "0.23"), on("2025-01-15", "0.23")),
                acquisitions=(
                    bought(day=day, paid="1000.00", carried="230.00", capital="-1000.00"),
                ),
            )
            described = replace(described, entities=(parent(), subsidiary("S", currency, day[:7])))
            book = engine(
                described,
                *(
                    balance("P", m, "USD", cash="270.00", investment="230.00", capital="-500.00")
                    for m in (JANUARY, FEBRUARY)
                ),
                *(
                    balance("S", m, currency, cash="1010.00", capital="-1000.00", revenue="-10.00")
                    for m in (JANUARY, FEBRUARY)
                ),
            )
            with pytest.raises(ResultBeforeMissing) as refused:
                book.consolidate(FEBRUARY)
            said = {"acquisition": "ACQ-S", "entity": "S", "on": day, "year_start": JANUARY}
            assert refused.value.facts == said

    def test_an_investment_that_its_records_do_not_explain_is_refused(self):
        described = shop()
        other = balance("P", JANUARY, "USD", cash="290.00", investment="210.00", capital="-500.00")
        with pytest.raises(InvestmentMismatch) as refused:
            engine(described, other, S_JANUARY).consolidate(JANUARY)
        error = refused.value
        assert (error.entity, error.account) == ("P", "1700")
        assert (error.known.minor, error.booked.minor, error.size.minor) == (200_00, 210_00, 10_00)

    def test_reserves_are_shared_with_outsiders_like_other_retained_earnings(self):
        """
        Next year 100.00 of last year's profit lies in the legal reserve, 200.00 in retained.

        Outsiders own 20 % of both: 20 % x (180.00 + ...) whichever account it lies in.
        """

        def close(**equity: tuple[str, str]) -> Book:
            rows = [opening("S", name, *both) for name, both in equity.items()]
            described = shop(
                interests=(holds("P", "S", "80"),),
                acquisitions=(
                    bought(day="2024-01-01", paid="1000.00", carried="200.00", nci="20",
                           capital="-900.00"),
                ),
                openings=(*rows, opening("S", "3400", None, "0.00")),
                quotes=(*monthly(RATES), on("2024-01-01", "0.20")),
                first_period=JANUARY,
            )  # fmt: skip
            held = {name: both[0] for name, both in equity.items()}
            return engine(
                described, P_JANUARY, balance("S", JANUARY, cash="1200.00", **held)
            ).consolidate(JANUARY)

        plain = close(capital=("-900.00", "-180.00"), retained=("-300.00", "-60.00"))
        reserved = close(
            capital=("-900.00", "-180.00"),
            retained=("-200.00", "-40.00"),
            legal_reserve=("-100.00", "-20.00"),
        )
        assert plain.nci["S"].closing == reserved.nci["S"].closing
        assert blocking(plain) == blocking(reserved) == []


class TestDividends:
    def close(self, *declared: Dividend, booked: str = "100.00", income: str = "16.00") -> Book:
        described = shop(
            interests=(holds("P", "S", "80"),),
            dividends=declared,
            acquisitions=(bought(paid="800.00", carried="160.00", nci="20", capital="-1000.00"),),
            quotes=(*monthly(RATES), on("2025-01-01", "0.20"), on("2025-01-20", "0.20")),
        )
        return engine(
            described,
            balance("P", JANUARY, "USD", cash="356.00" if income == "16.00" else "340.00",
                    investment="160.00", capital="-500.00",
                    dividend_income=f"-{income}"),
            balance("S", JANUARY, cash=f"{950 - float(booked):.2f}", dividends=booked,
                    capital="-1000.00", expenses="50.00"),
        ).consolidate(JANUARY)  # fmt: skip

    def test_what_stays_in_the_group_is_cancelled_and_the_rest_is_paid_to_outsiders(self):
        """
        100.00 x 0.20 = 20.00 declared, 16.00 of them to the parent, 4.00 to outsiders.

        NCI: 20 % x 1,000.00 x 0.20 = 40.00; result -50.00 x 0.21 = -10.50 -> -2.10; CTA
        1,000.00 x 0.02 - 50.00 x 0.01 - 100.00 x 0.02 = 17.50 -> 3.50; paid -4.00: 37.40.
        """
        book = self.close(dividend("S", "100.00", "2025-01-20", None, P="16.00"))
        assert figures(book, "dividends", "dividend_income") == {}
        assert book.nci["S"].dividends == -4_00
        assert book.nci["S"].closing == -book.figure("3900") == 37_40
        assert book.totals.net_income == -10_50
        assert blocking(book) == []

    def test_dividends_that_nobody_declared_are_unexplained(self):
        with pytest.raises(EquityUnexplained) as refused:
            self.close(income="0.00")
        assert (refused.value.account, refused.value.size.minor) == ("3350", 100_00)

    def test_dividends_that_were_not_booked_are_unexplained(self):
        with pytest.raises(EquityUnexplained) as refused:
            self.close(dividend("S", "90.00", "2025-01-20", None, P="16.00"))
        assert refused.value.size.minor == 10_00

    def test_a_subsidiary_in_presentation_currency_declares_them_too(self):
        described = shop(acquisitions=(), dividends=(dividend("S", "90.00", "2025-01-20", None),))
        described = replace(described, entities=(parent(), subsidiary("S", "USD")))
        with pytest.raises(DividendUnexplained) as refused:
            engine(
                described,
                balance("P", JANUARY, "USD", cash="1.00", capital="-1.00"),
                balance("S", JANUARY, "USD", cash="100.00", dividends="100.00", capital="-200.00"),
            ).consolidate(JANUARY)
        error = refused.value
        assert (error.declared.minor, error.booked.minor, error.size.minor) == (
            90_00,
            100_00,
            10_00,
        )


class TestDividendsInAChain:
    """B pays A, A pays P; all of it stays in the group."""

    def close(self, *declared: Dividend, b: str, a: str, p: str = "0.00") -> Book:
        described = replace(
            TestChain().described(),
            dividends=declared,
            rates=group(
                quotes=(
                    *monthly(RATES),
                    on("2025-01-01", "0.20"),
                    *(on(f"2025-01-{day}", "0.205") for day in (10, 20)),
                )
            ).rates,
        )
        return engine(
            described,
            balance(
                "P", JANUARY, "USD", cash=f"{300 + float(p):.2f}", investment="200.00",
                capital="-500.00", dividend_income=f"-{p}",
            ),
            balance(
                "A", JANUARY, cash=f"{600 + float(a):.2f}", investment_b="400.00",
                capital="-1000.00", dividend_income=f"-{a}",
            ),
            balance(
                "B", JANUARY, cash=f"{450 - float(b):.2f}", dividends=b, capital="-400.00",
                revenue="-50.00",
            ),
        ).consolidate(JANUARY)  # fmt: skip

    def test_a_foreign_holder_s_income_takes_the_rate_of_the_declaration(self):
        """
        100.00 x 0.205 = 20.50 on both sides: nothing is left in the result.

        At the average, 0.21, A would have shown 21.00.
        """
        book = self.close(
            dividend("B", "100.00", "2025-01-20", None, A="100.00"), b="100.00", a="100.00"
        )
        a = next(t for t in book.translations if t.entity == "A")
        assert a.amount("4200") == -20_50
        assert figures(book, "dividends", "dividend_income", "3900", "6990") == {}
        assert book.totals.net_income == 10_50
        assert a.cta.movement == a.proof().total
        assert blocking(book) == []

    def test_cents_that_two_dividends_are_rounded_apart_are_shown_as_a_difference(self):
        """
        B: 0.02 + 0.02 = 0.04 x 0.205 = 0.0082 -> 0.01; A: 0.0041 -> 0.00 twice.

        Nobody outside owns a share of B, so the cent is no outsider's.
        """
        book = self.close(
            dividend("B", "0.02", "2025-01-10", None, A="0.02"),
            dividend("B", "0.02", "2025-01-20", None, A="0.02"),
            b="0.04",
            a="0.04",
        )
        assert figures(book, "dividends", "3900", "6990") == {"6990": 1}
        assert blocking(book) == []

    def test_a_dividend_that_nobody_received_is_no_rounding(self):
        """20.50 have no owner in the group and none outside: the validation stops."""
        book = self.close(dividend("B", "100.00", "2025-01-20", None), b="100.00", a="0.00")
        assert blocking(book) == ["V6 nci-differs 3900", "V10 equity-change-unexplained G"]


class TestForeignParent:
    """A parent in reais reports in dollars; its subsidiary is in dollars."""

    def test_its_own_retranslation_of_shares_is_undone(self):
        """
        P: 1,000.00 capital at 0.20, 500.00 of it in S, which has 100.00 dollars of capital.

        P's CTA is 1,000.00 x 0.02 = 20.00, its shares 500.00 x 0.02 = 10.00; 10.00 is left:
        what the 500.00 in cash gained.
        """
        described = group(
            parent(currency="BRL"),
            subsidiary(currency="USD"),
            quotes=(*monthly(RATES), on("2025-01-01", "0.20")),
            interests=(holds("P", "S"),),
            contributions=(paid_in("P", "1000.00", "2025-01-01"),),
            acquisitions=(founded(paid="100.00", carried="500.00", capital="-100.00"),),
        )
        book = engine(
            described,
            balance("P", JANUARY, cash="500.00", investment="500.00", capital="-1000.00"),
            balance("S", JANUARY, "USD", cash="110.00", capital="-100.00", revenue="-10.00"),
        ).consolidate(JANUARY)
        assert sheet(book) == {
            "cash": 220_00,
            "capital": -200_00,
            "retained": -10_00,
            "3400": -10_00,
        }
        assert blocking(book) == []


class TestGroupOfOne:
    @given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(10**9, 10**11))
    def test_it_is_that_one(self, capital: int, revenue: int, e10: int):
        quotes = tuple(
            replace(quote, value_e10=e10) for quote in monthly({JANUARY: ("1", "1")}, ptax)
        )
        described = group(
            parent(currency="BRL"),
            quotes=(*quotes, replace(ptax("1", "2025-01-01"), value_e10=e10)),
            contributions=(replace(paid_in("P", "1.00", "2025-01-01"), amount=capital),),
        )
        (january,) = lived("P", [{"capital": -capital, "revenue": -revenue}])
        book = engine(described, january).consolidate(JANUARY)
        (translation,) = book.translations
        for account, amount in zip(translation.accounts, translation.amounts, strict=True):
            assert book.figure(account) == amount
        assert -book.figure("3400") == translation.cta.closing
        assert book.entries == ()
        assert book.nci == {}
        assert (book.layers.sum(axis=0) == 0).all()


MOVEMENTS = st.lists(
    st.dictionaries(
        st.sampled_from(["receivables", "payables", "revenue", "costs", "expenses"]),
        st.integers(-(10**8), 10**8),
        max_size=4,
    ),
    min_size=14,
    max_size=14,
)
VALUES = st.lists(st.integers(40_000, 65_000), min_size=32, max_size=32)


def living(moves, values, nci: str) -> tuple[Group, list[TrialBalance]]:
    """Fourteen months of a parent, a purchase with outsiders, and its foundation below."""
    months = [str(Period(2024, 12).plus(month)) for month in range(16)]
    quotes = monthly(
        {
            month: (f"{values[2 * place] / 10**4}", f"{values[2 * place + 1] / 10**4}")
            for place, month in enumerate(months)
        },
        ptax,
    )
    equity = {"capital": "-90000.01", "premium": "-1234.57", "retained": "-777.77"}
    described = group(
        parent(),
        subsidiary("A"),
        subsidiary("B"),
        quotes=(*quotes, replace(ptax("5.4321", "2025-01-01"))),
        interests=(holds("P", "A", str(100 - int(nci))), holds("P", "B")),
        acquisitions=(
            bought("A", paid="81000.33", carried="14911.42", nci=nci, **equity),  # type: ignore[arg-type]
            founded("B", account="investment_b", paid="54321.00", carried="10000.00",
                    capital="-54321.00"),
        ),
        first_period=JANUARY,
    )  # fmt: skip
    first = {name: cents(text) for name, text in equity.items()}
    a = lived("A", [first | moves[0], *moves[1:]])
    b = lived("B", [{"capital": -54321_00} | moves[-1], *moves[-2::-1]])
    p = lived(
        "P",
        [{"capital": -30000_00, "investment": 14911_42, "investment_b": 10000_00}] + [{}] * 13,
        currency="USD",
    )
    return described, [*a, *b, *p]


class TestChain:
    """P (dollars) founds A (reais), which founds B (reais), all on 1 January at 0.20."""

    def described(self, **facts) -> Group:
        known = {
            "quotes": (*monthly(RATES), on("2025-01-01", "0.20"), on("2025-02-10", "0.23")),
            "interests": (holds("P", "A"), holds("A", "B")),
            "acquisitions": (
                founded("A", paid="1000.00", carried="200.00", capital="-1000.00"),
                founded(
                    "B", acquirer="A", account="investment_b", paid="400.00", capital="-400.00"
                ),
            ),
        }
        return group(parent(), subsidiary("A"), subsidiary("B"), **(known | facts))

    P = balance("P", JANUARY, "USD", cash="300.00", investment="200.00", capital="-500.00")
    A = balance("A", JANUARY, cash="600.00", investment_b="400.00", capital="-1000.00")
    B = balance("B", JANUARY, cash="450.00", capital="-400.00", revenue="-50.00")

    def test_the_retranslation_of_an_investment_is_taken_out_of_its_holder_s_cta(self):
        """
        A's CTA is 1,000.00 x 0.02 = 20.00, of which 400.00 x 0.02 = 8.00 is of its shares.

        B's is 400.00 x 0.02 + 50.00 x 0.01 = 8.50. The group's: 12.00 + 8.50 = 20.50, as of
        one company with the assets of both: 1,000.00 x 0.02 + 50.00 x 0.01.
        """
        book = engine(self.described(), self.P, self.A, self.B).consolidate(JANUARY)
        assert sheet(book) == {
            "cash": 531_00,
            "capital": -500_00,
            "retained": -10_50,
            "3400": -20_50,
        }
        assert "RET-ACQ-B" in {entry.id for entry in book.entries}
        assert blocking(book) == []

    def test_outsiders_of_the_holder_share_in_what_it_holds(self):
        """
        20 % of A's 1,000.00 less its 400.00 in B, at 0.22: 26.40; of B's 450.00: 19.80.

        At the founding 40.00, of which 20 % x 400.00 x 0.20 = 16.00 are of B; then CTA
        20 % x (20.00 - 8.00) = 2.40 above, result 2.10 and CTA 1.70 below.
        """
        described = self.described(
            interests=(holds("P", "A", "80"), holds("A", "B")),
            acquisitions=(
                founded("A", paid="800.00", carried="160.00", nci="20", capital="-1000.00"),
                founded(
                    "B", acquirer="A", account="investment_b", paid="400.00", capital="-400.00"
                ),
            ),
        )
        p = balance("P", JANUARY, "USD", cash="340.00", investment="160.00", capital="-500.00")
        book = engine(described, p, self.A, self.B).consolidate(JANUARY)
        above, below = book.nci["A"], book.nci["B"]
        assert (above.acquired, above.share_of_cta, above.closing) == (24_00, 2_40, 26_40)
        assert (below.acquired, below.share_of_profit, below.share_of_cta) == (16_00, 2_10, 1_70)
        assert below.closing == 19_80
        assert book.figure("3900") == -46_20
        assert blocking(book) == []

    def test_a_dividend_inside_the_chain_moves_outsiders_up(self):
        """
        B declares 50.00 at 0.23; A receives it: 20 % x 11.50 = 2.30 go from B to A.

        They close with 20 % of A's 1,050.00 less 400.00, at 0.25, which is 32.50; of B's
        400.00 with 20.00.
        """
        described = self.described(
            interests=(holds("P", "A", "80"), holds("A", "B")),
            acquisitions=(
                founded("A", paid="800.00", carried="160.00", nci="20", capital="-1000.00"),
                founded(
                    "B", acquirer="A", account="investment_b", paid="400.00", capital="-400.00"
                ),
            ),
            dividends=(dividend("B", "50.00", "2025-02-10", None, A="50.00"),),
        )
        p = balance("P", FEBRUARY, "USD", cash="340.00", investment="160.00", capital="-500.00")
        a = balance(
            "A", FEBRUARY, cash="650.00", investment_b="400.00", capital="-1000.00",
            dividend_income="-50.00",
        )  # fmt: skip
        b = balance(
            "B", FEBRUARY, cash="400.00", capital="-400.00", revenue="-50.00", dividends="50.00"
        )
        closing = engine(described, replace(p, period=JANUARY), self.A, self.B, p, a, b)
        january, book = closing.consolidate(JANUARY), closing.consolidate(FEBRUARY)
        above, below = book.nci["A"], book.nci["B"]
        assert (above.intragroup, below.intragroup) == (2_30, -2_30)
        assert (above.closing, below.closing) == (32_50, 20_00)
        assert blocking(book, january) == []

    @given(MOVEMENTS, VALUES)
    def test_fourteen_months_of_a_chain_tie(self, moves, values):
        """P holds 80 % of A, A 70 % of B: outsiders 20 % of A less its shares, 44 % of B."""
        described, balances = living(moves, values, "20")
        of_b = founded(
            "B", acquirer="A", account="investment_b", paid="38024.70", nci="30",
            capital="-54321.00",
        )  # fmt: skip
        described = replace(
            described,
            interests=(holds("P", "A", "80"), holds("A", "B", "70")),
            acquisitions=(described.acquisitions[0], of_b),
        )
        equity = {"capital": -90000_01, "premium": -1234_57, "retained": -777_77}
        first = {**equity, "investment_b": 38024_70}
        a = lived("A", [{**first, **moves[0]}, *moves[1:]])
        p = lived("P", [{"capital": -30000_00, "investment": 14911_42}] + [{}] * 13, currency="USD")
        b = [each for each in balances if each.entity == "B"]
        closing = engine(described, *a, *b, *p)
        last: Book | None = None
        for number in range(14):
            book = closing.consolidate(str(Period(2025, 1).plus(number)))
            assert blocking(book, last) == []
            of = {each.entity: each for each in book.translations}
            shares = next(
                int(of["A"].amounts[place])
                for place, code in enumerate(of["A"].accounts)
                if code == CODES["investment_b"][0]
            )
            assert abs(book.nci["A"].closing - (of["A"].net_assets - shares) / 5) <= 6
            assert abs(book.nci["B"].closing - of["B"].net_assets * 44 / 100) <= 6
            last = book

    def test_outsiders_of_the_lowest_company_have_their_direct_share(self):
        """A holds 75 % of B: 25 % of 80.00, 10.50 and 8.50 are 20.00 + 2.63 + 2.13 = 24.76."""
        described = self.described(
            interests=(holds("P", "A"), holds("A", "B", "75")),
            acquisitions=(
                founded("A", paid="1000.00", carried="200.00", capital="-1000.00"),
                bought("B", acquirer="A", account="investment_b", paid="300.00", nci="25",
                       capital="-400.00"),
            ),
        )  # fmt: skip
        a = balance("A", JANUARY, cash="700.00", investment_b="300.00", capital="-1000.00")
        book = engine(described, self.P, a, self.B).consolidate(JANUARY)
        assert -book.figure("3900") == book.nci["B"].closing == 24_76
        assert blocking(book) == []


class TestOrder:
    """What is the same group gives the same book."""

    @given(MOVEMENTS, VALUES, st.randoms(use_true_random=False))
    def test_entities_lines_and_calls_may_come_in_any_order(self, moves, values, random):
        described, balances = living(moves, values, "20")
        straight = engine(described, *balances).consolidate("2025-03")
        mixed = []
        for each in balances:
            order = list(range(len(each.accounts)))
            random.shuffle(order)
            mixed.append(shuffled(each, order))
        random.shuffle(mixed)
        entities = list(described.entities)
        random.shuffle(entities)
        turned = replace(
            described,
            entities=tuple(entities),
            interests=described.interests[::-1],
            acquisitions=described.acquisitions[::-1],
        )
        other = engine(turned, *mixed).consolidate("2025-03")
        assert (other.layers == straight.layers).all()
        assert other.equity == straight.equity
        assert other.nci == straight.nci
        assert other.totals == straight.totals
        assert other.digest == straight.digest
        assert validate(other).score == validate(straight).score

    @given(MOVEMENTS, VALUES, st.sampled_from(["0", "20", "33"]))
    def test_month_after_month_ties_and_is_what_a_fresh_engine_says(self, moves, values, nci):
        described, balances = living(moves, values, nci)
        closing = engine(described, *balances)
        last: Book | None = None
        for month in range(1, 15):
            period = str(Period(2024, 12).plus(month))
            book = closing.consolidate(period)
            assert blocking(book, last) == []
            last = book
        assert last is not None
        fresh = engine(described, *balances).consolidate("2026-02")
        assert fresh.digest == last.digest
        assert (fresh.layers == last.layers).all()
        assert fresh.equity == last.equity

    def test_another_figure_gives_another_digest(self):
        one = engine(shop(), P_JANUARY, S_JANUARY).consolidate(JANUARY)
        other = replace(S_JANUARY, amounts=S_JANUARY.amounts + np.array([1, -1, 0, 0]))
        assert engine(shop(), P_JANUARY, other).consolidate(JANUARY).digest != one.digest


class TestMissing:
    def test_a_month_that_was_not_loaded_is_named(self):
        closing = engine(shop(), P_JANUARY)
        with pytest.raises(BalanceMissing) as refused:
            closing.consolidate(JANUARY)
        assert refused.value.facts == {"entity": "S", "period": JANUARY, "needed_for": JANUARY}

    def test_a_month_in_between_is_needed_for_the_next(self):
        march = [replace(each, period=MARCH) for each in (P_JANUARY, S_JANUARY)]
        closing = engine(shop(), P_JANUARY, S_JANUARY, *march)
        with pytest.raises(BalanceMissing) as refused:
            closing.consolidate(MARCH)
        assert refused.value.facts == {"entity": "S", "period": FEBRUARY, "needed_for": MARCH}

    @pytest.mark.parametrize(
        ("left_out", "kind", "when"),
        [
            ("closing", "closing", "2025-01-31"),
            ("average", "average", JANUARY),
            ("historical", "historical", "2025-01-01"),
        ],
    )
    def test_a_rate_that_was_not_loaded_is_named(self, left_out: str, kind: str, when: str):
        quotes = (*monthly({JANUARY: RATES[JANUARY]}), on("2025-01-01", "0.20"))
        described = shop(quotes=tuple(q for q in quotes if q.kind != left_out))
        with pytest.raises(MissingRate) as refused:
            engine(described, P_JANUARY, S_JANUARY).consolidate(JANUARY)
        facts = refused.value.facts
        assert (facts["currency"], facts["presentation"]) == ("BRL", "USD")
        assert (facts["kind"], facts["when"]) == (kind, when)

    def test_a_company_that_nobody_owns_is_refused(self):
        with pytest.raises(OwnershipUnclear):
            engine(shop(interests=()), P_JANUARY, S_JANUARY).consolidate(JANUARY)

    @pytest.mark.parametrize(
        "facts",
        [
            {"acquisitions": (founded("S", acquirer="X", paid="1.00", capital="-1.00"),)},
            {"acquisitions": (founded("X", paid="1.00", capital="-1.00"),)},
            {"dividends": (dividend("S", "1.00", "2025-01-20", None, X="1.00"),)},
            {"dividends": (dividend("X", "1.00", "2025-01-20", None),)},
            {"contributions": (paid_in("X", "1.00", "2025-01-20"),)},
            {"openings": (opening("X", "capital", "1.00", "1.00"),)},
        ],
    )
    def test_a_record_of_a_stranger_is_refused(self, facts):
        with pytest.raises(UnknownEntity) as refused:
            engine(shop(**facts), P_JANUARY, S_JANUARY).consolidate(JANUARY)
        assert refused.value.facts == {"entity": "X", "group": "G"}

    @pytest.mark.parametrize(
        ("facts", "where"),
        [
            ({"openings": (replace(opening("S", "capital", "1.00", "1.00"), account="9"),)}, "S"),
            ({"contributions": (replace(paid_in("S", "1.00", "2025-01-20"), account="9"),)}, "S"),
            ({"acquisitions": (replace(founded(), equity={"9": -1}),)}, "S"),
            ({"acquisitions": (replace(founded(), investment_account="9"),)}, "P"),
        ],
    )
    def test_a_record_of_an_account_outside_the_chart_is_refused(self, facts, where: str):
        with pytest.raises(UnknownAccount) as refused:
            engine(shop(**facts), P_JANUARY, S_JANUARY).consolidate(JANUARY)
        assert refused.value.facts == {"account": "9", "where": where}


class TestEngine:
    def test_a_stranger_s_balance_is_refused(self):
        with pytest.raises(UnknownEntity) as refused:
            engine(group(parent()), S_JANUARY)
        assert refused.value.facts == {"entity": "S", "group": "G"}

    def test_a_registered_company_is_one_of_the_group(self):
        closing = engine(replace(shop(), entities=(parent(),)))
        closing.register_entity(subsidiary())
        for each in (P_JANUARY, S_JANUARY):
            closing.load_trial_balance(each)
        book = closing.consolidate(JANUARY)
        assert book.digest == engine(shop(), P_JANUARY, S_JANUARY).consolidate(JANUARY).digest
        assert [entity.code for entity in closing.group.entities] == ["P", "S"]

    def test_registering_again_replaces_the_company(self):
        closing = engine(shop(), P_JANUARY, S_JANUARY)
        closing.register_entity(subsidiary(first_period=FEBRUARY))
        assert [t.entity for t in closing.consolidate(JANUARY).translations] == ["P"]
        assert len(closing.group.entities) == 2

    def test_a_balance_loaded_again_replaces_the_first(self):
        closing = engine(shop(), P_JANUARY, S_JANUARY)
        first = closing.consolidate(JANUARY)
        closing.load_trial_balance(
            balance("S", JANUARY, cash="1000.00", capital="-1000.00", revenue="0.00")
        )
        assert first.totals.net_income == 10_50
        assert closing.consolidate(JANUARY).totals.net_income == 0

    def test_loading_gives_the_balance_in_the_standard_chart(self):
        closing = engine(shop())
        raw = RawBalance("S", JANUARY, "BRL", ("1010", "9999"), np.array([5, -5]))
        with pytest.raises(UnmappedAccounts):
            closing.load_trial_balance(raw)
        good = RawBalance("S", JANUARY, "BRL", ("1010", "2010"), np.array([5, -5]))
        loaded = closing.load_trial_balance(good)
        assert isinstance(loaded, TrialBalance)
        assert loaded.amounts.tolist() == [5, -5]

    def test_one_entity_can_be_translated_alone(self):
        """50.00 x 0.21 = 10.50."""
        rates, translation = engine(shop(), S_JANUARY).translate_entity("S", JANUARY)
        assert translation.net_income == 10_50
        assert rates.closing is not None
        assert rates.closing.value == "0.22"
        with pytest.raises(UnknownEntity):
            engine(shop()).translate_entity("X", JANUARY)

    def test_the_trail_says_each_step_and_what_went_in_and_out(self):
        closing = engine(shop(), P_JANUARY, S_JANUARY)
        assert closing.get_audit_trail() == []
        book = closing.consolidate(JANUARY)
        trail = closing.get_audit_trail()
        assert [(step.step, step.subject) for step in trail] == [
            ("map", "P"),
            ("translate", "P"),
            ("map", "S"),
            ("translate", "S"),
            ("adjust", "G"),
            ("consolidate", "G"),
        ]
        assert {step.period for step in trail} == {JANUARY}
        assert trail[-1].outputs == book.digest
        assert trail[3].outputs == digest(book.translations[1].amounts)
        assert closing.get_audit_trail() == trail
        closing.consolidate(JANUARY)
        assert closing.get_audit_trail() == trail + trail

    def test_the_order_of_companies_is_that_of_the_group(self):
        described, balances = living([{}] * 14, [50_000] * 32, "0")
        for entities in permutations(described.entities):
            book = engine(replace(described, entities=entities), *balances).consolidate(JANUARY)
            assert [t.entity for t in book.translations] == [e.code for e in entities]


REFUSALS: list[Callable[[], object]] = [
    lambda: engine(shop(), P_JANUARY).consolidate(JANUARY),
    lambda: engine(shop(quotes=()), P_JANUARY, S_JANUARY).consolidate(JANUARY),
    lambda: engine(shop(interests=()), P_JANUARY, S_JANUARY).consolidate(JANUARY),
    lambda: engine(shop(acquisitions=()), P_JANUARY, S_JANUARY).consolidate(JANUARY),
    lambda: engine(group(parent()), S_JANUARY),
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_is_said_in_both_languages(refusal: Callable[[], object]):
    with pytest.raises(CloseError) as refused:
        refusal()
    english, portuguese = refused.value.message("en"), refused.value.message("pt-BR")
    assert english != portuguese
    assert "{" not in english + portuguese
    assert "S" in english
