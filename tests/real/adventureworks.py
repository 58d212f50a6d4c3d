"""
AdventureWorks: two fiscal years of a group with eight organisations and three currencies.

What this script decides, because the data does not say it:

- **Months.** A posting between the 27th and the 1st closes the month of five days before.
  The rates of the posting day and of the days since the posting before are filed under that
  month, also when the posting is of the 1st of the next one.
- **Year-end days.** 28 December 2011 and 27 December 2012 move amounts between accounts of the
  year just ended, with no result. They are added to its November.
- **Equity.** 3010 and 3540 stand in the first posting of a year only; in the others 3020 takes
  their place as well. Both are kept through the year, and 3020 is what the three add up to less
  the two: total equity is the source's. Retained earnings then have a history (3540 of year 2
  is that of year 1 and its result); 3020 has none.
- **What 3020 does** is unknown: paid in, paid out, or moved within the group. Its change is a
  flow of the month at the month's average, as the result is.
- **Openings.** Before the first posting there are neither books nor rates. Equity before the
  first month's result opens at the closing rate of the first posting, and the CTA at nil.
- **Joining.** France and Germany are in the group from their first posting. What they bring
  is a flow of that month, at the closing rate: the only day they are known to have had it.
- **Holding.** The nodes of the tree have no facts. One node without lines holds every
  organisation directly, with the shares multiplied along the tree.

Run it: `python -m tests.real.adventureworks [FOLDER]`.
"""

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, Chart, Roles, chart_of
from monthclose.ledger.acquisitions import Contribution, OpeningBalance
from monthclose.ledger.balances import Basis, TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import SHARE_UNIT, Entity, Interest, Method
from monthclose.ledger.findings import Validation
from monthclose.ledger.group import Group
from monthclose.ledger.money import parse_amount, rounded, write_amount
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.rates import QUOTE_UNIT, Quote, RateKind, RateTable, convert_one, mean_of

SHARED = Path(__file__).resolve().parents[3] / "shared"
FOLDER = Path("data", "adventureworks_finance")

PRESENTATION = "USD"
NODE = "AW"
YEAR = FiscalYear(end_month=11)
DEBIT = {"Assets": 1, "Expenditures": 1, "Liabilities": -1, "Revenue": -1}
"""Side of each kind of account; the other kinds hold no money."""

YEAR_END_DAYS = {"20111228": Period(2011, 11), "20121227": Period(2012, 11)}
CAPITAL, PAID_IN, RETAINED, RESULT_TO_DATE = "3010", "3020", "3540", "3550"
INTERCOMPANY = {"1185": "AR", "2340": "AP", "4500": "REV"}
CASH = frozenset({"1110"})

# 4200 and 4500 are sales here, so what the close itself books goes elsewhere.
ROLES = Roles(
    cta="3900",
    nci="3950",
    retained_earnings=RETAINED,
    dividends="3560",
    goodwill="1400",
    bargain_gain="8090",
    dividend_income="8095",
    difference_position="1990",
    difference_result="6990",
)


@dataclass
class Source:
    """
    The files as they are, money in cents, debit positive.

    Attributes:
        lines: By posting day, organisation and account.
        rows: Rows and sum of `Amount`, by scenario and kind of account.
        quotes: AverageRate and EndOfDayRate by currency and day, at ten decimals.
        accounts: Rows of the chart, by code.
        organisations: Rows of the tree, by key.
        currencies: ISO code by key.
    """

    lines: dict[tuple[str, str, str], int] = field(default_factory=dict)
    rows: dict[tuple[str, str], tuple[int, Decimal]] = field(default_factory=dict)
    quotes: dict[tuple[str, str], tuple[Quote, Quote]] = field(default_factory=dict)
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    organisations: dict[str, dict[str, str]] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)

    @property
    def members(self) -> list[str]:
        """Organisations with facts, in order of their key."""
        return sorted({org for _, org, _ in self.lines}, key=int)

    def currency(self, org: str) -> str:
        """Currency of an organisation."""
        return self.currencies[self.organisations[org]["CurrencyKey"]]

    def share(self, org: str) -> Fraction:
        """The group's share: those of the tree, multiplied upwards."""
        row = self.organisations[org]
        above = row["ParentOrganizationKey"]
        return Fraction(row["PercentageOfOwnership"]) * (self.share(above) if above else 1)


def table(path: Path) -> Iterator[dict[str, str]]:
    """Read a CSV file, plain or compressed, row by row."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    yield from csv.DictReader(text.decode("utf-8").splitlines())


def read(folder: Path) -> Source:
    """Read the actual figures, and count the budget's."""
    source = Source()
    by_key = {row["AccountKey"]: row for row in table(folder / "dim_account.csv")}
    source.accounts = {row["AccountCodeAlternateKey"]: row for row in by_key.values()}
    source.organisations = {
        row["OrganizationKey"]: row for row in table(folder / "dim_organization.csv")
    }
    source.currencies = {
        row["CurrencyKey"]: row["CurrencyAlternateKey"]
        for row in table(folder / "dim_currency.csv")
    }
    scenarios = {
        row["ScenarioKey"]: row["ScenarioName"] for row in table(folder / "dim_scenario.csv")
    }
    for row in table(folder / "fact_finance_fy1_fy2.csv.gz"):
        account, scenario = by_key[row["AccountKey"]], scenarios[row["ScenarioKey"]]
        counted = (scenario, account["AccountType"])
        rows, amount = source.rows.get(counted, (0, Decimal(0)))
        source.rows[counted] = rows + 1, amount + Decimal(row["Amount"])
        side = DEBIT.get(account["AccountType"])
        if scenario == "Actual" and side:
            key = (row["DateKey"], row["OrganizationKey"], account["AccountCodeAlternateKey"])
            amount_minor = side * parse_amount(row["Amount"])
            source.lines[key] = source.lines.get(key, 0) + amount_minor
    for row in table(folder / "fact_currency_rate.csv.gz"):
        currency, day = source.currencies[row["CurrencyKey"]], row["DateKey"]
        if currency != PRESENTATION:
            on = f"{day[:4]}-{day[4:6]}-{day[6:]}"
            average, closing = (
                Quote(
                    currency,
                    PRESENTATION,
                    rounded(Fraction(row[column]) * QUOTE_UNIT),
                    kind,
                    on,
                    f"AdventureWorks {column}",
                )
                for column, kind in (
                    ("AverageRate", RateKind.DAILY),
                    ("EndOfDayRate", RateKind.CLOSING),
                )
            )
            source.quotes[currency, day] = average, closing
    return source


def month_of(day: str) -> Period:
    """The month a posting closes: that of five days before."""
    posted = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    return Period.of(posted - timedelta(days=5))


class Years:
    """Two fiscal years of the source as trial balances, rates and equity movements."""

    def __init__(self, source: Source) -> None:
        self.source = source
        days = sorted({day for day, _, _ in source.lines} - YEAR_END_DAYS.keys())
        self.postings = {month_of(day): day for day in days}
        self.months = tuple(self.postings)
        self._posted: dict[tuple[Period, str], dict[str, int]] = defaultdict(dict)
        for (day, org, account), amount in source.lines.items():
            sums = self._posted[YEAR_END_DAYS.get(day) or month_of(day), org]
            sums[account] = sums.get(account, 0) + amount

    def first_month(self, org: str) -> Period:
        """The first month an organisation has a posting in."""
        return min(month for month, known in self._posted if known == org)

    def equity(self, org: str, month: Period) -> dict[str, int]:
        """
        3010, 3020 and 3540 before the result of the year, debit positive.

        The Northeast Division in year 1: 3010 is 350,000.00 and 3540 423,790.50 in December,
        and both are nil in January, when 3020 is -89,958.00. With 3010 and 3540 kept, 3020 of
        January is -89,958.00 - 350,000.00 - 423,790.50 = -863,748.50.
        """
        posted = self._posted[month, org]
        first = self._posted[max(YEAR.start(month), self.first_month(org)), org]
        whole = sum(posted.get(account, 0) for account in (CAPITAL, PAID_IN, RETAINED))
        # What a year-end day puts on 3010 stands in that November only.
        kept = {
            CAPITAL: posted.get(CAPITAL) or first.get(CAPITAL, 0),
            RETAINED: first.get(RETAINED, 0),
        }
        return {**kept, PAID_IN: whole - sum(kept.values())}

    def balance(self, org: str, month: Period) -> TrialBalance:
        """One organisation's month before closing: position of the day, result to date."""
        lines = {
            account: amount
            for account, amount in self._posted[month, org].items()
            if account < "4" and account not in (CAPITAL, PAID_IN, RETAINED, RESULT_TO_DATE)
        }
        lines |= self.equity(org, month)
        for each in YEAR.to_date(month):
            for account, amount in self._posted.get((each, org), {}).items():
                if account >= "4":
                    lines[account] = lines.get(account, 0) + amount
        accounts = tuple(sorted(account for account, amount in lines.items() if amount))
        return TrialBalance(
            entity=code(org),
            period=str(month),
            currency=self.source.currency(org),
            accounts=accounts,
            amounts=np.array([lines[account] for account in accounts], dtype=np.int64),
            basis=Basis.DERIVED,
        )

    def closing(self, currency: str, month: Period) -> Quote:
        """EndOfDayRate of the posting day, filed under the month."""
        quote = self.source.quotes[currency, self.postings[month]][1]
        source = f"{quote.source} of {quote.on}"
        return Quote(currency, PRESENTATION, quote.value_e10, RateKind.CLOSING, str(month), source)

    def average(self, currency: str, month: Period) -> Quote:
        """The mean of AverageRate from the day after the posting before to the posting day."""
        until = self.postings[month]
        after = self.postings.get(month.plus(-1), "")
        days = [
            average
            for (known, day), (average, _) in sorted(self.source.quotes.items())
            if known == currency and after < day <= until
        ]
        return mean_of(days, str(month))

    def rates(self) -> RateTable:
        """Closing and average of every month, and an opening rate: the first closing."""
        quotes: list[Quote] = []
        for currency in sorted({self.source.currency(org) for org in self.source.members}):
            if currency == PRESENTATION:
                continue
            first = self.closing(currency, self.months[0])
            quotes.append(
                Quote(
                    currency,
                    PRESENTATION,
                    first.value_e10,
                    RateKind.CLOSING,
                    str(self.months[0].plus(-1)),
                    f"{first.source}: none is older",
                )
            )
            for month in self.months:
                quotes += [self.closing(currency, month), self.average(currency, month)]
        return RateTable(tuple(quotes))

    def openings(self, org: str) -> Iterator[OpeningBalance]:
        """Equity before the first month's result, at the first closing rate; CTA nil."""
        currency, first = self.source.currency(org), self.months[0]
        if currency == PRESENTATION or self.first_month(org) != first:
            return
        quote = self.closing(currency, first)
        for account, amount in self.equity(org, first).items():
            translated = convert_one(amount, quote, currency, PRESENTATION)
            yield OpeningBalance(code(org), account, amount, translated)
        yield OpeningBalance(code(org), ROLES.cta, None, 0)

    def contributions(self, org: str) -> Iterator[Contribution]:
        """Each month's change of 3010 and 3020, for organisations whose equity is translated."""
        currency, first = self.source.currency(org), self.first_month(org)
        if currency == PRESENTATION:
            return
        joins = first != self.months[0]
        was = dict.fromkeys((CAPITAL, PAID_IN), 0) if joins else self.equity(org, first)
        for month in self.months:
            if month < first:
                continue
            quote = self.average(currency, month)
            if joins and month == first:
                quote = self.closing(currency, month)
            now = self.equity(org, month)
            for account in (CAPITAL, PAID_IN):
                if moved := was[account] - now[account]:
                    yield Contribution(
                        code(org), account, moved, month.last_day, quote, f"{account} {month}"
                    )
            was = now


def code(org: str) -> str:
    """Short code of an organisation: `O08` is Canada."""
    return f"O{int(org):02d}"


def chart(source: Source) -> Chart:
    """The source's accounts that hold money, and those the close itself uses."""
    classes = {
        "Assets": AccountClass.ASSET,
        "Liabilities": AccountClass.LIABILITY,
        "Revenue": AccountClass.INCOME,
        "Expenditures": AccountClass.EXPENSE,
    }
    equity = {
        CAPITAL: AccountClass.SHARE_CAPITAL,
        PAID_IN: AccountClass.APIC,
        RETAINED: AccountClass.RETAINED_EARNINGS,
    }
    return chart_of(
        tuple(
            Account(
                number,
                row["AccountDescription"],
                equity.get(number) or classes[row["AccountType"]],
                intercompany=INTERCOMPANY.get(number, ""),
                cash=number in CASH,
            )
            for number, row in source.accounts.items()
            if row["AccountType"] in classes and len(number) == 4
        ),
        ROLES,
    )


def group_of(years: Years) -> Group:
    """The group: a node without lines, and eight organisations under it."""
    source, first = years.source, years.months[0]
    entities = [Entity(NODE, "AdventureWorks Cycle", PRESENTATION, Method.PARENT)]
    interests = []
    for org in source.members:
        joined = years.first_month(org)
        entities.append(
            Entity(
                code(org),
                source.organisations[org]["OrganizationName"],
                source.currency(org),
                first_period="" if joined == first else str(joined),
            )
        )
        interests.append(Interest(NODE, code(org), int(source.share(org) * SHARE_UNIT)))
    return Group(
        code="AW",
        name="AdventureWorks",
        presentation=PRESENTATION,
        chart=chart(source),
        entities=tuple(entities),
        interests=tuple(interests),
        rates=years.rates(),
        openings=tuple(row for org in source.members for row in years.openings(org)),
        contributions=tuple(row for org in source.members for row in years.contributions(org)),
        fiscal_year=YEAR,
        first_period=str(first),
    )


@dataclass(frozen=True)
class Closed:
    """
    One month of the group, closed and checked.

    Attributes:
        book: The close.
        validation: Its checks.
        chained: The same, with openings held against the close of the month before.
        members_before: Companies in the close of the month before, the node among them.
        net_income: Result of the month alone, owners and outsiders, cents.
    """

    book: Book
    validation: Validation
    chained: Validation
    members_before: tuple[str, ...]
    net_income: int


def close(years: Years) -> dict[str, Closed]:
    """Close the months in order, each held against the one before."""
    engine = ConsolidationEngine(group_of(years))
    empty = np.zeros(0, dtype=np.int64)
    for month in years.months:
        engine.load_trial_balance(TrialBalance(NODE, str(month), PRESENTATION, (), empty))
        for org in years.source.members:
            if month >= years.first_month(org):
                engine.load_trial_balance(years.balance(org, month))
    closed: dict[str, Closed] = {}
    last = None
    for month in years.months:
        book = engine.consolidate(str(month))
        earned = book.totals.net_income
        if last is not None and not YEAR.is_first(month):
            earned -= last.totals.net_income
        closed[str(month)] = Closed(
            book=book,
            validation=validate(book),
            chained=validate(book, last.left() if last else None),
            members_before=tuple(t.entity for t in last.translations) if last else (),
            net_income=earned,
        )
        last = book
    return closed


@cache
def closed_from(shared: Path) -> tuple[Years, dict[str, Closed]]:
    """Read and close the two years once, whoever asks."""
    years = Years(read(shared / FOLDER))
    return years, close(years)


COLUMNS = (
    "month",
    "members",
    "net income",
    "assets",
    "1185",
    "2340",
    "4500 to date",
    "outsiders",
    "CTA, owners",
    "blocking",
    "against last",
    "said",
    "score",
)


def row(month: str, closed: Closed) -> tuple[str, ...]:
    """Print one month: natural signs, US dollars."""
    book, totals = closed.book, closed.book.totals
    cta = -book.of_kind(AccountClass.CTA)
    blocking, findings = closed.validation.blocking, closed.validation.findings
    return (
        month,
        str(len(book.translations) - 1),
        write_amount(closed.net_income),
        write_amount(totals.total_assets),
        write_amount(book.figure("1185")),
        write_amount(-book.figure("2340")),
        write_amount(-book.figure("4500")),
        write_amount(totals.non_controlling_interests),
        write_amount(cta),
        str(len(blocking)),
        str(len(closed.chained.blocking)),
        str(len(findings) - len(blocking)),
        str(closed.validation.score),
    )


def main(shared: Path) -> None:
    """Print a line a month."""
    _, closed = closed_from(shared)
    lines = [COLUMNS, *(row(*each) for each in closed.items())]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    for line in lines:
        cells = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(cells) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED)
