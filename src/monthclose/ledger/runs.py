"""A run of a close as it is stored: a matrix of steps, what it read, what it printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.book import LastClose
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.sources import TieOut


class Step(StrEnum):
    """One column of the matrix, in the order in which a close goes."""

    EXTRACT = "extract"
    VALIDATE = "validate"
    MAP = "map"
    TRANSLATE = "translate"
    INTERCOMPANY = "intercompany"
    ADJUST = "adjust"
    CONSOLIDATE = "consolidate"
    CONTROL = "control"
    ANALYSE = "analyse"
    REPORT = "report"
    DISTRIBUTE = "distribute"


ENTITY_STEPS = (Step.EXTRACT, Step.VALIDATE, Step.MAP, Step.TRANSLATE)
"""Steps that belong to one entity."""

GROUP_STEPS = tuple(step for step in Step if step not in ENTITY_STEPS)
"""Steps that belong to the group."""


class StepStatus(StrEnum):
    """How far one step of one run is."""

    WAITING = "waiting"
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_APPLICABLE = "not_applicable"


class RunStatus(StrEnum):
    """How far a run is."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, eq=False)
class CloseInputs:
    """
    Everything one month's close reads.

    Attributes:
        group: The group and its dated records.
        balances: The latest balance of each entity, for every month up to the period that
            the records hold.
        last: What the latest close before the period left; None: there is none.
        after: The month and number of the version that left it.
        tie_outs: What the month's balances were compared in when they were read, by company;
            they came with the balances, and stay with them.
        noted: What was noted of them then, by company: codes with facts.
        budget: What is expected of the month, by company and account of the standard chart,
            minor units of the company's currency, debit positive.
        unplaced: Why what a company has with others could not be placed on the standard
            chart, by company: its month cannot be mapped.
    """

    group: Group
    balances: tuple[RawBalance, ...]
    last: LastClose | None = None
    after: tuple[str, int] | None = None
    tie_outs: Mapping[str, tuple[TieOut, ...]] = field(default_factory=dict)
    noted: Mapping[str, tuple[tuple[str, Mapping[str, str]], ...]] = field(default_factory=dict)
    budget: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unplaced: Mapping[str, CloseError] = field(default_factory=dict)


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
    def label(self) -> str:
        """`2025-06@1`, or `2025-06` while there is no version."""
        return f"{self.period}@{self.version}" if self.version else self.period


@dataclass(frozen=True, eq=False)
class VersionRecord:
    """
    A version of a month, with what it was made of.

    Attributes:
        period: The month.
        number: Its n of `PERIOD@n`.
        input_hash: SHA-256 of everything its run read.
        result_hash: SHA-256 of its book.
        code: Version of the program that made it.
        inputs: The same inputs, found again.
        figures: What it holds, presentation currency, debit positive, by company (empty:
            the group as such) and standard account.
    """

    period: str
    number: int
    input_hash: str
    result_hash: str
    code: str
    inputs: CloseInputs
    figures: Mapping[tuple[str, str], int]

    @property
    def label(self) -> str:
        """`2025-06@1`."""
        return f"{self.period}@{self.number}"
