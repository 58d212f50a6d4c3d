"""Options that commands have in common, with their help in the language of the screen."""

from dataclasses import dataclass
from typing import Any

import typer

from monthclose.wording import say


@dataclass(frozen=True, slots=True)
class Shared:
    """
    The options that are the same wherever they stand.

    Attributes:
        lang: Language of the help.
    """

    lang: str

    def text(self, key: str) -> str:
        """A text of the command line."""
        return say(f"cli.{key}", self.lang)

    @property
    def as_json(self) -> Any:
        """`--json`: answer in JSON."""
        return typer.Option("--json", help=self.text("help-json"))

    @property
    def user(self) -> Any:
        """`--as USER`: who acts."""
        return typer.Option("--as", help=self.text("help-as"), metavar="USER")

    @property
    def admin(self) -> Any:
        """`--as USER`: who acts, where it takes an admin."""
        return typer.Option("--as", help=self.text("help-as-admin"), metavar="USER")

    @property
    def portfolio(self) -> Any:
        """`--portfolio CODE`: whose companies."""
        return typer.Option("--portfolio", help=self.text("help-portfolio"), metavar="CODE")

    @property
    def chosen(self) -> Any:
        """`--lang LANG`: language of the answer."""
        return typer.Option("--lang", help=self.text("help-lang"), metavar="LANG")
