"""
Run tests whose figures were worked by hand, with whatever engine is installed.

    python -m tests.mistakes.proofs [--first] FILE...

prints, as JSON, the tests that fail and the checks of the validation that block in them. It
loads no engine itself: the campaign puts a copy that holds one mistake first on the path.
`--first` stops at the first test that fails.
"""

import contextlib
import functools
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]


class Failures:
    """A plugin of pytest: remembers which tests fail, and which cannot be loaded at all."""

    def __init__(self) -> None:
        self.failed: dict[str, None] = {}
        self.broken: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a failure by the file it is in."""
        if report.failed:
            self.failed[Path(report.location[0]).stem.removeprefix("test_")] = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep a file that could not be read."""
        if report.failed:
            self.broken.append(str(report.longrepr)[-200:])


def watched() -> set[str]:
    """Blocking findings of every validation from now on; before tests import it."""
    from monthclose.analysis import validation

    blocked: set[str] = set()
    right = validation.validate

    @functools.wraps(right)
    def watching(*given: Any, **named: Any) -> Any:
        found = right(*given, **named)
        blocked.update(f"{each.check} {each.code}" for each in found.blocking)
        return found

    validation.validate = watching
    return blocked


def proved(files: list[str], *, first: bool) -> dict[str, Any]:
    """Run the files; what fails and what blocks."""
    blocked, failures = watched(), Failures()
    # A drawn example was not worked by hand, and takes minutes to be made small.
    options = ["-q", "-m", "not hypothesis"]
    options += ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov"]
    options += ["-x"] if first else []
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        ended = pytest.main([*options, *(str(TESTS / file) for file in files)], plugins=[failures])
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        failures.broken.append(said.getvalue()[-500:])
    return {
        "failed": sorted(failures.failed),
        "checks": sorted(blocked),
        "broken": failures.broken,
    }


if __name__ == "__main__":
    asked = sys.argv[1:]
    wanted = [each for each in asked if each != "--first"]
    json.dump(proved(wanted, first="--first" in asked), sys.stdout)
