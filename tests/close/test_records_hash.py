"""Whatever a group records is part of what its closes are hashed from."""

from dataclasses import fields, replace
from typing import Any

import pytest

from monthclose.close import steps
from monthclose.close.steps import records_hash
from monthclose.ledger.accounts import Chart
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.periods import FiscalYear
from monthclose.ledger.rates import RateTable
from tests.analysis.books import described


def other(name: str, known: Any) -> Any:
    """Another content of a field: of a tuple of records one less, or one that is made up."""
    match known:
        case str():
            return known + "X"
        case Chart():
            return replace(known, accounts=known.accounts[:-1])
        case RateTable():
            return RateTable(known.quotes[:-1])
        case FiscalYear():
            return FiscalYear(6)
        case dict():
            return {"S": EntityMapping("S", {"1": (Target("1010"),)})}
        case tuple():
            return known[:-1] if known else (name,)
        case _:
            return known / 2


@pytest.mark.parametrize("name", [each.name for each in fields(Group)])
def test_a_change_of_any_field_changes_the_hash(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(steps, "in_order", lambda group: group)  # made-up records have no order
    group = described()
    changed = replace(group, **{name: other(name, getattr(group, name))})
    assert records_hash(changed) != records_hash(group)


def test_the_order_of_records_changes_nothing():
    group = described()
    turned = replace(group, acquisitions=group.acquisitions[::-1], interests=group.interests[::-1])
    assert records_hash(turned) == records_hash(group)
