"""A group folder from end to end in memory: read, consolidate, check, print."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monthclose.analysis.validation import validate
from monthclose.close.metrics import measure_month
from monthclose.close.steps import EntityDesk
from monthclose.consolidation.trail import TrailStep
from monthclose.groupfolder import GroupFolder, Unused, read_group, write_example
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.findings import Validation
from monthclose.ledger.periods import Period
from monthclose.ledger.runs import CloseInputs, Printed
from monthclose.ledger.subscriptions import Measured
from monthclose.reports.identity import CloseIdentity
from monthclose.wiring.press import print_book


@dataclass(frozen=True, slots=True, eq=False)
class FolderClose:
    """
    A month of a group folder, consolidated in memory.

    Attributes:
        folder: As it was read.
        book: The close.
        validation: What the checks found.
        trail: What the engine did.
        cash: Its cash flows.
        metrics: SaaS metrics of the group and each company; () without subscriptions.
    """

    folder: GroupFolder
    book: Book
    validation: Validation
    trail: Sequence[TrailStep]
    cash: CashFlows
    metrics: tuple[Measured, ...] = ()

    @property
    def unused(self) -> tuple[Unused, ...]:
        """What was read and checked, and no step uses yet."""
        return self.folder.unused


def init_folder(folder: Path) -> list[str]:
    """
    Write a small working group folder.

    Returns:
        The files written, relative to *folder*.

    Raises:
        GroupFolderNotEmpty: something is there already.
    """
    write_example(folder)
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def check_folder(folder: Path) -> GroupFolder:
    """
    Read a group folder and check all of it.

    Raises:
        GroupFolderInvalid: every mistake, by file, row and column.
    """
    return read_group(folder)


def consolidate_folder(folder: Path, period: str) -> FolderClose:
    """
    Consolidate one month of a group folder in memory; no database.

    Raises:
        GroupFolderInvalid: the folder has mistakes.
        CloseError: the month cannot be closed, and why.
    """
    Period.parse(period)
    found = read_group(folder)
    desk = EntityDesk(CloseInputs(found.group, found.balances), period, clock=lambda: 0.0)
    _, failures = desk.work()
    if failures:
        raise failures[0][1]
    book = desk.engine.consolidate(period)
    cash, metrics = desk.engine.cash_flows(book), measure_month(desk.engine, book)
    trail = desk.engine.get_audit_trail()
    return FolderClose(found, book, validate(book), trail, cash, metrics)


def print_folder_workbook(close: FolderClose, path: Path) -> Printed:
    """Print the workbook of a folder's month; the same folder gives the same bytes."""
    identity = CloseIdentity("", close.book.digest, tuple(close.trail))
    return print_book(
        close.book, close.validation, identity, path, cash=close.cash, metrics=close.metrics
    )
