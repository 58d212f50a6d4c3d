"""A stand-in for Conta Azul: its grant, its envelopes, its lists as of now, its quirks."""

import base64
from collections.abc import Callable, Mapping
from itertools import count
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monthclose.ledger.sources import Side
from monthclose.ledger.titles import Title
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.contaazul_rows import (
    Event,
    Shown,
    detail,
    events_of,
    list_row,
    tree,
    wanted,
)
from monthclose.sandbox.neighbors.wire import Clock, Neighbor, answered, reais
from monthclose.sandbox.served import Served

SIZES = (10, 20, 50, 100, 200, 500, 1000)
PER_SECOND, PER_MINUTE = 10, 600
CODE_S, TOKEN_S = 180, 3600
SCOPES = ("openid+profile+aws.cognito.signin.user.admin",)
EVENTS = "/v1/financeiro/eventos-financeiros"

type Query = Mapping[str, str]

type Events = Mapping[str, tuple[Event, Title]]
"""Instalments by id, each with its event."""


class Refusal(Exception):
    """An answer that is no data."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class ContaAzul(Neighbor):
    """
    Companies that one application may be granted.

    Attributes:
        refused: How many calls came too often.
    """

    def __init__(
        self,
        companies: Mapping[str, Served],
        script: Script | None = None,
        *,
        client: tuple[str, str] = ("client", "secret"),
        shown: Shown | None = None,
        limited: bool = False,
        clock: Clock = monotonic,
    ) -> None:
        """
        Serve companies.

        Args:
            companies: By a name, which a person chooses on the page of the grant.
            script: Faults.
            client: Id and secret of the application.
            shown: Which titles are one event, and which replace others.
            limited: Whether to refuse what comes too often.
            clock: Seconds that only grow.
        """
        super().__init__(script, limited=limited, clock=clock)
        self.companies, self.shown = dict(companies), shown or Shown()
        self.refused = 0
        self._client = "Basic " + base64.b64encode(":".join(client).encode()).decode()
        self._client_id = client[0]
        self._numbers = count(1)
        self._codes: dict[str, tuple[str, float]] = {}
        self._refreshes: dict[str, str] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._books: dict[str, tuple[Served, Shown, Events]] = {}
        self._calls: dict[str, Callable[[Served, Query], Any]] = {
            "/v1/pessoas/conta-conectada": self._company,
            "/v1/pessoas": self._people,
            "/v1/categorias": self._categories,
            "/v1/financeiro/categorias-dre": lambda company, _: tree(company),
            "/v1/centro-de-custo": self._centres,
            "/v1/conta-financeira": self._banks,
            f"{EVENTS}/saldo-inicial": self._starts,
            f"{EVENTS}/contas-a-receber/buscar": self._receivables,
            f"{EVENTS}/contas-a-pagar/buscar": self._payables,
            "/v1/financeiro/transferencias": self._transfers,
        }

    def tokens(self, name: str) -> dict[str, str | int]:
        """Tokens of a company, as if a person had granted them."""
        number = next(self._numbers)
        access, refresh = f"access-{number}", f"refresh-{number}"
        for old in [token for token, of in self._refreshes.items() if of == name]:
            del self._refreshes[old]
        self._refreshes[refresh] = name
        self._tokens[access] = (name, self.clock() + TOKEN_S)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": TOKEN_S,
            "token_type": "Bearer",
        }

    def expire(self) -> None:
        """Let the access tokens given so far end."""
        self._tokens.clear()

    def another(self, request: Request, body: bytes) -> Response:
        """Answer for another company."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        name, until = self._tokens.get(token, ("", 0.0))
        others = [each for each in self.companies if each != name]
        self._tokens[token] = (others[0], until)
        try:
            return self.respond(request, body)
        finally:
            self._tokens[token] = (name, until)

    def operation(self, request: Request, body: bytes) -> str:  # noqa: ARG002
        """The last word of a path that says what is asked for."""
        words = request.url.path.strip("/").split("/")
        for word in ("token", "authorize", "parcelas", "saldo-atual", "conta-conectada"):
            if word in words:
                return word
        return words[-2] if words[-1] == "buscar" else words[-1]

    def respond(self, request: Request, body: bytes) -> Response:
        """Answer one request."""
        path = request.url.path
        if path == "/oauth2/authorize":
            return self._authorise(request)
        if path == "/oauth2/token":
            return self._token(request, body)
        try:
            return answered(self._answer(request))
        except Refusal as refusal:
            return answered({"error": refusal.text}, refusal.status)

    def _authorise(self, request: Request) -> Response:
        """The page of the grant: who logs in as a company grants it; nobody: the first one."""
        raw = request.url.query
        asked = {name: values[0] for name, values in parse_qs(raw).items()}
        scope = raw.partition("scope=")[2].partition("&")[0].replace("%20", "+")
        redirect = asked.get("redirect_uri", "")
        if scope not in SCOPES or asked.get("client_id") != self._client_id:
            query = urlencode({"error": "invalid_scope", "state": asked.get("state", "")})
            return RedirectResponse(f"{redirect}?{query}")
        code = f"code-{next(self._numbers)}"
        login = asked.get("login", "")
        name = login if login in self.companies else next(iter(self.companies))
        self._codes[code] = (name, self.clock() + CODE_S)
        query = urlencode({"code": code, "state": asked.get("state", "")})
        return RedirectResponse(f"{redirect}?{query}")

    def _token(self, request: Request, body: bytes) -> Response:
        """Tokens for a code or a refresh token; either works once."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if request.headers.get("authorization") != self._client:
            return answered({"error": "invalid_client"}, 400)
        name: str | None = None
        if form.get("grant_type") == "authorization_code":
            name, until = self._codes.pop(form.get("code", ""), (None, 0.0))
            name = name if until > self.clock() else None
        elif form.get("grant_type") == "refresh_token":
            name = self._refreshes.pop(form.get("refresh_token", ""), None)
        if name is None:
            return answered({"error": "invalid_grant"}, 400)
        return answered({"id_token": "a.b.c", **self.tokens(name)})

    def _answer(self, request: Request) -> Any:
        """The data a token may see."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        name, until = self._tokens.get(token, ("", 0.0))
        if until <= self.clock():
            raise Refusal(401, "Unauthorized")
        often = self.window(1, name) > PER_SECOND
        if self.limited and (self.window(60, name) > PER_MINUTE or often):
            self.refused += 1
            raise Refusal(429, "Too many requests")
        company, path = self.companies[name], request.url.path
        query = dict(request.query_params)
        if path in self._calls:
            return self._calls[path](company, query)
        if path.endswith("/saldo-atual"):
            bank = path.split("/")[-2]
            return {"saldo_atual": reais(company.bank_balance(bank, company.today))}
        if path.startswith(f"{EVENTS}/parcelas/"):
            return self._detail(company, path.rpartition("/")[2])
        raise Refusal(404, "Not found")

    def _company(self, company: Served, query: Query) -> Any:  # noqa: ARG002
        return {
            "razao_social": company.name,
            "nome_fantasia": company.name,
            "documento": company.cnpj,
            "email": "a person's address that nobody has to keep",
            "data_fundacao": "2015-06-01",
        }

    def _people(self, company: Served, query: Query) -> Any:
        """People by id; without ids or profile only natural persons are shown."""
        parties = list(company.parties)
        if "ids" in query:
            asked = query["ids"].split(",")
            parties = [each for each in parties if each.id in asked]
        elif "perfis" not in query:
            parties = [each for each in parties if len(each.tax_id) == 11]
        rows = [
            {
                "id": each.id,
                "nome": each.name,
                "tipo_pessoa": "FISICA" if len(each.tax_id) == 11 else "JURIDICA",
                "documento": each.tax_id,
                "email": "",
                "telefone": "a number that nobody has to keep",
                "ativo": True,
                "perfis": ["CLIENTE", "FORNECEDOR"],
            }
            for each in parties
        ]
        total, part = _page(rows, query)
        return {"totalItems": total, "items": part}

    def _categories(self, company: Served, query: Query) -> Any:
        rows = [
            {
                "id": each.code,
                "versao": 0,
                "nome": each.name,
                "categoria_pai": None,
                "tipo": _kind(company, each.code),
                "entrada_dre": each.line if each.line.isupper() else "",
                "considera_custo_dre": False,
            }
            for each in company.dealings.categories
            if _kind(company, each.code) == query.get("tipo", _kind(company, each.code))
        ]
        return _finance(rows, query)

    def _centres(self, company: Served, query: Query) -> Any:  # noqa: ARG002
        total, part = _page([], query)
        return {"itens_totais": total, "items": part, "totais": {"ativo": 0}}

    def _banks(self, company: Served, query: Query) -> Any:
        rows = [
            {
                "id": each.id,
                "banco": "",
                "codigo_banco": 0,
                "nome": each.name,
                "ativo": True,
                "tipo": each.kind,
                "conta_padrao": False,
            }
            for each in company.dealings.banks
        ]
        return _finance(rows, query)

    def _starts(self, company: Served, query: Query) -> Any:
        """What accounts began with, on the day the books begin."""
        day = self.shown.began
        rows = [
            {
                "tipo": "RECEITA" if amount >= 0 else "DESPESA",
                "id_conta_financeira": bank,
                "data_competencia": day,
                "saldo_inicial": reais(abs(amount)),
            }
            for bank, amount in company.bank_starts.items()
            if query["data_inicio"] <= day <= query["data_fim"]
        ]
        return _finance(rows, query)

    def _receivables(self, company: Served, query: Query) -> Any:
        return self._list(company, Side.RECEIVABLE, query)

    def _payables(self, company: Served, query: Query) -> Any:
        return self._list(company, Side.PAYABLE, query)

    def _list(self, company: Served, side: Side, query: Query) -> Any:
        """Instalments by filter; a window of due dates is demanded whatever else is asked."""
        for name in ("data_vencimento_de", "data_vencimento_ate"):
            if name not in query:
                raise Refusal(400, f"O parâmetro {name} é obrigatório")
        rows = [
            list_row(event, title, company)
            for event, title in self._events(company).values()
            if title.side is side and wanted(title, query, company.today)
        ]
        return _finance(rows, query)

    def _detail(self, company: Served, number: str) -> Any:
        """One instalment with its event, its split and its settlements."""
        event, title = self._events(company).get(number, (None, None))
        if event is None or title is None:
            raise Refusal(404, "Parcela não encontrada")
        return detail(event, title, company)

    def _events(self, company: Served) -> Events:
        """The company's instalments, made once as long as the company is the same."""
        made, shown, events = self._books.get(company.id, (None, None, {}))
        if made is not company or shown is not self.shown:
            told = events_of(company, self.shown)
            events = {title.id: (event, title) for event in told for title in event.titles}
            self._books[company.id] = company, self.shown, events
        return events

    def _transfers(self, company: Served, query: Query) -> Any:
        rows = []
        names = {each.id: each.name for each in company.dealings.banks}
        for each in company.dealings.transfers:
            day = each.on.isoformat()
            if each.on > company.today or not query["data_inicio"] <= day <= query["data_fim"]:
                continue
            legs = [
                {
                    "data": on,
                    "composicao_valor": {
                        "valor_bruto": reais(each.amount),
                        "valor_liquido": reais(each.amount),
                    },
                    "conta_financeira": {"id": bank, "nome": names.get(bank, "")},
                }
                for bank, on in (
                    (each.source, day),
                    (each.destination, self.shown.arrivals.get(each.id, day)),
                )
            ]
            rows.append(
                {
                    "id": each.id,
                    "descricao": "Transferência",
                    "valor": reais(each.amount),
                    "data": day,
                    "origem": legs[0],
                    "destino": legs[1],
                }
            )
        return _finance(rows, query)


def _kind(company: Served, category: str) -> str:
    """Whether a category is of income or expense: by what is booked to it."""
    for title in company.dealings.titles:
        if any(part.category == category for part in title.parts):
            return "RECEITA" if title.side is Side.RECEIVABLE else "DESPESA"
    return "DESPESA"


def _finance(rows: list[Any], query: Query) -> Any:
    """A page in the envelope of the finance lists."""
    total, part = _page(rows, query)
    return {"itens_totais": total, "itens": part, "totais": {}}


def _page(rows: list[Any], query: Query) -> tuple[int, list[Any]]:
    """One page of rows; only some sizes are taken."""
    size, number = int(query.get("tamanho_pagina", "10")), int(query.get("pagina", "1"))
    if size not in SIZES:
        raise Refusal(
            400,
            "O tamanho da página deve ser um dos seguintes valores:"
            " 10, 20, 50, 100, 200, 500 ou 1000",
        )
    return len(rows), rows[(number - 1) * size : number * size]
