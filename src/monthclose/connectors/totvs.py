"""
TOTVS Protheus: a general ledger, read table by table through the generic query service.

Read: TOTVS's data dictionary and API conventions, and measured behaviour. CQ0 holds what
each account moved by in a month, never a balance: the opening is everything before. What
zeroes the result accounts at a year's end is marked `Z`. The chart says in CT1_CLASSE what
is a group, and integration notes print the two values the other way round: which accounts
are part of which decides.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import ClassVar

from monthclose.connectors.answers import Call
from monthclose.connectors.auth import Auth
from monthclose.connectors.base import ERPConnector, connector
from monthclose.connectors.errors import (
    LedgerEmpty,
    QuestionRefused,
    RightMissing,
    SettingWrong,
    SourceFailed,
    ValueUnknown,
    WrongCompany,
)
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.native import Asked, Movement, Note, entries_ties, month
from monthclose.connectors.totvs_query import (
    DAY,
    Condition,
    Query,
    Table,
    Tenant,
    between,
    equal,
    until,
)
from monthclose.connectors.totvs_site import Login, Paged, Site, one, pages, reader
from monthclose.connectors.totvs_titles import read_titles
from monthclose.connectors.twice import EntryLine, entries_twice
from monthclose.connectors.verdicts import Read
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import (
    Extract,
    Nature,
    SourceAccount,
    SourceCompany,
    Subledger,
)

GROUP, POSTING = "1", "2"
"""CT1_CLASSE as the data dictionary has it; what has movements of its own is no group."""

OPEN = "1"
"""PeriodStatus of a month to which entries may still be posted; 4 is a blocked one."""

NORMAL = ("N", "")
"""CQ0_LP of entries that are no closing."""

_CQ0_KEY = ("cq0_filial", "cq0_conta", "cq0_moeda", "cq0_tpsald", "cq0_lp", "cq0_data")
_CT2_KEY = ("ct2_filial", "ct2_data", "ct2_lote", "ct2_sblote", "ct2_doc", "ct2_linha")

CT1 = Table(
    "CT1",
    ("ct1_filial", "ct1_conta", "ct1_desc01", "ct1_classe", "ct1_ctasup", "ct1_natcta"),
    ("ct1_filial", "ct1_conta"),
    shared=True,
)
CQ0 = Table(
    "CQ0",
    (*_CQ0_KEY, "cq0_debito", "cq0_credit"),
    _CQ0_KEY,
)
CT2 = Table(
    "CT2",
    (*_CT2_KEY, "ct2_dc", "ct2_debito", "ct2_credit", "ct2_valor"),
    _CT2_KEY,
)


@connector
class TotvsConnector(ERPConnector):
    """Balances of one legal entity: a branch of a Protheus server, or several."""

    name = "totvs"
    base_url = ""
    reads: ClassVar[Read] = staticmethod(reader("totvs", 400, 404))

    @property
    def site(self) -> Site:
        """The server and the settings."""
        return Site(self.name, self.connection)

    @property
    def key(self) -> str:
        """One server is one production database, whatever the credential."""
        return self.site.address

    def auth(self) -> Auth:
        """A token for the password, or the password itself, by setting `auth`."""
        return self.site.auth(self.vault, self.around.clock, Login(self.site))

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """
        The branches of the legal entity: the company's, and those of setting `branches`.

        Raises:
            SettingWrong: the company is not a code, a comma and a branch.
        """
        company, _, branch = self.connection.company.partition(",")
        more = self.site.setting("branches", "", "[0-9A-Za-z, ]*")
        branches = [each.strip() for each in (branch, *more.split(",")) if each.strip()]
        if not company.isalnum() or not branch or not all(map(str.isalnum, branches)):
            raise SettingWrong(self.name, self.connection.entity, "company")
        return tuple(Tenant(company, each) for each in dict.fromkeys(branches))

    async def get_companies(self) -> tuple[SourceCompany, ...]:
        """
        The branches of the connection, each seen to answer.

        Protheus lists no companies, so they are configuration. The name is the code, and
        the CNPJ is not told.
        """
        found = []
        for tenant in self.tenants:
            query = Query(self.transport, self.site, tenant, Removed())
            if await query.first(CQ0, None) is None:
                raise LedgerEmpty(self.name, str(tenant), "now")
            await self._check_company(query)
            found.append(SourceCompany(str(tenant), str(tenant)))
        return tuple(found)

    async def get_trial_balance(
        self,
        period: str,
        opening: RawBalance | None = None,  # noqa: ARG002 (a ledger has its own)
    ) -> Extract:
        """
        Read one month of all branches: chart, movements since the first, entries of the month.

        Raises:
            SourceFailed: and nothing is taken.
        """
        removed, first = Removed(), len(self.transport.documents)
        chart: dict[str, SourceAccount] = {}
        movements: list[Movement] = []
        entries: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        notes: list[Note] = []
        marks = _Marks(self.site.setting("lp_closing", "Z", "[0-9A-Za-z,]*").split(","))
        for tenant in self.tenants:
            query = Query(self.transport, self.site, tenant, removed)
            if not await self._check_company(query):
                notes.append(("company-unverified", {"company": str(tenant)}))
            chart |= await self._chart(query)
            movements += await self._movements(query, period, marks)
            notes += await self._entries(query, period, entries)
            if await self._is_open(query, period):
                notes.append(("month-open", {"period": period, "company": str(tenant)}))
        made = month(self._asked(period), chart, movements)
        end = Period.parse(period)
        of_month = _closings(movements, end)
        ties = entries_ties(
            made.balance, of_month, {code: (d, c) for code, (d, c) in entries.items()}
        )
        return Extract(
            made.balance,
            made.accounts,
            tuple(self.transport.documents[first:]),
            (*made.tie_outs, *ties),
            (*made.notes, *notes, *marks.notes(self.currency)),
            removed.characters,
        )

    async def get_subledger_details(self, period: str) -> Subledger:
        """
        Read the titles that were open at the end of a month, of all branches.

        Raises:
            SourceFailed: and nothing is taken.
        """
        removed = Removed()
        today = self.around.clock.now().date()
        read = [
            await read_titles(
                Query(self.transport, self.site, tenant, removed), self.site, period, today
            )
            for tenant in self.tenants
        ]
        return Subledger(
            self.connection.entity,
            period,
            tuple(item for each in read for item in each.items),
            tuple(flow for each in read for flow in each.flows),
            tuple(dict.fromkeys(gap for each in read for gap in each.gaps)),
            notes=tuple(_unvalued([title for each in read for title in each.unvalued])),
        )

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

    async def _check_company(self, query: Query) -> bool:
        """
        Ask the one service that says which company group it answers for.

        A branch code alone may exist in two groups, and a server that does not take the
        tenant answers for its own.

        Returns:
            Whether it could be told; an old server, a missing right or no cost centre leave
            it open.

        Raises:
            WrongCompany: it is another.
        """
        call = Call(
            "costcenters",
            f"{self.transport.base_url}/api/ctb/v1/costcenters",
            params=(("page", "1"), ("pageSize", "1")),
            headers=query.headers,
        )
        try:
            answer = await self.transport.send(call)
        except (QuestionRefused, RightMissing):
            return False
        for row in one(self.transport, answer, query.removed).rows("items", optional=True):
            found = row.text("CompanyId", "")
            if found and found != query.tenant.company:
                wrong = f"{found},{row.text('BranchId', '')}"
                raise WrongCompany(self.name, str(query.tenant), wrong)
            return bool(found)
        return False

    async def _chart(self, query: Query) -> dict[str, SourceAccount]:
        """The chart; where branches share one, and one has its own account, its own wins."""
        rows = [row async for row in query.rows(CT1, None)]
        rows.sort(key=lambda row: len(row.text("ct1_filial")))
        parents = {row.text("ct1_ctasup") for row in rows}
        chart = {}
        for row in rows:
            code, kind = row.text("ct1_conta"), row.text("ct1_classe")
            if kind not in (GROUP, POSTING):
                raise ValueUnknown(self.name, "CT1", "ct1_classe", kind)
            chart[code] = SourceAccount(
                code,
                row.text("ct1_desc01"),
                _nature(row),
                posting=kind == POSTING and code not in parents,
                parent=row.text("ct1_ctasup"),
            )
        return chart

    async def _movements(self, query: Query, period: str, marks: "_Marks") -> list[Movement]:
        """
        What every account moved by, month by month, up to the end of the period.

        Opening and month come from one reading, so that an entry of an earlier month
        posted meanwhile is in both or in neither.
        """
        condition = self._local("cq0_moeda", "cq0_tpsald")
        condition &= until("cq0_data", Period.parse(period).last_day)
        return [
            Movement(
                row.text("cq0_conta"),
                row.day("cq0_data", DAY),
                row.money("cq0_debito"),
                row.money("cq0_credit"),
                marks.closes(row),
            )
            async for row in query.rows(CQ0, condition)
        ]

    async def _entries(self, query: Query, period: str, sums: dict[str, list[int]]) -> list[Note]:
        """
        Add up debits and credits by account of the entries of the month.

        Returns:
            What of them looks as if it had been posted twice.
        """
        entries: dict[str, list[EntryLine]] = defaultdict(list)
        span = Period.parse(period)
        condition = self._local("ct2_moedlc", "ct2_tpsald")
        condition &= between("ct2_data", span.first_day, span.last_day)
        async for row in query.rows(CT2, condition):
            kind, amount = row.text("ct2_dc"), row.money("ct2_valor")
            if kind not in ("1", "2", "3"):
                if amount:
                    raise ValueUnknown(self.name, "CT2", "ct2_dc", kind)
                continue  # goes on with the text of the line above
            if kind in ("1", "3"):
                sums[row.text("ct2_debito")][0] += amount
            if kind in ("2", "3"):
                sums[row.text("ct2_credit")][1] += amount
            number = "/".join(row.text(name) for name in ("ct2_lote", "ct2_sblote", "ct2_doc"))
            debit = row.text("ct2_debito") if kind in ("1", "3") else ""
            credit = row.text("ct2_credit") if kind in ("2", "3") else ""
            entries[f"{row.text('ct2_data')}|{number}"].append((debit, credit, amount))
        return entries_twice(entries, self.currency)

    async def _is_open(self, query: Query, period: str) -> bool:
        """
        Whether the accounting calendar still lets entries be posted to a month.

        It is asked once the month is read, for a warning: a server that does not answer, or
        a user without the right to it, tells nothing, and takes nothing from the month.
        """
        asked = Paged(
            "AccountingCalendar",
            f"{self.transport.base_url}/api/ctb/v1/AccountingCalendar",
            (("order", "FinancialYear"),),
            (),
            headers=query.headers,
        )
        month = Period.parse(period)
        try:
            async for year in pages(self.transport, asked, query.removed):
                for each in year.rows("ListOfAccountingPeriods", optional=True):
                    if each.day("FinalDate") == month.last_day:
                        return each.text("PeriodStatus", "") == OPEN
        except SourceFailed:
            return False
        return False

    def _local(self, currency: str, balance: str) -> Condition:
        """Actual balances in local currency: pre-entries and other currencies apart."""
        site = self.site
        return equal(currency, site.setting("currency", "01", "[0-9]{2}")) & equal(
            balance, site.setting("balance_type", "1", "[0-9A-Z]")
        )


def _unvalued(titles: list[str]) -> Iterator[Note]:
    """Say which titles in another currency have no value in reais."""
    if titles:
        yield "titles-without-value", {"count": str(len(titles)), "titles": ", ".join(titles)}


class _Marks:
    """What CQ0_LP said."""

    def __init__(self, closing: list[str]) -> None:
        """Values in *closing* are entries that zero the result accounts."""
        self._closing = closing
        self._asked: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def closes(self, row: Row) -> bool:
        """Whether a row is a closing; a value that nobody documents is kept to be asked about."""
        mark = row.text("cq0_lp")
        if mark in self._closing:
            return True
        if mark not in NORMAL:
            net = row.money("cq0_debito") - row.money("cq0_credit")
            self._asked[mark][row.text("cq0_conta")] += net
        return False

    def notes(self, currency: str) -> list[Note]:
        """What has to be asked of the company, value by value."""
        return [
            (
                "lp-unknown",
                {
                    "value": mark,
                    "accounts": ", ".join(sorted(accounts)),
                    "minor": str(sum(max(0, amount) for amount in accounts.values())),
                    "currency": currency,
                },
            )
            for mark, accounts in sorted(self._asked.items())
        ]


def _closings(movements: list[Movement], of: Period) -> Mapping[str, int]:
    """Closing entries of a month, by account, minor units."""
    found: dict[str, int] = defaultdict(int)
    for each in movements:
        if each.closing and Period.of(each.on) == of:
            found[each.account] += each.debit - each.credit
    return found


def _nature(row: Row) -> Nature:
    """The kind of an account, where the chart says it."""
    told = row.text("ct1_natcta")
    if told not in {each.value for each in Nature}:
        raise ValueUnknown(row.source, "CT1", "ct1_natcta", told)
    return Nature(told)
