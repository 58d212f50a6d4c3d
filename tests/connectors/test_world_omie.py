"""The hidden ledger comes back to the cent through Omie's wire, over real HTTP."""

import asyncio
from dataclasses import replace

import pytest

from monthclose.connectors.base import Connection
from monthclose.connectors.omie import OmieConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.consolidation.supplements import partnered, supplemented
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.omie import Omie
from monthclose.sandbox.server import Servers
from monthclose.sandbox.world import Member, World
from tests.connectors.fakes import FakeClock, MemoryVault
from tests.sandbox.worlds import hidden, in_standard, moved

pytestmark = pytest.mark.server

WORLD = World(entities=10)
KEYS = {"app_key": "1", "app_secret": "2"}


def read(member: Member, script: Script | None = None, *, limited: bool = False):
    """Every month in turn, with supplements and partners; every tie-out holds."""
    clock = FakeClock()
    omie = Omie(
        {("1", "2"): member.served},
        script,
        limited=limited,
        clock=lambda: clock.now().timestamp(),
    )
    roots = {WORLD.group.cnpj(code)[:8]: code for code in WORLD.group.codes}

    async def go(url, addresses):
        around = Neighborhood.alone(clock, test=addresses, times=Times(read=1, total=2))
        connection = Connection(member.code, "omie", base_url=url, results=member.results)
        opening, months = member.opening, {}
        async with OmieConnector(connection, MemoryVault(**KEYS), around) as connector:
            for period in member.lines:
                extract = await connector.get_trial_balance(period, opening)
                details = await connector.get_subledger_details(period)
                assert [tie for tie in extract.tie_outs if tie.out_by] == []
                opening = supplemented(extract.balance, member.supplements[period])
                months[period] = partnered(opening, details, roots)
        return months

    with Servers({"omie": omie}) as servers:
        return asyncio.run(go(servers.url("omie"), servers.addresses))


class TestOmie:
    @pytest.mark.parametrize("code", [c for c, m in WORLD.members.items() if m.erp == "omie"])
    def test_every_past_month_comes_back_to_the_cent(self, code):
        """Asked in July for January to June: what was paid since was open then."""
        member = WORLD.members[code]
        for period, balance in read(member).items():
            assert in_standard(member, balance) == hidden(member, period), period

    def test_and_within_the_limits_of_its_rate_and_through_faults(self):
        busy = Fault(Kind.STATUS, "PesquisarLancamentos", after=3, status=429, body="{}")
        broken = Fault(Kind.CUT, "ListarLancCC", after=1)
        member = WORLD.members["FISC"]
        months = read(member, Script(busy, broken), limited=True)
        assert in_standard(member, months["2025-06"]) == hidden(member, "2025-06")

    def test_a_late_edit_moves_the_month_it_belongs_to(self):
        """A fee of the bank in February, 10.00 more: read again, bank and expense differ."""
        member = WORLD.members["FISC"]
        dealings = member.served.dealings
        charges = next(c.code for c in dealings.categories if c.name == "Tarifas bancárias")
        old = next(
            e for e in dealings.entries if e.on.month == 2 and e.parts[0].category == charges
        )
        part = replace(old.parts[0], amount=old.parts[0].amount + 10_00)
        new = replace(old, amount=old.amount - 10_00, parts=(part,))
        entries = tuple(new if each is old else each for each in dealings.entries)
        late = replace(
            member, served=replace(member.served, dealings=replace(dealings, entries=entries))
        )
        before, after = read(member), read(late)
        for period in member.lines:
            one, two = (in_standard(member, months[period]) for months in (before, after))
            told = {("1010", ""): -10_00, ("6100", ""): 10_00}
            assert moved(one, two) == ({} if period == "2025-01" else told)
