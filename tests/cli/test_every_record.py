"""Every kind of dated record: closed, corrected, closed, compared, withdrawn, written back."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from monthclose.analysis.changes import _KEYS
from monthclose.close.steps import records_hash
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.runs import CloseInputs
from monthclose.store.events import EVENT_KINDS
from monthclose.wiring.build import Desk, open_desk
from monthclose.wiring.lookback import compare_stored, explain_stored, read_version, remake
from monthclose.wiring.settings import Settings
from tests.cli.lives import LIVES, Life, begin, rewrite

SETTINGS = {"code", "name", "presentation", "framework", "fiscal_year", "first_period", "language"}
"""Fields of a group that are no records: `test_settings_changed.py` is about those."""

IDS = [life.name for life in LIVES]


def test_every_field_of_a_group_has_a_life():
    named = {each.name for each in fields(Group)} - SETTINGS
    assert named == {life.name for life in LIVES}


def test_every_kind_that_is_stored_and_every_kind_that_is_compared_has_one():
    lived = {life.name for life in LIVES}
    assert {kind.field for kind in EVENT_KINDS} <= lived
    assert set(_KEYS) <= lived


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An installation that every life has a portfolio of its own in."""
    with open_desk(Settings(home=tmp_path_factory.mktemp("lives")), portfolio=None) as opened:
        yield opened


def closed(desk: Desk, folder: Path, month: str) -> str:
    """Import and close: the hash of the figures, or the code of what stops the close."""
    desk.import_folder(folder)
    outcome = desk.close(month)
    if outcome.error:
        return outcome.error.code
    assert outcome.book is not None
    return outcome.book.digest


def alone(folder: Path, month: str) -> str:
    """The same in memory, as if nothing else had ever been loaded."""
    found = read_group(folder)
    try:
        return remake(CloseInputs(found.group, found.balances), month)[1].digest
    except CloseError as error:
        return error.code


@pytest.mark.server
@pytest.mark.parametrize("life", LIVES, ids=IDS)
def test_a_record_lives_through_the_product(life: Life, desk: Desk, tmp_path: Path):
    code = f"LIFE-{LIVES.index(life)}"
    one = begin(tmp_path / "one", life, code)
    two, three = begin(tmp_path / "two", life, code), begin(tmp_path / "three", life, code)
    rewrite(two, life.corrected)
    rewrite(three, life.withdrawn)
    label = f"{life.month}@"
    first = closed(desk, one, life.month)
    told = explain_stored(desk, f"{label}1", life.figure)
    second = closed(desk, two, life.month)
    _names(desk, life)
    assert read_version(desk, f"{label}1")[2].digest == first
    assert explain_stored(desk, f"{label}1", life.figure).tree == told.tree
    assert closed(desk, three, life.month) == alone(three, life.month)
    assert read_version(desk, f"{label}2")[2].digest == second == alone(two, life.month)


def _names(desk: Desk, life: Life) -> None:
    """`diff` names the record and its field to its reader, and its causes add up."""
    compared = compare_stored(desk, f"{life.month}@1", f"{life.month}@2")
    changes = [each for each in compared.difference.changes if each.kind == life.name]
    for lang, wanted in zip(("en", "pt-BR"), life.says, strict=True):
        assert wanted in [each.named(lang) for each in changes]
    for each in changes:
        was, now = each.said("en")
        assert was != now
    for moved in compared.difference.moved:
        assert moved.now - moved.was == sum(moved.causes.values())


@pytest.mark.parametrize("life", LIVES, ids=IDS)
def test_what_is_written_back_reads_the_same(life: Life, tmp_path: Path):
    """Of the folder at first, and as it was corrected."""
    for name, edits in (("one", ()), ("two", life.corrected)):
        folder = begin(tmp_path / name, life, "LIFE")
        rewrite(folder, edits)
        read = read_group(folder)
        write_group(tmp_path / f"{name}-back", read.group, read.balances)
        again = read_group(tmp_path / f"{name}-back")
        assert records_hash(again.group) == records_hash(read.group)
        assert again.group.mappings == read.group.mappings
        assert [e.content for e in again.group.subscriptions] == [
            e.content for e in read.group.subscriptions
        ]
