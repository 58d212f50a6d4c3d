"""
What is kept of single records between two readings of a source.

A source that gives a title's whole record one call at a time has thousands of calls for a
month. Records that were done before the month began are left alone; and what was there at
the last reading and is cancelled or gone now tells when that happened, if nothing else does.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Protocol

from monthclose.ledger.details import Detail
from monthclose.ledger.periods import Period


class Details(Protocol):
    """Where records are kept."""

    async def all(self, account: str, kind: str) -> Mapping[str, Detail]:
        """Give the records of one kind that one account of a source holds, by their ids."""
        ...

    async def put(self, account: str, kind: str, number: str, detail: Detail) -> None:
        """Keep a record in place of what was kept of it."""
        ...


class MemoryDetails:
    """Records of one process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[tuple[str, str], dict[str, Detail]] = {}

    async def all(self, account: str, kind: str) -> Mapping[str, Detail]:
        """Give the records of one kind that one account of a source holds, by their ids."""
        return dict(self._kept.get((account, kind), {}))

    async def put(self, account: str, kind: str, number: str, detail: Detail) -> None:
        """Keep a record in place of what was kept of it."""
        self._kept.setdefault((account, kind), {})[number] = detail


def ended_between(alive: date, seen: date, *, as_seen: bool = False) -> date:
    """
    The day that something counts as cancelled which was cancelled between two days.

    Within one month it is the later day: the month is certain. Over the end of a month it
    is the last day of the month before the later day, because a month is read in the first
    days of the next; unless *as_seen*, or it was still there on that very day.

    Args:
        alive: The last day it was seen as it had been.
        seen: The first day it was seen cancelled.
        as_seen: Whether the later day counts in any case.
    """
    before = Period.of(seen).first_day - timedelta(days=1)
    return seen if as_seen or before <= alive else before
