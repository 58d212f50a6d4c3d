"""What a record says, field by field, in the words of its reader."""

from collections.abc import Iterable
from dataclasses import dataclass

from monthclose.ledger.money import Money
from monthclose.wording import LANGUAGES, Word, say

type Value = Money | str
"""One field: an amount with its currency, a word of the catalogue, or text as it is."""


def field_named(name: str, lang: str = "en") -> str:
    """What a field of a record is called in *lang*."""
    return say(f"lineage.field-{name}", lang)


def value_shown(value: Value, lang: str = "en") -> str:
    """One field as *lang* writes it."""
    return value.shown(lang) if isinstance(value, (Money, Word)) else str(value)


@dataclass(frozen=True, slots=True)
class Said:
    """
    Several fields of a record.

    Attributes:
        parts: Of each the part it belongs to (empty: the record itself), its name, and what
            it says.
    """

    parts: tuple[tuple[str, str, Value], ...]

    @classmethod
    def of(cls, values: Iterable[tuple[str, str, Value]]) -> "Said":
        """What says anything among *values*."""
        return cls(tuple(each for each in values if str(each[2])))

    def shown(self, lang: str) -> str:
        """Each field with its name; a dash when there is none."""
        said = []
        last = ""
        for part, name, value in self.parts:
            named = f"{field_named(name, lang)} {value_shown(value, lang)}"
            said.append(f"{part}: {named}" if part and part != last else named)
            last = part
        return ", ".join(said) or "–"

    def __str__(self) -> str:
        return self.shown(LANGUAGES[0])
