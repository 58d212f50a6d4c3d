"""The steps of a close, and the state that their matrix adds up to."""

from collections.abc import Iterable
from enum import StrEnum


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

NOT_BUILT = frozenset({Step.INTERCOMPANY, Step.ANALYSE, Step.DISTRIBUTE})
"""Steps that have nothing to do yet: never done, always not applicable."""


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


class CloseState(StrEnum):
    """The specification's states, derived from the matrix."""

    IDLE = "IDLE"
    EXTRACTING = "EXTRACTING"
    CONSOLIDATING = "CONSOLIDATING"
    VALIDATING = "VALIDATING"
    REPORTING = "REPORTING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


_STATE = {
    Step.EXTRACT: CloseState.EXTRACTING,
    Step.VALIDATE: CloseState.EXTRACTING,
    Step.MAP: CloseState.EXTRACTING,
    Step.TRANSLATE: CloseState.CONSOLIDATING,
    Step.INTERCOMPANY: CloseState.CONSOLIDATING,
    Step.ADJUST: CloseState.CONSOLIDATING,
    Step.CONSOLIDATE: CloseState.CONSOLIDATING,
    Step.CONTROL: CloseState.VALIDATING,
    Step.ANALYSE: CloseState.VALIDATING,
    Step.REPORT: CloseState.REPORTING,
    Step.DISTRIBUTE: CloseState.REPORTING,
}

_OVER = frozenset({StepStatus.DONE, StepStatus.NOT_APPLICABLE})


def state_of(run: RunStatus | None, steps: Iterable[tuple[Step, StepStatus]]) -> CloseState:
    """
    The specification's state of a run.

    The first step in order that is not over for every entity decides; a run that failed,
    was cancelled or has ended says so itself.
    """
    if run is None or run is RunStatus.CANCELLED:
        return CloseState.IDLE
    if run is RunStatus.FAILED:
        return CloseState.FAILED
    if run is RunStatus.COMPLETED:
        return CloseState.COMPLETED
    open_steps = {step for step, status in steps if status not in _OVER}
    for step in Step:
        if step in open_steps:
            return _STATE[step]
    return CloseState.REPORTING
