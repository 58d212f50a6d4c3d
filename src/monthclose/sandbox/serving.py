"""Every neighbor of the sandbox group, ready to be served, and the ways into them."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from time import time
from typing import Any

from monthclose.ledger.errors import CloseError
from monthclose.ledger.rates import QUOTE_UNIT, Quote
from monthclose.sandbox.ecb import ecb_quotes
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.bcb import Bcb
from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.neighbors.ecb import Ecb
from monthclose.sandbox.neighbors.omie import Omie
from monthclose.sandbox.neighbors.protheus import Protheus
from monthclose.sandbox.neighbors.rm import CLOSING, Rm
from monthclose.sandbox.neighbors.wire import Clock, Neighbor
from monthclose.sandbox.world import Member, World

RM = "totvs_rm"
RM_SETTINGS = {"product": "rm", "closing_batches": str(CLOSING)}
"""The server of TOTVS's other product, and what a connection to it has to be told."""

RATES_SINCE = "2015-01-01"


class FaultsUnreadable(CloseError):
    """A file of faults that does not say what is to happen."""

    code = "sandbox-faults-unreadable"

    def __init__(self, path: str, place: str) -> None:
        super().__init__(path=path, place=place)


class NotOnTotvs(CloseError):
    """A company that cannot be served by RM: it is not one of TOTVS's."""

    code = "sandbox-not-on-totvs"

    def __init__(self, entity: str, known: Sequence[str]) -> None:
        super().__init__(entity=entity, known=list(known))


@dataclass(frozen=True, slots=True)
class Door:
    """
    The way into one company of a stand-in: what a person would type.

    Attributes:
        entity: Short code of the company.
        erp: Name of the ERP.
        company: What the ERP calls it.
        cnpj: 14 characters.
        since: The first month, whose opening balances are loaded.
        secrets: Parts of a made-up credential, by name.
        path: Under which the server answers.
        server: Name of the server among the applications.
        settings: What a connection to it has to be told, by name.
    """

    entity: str
    erp: str
    company: str
    cnpj: str
    since: str
    secrets: Mapping[str, str] = field(repr=False)
    path: str = ""
    server: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Neighbors:
    """
    Applications by name, and the doors to their companies.

    Attributes:
        applications: ERPs by name, `bcb` and `ecb`.
        doors: One a company whose ERP has a stand-in.
    """

    applications: Mapping[str, Neighbor]
    doors: tuple[Door, ...]


type Scripts = Mapping[str, Script]
"""Faults by name of the neighbor."""

type Secrets = Mapping[str, Mapping[str, str]]
"""Parts of a credential by name, by code of the company."""


@dataclass(frozen=True, slots=True)
class Making:
    """
    What a stand-in is made of.

    Attributes:
        seed: Of the group.
        members: Its companies.
        script: Its faults, or None.
        limited: Whether it refuses what comes too fast.
        clock: Seconds since the epoch.
        group: All companies there are.
    """

    seed: int
    members: Sequence[Member]
    script: Script | None
    limited: bool
    clock: Clock
    group: Sequence[Member]

    def chance(self, code: str) -> Random:
        """What a made-up credential of a company is drawn from."""
        return Random(f"{self.seed}/{code}/credential")


def neighbors(
    world: World,
    scripts: Scripts | None = None,
    *,
    limited: bool = False,
    clock: Clock = time,
    rm: Sequence[str] = (),
) -> Neighbors:
    """
    Make a stand-in for every neighbor of a group.

    Args:
        world: The group.
        scripts: Faults, by name of the neighbor.
        limited: Whether to refuse what comes faster than the real ones allow.
        clock: Seconds since the epoch.
        rm: Companies on TOTVS whose ledger is in an RM instead of a Protheus.

    Raises:
        NotOnTotvs: a company of *rm* is not there, or is none of TOTVS's.
    """
    planned = scripts or {}
    applications: dict[str, Neighbor] = {}
    doors: list[Door] = []
    group = tuple(world.members.values())
    ours = [each.code for each in group if each.erp == "totvs"]
    for code in rm:
        if code not in ours:
            raise NotOnTotvs(code, ours)
    for server, (make, path) in MAKERS.items():
        members = [m for m in group if server == (RM if m.code in rm else m.erp)]
        if not members:
            continue
        making = Making(world.group.seed, members, planned.get(server), limited, clock, group)
        applications[server], secrets = make(making)
        told = RM_SETTINGS if server == RM else {}
        doors += [
            Door(
                entity=m.code,
                erp=m.erp,
                company=_number(m) if server == RM else m.served.id,
                cnpj=m.served.cnpj,
                since=min(m.lines),
                secrets=secrets[m.code],
                path=path,
                server=server,
                settings=told,
            )
            for m in members
        ]
    quotes = [quote for quote in ecb_quotes() if quote.on >= RATES_SINCE]
    applications["bcb"] = Bcb(in_reais(quotes), planned.get("bcb"), limited=limited)
    applications["ecb"] = Ecb(quotes, planned.get("ecb"), limited=limited)
    return Neighbors(applications, tuple(doors))


def _totvs(making: Making) -> tuple[Neighbor, Secrets]:
    """One server with one user for all of them."""
    user = {"username": "fechamento", "password": f"{making.chance('totvs').getrandbits(64):016x}"}
    companies = {each.served.id: each.served for each in making.members}
    users = {user["username"]: user["password"]}
    server = Protheus(companies, users, making.script, clock=making.clock)
    return server, {each.code: user for each in making.members}


def _rm(making: Making) -> tuple[Neighbor, Secrets]:
    """One server with one user; it knows the other companies by name, to eliminate against."""
    user = {"username": "integra", "password": f"{making.chance('rm').getrandbits(64):016x}"}
    own = {each.code for each in making.members}
    server = Rm(
        {_number(each): each.served for each in making.members},
        {user["username"]: user["password"]},
        making.script,
        clock=making.clock,
        registered={
            str(place): (each.served.name, each.served.cnpj)
            for place, each in enumerate(making.group, 1)
            if each.code not in own
        },
    )
    return server, {each.code: user for each in making.members}


def _number(member: Member) -> str:
    """What RM calls a company: its place in the group."""
    return str(int(member.served.id.partition(",")[0]))


def _omie(making: Making) -> tuple[Neighbor, Secrets]:
    """One key pair a company."""
    secrets, companies = {}, {}
    for each in making.members:
        rnd = making.chance(each.code)
        key, secret = str(rnd.randint(10**12, 10**13 - 1)), f"{rnd.getrandbits(128):032x}"
        secrets[each.code] = {"app_key": key, "app_secret": secret}
        companies[key, secret] = each.served
    server = Omie(companies, making.script, limited=making.limited, clock=making.clock)
    return server, secrets


def _bling(making: Making) -> tuple[Neighbor, Secrets]:
    """One grant a company, as it is kept after the consent."""
    companies = {each.served.id: each.served for each in making.members}
    server = Bling(companies, making.script, limited=making.limited, clock=making.clock)
    return server, {m.code: server.tokens.secrets(m.served.id) for m in making.members}


def _contaazul(making: Making) -> tuple[Neighbor, Secrets]:
    """One application, and a refresh token a company; each works once."""
    secret = f"{making.chance('contaazul').getrandbits(160):040x}"
    client = {"client_id": f"{making.seed}-monthclose", "client_secret": secret}
    server = ContaAzul(
        {each.served.id: each.served for each in making.members},
        making.script,
        client=(client["client_id"], client["client_secret"]),
        limited=making.limited,
        clock=making.clock,
    )
    secrets = {}
    for each in making.members:
        token = str(server.tokens(each.served.id)["refresh_token"])
        secrets[each.code] = {**client, "refresh_token": token}
    return server, secrets


MAKERS: dict[str, tuple[Callable[[Making], tuple[Neighbor, Secrets]], str]] = {
    "totvs": (_totvs, "/rest"),
    RM: (_rm, ""),
    "omie": (_omie, ""),
    "contaazul": (_contaazul, ""),
    "bling": (_bling, ""),
}
"""By server: how it is made, and the path under which it answers."""


def in_reais(quotes: Sequence[Quote]) -> dict[str, dict[date, int]]:
    """
    What a dollar and a euro cost in reais on each day, 10**-10 reais.

    The dollar's is the ECB's cross, at four decimals, as the Banco Central prints it.
    """
    by_day: dict[str, dict[str, int]] = {}
    for quote in quotes:
        by_day.setdefault(quote.on, {})[quote.quote] = quote.value_e10
    found: dict[str, dict[date, int]] = {"EUR": {}, "USD": {}}
    unit = QUOTE_UNIT // 10_000
    for on, values in by_day.items():
        if "BRL" in values:
            day, reais = date.fromisoformat(on), values["BRL"]
            found["EUR"][day] = round(reais / unit) * unit
            if "USD" in values:
                found["USD"][day] = round(reais * 10_000 / values["USD"]) * unit
    return found


def read_faults(path: Path) -> Scripts:
    """
    Read faults from a TOML file: a list `fault`, each with `neighbor`, `kind` and more.

    Raises:
        FaultsUnreadable: an unknown name, or no TOML at all.
    """
    try:
        told: Any = tomllib.loads(path.read_text("utf-8"))
        rows = told["fault"]
    except (OSError, ValueError, KeyError) as error:
        raise FaultsUnreadable(str(path), type(error).__name__) from None
    planned: dict[str, list[Fault]] = {}
    for number, row in enumerate(rows, 1):
        try:
            more = dict(row)
            name = str(more.pop("neighbor"))
            fault = Fault(Kind(more.pop("kind")), **more)
        except (KeyError, TypeError, ValueError) as error:
            raise FaultsUnreadable(str(path), f"fault {number}: {error}") from None
        planned.setdefault(name, []).append(fault)
    return {name: Script(*faults) for name, faults in planned.items()}
