"""Manual entries: in a layer of their own, and worth what they would be in the books."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monthclose.analysis.lineage import every_figure, explain
from monthclose.analysis.validation import validate
from monthclose.consolidation.manual import post_manual
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.adjustments import Adjustment, AdjustmentStands
from monthclose.ledger.book import Book
from monthclose.ledger.journal import GROUP_LAYERS, LayerName
from monthclose.ledger.translations import Rollforward
from monthclose.reports.excel import workbook_bytes
from tests.consolidation.groups import CODES, engine
from tests.consolidation.test_policy import DEVELOPMENT, RATES, books, closed, described, entry
from tests.reports.reading import values

MANUAL = tuple(replace(each, layer=LayerName.MANUAL) for each in DEVELOPMENT)
ASSET, RETAINED, EXPENSES = (CODES[name][0] for name in ("receivables", "retained", "expenses"))


def column(book: Book, account: str) -> int:
    """What the layer holds of an account, debit positive."""
    place = book.chart.index[account]
    return int(book.layers[place, GROUP_LAYERS.index(LayerName.MANUAL)])


class TestDevelopmentCost:
    """
    Of 120.00 that the ERP expensed in November, 20.00 a month are written off.

    The entry of November: 120.00 x 0.25 = 30.00 of profit, 24.00, 19.20 and 30.00 stand. That
    of December: 20.00 x 0.20 = 4.00 of expense, 3.20 and 5.00 stand. January's: 4.00 and 5.00.
    """

    def test_stands_in_its_own_layer_at_the_rates_of_its_company(self):
        months = closed(described(*MANUAL), books())
        accounts = (ASSET, EXPENSES, RETAINED, "3400")
        found = [[column(book, account) for account in accounts] for book in months.values()]
        assert found[:3] == [
            [24_00, -30_00, 0, 6_00],
            [16_00, -26_00, 0, 10_00],
            [20_00, 4_00, -26_00, 2_00],
        ]

    def test_each_entry_has_its_equity_and_a_proved_cta(self):
        """D-1 opens January with 19.20 - 30.00 = -10.80, and moves by 120.00 x (0.25 - 0.16)."""
        book = closed(described(*MANUAL), books())["2026-01"]
        one, two, three = book.manual
        assert (one.retained, one.profit, one.cta) == (30_00, 0, Rollforward(-10_80, 10_80))
        assert (two.retained, two.profit, two.cta) == (-4_00, 0, Rollforward(80, -1_80))
        assert (three.retained, three.profit, three.cta) == (0, -4_00, Rollforward(0, -1_00))
        assert all(each.cta.movement == each.proof for each in book.manual)

    def test_outsiders_have_their_part_and_totals_are_those_of_policy(self):
        """The same figures as in the company's own layers: 30 % of 184.00, 144.00, 220.00."""
        manual, policy = (closed(described(*each), books()) for each in (MANUAL, DEVELOPMENT))
        for period, book in manual.items():
            assert book.totals == policy[period].totals
        assert [book.totals.non_controlling_interests for book in manual.values()][:3] == [
            55_20,
            43_20,
            66_00,
        ]

    def test_is_explained_with_its_reason(self):
        book = closed(described(*MANUAL), books())["2026-01"]
        made = engine(book.group, *books())
        made.consolidate("2026-01")
        for figure in every_figure(book):
            tree = explain(book, figure, before=made.month_before)
            assert tree.from_leaves() == tree.amount
        layers = {node.facts["layer"]: node for node in explain(book, ASSET).children}
        entries = layers["manual"].children
        assert [(node.facts["note"], node.amount) for node in entries] == [
            ("because of D-1", Fraction(30_00)),
            ("because of D-2", Fraction(-5_00)),
            ("because of D-3", Fraction(-5_00)),
        ]

    def test_is_printed_with_its_reason(self):
        book = closed(described(*MANUAL), books())["2025-12"]
        workbook = values(workbook_bytes(book, validate(book), lang="pt-BR"))
        cells = [str(cell.value) for row in workbook["Eliminações"].rows for cell in row]
        assert any(
            "lançamento manual" in text and text.endswith("because of D-2") for text in cells
        )


def test_a_change_of_a_closed_year_is_noticed():
    """D-2 left -4.00 of profit and 0.80 of CTA in December, and January does not know it."""
    left = engine(described(*MANUAL), *books()).consolidate("2025-12").left()
    book = engine(described(MANUAL[0], MANUAL[2]), *books()).consolidate("2026-01")
    found = [each for each in validate(book, left).blocking if each.subject == "S 2025-12 D-2"]
    assert [(each.code, each.expected, each.actual) for each in found] == [
        ("opening-beside-differs", -3_20, 0)
    ]


def test_a_company_that_left_needs_its_entries_reversed():
    with pytest.raises(AdjustmentStands):
        post_manual(described(*MANUAL), "2026-02", {"P"})
    gone = entry("D-4", "2026-01", LayerName.MANUAL, receivables="-80.00", expenses="80.00")
    assert post_manual(described(*MANUAL, gone), "2026-02", {"P"}) == ([], [], [])


AMOUNTS = st.integers(-10_000_00, 10_000_00)
MOVED = st.sampled_from([("receivables", "expenses"), ("payables", "costs"), ("revenue", "costs")])
DRAWN = st.tuples(st.sampled_from(list(RATES)), MOVED, AMOUNTS, st.sampled_from("SP"))


class TestSecondRoad:
    @settings(max_examples=30)
    @given(st.lists(DRAWN, max_size=5))
    def test_the_same_entries_as_policy_give_the_same_account_for_account(self, drawn):
        """Each line is rounded for itself here, and with its company's there."""
        entries = tuple(
            Adjustment(
                f"E-{number}",
                period,
                LayerName.MANUAL,
                entity,
                {CODES[one][0]: amount, CODES[other][0]: -amount},
                "drawn",
            )
            for number, (period, (one, other), amount, entity) in enumerate(drawn)
        )
        beside = closed(described(*entries), books())
        inside = closed(
            described(*(replace(each, layer=LayerName.POLICY) for each in entries)), books()
        )
        for period, book in beside.items():
            apart = book.consolidated - inside[period].consolidated
            assert abs(apart).max() <= 4 * len(entries) + 1
            position = book.chart.of_kind(AccountClass.ASSET, AccountClass.LIABILITY)
            assert abs(apart[position]).max() <= len(entries)
