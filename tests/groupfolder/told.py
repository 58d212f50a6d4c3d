"""Groups told as a folder, table by table, and their months closed one after the other."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import GroupFolder, read_group
from monthclose.ledger.book import Book
from monthclose.ledger.money import plain

SETTINGS = """[group]
code = "G"
name = "Group"
presentation_currency = "{currency}"
"""


def tell(folder: Path, settings: str = "", currency: str = "USD", **tables: str) -> Path:
    """
    Write a folder: each table as text, the months of a monthly one by month.

    A table `balances` holds all months: its first column is `period`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "group.toml").write_text(SETTINGS.replace("{currency}", currency) + settings, "utf-8")
    for name, text in tables.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        if name not in ("balances", "intercompany"):
            (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), "utf-8")
            continue
        (folder / name).mkdir(exist_ok=True)
        header = lines[0].split(",", 1)[1]
        by_month: dict[str, list[str]] = {}
        for line in lines[1:]:
            period, rest = line.split(",", 1)
            by_month.setdefault(period, [header]).append(rest)
        for period, rows in by_month.items():
            (folder / name / f"{period}.csv").write_text("\n".join([*rows, ""]), "utf-8")
    return folder


def books(entity: str, months: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Lines of `balances` of a company: by month, what each account holds; none: the rest."""
    lines = []
    for period, accounts in months.items():
        lines += [f"{period},{entity},{account},{held}" for account, held in accounts.items()]
    return lines


def balances(*companies: Iterable[str]) -> str:
    """The table `balances` of several companies."""
    return "\n".join(
        ["period,entity,account,closing", *(line for each in companies for line in each)]
    )


def closed(folder: Path | GroupFolder, *, clean: bool = True) -> dict[str, Book]:
    """
    Close every month of a folder, each against what the one before left.

    Args:
        folder: The folder, or what was read from it.
        clean: Whether no check may block.
    """
    found = read_group(folder) if isinstance(folder, Path) else folder
    assert found.unused == ()
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    made: dict[str, Book] = {}
    last = None
    for period in found.periods:
        book = engine.consolidate(period)
        blocking = [str(each) for each in validate(book, last).blocking]
        assert not (clean and blocking), (period, blocking)
        made[period], last = book, book.left()
    return made


def entry(book: Book, name: str) -> dict[str, str]:
    """An entry by its id: what it does to each account, debit positive."""
    found = next(each for each in book.entries if each.id == name)
    sums: dict[str, int] = {}
    for line in found.lines:
        sums[line.account] = sums.get(line.account, 0) + line.amount
    return {account: plain(amount) for account, amount in sums.items()}


def sheet(book: Book) -> dict[str, str]:
    """The consolidated balance sheet, debit positive, accounts that hold something."""
    pairs = zip(book.chart.codes, book.closed.tolist(), strict=True)
    return {account: plain(amount) for account, amount in pairs if amount}
