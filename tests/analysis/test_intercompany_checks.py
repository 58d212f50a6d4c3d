"""V8 and W6: what stands between group companies, and what matched sides leave."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from monthclose.analysis.validation import validate
from monthclose.ledger.balances import OpeningPosition, PeriodRates
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.intercompany import Item, ItemKind, NetInvestment
from monthclose.ledger.journal import EntryLine
from monthclose.ledger.rates import RateKind
from tests.analysis.books import check, only
from tests.consolidation.groups import (
    CHART,
    CODES,
    balance,
    cents,
    dollars,
    engine,
    group,
    holds,
    parent,
    subsidiary,
)

JUNE = "2025-06"
CLOSING = dollars("0.20", "2025-06-30", RateKind.CLOSING)
AVERAGE = dollars("0.25", JUNE, RateKind.AVERAGE)
OPENING = dollars("0.30", "2024-12-31", RateKind.CLOSING)
RATES = {"S": PeriodRates("USD", OPENING, AVERAGE, CLOSING)}


def item(name: str, entity: str, kind: ItemKind, account: str, amount: str, **facts: Any) -> Item:
    """One side, by the name of its account; the partner is the other of P and S."""
    partner = facts.pop("partner", "S" if entity == "P" else "P")
    return Item(name, entity, partner, kind, CODES[account][0], cents(amount), **facts)


def receivable(amount: str = "20.00", **facts: Any) -> Item:
    """What P has to get from S, in dollars."""
    return item("p-ar", "P", ItemKind.RECEIVABLE, "due_from", amount, **facts)


def payable(amount: str = "-100.00", **facts: Any) -> Item:
    """What S owes P: 100.00 reais at 0.20 are 20.00 dollars."""
    return item("s-ap", "S", ItemKind.PAYABLE, "due_to", amount, **facts)


def close(
    *items: Item,
    due_from: str = "20.00",
    due_to: str = "-100.00",
    entities: tuple[Entity, ...] = (),
    **facts: Any,
) -> Book:
    """P with its receivable and S with its payable in June, S earning 40.00 at 0.25."""
    known = group(parent(), subsidiary(), *entities, interests=(holds("P", "S"),))
    p = balance("P", JUNE, "USD", due_from=due_from, cash=f"-{due_from}")
    cash = f"{(40_00 - cents(due_to)) / 100:.2f}"
    s = balance("S", JUNE, "BRL", due_to=due_to, revenue="-40.00", cash=cash)
    openings = {"S": OpeningPosition("S", 0, OPENING, 0)}
    resolved = PeriodFacts(JUNE, RATES, openings, interests=known.interests, items=items, **facts)
    return engine(known, p, s).consolidate(JUNE, resolved)


class TestIntercompany:
    """V8."""

    def test_both_sides_gone_is_a_good_book(self):
        book = close(receivable(), payable())
        validation = validate(book)
        assert (validation.findings, str(validation.score)) == ((), "100.00")
        assert check(book, "V8").tested == 40_00

    def test_a_month_without_items_has_nothing_to_test(self):
        """W1 says what stands."""
        book = close()
        assert (check(book, "V8").population, check(book, "V8").passed) == (0, True)
        assert {finding.check for finding in validate(book).findings} == {"W1"}

    def test_items_without_another_side_block_one_by_one(self):
        """Two references: 20.00 and -20.00 stay, and are all of the 40.00 tested."""
        book = close(receivable(reference="X"), payable(reference="Y"))
        found = only(book, "V8")
        assert [(f.code, f.subject, f.actual) for f in found] == [
            ("intercompany-unmatched", "p-ar", 20_00),
            ("intercompany-unmatched", "s-ap", -20_00),
        ]
        result = check(book, "V8")
        assert (result.unexplained, result.tested) == (40_00, 40_00)
        assert "another reference" in found[0].said("en")
        assert (book.figure("1150"), book.figure("2050")) == (20_00, -20_00)

    def test_an_account_that_holds_more_than_its_items_blocks(self):
        """P carries 25.00, its items are 20.00."""
        found = only(close(receivable(), payable(), due_from="25.00"), "V8")
        assert [(f.code, f.subject, f.expected, f.actual) for f in found] == [
            ("intercompany-left", "1150", 0, 5_00)
        ]

    def test_a_balance_with_an_associate_stays_and_is_no_finding(self):
        """Of 25.00, 5.00 are due from a company that is not consolidated."""
        other = Entity("Q", "Q Ltda.", "BRL", Method.EQUITY)
        due = item("p-q", "P", ItemKind.RECEIVABLE, "due_from", "5.00", partner="Q")
        book = close(receivable(), payable(), due, due_from="25.00", entities=(other,))
        assert check(book, "V8").passed
        assert (book.figure("1150"), book.unmatched) == (5_00, ())

    def test_cents_between_an_account_and_its_items_are_cleared(self):
        """
        Three items of 0.03 at 0.20 are rounded 0.01 each, the account of 0.09 is 0.018.

        0.03 less 0.02: the cent goes to the difference account.
        """
        items = [
            each
            for number in range(3)
            for each in (
                replace(receivable("0.01"), id=f"a{number}", reference=str(number)),
                replace(payable("-0.03"), id=f"b{number}", reference=str(number)),
            )
        ]
        book = close(*items, due_from="0.03", due_to="-0.09")
        assert validate(book).findings == ()
        assert (book.figure("2050"), book.figure("1990")) == (0, 1)

    @pytest.mark.parametrize(
        ("account", "code"),
        [("4000", "elimination-moves-result"), ("3300", "elimination-moves-assets")],
    )
    def test_an_elimination_that_touches_income_or_assets_blocks(self, account, code):
        """
        The receivable of 20.00 leaves, and the payable stays: another account takes its side.

        Debited to revenue, the result is 20.00 less; to retained earnings, net assets are.
        """
        book = close(receivable(), payable())
        entry = next(each for each in book.entries if each.kind == "intercompany")
        lines = (entry.lines[0], EntryLine(account, 20_00, "S"))
        found = validate(replace(book, entries=(replace(entry, lines=lines),))).blocking
        assert [(f.check, f.code) for f in found] == [("V8", code)]
        assert found[0].actual == -20_00


class TestResiduals:
    """W6."""

    def test_a_difference_within_the_tolerance_is_warned_of(self):
        """20.00 against 99.50 at 0.20, or 19.90: 0.5 %."""
        book = close(receivable(), payable("-99.50"), due_to="-99.50")
        found = validate(book).findings
        assert [(f.check, f.code, f.actual) for f in found] == [("W6", "intercompany-residual", 10)]
        assert book.figure("1990") == 10

    def test_a_balance_that_was_not_remeasured_is_warned_of(self):
        """Both say 20.00 dollars; S still carries 90.00 reais, or 18.00."""
        documents = {"document_currency": "USD"}
        book = close(
            receivable(document_amount=20_00, **documents),
            payable("-90.00", document_amount=-20_00, **documents),
            due_to="-90.00",
        )
        assert [(f.code, f.actual) for f in validate(book).findings] == [
            ("intercompany-not-remeasured", 2_00)
        ]

    def test_a_flow_at_average_calls_for_nobody(self):
        """Both say 40.00 reais: P has booked 9.00 dollars, S's are 10.00 at 0.25."""
        documents = {"document_currency": "BRL"}
        sold = item(
            "p-exp", "P", ItemKind.EXPENSE, "expenses", "9.00", document_amount=40_00, **documents
        )
        earned = item(
            "s-rev", "S", ItemKind.REVENUE, "revenue", "-40.00", document_amount=-40_00, **documents
        )
        book = close(receivable(), payable(), sold, earned)
        assert check(book, "W6").passed
        assert check(book, "W6").evidence == {"none": 1, "fx": 1}
        assert book.figure("6990") == -1_00


class TestNetInvestment:
    """V5 knows what reached the CTA from the result."""

    LOAN = NetInvestment("L", "S", CODES["revenue"][0], -40_00, AVERAGE)

    def test_what_was_booked_is_proved(self):
        """A gain of 40.00 at 0.25: 10.00."""
        book = close(loans=(self.LOAN,))
        assert check(book, "V5").evidence["S L"] == "10.00 10.00"
        assert (book.totals.net_income, book.totals.oci_cta) == (0, 8_00)
        assert validate(book).blocking == ()

    def test_another_amount_blocks(self):
        """The facts say 36.00, or 9.00; the book moved 10.00."""
        book = close(loans=(self.LOAN,))
        less = replace(self.LOAN, amount=-36_00)
        found = only(replace(book, facts=replace(book.facts, loans=(less,))), "V5")
        assert [(f.subject, f.expected, f.actual) for f in found] == [("S L", 9_00, 10_00)]

    def test_outsiders_bear_their_part(self):
        """20 % of the 10.00 leave their profit for their CTA; S has nothing else."""
        known = group(parent(), subsidiary(), interests=(holds("P", "S", "80"),))
        facts = PeriodFacts(
            JUNE,
            RATES,
            {"S": OpeningPosition("S", 0, OPENING, 0)},
            interests=known.interests,
            loans=(self.LOAN,),
        )
        s = balance("S", JUNE, "BRL", revenue="-40.00", cash="40.00")
        book = engine(known, balance("P", JUNE, "USD"), s).consolidate(JUNE, facts)
        outsiders = book.nci["S"]
        # Cash 40.00 at 0.20 is 8.00, profit 10.00, CTA -2.00; after the move nil and 8.00.
        assert (outsiders.share_of_profit, outsiders.share_of_cta) == (0, 1_60)
        assert validate(book).blocking == ()


def test_the_tolerance_is_that_of_the_facts():
    """1.00 of 20.00 is 5 %."""
    sides = (receivable(), payable("-95.00"))
    assert close(*sides, due_to="-95.00").unmatched
    assert not close(*sides, due_to="-95.00", tolerance=Fraction(5, 100)).unmatched


def test_the_chart_of_the_fixture_marks_its_accounts():
    """Otherwise V8 would have no account to look at."""
    assert [a.code for a in CHART.accounts if a.intercompany] == ["1150", "2050"]
