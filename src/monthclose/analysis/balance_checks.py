"""V1 to V3: everything balances, everything is mapped, assets equal claims."""

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction

import numpy as np

from monthclose.ledger.accounts import CONTRIBUTED, AccountClass, Chart, UnknownAccount
from monthclose.ledger.balances import RawBalance, TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.money import LARGEST_MINOR, plain, total

EQUITY = (
    *CONTRIBUTED,
    AccountClass.RETAINED_EARNINGS,
    AccountClass.OCI,
    AccountClass.CTA,
    AccountClass.NCI,
)


def check_entries_balance(book: Book) -> CheckResult:
    """
    V1: every trial balance, entry and layer sums to zero.

    Amounts of trial balances count in their own currency, entries and layers in the
    presentation currency; what is unexplained is what each is out by.
    """
    findings: list[Finding] = []
    tested = unexplained = 0

    def look(code: str, subject: str, currency: str, out_by: int, size: int) -> None:
        nonlocal tested, unexplained
        tested += size
        if out_by:
            unexplained += abs(out_by)
            findings.append(Finding("V1", code, Severity.BLOCKING, subject, 0, out_by, currency))

    for raw in book.raw:
        size = sum(map(abs, raw.amounts.tolist()))
        look("balance-unbalanced", raw.entity, raw.currency, raw.out_by, size)
    for entry in book.entries:
        size = sum(abs(line.amount) for line in entry.lines)
        look("entry-unbalanced", entry.id, entry.currency, sum(e.amount for e in entry.lines), size)
    for place, layer in enumerate(GROUP_LAYERS):
        column = book.layers[:, place]
        size = sum(map(abs, column.tolist()))
        look("layer-unbalanced", layer.value, book.presentation, total(column), size)
    return CheckResult(
        check="V1",
        severity=Severity.BLOCKING,
        weight=10,
        population=len(book.raw) + len(book.entries) + len(GROUP_LAYERS),
        tested=tested,
        unexplained=unexplained,
        currency=book.presentation,
        findings=tuple(findings),
        evidence={
            "balances": len(book.raw),
            "entries": len(book.entries),
            "layers": len(GROUP_LAYERS),
        },
    )


def check_mapping(book: Book) -> CheckResult:
    """
    V2: every account with money went where its mapping says, in full.

    The second road starts from the balance as it was sent, multiplies each line by its
    exact shares and compares with what arrived: each part of a split may be rounded by
    less than a cent. An account that goes to one other goes there whole.
    """
    findings: list[Finding] = []
    arrived = {balance.entity: balance for balance in book.balances}
    open_still, lines = _not_settled(book, arrived)
    known = book.chart.index
    as_is = {code: (Target(code),) for code in known}
    for raw in open_still:
        mapping = book.group.mappings.get(raw.entity)
        goes = as_is if mapping is None else mapping.targets
        sent: dict[str, int] = {}
        split: dict[str, Fraction] = {}
        rounds: dict[str, int] = {}
        for account, amount in zip(raw.accounts, raw.amounts.tolist(), strict=True):
            if not amount:
                continue
            lines += 1
            targets = goes.get(account, ())
            if len(targets) == 1 and (code := targets[0].account) in known:
                sent[code] = sent.get(code, 0) + amount
                continue
            if not targets or any(target.account not in known for target in targets):
                targets = ()  # nowhere: a target is not in the chart
                findings.append(
                    Finding(
                        "V2",
                        "account-unmapped",
                        Severity.BLOCKING,
                        f"{raw.entity} {account}",
                        actual=amount,
                        currency=raw.currency,
                    )
                )
            for target in targets:
                part = amount * target.share
                split[target.account] = split.get(target.account, Fraction(0)) + part
                if part.denominator > 1:
                    rounds[target.account] = rounds.get(target.account, 0) + 1
        got: dict[str, int] = {}
        balance = arrived[raw.entity]
        for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
            if amount:
                got[account] = got.get(account, 0) + amount
        if not split and got == sent:  # nearly every company; sums that came to nil stay behind
            continue
        for account in {**sent, **split, **got}:
            whole, actual = sent.get(account, 0), got.get(account, 0)
            if whole == actual and account not in split:
                continue
            expected = whole + split.get(account, Fraction(0))
            if abs(actual - expected) >= max(1, rounds.get(account, 0)):
                findings.append(
                    Finding(
                        "V2",
                        "mapped-amount-differs",
                        Severity.BLOCKING,
                        f"{raw.entity} {account}",
                        round(expected),
                        actual,
                        raw.currency,
                    )
                )
    return CheckResult(
        check="V2",
        severity=Severity.BLOCKING,
        weight=10,
        population=lines,
        tested=lines,
        unexplained=len(findings),
        currency="",
        findings=tuple(findings),
        evidence={"lines": lines, "unmapped": len(findings)},
    )


def _not_settled(book: Book, arrived: Mapping[str, TrialBalance]) -> tuple[list[RawBalance], int]:
    """The balances that a look at columns does not settle, and the lines of the others."""
    left, lines = [], 0
    for raw in book.raw:
        mapping = book.group.mappings.get(raw.entity)
        if mapping and _arrived_whole(raw, mapping, arrived[raw.entity], book.chart):
            lines += int(np.count_nonzero(raw.amounts))
        else:
            left.append(raw)
    return left, lines


def _arrived_whole(
    raw: RawBalance, mapping: EntityMapping, balance: TrialBalance, chart: Chart
) -> bool:
    """
    Whether every line went whole to one account and their sums are what arrived.

    A look at columns, for the balances of which there is nothing to say; whatever it does
    not settle is taken line by line.
    """
    most = max(1, len(raw.accounts), len(balance.accounts)) * LARGEST_MINOR
    if most > 2**63 - 1 or _largest(raw) > LARGEST_MINOR or _largest(balance) > LARGEST_MINOR:
        return False  # a sum could leave int64
    index: Mapping[str | None, int] = chart.index  # type: ignore[assignment]
    at = np.array([index.get(code, -1) for code in mapping.codes(raw.accounts)], dtype=np.intp)
    if raw.amounts[at < 0].any():
        return False
    sent, got = np.zeros((2, len(chart.accounts)), dtype=np.int64)
    np.add.at(sent, at[at >= 0], raw.amounts[at >= 0])
    with suppress(UnknownAccount):  # then nothing arrived: that is never what was sent
        np.add.at(got, chart.slots(balance.accounts, balance.entity).chart, balance.amounts)
    return bool(np.array_equal(sent, got))


def _largest(balance: RawBalance | TrialBalance) -> int:
    """The largest amount of a balance, without its sign."""
    amounts = balance.amounts
    return max(int(amounts.max()), -int(amounts.min())) if len(amounts) else 0


def check_balance_sheet(book: Book) -> CheckResult:
    """V3: assets equal liabilities and equity, result closed into retained earnings."""
    assets = book.of_kind(AccountClass.ASSET)
    claims = -book.of_kind(AccountClass.LIABILITY, *EQUITY)
    findings: tuple[Finding, ...] = ()
    if assets != claims:
        findings = (
            Finding(
                "V3",
                "balance-sheet-open",
                Severity.BLOCKING,
                book.group.code,
                claims,
                assets,
                book.presentation,
            ),
        )
    return CheckResult(
        check="V3",
        severity=Severity.BLOCKING,
        weight=5,
        population=1,
        tested=abs(assets) + abs(claims),
        unexplained=abs(assets - claims),
        currency=book.presentation,
        findings=findings,
        evidence={"assets": plain(assets), "liabilities_and_equity": plain(claims)},
    )
