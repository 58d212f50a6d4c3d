"""Whole groups worked by hand, compared leaf by leaf with what the engine says."""

from functools import cache
from pathlib import Path

import pytest

from monthclose.ledger.errors import CloseError
from tests.worked.case import Case, cases, close_case, read_case
from tests.worked.outcome import differing, outcome


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each part of each case."""
    if "part" not in metafunc.fixturenames:
        return
    named: Path | None = metafunc.config.getoption("--golden-dir")
    files = sorted(named.glob("*.json")) if named else cases()
    pairs = [(file, part) for file in files for part in read(file).expected]
    ids = [f"{read(file).id}-{part}" for file, part in pairs]
    metafunc.parametrize(("file", "part"), pairs, ids=ids)


@cache
def read(file: Path) -> Case:
    """Read a case once for all its parts."""
    return read_case(file)


@cache
def found(file: Path) -> dict[str, list[str]]:
    """What differs in a case, by part, once for all its parts; an error is said with each."""
    case = read(file)
    try:
        return differing(case, outcome(case, close_case(case)))
    except (CloseError, KeyError) as error:
        return {part: [f"{type(error).__name__}: {error}"] for part in case.expected}


def test_every_leaf_is_as_worked(file: Path, part: str) -> None:
    """Every part of every case, ours and those of a folder that is named."""
    wrong = found(file).get(part, [])
    assert not wrong, "\n".join([read(file).group.name, *wrong])
