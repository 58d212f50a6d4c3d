"""
Four listed Brazilian software groups in US dollars: 2019, quarter by quarter.

What this script decides, because the data does not say it:

- **Balances.** Each quarter-end is one trial balance of one company in reais, built from the
  published lines. A line that the source calls "ND" is nil: what it holds is in the line it
  would have been taken out of (depreciation in other operating expense).
- **Source rounding.** The source prints two decimals of a million, so its lines miss their
  totals by up to 0.03 million. What the position and the result are out by goes to an account
  of its own, named for that. The product gets a balance that sums to zero, or none.
- **Rates.** PTAX, sell. A quarter's average is the mean of its published days at ten decimals,
  and the result of a quarter, published alone, takes that of its quarter. The daily series
  begins on 2 January 2019: its first quote opens the year in place of 31 December 2018.
- **Equity.** What stood on 31 December 2018 is carried forward at the opening rate, with a CTA
  of nil: the history behind it is not known. What equity moved by in a quarter beside the
  result (capital, dividends, treasury shares, outsiders) is published in total only, and is a
  flow at the quarter's average. It stands in an account of its own.
- **Consolidated and parent only** are two readings of one group, each closed as one company.
  Outsiders are inside the consolidated equity; the source has no line for them.

Run it: `python -m tests.real.software_groups [FOLDER]`.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import OpeningBalance
from monthclose.ledger.balances import (
    Basis,
    CarriedForward,
    Gap,
    Layer,
    Layers,
    MonthAmount,
    Monthly,
    OpeningPosition,
    PeriodRates,
    Treatment,
    TrialBalance,
)
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.findings import Validation
from monthclose.ledger.group import Group
from monthclose.ledger.money import parse_amount, round_ratio, write_amount
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, RateTable, convert_one, mean_of, parse_rate

SHARED = Path(__file__).resolve().parents[3] / "shared"
STATEMENTS = Path("data", "br_software_groups", "statements_2010_2019.csv")
PTAX = Path("data", "ptax", "ptax_usd_daily_2019_2025.csv")

GROUPS = ("TOTVS", "LINX", "LOCAWEB", "SINQIA")
BASES = ("consolidated", "parent_only")
YEAR, OPENED = "2019", "2018Q4"
FUNCTIONAL, PRESENTATION = "BRL", "USD"
MILLION = 10**6

EQUITY, MOVED, CTA = "3300", "3310", "3400"
REVENUE = "4000"
ROUNDED_POSITION, ROUNDED_RESULT = "9980", "9990"

ACCOUNTS = (
    Account("1110", "Cash", AccountClass.ASSET, cash=True),
    Account("1120", "Short-term investments", AccountClass.ASSET),
    Account("1190", "Other current assets", AccountClass.ASSET),
    Account("1500", "Non-current assets", AccountClass.ASSET),
    Account("2110", "Short-term debt", AccountClass.LIABILITY),
    Account("2190", "Other current liabilities", AccountClass.LIABILITY),
    Account("2510", "Long-term debt", AccountClass.LIABILITY),
    Account("2590", "Other non-current liabilities", AccountClass.LIABILITY),
    Account(EQUITY, "Equity at the end of last year", AccountClass.RETAINED_EARNINGS),
    Account(MOVED, "Equity moved beside the result", AccountClass.APIC),
    Account(REVENUE, "Net revenue", AccountClass.INCOME),
    Account("5000", "Cost of revenue", AccountClass.EXPENSE),
    Account("5100", "Depreciation and amortisation", AccountClass.EXPENSE),
    Account("5200", "Other operating expense", AccountClass.EXPENSE),
    Account("6000", "Financial result", AccountClass.EXPENSE),
    Account("6100", "Income tax", AccountClass.EXPENSE),
    Account(ROUNDED_POSITION, "Source rounding, position", AccountClass.ASSET),
    Account(ROUNDED_RESULT, "Source rounding, result", AccountClass.EXPENSE),
)


@dataclass(frozen=True)
class Published:
    """
    Statements of one group on one basis: centavos, in the signs of the source.

    Attributes:
        group: Its name in the source.
        basis: Consolidated or parent only.
        lines: By statement, period and line.
    """

    group: str
    basis: str
    lines: dict[tuple[str, str, str], int]

    def sheet(self, period: str, line: str) -> int:
        """A line of a balance sheet."""
        return self.lines["balance_sheet", period, line]

    def income(self, period: str, line: str) -> int:
        """A line of an income statement; nil when the source has none."""
        return self.lines.get(("income_statement", period, line), 0)

    def position(self, period: str) -> dict[str, int]:
        """Assets and liabilities of a quarter-end, debit positive, with their rounding."""

        def line(name: str) -> int:
            return self.sheet(period, name)

        lines = {
            "1110": line("cash"),
            "1120": line("short_term_investments"),
            "1190": line("current_assets") - line("cash") - line("short_term_investments"),
            "1500": line("noncurrent_assets"),
            "2110": -line("short_term_debt"),
            "2190": line("short_term_debt") - line("current_liabilities"),
            "2510": -line("long_term_debt"),
            "2590": line("long_term_debt") - line("noncurrent_liabilities"),
        }
        return {**lines, ROUNDED_POSITION: line("equity") - sum(lines.values())}

    def result(self, period: str) -> dict[str, int]:
        """Income and expense of a quarter, debit positive, with their rounding."""

        def line(name: str) -> int:
            return self.income(period, name)

        depreciation = line("depreciation_amortisation")
        lines = {
            REVENUE: -line("net_revenue"),
            "5000": line("net_revenue") - line("gross_profit"),
            "5100": depreciation,
            "5200": line("gross_profit") - line("ebit") - depreciation,
            "6000": -line("financial_result"),
            "6100": line("profit_before_tax") - line("net_income"),
        }
        return {**lines, ROUNDED_RESULT: -line("net_income") - sum(lines.values())}

    def moved(self, period: str, before: str) -> int:
        """What equity moved by in a quarter beside its result; an increase is positive."""
        change = self.sheet(period, "equity") - self.sheet(before, "equity")
        return change - self.income(period, "net_income")


@dataclass(frozen=True)
class Ptax:
    """Sell quotes of every published day, oldest first: reais for one dollar."""

    days: tuple[Quote, ...]

    @cached_property
    def table(self) -> RateTable:
        """The same as the rates of a group."""
        return RateTable(self.days)

    @property
    def opening(self) -> Quote:
        """The first quote there is, which opens the year."""
        return self.days[0]

    def closing(self, period: str) -> Quote | None:
        """The last quote on or before the end of a quarter."""
        return self.table.closing(FUNCTIONAL, PRESENTATION, last_month(period).last_day)

    def average(self, period: str) -> Quote:
        """The mean of the days of a quarter."""
        last = last_month(period)
        months = [str(last.plus(-step)) for step in range(3)]
        return mean_of([day for day in self.days if day.on[:7] in months], period)


def last_month(period: str) -> Period:
    """The month a quarter ends with: `2019Q3` ends with September."""
    return Period(int(period[:4]), 3 * int(period[-1]))


def quarters(count: int) -> list[str]:
    """The first quarters of the year, in order."""
    return [f"{YEAR}Q{number}" for number in range(1, count + 1)]


def table(path: Path) -> Iterator[dict[str, str]]:
    """Read a CSV file row by row."""
    yield from csv.DictReader(path.read_text("utf-8").splitlines())


@cache
def read_ptax(shared: Path) -> Ptax:
    """Read every sell quote."""
    return Ptax(
        tuple(
            Quote(
                PRESENTATION,
                FUNCTIONAL,
                parse_rate(row["brl_per_usd_sell"]),
                RateKind.DAILY,
                row["date"],
                "Banco Central do Brasil, PTAX sell",
            )
            for row in table(shared / PTAX)
        )
    )


@cache
def read_statements(shared: Path) -> dict[tuple[str, str], Published]:
    """Read the balance sheets and income statements, by group and basis."""
    lines: dict[tuple[str, str], dict[tuple[str, str, str], int]] = {}
    for row in table(shared / STATEMENTS):
        key = (row["statement"], row["period"], row["line"])
        # Two decimals of a million reais are hundredths of a million: exact in centavos.
        amount = parse_amount(row["brl_millions"]) * MILLION
        lines.setdefault((row["group"], row["basis"]), {})[key] = amount
    return {key: Published(*key, found) for key, found in lines.items()}


def balance_of(source: Published, count: int) -> TrialBalance:
    """The trial balance after so many quarters, result to date, before closing."""
    periods = quarters(count)
    lines = source.position(periods[-1])
    lines[EQUITY] = -source.sheet(OPENED, "equity")
    lines[MOVED] = -sum(
        source.moved(period, before)
        for before, period in zip([OPENED, *periods], periods, strict=False)
    )
    for period in periods:
        for account, amount in source.result(period).items():
            lines[account] = lines.get(account, 0) + amount
    return TrialBalance(
        entity=source.group,
        period=str(last_month(periods[-1])),
        currency=FUNCTIONAL,
        accounts=tuple(sorted(lines)),
        amounts=np.array([lines[account] for account in sorted(lines)], dtype=np.int64),
        basis=Basis.DERIVED,
        gaps=(Gap("outsiders", "inside equity: the source has no line for them"),),
    )


def rates_of(source: Published, ptax: Ptax, count: int) -> PeriodRates:
    """Closing rate of the last quarter, and the rates of what the year brought."""
    periods = quarters(count)
    opened = -source.sheet(OPENED, "equity")
    treatments: dict[str, Treatment] = {
        EQUITY: CarriedForward(convert_one(opened, ptax.opening, FUNCTIONAL, PRESENTATION)),
        MOVED: Layers(
            tuple(
                Layer(
                    -source.moved(period, before),
                    ptax.average(period),
                    f"moved in equity {period}",
                    flow=True,
                )
                for before, period in zip([OPENED, *periods], periods, strict=False)
            )
        ),
    }
    by_quarter = {period: source.result(period) for period in periods}
    for account in by_quarter[periods[0]]:
        treatments[account] = Monthly(
            tuple(
                MonthAmount(period, result[account], ptax.average(period))
                for period, result in by_quarter.items()
            )
        )
    month = last_month(periods[-1])
    return PeriodRates(
        presentation=PRESENTATION,
        opening=ptax.opening,
        # Nothing takes it, every line of the result having its quarter's; V9 wants it there.
        average=ptax.table.average(FUNCTIONAL, PRESENTATION, month),
        closing=ptax.closing(periods[-1]),
        treatments=treatments,
    )


@dataclass(frozen=True)
class Closed:
    """One group on one basis after so many quarters: what went in, the close, its checks."""

    source: Published
    ptax: Ptax
    balance: TrialBalance
    book: Book
    validation: Validation

    def reais(self, account: str) -> int:
        """An account before translating, debit positive."""
        return int(self.balance.amounts[self.balance.accounts.index(account)])


def close(source: Published, ptax: Ptax, count: int = 4) -> Closed:
    """Close one group on one basis after *count* quarters of the year."""
    group, opened = source.group, source.sheet(OPENED, "equity")
    balance, rates = balance_of(source, count), rates_of(source, ptax, count)
    carried = convert_one(-opened, ptax.opening, FUNCTIONAL, PRESENTATION)
    described = Group(
        code=group,
        name=f"{group}, {source.basis.replace('_', ' ')}",
        presentation=PRESENTATION,
        chart=chart_of(ACCOUNTS),
        entities=(Entity(group, group, FUNCTIONAL, Method.PARENT),),
        rates=ptax.table,
        openings=(
            OpeningBalance(group, EQUITY, -opened, carried),
            OpeningBalance(group, CTA, None, 0),
        ),
        first_period=f"{YEAR}-01",
    )
    engine = ConsolidationEngine(described)
    engine.load_trial_balance(balance)
    facts = PeriodFacts(
        period=balance.period,
        rates={group: rates},
        openings={group: OpeningPosition(group, opened, ptax.opening, 0)},
    )
    book = engine.consolidate(balance.period, facts)
    return Closed(source, ptax, balance, book, validate(book))


@cache
def closed_from(shared: Path, group: str, basis: str, count: int = 4) -> Closed:
    """Read and close one group on one basis once, whoever asks."""
    return close(read_statements(shared)[group, basis], read_ptax(shared), count)


def millions(minor: int) -> str:
    """Write hundredths as millions with two decimals, rounded once."""
    return write_amount(round_ratio(minor, MILLION))


HEADS = (
    "group",
    "basis",
    "revenue BRL",
    "revenue USD",
    "net income BRL",
    "net income USD",
    "assets USD",
    "equity BRL",
    "equity USD",
    "CTA USD",
    "proof USD",
    "moved BRL",
    "9980 BRL",
    "9990 BRL",
    "blocking",
    "score",
)


def row(group: str, basis: str, closed: Closed) -> tuple[str, ...]:
    """Print one group on one basis: natural signs, millions."""
    totals = closed.book.totals
    (translation,) = closed.book.translations
    last = quarters(4)[-1]
    return (
        group,
        basis.replace("_", " "),
        millions(-closed.reais(REVENUE)),
        millions(-closed.book.figure(REVENUE)),
        millions(sum(closed.source.income(each, "net_income") for each in quarters(4))),
        millions(totals.net_income),
        millions(totals.total_assets),
        millions(closed.source.sheet(last, "equity")),
        millions(totals.total_equity),
        millions(translation.cta.movement),
        millions(translation.proof().total),
        millions(-closed.reais(MOVED)),
        millions(closed.reais(ROUNDED_POSITION)),
        millions(closed.reais(ROUNDED_RESULT)),
        str(len(closed.validation.blocking)),
        str(closed.validation.score),
    )


def main(shared: Path) -> None:
    """Print the rates, a line a group and basis, and what parts the two bases."""
    ptax = read_ptax(shared)
    write = sys.stdout.write
    write(f"PTAX sell, opening {ptax.opening.on}: {ptax.opening.value}\n")
    for period in quarters(4):
        closing = ptax.closing(period)
        shown = f"{closing.value} of {closing.on}" if closing else "none"
        write(f"{period}: average {ptax.average(period).value}, closing {shown}\n")
    lines: list[tuple[str, ...]] = [HEADS]
    for group in GROUPS:
        lines += [row(group, basis, closed_from(shared, group, basis)) for basis in BASES]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
    write("\n")
    for line in lines:
        cells = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        write("  ".join(cells) + "\n")
    write("\nEquity, consolidated less parent only (outsiders):\n")
    for group in GROUPS:
        whole, parent = (closed_from(shared, group, basis) for basis in BASES)
        last = quarters(4)[-1]
        reais = whole.source.sheet(last, "equity") - parent.source.sheet(last, "equity")
        dollars = whole.book.totals.total_equity - parent.book.totals.total_equity
        write(f"{group:>8}  BRL {millions(reais)} million, USD {millions(dollars)} million\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED)
