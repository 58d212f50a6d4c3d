"""Protheus with the sandbox group's figures: faults, the end of a year, the rules of a batch."""

import asyncio

import pytest

from monthclose.connectors.base import Connection
from monthclose.connectors.totvs import TotvsConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.connectors.validation import DataValidator
from monthclose.consolidation.supplements import partnered
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import neighbors
from monthclose.sandbox.world import World
from tests.connectors.fakes import FakeClock, MemoryVault
from tests.sandbox.worlds import hidden, in_standard

pytestmark = pytest.mark.server

WORLD = World(entities=7)
CODES = [code for code, member in WORLD.members.items() if member.erp == "totvs"]
ROOTS = {WORLD.group.cnpj(each)[:8]: each for each in WORLD.group.codes}


def read(world, code, periods, script=None):
    """Some months with partners named by the titles; every tie-out holds."""
    clock = FakeClock()
    scripts = {"totvs": script or Script()}
    served = neighbors(world, scripts, clock=lambda: clock.now().timestamp())
    server = served.applications["totvs"]
    (door,) = [each for each in served.doors if each.entity == code]

    async def go(url, addresses):
        around = Neighborhood.alone(clock, test=addresses, times=Times(read=5, total=10))
        connection = Connection(code, "totvs", base_url=url + door.path, company=door.company)
        months = {}
        async with TotvsConnector(connection, MemoryVault(**door.secrets), around) as connector:
            for period in periods:
                check = DataValidator("totvs", code, period, "BRL")
                extract = check.check(await connector.get_trial_balance(period))
                details = check.check_subledger(await connector.get_subledger_details(period))
                assert [tie for tie in extract.tie_outs if tie.out_by] == []
                assert details.gaps == ()
                months[period] = partnered(extract.balance, details, ROOTS), extract
        return months

    with Servers({"totvs": server}) as servers:
        return asyncio.run(go(servers.url("totvs"), servers.addresses))


class TestTotvs:
    def test_past_months_come_back_to_the_cent_through_faults(self):
        faults = (
            Fault(Kind.STATUS, "CQ0", after=1, status=428, body="{}"),
            Fault(Kind.CUT, "SE1"),
            Fault(Kind.EXPIRE, "CT2", after=1),
            Fault(Kind.STATUS, "CT1", status=503, body="", media_type="text/html"),
        )
        member = WORLD.members[CODES[0]]
        months = read(WORLD, CODES[0], ["2025-05", "2025-06"], Script(*faults))
        for period, (balance, _) in months.items():
            assert in_standard(member, balance) == hidden(member, period), period

    def test_december_is_before_its_closing_and_january_after_it(self):
        world = World(entities=3, months=18)
        (code, *_) = [c for c, m in world.members.items() if m.erp == "totvs"]
        member = world.members[code]
        months = read(world, code, ["2024-12", "2025-01"])
        for period, (balance, _) in months.items():
            assert in_standard(member, balance) == hidden(member, period), period
        assert "closing-left-out" in dict(months["2024-12"][1].notes)
