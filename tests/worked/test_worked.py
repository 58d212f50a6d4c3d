"""Whole groups worked by hand, compared leaf by leaf with what the engine says."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monthclose import ConsolidationEngine
from monthclose.ledger.errors import CloseError
from tests.worked.case import Case, read_case
from tests.worked.outcome import differences, expected_part, outcome

OWN = Path(__file__).parent / "cases"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden"


def folders(config: pytest.Config) -> list[Path]:
    """The folders whose cases run: the one named, or the shared ones and our own."""
    named: Path | None = config.getoption("--golden-dir")
    return [named] if named else [folder for folder in (SHARED, OWN) if folder.is_dir()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each part of each case."""
    if "part" not in metafunc.fixturenames:
        return
    files = [file for folder in folders(metafunc.config) for file in sorted(folder.glob("*.json"))]
    pairs = [(file, part) for file in files for part in read(file).expected]
    ids = [f"{read(file).id}-{part}" for file, part in pairs]
    metafunc.parametrize(("file", "part"), pairs, ids=ids)


@cache
def read(file: Path) -> Case:
    """Read a case once for all its parts."""
    return read_case(file)


@cache
def said(file: Path) -> dict[str, Any]:
    """Run a case once for all its parts; an error counts as every part missing."""
    case = read(file)
    engine = ConsolidationEngine(case.group)
    try:
        for balance in case.balances:
            engine.load_trial_balance(balance)
        return outcome(case, engine.consolidate(case.facts.period, case.facts))
    except (CloseError, KeyError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def test_every_leaf_is_as_worked(file: Path, part: str) -> None:
    """Every part of every case, ours and those of a folder that is named."""
    case, written = read(file), said(file)
    expected = expected_part(case, part)
    found = differences(part, expected, written.get(part, {} if expected else expected))
    if "error" in written:
        found.insert(0, written["error"])
    assert not found, "\n".join([case.group.name, *found])
