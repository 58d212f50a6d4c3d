"""Reads a workbook the way others do: as parts, as values, and by computing it again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import ironcalc
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet


def parts(content: bytes) -> dict[str, str]:
    """Unzip a workbook: its parts by name, a tag a line."""
    with ZipFile(BytesIO(content)) as packed:
        return {
            name: re.sub(r"><", ">\n<", packed.read(name).decode()) + "\n"
            for name in packed.namelist()
        }


def formulas(content: bytes) -> Any:
    """Read a workbook with its formulas."""
    return load_workbook(BytesIO(content))


def values(content: bytes) -> Any:
    """Read a workbook with the values that stand beside its formulas."""
    return load_workbook(BytesIO(content), data_only=True)


@dataclass(frozen=True)
class Computed:
    """A cell with a formula: where, what, the value beside it, and the value computed anew."""

    where: str
    formula: str
    cached: Any
    computed: Any

    @property
    def same(self) -> bool:
        """Whether the two agree: amounts to a hundredth of a cent."""
        if isinstance(self.cached, str) or not isinstance(self.computed, (int, float)):
            return bool(self.cached == self.computed)
        return bool(abs(self.cached - self.computed) < 0.0001)


def computed(file: Path) -> Iterator[Computed]:
    """Compute every formula of a workbook again."""
    model = ironcalc.load_from_xlsx(str(file))
    model.evaluate()
    book: Any = load_workbook(file, data_only=True)
    for place, sheet in enumerate(book.worksheets):
        for row in sheet.iter_rows():
            for cell in row:
                formula = model.get_cell_formula(place, cell.row, cell.column)
                if formula is not None:
                    where = f"{sheet.title}!{cell.coordinate}"
                    value = model.get_cell_value(place, cell.row, cell.column)
                    yield Computed(where, formula, cell.value, value)


def table(sheet: Worksheet, first: int = 6) -> dict[str, list[Any]]:
    """Rows of a sheet by the text in their second column, from its table's first row."""
    rows: dict[str, list[Any]] = {}
    for row in sheet.iter_rows(min_row=first, values_only=True):
        if row[1] is not None:
            rows.setdefault(str(row[1]), list(row[2:]))
    return rows


def minor(value: float) -> int:
    """An amount as minor units; exact below ten trillion."""
    return round(value * 100)
