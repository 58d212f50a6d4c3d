"""The files of a group folder: found, read once, and nothing outside the folder."""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from monthclose.groupfolder.problems import GroupFolderMissing, Problems
from monthclose.groupfolder.schema import TABLES
from monthclose.groupfolder.specs import TableSpec
from monthclose.ledger.periods import NotAPeriod, Period
from monthclose.wording import reason_of

LARGEST_FILE = 10 * 2**20
"""Bytes of one file."""

SETTINGS = "group.toml"
SUFFIXES = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Document:
    """
    One file as it was read.

    Attributes:
        name: Relative to the folder, with forward slashes.
        content: Its bytes.
        sha256: Their hash, hexadecimal.
    """

    name: str
    content: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Found:
    """
    A table of the folder.

    Attributes:
        spec: Which table it is.
        period: The month of a monthly table, else empty.
        document: Its bytes.
    """

    spec: TableSpec
    period: str
    document: Document


class Files:
    """Lists and reads a folder; what should not be there is a problem."""

    def __init__(self, folder: Path, problems: Problems) -> None:
        if not folder.is_dir():
            raise GroupFolderMissing(str(folder))
        self.folder, self.problems = folder, problems

    def settings(self) -> Document | None:
        """Read `group.toml`."""
        if not os.path.lexists(self.folder / SETTINGS):
            self.problems.add(SETTINGS, "file-missing")
            return None
        return self._read(SETTINGS)

    def tables(self) -> list[Found]:
        """Read every table there is, in the order of the schema, months in order."""
        self._object_to_strangers()
        found: list[Found] = []
        for spec in TABLES.values():
            if spec.monthly:
                found += self._months(spec)
            elif document := self._table(spec.name, needed=spec.needed):
                found.append(Found(spec, "", document))
        return found

    def _object_to_strangers(self) -> None:
        """Name tables that nothing would read: a misspelt one would be missed in silence."""
        for path in sorted(self.folder.iterdir()):
            known = path.stem in TABLES and not TABLES[path.stem].monthly
            if _is_table(path) and not known:
                self.problems.add(path.name, "file-unknown")

    def _months(self, spec: TableSpec) -> list[Found]:
        """Read one table a month from the folder of the table's name."""
        folder = self.folder / spec.name
        if not os.path.lexists(folder):
            return []
        if folder.is_symlink() or not folder.is_dir():
            self.problems.add(spec.name, "file-outside")
            return []
        try:
            listed = sorted(path for path in folder.iterdir() if _is_table(path))
        except OSError as error:
            self._unreadable(spec.name, error)
            return []
        found = []
        for stem in dict.fromkeys(path.stem for path in listed):
            name = f"{spec.name}/{stem}"
            try:
                Period.parse(stem)
            except NotAPeriod:
                for path in (path for path in listed if path.stem == stem):
                    file = f"{spec.name}/{path.name}"
                    self.problems.add(file, "month-unreadable", text=stem[:40])
                continue
            if document := self._table(name):
                found.append(Found(spec, stem, document))
        return found

    def _table(self, name: str, *, needed: bool = False) -> Document | None:
        """Read `NAME.csv` or `NAME.xlsx`; both at once contradict each other."""
        # As the folder writes them: programs for Windows also write NAME.CSV and NAME.XLSX.
        within, _, stem = name.rpartition("/")
        ours = (path for path in (self.folder / within).iterdir() if path.stem == stem)
        there = [name + path.suffix for path in sorted(ours) if _is_table(path)]
        if len(there) > 1:
            self.problems.add(there[0], "file-twice", other=there[1])
            return None
        if not there:
            if needed:
                self.problems.add(name + SUFFIXES[0], "file-missing")
            return None
        return self._read(there[0])

    def _read(self, name: str) -> Document | None:
        """Read a plain file of the folder itself, never what a link points to."""
        path = self.folder / name
        if path.is_symlink():
            self.problems.add(name, "file-outside")
            return None
        # Neither a link put there meanwhile nor a pipe that would never end.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            self._unreadable(name, error)
            return None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)  # a folder cannot even be made a file of
            self.problems.add(name, "file-outside")
            return None
        with os.fdopen(handle, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            self.problems.add(name, "file-too-large", limit_mb=LARGEST_FILE // 2**20)
            return None
        return Document(name, content, hashlib.sha256(content).hexdigest())

    def _unreadable(self, name: str, error: OSError) -> None:
        """Note what the system does not open."""
        self.problems.add(name, "file-unreadable", reason=reason_of(error))


def _is_table(path: Path) -> bool:
    """Whether a name says that it is a table; office programs leave `~$` beside an open one."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", "."))
