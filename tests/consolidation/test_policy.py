"""Policy entries: beside what the ERP reported, and part of what is translated."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.differences import differ, figures_of
from monthclose.analysis.lineage import every_figure, explain
from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.consolidation.policy import AdjustmentAccount, AdjustmentIndexed, AdjustmentNotOurs
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Method
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName, UnbalancedEntry
from monthclose.ledger.runs import CloseInputs
from tests.consolidation.groups import (
    CODES,
    cents,
    engine,
    founded,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    subsidiary,
)

RATES = {
    "2025-11": ("0.20", "0.25"),
    "2025-12": ("0.16", "0.20"),
    "2026-01": ("0.25", "0.20"),
    "2026-02": ("0.50", "0.40"),
}


def entry(
    id: str, period: str, layer: LayerName = LayerName.POLICY, entity: str = "S", **lines: str
) -> Adjustment:
    """An entry by the names of its accounts, debit positive."""
    amounts = {CODES[name][0]: cents(text) for name, text in lines.items()}
    return Adjustment(id, period, layer, entity, amounts, f"because of {id}")


DEVELOPMENT = (
    entry("D-1", "2025-11", receivables="120.00", expenses="-120.00"),
    entry("D-2", "2025-12", receivables="-20.00", expenses="20.00"),
    entry("D-3", "2026-01", receivables="-20.00", expenses="20.00"),
)
"""Development cost of 120.00 that the ERP expensed, over six months."""


def described(*adjustments: Adjustment) -> Group:
    """A parent in dollars and 70 percent of a company in reais, founded in November."""
    return group(
        parent(),
        subsidiary(first_period="2025-11"),
        quotes=(*monthly(RATES), on("2025-11-01", "0.25")),
        interests=(holds("P", "S", "70", since="2025-11-01"),),
        acquisitions=(
            replace(
                founded(day="2025-11-01", carried="175.00", nci="30", capital="-1000.00"),
                consideration=cents("700.00"),
            ),
        ),
        first_period="2025-11",
        adjustments=adjustments,
    )


def books(months: Sequence[Mapping[str, int]] = ({}, {}, {}, {})) -> list[TrialBalance]:
    """Capital of 1,000.00, revenue of 100.00 and expenses of 300.00 in the first month."""
    first = {"capital": -1000_00, "revenue": -100_00, "expenses": 300_00}
    own = [{**first, **months[0]}, *months[1:]]
    held = [{"capital": -175_00, "investment": 175_00}, {}, {}, {}]
    return [*lived("P", held, "2025-11", "USD"), *lived("S", own, "2025-11")]


def closed(group_: Group, balances: Sequence[TrialBalance]) -> dict[str, Book]:
    """Every month's book, each seen to be without a blocking finding."""
    made = engine(group_, *balances)
    found: dict[str, Book] = {}
    last = None
    for period in RATES:
        found[period] = made.consolidate(period)
        assert validate(found[period], last).blocking == ()
        last = found[period].left()
    return found


class TestDevelopmentCost:
    """
    Capitalised for the group, expensed in the ERP: over a fiscal year's end.

    November: 1,000.00 came at 0.25. Books lose 200.00; the entry takes 120.00 out of the
    expenses: a loss of 80.00, at 0.25 of 20.00. Net assets 800.00 + 120.00 = 920.00 at 0.20
    are 184.00; CTA 184.00 - (250.00 - 20.00) = -46.00.

    December: 20.00 of amortisation at 0.20 are 4.00. Net assets 900.00 at 0.16 are 144.00;
    CTA 144.00 - (250.00 - 24.00) = -82.00.

    January: the loss of 100.00 opens as 24.00 in retained earnings; 20.00 at 0.20 are 4.00.
    Net assets 880.00 at 0.25 are 220.00; CTA 220.00 - (250.00 - 24.00 - 4.00) = -2.00.
    """

    def test_changes_result_and_net_assets_of_its_company(self):
        months = closed(described(*DEVELOPMENT), books())
        found = [
            (
                book.totals.net_income,
                book.figure(CODES["receivables"][0]),
                book.translations[1].cta.closing,
                book.translations[1].amount(CODES["retained"][0]),
            )
            for book in months.values()
        ]
        assert found[:3] == [
            (-20_00, 24_00, -46_00, 0),
            (-24_00, 16_00, -82_00, 0),
            (-4_00, 20_00, -2_00, 24_00),
        ]

    def test_outsiders_have_their_part(self):
        """30 % of 184.00, 144.00 and 220.00."""
        months = closed(described(*DEVELOPMENT), books())
        assert [book.totals.non_controlling_interests for book in months.values()][:3] == [
            55_20,
            43_20,
            66_00,
        ]

    def test_stands_until_it_is_reversed(self):
        """In February the 80.00 that are left go: at 0.40 an expense of 32.00."""
        gone = entry("D-4", "2026-02", receivables="-80.00", expenses="80.00")
        month = closed(described(*DEVELOPMENT, gone), books())["2026-02"]
        assert month.figure(CODES["receivables"][0]) == 0
        assert month.totals.net_income == -36_00

    def test_is_named_with_its_reason_among_the_lines_of_a_figure(self):
        book = closed(described(*DEVELOPMENT), books())["2026-01"]
        made = engine(book.group, *books())
        made.consolidate("2026-01")
        for figure in every_figure(book):
            tree = explain(book, figure, before=made.month_before)
            assert tree.from_leaves() == tree.amount
        tree = explain(book, CODES["expenses"][0], before=made.month_before)
        named = [node for node in tree.walk() if node.kind == "policy"]
        assert [(node.facts["entry"], node.facts["note"]) for node in named] == [
            ("D-3", "because of D-3")
        ]
        assert named[0].amount == Fraction(20_00)

    def test_what_it_moves_is_a_record_of_the_difference(self):
        """Without D-3 the expense of January, 4.00, is not there."""
        was = CloseInputs(described(*DEVELOPMENT[:2]), tuple(b.as_sent() for b in books()))
        now = replace(was, group=described(*DEVELOPMENT))

        def remake(inputs: CloseInputs) -> dict[tuple[str, str], int]:
            made = ConsolidationEngine(inputs.group)
            for raw in inputs.balances:
                made.load_trial_balance(raw)
            return figures_of(made.consolidate("2026-01"))

        difference = differ((was, remake(was)), (now, remake(now)), remake)
        assert difference.causes == ("journal",)
        income = next(each for each in difference.headlines if each.account == "net_income")
        assert income.causes == {"journal": -4_00}
        assert [(each.kind, each.subject) for each in difference.changes] == [
            ("adjustments", "2026-01 S D-3 policy")
        ]


AMOUNTS = st.integers(-10_000_00, 10_000_00)
MOVED = st.sampled_from([("receivables", "expenses"), ("payables", "costs"),
                         ("receivables", "payables"), ("revenue", "costs")])  # fmt: skip


class TestBesideTheBooks:
    @given(st.lists(st.tuples(st.sampled_from(list(RATES)), MOVED, AMOUNTS), max_size=6))
    def test_or_in_them_is_the_same(self, drawn):
        """Posted in the ERP, the same entries give the same figures in every month."""
        entries, posted = [], [dict[str, int]() for _ in RATES]
        for number, (period, (one, other), amount) in enumerate(drawn):
            lines = {CODES[one][0]: amount, CODES[other][0]: -amount}
            entries.append(Adjustment(f"E-{number}", period, LayerName.POLICY, "S", lines, "drawn"))
            into = posted[list(RATES).index(period)]
            into[one] = into.get(one, 0) + amount
            into[other] = into.get(other, 0) - amount
        posted[0] = {
            name: {"revenue": -100_00, "expenses": 300_00}.get(name, 0) + amount
            for name, amount in posted[0].items()
        }
        beside = closed(described(*entries), books())
        inside = closed(described(), books(posted))
        for period, book in beside.items():
            assert book.consolidated.tolist() == inside[period].consolidated.tolist()


class TestRefused:
    def test_an_entry_that_does_not_balance(self):
        odd = entry("X", "2025-11", receivables="1.00", expenses="-0.99")
        with pytest.raises(UnbalancedEntry):
            engine(described(odd), *books()).consolidate("2025-11")

    def test_an_entry_on_equity(self):
        odd = entry("X", "2025-11", receivables="1.00", retained="-1.00")
        with pytest.raises(AdjustmentAccount) as error:
            engine(described(odd), *books()).consolidate("2025-11")
        assert error.value.account == CODES["retained"][0]

    def test_an_entry_of_an_associate(self):
        odd = entry("X", "2025-11", entity="A", receivables="1.00", expenses="-1.00")
        beside = replace(subsidiary("A"), method=Method.EQUITY)
        made = described(odd)
        made = replace(made, entities=(*made.entities, beside))
        with pytest.raises(AdjustmentNotOurs):
            engine(made, *books()).consolidate("2025-11")

    def test_an_entry_beside_restated_books_that_would_not_be(self):
        made = described(entry("X", "2025-11", LayerName.MANUAL, payables="-1.00", expenses="1.00"))
        indexed = tuple(replace(e, index="CPI") if e.code == "S" else e for e in made.entities)
        with pytest.raises(AdjustmentIndexed) as error:
            engine(replace(made, entities=indexed), *books()).consolidate("2025-11")
        assert error.value.layer == "manual"


def test_a_company_in_the_presentation_currency_keeps_it_too():
    """P accrues 7.00 in December: a loss of the year, and of earlier years in January."""
    accrued = entry("P-1", "2025-12", entity="P", payables="-7.00", expenses="7.00")
    months = closed(described(accrued), books())
    assert months["2025-12"].totals.net_income == -57_00
    assert months["2026-01"].figure(CODES["payables"][0]) == -7_00
    assert months["2026-01"].totals.net_income == 0
