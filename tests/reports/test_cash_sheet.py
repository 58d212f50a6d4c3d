"""The cash flows as a table and as a sheet that computes again."""

from pathlib import Path

import ironcalc
import pytest

from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.findings import Validation
from monthclose.reports.cash_table import cash_statement, column_of, columns_of
from monthclose.reports.excel import SHEETS, workbook_bytes, write_workbook
from monthclose.wording import LANGUAGES, say
from tests.consolidation.cash_groups import CHART, lived
from tests.consolidation.groups import parent, subsidiary
from tests.consolidation.test_company_cash import P_MONTHS, S_MONTHS, described, loaded
from tests.reports.reading import computed, formulas, minor, table, values

NOTHING = Validation(())


@pytest.fixture(scope="module")
def closed() -> tuple[Book, CashFlows]:
    made = loaded(described(), lived("S", S_MONTHS), lived("P", P_MONTHS, currency="USD"))
    book = made.consolidate("2025-03")
    return book, made.cash_flows(book)


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_group_is_its_companies_and_what_passed_between_them(closed, lang):
    """Result 88.35 and 39.00, less the dividend of 39.00 that passed between the two."""
    rows = {
        line.label: line.amounts
        for line in cash_statement(columns_of(closed[1], lang), CHART, lang).lines
        if line.amounts
    }
    assert rows[say("reports.cash-line-result", lang)] == (39_00, 88_35, -39_00, 88_35)
    assert rows[say("reports.cash-line-dividends", lang)] == (0, -39_00, 39_00, 0)
    assert rows[say("reports.cash-net-operating", lang)] == (39_00, 99_70, -39_00, 99_70)
    assert rows[say("reports.opening-cash", lang)] == (100_00, 200_00, 0, 300_00)
    assert rows[say("reports.closing-cash", lang)] == (139_00, 280_00, 0, 419_00)
    assert rows[say("reports.cash-proof", lang)] == (0, -3_70, 0, -3_70)


def test_what_lines_add_up_to_is_their_sum(closed, lang):
    statement = cash_statement(columns_of(closed[1], lang), CHART, lang)
    added = [line for line in statement.lines if line.adds]
    assert len(added) == 7
    for line in added:
        for column, amount in enumerate(line.amounts):
            assert amount == sum(statement.lines[place].amounts[column] or 0 for place in line.adds)


def test_a_company_stands_in_both_its_currencies(closed):
    s = closed[1].companies[1]
    columns = [column_of(each, "") for each in (s.functional, s.translated)]
    rows = {line.key: line.amounts for line in cash_statement(columns, CHART, "en").lines}
    assert rows["1400"] == (-400_00, -92_00)
    assert rows["closing-cash"] == (1400_00, 280_00)


class TestSheet:
    def test_stands_after_the_income_statement(self, closed, lang):
        book = values(workbook_bytes(closed[0], NOTHING, lang=lang, cash=closed[1]))
        names = book.sheetnames
        title = say("reports.sheet-cash-flows", lang)
        assert names.index(title) == names.index(say("reports.sheet-income-statement", lang)) + 1
        assert len(names) == len(SHEETS) + 2

    def test_computes_again_to_the_same_figures(self, closed, lang, tmp_path: Path):
        file = tmp_path / "close.xlsx"
        write_workbook(closed[0], NOTHING, file, lang=lang, cash=closed[1])
        assert [cell for cell in computed(file) if not cell.same] == []
        rows = table(values(file.read_bytes())[say("reports.sheet-cash-flows", lang)])
        shown = rows[say("reports.closing-cash", lang)]
        assert [minor(each) for each in shown[1:5]] == [139_00, 280_00, 0, 419_00]
        assert values(file.read_bytes()).worksheets[0]["B3"].value.endswith(" OK")

    def test_shows_it_when_somebody_changes_a_flow(self, closed, tmp_path: Path):
        """A cent more on one flow, and cash is no longer the balance sheet's."""
        file = tmp_path / "close.xlsx"
        write_workbook(closed[0], NOTHING, file, lang="en", cash=closed[1])
        data = formulas(file.read_bytes())["_data"]
        column = next(c.column for c in data[1] if c.value == "cash_002")
        model = ironcalc.load_from_xlsx(str(file))
        last = len(SHEETS) + 1
        model.set_user_input(last, 2, column, str(data.cell(2, column).value + 0.01))
        model.evaluate()
        assert model.get_cell_value(0, 3, 2) == "Checks: ERROR"

    def test_names_what_cannot_be_stated(self, lang, tmp_path: Path):
        """Without December S has no statement, and so has the group; P has its own."""
        made = loaded(
            described(), lived("S", S_MONTHS), lived("P", P_MONTHS, currency="USD"),
            without="S 2024-12",
        )  # fmt: skip
        book = made.consolidate("2025-03")
        cash = made.cash_flows(book)
        file = tmp_path / "close.xlsx"
        write_workbook(book, NOTHING, file, lang=lang, cash=cash)
        assert [cell for cell in computed(file) if not cell.same] == []
        sheet = values(file.read_bytes())[say("reports.sheet-cash-flows", lang)]
        said = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
        assert any("2024-12" in text and "S:" in text for text in said)
        assert say("reports.group", lang) not in said
        assert len(cash.companies) == 1


def test_entities_of_the_group_are_those_of_its_statements(closed):
    assert [each.functional.entity for each in closed[1].companies] == [
        parent().code, subsidiary().code,
    ]  # fmt: skip
