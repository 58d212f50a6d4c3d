"""
The hidden ledger of the sandbox group: every company's postings by month, from one seed.

What the group's folder says and what its ERPs serve are both written from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from monthclose.ledger.periods import Period
from monthclose.sandbox import history
from monthclose.sandbox.books import (
    CLOSED_OUT,
    Books,
    Line,
    Posted,
    borrow,
    monthly_revenue,
    open_books,
    part,
    trade,
)
from monthclose.sandbox.chart import OwnAccount, own_chart, standard_chart
from monthclose.sandbox.companies import HOST, PARENT, Company, companies

LAST, MONTHS, MOST = Period(2025, 6), 6, 42
"""The last month; how many there are unless more are asked for, and at most."""

PARENT_NAME = "Vero Participações S.A."
MANAGEMENT_BP, HOSTING_BP = 200, 150
"""What the parent and the host charge a company, of its revenue."""

_WEIGHTS_BP = (0, 3_000, 2_000, 1_000)
"""Of an account kept in several: what each but the first takes."""


@dataclass(frozen=True, slots=True)
class Month:
    """
    One company's month in the hidden ledger.

    Attributes:
        entity: Whose.
        period: Which.
        journal: Its postings, standard accounts.
        lines: Its balance by standard account and partner, the result not closed out.
    """

    entity: str
    period: Period
    journal: tuple[Posted, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One own account of a month's balance; cents, debit positive, debits and credits positive."""

    account: OwnAccount
    partner: str
    opening: int
    debit: int
    credit: int


class HiddenLedger:
    """
    A group with its hidden ledger.

    Attributes:
        first: The first month, a January.
        companies: The operating companies.
        charts: Accounts of each company's own chart, by company and standard account.
    """

    def __init__(self, seed: int, entities: int, months: int = MONTHS) -> None:
        """
        Make the companies; nothing is posted yet.

        Args:
            seed: Another one gives other figures.
            entities: How many companies there are at the end, the holding among them.
            months: How many months at least; they begin with a January.

        Raises:
            ValueError: fewer than two companies, or months before 2022.
        """
        if not 1 <= months <= MOST:
            raise ValueError(f"there are 1 to {MOST} months, not {months}")
        self.seed = seed
        self.first = Period(LAST.plus(1 - months).year, 1)
        self.companies = companies(seed, entities, self.cut)
        self.charts: dict[str, dict[str, tuple[OwnAccount, ...]]] = {
            each.code: own_chart(each.erp, number) for number, each in enumerate(self.companies, 1)
        }
        self.retained = {each.code: history.retained(each, self.cut) for each in self._old}
        self.names = {row["code"]: row["name"] for row in standard_chart()}
        self._by_code = {each.code: each for each in self.companies}

    @property
    def cut(self) -> date:
        """The day before the first month."""
        return self.first.first_day - timedelta(days=1)

    @property
    def periods(self) -> tuple[Period, ...]:
        """The months, in order."""
        return tuple(self.first.plus(number) for number in range(self.first.until(LAST) + 1))

    @property
    def codes(self) -> tuple[str, ...]:
        """Every company's code, the holding's first."""
        return (PARENT, *self._by_code)

    def erp(self, code: str) -> str:
        """Where a company keeps its books; the holding beside its first company."""
        return "totvs" if code == PARENT else self._by_code[code].erp

    def name(self, code: str) -> str:
        """A company's name."""
        return PARENT_NAME if code == PARENT else self._by_code[code].name

    def cnpj(self, code: str) -> str:
        """A company's CNPJ."""
        parent = Company(PARENT, "", "", date(2015, 3, 2), 100, 0, 0, 0, ())
        return (parent if code == PARENT else self._by_code[code]).cnpj(self.seed)

    @property
    def _old(self) -> list[Company]:
        """The companies that were there before the first month."""
        return [each for each in self.companies if not self.joins(each)]

    def joins(self, company: Company) -> bool:
        """Whether a company comes to the group within the months."""
        return company.since > self.cut

    def has(self, company: Company, period: Period) -> bool:
        """Whether a company is the group's in some part of a month."""
        sold = company.until and Period.of(company.until) < period
        return Period.of(company.since) <= period and not sold

    def trades_from(self, company: Company) -> Period:
        """Its first month of business: when it was bought at the end of one, the one after."""
        month = Period.of(company.since)
        return month.plus(1) if company.bought and self.joins(company) else month

    def chart(self, code: str) -> Mapping[str, tuple[OwnAccount, ...]]:
        """A company's own chart; the holding's is the standard one."""
        return self.charts.get(code) or {
            number: (OwnAccount(number, name, number),) for number, name in self.names.items()
        }

    def _parent_capital(self) -> list[history.Part]:
        """The holding's own capital: what it invested, and a tenth more, on the same days."""
        return [
            history.Part((each.price if each.bought else amount) * 11 // 10, history.rate_of(day))
            for each in self.companies
            for day, amount in each.capital
            if day <= self.cut
        ]

    def _parent_retained(self) -> list[history.Part]:
        """A modest surplus of each year since 2016."""
        return [
            history.Part(21_000_000, history.average_of(year))
            for year in range(2016, self.first.year)
        ]

    def _dividend(self, company: Company) -> tuple[int, int]:
        """A company's dividend and the parent's part; an eighth of its earnings, whole reais."""
        whole = history.total(history.retained(company)) // 80_000 * 10_000
        return whole, whole * company.percent // 100

    def _fees(self, company: Company, period: Period) -> dict[str, int]:
        """What a company is charged for a month, by who charges it; nothing when it is sold."""
        sold = company.until is not None and Period.of(company.until) == period
        revenue = 0 if sold else monthly_revenue(company, period, self.seed)
        fees = {PARENT: part(revenue, MANAGEMENT_BP)}
        if company.code != HOST:
            fees[HOST] = part(revenue, HOSTING_BP)
        return fees

    def opening_books(self) -> dict[str, Books]:
        """Every company's balance sheet before the first month."""
        between: dict[str, dict[tuple[str, str], int]] = {c.code: {} for c in self.companies}
        between[PARENT] = {}
        for each in self._old:
            for provider, fee in self._fees(each, self.first.plus(-1)).items():
                between[each.code]["2150", provider] = -fee
                between[provider]["1150", each.code] = fee
        books = {
            each.code: open_books(
                each, history.total(self.retained[each.code]), between[each.code], self.seed
            )
            for each in self._old
        }
        sheet = {
            ("1500", ""): sum(each.cost for each in self._old),
            ("3010", ""): -history.total(self._parent_capital()),
            ("3300", ""): -history.total(self._parent_retained()),
            **between[PARENT],
        }
        sheet["1010", ""] = -sum(sheet.values())
        books[PARENT] = Books(sheet)
        return books

    def months(self) -> Iterator[Month]:
        """Every month of every company there is, in order: its postings and its lines."""
        books = self.opening_books()
        for period in self.periods:
            if period.month == 1:
                for each in books.values():
                    each.open_year()
            there = [each for each in self.companies if self.has(each, period)]
            self._post(books, there, period)
            for code in (PARENT, *(each.code for each in there)):
                journal = tuple(books[code].journal)
                yield Month(code, period, journal, tuple(books[code].close()))

    def _post(self, books: dict[str, Books], there: list[Company], period: Period) -> None:
        """Post one month of every company: its business, fees among them, dividends, capital."""
        parent = books[PARENT]
        for each in filter(self.joins, self.companies):
            if Period.of(each.since) == period:
                parent.post("1500", "1010", self._invest(books, each))
        there = [each for each in there if self.trades_from(each) <= period]
        for each in there:
            self._charge(books, each, period)
        for each in there:
            ledger = books[each.code]
            trade(ledger, each, period, self.seed)
            if each.dividend and Period.of(each.dividend) == period:
                whole, ours = self._dividend(each)
                ledger.post("3350", "1010", whole)
                parent.post("1010", "4200", ours)
            if each.until and Period.of(each.until) == period:
                parent.post("1010", "1500", each.cost)
                parent.post("1010", "4510", each.proceeds - each.cost)
            borrow(ledger)
        fees = sum(self._fees(each, period)[PARENT] for each in there)
        parent.post("4090", "2030", part(fees, 1_425))
        parent.post("2030", "1010", -parent.balances.get(("2030", ""), 0))
        parent.post("6030", "1010", part(fees, 6_100))
        parent.post("1010", "4300", part(fees, 300))
        borrow(parent)

    def _invest(self, books: dict[str, Books], company: Company) -> int:
        """Open the books of a company that is founded or bought; what the holding pays, cents."""
        if company.bought:
            books[company.code] = open_books(company, company.earned_before, {}, self.seed)
            return company.price
        capital = sum(amount for _, amount in company.capital)
        books[company.code] = Books()
        books[company.code].post("1010", "3010", capital)
        return capital * company.percent // 100

    def _charge(self, books: dict[str, Books], company: Company, period: Period) -> None:
        """Pay what was charged a month ago, and charge this month."""
        ledger = books[company.code]
        for provider, fee in self._fees(company, period).items():
            owed = -ledger.balances.get(("2150", provider), 0)
            ledger.post("2150", "1010", owed, provider)
            books[provider].post("1010", "1150", owed, company.code)
            ledger.post("6050", "2150", fee, provider)
            books[provider].post("1150", "4110", fee, company.code)

    def own_lines(self, month: Month, kept: dict[tuple[str, str], int]) -> Iterator[OwnLine]:
        """
        A month in the company's own accounts.

        Args:
            month: Of one company; months come in order.
            kept: What its own accounts held before, which each carries on.
        """
        chart = self.chart(month.entity)
        if month.period.month == 1:
            ended = {own.code for code in CLOSED_OUT for own in chart.get(code, ())}
            for key in [key for key in kept if key[0] in ended]:
                del kept[key]
        for line in month.lines:
            accounts = chart[line.account]
            starts = month.period.month == 1 and line.account == "3300"
            debits, credits = spread(line.debit, len(accounts)), spread(line.credit, len(accounts))
            first = spread(line.opening, len(accounts))
            for own, start, debit, credit in zip(accounts, first, debits, credits, strict=True):
                key = own.code, line.partner
                opening = start if starts else kept.get(key, start)
                kept[key] = opening + debit - credit
                if opening or debit or credit:
                    yield OwnLine(own, line.partner, opening, debit, credit)


def spread(amount: int, count: int) -> list[int]:
    """Divide an amount over accounts; the first takes what is left."""
    others = [part(amount, share_bp) for share_bp in _WEIGHTS_BP[1:count]]
    return [amount - sum(others), *others]
