"""
Omie: titles, bank entries and categories; no ledger.

Read: public API reference and measured behaviour of 2025. One address a service, the
method in the body, faults nearly always as HTTP 500 and sometimes inside a 200. "No rows"
is a fault as well; any other fault on page 1 must never look like an empty company. The
same question twice within a minute is refused.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from monthclose.connectors.answers import Answer, Call
from monthclose.connectors.auth import Auth, BodyKey
from monthclose.connectors.base import connector
from monthclose.connectors.errors import (
    CredentialRefused,
    PageRepeated,
    PagesShifted,
    QuestionRefused,
    SourceAnsweredBadly,
    SourceBusy,
    ValueUnknown,
    WrongCompany,
)
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.redaction import only
from monthclose.connectors.together import together
from monthclose.connectors.vendors import Do
from monthclose.connectors.verdicts import Read, Verdict
from monthclose.connectors.without_ledger import WithoutLedger
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side, SourceCompany, TieOut
from monthclose.ledger.titles import (
    BankAccount,
    BankEntry,
    BankTransfer,
    Category,
    Dealings,
    Part,
    Settlement,
    Title,
)

PAGE = 100
DAY = "%d/%m/%Y"
BLOCK_S = 1800
TAXES = ("PIS", "COFINS", "CSLL", "IR", "ISS", "INSS")
DIRECT = ("EXT", "OFX", "APE", "MAN")
"""Origins of bank entries that no title stands behind, without the letter of the side."""

OPEN_STATUSES = "AVENCER,VENCEHOJE,ATRASADO"
"""How filters call open titles; the documentation gives no list, so a connection may say."""

COMPANY_FIELDS = ("codigo_empresa", "cnpj", "razao_social", "nome_fantasia", "inativa")
"""Of the company record only these are kept: others are passwords of certificates."""


def read_fault(answer: Answer) -> Verdict | None:
    """What a fault in a body means; None when there is none."""
    if not answer.is_json:
        return None
    try:
        told: Any = answer.json()
    except ValueError:
        return None
    if not isinstance(told, dict) or "faultstring" not in told:
        return None
    code, text = str(told.get("faultcode", "")), str(told["faultstring"])
    operation = answer.call.operation
    lowered = text.casefold()
    if "MISUSE" in code or answer.status == 425:
        return Verdict(Do.STOP, block_s=_seconds(text, BLOCK_S))
    if code.endswith("Client-5113") or "não existem registros" in lowered:
        return Verdict(Do.EMPTY)
    if code.endswith("Client-6") or "redundant" in lowered:
        wait = _seconds(text, 60)
        return Verdict(Do.ONCE, wait, error=SourceBusy("omie", operation, wait))
    if code.endswith("Client-1880"):
        return Verdict(Do.RETRY, 5, error=SourceBusy("omie", operation, 5))
    if answer.status == 403 or "chave de acesso" in lowered:
        return Verdict(Do.STOP, error=CredentialRefused("omie", operation, answer.status))
    if code.endswith("Server"):
        error = SourceAnsweredBadly("omie", operation, answer.status)
        return Verdict(Do.RETRY, 60, error=error, failed=True)
    return Verdict(Do.STOP, error=QuestionRefused("omie", operation, answer.status, text))


def _seconds(text: str, default: float) -> float:
    """Seconds that a fault says to wait."""
    found = re.search(r"(\d+)\s+segundos", text)
    return float(found[1]) if found else default


@connector
class OmieConnector(WithoutLedger):
    """Balances derived from Omie; one key pair is one company."""

    name = "omie"
    base_url = "https://app.omie.com.br"
    reads: ClassVar[Read] = staticmethod(read_fault)
    _owners: tuple[SourceCompany, ...] | None = None

    @property
    def key(self) -> str:
        """Omie counts by key and method; a company has one key."""
        return self.connection.company or self.connection.entity

    def auth(self) -> Auth:
        """The key pair goes into each body."""
        return BodyKey(self.vault, ("app_key", "app_secret"))

    async def get_companies(self) -> tuple[SourceCompany, ...]:
        """The company of the key."""
        removed = Removed()
        return tuple(
            [
                SourceCompany(
                    row.code("codigo_empresa"), row.text("razao_social"), row.tax_id("cnpj")
                )
                async for row in self._pages(
                    "geral/empresas", "ListarEmpresas", {}, "empresas_cadastro", removed
                )
            ]
        )

    async def _check_company(self) -> None:
        """
        Ask once whose key it is: another company's would give a balance that looks right.

        Raises:
            WrongCompany: none of the key's companies is the legal entity asked for.
        """
        if not (wanted := self.connection.cnpj[:8]):
            return
        if self._owners is None:
            self._owners = await self.get_companies()
        roots = {each.cnpj[:8] for each in self._owners if each.cnpj}
        if not roots:
            self.say("company-unverified", company=self.connection.company)
        elif wanted not in roots:
            raise WrongCompany(self.name, self.connection.cnpj, ", ".join(sorted(roots)))

    async def get_dealings(self, period: str, removed: Removed) -> tuple[Dealings, list[TieOut]]:
        """
        Read lists, titles, bank entries and the bank's own closings.

        Raises:
            WrongCompany: the key is another company's.
            SourceFailed: and nothing is taken.
        """
        month = Period.parse(period)
        await self._check_company()
        categories, banks = await together(self._categories(removed), self._banks(removed))
        titles, (entries, transfers, by_id), closings = await together(
            self._titles(month, removed),
            self._entries(month, removed),
            self._closings(month, banks, removed),
        )
        dealings = Dealings(titles, entries, transfers, categories, banks, closings)
        return dealings, list(_settlement_ties(titles, by_id))

    async def _categories(self, removed: Removed) -> tuple[Category, ...]:
        rows = self._pages(
            "geral/categorias", "ListarCategorias", {}, "categoria_cadastro", removed
        )
        return tuple(
            [
                Category(
                    row.text("codigo"),
                    row.text("descricao"),
                    row.text("codigo_dre", ""),
                    row.flag("transferencia"),
                    row.flag("totalizadora"),
                )
                async for row in rows
            ]
        )

    async def _banks(self, removed: Removed) -> tuple[BankAccount, ...]:
        rows = self._pages(
            "geral/contacorrente", "ListarContasCorrentes", {}, "ListarContasCorrentes", removed
        )
        return tuple(
            [
                BankAccount(
                    row.code("nCodCC"), row.text("descricao"), row.text("tipo_conta_corrente")
                )
                async for row in rows
            ]
        )

    async def _titles(self, month: Period, removed: Removed) -> tuple[Title, ...]:
        """
        Titles recognised, settled or cancelled since the month began, and those open.

        What was settled or cancelled after the month was open at its end, so the window
        goes on to the present day.
        """
        start, end = month.first_day, month.last_day
        today = max(self.around.clock.now().date(), end)
        windows: list[Mapping[str, str]] = [
            {"dDtRegDe": _day(start), "dDtRegAte": _day(end)},
            {"dDtPagtoDe": _day(start), "dDtPagtoAte": _day(today)},
            {"dDtCancDe": _day(start), "dDtCancAte": _day(today)},
        ]
        statuses = self.connection.settings.get("open_statuses", OPEN_STATUSES)
        windows += [{"cStatus": status} for status in statuses.split(",")]
        found: dict[str, Title] = {}
        for nature, side in (("R", Side.RECEIVABLE), ("P", Side.PAYABLE)):
            for window in windows:
                rows = self._pages(
                    "financas/pesquisartitulos",
                    "PesquisarLancamentos",
                    {"cNatureza": nature, **window},
                    "titulosEncontrados",
                    removed,
                    new=True,
                )
                async for row in rows:
                    title = self._title(row, side)
                    found[title.id] = title
        return tuple(t for t in found.values() if _counts(t, end))

    def _title(self, row: Row, side: Side) -> Title:
        """One title with its split and what settled it."""
        head = row.row("cabecTitulo")
        dates = [head.day_or_none(n, DAY) for n in ("dDtRegistro", "dDtEmissao")]
        if self.connection.settings.get("accrual") == "emission":
            dates.reverse()
        accrued = dates[0] or dates[1]
        if accrued is None:
            raise head.wrong("dDtRegistro")
        amount = head.money("nValorTitulo")
        withheld = sum(head.money(f"nValor{tax}", 0) for tax in TAXES if head.flag(f"cRet{tax}"))
        return Title(
            side=side,
            id=head.code("nCodTitulo"),
            document=head.text("cNumDocFiscal", "") or head.text("cNumTitulo", ""),
            tax_id=head.tax_id("cCPFCNPJCliente"),
            name=head.code("nCodCliente", ""),
            accrued=accrued,
            due=head.day_or_none("dDtVenc", DAY),
            amount=amount,
            parts=_parts(head, amount),
            withheld=withheld,
            cancelled=head.day_or_none("dDtCanc", DAY),
            settlements=tuple(_settlement(each) for each in row.rows("lancamentos", optional=True)),
        )

    async def _entries(
        self, month: Period, removed: Removed
    ) -> tuple[tuple[BankEntry, ...], tuple[BankTransfer, ...], dict[str, int]]:
        """Direct entries and transfers of the month; amounts of all entries by id."""
        window = {"dtPagInicial": _day(month.first_day), "dtPagFinal": _day(month.last_day)}
        rows = self._pages(
            "financas/contacorrentelancamentos",
            "ListarLancCC",
            window,
            "listaLancamentos",
            removed,
            new=True,
        )
        entries: list[BankEntry] = []
        transfers: list[BankTransfer] = []
        amounts: dict[str, int] = {}
        async for row in rows:
            head, more = row.row("cabecalho"), row.row("diversos")
            origin, nature = more.text("cOrigem"), more.text("cNatureza")
            number, amount = row.code("nCodLanc"), head.money("nValorLanc")
            on, bank = head.day("dDtLanc", DAY), head.code("nCodCC")
            amounts[number] = amount
            if origin in ("BAXP", "BAXR", "TRAR"):
                continue  # posted from the title, or from the other leg
            if origin == "TRAP":
                to = row.row("transferencia").code("nCodCCDestino")
                transfers.append(BankTransfer(number, on, bank, to, amount))
            elif origin[:3] in DIRECT:
                signed = amount if nature == "R" else -amount
                parts = _parts(row.row("detalhes"), amount)
                entries.append(BankEntry(number, on, bank, signed, parts))
            else:
                raise ValueUnknown(self.name, "ListarLancCC", "cOrigem", origin)
        return tuple(entries), tuple(transfers), amounts

    async def _closings(
        self, month: Period, banks: tuple[BankAccount, ...], removed: Removed
    ) -> tuple[tuple[str, int], ...]:
        """
        What each account held at the end of the month, as Omie says itself.

        The "current" balance of a statement is today's; the balance before the first day
        of the next month is this month's closing.
        """
        first = month.last_day + timedelta(days=1)
        closings = []
        for bank in banks:
            param = {
                "nCodCC": int(bank.id),
                "dPeriodoInicial": _day(first),
                "dPeriodoFinal": _day(first),
                "cExibirApenasSaldo": "S",
            }
            answer = await self.transport.send(
                self._call("financas/extrato", "ListarExtrato", param)
            )
            if self.transport.is_empty(answer):
                continue
            row = self._row(answer, removed)
            closings.append((bank.id, row.money("nSaldoAnterior")))
        return tuple(closings)

    def _call(self, service: str, operation: str, param: Mapping[str, Any]) -> Call:
        """One question; the key pair is put in as it is sent."""
        return Call(
            operation=operation,
            url=f"{self.transport.base_url}/api/v1/{service}/",
            method="POST",
            json={"call": operation, "param": [dict(param)]},
            keep=only(COMPANY_FIELDS, "empresas_cadastro")
            if operation == "ListarEmpresas"
            else bytes,
        )

    def _row(self, answer: Answer, removed: Removed) -> Row:
        """An answer as one row."""
        told = self.transport.parse(answer)
        if not isinstance(told, dict):
            raise Row({}, self.name, answer.call.operation, removed).wrong("{}")
        return Row(told, self.name, answer.call.operation, removed)

    async def _pages(
        self,
        service: str,
        operation: str,
        param: Mapping[str, Any],
        rows: str,
        removed: Removed,
        *,
        new: bool = False,
    ) -> AsyncIterator[Row]:
        """
        Every row of every page; the number of them is what Omie says there are.

        Omie has two dialects of paging; *new* is the one with `nPagina`.

        Raises:
            PageRepeated: a page came twice.
            PagesShifted: rows and the reported total differ.
        """
        page, of, per, total = (
            ("nPagina", "nTotPaginas", "nRegPorPagina", "nTotRegistros")
            if new
            else ("pagina", "total_de_paginas", "registros_por_pagina", "total_de_registros")
        )
        number, pages, wanted, found, before = 1, 1, 0, 0, b""
        while number <= pages:
            asked = {page: number, per: PAGE, **param}
            answer = await self.transport.send(self._call(service, operation, asked))
            if self.transport.is_empty(answer):
                break
            if answer.content == before:
                raise PageRepeated(self.name, operation, number)
            told = self._row(answer, removed)
            if told.whole(page) != number:
                raise PageRepeated(self.name, operation, number)
            before = answer.content
            pages, wanted = told.whole(of), told.whole(total)
            for row in told.rows(rows):
                found += 1
                yield row
            number += 1
        if found != wanted:
            raise PagesShifted(self.name, operation, found, wanted)


def _counts(title: Title, end: date) -> bool:
    """Whether a title moves anything up to a day: one paid in advance does before it accrues."""
    return title.accrued <= end or any(each.on <= end for each in title.settlements)


def _parts(head: Row, amount: int) -> tuple[Part, ...]:
    """
    The split over categories; none given: all to the one category.

    Raises:
        FieldUnreadable: the split does not add up to the amount.
    """
    split = head.rows("aCodCateg", optional=True)
    if not split:
        return (Part(head.text("cCodCateg", ""), amount),)
    parts = tuple(Part(each.text("cCodCateg"), each.money("nValor")) for each in split)
    if sum(part.amount for part in parts) != amount:
        raise head.wrong("aCodCateg")
    return parts


def _settlement(row: Row) -> Settlement:
    """What settled a title; the entry's amount is its principal."""
    return Settlement(
        id=row.code("nIdLancCC", ""),
        on=row.day("dDtLanc", DAY),
        bank=row.code("nCodCC"),
        principal=row.money("nValLanc"),
        interest=row.money("nJuros", 0),
        fine=row.money("nMulta", 0),
        discount=row.money("nDesconto", 0),
    )


def _settlement_ties(titles: tuple[Title, ...], entries: Mapping[str, int]) -> list[TieOut]:
    """Hold each settlement against the bank entry it names: whether its amount is principal."""
    paid: dict[str, int] = {}
    for title in titles:
        for each in title.settlements:
            if each.id in entries:
                net = each.principal + each.interest + each.fine - each.discount
                paid[each.id] = paid.get(each.id, 0) + net
    return [
        TieOut("settlement", f"BANK:{number}", entries[number], amount)
        for number, amount in paid.items()
        if amount != entries[number]
    ]


def _day(day: date) -> str:
    """A day as Omie writes it."""
    return day.strftime(DAY)
