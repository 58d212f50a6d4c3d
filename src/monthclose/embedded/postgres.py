"""
An embedded PostgreSQL: one server that several commands share, and that none leaves behind.

Every command that uses the server holds a shared lock; the server is nobody's child but
its keeper's (see `keeper`), which stops it when the last lock is gone. A command starts
the server if it does not run, and otherwise finds it by what it wrote about itself.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from monthclose.embedded.binaries import Binaries
from monthclose.embedded.cluster import NO_ROOM, SUPERUSER, Cluster, last_words
from monthclose.embedded.errors import (
    DataLocked,
    DiskFull,
    HomeBusy,
    NotReady,
    PortTaken,
    StartFailed,
)
from monthclose.embedded.locks import FileLock
from monthclose.embedded.namespaces import script

HOST = "127.0.0.1"

# A killed server's remains hold the next one up until they are collected.
REMAINS_S = 20
# Replaying a killed server's log, at most `max_wal_size`, on a slow disk.
READY_S = 120
STOP_S = 130
BUSY_S = READY_S + REMAINS_S + 10
PORTS_TRIED = 10
LOOK_S = 0.01

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    # There is nobody to stream to.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    # A container's /dev/shm is small, and remains there would outlive the server:
    # files in the data directory do neither.
    "dynamic_shared_memory_type": "mmap",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Statements and the values in them are figures, which do not belong in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "logging_collector": "off",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
}
DURABLE = {"fsync": "on", "full_page_writes": "on"}
VOLATILE = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Server:
    """
    A running server one may connect to.

    Attributes:
        host: Always loopback.
        port: TCP port.
        user: The superuser.
        password: Its password.
        version: As `server_version_num` gives it, such as 170010.
        data: The data directory.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    version: int
    data: Path

    def url(
        self, database: str = "postgres", user: str | None = None, password: str | None = None
    ) -> str:
        """Write the address of *database*, as the superuser unless *user* is given."""
        if user is None:
            user, password = self.user, self.password
        login = quote(user, safe="")
        if password is not None:
            login += ":" + quote(password, safe="")
        return f"postgresql://{login}@{self.host}:{self.port}/{quote(database, safe='')}"


class EmbeddedPostgres:
    """
    One command's use of the embedded server under a home folder.

    Example:
        with EmbeddedPostgres(home) as server:
            psycopg.connect(server.url())
    """

    def __init__(
        self,
        home: Path,
        *,
        binaries: Binaries | None = None,
        port: int | None = None,
        durable: bool = True,
        namespaces: bool = True,
    ) -> None:
        """
        Name the server; nothing is started yet.

        Args:
            home: Folder for the data, made if missing.
            binaries: PostgreSQL programs; None takes those that fit the data in *home*.
            port: TCP port; None takes a free one. A server that already runs keeps its own.
            durable: False leaves out fsync, for tests; such data lives in another folder.
            namespaces: False makes root give its rights up instead of entering a user
                namespace.
        """
        self.home = home.absolute()
        self.binaries = binaries
        self.port = port
        self.durable = durable
        self.namespaces = namespaces
        self._server: Server | None = None
        self._cluster: Cluster | None = None
        self._users: FileLock | None = None
        self._keeper = 0
        self._process = 0

    def __enter__(self) -> Server:
        """Start, or join, the server."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the server."""
        self.stop()

    def start(self) -> Server:
        """
        Start the server, or join the one that runs; it stays until `stop`.

        Raises:
            BinariesMissing: there is no PostgreSQL server here.
            OtherVersion: the data was written by another major version.
            HomeUnwritable, Unreachable, RootRefused: the folder cannot be used.
            DiskFull: there is no room for the data.
            PortTaken: the configured port belongs to another program.
            DataLocked: another server still held the data after 20 s.
            HomeBusy: another command has been starting or stopping it for minutes.
            StartFailed, NotReady: the log tells why.
        """
        if self._server is not None:
            return self._server
        cluster = Cluster.at(
            self.home, self.binaries, durable=self.durable, namespaces=self.namespaces
        )
        self._cluster, self._process = cluster, os.getpid()
        with _changing(cluster) as change:
            self._users = cluster.lock("users")
            self._users.take(shared=True, wait_s=1)
            try:
                cluster.create(holding=change)
                self._server = self._reach(cluster)
            except BaseException:
                self._leave(cluster)
                raise
        return self._server

    def stop(self) -> None:
        """Leave the server; the last to leave stops it and waits until it is down."""
        if self._cluster is None or self._users is None:
            return
        if self._process != os.getpid():  # the use is our parent's, from before a fork
            return
        with _changing(self._cluster):
            self._leave(self._cluster)

    def _leave(self, cluster: Cluster) -> None:
        """Give our use up, under the start lock; stop the server if it was the last."""
        users, self._users, self._server = self._users, None, None
        if users is None:
            return
        users.release()
        if users.take():  # nobody else has it
            keeper = cluster.lock("keeper")
            _stop_keeper(keeper)
            keeper.close()
        users.close()
        self._reap()

    def _reach(self, cluster: Cluster) -> Server:
        """Have a server run, and wait until it takes a connection."""
        patience = time.monotonic() + REMAINS_S
        ports = 0
        while True:
            since = cluster.open_log()
            ours = self._run(cluster)
            if server := _wait(cluster):
                return server
            self._reap()
            said = cluster.said(since)
            if NO_ROOM in said:
                raise DiskFull(cluster.data)
            if "Address already in use" in said:
                ports += 1
                if self.port is not None:
                    raise PortTaken(self.port)
                if ports == PORTS_TRIED:
                    raise StartFailed(cluster.log, last_words(said))
            elif ours and not _held(said):
                raise StartFailed(cluster.log, last_words(said))
            elif time.monotonic() < patience:
                # Its remains, or a server that we joined and that was killed meanwhile.
                time.sleep(0.1)
            else:
                pid = found.pid if (found := cluster.postmaster()) else 0
                raise DataLocked(cluster.data, pid, REMAINS_S)

    def _run(self, cluster: Cluster) -> bool:
        """Start a keeper unless one runs; say whether it was started."""
        keeper = cluster.lock("keeper")
        try:
            if not keeper.take():
                return False
            port = _free_port() if self.port is None else self.port
            self._keeper = _spawn(cluster, keeper, port)
            return True
        finally:
            keeper.close()  # a new keeper inherited the lock, and holds it from now on

    def _reap(self) -> None:
        """Collect the keeper we started, if it has ended."""
        if self._keeper:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(self._keeper, os.WNOHANG)[0] == 0:
                    return
            self._keeper = 0


@contextlib.contextmanager
def _changing(cluster: Cluster) -> Iterator[FileLock]:
    """Hold the lock under which a server is started or stopped."""
    lock = cluster.lock("start")
    try:
        if not lock.take(wait_s=BUSY_S):
            raise HomeBusy(cluster.folder, BUSY_S)
        yield lock
    finally:
        lock.close()


def _spawn(cluster: Cluster, keeper: FileLock, port: int) -> int:
    """Start a keeper with a server, and give the keeper's process id."""
    settings = SETTINGS | (DURABLE if cluster.durable else VOLATILE)
    server = [cluster.binaries.tool("postgres"), "-D", str(cluster.data), "-p", str(port)]
    for name, value in settings.items():
        server += ["-c", f"{name}={value}"]
    locks = [str(cluster.folder / "start.lock"), str(cluster.folder / "users.lock")]
    inherited = max(keeper.fd, 3)
    command = [*script(), "keep", *locks, str(inherited), *cluster.who.words, "--", *server]
    # Not subprocess: the keeper outlives this command, which subprocess complains about.
    return os.posix_spawn(
        sys.executable,
        command,
        cluster.environment(),
        file_actions=[
            # First, and to itself if need be: this is what lets it be inherited.
            (os.POSIX_SPAWN_DUP2, keeper.fd, inherited),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(cluster.log), os.O_WRONLY | os.O_APPEND, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def _wait(cluster: Cluster) -> Server | None:
    """Wait until the server takes a connection; None when its keeper is gone."""
    deadline = time.monotonic() + READY_S
    keeper = cluster.lock("keeper")
    try:
        while time.monotonic() < deadline:
            found = cluster.postmaster()
            if found and found.ready and (server := _connect(cluster, found.port)):
                return server
            if keeper.take():
                return None
            time.sleep(LOOK_S)
    finally:
        keeper.close()
    raise NotReady(cluster.log, READY_S)


def _connect(cluster: Cluster, port: int) -> Server | None:
    """
    Connect once, and check that it is this cluster's server.

    What the server wrote about itself may be from before it was killed, and another
    program, even the server of a copy of this folder, may have its port by now.
    """
    try:
        with psycopg.connect(
            host=HOST,
            port=port,
            user=SUPERUSER,
            password=(password := cluster.password()),
            dbname="postgres",
            connect_timeout=5,
        ) as connection:
            row = connection.execute("select current_setting('data_directory')").fetchone()
            version = connection.info.server_version
    except psycopg.Error:
        return None
    if row is None or Path(row[0]) != cluster.data:
        return None
    return Server(HOST, port, SUPERUSER, password, version, cluster.data)


def _stop_keeper(keeper: FileLock) -> None:
    """Tell the keeper, if one runs, to stop its server, and wait until it is gone."""
    deadline = time.monotonic() + STOP_S
    told = 0
    while not keeper.take() and time.monotonic() < deadline:
        # The keeper wrote its process id, and lives while we cannot have its lock.
        number = keeper.path.read_text("ascii")
        if not told and number.isdigit():
            told = int(number)
            with contextlib.suppress(ProcessLookupError):
                os.kill(told, signal.SIGTERM)
        time.sleep(LOOK_S)


def _held(said: str) -> bool:
    """Whether a server ended because another one, or its remains, has the data."""
    return '"postmaster.pid"' in said or "pre-existing shared memory block" in said


def _free_port() -> int:
    """Let the system choose a free port on loopback."""
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])
