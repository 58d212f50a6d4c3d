"""The hidden ledger comes back to the cent through Bling's wire, over real HTTP."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from monthclose.connectors.base import Connection
from monthclose.connectors.bling import BlingConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.consolidation.supplements import partnered, supplemented
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.server import Servers
from monthclose.sandbox.world import Member, World
from tests.connectors.fakes import FakeClock, MemoryVault
from tests.sandbox.worlds import hidden, in_standard

pytestmark = pytest.mark.server

WORLD = World()
MEMBER = next(member for member in WORLD.members.values() if member.erp == "bling")


def read(member: Member, script: Script | None = None, *, limited: bool = False):
    """Every month in turn, with supplements and partners; every tie-out holds."""
    clock = FakeClock()
    clock.moment = datetime(WORLD.today.year, WORLD.today.month, WORLD.today.day, 15, tzinfo=UTC)
    bling = Bling(
        {"1": member.served}, script, limited=limited, clock=lambda: clock.now().timestamp()
    )
    vault = MemoryVault(**bling.tokens.secrets("1"))
    roots = {WORLD.group.cnpj(code)[:8]: code for code in WORLD.group.codes}
    records = []

    async def go(url, addresses):
        around = Neighborhood.alone(clock, test=addresses, times=Times(read=1, total=2))
        connection = Connection(
            member.code,
            "bling",
            company="1",
            base_url=url,
            cnpj=member.served.cnpj,
            since=min(member.lines),
            results=member.results,
        )
        opening, months = member.opening, {}
        async with BlingConnector(connection, vault, around) as connector:
            for period in member.lines:
                before = Counter(bling.script.calls)
                extract = await connector.get_trial_balance(period, opening)
                details = await connector.get_subledger_details(period)
                assert [tie for tie in extract.tie_outs if tie.out_by] == []
                opening = supplemented(extract.balance, member.supplements[period])
                months[period] = partnered(opening, details, roots)
                records.append(Counter(bling.script.calls) - before)
        return months

    with Servers({"bling": bling}) as servers:
        return asyncio.run(go(servers.url("bling"), servers.addresses)), records


class TestBling:
    def test_within_its_limits_and_through_faults_every_past_month_comes_back(self):
        """
        Asked in July for January to June: what was paid since was open then.

        Each month takes fewer records: those that were done before it are left alone.
        """
        busy = Fault(Kind.STATUS, "contas/pagar/{id}", after=3, status=429, body="{}")
        months, calls = read(MEMBER, Script(busy, Fault(Kind.CUT, "caixas", after=1)), limited=True)
        for period, balance in months.items():
            assert in_standard(MEMBER, balance) == hidden(MEMBER, period), period
        records = [each["contas/receber/{id}"] for each in calls]
        assert records == sorted(records, reverse=True)
        assert records[-1] < records[0] / 2
