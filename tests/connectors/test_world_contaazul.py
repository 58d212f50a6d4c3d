"""The hidden ledger comes back to the cent through Conta Azul's wire, over real HTTP."""

import asyncio

import pytest

from monthclose.connectors import contaazul
from monthclose.connectors.base import Connection
from monthclose.connectors.contaazul import ContaAzulConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.consolidation.supplements import partnered, supplemented
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import neighbors
from monthclose.sandbox.world import World
from tests.connectors.fakes import FakeClock, MemoryVault
from tests.sandbox.worlds import hidden, in_standard

pytestmark = pytest.mark.server

WORLD = World(entities=7)
CODES = [code for code, member in WORLD.members.items() if member.erp == "contaazul"]


def read(code, script=None, *, limited=False):
    """Every month in turn, with supplements and partners; every tie-out holds."""
    clock = FakeClock()
    served = neighbors(WORLD, {"contaazul": script or Script()}, limited=limited)
    azul = served.applications["contaazul"]
    azul.clock = lambda: clock.now().timestamp()
    (door,) = [each for each in served.doors if each.entity == code]
    roots = {WORLD.group.cnpj(each)[:8]: each for each in WORLD.group.codes}
    member = WORLD.members[code]

    async def go(url, addresses):
        around = Neighborhood.alone(clock, test=addresses, times=Times(read=5, total=10))
        connection = Connection(
            code,
            "contaazul",
            base_url=url,
            cnpj=door.cnpj,
            since=door.since,
            results=member.results,
        )
        opening, months = member.opening, {}
        vault = MemoryVault(**door.secrets)
        async with ContaAzulConnector(connection, vault, around) as connector:
            for period in member.lines:
                extract = await connector.get_trial_balance(period, opening)
                details = await connector.get_subledger_details(period)
                assert [tie for tie in extract.tie_outs if tie.out_by] == []
                opening = supplemented(extract.balance, member.supplements[period])
                months[period] = partnered(opening, details, roots)
        return months

    with Servers({"it": azul}) as servers:
        return asyncio.run(go(servers.url("it"), servers.addresses))


class TestContaAzul:
    @pytest.mark.parametrize("code", CODES)
    def test_every_past_month_comes_back_to_the_cent(self, code):
        """Asked in July for January to June: what was paid since was open then."""
        for period, balance in read(code).items():
            member = WORLD.members[code]
            assert in_standard(member, balance) == hidden(member, period), period

    def test_and_within_the_limits_of_its_rate_and_through_faults(self, monkeypatch):
        monkeypatch.setattr(contaazul, "DETAILS", 1)  # the clock of tests goes on for all at once
        faults = (
            Fault(Kind.STATUS, "contas-a-pagar", after=3, status=429, body="{}"),
            Fault(Kind.CUT, "parcelas", after=7),
            Fault(Kind.EXPIRE, "transferencias", after=1),
        )
        months = read(CODES[0], Script(*faults), limited=True)
        member = WORLD.members[CODES[0]]
        assert in_standard(member, months["2025-06"]) == hidden(member, "2025-06")
