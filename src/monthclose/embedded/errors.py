"""Why an embedded server could not be used."""

import shutil
from pathlib import Path

from monthclose.ledger.errors import CloseError

# What an empty cluster with its first WAL segment takes, and room to close a month in.
NEEDED_MB = 200

DISK_FULL = "53100"


class EmbeddedError(CloseError):
    """An embedded server cannot be started, reached or written to."""


class BinariesMissing(EmbeddedError):
    """No PostgreSQL server program of the wanted version is installed."""

    code = "embedded-binaries-missing"

    def __init__(self, version: str, searched: list[str]) -> None:
        super().__init__(version=version, searched=searched)


class BrokerMissing(EmbeddedError):
    """The Valkey server program is not installed."""

    code = "embedded-broker-missing"


class OtherVersion(EmbeddedError):
    """The data was written by another major version, which this one cannot read."""

    code = "embedded-other-version"

    def __init__(self, path: Path, found: int, wanted: int) -> None:
        super().__init__(path=str(path), found=found, wanted=wanted)


class PortTaken(EmbeddedError):
    """The configured port belongs to another program."""

    code = "embedded-port-taken"

    def __init__(self, port: int) -> None:
        super().__init__(port=port)


class DiskFull(EmbeddedError):
    """The disk that holds the data has no room left."""

    code = "embedded-disk-full"

    def __init__(self, path: Path) -> None:
        super().__init__(path=str(path), free_mb=_free_mb(path), needed_mb=NEEDED_MB)


class DataLocked(EmbeddedError):
    """Another server, or the remains of one, holds the data."""

    code = "embedded-data-locked"

    def __init__(self, path: Path, pid: int, waited_s: int) -> None:
        super().__init__(path=str(path), pid=pid, waited_s=waited_s)


class HomeBusy(EmbeddedError):
    """Another command has been starting or stopping the server for too long."""

    code = "embedded-home-busy"

    def __init__(self, path: Path, waited_s: int) -> None:
        super().__init__(path=str(path), waited_s=waited_s)


class HomeUnwritable(EmbeddedError):
    """The folder for the data cannot be written by this user."""

    code = "embedded-home-unwritable"

    def __init__(self, path: Path, uid: int, reason: str) -> None:
        super().__init__(path=str(path), uid=uid, reason=reason)


class Unreachable(EmbeddedError):
    """The unprivileged user that must run the server cannot reach a folder it needs."""

    code = "embedded-unreachable"

    def __init__(self, path: Path, uid: int) -> None:
        super().__init__(path=str(path), uid=uid)


class RootRefused(EmbeddedError):
    """PostgreSQL refuses root, and this machine lets root become nobody else."""

    code = "embedded-root-refused"


class StartFailed(EmbeddedError):
    """The server ended while starting, for a reason only its log tells."""

    code = "embedded-start-failed"

    def __init__(self, log: Path, said: str) -> None:
        super().__init__(log=str(log), said=said)


class NotReady(EmbeddedError):
    """The server runs, but took no connection in time."""

    code = "embedded-not-ready"

    def __init__(self, log: Path, waited_s: int) -> None:
        super().__init__(log=str(log), waited_s=waited_s)


def as_disk_full(error: BaseException, data: Path) -> DiskFull | None:
    """
    Turn a database error met while working into `DiskFull`, when that is its cause.

    Args:
        error: As psycopg, asyncpg or SQLAlchemy raised it; its causes are searched too.
        data: The server's data directory (`Server.data`).

    Returns:
        The error to raise from *error*, or None when SQLSTATE 53100 is nowhere in it.
    """
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        if getattr(cause, "sqlstate", None) == DISK_FULL:
            return DiskFull(data)
        # SQLAlchemy keeps the driver's error in `orig`.
        waiting += [getattr(cause, "orig", None), cause.__cause__, cause.__context__]
    return None


def _free_mb(path: Path) -> int:
    """Room left where *path* is or would be, in MB."""
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        return shutil.disk_usage(path).free // 1_000_000
    except OSError:
        return 0
