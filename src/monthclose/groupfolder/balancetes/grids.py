"""A file of any accountant as a grid of texts, within limits and without active content."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monthclose.groupfolder.files import Document
from monthclose.groupfolder.problems import Listing, Problem, Problems
from monthclose.groupfolder.tables import MOST_COLUMNS, MOST_ROWS
from monthclose.groupfolder.workbooks import WorkbookUnusable, read_workbook
from monthclose.ledger.errors import CloseError

ENCODINGS = ("utf-8", "windows-1252")
DELIMITERS = (";", "\t", ",", "|")

_ZIP = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


class TableUnusable(CloseError):
    """
    A table with mistakes; nothing of it was taken.

    Attributes:
        problems: Every mistake, with sheet or file, row and column.
    """

    code = "table-unusable"
    problems: tuple[Problem, ...]

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(file=file, count=len(problems), listed=Listing(problems))


@dataclass(frozen=True, slots=True)
class Grid:
    """
    A sheet as texts.

    Attributes:
        place: File, and sheet of a workbook, as problems name it.
        rows: Cells, row by row; those of a workbook are not all of one length.
        faults: Cells that cannot be taken: code and facts, by row and column from 0.
        workbook: Whether it is of a workbook, where numbers are numbers.
    """

    place: str
    rows: list[list[str]]
    faults: Mapping[tuple[int, int], tuple[str, dict[str, Any]]]
    workbook: bool


def is_workbook(document: Document) -> bool:
    """Whether the bytes are a workbook's, whatever the name says."""
    return document.content.startswith(_ZIP)


def read_grid(document: Document, *, encoding: str, delimiter: str, sheet: str = "") -> Grid:
    """
    Read a file as a grid.

    Args:
        document: The file.
        encoding: Of a text: one of `ENCODINGS`.
        delimiter: Of a text.
        sheet: Of a workbook; empty: the only one.

    Raises:
        TableUnusable: it is no such file, or could do harm.
    """
    problems, name = Problems(), document.name
    if document.content.startswith(_OLD_WORKBOOK):
        problems.add(name, "workbook-old")
        raise TableUnusable(name, problems.in_order())
    if is_workbook(document):
        place = f"{name} [{sheet}]" if sheet else name
        try:
            rows, faults = read_workbook(document.content, sheet, MOST_ROWS + 1, MOST_COLUMNS)
        except WorkbookUnusable as error:
            problems.add(name, error.code, **error.facts)
            raise TableUnusable(name, problems.in_order()) from error
        by_cell = {(row, column): (code, facts) for row, column, code, facts in faults}
        grid = Grid(place, rows, by_cell, workbook=True)
    else:
        grid = Grid(name, _lines(document, encoding, delimiter, problems), {}, workbook=False)
    if len(grid.rows) > MOST_ROWS:
        problems.add(name, "too-many-rows", limit=MOST_ROWS)
    elif max(map(len, grid.rows), default=0) > MOST_COLUMNS:
        problems.add(name, "too-many-columns", limit=MOST_COLUMNS)
    elif not grid.rows:
        problems.add(name, "table-empty")
    if problems:
        raise TableUnusable(name, problems.in_order())
    return grid


def decoded(document: Document) -> str:
    """The encoding of a text: UTF-8 where it can be, since hardly any other text can."""
    try:
        document.content.decode("utf-8")
    except UnicodeDecodeError:
        return ENCODINGS[1]
    return ENCODINGS[0]


def _lines(
    document: Document, encoding: str, delimiter: str, problems: Problems
) -> list[list[str]]:
    name = document.name
    try:
        text = document.content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeDecodeError, LookupError):
        problems.add(name, "text-encoding", encoding=encoding)
        raise TableUnusable(name, problems.in_order()) from None
    if "\0" in text:
        problems.add(name, "text-binary")
        raise TableUnusable(name, problems.in_order())
    rows: list[list[str]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append([cell.strip() for cell in line])
            if len(rows) > MOST_ROWS:
                break
    except csv.Error:
        problems.add(name, "csv-malformed", len(rows) + 1)
        raise TableUnusable(name, problems.in_order()) from None
    return rows
