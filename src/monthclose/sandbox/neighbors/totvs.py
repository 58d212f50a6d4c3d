"""What stand-ins for TOTVS servers have in common: tokens, the error body, pages."""

import base64
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.wire import Clock, Neighbor, answered

ACCESS_S, REFRESH_S = 3600, 24 * 3600

type Fields = dict[str, Any]


class Told(Exception):
    """An answer with an error body."""

    def __init__(self, status: int, message: str, detailed: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.detailed = status, message, detailed


class TotvsServer(Neighbor):
    """
    A server with security on.

    Attributes:
        root: What paths begin with, unless the address is given with it.
        token_path: Where tokens are given.
        created: Status of a token that was.
        refreshed: How many tokens were given for a refresh token.
        logins: How many for a password.
    """

    root = "/rest"
    token_path = "/api/oauth2/v1/token"  # noqa: S105
    created = 201

    def __init__(
        self,
        users: Mapping[str, str],
        script: Script | None = None,
        *,
        clock: Clock = monotonic,
    ) -> None:
        """Serve *users* by their passwords."""
        super().__init__(script, clock=clock)
        self._users = dict(users)
        self._access: dict[str, float] = {}
        self._refresh: dict[str, float] = {}
        self._given = 0
        self.refreshed = self.logins = 0
        self.seen_queries: list[str] = []

    def operation(self, request: Request, body: bytes) -> str:  # noqa: ARG002
        """A table of the generic query, or the last part of the path."""
        path = request.url.path.removeprefix(self.root)
        if path.rstrip("/") == self.token_path.rstrip("/"):
            return "token"
        return request.query_params.get("tables") or request.url.path.rpartition("/")[2]

    def respond(self, request: Request, body: bytes) -> Response:
        """Answer one call."""
        self.seen_queries.append(request.url.query)
        try:
            if self.operation(request, body) == "token":
                return self._token(request, body)
            if not self._known(request.headers.get("authorization", "")):
                raise Told(401, "Unauthorized", "Token invalido ou expirado")
            return answered(self.answer(request))
        except Told as told:
            return error_body(told)

    @abstractmethod
    def answer(self, request: Request) -> Any:
        """The body of an answer to a user that is known."""

    @abstractmethod
    def credentials(self, request: Request, body: bytes) -> tuple[str, str, str]:
        """User, password and refresh token of a token call."""

    def expire(self) -> None:
        """Let the access tokens given so far end."""
        self._access.clear()

    def end_sessions(self) -> None:
        """Let refresh tokens end as well."""
        self._access.clear()
        self._refresh.clear()

    def _known(self, header: str) -> bool:
        """Whether a bearer token holds, or a name and password fit."""
        kind, _, value = header.partition(" ")
        if kind == "Bearer":
            return self._access.get(value, 0.0) > self.clock()
        if kind == "Basic":
            user, _, password = base64.b64decode(value).decode().partition(":")
            return self._users.get(user) == password
        return False

    def _token(self, request: Request, body: bytes) -> Response:
        """Give a token for a password or a refresh token."""
        user, password, refresh = self.credentials(request, body)
        now = self.clock()
        if refresh:
            if self._refresh.pop(refresh, 0.0) <= now:
                raise Told(401, "Unauthorized", "Refresh token invalido")
            self.refreshed += 1
        elif not user or self._users.get(user) != password:
            raise Told(401, "Unauthorized", "Usuario ou senha invalidos")
        else:
            self.logins += 1
        self._given += 1
        access, again = f"access-{self._given}", f"refresh-{self._given}"
        self._access[access] = now + ACCESS_S
        self._refresh[again] = now + REFRESH_S
        granted = {
            "access_token": access,
            "refresh_token": again,
            "scope": "default",
            "token_type": "Bearer",
            "expires_in": ACCESS_S,
        }
        return answered(granted, self.created)


def error_body(told: Told) -> Response:
    """The error body of TOTVS."""
    body = {
        "code": str(told.status),
        "message": told.message,
        "detailedMessage": told.detailed,
        "helpUrl": "",
        "details": [{"code": "", "message": "", "detailedMessage": "", "helpUrl": ""}],
    }
    return answered(body, told.status)


def paged(request: Request, rows: Sequence[Fields]) -> Fields:
    """A page of rows in the convention's shape: no totals, only whether there is more."""
    page, size = whole(request, "page", 1), whole(request, "pageSize", 10)
    part = rows[(page - 1) * size : page * size]
    return {"items": list(part), "hasNext": page * size < len(rows)}


def whole(request: Request, name: str, default: int) -> int:
    """A number of the query."""
    text = request.query_params.get(name, str(default))
    if not text.isdigit() or not int(text):
        raise Told(400, "Parametro invalido", name)
    return int(text)


def ordered(rows: list[Fields], order: str, key: Callable[[Fields], Any]) -> list[Fields]:
    """Rows in the order asked for; without one, in none that holds: here, backwards."""
    if not order:
        return sorted(rows, key=key, reverse=True)
    for name in reversed(order.split(",")):
        rows = sorted(rows, key=lambda row: row[name.removeprefix("-")], reverse=name[0] == "-")
    return rows
