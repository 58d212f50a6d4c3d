"""Drawn associates, sold in parts or whole, on two roads and over the end of a fiscal year."""

from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from tests.equity_method.selling import MONTHS, Selling, by_causes

CURRENCIES = {
    "all in reais": ("BRL", "BRL", "BRL"),
    "abroad": ("BRL", "BRL", "USD"),
    "reported in dollars": ("USD", "BRL", "BRL"),
    "three currencies": ("USD", "BRL", "EUR"),
    "holder abroad": ("BRL", "EUR", "USD"),
}


def near(actual: int, exact: Fraction, cents: int = 12) -> bool:
    """Whether an amount is what it is but for the cents of so many months."""
    return abs(actual - exact) <= cents


@pytest.mark.parametrize("below", [False, True], ids=["parent", "below"])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("currencies", CURRENCIES)
def test_two_roads_meet(tmp_path: Path, currencies: str, seed: int, below: bool):
    """
    Sixteen months, the year ending in September; every check is clean in each of them.

    Every other tale is in books under equity pick-up, which change no figure of the group.
    """
    tale = Selling(
        seed,
        *CURRENCIES[currencies],
        below=below,
        whole=seed % 2 == 0,
        losses=seed % 3 == 0,
        pickup=seed in (1, 2, 4),
    )
    found = read_group(tale.folder(tmp_path / "told"))
    engine = ConsolidationEngine(found.group)
    for each in found.balances:
        engine.load_trial_balance(each)
    last, owners = None, Fraction(4, 5) if below else Fraction(1)
    for month in MONTHS:
        book = engine.consolidate(month)
        validation = validate(book, last)
        assert [each.said("en") for each in validation.blocking] == []
        second = by_causes(tale, month)
        equity = book.associates.get("X")
        assert (equity.carrying if equity else 0) == second.carrying
        assert (equity.losses if equity else 0) == second.losses
        totals = book.totals
        assert near(-book.figure("4510"), second.gains)
        # Of a reserve that a holder abroad has used up its translation is left, as CTA is.
        assert near(-book.figure("3400") - book.figure("3600"), owners * second.cta)
        assert tale.owner != tale.presentation or book.figure("3600") == 0
        assert book.figure("4410") == 0
        assert near(totals.non_controlling_interests, (1 - owners) * second.equity)
        own = 100_000_00 if below else 0
        assert near(totals.equity_attributable_to_parent, owners * second.equity + own)
        last = book.left()
    assert bool(book.associates) is not tale.whole or tale.gone >= "2025-10-01"
