"""V12 and W10: what a source shows twice agrees, and what it cannot know is said."""

from collections.abc import Mapping

from monthclose.ledger.balances import Basis
from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.sources import SUSPENSE, TieOut

type TieOuts = Mapping[str, tuple[TieOut, ...]]
"""What the balance of each company was compared in when it was read."""


def check_sources(book: Book, tie_outs: TieOuts) -> tuple[CheckResult, ...]:
    """
    Check what came from sources without a ledger, or was compared when it was read.

    A book made of balances that were loaded has neither, and no result.
    """
    derived = [raw for raw in book.raw if raw.period == book.period and raw.basis is Basis.DERIVED]
    if not derived and not any(tie_outs.values()):
        return ()
    return _ties(book, tie_outs), _gaps(book)


def _ties(book: Book, tie_outs: TieOuts) -> CheckResult:
    """V12: figures reached by two roads are one, and nothing stands in suspense."""
    findings: list[Finding] = []
    tested = unexplained = population = 0
    for raw in book.raw:
        if raw.period != book.period:
            continue
        for tie in tie_outs.get(raw.entity, ()):
            population += 1
            tested += abs(tie.expected)
            if tie.out_by:
                unexplained += abs(tie.out_by)
                facts = {"name": tie.said, "account": tie.account or "–"}
                findings.append(
                    Finding(
                        "V12", "source-tie-failed", Severity.BLOCKING, raw.entity,
                        tie.expected, tie.actual, raw.currency, facts,
                    )
                )  # fmt: skip
        if raw.basis is Basis.DERIVED:
            population += 1
            held = sum(
                amount
                for account, amount in zip(raw.accounts, raw.amounts.tolist(), strict=True)
                if account == SUSPENSE
            )
            if held:
                tested += abs(held)
                unexplained += abs(held)
                findings.append(
                    Finding(
                        "V12", "source-suspense", Severity.BLOCKING, raw.entity,
                        0, held, raw.currency,
                    )
                )  # fmt: skip
    return CheckResult(
        "V12", Severity.BLOCKING, 10, population, tested, unexplained,
        book.presentation, tuple(findings),
    )  # fmt: skip


def _gaps(book: Book) -> CheckResult:
    """W10: a derived balance with gaps is incomplete, and so is the group's."""
    derived = [raw for raw in book.raw if raw.period == book.period and raw.basis is Basis.DERIVED]
    findings = tuple(
        Finding(
            "W10",
            "source-gaps",
            Severity.WARNING,
            raw.entity,
            facts={"count": len(raw.gaps), "gaps": ", ".join(gap.name for gap in raw.gaps)},
        )
        for raw in derived
        if raw.gaps
    )
    return CheckResult.warning("W10", len(derived), findings)
