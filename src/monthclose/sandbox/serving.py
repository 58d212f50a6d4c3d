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
from monthclose.sandbox.neighbors.wire import Clock, Neighbor
from monthclose.sandbox.world import Member, World

RATES_SINCE = "2015-01-01"


class FaultsUnreadable(CloseError):
    """A file of faults that does not say what is to happen."""

    code = "sandbox-faults-unreadable"

    def __init__(self, path: str, place: str) -> None:
        super().__init__(path=path, place=place)


@dataclass(frozen=True, slots=True)
class Door:
    """
    The way into one company of a stand-in: what a person would type.

    Attributes:
        entity: Short code of the company.
        erp: Name of the ERP, and of its server.
        company: What the ERP calls it.
        cnpj: 14 characters.
        since: The first month, whose opening balances are loaded.
        secrets: Parts of a made-up credential, by name.
        path: Under which the server answers.
    """

    entity: str
    erp: str
    company: str
    cnpj: str
    since: str
    secrets: Mapping[str, str] = field(repr=False)
    path: str = ""


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
    """

    seed: int
    members: Sequence[Member]
    script: Script | None
    limited: bool
    clock: Clock

    def chance(self, code: str) -> Random:
        """What a made-up credential of a company is drawn from."""
        return Random(f"{self.seed}/{code}/credential")


def neighbors(
    world: World, scripts: Scripts | None = None, *, limited: bool = False, clock: Clock = time
) -> Neighbors:
    """
    Make a stand-in for every neighbor of a group.

    Args:
        world: The group.
        scripts: Faults, by name of the neighbor.
        limited: Whether to refuse what comes faster than the real ones allow.
        clock: Seconds since the epoch.
    """
    planned = scripts or {}
    applications: dict[str, Neighbor] = {}
    doors: list[Door] = []
    for erp, (make, path) in MAKERS.items():
        members = [each for each in world.members.values() if each.erp == erp]
        if not members:
            continue
        making = Making(world.group.seed, members, planned.get(erp), limited, clock)
        applications[erp], secrets = make(making)
        doors += [
            Door(m.code, erp, m.served.id, m.served.cnpj, min(m.lines), secrets[m.code], path)
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
        {each.code: each.served for each in making.members},
        making.script,
        client=(client["client_id"], client["client_secret"]),
        limited=making.limited,
        clock=making.clock,
    )
    secrets = {}
    for each in making.members:
        token = str(server.tokens(each.code)["refresh_token"])
        secrets[each.code] = {**client, "refresh_token": token}
    return server, secrets


MAKERS: dict[str, tuple[Callable[[Making], tuple[Neighbor, Secrets]], str]] = {
    "totvs": (_totvs, "/rest"),
    "omie": (_omie, ""),
    "contaazul": (_contaazul, ""),
    "bling": (_bling, ""),
}
"""By ERP: how its server is made, and the path under which it answers."""


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
