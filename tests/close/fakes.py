"""Ports of a close, kept in memory: the same promises as the stored ones, without a database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from monthclose.consolidation.trail import TrailStep
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.findings import Validation
from monthclose.ledger.runs import (
    CloseInputs,
    Printed,
    RunRecord,
    RunStatus,
    Step,
    StepRecord,
    StepStatus,
)
from monthclose.ledger.subscriptions import Measured


@dataclass
class MemoryRecords:
    """Inputs that a test may change between two runs."""

    inputs_: CloseInputs

    def inputs(self, period: str) -> CloseInputs:
        return self.inputs_


@dataclass
class MemoryRuns:
    """The matrix as a list of runs."""

    runs: list[RunRecord] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)

    def latest(self, period: str) -> RunRecord | None:
        of_month = [run for run in self.runs if run.period == period]
        return of_month[-1] if of_month else None

    def begin(self, period: str, input_hash: str, entities: Sequence[str], code: str) -> RunRecord:
        run = RunRecord(str(len(self.runs) + 1), period, RunStatus.RUNNING, input_hash)
        self.runs.append(run)
        return run

    def _change(self, run: str, **changes: object) -> None:
        place = next(i for i, each in enumerate(self.runs) if each.id == run)
        self.runs[place] = replace(self.runs[place], **changes)  # type: ignore[arg-type]

    def _of(self, run: str) -> RunRecord:
        return next(each for each in self.runs if each.id == run)

    def finish(self, run: str, steps: Sequence[StepRecord]) -> None:
        assert all(step.status is not StepStatus.RUNNING for step in steps)
        self._change(run, steps=(*self._of(run).steps, *steps))

    def keep_book(self, run: str, step: StepRecord, book: Book, inputs: CloseInputs) -> int:
        if not self.books or self.books[-1].digest != book.digest:
            self.books.append(book)
        self.finish(run, [step])
        self._change(run, version=len(self.books))
        return len(self.books)

    def keep_findings(self, run: str, step: StepRecord, validation: Validation) -> None:
        self.finish(run, [step])

    def keep_report(self, run: str, step: StepRecord, printed: Printed) -> None:
        self.finish(run, [step])
        self._change(run, reports=(*self._of(run).reports, printed))

    def complete(self, run: str, result_hash: str) -> None:
        self._change(run, status=RunStatus.COMPLETED, result_hash=result_hash)

    def fail(self, run: str, step: StepRecord) -> None:
        self._change(
            run,
            status=RunStatus.FAILED,
            error_code=step.error_code,
            error_entity=step.entity,
            error=step.error,
        )


@dataclass
class CountingPress:
    """Prints nothing, and counts how often it was asked."""

    asked: int = 0

    def workbook(
        self,
        book: Book,
        validation: Validation,
        label: str,
        trail: Sequence[TrailStep],
        cash: Callable[[], CashFlows],
        metrics: tuple[Measured, ...] = (),
    ) -> Printed:
        self.asked += 1
        return Printed("workbook", f"{label}.xlsx", book.digest, 1, f"{label}.xlsx")


def steps_of(run: RunRecord, step: Step) -> dict[str, StepStatus]:
    """One column of the matrix."""
    return {cell.entity: cell.status for cell in run.steps if cell.step is step}
