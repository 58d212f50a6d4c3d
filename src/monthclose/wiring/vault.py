"""The credential of one connection: in secret files, each access told by the database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from monthclose.access.secret_file import SecretFiles
from monthclose.connectors.clock import Clock
from monthclose.connectors.errors import SourceBusy
from monthclose.connectors.secrets import Renewal, Secrets
from monthclose.connectors.turns import Turns
from monthclose.ledger.errors import CloseError
from monthclose.store.vault import HELD_S, Access, CredentialRecord, log_together

LOOKED_S = 1.0
"""How long nobody asks again whether the vendor shuts a connection out."""

LOOK_S = 0.1
"""How often a lock that somebody else holds is looked at; nobody queues in the database."""


@dataclass(slots=True)
class _Row:
    """A credential that is being renewed: this process alone may change it."""

    files: SecretFiles
    name: str
    secrets: Secrets

    async def replace(self, secrets: Secrets) -> None:
        """Store both tokens in one file, before anybody uses them."""
        await asyncio.to_thread(self.files.put, self.name, dict(secrets))
        self.secrets = secrets


@dataclass(slots=True)
class _Due:
    """An access that is to be noted, and how that went."""

    access: Access
    noted: bool = False
    error: Exception | None = None


class Accesses:
    """
    Accesses of one person, each noted for good before its value leaves.

    While one transaction is under way the next accesses gather; whoever comes first then
    notes them all in one. A hundred calls at once cost a commit or two, not a hundred.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._turns, self._due = Turns(), list[_Due]()

    async def note(self, access: Access) -> None:
        """
        Return when it is committed.

        Raises:
            NotGranted: the person may not be handed this credential.
            DBAPIError: it could not be noted, so no value may leave.
        """
        mine = _Due(access)
        self._due.append(mine)
        async with self._turns.of("log", 1):
            if not mine.noted and mine.error is None:
                due, self._due = self._due, []
                # Whoever wrote for this one was cancelled: twice in the log is better than not.
                await asyncio.to_thread(_note, due if mine in due else [mine, *due])
        if mine.error is not None:
            raise mine.error


def _note(due: Sequence[_Due]) -> None:
    """Note all of them; when that fails, one by one, so that each fails for itself."""
    try:
        log_together([each.access for each in due])
    except (CloseError, SQLAlchemyError) as error:
        if len(due) == 1:
            due[0].error = error
            return
        for each in due:
            _note([each])
        return
    for each in due:
        each.noted = True


@dataclass(slots=True)
class StoredVault:
    """
    The credential of one connection.

    Attributes:
        files: Keeps it.
        record: Notes who was handed it, and has its lock.
        name: What the files call it.
        purpose: What it is used for: `test`, `pull` or `grant`.
        erp: Name of the connector, for messages.
        clock: Time.
        gate: Lets only some of a process renew at once.
        accesses: Those of the person that are noted together.
    """

    files: SecretFiles
    record: CredentialRecord
    name: str
    purpose: str
    erp: str
    clock: Clock
    gate: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)
    accesses: Accesses = field(default_factory=Accesses)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self, purpose: str) -> Secrets:
        """
        Hand it out, after the access has been committed.

        Raises:
            CloseError: the person may not have it, or there is none that can be opened.
        """
        asked = Access(self.record, f"{self.purpose}: {purpose}", granted=True)
        try:
            opened = self.files.get(self.name)
        except CloseError:
            await self.accesses.note(replace(asked, granted=False))
            raise
        await self.accesses.note(asked)
        return Secrets(opened.parts)

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator[Renewal]:
        """
        Take the credential's lock, here and in the whole installation, and read it again.

        Raises:
            SourceBusy: somebody else has been renewing it for longer than a renewal takes.
        """
        async with self.alone():
            yield _Row(self.files, self.name, await self.read("renew"))

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """
        Take the credential's lock without opening the credential.

        Raises:
            SourceBusy: somebody else has been renewing it for longer than a renewal takes.
        """
        async with self._lock, self.gate:
            waited = 0.0
            while True:
                held = self.record.alone()
                taken = await asyncio.to_thread(held.__enter__)
                try:
                    if taken:
                        yield
                        return
                finally:
                    await asyncio.to_thread(held.__exit__, None, None, None)
                if waited >= HELD_S:
                    raise SourceBusy(self.erp, "token", LOOK_S)
                await asyncio.sleep(LOOK_S)
                waited += LOOK_S

    async def mark_dead(self) -> None:
        """Note that a person has to authorise the connection again."""
        await asyncio.to_thread(self.record.mark_dead)


@dataclass(slots=True)
class StoredBlocks:
    """Until when a vendor shuts a connection out, all of it or one method, kept for good."""

    record: CredentialRecord
    _seen: dict[str, tuple[float, float | None]] = field(default_factory=dict)

    async def until(self, key: str, operation: str) -> float:  # noqa: ARG002
        """Seconds since the epoch until which the connection is blocked; nil: it is not."""
        until, looked = self._seen.get(operation, (0.0, None))
        if looked is None or monotonic() - looked >= LOOKED_S:
            until = await asyncio.to_thread(self.record.blocked_until, operation)
            self._seen[operation] = (until, monotonic())
        return until

    async def block(self, key: str, operation: str, until: float) -> None:  # noqa: ARG002
        """Note that it is blocked until a moment, seconds since the epoch."""
        self._seen.clear()
        await asyncio.to_thread(self.record.block, until, operation)


@dataclass(slots=True)
class TypedVault:
    """A credential as somebody has just typed it, for one look at a source; kept nowhere."""

    secrets: Secrets
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self, purpose: str) -> Secrets:  # noqa: ARG002
        """Hand it out: who typed it knows it."""
        return self.secrets

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator["TypedVault"]:
        """Let one task renew it."""
        async with self._lock:
            yield self

    async def replace(self, secrets: Secrets) -> None:
        """Use another from now on."""
        self.secrets = secrets

    async def mark_dead(self) -> None:
        """There is no connection to note it of."""
