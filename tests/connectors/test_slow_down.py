"""What a 429 slows down, and which failures say nothing of a source's health."""

import asyncio
import json
from dataclasses import replace

import pytest
from starlette.responses import Response

from monthclose.connectors.answers import Call
from monthclose.connectors.bling_wire import read_error
from monthclose.connectors.errors import CircuitOpen, QuestionRefused, SourceFailed
from monthclose.connectors.omie import read_fault
from monthclose.connectors.totvs_site import reader
from monthclose.connectors.transport import Neighborhood, Transport
from monthclose.connectors.vendors import Limit, vendor
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock, answering, told

pytestmark = pytest.mark.server

FILTERS = {"code": "502", "message": "Filtros obrigatorios", "detailedMessage": "date"}


def asked(source, app, keys, limits=None, **how):
    """Ask once by each key, at one neighborhood; what came, and when it was sent."""
    clock = FakeClock()
    sent: list[float] = []
    came: list[type[SourceFailed] | None] = []
    of = replace(vendor(source), limits=limits) if limits else vendor(source)

    async def go(servers):
        around = Neighborhood.alone(clock, test=servers.addresses)
        for key in keys:
            async with Transport(of, around, key=key, **how) as transport:
                try:
                    await transport.send(Call("rows", servers.url("it") + "/rows"))
                except SourceFailed as error:
                    came.append(type(error))
                else:
                    came.append(None)
                sent.append(clock.moment.timestamp())

    with Servers({"it": app}) as servers:
        asyncio.run(go(servers))
    return came, [at - sent[0] for at in sent], len(app.state.calls)


class TestTooMany:
    def test_after_the_pause_a_slow_limit_gives_what_it_had(self):
        """
        Ten at once, and five hundred of which one comes back in a minute.

        The answer does not say which is used up. Twenty more calls go in two seconds.
        """
        limits = (Limit("credential", 10, 10), Limit("credential-minute", 500, 1 / 60))
        app = answering(told({}, 429), told({}))
        came, at, calls = asked("contaazul", app, ["a"] * 21, limits)
        assert (came, calls) == ([None] * 21, 22)
        assert at[20] <= 2

    def test_a_second_of_one_account_holds_back_no_other(self):
        """Bling says which limit it is: the account's. Its neighbor is asked at once."""
        body = {"error": {"type": "TOO_MANY_REQUESTS", "limit": 3, "period": "second"}}
        app = answering(told({}), told(body, 429, {"Retry-After": "90"}), told({}))
        came, at, _ = asked("bling", app, ["a", "a", "b", "a"], read=read_error)
        assert came == [None] * 4
        assert at[1] >= 90
        assert at[2] == at[1]

        waiting = answering(told(body, 429, {"Retry-After": "300"}), told({}))
        came, at, calls = asked("bling", waiting, ["a", "b"], read=read_error)
        assert (came[1], at[1] - at[0], calls) == (None, 0, 2)

    def test_one_method_of_omie_holds_back_no_other_key(self):
        app = answering(told({}, 429, {"Retry-After": "300"}), told({}))
        came, at, _ = asked("omie", app, ["a", "b"], read=read_fault)
        assert (came[1], at[1] - at[0]) == (None, 0)


class TestHealth:
    """A source that works and refuses is no source that is away."""

    def test_a_502_with_an_error_body_of_rm_opens_no_circuit(self):
        """RM says so that a filter is missing: asked twenty times, it is asked twenty times."""
        app = answering(told(FILTERS, 502))
        came, _, calls = asked("totvs_rm", app, ["a"] * 20, read=reader("totvs_rm", 502))
        assert (came, calls) == ([QuestionRefused] * 20, 20)

    def test_a_502_of_a_gateway_before_rm_opens_it(self):
        app = answering(Response("<html>", 502, media_type="text/html"))
        came, _, calls = asked("totvs_rm", app, ["a"] * 6, read=reader("totvs_rm", 502))
        assert came[-1] is CircuitOpen
        assert calls < 18

    def test_a_question_omie_does_not_take_opens_none_though_it_says_500(self):
        fault = {"faultcode": "SOAP-ENV:Client-71", "faultstring": "ERROR: Tag obrigatoria"}
        app = answering(told(json.dumps(fault), 500))
        came, _, calls = asked("omie", app, ["a"] * 20, read=read_fault)
        assert (came, calls) == ([QuestionRefused] * 20, 20)
