"""A running server: open to its password on loopback, and to nothing else."""

import contextlib
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from monthclose.embedded import keeping, postgres
from monthclose.embedded.errors import (
    PortTaken,
)
from monthclose.embedded.postgres import EmbeddedPostgres
from tests.embedded.commands import (
    ask,
    keeper,
    postmaster,
)

pytestmark = pytest.mark.server


class TestAccess:
    def test_nobody_is_trusted(self, home, binaries):
        with EmbeddedPostgres(home, binaries=binaries) as running:
            rules = ask(
                running.url(), "select type, address, auth_method, error from pg_hba_file_rules"
            )
            assert rules == [("host", "127.0.0.1", "scram-sha-256", None)]

    @pytest.mark.parametrize("password", ["", "wrong", None])
    def test_a_wrong_password_is_refused(self, home, password):
        refused = pytest.raises(psycopg.OperationalError, match="password")
        with EmbeddedPostgres(home) as running, refused:
            ask(running.url(user="postgres", password=password), "select 1")

    def test_the_password_is_its_owners_secret(self, home):
        with EmbeddedPostgres(home) as running:
            file = running.data.parent / "password"
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert file.read_text("ascii") == running.password
            assert len(running.password) >= 43  # 256 bits in base 64
            assert running.password not in repr(running)
            words = Path(f"/proc/{postmaster(running.data)}/cmdline").read_bytes()
            assert running.password.encode() not in words
            stored = ask(running.url(), "select rolpassword from pg_authid where rolcanlogin")
            assert [row[0].partition("$")[0] for row in stored] == ["SCRAM-SHA-256"]

    def test_the_server_listens_on_loopback_only(self, home):
        with EmbeddedPostgres(home) as running:
            assert ask(running.url(), "show unix_socket_directories") == [("",)]
            port = f":{running.port:04X}"
            listening = [
                line.split()[1]
                for table in ("tcp", "tcp6")
                if Path(f"/proc/net/{table}").exists()
                for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]
                if line.split()[1].endswith(port) and line.split()[3] == "0A"
            ]
            assert listening == [f"0100007F{port}"]

    def test_figures_stay_out_of_the_log(self, home):
        with EmbeddedPostgres(home) as running:
            ask(running.url(), "create table once (n text primary key)")
            for _ in range(2):
                with contextlib.suppress(psycopg.errors.UniqueViolation):
                    ask(running.url(), "insert into once values ('123456.78')")
            log = (running.data.parent / "server.log").read_text("utf-8")
            assert "duplicate key" in log
            assert "123456.78" not in log

    def test_the_servers_environment_holds_no_secret_of_ours(self, home, monkeypatch):
        monkeypatch.setenv("MONTHCLOSE_TOKEN", "hush")
        with EmbeddedPostgres(home) as running:
            for pid in (postmaster(running.data), keeper(running.data)):
                assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()


class TestPorts:
    @pytest.fixture
    def taken(self) -> Iterator[int]:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            yield other.getsockname()[1]

    def test_a_configured_port_is_used(self, home):
        port = keeping.free_port()
        with EmbeddedPostgres(home, port=port) as running:
            assert running.port == port

    def test_a_configured_port_that_is_taken_is_named(self, home, binaries, taken):
        with pytest.raises(PortTaken, match=str(taken)) as stopped:
            EmbeddedPostgres(home, binaries=binaries, port=taken).start()
        assert stopped.value.port == taken

    def test_a_free_port_taken_meanwhile_is_replaced(self, home, taken, monkeypatch):
        ports = iter([taken, taken, free := keeping.free_port()])
        monkeypatch.setattr(postgres, "free_port", lambda: next(ports))
        with EmbeddedPostgres(home) as running:
            assert running.port == free
