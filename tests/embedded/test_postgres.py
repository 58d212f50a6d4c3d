"""The embedded PostgreSQL: shared by commands, safe from kills."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from monthclose.embedded import keeping, namespaces, postgres
from monthclose.embedded.errors import (
    DataLocked,
    HomeBusy,
    HomeUnwritable,
    OtherVersion,
    StartFailed,
)
from monthclose.embedded.locks import FileLock
from monthclose.embedded.postgres import EmbeddedPostgres
from tests.embedded.commands import (
    alive,
    answers,
    ask,
    eventually,
    keeper,
    kept,
    postmaster,
)

pytestmark = pytest.mark.server


class TestStart:
    def test_an_empty_home_becomes_a_server(self, empty, binaries):
        with EmbeddedPostgres(empty, binaries=binaries) as running:
            assert ask(running.url(), "select 1") == [(1,)]
            assert running.version // 10000 == binaries.major
            assert running.data == empty / f"postgres-{binaries.major}" / "data"
        assert not kept(running.data.parent)
        with pytest.raises(psycopg.OperationalError):
            ask(running.url(), "select 1")

    def test_data_stays_from_one_start_to_the_next(self, home, binaries):
        with EmbeddedPostgres(home, binaries=binaries) as first:
            ask(first.url(), "create table kept as select 42 as n")
        with EmbeddedPostgres(home, binaries=binaries) as second:
            assert ask(second.url(), "select n from kept") == [(42,)]

    def test_what_is_committed_is_on_the_disk(self, home, binaries):
        with EmbeddedPostgres(home, binaries=binaries) as running:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
                assert ask(running.url(), f"show {setting}") == [("on",)], setting

    def test_data_written_without_fsync_never_passes_for_books(self, empty, newest):
        with EmbeddedPostgres(empty, durable=False) as running:
            assert ask(running.url(), "show fsync") == [("off",)]
            assert running.data.parent.name == f"postgres-{newest.major}-volatile"

    def test_text_sorts_by_code_point_and_clocks_show_utc(self, home, binaries):
        with EmbeddedPostgres(home, binaries=binaries) as running:
            letters = ask(running.url(), "select string_agg(c, '' order by c) from"
                          " (values ('b'), ('B'), ('a'), ('é'), ('Z')) as t (c)")  # fmt: skip
            assert letters == [("BZabé",)]
            assert ask(running.url(), "select upper('ação')") == [("AÇÃO",)]
            assert ask(running.url(), "show timezone") == [("UTC",)]
            assert ask(running.url(), "show server_encoding") == [("UTF8",)]

    def test_starting_twice_is_starting_once(self, home):
        use = EmbeddedPostgres(home)
        assert use.start() is use.start()
        use.stop()
        use.stop()
        with use as again:
            assert ask(again.url(), "select 1") == [(1,)]

    def test_a_ctrl_c_of_the_command_does_not_reach_the_server(self, home, newest, command):
        one = command(home, newest.major)
        url = one.url()
        with EmbeddedPostgres(home, binaries=newest) as running:
            assert os.getsid(keeper(running.data)) == keeper(running.data)
            assert os.getsid(one.process.pid) != keeper(running.data)
            assert ask(url, "select 1") == [(1,)]
            one.end()


class TestSharing:
    def test_a_second_command_uses_the_first_ones_server(self, home, binaries, command):
        one = command(home, binaries.major)
        url = one.url()
        with EmbeddedPostgres(home, binaries=binaries) as running:
            assert running.url() == url
            one.end()
            # the one that started it has left, and it is still there
            assert ask(url, "select 1") == [(1,)]
        assert not kept(running.data.parent)

    def test_two_commands_may_start_at_the_same_moment(self, empty, newest, command):
        commands = [command(empty, newest.major) for _ in range(3)]
        assert len({one.url() for one in commands}) == 1
        for one in commands:
            one.end()
        assert not kept(empty / f"postgres-{newest.major}")

    def test_a_command_that_never_ends_starting_is_not_waited_for_for_ever(self, home, monkeypatch):
        monkeypatch.setattr(postgres, "BUSY_S", 0)
        with contextlib.closing(FileLock(next(home.iterdir()) / "start.lock")) as other:
            assert other.take()
            with pytest.raises(HomeBusy):
                EmbeddedPostgres(home).start()

    def test_a_running_server_keeps_its_port(self, home):
        with EmbeddedPostgres(home) as first, EmbeddedPostgres(home, port=1) as second:
            assert second == first


class TestKilled:
    def test_a_killed_server_comes_back_with_what_was_committed(self, home, binaries):
        first = EmbeddedPostgres(home, binaries=binaries)
        running = first.start()
        ask(running.url(), "create table kept as select generate_series(1, 1000) as n")
        os.kill(postmaster(running.data), signal.SIGKILL)
        with EmbeddedPostgres(home, binaries=binaries) as again:
            assert ask(again.url(), "select count(*) from kept") == [(1000,)]
            first.stop()
            assert ask(again.url(), "select 1") == [(1,)]

    def test_a_killed_server_comes_back_to_those_who_use_it(self, home, newest):
        with EmbeddedPostgres(home, binaries=newest) as running:
            ask(running.url(), "create table kept as select 42 as n")
            pid = postmaster(running.data)
            os.kill(pid, signal.SIGKILL)
            eventually(lambda: answers(running.url()))
            assert ask(running.url(), "select n from kept") == [(42,)]
            assert postmaster(running.data) != pid

    def test_everything_killed_at_once_comes_back_too(self, home, binaries, command):
        one = command(home, binaries.major)
        url = one.url()
        ask(url, "create table kept as select generate_series(1, 1000) as n")
        data = home / f"postgres-{binaries.major}" / "data"
        server_pid = postmaster(data)
        os.kill(keeper(data), signal.SIGKILL)
        os.kill(server_pid, signal.SIGKILL)
        one.kill()
        with EmbeddedPostgres(home, binaries=binaries) as again:
            assert ask(again.url(), "select count(*) from kept") == [(1000,)]

    def test_a_server_without_keeper_ends_by_itself(self, home, newest):
        with EmbeddedPostgres(home, binaries=newest) as running:
            pid = postmaster(running.data)
            os.kill(keeper(running.data), signal.SIGKILL)
            eventually(lambda: not alive(pid))
        assert not (running.data / "postmaster.pid").exists()

    def test_a_killed_command_leaves_no_server_behind(self, home, newest, command):
        one = command(home, newest.major)
        one.url()
        data = home / f"postgres-{newest.major}" / "data"
        pid = postmaster(data)
        one.kill()
        eventually(lambda: not alive(pid) and not kept(data.parent))
        assert not (data / "postmaster.pid").exists()

    def test_a_killed_command_leaves_the_server_to_others(self, home, newest, command):
        one = command(home, newest.major)
        url = one.url()
        with EmbeddedPostgres(home, binaries=newest) as running:
            one.kill()
            # longer than the keeper takes to look
            assert ask(url, "select pg_sleep(1.2), 1")[0][1] == 1
            assert running.url() == url

    def test_a_command_killed_while_it_makes_the_data_is_no_obstacle(self, empty, newest, command):
        folder = empty / f"postgres-{newest.major}"
        one = command(empty, newest.major)
        eventually((folder / "data.new" / "PG_VERSION").exists)
        one.kill()
        assert not (folder / "data").exists()
        with EmbeddedPostgres(empty, binaries=newest) as running:
            assert ask(running.url(), "select 1") == [(1,)]
        assert not (folder / "data.new").exists()

    def test_a_command_killed_while_it_starts_the_server_is_no_obstacle(
        self, home, newest, command
    ):
        folder = home / f"postgres-{newest.major}"
        (folder / "keeper.lock").write_text("")
        one = command(home, newest.major)
        eventually((folder / "keeper.lock").read_text)
        one.kill()
        with EmbeddedPostgres(home, binaries=newest) as running:
            assert ask(running.url(), "select 1") == [(1,)]


class TestHeldData:
    """Another server in the same data directory, one that our locks know nothing of."""

    @pytest.fixture
    def stranger(self, home, newest) -> Iterator[subprocess.Popen[bytes]]:
        folder = home / f"postgres-{newest.major}"
        with EmbeddedPostgres(home, binaries=newest):
            pass  # after which the files belong to whom they should
        who = namespaces.standing(folder, fresh=False)
        words = ["-D", str(folder / "data"), "-p", str(keeping.free_port()), "-k", ""]
        process = subprocess.Popen(
            who.command([newest.tool("postgres"), *words, "-c", "listen_addresses=127.0.0.1"]),
            stderr=subprocess.DEVNULL,
        )
        file = folder / "data" / "postmaster.pid"
        eventually(lambda: file.exists() and "ready" in file.read_text("ascii"))
        yield process
        process.send_signal(signal.SIGINT)
        process.wait()

    def test_it_is_waited_for(self, home, newest, stranger, command):
        one = command(home, newest.major)
        log = home / f"postgres-{newest.major}" / "server.log"
        eventually(lambda: "already exists" in log.read_text("utf-8"))
        stranger.send_signal(signal.SIGINT)
        stranger.wait()
        assert ask(one.url(), "select 1") == [(1,)]
        one.end()

    def test_it_is_named_when_it_stays(self, home, newest, stranger, monkeypatch):
        monkeypatch.setattr(postgres, "REMAINS_S", 0)
        with pytest.raises(DataLocked, match=str(stranger.pid)):
            EmbeddedPostgres(home, binaries=newest).start()
        assert stranger.poll() is None
        assert (home / f"postgres-{newest.major}" / "data" / "postmaster.pid").exists()


class TestVersions:
    def test_data_of_another_major_version_is_not_passed_over(self, empty, newest):
        (empty / "postgres-14" / "data").mkdir(parents=True)
        with pytest.raises(OtherVersion) as stopped:
            EmbeddedPostgres(empty, binaries=newest).start()
        assert (stopped.value.found, stopped.value.wanted) == (14, newest.major)
        assert not (empty / f"postgres-{newest.major}").exists()

    def test_a_data_directory_under_a_wrong_name_is_found_out(self, home, newest):
        version = home / f"postgres-{newest.major}" / "data" / "PG_VERSION"
        version.write_text("14\n")
        with pytest.raises(OtherVersion):
            EmbeddedPostgres(home, binaries=newest).start()

    def test_the_programs_follow_the_data(self, passable, templates):
        for major, template in templates.items():
            home = passable / str(major)
            shutil.copytree(template, home)
            with EmbeddedPostgres(home) as running:
                assert running.version // 10000 == major


class TestFolders:
    def test_a_file_in_the_place_of_the_home_is_named(self, tmp_path):
        (tmp_path / "home").write_text("")
        with pytest.raises(HomeUnwritable, match=str(tmp_path / "home")):
            EmbeddedPostgres(tmp_path / "home").start()

    def test_what_the_server_says_before_it_ends_is_passed_on(self, home, newest):
        data = home / f"postgres-{newest.major}" / "data"
        (data / "postgresql.conf").write_text("no_such_setting = 1\n")
        with pytest.raises(StartFailed, match=r"no_such_setting|postgresql.conf"):
            EmbeddedPostgres(home, binaries=newest).start()

    def test_a_torn_data_directory_is_not_replaced(self, home, newest):
        data = home / f"postgres-{newest.major}" / "data"
        (data / "global" / "pg_control").unlink()
        with pytest.raises(StartFailed, match="pg_control"):
            EmbeddedPostgres(home, binaries=newest).start()
