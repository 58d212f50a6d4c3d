"""The tales of P and S with companies above: T owns 70 % of P, U 90 % of T, outsiders the rest."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.group import Group
from tests.changes.tale import MONTHS, ties
from tests.consolidation.groups import CODES, cents, founded, holds, parent

COSTS = {
    ("T", "USD"): ("5600.00", "5600.00", "-8000.00", "70"),
    ("T", "BRL"): ("5600.00", "868.00", "-8000.00", "70"),
    ("U", "USD"): ("8100.00", "8100.00", "-9000.00", "90"),
}
"""Paid, carried, capital of the company below and share: by holder and that one's currency."""


def under(
    group: Group, books: Sequence[TrialBalance], top: str = "T"
) -> tuple[Group, list[TrialBalance]]:
    """A group whose parent has a parent, and outsiders, from its foundation on."""
    middle = next(each for each in group.entities if each.method is Method.PARENT)
    paid, carried, capital, share = COSTS[top, middle.currency]
    acquisition = founded(
        middle.code,
        acquirer=top,
        paid=paid,
        carried=carried,
        nci=str(100 - int(share)),
        capital=capital,
    )
    chained = replace(
        group,
        entities=(
            parent(top),
            Entity(middle.code, middle.name, middle.currency),
            *(each for each in group.entities if each is not middle),
        ),
        interests=(*group.interests, holds(top, middle.code, share, "2025-01-01")),
        acquisitions=(acquisition, *group.acquisitions),
        openings=tuple(each for each in group.openings if each.entity != middle.code),
    )
    lines = {
        CODES["investment"][0]: cents(carried),
        CODES["cash"][0]: cents("9000.00") - cents(carried),
        CODES["capital"][0]: -cents("9000.00"),
    }
    amounts = np.array(list(lines.values()), dtype=np.int64)
    own = [TrialBalance(top, month, "USD", tuple(lines), amounts) for month in MONTHS]
    return chained, [*own, *books]


def closed(group: Group, books: Sequence[TrialBalance]) -> list[Book]:
    """Sixteen months, over a year's end."""
    engine = ConsolidationEngine(group)
    for each in books:
        engine.load_trial_balance(each)
    return [engine.consolidate(month) for month in MONTHS]


def wrong(books: Sequence[Book]) -> list[str]:
    """What is not proved in any month, or does not open as it was closed."""
    found, last = ties(books), None
    for book in books:
        found += [f"{book.period} {each}" for each in validate(book, last).blocking]
        found += [e.id for e in book.entries if sum(line.amount for line in e.lines)]
        last = book.left()
    for before, now in pairwise(books):
        one, other = before.changes_in_equity, now.changes_in_equity
        assert one is not None
        assert other is not None
        new_year = now.period.endswith("-01")
        if sum((one.closing if new_year else one.opening).values()) != sum(other.opening.values()):
            found.append(f"{now.period}: equity")
    return found
