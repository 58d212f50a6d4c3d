"""
Nouns of the ledger as JSON and back, exactly.

For what a table has no column of its own. An integer is a string, so that no reader
rounds it; a fraction is `2/3`, a day `2025-06-30`; a noun is an object of its fields.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAliasType, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray


def to_json(noun: Any) -> Any:
    """
    Write a noun, or what nouns are made of, as JSON.

    Raises:
        TypeError: a float, or something else that a noun does not hold.
    """
    kind: Any = type(noun)
    if kind is str or kind is bool or noun is None:
        return noun
    if kind is int:
        return str(noun)
    if (names := _names(kind)) is not None:
        return {name: to_json(getattr(noun, name)) for name in names}
    match noun:
        case Enum():
            return noun.value
        case str():
            return str(noun)
        case int() | Fraction() | Decimal() | np.integer():
            return str(noun)
        case date():
            return noun.isoformat()
        case Mapping():
            return {str(key): to_json(value) for key, value in noun.items()}
        case tuple() | list():
            return [to_json(each) for each in noun]
        case frozenset():
            return sorted(to_json(each) for each in noun)
        case np.ndarray() if noun.dtype.kind == "i":
            return [str(each) for each in noun.tolist()]
    raise TypeError(f"{type(noun).__name__} is not part of a noun")


@cache
def _names(kind: Any) -> tuple[str, ...] | None:
    """The fields of a kind of noun; None for what is no noun."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


def from_json[Noun](kind: type[Noun], written: Any) -> Noun:
    """
    Read a noun of a *kind*; a field that is not written keeps its default.

    Raises:
        TypeError: the kind has a field of another kind than `to_json` writes.
    """
    noun: Noun = _read(kind, written)
    return noun


def _read(kind: Any, written: Any) -> Any:
    """Read what was written for a type, as its annotation says."""
    if isinstance(kind, TypeAliasType):
        kind = kind.__value__
    origin = get_origin(kind)
    if origin is UnionType:
        if written is None:
            return None
        kind = next(each for each in get_args(kind) if each is not NoneType)
        return _read(kind, written)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], each) for each in written)
    if origin is frozenset:
        return frozenset(_read(get_args(kind)[0], each) for each in written)
    if origin is NDArray or origin is np.ndarray:
        width = get_args(kind)[-1] if origin is NDArray else get_args(get_args(kind)[1])[0]
        return np.array([int(each) for each in written], dtype=width)
    if origin is Mapping:
        return {key: _read(get_args(kind)[1], each) for key, each in written.items()}
    if kind in (str, bool):
        return written
    if kind is date:
        return date.fromisoformat(written)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        named = {name: _read(hints[name], each) for name, each in written.items() if name in hints}
        return kind(**named)
    if kind in (int, Fraction) or issubclass(kind, Enum):
        return kind(written)
    raise TypeError(f"{kind} is not part of a noun")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a noun's fields."""
    return get_type_hints(kind)
