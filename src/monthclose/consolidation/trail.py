"""What the engine did: each step with the hashes of what went in and out."""

from dataclasses import dataclass

from monthclose.ledger.book import Book
from monthclose.ledger.digest import digest
from monthclose.ledger.journal import LayerName


@dataclass(frozen=True, slots=True)
class TrailStep:
    """One step of the engine: what it did to what, and the hashes of what went in and out."""

    step: str
    subject: str
    period: str
    inputs: str
    outputs: str


def steps_of(book: Book) -> list[TrailStep]:
    """The steps that made a book, in order: all that they are hashed from is in it."""
    trail = []
    for raw, balance, translation in zip(book.raw, book.balances, book.translations, strict=True):
        policy = book.group.adjustments_of.get((raw.entity, LayerName.POLICY), ())
        beside = [each for each in policy if each.period <= raw.period]
        entered = (balance.accounts, balance.amounts, *beside)
        for step, inputs, outputs in (
            ("map", (raw.accounts, raw.partners, raw.amounts), balance.amounts),
            ("translate", entered, translation.amounts),
        ):
            trail.append(TrailStep(step, raw.entity, raw.period, digest(inputs), digest(outputs)))
    translated = digest([translation.amounts for translation in book.translations])
    made = digest(book.entries)
    trail.append(TrailStep("adjust", book.group.code, book.period, translated, made))
    trail.append(TrailStep("consolidate", book.group.code, book.period, made, book.digest))
    return trail
