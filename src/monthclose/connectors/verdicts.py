"""What an answer means: data, the end of data, try again, or stop and why."""

from collections.abc import Callable
from dataclasses import dataclass

from monthclose.connectors.answers import Answer
from monthclose.connectors.errors import (
    CredentialRefused,
    QuestionRefused,
    Refused,
    RightMissing,
    SourceAnsweredBadly,
    SourceBusy,
    SourceFailed,
)
from monthclose.connectors.vendors import Do, Vendor


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What the body of an answer means, where its status does not tell.

    Attributes:
        do: What to do.
        wait_s: Wait before a repeat, at least.
        block_s: How long the vendor says that it shuts us out; nil: it does not.
        error: What is raised when the answer stops the call.
        failed: Whether the source itself failed, for the circuit breaker.
        limit: Which of its limits a 429 is about, as `per` names it; empty: it does not say.
    """

    do: Do
    wait_s: float = 0.0
    block_s: float = 0.0
    error: SourceFailed | None = None
    failed: bool = False
    limit: str = ""

    @property
    def refused(self) -> bool:
        """Whether the source works and will not do what was asked, whatever the status."""
        return self.do is Do.STOP and isinstance(self.error, Refused)


type Read = Callable[[Answer], Verdict | None]
"""Reads what only the body tells; None leaves it to the status."""


def by_status(answer: Answer) -> Verdict | None:  # noqa: ARG001
    """Leave every answer to its status."""
    return None


def stopped(answer: Answer, vendor: Vendor) -> SourceFailed:
    """What an answer that is no data is raised as, by its status alone."""
    meaning, source, operation = vendor.meaning(answer.status), vendor.name, answer.call.operation
    if meaning.do is Do.STOP and meaning.why == "credential":
        return CredentialRefused(source, operation, answer.status)
    if meaning.do is Do.STOP and meaning.why == "right":
        return RightMissing(source, operation, answer.status)
    if answer.status == 429:
        return SourceBusy(source, operation, meaning.wait_s)
    if answer.status >= 500 or meaning.do in (Do.RETRY, Do.ONCE):
        return SourceAnsweredBadly(source, operation, answer.status)
    return QuestionRefused(source, operation, answer.status, "")
