"""Grants as a person gives them: the printed page is opened, its address is pasted, and it ends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.neighbors.bling_tokens import CLIENT
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.server import Servers
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from tests.connectors.bling_case import COMPANY
from tests.connectors.fakes import FakeClock
from tests.wiring.sourced import group, loaded

pytestmark = pytest.mark.server

PATIENCE_S = 120


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("home")
    with open_desk(Settings(home=place), portfolio=None) as desk:
        loaded(desk.database.engine, desk.database.user("operator"), desk.user, group("ALFAS"))
        yield place


class Terminal:
    """A person at a terminal of their own, beside a vendor whose clock they hold."""

    def __init__(self, erp, home, folder):
        self.erp, self.home, self.clock = erp, home, FakeClock()
        client = CLIENT if erp == "bling" else ("client", "s3cr3t-of-the-client")
        self.stand = (
            Bling({"ALFA": COMPANY}, clock=self.now)
            if erp == "bling"
            else ContaAzul({"ALFA": COMPANY}, client=client, clock=self.now)
        )
        self.servers = Servers({erp: self.stand})
        self.client, self.secrets = client, Path(folder) / "client.txt"
        self.secrets.write_text(f"client_id = {client[0]}\nclient_secret = {client[1]}\n", "utf-8")

    def __enter__(self):
        self.servers.__enter__()
        return self

    def __exit__(self, *error):
        self.servers.__exit__(*error)

    def now(self):
        return self.clock.now().timestamp()

    def begin(self, *words):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MONTHCLOSE_", "LC_"))}
        env = kept | {
            "LANG": "en_US.UTF-8",
            "MONTHCLOSE_HOME": str(self.home),
            "MONTHCLOSE_EGRESS_TEST_ALLOW": self.servers.address(self.erp),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "monthclose", *words],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words):
        process = self.begin(*words)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def add(self, wait_s=0.0, *more):
        """Add a connection, open the page that is printed, and paste where it leads."""
        url = self.servers.url(self.erp)
        words = ("source", "add", self.erp, "-e", "ALFA", "--company", "ALFA", "--base-url", url)
        process = self.begin(*words, "--secrets", str(self.secrets), *more)
        printed, page = "", None
        while page is None:
            line = process.stdout.readline()
            assert line, process.communicate()
            printed += line
            page = re.search(r"https?://\S*authorize\S*", line)
        redirected = httpx2.get(page[0], follow_redirects=False, trust_env=False)
        self.clock.pass_(wait_s)
        out, err = process.communicate(redirected.headers["location"] + "\n", timeout=PATIENCE_S)
        return process.returncode, printed + out, err


@pytest.fixture(params=["bling", "contaazul"])
def terminal(request, home, tmp_path):
    with Terminal(request.param, home, tmp_path) as opened:
        yield opened


def test_a_person_grants_tests_and_ends_it(terminal):
    code, out, err = terminal.add()
    assert code == 0, err
    assert "granted" in out
    code, out, err = terminal.run("source", "test", "-e", "ALFA")
    assert (code, "ALFA SISTEMAS LTDA" in out) == (0, True), err
    code, out, err = terminal.run("source", "remove", "-e", "ALFA", "--erp", terminal.erp, "--yes")
    assert code == 0, err
    if terminal.erp == "bling":
        assert "has ended the grant" in out
        assert terminal.stand.script.calls["oauth/revoke"] == 1
    else:
        assert "nothing was revoked at contaazul" in out
    assert terminal.client[1] not in out + err
    code, out, err = terminal.run("source", "test", "-e", "ALFA")
    assert (code, "no connection" in err) == (1, True)


def test_a_code_that_has_ended_is_named_so(terminal):
    """Bling's lives one minute, Conta Azul's three."""
    lives = 60 if terminal.erp == "bling" else 180
    code, _, err = terminal.add(lives + 1)
    assert code == 5
    assert f"a code lives {lives} seconds and works once" in " ".join(err.split())
    assert terminal.add()[0] == 0
    words = ("source", "remove", "-e", "ALFA", "--erp", terminal.erp, "--yes")
    assert terminal.run(*words)[0] == 0


def test_what_would_be_granted_is_not_begun_in_a_dry_run(terminal):
    url = terminal.servers.url(terminal.erp)
    words = ("source", "add", terminal.erp, "-e", "TOP", "--base-url", url, "--dry-run")
    code, out, err = terminal.run(*words, "--secrets", str(terminal.secrets))
    assert code == 0, err
    assert "granted in the browser" in out or "grants it in the browser" in out
    assert not terminal.stand.script.calls
    code, _, err = terminal.run("source", "test", "-e", "TOP")
    assert code == 1
