"""Titles while they are being written: recognised, settled first come first served."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from monthclose.ledger.sources import Side
from monthclose.ledger.titles import Part, Settlement, Title
from monthclose.sandbox.served import Party


@dataclass(slots=True)
class Draft:
    """A title whose settlements are still to come; amounts in cents, positive."""

    side: Side
    id: str
    document: str
    party: Party
    accrued: date
    due: date
    parts: tuple[Part, ...]
    cancelled: date | None = None
    settlements: list[Settlement] = field(default_factory=list)

    @property
    def amount(self) -> int:
        """All of it."""
        return sum(each.amount for each in self.parts)

    @property
    def left(self) -> int:
        """What is not settled yet; nothing once cancelled."""
        if self.cancelled:
            return 0
        return self.amount - sum(each.principal for each in self.settlements)

    def title(self) -> Title:
        """As it ends."""
        return Title(
            side=self.side,
            id=self.id,
            document=self.document,
            tax_id=self.party.tax_id,
            name=self.party.name,
            accrued=self.accrued,
            due=self.due,
            amount=self.amount,
            parts=self.parts,
            cancelled=self.cancelled,
            settlements=tuple(self.settlements),
        )


@dataclass(frozen=True, slots=True)
class Paid:
    """A settlement and where it stands, so that it can be changed."""

    draft: Draft
    place: int

    @property
    def settlement(self) -> Settlement:
        """The settlement."""
        return self.draft.settlements[self.place]

    @property
    def late(self) -> bool:
        """Whether it came after the title fell due."""
        return self.settlement.on > self.draft.due

    def change(self, settlement: Settlement) -> None:
        """Put another in its place: the same with interest, a fine, a discount or a fee."""
        self.draft.settlements[self.place] = settlement


def shares(rnd: Random, amount: int, count: int) -> list[int]:
    """Divide an amount into so many parts by chance, each positive; fewer when it is small."""
    count = max(1, min(count, amount))
    weights = [rnd.randint(40, 160) for _ in range(count)]
    parts = [max(1, amount * each // sum(weights)) for each in weights]
    largest = parts.index(max(parts))
    parts[largest] += amount - sum(parts)
    return parts if min(parts) > 0 else [amount]


def first_come(drafts: list[Draft], amount: int) -> Iterator[tuple[Draft, int]]:
    """
    Settle an amount against open titles, the oldest first; the last one in part.

    Raises:
        ValueError: less is open.
    """
    for draft in drafts:
        if not amount:
            return
        if taken := min(draft.left, amount):
            amount -= taken
            yield draft, taken
    if amount:
        raise ValueError(f"{amount} cents more are settled than are open")
