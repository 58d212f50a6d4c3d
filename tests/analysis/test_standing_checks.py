"""W1 to W4: what was left standing, and what looks odd."""

from dataclasses import replace

import numpy as np

from monthclose.analysis.validation import validate
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book, NciRollforward
from monthclose.ledger.findings import Finding, Severity
from tests.analysis.books import JANUARY, check, good, with_rates
from tests.consolidation.groups import (
    balance,
    dollars,
    engine,
    group,
    holds,
    parent,
    subsidiary,
)


def warned(book: Book) -> list[Finding]:
    """What a book is warned of: nothing blocks, and the score is capped."""
    validation = validate(book)
    assert validation.blocking == ()
    assert str(validation.score) == "94.99"
    assert validation.colour == "yellow"
    assert {finding.severity for finding in validation.findings} == {Severity.WARNING}
    return list(validation.findings)


def two(p: TrialBalance, s: TrialBalance) -> Book:
    """Two companies in dollars, the second wholly owned."""
    known = group(parent(), subsidiary("S", "USD"), interests=(holds("P", "S"),))
    return engine(known, p, s).consolidate(JANUARY)


class TestIntercompany:
    """W1."""

    def test_a_good_book_has_none(self):
        assert check(good(), "W1").passed

    def test_balances_on_both_sides_still_stand(self):
        book = two(
            balance("P", JANUARY, "USD", due_from="100.00", payables="-100.00"),
            balance("S", JANUARY, "USD", due_to="-100.00", cash="100.00"),
        )
        assert [(f.check, f.code, f.subject, f.actual) for f in warned(book)] == [
            ("W1", "intercompany-standing", "1150", 100_00),
            ("W1", "intercompany-standing", "2050", -100_00),
        ]
        result = check(book, "W1")
        assert (result.weight, result.population, result.unexplained) == (0, 2, 2)

    def test_a_line_with_a_partner_stands_whatever_its_account(self):
        sold = TrialBalance(
            "P", JANUARY, "USD", ("1010", "4000"), np.array([5_00, -5_00]), ("", "S")
        )
        book = two(sold, balance("S", JANUARY, "USD"))
        assert [(f.subject, f.actual) for f in warned(book)] == [("4000", -5_00)]


class TestCapital:
    """W2."""

    def test_capital_that_an_acquisition_cancelled_does_not_stand(self):
        assert check(good(), "W2").passed

    def test_capital_of_a_subsidiary_without_a_record_stands_as_a_positive_amount(self):
        book = two(
            balance("P", JANUARY, "USD", cash="1.00", capital="-1.00"),
            balance("S", JANUARY, "USD", cash="9.00", capital="-7.00", premium="-2.00"),
        )
        assert [(f.check, f.code, f.subject, f.actual) for f in warned(book)] == [
            ("W2", "capital-standing", "S", 9_00)
        ]


class TestPlausibleRates:
    """W3."""

    def test_an_average_between_its_closing_rates_is_plausible(self):
        for value in ("0.22", "0.25"):
            book = with_rates(good(), average=replace(good_average(), value_e10=e10(value)))
            assert check(book, "W3").passed

    def test_one_outside_is_said(self):
        for value in ("0.2199", "0.2501"):
            book = with_rates(good(), average=replace(good_average(), value_e10=e10(value)))
            assert [(f.check, f.code, f.subject) for f in warned(book)] == [
                ("W3", "average-outside", "S")
            ]


def good_average():
    average = good().facts.rates["S"].average
    assert average is not None
    return average


def e10(value: str) -> int:
    return dollars(value).value_e10


class TestSigns:
    """W4."""

    def test_outsiders_below_nil_are_allowed_and_said(self):
        book = good()
        rolled = NciRollforward("S", "20", -100_00, 0, 0, 9_00, 10_00, 0)
        below = replace(book, nci={"S": replace(rolled)})
        found = check(below, "W4").findings
        assert [(f.code, f.subject, f.actual) for f in found] == [
            ("nci-negative", "S", rolled.closing)
        ]

    def test_cash_that_is_a_credit_is_said(self):
        book = two(
            balance("P", JANUARY, "USD", cash="-9.00", receivables="9.00"),
            balance("S", JANUARY, "USD", cash="1.00", payables="-1.00"),
        )
        assert [(f.check, f.code, f.subject, f.actual) for f in warned(book)] == [
            ("W4", "cash-negative", "1010", -8_00)
        ]
