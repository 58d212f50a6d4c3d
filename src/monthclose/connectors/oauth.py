"""
The OAuth 2 code flow: a person grants a connection in the browser, once.

What a vendor does in its own way is data: where the page and the token endpoint are, the
scope, whether the redirect address is a parameter or registered with the application.
"""

import secrets
from dataclasses import dataclass, replace
from hmac import compare_digest
from urllib.parse import parse_qs, urlencode, urlsplit

from monthclose.connectors.answers import Call
from monthclose.connectors.auth import TokenAuth, basic, granted
from monthclose.connectors.clock import Clock
from monthclose.connectors.errors import (
    CodeRefused,
    CredentialRefused,
    GrantNotRevoked,
    GrantRefused,
)
from monthclose.connectors.secrets import Secrets, Vault
from monthclose.connectors.transport import Transport


@dataclass(frozen=True, slots=True)
class OAuthSite:
    """
    How a vendor grants connections.

    Attributes:
        source: Name of the connector.
        authorise: Page on which a person grants it.
        token: Endpoint that gives and renews tokens.
        scope: Written as it stands, blanks as `+`; empty: none is sent.
        redirected: Whether the redirect address is sent; else it is registered.
        headers: Sent with every token call.
        code_s: Seconds that a code lives.
        revoke: Endpoint that ends a grant; empty: the vendor names none.
    """

    source: str
    authorise: str
    token: str
    scope: str = ""
    redirected: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    code_s: int = 60
    revoke: str = ""

    def page(self, client_id: str, state: str, redirect: str = "") -> str:
        """The address a person opens to grant the connection."""
        query = {"response_type": "code", "client_id": client_id}
        if self.redirected:
            query["redirect_uri"] = redirect
        query["state"] = state
        url = f"{self.authorise}?{urlencode(query)}"
        # An encoded plus would be refused as an unknown scope.
        return f"{url}&scope={self.scope.replace(' ', '+')}" if self.scope else url

    def refreshed(self, held: Secrets) -> Call:
        """The call that renews the tokens with the refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
        return self._call(form, held)

    def exchanged(self, held: Secrets, code: str, redirect: str = "") -> Call:
        """The call that gives the first tokens for the code of a redirect."""
        form = {"grant_type": "authorization_code", "code": code}
        if self.redirected:
            form["redirect_uri"] = redirect
        return self._call(form, held)

    def revoked(self, held: Secrets) -> Call:
        """
        The call that ends a grant.

        The vendor names the endpoint and not what it takes: sent is what RFC 7009 says.
        """
        form = {"token": held["refresh_token"], "token_type_hint": "refresh_token"}
        return replace(self._call(form, held), operation="revoke", url=self.revoke)

    def auth(self, vault: Vault, clock: Clock) -> TokenAuth:
        """Tokens that rotate, kept in a vault."""
        return TokenAuth(vault, self.source, clock, self.refreshed)

    def _call(self, form: dict[str, str], held: Secrets) -> Call:
        """A token call as the client: never repeated, never kept."""
        return Call(
            operation="token",
            url=self.token,
            method="POST",
            headers={
                "Authorization": basic(held["client_id"], held["client_secret"]),
                **dict(self.headers),
            },
            form=form,
            repeatable=False,
            anonymous=True,
            keep=None,
        )


def new_state() -> str:
    """A value that nobody can guess, to be found again in the redirect."""
    return secrets.token_urlsafe(32)


def code_of(redirect: str, state: str, source: str) -> str:
    """
    The code in the address a vendor redirected to.

    Args:
        redirect: The address as the browser shows it.
        state: What was sent.
        source: Name of the connector.

    Raises:
        GrantRefused: the person refused, or the answer is not to our question.
    """
    told = parse_qs(urlsplit(redirect).query)
    code, found = told.get("code", [""])[0], told.get("state", [""])[0]
    if not code or not compare_digest(found.encode(), state.encode()):
        raise GrantRefused(source)
    return code


async def exchange(transport: Transport, site: OAuthSite, vault: Vault, code: str, to: str) -> None:
    """
    Take the first tokens for a code, and store them.

    Args:
        transport: To the vendor.
        site: How it grants connections.
        vault: Holds `client_id` and `client_secret`; takes the tokens.
        code: Lives a few minutes, works once.
        to: The redirect address it was given to.

    Raises:
        CodeRefused: the code has ended, or was used.
        CredentialRefused: the client is not taken.
        SourceFailed: the vendor did not answer.
    """
    async with vault.renewing() as row:
        answer = await transport.ask_token(site.exchanged(row.secrets, code, to))
        if answer.status >= 300:
            if answer.status == 401 or b"invalid_client" in answer.content:
                raise CredentialRefused(site.source, "token", answer.status)
            raise CodeRefused(site.source, site.code_s)
        await row.replace(row.secrets.with_parts(**granted(answer, site.source)))


async def revoke(transport: Transport, site: OAuthSite, vault: Vault) -> bool:
    """
    End a grant at the vendor, so that its tokens open nothing any more.

    Returns:
        Whether there was one.

    Raises:
        GrantNotRevoked: the vendor did not take it.
        SourceFailed: the vendor did not answer.
    """
    async with vault.renewing() as row:
        if "refresh_token" not in row.secrets:
            return False
        answer = await transport.ask_token(site.revoked(row.secrets))
        if answer.status >= 300:
            raise GrantNotRevoked(site.source, answer.status)
    return True
