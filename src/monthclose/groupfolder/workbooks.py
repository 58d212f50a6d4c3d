"""Workbooks (XLSX): opened only when harmless, numbers taken as the decimals they mean."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import repeat
from typing import Any

from monthclose.groupfolder.numbers import decimal_of

MOST_ENTRIES = 1_000
MOST_UNPACKED = 100 * 2**20
MOST_PART = 50 * 2**20
MOST_RATIO = 100

type Cell = tuple[int, int, str, dict[str, Any]]
"""A cell that cannot be taken: row and column from 0, code, facts."""


class Number(str):
    """A cell that holds a number: its shortest plain decimal."""

    __slots__ = ()


class Moment(str):
    """A cell that holds a date: `2025-06-30`."""

    __slots__ = ()


class WorkbookUnusable(Exception):
    """A workbook that is not read; *code* and *facts* are those of a problem."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


def read_workbook(
    content: bytes, sheet: str, most_rows: int, most_columns: int
) -> tuple[list[list[str]], list[Cell]]:
    """
    Read one sheet as text.

    Args:
        content: Bytes of the file.
        sheet: Its name, when the workbook has several.
        most_rows: One row more is read, so that the caller sees that there are too many.
        most_columns: Beyond it no cell may be filled.

    Returns:
        The rows, and the cells of them that cannot be taken.

    Raises:
        WorkbookUnusable: not a workbook, or one that could do harm.
    """
    formulas = _check_container(content)
    try:
        with warnings.catch_warnings():
            # Remarks on charts and validations that are not read anyway.
            warnings.simplefilter("ignore")
            return _read(content, sheet, most_rows, most_columns, formulas=formulas)
    except WorkbookUnusable:
        raise
    except Exception as error:
        # A damaged workbook fails in openpyxl in ways without number.
        raise WorkbookUnusable("workbook-unreadable") from error


def _check_container(content: bytes) -> bool:
    """
    Refuse what a workbook with figures has no need of.

    Returns:
        Whether any sheet holds formulas.

    Source:
        Limits of a container: 1,000 entries, 100 MiB unpacked, 50 MiB a part, 100 to 1.
    """
    formulas = False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            parts = container.infolist()
            unpacked = sum(part.file_size for part in parts)
            if (
                len(parts) > MOST_ENTRIES
                or unpacked > MOST_UNPACKED
                or unpacked > MOST_RATIO * max(len(content), 1)
                or any(part.file_size > MOST_PART for part in parts)
            ):
                raise WorkbookUnusable("workbook-too-large")
            for part in parts:
                name = part.filename.lower()
                if part.flag_bits & 1 or "vbaproject" in name or "externallink" in name:
                    raise WorkbookUnusable("workbook-active")
                if name.endswith((".xml", ".rels", ".vml")):
                    # A part says how long it is, and reading stops there.
                    text = container.read(part)
                    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
                        raise WorkbookUnusable("workbook-active")
                    formulas = formulas or b"<f>" in text or b"<f " in text
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        raise WorkbookUnusable("workbook-unreadable") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise WorkbookUnusable("workbook-unreadable") from error
    return formulas


def _read(
    content: bytes, sheet: str, most_rows: int, most_columns: int, *, formulas: bool
) -> tuple[list[list[str]], list[Cell]]:
    rows: list[list[str]] = []
    faults: list[Cell] = []
    written: Iterator[Any] = repeat(())
    if formulas:
        # Only the formulas themselves tell an empty cell from one never calculated.
        written = _sheet(content, sheet, values=False).iter_rows()
    for cells, unevaluated in zip(
        _sheet(content, sheet, values=True).iter_rows(), written, strict=False
    ):
        if any(cell.value is not None for cell in cells[most_columns:]):
            raise WorkbookUnusable("too-many-columns", limit=most_columns)
        texts = []
        for place, cell in enumerate(cells[:most_columns]):
            code = ""
            if cell.value is None:
                if place < len(unevaluated) and unevaluated[place].data_type == "f":
                    code = "formula-uncalculated"
                text = ""
            else:
                text, code = _text(cell)
            if code:
                faults.append((len(rows), place, code, {}))
            texts.append(text)
        while texts and not texts[-1] and not (faults and faults[-1][:2] == _last(rows, texts)):
            texts.pop()
        rows.append(texts)
        if len(rows) > most_rows:
            break
    while rows and not rows[-1] and len(rows) <= most_rows:
        rows.pop()
    return rows, faults


def _last(rows: list[list[str]], texts: list[str]) -> tuple[int, int]:
    """Where the last cell of a line stands: one that is a fault is no empty end."""
    return len(rows), len(texts) - 1


def _sheet(content: bytes, name: str, *, values: bool) -> Any:
    """Open the sheet of the table's name, or the only one."""
    import openpyxl  # only here: most folders hold no workbook, and loading it takes time

    workbook = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=values, keep_links=False
    )
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if name in sheets:
        sheet = sheets[name]
    elif len(sheets) == 1:
        sheet = next(iter(sheets.values()))
    else:
        raise WorkbookUnusable("workbook-sheet", sheet=name)
    # What a sheet says of its own size may be wrong either way.
    sheet.reset_dimensions()
    return sheet


def _text(cell: Any) -> tuple[str, str]:
    """Write a cell as text, or say why it cannot be."""
    value = cell.value
    if cell.data_type == "e":
        return "", "cell-error"
    if isinstance(value, str):
        return value, ""
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    if isinstance(value, (int, float)):
        if "%" in (cell.number_format or ""):
            return "", "number-percent"
        text = decimal_of(value)
        return (Number(text), "") if text is not None else ("", "number-imprecise")
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return Moment(value.date().isoformat()), ""
    return "", "cell-unusable"
