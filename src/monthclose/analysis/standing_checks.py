"""Warnings: what was left standing, and what looks odd though it ties."""

from fractions import Fraction

from monthclose.ledger.accounts import CONTRIBUTED
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Method
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.rates import ratio_of


def check_intercompany_standing(book: Book) -> CheckResult:
    """
    W1: intercompany accounts and partner lines that no elimination cancelled.

    They are said, not hidden: both sides of a group-internal balance still stand in the
    figures, and total assets and revenue are larger than the group's own by that much.
    """
    chart = book.chart
    standing: dict[str, int] = {}
    for account, amount in zip(chart.accounts, book.consolidated.tolist(), strict=True):
        if account.intercompany and amount:
            standing[account.code] = amount
    for translation in book.translations:
        for code, partner, amount in zip(
            translation.accounts, translation.partners, translation.amounts.tolist(), strict=False
        ):
            if partner and amount and not chart[code].intercompany:
                standing[code] = standing.get(code, 0) + amount
    return _warnings(book, "W1", "intercompany-standing", standing)


def check_capital_standing(book: Book) -> CheckResult:
    """W2: capital of subsidiaries that no acquisition cancelled, by entity, credit positive."""
    chart = book.chart
    parents = {e.code for e in book.group.entities if e.method is Method.PARENT}
    standing: dict[str, int] = {}
    for translation in book.translations:
        if translation.entity in parents:
            continue
        for code, amount in zip(translation.accounts, translation.amounts.tolist(), strict=True):
            if chart.kind(code) in CONTRIBUTED:
                standing[translation.entity] = standing.get(translation.entity, 0) + amount
    for entry in book.entries:
        for line in entry.lines:
            if line.entity in standing and chart.kind(line.account) in CONTRIBUTED:
                standing[line.entity] += line.amount
    owed = {entity: -amount for entity, amount in standing.items()}  # capital is a credit
    return _warnings(book, "W2", "capital-standing", owed)


def check_plausible_rates(book: Book) -> CheckResult:
    """W3: an average that lies outside the closing rates of the month before and its own."""
    outside: dict[str, int] = {}
    for translation in book.translations:
        rates = book.facts.rates.get(translation.entity)
        if rates is None:
            continue
        before = rates.previous or rates.opening
        if not (before and rates.closing and rates.average):
            continue
        pair = (translation.functional, translation.presentation)
        if any({q.base, q.quote} != {*pair} for q in (before, rates.closing, rates.average)):
            continue  # V9 says so
        ends: list[Fraction] = [ratio_of(before, *pair), ratio_of(rates.closing, *pair)]
        if not min(ends) <= ratio_of(rates.average, *pair) <= max(ends):
            outside[translation.entity] = 0
    findings = tuple(
        Finding("W3", "average-outside", Severity.WARNING, entity) for entity in outside
    )
    return _counted("W3", len(book.translations), findings)


def check_signs(book: Book) -> CheckResult:
    """W4: outsiders below nil, and cash that is a credit."""
    findings = [
        Finding("W4", "nci-negative", Severity.WARNING, code, 0, each.closing, book.presentation)
        for code, each in book.nci.items()
        if each.closing < 0
    ]
    for account, amount in zip(book.chart.accounts, book.closed.tolist(), strict=True):
        if account.cash and amount < 0:
            findings.append(
                Finding(
                    "W4",
                    "cash-negative",
                    Severity.WARNING,
                    account.code,
                    0,
                    amount,
                    book.presentation,
                )
            )
    return _counted("W4", len(book.nci) + len(book.chart.accounts), tuple(findings))


def _warnings(book: Book, check: str, code: str, standing: dict[str, int]) -> CheckResult:
    """A warning for every amount that is left standing."""
    findings = tuple(
        Finding(check, code, Severity.WARNING, subject, 0, amount, book.presentation)
        for subject, amount in standing.items()
        if amount
    )
    return _counted(check, len(standing), findings)


def _counted(check: str, population: int, findings: tuple[Finding, ...]) -> CheckResult:
    """A warning has no weight in the score: it caps it."""
    return CheckResult(
        check, Severity.WARNING, 0, population, population, len(findings), "", findings
    )
