"""Dated intercompany items: which of them a month looks at, and at which rates."""

from dataclasses import replace

import pytest

from monthclose.analysis.validation import validate
from monthclose.close.steps import records_hash
from monthclose.consolidation.items import items_of
from monthclose.ledger.accounts import UnknownAccount
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Method, UnknownEntity
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item, ItemKind, ItemTwice
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate
from monthclose.ledger.record_order import in_order
from tests.analysis.books import FEBRUARY, JANUARY, RATES
from tests.consolidation.groups import (
    CODES,
    cents,
    engine,
    group,
    holds,
    lived,
    monthly,
    parent,
    subsidiary,
)

AR, AP, REV, EXP = (
    ItemKind.RECEIVABLE,
    ItemKind.PAYABLE,
    ItemKind.REVENUE,
    ItemKind.EXPENSE,
)


def item(period: str, entity: str, kind: ItemKind, account: str, amount: str, ref: str) -> Item:
    """One side of what P and S have with each other in a month."""
    return Item(
        id=f"{period}/{entity}/{kind}/{ref}",
        entity=entity,
        partner="S" if entity == "P" else "P",
        kind=kind,
        account=CODES[account][0],
        amount=cents(amount),
        reference=ref,
        document_currency="BRL",
        document_amount=cents(amount) if entity == "S" else None,
        period=period,
    )


ITEMS = (
    item(JANUARY, "S", REV, "revenue", "-100.00", "1"),
    item(JANUARY, "P", EXP, "expenses", "21.00", "1"),
    item(JANUARY, "S", AR, "due_from", "100.00", "1"),
    item(JANUARY, "P", AP, "due_to", "-22.00", "1"),
    item(FEBRUARY, "S", REV, "revenue", "-50.00", "2"),
    item(FEBRUARY, "P", EXP, "expenses", "12.00", "2"),
    item(FEBRUARY, "S", AR, "due_from", "50.00", "2"),
    item(FEBRUARY, "P", AP, "due_to", "-12.50", "2"),
)
"""S charges P 100.00 in January, paid in February, and 50.00 in February, still open."""


def described(*items: Item, **facts: object) -> Group:
    """P in dollars owns S in reais."""
    quotes = monthly({"2024-12": ("0.20", "0.20")} | RATES)
    known = group(parent(), subsidiary(), quotes=quotes, interests=(holds("P", "S"),))
    return replace(known, items=items, **facts)  # type: ignore[arg-type]


def close(month: str, *items: Item, **facts: object) -> Book:
    """The close of a month; S keeps 100.00 and 50.00, P owes 22.00 and 12.50."""
    s = [{"revenue": -100_00, "due_from": 100_00}, {"revenue": -50_00, "due_from": -50_00}]
    p = [{"expenses": 21_00, "due_to": -22_00}, {"expenses": 12_00, "due_to": 9_50}]
    known = described(*items, **facts)
    return engine(known, *lived("S", s), *lived("P", p, currency="USD")).consolidate(month)


class TestItemsOfAMonth:
    def test_income_runs_from_the_start_of_the_year_at_the_average_of_each_month(self):
        """
        S: 100.00 x 0.21 = 21.00 and 50.00 x 0.24 = 12.00, as P has booked them.

        The receivable of February is 50.00 x 0.25 = 12.50; that of January is paid.
        """
        book = close(FEBRUARY, *ITEMS)
        amounts = [(each.amount_a, each.amount_b) for each in book.matches]
        assert sorted(amounts) == [(-21_00, 21_00), (-12_00, 12_00), (12_50, -12_50)]
        assert book.unmatched == ()
        assert [book.figure(CODES[n][0]) for n in ("revenue", "expenses", "due_from")] == [0, 0, 0]
        assert {each.check for each in validate(book).findings} == {"W9"}  # from next to nothing

    def test_another_month_takes_its_own_balances(self):
        """100.00 x 0.22 = 22.00."""
        book = close(JANUARY, *ITEMS)
        assert [each.amount_a for each in book.matches if not each.kind.flow] == [22_00]

    def test_the_order_of_the_records_changes_nothing(self):
        """Records come from files and tables in any order."""
        books = [close(FEBRUARY, *ITEMS), close(FEBRUARY, *reversed(ITEMS))]
        assert books[0].digest == books[1].digest
        hashes = {records_hash(described(*each)) for each in (ITEMS, ITEMS[::-1])}
        assert len(hashes) == 1
        assert records_hash(described(*ITEMS[1:])) not in hashes

    def test_a_year_that_begins_forgets_the_one_before(self):
        """In January 2026 nothing of 2025 is left."""
        known = in_order(described(*ITEMS))
        assert items_of(known, Period.parse("2026-01"), {"P", "S"}) == ()

    def test_what_two_companies_had_before_both_belonged_to_the_group_is_left_out(self):
        """S joins in February."""
        known = in_order(described(*ITEMS))
        joined = replace(known, entities=(parent(), subsidiary("S", first_period=FEBRUARY)))
        found = items_of(joined, Period.parse(FEBRUARY), {"P", "S"})
        assert {each.period for each in found} == {FEBRUARY}

    def test_a_month_without_its_rate_is_refused(self):
        """A flow of December 2024 in a fiscal year that nobody loaded rates for."""
        known = described(replace(ITEMS[0], period="2025-01"), rates=group().rates)
        with pytest.raises(MissingRate):
            items_of(in_order(known), Period.parse(FEBRUARY), {"P", "S"})


class TestRefusals:
    def test_a_company_or_an_account_that_the_group_does_not_have(self):
        """Both would be eliminated nowhere."""
        with pytest.raises(UnknownEntity):
            close(FEBRUARY, replace(ITEMS[4], entity="X"))
        with pytest.raises(UnknownAccount):
            close(FEBRUARY, replace(ITEMS[4], account="9999"))

    def test_two_items_of_one_id(self):
        """Nothing could say which of the two was meant."""
        with pytest.raises(ItemTwice):
            close(FEBRUARY, ITEMS[4], ITEMS[4])

    def test_items_of_an_associate_are_left_alone(self):
        """Neither matched nor unmatched."""
        other = Entity("Q", "Q Ltda.", "BRL", Method.EQUITY)
        sold = replace(ITEMS[4], partner="Q")
        back = replace(ITEMS[5], entity="Q", partner="S")
        known = described(sold, back)
        known = replace(known, entities=(*known.entities, other))
        s = [{}, {"revenue": -50_00, "due_from": 50_00}]
        balances = [*lived("S", s), *lived("P", [{}, {}], currency="USD")]
        book = engine(known, *balances).consolidate(FEBRUARY)
        assert (book.matches, book.unmatched) == ((), ())
