"""How the stand-in for Bling grants connections: codes, tokens that rotate, revocation."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monthclose.sandbox.neighbors.wire import Clock, answered

CODE_S, ACCESS_S, REFRESH_S = 60, 21_600, 30 * 86_400
REDIRECT = "https://localhost/monthclose"
"""Registered with the application."""
CLIENT = ("client-of-the-sandbox", "secret-of-the-sandbox")


@dataclass(slots=True)
class Grant:
    """What one person granted: it ends as a whole."""

    company: str
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=dict)
    revoked: bool = False


class Tokens:
    """Codes and tokens of every company."""

    def __init__(self, clock: Clock) -> None:
        """Begin with none; *clock* gives seconds since the epoch."""
        self._clock = clock
        self._codes: dict[str, tuple[Grant, float, list[int]]] = {}
        self._grants: list[Grant] = []
        self._made = 0

    def code(self, company: str) -> str:
        """A person grants: the code that the redirect carries, for a minute and one use."""
        grant = Grant(company)
        self._grants.append(grant)
        code = self._new("code")
        self._codes[code] = (grant, self._clock() + CODE_S, [])
        return code

    def secrets(self, company: str) -> dict[str, str]:
        """A credential as it is kept after a grant."""
        grant = Grant(company)
        self._grants.append(grant)
        told = self._fresh(grant, jwt=False)
        ends = datetime.fromtimestamp(self._clock() + ACCESS_S, UTC)
        return {
            "client_id": CLIENT[0],
            "client_secret": CLIENT[1],
            "access_token": str(told["access_token"]),
            "refresh_token": str(told["refresh_token"]),
            "expires_at": ends.isoformat(),
        }

    def company(self, request: Request) -> str | None:
        """The company of a bearer token that is taken, or None."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        for grant in self._grants:
            if not grant.revoked and grant.access.get(token, 0.0) > self._clock():
                return grant.company
        return None

    def expire(self) -> None:
        """Let the access tokens given so far end; what renews them stays."""
        for grant in self._grants:
            grant.access.clear()

    def change_scopes(self) -> None:
        """The application asks for other scopes: every connection of it ends."""
        for grant in self._grants:
            grant.revoked = True

    def page(self, request: Request, company: str) -> Response:
        """The page of the grant, on which a person agrees at once: the registered address."""
        told = request.query_params
        if told.get("client_id") != CLIENT[0] or told.get("response_type") != "code":
            return RedirectResponse(f"{REDIRECT}?{urlencode({'error': 'invalid_client'})}")
        query = urlencode({"code": self.code(company), "state": told.get("state", "")})
        return RedirectResponse(f"{REDIRECT}?{query}")

    def answer(self, request: Request, body: bytes) -> Response:
        """Answer the endpoints of tokens and of revocation."""
        wanted = base64.b64encode(":".join(CLIENT).encode()).decode()
        if request.headers.get("authorization", "") != f"Basic {wanted}":
            return _refused("invalid_client", 401)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if request.url.path.endswith("/revoke"):
            return self._ended(form)
        jwt = request.headers.get("enable-jwt") == "1"
        if form.get("grant_type") == "authorization_code":
            return self._exchanged(form, jwt=jwt)
        return self._renewed(form, jwt=jwt)

    def _exchanged(self, form: Mapping[str, str], *, jwt: bool) -> Response:
        """The first tokens for a code; the second use of a code ends the connection."""
        held = self._codes.get(form.get("code", ""))
        if held is None:
            return _refused("invalid_grant", 400)
        grant, ends, used = held
        if used:
            grant.revoked = True
        if used or ends <= self._clock():
            return _refused("invalid_grant", 400)
        used.append(1)
        return answered(self._fresh(grant, jwt=jwt))

    def _ended(self, form: Mapping[str, str]) -> Response:
        """End the grant of a token; one that nobody has is ended already."""
        token = form.get("token", "")
        for grant in self._grants:
            if token in grant.access or token in grant.refresh:
                grant.revoked = True
        return answered({}) if token else _refused("invalid_request", 400)

    def _renewed(self, form: Mapping[str, str], *, jwt: bool) -> Response:
        """New tokens for a refresh token, which is not taken again."""
        token = form.get("refresh_token", "")
        for grant in self._grants:
            if not grant.revoked and grant.refresh.pop(token, 0.0) > self._clock():
                return answered(self._fresh(grant, jwt=jwt))
        return _refused("invalid_grant", 400)

    def _fresh(self, grant: Grant, *, jwt: bool) -> dict[str, object]:
        """A new pair."""
        access, refresh = self._new("access", long=jwt), self._new("refresh")
        grant.access[access] = self._clock() + ACCESS_S
        grant.refresh = {refresh: self._clock() + REFRESH_S}
        return {
            "access_token": access,
            "expires_in": ACCESS_S,
            "token_type": "Bearer",
            "scope": "98309 318257570",
            "refresh_token": refresh,
        }

    def _new(self, what: str, *, long: bool = False) -> str:
        """A value nobody has had; as long as a JWT if asked."""
        self._made += 1
        return f"{what}-{self._made}" + ("." + "x" * 2_000 if long else "")


def _refused(kind: str, status: int) -> Response:
    """A token call that is not taken."""
    told = {"type": kind, "message": kind, "description": "A autorização não foi aceita."}
    return answered({"error": told}, status)
