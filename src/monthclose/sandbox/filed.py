"""
The ECD of the sandbox group's companies: each finished year as its accountant files it.

Written from the hidden ledger in each company's own chart, the closing of the year in it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monthclose.ledger.sources import Nature, SourceAccount
from monthclose.sandbox.chart import OwnAccount
from monthclose.sandbox.entries import NATURES, Ledger, accounts
from monthclose.sandbox.hidden import HiddenLedger, Month, OwnLine
from monthclose.sandbox.served import LedgerEntry

LAST_OF_YEAR = 12


@dataclass(frozen=True, slots=True)
class FiledYear:
    """
    One company's year.

    Attributes:
        entity: Short code.
        year: The calendar year, finished.
        cnpj: 14 characters.
        name: The company's.
        months: Of the year, or from the company's first one on.
        accounts: Its chart, groups first.
        openings: Of the first month, cents by account, debit positive.
        entries: Of the year, in order of days, the closing ones last.
        results: What result accounts held before closing, cents, debit positive.
    """

    entity: str
    year: int
    cnpj: str
    name: str
    months: tuple[str, ...]
    accounts: tuple[SourceAccount, ...]
    openings: Mapping[str, int]
    entries: tuple[LedgerEntry, ...]
    results: Mapping[str, int]


def filed_years(group: HiddenLedger) -> Iterator[FiledYear]:
    """Every finished year of every company, company by company."""
    by_company: dict[str, list[Month]] = {}
    for month in group.months():
        by_company.setdefault(month.entity, []).append(month)
    for code, months in by_company.items():
        yield from _of_company(group, code, months)


def _described(chart: Mapping[str, tuple[OwnAccount, ...]]) -> tuple[SourceAccount, ...]:
    """The chart: with its groups where codes have levels, else each account by itself."""
    owned = [own for each in chart.values() for own in each]
    if all(own.code[0].isdigit() for own in owned):
        return accounts(chart)
    return tuple(
        SourceAccount(own.code, own.name, NATURES.get(own.standard[0], Nature.RESULT))
        for own in sorted(owned, key=lambda own: own.code)
    )


def _of_company(group: HiddenLedger, code: str, months: list[Month]) -> Iterator[FiledYear]:
    """The finished years of one company."""
    chart = group.chart(code)
    described = _described(chart)
    nature = {account.code: account.nature for account in described}
    ledger = Ledger(f"{group.seed}/{code}", {})
    kept: dict[tuple[str, str], int] = {}
    held: dict[str, int] = defaultdict(int)
    first, posted = 0, 0
    for number, month in enumerate(months):
        own: list[OwnLine] = list(group.own_lines(month, kept))
        if not number:
            for each in own:
                held[each.account.code] += each.opening
        ledger.month(month.period, month.journal, own)
        if month.period.month != LAST_OF_YEAR:
            continue
        ledger.close_year(month.period, own, chart["3300"][0].code)
        openings = {account: amount for account, amount in held.items() if amount}
        entries = tuple(ledger.entries[posted:])
        results: dict[str, int] = defaultdict(int)
        for entry in entries:
            for line in entry.lines:
                held[line.account] += line.amount
                if nature[line.account] is Nature.RESULT and not entry.closing:
                    results[line.account] += line.amount
        yield FiledYear(
            entity=code,
            year=month.period.year,
            cnpj=group.cnpj(code),
            name=group.name(code),
            months=tuple(str(each.period) for each in months[first : number + 1]),
            accounts=described,
            openings=openings,
            entries=entries,
            results={account: amount for account, amount in results.items() if amount},
        )
        first, posted = number + 1, len(ledger.entries)
