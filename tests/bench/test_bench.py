"""The bench in short: its ways of doing the same work agree to the cent; no times are asserted."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from bench import in_hledger, in_pandas, intercompany, peers
from bench.decimal_lines import CENT
from bench.decimal_records import as_records
from bench.ecd import timed
from bench.full import make_full
from bench.in_decimal import consolidate, outcome_of
from bench.made import CAPITAL, PERIOD, make_group
from bench.measure import NotEqual, measure
from bench.outcome import of_book
from monthclose.analysis.validation import validate
from monthclose.consolidation.alike import translate_alike
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.consolidation.translation import translate
from monthclose.ledger.rates import MissingRate

DECIMAL = {"decimal", "decimal proofs", "decimal columns"}


class TestEcd:
    def test_both_ways_see_the_same_lines(self):
        """`timed` raises when they do not, or when the books are others than were written."""
        assert timed(3_000).lines == 9_008


class TestMeasure:
    def test_engine_decimal_and_pandas_give_the_same_cents(self):
        """`measure` raises when a figure, a CTA or an outsider's part differs."""
        measured = measure(66, 500, repeats=1, peers={"decimal": 1, "pandas": 1})
        assert measured.lines == 66 * 500
        assert set(measured.peers) == {*DECIMAL, "pandas", "pandas float"}

    @pytest.mark.parametrize("entities", [7, 66, 250])
    def test_with_everything_on_decimal_gives_the_same_cents(self, entities: int):
        measured = measure(entities, 100, repeats=1, peers={"decimal": 1}, full=True)
        assert measured.lines == entities * 102
        assert set(measured.peers) == DECIMAL


class TestBetween:
    def test_every_item_finds_its_other_side(self):
        """`measure` raises when one is left over."""
        assert set(intercompany.measure(600)) == set(intercompany.KINDS)


class TestMadeGroup:
    def test_every_kind_of_work_is_in_it(self):
        """Outsiders, dividends, goodwill of cents, two currencies, capital in two parts."""
        made = make_group(66, 500)
        engine = ConsolidationEngine(made.group)
        for balance in made.balances:
            engine.load_trial_balance(balance)
        book = engine.consolidate(PERIOD, made.facts)
        kinds = {entry.kind for entry in book.entries}
        assert kinds >= {"investment", "dividend", "goodwill", "attribution"}
        assert {each.functional for each in book.translations} == {"USD", "BRL", "EUR"}
        assert len(made.facts.acquisitions) > len(made.group.entities)

    def test_with_everything_on_every_check_is_content(self):
        """Bought companies, chains with outsiders on two levels, documents of two currencies."""
        made = make_full(66, 100)
        engine = ConsolidationEngine(made.group)
        for balance in made.balances:
            engine.load_trial_balance(balance)
        book = engine.consolidate(PERIOD, made.facts)
        kinds = {entry.kind for entry in book.entries}
        assert kinds >= {"fair_value", "goodwill", "intercompany", "investment_retranslation"}
        assert not book.unmatched
        assert len(book.matches) == 34
        assert book.nci["E00016"].percent == "36"
        assert book.nci["E00016"].intragroup < 0 < book.nci["E00015"].intragroup
        validation = validate(book)
        assert validation.blocking == ()
        assert {each.check for each in validation.results if not each.passed} == {"W3", "W4"}

    def test_it_is_the_same_every_time(self):
        first, second = make_group(7, 100), make_group(7, 100)
        for one, other in zip(first.balances, second.balances, strict=True):
            assert one.amounts.tolist() == other.amounts.tolist()


class TestTogether:
    def test_companies_translated_as_one_table_are_as_if_alone(self):
        """Four lists and two foreign currencies: tables of many rows, and one left out (USD)."""
        made = make_group(66, 500)
        chart, facts = made.group.chart, made.facts
        engine = ConsolidationEngine(made.group)
        mapped = [engine.load_trial_balance(balance) for balance in made.balances]
        alike = translate_alike(mapped, facts.rates, chart)
        assert set(alike) == {each.entity for each in mapped if each.currency != "USD"}
        assert len({id(each.accounts) for each in mapped}) == 4
        for balance in mapped:
            rates, opening = facts.rates[balance.entity], facts.openings.get(balance.entity)
            alone = translate(balance, rates, chart, opening)
            beside = translate(
                balance, rates, chart, opening, at_class_rates=alike.get(balance.entity)
            )
            assert beside.amounts.tolist() == alone.amounts.tolist()
            assert (beside.cta, beside.net_income) == (alone.cta, alone.net_income)

    def test_a_missing_rate_is_still_said_for_the_line_that_needs_it(self):
        made = make_group(7, 100)
        rates = dict(made.facts.rates)
        rates["E00003"] = replace(rates["E00003"], average=None)
        engine = ConsolidationEngine(made.group)
        for balance in made.balances:
            engine.load_trial_balance(balance)
        with pytest.raises(MissingRate, match="E00003"):
            engine.consolidate(PERIOD, replace(made.facts, rates=rates))


class TestPrograms:
    """What is written for hledger and Tryton, and read from them; they are not asked here."""

    def test_a_journal_balances_in_each_currency_and_names_every_line(self):
        made = make_group(7, 100)
        journal = in_hledger.written(made)
        assert journal.count("2025-01-31 E0") == 7
        assert "P 2025-01-31 EUR 1.0393 USD" in journal
        sums: dict[str, Decimal] = {}
        for line in journal.splitlines():
            if line.startswith("    a"):
                _, amount, currency = line.split()
                sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
        assert sums == {"USD": 0, "BRL": 0}
        assert journal.count("    a") == 700

    def test_what_they_say_is_held_against_the_engine(self):
        """Sums at the closing rate, exact: within a cent a company; a dollar off is seen."""
        made = make_group(7, 100)
        given = json.loads(peers.as_json(made, 1))
        closing = Fraction(given["quotes"]["BRL"])
        found: dict[str, Fraction] = {}
        for company in given["companies"]:
            for code, _, amount in company["lines"]:
                value = Fraction(amount) / (closing if company["currency"] == "BRL" else 1)
                found[code] = found.get(code, Fraction(0)) + value
        assert in_hledger.check(made, found) == 75
        found["900001"] += 100
        with pytest.raises(NotEqual, match="900001"):
            in_hledger.check(made, found)

    def test_what_is_not_installed_is_skipped_with_a_reason(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("shutil.which", lambda _: None)
        assert peers.lines(7, 100) == [
            "hledger: skipped, it is not installed",
            "Tryton: skipped, no folder was named for its environment",
        ]


class TestExact:
    def test_a_product_beyond_int64_is_rounded_right(self):
        """100,000,000.05 / 6.0212545455 is 16,607,834.68; times 10**10 it leaves int64."""
        column = pd.Series([10_000_000_005, -10_000_000_005, 5, -5, 0])
        converted = in_pandas.exact(column, 10**10, 60_212_545_455)
        assert converted.tolist() == [1_660_783_468, -1_660_783_468, 1, -1, 0]


def test_a_different_cent_is_found():
    made = make_group(7, 100)
    engine = ConsolidationEngine(made.group)
    for balance in made.balances:
        engine.load_trial_balance(balance)
    outcome = of_book(engine.consolidate(PERIOD, made.facts))
    records = as_records(made)
    records.companies[1].lines[CAPITAL] += 0
    assert outcome.differences(outcome_of(consolidate(records))) == []
    closed = consolidate(records)
    closed.changes["result"]["nci"] += CENT
    assert outcome.differences(outcome_of(closed))[0].startswith("details result nci: ")
    records.companies[1].opening_cta += CENT * 5
    records.companies[1].lines["1100"] += CENT * 100
    assert outcome.differences(outcome_of(consolidate(records))) != []
