"""Folders of groups that buy, told as tables, and closed month after month."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.money import parse_amount, plain
from monthclose.ledger.periods import Period
from tests.groupfolder.folders import put

IN_2025 = [f"2025-{month:02d}" for month in range(1, 13)]
IN_2026 = ["2026-01", "2026-02", "2026-03"]

CHART = """code,name,class,role
1010,Cash,asset,
1510,Acquired intangibles,asset,
1515,Accumulated amortisation,asset,
1700,Investments,asset,
2010,Payables,liability,
2500,Deferred tax,liability,deferred_tax
3000,Capital,share_capital,
3310,Result before acquisition,retained_earnings,result_before
4000,Revenue,income,
6000,Expenses,expense,
6210,Amortisation of step-ups,expense,
6220,Impairment of goodwill,expense,goodwill_impairment
6230,Amortisation of goodwill,expense,goodwill_amortisation
6910,Deferred tax,expense,deferred_tax_result
"""


def settings(presentation: str = "USD", first: str = "", year_end: int = 12) -> str:
    """`group.toml` of a group."""
    lines = ["[group]", 'code = "G"', 'name = "Group"', f"fiscal_year_end = {year_end}"]
    lines.append(f'presentation_currency = "{presentation}"')
    if first:
        lines.append(f'first_period = "{first}"')
    return "\n".join([*lines, ""])


def months(first: str, last: str) -> list[str]:
    """Every month from the first to the last."""
    period, found = Period.parse(first), []
    while str(period) <= last:
        found.append(str(period))
        period = period.plus(1)
    return found


def rates(given: Mapping[str, tuple[str, str]], *others: str) -> str:
    """`rates.csv`: closing and average of each month, dollars for one real; and other rows."""
    rows = [
        f"{month},BRL,USD,{value},{kind},by hand"
        for month, pair in given.items()
        for value, kind in zip(pair, ("closing", "average"), strict=True)
    ]
    return "\n".join(["date,base,quote,value,kind,source", *rows, *others, ""])


def write(folder: Path, tables: Mapping[str, str]) -> Path:
    """Write a folder from its files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        put(folder, name, text)
    return folder


def put_balances(
    folder: Path, company: str, standing: Mapping[str, str], when: Iterable[str]
) -> None:
    """Add a company to the balances of some months; cash takes what its accounts leave."""
    cash = -sum(map(parse_amount, standing.values()))
    for month in when:
        file = folder / "balances" / f"{month}.csv"
        file.parent.mkdir(exist_ok=True)
        text = file.read_text("utf-8") if file.exists() else "entity,account,closing\n"
        lines = [f"{company},1010,{plain(cash)}"]
        lines += [f"{company},{account},{amount}" for account, amount in standing.items()]
        file.write_text(text + "\n".join(lines) + "\n", "utf-8")


def abroad_in(path: Path) -> Path:
    """
    P in dollars buys 80 % of S in reais on 1 January 2025 for 1,200.00 reais, at 0.20.

    S has capital of 1,000.00 and customers worth 360.00, over 24 months, taxed at 34 %.
    It earns 100.00 in January of each year. 50.00 of the goodwill are lost on 10 February 2026.
    """
    given = dict.fromkeys(IN_2025[:-1], ("0.22", "0.22")) | {"2025-12": ("0.25", "0.22")}
    given |= dict.fromkeys(IN_2026, ("0.23", "0.24"))
    folder = write(
        path / "abroad",
        {
            "group.toml": settings(),
            "entities.csv": "code,name,currency,method\nP,P Inc.,USD,parent\nS,S Ltda.,BRL,full\n",
            "chart.csv": CHART,
            "ownership.csv": "holder,investee,percent\nP,S,80\n",
            "rates.csv": rates(
                given,
                "2025-01-01,BRL,USD,0.20,historical,by hand",
                "2026-02-10,BRL,USD,0.245,historical,by hand",
            ),
            "acquisitions.csv": "id,acquirer,target,date,kind,consideration,investment_account,"
            "investment,nci,nci_percent,share_capital,tax_rate_pct\n"
            "ACQ-S,P,S,2025-01-01,purchase,1200.00,1700,240.00,proportionate,20,-1000.00,34\n",
            "step_ups.csv": "acquisition,id,name,amount,life,asset_account,accumulated_account,"
            "expense_account\nACQ-S,CUST,Customers,360.00,24,1510,1515,6210\n",
            "events.csv": "date,kind,entity,amount,reference\n"
            "2026-02-10,impairment,S,50.00,ACQ-S\n",
        },
    )
    put_balances(folder, "P", {"1700": "240.00", "3000": "-500.00"}, IN_2025 + IN_2026)
    put_balances(folder, "S", {"3000": "-1000.00", "4000": "-100.00"}, IN_2025)
    put_balances(folder, "S", {"3000": "-1000.00", "3300": "-100.00", "4000": "-100.00"}, IN_2026)
    return folder


def close(folder: Path, when: Iterable[str]) -> dict[str, Book]:
    """Close months one after the other; no check of any may find anything that blocks."""
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    books: dict[str, Book] = {}
    last: Book | None = None
    for month in when:
        book = books[month] = engine.consolidate(month)
        blocking = validate(book, last.left() if last else None).blocking
        assert [f"{month} {b.check} {b.code} {b.subject}" for b in blocking] == []
        last = book
    return books


def figures(book: Book, *accounts: str) -> dict[str, str]:
    """Consolidated accounts before closing, debit positive."""
    return {account: plain(book.figure(account)) for account in accounts}
