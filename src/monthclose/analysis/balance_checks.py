"""V1 to V3: everything balances, everything is mapped, assets equal claims."""

from fractions import Fraction

from monthclose.ledger.accounts import CONTRIBUTED, AccountClass
from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.ledger.mappings import Target
from monthclose.ledger.money import plain, total

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
    lines = 0
    arrived = {balance.entity: balance for balance in book.balances}
    known = book.chart.index
    as_is = {code: (Target(code),) for code in known}
    for raw in book.raw:
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
