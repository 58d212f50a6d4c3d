"""What has to hold of the books of a file before anything of them is taken."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from monthclose.connectors.ecd.books import AccountMonth, BookMonth
from monthclose.connectors.ecd.problems import Problems
from monthclose.ledger.sources import Nature, SourceAccount

LAST_OF_YEAR = 12
"""The ECD is of a calendar year, and at its end the result is closed."""


def check_month(month: BookMonth, problems: Problems) -> None:
    """Openings and closings sum to nil, debits are credits."""
    rows = month.accounts.values()
    sums = {
        "ecd-opening-unbalanced": sum(row.opening for row in rows),
        "ecd-turnover-unbalanced": sum(row.debit - row.credit for row in rows),
        "ecd-closing-unbalanced": sum(row.closing for row in rows),
    }
    for code, out_by in sums.items():
        if out_by:
            size = _reais(out_by)
            problems.add(code, month.line, "I150", period=month.period, size=size)


def check_books(
    months: Sequence[BookMonth], accounts: Mapping[str, SourceAccount], problems: Problems
) -> None:
    """Months follow each other, and every result that was closed is known."""
    for before, month in pairwise(months):
        _check_continuity(before, month, problems)
    for month in months:
        _check_result(month, accounts, problems)


def _check_continuity(before: BookMonth, month: BookMonth, problems: Problems) -> None:
    """Each account opens as it closed; one of a new chart, as the former ones it came from."""
    expected = {code: row.closing for code, row in before.accounts.items() if row.closing}
    for target, sources in month.carried.items():
        for former, amount in sources.items():
            expected[former] = expected.get(former, 0) - amount
            expected[target] = expected.get(target, 0) + amount
    opened = {code: row.opening for code, row in month.accounts.items()}
    for code in sorted(expected.keys() | opened.keys()):
        if out_by := opened.get(code, 0) - expected.get(code, 0):
            problems.add(
                "ecd-continuity",
                month.line,
                "I150",
                account=code,
                before=before.period,
                now=month.period,
                size=_reais(out_by),
            )


def _check_result(
    month: BookMonth, accounts: Mapping[str, SourceAccount], problems: Problems
) -> None:
    """
    See that a month whose result accounts end at nil says what they were before.

    Without I355 the result of the year would be nil, which nobody would notice.
    """
    results = {
        code: row
        for code, row in month.accounts.items()
        if (account := accounts.get(code)) and account.nature is Nature.RESULT
    }
    if month.closed_on:
        for code in month.result:
            account = accounts.get(code)
            if account is not None and account.nature is not Nature.RESULT:
                problems.add("ecd-result-nature", month.line, "I355", account=code)
        for code, row in sorted(results.items()):
            if row.closing:
                size = _reais(row.closing)
                problems.add("ecd-not-closed", month.line, "I150", account=code, size=size)
    elif month.closing_entries or _silently_closed(month, list(results.values())):
        problems.add("ecd-result-missing", month.line, "I150", period=month.period)


def _silently_closed(month: BookMonth, results: Sequence[AccountMonth]) -> bool:
    """
    Whether a result must have been closed without a word.

    Every account is at nil that was not before; in December, when it is always closed, it
    is enough that any moved. A single sale taken back in the month it was made is neither.
    """
    if not results or any(row.closing for row in results):
        return False
    december = month.last.month == LAST_OF_YEAR
    return any(row.opening or (december and (row.debit or row.credit)) for row in results)


def _reais(minor: int) -> str:
    whole, cents = divmod(abs(minor), 100)
    return f"{whole},{cents:02d}"
