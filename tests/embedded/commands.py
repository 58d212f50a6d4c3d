"""Commands that use an embedded server, as processes of their own that a test may kill."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from monthclose.embedded.locks import FileLock

USE = """
import sys
from pathlib import Path
from monthclose.embedded.binaries import Binaries
from monthclose.embedded.postgres import EmbeddedPostgres

home, major, namespaces = sys.argv[1:]
use = EmbeddedPostgres(
    Path(home), binaries=Binaries.find(int(major)), namespaces=namespaces == "True"
)
with use as server:
    print(server.url(), flush=True)
    sys.stdin.read()
"""


class Command:
    """A process that starts or joins the server, and uses it until told to end."""

    def __init__(
        self, home: Path, major: int, *, before: Sequence[str] = (), namespaces: bool = True
    ) -> None:
        """Start it, behind the words *before*, which may run it as someone else."""
        words = [sys.executable, "-c", USE, str(home), str(major), str(namespaces)]
        self.process = subprocess.Popen(
            [*before, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        )

    def url(self) -> str:
        """Wait for the server's address."""
        assert self.process.stdout is not None
        address = self.process.stdout.readline().strip()
        assert address, self.process.communicate()[1]
        return address

    def end(self) -> None:
        """Let it leave the server in its own time."""
        _, said = self.process.communicate("")
        assert self.process.returncode == 0, said

    def kill(self) -> None:
        """End it at once."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


def eventually(true: Callable[[], object], within_s: float = 30.0) -> None:
    """Wait until something is true, and fail when it never is."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)


def kept(folder: Path) -> bool:
    """Whether a server runs whose files are in *folder*."""
    lock = FileLock(folder / "keeper.lock")
    try:
        return not lock.take()
    finally:
        lock.close()


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    """Ask the server, and commit."""
    with psycopg.connect(url) as connection:
        answer = connection.execute(question)
        return answer.fetchall() if answer.description else []


def answers(url: str) -> bool:
    """Whether the server takes a connection."""
    try:
        return ask(url, "select true") == [(True,)]
    except psycopg.OperationalError:
        return False


def postmaster(data: Path) -> int:
    """Process id of the server of *data*."""
    return int((data / "postmaster.pid").read_text("ascii").split()[0])


def keeper(data: Path) -> int:
    """Process id of the server's keeper."""
    return int((data.parent / "keeper.lock").read_text("ascii").split()[0])


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def as_user(uid: int) -> list[str]:
    """
    Write the words that run a program as an ordinary user.

    The interpreter may lie where only root passes. The user is let pass there, and only
    to read: what it may write, whom it may signal and who it is do not change.
    """
    words = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    passes = subprocess.run([*words, sys.executable, "-c", ""], capture_output=True, check=False)
    if passes.returncode != 0:
        words += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return words


REFUSING = """
import os, subprocess, sys

ready, mapped = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    os.unshare(os.CLONE_NEWUSER)
    os.write(ready[1], b"x")
    os.read(mapped[0], 1)
    with open("/proc/sys/user/max_user_namespaces", "w") as limit:
        limit.write("0")
    os.execvp(sys.argv[1], sys.argv[1:])
os.read(ready[0], 1)
for file in ("uid_map", "gid_map"):
    with open(f"/proc/{child}/{file}", "w") as written:
        written.write("0 0 65536")
os.write(mapped[1], b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def refusing_namespaces() -> list[str]:
    """Write the words that run a program as root where no user namespace may be entered."""
    return [sys.executable, "-c", REFUSING]


def on_small_disk(folder: Path, size_mb: int) -> list[str]:
    """Write the words that run a program while *folder* is a disk of *size_mb*."""
    apart = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-Ur", "--mount"]
    mount = f'mount -t tmpfs -o size={size_mb}m,mode=755 small "$0" && exec "$@"'
    return [*apart, "sh", "-c", mount, str(folder)]
