"""How Conta Azul is asked: its grant, its envelopes, its pages."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from monthclose.connectors.answers import Answer, Call
from monthclose.connectors.base import Connection
from monthclose.connectors.errors import PageRepeated, PagesShifted, QuestionRefused, RowTwice
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.oauth import OAuthSite
from monthclose.connectors.redaction import only
from monthclose.connectors.transport import Transport
from monthclose.connectors.vendors import Do
from monthclose.connectors.verdicts import Verdict

NAME = "contaazul"
API = "https://api-v2.contaazul.com"
AUTH = "https://auth.contaazul.com"
SCOPE = "openid profile aws.cognito.signin.user.admin"
PAGE = 500
"""Only 10, 20, 50, 100, 200, 500 and 1000 are taken."""

type Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    How a list is wrapped: the same vendor has several ways.

    Attributes:
        total: Name of the number of rows in all pages.
        rows: Name of the rows.
    """

    total: str
    rows: str


FINANCE = Envelope("itens_totais", "itens")
PERSONS = Envelope("totalItems", "items")


def site(connection: Connection) -> OAuthSite:
    """How Conta Azul grants a connection; against a stand-in, the stand-in does."""
    home = connection.settings.get("auth_url") or connection.base_url or AUTH
    return OAuthSite(NAME, f"{home}/oauth2/authorize", f"{home}/oauth2/token", SCOPE, code_s=180)


def window(first: date, last: date) -> list[tuple[str, str]]:
    """A window of days as some lists want it."""
    return [("data_inicio", first.isoformat()), ("data_fim", last.isoformat())]


def read_error(answer: Answer) -> Verdict | None:
    """What the vendor says is wrong with a question; None: the status tells enough."""
    if answer.status != 400 or not answer.is_json:
        return None
    try:
        told = answer.json()
    except ValueError:
        return None
    if not isinstance(told, dict) or not isinstance(said := told.get("error"), str):
        return None
    operation = answer.call.operation
    return Verdict(Do.STOP, error=QuestionRefused(NAME, operation, answer.status, said))


@dataclass(frozen=True, slots=True)
class Wire:
    """
    Asks for objects and lists.

    Attributes:
        transport: To the vendor.
        removed: Counts characters taken out of texts.
    """

    transport: Transport
    removed: Removed

    async def row(
        self,
        path: str,
        operation: str = "",
        params: Params = (),
        keep: Sequence[str] = (),
        rows: str = "",
    ) -> Row:
        """
        Ask for one object.

        Args:
            path: Below the server.
            operation: What messages call it; empty: the path.
            params: Query.
            keep: The only fields to be kept in the document; empty: all.
            rows: Name of the list whose rows *keep* is about; empty: the object itself.

        Raises:
            SourceFailed: it could not be had, or is no object.
        """
        operation = operation or path.rpartition("/v1/")[2]
        call = Call(
            operation,
            self.transport.base_url + path,
            params=tuple(params),
            keep=only(keep, rows) if keep else bytes,
        )
        told = await self.transport.json(call)
        row = Row(told if isinstance(told, dict) else {}, NAME, operation, self.removed)
        if not isinstance(told, dict):
            raise row.wrong("{}")
        return row

    async def pages(
        self,
        path: str,
        params: Params = (),
        envelope: Envelope = FINANCE,
        keep: Sequence[str] = (),
    ) -> AsyncIterator[Row]:
        """
        Every row of every page; as many as the vendor says there are, none twice.

        Raises:
            FieldUnreadable: another envelope than this list has: never an empty list.
            PageRepeated: a page came twice.
            PagesShifted: the total is not reached, or changed meanwhile.
            RowTwice: a row came on two pages.
        """
        operation, number, found = path.rpartition("/v1/")[2], 1, 0
        wanted: int | None = None
        before: list[object] = []
        seen: set[str] = set()
        while wanted is None or found < wanted:
            asked = [*params, ("pagina", str(number)), ("tamanho_pagina", str(PAGE))]
            told = await self.row(path, params=asked, keep=keep, rows=envelope.rows)
            total, rows = told.whole(envelope.total), told.rows(envelope.rows)
            page: list[object] = [row.fields for row in rows]
            if rows and page == before:
                raise PageRepeated(NAME, operation, number)
            if (not rows and total > found) or wanted not in (None, total):
                raise PagesShifted(NAME, operation, found, total)
            before, wanted, number = page, total, number + 1
            for row in rows:
                found += 1
                if row.has("id"):
                    seen.add(row.text("id"))
                    if len(seen) < found:
                        raise RowTwice(NAME, operation, row.text("id"))
                yield row
        if found != wanted:
            raise PagesShifted(NAME, operation, found, wanted)
