"""
The stand-ins in a process of their own: they and whoever asks them have a core each.

The process is told what to serve, answers with the addresses, and lives as long as the pipe
that it was told through: when whoever started it is gone, however that came, so is it.
"""

import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os import environ
from time import time
from types import TracebackType
from typing import IO, Any, Self

from monthclose.ledger.errors import CloseError
from monthclose.sandbox.faults import Fault, Script
from monthclose.sandbox.hidden import MONTHS
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import Door, Neighbors, neighbors
from monthclose.sandbox.world import World

ENDS_S = 10
"""How long the process has to end by itself."""

PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "TZ")
"""What an interpreter needs to start; nothing else of the environment is the process's business."""

_CHILD = """
import sys
sys.path[:] = {path!r}
from monthclose.sandbox.apart import serve
serve()
"""


class StandInsGone(CloseError):
    """The process of the stand-ins ended before its time."""

    code = "sandbox-stand-ins-gone"


@dataclass(frozen=True, slots=True)
class Wish:
    """
    Which stand-ins are to be served: the same wish gives the same figures and credentials.

    Attributes:
        entities: How many companies.
        seed: Another one gives other figures.
        months: How many months at least.
        faults: What goes wrong, by neighbor.
        limited: Whether they refuse what the real ones would for its rate.
        back_s: By how many seconds their clock is behind the machine's.
        rm: Companies of TOTVS whose ledger is in an RM.
    """

    entities: int = 7
    seed: int = 2025
    months: int = MONTHS
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    limited: bool = False
    back_s: float = 0.0
    rm: tuple[str, ...] = ()


def wished(wish: Wish) -> Neighbors:
    """
    Make the stand-ins of a wish.

    Raises:
        RatesNotInstalled: the package with the rates is not there.
    """
    return neighbors(
        World(wish.seed, wish.entities, wish.months),
        {name: Script(*faults) for name, faults in wish.faults.items()},
        limited=wish.limited,
        clock=lambda: time() - wish.back_s,
        rm=wish.rm,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What came to one stand-in.

    Attributes:
        calls: By operation.
        happened: How many of them a fault has taken.
    """

    calls: Mapping[str, int]
    happened: int


class Apart:
    """
    Stand-ins in a process of their own, served while the context lasts.

    Example:
        with Apart(wished, Wish(entities=66)) as servers:
            servers.url("omie")  # http://127.0.0.1:40213
    """

    def __init__(
        self, make: Callable[..., Neighbors], *arguments: Any, log_level: str = "critical"
    ) -> None:
        """
        Name what is to be served; nothing is started yet.

        Args:
            make: Makes the stand-ins, in the process: a function of a module.
            arguments: Its arguments; like the function they travel by pickle.
            log_level: From which on the servers say what happens.
        """
        self._told = make, arguments, log_level
        self._process: subprocess.Popen[bytes] | None = None
        self._addresses: Mapping[str, str] = {}
        self.doors: tuple[Door, ...] = ()

    def __enter__(self) -> Self:
        """
        Start the process; requests are answered when this returns.

        Raises:
            CloseError: what *make* raised, or the process is gone.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: environ[name] for name in PASSED_ON if name in environ}
            | {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            self._addresses, self.doors = self._ask(self._told)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self._end()

    def address(self, name: str) -> str:
        """`host:port` of one of them."""
        return self._addresses[name]

    def url(self, name: str) -> str:
        """Where one of them answers."""
        return f"http://{self.address(name)}"

    @property
    def addresses(self) -> frozenset[str]:
        """`host:port` of all of them."""
        return frozenset(self._addresses.values())

    def seen(self) -> Mapping[str, Seen]:
        """
        What came to each of them until now.

        Raises:
            StandInsGone: the process is.
        """
        told: Mapping[str, Seen] = self._ask(None)
        return told

    @property
    def happened(self) -> int:
        """
        How many calls a fault has taken until now.

        Raises:
            StandInsGone: the process is gone.
        """
        return sum(each.happened for each in self.seen().values())

    def _ask(self, question: Any) -> Any:
        """Put a question to the process and wait for what it answers."""
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise StandInsGone
        try:
            pickle.dump(question, self._process.stdin)
            self._process.stdin.flush()
            fine, answer = pickle.load(self._process.stdout)  # noqa: S301 - our own process
        except (EOFError, OSError, pickle.UnpicklingError):
            raise StandInsGone from None
        if not fine:
            raise answer
        return answer

    def _end(self) -> None:
        """Close the pipe and wait until the process has seen it."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            _close(pipe)
        try:
            process.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _close(pipe: IO[bytes] | None) -> None:
    """Close one end of a pipe whose other end may be gone, with something unsent in it."""
    if pipe is not None:
        try:
            pipe.close()
        except OSError:
            return


def serve() -> None:
    """Be the process: serve what standard input says until there is no more of it."""
    # Ctrl-C is for whoever started us, and ends us too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What anybody prints must not get between the answers.
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    make, arguments, log_level = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent

    def answer(what: Any, *, fine: bool = True) -> None:
        """Answer one question."""
        pickle.dump((fine, what), answers)
        answers.flush()

    try:
        made: Neighbors = make(*arguments)
    except CloseError as error:
        answer(error, fine=False)
        return
    with Servers(made.applications, log_level) as servers:
        answer(({name: servers.address(name) for name in made.applications}, made.doors))
        while True:
            try:
                pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
            except EOFError:
                return
            answer(
                {
                    name: Seen(dict(each.script.calls), each.script.happened)
                    for name, each in made.applications.items()
                }
            )
