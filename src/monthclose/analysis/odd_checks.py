"""W8 and W9: months that look odd beside the month before, though everything ties."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.money import rounded, total
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import ratio_of
from monthclose.ledger.rules import Rule

_LOOKED_AT = {
    AccountClass.ASSET: "jump-asset",
    AccountClass.INCOME: "jump-income",
    AccountClass.EXPENSE: "jump-expense",
}
"""Classes that are compared, and what a jump of each is called."""


def check_activity(book: Book) -> CheckResult:
    """
    W8: companies whose books did not move in the month.

    Their balance is that of the month before (at a new fiscal year, with its result closed):
    it was sent twice, or the company sleeps. One that holds nothing has no books to move.
    """
    findings = tuple(
        Finding("W8", "entity-idle", Severity.WARNING, balance.entity, facts={"on": balance.period})
        for balance in book.balances
        if balance.period == book.period  # not of a company sold before
        and (before := book.before.get(balance.entity))
        and not _same_books(book, balance.entity)
        and _idle(book, before, balance)
    )
    return CheckResult.warning("W8", len(book.before), findings)


def check_jumps(book: Book, rules: Mapping[str, Rule]) -> CheckResult:
    """
    W9: assets, income or expense of a company that are many times those of the month before.

    Income and expense of a month are compared with the mean of the fiscal year's months
    before it. Asked for are both: `jump.times` as much (or as little), and a difference of
    `jump.part` of the group's assets. What was nil before has not jumped, it began.
    """
    if not book.before:
        return CheckResult.warning("W9", 0, ())
    times = Fraction(rules["jump.times"].at(book.period))
    least = Fraction(rules["jump.part"].at(book.period)) * abs(book.totals.total_assets)
    findings: list[Finding] = []
    own = {each.code for each in book.group.entities if book.group.own_year(each)}  # other months
    for balance, translation in zip(book.balances, book.translations, strict=True):
        before = book.before.get(balance.entity)
        if before is None or balance.period != book.period or balance.entity in own:
            continue
        pair = (translation.functional, translation.presentation)
        rate = ratio_of(translation.closing_quote, *pair) if translation.foreign else Fraction(1)
        for kind, code in _LOOKED_AT.items():
            was, now = _compared(book, kind, before, balance)
            large, small = max(abs(was), abs(now)), min(abs(was), abs(now))
            if was and abs(now - was) * rate > least and large > times * small:
                findings.append(
                    Finding(
                        "W9",
                        code,
                        Severity.WARNING,
                        balance.entity,
                        rounded(was),
                        rounded(now),
                        balance.currency,
                    )
                )
    return CheckResult.warning("W9", len(book.before) * len(_LOOKED_AT), tuple(findings))


def _same_books(book: Book, entity: str) -> bool:
    """Whether a company with an earlier reporting date has the same books twice by its dates."""
    if entity not in book.group.lags:
        return False
    month = Period.parse(book.period)
    return book.group.reported(entity, month) == book.group.reported(entity, month.plus(-1))


def _idle(book: Book, before: TrialBalance, now: TrialBalance) -> bool:
    """Whether nothing moved between two balances."""
    if not _opens_year(book):
        if before.accounts == now.accounts and before.partners == now.partners:
            return bool(now.amounts.any() and np.array_equal(before.amounts, now.amounts))
        return bool(_held(now)) and _held(before) == _held(now)
    if any(_sum(book, each, now) for each in (AccountClass.INCOME, AccountClass.EXPENSE)):
        return False
    return bool(_position(book, now)) and _position(book, before) == _position(book, now)


def _held(balance: TrialBalance) -> dict[tuple[str, str], int]:
    """What each account and partner holds, whatever order the lines came in."""
    held: dict[tuple[str, str], int] = {}
    for key, amount in zip(balance.keys, balance.amounts.tolist(), strict=True):
        held[key] = held.get(key, 0) + amount
    return {key: amount for key, amount in held.items() if amount}


def _position(book: Book, balance: TrialBalance) -> dict[tuple[str, str], int]:
    """Assets and liabilities that hold anything."""
    kinds = (AccountClass.ASSET, AccountClass.LIABILITY)
    return {k: each for k, each in _held(balance).items() if book.chart.kind(k[0]) in kinds}


def _compared(
    book: Book, kind: AccountClass, before: TrialBalance, now: TrialBalance
) -> tuple[Fraction, Fraction]:
    """What a class of accounts came to before, and in the month; functional, natural signs."""
    was, amount = (Fraction(_sum(book, kind, each)) for each in (before, now))
    if kind is not AccountClass.ASSET:
        if _opens_year(book):
            return Fraction(0), amount
        was, amount = was / _months_before(book), amount - was
    sign = -1 if kind is AccountClass.INCOME else 1
    return sign * was, sign * amount


def _months_before(book: Book) -> int:
    """How many months of the fiscal year lie before this one."""
    month = Period.parse(book.period)
    start = book.group.fiscal_year.start(month)
    return (month.year - start.year) * 12 + month.month - start.month


def _sum(book: Book, kind: AccountClass, balance: TrialBalance) -> int:
    """The accounts of a class, functional currency, debit positive."""
    places = book.chart.slots(balance.accounts, balance.entity).chart
    return total(balance.amounts[book.chart.of_kind(kind)[places]])


def _opens_year(book: Book) -> bool:
    """Whether the month is the first of its fiscal year."""
    month = Period.parse(book.period)
    return book.group.fiscal_year.start(month) == month
