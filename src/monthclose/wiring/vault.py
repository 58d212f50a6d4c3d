"""The credential of one connection: in secret files, each access told by the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from time import monotonic

from monthclose.access.secret_file import SecretFiles
from monthclose.connectors.clock import Clock
from monthclose.connectors.errors import SourceBusy
from monthclose.connectors.secrets import Renewal, Secrets
from monthclose.ledger.errors import CloseError
from monthclose.store.vault import HELD_S, CredentialRecord

KEPT_S = 60.0
"""How long what was handed out for one kind of question serves for more of that kind."""

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
    """

    files: SecretFiles
    record: CredentialRecord
    name: str
    purpose: str
    erp: str
    clock: Clock
    gate: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _kept: dict[str, tuple[Secrets, float]] = field(default_factory=dict, repr=False)

    async def read(self, purpose: str) -> Secrets:
        """
        Hand it out, after the access has been committed.

        A month is a thousand calls of a few kinds: each kind is noted once a minute.
        """
        held, until = self._kept.get(purpose, (None, 0.0))
        if held is not None and monotonic() < until:
            return held
        secrets = await asyncio.to_thread(self._handed, f"{self.purpose}: {purpose}")
        self._kept[purpose] = (secrets, monotonic() + KEPT_S)
        return secrets

    def _handed(self, purpose: str) -> Secrets:
        """
        Note the access, then open the secret.

        Raises:
            CloseError: the person may not have it, or there is none that can be opened.
        """
        try:
            opened = self.files.get(self.name)
        except CloseError:
            self.record.log(purpose, granted=False)
            raise
        self.record.log(purpose, granted=True)
        return Secrets(opened.parts)

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator[Renewal]:
        """
        Take the credential's lock, here and in the whole installation, and read it again.

        Raises:
            SourceBusy: somebody else has been renewing it for longer than a renewal takes.
        """
        async with self.alone():
            secrets = await asyncio.to_thread(self._handed, f"{self.purpose}: renew")
            yield _Row(self.files, self.name, secrets)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """
        Take the credential's lock without opening the credential.

        Raises:
            SourceBusy: somebody else has been renewing it for longer than a renewal takes.
        """
        async with self._lock, self.gate:
            self._kept.clear()  # whoever waits for the new tokens reads them
            waited = 0.0
            while True:
                held = self.record.alone()
                taken = await asyncio.to_thread(held.__enter__)
                try:
                    if taken:
                        yield
                        return
                finally:
                    self._kept.clear()
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
