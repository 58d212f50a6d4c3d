"""SHA-256 over nouns: the same content gives the same hash on every machine."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np


def digest(*parts: Any) -> str:
    """Hash nouns, columns, texts and numbers in the order given; hexadecimal."""
    hasher = hashlib.sha256()
    for part in parts:
        _feed(hasher, part)
    return hasher.hexdigest()


def _feed(hasher: Any, part: Any) -> None:
    """Feed one part, with its kind and length so that no two contents look alike."""
    if isinstance(part, np.ndarray):
        column = np.ascontiguousarray(part).astype(part.dtype.newbyteorder("<"), copy=False)
        hasher.update(f"a{column.dtype.str}{column.shape};".encode())
        hasher.update(column.tobytes())
    elif isinstance(part, Enum):
        _feed(hasher, part.value)
    elif isinstance(part, str):
        text = part.encode()
        hasher.update(f"s{len(text)};".encode())
        hasher.update(text)
    elif isinstance(part, bytes):
        hasher.update(f"b{len(part)};".encode())
        hasher.update(part)
    elif part is None or isinstance(part, (bool, int, Fraction, date)):
        hasher.update(f"v{type(part).__name__}{part};".encode())
    elif is_dataclass(part):
        hasher.update(f"d{type(part).__name__};".encode())
        for each in fields(part):
            _feed(hasher, getattr(part, each.name))
    elif isinstance(part, Mapping):
        hasher.update(f"m{len(part)};".encode())
        for key in sorted(part):
            _feed(hasher, key)
            _feed(hasher, part[key])
    elif isinstance(part, tuple) and (joined := _joined(part)) is not None:
        hasher.update(f"c{len(part)}:{len(joined)};".encode())
        hasher.update(joined)
    elif isinstance(part, (tuple, list)):
        hasher.update(f"t{len(part)};".encode())
        for each in part:
            _feed(hasher, each)
    elif isinstance(part, (set, frozenset)):
        _feed(hasher, sorted(part))
    else:
        raise TypeError(f"{type(part).__name__} has no digest")


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
