"""The set-up script, on small machines made for it: a few tools, and Pythons that only talk."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("cat", "cmp", "dirname", "grep", "mkdir", "mv", "rm", "sed", "sh")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout, in a folder with a space and a quote in its name."""
    folder = tmp_path / "month's close"
    for name in ("tools/setup.sh", "pyproject.toml", "requirements/dev.lock"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Make a machine with nothing but the tools the script may use."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is needed"
        (folder / tool).symlink_to(found)
    return folder


def python(file: Path, says: str, status: int) -> None:
    """Put a Python there that gives one answer to every question."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    file.chmod(0o755)


def set_up(checkout: Path, machine: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script with that machine's tools, and no home."""
    return subprocess.run(
        ["sh", str(checkout / "tools" / "setup.sh")],
        env={"PATH": str(machine), **variables},
        cwd=os.sep,
        capture_output=True,
        text=True,
        check=False,
    )


def install_by_hand(checkout: Path) -> None:
    """Leave what a finished set-up leaves: a Python that runs, and the stamp."""
    python(checkout / ".venv" / "bin" / "python", "3.13.0 there", 0)
    sources = ("pyproject.toml", "requirements/dev.lock", "tools/setup.sh")
    texts = [(checkout / name).read_text("utf-8") for name in sources]
    (checkout / ".venv" / ".stamp").write_text("".join((f"{checkout}\n", *texts)), "utf-8")


class TestSetup:
    def test_without_a_python_says_what_it_tried(self, checkout: Path, machine: Path):
        python(machine / "python3", "3.11.2 here", 1)
        python(machine / "python", "", 1)
        done = set_up(checkout, machine, PYTHON="/opt/none")
        assert done.returncode == 1
        assert done.stdout == ""
        tried = [line.strip() for line in done.stderr.splitlines()]
        assert tried[1:6] == [
            "/opt/none: not found",
            "python3.13: not found",
            "python: does not run",
            "python3: 3.11.2 here",
            ".venv/bin/python: not found",
        ]
        assert not (checkout / ".venv").exists()

    def test_does_nothing_when_nothing_changed(self, checkout: Path, machine: Path):
        install_by_hand(checkout)
        done = set_up(checkout, machine)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    @pytest.mark.parametrize("name", ["pyproject.toml", "requirements/dev.lock", "tools/setup.sh"])
    def test_looks_again_when_a_file_changed(self, checkout: Path, machine: Path, name: str):
        install_by_hand(checkout)
        with (checkout / name).open("a") as file:
            file.write("\n# one more line\n")
        assert "Building" in set_up(checkout, machine).stderr

    def test_looks_again_when_the_checkout_moved(self, checkout: Path, machine: Path):
        install_by_hand(checkout)
        moved = checkout.rename(checkout.parent / "moved")
        assert "Building" in set_up(moved, machine).stderr

    def test_looks_again_when_the_environment_is_broken(self, checkout: Path, machine: Path):
        install_by_hand(checkout)
        python(checkout / ".venv" / "bin" / "python", "", 1)
        done = set_up(checkout, machine)
        assert done.returncode == 1
        assert ".venv/bin/python: does not run" in done.stderr
