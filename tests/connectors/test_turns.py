"""Calls under way at once: as many as a source takes of what it counts by, whoever asks."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from monthclose.connectors import transport as module
from monthclose.connectors.answers import Call
from monthclose.connectors.transport import Neighborhood, Transport
from monthclose.connectors.vendors import vendor
from tests.connectors.fakes import FakeClock

LEDGERS, OTHERS = "http://erp.example:8080", "http://erp.example:8081"


class Wire:
    """Answers after everybody who could has asked too; counts who waits for it."""

    under_way: Counter[str]
    most: Counter[str]

    def __init__(self, source: str, *_: object) -> None:
        self.source = source

    async def send(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        for key in (self.source, call.url, call.operation):
            self.under_way[key] += 1
            self.most[key] = max(self.most[key], self.under_way[key])
        for _ in range(50):
            await asyncio.sleep(0)
        for key in (self.source, call.url, call.operation):
            self.under_way[key] -= 1
        return 200, {"content-type": "application/json"}, b"{}"

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def most(monkeypatch):
    """The most calls that were under way at once, of a source, an address, an operation."""
    monkeypatch.setattr(Wire, "under_way", Counter(), raising=False)
    monkeypatch.setattr(Wire, "most", Counter(), raising=False)
    monkeypatch.setattr(module, "Wire", Wire)
    return Wire.most


def ask(source, keys, calls, around=None, limits=None):
    """Ask everything by every key, all at once, in one neighborhood."""
    around = around or Neighborhood.alone(FakeClock(), lifted=True)
    of = vendor(source) if limits is None else replace(vendor(source), limits=limits)

    async def go():
        made = [Transport(of, around, key=key) for key in keys]
        await asyncio.gather(*(each.send(call) for each in made for call in calls))

    asyncio.run(go())


def to(url, *operations, times=6):
    return [Call(each, url) for each in operations for _ in range(times)]


class TestTurns:
    def test_companies_on_one_server_of_totvs_share_its_calls(self, most):
        ask("totvs", ["01,0101", "02,0101", "03,0101"], to(LEDGERS, "CQ0", "CT1"))
        assert most[LEDGERS] == vendor("totvs").parallel == 4

    def test_two_servers_do_not_wait_for_each_other(self, most):
        ask("totvs", ["01,0101", "02,0101"], [*to(LEDGERS, "CQ0"), *to(OTHERS, "CQ0")])
        assert (most[LEDGERS], most[OTHERS], most["totvs"]) == (4, 4, 8)

    def test_two_connections_with_one_credential_share_what_it_may(self, most):
        ask("bling", ["account", "account"], to("http://bling.example", "borderos/{id}"))
        assert most["bling"] == vendor("bling").parallel == 2

    def test_two_credentials_do_not(self, most):
        ask("contaazul", ["one", "two"], to("http://azul.example", "parcelas"))
        assert most["contaazul"] == 2 * vendor("contaazul").parallel == 8

    def test_omie_counts_by_method_of_a_key(self, most):
        ask("omie", ["1234"], to("http://omie.example", "ListarLancCC", "ListarCategorias"))
        assert (most["ListarLancCC"], most["ListarCategorias"], most["omie"]) == (4, 4, 8)

    def test_a_source_without_limits_counts_by_credential(self, most):
        ask("ecb", ["one", "two"], to("http://bank.example", "EXR"), limits=())
        assert most["ecb"] == 2 * vendor("ecb").parallel == 4

    def test_in_another_loop_all_are_free(self, most):
        around = Neighborhood.alone(FakeClock(), lifted=True)
        for _ in range(2):
            ask("bling", ["account"], to("http://bling.example", "borderos/{id}"), around)
        assert most["bling"] == 2
