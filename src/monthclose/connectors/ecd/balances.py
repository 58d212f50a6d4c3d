"""
Books of an ECD file as monthly balances before closing entries, and what they are held against.

The entries that close the result are inside the last month of the year, or of every quarter:
there each result account ends at nil, and its year stands in I355 alone. A balance takes
those entries out again, on both sides: results as I355 says them added up since the year
began, and equity without what the closings of the same year have put there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from monthclose.connectors.ecd.books import BookMonth, EcdBooks, StatementLine, Turnover
from monthclose.connectors.ecd.problems import EcdClosingAccountUnknown, EcdMonthMissing
from monthclose.ledger.balances import Basis, RawBalance, Source
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.sources import Extract, Nature, SourceAccount, TieOut

type Note = tuple[str, Mapping[str, str]]

WHOLE = "G"
"""Kind of book that holds every entry: only there turnover has to be the entries'."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    Whose balances, and how.

    Attributes:
        entity: Short code of the company.
        currency: ISO 4217 code of the amounts.
        year_end: Last month of the company's fiscal year, 1 to 12.
        retained: Account that takes the result when it is closed; empty: the entries say,
            or the only account of equity that moved by it.
    """

    entity: str
    currency: str = "BRL"
    year_end: int = 12
    retained: str = ""


@dataclass(slots=True)
class _Year:
    """What the closings of one fiscal year have moved, by account, debit positive."""

    moved: dict[str, int] = field(default_factory=dict)


def extracts(books: EcdBooks, wanted: Wanted, periods: Sequence[str] = ()) -> tuple[Extract, ...]:
    """
    Turn books into one extract a month, before closing entries.

    Args:
        books: As they were read.
        wanted: Whose they are.
        periods: Months; none: every one of the file.

    Returns:
        In order of months. Accounts without opening, turnover and closing are left out.

    Raises:
        EcdMonthMissing: a month that is not in the file.
        EcdClosingAccountUnknown: the result was closed to an account that nothing names.
    """
    there = [month.period for month in books.months]
    for period in periods:
        if period not in there:
            raise EcdMonthMissing(books.file, period, there[0], there[-1])
    found = []
    year, fiscal = _Year(), FiscalYear(wanted.year_end)
    for place, month in enumerate(books.months):
        begins = fiscal.is_first(Period.parse(month.period))
        if begins:
            year = _Year()
        notes: list[Note] = []
        if not place and not begins:
            notes.append(("ecd-within-year", {"period": month.period}))
        before = dict(year.moved)
        closing, guessed = _closing_of(books, month, wanted)
        if guessed:
            notes.append(("ecd-closing-account", {"account": guessed, "period": month.period}))
        for code, turned in closing.items():
            year.moved[code] = year.moved.get(code, 0) + turned.debit - turned.credit
        if not periods or month.period in periods:
            found.append(_extract(books, month, wanted, before, closing, notes))
    return tuple(found)


def _closing_of(
    books: EcdBooks, month: BookMonth, wanted: Wanted
) -> tuple[Mapping[str, Turnover], str]:
    """
    Turnover of the closing entries of a month, by account.

    Returns:
        It, and the account of equity when nothing but the amount names it.
    """
    if month.closing_entries:
        return month.closing_entries, ""
    if not month.result:
        return {}, ""
    closing = {
        code: Turnover(max(-amount, 0), max(amount, 0)) for code, amount in month.result.items()
    }
    out_by = sum(month.result.values())
    if not out_by:
        return closing, ""
    to, guessed = wanted.retained, ""
    if not to:
        candidates = tuple(_took(month, books.accounts, out_by))
        if len(candidates) != 1:
            raise EcdClosingAccountUnknown(books.file, month.period, candidates)
        to = guessed = candidates[0]
    elif to not in month.accounts:
        raise EcdClosingAccountUnknown(books.file, month.period, (to,))
    closing[to] = Turnover(max(out_by, 0), max(-out_by, 0))
    return closing, guessed


def _took(month: BookMonth, accounts: Mapping[str, SourceAccount], out_by: int) -> Iterable[str]:
    """Accounts of equity that moved enough, on the right side, to have taken a result."""
    for code, row in month.accounts.items():
        moved = row.debit if out_by > 0 else row.credit
        account = accounts.get(code)
        if account is not None and account.nature is Nature.EQUITY and moved >= abs(out_by):
            yield code


def _extract(
    books: EcdBooks,
    month: BookMonth,
    wanted: Wanted,
    before: Mapping[str, int],
    closing: Mapping[str, Turnover],
    notes: list[Note],
) -> Extract:
    """One month, the closing entries of its year taken out."""
    none = Turnover()
    rows = []
    for code, row in month.accounts.items():
        turned = closing.get(code, none)
        opening = row.opening - before.get(code, 0)
        debit, credit = row.debit - turned.debit, row.credit - turned.credit
        if opening or debit or credit:
            rows.append((code, opening, debit, credit, opening + debit - credit))
    # Closed earlier in the year, and the file does not list it any more.
    rows += [
        (code, -moved, 0, 0, -moved)
        for code, moved in before.items()
        if moved and code not in month.accounts
    ]
    columns = [np.array([row[at] for row in rows], dtype=np.int64) for at in range(1, 5)]
    raw = RawBalance(
        entity=wanted.entity,
        period=month.period,
        currency=wanted.currency,
        accounts=tuple(row[0] for row in rows),
        opening=columns[0],
        debit=columns[1],
        credit=columns[2],
        amounts=columns[3],
        basis=Basis.IMPORTED_ECD,
        source=Source(books.file, books.sha256),
    )
    notes += [
        ("ecd-several-codes", {"account": code, "codes": ", ".join(codes)})
        for code, codes in books.several_codes.items()
        if code in month.accounts
    ]
    return Extract(
        balance=raw,
        accounts=tuple(books.accounts.values()),
        tie_outs=(
            TieOut("debits_credits", "", 0, raw.out_by),
            *_entries(books, month),
            *_results(month, books.accounts),
            *_statements(books, month),
        ),
        notes=tuple(notes),
        removed_characters=books.removed_characters,
    )


def _entries(books: EcdBooks, month: BookMonth) -> Iterable[TieOut]:
    """Turnover by account against the entries themselves, where the file holds them all."""
    if books.kind != WHOLE or not month.entries:
        return
    none = Turnover()
    for code, row in month.accounts.items():
        moved = month.entries.get(code, none)
        if (moved.debit, moved.credit) != (row.debit, row.credit):
            yield TieOut("entries", code, moved.debit - moved.credit, row.debit - row.credit)
    for code in month.entries.keys() - month.accounts.keys():
        moved = month.entries[code]
        yield TieOut("entries", code, moved.debit - moved.credit, 0)


def _results(month: BookMonth, accounts: Mapping[str, SourceAccount]) -> Iterable[TieOut]:
    """Each result before closing against what the closing entries took away."""
    if not month.closing_entries:
        return
    for code, moved in month.closing_entries.items():
        account = accounts.get(code)
        if account is None or account.nature is not Nature.RESULT:
            continue
        closed = moved.credit - moved.debit
        if closed != month.result.get(code, 0):
            yield TieOut("result", code, month.result.get(code, 0), closed)
    for code in month.result.keys() - month.closing_entries.keys():
        yield TieOut("result", code, month.result[code], 0)


def _statements(books: EcdBooks, month: BookMonth) -> Iterable[TieOut]:
    """Lines of the statements filed for the month against accounts added up by them."""
    if books.functional:
        return  # statements are filed in reais
    filed = [each for each in books.statements if each.last == month.last and not each.total]
    position = [each for each in filed if each.record == "J100"]
    if position:
        yield from _by_line("position", position, month.by_statement_line)
    for first in sorted({each.first for each in filed if each.record == "J150"}):
        performance = [e for e in filed if e.record == "J150" and e.first == first]
        totals: dict[str, int] = {}
        for each in books.months:
            if first <= each.last <= month.last:
                for line, amount in each.result_by_line.items():
                    totals[line] = totals.get(line, 0) + amount
        yield from _by_line("performance", performance, totals)


def _by_line(
    name: str, filed: Sequence[StatementLine], totals: Mapping[str, int]
) -> Iterable[TieOut]:
    told: dict[str, int] = {}
    for each in filed:
        told[each.code] = told.get(each.code, 0) + each.amount
    for code, amount in told.items():
        yield TieOut(name, code, amount, totals.get(code, 0))
