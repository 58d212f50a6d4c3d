"""Commands that look back: where a figure came from, what moved between two versions."""

from dataclasses import dataclass
from pathlib import Path

from monthclose.cli.call import OK, Call
from monthclose.cli.compared import (
    SHOWN,
    changes_table,
    compared_payload,
    headline_table,
    moved_table,
)
from monthclose.cli.tree import PAGE, describe, page, payload
from monthclose.wiring.lookback import Explained, compare_stored, explain_folder, explain_stored


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


def run_diff(how: Call, was: str, now: str, user: str, portfolio: str) -> int:
    """Say what moved between two versions of a month, and why."""
    from monthclose.wiring.build import open_desk

    with open_desk(how.settings(), user, portfolio) as desk:
        compared = compare_stored(desk, was, now)
    screen, difference = how.out, compared.difference
    group = compared.now.inputs.group
    screen.say("compared", "bold", group=group.name, was=compared.was.label, now=compared.now.label)
    if not difference.moved and not difference.changes:
        screen.say("compared-same", "bold green")
    most = None if how.verbose else SHOWN
    if difference.causes:
        screen.console.print(headline_table(compared, how.lang))
    if difference.changes:
        screen.console.print(changes_table(compared, how.lang, most))
    if difference.moved:
        screen.console.print(moved_table(compared, how.lang, most))
    left = max(len(difference.moved), len(difference.changes)) - SHOWN
    if most is not None and left > 0:
        screen.say("explain-whole", "dim")
    how.answer(compared_payload(compared, how.lang))
    return OK
