"""A file to columns of text: CSV or workbook, with the row of every line."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from monthclose.groupfolder.files import Document
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.specs import TableSpec
from monthclose.groupfolder.workbooks import WorkbookUnusable, read_workbook

MOST_ROWS = 100_000
MOST_COLUMNS = 256

_UNSEEN = (
    # Controls but tab and line break; soft hyphen, zero-width, bidirectional, variation and
    # tag characters; lone surrogates and what is no character at all.
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufe00-\ufe0f\ufeff\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff"
)
_UNCLEAN = re.compile(f"[{_UNSEEN}]")


@dataclass(slots=True)
class Fault:
    """A cell that cannot be taken: where it stands, counted from 0, and why."""

    row: int
    column: int
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Table:
    """
    One file as columns of text.

    Attributes:
        file: Its name.
        columns: (n,) cells by header, known columns only.
        rows: (n,) row of each line, the header being 1.
        bad: Lines that already have a mistake, counted from 0.
        spoilt: Line and column of cells that could not be taken, and were left empty.
        lost: How many lines were left out, so that nothing is known of them.
        sha256: Hash of the file, hexadecimal.
    """

    file: str
    columns: dict[str, Sequence[str]]
    rows: Sequence[int]
    bad: set[int] = field(default_factory=set)
    spoilt: set[tuple[int, str]] = field(default_factory=set)
    lost: int = 0
    sha256: str = ""


def read_table(document: Document, spec: TableSpec, sheet: str, problems: Problems) -> Table | None:
    """
    Read a table whole, noting every mistake of form.

    Args:
        document: The file.
        spec: The table it should be.
        sheet: Name of its sheet, when a workbook has several.
        problems: Takes the mistakes.

    Returns:
        Its lines; those with the wrong number of cells are left out. None: unreadable.
    """
    workbook = document.name.lower().endswith(".xlsx")
    faults: list[Fault] = []
    if workbook:
        try:
            grid, found = read_workbook(document.content, sheet, MOST_ROWS + 1, MOST_COLUMNS)
        except WorkbookUnusable as error:
            problems.add(document.name, error.code, **error.facts)
            return None
        faults += [Fault(*each) for each in found]
    else:
        lines = _csv_lines(document, problems)
        if lines is None:
            return None
        grid = lines
    return _Arranged(document.name, spec, problems, grid, faults, padded=workbook).table()


def _csv_lines(document: Document, problems: Problems) -> list[list[str]] | None:
    """Read CSV in UTF-8, with commas or (when the header has no comma) semicolons."""
    text = decode(document, problems)
    if text is None:
        return None
    # A header never holds either sign, so the first line tells them apart for certain.
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[list[str]] = []
    try:
        for line in reader:
            lines.append(line)
            if len(lines) > MOST_ROWS + 1:
                break
    except csv.Error:
        problems.add(document.name, "csv-malformed", len(lines) + 1)
        return None
    return lines


def decode(document: Document, problems: Problems) -> str | None:
    """Decode UTF-8; a byte order mark at the very start is passed over."""
    try:
        return document.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind the mark that it has taken off.
        offset = error.start + (3 if document.content.startswith(b"\xef\xbb\xbf") else 0)
        row = document.content.count(b"\n", 0, offset) + 1
        problems.add(document.name, "encoding", row, offset=offset)
        return None


def unclean(text: str) -> bool:
    """Whether a text has characters that nobody sees, or one written in two ways."""
    if text.isascii():
        return bool(_UNCLEAN.search(text))
    return bool(_UNCLEAN.search(text)) or not unicodedata.is_normalized("NFC", text)


class _Arranged:
    """A grid of cells under its header."""

    def __init__(
        self,
        file: str,
        spec: TableSpec,
        problems: Problems,
        grid: list[list[str]],
        faults: list[Fault],
        *,
        padded: bool,
    ) -> None:
        self.file, self.spec, self.problems = file, spec, problems
        self.grid, self.faults, self.padded = grid, faults, padded

    def table(self) -> Table | None:
        """Check the header, drop empty lines, object to ragged ones, and turn to columns."""
        header = self._header()
        if header is None:
            return None
        self._find_unclean()
        body = self.grid[1:]
        if len(body) > MOST_ROWS:
            self.problems.add(self.file, "too-many-rows", limit=MOST_ROWS)
            return None
        faulty = {(fault.row, fault.column) for fault in self.faults}
        spoilt = {row for row, _ in faulty}
        width = len(header)
        kept: list[list[str]] = []
        rows: list[int] | range = range(2, len(body) + 2)
        lost = 0
        if spoilt or set(map(len, body)) != {width} or not all(map(itemgetter(0), body)):
            rows = []
            for row, line in enumerate(body, 2):
                if row - 1 not in spoilt and not any(line):
                    continue
                if fitted := self._fitted(line, row, width):
                    kept.append(fitted)
                    rows.append(row)
                else:
                    lost += 1
        else:
            kept = body
        self._report_faults(header)
        turned = list(zip(*kept, strict=True)) if kept else [()] * width
        known = {column.name for column in self.spec.columns}
        columns: dict[str, Sequence[str]] = {
            name: turned[place] for place, name in enumerate(header) if name in known
        }
        table = Table(self.file, columns, rows, lost=lost)
        places = {row: line for line, row in enumerate(rows)} if spoilt else {}
        for row, place in faulty:
            at = places.get(row + 1)
            if at is not None:
                table.bad.add(at)
                table.spoilt.add((at, header[place] if place < width else ""))
        return table

    def _fitted(self, line: list[str], row: int, width: int) -> list[str] | None:
        """Give a line the header's width: a workbook leaves out empty cells at the end."""
        if any(line[width:]) or (len(line) < width and not self.padded):
            code = "row-beside" if self.padded else "row-ragged"
            self.problems.add(self.file, code, row, found=len(line), expected=width)
            return None
        return [*line[:width], *[""] * (width - len(line))]

    def _header(self) -> list[str] | None:
        """Read the header; None when there is none."""
        header = list(self.grid[0]) if self.grid else []
        while header and not header[-1]:
            header.pop()
        if not header:
            self.problems.add(self.file, "table-empty")
            return None
        if max(map(len, self.grid)) > MOST_COLUMNS:
            self.problems.add(self.file, "too-many-columns", limit=MOST_COLUMNS)
            return None
        known = [column.name for column in self.spec.columns]
        seen: set[str] = set()
        for place, name in enumerate(header, 1):
            if not name:
                self.problems.add(self.file, "column-unnamed", 1, place=place)
            elif name in seen:
                self.problems.add(self.file, "column-twice", 1, name[:60])
            elif name not in known:
                self.problems.add(self.file, "column-unknown", 1, name[:60], known=known)
            seen.add(name)
        for column in self.spec.columns:
            if column.needed and column.name not in seen:
                self.problems.add(self.file, "column-missing", 1, column.name)
        return header

    def _find_unclean(self) -> None:
        """Look for characters nobody sees, in the whole text first: hardly any file has one."""
        if not unclean("\n".join(map(",".join, self.grid))):
            return
        for row, line in enumerate(self.grid):
            for place, cell in enumerate(line):
                if unclean(cell):
                    self.faults.append(Fault(row, place, "text-unclean"))

    def _report_faults(self, header: list[str]) -> None:
        """Report cells that could not be taken, under their column's name."""
        known = {column.name for column in self.spec.columns}
        for fault in self.faults:
            name = header[fault.column] if fault.column < len(header) else ""
            if fault.row == 0 and name not in known and name:
                continue  # the header says already that it does not know it
            self.problems.add(self.file, fault.code, fault.row + 1, name[:60], **fault.facts)
