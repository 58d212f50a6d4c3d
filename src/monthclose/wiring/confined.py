"""Reading what others sent in a process of its own: little memory, little time."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from monthclose.ledger.errors import CloseError

SECONDS = 30
"""Time a file may take to be read."""

MEMORY = 2**30
"""Bytes of address space a reader may have, where the system has such a limit."""

_CHILD = """
import sys
sys.path[:] = {path!r}
from monthclose.wiring.confined import serve
serve({seconds})
"""


class ReadingRanOut(CloseError):
    """A file took too long or too much memory to be read."""

    code = "file-reading-ran-out"

    def __init__(self, file: str, seconds: int) -> None:
        super().__init__(file=file, seconds=seconds, megabytes=MEMORY // 2**20)


def confined[R](read: Callable[..., R], file: str, *arguments: Any, seconds: int = SECONDS) -> R:
    """
    Call a function of a module in a process with limits, and give what it gives.

    Args:
        read: The function; it and its arguments travel by pickle.
        file: Name of the file, for the message.
        arguments: Its arguments.
        seconds: Time it may take.

    Raises:
        ReadingRanOut: time or memory ended.
        CloseError: what the function raised.
    """
    code = _CHILD.format(path=sys.path, seconds=seconds)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=pickle.dumps((read, arguments)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            env={"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1", "SYSTEMROOT": _system_root()},
        )
    except subprocess.TimeoutExpired:
        raise ReadingRanOut(file, seconds) from None
    if done.returncode:
        raise ReadingRanOut(file, seconds)
    fine, answer = pickle.loads(done.stdout)  # noqa: S301 - written by our own process
    if fine:
        result: R = answer
        return result
    raise answer


def _system_root() -> str:
    """Where Windows keeps what an interpreter needs to start; nothing elsewhere."""
    import os

    return os.environ.get("SYSTEMROOT", "")


def serve(seconds: int) -> None:
    """Read one question from standard input, answer it on standard output, within limits."""
    question = sys.stdin.buffer.read()
    limit(seconds)
    read, arguments = pickle.loads(question)  # noqa: S301 - written by our own process
    try:
        answer = (True, read(*arguments))
    except CloseError as error:
        answer = (False, error)
    sys.stdout.buffer.write(pickle.dumps(answer))


def limit(seconds: int) -> None:
    """Hold this process to its memory and its time."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
