"""A person grants a connection once; the code works once; the answer is to our question."""

import asyncio

import pytest

from monthclose.connectors.errors import CodeRefused, CredentialRefused, GrantRefused
from monthclose.connectors.oauth import OAuthSite, code_of, exchange, new_state
from monthclose.connectors.transport import Neighborhood, Transport
from monthclose.connectors.vendors import vendor
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock, MemoryVault, answering, told

SCOPE = "openid profile aws.cognito.signin.user.admin"


def exchanged(app, vault):
    async def go(servers) -> None:
        site = OAuthSite("contaazul", "", servers.url("it") + "/oauth2/token", SCOPE)
        around = Neighborhood.alone(FakeClock(), test=servers.addresses)
        async with Transport(vendor("contaazul"), around, key="k") as transport:
            await exchange(transport, site, vault, "the-code", "https://us.example/back")

    with Servers({"it": app}) as servers:
        asyncio.run(go(servers))


class TestPage:
    def test_the_scope_keeps_its_plus_signs(self):
        site = OAuthSite("contaazul", "https://auth.contaazul.com/oauth2/authorize", "", SCOPE)
        page = site.page("id", "s", "https://us.example/back")
        assert "scope=openid+profile+aws.cognito" in page
        assert "redirect_uri=https%3A%2F%2Fus.example%2Fback" in page

    def test_a_registered_redirect_is_not_sent(self):
        site = OAuthSite("bling", "https://bling.com.br/authorize", "", redirected=False)
        assert "redirect" not in site.page("id", "s", "https://us.example/back")

    def test_the_answer_has_to_be_to_our_question(self):
        state = new_state()
        back = "https://us.example/back?code=abc&state="
        assert code_of(back + state, state, "bling") == "abc"
        for wrong in (back + "other", "https://us.example/back?error=denied", ""):
            with pytest.raises(GrantRefused):
                code_of(wrong, state, "bling")


@pytest.mark.server
class TestExchange:
    def test_the_first_tokens_are_stored_together(self):
        vault = MemoryVault(client_id="id", client_secret="secret")
        app = answering(told({"access_token": "a", "refresh_token": "r", "expires_in": 3600}))
        exchanged(app, vault)
        assert (vault.secrets["access_token"], vault.secrets["refresh_token"]) == ("a", "r")
        assert app.state.calls[0].headers["authorization"].startswith("Basic ")

    def test_a_code_that_was_used_is_refused_and_not_tried_again(self):
        vault = MemoryVault(client_id="id", client_secret="secret")
        app = answering(told({"error": "invalid_grant"}, 400))
        with pytest.raises(CodeRefused):
            exchanged(app, vault)
        assert len(app.state.calls) == 1

    @pytest.mark.parametrize(("error", "status"), [("invalid_client", 400), ("who", 401)])
    def test_an_application_that_is_not_known_is_another_matter(self, error, status):
        vault = MemoryVault(client_id="id", client_secret="secret")
        with pytest.raises(CredentialRefused):
            exchanged(answering(told({"error": error}, status)), vault)
