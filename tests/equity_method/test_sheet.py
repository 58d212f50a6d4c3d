"""The sheet of the equity method: every figure computed again from its formulas."""

from pathlib import Path

import pytest

from monthclose.reports.excel import sheets_of, write_workbook
from monthclose.wiring.folders import FolderClose
from monthclose.wording import LANGUAGES, say
from tests.equity_method import test_associates, test_balances, test_pickups, test_sales
from tests.equity_method.folders import close
from tests.reports.reading import computed, values


def rows_of(closed: FolderClose, folder: Path, lang: str) -> list[list[object]]:
    """The cells of the sheet, row by row, without empty ones."""
    path = folder / "book.xlsx"
    write_workbook(closed.book, closed.validation, path, lang=lang)
    assert [cell for cell in computed(path) if not cell.same] == []
    sheet = values(path.read_bytes())[say("reports.sheet-equity-method", lang)]
    rows = [[cell for cell in row if cell not in (None, "")] for row in sheet.values]
    return [row for row in rows if row]


def figures_of(rows: list[list[object]]) -> list[list[object]]:
    """The figures of each row."""
    return [[cell for cell in row if not isinstance(cell, str)] for row in rows]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_associate_from_its_opening_to_the_balance_sheet(tmp_path: Path, lang: str):
    """4,000 + 600 - 150 = 4,450 reais; 1,000.00 + 120.00 - 31.25 - 376.75 = 712.00 dollars."""
    closed = close(test_associates.golden(tmp_path / "folder"), "2024-12")
    figures = figures_of(rows_of(closed, tmp_path, lang))
    for row in ([4000, 1000], [600, 120], [-150, -31.25], [-376.75], [4450, 712], [400]):
        assert row in figures


def test_losses_and_other_comprehensive_income_have_their_rows(tmp_path: Path):
    """200 of losses off the books in December 2024; 5 and -2.50 of OCI in the other group."""
    closed = close(test_associates.abroad(tmp_path / "one"), "2024-12")
    assert [200] in figures_of(rows_of(closed, tmp_path, "en"))
    closed = close(test_balances.sends(tmp_path / "other"), "2025-01")
    figures = figures_of(rows_of(closed, tmp_path, "en"))
    assert [530, 2756] in figures
    assert [-2.5, -13.25] in figures
    assert [557.5, 3010.5] in figures


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_sold_has_its_row(tmp_path: Path, lang: str):
    """275 and 325 dollars left at 1,457.50 and 1,787.50; 750 at 6.00 are 4,500.00."""
    closed = close(test_sales.told(tmp_path / "folder"), "2024-12")
    rows = rows_of(closed, tmp_path, lang)
    figures = figures_of(rows)
    for row in ([1000, 5000], [330, 1716], [20, 104], [-275, -1457.5], [-325, -1787.5], [925]):
        assert row in figures
    assert [750, 4500] in figures
    assert any(say("reports.associate-sold", lang) in row for row in rows)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_equity_pickup_and_its_parity(tmp_path: Path, lang: str):
    """24,000.00 + 15,200.00 - 4,680.00 = 34,520.00; the two roads agree on all three figures."""
    closed = close(test_pickups.golden(tmp_path / "folder"), "2024-12")
    rows = rows_of(closed, tmp_path, lang)
    figures = figures_of(rows)
    assert [24000, 15200, -4680, 0, 34520] in figures
    assert [238400, 238400, 0] in figures
    assert [32300, 32300, 0] in figures
    assert [-107900, -107900, 0] in figures
    assert [say("reports.parity-holds", lang)] in rows


def test_a_group_without_it_has_no_sheet(tmp_path: Path):
    """At cost, and without associates, there is nothing to say."""
    folder = test_pickups.abroad(tmp_path)
    assert "equity-method" in sheets_of(close(folder, "2024-12").book)
    (folder / "pickups.csv").unlink()
    text = (folder / "balances" / "2024-12.csv").read_text("utf-8")
    for old, new in (("P,1700,572", "P,1700,500"), ("P,3600,-21\n", ""), ("P,4410,-51\n", "")):
        text = text.replace(old, new)
    (folder / "balances" / "2024-12.csv").write_text(text, "utf-8")
    assert "equity-method" not in sheets_of(close(folder, "2024-12").book)
