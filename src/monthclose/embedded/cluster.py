"""
The files of one embedded server, and how they come to be.

    HOME/postgres-17/          17 is the major version
        data/                  the data directory, complete or absent
        password               the superuser's, readable by its owner only
        server.log             what the server says (statements and values left out)
        start.lock users.lock keeper.lock
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monthclose.embedded.binaries import Binaries, installed
from monthclose.embedded.errors import DiskFull, HomeUnwritable, OtherVersion, StartFailed
from monthclose.embedded.locks import FileLock
from monthclose.embedded.namespaces import Standing, check_reach, standing

SUPERUSER = "postgres"
LOG_BYTES = 8_000_000

# The only way in: over loopback, with a password.
HBA = "host all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a running server wrote about itself: process, port, whether it is ready."""

    pid: int
    port: int
    ready: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """The files of one server of one major version; see the module."""

    folder: Path
    binaries: Binaries
    durable: bool

    @classmethod
    def at(cls, home: Path, binaries: Binaries | None, *, durable: bool) -> "Cluster":
        """
        Choose the programs and the folder under *home*, and make the folder.

        Raises:
            BinariesMissing: there is no PostgreSQL server here.
            OtherVersion: *home* holds data that only another major version reads.
            HomeUnwritable, DiskFull: the folder cannot be made.
        """
        suffix = "" if durable else "-volatile"
        # Data that was ever written without fsync has another name, so that nobody
        # takes it for books.
        majors = _majors(home, suffix)
        if binaries is None:
            fitting = {found.major for found in installed()} & set(majors)
            binaries = Binaries.find(max(fitting, default=None))
        path = home / f"postgres-{binaries.major}{suffix}"
        if majors and binaries.major not in majors:
            other = home / f"postgres-{max(majors)}{suffix}"
            raise OtherVersion(other, max(majors), binaries.major)
        with files_of(home):
            home.mkdir(parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
        return cls(path, binaries, durable)

    def settle(self, *, namespaces: bool) -> Standing:
        """
        Decide as whom the server runs, and give that user the files.

        Raises:
            HomeUnwritable, Unreachable, RootRefused: nobody suitable can use the folder.
        """
        with files_of(self.folder):
            who = standing(self.folder, fresh=not self.data.exists(), namespaces=namespaces)
            if self.folder.stat().st_uid != who.owner:
                _give(self.folder, who)
        check_reach(who, self.folder, self.binaries.folder)
        return who

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    def lock(self, name: str) -> FileLock:
        """Open one of the locks: `start`, `users` or `keeper`."""
        with files_of(self.folder):
            lock = FileLock(self.folder / f"{name}.lock")
            self._own(lock.path)
        return lock

    def password(self) -> str:
        """Read the superuser's password."""
        with files_of(self.folder):
            return (self.folder / "password").read_text("ascii")

    def create(self, who: Standing, *, holding: FileLock) -> None:
        """
        Make the data directory, if it is absent, all at once.

        Args:
            who: As whom initdb runs.
            holding: The lock under which it is made. initdb inherits it: if we are
                killed, the next command waits until initdb is gone too.

        Raises:
            OtherVersion: the data directory was written by another major version.
            DiskFull, HomeUnwritable, StartFailed: initdb could not finish.
        """
        if self.data.exists():
            with files_of(self.data):
                found = int((self.data / "PG_VERSION").read_text("ascii"))
            if found != self.binaries.major:
                raise OtherVersion(self.data, found, self.binaries.major)
            return
        fresh = self.folder / "data.new"
        with files_of(self.folder):
            shutil.rmtree(fresh, ignore_errors=True)  # of a command that was killed
            self._make_password()
        try:
            self._initdb(fresh, who, holding)
            with files_of(self.folder):
                (fresh / "pg_hba.conf").write_text(HBA, "ascii")
                fresh.rename(self.data)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    def postmaster(self) -> Postmaster | None:
        """Read what the server wrote about itself, possibly before it was killed."""
        try:
            lines = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return None
        numbers = [int(line) if line.strip().isdigit() else 0 for line in (*lines, "", "", "", "")]
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return Postmaster(numbers[0], numbers[3], ready)

    def open_log(self) -> int:
        """Make sure there is a log, not too long; give its length in bytes."""
        with files_of(self.folder):
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            os.close(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
            self._own(self.log)
            return self.log.stat().st_size

    def said(self, since: int) -> str:
        """Read the log from byte *since* on."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")
        return ""

    def environment(self) -> dict[str, str]:
        """What the programs see: messages in English, and none of our secrets."""
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        icu = self.binaries.folder.parent / "share" / "icu"
        if icu.is_dir():  # builds for musl read ICU's data from a file
            environment["ICU_DATA"] = str(icu)
        return environment

    def _own(self, path: Path) -> None:
        """Give a file that we made to the owner of the folder, whom root may serve."""
        if os.geteuid() == 0:
            owner = self.folder.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def _make_password(self) -> None:
        """Choose the superuser's password, 256 bits, written whole or not at all."""
        path = self.folder / "password"
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(32))
            out.flush()
            os.fsync(out.fileno())
        self._own(fresh)
        fresh.rename(path)

    def _initdb(self, fresh: Path, who: Standing, holding: FileLock) -> None:
        command = [
            self.binaries.tool("initdb"),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            f"--pwfile={self.folder / 'password'}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            "--no-instructions",
        ]
        if self.binaries.major >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            command += ["--locale=C.UTF-8"]
        if not self.durable:
            command += ["--no-sync"]
        done = subprocess.run(
            who.command(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=self.environment(),
            pass_fds=(holding.fd,),
            start_new_session=True,
        )
        if done.returncode != 0:
            self.open_log()
            with contextlib.suppress(OSError), self.log.open("a", encoding="utf-8") as log:
                log.write(done.stdout + done.stderr)
            if no_room(done.stderr):
                raise DiskFull(self.folder)
            raise StartFailed(self.log, last_words(done.stderr))


@contextlib.contextmanager
def files_of(path: Path) -> Iterator[None]:
    """Say in our own words why files under *path* cannot be read or written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path) from error
        where = Path(error.filename) if isinstance(error.filename, str) else path
        raise HomeUnwritable(where, os.geteuid(), error.strerror or str(error)) from error


def last_words(said: str) -> str:
    """Pick from a program's output the line that tells why it ended."""
    lines = [line for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL|PANIC|error:", line)]
    line = (telling or lines or ["-"])[-1]
    return re.sub(r"^.*?(FATAL|PANIC|error): +", "", line)


def no_room(said: str) -> bool:
    """Whether a program's output says that the disk is full, whole or halfway a write."""
    return bool(re.search(r"No space left on device|wrote only \d+ of \d+ bytes", said))


def _majors(home: Path, suffix: str) -> list[int]:
    """List the major versions that have data under *home*."""
    pattern = re.compile(rf"postgres-(\d+){suffix}")
    with contextlib.suppress(OSError):
        names = [(pattern.fullmatch(path.name), path) for path in home.iterdir()]
        return [int(match[1]) for match, path in names if match and (path / "data").exists()]
    return []


def _give(path: Path, who: Standing) -> None:
    """
    Give what root made, perhaps earlier and in a namespace, to the user who serves it now.

    The folder itself comes last: until it is done, the next command does it again.
    """
    for folder, _, files in os.walk(path, topdown=False):
        for name in (*files, "."):
            os.chown(Path(folder, name), who.uid, who.gid, follow_symlinks=False)
