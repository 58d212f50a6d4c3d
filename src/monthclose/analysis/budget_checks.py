"""W12: what came of a month beside what was expected of it."""

from collections.abc import Mapping
from fractions import Fraction

from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.periods import Period
from monthclose.ledger.rules import Rule

type Budget = Mapping[str, Mapping[str, int]]
"""By company and account of the standard chart: of the month, functional minor units."""

RESULT = (AccountClass.INCOME, AccountClass.EXPENSE)


def check_budget(book: Book, budget: Budget, rules: Mapping[str, Rule]) -> CheckResult | None:
    """
    W12: lines of income and expense that are far from their budget.

    Asked for are both: `budget_variance.ratio` of the line, and `budget_variance.part` of the
    income that the company expects of the month. An account that nobody budgeted is one of
    which nothing was expected.

    Returns:
        None when no company has a budget of the month.
    """
    if not budget:
        return None
    findings: list[Finding] = []
    population = 0
    ratio, part = (
        Fraction(rules[f"budget_variance.{name}"].at(book.period)) for name in ("ratio", "part")
    )
    for balance in book.balances:
        expected = budget.get(balance.entity)
        # Dates of its own, or books that begin within the year: the month alone is not told.
        if expected is None or balance.period != book.period or not _month_known(book, balance):
            continue
        came = _of_month(book, balance)
        income = sum(
            -amount for code, amount in expected.items() if book.chart.kind(code) is RESULT[0]
        )
        for account in sorted({*came, *expected}):
            wanted, actual = expected.get(account, 0), came.get(account, 0)
            if book.chart.kind(account) not in RESULT:
                continue
            population += 1
            away = abs(actual - wanted)
            if away > ratio * abs(wanted) and away > part * abs(income):
                findings.append(
                    Finding(
                        "W12", "budget-missed", Severity.WARNING, balance.entity,
                        wanted, actual, balance.currency, {"account": account},
                    )
                )  # fmt: skip
    return CheckResult.warning("W12", population, tuple(findings))


def _month_known(book: Book, balance: TrialBalance) -> bool:
    """Whether the month alone can be told from what there is of the year to date."""
    if balance.entity in {each.code for each in book.group.entities if book.group.own_year(each)}:
        return False
    return balance.entity in book.before or _opens_year(book)


def _of_month(book: Book, balance: TrialBalance) -> dict[str, int]:
    """What each account moved by in the month, functional minor units, debit positive."""
    moved: dict[str, int] = {}
    for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
        moved[account] = moved.get(account, 0) + amount
    before = book.before.get(balance.entity)
    if before is not None and not _opens_year(book):
        for account, amount in zip(before.accounts, before.amounts.tolist(), strict=True):
            moved[account] = moved.get(account, 0) - amount
    return {account: amount for account, amount in moved.items() if amount}


def _opens_year(book: Book) -> bool:
    """Whether the month is the first of its fiscal year."""
    month = Period.parse(book.period)
    return book.group.fiscal_year.start(month) == month
