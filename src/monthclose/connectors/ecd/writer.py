"""Files of the ECD that are made up: for tests and for trying the import out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from monthclose.ledger.periods import Period
from monthclose.ledger.sources import SourceAccount


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An entry of the books.

    Attributes:
        on: Its day.
        lines: Account and amount, minor units, debit positive; they sum to nil.
        closes: Whether it closes the result.
    """

    on: date
    lines: tuple[tuple[str, int], ...]
    closes: bool = False


@dataclass(frozen=True, slots=True)
class MadeBooks:
    """
    What a made-up file holds.

    Attributes:
        cnpj: Of the company, 14 characters.
        name: Of the company.
        months: In order, such as `2024-01`, without a gap.
        accounts: The chart, groups first.
        openings: Of the first month, minor units, debit positive, by account.
        entries: In order of days; the closing ones last of their month.
        results: Before closing, by month that closes, then by account, debit positive.
        centres: Cost centre among which an account's figures are split, by account.
        kind: Kind of book; only `G` carries its entries.
        layout: Of the file, 7 to 9.
        lines: Line of the filed statements, by account.
        statements: Records of the filed statements (J005, J100, J150), as they stand.
    """

    cnpj: str
    name: str
    months: tuple[str, ...]
    accounts: tuple[SourceAccount, ...]
    openings: Mapping[str, int]
    entries: Sequence[Entry]
    results: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    centres: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: str = "G"
    layout: int = 9
    lines: Mapping[str, str] = field(default_factory=dict)
    statements: Sequence[Sequence[str]] = ()


def write_ecd(made: MadeBooks) -> Iterator[bytes]:
    """Write a file line by line, its line break included."""
    count = 0
    for record in _records(made):
        count += 1
        yield encoded(record)
    yield encoded(("9999", str(count + 1)))


DASHES = str.maketrans("–—", "--")
"""ISO-8859-1 has no dash; whoever files a name with one writes a hyphen."""


def encoded(record: Sequence[str]) -> bytes:
    """Write one record: ISO-8859-1, bars, CRLF."""
    return f"|{'|'.join(record)}|\r\n".translate(DASHES).encode("latin-1")


def _records(made: MadeBooks) -> Iterator[Sequence[str]]:
    first, last = Period.parse(made.months[0]), Period.parse(made.months[-1])
    head = ["0000", "LECD", day(first.first_day), day(last.last_day), made.name, made.cnpj]
    head += ["SP", "", "3550308", "", "", "0", "0", "0", "", "0", "0", "", "N", "N"]
    yield head if made.layout == 7 else [*head, "0", "0", "1"]
    yield "0001", "0"
    yield "I001", "0"
    yield "I010", made.kind, f"{made.layout}.00"
    yield from _chart(made)
    balances = dict(made.openings)
    for month in made.months:
        yield from _month(made, month, balances)
    if made.kind == "G":
        for number, entry in enumerate(made.entries, 1):
            yield from _entry(entry, number)
    for month, results in made.results.items():
        yield "I350", day(Period.parse(month).last_day)
        for account, amount in results.items():
            for centre, part in _parts(made, account, amount):
                yield "I355", account, centre, *signed(part)
    yield "I990", "0"
    yield from made.statements
    yield "9001", "0"


def _chart(made: MadeBooks) -> Iterator[Sequence[str]]:
    for account in made.accounts:
        kind = "A" if account.posting else "S"
        level = "2" if account.parent else "1"
        yield (
            "I050",
            "01012020",
            account.nature,
            kind,
            level,
            account.code,
            account.parent,
            account.name,
        )
        if account.referential:
            chart = ("1",) if made.layout == 7 else ()
            yield "I051", *chart, "", account.referential
        if line := made.lines.get(account.code):
            yield "I052", "", line


def _month(made: MadeBooks, month: str, balances: dict[str, int]) -> Iterator[Sequence[str]]:
    """Write a month's balances, and carry *balances* to its end."""
    period = Period.parse(month)
    yield "I150", day(period.first_day), day(period.last_day)
    debits: dict[str, int] = {}
    credits: dict[str, int] = {}
    for entry in made.entries:
        if Period.of(entry.on) == period:
            for account, amount in entry.lines:
                side = debits if amount > 0 else credits
                side[account] = side.get(account, 0) + abs(amount)
    for account in (each.code for each in made.accounts if each.posting):
        opening = balances.get(account, 0)
        debit, credit = debits.get(account, 0), credits.get(account, 0)
        balances[account] = opening + debit - credit
        if not (opening or debit or credit):
            continue
        parts = zip(
            _parts(made, account, opening),
            _parts(made, account, debit),
            _parts(made, account, credit),
            strict=True,
        )
        for (centre, begins), (_, plus), (_, minus) in parts:
            ends = signed(begins + plus - minus)
            yield "I155", account, centre, *signed(begins), amount_of(plus), amount_of(minus), *ends


def _entry(entry: Entry, number: int) -> Iterator[Sequence[str]]:
    debits = sum(amount for _, amount in entry.lines if amount > 0)
    kind = "E" if entry.closes else "N"
    yield "I200", str(number), day(entry.on), amount_of(debits), kind, ""
    for account, amount in entry.lines:
        yield "I250", account, "", *signed(amount), "", "", "lançamento", ""


def _parts(made: MadeBooks, account: str, amount: int) -> Iterable[tuple[str, int]]:
    """Split an amount among the cost centres of an account; the last takes the rest."""
    *centres, last = made.centres.get(account, ("",))
    share = amount // (len(centres) + 1)
    return [*((centre, share) for centre in centres), (last, amount - share * len(centres))]


def day(on: date) -> str:
    """Write a day: `31122024`."""
    return f"{on:%d%m%Y}"


def amount_of(minor: int) -> str:
    """Write an amount without its sign: `1234,56`."""
    whole, cents = divmod(abs(minor), 100)
    return f"{whole},{cents:02d}"


def signed(minor: int) -> tuple[str, str]:
    """Write an amount and its indicator."""
    return amount_of(minor), "D" if minor >= 0 else "C"
