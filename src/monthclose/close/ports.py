"""What a close needs of the outside: its records, its matrix, its printer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from monthclose.close.states import CloseState, RunStatus, Step, StepStatus, state_of
from monthclose.consolidation.group import TrailStep
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.book import Book, LastClose
from monthclose.ledger.findings import Validation
from monthclose.ledger.group import Group


@dataclass(frozen=True, eq=False)
class CloseInputs:
    """
    Everything one month's close reads.

    Attributes:
        group: The group and its dated records.
        balances: The latest balance of each entity, for every month up to the period that
            the records hold.
        last: What the latest close before the period left; None: there is none.
    """

    group: Group
    balances: tuple[RawBalance, ...]
    last: LastClose | None = None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """
    One cell of the matrix.

    Attributes:
        step: Which step.
        entity: Code of the entity; empty: the step is the group's.
        status: How far it is.
        attempt: How often this run has executed it: nil when an earlier run's output stands.
        input_hash: SHA-256 of what went in, hexadecimal; empty: not known yet.
        output_hash: SHA-256 of what came out.
        rows: Lines, entries or checks it handled.
        seconds: How long it took.
        error_code: Stable code of what stopped it, or empty.
        error: The message, in English, with the remedy; or empty.
    """

    step: Step
    entity: str
    status: StepStatus
    attempt: int = 0
    input_hash: str = ""
    output_hash: str = ""
    rows: int = 0
    seconds: float = 0.0
    error_code: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """A report that was printed: its name, the SHA-256 of its bytes, where it lies."""

    kind: str
    name: str
    sha256: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """
    One run of a month's close, as stored.

    Attributes:
        id: Of the run.
        period: The month, such as `2025-06`.
        status: How far it is.
        input_hash: SHA-256 of everything it read, hexadecimal.
        result_hash: SHA-256 of the book; empty until it is made.
        version: Number n of `PERIOD@n` that holds its figures; nil until there is one.
        steps: The matrix.
        reports: What was printed.
        error_code: Of what stopped it, or empty.
        error_entity: Where it stopped, or empty.
        error: The message, in English, with the remedy; or empty.
    """

    id: str
    period: str
    status: RunStatus
    input_hash: str
    result_hash: str = ""
    version: int = 0
    steps: tuple[StepRecord, ...] = ()
    reports: tuple[Printed, ...] = ()
    error_code: str = ""
    error_entity: str = ""
    error: str = ""

    @property
    def state(self) -> CloseState:
        """The specification's state, derived from the matrix."""
        return state_of(self.status, ((step.step, step.status) for step in self.steps))

    @property
    def label(self) -> str:
        """`2025-06@1`, or `2025-06` while there is no version."""
        return f"{self.period}@{self.version}" if self.version else self.period


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

    def keep_book(self, run: str, step: StepRecord, book: Book) -> int:
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
        self, book: Book, validation: Validation, label: str, trail: Sequence[TrailStep]
    ) -> Printed:
        """Print the workbook of a close; the same close gives the same bytes."""
        ...
