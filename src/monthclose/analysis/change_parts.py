"""A line of an entry that a change of ownership made, taken apart: price, net assets, CTA."""

from fractions import Fraction

from monthclose.ledger.book import Book
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node

_KINDS = {
    "disposal": ("disposal",),
    "partial_disposal": ("partial_disposal", "indirect"),
    "step_acquisition": ("step",),
}
"""Kinds of entries, and the kinds of change that made them."""


def change_parts(book: Book, entry: Entry, line: EntryLine) -> tuple[Node, ...]:
    """
    What a gain, or an adjustment of the owners' equity, is made of; () for any other line.

    The line is a credit and the parts are as the standard adds them up, so each is turned.

    Source:
        IFRS 10.B96, 10.B98; IFRS 3.42; IAS 21.48.
    """
    kinds = _KINDS.get(entry.kind, ())
    if not kinds or line.entity == entry.entity:
        return ()
    # What the holder booked is undone first, and the group's own comes last.
    if line is not entry.lines[-1]:
        return ()
    for change in book.changes:
        same = change.kind in kinds and change.entity == entry.entity
        if same and line.amount == -sum(change.parts.values()):
            return tuple(
                Node("change", Fraction(-amount), entry.currency, facts={"name": name})
                for name, amount in change.parts.items()
                if amount
            )
    return ()
