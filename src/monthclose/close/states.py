"""The state that the matrix of a close adds up to, and which steps have nothing to do yet."""

from collections.abc import Iterable
from enum import StrEnum

from monthclose.ledger.runs import ENTITY_STEPS, GROUP_STEPS, RunStatus, Step, StepStatus

__all__ = [
    "ENTITY_STEPS",
    "GROUP_STEPS",
    "NOT_BUILT",
    "CloseState",
    "RunStatus",
    "Step",
    "StepStatus",
    "state_of",
]

NOT_BUILT = frozenset({Step.DISTRIBUTE})
"""Steps that have nothing to do yet: never done, always not applicable."""


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
