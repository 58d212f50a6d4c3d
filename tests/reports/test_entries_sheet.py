"""What companies have between them stands below one head, document by document."""

import pytest

from monthclose.ledger.intercompany import Cause
from monthclose.reports.excel import workbook_bytes
from monthclose.sandbox.group import write_demo_group
from monthclose.wiring.folders import consolidate_folder
from monthclose.wording import LANGUAGES, say
from tests.reports.reading import minor, values


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pairs_that_leave_nothing_are_printed_together(tmp_path, lang: str):
    write_demo_group(tmp_path / "demo", entities=4)
    closed = consolidate_folder(tmp_path / "demo", "2025-06")
    content = workbook_bytes(closed.book, closed.validation, lang=lang)
    rows = list(values(content)[say("reports.sheet-eliminations", lang)].values)
    reason = f"entries.intercompany-{Cause.NONE}"
    pairs = [each for each in closed.book.entries if each.reason == reason]
    assert len(pairs) > 10
    texts = [[str(cell) for cell in row if cell is not None] for row in rows]
    heads = [row for row in texts if say("reports.between-companies", lang) in row]
    assert len(heads) == 1
    assert str(len(pairs)) in " ".join(heads[0])
    names = [cell for row in texts for cell in row if " · " in cell]
    for entry in pairs:
        shown = [each for each in names if each.endswith(f"· {entry.reference or entry.id}")]
        assert len(shown) >= len(entry.lines)
    lines = [line.amount for entry in closed.book.entries for line in entry.lines]
    (total,) = [row for row in rows if row[1] == say("reports.sum", lang)]
    assert minor(total[4]) == sum(each for each in lines if each > 0)
