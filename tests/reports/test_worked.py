"""Groups worked by hand, printed and computed again: whatever a close may hold."""

from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.reports.excel import write_workbook
from monthclose.wording import LANGUAGES
from tests.reports.reading import computed, values
from tests.worked.case import cases, close_case, read_case


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("file", cases(), ids=lambda file: file.stem)
def test_a_worked_group_prints_and_computes_again(file: Path, lang: str, tmp_path: Path):
    """The one control says OK exactly when nothing blocks."""
    book = close_case(read_case(file))
    validation = validate(book)
    path = tmp_path / "book.xlsx"
    write_workbook(book, validation, path, lang=lang)
    assert [cell for cell in computed(path) if not cell.same] == []
    said = values(path.read_bytes()).worksheets[0]["B3"].value
    assert said.endswith(" OK") == (not validation.blocking)
