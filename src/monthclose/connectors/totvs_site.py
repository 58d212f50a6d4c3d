"""
What Protheus and RM have in common: tokens for a password, the error body, pages of `items`.

Read: TOTVS's API conventions and published message definitions. Success of the token call
is HTTP 201; a page says whether there is another, never how many there are.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from monthclose.connectors.answers import JSON, Answer, Call
from monthclose.connectors.auth import Auth, BasicAuth, TokenAuth
from monthclose.connectors.base import Connection
from monthclose.connectors.clock import Clock
from monthclose.connectors.errors import (
    PageRepeated,
    PagesShifted,
    QuestionRefused,
    SettingWrong,
)
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.secrets import Secrets, Vault
from monthclose.connectors.transport import Transport
from monthclose.connectors.vendors import Do
from monthclose.connectors.verdicts import Verdict

TOKEN_PATH = "/api/oauth2/v1/token"  # noqa: S105
PAGE = 500

_SENDABLE = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
"""What an HTTP header carries unchanged."""


def refusal(answer: Answer) -> str | None:
    """What the error body of TOTVS says, or None when it is none."""
    if not answer.is_json:
        return None
    try:
        told: Any = answer.json()
    except ValueError:
        return None
    if not isinstance(told, dict) or not {"code", "message"} <= told.keys():
        return None
    return ": ".join(
        str(told[name]).strip() for name in ("message", "detailedMessage") if told.get(name)
    )


def reader(source: str, *statuses: int) -> Callable[[Answer], Verdict | None]:
    """Read error bodies: with one of *statuses* they are for good, and say why."""

    def read(answer: Answer) -> Verdict | None:
        """What an error body means; None leaves it to the status."""
        if answer.status not in statuses:
            return None
        said = refusal(answer)
        if said is None:
            return None
        error = QuestionRefused(source, answer.call.operation, answer.status, said)
        return Verdict(Do.STOP, error=error)

    return read


@dataclass(frozen=True, slots=True)
class Site:
    """
    One customer's server.

    Attributes:
        source: Name of the connector.
        connection: Which company, and its settings.
    """

    source: str
    connection: Connection

    @property
    def address(self) -> str:
        """`host:port`, which TOTVS's limits go by; empty: the connection names no server."""
        return urlsplit(self.connection.base_url).netloc

    def setting(self, name: str, default: str, allowed: str = r"[0-9A-Za-z_./-]*") -> str:
        """
        A setting of the connection.

        Args:
            name: Its name.
            default: Where the connection does not say.
            allowed: Pattern of what it may be.

        Raises:
            SettingWrong: it is something else.
        """
        value = self.connection.settings.get(name, default)
        if not re.fullmatch(allowed, value):
            raise SettingWrong(self.source, self.connection.entity, name)
        return value

    def auth(self, vault: Vault, clock: Clock, login: "Login", default: str = "token") -> Auth:
        """
        By setting `auth`: a token that is renewed, or the password with every call.

        Raises:
            SettingWrong: the connection names no server.
        """
        if not self.address:
            raise SettingWrong(self.source, self.connection.entity, "base_url")
        if self.setting("auth", default, "token|basic") == "basic":
            return BasicAuth(vault)
        return TokenAuth(vault, self.source, clock, login.refreshed, login.logged_in)


class Login:
    """Makes the calls that give tokens, as Protheus takes them."""

    path = TOKEN_PATH

    def __init__(self, site: Site) -> None:
        """For one server; setting `token_path` says where, `login` = `query` in which form."""
        self.site = site
        path = site.setting("token_path", self.path)
        self.url = site.connection.base_url.rstrip("/") + "/" + path.lstrip("/")
        self.in_query = site.setting("login", "header", "header|query") == "query"

    def refreshed(self, held: Secrets) -> Call:
        """Renew with the refresh token, which lives a day; then the password is needed again."""
        return self._call(
            params=(
                ("grant_type", "refresh_token"),
                ("refresh_token", held["refresh_token"]),
            )
        )

    def logged_in(self, held: Secrets) -> Call:
        """
        Log in; name and password go into headers, which access logs do not show.

        Raises:
            SettingWrong: no header can carry them; setting `login` = `query` can.
        """
        user, password = held["username"], held["password"]
        grant = ("grant_type", "password")
        if self.in_query:
            return self._call(params=(grant, ("username", user), ("password", password)))
        if not all(_SENDABLE.fullmatch(each) for each in (user, password)):
            raise SettingWrong(self.site.source, self.site.connection.entity, "login")
        return self._call(params=(grant,), headers={"username": user, "password": password})

    def _call(
        self,
        params: tuple[tuple[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Call:
        """A token call: sent once, never kept."""
        return Call(
            operation="token",
            url=self.url,
            method="POST",
            params=params,
            headers=headers or {},
            json=json,
            repeatable=False,
            anonymous=True,
            keep=None,
        )


@dataclass(frozen=True, slots=True)
class Paged:
    """
    A question that is answered in pages.

    Attributes:
        operation: What it is called.
        url: Absolute, without query.
        params: Of every page.
        headers: Of every page.
        key: Fields that tell rows apart, by which they are ordered; none: the whole row.
        counted: Whether each page says how many rows are left after it.
        check: Looks at each row before it is taken.
        told: Looks at each page before its rows are.
    """

    operation: str
    url: str
    params: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    counted: bool = False
    check: Callable[[Row], None] = lambda row: None  # noqa: ARG005
    told: Callable[[Row], None] = lambda row: None  # noqa: ARG005

    def call(self, page: int, size: int) -> Call:
        """One page of it."""
        paging = (("page", str(page)), ("pageSize", str(size)))
        return Call(self.operation, self.url, params=(*self.params, *paging), headers=self.headers)


def one(transport: Transport, answer: Answer, removed: Removed) -> Row:
    """
    An answer as one object.

    Raises:
        SourceFailed: it is none.
    """
    told = transport.parse(answer)
    if not isinstance(told, dict):
        raise Row({}, transport.vendor.name, answer.call.operation, removed).wrong("{}")
    return Row(told, transport.vendor.name, answer.call.operation, removed)


async def pages(
    transport: Transport, asked: Paged, removed: Removed, size: int = PAGE
) -> AsyncIterator[Row]:
    """
    Every row once, though pages are no snapshot: rows may shift while they are read.

    Raises:
        PageRepeated: a page brought nothing new.
        PagesShifted: a row changed between two pages, or pages do not add up.
    """
    seen: dict[tuple[JSON, ...], Mapping[str, JSON]] = {}
    page, more, empty = 0, True, False
    left: int | None = None
    while more:
        page, before = page + 1, len(seen)
        answer = await transport.send(asked.call(page, size))
        told = one(transport, answer, removed)
        asked.told(told)
        rows, more = told.rows("items"), flag(told, "hasNext")
        fresh = list(fresh_rows(asked, rows, seen))
        # An empty page is no end while the source says that there is more; two in a row are none.
        if page > 1 and not fresh and (rows or empty):
            raise PageRepeated(transport.vendor.name, asked.operation, page)
        empty = not rows
        if asked.counted:
            after = told.whole("remainingRecords")
            wanted = len(rows) + after if left is None else left
            if len(rows) + after != wanted or (after and not more):
                wanted = before + (after + len(rows) if after and not more else wanted)
                raise PagesShifted(transport.vendor.name, asked.operation, len(seen), wanted)
            left = after
        for row in fresh:
            yield row


def fresh_rows(
    asked: Paged, rows: Sequence[Row], seen: dict[tuple[JSON, ...], Mapping[str, JSON]]
) -> Iterable[Row]:
    """The rows of a page that were on none before."""
    for row in rows:
        asked.check(row)
        key = tuple(str(row.value(name)) for name in asked.key) or (repr(row.fields),)
        before = seen.setdefault(key, row.fields)
        if before is row.fields:
            yield row
        elif before != row.fields:
            raise PagesShifted(row.source, asked.operation, len(seen), len(seen) + 1)


def flag(row: Row, name: str) -> bool:
    """A JSON truth value that has to be there."""
    value = row.value(name)
    if not isinstance(value, bool):
        raise row.wrong(name)
    return value
