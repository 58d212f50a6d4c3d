"""The hidden ledger comes back to the cent through each ERP's wire, over real HTTP."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import monthclose.connectors.bling
import monthclose.connectors.contaazul
import monthclose.connectors.omie
import monthclose.connectors.totvs
import monthclose.connectors.totvs_rm  # noqa: F401  each registers its connector
from monthclose.connectors.base import CONNECTORS, Connection
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.consolidation.supplements import partnered, supplemented
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import MAKERS, RM, NotOnTotvs, neighbors
from monthclose.sandbox.world import World
from tests.connectors.fakes import FakeClock, MemoryVault
from tests.sandbox.worlds import hidden, in_standard, moved

pytestmark = pytest.mark.server

WORLD = World()


def at_noon(day):
    """A clock on a day, noon in Brasília."""
    clock = FakeClock()
    clock.moment = clock.moment.replace(year=day.year, month=day.month, day=day.day, hour=15)
    return clock


def read(code, scripts=None, *, world=WORLD, limited=False, periods=None, rm=()):
    """A company's months in turn, with supplements and partners; every tie-out holds."""
    member, clock = world.members[code], at_noon(world.today)
    made = neighbors(world, scripts, limited=limited, clock=lambda: clock.now().timestamp(), rm=rm)
    door = next(door for door in made.doors if door.entity == code)
    roots = {world.group.cnpj(each)[:8]: each for each in world.group.codes}

    async def go(servers):
        around = Neighborhood.alone(clock, test=servers.addresses, times=Times(read=1, total=2))
        connection = Connection(
            code,
            door.erp,
            company=door.company,
            base_url=servers.url(door.server) + door.path,
            cnpj=door.cnpj,
            settings=door.settings,
            since=door.since,
            results=member.results,
        )
        opening, months = member.opening, {}
        async with CONNECTORS[door.server](connection, MemoryVault(**door.secrets), around) as erp:
            for period in periods or member.lines:
                extract = await erp.get_trial_balance(period, opening)
                details = await erp.get_subledger_details(period)
                assert [tie for tie in extract.tie_outs if tie.out_by] == []
                opening = extract.balance
                if member.supplements:
                    opening = supplemented(extract.balance, member.supplements[period])
                months[period] = partnered(opening, details, roots), details
        return months

    with Servers({door.server: made.applications[door.server]}) as servers:
        return asyncio.run(go(servers))


class TestEveryErp:
    def test_every_erp_with_a_stand_in_is_among_them(self):
        assert {member.erp for member in WORLD.members.values()} == {*MAKERS} - {RM}

    @pytest.mark.parametrize("code", ["VERO", "NUVE", "FISC", "SAUD"])
    def test_every_past_month_comes_back_to_the_cent(self, code):
        """Asked in July for January to June: what was paid since was open then."""
        member = WORLD.members[code]
        for period, (balance, _) in read(code).items():
            assert in_standard(member, balance) == hidden(member, period), period

    @settings(max_examples=6, deadline=None)
    @given(seed=st.integers(0, 10**6), code=st.sampled_from(["PAGO", "FISC", "AGRO", "SAUD"]))
    def test_whatever_the_ledger(self, seed, code):
        """Another group every time; its first two months, each ERP in turn."""
        world = World(seed)
        months = read(code, world=world, periods=["2025-01", "2025-02"])
        for period, (balance, _) in months.items():
            member = world.members[code]
            assert in_standard(member, balance) == hidden(member, period)


class TestRm:
    @pytest.mark.parametrize("rm", [("PAGO",), ("VERO", "NUVE", "PAGO")])
    def test_every_past_month_comes_back_to_the_cent_with_its_partners(self, rm):
        """Beside a Protheus or with all of TOTVS's companies; fees name who charges them."""
        member = WORLD.members["PAGO"]
        for period, (balance, _) in read("PAGO", rm=rm).items():
            assert in_standard(member, balance) == hidden(member, period), period

    def test_through_faults(self):
        faults = (
            Fault(Kind.STATUS, "AccountingTransactions", status=503, body="<html>"),
            Fault(Kind.CUT, "AccountingEntries", after=1),
            Fault(Kind.RESET, "AccountingPlan"),
        )
        months = read("NUVE", {RM: Script(*faults)}, rm=("NUVE",), periods=["2025-06"])
        member = WORLD.members["NUVE"]
        assert in_standard(member, months["2025-06"][0]) == hidden(member, "2025-06")

    def test_december_is_before_its_closing_and_january_after_it(self):
        world = World(entities=3, months=18)
        months = read("NUVE", world=world, rm=("NUVE",), periods=["2024-12", "2025-01"])
        member = world.members["NUVE"]
        for period, (balance, _) in months.items():
            assert in_standard(member, balance) == hidden(member, period), period

    @pytest.mark.parametrize("code", ["FISC", "XXXX"])
    def test_a_company_that_is_none_of_totvs_is_refused_with_those_that_are(self, code):
        with pytest.raises(NotOnTotvs, match="VERO, NUVE, PAGO"):
            neighbors(WORLD, rm=(code,))


class TestOmie:
    def test_within_the_limits_of_its_rate_and_through_faults(self):
        busy = Fault(Kind.STATUS, "PesquisarLancamentos", after=3, status=429, body="{}")
        broken = Fault(Kind.CUT, "ListarLancCC", after=1)
        months = read("FISC", {"omie": Script(busy, broken)}, limited=True)
        assert in_standard(WORLD.members["FISC"], months["2025-06"][0]) == hidden(
            WORLD.members["FISC"], "2025-06"
        )

    def test_a_late_edit_moves_the_month_it_belongs_to(self):
        """A fee of the bank in February, 10.00 more: read again, bank and expense differ."""
        late = World()
        member = late.members["FISC"]
        dealings = member.served.dealings
        charges = next(c.code for c in dealings.categories if c.name == "Tarifas bancárias")
        old = next(
            e for e in dealings.entries if e.on.month == 2 and e.parts[0].category == charges
        )
        part = replace(old.parts[0], amount=old.parts[0].amount + 10_00)
        new = replace(old, amount=old.amount - 10_00, parts=(part,))
        entries = tuple(new if each is old else each for each in dealings.entries)
        served = replace(member.served, dealings=replace(dealings, entries=entries))
        late.members["FISC"] = replace(member, served=served)
        before, after = read("FISC"), read("FISC", world=late)
        for period in ("2025-01", "2025-02", "2025-06"):
            one, two = (in_standard(member, months[period][0]) for months in (before, after))
            told = {("1010", ""): -10_00, ("6100", ""): 10_00}
            assert moved(one, two) == ({} if period == "2025-01" else told)
