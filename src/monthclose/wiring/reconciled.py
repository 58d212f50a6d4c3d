"""A month's figures led to those of the other framework, from the database or a folder."""

from dataclasses import dataclass
from pathlib import Path

from monthclose.consolidation.gaap import reconcile
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.periods import Period
from monthclose.ledger.reconciliation import Reconciliation
from monthclose.ledger.runs import CloseInputs
from monthclose.wiring.build import Desk
from monthclose.wiring.lookback import read_version, remake


@dataclass(frozen=True, slots=True, eq=False)
class Reconciled:
    """
    A reconciliation and the book it starts from.

    Attributes:
        label: `2025-06@1`, or `2025-06` for a folder.
        book: The close it starts from.
        bridge: The reconciliation; without an entry both ends are the same.
    """

    label: str
    book: Book
    bridge: Reconciliation


def reconcile_stored(desk: Desk, label: str) -> Reconciled:
    """
    Reconcile a stored version, made again from the inputs that it keeps.

    Raises:
        CloseError: as `explain_stored` does for a version.
    """
    version, _, book = read_version(desk, label)
    return _of(version.label, book)


def reconcile_folder(folder: Path, period: str) -> Reconciled:
    """
    Reconcile a month of a group folder, in memory.

    Raises:
        GroupFolderInvalid: the folder has mistakes.
        CloseError: the month cannot be closed, and why.
    """
    Period.parse(period)
    found = read_group(folder)
    return _of(period, remake(CloseInputs(found.group, found.balances), period)[1])


def _of(label: str, book: Book) -> Reconciled:
    bridge = book.reconciliation or reconcile(book.group, book.period, book.totals)
    return Reconciled(label, book, bridge)
