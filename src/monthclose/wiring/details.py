"""
Single records of a source, kept in the database between two readings.

A reading takes them all at once, and writes in bundles what it saw: a record that was read
is a call that took its turn, so a process that ends halfway loses a bundle at most.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from monthclose.ledger.details import Detail
from monthclose.store.source_records import SourceRecords

BUNDLE = 200
"""Records that are written together."""


@dataclass(slots=True)
class StoredDetails:
    """
    Records of one connection; its account is the connection's.

    Attributes:
        records: Where they are kept.
        keeps: Whether what is seen is written; else the next reading asks again.
    """

    records: SourceRecords
    keeps: bool = True
    _known: dict[str, dict[str, Detail]] | None = None
    _fresh: dict[tuple[str, str], Detail] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def all(self, account: str, kind: str) -> Mapping[str, Detail]:  # noqa: ARG002
        """Give the records of one kind, by their ids."""
        return dict((await self._all()).get(kind, {}))

    async def put(self, account: str, kind: str, number: str, detail: Detail) -> None:  # noqa: ARG002
        """Keep a record in place of what was kept of it."""
        of_kind = (await self._all()).setdefault(kind, {})
        if of_kind.get(number) == detail:
            return
        of_kind[number] = detail
        self._fresh[kind, number] = detail
        if len(self._fresh) >= BUNDLE:
            await self.flush()

    async def flush(self) -> None:
        """Write what was not written yet."""
        fresh, self._fresh = self._fresh, {}
        if self.keeps:
            await asyncio.to_thread(self.records.put, fresh)

    async def _all(self) -> dict[str, dict[str, Detail]]:
        """What is known, read once."""
        async with self._turn:
            if self._known is None:
                self._known = await asyncio.to_thread(self.records.all)
            return self._known
