"""Capital given back, from the records' side: what the CTA should have got of it."""

from collections.abc import Iterator
from fractions import Fraction

from monthclose.ledger.book import Book
from monthclose.ledger.money import rounded
from monthclose.ledger.rates import ratio_of


def given_back(book: Book) -> Iterator[tuple[str, int, int, int]]:
    """
    Capital given back inside the group: the CTA gets what the average took from it.

    Yields:
        Whose and when, what the entries brought into the CTA, what the day's rate less the
        translated capital comes to, and how many sides were rounded.
    """
    if not book.facts.reductions:
        return
    lines: dict[tuple[str, str], int] = {}
    for entry in book.entries:
        if entry.kind == "capital_reduction":
            into = sum(-e.amount for e in entry.lines if e.account == book.chart.roles.cta)
            key = (entry.entity, entry.reference)
            lines[key] = lines.get(key, 0) + into
    due: dict[tuple[str, str], Fraction] = {}
    rounded_sides: dict[tuple[str, str], int] = {}
    for each in book.facts.reductions:
        key = (each.entity, str(each.on))
        if key in lines or each.received:
            pair = (book.group.currencies[each.entity], book.presentation)
            rate = ratio_of(each.quote, *pair) if each.quote else Fraction(1)
            due[key] = due.get(key, Fraction(0)) + each.amount * rate - (each.translated or 0)
            rounded_sides[key] = rounded_sides.get(key, 0) + 1 + len(each.received)
    for key, exact in due.items():
        yield f"{key[0]} {key[1]}", lines.get(key, 0), rounded(exact), rounded_sides[key]
