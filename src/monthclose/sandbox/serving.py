"""Every neighbor of the sandbox group, ready to be served, and the ways into them."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from monthclose.ledger.errors import CloseError
from monthclose.ledger.rates import QUOTE_UNIT, Quote
from monthclose.sandbox.ecb import ecb_quotes
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.bcb import Bcb
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.neighbors.ecb import Ecb
from monthclose.sandbox.neighbors.omie import Omie
from monthclose.sandbox.neighbors.wire import Neighbor
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
    """

    entity: str
    erp: str
    company: str
    cnpj: str
    since: str
    secrets: Mapping[str, str] = field(repr=False)


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

type Made = tuple[Neighbor, Mapping[str, Mapping[str, str]]]
"""A stand-in, and the credentials of its companies by code."""


def neighbors(world: World, scripts: Scripts | None = None, *, limited: bool = False) -> Neighbors:
    """
    Make a stand-in for every neighbor of a group.

    Args:
        world: The group.
        scripts: Faults, by name of the neighbor.
        limited: Whether to refuse what comes faster than the real ones allow.
    """
    planned = scripts or {}
    applications: dict[str, Neighbor] = {}
    doors: list[Door] = []
    for erp, make in MAKERS.items():
        members = [each for each in world.members.values() if each.erp == erp]
        if not members:
            continue
        applications[erp], secrets = make(world, members, planned.get(erp), limited)
        doors += [
            Door(m.code, erp, m.served.id, m.served.cnpj, min(m.lines), secrets[m.code])
            for m in members
        ]
    quotes = [quote for quote in ecb_quotes() if quote.on >= RATES_SINCE]
    applications["bcb"] = Bcb(in_reais(quotes), planned.get("bcb"), limited=limited)
    applications["ecb"] = Ecb(quotes, planned.get("ecb"), limited=limited)
    return Neighbors(applications, tuple(doors))


def _omie(world: World, members: Sequence[Member], script: Script | None, limited: bool) -> Made:
    """One key pair a company."""
    secrets = {}
    for each in members:
        rnd = Random(f"{world.group.seed}/{each.code}/credential")
        key = str(rnd.randint(10**12, 10**13 - 1))
        secrets[each.code] = {"app_key": key, "app_secret": f"{rnd.getrandbits(128):032x}"}
    companies = {
        (secrets[m.code]["app_key"], secrets[m.code]["app_secret"]): m.served for m in members
    }
    return Omie(companies, script, limited=limited), secrets


def _contaazul(
    world: World, members: Sequence[Member], script: Script | None, limited: bool
) -> Made:
    """One application, and a refresh token a company; each works once."""
    secret = f"{Random(f'{world.group.seed}/contaazul').getrandbits(160):040x}"
    client = {"client_id": f"{world.group.seed}-monthclose", "client_secret": secret}
    azul = ContaAzul(
        {each.code: each.served for each in members},
        script,
        client=(client["client_id"], client["client_secret"]),
        limited=limited,
    )
    secrets = {}
    for each in members:
        token = str(azul.tokens(each.code)["refresh_token"])
        secrets[each.code] = {**client, "refresh_token": token}
    return azul, secrets


MAKERS: dict[str, Callable[[World, Sequence[Member], Script | None, bool], Made]] = {
    "omie": _omie,
    "contaazul": _contaazul,
}
"""By ERP: how its server is made."""


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
