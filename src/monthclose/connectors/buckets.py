"""
The token bucket: what a source allows, given out first come, first served.

A bucket of capacity C fills with r tokens a second and starts full. Whoever asks takes
at once, into debt if need be, and waits until the debt is filled: nobody overtakes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from monthclose.connectors.state import SharedState, Values


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    One limit of a source.

    Attributes:
        key: What the source counts by.
        capacity: Calls that may go at once.
        per_s: Calls a second in the long run.
    """

    key: str
    capacity: float
    per_s: float


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
        patience_s: How long the caller can wait.

    Returns:
        Seconds to wait before the call may go; a `Turnaway`, and nothing taken, when that
        is more than *patience_s*.
    """
    if not buckets:
        return 0.0

    def turn(values: Values, now: float) -> tuple[Values, float | Turnaway]:
        """Fill every bucket, then take of all or of none."""
        share = state.share  # asked now: the server may have gone since
        levels = [
            _level(value, bucket, now, share) for value, bucket in zip(values, buckets, strict=True)
        ]
        waits = [
            max(0.0, (1 - level) / (bucket.per_s * share))
            for level, bucket in zip(levels, buckets, strict=True)
        ]
        if (wait := max(waits)) > patience_s:
            return values, Turnaway(wait)
        return [_write(level - 1, now) for level in levels], wait

    lasts = max(int(2 * bucket.capacity / bucket.per_s) + 60 for bucket in buckets)
    return await state.change([f"bucket:{b.key}" for b in buckets], turn, max(lasts, 3600))


async def empty(state: SharedState, buckets: Sequence[Bucket], seconds: float) -> None:
    """Set buckets to nil until a source lets calls in again: it answered 429."""
    if not buckets:
        return

    def turn(values: Values, now: float) -> tuple[Values, None]:
        """Leave each at what makes its next token come no earlier."""
        left = []
        for value, bucket in zip(values, buckets, strict=True):
            level = _level(value, bucket, now, state.share)
            owed = 1 - seconds * bucket.per_s * state.share
            left.append(_write(min(level, owed), now))
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
    """Tokens in a bucket now; at least one fits, however small a process's part is."""
    capacity = max(1.0, bucket.capacity * share)
    if value is None:
        return capacity
    told: list[float] = json.loads(value)
    tokens, at = told
    return min(capacity, tokens + bucket.per_s * share * max(0.0, now - at))


def _write(tokens: float, now: float) -> bytes:
    """A bucket as it is stored."""
    return json.dumps([tokens, now]).encode()
