"""Every mistake seeded into the engine is noticed by a check, a worked case or a refusal."""

import ast
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.mistakes.campaign import (
    PACKAGE,
    ROOT,
    row,
    run_judge,
    run_proofs,
    run_sound_proofs,
    seeded,
    try_one,
)
from tests.mistakes.catalogue import MISTAKES, Mistake, NotThere
from tests.mistakes.dated import DATED

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


@pytest.mark.parametrize(
    "mistake", [*MISTAKES, *(each for each in DATED if not each.by)], ids=named
)
def test_it_is_noticed(mistake: Mistake, shared: Path) -> None:
    verdict = try_one(mistake, sound())
    assert verdict.caught, f"{mistake.says}: {shared}"
    assert "all" not in verdict.refused, "the mistake stops the program itself"
    assert row(mistake, verdict) in LISTED, "docs/mistakes.md says otherwise: print it anew"


SHORT = list({each.by[0]: each for each in reversed(DATED) if each.by}.values())[::2]
"""One mistake of every other part; the campaign tries all, with all tests and worked cases."""


@cache
def failing() -> dict[str, dict[str, Any]]:
    """What the first test that fails says of each, two at a time."""

    def one(mistake: Mistake) -> dict[str, Any]:
        with TemporaryDirectory() as folder:
            return run_proofs(seeded(mistake, Path(folder)), mistake.by, "--first")

    with ThreadPoolExecutor(2) as pool:
        return dict(zip((each.id for each in SHORT), pool.map(one, SHORT), strict=True))


@pytest.mark.parametrize("mistake", SHORT, ids=named)
def test_it_is_noticed_where_its_part_is_worked(mistake: Mistake, shared: Path) -> None:
    assert failing()[mistake.id]["failed"], f"{mistake.says}: {shared}"


@pytest.mark.parametrize("mistake", DATED, ids=named)
def test_it_is_listed_as_noticed(mistake: Mistake) -> None:
    (line,) = (each for each in LISTED.splitlines() if each.startswith(f"| {mistake.id} |"))
    says, *noticed = (cell.strip() for cell in line.split("|")[2:-1])
    assert says == mistake.says, "print docs/mistakes.md anew"
    assert noticed != ["–"] * 3


@pytest.mark.parametrize("mistake", [*MISTAKES, *DATED], ids=named)
def test_it_is_another_program(mistake: Mistake) -> None:
    text = (PACKAGE / mistake.file).read_text("utf-8")
    assert ast.dump(ast.parse(mistake.apply(text))) != ast.dump(ast.parse(text))


def test_a_text_that_moved_on_is_named() -> None:
    with pytest.raises(NotThere, match="M00: 0 times in "):
        Mistake("M00", "", "ledger/money.py", "no such text", "").apply("other text")


def test_a_sound_engine_fails_no_test(shared: Path) -> None:
    (bridge,) = (each for each in DATED if each.file.endswith("bridge.py"))
    assert run_sound_proofs(bridge.by) == {"failed": [], "checks": [], "broken": []}, shared


def test_there_are_seventy_at_least_and_none_twice() -> None:
    every = (*MISTAKES, *DATED)
    seeds = {(each.file, each.right, each.wrong) for each in every}
    assert len(seeds) == len({each.says for each in every}) == len(every) >= 70
