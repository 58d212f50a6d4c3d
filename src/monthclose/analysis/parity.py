"""W7: equity pick-up and consolidation say the same of the owners; one checks the other."""

from monthclose.ledger.book import Book
from monthclose.ledger.findings import CheckResult, Finding, Severity
from monthclose.ledger.money import plain
from monthclose.ledger.parity import parity_of
from monthclose.wording import Word


def check_parity(book: Book) -> CheckResult:
    """
    W7: the parent's own figures are those of the group's owners, under equity pick-up.

    Asked when every investment of every holder is under equity pick-up. The parent's own
    translation reserve of companies abroad is part of its CTA then. Accepted: half a cent
    for each amount that was rounded on either road.

    Source:
        Law 6.404 art. 248; CPC 18; ICPC 09.
    """
    compared = parity_of(book)
    bound = sum(each.rounded_lines for each in book.translations) if compared else 0
    differing = [each for each in compared if 2 * abs(each.difference) > bound]
    return CheckResult(
        check="W7",
        severity=Severity.WARNING,
        weight=0,
        population=len(compared),
        tested=sum(abs(each.group) for each in compared),
        unexplained=sum(abs(each.difference) for each in differing),
        currency=book.presentation if compared else "",
        findings=tuple(
            Finding(
                "W7",
                "parity-differs",
                Severity.WARNING,
                each.figure,
                each.group,
                each.separate,
                book.presentation,
                {"figure": Word(f"parity-{each.figure.replace('_', '-')}")},
            )
            for each in differing
        ),
        evidence={each.figure: f"{plain(each.separate)} {plain(each.group)}" for each in compared},
    )
