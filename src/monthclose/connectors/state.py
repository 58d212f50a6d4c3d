"""
What the workers of an installation know in common of their neighbors.

Rate buckets and circuit breakers are small values under keys. Each is changed by a pure
function in one atomic turn, so the same few lines serve the memory of one process and a
server that all processes share.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from monthclose.connectors.clock import Clock

type Values = Sequence[bytes | None]
type Turn[R] = Callable[[Values, float], tuple[Values, R]]
"""
From the values under the keys, and the time in seconds, to new values and a result.

A turn that gives back the very values it was given has only looked.
"""


class SharedState(Protocol):
    """Values under keys, each turn atomic over all of its keys."""

    @property
    def share(self) -> float:
        """What part of a source's limit this state may give out: one when all share it."""
        ...

    async def change[R](self, keys: Sequence[str], turn: Turn[R], ttl_s: int) -> R:
        """
        Take a turn.

        Args:
            keys: What is read and written, in order.
            turn: Called once or, when others were faster, again with their values.
            ttl_s: When the values may be forgotten if nobody changes them.
        """
        ...


class MemoryState:
    """The state of one process, for one that is alone or whose server is away."""

    def __init__(self, clock: Clock, workers: int = 1) -> None:
        """Begin with nothing known; *workers* processes share each limit."""
        self._clock = clock
        self._values: dict[str, bytes | None] = {}
        self.share = 1 / workers

    async def change[R](self, keys: Sequence[str], turn: Turn[R], ttl_s: int) -> R:  # noqa: ARG002
        """Take a turn; no other task runs meanwhile, and nothing is forgotten."""
        new, result = turn([self._values.get(key) for key in keys], self._clock.now().timestamp())
        self._values.update(zip(keys, new, strict=True))
        return result
