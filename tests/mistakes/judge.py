"""
Close every worked case, and a group of dated records, with whatever engine is installed.

Run as `python -m tests.mistakes.judge` by the campaign, with a copy of the product that holds
one mistake first on the path. It prints what expected figures and checks make of it, as JSON.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.book import Book
from monthclose.ledger.errors import CloseError
from tests.mistakes import lives
from tests.worked.case import cases, close_case, read_case
from tests.worked.outcome import differing, outcome


def findings(book: Book, last: Book | None = None) -> list[str]:
    """Checks that block a book, each once."""
    found = validate(book, last.left() if last else None).blocking
    return sorted({f"{each.check} {each.code}" for each in found})


def judge_case(file: Path) -> tuple[list[str], list[str]]:
    """What a worked case says: its parts that differ, and the checks that block."""
    case = read_case(file)
    book = close_case(case)
    return list(differing(case, outcome(case, book))), findings(book)


def judge_months() -> tuple[list[str], list[str]]:
    """The same of months that follow each other: figures that differ, checks that block."""
    engine = ConsolidationEngine(lives.GROUP)
    for balance in lives.BALANCES:
        engine.load_trial_balance(balance)
    figures: dict[str, None] = {}
    checks: set[str] = set()
    last: Book | None = None
    for month in lives.MONTHS:
        book = engine.consolidate(month)
        checks |= set(findings(book, last))
        figures |= dict.fromkeys(lives.differing(book))
        last = book
    return list(figures), sorted(checks)


def judged() -> dict[str, Any]:
    """Everything that is said: of an engine that refuses, the error."""
    said: dict[str, Any] = {"cases": {}, "checks": {}, "refused": {}}
    asked: list[tuple[str, Callable[[], tuple[list[str], list[str]]]]] = [
        (file.stem.split("-")[0], partial(judge_case, file)) for file in cases()
    ]
    for name, judge in (*asked, ("lives", judge_months)):
        try:
            figures, checks = judge()
        except CloseError as error:  # anything else is no answer, and ends the judge
            said["refused"][name] = f"{type(error).__name__}: {error}"[:200]
            continue
        said["cases"] |= {name: figures} if figures else {}
        said["checks"] |= {name: checks} if checks else {}
    return said


if __name__ == "__main__":
    json.dump(judged(), sys.stdout)
