"""Drawn associates, sold in parts or whole, on two roads and over the end of a fiscal year."""

from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.money import plain, rounded
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


def holder_sold(tale: Selling, folder: Path, day: str) -> int:
    """
    P sells H, and with it what H has left of the associate, for 1,000.00 above its cost.

    Returns:
        What is left of the group then: the cash of P, minor units.
    """
    month = day[:7]
    cost = rounded(400_000_00 * tale.rate(tale.owner, "2024-09-30"))
    left = 100_000_00 + cost + 1000_00
    for name in ("associates", "events", "ownership", "changes"):
        file = folder / f"{name}.csv"
        lines = file.read_text("utf-8").splitlines()
        lines = [line for line in lines if not line[:4].isdigit() or line[:7] <= month]
        lines = [line for line in lines if not line.startswith("H,X") or line[-10:] <= day]
        if name == "ownership":
            lines.append(f"P,H,0,{day}")
        if name == "changes":
            price = plain(cost + 1000_00)
            lines.append(f"{day},disposal,H,P,80,{price},{plain(cost)},1000.00,1760,4510")
        file.write_text("\n".join(lines) + "\n", "utf-8")
    for each in (m for m in MONTHS if m >= month):
        file = folder / "balances" / f"{each}.csv"
        lines = [line for line in file.read_text("utf-8").splitlines() if line[:2] != "P,"]
        if each > month:
            lines = lines[:1]
        lines += [f"P,1010,{plain(left)}", f"P,3000,{plain(1000_00 - left)}", "P,4510,-1000.00"]
        file.write_text("\n".join(lines) + "\n", "utf-8")
    return left


@pytest.mark.parametrize("seed", [1, 5, 7])
@pytest.mark.parametrize("currencies", ["abroad", "three currencies"])
def test_what_is_left_goes_with_its_holder(tmp_path: Path, currencies: str, seed: int):
    """H had sold shares of X when P sells H itself on 30 November; nothing stays behind."""
    tale = Selling(seed, *CURRENCIES[currencies], below=True)
    folder = tale.folder(tmp_path / "told")
    left, last = holder_sold(tale, folder, "2025-11-30"), None
    found = read_group(folder)
    engine = ConsolidationEngine(found.group)
    for each in found.balances:
        engine.load_trial_balance(each)
    for month in MONTHS:
        book = engine.consolidate(month)
        validation = validate(book, last)
        assert [each.said("en") for each in validation.blocking] == []
        last = book.left()
        if month >= "2025-11":
            assert (book.totals.total_equity, book.figure("3400")) == (left, 0)
            assert (book.figure("1750"), book.figure("3500")) == (0, 0)
