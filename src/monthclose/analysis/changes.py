"""Which records differ between the inputs of two closes: rows, mappings, rates, events."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from monthclose.analysis.said import Said, Value, field_named, value_shown
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.entities import SHARE_UNIT, percent
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.money import Money
from monthclose.ledger.rates import Quote, RateTable
from monthclose.ledger.runs import CloseInputs
from monthclose.ledger.subscriptions import ContractMonth
from monthclose.wording import Word

_IN_PRESENTATION = ("translated", "investment_historical")
_OWNERS = ("entity", "payer", "target", "holder")
_OWNERS_OF = {
    "investment": ("acquirer",),
    "buyer_amount": ("buyer",),
    "turnover": ("seller",),
    "proceeds": ("holder",),
    "cost": ("holder",),
    "gain": ("holder",),
    "fair_value": ("holder",),
    "retained_fair_value": ("holder",),
    "retained_cost": ("holder",),
    "reclassified": ("holder",),
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "chart": ("code",),
    "entities": ("code",),
    "interests": ("holder", "investee", "since"),
    "openings": ("entity", "account"),
    "acquisitions": ("id",),
    "contributions": ("entity", "account", "on", "reference"),
    "reductions": ("entity", "account", "on", "reference"),
    "recognised": ("entity", "account", "on", "reference"),
    "dividends": ("payer", "on", "account"),
    "transfers": ("entity", "source", "account", "on", "reference"),
    "impairments": ("acquisition", "on"),
    "items": ("id",),
    "changes": ("entity", "holder", "kind", "on"),
    "adjustments": ("period", "entity", "id", "layer"),
    "associate_months": ("entity", "period"),
    "unrealised": ("id", "period"),
    "asset_sales": ("id",),
    "loans": ("id",),
    "exchange": ("loan", "period"),
    "indices": ("code", "month"),
    "corrections": ("entity", "account", "origin", "since", "reference"),
    "pickups": ("acquisition", "period"),
}
"""What tells the records of a kind apart, by field of the group."""

_PARTS = {"step_ups": "id", "received": "holder"}
"""Fields that hold parts, and what tells those apart."""

_COUNTS = ("goodwill_life", "life")
"""Numbers that are no amounts."""

type _Groups = Mapping[bool, Group]
"""The group that records are described by: as it was, and as it is now."""


@dataclass(frozen=True, slots=True)
class Change:
    """
    One record that differs.

    Attributes:
        cause: The cause it belongs to.
        kind: What it is: `balances`, or the group's name for such records.
        subject: Which one, by its codes and dates; empty: there is but one.
        field: What of it differs, as the record calls it; empty: it came or went whole.
        was: What it said; empty: it was not there.
        now: What it says; empty: it is gone.
        where: Document and row, where they are known.
    """

    cause: str
    kind: str
    subject: str
    field: str
    was: Value | Said
    now: Value | Said
    where: str = ""

    def named(self, lang: str) -> str:
        """Which record, and what of it, in *lang*."""
        return f"{self.subject} {self.field and field_named(self.field, lang)}".strip()

    def said(self, lang: str) -> tuple[str, str]:
        """What it said and what it says, in *lang*; empty: it was not there, it is gone."""
        one, other = (
            each.shown(lang) if isinstance(each, Said) else value_shown(each, lang)
            for each in (self.was, self.now)
        )
        return one, other


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
    groups = {False: was.group, True: now.group}
    one, other = getattr(was.group, name), getattr(now.group, name)
    if isinstance(other, RateTable):
        found = _keyed(_quotes(one), _quotes(other))
    elif name == "mappings":
        found = _keyed(_targets(one), _targets(other))
    elif name == "chart":
        found = _records(name, one.accounts, other.accounts, groups)
        found += _fields("", one.roles, other.roles, groups)
    elif name == "subscriptions":
        return [*_contracts(cause, one, other)]
    elif name in _KEYS:
        found = _records(name, one, other, groups)
    else:
        found = [("", "", _text(one), _text(other))] if one != other else []
    return [Change(cause, name, *each) for each in found]


type _Found = tuple[str, str, Value | Said, Value | Said]
"""Subject, field, what it said, what it says."""


def _balances(cause: str, was: Iterable[RawBalance], now: Iterable[RawBalance]) -> Iterator[Change]:
    """Rows that differ, with the document and the row that say so now; none of what is gone."""
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
            where = new[1] if new else ""
            yield Change(
                cause, "balances", subject, "", old[0] if old else "", new[0] if new else "", where
            )
        for said in ("basis", "gaps"):
            texts = [_text(getattr(raw, said)) if raw else "" for raw in (before, after)]
            if before and after and texts[0] != texts[1]:
                yield Change(cause, "balances", " ".join(key), said, *texts)


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


def _contracts(
    cause: str, was: Iterable[ContractMonth], now: Iterable[ContractMonth]
) -> Iterator[Change]:
    """Contracts that differ, with the document and the row that say so now."""
    one, other = _contract_rows(was), _contract_rows(now)
    for key in dict.fromkeys([*one, *other]):
        old, new = one.get(key), other.get(key)
        if (old and old[0]) != (new and new[0]):
            subject = " ".join(each for each in key if each)
            said = (old[0] if old else "", new[0] if new else "")
            yield Change(cause, "subscriptions", subject, "", *said, new[1] if new else "")


def _contract_rows(
    contracts: Iterable[ContractMonth],
) -> dict[tuple[str, ...], tuple[Money, str]]:
    """MRR and place of each line, by month, company, customer and plan."""
    return {
        (each.period, each.entity, customer, plan): (
            Money(mrr, each.currency),
            each.where(line),
        )
        for each in contracts
        for line, (customer, plan, mrr) in enumerate(
            zip(each.customers, each.plans, each.mrr.tolist(), strict=True)
        )
    }


def _keyed(was: Mapping[str, str], now: Mapping[str, str]) -> list[_Found]:
    """What differs of two lists by name."""
    return [
        (key, "", was.get(key, ""), now.get(key, ""))
        for key in dict.fromkeys([*was, *now])
        if was.get(key) != now.get(key)
    ]


def _quotes(table: RateTable) -> dict[str, str]:
    """Quotes by pair, kind, day and source."""
    return {
        f"{q.quote}/{q.base} {q.kind.value} {q.on} {q.source or q.name}".strip(): " ".join(
            str(each) for each in (q.value, q.over, q.days or "") if each
        )
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


def _records(name: str, was: Iterable[Any], now: Iterable[Any], groups: _Groups) -> list[_Found]:
    """Records that are new, gone, or corrected: those of one key are one record."""
    before, after = _by_key(name, was), _by_key(name, now)
    found: list[_Found] = []
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        subject = " ".join(str(part) for part in key if str(part))
        if old is None:
            found.append((subject, "", "", _said(name, new, groups[True])))
        elif new is None:
            found.append((subject, "", _said(name, old, groups[False]), ""))
        else:
            found += _fields(subject, old, new, groups)
    return found


def _by_key(name: str, records: Iterable[Any]) -> dict[tuple[Any, ...], Any]:
    """Records by what tells them apart; of several alike the second is numbered, and so on."""
    found: dict[tuple[Any, ...], Any] = {}
    times: dict[tuple[Any, ...], int] = {}
    for record in records:
        key = tuple(getattr(record, each) or "" for each in _KEYS[name])
        times[key] = times.get(key, 0) + 1
        found[key if times[key] == 1 else (*key, times[key])] = record
    return found


def _fields(subject: str, was: Any, now: Any, groups: _Groups) -> list[_Found]:
    """The fields in which two records differ; of parts with an id, the parts that do."""
    found: list[_Found] = []
    for each in fields(now):
        old, new = getattr(was, each.name), getattr(now, each.name)
        if old == new:
            continue
        if each.name in _PARTS:
            found += _parts(
                subject,
                _parts_of(was, each.name, groups[False]),
                _parts_of(now, each.name, groups[True]),
            )
            continue
        if is_dataclass(new) and type(old) is type(new) and not isinstance(new, Quote):
            found += _fields(subject, old, new, groups)
            continue
        values = (_value(was, each.name, groups[False]), _value(now, each.name, groups[True]))
        found.append((subject, each.name, *values))
    return found


def _parts(
    subject: str,
    before: Mapping[str, Mapping[str, Value]],
    after: Mapping[str, Mapping[str, Value]],
) -> list[_Found]:
    """Parts of one field that are new, gone or corrected."""
    found: list[_Found] = []
    for key in dict.fromkeys([*after, *before]):
        one, other = before.get(key, {}), after.get(key, {})
        if one and other:
            found += [
                (f"{subject} {key}", name, one[name], other[name])
                for name in one
                if one[name] != other[name]
            ]
        elif one != other:
            found.append((f"{subject} {key}", "", _all_of(one), _all_of(other)))
    return found


def _all_of(part: Mapping[str, Value]) -> Said | str:
    """A part that came or went; nothing where it is not."""
    return Said.of(("", name, value) for name, value in part.items()) if part else ""


def _parts_of(record: Any, name: str, group: Group) -> dict[str, dict[str, Value]]:
    """What each part of a field says beyond what tells it apart; of several alike numbered."""
    found: dict[str, dict[str, Value]] = {}
    for part in getattr(record, name):
        key = first = str(getattr(part, _PARTS[name]))
        times = 1
        while key in found:
            times += 1
            key = f"{first} {times}"
        found[key] = {
            each.name: _value(part, each.name, group, record)
            for each in fields(part)
            if each.name != _PARTS[name]
        }
    return found


def _said(name: str, record: Any, group: Group) -> Said:
    """All that a record says beyond its key, in the order of its fields; defaults left out."""
    values: list[tuple[str, str, Value]] = []
    for each in fields(record):
        value = getattr(record, each.name)
        if each.name in _KEYS[name] or value == each.default:
            continue
        if each.name in _PARTS:
            for part, said in _parts_of(record, each.name, group).items():
                values += [(part, named, one) for named, one in said.items()]
        elif is_dataclass(value) and not isinstance(value, Quote):
            if each.default_factory is MISSING or value != each.default_factory():
                values += [("", n.name, _value(value, n.name, group)) for n in fields(value)]
        else:
            values.append(("", each.name, _value(record, each.name, group)))
    return Said.of(values)


def _value(record: Any, name: str, group: Group, whole: Any = None) -> Value:
    """One field of a record: an amount in its currency, a share in percent, else text."""
    value = getattr(record, name)
    if name in _COUNTS:
        return _text(value)
    if name == "paid" or not _currency(record, name, group):
        record = whole or record  # what a part belongs to says its currency
    if isinstance(value, Mapping) and (currency := _currency(record, name, group)):
        return ", ".join(f"{key} {Money(each, currency)}" for key, each in value.items())
    if isinstance(value, int) and not isinstance(value, bool):
        if name == "value_e10":  # a level of an index, as published
            return Quote("", "", value).value
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
    if name == "amount" and (stated := getattr(record, "currency", "")):
        return str(stated)
    for owner in _OWNERS_OF.get(name, _OWNERS):
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
    if isinstance(value, bool):
        return Word("yes" if value else "no")
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Fraction):
        return f"{percent(value)} %"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
    if isinstance(value, (tuple, frozenset)):
        return ", ".join(sorted(map(_text, value)))
    if is_dataclass(value):
        parts = [_text(getattr(value, each.name)) for each in fields(value)]
        return " ".join(part for part in parts if part)
    return str(value)
