"""
Seed the classic mistakes of a consolidation into the engine, one by one, and see who notices.

    python -m tests.mistakes.campaign

prints, for each, the checks and the worked cases that catch it, as a table in Markdown; it ends
with an error when one is caught by nothing. A mistake of dated records is tried with the worked
cases and with the tests that work its part by hand.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.mistakes.catalogue import MISTAKES, Mistake
from tests.mistakes.dated import DATED

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "monthclose"


@dataclass(frozen=True)
class Verdict:
    """
    Who notices a mistake.

    Attributes:
        mistake: Its id.
        checks: Checks of the validation that block and did not before.
        cases: Worked cases with figures that are not as expected any more.
        refused: Worked cases whose close stops with an error.
        tests: Files of tests with figures that are not as worked any more.
    """

    mistake: str
    checks: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    @property
    def caught(self) -> bool:
        """Whether anything notices."""
        return bool(self.checks or self.cases or self.refused or self.tests)


def seeded(mistake: Mistake, into: Path) -> Path:
    """Copy the package with one mistake in it; the folder to put on the path."""
    copied = into / mistake.id
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, copied / "monthclose", ignore=ignored)
    file = copied / "monthclose" / mistake.file
    file.write_text(mistake.apply(file.read_text("utf-8")), "utf-8")
    return copied


def run_module(path: Path, module: str, *options: str) -> dict[str, Any] | str:
    """Run a module of this folder on the package that lies in *path*; what it says, or why not."""
    environment = os.environ | {"PYTHONPATH": f"{path}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", f"tests.mistakes.{module}", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        return "\n".join(done.stderr.splitlines()[-1:])
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def run_judge(path: Path) -> dict[str, Any]:
    """Judge the package that lies in *path* by the worked cases."""
    said = run_module(path, "judge")
    return said if isinstance(said, dict) else {"cases": {}, "checks": {}, "refused": {"all": said}}


class NoAnswer(Exception):
    """The tests could not be run at all, which says nothing of the mistake."""


def run_proofs(path: Path, files: Iterable[str], *options: str) -> dict[str, Any]:
    """
    Judge the package that lies in *path* by tests that work figures by hand.

    Raises:
        NoAnswer: they could not be run.
    """
    said = run_module(path, "proofs", *options, *files)
    if isinstance(said, str) or said["broken"]:
        raise NoAnswer(said)
    return said


def named(checks: Iterable[str]) -> tuple[str, ...]:
    """Checks in order, each once."""
    return tuple(sorted({check.split()[0] for check in checks}, key=lambda check: int(check[1:])))


def try_one(mistake: Mistake, sound: dict[str, Any]) -> Verdict:
    """Seed one mistake, and compare with what is said of the sound engine."""
    with tempfile.TemporaryDirectory() as folder:
        path = seeded(mistake, Path(folder))
        said = run_judge(path)
        proved = run_proofs(path, mistake.by) if mistake.by else {"failed": [], "checks": []}
    new = {
        part: {name: each for name, each in said[part].items() if sound[part].get(name) != each}
        for part in ("cases", "checks", "refused")
    }
    raised = {
        check
        for name, each in new["checks"].items()
        for check in each
        if check not in sound["checks"].get(name, ())
    }
    if mistake.by:
        raised |= set(proved["checks"]) - set(run_sound_proofs(mistake.by)["checks"])
    return Verdict(
        mistake.id,
        named(raised),
        tuple(sorted(new["cases"])),
        tuple(sorted(new["refused"])),
        tuple(proved["failed"]),
    )


@cache
def run_sound_proofs(files: tuple[str, ...]) -> dict[str, Any]:
    """
    What tests say of the engine as it is.

    Raises:
        NotSound: one of them fails.
    """
    said = run_proofs(PACKAGE.parent, files)
    if said["failed"]:
        raise NotSound(said)
    return said


class NotSound(Exception):
    """The engine without a mistake is not as worked: nothing could be said of one with it."""


def tried(mistakes: tuple[Mistake, ...]) -> Iterator[Verdict]:
    """
    Try mistakes, as many at a time as there are cores, in their order.

    Raises:
        NotSound: worked cases differ or are refused without any.
    """
    sound = run_judge(PACKAGE.parent)
    if sound["cases"] or sound["refused"]:
        raise NotSound(sound)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(lambda each: try_one(each, sound), mistakes)


def row(mistake: Mistake, verdict: Verdict) -> str:
    """A line of the table."""
    noticed = (verdict.checks, (*verdict.cases, *verdict.tests), verdict.refused)
    columns = " | ".join(", ".join(each) or "–" for each in noticed)
    return f"| {mistake.id} | {mistake.says} | {columns} |"


def main() -> int:
    """Print the table."""
    missed = []
    print("| # | mistake | noticed by checks | by worked cases | refused in |")
    print("| --- | --- | --- | --- | --- |")
    every = (*MISTAKES, *DATED)
    for mistake, verdict in zip(every, tried(every), strict=True):
        print(row(mistake, verdict), flush=True)
        if not verdict.caught:
            missed.append(mistake.id)
    if missed:
        print(f"noticed by nothing: {', '.join(missed)}", file=sys.stderr)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
