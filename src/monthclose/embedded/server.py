"""One running server: with what settings it is started, how it is found and stopped."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from monthclose.embedded.cluster import SUPERUSER, Cluster
from monthclose.embedded.errors import NotReady
from monthclose.embedded.keeping import HOST, LOOK_S, kept, spawn_keeper
from monthclose.embedded.locks import FileLock
from monthclose.embedded.namespaces import Standing

# Replaying a killed server's log, at most `max_wal_size`, on a slow disk.
READY_S = 120

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


def spawn(cluster: Cluster, who: Standing, keeper: FileLock, port: int) -> int:
    """Start a keeper with a server, and give the keeper's process id."""
    settings = SETTINGS | (DURABLE if cluster.durable else VOLATILE)
    server = [cluster.binaries.tool("postgres"), "-D", str(cluster.data), "-p", str(port)]
    for name, value in settings.items():
        server += ["-c", f"{name}={value}"]
    return spawn_keeper(cluster.folder, keeper, who, server, cluster.environment())


def wait(cluster: Cluster) -> Server | None:
    """Wait until the server takes a connection; None when its keeper is gone."""
    deadline = time.monotonic() + READY_S
    keeper = cluster.lock("keeper")
    try:
        while time.monotonic() < deadline:
            if keeper.take():
                return None
            # A server that is not our keeper's may have the same data: a stranger's,
            # or one that is about to end because its keeper was killed.
            found, (_, child) = cluster.postmaster(), kept(keeper)
            ours = found if found and found.ready and found.pid == child else None
            if ours and (server := _connect(cluster, ours.port)):
                return server
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
