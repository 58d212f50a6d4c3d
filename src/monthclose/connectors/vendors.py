"""What each neighbor allows and what its answers mean, read from `vendors.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

NARROW_FIRST = ("method", "credential", "server", "vendor")
"""What a vendor may count by, the fewest calls first."""


class Do(StrEnum):
    """What to do about an answer."""

    OK = "ok"
    RETRY = "retry"
    ONCE = "once"
    REFRESH = "refresh"
    STOP = "stop"
    EMPTY = "empty"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Meaning:
    """
    What an HTTP status means.

    Attributes:
        do: What to do.
        wait_s: How long to wait at least before the call is repeated.
        why: Of a stop: `credential`, `right` or `question`.
    """

    do: Do
    wait_s: float = 0.0
    why: str = "question"


@dataclass(frozen=True, slots=True)
class Limit:
    """
    A rate the vendor allows.

    Attributes:
        per: What it counts by: `vendor`, `server`, `credential`, `method`; a suffix after
            a dash tells two limits of one kind apart.
        burst: Calls that may go at once.
        per_s: Calls a second in the long run.
    """

    per: str
    burst: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Vendor:
    """
    One neighbor.

    Attributes:
        name: `omie`, `bcb`, ...
        hosts: Where it answers.
        parallel: Calls under way at once, for what its narrowest limit counts by.
        limits: Rates, all of which hold.
        token_limit: Of calls that renew a token, or None.
        timeout_wait_s: How long to wait before a call that got no answer is repeated.
        on: What its statuses mean; any that is not named is a stop.
    """

    name: str
    hosts: tuple[str, ...]
    parallel: int
    limits: tuple[Limit, ...]
    token_limit: Limit | None = None
    timeout_wait_s: float = 0.0
    on: Mapping[int, Meaning] = field(default_factory=dict)

    @property
    def narrowest(self) -> tuple[Limit, ...]:
        """The limits that count the fewest calls together: by method before by vendor."""
        kinds = [limit.per.partition("-")[0] for limit in self.limits]
        first = next((kind for kind in NARROW_FIRST if kind in kinds), "")
        return tuple(limit for limit, kind in zip(self.limits, kinds, strict=True) if kind == first)

    def meaning(self, status: int) -> Meaning:
        """What a status means."""
        if 200 <= status < 300:
            return Meaning(Do.OK)
        return self.on.get(status, Meaning(Do.STOP))


@cache
def vendor(name: str) -> Vendor:
    """A neighbor by its name."""
    told = tomllib.loads(files("monthclose.connectors").joinpath("vendors.toml").read_text("utf-8"))
    row = told[name]
    token = row.get("token_limit")
    return Vendor(
        name=name,
        hosts=tuple(row["hosts"]),
        parallel=row["parallel"],
        limits=tuple(Limit(**each) for each in row["limits"]),
        token_limit=Limit(**token) if token else None,
        timeout_wait_s=row.get("timeout_wait_s", 0.0),
        on={
            int(status): Meaning(
                Do(each["do"]), each.get("wait_s", 0.0), each.get("why", "question")
            )
            for status, each in row["on"].items()
        },
    )
