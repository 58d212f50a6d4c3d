"""Group folders told in few words, and closed."""

from collections.abc import Iterable
from pathlib import Path

from monthclose.wiring.folders import FolderClose, consolidate_folder


def write(folder: Path, **tables: str) -> Path:
    """
    Write a group folder.

    Args:
        folder: Where.
        tables: Text by name; `balances_2025_06` is the table of that month.
    """
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        table, _, period = name.partition("_")
        file = f"{table}/{period.replace('_', '-')}.csv" if period else f"{table}.csv"
        if table == "group":
            file = "group.toml"
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.strip() + "\n", "utf-8")
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace text that stands in a file exactly once."""
    path = folder / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands in {file} {text.count(old)} times"
    path.write_text(text.replace(old, new), "utf-8")


def settings(presentation: str, first: str) -> str:
    """The settings of a group whose years are those of the calendar."""
    return f"""
[group]
code = "G"
name = "Group"
presentation_currency = "{presentation}"
first_period = "{first}"
"""


def rows(header: str, lines: Iterable[str]) -> str:
    """A table."""
    return "\n".join([header, *lines])


def months(year: int, first: int = 1, last: int = 12) -> list[str]:
    """Months of a year."""
    return [f"{year}-{month:02d}" for month in range(first, last + 1)]


def close(folder: Path, period: str) -> FolderClose:
    """Close a month in memory; no check may find anything."""
    closed = consolidate_folder(folder, period)
    found = [
        finding
        for result in closed.validation.results
        for finding in result.findings
        if not result.passed and result.check not in ("W8", "W9")  # months of rest
    ]
    assert [each.said("en") for each in found] == []
    return closed


def figures(closed: FolderClose, *accounts: str) -> list[int]:
    """Consolidated accounts before closing, minor units, debit positive."""
    return [closed.book.figure(account) for account in accounts]
