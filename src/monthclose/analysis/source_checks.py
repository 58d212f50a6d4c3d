"""V12, W10, W11: what a source shows twice agrees; what it cannot know, or noted, is said."""

from collections.abc import Mapping
from types import MappingProxyType

from monthclose.ledger.balances import Basis
from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.sources import SUSPENSE, TieOut

type TieOuts = Mapping[str, tuple[TieOut, ...]]
"""What the balance of each company was compared in when it was read."""


type Noted = Mapping[str, tuple[tuple[str, Mapping[str, str]], ...]]
"""What was noted of the month of each company when it was read, by code, with facts."""

LOOK = ("source-title-twice", "source-entry-twice", "source-month-open")
"""What notes that deserve a look at the close are called there: as the note, after `source-`."""

AMOUNT = ("minor", "currency")
"""Facts of a note that are an amount."""


def check_sources(
    book: Book, tie_outs: TieOuts, noted: Noted = MappingProxyType({})
) -> tuple[CheckResult, ...]:
    """
    Check what came from sources without a ledger, or was compared or noted when it was read.

    A book made of balances that were loaded has neither, and no result.
    """
    derived = [raw for raw in book.raw if raw.period == book.period and raw.basis is Basis.DERIVED]
    if not derived and not any(tie_outs.values()):
        return ()
    return _ties(book, tie_outs), _gaps(book), _look(book, noted)


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


def _look(book: Book, noted: Noted) -> CheckResult:
    """W11: entered twice by the looks of it, or not closed where it was entered."""
    findings = []
    here = [raw for raw in book.raw if raw.period == book.period]
    for raw in here:
        for code, facts in noted.get(raw.entity, ()):
            if (called := f"source-{code}") in LOOK:
                told = {name: fact for name, fact in facts.items() if name not in AMOUNT}
                amount = int(facts["minor"]) if "minor" in facts else None
                findings.append(
                    Finding(
                        "W11", called, Severity.WARNING, raw.entity,
                        None, amount, facts.get("currency", ""), told,
                    )
                )  # fmt: skip
    return CheckResult.warning("W11", len(here), tuple(findings))
