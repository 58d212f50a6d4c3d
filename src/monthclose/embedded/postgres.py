"""
An embedded PostgreSQL: one server that several commands share, and that none leaves behind.

Every command that uses the server holds a shared lock; the server is nobody's child but
its keeper's (see `keeper`), which stops it when the last lock is gone. A command starts
the server if it does not run, and otherwise finds it by what it wrote about itself.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from monthclose.embedded import server
from monthclose.embedded.binaries import Binaries
from monthclose.embedded.cluster import Cluster, last_words, no_room
from monthclose.embedded.errors import DataLocked, DiskFull, HomeBusy, PortTaken, StartFailed
from monthclose.embedded.keeping import free_port, stop_keeper
from monthclose.embedded.locks import FileLock
from monthclose.embedded.namespaces import Standing
from monthclose.embedded.server import Server

__all__ = ["EmbeddedPostgres", "Server"]

# A killed server's remains hold the next one up until they are collected.
REMAINS_S = 20
BUSY_S = server.READY_S + REMAINS_S + 10
PORTS_TRIED = 10


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
        self.home = home.resolve()  # as the server writes it
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
        cluster = Cluster.at(self.home, self.binaries, durable=self.durable)
        self._cluster, self._process = cluster, os.getpid()
        with _changing(cluster) as change:
            self._users = cluster.lock("users")
            self._users.take(shared=True, wait_s=1)
            try:
                who = cluster.settle(namespaces=self.namespaces)
                cluster.create(who, holding=change)
                self._server = self._reach(cluster, who)
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
        try:
            users.release()
            if users.take():  # nobody else has it
                with contextlib.closing(cluster.lock("keeper")) as keeper:
                    stop_keeper(keeper)
        finally:
            users.close()
        self._reap()

    def _reach(self, cluster: Cluster, who: Standing) -> Server:
        """Have a server run, and wait until it takes a connection."""
        patience = time.monotonic() + REMAINS_S
        ports = 0
        while True:
            since = cluster.open_log()
            ours = self._run(cluster, who)
            if found := server.wait(cluster):
                return found
            self._reap()
            said = cluster.said(since)
            if no_room(said):
                raise DiskFull(cluster.data)
            if ours and "Address already in use" in said:
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
                holder = cluster.postmaster()
                pid = holder.pid if holder else 0
                raise DataLocked(cluster.data, pid, REMAINS_S)

    def _run(self, cluster: Cluster, who: Standing) -> bool:
        """Start a keeper unless one runs; say whether it was started."""
        keeper = cluster.lock("keeper")
        try:
            if not keeper.take():
                return False
            os.ftruncate(keeper.fd, 0)
            port = free_port() if self.port is None else self.port
            self._keeper = server.spawn(cluster, who, keeper, port)
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


def _held(said: str) -> bool:
    """Whether a server ended because another one, or its remains, has the data."""
    return '"postmaster.pid"' in said or "pre-existing shared memory block" in said
