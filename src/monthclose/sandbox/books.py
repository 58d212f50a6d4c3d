"""The ledger behind a company of the sandbox group: postings by month, in cents, balanced."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from monthclose.ledger.periods import Period
from monthclose.sandbox.companies import Company

BP = 10_000
"""Basis points in one."""

SEASON_BP = (
    9_300,
    9_100,
    10_200,
    9_900,
    10_300,
    10_500,
    9_700,
    10_000,
    10_200,
    10_300,
    10_400,
    11_100,
)
"""A year's pattern by month: quiet in summer, busy before Christmas."""


def part(amount: int, share_bp: int) -> int:
    """A share of an amount, rounded down to the cent."""
    return amount * share_bp // BP


@dataclass(frozen=True, slots=True)
class Line:
    """One account of a month's balance; cents, debit positive, debits and credits positive."""

    account: str
    partner: str
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        """Opening plus debits less credits."""
        return self.opening + self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Posted:
    """One posting of a month: an account debited, another credited, cents, positive."""

    debit: str
    credit: str
    amount: int
    partner: str = ""


@dataclass(slots=True)
class Books:
    """
    One company's accounts.

    Attributes:
        balances: Cents by account and partner, debit positive; they sum to zero.
        moved: Debits and credits of the month, by the same.
        journal: The month's postings, in the order they came.
    """

    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    moved: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    journal: list[Posted] = field(default_factory=list)

    def post(self, debit: str, credit: str, amount: int, partner: str = "") -> None:
        """Debit one account and credit another; a negative amount does the reverse."""
        if amount < 0:
            debit, credit, amount = credit, debit, -amount
        if amount:
            self.journal.append(Posted(debit, credit, amount, partner))
        for account, side in ((debit, 0), (credit, 1)):
            key = (account, partner if account in WITH_PARTNER else "")
            self.moved.setdefault(key, [0, 0])[side] += amount

    def now(self, account: str, partner: str = "") -> int:
        """The balance of an account at this moment."""
        key = (account, partner)
        debit, credit = self.moved.get(key, (0, 0))
        return self.balances.get(key, 0) + debit - credit

    def close(self) -> list[Line]:
        """End the month: its lines in order of account and partner, the result not closed out."""
        lines = []
        for key in sorted({*self.balances, *self.moved}):
            debit, credit = self.moved.get(key, (0, 0))
            line = Line(*key, self.balances.get(key, 0), debit, credit)
            lines.append(line)
            self.balances[key] = line.closing
        self.moved, self.journal = {}, []
        return lines

    def open_year(self) -> None:
        """Carry result and dividends of the year before to retained earnings."""
        gone = [key for key in self.balances if key[0] in CLOSED_OUT]
        if result := sum(self.balances.pop(key) for key in gone):
            self.balances["3300", ""] = self.balances.get(("3300", ""), 0) + result


CLOSED_OUT = frozenset(
    {"3350", "4010", "4020", "4090", "4110", "4200", "4300", "4510", "5010", "5020"}
    | {"6010", "6020", "6030", "6040", "6050", "6060", "6100", "6200"}
)
"""Accounts that go to retained earnings at the end of a year."""

KNOWN = Period(2024, 12)
"""The end of the year whose revenue a company is known for."""

WITH_PARTNER = frozenset({"1150", "2150", "4110", "6050"})
"""Accounts that name the group company on the other side."""


def monthly_revenue(company: Company, period: Period, seed: int) -> int:
    """Revenue of a month, cents: growth, season and a little chance."""
    first = Period.of(company.since) if company.since > KNOWN.last_day else KNOWN
    months = (period.year - first.year) * 12 + period.month - first.month
    grown = company.revenue + part(company.revenue, company.growth_bp) * months // 12
    chance = Random(f"{seed}/{company.code}/{period}").randint(9_700, 10_300)
    return part(part(grown // 12, SEASON_BP[period.month - 1]), chance)


def open_books(
    company: Company, retained: int, between: dict[tuple[str, str], int], seed: int
) -> Books:
    """
    Lay out the balance sheet of December 2024.

    Args:
        company: Whose.
        retained: Retained earnings, cents, a profit positive.
        between: What it owes and is owed in the group, by account and partner.
        seed: Of the group.
    """
    revenue = company.revenue
    capital = sum(amount for _, amount in company.capital)
    rnd = Random(f"{seed}/{company.code}/opening")
    sheet = {
        ("1100", ""): part(revenue, rnd.randint(1_000, 1_500)),
        ("1110", ""): -part(revenue, 40),
        ("1200", ""): part(revenue, rnd.randint(100, 200)),
        ("1300", ""): part(revenue, 60),
        ("1400", ""): part(revenue, rnd.randint(600, 900)),
        ("1410", ""): -part(revenue, 300),
        ("1420", ""): part(revenue, rnd.randint(900, 1_600)),
        ("1430", ""): -part(revenue, 400),
        ("2010", ""): -part(revenue, rnd.randint(250, 400)),
        ("2020", ""): -part(revenue, rnd.randint(350, 500)),
        ("2030", ""): -part(revenue, rnd.randint(150, 250)),
        ("2100", ""): -part(revenue, rnd.randint(300, 700)),
        ("2300", ""): -part(revenue, 120),
        ("3010", ""): -capital,
        ("3300", ""): -retained,
        **between,
    }
    cash, least = -sum(sheet.values()), part(revenue, 400)
    if cash < least:  # what is not financed by its owners is borrowed, in whole thousands
        loan = ((least - cash) // 100_000 + 1) * 100_000
        sheet["2200", ""] = -loan
        cash += loan
    sheet["1010", ""] = part(cash, 6_000)
    sheet["1020", ""] = cash - sheet["1010", ""]
    return Books({key: amount for key, amount in sheet.items() if amount})


def borrow(books: Books) -> None:
    """Keep cash above nil at the end of a month: first from deposits, then from a bank."""
    if (short := -books.now("1010")) <= 0:
        return
    books.post("1010", "1020", min(short, max(books.now("1020"), 0)))
    if (short := -books.now("1010")) > 0:
        books.post("1010", "2200", (short // 10_000_000 + 1) * 10_000_000)


def trade(books: Books, company: Company, period: Period, seed: int) -> None:
    """Post a month's ordinary business: sales, costs, payments, wear, interest, tax."""
    revenue = monthly_revenue(company, period, seed)
    rnd = Random(f"{seed}/{company.code}/{period}/trade")
    due, suppliers = books.now("1100"), -books.now("2010")
    wages, taxes = -books.now("2020"), -books.now("2030")
    result = list(_result(revenue, company, rnd))
    for debit, credit, amount in result:
        books.post(debit, credit, amount)
    books.post("1010", "1100", part(due, 8_600))
    books.post("2010", "1010", part(suppliers, 9_000))
    books.post("2020", "1010", part(wages, 9_500))
    books.post("2030", "1010", part(taxes, 9_700))
    books.post("1400", "1010", part(revenue, rnd.randint(50, 250)))
    books.post("1420", "1010", part(revenue, rnd.randint(100, 400)))
    profit = sum(
        side[1] - side[0] for (account, _), side in books.moved.items() if account[0] in "456"
    )
    if profit > 0:
        books.post("6200", "2030", part(profit, 2_800))


def _result(revenue: int, company: Company, rnd: Random) -> Iterator[tuple[str, str, int]]:
    """Debit, credit and amount of a month's income and expense."""
    subscriptions = part(revenue, rnd.randint(7_800, 8_400))
    deferred = part(revenue, rnd.randint(-150, 250))
    yield "1100", "4010", subscriptions
    yield "1100", "4020", revenue - subscriptions
    yield "4010", "2100", deferred
    yield "4090", "2030", part(revenue, 865)
    # The margin after tax and intragroup fees is near the one the company is known for.
    spent = BP - 865 - 350 - company.margin_bp * BP // 7_200
    yield "5010", "2010", part(revenue, spent * 14 // 100)
    yield "5020", "2020", part(revenue, spent * 26 // 100)
    yield "6010", "2010", part(revenue, spent * 18 // 100)
    yield "6020", "2020", part(revenue, spent * 20 // 100)
    yield "6030", "2010", part(revenue, spent * rnd.randint(15, 18) // 100)
    yield "6040", "1410", part(revenue, spent * 2 // 100)
    yield "6040", "1430", part(revenue, spent * 3 // 100)
    yield "6060", "1110", part(revenue, 40)
    yield "6100", "1010", part(revenue, 45)
    yield "1010", "4300", part(revenue, rnd.randint(40, 90))
