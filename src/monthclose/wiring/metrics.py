"""SaaS metrics of a month: of a folder in memory, or of a version as it was closed."""

from dataclasses import dataclass
from pathlib import Path

from monthclose.close.metrics import measure_month
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.periods import Period
from monthclose.ledger.runs import CloseInputs
from monthclose.ledger.subscriptions import Measured
from monthclose.wiring.build import Desk
from monthclose.wiring.lookback import read_version, remake


@dataclass(frozen=True, slots=True, eq=False)
class MonthMetrics:
    """
    The metrics of a month.

    Attributes:
        label: `2025-06@1`, or `2025-06` for a folder.
        book: The close they are of.
        measured: The group, then each company with contracts.
    """

    label: str
    book: Book
    measured: tuple[Measured, ...]


def metrics_of_folder(folder: Path, period: str) -> MonthMetrics:
    """
    Work out the metrics of a group folder's month, in memory.

    Raises:
        GroupFolderInvalid: the folder has mistakes.
        CloseError: the month cannot be closed, and why.
    """
    Period.parse(period)
    found = read_group(folder)
    engine, book = remake(CloseInputs(found.group, found.balances), period)
    return MonthMetrics(period, book, measure_month(engine, book))


def metrics_of_version(desk: Desk, label: str) -> MonthMetrics:
    """
    Work out the metrics of a stored version, from the contracts and balances it was closed with.

    Raises:
        CloseError: there is no such version, or it cannot be made again.
    """
    version, engine, book = read_version(desk, label)
    return MonthMetrics(version.label, book, measure_month(engine, book))
