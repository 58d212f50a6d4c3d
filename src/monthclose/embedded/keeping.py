"""Starting and stopping keepers: what the embedded servers have in common."""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from monthclose.embedded.locks import FileLock
from monthclose.embedded.namespaces import Standing, script

HOST = "127.0.0.1"

# Longer than the keeper gives the server in both of its ways to stop it.
STOP_S = 130
LOOK_S = 0.01


def spawn_keeper(
    folder: Path,
    keeper: FileLock,
    who: Standing,
    program: Sequence[str],
    environment: Mapping[str, str],
) -> int:
    """
    Start a keeper with a server, and give the keeper's process id.

    Args:
        folder: Holds the locks `start.lock` and `users.lock`, and `server.log`.
        keeper: The lock that the keeper inherits.
        who: As whom the server runs.
        program: The server, and its arguments.
        environment: What it sees.
    """
    locks = [str(folder / "start.lock"), str(folder / "users.lock")]
    inherited = max(keeper.fd, 3)
    command = [*script(), "keep", *locks, str(inherited), *who.words, "--", *program]
    # Not subprocess: the keeper outlives this command, which subprocess complains about.
    return os.posix_spawn(
        sys.executable,
        command,
        environment,
        setsigmask=[],
        file_actions=[
            # First, and to itself if need be: this is what lets it be inherited.
            (os.POSIX_SPAWN_DUP2, keeper.fd, inherited),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(folder / "server.log"), os.O_WRONLY | os.O_APPEND, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def stop_keeper(keeper: FileLock) -> None:
    """Tell the keeper, if one runs, to stop its server, and wait until it is gone."""
    deadline = time.monotonic() + STOP_S
    told = 0
    while not keeper.take() and time.monotonic() < deadline:
        # What the keeper wrote holds while we cannot have its lock.
        if not told and (told := kept(keeper)[0]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(told, signal.SIGTERM)
        time.sleep(LOOK_S)


def kept(keeper: FileLock) -> tuple[int, int]:
    """Read who keeper and server are: their process ids, or zeros when not yet written."""
    words = os.pread(keeper.fd, 64, 0).split()
    return (int(words[0]), int(words[1])) if len(words) == 2 else (0, 0)


def free_port() -> int:
    """Let the system choose a free port on loopback."""
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])
