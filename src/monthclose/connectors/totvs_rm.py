"""
TOTVS RM: movements of accounts by day, a chart, entries with the company they eliminate against.

Read: TOTVS's published message definitions. Movements need a company and a span of days; how
the two days are written is believed, so every row is held against the span and the month
against its entries. Missing filters are answered 502 with an error body, which is for good.
Nothing marks the entries that close a year: their batches are a setting.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from monthclose.connectors.auth import Auth
from monthclose.connectors.base import ERPConnector, connector
from monthclose.connectors.errors import (
    ClosingUnmarked,
    QuestionRefused,
    RightMissing,
    SettingWrong,
    WrongCompany,
)
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.native import Asked, Movement, Note, entries_ties, month
from monthclose.connectors.secrets import Secrets
from monthclose.connectors.totvs_rm_entries import Line, between_companies
from monthclose.connectors.totvs_site import Login, Paged, Site, pages, reader
from monthclose.connectors.twice import EntryLine, entries_twice
from monthclose.connectors.verdicts import Read
from monthclose.ledger.balances import Gap, RawBalance
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import (
    Extract,
    Nature,
    SourceAccount,
    SourceCompany,
    Subledger,
    TieOut,
)

FIRST = "2000-01-01"
"""Movements are read from here, unless setting `ledger_from` names an earlier day."""

_COMPANY = ("companyid", "companycode")
_BRANCH = ("branchid", "branchcode", "code")
_NAME = ("name", "description", "tradename")
_CNPJ = ("cnpj", "cgc", "federalid")
"""Fields of a branch: no published answer shows how RM calls them."""


class RmLogin(Login):
    """Tokens as RM gives them: name and password in the body."""

    path = "/api/connect/token/"

    def refreshed(self, held: Secrets) -> Any:
        """Renew with the refresh token."""
        return self._call(
            json={"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
        )

    def logged_in(self, held: Secrets) -> Any:
        """Log in."""
        return self._call(json={"username": held["username"], "password": held["password"]})


@dataclass(frozen=True, slots=True)
class Branch:
    """
    A branch as RM lists it.

    Attributes:
        company: Number of the company.
        id: Number of the branch.
        name: Its name.
        cnpj: 14 characters, or empty.
    """

    company: str
    id: str
    name: str
    cnpj: str


@connector
class RmConnector(ERPConnector):
    """Balances of one company of an RM server, or of one of its branches."""

    name = "totvs_rm"
    base_url = ""
    reads: ClassVar[Read] = staticmethod(reader("totvs_rm", 400, 404, 502))

    @property
    def site(self) -> Site:
        """The server and the settings."""
        return Site(self.name, self.connection)

    @property
    def key(self) -> str:
        """One server is one production database, whatever the credential."""
        return self.site.address

    def auth(self) -> Auth:
        """The password with every call, or a token for it, by setting `auth`."""
        return self.site.auth(self.vault, self.around.clock, RmLogin(self.site), "basic")

    @property
    def company(self) -> tuple[str, str]:
        """
        Number of the company, and of the branch if only one is meant.

        Raises:
            SettingWrong: they are no numbers.
        """
        company, _, branch = self.connection.company.partition(",")
        if not company.isdecimal() or (branch and not branch.isdecimal()):
            raise SettingWrong(self.name, self.connection.entity, "company")
        return company, branch

    async def get_companies(self) -> tuple[SourceCompany, ...]:
        """The branches the credential opens, with their CNPJ."""
        return tuple(
            SourceCompany(f"{each.company},{each.id}", each.name, each.cnpj)
            for each in await self._branches(Removed())
        )

    async def get_trial_balance(
        self,
        period: str,
        opening: RawBalance | None = None,  # noqa: ARG002 (a ledger has its own)
    ) -> Extract:
        """
        Read one month: chart, movements since the first, entries of the month.

        Raises:
            SourceFailed: and nothing is taken.
        """
        removed, first = Removed(), len(self.transport.documents)
        notes: list[Note] = []
        if not await self._check_company(removed):
            notes.append(("company-unverified", {"company": self.connection.company}))
        chart = await self._chart(removed)
        movements = await self._movements(period, removed)
        lines = await self._compared(removed, notes)
        closing = self._closing(lines or (), Period.parse(period).last_day)
        asked = self._asked(period)
        made = month(asked, chart, [*movements, *_moved_out(closing)])
        self._check_closed(asked, chart, [*movements, *_moved_out(closing)])
        ties: tuple[TieOut, ...] = ()
        if lines is not None:
            span = Period.parse(period)
            ties = entries_ties(made.balance, _net(closing, span), _sums(lines, span))
            notes += entries_twice(_by_entry(lines, span), self.currency)
        return Extract(
            made.balance,
            made.accounts,
            tuple(self.transport.documents[first:]),
            (*made.tie_outs, *ties),
            (*made.notes, *notes),
            removed.characters,
        )

    async def get_subledger_details(self, period: str) -> Subledger:
        """
        Read what entries say about other companies of the group.

        Titles of RM's financial module are not read, and named as a gap.

        Raises:
            SourceFailed: and nothing is taken.
        """
        removed = Removed()
        chart = await self._chart(removed)
        lines = [line async for line in self._lines(removed)]
        branches = {each.company: each for each in reversed(await self._branches(removed))}
        parties = {number: (each.name, each.cnpj) for number, each in branches.items()}
        items, flows = between_companies(lines, chart, parties, Period.parse(period), self.currency)
        gaps = (Gap("titles", self.name),)
        return Subledger(self.connection.entity, period, items, flows, gaps)

    def _asked(self, period: str) -> Asked:
        """Which month of which company."""
        return Asked(
            self.name,
            self.connection.entity,
            self.connection.company,
            period,
            self.currency,
            self.connection.year_end,
            self.connection.results,
            self.connection.retained,
        )

    async def _check_company(self, removed: Removed) -> bool:
        """
        Ask which branches there are, and whether the company of the connection is one.

        Returns:
            Whether it could be told.

        Raises:
            WrongCompany: it is none, or its CNPJ is of another legal entity.
        """
        company, branch = self.company
        try:
            listed = await self._branches(removed)
        except (QuestionRefused, RightMissing):
            return False
        own = [e for e in listed if e.company == company and branch in ("", e.id)]
        if not own:
            found = ", ".join(f"{each.company},{each.id}" for each in listed)
            raise WrongCompany(self.name, self.connection.company, found or "-")
        roots = {each.cnpj[:8] for each in own if each.cnpj}
        wanted = self.connection.cnpj[:8]
        if wanted and roots and wanted not in roots:
            raise WrongCompany(self.name, self.connection.cnpj, ", ".join(sorted(roots)))
        return True

    async def _branches(self, removed: Removed) -> tuple[Branch, ...]:
        """Every branch the credential opens."""
        asked = Paged("Branches", self._url("framework", "Branches"), (), ())
        found = []
        async for row in pages(self.transport, asked, removed):
            names = {name.lower(): name for name in row.fields}
            company = _first(row, names, _COMPANY)
            branch = _first(row, names, _BRANCH)
            if not company or not branch:
                raise row.wrong("companyId")
            cnpj = next((row.tax_id(names[name]) for name in _CNPJ if name in names), "")
            found.append(Branch(company, branch, _first(row, names, _NAME), cnpj))
        return tuple(found)

    async def _chart(self, removed: Removed) -> dict[str, SourceAccount]:
        """The chart of the company; an account is part of the one its code goes on from."""
        company, _ = self.company
        asked = Paged(
            "AccountingPlan",
            self._url("ctb", "AccountingPlan"),
            (("companyId", company), ("order", "code")),
            ("code",),
        )
        rows = [row async for row in pages(self.transport, asked, removed)]
        codes = {row.code("code") for row in rows}
        chart = {}
        for row in rows:
            self._check(row, "companyId", company, optional=True)
            code = row.code("code")
            kind = row.whole("analytics")
            if kind not in (0, 1):
                raise row.wrong("analytics")
            chart[code] = SourceAccount(
                code, row.text("description"), _nature(row), kind == 1, _parent(code, codes)
            )
        return chart

    async def _movements(self, period: str, removed: Removed) -> list[Movement]:
        """What every account moved by, day by day, up to the end of the period."""
        company, branch = self.company
        currency = self.site.setting("currency", "R$", r"[A-Z$]{2,4}")
        first = date.fromisoformat(
            self.site.setting("ledger_from", FIRST, r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)")
        )
        last = Period.parse(period).last_day
        between = self.site.setting("date_separator", ",", "[,;|]")
        params = [
            ("companyId", company),
            ("date", f"{first.isoformat()}{between}{last.isoformat()}"),
            ("currency", currency),
            ("order", "id"),
        ]
        if branch:
            params.append(("branchId", branch))
        asked = Paged(
            "AccountingTransactions",
            self._url("ctb", "AccountingTransactions"),
            tuple(params),
            ("id",),
        )
        found = []
        async for row in pages(self.transport, asked, removed):
            self._check(row, "companyId", company)
            if branch:
                self._check(row, "branchId", branch)
            on, debit, credit = row.day("date"), row.money("debitValue"), row.money("creditValue")
            if not first <= on <= last:
                raise row.wrong("date")
            if row.text("currency") != currency:
                raise row.wrong("currency")
            if abs(row.money("value")) != abs(debit - credit):
                raise row.wrong("value")
            found.append(Movement(row.code("account"), on, debit, credit))
        return found

    async def _compared(self, removed: Removed, notes: list[Note]) -> list[Line] | None:
        """Every entry's lines, to compare with; None where they are not to be had."""
        batches = self._batches()
        if self.site.setting("entries", "yes", "yes|no") == "no" and not batches:
            notes.append(("entries-not-compared", {"company": self.connection.company}))
            return None
        try:
            return [line async for line in self._lines(removed)]
        except (QuestionRefused, RightMissing):
            if batches:
                raise
            notes.append(("entries-not-compared", {"company": self.connection.company}))
            return None

    async def _lines(self, removed: Removed) -> AsyncIterator[Line]:
        """Every line of every entry of the company; the service takes no span of days."""
        company, branch = self.company
        asked = Paged(
            "AccountingEntries",
            self._url("ctb", "AccountingEntries"),
            (("companyId", company), ("order", "batchCode,entryId")),
            ("companyId", "batchCode", "entryId"),
        )
        async for row in pages(self.transport, asked, removed):
            self._check(row, "companyId", company)
            for each in row.rows("accountEntry"):
                if branch and each.code("branchId") != branch:
                    continue
                yield Line(
                    each.day("date"),
                    each.code("debitAccount", ""),
                    each.code("creditAccount", ""),
                    each.money("value"),
                    row.code("batchCode"),
                    _partner(each),
                    each.text("document", ""),
                    row.code("entryId"),
                )

    def _batches(self) -> frozenset[str]:
        """Batches of closing entries, by setting `closing_batches`."""
        told = self.site.setting("closing_batches", "", "none|[0-9,]*")
        return frozenset(told.split(",")) - {"", "none"}

    def _closing(self, lines: Iterable[Line], last: date) -> list[Line]:
        """The lines until a day that zero result accounts."""
        batches = self._batches()
        return [line for line in lines if line.batch in batches and line.on <= last]

    def _check_closed(
        self, asked: Asked, chart: Mapping[str, SourceAccount], movements: list[Movement]
    ) -> None:
        """
        Refuse a year whose result accounts have all been brought to nil.

        Raises:
            ClosingUnmarked: so it looks, and nothing says which entries did it.
        """
        if self.site.setting("closing_batches", "", "none|[0-9,]*") == "none":
            return
        by_month: dict[Period, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for each in movements:
            ours = each.on >= asked.year_start and not each.closing and (each.debit or each.credit)
            if ours and asked.is_result(chart[each.account]):
                by_month[Period.of(each.on)][each.account] += each.debit - each.credit
        total: dict[str, int] = defaultdict(int)
        for each_month in sorted(by_month):
            for account, amount in by_month[each_month].items():
                total[account] += amount
            if not any(total.values()):
                raise ClosingUnmarked(self.name, asked.entity, str(each_month))

    def _check(self, row: Row, name: str, wanted: str, *, optional: bool = False) -> None:
        """Hold a row against the company or branch asked for."""
        if optional and name not in row.fields:
            return
        if (found := row.code(name)) != wanted:
            raise WrongCompany(self.name, f"{name} {wanted}", f"{name} {found}")

    def _url(self, module: str, service: str) -> str:
        """Where a service answers."""
        return f"{self.transport.base_url}/api/{module}/v1/{service}"


def _first(row: Row, names: Mapping[str, str], wanted: tuple[str, ...]) -> str:
    """The first of some fields that is there."""
    return next((row.code(names[name], "") for name in wanted if name in names), "")


def _partner(row: Row) -> str:
    """Number of the company an entry eliminates against, or empty."""
    number = row.code("companyIdElimination", "")
    return "" if number == "0" else number


def _nature(row: Row) -> Nature:
    """The kind of an account, where the chart says it as SPED does."""
    told = row.code("spedNature", "").zfill(2) if row.has("spedNature") else ""
    if told not in {each.value for each in Nature}:
        raise row.wrong("spedNature")
    return Nature(told)


def _parent(code: str, codes: set[str]) -> str:
    """The longest code that this one goes on from after a dot."""
    while "." in code:
        code = code.rpartition(".")[0]
        if code in codes:
            return code
    return ""


def _moved_out(closing: Iterable[Line]) -> Iterable[Movement]:
    """Closing entries taken out of the movements of their day, and marked."""
    for line in closing:
        for account, debit, credit in line.sides():
            yield Movement(account, line.on, -debit, -credit)
            yield Movement(account, line.on, debit, credit, closing=True)


def _by_entry(lines: Iterable[Line], of: Period) -> Mapping[str, list[EntryLine]]:
    """The lines of each entry of a month, by its day and number."""
    entries: dict[str, list[EntryLine]] = defaultdict(list)
    for line in lines:
        if Period.of(line.on) == of:
            number = f"{line.on.isoformat()}|{line.batch}/{line.entry}"
            entries[number].append((line.debit, line.credit, line.amount))
    return entries


def _net(closing: Iterable[Line], of: Period) -> Mapping[str, int]:
    """Closing entries of a month, by account, minor units, debit positive."""
    return {code: d - c for code, (d, c) in _sums(closing, of).items()}


def _sums(lines: Iterable[Line], of: Period) -> Mapping[str, tuple[int, int]]:
    """Debits and credits of a month by account."""
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for line in lines:
        if Period.of(line.on) == of:
            for account, debit, credit in line.sides():
                sums[account] = (sums[account][0] + debit, sums[account][1] + credit)
    return sums
