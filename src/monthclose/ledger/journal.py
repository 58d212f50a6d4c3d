"""Journal entries of the close, and the layer each belongs to."""

from dataclasses import dataclass
from enum import StrEnum

from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Money


class LayerName(StrEnum):
    """Where a consolidated figure came from."""

    REPORTED = "reported"
    MAPPING = "mapping"
    POLICY = "policy"
    TRANSLATION = "translation"
    ELIMINATION = "elimination"
    PPA = "ppa"
    NCI = "nci"
    GAAP = "gaap"
    MANUAL = "manual"


GROUP_LAYERS = (
    LayerName.TRANSLATION,
    LayerName.ELIMINATION,
    LayerName.PPA,
    LayerName.NCI,
    LayerName.GAAP,
    LayerName.MANUAL,
)
"""The layers that add up to a consolidated figure, in order."""


class UnbalancedEntry(CloseError):
    """An entry whose debits and credits differ."""

    code = "entry-unbalanced"

    def __init__(self, entry: str, currency: str, out_by: int) -> None:
        super().__init__(entry=entry, size=Money(abs(out_by), currency), out_by=out_by)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line: account, amount (minor units, debit positive), and the entity it concerns."""

    account: str
    amount: int
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A balanced entry with its reason. It balances, or it does not exist.

    Attributes:
        id: Unique in the book, such as `INV-ACQ-S`.
        layer: The layer it belongs to.
        kind: What it does, such as `investment`.
        reason: Key of the sentence in the catalogue that says why (`entries.…`).
        standard: Paragraph it rests on, such as `IFRS 10.B86(b)`.
        currency: ISO 4217 code of its amounts.
        lines: Its lines, debit positive, summing to zero.
        entity: The entity it is about.
        reference: The record it came from, such as an acquisition's id.
    """

    id: str
    layer: LayerName
    kind: str
    reason: str
    standard: str
    currency: str
    lines: tuple[EntryLine, ...]
    entity: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        out_by = 0
        for line in self.lines:
            out_by += line.amount
        if out_by:
            raise UnbalancedEntry(self.id, self.currency, out_by)
