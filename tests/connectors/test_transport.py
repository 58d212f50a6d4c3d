"""Every signal of the vendor table ends in the right outcome, over real HTTP."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.responses import Response, StreamingResponse

from monthclose.connectors.answers import Call
from monthclose.connectors.auth import BasicAuth, BearerKey
from monthclose.connectors.errors import (
    AnswerUnreadable,
    CircuitOpen,
    CredentialRefused,
    QuestionRefused,
    Reauthorise,
    RightMissing,
    SourceAnsweredBadly,
    SourceBusy,
    SourceUnreachable,
)
from monthclose.connectors.oauth import OAuthSite
from monthclose.connectors.transport import Neighborhood, Times, Transport
from monthclose.connectors.vendors import vendor
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import NOON, FakeClock, MemoryVault, answering, told

pytestmark = pytest.mark.server


class Asked:
    """What came of a call: an answer or an error, and how long it was waited."""

    def __init__(self, app, source="contaazul", times=1, vault=None, auth=None, **call) -> None:
        self.clock = FakeClock()
        self.results: list[Any] = []
        self.app = app
        with Servers({"it": app}) as servers:
            asyncio.run(self._ask(servers, source, times, auth, call))

    async def _ask(self, servers, source, times, auth, call) -> None:
        around = Neighborhood.alone(
            self.clock, test=servers.addresses, times=Times(read=1, total=2)
        )
        made = auth(self.clock, servers.url("it")) if auth else None
        async with Transport(vendor(source), around, key="k", auth=made) as transport:
            for _ in range(times):
                try:
                    url = servers.url("it") + "/v1/rows"
                    self.results.append(await transport.send(Call("rows", url, **call)))
                except Exception as error:
                    self.results.append(error)
            self.documents = transport.documents

    @property
    def result(self):
        return self.results[-1]

    @property
    def calls(self) -> int:
        return len(self.app.state.calls)


class TestRetry:
    def test_three_attempts_in_all(self):
        asked = Asked(answering(told({}, 503)))
        assert isinstance(asked.result, SourceAnsweredBadly)
        assert asked.calls == 3

    def test_it_goes_on_when_the_source_recovers(self):
        asked = Asked(answering(told({}, 503), told({}, 502), told({"itens": [1.10]})))
        assert asked.result.json() == {"itens": [Decimal("1.1")]}

    def test_a_minimum_wait_of_the_vendor_holds(self):
        asked = Asked(answering(told({}, 429), told({"itens": []})))
        assert sum(asked.clock.slept) >= 2

    def test_retry_after_replaces_the_wait(self):
        asked = Asked(answering(told({}, 429, {"Retry-After": "37"}), told({})))
        assert 37 <= sum(asked.clock.slept) < 80

    def test_a_long_retry_after_gives_the_step_back(self):
        asked = Asked(answering(told({}, 429, {"Retry-After": "3600"}), told({})))
        assert isinstance(asked.result, SourceBusy)
        assert asked.result.wait_s == 3600
        assert asked.calls == 1

    def test_what_may_be_repeated_once_is_not_repeated_twice(self):
        asked = Asked(answering(told({}, 500)))
        assert asked.calls == 2

    @pytest.mark.parametrize(
        ("status", "error"),
        [(400, QuestionRefused), (403, RightMissing), (404, QuestionRefused)],
    )
    def test_other_refusals_are_never_repeated(self, status, error):
        asked = Asked(answering(told({"error": "no"}, status)))
        assert isinstance(asked.result, error)
        assert asked.calls == 1

    def test_a_call_that_may_not_be_repeated_is_not(self):
        asked = Asked(answering(told({}, 503)), method="POST", repeatable=False)
        assert isinstance(asked.result, SourceAnsweredBadly)
        assert asked.calls == 1

    def test_more_than_a_tenth_of_repeats_fails_at_once(self):
        """Ten repeats are always allowed: five calls of three attempts spend them."""
        asked = Asked(answering(told({}, 429, {"Retry-After": "0"})), times=6)
        assert asked.results[5].code == "source-retries-spent"


class TestBodies:
    def test_html_instead_of_json_is_unreadable(self):
        asked = Asked(answering(Response("<html>", media_type="text/html")))
        assert isinstance(asked.result, AnswerUnreadable)

    def test_an_answer_that_stops_coming_fails_in_time_and_is_asked_again(self):
        def stall(request):
            async def body():
                yield b'{"itens": '
                await asyncio.sleep(3)

            return StreamingResponse(body(), media_type="application/json")

        asked = Asked(answering(stall, told({"itens": []})))
        assert asked.result.json() == {"itens": []}

    def test_an_answer_that_breaks_off_is_asked_again(self):
        def cut(request):
            return Response(
                b'{"itens"', media_type="application/json", headers={"content-length": "100"}
            )

        asked = Asked(answering(cut))
        assert isinstance(asked.result, SourceUnreachable)

    def test_omie_is_asked_again_only_after_a_minute(self):
        def stall(request):
            async def body():
                yield b"{"
                await asyncio.sleep(3)

            return StreamingResponse(body(), media_type="application/json")

        asked = Asked(answering(stall, told({})), source="omie", method="POST", json={})
        assert sum(asked.clock.slept) >= 60

    def test_a_redirect_is_not_followed(self):
        asked = Asked(answering(Response("", 302, headers={"location": "https://evil.example"})))
        assert isinstance(asked.result, QuestionRefused)

    def test_bytes_are_kept_by_hash_without_query(self):
        asked = Asked(answering(told({"itens": []})), params=(("token", "secret"),))
        (document,) = asked.documents
        assert document.content == b'{"itens": []}'
        assert "secret" not in document.endpoint
        assert len(document.sha256) == 64


class TestCircuit:
    def test_a_source_that_keeps_failing_is_left_alone(self):
        asked = Asked(answering(told({}, 500)), times=6)
        assert isinstance(asked.results[5], CircuitOpen)
        assert asked.calls == 10

    def test_refusals_do_not_open_it(self):
        asked = Asked(answering(told({}, 404)), times=15)
        assert asked.calls == 15


def rotating(vault):
    """Conta Azul's way of renewing, at a server under test."""

    def made(clock, url):
        return OAuthSite("contaazul", f"{url}/login", f"{url}/oauth2/token").auth(vault, clock)

    return made


def credential(expires_in_s: float) -> MemoryVault:
    return MemoryVault(
        access_token="old",
        refresh_token="first",
        client_id="id",
        client_secret="secret",
        expires_at=(NOON + timedelta(seconds=expires_in_s)).isoformat(),
    )


GRANT = {"access_token": "new", "refresh_token": "second", "expires_in": 3600}


class TestTokens:
    def test_a_token_about_to_end_is_renewed_before_the_call(self):
        vault = credential(10)
        asked = Asked(answering(told(GRANT), told({"itens": []})), auth=rotating(vault))
        assert asked.result.status == 200
        assert vault.secrets["refresh_token"] == "second"
        assert asked.app.state.calls[1].headers["authorization"] == "Bearer new"

    def test_a_401_renews_once_and_repeats_once(self):
        vault = credential(3000)
        asked = Asked(answering(told({}, 401), told(GRANT), told({})), auth=rotating(vault))
        assert asked.result.status == 200
        assert asked.calls == 3

    def test_a_second_401_stops(self):
        vault = credential(3000)
        asked = Asked(answering(told({}, 401), told(GRANT), told({}, 401)), auth=rotating(vault))
        assert isinstance(asked.result, CredentialRefused)
        assert asked.calls == 3

    def test_a_refused_refresh_ends_the_connection(self):
        vault = credential(0)
        asked = Asked(answering(told({"error": "invalid_grant"}, 400)), auth=rotating(vault))
        assert isinstance(asked.result, Reauthorise)
        assert vault.dead
        assert asked.calls == 1

    def test_parallel_calls_renew_once(self):
        vault = credential(0)
        app = answering(told(GRANT), told({}))
        clock = FakeClock()

        async def ask(servers) -> None:
            around = Neighborhood.alone(clock, test=servers.addresses)
            auth = rotating(vault)(clock, servers.url("it"))
            async with Transport(vendor("contaazul"), around, key="k", auth=auth) as transport:
                url = servers.url("it") + "/v1/rows"
                await asyncio.gather(*(transport.send(Call("rows", url)) for _ in range(8)))

        with Servers({"it": app}) as servers:
            asyncio.run(ask(servers))
        tokens = [each for each in app.state.calls if each.url.path == "/oauth2/token"]
        assert len(tokens) == 1
        assert len(vault.stored) == 1


class TestKeys:
    """A password and a key that do not end: sent with each call, refused for good."""

    @pytest.mark.parametrize(
        ("made", "parts", "header"),
        [
            (BearerKey, {"key": "k1"}, "Bearer k1"),
            (BasicAuth, {"username": "u", "password": "p"}, "Basic dTpw"),
        ],
    )
    def test_it_is_sent_and_a_401_is_not_asked_again(self, made, parts, header):
        vault = MemoryVault(**parts)
        asked = Asked(answering(told({}, 401)), auth=lambda clock, url: made(vault))
        assert isinstance(asked.result, CredentialRefused)
        (request,) = asked.app.state.calls
        assert request.headers["authorization"] == header
        assert vault.asked == ["rows"]
