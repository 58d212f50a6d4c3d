"""How alike the names of two accounts are."""

import re
import unicodedata
from functools import cache

SMALL_WORDS = frozenset(
    [
        "a",
        "as",
        "o",
        "os",
        "e",
        "de",
        "da",
        "das",
        "do",
        "dos",
        "em",
        "no",
        "na",
        "nos",
        "nas",
        "com",
        "sem",
        "por",
        "para",
        "the",
        "of",
        "and",
        "to",
        "in",
        "on",
        "for",
        "conta",
        "contas",
        "account",
        "accounts",
        "outras",
        "outros",
        "other",
    ]
)


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """How alike two names are: words in common, against the shorter and the longer of the two."""
    if not one or not other:
        return 0.0
    common = len(one & other)
    return (common / min(len(one), len(other)) + common / max(len(one), len(other))) / 2


@cache
def words(text: str) -> frozenset[str]:
    """The words of a name that tell something: without accents, in the singular."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return frozenset(
        _singular(word)
        for word in re.findall(r"[a-z0-9]+", plain)
        if word not in SMALL_WORDS and not word.isdigit() and len(word) > 1
    )


def _singular(word: str) -> str:
    """A word without its plural, in Portuguese and English alike."""
    for ending, instead in (("coes", "cao"), ("soes", "sao"), ("oes", "ao"), ("ais", "al")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    for ending in ("ores", "ares"):
        if word.endswith(ending):
            return word[:-2]
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def parts_of(name: str) -> list[str]:
    """What stands between the dashes of a name: `Tributos a recolher – ISS`."""
    return re.split(r"\s+[-–—]\s+", name.strip())
