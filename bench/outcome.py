"""What all ways of doing the work have to agree on, to the cent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monthclose.ledger.book import Book
from monthclose.ledger.equity import Parts
from monthclose.ledger.journal import GROUP_LAYERS


@dataclass(frozen=True)
class Outcome:
    """
    Consolidated figures, minor units of the presentation currency.

    Attributes:
        accounts: By account, debit positive, without those that are nil.
        cta: Cumulative CTA of each entity, a gain is positive.
        nci: Outsiders of each subsidiary that has some, credit positive.
        details: Layers by account, purchases, roll-forwards, changes in equity, proofs, by
            what they are, without those that are nil; empty: of a way that has none.
    """

    accounts: Mapping[str, int]
    cta: Mapping[str, int]
    nci: Mapping[str, int]
    details: Mapping[str, int] = field(default_factory=dict)

    def differences(self, other: "Outcome") -> list[str]:
        """Where *other* says something else, at most ten of them."""
        found = []
        names = ["accounts", "cta", "nci"]
        if self.details and other.details:
            names.append("details")
        for name in names:
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
        details=without_nil(_details(book)),
    )


def _details(book: Book) -> dict[str, int]:
    """Every figure of a book that a peer of the whole close has too."""
    found = {
        f"{layer} {code}": amount
        for code, row in zip(book.chart.codes, book.layers.tolist(), strict=True)
        for layer, amount in zip(GROUP_LAYERS, row, strict=True)
    }
    for name, purchase in book.purchases.items():
        found[f"goodwill {name}"] = purchase.goodwill_closing
        found[f"goodwill CTA {name}"] = purchase.cta.movement
    for code, theirs in book.nci.items():
        found[f"nci opening {code}"] = theirs.opening
        found[f"nci profit {code}"] = theirs.share_of_profit
        found[f"nci cta {code}"] = theirs.share_of_cta
        found[f"nci dividends {code}"] = theirs.dividends
        found[f"nci between {code}"] = theirs.intragroup
    if changes := book.changes_in_equity:
        rows: dict[str, Parts] = {row.value: parts for row, parts in changes.moves.items()}
        rows |= {"reported": changes.reported, "closing": changes.closing}
        for row, parts in rows.items():
            found |= {f"{row} {part}": amount for part, amount in parts.items()}
    return found | {f"proof {each.entity}": each.proof().total for each in book.translations}


def without_nil(accounts: Mapping[str, int]) -> dict[str, int]:
    """Leave out accounts without money."""
    return {account: amount for account, amount in accounts.items() if amount}
