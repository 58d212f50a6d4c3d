"""Groups with changes of ownership, told as folders: tables written line by line."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book, LastClose
from monthclose.ledger.findings import Finding
from monthclose.ledger.periods import Period

CHART = (
    "code,name,class,cash,role",
    "1010,Cash,asset,yes,",
    "1100,Receivables,asset,,",
    "1300,Other assets,asset,,",
    "1400,Plant,asset,,",
    "1700,Investments,asset,,",
    "2010,Payables,liability,,",
    "2200,Other liabilities,liability,,",
    "2300,Borrowings,liability,,",
    "3000,Capital,share_capital,,",
    "3300,Retained earnings,retained_earnings,,retained_earnings",
    "4000,Revenue,income,,",
    "4510,Result of sales of companies,income,,",
    "6000,Expenses,expense,,",
)

type Lines = Mapping[str, str]
"""A balance: amount by account, debit positive."""


def months(first: str, count: int) -> list[str]:
    """So many months from the first on."""
    return [str(Period.parse(first).plus(each)) for each in range(count)]


def tell(
    folder: Path,
    balances: Mapping[str, Mapping[str, Lines]],
    *,
    first_period: str,
    presentation: str = "USD",
    chart: Iterable[str] = CHART,
    **tables: Iterable[str],
) -> Path:
    """
    Write a folder.

    Args:
        folder: Where.
        balances: By month, company and account.
        first_period: First month closed.
        presentation: Currency of the report.
        chart: Lines of the chart, its header first.
        tables: Lines of every other table, each with its header first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "group.toml").write_text(
        '[group]\ncode = "TOLD"\nname = "Told"\n'
        f'presentation_currency = "{presentation}"\nfirst_period = "{first_period}"\n'
        'language = "en"\n',
        "utf-8",
    )
    for name, lines in ({"chart": chart} | tables).items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "balances").mkdir(exist_ok=True)
    for period, companies in balances.items():
        with (folder / "balances" / f"{period}.csv").open("w", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["entity", "account", "closing"])
            for code, lines in companies.items():
                table.writerows([code, account, amount] for account, amount in lines.items())
    return folder


class Closes:
    """Closes months of a folder, each held against the one before."""

    def __init__(self, folder: Path) -> None:
        read = read_group(folder)
        self.unused = read.unused
        self.engine = ConsolidationEngine(read.group)
        for balance in read.balances:
            self.engine.load_trial_balance(balance)

    def book(self, period: str) -> Book:
        """The book of a month."""
        return self.engine.consolidate(period)

    def findings(self, periods: Iterable[str]) -> list[Finding]:
        """What the checks find of months in a row, each with the close before it."""
        last: LastClose | None = None
        found: list[Finding] = []
        for period in periods:
            book = self.book(period)
            found += validate(book, last).blocking
            last = book.left()
        return found


def cents(text: str) -> int:
    """`1234.56` as minor units."""
    return int(text.replace(".", ""))
