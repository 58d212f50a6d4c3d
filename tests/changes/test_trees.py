"""Shares change hands anywhere in drawn trees of five companies."""

import pytest

from monthclose.analysis.lineage import every_figure, explain
from tests.changes.chain import wrong
from tests.changes.tale import MONTHS
from tests.changes.test_drawn import opens_otherwise
from tests.changes.trees import Tree


@pytest.mark.parametrize("seed", [*range(40), 587])
def test_every_month_is_proved_and_opens_as_it_was_closed(seed: int):
    """V1 to V11 in sixteen months, whatever is sold, with what is below it, and bought."""
    tree = Tree(seed)
    made = [tree.engine.consolidate(month) for month in MONTHS]
    assert wrong(made) == []
    assert list(opens_otherwise(made)) == []


def test_something_of_everything_is_drawn():
    kinds = {(each.entity, each.kind.value) for seed in range(40) for each in Tree(seed).changes}
    assert {kind for _, kind in kinds} == {"disposal", "partial_disposal", "increase"}
    assert {code for code, _ in kinds} == {"H", "A", "B", "C"}
    assert {("B", "disposal"), ("H", "disposal"), ("H", "increase")} <= kinds


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_is_explained(seed: int):
    tree = Tree(seed)
    for month in (MONTHS[8], MONTHS[15]):
        book = tree.engine.consolidate(month)
        for name in every_figure(book):
            explain(book, name, before=tree.engine.month_before)  # it says what does not add up
