"""The sheet that leads from IFRS to US GAAP: live formulas, tied to the statements."""

from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.ledger.adjustments import Topic
from monthclose.ledger.book import Book
from monthclose.reports.excel import workbook_bytes
from monthclose.wording import LANGUAGES, say
from tests.consolidation.groups import CODES, engine
from tests.consolidation.test_gaap import DEVELOPMENT, LEASE, entry, group_with
from tests.consolidation.test_policy import books
from tests.reports.reading import computed, table, values

SHARES = entry(
    "S-1",
    "2025-12",
    {CODES["expenses"][0]: "50.00", CODES["premium"][0]: "-50.00"},
    Topic.SHARE_BASED,
)


def close(*entries) -> Book:
    """December, with development cost and a lease, and what else is given."""
    group = group_with(*DEVELOPMENT, LEASE, *entries)
    return engine(group, *books()).consolidate("2025-12")


@pytest.mark.parametrize("lang", LANGUAGES)
class TestSheet:
    def test_every_formula_gives_what_stands_beside_it(self, lang, tmp_path: Path):
        book = close(SHARES)
        file = tmp_path / "close.xlsx"
        file.write_bytes(workbook_bytes(book, validate(book), lang=lang))
        title = say("reports.sheet-gaap-bridge", lang)
        cells = [cell for cell in computed(file) if cell.where.startswith(title)]
        assert len(cells) > 60
        assert [cell for cell in cells if not cell.same] == []

    def test_shows_what_the_reconciliation_holds(self, lang):
        """Development -26.00 and 8.84, lease 0.20 and -0.07, between both frameworks."""
        book = close()
        workbook = values(workbook_bytes(book, validate(book), lang=lang))
        rows = table(workbook[say("reports.sheet-gaap-bridge", lang)])
        topic = say("words.topic-development_cost", lang)
        assert rows[topic][1:] == [0, -26.00, 8.84, -17.16, 0, 6.60, -10.56]
        assert rows[say("reports.bridge-sum", lang)][1:] == [
            0,
            -25.80,
            8.77,
            -17.03,
            0,
            6.58,
            -10.45,
        ]
        assert book.reconciliation is not None
        end = book.reconciliation.end
        assert rows["US GAAP"][4] == end.net_income / 100
        assert rows["US GAAP"][7] == end.equity / 100

    def test_capital_has_a_column_when_there_is_some(self, lang):
        for book, there in ((close(SHARES), True), (close(), False)):
            sheet = values(workbook_bytes(book, validate(book), lang=lang))[
                say("reports.sheet-gaap-bridge", lang)
            ]
            heads = [cell.value for cell in sheet[5]]
            assert (say("reports.bridge-capital", lang) in heads) is there

    def test_its_ties_are_among_the_controls(self, lang):
        book = close()
        workbook = values(workbook_bytes(book, validate(book), lang=lang))
        said = {
            row[2].value: row[6].value for row in workbook[say("reports.sheet-checks", lang)].rows
        }
        for tie in ("tie-bridge-result", "tie-bridge-equity", "tie-bridge-closing"):
            assert said[say(f"reports.{tie}", lang)] == say("reports.ok", lang)
