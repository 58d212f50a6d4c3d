"""Every mistake that is seeded into the engine is noticed by a check or by a worked case."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.mistakes.campaign import PACKAGE, ROOT, run_judge, try_one
from tests.mistakes.catalogue import MISTAKES, Mistake, NotThere


@cache
def sound() -> dict[str, Any]:
    """What is said of the engine as it is, once a process."""
    return run_judge(PACKAGE.parent)


def named(mistake: Mistake) -> str:
    """The id of a test."""
    return mistake.id


def test_the_sound_engine_is_as_worked(shared: Path) -> None:
    assert sound()["cases"] == {}, shared


@pytest.mark.parametrize("mistake", MISTAKES, ids=named)
def test_it_is_noticed(mistake: Mistake, shared: Path) -> None:
    verdict = try_one(mistake, sound())
    assert verdict.caught, f"{mistake.says}: {shared}"
    assert "all" not in verdict.refused, "the mistake does not even import"


@pytest.mark.parametrize("mistake", MISTAKES, ids=named)
def test_it_is_another_program(mistake: Mistake) -> None:
    text = (PACKAGE / mistake.file).read_text("utf-8")
    assert ast.dump(ast.parse(mistake.apply(text))) != ast.dump(ast.parse(text))


def test_a_text_that_moved_on_is_named() -> None:
    with pytest.raises(NotThere, match="M00: 0 times in "):
        Mistake("M00", "", "ledger/money.py", "no such text", "").apply("other text")


def test_every_mistake_is_listed_in_the_docs() -> None:
    listed = (ROOT / "docs" / "mistakes.md").read_text("utf-8")
    assert [each.says for each in MISTAKES if f"| {each.id} | {each.says} |" not in listed] == []


def test_there_are_thirty_at_least_and_none_twice() -> None:
    seeds = {(each.file, each.right, each.wrong) for each in MISTAKES}
    assert len(seeds) == len({each.says for each in MISTAKES}) == len(MISTAKES) >= 30
