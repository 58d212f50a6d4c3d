"""How many calls are under way at once: for all of a process who ask one source, together."""

import asyncio
from weakref import WeakKeyDictionary


class Turns:
    """
    Turns by what a source counts by.

    Whoever asks holds one from before the wait for the source's rate until the answer is
    there or given up, so that no more calls queue for a rate than may be under way.
    """

    def __init__(self) -> None:
        """Begin with all of them free."""
        # By event loop: a process that runs one after another finds them free in each.
        self._held: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = (
            WeakKeyDictionary()
        )

    def of(self, key: str, most: int) -> asyncio.Semaphore:
        """The turns under a key, *most* of them, in the loop that runs."""
        held = self._held.setdefault(asyncio.get_running_loop(), {})
        return held.setdefault(key, asyncio.Semaphore(most))
