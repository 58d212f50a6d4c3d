"""
Seed the classic mistakes of a consolidation into the engine, one by one, and see who notices.

    python -m tests.mistakes.campaign

prints, for each, the checks and the worked cases that catch it, as a table in Markdown; it ends
with an error when one is caught by nothing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mistakes.catalogue import MISTAKES, Mistake

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
    """

    mistake: str
    checks: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def caught(self) -> bool:
        """Whether anything notices."""
        return bool(self.checks or self.cases or self.refused)


def seeded(mistake: Mistake, into: Path) -> Path:
    """Copy the package with one mistake in it; the folder to put on the path."""
    copied = into / mistake.id
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, copied / "monthclose", ignore=ignored)
    file = copied / "monthclose" / mistake.file
    file.write_text(mistake.apply(file.read_text("utf-8")), "utf-8")
    return copied


def run_judge(path: Path) -> dict[str, Any]:
    """Judge the package that lies in *path*."""
    environment = os.environ | {"PYTHONPATH": f"{path}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.mistakes.judge"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        return {"cases": {}, "checks": {}, "refused": {"all": done.stderr.splitlines()[-1:]}}
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def try_one(mistake: Mistake, sound: dict[str, Any]) -> Verdict:
    """Seed one mistake, and compare with what is said of the sound engine."""
    with tempfile.TemporaryDirectory() as folder:
        said = run_judge(seeded(mistake, Path(folder)))
    new = {
        part: {name: each for name, each in said[part].items() if sound[part].get(name) != each}
        for part in ("cases", "checks", "refused")
    }
    raised = {
        check.split()[0]
        for name, each in new["checks"].items()
        for check in each
        if check not in sound["checks"].get(name, ())
    }
    return Verdict(
        mistake.id,
        tuple(sorted(raised, key=lambda check: int(check[1:]))),
        tuple(sorted(new["cases"])),
        tuple(sorted(new["refused"])),
    )


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
    noticed = (verdict.checks, verdict.cases, verdict.refused)
    columns = " | ".join(", ".join(each) or "–" for each in noticed)
    return f"| {mistake.id} | {mistake.says} | {columns} |"


def main() -> int:
    """Print the table."""
    missed = []
    print("| # | mistake | noticed by checks | by worked cases | refused in |")
    print("| --- | --- | --- | --- | --- |")
    for mistake, verdict in zip(MISTAKES, tried(MISTAKES), strict=True):
        print(row(mistake, verdict), flush=True)
        if not verdict.caught:
            missed.append(mistake.id)
    if missed:
        print(f"noticed by nothing: {', '.join(missed)}", file=sys.stderr)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
