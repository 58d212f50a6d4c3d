"""
Faults on request: what a neighbor may do instead of answering.

A script is a list of faults; each waits for calls to one operation, lets some through,
and then takes as many as it says.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from enum import StrEnum


class Kind(StrEnum):
    """What happens instead of the answer."""

    STATUS = "status"
    """Another status, body and headers."""
    SLOW = "slow"
    """The answer stops coming after its first bytes."""
    CUT = "cut"
    """The connection ends in the middle of the body."""
    RESET = "reset"
    """The connection ends before any byte."""
    SAME_PAGE = "same_page"
    """The page before comes again."""
    DROP_FIELD = "drop_field"
    """A field is missing from every row."""
    EXPIRE = "expire"
    """The access token is not taken any more."""
    TENANT = "tenant"
    """Another company's rows come."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One fault.

    Attributes:
        kind: What happens.
        operation: To which calls, as the neighbor counts them; `*`: to all.
        after: How many of those go well first.
        times: How many of them it takes.
        status: Of a `status` fault.
        body: Of a `status` fault.
        media_type: Of that body.
        headers: Of a `status` fault.
        field: That a `drop_field` fault drops.
    """

    kind: Kind
    operation: str = "*"
    after: int = 0
    times: int = 1
    status: int = 500
    body: str = ""
    media_type: str = "application/json"
    headers: Mapping[str, str] = default(default_factory=dict)
    field: str = ""


@dataclass(slots=True)
class Planned:
    """A fault that is still to happen: after how many calls, and how often."""

    fault: Fault
    wait: int
    times: int


class Script:
    """The faults that are still to happen, and the calls that came."""

    def __init__(self, *faults: Fault) -> None:
        """Plan *faults*; the first that fits a call takes it."""
        self._left = [Planned(fault, fault.after, fault.times) for fault in faults]
        self.calls: dict[str, int] = defaultdict(int)

    @property
    def happened(self) -> int:
        """How many calls a fault has taken."""
        return sum(planned.fault.times - planned.times for planned in self._left)

    def next(self, operation: str) -> Fault | None:
        """Count a call, and say what becomes of it."""
        self.calls[operation] += 1
        for planned in self._left:
            if planned.fault.operation not in ("*", operation) or not planned.times:
                continue
            if planned.wait:
                planned.wait -= 1
                continue
            planned.times -= 1
            return planned.fault
        return None
