"""What all ways of doing the work have to agree on, to the cent."""

from collections.abc import Mapping
from dataclasses import dataclass

from monthclose.ledger.book import Book


@dataclass(frozen=True)
class Outcome:
    """
    Consolidated figures, minor units of the presentation currency.

    Attributes:
        accounts: By account, debit positive, without those that are nil.
        cta: Cumulative CTA of each entity, a gain is positive.
        nci: Outsiders of each subsidiary that has some, credit positive.
    """

    accounts: Mapping[str, int]
    cta: Mapping[str, int]
    nci: Mapping[str, int]

    def differences(self, other: "Outcome") -> list[str]:
        """Where *other* says something else, at most ten of them."""
        found = []
        for name in ("accounts", "cta", "nci"):
            mine, theirs = getattr(self, name), getattr(other, name)
            found += [
                f"{name} {key}: {mine.get(key)}, {theirs.get(key)}"
                for key in sorted({*mine, *theirs})
                if mine.get(key) != theirs.get(key)
            ]
        return found[:10]


def of_book(book: Book) -> Outcome:
    """Read the outcome off a book."""
    return Outcome(
        accounts=without_nil(dict(zip(book.chart.codes, book.consolidated.tolist(), strict=True))),
        cta={each.entity: each.cta.closing for each in book.translations},
        nci={code: each.closing for code, each in book.nci.items()},
    )


def without_nil(accounts: Mapping[str, int]) -> dict[str, int]:
    """Leave out accounts without money."""
    return {account: amount for account, amount in accounts.items() if amount}
