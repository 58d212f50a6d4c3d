"""Commands that look back: where a figure came from, what moved between two versions."""

from dataclasses import dataclass
from pathlib import Path

from monthclose.cli.call import OK, Call
from monthclose.cli.tree import PAGE, describe, page, payload
from monthclose.wiring.lookback import Explained, explain_folder, explain_stored


@dataclass(frozen=True, slots=True)
class Asked:
    """
    The figure that somebody asked for.

    Attributes:
        label: Month, or one of its versions.
        figure: Account or name.
        entity: Company; empty: the group.
        folder: Where the group lies; None: in the database.
    """

    label: str
    figure: str
    entity: str
    folder: Path | None


def run_explain(how: Call, asked: Asked, user: str, portfolio: str) -> int:
    """Take one figure apart, of a stored version or of a folder."""
    label, figure, entity = asked.label, asked.figure, asked.entity
    if asked.folder is not None:
        found = explain_folder(asked.folder, label, figure, entity)
    else:
        # A folder needs no database, and to load what one needs takes longer than the answer.
        from monthclose.wiring.build import open_desk

        with open_desk(how.settings(), user, portfolio) as desk:
            found = explain_stored(desk, label, figure, entity)
    _show(how, found, stored=asked.folder is None)
    how.answer(
        {
            "group": found.book.group.code,
            "label": found.label,
            "figure": figure,
            "entity": entity,
            "sha256": found.book.digest,
            "tree": payload(found.tree, how.lang),
        }
    )
    return OK


def _show(how: Call, found: Explained, *, stored: bool) -> None:
    """One page, or all of it when that was asked for."""
    screen, book = how.out, found.book
    name = describe(found.tree, how.lang)
    screen.say("explained", "bold", group=book.group.name, label=found.label, figure=name)
    screen.console.print(page(found.tree, how.lang, None if how.verbose else _lines(how)))
    if stored:
        screen.say("explain-proved", "dim", sha256=book.digest)
    if not how.verbose:
        screen.say("explain-whole", "dim")


def _lines(how: Call) -> int:
    """Lines of a page: those of the terminal, less what stands around the tree."""
    console = how.out.console
    return max(20, console.height - 5) if console.is_terminal else PAGE
