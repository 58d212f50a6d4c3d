"""Calls and answers, and JSON read strictly: exact numbers, no doubled keys, no depth bomb."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

MAX_DEPTH = 50

type JSON = dict[str, "JSON"] | list["JSON"] | str | int | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """
    One question to a source.

    Attributes:
        operation: What the source counts and a person reads: `ListarCategorias`, `CQ0`.
        url: Absolute, without query.
        method: HTTP method.
        params: Query, in order.
        headers: Of this call alone.
        json: Body to be sent as JSON, or None.
        form: Body to be sent as a form, or None.
        repeatable: Whether asking again can do no harm: every read is.
        anonymous: Whether it goes without the credential.
        media: Media types that are an answer; any other is unreadable.
        keep: Makes of the body what may be kept of it; None: nothing is kept; the
            default keeps it as it came.
    """

    operation: str
    url: str
    method: str = "GET"
    # Nothing that may hold a secret is part of what is printed of a call.
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    repeatable: bool = True
    anonymous: bool = False
    media: tuple[str, ...] = ("application/json",)
    keep: Callable[[bytes], bytes] | None = bytes


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """
    What a source answered, whatever its status.

    Attributes:
        call: The question.
        status: HTTP status.
        headers: Of the answer, names in lower case.
        content: The body, unpacked.
        at: When it was whole.
    """

    call: Call
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    at: datetime

    @property
    def media_type(self) -> str:
        """Media type without parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether it says that it is JSON."""
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    def json(self) -> JSON:
        """
        The body as JSON, numbers exact.

        Raises:
            ValueError: it is not JSON that could be read in one way only.
        """
        return read_json(self.content)


def read_json(content: bytes) -> JSON:
    """
    Parse JSON with exact numbers.

    Raises:
        ValueError: not JSON, or with NaN, a doubled key, a lone surrogate, or too deep.
    """
    try:
        text = content.decode("utf-8-sig")
        parsed: JSON = json.loads(
            text,
            parse_float=Decimal,
            parse_int=int,
            parse_constant=_no_constant,
            object_pairs_hook=_no_doubles,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    if content.count(b"[") + content.count(b"{") > MAX_DEPTH:  # else it cannot be that deep
        _check_depth(parsed)
    return parsed


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity."""
    raise ValueError(f"{name} is no number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says one thing twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _check_depth(parsed: JSON) -> None:
    """Refuse what is nested deeper than any answer is."""
    level: list[JSON] = [parsed]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for each in level
            if isinstance(each, (dict, list))
            for child in (each.values() if isinstance(each, dict) else each)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise ValueError("nested too deep")
