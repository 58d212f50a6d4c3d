"""What became of a month that was read from a source: taken, standing, late, or failed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monthclose.ledger.errors import CloseError
from monthclose.ledger.sources import TieOut


class Outcome(StrEnum):
    """What an extraction did to the month."""

    TAKEN = "taken"
    """It is the month's balance now."""
    STANDING = "standing"
    """It says what stands already."""
    COMPLETED = "completed"
    """Lines for its gaps, which came after it, are in it now; nothing was read."""
    LATE = "late"
    """The month is closed and the source says otherwise now; what was closed stands."""
    FAILED = "failed"
    """Nothing was taken."""


@dataclass(frozen=True, slots=True)
class LateChange:
    """
    An account of a closed month that the source shows otherwise now.

    Attributes:
        entity: Short code of the company.
        period: The closed month.
        account: Of the company's own chart.
        closed: As it was closed, minor units, debit positive.
        found: As the source shows it now.
        currency: ISO 4217 code of both.
    """

    entity: str
    period: str
    account: str
    closed: int
    found: int
    currency: str

    @property
    def out_by(self) -> int:
        """By how much the source shows more."""
        return self.found - self.closed

    @property
    def note(self) -> tuple[str, dict[str, str]]:
        """The change as a note of the next month's extract: amounts as text, minor units."""
        return "late-change", {
            "period": self.period,
            "account": self.account,
            "minor": str(self.out_by),
            "closed": str(self.closed),
            "found": str(self.found),
            "currency": self.currency,
        }


@dataclass(frozen=True, slots=True)
class Extraction:
    """
    One company's month as it was read, and what became of it.

    Attributes:
        entity: Short code of the company.
        period: The month.
        erp: Where it was read.
        outcome: What became of it.
        currency: ISO 4217 code of its amounts, or empty when it failed.
        lines: Accounts of the balance.
        documents: Answers that were kept, those that stood already included.
        new_documents: Those that did not.
        number: Of the batch that is in force, or nil.
        sha256: Hash of the balance, or empty.
        gaps: What the source does not know.
        failing: Figures that two roads give differently.
        notes: What a person has to be told, by code, with facts.
        late: What differs in a month that is closed: this one, or the one before.
        removed_characters: Control characters taken out of texts.
        error: Why it failed, or None.
    """

    entity: str
    period: str
    erp: str
    outcome: Outcome
    currency: str = ""
    lines: int = 0
    documents: int = 0
    new_documents: int = 0
    number: int = 0
    sha256: str = ""
    gaps: tuple[str, ...] = ()
    failing: tuple[TieOut, ...] = ()
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()
    late: tuple[LateChange, ...] = field(default=())
    removed_characters: int = 0
    error: CloseError | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """
    What storing a month as it was read would do.

    Attributes:
        extraction: What would become of it.
        debits: Sum of the accounts that stand on the debit side, minor units.
        credits: Sum of the others, positive.
        changes: Accounts that stand otherwise now: `closed` is what stands. None stands: none.
    """

    extraction: Extraction
    debits: int = 0
    credits: int = 0
    changes: tuple[LateChange, ...] = ()
