"""What is wrong with a group folder: every mistake with its file, row and column, in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monthclose.ledger.errors import CloseError
from monthclose.wording import say

LISTED = 20
"""How many mistakes an error's sentence lists; all of them are in `problems`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One mistake.

    Attributes:
        file: Name relative to the folder, such as `balances/2025-06.csv`.
        code: What it is, kebab-case; the catalogue's sentence is `problems.<code>`.
        row: Row as a spreadsheet counts it, the header being 1; 0: the file as a whole.
        column: Name of the column, or of the key in `group.toml`; empty: the row as a whole.
        facts: What the sentence says besides.
    """

    file: str
    code: str
    row: int = 0
    column: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def message(self, lang: str = "en") -> str:
        """Say where it is, what is wrong and what to do, in *lang*."""
        place = {"file": self.file, "row": self.row, "column": self.column}
        key = "cell" if self.column and self.row else "row" if self.row else ""
        key = key or ("column" if self.column else "file")
        sentence = say(f"problems.{self.code}", lang, **self.facts)
        return say(f"problems.at-{key}", lang, problem=sentence, **place)

    def shown(self, lang: str) -> str:
        """Write it as a fact of another sentence."""
        return self.message(lang)


@dataclass(frozen=True, slots=True)
class Listing:
    """The first mistakes, one a line."""

    problems: tuple[Problem, ...]
    most: int = LISTED

    def shown(self, lang: str) -> str:
        """Write them, and how many more there are."""
        lines = [problem.message(lang) for problem in self.problems[: self.most]]
        if (more := len(self.problems) - self.most) > 0:
            lines.append(say("problems.and-more", lang, count=more))
        return "\n".join(f"- {line}" for line in lines)

    def __str__(self) -> str:
        return self.shown("en")


class GroupFolderInvalid(CloseError):
    """
    A group folder with mistakes; nothing of it was taken.

    Attributes:
        problems: Every mistake, in order of files and rows.
    """

    code = "group-folder-invalid"
    problems: tuple[Problem, ...]

    def __init__(self, folder: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(folder=folder, count=len(self.problems), listed=Listing(self.problems))

    def in_full(self, lang: str = "en") -> str:
        """Say it with every mistake, however many, for a screen that has room."""
        listed = Listing(self.problems, most=len(self.problems))
        return say(f"errors.{self.code}", lang, **dict(self.facts) | {"listed": listed})


class GroupFolderMissing(CloseError):
    """There is no such folder."""

    code = "group-folder-missing"

    def __init__(self, folder: str) -> None:
        super().__init__(folder=folder)


class GroupFolderNotEmpty(CloseError):
    """A folder that already holds something; nothing is written over."""

    code = "group-folder-not-empty"

    def __init__(self, folder: str, found: str) -> None:
        super().__init__(folder=folder, found=found)


class Problems:
    """Collects mistakes; reading goes on."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, file: str, code: str, row: int = 0, column: str = "", **facts: Any) -> None:
        """Note one mistake."""
        self._found.append(Problem(file, code, row, column, facts))

    def __bool__(self) -> bool:
        return bool(self._found)

    def in_order(self) -> tuple[Problem, ...]:
        """By file in the order they were read, then by row."""
        files = {file: place for place, file in enumerate(dict.fromkeys(p.file for p in self))}
        return tuple(sorted(self, key=lambda problem: (files[problem.file], problem.row)))

    def __iter__(self) -> Any:
        return iter(self._found)
