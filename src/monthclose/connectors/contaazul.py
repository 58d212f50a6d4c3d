"""
Conta Azul: financial events with their instalments, and categories; no ledger.

Read: public API reference and measured behaviour of 2025. One token is one company, and
each refresh kills the refresh token before. Lists come in different envelopes, want a
window of due dates whatever else is asked, and show everything as of now: what a month
was is in the detail of each instalment. Some answers are plain text with status 200.

Settings of a connection, for what the documentation leaves open: `renegotiated` (see
`counted`), `person_ids` (`comma` or `repeat`: how several ids are asked for), `auth_url`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import batched
from typing import ClassVar

from monthclose.connectors.auth import Auth
from monthclose.connectors.base import Connection, connector
from monthclose.connectors.contaazul_events import (
    Instalment,
    Listed,
    State,
    by_event,
    changed_on,
    counted,
    ident,
    instalment,
    is_whole,
    listed,
    parted,
    unpaid_ties,
)
from monthclose.connectors.contaazul_wire import API, NAME, PERSONS, Wire, read_error, site, window
from monthclose.connectors.errors import (
    SettingUnreadable,
    ValueUnknown,
    WindowIgnored,
    WrongCompany,
)
from monthclose.connectors.fields import BRASILIA, Removed, Row, plain_tax_id
from monthclose.connectors.oauth import OAuthSite
from monthclose.connectors.together import together
from monthclose.connectors.verdicts import Read
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
    Title,
)

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
EVER = (
    ("data_vencimento_de", FIRST.isoformat()),
    ("data_vencimento_ate", LAST.isoformat()),
)
"""Lists demand a window of due dates; this one leaves nothing out."""

EVENTS = "/v1/financeiro/eventos-financeiros"
LISTS = {Side.RECEIVABLE: "contas-a-receber", Side.PAYABLE: "contas-a-pagar"}
PEOPLE = 50
DETAILS = 16
IN_TRANSIT_DAYS = 31
"""How long before the month a transfer may have left that arrives in it."""

COMPANY_FIELDS = ("razao_social", "nome_fantasia", "documento")
PERSON_FIELDS = ("id", "nome", "tipo_pessoa", "documento", "ativo")
"""What is kept of people; not their addresses and telephones."""


@connector
class ContaAzulConnector(WithoutLedger):
    """Balances derived from Conta Azul; one token is one company."""

    name = NAME
    base_url = API
    reads: ClassVar[Read] = staticmethod(read_error)

    @property
    def key(self) -> str:
        """Conta Azul counts by company."""
        return self.connection.company or self.connection.entity

    @classmethod
    def granted_at(cls, connection: Connection) -> OAuthSite:
        """The page of the grant."""
        return site(connection)

    def auth(self) -> Auth:
        """Tokens that rotate; a dead one has to be granted again by a person."""
        return site(self.connection).auth(self.vault, self.around.clock)

    async def get_companies(self) -> tuple[SourceCompany, ...]:
        """The company of the token."""
        told = await self._told_company()
        cnpj = plain_tax_id(_said(told, "documento"))
        return (SourceCompany(cnpj or self.key, told.text("razao_social"), cnpj),)

    async def _told_company(self) -> Row:
        """What Conta Azul says of the company of the token."""
        wire = Wire(self.transport, Removed())
        return await wire.row("/v1/pessoas/conta-conectada", keep=COMPANY_FIELDS)

    async def _check_company(self) -> None:
        """
        The token has to be the company's that was asked for; where nobody says, that is said.

        Raises:
            WrongCompany: it is another's.
        """
        told, wanted = await self._told_company(), self.connection.cnpj
        document = _said(told, "documento")
        if not document:
            self.say("company-unverified", name=told.text("razao_social"))
        elif wanted and plain_tax_id(document) != (plain_tax_id(wanted) or wanted):
            raise WrongCompany(self.name, wanted, document)

    async def get_dealings(self, period: str, removed: Removed) -> tuple[Dealings, list[TieOut]]:
        """
        Read lists, details, transfers and what banks hold today.

        Raises:
            WrongCompany: the token is another company's.
            SourceFailed: and nothing is taken.
        """
        month, wire = Period.parse(period), Wire(self.transport, removed)
        await self._check_company()
        categories, banks = await together(self._categories(wire), self._banks(wire))
        found = await self._instalments(month, wire)
        found = await self._with_parties(found, wire)
        titles = tuple(self._titles(found, month))
        transfers, entries = await self._transfers(month, wire)
        entries += await self._starts(month, wire)
        closings = await self._closings(month, banks, (titles, transfers, entries), wire)
        dealings = Dealings(titles, tuple(entries), tuple(transfers), categories, banks, closings)
        return dealings, list(unpaid_ties(found))

    async def _categories(self, wire: Wire) -> tuple[Category, ...]:
        """
        Categories with the line of the income statement that each is in.

        The tree of the statement decides; `entrada_dre` where a category is not in it. One
        that is in neither has no line and is mapped by hand.
        """
        tree = await wire.row("/v1/financeiro/categorias-dre")
        lines: dict[str, tuple[str, str]] = {}
        for node in tree.rows("itens"):
            _lines(node, lines)
        rows = [
            row
            for kind in ("RECEITA", "DESPESA")
            async for row in wire.pages(
                "/v1/categorias", [("tipo", kind), ("permite_apenas_filhos", "false")]
            )
        ]
        parents = {row.text("categoria_pai", "") for row in rows}
        made = {
            row.text("id"): Category(
                code=row.text("id"),
                name=row.text("nome"),
                line=lines.get(row.text("id"), (_said(row, "entrada_dre"), ""))[0],
                totals=row.text("id") in parents,
            )
            for row in rows
        }
        for code, (line, name) in lines.items():
            made.setdefault(code, Category(code, name, line))
        return tuple(made.values())

    async def _banks(self, wire: Wire) -> tuple[BankAccount, ...]:
        rows = wire.pages("/v1/conta-financeira")
        return tuple(
            [BankAccount(ident(r), r.text("nome"), r.text("tipo", "")) async for r in rows]
        )

    async def _instalments(self, month: Period, wire: Wire) -> list[Instalment]:
        """
        Read in detail every instalment on which the month can depend.

        Recognised in it; paid or changed since it began, so perhaps open at its end; open
        now; paid up to its end and recognised after it, so paid in advance. All others were
        settled before and have not moved since.
        """
        start, end = month.first_day, month.last_day
        upto = _between("data_competencia", FIRST, end)
        paid = _between("data_pagamento", start, max(self._today(), end))
        advances = [
            *_between("data_competencia", end + timedelta(days=1), LAST),
            *_between("data_pagamento", FIRST, end),
        ]
        found: list[Instalment] = []
        for side in Side:
            path = f"{EVENTS}/{LISTS[side]}/buscar"
            rows = {}
            matter = set()
            for asked in (paid, advances):
                async for row in wire.pages(path, [*EVER, *asked]):
                    each = listed(row, side)
                    rows[each.id] = each
                    matter.add(each.id)
            async for row in wire.pages(path, [*EVER, *upto]):
                each = listed(row, side)
                if each.accrued > end:
                    raise WindowIgnored(self.name, path, FIRST, end, each.accrued)
                rows[each.id] = each
                moved = each.changed is None or each.changed >= start
                if each.accrued >= start or moved or each.open or not each.plain:
                    matter.add(each.id)
            details = await self._details([rows[number] for number in matter], wire)
            siblings = _siblings(details, rows.values())
            found += details + await self._details(siblings, wire)
        return found

    async def _details(self, wanted: Iterable[Listed], wire: Wire) -> list[Instalment]:
        """The details of instalments, some at a time, in the order of their ids."""
        found: list[Instalment] = []
        for some in batched(sorted(wanted, key=lambda each: each.id), DETAILS, strict=False):
            rows = await together(
                *(wire.row(f"{EVENTS}/parcelas/{each.id}", "parcela") for each in some)
            )
            found += map(instalment, rows, some)
        return found

    async def _with_parties(self, found: list[Instalment], wire: Wire) -> list[Instalment]:
        """
        Instalments with the tax id of the other side, asked for by id.

        Without ids the vendor shows natural persons who are customers, and hides the rest.
        """
        ids = sorted({each.listed.party for each in found if each.listed.party})
        known: dict[str, str] = {}
        for some in batched(ids, PEOPLE, strict=False):
            repeat = self._setting("person_ids", "comma", "repeat") == "repeat"
            asked = [("ids", each) for each in some] if repeat else [("ids", ",".join(some))]
            async for row in wire.pages("/v1/pessoas", asked, PERSONS, PERSON_FIELDS):
                if row.text("id") not in some:
                    raise ValueUnknown(self.name, "pessoas", "id", row.text("id"))
                known[row.text("id")] = plain_tax_id(_said(row, "documento"))
        for each in ids:
            if each not in known:
                self.say("counterparty-missing", id=each)
        return [
            replace(one, title=replace(one.title, tax_id=known.get(one.listed.party, "")))
            for one in found
        ]

    def _titles(self, found: list[Instalment], month: Period) -> list[Title]:
        """What counts of every event, each posted once."""
        reverse = self._setting("renegotiated", "dropped", "reversed") == "reversed"
        titles: list[Title] = []
        for instalments in by_event(found).values():
            accrued = Period.of(instalments[0].title.accrued)
            of = {each.listed.id: each for each in instalments}
            taken_back = any(_taken_back(each) for each in instalments)
            whole = accrued == month or (accrued <= month and taken_back)
            for title in parted(instalments, whole=whole):
                titles += counted(title, of[title.id], reverse=reverse)
        for each in found:
            if _taken_back(each):
                code = "cancelled-by-last-change"
                if each.state is State.REPLACED:
                    code = "renegotiated-reversed" if reverse else "renegotiated-dropped"
                self.say(code, id=each.listed.id, on=changed_on(each.row).isoformat())
        return titles

    async def _transfers(
        self, month: Period, wire: Wire
    ) -> tuple[list[BankTransfer], list[BankEntry]]:
        """Transfers since the month began; one that takes days stands in suspense meanwhile."""
        since = month.first_day - timedelta(days=IN_TRANSIT_DAYS)
        days = window(since, max(self._today(), month.last_day))
        transfers: list[BankTransfer] = []
        entries: list[BankEntry] = []
        async for row in wire.pages("/v1/financeiro/transferencias", days):
            number, legs = row.text("id"), (row.row("origem"), row.row("destino"))
            left, came = (each.row("composicao_valor").money("valor_liquido") for each in legs)
            source, to = (each.row("conta_financeira").text("id") for each in legs)
            if not left == came == row.money("valor"):
                raise row.wrong("composicao_valor")
            out, back = (each.day("data") for each in legs)
            if out == back:
                transfers.append(BankTransfer(number, out, source, to, left))
                continue
            part = (Part("", left),)
            entries.append(BankEntry(f"{number}/origem", out, source, -left, part))
            entries.append(BankEntry(f"{number}/destino", back, to, left, part))
        return transfers, entries

    async def _starts(self, month: Period, wire: Wire) -> list[BankEntry]:
        """
        Starting balances of bank accounts that came into being since the month began.

        Those of the first month are part of the opening balances that were loaded. What a
        later one comes from nobody says, so its other side is suspense.
        """
        path, days = (
            f"{EVENTS}/saldo-inicial",
            window(month.first_day, max(self._today(), month.last_day)),
        )
        entries: list[BankEntry] = []
        since = Period.parse(self.connection.since) if self.connection.since else None
        async for row in wire.pages(path, days):
            kind, amount = row.text("tipo"), row.money("saldo_inicial")
            if kind not in ("RECEITA", "DESPESA"):
                raise ValueUnknown(self.name, "saldo-inicial", "tipo", kind)
            signed = amount if kind == "RECEITA" else -abs(amount)
            bank, on = row.text("id_conta_financeira"), row.day("data_competencia")
            if signed and not (Period.of(on) == month == since):
                entries.append(
                    BankEntry(f"{bank}/inicial", on, bank, signed, (Part("", abs(signed)),))
                )
        return entries

    async def _closings(
        self,
        month: Period,
        banks: tuple[BankAccount, ...],
        moved: tuple[Sequence[Title], Sequence[BankTransfer], Sequence[BankEntry]],
        wire: Wire,
    ) -> tuple[tuple[str, int], ...]:
        """
        What each account held at the end of the month, as far as the vendor says.

        It says what an account holds today; what moved between then and now is taken off.
        """
        today, end = self._today(), month.last_day
        closings = []
        for bank in banks:
            row = await wire.row(f"/v1/conta-financeira/{bank.id}/saldo-atual", "saldo")
            now, then = _moved(bank.id, today, *moved), _moved(bank.id, end, *moved)
            closings.append((bank.id, row.money("saldo_atual") - now + then))
        return tuple(closings)

    def _setting(self, name: str, *allowed: str) -> str:
        """A setting of the connection; the first of *allowed* unless it says another of them."""
        value = self.connection.settings.get(name, allowed[0])
        if value not in allowed:
            raise SettingUnreadable(self.name, name, value)
        return value

    def _today(self) -> date:
        """The day in Brasília, by which the vendor counts."""
        return self.around.clock.now().astimezone(BRASILIA).date()


def _between(name: str, first: date, last: date) -> list[tuple[str, str]]:
    """A filter of a list of instalments."""
    return [(f"{name}_de", first.isoformat()), (f"{name}_ate", last.isoformat())]


def _said(row: Row, name: str) -> str:
    """A text that may be empty or null, but whose field has to be there."""
    row.value(name)
    return row.text(name, "")


def _lines(node: Row, lines: dict[str, tuple[str, str]]) -> None:
    """
    Find the line of each category in the tree of the income statement, and its name.

    Raises:
        FieldUnreadable: a category stands in two lines.
    """
    for each in node.rows("categorias_financeiras"):
        code, line = each.text("id"), node.text("codigo")
        if lines.get(code, (line, ""))[0] != line:
            raise node.wrong("categorias_financeiras")
        lines[code] = (line, each.text("nome"))
    for child in node.rows("subitens"):
        _lines(child, lines)


def _taken_back(each: Instalment) -> bool:
    """Whether an instalment was cancelled or replaced."""
    return each.state in (State.CANCELLED, State.REPLACED)


def _siblings(found: list[Instalment], rows: Iterable[Listed]) -> list[Listed]:
    """
    Instalments that may belong to an event of which one was taken back and others are missing.

    A list does not name the event, but its accrual date and its party.
    """
    known = {each.listed.id for each in found}
    wanted = {
        (each.title.accrued, each.listed.party)
        for instalments in by_event(found).values()
        if any(map(_taken_back, instalments)) and not is_whole(instalments)
        for each in instalments
    }
    return [row for row in rows if (row.accrued, row.party) in wanted and row.id not in known]


def _moved(
    bank: str,
    upto: date,
    titles: Sequence[Title],
    transfers: Sequence[BankTransfer],
    entries: Sequence[BankEntry],
) -> int:
    """What moved in a bank account up to a day, of what is known, minor units."""
    total = 0
    for title in titles:
        sign = 1 if title.side is Side.RECEIVABLE else -1
        for paid in title.settlements:
            if paid.bank == bank and paid.on <= upto and not paid.loss:
                net = paid.principal + paid.interest + paid.fine - paid.discount
                total += sign * net - paid.fee
    for moved in transfers:
        if moved.on <= upto:
            total += moved.amount * ((moved.destination == bank) - (moved.source == bank))
    return total + sum(e.amount for e in entries if e.bank == bank and e.on <= upto)
