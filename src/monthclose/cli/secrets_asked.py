"""Secrets as a person gives them: typed unseen, or read from a file; never as arguments."""

import json
import sys
from collections.abc import Mapping, Sequence
from getpass import getpass
from pathlib import Path

from monthclose.ledger.errors import CloseError

LARGEST = 64 * 1024
"""Characters of a file of secrets that are read."""


class SecretNotGiven(CloseError):
    """Nobody can type a secret where there is no terminal."""

    code = "secret-not-given"

    def __init__(self, parts: Sequence[str]) -> None:
        super().__init__(parts=list(parts))


class SecretFileUnreadable(CloseError):
    """A file of secrets has a line that is none, which is not repeated."""

    code = "secret-file-unreadable"

    def __init__(self, line: int) -> None:
        super().__init__(line=line)


def ask_secrets(parts: Sequence[str], file: Path | None) -> dict[str, str]:
    """
    Take the parts of a credential.

    Args:
        parts: Their names.
        file: With lines `name = value`, or JSON; `-`: standard input; None: typed.

    Raises:
        SecretNotGiven: nothing was named and nobody can type.
        SecretFileUnreadable: the file is neither.
    """
    if file is None:
        if not sys.stdin.isatty():
            raise SecretNotGiven(parts)
        return {part: getpass(f"{part}: ") for part in parts}
    given = sys.stdin.read(LARGEST) if str(file) == "-" else file.read_text("utf-8")[:LARGEST]
    return read_secrets(given)


def read_secrets(text: str) -> dict[str, str]:
    """
    Read `name = value` by line, or a JSON object of texts.

    Raises:
        SecretFileUnreadable: it is neither.
    """
    if text.lstrip().startswith("{"):
        try:
            told: object = json.loads(text)
        except ValueError:
            raise SecretFileUnreadable(1) from None
        if not isinstance(told, Mapping) or not all(isinstance(v, str) for v in told.values()):
            raise SecretFileUnreadable(1)
        return {str(name): str(value) for name, value in told.items()}
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, mark, value = line.partition("=")
        if not mark:
            raise SecretFileUnreadable(number)
        found[name.strip()] = value.strip()
    return found


def ask_line(asked: str) -> str:
    """One line of standard input, asked for where somebody sees it; empty: there is none."""
    print(asked, end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
