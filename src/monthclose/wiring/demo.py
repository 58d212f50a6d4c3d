"""
The demo's last month read over HTTP: companies and rates from their stand-ins, all at once.

Earlier months come as files, as if they had been closed before. What a company's ERP does
not know comes from its accountant's balancete.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import monotonic

from monthclose.connectors.base import Connection
from monthclose.connectors.ecb import Ecb
from monthclose.connectors.secrets import Secrets
from monthclose.connectors.together import together
from monthclose.connectors.transport import Neighborhood
from monthclose.consolidation.supplements import BETWEEN, partnered, supplemented
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import plain
from monthclose.ledger.rates import Quote
from monthclose.ledger.sources import Extract, Side, Subledger
from monthclose.sandbox import history
from monthclose.sandbox.apart import Apart, Wish, wished
from monthclose.sandbox.faults import Fault, Kind
from monthclose.sandbox.group import Row, SandboxGroup, rate_row, write_demo_group
from monthclose.sandbox.hidden import LAST
from monthclose.sandbox.serving import Door
from monthclose.sandbox.world import Member, World
from monthclose.wiring.erps import connector_class

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


AT_ONCE = 16
"""Companies that are read at once."""


class ExtractionOut(CloseError):
    """A balance that came over the wire does not agree with what its source says beside it."""

    code = "demo-extraction-out"

    def __init__(self, entity: str, names: str) -> None:
        super().__init__(entity=entity, names=names)


@dataclass(frozen=True, slots=True)
class Pulled:
    """
    One company's month as it came.

    Attributes:
        entity: Short code.
        erp: From which ERP.
        answers: How many answers it was read from.
        balance: With supplement and partners, in the company's own accounts.
    """

    entity: str
    erp: str
    answers: int
    balance: RawBalance


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """
    The demo's group, ready to be imported.

    Attributes:
        folder: Where it is.
        period: The month to close.
        pulled: Each company's month, as it came over HTTP.
        seconds: How long that took.
        faults: How many calls went wrong on purpose.
    """

    folder: Path
    period: str
    pulled: tuple[Pulled, ...]
    seconds: float
    faults: int


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


class MadeUpVault:
    """A made-up credential, in memory."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        """Hold its parts."""
        self.secrets = Secrets(parts)
        self._lock = asyncio.Lock()

    async def read(self, purpose: str) -> Secrets:  # noqa: ARG002
        """Hand it out."""
        return self.secrets

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator["MadeUpVault"]:
        """Let one at a time renew it."""
        async with self._lock:
            yield self

    async def replace(self, secrets: Secrets) -> None:
        """Keep the new tokens."""
        self.secrets = secrets

    async def mark_dead(self) -> None:
        """Nobody has to be told: the demo ends with the error."""


def demo_group(
    home: Path, entities: int, *, real_limits: bool = False, seed: int = 2025
) -> DemoGroup:
    """
    Write the sandbox group as a folder, its last month read from the stand-ins of its ERPs.

    Raises:
        CloseError: the package with the rates is not installed, or a source failed.
    """
    folder = home / "demo" / f"group-{entities}"
    folder.mkdir(parents=True, exist_ok=True)
    world, period = World(seed, entities), str(LAST)
    clock = Then(world.today)
    wish = Wish(entities, seed, faults=FAULTS, limited=real_limits, back_s=clock.back_s)
    with Apart(wished, wish) as servers:
        around = Neighborhood.alone(clock, test=servers.addresses, lifted=not real_limits)
        began = monotonic()
        pulled, quotes = asyncio.run(_read(world, servers, around))
        seconds, happened = monotonic() - began, servers.happened
    tables = SandboxGroup(seed, entities).tables()
    earlier = [row for row in tables["rates"] if row["date"] < str(LAST.first_day)]
    instead = {
        f"balances/{period}": [row for each in pulled for row in _rows(each.balance)],
        "mappings": [*tables["mappings"], *_mappings(world)],
        "rates": [*earlier, *map(rate_row, quotes)],
    }
    write_demo_group(folder, seed, entities, instead=instead)
    return DemoGroup(folder, period, pulled, seconds, happened)


async def _read(
    world: World, servers: Apart, around: Neighborhood
) -> tuple[tuple[Pulled, ...], list[Quote]]:
    """Read every company's last month, and its quotes of the ECB, at once."""

    async def quotes() -> list[Quote]:
        async with Ecb(around, servers.url("ecb")) as bank:
            spans = [
                await bank.daily(currency, LAST.first_day, world.today)
                for currency in (history.FUNCTIONAL, history.PRESENTATION)
            ]
        found = [quote for span in spans for quote in span.quotes]
        return sorted(found, key=lambda quote: quote.on)

    pulled, published = await together(_pull(world, servers, around), quotes())
    return pulled, published


async def _pull(world: World, servers: Apart, around: Neighborhood) -> tuple[Pulled, ...]:
    """Read the last month of every company at once, in one neighborhood."""
    period, turns = str(LAST), asyncio.Semaphore(AT_ONCE)

    async def one(door: Door) -> Pulled:
        member = world.members[door.entity]
        connection = Connection(
            door.entity,
            door.erp,
            company=door.company,
            base_url=servers.url(door.server) + door.path,
            cnpj=door.cnpj,
            since=door.since,
            results=member.results,
        )
        vault = MadeUpVault(door.secrets)
        async with turns, connector_class(door.erp)(connection, vault, around) as erp:
            extract = await erp.get_trial_balance(period, world.opening(door.entity, period))
            details = await erp.get_subledger_details(period)
        return _completed(world, member, period, extract, details)

    return tuple(await together(*map(one, servers.doors)))


def _completed(
    world: World, member: Member, period: str, extract: Extract, details: Subledger
) -> Pulled:
    """
    A month with what the accountant knows, and with partners.

    Raises:
        ExtractionOut: a tie-out is out by something.
    """
    if out := sorted({tie.name for tie in extract.tie_outs if tie.out_by}):
        raise ExtractionOut(member.code, ", ".join(out))
    roots = {world.group.cnpj(code)[:8]: code for code in world.group.codes}
    balance = extract.balance
    if period in member.supplements:
        balance = supplemented(balance, member.supplements[period])
    balance = partnered(balance, details, roots)
    if member.erp == "totvs":  # its own chart has accounts for what is owed within the group
        chart = world.group.chart(member.code)
        own = {
            BETWEEN[Side.RECEIVABLE]: chart["1150"][0].code,
            BETWEEN[Side.PAYABLE]: chart["2150"][0].code,
        }
        accounts = tuple(own.get(account, account) for account in balance.accounts)
        balance = replace(balance, accounts=accounts)
    return Pulled(member.code, member.erp, len(extract.documents), balance)


def _rows(balance: RawBalance) -> list[Row]:
    """The lines of a balance that are not nil, as rows of the folder's table."""
    partners = balance.partners or ("",) * len(balance.accounts)
    lines = zip(balance.accounts, partners, balance.amounts.tolist(), strict=True)
    return [
        {"entity": balance.entity, "account": account, "partner": partner, "closing": plain(amount)}
        for account, partner, amount in lines
        if amount
    ]


def _mappings(world: World) -> list[Row]:
    """Mappings of accounts that only derived balances have."""
    rows: list[Row] = []
    for member in world.members.values():
        if member.erp == "totvs":
            continue
        own = {each.code for owned in world.group.chart(member.code).values() for each in owned}
        rows += [
            {"entity": member.code, "account": account, "standard_account": standard}
            for account, standard in member.mapping.items()
            if account not in own
        ]
    return rows
