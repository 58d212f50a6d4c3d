"""What the engine and its nouns refuse rather than guess."""

from dataclasses import replace
from fractions import Fraction

import pytest

from monthclose.consolidation.facts import OpeningNotEquity
from monthclose.consolidation.group import OtherCurrency
from monthclose.ledger.accounts import Account, AccountClass, Chart
from monthclose.ledger.entities import Method, ParentUnclear, UnknownEntity
from monthclose.ledger.mappings import EntityMapping, MappingIncomplete, Target
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.rates import NotARate, Quote, RateKind, RateTable
from tests.consolidation.groups import (
    balance,
    engine,
    founded,
    group,
    holds,
    monthly,
    on,
    opening,
    parent,
    ptax,
    subsidiary,
)

RATES = (*monthly({"2025-01": ("0.20", "0.20")}), on("2025-01-01", "0.20"))


class TestTheEngine:
    def test_refuses_a_balance_in_another_currency_than_the_books(self):
        """Reais sent as dollars would be consolidated untranslated."""
        made = engine(group(parent(), subsidiary(), quotes=RATES))
        with pytest.raises(OtherCurrency) as refused:
            made.load_trial_balance(balance("S", currency="USD", cash="1.00", capital="-1.00"))
        assert (refused.value.currency, refused.value.functional) == ("USD", "BRL")

    @pytest.mark.parametrize("method", [Method.FULL, Method.PARENT])
    def test_needs_exactly_one_parent(self, method):
        """Two companies, of which none or both report."""
        pair = tuple(replace(subsidiary(code, "USD"), method=method) for code in ("A", "B"))
        described = group(*pair, interests=(holds("A", "B"), holds("B", "A")))
        made = engine(
            described,
            *(balance(c, currency="USD", cash="1.00", capital="-1.00") for c in ("A", "B")),
        )
        with pytest.raises((ParentUnclear, UnknownEntity)) as refused:
            made.consolidate("2025-01")
        assert refused.value.code == "parent-unclear"
        assert "controladora" in refused.value.message("pt-BR")

    def test_refuses_an_asset_among_the_openings(self):
        described = group(
            parent(),
            subsidiary(),
            interests=(holds("P", "S"),),
            quotes=RATES,
            openings=(opening("S", "cash", "1.00", "0.20"),),
        )
        made = engine(
            described,
            balance("P", currency="USD", cash="1.00", capital="-1.00"),
            balance("S", cash="1.00", capital="-1.00"),
        )
        with pytest.raises(OpeningNotEquity) as refused:
            made.consolidate("2025-01")
        assert refused.value.account == "1010"

    def test_names_a_holder_that_is_not_in_the_group_yet(self):
        late = subsidiary("H", first_period="2026-01")
        described = group(
            parent(),
            late,
            subsidiary(),
            interests=(holds("P", "H"), holds("P", "S")),
            quotes=RATES,
            acquisitions=(replace(founded(paid="1.00", capital="-1.00"), acquirer="H"),),
        )
        made = engine(
            described,
            balance("P", currency="USD", cash="1.00", capital="-1.00"),
            balance("S", cash="1.00", capital="-1.00"),
        )
        with pytest.raises(UnknownEntity) as refused:
            made.consolidate("2025-01")
        assert refused.value.entity == "H"


class TestNouns:
    def test_a_share_below_nil_is_no_share(self):
        """150 % less 50 % would add up."""
        targets = (Target("1010", Fraction(3, 2)), Target("1100", Fraction(-1, 2)))
        with pytest.raises(MappingIncomplete):
            EntityMapping("S", {"1": targets})

    def test_a_fiscal_year_ends_in_a_month(self):
        with pytest.raises(ValueError, match="13"):
            FiscalYear(13)

    def test_a_quote_is_positive(self):
        with pytest.raises(NotARate):
            Quote("USD", "BRL", 0)

    def test_a_code_stands_in_the_chart_once(self):
        twice = Account("1010", "Cash", AccountClass.ASSET)
        with pytest.raises(ValueError, match="twice"):
            Chart((twice, twice))


class TestRateTable:
    def test_a_day_that_was_sent_twice_counts_once(self):
        """4 and 6 are 5.00 on average, however often the 4 is sent."""
        table = RateTable(
            (ptax("4", "2025-01-02"), ptax("4", "2025-01-02"), ptax("6", "2025-01-03"))
        )
        average = table.average("BRL", "USD", Period(2025, 1))
        assert average is not None
        assert average.value == "5"

    def test_a_closing_quote_of_the_last_business_day_closes_the_month(self):
        """29 December 2023 was the last quote of a year that ended on a Sunday."""
        table = RateTable((ptax("4.8413", "2023-12-29", RateKind.CLOSING),))
        december = Period(2023, 12)
        closing = table.closing("BRL", "USD", december.last_day)
        assert closing is not None
        assert closing.value == "4.8413"
        assert table.closing("BRL", "USD", december.plus(1).last_day) is None
