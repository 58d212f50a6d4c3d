"""When a call is repeated: three attempts in all, full jitter, and a budget over all calls."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from monthclose.connectors.answers import Answer
from monthclose.connectors.clock import Clock
from monthclose.connectors.errors import RetriesSpent, SourceFailed

ATTEMPTS = 3
FIRST_S = 0.5
LONGEST_S = 20.0
HONOURED_S = 120.0
"""The longest `Retry-After` that is waited for; a longer one gives the step back."""

BUDGET_S = 60.0
BUDGET_PART = 0.10
BUDGET_LEAST = 10


class TryAgain(Exception):
    """An attempt failed in a way that another may not."""

    def __init__(self, error: SourceFailed, at_least_s: float, *, at_most: int = ATTEMPTS) -> None:
        """
        Say why.

        Args:
            error: What is raised when no attempt is left.
            at_least_s: Wait asked for by the vendor or its `Retry-After`.
            at_most: Attempts in all for this kind of failure.
        """
        super().__init__()
        self.error, self.at_least_s, self.at_most = error, at_least_s, at_most


class RetryBudget:
    """Repeats may be a tenth of a source's calls within a minute, ten at least."""

    def __init__(self, clock: Clock, source: str) -> None:
        """Begin with no calls seen."""
        self._clock, self._source = clock, source
        self._calls: deque[float] = deque()
        self._repeats: deque[float] = deque()

    def called(self) -> None:
        """Count a first attempt."""
        self._calls.append(self._now())

    def spend(self) -> None:
        """
        Count a repeat.

        Raises:
            RetriesSpent: there have been too many.
        """
        now = self._now()
        for times in (self._calls, self._repeats):
            while times and times[0] <= now - BUDGET_S:
                times.popleft()
        if len(self._repeats) >= max(BUDGET_LEAST, BUDGET_PART * len(self._calls)):
            raise RetriesSpent(self._source)
        self._repeats.append(now)

    def _now(self) -> float:
        """The present moment in seconds."""
        return self._clock.now().timestamp()


async def with_retries[R](
    attempt: Callable[[], Awaitable[R]], budget: RetryBudget, clock: Clock, chance: Random
) -> R:
    """
    Call until it succeeds, fails for good, or three attempts are spent.

    Args:
        attempt: One attempt; raises `TryAgain` when another may help.
        budget: Of the source.
        clock: Waits.
        chance: Of the jitter.

    Raises:
        SourceFailed: what the last attempt found.
    """

    def wait(state: RetryCallState) -> float:
        """Full jitter, but no less than the vendor's wait."""
        longest = min(LONGEST_S, FIRST_S * 2**state.attempt_number)
        return max(_cause(state).at_least_s, chance.uniform(0.0, longest))

    def spent(state: RetryCallState) -> bool:
        """Whether this kind of failure has had its attempts."""
        return state.attempt_number >= _cause(state).at_most

    def repeat(_: RetryCallState) -> None:
        """Pay for the repeat."""
        budget.spend()

    budget.called()
    try:
        return await attempt()
    except TryAgain as again:
        failed: list[TryAgain] = [again]

    async def once() -> R:
        """The attempt that was made, then another each time."""
        if failed:
            raise failed.pop()
        return await attempt()

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TryAgain),
        stop=lambda state: stop_after_attempt(ATTEMPTS)(state) or spent(state),
        wait=wait,
        sleep=clock.sleep,
        before_sleep=repeat,
        reraise=True,
    )
    try:
        return await retrying(once)
    except TryAgain as last:
        raise last.error from None


def _cause(state: RetryCallState) -> TryAgain:
    """What the attempt that just ended raised."""
    cause = state.outcome.exception() if state.outcome else None
    if not isinstance(cause, TryAgain):
        raise TypeError("only a failed attempt is waited for")
    return cause


def retry_after(answer: Answer) -> float | None:
    """Seconds that a `Retry-After` header asks for, as a number or a date, or None."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - answer.at.astimezone(UTC)).total_seconds())


def moment(seconds: float) -> datetime:
    """Seconds since the epoch as a moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
