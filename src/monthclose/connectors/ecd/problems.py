"""What is wrong with a file of the ECD: every mistake with its line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monthclose.connectors.errors import Refused, Unreadable
from monthclose.wording import say

LISTED = 20
"""How many mistakes the sentence of an error lists."""

MOST = 200
"""How many are collected before reading stops."""


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One mistake.

    Attributes:
        file: Name of the file.
        code: What it is; the catalogue's sentence is `problems.<code>`.
        row: Its line, counted from 1; 0: the file as a whole.
        column: Name of the record, such as `I155`, or empty.
        facts: What the sentence says besides.
    """

    file: str
    code: str
    row: int = 0
    column: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def message(self, lang: str = "en") -> str:
        """Say where it is, what is wrong and what to do, in *lang*."""
        sentence = say(f"problems.{self.code}", lang, **self.facts)
        if not self.row:
            return sentence
        return say(
            "problems.ecd-at", lang, row=self.row, record=self.column or "–", problem=sentence
        )

    def shown(self, lang: str) -> str:
        """Write it as a fact of another sentence."""
        return self.message(lang)


@dataclass(frozen=True, slots=True)
class Listing:
    """The first mistakes, one a line."""

    problems: tuple[Problem, ...]

    def shown(self, lang: str) -> str:
        """Write them, and how many more there are."""
        lines = [each.message(lang) for each in self.problems[:LISTED]]
        if (more := len(self.problems) - LISTED) > 0:
            lines.append(say("problems.and-more", lang, count=more))
        return "\n".join(f"- {line}" for line in lines)

    def __str__(self) -> str:
        return self.shown("en")


class EcdUnusable(Unreadable):
    """
    A file of the ECD with mistakes; nothing of it was taken.

    Attributes:
        problems: Every mistake that was found, in order of lines.
    """

    code = "ecd-unusable"
    problems: tuple[Problem, ...]

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(file=file, count=len(problems), listed=Listing(problems))


class EcdMonthMissing(Refused):
    """A month that was asked for is not in the file."""

    code = "ecd-month-missing"

    def __init__(self, file: str, period: str, first: str, last: str) -> None:
        super().__init__(file=file, period=period, first=first, last=last)


class EcdClosingAccountUnknown(Refused):
    """The result was closed, and nothing tells to which account."""

    code = "ecd-closing-account-unknown"

    def __init__(self, file: str, period: str, candidates: tuple[str, ...]) -> None:
        super().__init__(file=file, period=period, candidates=candidates or ("–",))


class Problems:
    """Collects mistakes; reading goes on as long as it makes sense."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, code: str, row: int = 0, record: str = "", **facts: Any) -> None:
        """
        Note one mistake.

        Raises:
            EcdUnusable: there are too many to go on.
        """
        self.found.append(Problem(self.file, code, row, record, facts))
        if len(self.found) >= MOST:
            self.stop()

    def fail(self, code: str, row: int = 0, record: str = "", **facts: Any) -> EcdUnusable:
        """Note a mistake after which nothing more can be read."""
        self.found.append(Problem(self.file, code, row, record, facts))
        return self.error()

    def error(self) -> EcdUnusable:
        """All of them as one error."""
        return EcdUnusable(self.file, tuple(sorted(self.found, key=lambda each: each.row)))

    def stop(self) -> None:
        """
        Stop if there is any.

        Raises:
            EcdUnusable: there is.
        """
        if self.found:
            raise self.error()
