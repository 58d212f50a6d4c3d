"""
Bling (API v3): titles, batches of settlements, a cash book; no ledger and no balances.

Read: public API reference of 2025. Lists give no totals: a page without rows is the end.
Filters have defaults that leave most of a list out, so every one is sent. A title's record
comes one call at a time, at two calls a second: see `details`. There is no day of
cancellation: it is told from what was there at the last reading.
"""

from dataclasses import replace
from typing import ClassVar

from monthclose.connectors.auth import Auth
from monthclose.connectors.base import Connection, connector
from monthclose.connectors.bling_calls import Calls, every
from monthclose.connectors.bling_money import CashEntry, direct
from monthclose.connectors.bling_titles import Around, Titles
from monthclose.connectors.bling_wire import (
    BASE,
    COMPANY_FIELDS,
    Settings,
    read_error,
    site,
)
from monthclose.connectors.errors import (
    ResultsUnmapped,
    ValueUnknown,
    WindowIgnored,
    WrongCompany,
)
from monthclose.connectors.fields import BRASILIA, Removed, Row, plain_tax_id
from monthclose.connectors.oauth import OAuthSite
from monthclose.connectors.verdicts import Read
from monthclose.connectors.without_ledger import WithoutLedger
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Extract, SourceCompany, TieOut
from monthclose.ledger.titles import BankAccount, Category, Dealings

SETTLEMENTS = ("duplicata", "bordero")
"""Origins of cash entries that are posted from the titles."""

DIRECT = ("caixa", "estoque")
"""Origins of cash entries with no title behind them."""


@connector
class BlingConnector(WithoutLedger):
    """Balances derived from Bling; one token is one company."""

    name = "bling"
    base_url = BASE
    reads: ClassVar[Read] = staticmethod(read_error)

    @property
    def key(self) -> str:
        """Bling counts by its customer's account, which is one company."""
        return self.connection.company or self.connection.entity

    @classmethod
    def granted_at(cls, connection: Connection) -> OAuthSite:
        """The page of the grant."""
        return site(connection.base_url or cls.base_url)

    def auth(self) -> Auth:
        """Tokens that rotate; one process renews at a time."""
        url = self.connection.base_url or self.base_url
        return site(url).auth(self.vault, self.around.clock)

    async def get_companies(self) -> tuple[SourceCompany, ...]:
        """The company of the token."""
        calls = Calls(self.transport, Removed())
        row = await calls.record("empresas/me/dados-basicos", keep=COMPANY_FIELDS)
        return (SourceCompany(row.code("id"), row.text("nome"), row.tax_id("cnpj")),)

    async def get_trial_balance(self, period: str, opening: RawBalance | None = None) -> Extract:
        """
        Derive one month from the closing of the month before.

        Raises:
            ResultsUnmapped: a year begins, and nobody says which categories are of the result.
            OpeningMissing: there is none.
            SourceFailed: Bling could not be read.
        """
        starts = Period.parse(period).month == self.connection.year_end % 12 + 1
        if opening is not None and starts and not self.connection.results:
            pairs = zip(opening.accounts, opening.amounts.tolist(), strict=True)
            if any(amount and code.startswith("CAT:") for code, amount in pairs):
                raise ResultsUnmapped(self.name, self.connection.entity, period)
        return await super().get_trial_balance(period, opening)

    async def get_dealings(self, period: str, removed: Removed) -> tuple[Dealings, list[TieOut]]:
        """Read lists, the cash book, titles and what settled them."""
        month, told = Period.parse(period), self.connection
        settings = Settings.read(told.settings)
        await self._check_company()
        calls = Calls(self.transport, removed)
        categories, banks = await self._categories(calls), await self._banks(calls)
        listed = await self._cash(calls, month)
        cash = await every(self._with_record(calls, each) for each in listed)
        around = Around(
            settings=settings,
            account=self.key,
            since=Period.parse(told.since) if told.since else None,
            transport=self.transport,
            details=self.around.details,
            today=self.around.clock.now().astimezone(BRASILIA).date(),
            removed=removed,
            cash=lambda other: self._cash(calls, other),
            say=self.say,
        )
        titles, ties = await Titles(around).read(month, cash)
        entries, transfers = direct(cash)
        return Dealings(titles, tuple(entries), tuple(transfers), categories, banks), ties

    async def _check_company(self) -> None:
        """The token has to be the company's that was asked for."""
        told = self.connection.cnpj
        if wanted := plain_tax_id(told) or told:
            (company,) = await self.get_companies()
            if company.cnpj != wanted:
                raise WrongCompany(self.name, wanted, company.cnpj)

    async def _categories(self, calls: Calls) -> tuple[Category, ...]:
        """Categories; none has a line of an income statement."""
        rows = calls.pages("categorias/receitas-despesas", ())
        return tuple([Category(row.code("id"), row.text("descricao")) async for row in rows])

    async def _banks(self, calls: Calls) -> tuple[BankAccount, ...]:
        """What Bling calls accounts: banks and cash, no chart."""
        return tuple(
            [
                BankAccount(row.code("id"), row.text("descricao"), row.text("tipo", ""))
                async for row in calls.pages("contas-contabeis", ())
            ]
        )

    async def _cash(self, calls: Calls, month: Period) -> list[CashEntry]:
        """A month's cash entries, as the list shows them."""
        first, last = month.first_day, month.last_day
        days = (("dataInicial", first.isoformat()), ("dataFinal", last.isoformat()))
        found = []
        async for row in calls.pages("caixas", (*days, ("situacao", "R")), sized=False):
            entry = self._entry(row)
            if not first <= entry.on <= last:
                raise WindowIgnored(self.name, "caixas", first, last, entry.on)
            found.append(entry)
        return found

    def _entry(self, row: Row) -> CashEntry:
        """One row of the cash book."""
        side, origin = row.text("debCred"), row.row("origem")
        if side not in ("D", "C"):
            raise ValueUnknown(self.name, "caixas", "debCred", side)
        kind = origin.text("tipo")
        if kind not in (*DIRECT, *SETTLEMENTS):
            raise ValueUnknown(self.name, "caixas", "origem.tipo", kind)
        if row.text("situacao") != "R":
            raise ValueUnknown(self.name, "caixas", "situacao", row.text("situacao"))
        amount = row.money("valor")
        return CashEntry(
            id=row.code("id"),
            on=row.day("data"),
            bank=row.row("contaFinanceira").code("id"),
            amount=amount if side == "C" else -amount,
            origin=kind,
            of=origin.code("id", ""),
            row=row,
        )

    async def _with_record(self, calls: Calls, entry: CashEntry) -> CashEntry:
        """A direct entry with its record, which alone knows category and transfer."""
        if entry.origin in SETTLEMENTS:
            return entry
        record = await calls.record("caixas/{id}", number=entry.id, wrapped=False)
        return replace(entry, detail=record)
