"""Credentials as a connector meets them: read at the last moment, replaced under a lock."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Secrets(Mapping[str, str]):
    """The parts of one credential by name; never shown by anything that prints it."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        """Hold *parts*."""
        self._parts = dict(parts)

    def __getitem__(self, name: str) -> str:
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._parts)})"

    __str__ = __repr__

    def with_parts(self, **parts: str) -> "Secrets":
        """The same credential with some parts new."""
        return Secrets({**self._parts, **parts})


class Renewal(Protocol):
    """A credential whose row this process alone may change."""

    secrets: Secrets
    """As they stand now, read after the lock was taken."""

    async def replace(self, secrets: Secrets) -> None:
        """Store a new access and refresh token together, before anybody uses them."""
        ...


class Vault(Protocol):
    """Where one connection's credential is kept."""

    async def read(self, purpose: str) -> Secrets:
        """
        Hand the credential out, after the access has been logged for good.

        Raises:
            CloseError: there is none, or the access could not be logged.
        """
        ...

    def renewing(self) -> AbstractAsyncContextManager[Renewal]:
        """Take the credential's lock; one holder at a time in the whole installation."""
        ...

    async def mark_dead(self) -> None:
        """Note that a person has to authorise the connection again."""
        ...


class Blocks(Protocol):
    """Times until which vendors have shut us out, kept for good."""

    async def until(self, key: str, operation: str) -> float:
        """
        Seconds since the epoch until which *key* is blocked; nil: it is not.

        Args:
            key: What the vendor counts by.
            operation: What is asked, where the vendor blocks by that; empty: all of it.
        """
        ...

    async def block(self, key: str, operation: str, until: float) -> None:
        """Note that *key* is blocked until a moment, seconds since the epoch."""
        ...


class MemoryBlocks:
    """Blocks of one process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._until: dict[tuple[str, str], float] = {}

    async def until(self, key: str, operation: str) -> float:
        """Seconds since the epoch until which *key* is blocked; nil: it is not."""
        return max(self._until.get((key, each), 0.0) for each in ("", operation))

    async def block(self, key: str, operation: str, until: float) -> None:
        """Note that *key* is blocked until a moment, seconds since the epoch."""
        held = self._until.get((key, operation), 0.0)
        self._until[key, operation] = max(until, held)
