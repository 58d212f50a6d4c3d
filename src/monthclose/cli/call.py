"""How a command was called, and what its exit code says."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console

from monthclose.cli.render import Screen
from monthclose.ledger.errors import CloseError
from monthclose.wiring.language import language

if TYPE_CHECKING:
    from monthclose.wiring.settings import Settings

OK, FAILURE, USAGE, CONTROL_FAILED, LOCKED, UNAVAILABLE, STALE = range(7)
"""Exit codes, the same for every command."""

CODES = {"period-closed": LOCKED, "sign-off-stale": STALE}
"""Errors that have an exit code of their own; any other is a failure."""


def exit_code(error: CloseError) -> int:
    """What a command that an error stopped ends with."""
    # A neighbor that may answer later, or one that refuses us until somebody mends something.
    if getattr(error, "transient", False) or error.code.startswith("source-"):
        return UNAVAILABLE
    return CODES.get(error.code, FAILURE)


WIDE = 120
"""Columns where the output goes to a file or a pipe, which have no width of their own."""


def console(*, quiet: bool = False, stderr: bool = False) -> Console:
    """A terminal as wide as it is; anything else wide enough for a table."""
    screen = Console(quiet=quiet, stderr=stderr, highlight=False)
    if not screen.is_terminal:
        screen.width = WIDE
    return screen


@dataclass(frozen=True, slots=True)
class Call:
    """
    How one command was called.

    Attributes:
        lang: Language of its messages.
        as_json: Whether it prints JSON instead of tables.
        quiet: Whether it prints errors only.
        verbose: Whether it prints more than it needs to.
    """

    lang: str
    as_json: bool
    quiet: bool
    verbose: bool

    @property
    def out(self) -> Screen:
        """Where results go."""
        return Screen(console(quiet=self.quiet or self.as_json), self.lang)

    @property
    def err(self) -> Screen:
        """Where errors go."""
        return Screen(console(stderr=True), self.lang)

    def answer(self, payload: dict[str, Any]) -> None:
        """Print the answer as JSON, when that was asked for."""
        if self.as_json:
            print(json.dumps(payload, ensure_ascii=False, indent=1))

    def settings(self) -> "Settings":
        """The settings of the installation."""
        # Loading them takes a third of a start, and most commands on a folder ask for none.
        from monthclose.wiring.settings import read_settings

        return read_settings()


def call(chosen: str, as_json: bool = False, quiet: bool = False, verbose: bool = False) -> Call:
    """How a command was called, the language resolved."""
    return Call(language(chosen), as_json, quiet, verbose)
