"""A company's cash flows, derived from its balances and worked by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import chart_of
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.cash_flows import RESULT_LINE, CashFlows, Own, Part, Section, own_line
from monthclose.ledger.journal import LayerName
from tests.consolidation.cash_groups import ACCOUNTS, engine, group, lived, net, of
from tests.consolidation.groups import (
    founded,
    holds,
    monthly,
    on,
    opening,
    parent,
    subsidiary,
)

type Moves = Sequence[Mapping[str, str]]

OPERATING, INVESTING, FINANCING = Section.OPERATING, Section.INVESTING, Section.FINANCING

RATES = monthly(
    {
        "2024-12": ("0.20", "0.19"),
        "2025-01": ("0.22", "0.21"),
        "2025-02": ("0.24", "0.23"),
        "2025-03": ("0.20", "0.25"),
    }
)
S_MONTHS: Moves = (
    {"equipment": "600.00", "accumulated": "-100.00", "capital": "-1500.00"},
    {"revenue": "-300.00", "receivables": "80.00", "depreciation": "10.00",
     "accumulated": "-10.00"},
    {"loan": "-500.00", "equipment": "400.00", "revenue": "-200.00", "depreciation": "10.00",
     "accumulated": "-10.00"},
    {"dividends": "150.00", "receivables": "-80.00", "costs": "50.00", "depreciation": "15.00",
     "accumulated": "-15.00"},
)  # fmt: skip
P_MONTHS: Moves = (
    {"investment": "375.00", "capital": "-475.00"}, {}, {}, {"dividend_income": "-39.00"},
)  # fmt: skip
FOUNDED = replace(
    founded(day="2020-01-01", paid="1500.00", carried="375.00", capital="-1500.00"),
    investment_account="1700",
)
DIVIDEND = Dividend(
    "S", 150_00, None, date(2025, 3, 10), (Received("P", 39_00, None, "4200"),)
)  # fmt: skip


def described(**facts: Any) -> ConsolidationEngine:
    """P in dollars, and S in reais since 2020: capital of 1,500.00 at 0.25, opening CTA -75.00."""
    given: dict[str, Any] = {
        "openings": (
            opening("S", "capital", "-1500.00", "-375.00"),
            opening("S", "3400", None, "75.00"),
            opening("P", "capital", "-475.00", "-475.00"),
        ),
        "interests": (holds("P", "S"),),
        "acquisitions": (FOUNDED,),
        "dividends": (DIVIDEND,),
    } | facts
    quotes = (*RATES, on("2020-01-01", "0.25"), on("2025-03-10", "0.26"))
    return engine(group(parent(), subsidiary(), quotes=quotes, **given))


def loaded(
    made: ConsolidationEngine, *balances: Sequence[TrialBalance], without: str = ""
) -> ConsolidationEngine:
    """Load every balance but one."""
    for each in (each for months in balances for each in months):
        if f"{each.entity} {each.period}" != without:
            made.load_trial_balance(each)
    return made


def flows(made: ConsolidationEngine, period: str) -> CashFlows:
    return made.cash_flows(made.consolidate(period))


def three_months() -> CashFlows:
    made = loaded(described(), lived("S", S_MONTHS), lived("P", P_MONTHS, currency="USD"))
    return flows(made, "2025-03")


def test_a_quarter_in_the_currency_of_the_books():
    """
    Cash 1,000 + 450 - 400 + 350 = 1,400.

    Result 290 + 190 - 65 = 415. Depreciation 10 + 10 + 15 = 35 was no cash; receivables
    came and went. Equipment 400, the loan 500, the dividend 150.
    """
    own = three_months().companies[1].functional
    assert own.lines == {
        RESULT_LINE: 415_00,
        of("depreciation", OPERATING, Part.ADJUSTMENT): 35_00,
        of("equipment", INVESTING): -400_00,
        of("loan", FINANCING): 500_00,
        own_line(FINANCING, Own.DIVIDENDS): -150_00,
    }
    assert net(own) == (450_00, -400_00, 350_00)
    assert (own.opening, own.closing, own.effect) == (1000_00, 1400_00, 0)


def test_each_month_at_its_average_and_the_dividend_at_its_day():
    """
    Cash 1,000 x 0.20 = 200.00 and 1,400 x 0.20 = 280.00: 80.00 - 83.70 = -3.70.

    Result 290 x 0.21 + 190 x 0.23 - 65 x 0.25 = 60.90 + 43.70 - 16.25 = 88.35.
    Depreciation 2.10 + 2.30 + 3.75 = 8.15; receivables -80 x 0.21 + 80 x 0.25 = 3.20.
    Equipment -400 x 0.23 = -92.00; loan 500 x 0.23 = 115.00; dividend -150 x 0.26 = -39.00.

    By the other road, month by month: 1,000 x 0.02 + 220 x 0.01 = 22.20;
    1,220 x 0.02 + 300 x 0.01 = 27.40; 1,520 x -0.04 + 30 x -0.05 - 150 x -0.06 = -53.30.
    """
    made = three_months().companies[1].translated
    assert made.lines == {
        RESULT_LINE: 88_35,
        of("depreciation", OPERATING, Part.ADJUSTMENT): 8_15,
        of("receivables", OPERATING): 3_20,
        of("equipment", INVESTING): -92_00,
        of("loan", FINANCING): 115_00,
        own_line(FINANCING, Own.DIVIDENDS): -39_00,
    }
    assert (made.opening, made.closing, made.effect) == (200_00, 280_00, -3_70)
    assert made.proof.total == -3_70
    assert {each.label: each.amount for each in made.proof.components} == {
        "opening_cash": 20_00 + 24_40 - 60_80, "flows": 2_20 + 3_00 - 1_50, "dividends": 9_00,
    }  # fmt: skip


def test_the_group_has_no_dividend_of_its_own():
    """
    P's 39.00 of income and S's 39.00 paid are one movement inside.

    300 + 99.70 - 92 + 115 - 3.70 = 419.00, and that is P's 139.00 and S's 280.00.
    """
    found = three_months()
    assert found.problems == ()
    whole = found.group
    assert whole is not None
    assert whole.lines[RESULT_LINE] == 88_35
    assert net(whole) == (99_70, -92_00, 115_00)
    assert (whole.opening, whole.closing, whole.effect) == (300_00, 419_00, -3_70)
    assert whole.proof.total == -3_70


def test_the_first_month_is_derived_from_its_opening_column():
    """The same flows, without December: the opening column of January holds it."""
    december, january = lived("S", S_MONTHS[:2])
    was = dict(zip(december.accounts, december.amounts.tolist(), strict=True))
    opened = replace(
        january.as_sent(),
        opening=np.array([was.get(code, 0) for code in january.accounts], dtype=np.int64),
    )
    made = loaded(described(dividends=()), lived("P", P_MONTHS[:2], currency="USD"))
    made.load_trial_balance(opened)
    other = loaded(
        described(dividends=()), lived("P", P_MONTHS[:2], currency="USD"), [december, january]
    )
    assert flows(made, "2025-01") == flows(other, "2025-01")
    assert flows(made, "2025-01").companies[1].functional.opening == 1000_00


def test_a_policy_entry_is_no_cash():
    """Rent of 40.00 becomes depreciation of 30.00 and a liability: the result moves, cash not."""
    entry = Adjustment(
        "L-1", "2025-02", LayerName.POLICY, "S",
        {"5000": -40_00, "6040": 30_00, "1410": -30_00, "2010": 40_00}, "leases",
    )  # fmt: skip
    made = loaded(
        described(adjustments=(entry,)), lived("S", S_MONTHS), lived("P", P_MONTHS, currency="USD")
    )
    own = flows(made, "2025-03").companies[1].functional
    assert own.lines[RESULT_LINE] == 425_00
    assert own.lines[of("depreciation", OPERATING, Part.ADJUSTMENT)] == 65_00
    assert own.lines[of("payables", OPERATING)] == -40_00
    assert net(own) == (450_00, -400_00, 350_00)


def test_what_its_own_foreign_cash_lost_is_no_flow():
    """
    S loses 20.00 on dollars of its own in February: of its result, and shown apart.

    In dollars, to February: 1,500 x 0.24 - 200.00 = 160.00, of which flows are 60.90 +
    170 x 0.23 + 20 x 0.23 of the result, 4.40 of depreciation, -16.80, -92.00 and 115.00:
    115.20, and 44.80 is left. By the other road 22.20 + 27.40 as without it, less 20 x 0.24.
    """
    months = [*S_MONTHS[:2], {**S_MONTHS[2], "on_cash": "20.00"}]
    made = loaded(
        described(dividends=()), lived("S", months), lived("P", P_MONTHS[:3], currency="USD")
    )
    company = flows(made, "2025-02").companies[1]
    own, translated = company.functional, company.translated
    assert (own.lines[RESULT_LINE], own.effect, own.closing) == (460_00, -20_00, 1500_00)
    assert own.lines[of("on_cash", OPERATING, Part.ADJUSTMENT)] == 20_00
    assert (translated.effect, translated.proof.total) == (44_80, 44_80)


class TestRefuses:
    def test_a_month_whose_opening_is_not_known(self):
        made = loaded(
            described(), lived("S", S_MONTHS), lived("P", P_MONTHS, currency="USD"),
            without="S 2024-12",
        )  # fmt: skip
        found = flows(made, "2025-03")
        assert found.group is None
        assert [each.functional.entity for each in found.companies] == ["P"]
        assert [each.code for each in found.problems] == ["cash-flow-month-missing"]
        assert "2024-12" in found.problems[0].message("pt-BR")

    def test_an_opening_column_that_does_not_balance(self):
        december, january = lived("S", S_MONTHS[:2])
        opened = replace(january.as_sent(), opening=january.amounts + 1)
        made = loaded(described(dividends=()), lived("P", P_MONTHS[:2], currency="USD"))
        made.load_trial_balance(opened)
        found = flows(made, "2025-01")
        assert [each.code for each in found.problems] == ["cash-flow-month-missing"]
        assert december.period in found.problems[0].message("en")

    def test_retained_earnings_that_moved_by_something_else(self):
        """P books 5.00 straight into retained earnings in February: cash or not, nobody knows."""
        months: Moves = (P_MONTHS[0], {}, {"retained": "5.00"}, P_MONTHS[3])
        made = loaded(described(), lived("S", S_MONTHS), lived("P", months, currency="USD"))
        found = flows(made, "2025-03")
        assert [each.code for each in found.problems] == ["cash-flow-retained-moved"]
        assert "USD -5.00" in found.problems[0].message("en")

    def test_cash_at_the_start_that_no_rate_translates(self):
        """S joins with 1.00 of cash and of debt, in a month whose opening rate nobody loaded."""
        quotes = [quote for quote in RATES if quote.on != "2024-12"]
        described = group(
            parent(),
            subsidiary(),
            quotes=quotes,
            openings=(opening("P", "capital", "-475.00", "-475.00"),),
            interests=(holds("P", "S"),),
        )
        made = engine(
            described,
            *lived("S", ({"payables": "-1.00"}, {})),
            *lived("P", ({"capital": "-475.00"}, {}), currency="USD"),
        )
        found = flows(made, "2025-01")
        assert [each.code for each in found.problems] == ["rate-missing"]
        assert "2024-12-31" in found.problems[0].message("en")

    def test_a_chart_without_cash(self):
        chart = chart_of(tuple(replace(each, cash=False) for each in ACCOUNTS.values()))
        made = described(chart=chart)
        found = flows(
            loaded(made, lived("S", S_MONTHS), lived("P", P_MONTHS, currency="USD")), "2025-03"
        )
        assert [each.code for each in found.problems] == ["cash-account-missing"]
        assert found.companies == ()

    def test_accumulated_depreciation_whose_charge_is_operating(self):
        chart = chart_of(
            tuple(
                replace(each, cash_flow="") if name == "depreciation" else each
                for name, each in ACCOUNTS.items()
            )
        )
        made = described(chart=chart)
        found = flows(
            loaded(made, lived("S", S_MONTHS), lived("P", P_MONTHS, currency="USD")), "2025-03"
        )
        assert [each.code for each in found.problems] == ["cash-flow-charge-unpaired"]
