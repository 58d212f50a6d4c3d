"""
The token bucket: what a source allows, given out first come, first served.

A bucket of capacity C fills with r tokens a second and starts full. Whoever asks takes
at once, into debt if need be, and waits until the debt is filled: nobody overtakes.

A call that counts for several buckets goes when the last of them lets it. What others share
is taken when it asks, so that it keeps nobody else back. What is its own is taken when it
goes: taken before, it would be filled again by then, and calls that waited for something
else would then go faster together than their own limit lets them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from monthclose.connectors.state import SharedState, Values

LONGEST_S = 600.0
"""How far ahead a call may stand; what says more was written before a clock was set back."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    One limit of a source.

    Attributes:
        key: What the source counts by.
        capacity: Calls that may go at once.
        per_s: Calls a second in the long run.
        own: Whether what it counts is one caller's, whose calls go in the order of asking.
    """

    key: str
    capacity: float
    per_s: float
    own: bool = False


@dataclass(frozen=True, slots=True)
class Turnaway:
    """The deadline would pass before there is room."""

    wait_s: float


async def take(
    state: SharedState, buckets: Sequence[Bucket], patience_s: float
) -> float | Turnaway:
    """
    Take a token of each bucket.

    Args:
        state: Where they stand.
        buckets: All limits that the call counts for.
        patience_s: How long the caller can wait; with a bucket of its own ten minutes at most.

    Returns:
        Seconds to wait before the call may go; a `Turnaway`, and nothing taken, when that
        is more than *patience_s*.
    """
    if not buckets:
        return 0.0
    patience = min(patience_s, LONGEST_S) if any(b.own for b in buckets) else patience_s

    def turn(values: Values, now: float) -> tuple[Values, float | Turnaway]:
        """Fill every bucket, then take of all or of none."""
        share = state.share  # asked now: the server may have gone since
        levels = [
            _level(value, bucket, now, share) for value, bucket in zip(values, buckets, strict=True)
        ]
        pauses = [_paused_until(value, now) for value in values]
        waits = [
            max(0.0, (1 - level) / (bucket.per_s * share), until - now)
            for level, bucket, until in zip(levels, buckets, pauses, strict=True)
        ]
        if (wait := max(waits)) > patience:
            return values, Turnaway(wait)
        taken = []
        for level, bucket, until in zip(levels, buckets, pauses, strict=True):
            later = wait if bucket.own else 0.0
            left = _filled(level, bucket, later, share) - 1
            taken.append(_write(left, now + later, until))
        return taken, wait

    lasts = max(int(2 * bucket.capacity / bucket.per_s) + 60 for bucket in buckets)
    return await state.change([f"bucket:{b.key}" for b in buckets], turn, max(lasts, 3600))


async def empty(state: SharedState, buckets: Sequence[Bucket], seconds: float) -> None:
    """Set buckets to nil until a source lets calls in again: it said that they are."""
    if not buckets:
        return

    def turn(values: Values, now: float) -> tuple[Values, None]:
        """Leave each at what makes its next token come no earlier."""
        left = []
        for value, bucket in zip(values, buckets, strict=True):
            level = _level(value, bucket, now, state.share)
            owed = 1 - seconds * bucket.per_s * state.share
            left.append(_write(min(level, owed), now, _paused_until(value, now)))
        return left, None

    await state.change([f"bucket:{b.key}" for b in buckets], turn, max(3600, int(seconds) * 2))


async def pause(state: SharedState, buckets: Sequence[Bucket], seconds: float) -> None:
    """
    Let nothing go for a while, and leave in the buckets what is in them.

    A source that says "too much" without saying of what is waited for. Were its buckets
    emptied, one that fills slowly would hold calls back long after the source lets them in.
    """
    if not buckets:
        return

    def turn(values: Values, now: float) -> tuple[Values, None]:
        """Move the end of each pause on, never back."""
        left = []
        for value, bucket in zip(values, buckets, strict=True):
            level = _level(value, bucket, now, state.share)
            left.append(_write(level, now, max(_paused_until(value, now), now + seconds)))
        return left, None

    await state.change([f"bucket:{b.key}" for b in buckets], turn, max(3600, int(seconds) * 2))


async def levels(state: SharedState, buckets: Sequence[Bucket]) -> list[float]:
    """What is left in each bucket now."""
    if not buckets:
        return []

    def turn(values: Values, now: float) -> tuple[Values, list[float]]:
        """Only look."""
        pairs = zip(values, buckets, strict=True)
        return values, [_level(value, bucket, now, state.share) for value, bucket in pairs]

    return await state.change([f"bucket:{b.key}" for b in buckets], turn, 3600)


def _level(value: bytes | None, bucket: Bucket, now: float, share: float) -> float:
    """Tokens in a bucket now."""
    if value is None:
        return _filled(bucket.capacity, bucket, 0.0, share)
    tokens, at, _ = _read(value)
    passed = now - at if now - at >= -LONGEST_S else 0.0
    return _filled(tokens, bucket, passed, share)


def _filled(tokens: float, bucket: Bucket, seconds: float, share: float) -> float:
    """Tokens some time later; at least one fits, however small a process's part is."""
    capacity = max(1.0, bucket.capacity * share)
    return min(capacity, tokens + bucket.per_s * share * seconds)


def _paused_until(value: bytes | None, now: float) -> float:
    """When the pause of a bucket ends, seconds; nil where there is none or it is over."""
    until = 0.0 if value is None else _read(value)[2]
    return until if until > now else 0.0


def _read(value: bytes) -> tuple[float, float, float]:
    """Tokens, when they were or will be counted, and until when nothing goes."""
    told: list[float] = json.loads(value)
    tokens, at, *until = told
    return tokens, at, until[0] if until else 0.0


def _write(tokens: float, at: float, until: float) -> bytes:
    """A bucket as it is stored."""
    return json.dumps([tokens, at, until] if until else [tokens, at]).encode()
