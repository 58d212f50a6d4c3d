"""What is said when a server cannot be used."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from monthclose.embedded.errors import (
    BinariesMissing,
    DataLocked,
    DiskFull,
    HomeBusy,
    HomeUnwritable,
    NotReady,
    OtherVersion,
    PortTaken,
    RootRefused,
    StartFailed,
    Unreachable,
    as_disk_full,
)
from monthclose.wording import LANGUAGES
from tests.embedded.commands import (
    on_small_disk,
)

pytestmark = pytest.mark.server

NO_ROOM_TO_START = """
import sys
from pathlib import Path
from monthclose.embedded.errors import DiskFull
from monthclose.embedded.postgres import EmbeddedPostgres

home = Path(sys.argv[1]) / "home"
try:
    EmbeddedPostgres(home).start()
except DiskFull as error:
    print(error.code, error.free_mb)
print([path.name for path in home.glob("*/data*")])
"""

NO_ROOM_TO_WORK = """
import os, sys
from pathlib import Path
import psycopg
from monthclose.embedded.errors import as_disk_full
from monthclose.embedded.postgres import EmbeddedPostgres

disk = Path(sys.argv[1])
with EmbeddedPostgres(disk / "home") as server:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create table kept as select 42 as n")
        # everything but 4 MB goes to something else
        ballast = os.open(disk / "ballast", os.O_WRONLY | os.O_CREAT)
        room = os.statvfs(disk)
        os.posix_fallocate(ballast, 0, room.f_bavail * room.f_frsize - 4_000_000)
        # a table that is not logged fills its own files first, and not the log
        connection.execute("create unlogged table much (filler text)")
        try:
            connection.execute("insert into much select repeat('x', 1000) from"
                               " generate_series(1, 20000)")
        except psycopg.Error as error:
            print(error.sqlstate, as_disk_full(error, server.data))
        os.unlink(disk / "ballast")
        os.close(ballast)
        connection.execute("insert into much select repeat('x', 1000) from"
                           " generate_series(1, 20000)")
        print(connection.execute("select count(*), min(n) from much, kept").fetchone())
"""


class TestFullDisk:
    """A disk of a few megabytes, seen by one process only and gone with it."""

    def run(self, folder: Path, size_mb: int, code: str) -> str:
        apart = on_small_disk(folder, size_mb)
        if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode != 0:
            pytest.skip("this machine lets us mount nothing, not even in a namespace")
        words = [*apart, sys.executable, "-c", code, str(folder)]
        done = subprocess.run(words, capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_no_room_for_the_data_is_said_and_nothing_is_left(self, passable):
        said = self.run(passable, 20, NO_ROOM_TO_START).splitlines()
        assert said[0].startswith("embedded-disk-full ")
        assert said[1] == "[]"

    def test_no_room_while_working_is_said_and_passes(self, passable):
        said = self.run(passable, 120, NO_ROOM_TO_WORK).splitlines()
        assert said[0].startswith("53100 The disk that holds ")
        assert said[1] == "(20000, 42)"

    def test_no_room_for_the_server_to_start_is_said(self, passable, home, newest):
        source = home / f"postgres-{newest.major}"
        code = f"""
import os, shutil, sys
from pathlib import Path
from monthclose.embedded.errors import DiskFull
from monthclose.embedded.postgres import EmbeddedPostgres

disk = Path(sys.argv[1])
shutil.copytree({str(source)!r}, disk / "home" / {source.name!r})
with open(disk / "ballast", "wb", buffering=0) as ballast:
    try:
        while ballast.write(bytes(4096)):
            pass
    except OSError:
        pass
try:
    EmbeddedPostgres(disk / "home").start()
except DiskFull as error:
    print(error.code, error.free_mb)
(disk / "ballast").unlink()
with EmbeddedPostgres(disk / "home") as server:
    print(server.version)
"""
        disk = passable / "disk"
        disk.mkdir()
        said = self.run(disk, 80, code).splitlines()
        assert said[0] == "embedded-disk-full 0"
        assert int(said[1]) // 10000 == newest.major


class TestAsDiskFull:
    def test_it_is_found_behind_other_errors(self, tmp_path):
        """As SQLAlchemy wraps it, and as it comes when something else failed after it."""
        wrapped = DBAPIError("insert", None, psycopg.errors.DiskFull("no room"))
        later = RuntimeError("rolled back")
        later.__context__ = wrapped
        for error in (psycopg.errors.DiskFull("no room"), wrapped, later):
            found = as_disk_full(error, tmp_path)
            assert found is not None
            assert found.path == str(tmp_path)

    def test_other_errors_stay_what_they_are(self, tmp_path):
        error = psycopg.errors.UniqueViolation("twice")
        error.__context__ = error.__cause__ = ValueError()
        assert as_disk_full(error, tmp_path) is None


class TestSentences:
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_error_says_what_to_do_next(self, lang, tmp_path):
        for error in (
            BinariesMissing("17", ["PATH"]),
            OtherVersion(tmp_path, 15, 17),
            PortTaken(5432),
            DiskFull(tmp_path),
            DataLocked(tmp_path, 7, 20),
            HomeBusy(tmp_path, 20),
            HomeUnwritable(tmp_path, 1000, "-"),
            Unreachable(tmp_path, 1000),
            RootRefused(),
            StartFailed(tmp_path, "-"),
            NotReady(tmp_path, 20),
        ):
            sentence = error.message(lang)
            assert sentence.count(". ") >= 1 or ";" in sentence
            assert all(str(fact) in sentence for fact in error.facts.values() if fact != ["PATH"])
