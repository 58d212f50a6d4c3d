"""A single record of a source, as it was last read: what the next reading asks of it."""

from dataclasses import dataclass
from datetime import date

from monthclose.ledger.sources import SourceDocument


@dataclass(frozen=True, slots=True)
class Detail:
    """
    One record as it was last read.

    Attributes:
        row: Hash of the row of the list it was found by.
        document: The record.
        issued: The day the list finds it by.
        alive: The day it was last seen and counted, or None: never.
        ended: The day it counts as cancelled, or None: it is not.
        done: The day after which nothing of it moves any more, or None: it is open.
    """

    row: str
    document: SourceDocument
    issued: date
    alive: date | None = None
    ended: date | None = None
    done: date | None = None

    def done_before(self, day: date) -> bool:
        """Whether nothing of it moves on a day or after it."""
        return self.done is not None and self.done < day
