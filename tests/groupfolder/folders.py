"""Group folders with planted mistakes."""

import csv
from pathlib import Path

import openpyxl

from monthclose.groupfolder import GroupFolderInvalid, read_group
from monthclose.groupfolder.problems import Problem

Place = tuple[str, int, str, str]
"""File, row, column and code of a mistake."""

NUMERIC = {"functional", "translated", "closing", "percent", "value", "amount", "received"}
NUMERIC |= {"opening", "debit", "credit", "consideration", "investment", "share_capital"}
NUMERIC |= {"retained_earnings", "nci_percent", "tax_rate_pct", "life"}


def problems(folder: Path) -> list[Problem]:
    """Every mistake of a folder, none when it reads."""
    try:
        read_group(folder)
    except GroupFolderInvalid as error:
        return list(error.problems)
    return []


def places(folder: Path) -> list[Place]:
    """Where every mistake stands, and what it is."""
    return [(each.file, each.row, each.column, each.code) for each in problems(folder)]


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace text that stands in a file exactly once."""
    text = (folder / file).read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands in {file} {text.count(old)} times"
    (folder / file).write_text(text.replace(old, new), "utf-8", newline="")


def put(folder: Path, file: str, text: str) -> None:
    """Write a file, whatever was there."""
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text, "utf-8", newline="")


def add(folder: Path, file: str, line: str) -> None:
    """Add a line at the end of a table."""
    with (folder / file).open("a", encoding="utf-8", newline="") as stream:
        stream.write(line + "\n")


def to_xlsx(folder: Path, file: str) -> Path:
    """Turn a CSV table into a workbook, numbers as numbers, and remove the CSV."""
    source = folder / file
    with source.open(encoding="utf-8", newline="") as stream:
        header, *lines = csv.reader(stream)
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(header)
    for line in lines:
        sheet.append([_typed(name, cell) for name, cell in zip(header, line, strict=True)])
    target = source.with_suffix(".xlsx")
    workbook.save(target)
    source.unlink()
    return target


def _typed(name: str, cell: str) -> str | float | None:
    if not cell:
        return None
    return float(cell) if name in NUMERIC else cell
