"""A stand-in for Omie: its one address a service, its faults, its two dialects of paging."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monthclose.ledger.cnpj import punctuated
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import Title
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.wire import Clock, Neighbor, answered, reais
from monthclose.sandbox.served import Served

REDUNDANT_S = 60
PER_MINUTE = 240
ERRORS, BLOCKED_S = 10, 1800
LARGEST_PAGE = 100
STATEMENT_ROWS = 50

type Param = dict[str, Any]


class Fault(Exception):
    """An answer that is a fault."""

    def __init__(self, code: str, text: str, status: int = 500) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


class Omie(Neighbor):
    """Companies by key pair."""

    def __init__(
        self,
        companies: Mapping[tuple[str, str], Served],
        script: Script | None = None,
        *,
        limited: bool = False,
        clock: Clock = monotonic,
    ) -> None:
        """
        Serve companies.

        Args:
            companies: By app key and app secret.
            script: Faults.
            limited: Whether to refuse what Omie would refuse for its rate.
            clock: Seconds that only grow.
        """
        super().__init__(script, limited=limited, clock=clock)
        self._companies = companies
        self._asked: dict[str, float] = {}
        self._errors: dict[tuple[str, str], int] = {}
        self._blocked: dict[tuple[str, str], float] = {}
        self._calls: dict[str, Callable[[Served, Param], Any]] = {
            "ListarEmpresas": self._companies_list,
            "ListarCategorias": self._categories,
            "ListarCadastroDRE": self._lines,
            "ListarContasCorrentes": self._banks,
            "PesquisarLancamentos": self._titles,
            "PesquisarExcluidos": self._deleted,
            "ListarLancCC": self._entries,
            "ListarExtrato": self._statement,
        }

    def operation(self, request: Request, body: bytes) -> str:  # noqa: ARG002
        """The method named in the body."""
        return str(_object(body).get("call", ""))

    def respond(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer one call."""
        told = _object(body)
        call, key = str(told.get("call", "")), str(told.get("app_key", ""))
        try:
            result = self._answer(told, call, key)
        except Fault as fault:
            if fault.status == 500:
                self._count_error(key, call)
            return answered(
                {"faultstring": fault.text, "faultcode": fault.code}, fault.status, ascii=True
            )
        self._errors[key, call] = 0
        return answered(result, ascii=True)

    def another(self, request: Request, body: bytes) -> Response:
        """Answer as if the key were of another company."""
        told = _object(body)
        keys = str(told.get("app_key", "")), str(told.get("app_secret", ""))
        held = self._companies
        try:
            self._companies = {**held, keys: next(c for k, c in held.items() if k != keys)}
            return self.respond(request, body)
        finally:
            self._companies = held

    def _answer(self, told: Param, call: str, key: str) -> Any:
        """The result of a call, or a fault."""
        company = self._companies.get((key, str(told.get("app_secret", ""))))
        if company is None:
            text = "A chave de acesso não está preenchida ou não é válida."
            raise Fault("SOAP-ENV:Server", text, 403)
        if self.limited:
            self._limit(told, call, key)
        param = told.get("param")
        if not isinstance(param, list) or len(param) != 1 or call not in self._calls:
            raise Fault("SOAP-ENV:Client-71", "ERROR: Parâmetros inválidos!")
        return self._calls[call](company, param[0])

    def _limit(self, told: Param, call: str, key: str) -> None:
        """Refuse what comes too often."""
        now = self.clock()
        if (until := self._blocked.get((key, call), 0.0)) > now:
            self._blocked[key, call] = until + 1
            raise Fault(
                "MISUSE_API_PROCESS",
                "ERROR: API bloqueada por consumo indevido."
                f" Tente novamente em {int(until - now)} segundos.",
                425,
            )
        if self.window(60, key, call) > PER_MINUTE:
            raise Fault("SOAP-ENV:Server", "ERROR: Limite de requisições excedido.", 429)
        asked = json.dumps(told, sort_keys=True)
        if now - self._asked.get(asked, -REDUNDANT_S) < REDUNDANT_S:
            left = int(REDUNDANT_S - (now - self._asked[asked])) + 1
            raise Fault(
                "SOAP-ENV:Client-6",
                f"ERROR: Consumo redundante detectado. Aguarde {left} segundos"
                " para tentar novamente (REDUNDANT).",
            )
        self._asked[asked] = now

    def _count_error(self, key: str, call: str) -> None:
        """Ten errors in a row shut a key out of a method."""
        self._errors[key, call] = self._errors.get((key, call), 0) + 1
        if self.limited and self._errors[key, call] >= ERRORS:
            self._blocked[key, call] = self.clock() + BLOCKED_S

    def _companies_list(self, company: Served, param: Param) -> Any:
        rows = [
            {
                "codigo_empresa": int(company.id),
                "cnpj": punctuated(company.cnpj),
                "razao_social": company.name,
                "nome_fantasia": company.name,
                "inativa": "N",
                "regime_tributario": "3",
                "ct_espass": "a password that nobody may keep",
            }
        ]
        return _old_pages(rows, {**param, "pagina": 1}, "empresas_cadastro")

    def _categories(self, company: Served, param: Param) -> Any:
        rows = [
            {
                "codigo": each.code,
                "descricao": _entities(each.name),
                "conta_inativa": "N",
                "totalizadora": _flag(each.totals),
                "transferencia": _flag(each.transfer),
                "codigo_dre": each.line,
                "categoria_superior": each.code.rpartition(".")[0],
                "id_conta_contabil": "",
            }
            for each in company.dealings.categories
        ]
        return _old_pages(rows, param, "categoria_cadastro")

    def _lines(self, company: Served, param: Param) -> Any:  # noqa: ARG002
        lines = sorted({each.line for each in company.dealings.categories if each.line})
        rows = [
            {
                "codigoDRE": line,
                "descricaoDRE": line,
                "naoExibirDRE": "N",
                "nivelDRE": 3,
                "sinalDRE": "+" if line.startswith("1") else "-",
                "totalizaDRE": "N",
            }
            for line in lines
        ]
        return {"totalRegistros": len(rows), "dreLista": rows}

    def _banks(self, company: Served, param: Param) -> Any:
        rows = [
            {
                "nCodCC": int(each.id),
                "cCodCCInt": "",
                "tipo_conta_corrente": each.kind,
                "codigo_banco": "341",
                "descricao": each.name,
                "saldo_inicial": reais(company.bank_starts.get(each.id, 0)),
                "saldo_data": "01/01/2020",
                "nao_fluxo": "N",
                "nao_resumo": "N",
                "inativo": "N",
            }
            for each in company.dealings.banks
        ]
        return _old_pages(rows, param, "ListarContasCorrentes")

    def _titles(self, company: Served, param: Param) -> Any:
        side = Side.RECEIVABLE if param.get("cNatureza") == "R" else Side.PAYABLE
        titles = [
            t
            for t in company.dealings.titles
            if t.side is side and t.accrued <= company.today and _wanted(t, param, company.today)
        ]
        rows = [_title(t, company) for t in sorted(titles, key=lambda t: int(t.id))]
        return _new_pages(rows, param, "titulosEncontrados")

    def _deleted(self, company: Served, param: Param) -> Any:  # noqa: ARG002
        return _new_pages([], param, "titulosExcluidos")

    def _entries(self, company: Served, param: Param) -> Any:
        first, last = _day(param["dtPagInicial"]), _day(param["dtPagFinal"])
        rows = [row for row in _bank_rows(company) if first <= _day(row["_on"]) <= last]
        for row in rows:
            del row["_on"]
        return _new_pages(rows, param, "listaLancamentos")

    def _statement(self, company: Served, param: Param) -> Any:
        if "nPagina" in param:
            raise Fault(
                "SOAP-ENV:Client-5001",
                "ERROR: Tag [NPAGINA] não faz parte da estrutura do tipo complexo"
                " [eccListarExtratoRequest]!",
            )
        bank, first = str(param["nCodCC"]), _day(param["dPeriodoInicial"])
        now = company.bank_balance(bank, company.today)
        return {
            "nCodCC": int(bank),
            "dPeriodoInicial": param["dPeriodoInicial"],
            "dPeriodoFinal": param["dPeriodoFinal"],
            "nSaldoAnterior": reais(company.bank_balance(bank, first - timedelta(days=1))),
            "nSaldoAtual": reais(now),
            "nSaldoDisponivel": reais(now),
            "listaMovimentos": [],
        }


def _title(title: Title, company: Served) -> Param:
    """A title as `PesquisarLancamentos` shows it; what was paid is as of now."""
    party = next((p for p in company.parties if p.tax_id == title.tax_id), None)
    paid = [each for each in title.settlements if each.on <= company.today]
    principal = sum(each.principal for each in paid)
    extra = {
        name: sum(getattr(each, field) for each in paid)
        for name, field in (("nDesconto", "discount"), ("nJuros", "interest"), ("nMulta", "fine"))
    }
    last = max((each.on for each in paid), default=None)
    left = title.open_at(company.today)
    cancelled = title.cancelled if title.cancelled and title.cancelled <= company.today else None
    return {
        "cabecTitulo": {
            "nCodTitulo": int(title.id),
            "cNumTitulo": title.document,
            "cNumDocFiscal": "",
            "dDtEmissao": _written(title.accrued),
            "dDtRegistro": _written(title.accrued),
            "dDtVenc": _written(title.due),
            "dDtPagamento": _written(last),
            "dDtCanc": _written(cancelled),
            "nCodCliente": int(party.id) if party else 0,
            "cCPFCNPJCliente": punctuated(title.tax_id),
            "cStatus": _status(title, company.today),
            "cNatureza": "R" if title.side is Side.RECEIVABLE else "P",
            "cCodCateg": title.parts[0].category,
            "aCodCateg": []
            if len(title.parts) == 1
            else [
                {
                    "cCodCateg": part.category,
                    "nValor": reais(part.amount),
                    "nPerc": round(100 * part.amount / title.amount, 6),
                }
                for part in title.parts
            ],
            "nValorTitulo": reais(title.amount),
            "nValorISS": reais(title.withheld),
            "cRetISS": _flag(bool(title.withheld)),
        },
        "resumo": {
            "cLiquidado": _flag(not left),
            "nValPago": reais(principal),
            "nValAberto": reais(left),
            **{name: reais(amount) for name, amount in extra.items()},
        },
        "lancamentos": [
            {
                "nCodLanc": int(each.id) + 500_000_000,
                "nIdLancCC": int(each.id),
                "dDtLanc": _written(each.on),
                "nValLanc": reais(each.principal),
                "nMulta": reais(each.fine),
                "nJuros": reais(each.interest),
                "nDesconto": reais(each.discount),
                "nCodCC": int(each.bank),
            }
            for each in paid
        ],
    }


def _bank_rows(company: Served) -> list[Param]:
    """Every bank entry: settlements, both legs of transfers, direct entries."""
    rows = []
    for title in company.dealings.titles:
        letter = "R" if title.side is Side.RECEIVABLE else "P"
        for each in title.settlements:
            net = each.principal + each.interest + each.fine - each.discount
            rows.append(
                _bank_row(each.id, each.on, each.bank, net, f"BAX{letter}", title.parts[0].category)
            )
    for moved in company.dealings.transfers:
        out = _bank_row(moved.id, moved.on, moved.source, moved.amount, "TRAP", "0.01.01")
        out["transferencia"] = {"nCodCCDestino": int(moved.destination)}
        number = str(int(moved.id) + 1)
        back = _bank_row(number, moved.on, moved.destination, moved.amount, "TRAR", "0.01.01")
        rows += [out, back]
    for entry in company.dealings.entries:
        letter = "R" if entry.amount >= 0 else "P"
        row = _bank_row(
            entry.id,
            entry.on,
            entry.bank,
            abs(entry.amount),
            f"EXT{letter}",
            entry.parts[0].category,
        )
        if len(entry.parts) > 1:
            row["detalhes"]["aCodCateg"] = [
                {"cCodCateg": part.category, "nValor": reais(part.amount)} for part in entry.parts
            ]
        rows.append(row)
    return [row for row in rows if _day(row["_on"]) <= company.today]


def _bank_row(number: str, on: date, bank: str, amount: int, origin: str, category: str) -> Param:
    """One row of `ListarLancCC`."""
    return {
        "_on": _written(on),
        "nCodLanc": int(number),
        "cabecalho": {"nCodCC": int(bank), "dDtLanc": _written(on), "nValorLanc": reais(amount)},
        "detalhes": {"cCodCateg": category, "aCodCateg": [], "cTipo": "TED", "nCodCliente": 0},
        "diversos": {"cOrigem": origin, "cNatureza": origin[-1]},
    }


def _wanted(title: Title, param: Param, today: date) -> bool:
    """Whether a title fits the filters of a search."""
    if "cStatus" in param and param["cStatus"] != _status(title, today).replace(" ", ""):
        return False
    paid = [each.on for each in title.settlements if each.on <= today]
    dates = {
        "dDtReg": [title.accrued],
        "dDtPagto": paid,
        "dDtCanc": [title.cancelled] if title.cancelled and title.cancelled <= today else [],
    }
    for name, days in dates.items():
        if f"{name}De" in param:
            first, last = _day(param[f"{name}De"]), _day(param[f"{name}Ate"])
            if not any(first <= day <= last for day in days):
                return False
    return True


def _status(title: Title, today: date) -> str:
    """The status of a title, as rows show it."""
    if title.cancelled and title.cancelled <= today:
        return "CANCELADO"
    if not title.open_at(today):
        return "RECEBIDO" if title.side is Side.RECEIVABLE else "PAGO"
    if title.due is None or title.due > today:
        return "A VENCER"
    return "VENCE HOJE" if title.due == today else "ATRASADO"


def _old_pages(rows: list[Param], param: Param, name: str) -> Param:
    """A page in the dialect of `pagina`."""
    page, pages, part = _page(rows, param.get("pagina", 1), param.get("registros_por_pagina", 50))
    return {
        "pagina": page,
        "total_de_paginas": pages,
        "registros": len(part),
        "total_de_registros": len(rows),
        name: part,
    }


def _new_pages(rows: list[Param], param: Param, name: str) -> Param:
    """A page in the dialect of `nPagina`."""
    page, pages, part = _page(rows, param.get("nPagina", 1), param.get("nRegPorPagina", 50))
    return {
        "nPagina": page,
        "nTotPaginas": pages,
        "nRegistros": len(part),
        "nTotRegistros": len(rows),
        name: part,
    }


def _page(rows: list[Param], page: int, size: int) -> tuple[int, int, list[Param]]:
    """One page of rows; past the end is a fault."""
    size = min(size, LARGEST_PAGE)
    part = rows[(page - 1) * size : page * size]
    if not part:
        raise Fault("SOAP-ENV:Client-5113", f"ERROR: Não existem registros para a página [{page}]!")
    return page, -(-len(rows) // size), part


def _object(body: bytes) -> Param:
    """The body as an object; anything else is none."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


@lru_cache(4096)  # asked of every title with every filter, and reading one is slow
def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007


def _written(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""


def _flag(yes: bool) -> str:
    return "S" if yes else "N"


def _entities(text: str) -> str:
    """Accents as HTML entities, as Omie stores some names."""
    return text.replace("ç", "&ccedil;").replace("ã", "&atilde;")
