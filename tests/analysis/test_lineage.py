"""Every figure comes from what it is said to come from, exactly, down to the rows."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from monthclose.analysis.lineage import ROLES, every_figure, explain
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import GroupFolder, read_group, write_example
from monthclose.ledger.balances import RawBalance, Source
from monthclose.ledger.book import Book
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.lineage import Before, FigureUnknown, LineageBroken, Node
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.sandbox.group import write_demo_group
from tests.consolidation.groups import (
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
from tests.worked.case import cases, close_case, read_case


def check_whole(book: Book, before: Before | None = None) -> None:
    """Every figure from its leaves; and the companies' parts add up to the group's."""
    for figure in every_figure(book):
        node = explain(book, figure, before=before)
        assert node.from_leaves() == node.amount, figure
        assert "unproved" not in kinds(node), figure
        if figure in book.chart:
            assert node.amount == book.figure(figure)
        elif figure not in ROLES:
            assert node.amount == getattr(book.totals, figure)
        parts = [explain(book, figure, each.entity, before) for each in book.translations]
        assert sum(part.amount for part in parts) == node.amount, figure


def kinds(node: Node) -> set[str]:
    """What the nodes of a tree are."""
    return {each.kind for each in node.walk()}


@pytest.mark.parametrize("file", cases(), ids=lambda file: file.stem)
def test_every_figure_of_a_worked_case_adds_up(file: Path) -> None:
    check_whole(close_case(read_case(file)))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> GroupFolder:
    """The sandbox group."""
    folder = tmp_path_factory.mktemp("demo") / "group"
    write_demo_group(folder)
    return read_group(folder)


class TestGroups:
    @pytest.mark.parametrize("period", ["2025-01", "2025-02", "2025-06"])
    def test_every_figure_of_the_demo_group_adds_up(self, demo, period):
        made = loaded(demo)
        book = made.consolidate(period)
        check_whole(book, made.month_before)

    def test_every_row_names_its_document_and_place(self, demo):
        """The row of the document holds the company, the account and the amount."""
        made = loaded(demo)
        book = made.consolidate("2025-06")
        content = {each.name: each.content.decode() for each in demo.documents}
        rows = [
            each
            for each in explain(book, "total_assets", before=made.month_before).walk()
            if each.kind == "row"
        ]
        assert rows
        for row in rows:
            facts = row.facts
            line = content[facts["document"]].splitlines()[facts["row"] - 1].split(",")
            assert line[:2] == [facts["entity"], facts["own"]]
            assert len(facts["sha256"]) == 64

    def test_goodwill_goes_down_to_the_purchase_equation(self, tmp_path):
        """5,000.00 given + 1,000.00 of outsiders - 5,000.00 net assets = 1,000.00; / 5 = 200.00."""
        write_example(tmp_path / "example")
        made = loaded(read_group(tmp_path / "example"))
        node = explain(made.consolidate("2025-06"), "goodwill", before=made.month_before)
        assert node.amount == 200_00
        (stands,) = (each for each in node.walk() if each.kind == "goodwill")
        assert {each.kind: int(each.amount) for each in stands.children} == {
            "consideration": 5000_00,
            "nci_acquired": 1000_00,
            "net_assets_acquired": -5000_00,
        }

    def test_every_figure_of_the_example_adds_up(self, tmp_path):
        write_example(tmp_path / "example")
        made = loaded(read_group(tmp_path / "example"))
        check_whole(made.consolidate("2025-06"), made.month_before)


def loaded(folder: GroupFolder) -> ConsolidationEngine:
    """An engine with the balances of a folder."""
    made = ConsolidationEngine(folder.group)
    for balance in folder.balances:
        made.load_trial_balance(balance)
    return made


class TestMonths:
    @pytest.fixture
    def made(self) -> ConsolidationEngine:
        """A company founded with 1,000.00 at 0.20 that earns 100.01 a month."""
        quotes = (
            *monthly({"2025-01": ("0.21", "0.20"), "2025-02": ("0.22", "0.19")}),
            on("2025-01-01", "0.20"),
        )
        described = group(
            parent(),
            subsidiary(),
            quotes=quotes,
            interests=(holds("P", "S"),),
            acquisitions=(founded(paid="1000.00", carried="200.00", capital="-1000.00"),),
            first_period="2025-01",
        )
        months = [{"capital": -1000_00, "revenue": -100_01}, {"revenue": -100_01}]
        holder = lived("P", [{"capital": -200_00, "investment": 200_00}, {}], currency="USD")
        return engine(described, *lived("S", months), *holder)

    def test_a_result_is_the_months_it_was_earned_in(self, made):
        """
        100.01 x 0.20 = 20.002, rounded 20.00; 100.01 x 0.19 = 19.0019, rounded 19.00.

        February's 100.01 is what stands at its end, 200.02, less January's 100.01.
        """
        node = explain(made.consolidate("2025-02"), "4000", before=made.month_before)
        assert node.amount == -39_00
        (translated,) = node.children[0].children
        january, february = translated.children
        assert [january.facts["month"], february.facts["month"]] == ["2025-01", "2025-02"]
        assert [january.amount, february.amount] == [-20_00, -19_00]
        part, cent = february.children
        assert (part.amount, part.factor) == (Fraction("-1900.19"), Fraction(19, 100))
        assert (cent.kind, cent.amount) == ("rounding", Fraction("0.19"))
        assert [each.amount for each in part.children] == [-200_02, 100_01]

    def test_capital_is_its_records_beside_what_the_books_show(self, made):
        """1,000.00 at 0.20 is 200.00, eliminated against the investment."""
        node = explain(made.consolidate("2025-02"), "3000", "S", made.month_before)
        assert node.amount == 0
        translated, cancelled = node.children[0].children[0], node.children[1].children[0]
        assert translated.amount == -200_00
        assert translated.children[0].children[0].facts["label"] == "formation 2025-01-01"
        assert translated.booked is not None
        assert translated.booked.amount == -1000_00
        assert cancelled.facts["reason"] == "entries.investment"
        assert cancelled.amount == 200_00

    def test_the_cta_is_its_causes(self, made):
        """1,000.00 x 0.02 + 100.01 x (0.02 + 0.03) = 25.0005, a gain."""
        node = explain(made.consolidate("2025-02"), "cta", before=made.month_before)
        assert node.amount == -25_00
        (cta,) = node.children[0].children
        parts = [each.amount for each in cta.children if each.kind == "cta_part"]
        assert parts == [-20_00, Fraction("-200.02"), Fraction("-300.03")]
        assert cta.children[-1].kind == "rounding"


class TestRows:
    def test_a_split_account_says_its_share_and_the_whole(self):
        """0.05 split 50:50 is 0.03 and 0.02: the parts add up to the row."""
        mapping = EntityMapping(
            "P",
            {
                "A": (Target("1010", Fraction(1, 2)), Target("1100", Fraction(1, 2))),
                "B": (Target("3000"),),
            },
        )
        described = group(parent(), mappings={"P": mapping}, first_period="2025-01")
        made = ConsolidationEngine(described)
        rows = np.array([7, 9], dtype=np.int32)
        made.load_trial_balance(
            RawBalance(
                "P",
                "2025-01",
                "USD",
                ("A", "B"),
                np.array([5, -5], dtype=np.int64),
                source=Source("a.csv", "ab", rows),
            )
        )
        book = made.consolidate("2025-01")
        found = [
            each
            for account in ("1010", "1100")
            for each in explain(book, account).walk()
            if each.kind == "row"
        ]
        assert sum(each.amount for each in found) == 5
        assert {(each.facts["row"], each.facts["whole"]) for each in found} == {(7, 5)}
        assert {each.facts["share"] for each in found} == {Fraction(1, 2)}


class TestRefusals:
    @pytest.fixture
    def book(self) -> Book:
        described = group(parent(), first_period="2025-01")
        return engine(described, *lived("P", [{"capital": -5_00}], currency="USD")).consolidate(
            "2025-01"
        )

    def test_a_node_that_does_not_add_up_does_not_exist(self):
        with pytest.raises(LineageBroken) as broken:
            Node("figure", Fraction(3), "USD", (Node("line", Fraction(2), "USD"),))
        assert (broken.value.amount, broken.value.found) == ("3", "2")

    def test_a_layer_that_nothing_explains_is_refused(self, book):
        layers = book.layers.copy()
        layers[book.chart.index["1010"], 3] += 1
        with pytest.raises(LineageBroken):
            explain(replace(book, layers=layers), "1010")

    def test_an_unknown_figure_says_what_there_is(self, book):
        with pytest.raises(FigureUnknown) as unknown:
            explain(book, "total_asets")
        assert "total_assets" in unknown.value.message("pt-BR")
        assert "1010" in unknown.value.message()

    def test_a_company_that_is_not_in_the_book_is_refused(self, book):
        with pytest.raises(UnknownEntity):
            explain(book, "1010", "Q")
