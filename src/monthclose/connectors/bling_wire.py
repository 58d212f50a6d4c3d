"""Bling's addresses, windows of its lists, and what its errors mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from monthclose.connectors.answers import Answer
from monthclose.connectors.errors import (
    QuestionRefused,
    SettingUnreadable,
    SourceAnsweredBadly,
    SourceBusy,
)
from monthclose.connectors.fields import BRASILIA
from monthclose.connectors.oauth import OAuthSite
from monthclose.connectors.vendors import Do
from monthclose.connectors.verdicts import Verdict
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side

BASE = "https://api.bling.com.br"
PAGE_OF_GRANT = "https://bling.com.br/Api/v3/oauth/authorize"
COMPANY_FIELDS = ("id", "nome", "cnpj", "dataContrato")
CONTACT_FIELDS = ("id", "nome", "numeroDocumento", "situacao")
"""Of rows with people in them only these are kept: no telephone, no mail."""

RECORDS = ("contas/receber/{id}", "contas/pagar/{id}")


def site(base_url: str = BASE) -> OAuthSite:
    """
    How Bling grants connections.

    The redirect address is registered with the application. A code lives one minute and
    works once: the second use ends the connection. Tokens may be JWTs of some thousand
    characters, asked for by a header.
    """
    home = f"{base_url.rstrip('/')}/Api/v3/oauth"
    return OAuthSite(
        source="bling",
        authorise=PAGE_OF_GRANT if base_url == BASE else f"{home}/authorize",
        token=f"{home}/token",
        redirected=False,
        headers=(("enable-jwt", "1"),),
        code_s=60,
        revoke=f"{home}/revoke",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What differs from customer to customer, as the connection says it.

    Attributes:
        look_back: Months before the opening balances in which titles still open then are
            looked for.
        paid_net: Whether what a batch calls paid is without the discount (`paid_amount`).
        returned_ends: Whether a returned title counts as cancelled (`returned`).
        as_seen: Whether a title cancelled over the end of a month counts on the day that was
            seen, not at the month's end (`cancelled_between`).
        cancelled: Days of cancellation that a person gave, by title (`cancelled:ID`).
    """

    look_back: int = 12
    paid_net: bool = False
    returned_ends: bool = True
    as_seen: bool = False
    cancelled: Mapping[str, date] = field(default_factory=dict)

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Settings":
        """
        Read the settings of a connection.

        Raises:
            SettingUnreadable: one says something else than it may.
        """
        months = told.get("look_back", "12")
        if not (months.isascii() and months.isdigit() and 0 < int(months) <= 120):
            raise SettingUnreadable("bling", "look_back", months)
        days = {}
        for name, value in told.items():
            head, _, number = name.partition(":")
            if head != "cancelled" or not number:
                continue
            try:
                days[number] = date.fromisoformat(value)
            except ValueError:
                raise SettingUnreadable("bling", name, value) from None
        return cls(
            int(months),
            _second(told, "paid_amount", "gross", "net"),
            not _second(told, "returned", "cancelled", "open"),
            _second(told, "cancelled_between", "month", "seen"),
            days,
        )


def _second(told: Mapping[str, str], name: str, usual: str, other: str) -> bool:
    """Whether a setting says the other of its two values."""
    value = told.get(name, usual)
    if value not in (usual, other):
        raise SettingUnreadable("bling", name, value)
    return value == other


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One side's list of titles, and how it is asked for a window.

    Attributes:
        side: Receivable or payable.
        path: Of the list; a record is below it.
        windows: By what is dated, `issued` or `paid`: names of the first and the last day,
            and what else is sent.
    """

    side: Side
    path: str
    windows: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]]

    def window(self, dated: str, first: date, last: date) -> tuple[tuple[str, str], ...]:
        """The parameters of a window; both its days are always sent."""
        start, end, more = self.windows[dated]
        return (*more, (start, first.isoformat()), (end, last.isoformat()))


SIDES = (
    Kind(
        Side.RECEIVABLE,
        "contas/receber",
        {
            "issued": ("dataInicial", "dataFinal", (("tipoFiltroData", "E"),)),
            "paid": ("dataInicial", "dataFinal", (("tipoFiltroData", "R"),)),
        },
    ),
    Kind(
        Side.PAYABLE,
        "contas/pagar",
        {
            "issued": ("dataEmissaoInicial", "dataEmissaoFinal", ()),
            "paid": ("dataPagamentoInicial", "dataPagamentoFinal", ()),
        },
    ),
)


def slices(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Months between two days: a window of more than a year is refused."""
    month = Period.of(first)
    while month.first_day <= last:
        yield max(first, month.first_day), min(last, month.last_day)
        month = month.plus(1)


def read_error(answer: Answer) -> Verdict | None:
    """What an error means where its status does not tell; None: the status tells."""
    operation, status = answer.call.operation, answer.status
    if status < 400 or status in (401, 403):
        return None
    error = _error(answer)
    kind = str(error.get("type", ""))
    if status == 429:
        if error.get("period") == "day":
            return Verdict(Do.STOP, block_s=_until_midnight(answer.at))
        return Verdict(Do.RETRY, 1, error=SourceBusy("bling", operation, 1), limit="credential")
    if status == 404 and operation in RECORDS:
        return Verdict(Do.EMPTY)
    if kind == "UNKNOWN_ERROR":
        bad = SourceAnsweredBadly("bling", operation, status)
        return Verdict(Do.RETRY, 1, error=bad, failed=True)
    if status >= 500:
        return None
    return Verdict(Do.STOP, error=QuestionRefused("bling", operation, status, _said(error)))


def _error(answer: Answer) -> dict[str, Any]:
    """The error in a body, or nothing."""
    try:
        told: Any = answer.json() if answer.is_json else {}
    except ValueError:
        return {}
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}


def _said(error: dict[str, Any]) -> str:
    """What an error says to a person."""
    fields = error.get("fields")
    named = [each for each in fields if isinstance(each, dict)] if isinstance(fields, list) else []
    parts = [error.get("type"), error.get("description") or error.get("message")]
    parts += [f"{each.get('element')}: {each.get('msg')}" for each in named]
    return "; ".join(str(each) for each in parts if each)


def _until_midnight(now: datetime) -> float:
    """Seconds until the next day begins in Brasília."""
    here = now.astimezone(BRASILIA)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), BRASILIA)
    return (midnight - here).total_seconds()
