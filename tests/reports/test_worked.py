"""Groups worked by hand elsewhere, printed and computed again: whatever a close may hold."""

from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.reports.excel import write_workbook
from monthclose.wording import LANGUAGES
from tests.reports.reading import computed, values
from tests.worked.case import close_case, read_case

FEWEST = 22


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_worked_group_prints_and_computes_again(lang: str, shared: Path, tmp_path: Path):
    """The one control says OK exactly when nothing blocks."""
    printed = 0
    for file in sorted((shared / "golden").glob("*.json")):
        case = read_case(file)
        book = close_case(case)
        validation = validate(book)
        path = tmp_path / f"{case.id}.xlsx"
        write_workbook(book, validation, path, lang=lang)
        assert [cell for cell in computed(path) if not cell.same] == [], case.id
        said = values(path.read_bytes()).worksheets[0]["B3"].value
        assert said.endswith(" OK") == (not validation.blocking), case.id
        printed += 1
    assert printed >= FEWEST
