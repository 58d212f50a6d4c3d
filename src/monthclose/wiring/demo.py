"""
The demo, by the roads that people take: imported, connected, let in, read over HTTP, closed.

A made-up operator connects every company to a stand-in of its ERP, and a made-up manager
lets the servers in, as anywhere. What an ERP does not know comes from its accountant as
a table; rates come from a stand-in of the central bank.
"""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path

import httpx2

from monthclose.connectors.oauth import OAuthSite, code_of, new_state
from monthclose.ledger.errors import CloseError
from monthclose.sandbox.apart import Apart, Wish, wished
from monthclose.sandbox.faults import Fault, Kind
from monthclose.sandbox.group import write_demo_group
from monthclose.sandbox.handover import handed_over
from monthclose.sandbox.hidden import LAST
from monthclose.sandbox.papers import write_papers
from monthclose.sandbox.serving import Door
from monthclose.sandbox.world import World
from monthclose.store.connections import NewConnection
from monthclose.wiring.balancetes import TableAsked, import_gaps
from monthclose.wiring.build import Desk
from monthclose.wiring.database import OPERATOR
from monthclose.wiring.erps import PARTS
from monthclose.wiring.neighbors import NOTHING_SERVED, Around
from monthclose.wiring.rates import fetch_for
from monthclose.wiring.settings import Settings

FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "totvs": (Fault(Kind.STATUS, "CQ0", status=503, body="{}"),),
    "contaazul": (
        Fault(Kind.STATUS, "contas-a-pagar", status=429, body="{}"),
        Fault(Kind.CUT, "parcelas", after=3),
    ),
    "bling": (Fault(Kind.CUT, "contas/receber/{id}", after=20),),
    "ecb": (Fault(Kind.STATUS, status=502, body="<html>", media_type="text/html"),),
}
"""What goes wrong on the way, by neighbor: each is waited for, and none may show."""

REDIRECT = "https://localhost/monthclose"
"""Where a vendor's page sends the browser."""


class DemoInProduction(CloseError):
    """An installation in production has no place for made-up people and companies."""

    code = "demo-in-production"


class Then:
    """A clock that goes on from noon in Brasília on the day on which the stand-ins answer."""

    def __init__(self, day: date) -> None:
        """Begin there, now."""
        self._back = datetime.now(UTC) - datetime.combine(day, time(15), UTC)

    def now(self) -> datetime:
        """The present moment there, in UTC."""
        return datetime.now(UTC) - self._back

    @property
    def back_s(self) -> float:
        """By how many seconds it is behind the machine's."""
        return self._back.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """
    The demo's group.

    Attributes:
        world: As its ERPs hold it.
        folder: Its companies, charts, mappings, and the months that are over.
        papers: What people send.
        period: The month to close.
    """

    world: World
    folder: Path
    papers: Path
    period: str = str(LAST)

    def stands(self, desk: Desk) -> bool:
        """Whether every company's month was read from its ERP, by an earlier demo."""
        found = desk.sources.connections.active()
        read = {each.entity for each in found if each.last_pull >= self.period}
        return read >= self.world.members.keys()


def write_demo(settings: Settings, entities: int, seed: int = 2025) -> DemoGroup:
    """
    Write what the demo begins with.

    Raises:
        DemoInProduction: the installation is no place for it.
        RatesNotInstalled: the package with the rates is not there.
    """
    if settings.env == "production":
        raise DemoInProduction
    world, home = World(seed, entities), settings.home / "demo"
    folder, papers = home / f"group-{entities}", home / f"papers-{entities}"
    folder.mkdir(parents=True, exist_ok=True)
    write_demo_group(folder, seed, entities, change=partial(handed_over, world))
    write_papers(world, papers)
    return DemoGroup(world, folder, papers)


@dataclass(frozen=True, slots=True)
class Connected:
    """
    What was done before a month can be read.

    Attributes:
        let_in: Addresses that the operator proposed and the manager approved.
        papers: Tables of accountants that were taken.
        quotes: Rates that were new.
        servers: The neighbors.
    """

    let_in: tuple[str, ...]
    papers: int
    quotes: int
    servers: Apart

    @property
    def faults(self) -> int:
        """How many calls went wrong on purpose so far."""
        return self.servers.happened


@contextmanager
def connected(desk: Desk, group: DemoGroup, *, real_limits: bool = False) -> Iterator[Connected]:
    """
    Serve the neighbors while the context lasts, and connect every company to its own.

    Args:
        desk: Open, for the manager; what it reads meanwhile it reads from the stand-ins.
        group: Imported.
        real_limits: Whether the vendors' limits of rate hold.

    Raises:
        CloseError: something could not be set up, and why.
    """
    world, clock = group.world, Then(group.world.today)
    wish = Wish(
        len(world.members),
        world.group.seed,
        faults=FAULTS,
        limited=real_limits,
        back_s=clock.back_s,
    )
    with Apart(wished, wish) as servers:
        desk.around = Around(clock, servers.addresses, lifted=not real_limits)
        try:
            let_in = connect_all(desk, servers)
            with ThreadPoolExecutor(1) as beside:  # what the bank's fault takes is waited for once
                rates = beside.submit(_rates, desk, world.today, servers.address("ecb"))
                papers = _gaps(desk, group)
                quotes = rates.result()
            yield Connected(let_in, papers, quotes, servers)
        finally:
            desk.around = NOTHING_SERVED


def connect_all(desk: Desk, servers: Apart) -> tuple[str, ...]:
    """Connect every company, let the servers in, grant what is granted in a browser."""
    sources = replace(desk, login=OPERATOR).sources
    granted, waits = [], set()
    for door in servers.doors:
        url = servers.url(door.server) + door.path
        settings = {**door.settings, "since": door.since}
        new = NewConnection(door.entity, door.erp, door.company, url, settings)
        secrets = {part: door.secrets[part] for part in PARTS[door.erp]}
        made = sources.add(new, secrets)
        waits.add(made.waits)
        if (site := sources.asking(new)) is not None:
            granted.append((door, made, site))
    for each in desk.decisions.waiting("outside_addresses"):
        if each.facts["address"] in waits:
            desk.decisions.decide(each, approve=True, reason="demo")
    for door, made, site in granted:
        state = new_state()
        told = _in_browser(site, door, state)
        sources.grant(made, site, code_of(told, state, door.erp), REDIRECT)
    return tuple(sorted(waits - {""}))


def _in_browser(site: OAuthSite, door: Door, state: str) -> str:
    """What a person does: log in as the company, grant, and copy the address it leads to."""
    page = site.page(door.secrets["client_id"], state, REDIRECT)
    answer = httpx2.get(f"{page}&login={door.company}", follow_redirects=False, trust_env=False)
    return answer.headers["location"]


def _gaps(desk: Desk, group: DemoGroup) -> int:
    """Take what the accountants sent of the month."""

    def take(table: Path) -> None:
        entity = table.stem.removesuffix(f"-{group.period}")
        import_gaps(desk, TableAsked(table, entity, group.period, accept=True))

    tables = sorted((group.papers / "gaps").glob(f"*-{group.period}.csv"))
    # Each is read in a process of its own: two at once keep two processors busy.
    with ThreadPoolExecutor(2) as readers:
        return sum(1 for _ in readers.map(take, tables))


def _rates(desk: Desk, today: date, bank: str) -> int:
    """Fetch the month's rates; the bank's address is a setting of the installation."""
    told = {"rates_at": f"ecb=http://{bank}", "egress_test_allow": bank}
    beside = replace(desk, settings=desk.settings.model_copy(update=told))
    return asyncio.run(fetch_for(beside, (LAST, LAST), "ecb", today)).added
