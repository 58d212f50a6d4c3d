"""When Python looks for objects that nobody needs any more: after a close, not during it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """
    Let the collector of circular garbage wait.

    A close makes hundreds of thousands of objects in a large group, and nearly all of them
    are in its book: looking through them, and through all balances again and again, finds
    nothing. What nobody refers to is still freed at once; circles wait until the work is
    over. No figure depends on it.

    Who finds it on turns it on again; of works that overlap in several threads the later
    one may find it at work, which costs time and nothing else.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
