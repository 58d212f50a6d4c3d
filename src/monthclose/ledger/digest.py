"""SHA-256 over nouns: the same content gives the same hash on every machine."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, cast

import numpy as np


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


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a noun; entries come by the thousand, of few kinds."""
    return tuple(each.name for each in fields(kind))


def _feed(hasher: Any, part: Any) -> None:
    """Feed one part, with its kind and length so that no two contents look alike."""
    kind = type(part)
    if kind is int:  # the most frequent ones first, before anything slower is asked of them
        hasher.update(b"vint%d;" % part)
    elif isinstance(part, str) and not isinstance(part, Enum):
        text = part.encode()
        hasher.update(b"s%d;" % len(text) + text)
    elif isinstance(part, np.ndarray):
        column = np.ascontiguousarray(part).astype(part.dtype.newbyteorder("<"), copy=False)
        hasher.update(f"a{column.dtype.str}{column.shape};".encode())
        hasher.update(column)
    elif isinstance(part, Enum):
        _feed(hasher, part.value)
    elif isinstance(part, bytes):
        hasher.update(f"b{len(part)};".encode())
        hasher.update(part)
    elif part is None or isinstance(part, (bool, int, Fraction, date)):
        hasher.update(f"v{type(part).__name__}{part};".encode())
    elif is_dataclass(part):
        hasher.update(f"d{kind.__name__};".encode())
        for name in _names(cast("Any", kind)):
            _feed(hasher, getattr(part, name))
    elif isinstance(part, Mapping):
        hasher.update(f"m{len(part)};".encode())
        for key in sorted(part):
            _feed(hasher, key)
            _feed(hasher, part[key])
    elif isinstance(part, (tuple, list, Stream)):
        _feed_items(hasher, part)
    elif isinstance(part, (set, frozenset)):
        _feed(hasher, sorted(part))
    else:
        raise TypeError(f"{type(part).__name__} has no digest")


def _feed_items(hasher: Any, part: tuple[Any, ...] | list[Any] | Stream) -> None:
    """Feed a sequence: texts as one, everything else item by item."""
    if isinstance(part, tuple) and (joined := _joined(part)) is not None:
        hasher.update(f"c{len(part)}:{len(joined)};".encode())
        hasher.update(joined)
        return
    hasher.update(f"t{len(part)};".encode())
    for each in part:
        _feed(hasher, each)


def _joined(part: tuple[Any, ...]) -> bytes | None:
    """
    Join texts with NUL: account codes come by the thousand, and none of them holds one.

    None when there is nothing to join, an item is no text (asked of each kind once, not
    of each item), or NUL does stand in one: then each item goes with its own length.
    """
    if not part or not all(issubclass(kind, str) for kind in set(map(type, part))):
        return None
    joined = "\0".join(part).encode()
    return joined if joined.count(0) == len(part) - 1 else None
