"""V9: rates are there, of the right pair, kind and day, and not stale."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from monthclose.analysis.rate_checks import check_rates
from monthclose.analysis.validation import validate
from monthclose.ledger.acquisitions import Contribution, Dividend
from monthclose.ledger.book import Book
from monthclose.ledger.findings import Severity
from monthclose.ledger.rates import Quote, RateKind, parse_rate
from monthclose.ledger.rules import Rule
from monthclose.rules import builtin
from tests.analysis.books import FEBRUARY, check, good, only, with_rates
from tests.consolidation.groups import dollars


def closing(on: str, kind: RateKind = RateKind.CLOSING) -> Quote:
    """The closing rate of February, said to be of another day or kind."""
    return dollars("0.25", on, kind)


def average(on: str = FEBRUARY, kind: RateKind = RateKind.AVERAGE) -> Quote:
    """The average of February, said to be of another month or kind."""
    return dollars("0.24", on, kind)


def codes(book: Book) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in only(book, "V9")]


class TestRates:
    def test_a_good_book_has_looked_at_two_rates_of_each_foreign_company(self):
        result = check(good(), "V9")
        assert result.passed
        assert (result.severity, result.weight) == (Severity.BLOCKING, 10)
        assert (result.population, result.tested) == (5, 5)
        # closing and average of S, and the rate of the day it was bought
        assert result.evidence == {"rates": 3, "currencies": 2}

    @pytest.mark.parametrize("on", ["2025-02", "2025-02-28", "2025-02-21"])
    def test_the_last_quote_before_the_end_is_the_closing_rate(self, on: str):
        for kind in (RateKind.CLOSING, RateKind.DAILY):
            assert check(with_rates(good(), closing=closing(on, kind)), "V9").passed

    @pytest.mark.parametrize("on", ["2025-02-20", "2025-01-31"])
    def test_a_quote_older_than_seven_days_is_stale(self, on: str):
        """28 February less 20 is 8 days."""
        spoilt = with_rates(good(), closing=closing(on))
        (finding,) = only(spoilt, "V9")
        assert (finding.code, finding.subject) == ("rate-stale", "S closing")
        assert finding.facts == {"kind": "closing", "on": on, "rate": "0.25"}
        assert check(spoilt, "V9").unexplained == 1

    @pytest.mark.parametrize(
        ("on", "code"),
        [("2024-12-25", None), ("2024-12-24", "rate-stale"), ("2025-01-02", "rate-of-other-date")],
    )
    def test_the_rate_of_a_purchase_is_of_its_day_or_of_the_week_before(self, on, code):
        """It was bought on 1 January: 25 December is seven days before, the 24th eight."""
        book = good()
        (bought,) = book.facts.acquisitions
        assert bought.quote is not None
        dated = replace(bought, quote=replace(bought.quote, on=on))
        other = replace(book, facts=replace(book.facts, acquisitions=(dated,)))
        if code is None:
            assert check(other, "V9").passed
        else:
            assert codes(other) == [(code, "ACQ-S")]

    def test_so_are_those_of_dividends_and_contributions(self):
        """A quote of 1 January serves for the 8th; for the 9th of January it is stale."""
        for day, stale in ((8, False), (9, True)):
            on = date(2025, 1, day)
            quote = dollars("0.20", "2025-01-01", RateKind.HISTORICAL)
            book = good()
            facts = replace(book.facts, dividends=(Dividend("S", 1, quote, on),))
            paid = replace(book.group, contributions=(Contribution("S", "3000", 1, on, quote),))
            for other in (replace(book, facts=facts), replace(book, group=paid)):
                found = [finding.code for finding in check(other, "V9").findings]
                assert found == (["rate-stale"] if stale else [])

    def test_how_old_a_quote_may_be_is_a_rule_with_a_date(self):
        book = with_rates(good(), closing=closing("2025-02-20"))
        rule = Rule(
            "stale_rate.closing",
            "days",
            (("2000-01", Decimal(7)), ("2025-02", Decimal(8))),
            "policy",
        )
        assert check_rates(book, {**builtin(), rule.name: rule}).passed
        assert not check_rates(book, builtin()).passed

    @pytest.mark.parametrize("on", ["2025-03-01", "2025-03", "", "soon"])
    def test_a_closing_rate_of_a_later_day_or_of_none_is_found(self, on: str):
        assert codes(with_rates(good(), closing=closing(on))) == [
            ("rate-of-other-date", "S closing")
        ]

    @pytest.mark.parametrize("on", ["2025-01", "2025-02-28", ""])
    def test_an_average_of_another_month_is_found(self, on: str):
        assert codes(with_rates(good(), average=average(on))) == [
            ("rate-of-other-date", "S average")
        ]

    @pytest.mark.parametrize("kind", [RateKind.AVERAGE, RateKind.HISTORICAL])
    def test_a_closing_rate_of_another_kind_is_found(self, kind: RateKind):
        assert codes(with_rates(good(), closing=closing("2025-02-28", kind))) == [
            ("rate-of-other-kind", "S closing")
        ]

    @pytest.mark.parametrize("kind", [RateKind.CLOSING, RateKind.DAILY, RateKind.HISTORICAL])
    def test_an_average_of_another_kind_is_found(self, kind: RateKind):
        assert codes(with_rates(good(), average=average(kind=kind))) == [
            ("rate-of-other-kind", "S average")
        ]

    def test_a_rate_of_other_currencies_is_found(self):
        euros = Quote("EUR", "USD", parse_rate("1.1"), RateKind.AVERAGE, FEBRUARY)
        assert codes(with_rates(good(), average=euros)) == [
            ("rate-of-other-currencies", "S average")
        ]

    def test_a_rate_that_is_not_there_is_found(self):
        assert codes(with_rates(good(), average=None)) == [("rate-absent", "S average")]
        without = replace(good(), purchases={})
        assert codes(with_rates(without, closing=None)) == [("rate-absent", "S closing")]

    def test_a_company_without_a_functional_currency_is_found(self):
        book = good()
        entities = tuple(
            replace(entity, currency="") if entity.code == "P" else entity
            for entity in book.group.entities
        )
        unset = replace(book, group=replace(book.group, entities=entities))
        assert codes(unset) == [("functional-currency-missing", "P")]

    def test_a_period_with_a_label_has_no_days_to_compare(self):
        """Worked cases name their dates; what is left to check is the pair and the kind."""
        book = with_rates(good(), closing=closing("closing date"))
        labelled = replace(book, facts=replace(book.facts, period="case"))
        assert check_rates(labelled, builtin()).passed


def test_a_plausible_book_has_no_finding_at_all():
    validation = validate(good())
    assert validation.findings == ()
    assert validation.score == 100
