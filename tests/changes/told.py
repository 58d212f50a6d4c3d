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


YEAR = months("2024-01", 12)


def sold_abroad(folder: Path) -> Path:
    """
    G18 as a folder: 80 % of S sold on 30 September, whose books of the year stand in September.

    The case knows one average for nine months; told month by month, everything S earned
    falls into September.
    """
    opening = {"3000": "-300000.00", "3300": "-260000.00"}
    assets = {"1100": "310000.00", "1400": "420000.00", "2010": "-90000.00"}
    assets |= {"2300": "-160000.00"}
    before = {"1010": "80000.00"} | assets | opening
    sold = {"1010": "152000.00"} | assets | opening
    sold |= {"4000": "-540000.00", "6000": "468000.00"}
    holder = {"1010": "110000.00", "1300": "150000.00", "2200": "-40000.00"}
    holder |= {"3000": "-200000.00", "3300": "-70000.00"}
    still = holder | {"1010": "80000.00", "1700": "80000.00"}
    since = holder | {"1010": "190000.00", "4510": "-30000.00"}
    ended = since | {"1010": "198000.00", "4000": "-60000.00", "6000": "52000.00"}
    balances = {period: {"P": still, "S": before} for period in YEAR[:8]}
    balances[YEAR[8]] = {"P": since, "S": sold}
    balances |= {period: {"P": since} for period in YEAR[9:11]}
    balances[YEAR[11]] = {"P": ended}
    rates = ["date,base,quote,value,kind", "2022-01-03,USD,BRL,5.60,historical"]
    rates += ["2023-12,USD,BRL,4.80,closing", "2024-09-30,USD,BRL,5.45,historical"]
    for period in YEAR[:8]:
        rates += [f"{period},USD,BRL,5.00,closing", f"{period},USD,BRL,5.00,average"]
    rates.append("2024-09,USD,BRL,5.20,average")
    return tell(
        folder,
        balances,
        first_period="2024-01",
        entities=["code,name,currency,method", "P,Parent,USD,parent", "S,Sold,BRL,full"],
        ownership=[
            "holder,investee,percent,from",
            "P,S,80,2022-01-03",
            "P,S,0,2024-09-30",
        ],
        rates=rates,
        openings=[
            "entity,account,functional,translated",
            "S,3000,-300000.00,-53571.43",
            "S,3300,-260000.00,-47214.29",
            "S,3400,,-15880.95",
            "S,3900,,-23333.33",
        ],
        acquisitions=[
            "id,acquirer,target,date,kind,consideration,consideration_currency,"
            "investment_account,investment,nci,nci_percent,share_capital,retained_earnings",
            "ACQ-S,P,S,2022-01-03,purchase,80000.00,USD,1700,80000.00,proportionate,20,"
            "-300000.00,-200000.00",
        ],
        changes=[
            "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account",
            "2024-09-30,disposal,S,P,80,110000.00,80000.00,30000.00,1700,4510",
        ],
    )


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
