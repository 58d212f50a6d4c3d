"""
What looks as if somebody had entered it twice: alike in everything but its number.

It is told and never taken out: two equal invoices of one day may both be true.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from monthclose.ledger.periods import Period
from monthclose.ledger.titles import Title

type Note = tuple[str, Mapping[str, str]]
"""A code with facts, as an extract carries it."""

NAMED = 5
"""How many of them are named."""

type EntryLine = tuple[str, str, int]
"""Account debited, account credited, and the amount in minor units."""


def titles_twice(titles: Iterable[Title], month: Period, currency: str) -> list[Note]:
    """
    Titles recognised in a month that are like another in everything but their id.

    Instalments of one invoice share its number and its day, and fall due on different days.
    """
    alike: dict[Hashable, list[Title]] = defaultdict(list)
    for title in titles:
        if title.document and title.cancelled is None and Period.of(title.accrued) == month:
            party = title.tax_id or title.name
            key = (title.side, title.document, party, title.accrued, title.due, title.parts)
            alike[key].append(title)
    again = [title for each in alike.values() for title in each[1:]]
    if not again:
        return []
    count, numbers, size = _counted([(title.document, title.amount) for title in again])
    return [
        (
            "title-twice",
            {"count": count, "numbers": numbers, "minor": size, "currency": currency},
        )
    ]


def entries_twice(entries: Mapping[str, Sequence[EntryLine]], currency: str) -> list[Note]:
    """
    Entries of a ledger that are like another of the same day, line by line.

    Args:
        entries: Lines by what tells one entry from the others; its day stands before a bar.
        currency: Of every amount.
    """
    alike: dict[Hashable, list[str]] = defaultdict(list)
    for number, lines in entries.items():
        alike[number.partition("|")[0], frozenset(Counter(lines).items())].append(number)
    again = [number for each in alike.values() for number in each[1:]]
    # One side is enough: both are the same amount, once it is counted on either.
    sizes = [
        (number.partition("|")[2], sum(size for debit, _, size in entries[number] if debit))
        for number in again
    ]
    if not again:
        return []
    count, numbers, size = _counted(sizes)
    return [
        (
            "entry-twice",
            {"count": count, "numbers": numbers, "minor": size, "currency": currency},
        )
    ]


def _counted(found: list[tuple[str, int]]) -> tuple[str, str, str]:
    """How many there are, which, the largest first, and how much they come to."""
    named = sorted(found, key=lambda each: (-abs(each[1]), each[0]))
    numbers = ", ".join(name for name, _ in named[:NAMED]) + (", …" if named[NAMED:] else "")
    return str(len(found)), numbers, str(sum(abs(amount) for _, amount in found))
