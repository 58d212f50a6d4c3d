"""The stand-ins in a process of their own: what they serve, what they tell, how they end."""

import os
import subprocess
import sys
from contextlib import suppress
from time import monotonic

import httpx2
import pytest

from monthclose.ledger.errors import CloseError
from monthclose.sandbox.apart import Apart, Seen, StandInsGone, Wish, wished
from monthclose.sandbox.ecb import RatesNotInstalled
from monthclose.sandbox.faults import Fault, Kind
from monthclose.sandbox.serving import Neighbors

pytestmark = pytest.mark.server

FAULTS = {"ecb": (Fault(Kind.STATUS, status=502, body="<html>", media_type="text/html"),)}

DOLLARS = (
    "/service/data/EXR/D.USD.EUR.SP00.A?startPeriod=2025-06-02&endPeriod=2025-06-06&format=csvdata"
)


def refused() -> Neighbors:
    """A wish that cannot be made."""
    raise RatesNotInstalled


def gone() -> Neighbors:
    """A process that ends while it makes what was wished."""
    os._exit(3)


def get(url: str) -> httpx2.Response:
    return httpx2.get(url, trust_env=False)


def answers(url: str) -> bool:
    """Whether anybody is there."""
    with suppress(httpx2.TransportError):
        return get(url).status_code == 200
    return False


class TestApart:
    def test_serves_what_was_wished_and_tells_what_came(self):
        with Apart(wished, Wish(entities=2, faults=FAULTS)) as servers:
            first = get(servers.url("ecb") + DOLLARS)
            again = get(servers.url("ecb") + DOLLARS)
            seen = servers.seen()
            assert (first.status_code, again.status_code) == (502, 200)
            assert seen["ecb"].happened == servers.happened == 1
            assert sum(seen["ecb"].calls.values()) == 2
            assert seen["bcb"] == Seen({}, 0)
            assert servers.address("ecb") in servers.addresses

    def test_doors_are_those_of_the_same_group_made_here(self):
        here = wished(Wish(entities=4))
        with Apart(wished, Wish(entities=4)) as servers:
            assert servers.doors == here.doors
            assert set(servers.addresses) == {servers.address(name) for name in here.applications}

    def test_its_clock_is_behind_by_what_was_wished(self):
        made = wished(Wish(entities=2, back_s=3600.0))
        beside = wished(Wish(entities=2))
        apart = beside.applications["totvs"].clock() - made.applications["totvs"].clock()
        assert apart == pytest.approx(3600, abs=5)

    def test_what_cannot_be_made_is_raised_here(self):
        with pytest.raises(RatesNotInstalled), Apart(refused):
            raise AssertionError("nothing is served")

    def test_a_process_that_ends_by_itself_is_told(self):
        with pytest.raises(StandInsGone) as told, Apart(gone):
            raise AssertionError("nothing is served")
        assert isinstance(told.value, CloseError)
        assert "ended before its time" in told.value.message()
        assert "antes da hora" in told.value.message("pt-BR")

    def test_nobody_asks_before_it_began_or_after_it_ended(self):
        servers = Apart(wished, Wish(entities=2))
        with pytest.raises(StandInsGone):
            servers.seen()
        with servers:
            url = servers.url("bcb")
        with pytest.raises(StandInsGone):
            servers.seen()
        with pytest.raises(httpx2.ConnectError):
            get(url)


PARENT = """
import sys
from monthclose.sandbox.apart import Apart, Wish, wished
if __name__ == "__main__":
    servers = Apart(wished, Wish(entities=2)).__enter__()
    print(servers.url("ecb"), flush=True)
    sys.stdin.read()
"""


def test_when_whoever_started_it_is_killed_it_ends_too():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip() + DOLLARS
        assert answers(url)
        parent.kill()
    until = monotonic() + 30
    while answers(url) and monotonic() < until:
        pass
    assert not answers(url)
