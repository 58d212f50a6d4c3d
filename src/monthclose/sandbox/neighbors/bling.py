"""A stand-in for Bling (API v3): lists without totals, one record a call, its limits."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from time import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.bling_rows import Book
from monthclose.sandbox.neighbors.bling_tokens import Tokens
from monthclose.sandbox.neighbors.wire import Clock, Neighbor, answered
from monthclose.sandbox.served import Served

PER_SECOND, PER_DAY = 3, 120_000
ADDRESS_CALLS, ADDRESS_ERRORS, ADDRESS_S, SHUT_S = 600, 300, 10, 600
TOKEN_CALLS, TOKEN_S, TOKEN_SHUT_S = 20, 60, 3_600
LARGEST_PAGE = 100
API = "/Api/v3/"

type Told = dict[str, Any]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, kind: str, text: str, **more: Any) -> None:
        super().__init__(text)
        self.status, self.kind, self.text, self.more = status, kind, text, more

    def response(self) -> Response:
        """The answer."""
        told = {"type": self.kind, "message": self.text, "description": self.text, **self.more}
        return answered({"error": told}, self.status)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: of which company, what of it, and the query."""

    book: Book
    number: str
    query: Mapping[str, list[str]]

    def one(self, name: str, default: str = "") -> str:
        """A parameter that is given once."""
        return self.query.get(name, [default])[0]

    def day(self, name: str, default: date) -> date:
        """A day, or what Bling takes when none is given."""
        return date.fromisoformat(self.one(name)) if self.one(name) else default


class Bling(Neighbor):
    """Companies by name of their account; a token opens one of them."""

    def __init__(
        self,
        companies: Mapping[str, Served],
        script: Script | None = None,
        *,
        limited: bool = False,
        clock: Clock = time,
    ) -> None:
        """
        Serve companies.

        Args:
            companies: By account.
            script: Faults.
            limited: Whether to refuse what Bling would refuse for its rate.
            clock: Seconds since the epoch.
        """
        super().__init__(script, limited=limited, clock=clock)
        self.tokens = Tokens(clock)
        self.companies = dict(companies)
        self.net = False  # nobody documents whether what is paid has the discount in it
        self.hidden: frozenset[str] = frozenset()  # on no list, as if dated out of its window
        self._shut = 0.0
        self._books: dict[str, Book] = {}
        self._calls: dict[str, Callable[[Asked], Any]] = {
            "empresas/me/dados-basicos": lambda asked: _wrapped(asked.book.company_row()),
            "contas-contabeis": lambda asked: _page(asked, asked.book.banks()),
            "categorias/receitas-despesas": lambda asked: _page(asked, asked.book.categories()),
            "contas/receber": _receivables,
            "contas/pagar": _payables,
            "contas/receber/{id}": lambda asked: _title(asked, Side.RECEIVABLE),
            "contas/pagar/{id}": lambda asked: _title(asked, Side.PAYABLE),
            "borderos/{id}": lambda asked: _wrapped(_found(asked.book.batch(asked.number))),
            "caixas": _cash,
            "caixas/{id}": lambda asked: _found(asked.book.cash_record(asked.number)),
            "contatos": _contacts,
        }

    def expire(self) -> None:
        """Let the access tokens given so far end."""
        self.tokens.expire()

    def operation(self, request: Request, body: bytes) -> str:  # noqa: ARG002
        """The path, with `{id}` for a number."""
        return _template(request)[0]

    def respond(self, request: Request, body: bytes) -> Response:
        """Answer one call, and count it as Bling counts."""
        path, number = _template(request)
        try:
            self._count_address(path)
            if path == "oauth/authorize":
                login = request.query_params.get("login", "")  # whose account agrees
                name = login if login in self.companies else next(iter(self.companies))
                response = self.tokens.page(request, name)
            elif path in ("oauth/token", "oauth/revoke"):
                response = self.tokens.answer(request, body)
            else:
                response = self._answer(request, path, number)
        except Refusal as refusal:
            response = refusal.response()
        errors = self.window(ADDRESS_S, "errors") if response.status_code >= 400 else 0
        if self.limited and errors >= ADDRESS_ERRORS:
            self._shut = self.clock() + SHUT_S
        return response

    def another(self, request: Request, body: bytes) -> Response:
        """Answer for another company than the token's."""
        company = self.tokens.company(request)
        held = self.companies[company or ""]
        try:
            self.companies[company or ""] = next(
                each for name, each in self.companies.items() if name != company
            )
            return self.respond(request, body)
        finally:
            self.companies[company or ""] = held

    def _answer(self, request: Request, path: str, number: str) -> Response:
        """The result of a call."""
        company = self.tokens.company(request)
        if company is None:
            raise Refusal(401, "UNAUTHORIZED", "O token de acesso não é válido.")
        if self.limited:
            self._count_account(company)
        if path not in self._calls or request.method != "GET":
            raise Refusal(404, "RESOURCE_NOT_FOUND", "O recurso requisitado não foi encontrado")
        query: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            query.setdefault(name, []).append(value)
        told = self._calls[path](Asked(self._book(company), number, query))
        if path in ("contas/receber", "contas/pagar"):
            told["data"] = [row for row in told["data"] if str(row["id"]) not in self.hidden]
        return answered(told)

    def _book(self, name: str) -> Book:
        """A company's book, the same one as long as the company is."""
        company, held = self.companies[name], self._books.get(name)
        if held is None or not held.is_of(company, net=self.net):
            held = self._books[name] = Book(company, net=self.net)
        return held

    def _count_address(self, path: str) -> None:
        """Refuse an address that called too often; whose calls they are does not matter."""
        if not self.limited:
            return
        if self._shut > self.clock():
            raise Refusal(403, "FORBIDDEN", "Endereço bloqueado.")
        if path == "oauth/token" and self.window(TOKEN_S, "token") > TOKEN_CALLS - 1:
            self._shut = self.clock() + TOKEN_SHUT_S
        if self.window(ADDRESS_S, "address") >= ADDRESS_CALLS:
            self._shut = self.clock() + SHUT_S

    def _count_account(self, company: str) -> None:
        """Refuse an account that called too often."""
        for seconds, most, period in ((1, PER_SECOND, "second"), (86_400, PER_DAY, "day")):
            if self.window(seconds, company) > most:
                text = "Limite de requisições atingido."
                raise Refusal(429, "TOO_MANY_REQUESTS", text, limit=most, period=period)


def _template(request: Request) -> tuple[str, str]:
    """A path with `{id}` for its number, and the number."""
    path = request.url.path.removeprefix(API)
    found = re.fullmatch(r"(.*)/(\d+)", path)
    return (f"{found[1]}/{{id}}", found[2]) if found else (path, "")


def _wrapped(told: Any) -> Told:
    """What is wrapped in `data`: nearly everything."""
    return {"data": told}


def _found(row: Told | None) -> Told:
    """A record, or the error that there is none."""
    if row is None:
        raise Refusal(404, "RESOURCE_NOT_FOUND", "O recurso requisitado não foi encontrado")
    return row


def _page(asked: Asked, rows: list[Told], size: int | None = None) -> Told:
    """One page; past the end it has no rows, and nothing says how many there are."""
    size = size or min(int(asked.one("limite", "100")), LARGEST_PAGE)
    page = int(asked.one("pagina", "1"))
    return {"data": rows[(page - 1) * size : page * size]}


def _window(asked: Asked, first: str, last: str, today: date) -> tuple[date, date]:
    """A window of days; without them a year up to today, and never more than a year."""
    end = asked.day(last, today)
    start = asked.day(first, end - timedelta(days=365))
    if end - start > timedelta(days=366):
        fields = [{"code": 1, "msg": "Período maior que um ano", "element": first}]
        raise Refusal(400, "VALIDATION_ERROR", "Os dados enviados não são válidos.", fields=fields)
    return start, end


def _receivables(asked: Asked) -> Told:
    """Receivables by issue, due day or receipt."""
    dated = asked.one("tipoFiltroData", "E")
    start, end = _window(asked, "dataInicial", "dataFinal", asked.book.today)
    wanted = {int(each) for each in asked.query.get("situacoes[]", ())}
    rows = [
        asked.book.listed(title)
        for title in asked.book.titles(Side.RECEIVABLE)
        if any(start <= day <= end for day in asked.book.days(title, dated))
        and (not wanted or asked.book.situation(title) in wanted)
    ]
    return _page(asked, rows)


def _payables(asked: Asked) -> Told:
    """Payables, with filters of their own; every one that is given holds."""
    rows = asked.book.titles(Side.PAYABLE)
    for dated, name in (("E", "Emissao"), ("V", "Vencimento"), ("R", "Pagamento")):
        first, last = f"data{name}Inicial", f"data{name}Final"
        if asked.one(first) or asked.one(last):
            start, end = _window(asked, first, last, asked.book.today)
            rows = [
                title
                for title in rows
                if any(start <= day <= end for day in asked.book.days(title, dated))
            ]
    return _page(asked, [asked.book.listed(title) for title in rows])


def _title(asked: Asked, side: Side) -> Told:
    """A title's whole record."""
    title = asked.book.title(side, asked.number)
    return _wrapped(_found(None if title is None else asked.book.record(title)))


def _cash(asked: Asked) -> Told:
    """The cash book; without days the current month, and no size of a page is taken."""
    month = Period.of(asked.book.today)
    start = asked.day("dataInicial", month.first_day)
    end = asked.day("dataFinal", month.last_day)
    rows = [
        row
        for row in asked.book.cash()
        if start <= date.fromisoformat(row["data"]) <= end
        and row["situacao"] == asked.one("situacao", "R")
    ]
    return _page(asked, rows, LARGEST_PAGE)


def _contacts(asked: Asked) -> Told:
    """Contacts; without a criterion only the one that came last."""
    rows = asked.book.contacts()
    if asked.one("criterio", "2") != "1":
        rows = rows[-1:]
    if wanted := set(asked.query.get("idsContatos[]", ())):
        rows = [row for row in rows if str(row["id"]) in wanted]
    return _page(asked, rows)
