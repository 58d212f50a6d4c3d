"""
Every company's month read over HTTP from the stand-ins of its ERP, by the product's connectors.

Without limits of rate it is timed, stand-ins in a process of their own. With them nobody
waits: the clock of connectors and stand-ins stands while anything is under way and then
jumps to the next moment anybody wakes, so that an hour passes in seconds. Stand-ins count
by the same clock and refuse what comes too fast. Prints JSON.
"""

import asyncio
import heapq
import json
import resource
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from time import monotonic, process_time
from unittest.mock import patch

from monthclose.connectors import transport
from monthclose.connectors.answers import Call
from monthclose.connectors.base import Connection
from monthclose.connectors.secrets import Secrets
from monthclose.connectors.sending import Wire
from monthclose.connectors.state import MemoryState, Turn
from monthclose.connectors.together import together
from monthclose.connectors.transport import Neighborhood
from monthclose.connectors.vendors import vendor
from monthclose.sandbox.apart import Apart, Wish, wished
from monthclose.sandbox.hidden import LAST
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import Door, neighbors
from monthclose.sandbox.world import World
from monthclose.wiring.erps import connector_class

SEED = 2025
SETTLED = 50
"""Turns of the event loop after which whatever could go on has gone on."""


@dataclass(frozen=True)
class Timed:
    """
    Reading without limits.

    Attributes:
        companies: How many.
        calls: Answers that came.
        seconds: By the wall's clock.
        client: Of them, seconds the processor spent reading.
        stand_ins: Seconds of the processor of the stand-ins, their making included.
        memory: Peak of the process that reads, bytes.
    """

    companies: int
    calls: int
    seconds: float
    client: float
    stand_ins: float
    memory: int


@dataclass(frozen=True)
class Waited:
    """
    Reading one ERP's companies within its limits.

    Attributes:
        erp: Its name.
        companies: How many.
        calls: That its limits counted.
        limit: What the limit that holds longest counts by.
        least: Seconds that this limit alone takes for its calls.
        took: Seconds until the last company was read.
        refused: Calls the stand-in refused as too fast.
    """

    erp: str
    companies: int
    calls: int
    limit: str
    least: float
    took: float
    refused: int


class Held:
    """A made-up credential in memory."""

    def __init__(self, door: Door) -> None:
        """Hold what opens a door."""
        self.secrets, self._lock = Secrets(door.secrets), asyncio.Lock()

    async def read(self, purpose: str) -> Secrets:  # noqa: ARG002
        """Hand it out."""
        return self.secrets

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator["Held"]:
        """Let one at a time renew it."""
        async with self._lock:
            yield self

    async def replace(self, secrets: Secrets) -> None:
        """Keep the new tokens."""
        self.secrets = secrets

    async def mark_dead(self) -> None:
        """Nobody has to be told: the bench ends with the error."""


async def read(
    world: World,
    doors: Sequence[Door],
    url: Callable[[str], str],
    around: Neighborhood,
    read_at: Callable[[Door], None] = lambda _: None,
) -> int:
    """Read the last month of every company, all at once; how many answers it took."""
    period = str(LAST)

    async def one(door: Door) -> int:
        connection = Connection(
            door.entity,
            door.erp,
            company=door.company,
            base_url=url(door.server) + door.path,
            cnpj=door.cnpj,
            since=door.since,
            results=world.members[door.entity].results,
            settings=door.settings,
        )
        made = connector_class(door.erp, door.settings)
        async with made(connection, Held(door), around) as erp:
            opening = world.opening(door.entity, period)
            extract = await erp.get_trial_balance(period, opening)
            await erp.get_subledger_details(period)
        if out := [tie.name for tie in extract.tie_outs if tie.out_by]:
            raise AssertionError(f"{door.entity}: {out}")
        read_at(door)
        return len(extract.documents)

    return sum(await together(*map(one, doors)))


class Then:
    """A clock that goes on from noon in Brasília on a day."""

    def __init__(self, day: date) -> None:
        """Begin there, now."""
        self.back = datetime.now(UTC) - datetime.combine(day, time(15), UTC)

    def now(self) -> datetime:
        """The present moment there."""
        return datetime.now(UTC) - self.back

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def timed(entities: int) -> Timed:
    """Read every company without limits of rate, stand-ins in a process of their own."""
    world = World(SEED, entities)
    clock = Then(world.today)
    wish = Wish(entities, SEED, back_s=clock.back.total_seconds())
    with Apart(wished, wish) as servers:
        around = Neighborhood.alone(clock, test=servers.addresses, lifted=True)
        began, before = monotonic(), process_time()
        calls = asyncio.run(read(world, servers.doors, servers.url, around))
        seconds, client = monotonic() - began, process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = peak if sys.platform == "darwin" else peak * 1024
    return Timed(entities, calls, seconds, client, child.ru_utime + child.ru_stime, memory)


class Jumping:
    """A clock that stands while anything is under way, then jumps to whoever wakes next."""

    def __init__(self, day: date) -> None:
        """Begin at noon in Brasília on a day."""
        self.began = self.moment = datetime.combine(day, time(15), UTC)
        self.under_way = 0
        self._numbers = count()
        self._asleep: list[tuple[datetime, int, asyncio.Future[None]]] = []

    @property
    def passed(self) -> float:
        """Seconds since it began."""
        return (self.moment - self.began).total_seconds()

    def now(self) -> datetime:
        """The present moment."""
        return self.moment

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock is there."""
        wakes = asyncio.get_running_loop().create_future()
        at = self.moment + timedelta(seconds=seconds)
        heapq.heappush(self._asleep, (at, next(self._numbers), wakes))
        await wakes

    async def go(self) -> None:
        """Let time pass, for ever."""
        quiet = 0
        while True:
            await asyncio.sleep(0.0002 if self.under_way else 0)
            quiet = 0 if self.under_way else quiet + 1
            if quiet > SETTLED and self._asleep:
                self.moment, _, wakes = heapq.heappop(self._asleep)
                if not wakes.done():
                    wakes.set_result(None)
                quiet = 0


class Counting(MemoryState):
    """The state of one process, which counts what each limit is asked for."""

    def __init__(self, clock: Jumping) -> None:
        """Begin with nothing asked."""
        super().__init__(clock)
        self.asked: Counter[str] = Counter()

    async def change[R](self, keys: Sequence[str], turn: Turn[R], ttl_s: int) -> R:
        """Take a turn."""
        self.asked.update(key for key in keys if key.startswith("bucket:"))
        return await super().change(keys, turn, ttl_s)


def waited(entities: int, answer_s: float) -> list[Waited]:
    """Read every company within the limits, in time that jumps; each answer takes *answer_s*."""
    world = World(SEED, entities)
    clock = Jumping(world.today)
    state = Counting(clock)
    made = neighbors(world, limited=True, clock=lambda: clock.now().timestamp())
    refused: Counter[str] = Counter()
    done: dict[str, float] = {}

    class Watched(Wire):
        """The wire, during which the clock stands, and an answer's own time after it."""

        async def send(self, call: Call) -> tuple[int, dict[str, str], bytes]:
            clock.under_way += 1
            try:
                status, headers, content = await super().send(call)
            finally:
                clock.under_way -= 1
            refused[self._source] += status in (403, 425, 429)
            await clock.sleep(answer_s)
            return status, dict(headers), content

    async def go(servers: Servers) -> None:
        around = Neighborhood(state, clock=clock, test=servers.addresses)
        passing = asyncio.create_task(clock.go())
        try:
            await read(
                world, made.doors, servers.url, around, lambda d: done.update({d.erp: clock.passed})
            )
        finally:
            passing.cancel()

    with (
        patch.object(transport, "Wire", Watched),
        Servers(made.applications, "critical") as servers,
    ):
        asyncio.run(go(servers))
    companies = Counter(door.erp for door in made.doors)
    return [
        Waited(erp, companies[erp], *_least(erp, state.asked), took, refused[erp])
        for erp, took in sorted(done.items())
    ]


def _least(erp: str, asked: Counter[str]) -> tuple[int, str, float]:
    """Calls of an ERP, the limit that holds them longest, and for how many seconds."""
    of, calls, longest = vendor(erp), 0, ("", 0.0)
    limits = [(limit, "") for limit in of.limits]
    if of.token_limit is not None:
        limits.append((of.token_limit, "token"))
    for limit, what in limits:
        # The key of a limit of all our calls ends with `what`; others go on with whose they are.
        prefix = f"bucket:{erp}:{limit.per}:{what}"
        counts = [n for key, n in asked.items() if key == prefix or key.startswith(prefix + ":")]
        if not what:
            calls = max(calls, sum(counts))
        least = max(((n - limit.burst) / limit.per_s for n in counts), default=0.0)
        if least > longest[1]:
            longest = (f"{limit.per} {what}".strip(), least)
    return calls, *longest


def main(told: dict[str, float]) -> object:
    """Measure what is asked for."""
    if "answer" in told:
        return [asdict(each) for each in waited(int(told["entities"]), told["answer"])]
    return asdict(timed(int(told["entities"])))


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
