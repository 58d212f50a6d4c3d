"""SHA-256 over nouns: the same content gives the same hash on every machine."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def digest(*parts: Any) -> str:
    """Hash nouns, columns, texts and numbers in the order given; hexadecimal."""
    hasher = hashlib.sha256()
    for part in parts:
        _feed(hasher, part)
    return hasher.hexdigest()


class Stream:
    """A sequence whose items are made one at a time, and need not all be held at once."""

    def __init__(self, length: int, items: Iterable[Any]) -> None:
        self._length, self._items = length, items

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


type _Way = Callable[[Any, Any], None]
"""Feeds one part of one kind to a hasher."""


def _feed(hasher: Any, part: Any) -> None:
    """Feed one part, with its kind and length so that no two contents look alike."""
    _way_of(part.__class__)(hasher, part)


@cache
def _way_of(kind: type) -> _Way:
    """
    How parts of a kind are fed, found once a kind: nouns come by the thousand, of few kinds.

    Raises:
        TypeError: a part of that kind has no digest.
    """
    for kinds, way in _WAYS:
        if issubclass(kind, kinds):
            return way
    if is_dataclass(kind):
        return _way_of_noun(kind)
    raise TypeError(f"{kind.__name__} has no digest")


def _way_of_noun(kind: type) -> _Way:
    """A noun is its name, then its fields in order."""
    head, names = f"d{kind.__name__};".encode(), tuple(each.name for each in fields(kind))

    def feed_noun(hasher: Any, part: Any) -> None:
        hasher.update(head)
        for name in names:
            value = getattr(part, name)
            _way_of(value.__class__)(hasher, value)

    return feed_noun


def _feed_value(hasher: Any, part: bool | int | Fraction | date | None) -> None:
    hasher.update(f"v{type(part).__name__}{part};".encode())


def _feed_text(hasher: Any, part: str) -> None:
    text = part.encode()
    hasher.update(b"s%d;" % len(text) + text)


def _feed_bytes(hasher: Any, part: bytes) -> None:
    hasher.update(b"b%d;" % len(part))
    hasher.update(part)


def _feed_column(hasher: Any, part: NDArray[Any]) -> None:
    column = np.ascontiguousarray(part).astype(part.dtype.newbyteorder("<"), copy=False)
    hasher.update(f"a{column.dtype.str}{column.shape};".encode())
    hasher.update(column)


def _feed_member(hasher: Any, part: Enum) -> None:
    _feed(hasher, part.value)


def _feed_mapping(hasher: Any, part: Mapping[Any, Any]) -> None:
    hasher.update(b"m%d;" % len(part))
    for key in sorted(part):
        _feed(hasher, key)
        _feed(hasher, part[key])


def _feed_set(hasher: Any, part: set[Any] | frozenset[Any]) -> None:
    _feed(hasher, sorted(part))


def _feed_items(hasher: Any, part: tuple[Any, ...] | list[Any] | Stream) -> None:
    """Feed a sequence: texts as one, everything else item by item."""
    if isinstance(part, tuple) and (joined := _joined(part)) is not None:
        hasher.update(f"c{len(part)}:{len(joined)};".encode())
        hasher.update(joined)
        return
    hasher.update(f"t{len(part)};".encode())
    for each in part:
        _feed(hasher, each)


LONG, MOST = 100, 64
"""Texts of a tuple worth remembering, and tuples remembered."""

_LATELY: dict[int, tuple[tuple[Any, ...], bytes | None]] = {}
"""Long tuples that were joined lately, by identity: each is kept, so that no other gets its id."""


def _joined(part: tuple[Any, ...]) -> bytes | None:
    """
    Join texts with NUL: account codes come by the thousand, and none of them holds one.

    None when there is nothing to join, an item is no text (asked of each kind once, not
    of each item), or NUL does stand in one: then each item goes with its own length.

    One list of accounts is that of a company's months, or of many companies: what was joined
    lately is known by the tuple itself, which never changes.
    """
    known = _LATELY.get(id(part))
    if known is not None and known[0] is part:
        return known[1]
    joined = _join(part)
    if len(part) > LONG:
        if len(_LATELY) >= MOST:
            _LATELY.clear()
        _LATELY[id(part)] = (part, joined)
    return joined


def _join(part: tuple[Any, ...]) -> bytes | None:
    """The same, worked out."""
    if not part or not all(issubclass(kind, str) for kind in set(map(type, part))):
        return None
    joined = "\0".join(part).encode()
    return joined if joined.count(0) == len(part) - 1 else None


_WAYS: tuple[tuple[type | tuple[type, ...], _Way], ...] = (
    (Enum, _feed_member),  # before texts and numbers: members may be either
    (str, _feed_text),
    (np.ndarray, _feed_column),
    (bytes, _feed_bytes),
    ((NoneType, bool, int, Fraction, date), _feed_value),
    (Mapping, _feed_mapping),
    ((tuple, list, Stream), _feed_items),
    ((set, frozenset), _feed_set),
)
"""Kinds that are no nouns of ours; the first that fits counts."""
