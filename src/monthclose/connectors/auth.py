"""
How a source is told who asks: OAuth 2 with rotating tokens, a password, a key, nothing.

A refresh token that rotates works once. Whoever renews takes the credential's lock, reads
the row again, uses the token only if nobody renewed meanwhile, and stores the new pair
before the lock is given back.
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from monthclose.connectors.answers import Answer, Call
from monthclose.connectors.clock import Clock
from monthclose.connectors.errors import AnswerUnreadable, CredentialRefused, Reauthorise
from monthclose.connectors.secrets import Secrets, Vault

EARLY = timedelta(seconds=60)
"""A token is renewed this long before it ends."""

type Send = Callable[[Call], Awaitable[Answer]]
"""Sends a call without a credential and returns the answer, whatever its status."""


class Auth(Protocol):
    """Puts a credential on calls."""

    async def sign(self, call: Call, send: Send) -> Call:
        """The call with the credential on it; a token that ends soon is renewed first."""
        ...

    async def renew(self, refused: Call, send: Send) -> bool:
        """
        Renew what the source answered 401 to.

        Returns:
            Whether the call is worth repeating.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoAuth:
    """A source that anybody may read."""

    async def sign(self, call: Call, send: Send) -> Call:  # noqa: ARG002
        """The call as it is."""
        return call

    async def renew(self, refused: Call, send: Send) -> bool:  # noqa: ARG002
        """There is nothing to renew."""
        return False


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """A user name and a password on every call."""

    vault: Vault

    async def sign(self, call: Call, send: Send) -> Call:  # noqa: ARG002
        """The call with the `Authorization` header."""
        secrets = await self.vault.read(call.operation)
        return _with_header(call, basic(secrets["username"], secrets["password"]))

    async def renew(self, refused: Call, send: Send) -> bool:  # noqa: ARG002
        """A password that was refused stays refused."""
        return False


@dataclass(frozen=True, slots=True)
class BearerKey:
    """One key that does not end."""

    vault: Vault

    async def sign(self, call: Call, send: Send) -> Call:  # noqa: ARG002
        """The call with the `Authorization` header."""
        secrets = await self.vault.read(call.operation)
        return _with_header(call, f"Bearer {secrets['key']}")

    async def renew(self, refused: Call, send: Send) -> bool:  # noqa: ARG002
        """A key that was refused stays refused."""
        return False


@dataclass(frozen=True, slots=True)
class BodyKey:
    """Keys that go into the JSON body, under the names the credential has for them."""

    vault: Vault
    names: tuple[str, ...]

    async def sign(self, call: Call, send: Send) -> Call:  # noqa: ARG002
        """The call with the keys in its body."""
        secrets = await self.vault.read(call.operation)
        return replace(call, json={**call.json, **{name: secrets[name] for name in self.names}})

    async def renew(self, refused: Call, send: Send) -> bool:  # noqa: ARG002
        """A key that was refused stays refused."""
        return False


@dataclass(frozen=True, slots=True)
class TokenAuth:
    """
    OAuth 2 with an access token that ends.

    Attributes:
        vault: Keeps `access_token`, `refresh_token`, `expires_at` and what renewing takes.
        source: Name for messages.
        clock: Tells when a token ends.
        refreshed: Makes the call that renews with the refresh token.
        logged_in: Makes the call that takes a new token with the password; None: when the
            refresh token is refused, a person has to authorise again.
    """

    vault: Vault
    source: str
    clock: Clock
    refreshed: Callable[[Secrets], Call]
    logged_in: Callable[[Secrets], Call] | None = None

    async def sign(self, call: Call, send: Send) -> Call:
        """The call with a token that holds for a minute at least."""
        secrets = await self.vault.read(call.operation)
        if self._ends_soon(secrets):
            secrets = await self._renewed(secrets.get("access_token", ""), send)
        return _with_header(call, f"Bearer {secrets['access_token']}")

    async def renew(self, refused: Call, send: Send) -> bool:
        """Renew the token that was refused, unless somebody has."""
        used = refused.headers.get("Authorization", "").removeprefix("Bearer ")
        await self._renewed(used, send)
        return True

    def _ends_soon(self, secrets: Secrets) -> bool:
        """Whether there is no token, or one about to end."""
        ends = secrets.get("expires_at", "")
        return not ends or datetime.fromisoformat(ends) - EARLY <= self.clock.now()

    async def _renewed(self, used: str, send: Send) -> Secrets:
        """
        Take a new token under the credential's lock.

        Raises:
            Reauthorise: the refresh token is dead and there is no other way in.
            CredentialRefused: the password is not taken.
        """
        async with self.vault.renewing() as row:
            if row.secrets.get("access_token", "") != used and not self._ends_soon(row.secrets):
                return row.secrets  # somebody was faster
            answer = None
            if row.secrets.get("refresh_token"):
                answer = await send(self.refreshed(row.secrets))
            if self.logged_in and (answer is None or _refused(answer)):
                answer = await send(self.logged_in(row.secrets))
                if _refused(answer):
                    raise CredentialRefused(self.source, "token", answer.status)
            if answer is None or _refused(answer):
                await self.vault.mark_dead()
                raise Reauthorise(self.source)
            fresh = row.secrets.with_parts(**granted(answer, self.source))
            await row.replace(fresh)
            return fresh


def _refused(answer: Answer) -> bool:
    """Whether a token call was refused for good; other failures are told by the transport."""
    return 400 <= answer.status < 500


def granted(answer: Answer, source: str) -> dict[str, str]:
    """
    What a token call granted, with the moment it ends.

    Raises:
        AnswerUnreadable: it is no grant.
    """
    try:
        told: Any = answer.json()
        token, lasts = told["access_token"], int(told["expires_in"])
        if not (isinstance(token, str) and token and lasts > 0):
            raise ValueError("no token")
    except (ValueError, KeyError, TypeError):
        raise AnswerUnreadable(source, "token", "token") from None
    parts = {
        "access_token": token,
        "expires_at": (answer.at + timedelta(seconds=lasts)).isoformat(),
    }
    if isinstance(told.get("refresh_token"), str) and told["refresh_token"]:
        parts["refresh_token"] = told["refresh_token"]
    return parts


def basic(user: str, password: str) -> str:
    """The value of a Basic `Authorization` header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _with_header(call: Call, value: str) -> Call:
    """The call with an `Authorization` header."""
    return replace(call, headers={**call.headers, "Authorization": value})
