"""Workbooks say the same as text, exactly, or are refused."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from monthclose.groupfolder import read_group
from monthclose.ledger.digest import digest
from tests.groupfolder.folders import edit, places, problems, put, to_xlsx

MAY = "balances/2025-05.xlsx"
TABLES = (
    "entities",
    "chart",
    "ownership",
    "mappings",
    "rates",
    "openings",
    "acquisitions",
    "events",
)


def change(folder: Path, file: str, cell: str, value: Any, number_format: str = "") -> None:
    """Write one cell of a workbook's only sheet."""
    workbook = openpyxl.load_workbook(folder / file)
    sheet = workbook.active
    assert sheet is not None
    sheet[cell] = value
    if number_format:
        sheet[cell].number_format = number_format
    workbook.save(folder / file)


def repack(
    path: Path, name: str, content: bytes | None, *, old: bytes = b"", new: bytes = b""
) -> None:
    """Add a part to a workbook, or change text in one."""
    parts = {}
    with zipfile.ZipFile(path) as source:
        for part in source.namelist():
            parts[part] = source.read(part)
    if content is not None:
        parts[name] = content
    else:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part, text in parts.items():
            target.writestr(part, text)


@pytest.fixture
def may(example: Path) -> Path:
    """The example with May as a workbook."""
    to_xlsx(example, "balances/2025-05.csv")
    return example


class TestSameAsText:
    def test_every_table_as_a_workbook_gives_the_same_group(self, example):
        """Numbers as numbers, texts as texts: the same nouns, line by line."""
        before = read_group(example)
        for name in TABLES:
            to_xlsx(example, f"{name}.csv")
        for period in ("2025-05", "2025-06"):
            to_xlsx(example, f"balances/{period}.csv")
        after = read_group(example)
        assert not list(example.rglob("*.csv"))
        for one, other in zip(before.balances, after.balances, strict=True):
            assert digest(one.accounts, one.amounts) == digest(other.accounts, other.amounts)
            assert one.source is not None
            assert other.source is not None
            assert one.source.rows.tolist() == other.source.rows.tolist()
        for name in ("entities", "interests", "openings", "acquisitions", "dividends", "mappings"):
            assert getattr(before.group, name) == getattr(after.group, name)
        assert before.group.rates.quotes == after.group.rates.quotes
        assert before.group.chart.accounts == after.group.chart.accounts

    def test_a_number_is_a_number_whatever_the_locale(self, may):
        """Numbers of a workbook have no form; texts of the CSV beside it are Brazilian."""
        edit(may, "group.toml", '"plain"', '"pt-BR"')
        for file in ("balances/2025-06.csv", "openings.csv", "acquisitions.csv", "events.csv"):
            text = (may / file).read_text("utf-8")
            put(may, file, ";".join(text.split(",")).replace(".00", ",00"))
        text = (may / "rates.csv").read_text("utf-8")
        put(may, "rates.csv", ";".join(text.split(",")).replace("6.25", "6,25"))
        found = read_group(may).balances
        assert found[0].amounts.tolist()[:2] == [3900_00, 6000_00]
        change(may, MAY, "C2", 3900.5)
        assert [p.code for p in problems(may)] == ["balance-out-by-debit"]

    def test_dates_and_months_may_be_dates(self, example):
        to_xlsx(example, "ownership.csv")
        change(example, "ownership.xlsx", "D2", date(2020, 1, 2))
        to_xlsx(example, "rates.csv")
        change(example, "rates.xlsx", "A3", datetime(2025, 5, 1))  # noqa: DTZ001 - a cell has no zone
        found = read_group(example).group
        assert found.interests[0].since == date(2020, 1, 2)
        assert found.rates.quotes[1].on == "2025-05"

    def test_the_sheet_of_the_tables_name_is_read(self, may):
        workbook = openpyxl.load_workbook(may / MAY)
        workbook.create_sheet("notes")["A1"] = "x"
        workbook.save(may / MAY)
        assert places(may) == [(MAY, 0, "", "workbook-sheet")]
        workbook.worksheets[0].title = "2025-05"
        workbook.save(may / MAY)
        assert places(may) == []

    def test_empty_rows_are_counted(self, may):
        workbook = openpyxl.load_workbook(may / MAY)
        workbook.worksheets[0].insert_rows(3, 2)
        workbook.save(may / MAY)
        change(may, MAY, "C5", "x")
        assert (MAY, 5, "closing", "amount-unreadable") in places(may)


class TestCells:
    @pytest.mark.parametrize(
        ("cell", "value", "number_format", "place"),
        [
            ("C2", 3900.001, "", (2, "closing", "amount-decimals")),
            ("C2", 123456789.12345678, "", (2, "closing", "number-imprecise")),
            ("C2", 39.00, "0%", (2, "closing", "number-percent")),
            ("C2", "#N/A", "", (2, "closing", "cell-error")),
            ("C2", datetime(2025, 5, 1, 10, 30), "", (2, "closing", "cell-unusable")),  # noqa: DTZ001
            ("C2", date(2025, 5, 1), "", (2, "closing", "amount-unreadable")),
            ("C2", True, "", (2, "closing", "amount-unreadable")),
            ("B2", 1000.5, "", (2, "account", "code-from-number")),
            ("C2", "=1+1", "", (2, "closing", "formula-uncalculated")),
            ("A2", "=1+1", "", (2, "entity", "formula-uncalculated")),
            ("D2", "x", "", (2, "", "row-beside")),
            ("C1", None, "", (1, "closing", "column-missing")),
        ],
    )
    def test_a_cell_that_cannot_be_taken_is_named(self, may, cell, value, number_format, place):
        change(may, MAY, cell, value, number_format)
        found = places(may)
        assert (MAY, *place) in found
        assert len([each for each in found if each[1] == place[0]]) == 1

    def test_a_whole_number_may_be_a_code(self, may):
        change(may, MAY, "B2", 1000)
        assert places(may) == []

    def test_a_formula_that_was_calculated_is_its_value(self, may):
        change(may, MAY, "C2", "=3000+900")
        assert (MAY, 2, "closing", "formula-uncalculated") in places(may)
        sheet = "xl/worksheets/sheet1.xml"
        old = b"<f>3000+900</f><v></v>"
        with zipfile.ZipFile(may / MAY) as container:
            if old not in container.read(sheet):
                old = b"<f>3000+900</f><v />"
        repack(may / MAY, sheet, None, old=old, new=b"<f>3000+900</f><v>3900</v>")
        assert places(may) == []


class TestContainers:
    def test_what_is_no_workbook_is_refused(self, may):
        for content in (
            b"",
            b"PK",
            b"\xd0\xcf\x11\xe0 an old .xls",
            (may / MAY).read_bytes()[:-40],
        ):
            (may / MAY).write_bytes(content)
            assert places(may) == [(MAY, 0, "", "workbook-unreadable")]

    def test_a_zip_of_something_else_is_refused(self, may):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as container:
            container.writestr("hello.txt", "x")
        (may / MAY).write_bytes(packed.getvalue())
        assert places(may) == [(MAY, 0, "", "workbook-unreadable")]

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("xl/vbaProject.bin", b"macro"),
            ("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
            ("xl/theme/theme9.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'),
            ("xl/theme/theme9.xml", "<!DOCTYPE x><x/>".encode("utf-16")),
        ],
    )
    def test_what_could_act_is_refused(self, may, name, content):
        repack(may / MAY, name, content)
        assert places(may) == [(MAY, 0, "", "workbook-active")]

    def test_a_bomb_is_refused_before_it_is_unpacked(self, may):
        """Thirty mebibytes of noughts pack to thirty kibibytes: a thousand to one."""
        repack(may / MAY, "xl/media/image1.bin", bytes(30 * 2**20))
        assert (may / MAY).stat().st_size < 2**18
        assert places(may) == [(MAY, 0, "", "workbook-too-large")]

    def test_so_is_one_of_very_many_parts(self, may):
        with zipfile.ZipFile(may / MAY, "a") as container:
            for number in range(1_000):
                container.writestr(f"xl/media/{number}.bin", b"x")
        assert places(may) == [(MAY, 0, "", "workbook-too-large")]

    def test_a_sheet_beyond_the_limits_is_refused(self, may):
        workbook = openpyxl.load_workbook(may / MAY)
        workbook.worksheets[0].cell(2, 300, "x")
        workbook.save(may / MAY)
        assert places(may) == [(MAY, 0, "", "too-many-columns")]

    def test_and_one_that_is_far_longer_than_it_says(self, may):
        sheet = "xl/worksheets/sheet1.xml"
        row = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>HOLD</t></is></c></row>'
        repack(may / MAY, sheet, None, old=b"</sheetData>", new=row + b"</sheetData>")
        assert places(may) == [(MAY, 0, "", "too-many-rows")]
