"""Prints packs into the installation's folder; one that stands is not printed again."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monthclose.consolidation.trail import TrailStep
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.findings import Validation
from monthclose.ledger.runs import Printed
from monthclose.ledger.subscriptions import Measured
from monthclose.reports.excel import write_workbook
from monthclose.reports.identity import CloseIdentity


@dataclass(frozen=True, slots=True)
class FilePress:
    """Prints into a folder: `packs/GROUP/2025-06@1/GROUP-2025-06.xlsx`."""

    folder: Path

    def workbook(
        self,
        book: Book,
        validation: Validation,
        label: str,
        trail: Sequence[TrailStep],
        cash: Callable[[], CashFlows],
        metrics: tuple[Measured, ...] = (),
    ) -> Printed:
        """Print the workbook of a close; the same close gives the same bytes."""
        folder = self.folder / safe(book.group.code) / label
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{safe(book.group.code)}-{book.period}.xlsx"
        identity = CloseIdentity(label, book.digest, tuple(trail))
        return print_book(book, validation, identity, path, metrics, cash())


def print_book(
    book: Book,
    validation: Validation,
    close: CloseIdentity,
    path: Path,
    metrics: tuple[Measured, ...] = (),
    cash: CashFlows | None = None,
) -> Printed:
    """Print a workbook; the version of *close* is empty for one that nobody stored."""
    lang = book.group.language
    write_workbook(book, validation, path, lang=lang, close=close, metrics=metrics, cash=cash)
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return Printed("workbook", path.name, sha256, len(content), str(path.absolute()))


def safe(code: str) -> str:
    """A code as the name of a file: nothing that a path or a shell would read otherwise."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in code)
    return kept or "_"
