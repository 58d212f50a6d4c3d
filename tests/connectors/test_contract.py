"""Every connector takes over the tests of `contract.py`, against its own stand-in."""

import pytest

import monthclose.connectors.bling
import monthclose.connectors.contaazul
import monthclose.connectors.omie
import monthclose.connectors.totvs
import monthclose.connectors.totvs_rm  # noqa: F401  each registers its connector
from monthclose.connectors.base import CONNECTORS
from monthclose.ledger.balances import Basis
from monthclose.sandbox.neighbors.rm import Rm
from monthclose.sandbox.serving import neighbors
from monthclose.sandbox.world import World
from tests.connectors import test_totvs_rm as rm
from tests.connectors.contract import Case, ConnectorContract
from tests.connectors.fakes import FakeClock

pytestmark = pytest.mark.server

WORLD = World()
PERIOD = "2025-01"


class OfTheSandbox(ConnectorContract):
    """A connector whose stand-in serves a company of the sandbox group."""

    erp: str
    wrong: tuple[str, ...]

    def case(self):
        clock = FakeClock()
        made = neighbors(WORLD, clock=lambda: clock.now().timestamp())
        door = next(each for each in made.doors if each.erp == self.erp)
        member = WORLD.members[door.entity]
        ledger = member.erp == "totvs"
        return Case(
            neighbor=made.applications[self.erp],
            clock=clock,
            connection={
                "entity": door.entity,
                "erp": self.erp,
                "company": door.company,
                "cnpj": door.cnpj,
                "since": door.since,
                "results": member.results,
            },
            path=door.path,
            secrets=door.secrets,
            wrong=dict.fromkeys(self.wrong, "something-nobody-gave"),
            period=PERIOD,
            basis=Basis.NATIVE_GL if ledger else Basis.DERIVED,
            opening=None if ledger else member.opening,
            tokens=self.erp != "omie",
        )


class TestOmie(OfTheSandbox):
    erp, wrong = "omie", ("app_secret",)


class TestContaAzul(OfTheSandbox):
    erp, wrong = "contaazul", ("refresh_token",)


class TestBling(OfTheSandbox):
    erp, wrong = "bling", ("refresh_token", "access_token")


class TestTotvs(OfTheSandbox):
    erp, wrong = "totvs", ("password",)


class TestRm(ConnectorContract):
    def case(self):
        clock = FakeClock()
        return Case(
            neighbor=Rm(
                {"1": rm.served(rm.SERVICE, rm.PAID), "2": rm.OTHER},
                {rm.USER["username"]: rm.USER["password"]},
                clock=lambda: clock.now().timestamp(),
            ),
            clock=clock,
            connection={
                "entity": "ALFA",
                "erp": "totvs_rm",
                "company": "1",
                "cnpj": "11222333000181",
                "settings": {"auth": "token"},
            },
            secrets=rm.USER,
            wrong={"password": "something-nobody-gave"},
            period=PERIOD,
            basis=Basis.NATIVE_GL,
        )


def test_no_connector_is_left_out():
    assert {each.erp for each in OfTheSandbox.__subclasses__()} | {"totvs_rm"} == {*CONNECTORS}
