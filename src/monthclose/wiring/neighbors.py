"""What all connectors of an installation share: limits, breakers, addresses, credentials."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from redis.asyncio import Redis

from monthclose.access.secret_file import MasterKeyUnusable, SecretFiles
from monthclose.connectors.clock import Clock, SystemClock
from monthclose.connectors.state import MemoryState, SharedState
from monthclose.connectors.transport import Neighborhood
from monthclose.connectors.valkey import ValkeyState
from monthclose.embedded.valkey import EmbeddedValkey
from monthclose.ledger.errors import CloseError
from monthclose.wiring.language import PREFIX
from monthclose.wiring.settings import Settings

TIMEOUT_S = 2
"""How long the server of the shared limits may take before it counts as away."""


@dataclass(frozen=True, slots=True)
class Around:
    """
    What is unlike an installation's own while it serves made-up neighbors itself.

    Attributes:
        clock: Time; None: the machine's.
        served: `host:port` on loopback that speak plain HTTP; called once two people let
            them in, like any other server of a customer.
        lifted: Whether limits of rate are left out.
    """

    clock: Clock | None = None
    served: frozenset[str] = field(default_factory=frozenset)
    lifted: bool = False


NOTHING_SERVED = Around()


@contextlib.asynccontextmanager
async def open_neighborhood(
    settings: Settings, approved: Iterable[str] = (), told: Around = NOTHING_SERVED
) -> AsyncIterator[Neighborhood]:
    """
    Open what connectors share, for the time of one command.

    The limits of rate stand in the server of `redis_url`, else in the embedded one. Where
    neither is to be had, this process keeps to its part of each limit.

    Args:
        settings: Of the installation.
        approved: `host:port` that two people let in.
        told: What is unlike that.
    """
    time, let_in = told.clock or SystemClock(), frozenset(approved)
    async with _state(settings, time) as state:
        yield Neighborhood(
            state=state,
            clock=time,
            approved=let_in,
            test=settings.test_addresses | (told.served & let_in),
            lifted=told.lifted,
        )


@contextlib.asynccontextmanager
async def _state(settings: Settings, clock: Clock) -> AsyncIterator[SharedState]:
    """The shared state, wherever it may be kept."""
    if settings.redis_url is not None:
        async with _served(settings.redis_url.get_secret_value(), clock, settings) as state:
            yield state
        return
    if not settings.embedded:
        yield MemoryState(clock, settings.workers)
        return
    server = EmbeddedValkey(settings.home)
    try:
        broker = await asyncio.to_thread(server.start)
    except CloseError:  # not installed, or not to be started here: nothing that counts is lost
        yield MemoryState(clock, settings.workers)
        return
    try:
        async with _served(broker.url, clock, settings) as state:
            yield state
    finally:
        await asyncio.to_thread(server.stop)


@contextlib.asynccontextmanager
async def _served(url: str, clock: Clock, settings: Settings) -> AsyncIterator[SharedState]:
    """The state on a server; when it goes away, each process keeps to its part."""
    client = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    state = ValkeyState(client, clock, settings.workers)
    try:
        yield state
    finally:
        await state.close()


def secret_files(settings: Settings) -> SecretFiles:
    """
    The stored credentials.

    Raises:
        MasterKeyUnusable: production has no key of its own to open them with.
    """
    if settings.master_key is None and settings.env == "production":
        raise MasterKeyUnusable(PREFIX + "MASTER_KEY")
    key = settings.master_key.get_secret_value() if settings.master_key else ""
    return SecretFiles(settings.home / "secrets" / "sources", key)
