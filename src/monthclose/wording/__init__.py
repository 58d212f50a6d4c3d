"""
Every sentence a user reads, in English and in Brazilian Portuguese.

One catalogue: a folder a language, the same files and keys in each. The part of a
file's name before its first dot is the subject: `errors.toml` and `errors.embedded.toml`
both belong to `errors`, so a room keeps its own sentences and a key still stands once.
A sentence is a `str.format` template; its facts are named, and a fact that has a
`shown(lang)` method (an amount, a period) is written the way that language writes it.
"""

import errno
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Protocol, runtime_checkable

LANGUAGES = ("en", "pt-BR")


@runtime_checkable
class Shown(Protocol):
    """A fact that knows how each language writes it."""

    def shown(self, lang: str) -> str:
        """Write the fact in *lang*."""
        ...


@cache
def catalogue(lang: str) -> dict[str, str]:
    """
    Read the sentences of one language, by `subject.key`.

    Raises:
        ValueError: two files of one subject hold the same key.
    """
    sentences: dict[str, str] = {}
    folder = resources.files(__package__) / lang
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        subject = file.name.partition(".")[0]
        for key, sentence in tomllib.loads(file.read_text("utf-8")).items():
            if (name := f"{subject}.{key}") in sentences:
                raise ValueError(f"{lang}/{file.name}: {name} is already in the catalogue")
            sentences[name] = sentence
    return sentences


def say(key: str, lang: str = "en", /, **facts: Any) -> str:
    """
    Write one sentence of the catalogue.

    Args:
        key: Subject and key, such as `errors.trial-balance-unbalanced`.
        lang: One of `LANGUAGES`; any other language reads English.
        facts: What the sentence's `{names}` stand for.

    Raises:
        KeyError: the catalogue has no such sentence, or a fact is missing.
    """
    lang = lang if lang in LANGUAGES else "en"
    written = {name: _written(fact, lang) for name, fact in facts.items()}
    return catalogue(lang)[key].format(**written)


class Word(str):
    """A fact that is itself a word of the catalogue, such as the kind of a rate."""

    __slots__ = ()

    def shown(self, lang: str) -> str:
        """Write the word in *lang*."""
        return say(f"words.{self}", lang)


def _written(fact: Any, lang: str) -> Any:
    """Write one fact, and each item of a list of facts."""
    if isinstance(fact, Shown):
        return fact.shown(lang)
    if isinstance(fact, (list, tuple)):
        return ", ".join(str(_written(item, lang)) for item in fact)
    return fact


OS_WORDS = {
    errno.ENOENT: "os-missing",
    errno.EISDIR: "os-folder",
    errno.ENOTDIR: "os-no-folder",
    errno.EACCES: "os-forbidden",
    errno.EPERM: "os-forbidden",
    errno.EROFS: "os-forbidden",
    errno.ENOSPC: "os-full",
}
"""What a system most often says of a file that it does not open or write."""


def reason_of(error: OSError) -> str:
    """Why a system refused a file: a word of the catalogue, or else its own words."""
    key = OS_WORDS.get(error.errno or 0)
    return Word(key) if key else error.strerror or str(error)
