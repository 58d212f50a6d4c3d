"""The sheet of purchases: equation, step-ups and layers, computed again from its formulas."""

from dataclasses import replace
from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.ledger.book import Book
from monthclose.ledger.purchases import GoodwillSchedule
from monthclose.reports.excel import sheets_of, write_workbook
from monthclose.reports.purchases_sheet import has_purchases
from monthclose.wording import LANGUAGES, say
from tests.groupfolder.purchases import abroad_in, close
from tests.reports.reading import computed, values


@pytest.fixture(scope="module")
def february(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """February 2026 of a purchase abroad: 14 of 24 months charged, 50.00 of goodwill lost."""
    return close(abroad_in(tmp_path_factory.mktemp("told")), ["2026-02"])["2026-02"]


def rows_of(book: Book, folder: Path, lang: str) -> list[list[object]]:
    """The cells of the sheet, row by row, without empty ones."""
    path = folder / "book.xlsx"
    write_workbook(book, validate(book), path, lang=lang)
    assert [cell for cell in computed(path) if not cell.same] == []
    sheet = values(path.read_bytes())[say("reports.sheet-purchases", lang)]
    rows = [[cell for cell in row if cell not in (None, "")] for row in sheet.values]
    return [row for row in rows if row]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_what_became_of_a_purchase(february: Book, tmp_path: Path, lang: str):
    """
    In reais 1,200.00 + 247.52 - 1,000.00 - 360.00 + 122.40 = 209.92; 210.00 charged so far.

    In dollars: goodwill 41.98 - 12.25 + 7.05 = 36.78; step-ups 47.52, net charges 26.16 of
    last year and 2 x (3.60 - 1.22) = 4.76, translation 6.17, and 22.77 = 99.00 x 0.23 stand.
    """
    rows = rows_of(february, tmp_path, lang)
    figures = [[cell for cell in row if not isinstance(cell, str)] for row in rows]
    assert [1200] in figures
    assert [209.92] in figures
    assert [24, 14, 360, -210, 150] in figures
    assert [-122.4, 71.4, -51] in figures
    assert [41.98, 0, -12.25, 7.05, 36.78] in figures
    assert [47.52, -26.16, -4.76, 6.17, 22.77] in figures
    assert [89.5, -26.16, -17.01, 13.22, 59.55] in figures
    assert any(say("reports.purchase-goodwill", lang) in row for row in rows)


def test_goodwill_alone_has_no_sheet(february: Book):
    """Its roll-forward stands with the others; there is nothing more to say."""
    assert has_purchases(february)
    assert "purchases" in sheets_of(february)
    plain = {
        name: replace(each, schedule=None, goodwill_schedule=GoodwillSchedule(209_92))
        for name, each in february.purchases.items()
    }
    assert "purchases" not in sheets_of(replace(february, purchases=plain))
