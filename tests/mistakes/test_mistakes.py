"""Every mistake seeded into the engine is noticed by a check, a worked case or a refusal."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.mistakes.campaign import PACKAGE, ROOT, row, run_judge, try_one
from tests.mistakes.catalogue import MISTAKES, Mistake, NotThere

LISTED = (ROOT / "docs" / "mistakes.md").read_text("utf-8")


@cache
def sound() -> dict[str, Any]:
    """What is said of the engine as it is, once a process."""
    return run_judge(PACKAGE.parent)


def named(mistake: Mistake) -> str:
    """The id of a test."""
    return mistake.id


def test_the_sound_engine_is_as_worked(shared: Path) -> None:
    """W14 leaves two invoices standing on purpose; nothing else differs, blocks or is refused."""
    standing = {"W14": ["V8 intercompany-unmatched"]}
    assert sound() == {"cases": {}, "checks": standing, "refused": {}}, shared


@pytest.mark.parametrize("mistake", MISTAKES, ids=named)
def test_it_is_noticed(mistake: Mistake, shared: Path) -> None:
    verdict = try_one(mistake, sound())
    assert verdict.caught, f"{mistake.says}: {shared}"
    assert "all" not in verdict.refused, "the mistake stops the program itself"
    assert row(mistake, verdict) in LISTED, "docs/mistakes.md says otherwise: print it anew"


@pytest.mark.parametrize("mistake", MISTAKES, ids=named)
def test_it_is_another_program(mistake: Mistake) -> None:
    text = (PACKAGE / mistake.file).read_text("utf-8")
    assert ast.dump(ast.parse(mistake.apply(text))) != ast.dump(ast.parse(text))


def test_a_text_that_moved_on_is_named() -> None:
    with pytest.raises(NotThere, match="M00: 0 times in "):
        Mistake("M00", "", "ledger/money.py", "no such text", "").apply("other text")


def test_there_are_thirty_at_least_and_none_twice() -> None:
    seeds = {(each.file, each.right, each.wrong) for each in MISTAKES}
    assert len(seeds) == len({each.says for each in MISTAKES}) == len(MISTAKES) >= 30
