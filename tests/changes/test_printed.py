"""What a change of ownership prints: workbook, JSON, and a gain taken apart."""

from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.lineage import every_figure, explain
from monthclose.analysis.validation import validate
from monthclose.cli.payload import book_payload
from monthclose.cli.tree import payload
from monthclose.ledger.lineage import Node
from monthclose.reports.excel import workbook_bytes
from monthclose.wording import LANGUAGES
from tests.changes.tale import GAIN, MONTHS, Tale
from tests.changes.test_years import TALES
from tests.reports.reading import computed, minor, values


class Shown:
    """A month of a tale, and its figures taken apart."""

    def __init__(self, name: str, owner: str, month: int) -> None:
        deals, shares = TALES[name]
        self.tale = Tale(deals, owner=owner, shares=shares)
        (self.book,) = self.tale.close(MONTHS[month : month + 1])

    def explain(self, figure: str) -> Node:
        """A figure of it."""
        return explain(self.book, figure, before=self.tale.engine.month_before)


@pytest.fixture(scope="module")
def sold() -> Shown:
    """S sold in June 2025, as September shows it."""
    return Shown("sold", "BRL", 8)


@pytest.fixture(scope="module")
def parts() -> Shown:
    """Three changes that left control, as December shows them."""
    return Shown("thrice", "USD", 11)


def nodes(tree: Node, kind: str) -> list[Node]:
    """Every node of a kind below a tree."""
    found = [tree] if tree.kind == kind else []
    for child in tree.children:
        found += nodes(child, kind)
    return found


class TestExplain:
    def test_the_gain_shows_its_parts(self, sold: Shown):
        (change,) = sold.book.changes
        tree = sold.explain(GAIN)
        found = {each.facts["name"]: each.amount for each in nodes(tree, "change")}
        assert found == {k: Fraction(-v) for k, v in change.parts.items() if v}
        assert set(found) == {"proceeds", "nci", "net_assets", "goodwill", "cta_recycled"}
        assert tree.amount == sold.book.figure(GAIN) == -sum(change.parts.values())

    def test_equity_shows_what_sales_to_outsiders_brought(self, parts: Shown):
        """Each of three adjustments is a line of its own, taken apart."""
        tree = parts.explain(parts.book.chart.roles.retained_earnings)
        assert parts.book.equity is not None
        brought = -parts.book.equity.transactions_parent
        assert sum(each.amount for each in nodes(tree, "change")) == brought

    def test_every_figure_adds_up_and_can_be_said(self, sold: Shown, parts: Shown):
        later = Shown("thrice", "BRL", 14), Shown("sold", "BRL", 14)
        for shown in (sold, parts, *later):
            for figure in every_figure(shown.book):
                for lang in LANGUAGES:
                    said = payload(shown.explain(figure), lang)
                    assert said["kind"]


class TestPrinted:
    def test_json_names_kind_parts_and_sum(self, sold: Shown):
        (said,) = book_payload(sold.book, validate(sold.book), "en")["changes"]
        (change,) = sold.book.changes
        assert (said["kind"], said["entity"]) == ("disposal", "S")
        assert said["gain"] == f"{sum(change.parts.values()) / 100:.2f}"
        assert said["net_assets"].startswith("-")

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_workbook_has_a_sheet_that_computes_the_sums(
        self, parts: Shown, lang: str, tmp_path: Path
    ):
        file = tmp_path / "book.xlsx"
        file.write_bytes(workbook_bytes(parts.book, validate(parts.book), lang=lang))
        title = {"en": "Ownership", "pt-BR": "Participações"}[lang]
        cells = list(computed(file))
        assert [each for each in cells if not each.same] == []
        sums = [each.computed for each in cells if each.where.startswith(f"{title}!")]
        shown = {minor(each) for each in sums if isinstance(each, float)}
        assert {sum(change.parts.values()) for change in parts.book.changes} <= shown

    def test_without_a_change_there_is_no_sheet(self):
        book = Shown("sold", "USD", 0).book
        content = workbook_bytes(book, validate(book), lang="en")
        assert "Ownership" not in values(content).sheetnames
