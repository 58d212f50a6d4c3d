"""Two processes of the operating system renew one credential: it is renewed once."""

import asyncio
import json
import os
import subprocess
import sys
from threading import Event

import pytest

from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.server import Servers
from monthclose.store.connections import NewConnection
from monthclose.wiring.database import open_database
from monthclose.wiring.settings import Settings
from tests.connectors.bling_case import COMPANY
from tests.wiring.sourced import found

pytestmark = pytest.mark.server

LONG_AGO = "2025-01-01T00:00:00+00:00"
PATIENCE_S = 120
TOKEN = "oauth/token"


class Held(Bling):
    """A Bling whose token endpoint answers when it is let go."""

    def __init__(self, *args, **facts):
        super().__init__(*args, **facts)
        self.go = Event()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"].endswith(TOKEN):
            await asyncio.to_thread(self.go.wait, PATIENCE_S)
        await super().__call__(scope, receive, send)


def begun(settings, house):
    """One process that tests the source; it shares nothing with this one but the database."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MONTHCLOSE_")}
    env |= {
        "MONTHCLOSE_HOME": str(settings.home),
        "MONTHCLOSE_EGRESS_TEST_ALLOW": settings.egress_test_allow,
    }
    words = ("source", "test", "--json", "--portfolio", house.code)
    login = house.ask("select login from users where id = :u", u=house.people["manager"])[0][0]
    return subprocess.Popen(
        [sys.executable, "-m", "monthclose", *words, "--as", login],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def readers(house):
    """How many readings have been handed the credential, to find that its token has ended."""
    ((count,),) = house.ask(
        "select count(*) from credential_access_log where tenant_id = :t and purpose like"
        " 'test: empresas%'",
        "operator",
    )
    return count


def test_one_renews_both_go_on_and_no_token_is_lost(tmp_path):
    stand = Held({"ALFA": COMPANY})
    with Servers({"bling": stand}) as servers:
        settings = Settings(home=tmp_path, egress_test_allow=servers.address("bling"))
        with open_database(settings) as database:
            house = found(settings, database.engine)
            sources = house.sources("operator")
            new = NewConnection("ALFA", "bling", "ALFA", servers.url("bling"))
            made = sources.add(new, {"client_id": "x", "client_secret": "y"})
            sources.files.put(
                made.secret_name, {**stand.tokens.secrets("ALFA"), "expires_at": LONG_AGO}
            )
            processes = [begun(settings, house), begun(settings, house)]
            try:
                # Both have seen that the token has ended before one of them gets another.
                for _ in range(PATIENCE_S * 5):
                    if readers(house) == 2 or any(each.poll() is not None for each in processes):
                        break
                    try:
                        processes[0].wait(timeout=0.2)
                    except subprocess.TimeoutExpired:
                        continue
                assert readers(house) == 2
                stand.go.set()
                ended = [each.communicate(timeout=PATIENCE_S) for each in processes]
            finally:
                stand.go.set()
                for each in processes:
                    each.kill()
                    each.wait()
            assert [each.returncode for each in processes] == [0, 0], ended
            for out, _ in ended:
                (told,) = json.loads(out)["sources"]
                assert told["reachable"]
            assert stand.script.calls[TOKEN] == 1
            assert sources.files.get(made.secret_name).parts["expires_at"] > LONG_AGO
            # What was stored is the pair that lives: it renews once more.
            stand.expire()
            (again,) = house.sources("manager").test()
            assert again.error is None
            assert stand.script.calls[TOKEN] == 2
            (stored,) = sources.connections.all()
            assert stored.dead_since is None
