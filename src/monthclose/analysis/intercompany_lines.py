"""What an elimination takes out, taken apart: the items that were read, with their documents."""

from collections.abc import Mapping
from fractions import Fraction

from monthclose.ledger.intercompany import Match
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node


def intercompany_lines(
    matches: Mapping[str, Match], entry: Entry, line: EntryLine, currency: str
) -> tuple[Node, ...]:
    """
    The items that a line of an elimination takes out.

    Args:
        matches: By id of the entry that was made of each.
        entry: One of the close.
        line: One of its lines.
        currency: Presentation currency.

    Returns:
        Each that was read from a source, debit positive as the line; () for any other line,
        and for what was recorded: its entry names its reference.
    """
    match = matches.get(entry.id)
    if match is None:
        return ()
    items = [
        item
        for item in match.items
        if (item.entity, item.account) == (line.entity, line.account) and item.translated
    ]
    made = tuple(
        Node(
            "intercompany_item",
            Fraction(-(item.translated or 0)),
            currency,
            facts={
                "entity": item.entity,
                "other": item.partner,
                "reference": item.reference or "–",
                "month": item.period,
                "source": item.source,
            },
        )
        for item in items
    )
    told = all(item.source for item in items)
    # A residual may stand on the same account: the line is then more than its items.
    return made if told and sum((each.amount for each in made), Fraction(0)) == line.amount else ()
