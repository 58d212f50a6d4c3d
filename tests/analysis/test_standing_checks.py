"""W1 to W5: what was left standing, and what looks odd."""

from dataclasses import replace
from datetime import date

import numpy as np

from monthclose.analysis.validation import validate
from monthclose.ledger.acquisitions import Dividend, Received
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.equity import NciRollforward
from monthclose.ledger.findings import Finding, Severity
from monthclose.ledger.journal import EntryLine
from tests.analysis.books import JANUARY, check, described, good, only, with_rates
from tests.consolidation.groups import (
    balance,
    cents,
    dollars,
    engine,
    founded,
    group,
    holds,
    lived,
    parent,
    subsidiary,
)
from tests.worked.case import OWN, close_case, read_case


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

    def cancelled(self, *parts: str) -> Book:
        """P founds S with capital in parts, each at 0.20; each is an acquisition of its own."""
        payments = tuple(
            replace(founded(paid=part, carried=part, capital=f"-{part}"), id=f"ACQ-{place}")
            for place, part in enumerate(parts)
        )
        capital = sum(cents(part) for part in parts)
        known = replace(described(), acquisitions=payments, interests=(holds("P", "S"),))
        return engine(
            known,
            *lived("S", [{"capital": -capital}]),
            *lived("P", [{"capital": -capital, "investment": capital}], currency="USD"),
        ).consolidate(JANUARY)

    def test_cents_of_parts_rounded_apart_do_not_stand(self):
        """0.02 x 0.20 is 0.004: each part cancels nil, both together were translated to 0.01."""
        book = self.cancelled("0.02", "0.02")
        assert book.figure("3000") == -4 - 1
        assert check(book, "W2").passed

    def test_capital_translated_otherwise_than_it_is_cancelled_is_said(self):
        """600.00 were translated at 0.20: 120.00; the acquisition cancels 138.00, as if at 0.23."""
        book = good()
        entry = next(each for each in book.entries if each.kind == "investment")
        lines = tuple(
            replace(line, amount=line.amount + 18_00 if line.account == "3000" else line.amount)
            for line in entry.lines
        )
        wrong = replace(entry, lines=(*lines, EntryLine("1700", -18_00, "P")))
        entries = tuple(wrong if each is entry else each for each in book.entries)
        found = check(replace(book, entries=entries), "W2").findings
        assert [(f.code, f.subject, f.actual) for f in found] == [("capital-differs", "S", -18_00)]


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

    def test_a_closing_rate_that_doubled_or_was_turned_over_is_said(self):
        """0.22 became 0.25: what is more than twice as far off is said, either way."""
        for value, said in (("0.44", []), ("0.4401", ["S"]), ("0.11", []), ("0.1099", ["S"])):
            closing = good().facts.rates["S"].closing
            assert closing is not None
            closing = replace(closing, value_e10=e10(value))
            found = check(with_rates(good(), closing=closing), "W3").findings
            jumped = [each for each in found if each.code == "closing-jumped"]
            assert [each.subject for each in jumped] == said
            assert all(each.facts == {"rate": value, "was": "0.22"} for each in jumped)


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


class TestDividends:
    """W5: S, 80 % owned, pays 100.00 reais in January at 0.20."""

    def paid(self, received: str = "16.00", booked: str = "16.00") -> Book:
        """P books dollars: 80.00 x 0.20 = 16.00 of 20.00."""
        known = replace(
            described(),
            dividends=(
                Dividend(
                    "S",
                    100_00,
                    None,
                    date(2025, 1, 1),
                    (Received("P", cents(received), None, "4200"),),
                ),
            ),
        )
        s = {"capital": -600_00, "retained": -300_00, "revenue": -100_00, "dividends": 100_00}
        p = {"capital": -500_00, "investment": 200_00, "dividend_income": -cents(booked)}
        return engine(known, *lived("S", [s]), *lived("P", [p], currency="USD")).consolidate(
            JANUARY
        )

    def test_a_dividend_paid_by_shares_is_as_it_should_be(self):
        """Outsiders get 20 % of 20.00: 4.00."""
        book = self.paid()
        assert book.nci["S"].dividends == -4_00
        assert check(book, "W5").passed
        assert check(book, "W5").population == 2

    def test_cents_of_rounding_are_no_difference(self):
        """Eight half cents: four of the payer, two of P, two of the share."""
        assert check(self.paid("16.04", "16.04"), "W5").passed
        assert not check(self.paid("16.05", "16.05"), "W5").passed

    def test_what_a_holder_did_not_receive_is_not_the_outsiders_unseen(self):
        """14.00 received leaves 6.00 to outsiders, whose share is 4.00; V7 blocks for the 2.00."""
        book = self.paid("14.00", "14.00")
        (proof,) = only(book, "V7")
        assert (proof.code, proof.subject, proof.difference) == ("nci-unproved", "S", -2_00)
        (finding,) = check(book, "W5").findings
        assert (finding.code, finding.subject) == ("dividend-outsiders-differ", "S")
        assert (finding.expected, finding.actual, finding.currency) == (4_00, 6_00, "USD")

    def test_in_a_chain_what_others_hold_directly_leaves_the_group(self):
        """Outsiders own 52 % of C and hold 40 %: they get 3,478.26 of 8,695.65."""
        book = close_case(read_case(OWN / "W06.json"))
        assert (book.nci["C"].percent, book.nci["C"].dividends) == ("52", -3_478_26)
        assert check(book, "W5").findings == ()

    def test_an_income_that_is_eliminated_stands_in_the_books(self):
        """16.00 are eliminated; 1.60 booked would leave an income of -14.40."""
        (finding,) = warned(self.paid(booked="1.60"))
        assert (finding.code, finding.subject) == ("dividend-income-short", "P 4200")
        assert (finding.expected, finding.actual) == (16_00, 1_60)
