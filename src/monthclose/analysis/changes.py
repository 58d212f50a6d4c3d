"""Which records differ between the inputs of two closes: rows, mappings, rates, events."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.entities import SHARE_UNIT, percent
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.money import Money
from monthclose.ledger.rates import Quote, RateTable
from monthclose.ledger.runs import CloseInputs

_IN_PRESENTATION = ("translated", "investment_historical")
_OWNERS = ("entity", "payer", "target", "holder")
_CLOSE = 3
"""Fields that two records may differ in and still be one that was corrected."""


@dataclass(frozen=True, slots=True)
class Change:
    """
    One record that differs.

    Attributes:
        cause: The cause it belongs to.
        kind: What it is: `balances`, or the group's name for such records.
        subject: Which one, by its codes and dates.
        was: What it said; empty: it was not there. An amount is `Money`.
        now: What it says; empty: it is gone.
        where: Document and row, where they are known.
    """

    cause: str
    kind: str
    subject: str
    was: Any
    now: Any
    where: str = ""


def changes_between(cause: str, name: str, was: CloseInputs, now: CloseInputs) -> list[Change]:
    """
    List what differs in one part of the inputs.

    Args:
        cause: Of the part.
        name: `balances`, or a field of the group.
        was: The earlier inputs.
        now: The later ones.
    """
    if name == "balances":
        return [*_balances(cause, was.balances, now.balances)]
    one, other = getattr(was.group, name), getattr(now.group, name)
    if isinstance(other, RateTable):
        found = _keyed(_quotes(one), _quotes(other))
    elif name == "mappings":
        found = _keyed(_targets(one), _targets(other))
    elif name == "chart":
        found = [*_records(one.accounts, other.accounts, now.group)]
        found += _fields(one.roles, other.roles, now.group)
    elif isinstance(other, tuple):
        found = [*_records(one, other, now.group)]
    else:
        found = [(name, _text(one), _text(other))] if one != other else []
    return [Change(cause, name, *each) for each in found]


type _Found = tuple[str, Any, Any]
"""Subject, what it said, what it says."""


def _balances(cause: str, was: Iterable[RawBalance], now: Iterable[RawBalance]) -> Iterator[Change]:
    """Rows that differ, with the document and the row that say so now."""
    one = {(raw.entity, raw.period): raw for raw in was}
    other = {(raw.entity, raw.period): raw for raw in now}
    for key in dict.fromkeys([*one, *other]):
        before, after = one.get(key), other.get(key)
        rows_before, rows_after = _rows(before), _rows(after)
        for line in dict.fromkeys([*rows_before, *rows_after]):
            old, new = rows_before.get(line), rows_after.get(line)
            if (old and old[0]) == (new and new[0]):
                continue
            account, partner = line
            subject = " ".join(each for each in (*key, account, partner) if each)
            where = (new or old or (None, ""))[1]
            yield Change(
                cause, "balances", subject, old[0] if old else "", new[0] if new else "", where
            )


def _rows(raw: RawBalance | None) -> dict[tuple[str, str], tuple[Money, str]]:
    """Amount and place of each line of a balance."""
    if raw is None:
        return {}
    partners = raw.partners or ("",) * len(raw.accounts)
    rows: dict[tuple[str, str], tuple[Money, str]] = {}
    source = raw.source
    known = source is not None and len(source.rows) == len(raw.accounts)
    for line, key in enumerate(zip(raw.accounts, partners, strict=True)):
        where = source.name if source else ""
        if known and source is not None:
            where = f"{where}:{int(source.rows[line])}"
        amount = int(raw.amounts[line]) + (rows[key][0].minor if key in rows else 0)
        rows[key] = (Money(amount, raw.currency), where)
    return rows


def _keyed(was: Mapping[str, str], now: Mapping[str, str]) -> list[_Found]:
    """What differs of two lists by name."""
    return [
        (key, was.get(key, ""), now.get(key, ""))
        for key in dict.fromkeys([*was, *now])
        if was.get(key) != now.get(key)
    ]


def _quotes(table: RateTable) -> dict[str, str]:
    """Quotes by pair, kind, day and source."""
    return {
        f"{q.quote}/{q.base} {q.kind.value} {q.on} {q.source or q.name}".strip(): q.value
        for q in table.quotes
    }


def _targets(mappings: Mapping[str, EntityMapping]) -> dict[str, str]:
    """Where each company's accounts go."""
    return {
        f"{entity} {account}": ", ".join(map(_target, targets))
        for entity, mapping in mappings.items()
        for account, targets in mapping.targets.items()
    }


def _target(target: Target) -> str:
    share = "" if target.share == 1 else f" {percent(target.share)} %"
    return f"{target.account}{share}"


def _records(was: Iterable[Any], now: Iterable[Any], group: Group) -> Iterator[_Found]:
    """Records that are new, gone, or corrected: one that differs little is the same one."""
    gone, came = list(was), []
    for record in now:
        if record in gone:
            gone.remove(record)
        else:
            came.append(record)
    for record in came:
        before = max(gone, key=_alike(record), default=None)
        if before is not None and _alike(record)(before) >= len(fields(record)) - _CLOSE:
            gone.remove(before)
            yield from _fields(before, record, group)
        else:
            yield (_subject(record), "", _said(record, group))
    for record in gone:
        yield (_subject(record), _said(record, group), "")


def _alike(record: Any) -> Callable[[Any], int]:
    """In how many fields another record says the same; those that name it count first."""

    def same(other: Any) -> int:
        if type(other) is not type(record) or _first(other) != _first(record):
            return -1
        return sum(getattr(other, f.name) == getattr(record, f.name) for f in fields(record))

    return same


def _first(record: Any) -> Any:
    """What a record is of, or called."""
    return getattr(record, fields(record)[0].name)


def _fields(was: Any, now: Any, group: Group) -> list[_Found]:
    """The fields in which two records differ."""
    return [
        (
            f"{_subject(now)} {each.name}".strip(),
            _value(was, each.name, group),
            _value(now, each.name, group),
        )
        for each in fields(now)
        if getattr(was, each.name) != getattr(now, each.name)
    ]


def _subject(record: Any) -> str:
    """A record by its codes and dates."""
    values = [getattr(record, each.name) for each in fields(record)]
    named = [value for value in values if isinstance(value, (str, date)) and str(value)]
    return " ".join(str(value) for value in named[:4])


def _said(record: Any, group: Group) -> str:
    """All that a record says beyond its name, in the order of its fields."""
    values = [
        (each.name, _value(record, each.name, group))
        for each in fields(record)
        if not isinstance(getattr(record, each.name), (str, date))
    ]
    return ", ".join(f"{name} {value}" for name, value in values if str(value)) or "–"


def _value(record: Any, name: str, group: Group) -> Any:
    """One field of a record: an amount in its currency, a share in percent, else text."""
    value = getattr(record, name)
    if isinstance(value, int) and not isinstance(value, bool):
        if name.endswith("_e8"):
            return f"{percent(Fraction(value, SHARE_UNIT))} %"
        if currency := _currency(record, name, group):
            return Money(value, currency)
    return _text(value)


def _currency(record: Any, name: str, group: Group) -> str:
    """The currency of an amount in a record; empty when the record does not say."""
    if name in _IN_PRESENTATION:
        return group.presentation
    stated: str = getattr(record, f"{name.removesuffix('_amount')}_currency", "")
    if stated:
        return stated
    owners = ("acquirer",) if name == "investment" else _OWNERS
    for owner in owners:
        code = getattr(record, owner, "")
        if code in group.currencies:
            return group.currencies[code]
    return ""


def _text(value: Any) -> str:
    """What a field holds, as text; nothing for what is empty."""
    if value is None or value in ((), ""):
        return ""
    if isinstance(value, Quote):
        return value.value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
    if isinstance(value, (tuple, frozenset)):
        return ", ".join(sorted(map(_text, value)))
    if is_dataclass(value):
        parts = [_text(getattr(value, each.name)) for each in fields(value)]
        return " ".join(part for part in parts if part)
    return str(value)
