"""
A trial balance from the movements of a general ledger.

Movements begin with the first entry there ever was, so that the opening is their sum.
Result accounts show the fiscal year to date before its closing entries; those of earlier
years count. What an earlier year has left in its result accounts, because nobody has
closed it yet, goes to retained earnings and is told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from monthclose.connectors.errors import AccountUnknown, LedgerEmpty, LevelsDoubled
from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.sources import Nature, SourceAccount, TieOut


@dataclass(frozen=True, slots=True)
class Movement:
    """
    What one account moved by, on one day or in one month.

    Attributes:
        account: Of the source's chart.
        on: The day, or the last one of the month.
        debit: Minor units.
        credit: Minor units.
        closing: Whether it is of the entries that zero result accounts.
    """

    account: str
    on: date
    debit: int
    credit: int
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Which month of which company.

    Attributes:
        source: Name of the connector.
        entity: Short code of the company.
        company: As the source calls it.
        period: The month.
        currency: ISO 4217 code of every amount.
        year_end: Month the fiscal year ends with.
        results: Its result accounts as mapped; empty: those the source says are.
        retained: Account that takes the result of the year before.
    """

    source: str
    entity: str
    company: str
    period: str
    currency: str
    year_end: int
    results: frozenset[str]
    retained: str

    @property
    def year_start(self) -> date:
        """The first day of the fiscal year."""
        return FiscalYear(self.year_end).start(Period.parse(self.period)).first_day

    def is_result(self, account: SourceAccount) -> bool:
        """Whether an account is closed at the end of a year."""
        if self.results:
            return account.code in self.results
        return account.nature is Nature.RESULT


type Note = tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Native:
    """
    A month of a ledger.

    Attributes:
        balance: Every account that has or had an amount.
        accounts: The whole chart.
        tie_outs: What was compared; see `TieOut`.
        notes: What a person has to be told.
        left_out: Closing entries of the fiscal year, by account, minor units.
    """

    balance: RawBalance
    accounts: tuple[SourceAccount, ...]
    tie_outs: tuple[TieOut, ...]
    notes: tuple[Note, ...]
    left_out: Mapping[str, int]


def month(
    asked: Asked, chart: Mapping[str, SourceAccount], movements: Iterable[Movement]
) -> Native:
    """
    Add movements up to one month's balance.

    Args:
        asked: Which month.
        chart: By code; parents are codes of it.
        movements: Up to the end of the month, all of them. Amounts in minor units.

    Raises:
        LedgerEmpty: there are none.
        AccountUnknown: an account is in no chart.
        LevelsDoubled: an account moved, and so did one that it is part of.
    """
    first, year_start = Period.parse(asked.period).first_day, asked.year_start
    before: dict[str, int] = defaultdict(int)
    opening: dict[str, int] = defaultdict(int)
    debit: dict[str, int] = defaultdict(int)
    credit: dict[str, int] = defaultdict(int)
    left_out: dict[str, int] = defaultdict(int)
    for each in movements:
        if each.closing and each.on >= year_start:
            left_out[each.account] += each.debit - each.credit
        elif each.on < year_start:
            before[each.account] += each.debit - each.credit
        elif each.on < first:
            opening[each.account] += each.debit - each.credit
        else:
            debit[each.account] += each.debit
            credit[each.account] += each.credit
    moved = {*before, *opening, *debit, *credit, *left_out}
    if not moved:
        raise LedgerEmpty(asked.source, asked.company, asked.period)
    # An account that was emptied before it became a group is no second level.
    _check_levels(asked, chart, moved, {c for c in moved if before[c] + opening[c] or c in debit})
    carried = {
        code: before.pop(code)
        for code in sorted(before)
        if before[code] and asked.is_result(chart[code])
    }
    accounts = {
        code: replace(each, posting=True) if code in moved else each for code, each in chart.items()
    }
    if carried:
        before[asked.retained] += sum(carried.values())
        named = SourceAccount(asked.retained, asked.retained, Nature.EQUITY)
        accounts.setdefault(asked.retained, named)
    codes = sorted({*before, *opening, *debit, *credit})
    start = _column(before[code] + opening[code] for code in codes)
    more, less = (_column(side[code] for code in codes) for side in (debit, credit))
    balance = RawBalance(
        entity=asked.entity,
        period=asked.period,
        currency=asked.currency,
        accounts=tuple(codes),
        amounts=start + more - less,
        opening=start,
        debit=more,
        credit=less,
        basis=Basis.NATIVE_GL,
    )
    return Native(
        balance,
        tuple(accounts.values()),
        (
            TieOut("debits_credits", "", 0, balance.out_by),
            TieOut("closing_entries", "", 0, sum(left_out.values())),
        ),
        tuple(_notes(asked, chart, carried, left_out, moved)),
        left_out,
    )


def _column(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Amounts as a column."""
    return np.fromiter(values, dtype=np.int64)


def _check_levels(
    asked: Asked, chart: Mapping[str, SourceAccount], moved: set[str], live: set[str]
) -> None:
    """Refuse amounts that stand in no chart, or on two levels of it at once."""
    for code in sorted(moved):
        if code not in chart:
            raise AccountUnknown(asked.source, code)
    for code in sorted(live):
        seen = {code}
        parent = chart[code].parent
        while parent in chart and parent not in seen:
            if parent in live:
                raise LevelsDoubled(asked.source, code, parent)
            seen.add(parent)
            parent = chart[parent].parent


def _notes(
    asked: Asked,
    chart: Mapping[str, SourceAccount],
    carried: Mapping[str, int],
    left_out: Mapping[str, int],
    moved: set[str],
) -> Iterable[Note]:
    """Say what was decided, and what could not be."""
    if carried:
        yield (
            "year-not-closed",
            {
                "account": asked.retained,
                "accounts": ", ".join(carried),
                "minor": str(sum(carried.values())),
                "currency": asked.currency,
            },
        )
    if left_out:
        yield (
            "closing-left-out",
            {"accounts": ", ".join(sorted(left_out)), "since": asked.year_start.isoformat()},
        )
    groups = [code for code in sorted(moved) if not chart[code].posting]
    if groups:
        yield "class-contradicts", {"accounts": ", ".join(groups)}
    unknown = [code for code in sorted(moved) if chart[code].nature is Nature.UNKNOWN]
    if unknown and not asked.results:
        yield "nature-unknown", {"accounts": ", ".join(unknown)}


def entries_ties(
    balance: RawBalance, left_out: Mapping[str, int], entries: Mapping[str, tuple[int, int]]
) -> tuple[TieOut, ...]:
    """
    Hold a month's movements against the entries they are made of, account by account.

    Args:
        balance: The month; its debits and credits.
        left_out: Closing entries of the month that are not in it, by account.
        entries: Debits and credits of the month's entries, closing ones among them.

    Returns:
        A tie-out for each account, on its net movement; on its debits where only those
        differ. Minor units, debit positive.
    """
    if balance.debit is None or balance.credit is None:
        raise ValueError("a balance without movements")
    moved = {
        code: (int(more), int(less))
        for code, more, less in zip(
            balance.accounts, balance.debit.tolist(), balance.credit.tolist(), strict=True
        )
        if more or less
    }
    ties = []
    for code in sorted({*moved, *entries, *left_out}):
        (more, less), (debit, credit) = moved.get(code, (0, 0)), entries.get(code, (0, 0))
        closing = left_out.get(code, 0)
        tie = TieOut("entries", code, debit - credit, more - less + closing)
        if not tie.out_by and not closing and debit != more:
            tie = TieOut("entries", code, debit, more)
        ties.append(tie)
    return tuple(ties)
