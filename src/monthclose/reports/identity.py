"""Which close a document prints, and what the engine says it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class TrailRow(Protocol):
    """One step of the engine, with the hashes of what went in and out."""

    @property
    def step(self) -> str:
        """What was done, such as `translate`."""

    @property
    def subject(self) -> str:
        """To what: an entity, or the group."""

    @property
    def period(self) -> str:
        """For which month."""

    @property
    def inputs(self) -> str:
        """Hash of what went in, hexadecimal."""

    @property
    def outputs(self) -> str:
        """Hash of what came out."""


@dataclass(frozen=True, slots=True)
class CloseIdentity:
    """
    Which close a document is of.

    Attributes:
        version: Such as `2025-06@1`; empty: a close that nobody published.
        digest: SHA-256 of the book, hexadecimal.
        trail: The engine's steps, in order.
    """

    version: str
    digest: str
    trail: Sequence[TrailRow] = ()
