"""Locks on files, which the kernel drops when their process ends, however it ends."""

import fcntl
import os
import time
from pathlib import Path

LOOK_S = 0.01


class FileLock:
    """
    A lock on a file, shared among readers or held by one.

    Two objects on one file are two holders, also within a process. The file itself
    stays: removing it would let two holders lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        """Open *path*, made if missing, without locking it."""
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False, wait_s: float = 0.0) -> bool:
        """Take the lock, trying for *wait_s* seconds; False if others kept it."""
        deadline = time.monotonic() + wait_s
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        while True:
            try:
                fcntl.flock(self.fd, how | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(LOOK_S)
            else:
                return True

    def release(self) -> None:
        """Let go of the lock, keeping the file open."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """
        Close the file.

        The lock goes with it, unless a process that inherited the file still has it open.
        """
        os.close(self.fd)
