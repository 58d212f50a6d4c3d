"""
Reading rows of an answer: every field that is used is there and of its kind, or nothing is taken.

Texts are cleaned of control characters, and how many went is counted; amounts become
minor units from the text of the answer, rounded once, half away from zero.
"""

import html
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from monthclose.connectors.answers import JSON
from monthclose.connectors.errors import FieldUnreadable
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.money import LARGEST_MINOR, round_ratio

ISO_DAY = "%Y-%m-%d"
BRASILIA = timezone(timedelta(hours=-3))

MARKS = frozenset(chr(c) for c in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF))
"""Zero-width and direction marks, which no name needs."""


@dataclass(slots=True)
class Removed:
    """How many characters were taken out of texts."""

    characters: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """
    One object of an answer, and where it stood.

    Attributes:
        fields: The object.
        source: Name of the neighbor.
        operation: The call it answers.
        removed: Counts characters taken out.
    """

    fields: Mapping[str, JSON]
    source: str
    operation: str
    removed: Removed

    def wrong(self, name: str) -> FieldUnreadable:
        """What is raised when a field is not as documented."""
        return FieldUnreadable(self.source, self.operation, name)

    def has(self, name: str) -> bool:
        """Whether a field is there and says something."""
        return self.fields.get(name) not in (None, "")

    def value(self, name: str) -> JSON:
        """A field that has to be there."""
        if name not in self.fields:
            raise self.wrong(name)
        return self.fields[name]

    def text(self, name: str, default: str | None = None) -> str:
        """A text, cleaned; *default* when it is missing or null, else it has to be there."""
        value = self.fields.get(name)
        if value is None:
            if default is None:
                raise self.wrong(name)
            return default
        if not isinstance(value, str):
            raise self.wrong(name)
        return self._clean(value)

    def code(self, name: str, default: str | None = None) -> str:
        """An identifier, which may come as a number."""
        value = self.fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(name, default)

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.fields.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(name)
        return value

    def money(self, name: str, default: int | None = None) -> int:
        """An amount in minor units of a currency with two decimals."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise self.wrong(name)
        return self._minor(name, value)

    def money_text(self, name: str) -> int:
        """The same of an amount written as a text with a decimal point."""
        try:
            return self._minor(name, Decimal(self.text(name)))
        except InvalidOperation:
            raise self.wrong(name) from None

    def day(self, name: str, form: str = ISO_DAY) -> date:
        """A day that has to be there."""
        day = self.day_or_none(name, form)
        if day is None:
            raise self.wrong(name)
        return day

    def day_or_none(self, name: str, form: str = ISO_DAY) -> date | None:
        """A day, or None when the field is empty; a time of day after it is left out."""
        text = self.text(name, "").strip()
        if not text:
            return None
        try:
            day = brasilia_day(text) if form == ISO_DAY else _day(text, form)
        except ValueError:
            raise self.wrong(name) from None
        if not 2000 <= day.year <= 2100:
            raise self.wrong(name)
        return day

    def flag(self, name: str) -> bool:
        """A flag written S or N; missing is no."""
        value = self.text(name, "N")
        if value not in ("S", "N", ""):
            raise self.wrong(name)
        return value == "S"

    def tax_id(self, name: str) -> str:
        """CNPJ or CPF, letters and digits only; empty when nobody wrote a whole one."""
        return plain_tax_id(self.text(name, ""))

    def row(self, name: str) -> "Row":
        """An object within it."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name)
        return Row(value, self.source, self.operation, self.removed)

    def rows(self, name: str, *, optional: bool = False) -> tuple["Row", ...]:
        """A list of objects within it; missing or null reads as empty only if *optional*."""
        value = self.fields.get(name)
        if value is None and optional:
            return ()
        if not isinstance(value, list):
            raise self.wrong(name)
        return tuple(self._each(name, value))

    def _each(self, name: str, values: list[Any]) -> Iterator["Row"]:
        for value in values:
            if not isinstance(value, dict):
                raise self.wrong(name)
            yield Row(value, self.source, self.operation, self.removed)

    def _minor(self, name: str, value: Decimal | int) -> int:
        if isinstance(value, Decimal) and not value.is_finite():
            raise self.wrong(name)
        numerator, denominator = value.as_integer_ratio()
        minor = round_ratio(numerator * 100, denominator)
        if abs(minor) > LARGEST_MINOR:
            raise self.wrong(name)
        return minor

    def _clean(self, text: str) -> str:
        """NFC without control characters and invisible marks, HTML entities as letters."""
        if text.isascii() and text.isprintable() and "&" not in text:
            return text.strip()  # nothing of it can go, and most texts are such
        text = unicodedata.normalize("NFC", html.unescape(text))
        kept = "".join(c for c in text if not _unwanted(c))
        self.removed.characters += len(text) - len(kept)
        return kept.strip()


def brasilia_day(text: str) -> date:
    """
    The day of an ISO date or date and time, as Brasília counts days.

    A time without a zone is Brasília's already. One with a zone is taken there first: 1
    February 01:00 in UTC is 31 January, 22:00. There has been no daylight saving since 2019.

    Raises:
        ValueError: it is neither.
    """
    if len(text) == len("2025-01-31"):
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo is None else at.astimezone(BRASILIA)).date()


def _day(text: str, form: str) -> date:
    """A day in a form of its own; it has no zone."""
    return datetime.strptime(text, form).date()  # noqa: DTZ007


def plain_tax_id(text: str) -> str:
    """CNPJ or CPF without marks, upper case; empty when it is neither."""
    cnpj = parse_cnpj(text.strip().upper())
    if cnpj is not None:
        return cnpj
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    return digits if len(digits) == 11 and not any(c.isalpha() for c in text) else ""


def _unwanted(character: str) -> bool:
    """Whether a character has no place in a text."""
    if character in "\t\n":
        return False
    return unicodedata.category(character) in ("Cc", "Cs", "Co") or character in MARKS
