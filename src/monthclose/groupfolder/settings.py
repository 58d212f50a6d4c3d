"""`group.toml`: what a group is called, how it reports, how its files write numbers."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from monthclose.groupfolder.files import SETTINGS, Document
from monthclose.groupfolder.numbers import LOCALES, read_percent
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.tables import decode, unclean
from monthclose.ledger.currencies import MINOR_DIGITS
from monthclose.ledger.entities import SHARE_UNIT
from monthclose.ledger.periods import NotAPeriod, Period
from monthclose.wording import LANGUAGES

FRAMEWORKS = ("IFRS", "US GAAP")


@dataclass(frozen=True, slots=True)
class Settings:
    """
    The settings of a group, as `Group` has them.

    Attributes:
        code: Short code.
        name: Full name.
        presentation: Currency it reports in; empty: unreadable.
        framework: `IFRS` or `US GAAP`.
        end_month: Month its fiscal years end in.
        language: Of its packs.
        locale: Form of numbers in its tables.
        first_period: First month it is closed for, or empty.
        tolerance: Up to what part of the larger side intercompany items may differ.
        policies: Choices that no step uses yet, as written.
    """

    code: str = ""
    name: str = ""
    presentation: str = ""
    framework: str = "IFRS"
    end_month: int = 12
    language: str = "en"
    locale: str = "plain"
    first_period: str = ""
    tolerance: Fraction = Fraction(1, 100)
    policies: Mapping[str, str] = field(default_factory=dict)


type Check = Callable[[Any], bool]


def _text(longest: int) -> Check:
    def check(value: Any) -> bool:
        if not isinstance(value, str) or unclean(value) or "\n" in value:
            return False
        return 0 < len(value) <= longest and value == value.strip()

    return check


def _word(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _month(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(Period.parse(value))
    except NotAPeriod:
        return False


def _percent(value: Any) -> bool:
    return isinstance(value, str) and read_percent(value, "plain") is not None


def _tolerance(value: Any) -> bool:
    return _percent(value) and read_percent(value, "plain") != SHARE_UNIT


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12


KEYS: dict[str, dict[str, tuple[bool, Check, str]]] = {
    "group": {
        "code": (True, _text(60), "code"),
        "name": (True, _text(200), "text"),
        "presentation_currency": (True, lambda v: v in MINOR_DIGITS, "currency"),
        "framework": (False, _word(*FRAMEWORKS), " | ".join(FRAMEWORKS)),
        "fiscal_year_end": (False, _number, "1 … 12"),
        "language": (False, _word(*LANGUAGES), " | ".join(LANGUAGES)),
        "number_locale": (False, _word(*LOCALES), " | ".join(LOCALES)),
        "first_period": (False, _month, "month"),
    },
    "policies": {
        "ic_tolerance_pct": (False, _tolerance, '"1.00"'),
        "multi_level_method": (False, _word("direct", "step"), "direct | step"),
        "goodwill_cta_to_nci": (False, _word("ownership", "goodwill"), "ownership | goodwill"),
    },
}
"""Every key by section: whether it is needed, what it may hold, and how to say so."""

_SAID = {"currency": "currency-unknown", "month": "month-unreadable"}
"""What has a sentence of its own, with an example of its form."""


def read_settings(document: Document, problems: Problems) -> Settings:
    """Read `group.toml`, noting every key that is unknown, missing or holds something else."""
    text = decode(document, problems)
    if text is None:
        return Settings()
    try:
        # TOML knows no other line break; a file from Windows has both signs.
        sections = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        row = int(line[1]) if line else text.count("\n") + 1
        problems.add(SETTINGS, "toml-unreadable", row, reason=str(error))
        return Settings()
    taken = _checked(sections, text, problems)
    group, policies = taken["group"], taken["policies"]
    tolerance = read_percent(policies.pop("ic_tolerance_pct", "1"), "plain") or 0
    return Settings(
        code=group.get("code", ""),
        name=group.get("name", ""),
        presentation=group.get("presentation_currency", ""),
        framework=group.get("framework", "IFRS"),
        end_month=group.get("fiscal_year_end", 12),
        language=group.get("language", "en"),
        locale=group.get("number_locale", "plain"),
        first_period=group.get("first_period", ""),
        tolerance=Fraction(tolerance, SHARE_UNIT),
        policies=policies,
    )


def _checked(sections: dict[str, Any], text: str, problems: Problems) -> dict[str, dict[str, Any]]:
    """Keep what is known and as it should be."""
    taken: dict[str, dict[str, Any]] = {name: {} for name in KEYS}
    for name, section in sections.items():
        if name not in KEYS or not isinstance(section, dict):
            place = _row(text, "", name)
            problems.add(SETTINGS, "key-unknown", place, name, known=[f"[{key}]" for key in KEYS])
            continue
        for key, value in section.items():
            where = (SETTINGS, _row(text, name, key), f"{name}.{key}")
            if key not in KEYS[name]:
                problems.add(where[0], "key-unknown", *where[1:], known=list(KEYS[name]))
                continue
            _, fits, wanted = KEYS[name][key]
            if isinstance(value, (str, int)) and fits(value):
                taken[name][key] = value
            else:
                code = _SAID.get(wanted, "key-value")
                problems.add(where[0], code, *where[1:], text=str(value)[:40], wanted=wanted)
    for name, keys in KEYS.items():
        for key, (needed, _, _) in keys.items():
            if needed and key not in (sections.get(name) or {}):
                problems.add(SETTINGS, "key-missing", 0, f"{name}.{key}")
    return taken


def _row(text: str, section: str, key: str) -> int:
    """The line of a key, as far as plain TOML shows it; 0: not found."""
    inside = ""
    for row, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            inside = header[1]
            if not section and inside == key:
                return row
        elif inside == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return row
    return 0
