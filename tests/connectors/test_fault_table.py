"""Every fault at every source: the figures are those, or there are none; and no secret shows."""

import asyncio
import base64
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import monthclose.connectors.bling
import monthclose.connectors.contaazul
import monthclose.connectors.omie
import monthclose.connectors.totvs
import monthclose.connectors.totvs_rm  # noqa: F401  each registers its connector
from monthclose.connectors import bling_calls, contaazul_wire, omie, totvs_site
from monthclose.connectors.base import CONNECTORS, Connection
from monthclose.connectors.ecb import Ecb
from monthclose.connectors.errors import SourceFailed
from monthclose.connectors.ptax import Ptax
from monthclose.connectors.sgs import Sgs
from monthclose.connectors.totvs_query import Query
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import RM, neighbors
from monthclose.sandbox.world import World
from tests.connectors.fakes import FakeClock, MemoryVault
from tests.connectors.fault_table import AT, BANKS, ERPS, FIELD, SOURCES, TABLE, Row, written

pytestmark = pytest.mark.server

WORLD, PERIOD = World(entities=10), "2025-01"
CODES = {"totvs": "NUVE", RM: "PAGO", "contaazul": "AGRO", "omie": "FISC", "bling": "SAUD"}
BANK = {"ptax": ("bcb", Ptax), "sgs": ("bcb", Sgs), "ecb": ("ecb", Ecb)}
SMALL = {
    "totvs": (Query.rows, "__defaults__", (20,)),
    RM: (totvs_site.pages, "__defaults__", (20,)),
    "contaazul": (contaazul_wire, "PAGE", 10),
    "omie": (omie, "PAGE", 5),
    "bling": (bling_calls, "PAGE", "5"),
}
"""Module and name of the size of a page, and one that makes many of them."""

NO_SECRETS = {"client_id", "expires_at", "username"}


class Asked:
    """One month, or one month's rates, asked for over real HTTP while something goes wrong."""

    def __init__(self, source: str, *faults: Fault, act: str = "") -> None:
        self.clock = FakeClock()
        self.source, self.act = source, act
        self.error: SourceFailed | None = None
        self.figures: dict[str, int] = {}
        self.kept: list[Any] = []
        self.secrets: set[str] = set()
        made = neighbors(WORLD, clock=lambda: self.clock.now().timestamp(), rm=("PAGO", "E008"))
        self.made = made
        self.server = BANK[source][0] if source in BANK else source
        self.script = made.applications[self.server].script = Script(*faults)
        with Servers({"it": made.applications[self.server]}, "critical") as servers:
            asyncio.run(self._go(servers.url("it"), servers.addresses))

    async def _go(self, url: str, addresses: frozenset[str]) -> None:
        around = Neighborhood.alone(
            self.clock, test=addresses, times=Times(read=1, total=2), lifted=True
        )
        try:
            await (self._rates if self.source in BANK else self._month)(url, around)
        except SourceFailed as error:
            self.error = error
        self.kept.append(vars(around.state))

    async def _rates(self, url: str, around: Neighborhood) -> None:
        async with BANK[self.source][1](around, url) as bank:
            try:
                found = await bank.daily("USD", date(2025, 1, 1), date(2025, 1, 31))
                self.figures = {each.on: each.value_e10 for each in found.quotes}
            finally:
                self.kept += bank.transport.documents

    async def _month(self, url: str, around: Neighborhood) -> None:
        door = next(each for each in self.made.doors if each.entity == CODES[self.source])
        member = WORLD.members[door.entity]
        vault = MemoryVault(**door.secrets)
        settings = {**door.settings, **({"auth": "token"} if self.source == RM else {})}
        connection = Connection(
            door.entity, door.server, company=door.company, base_url=url + door.path,
            cnpj=door.cnpj, since=door.since, results=member.results, settings=settings,
        )  # fmt: skip
        async with CONNECTORS[door.server](connection, vault, around) as connector:
            try:
                if self.act == "rotate":
                    await self._rotate(connector, vault)
                elif self.act == "end":
                    self.made.applications[self.server].expire()
                opening = None if member.erp == "totvs" else member.opening
                extract = await connector.get_trial_balance(PERIOD, opening)
                balance = extract.balance
                self.figures = dict(zip(balance.accounts, balance.amounts.tolist(), strict=True))
                assert [tie for tie in extract.tie_outs if tie.out_by] == []
            finally:
                self.kept += [*connector.transport.documents, repr(connector.connection), vault]
                held = [door.secrets, vault.secrets, *vault.stored]
                self.secrets = {
                    value for each in held for name, value in each.items() if name not in NO_SECRETS
                }

    async def _rotate(self, connector: Any, vault: MemoryVault) -> None:
        """Let somebody else use the refresh token, who does not tell."""
        await connector.get_companies()
        server: Any = self.made.applications[self.server]
        if hasattr(server, "end_sessions"):
            server.end_sessions()
        elif self.source == "bling":
            site = type(connector).granted_at(connector.connection)
            answer = await connector.transport.ask_token(site.refreshed(vault.secrets))
            assert answer.status == 200
        else:
            server.tokens(connector.connection.company)

    def shown(self) -> str:
        """Everything that was said, kept or stored, but for the vault."""
        error = self.error
        said = [error.message(), error.message("pt-BR"), repr(error), str(error)] if error else []
        documents = [
            f"{each.label} {each.endpoint} {each!r} {each.content.decode('utf-8', 'replace')}"
            for each in self.kept
            if hasattr(each, "endpoint")
        ]
        others = [str(each) for each in self.kept if not hasattr(each, "endpoint")]
        return "\n".join([*said, *documents, *others])


def forms(secrets: Iterable[str]) -> set[str]:
    """A secret as it is, in an address, and in a header."""
    found = set()
    for each in secrets:
        if len(each) >= 8:
            found |= {each, quote(each, safe=""), base64.b64encode(each.encode()).decode()}
    return found


def planned(row: Row, source: str) -> Fault:
    """The fault of a row, at the question of a source."""
    after = row.after.get(source, row.fault.after)
    fault = replace(row.fault, operation=row.at.get(source, AT[source]), after=after)
    if fault.kind is Kind.DROP_FIELD:
        return replace(fault, field=FIELD[source])
    return replace(fault, body=row.bodies[source]) if source in row.bodies else fault


UNDISTURBED: dict[str, dict[str, int]] = {}


def undisturbed(source: str) -> dict[str, int]:
    """The figures when nothing goes wrong, asked for once."""
    if source not in UNDISTURBED:
        UNDISTURBED[source] = Asked(source).figures
    return UNDISTURBED[source]


CELLS = [(row, source) for row in TABLE for source in SOURCES if row.cell(source) != "-"]


@pytest.mark.parametrize(
    ("row", "source"), CELLS, ids=[f"{row.name}-{source}" for row, source in CELLS]
)
def test_the_figures_are_those_or_there_are_none(row, source, caplog, monkeypatch):
    if row.act == "small-pages":
        monkeypatch.setattr(*SMALL[source])
    caplog.set_level(logging.DEBUG)
    asked = Asked(source, planned(row, source), act=row.act)
    ends = row.cell(source)
    assert asked.script.happened > 0
    if ends.startswith("source-"):
        assert asked.error is not None
        assert (asked.error.code, asked.figures) == (ends, {})
        for lang in ("en", "pt-BR"):
            assert len(asked.error.message(lang)) > 40
    else:
        assert asked.error is None
        assert asked.figures == undisturbed(source) != {}
    if ends.startswith("waits"):
        assert max(asked.clock.slept) >= int(ends.split()[1])
    elif ends == "again":
        assert asked.script.calls[planned(row, source).operation] > asked.script.happened
    shown = asked.shown() + caplog.text
    assert not [each[:6] for each in forms(asked.secrets) if each in shown]
    assert len(asked.secrets) > 0 or source in BANKS


def test_every_source_has_its_column_and_every_fault_its_row():
    """Each source is asked about what it can do wrong; rows differ in name."""
    assert {*CODES} == {*ERPS} == {*CONNECTORS}
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert {row.fault.kind for row in TABLE} == {*Kind}
    assert all(any(row.cell(source) != "-" for source in SOURCES) for row in TABLE)


def test_the_table_of_the_docs_is_this_one():
    docs = Path(__file__).parents[2] / "docs" / "sources.md"
    assert written() in docs.read_text("utf-8")


def test_a_secret_in_a_document_would_be_found():
    """The campaign's own eye: what it looks for is what a leak would hold."""
    asked = Asked("omie")
    asked.kept.append(next(iter(asked.secrets)))
    assert [each for each in forms(asked.secrets) if each in asked.shown()]
