"""The statements of one month, of a folder or of a version that the database keeps."""

from dataclasses import dataclass
from pathlib import Path

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.periods import Period
from monthclose.ledger.runs import CloseInputs
from monthclose.wiring.build import Desk
from monthclose.wiring.lookback import read_version, remake


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """
    A month whose statements somebody asked for.

    Attributes:
        label: `2025-06@1`, or `2025-06` for a folder.
        book: The close.
        engine: Holds its months: cash flows are derived when they are asked for.
    """

    label: str
    book: Book
    engine: ConsolidationEngine

    @property
    def cash(self) -> CashFlows:
        """Its cash flows."""
        return self.engine.cash_flows(self.book)


def state_folder(folder: Path, period: str) -> Stated:
    """
    Close a month of a group folder in memory.

    Raises:
        GroupFolderInvalid: the folder has mistakes.
        CloseError: the month cannot be closed, and why.
    """
    Period.parse(period)
    found = read_group(folder)
    engine, book = remake(CloseInputs(found.group, found.balances), period)
    return Stated(period, book, engine)


def state_stored(desk: Desk, label: str) -> Stated:
    """
    Make a stored version again, and hold it against its hash.

    Raises:
        VersionUnreadable, NotAPeriod, VersionUnknown: *label* names no version.
        InputsNotRepeated, VersionNotRepeated: it cannot be made again as it was.
    """
    version, engine, book = read_version(desk, label)
    return Stated(version.label, book, engine)
