"""What a close needs of the outside: its records, its matrix, its printer."""

from collections.abc import Callable, Sequence
from typing import Protocol

from monthclose.consolidation.trail import TrailStep
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.extractions import Extraction
from monthclose.ledger.findings import Validation
from monthclose.ledger.runs import CloseInputs, Printed, RunRecord, StepRecord
from monthclose.ledger.subscriptions import Measured

__all__ = [
    "CloseInputs",
    "Extraction",
    "Extractor",
    "Press",
    "Printed",
    "Records",
    "RunRecord",
    "Runs",
    "StepRecord",
]


class Extractor(Protocol):
    """Reads months from the companies' own systems."""

    def extract(self, period: str, *, again: bool) -> tuple[Extraction, ...]:
        """
        Read the month of every company that has a system to read it from.

        One that fails stops no other: its extraction holds the error.

        Args:
            period: The month.
            again: Whether to read also companies whose month is there.
        """
        ...


class Records(Protocol):
    """Where a group and its balances are kept."""

    def inputs(self, period: str) -> CloseInputs:
        """
        Read everything a month's close needs.

        Raises:
            CloseError: there is no such group, or nothing for the month.
        """
        ...


class Runs(Protocol):
    """
    The matrix of stored steps. Each call is one transaction.

    An effect and the word `done` go together: what a step made is stored in the call
    that finishes it.
    """

    def latest(self, period: str) -> RunRecord | None:
        """The latest run of a month, whatever became of it."""
        ...

    def begin(self, period: str, input_hash: str, entities: Sequence[str], code: str) -> RunRecord:
        """
        Start a run and lay out its matrix, every step waiting.

        Raises:
            CloseError: another run of the month is active, or the month is locked.
        """
        ...

    def finish(self, run: str, steps: Sequence[StepRecord]) -> None:
        """Store the outcome of steps: done, failed or not applicable."""
        ...

    def keep_book(self, run: str, step: StepRecord, book: Book, inputs: CloseInputs) -> int:
        """
        Store the book and finish its step in one transaction.

        Returns:
            The number of the version that holds it: a new one when its figures are new,
            the current one when they are the same.

        Raises:
            CloseError: the month is locked.
        """
        ...

    def keep_findings(self, run: str, step: StepRecord, validation: Validation) -> None:
        """Store what the checks found and finish their step."""
        ...

    def keep_report(self, run: str, step: StepRecord, printed: Printed) -> None:
        """Store what was printed and finish its step."""
        ...

    def complete(self, run: str, result_hash: str) -> None:
        """End a run whose steps are all over."""
        ...

    def fail(self, run: str, step: StepRecord) -> None:
        """End a run that a step stopped."""
        ...


class Press(Protocol):
    """Prints what people read."""

    def workbook(
        self,
        book: Book,
        validation: Validation,
        label: str,
        trail: Sequence[TrailStep],
        cash: Callable[[], CashFlows],
        metrics: tuple[Measured, ...] = (),
    ) -> Printed:
        """
        Print the workbook of a close; the same close gives the same bytes.

        *cash* derives the cash flows: whoever prints none need not ask.
        """
        ...
