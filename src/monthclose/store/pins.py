"""
What a version was made with, kept so that it can be made again.

The tables of a group say what holds now. A version pins the rest: numbers of mappings and
balances, which are never rewritten, and by hash the records that are.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from monthclose.ledger.accounts import Chart
from monthclose.ledger.group import Group
from monthclose.ledger.mappings import EntityMapping
from monthclose.ledger.runs import CloseInputs
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.nouns import from_json, to_json
from monthclose.store.tables import version_records

_APART = ("chart", "rates", "mappings", "items", "subscriptions")
"""Fields of a group that are kept apart: they change at other times, or have numbers."""

_BALANCES, _ITEMS, _CONTRACTS = "balances/", "items/", "contracts/"
"""What comes month by month stands under its month, so that what is past is kept once."""


def keep_records(session: Session, tenant: UUID, inputs: CloseInputs) -> dict[str, Any]:
    """
    Keep what the tables of a group do not keep for a version of a month.

    Args:
        session: Open.
        tenant: The portfolio.
        inputs: What the close read: the tables may hold other balances by now.

    Returns:
        The pins: hashes of the records, by part; of the numbers of the balances, by month;
        and the version that the month came after.
    """
    group = inputs.group
    contents: dict[str, Any] = {
        "group": {
            each.name: to_json(getattr(group, each.name))
            for each in fields(Group)
            if each.name not in _APART
        },
        "chart": to_json(group.chart),
        "rates": to_json(group.rates.quotes),
    }
    for raw in inputs.balances:
        contents.setdefault(_BALANCES + raw.period, {})[raw.entity] = raw.number
    for each in group.subscriptions:
        contents.setdefault(_CONTRACTS + each.period, {})[each.entity] = each.number
    for when, items in group.items_in.items():
        contents[_ITEMS + when] = to_json(items)
    written = {name: _written(each) for name, each in contents.items()}
    hashes = {name: sha256(each.encode()).digest() for name, each in written.items()}
    _insert(session, tenant, {hashes[name]: each for name, each in written.items()})
    return {
        "records": {name: each.hex() for name, each in hashes.items()},
        "after": inputs.after,
    }


def chart_pin(chart: Chart) -> str:
    """How the pins of a version made with a chart name it."""
    return sha256(_written(to_json(chart)).encode()).hexdigest()


def _written(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _insert(session: Session, tenant: UUID, written: Mapping[bytes, str]) -> None:
    """Insert the records that no version keeps yet."""
    known = {
        bytes(row[0])
        for row in fetch(
            session,
            "select content_hash from version_records where tenant_id = %(t)s"
            " and content_hash = any(%(h)s)",
            t=tenant,
            h=list(written),
        )
    }
    fresh = {key: each for key, each in written.items() if key not in known}
    if fresh:
        insert_columns(
            session,
            version_records,
            {
                "tenant_id": tenant,
                "content_hash": list(fresh),
                "content": [Jsonb(each, dumps=str) for each in fresh.values()],
            },
        )


def kept_records(session: Session, tenant: UUID, pins: Mapping[str, Any]) -> dict[str, Any]:
    """The records that a version's pins name, by part."""
    named = {bytes.fromhex(each): name for name, each in pins["records"].items()}
    rows = fetch(
        session,
        "select content_hash, content from version_records where tenant_id = %(t)s"
        " and content_hash = any(%(h)s)",
        t=tenant,
        h=list(named),
    )
    contents = {bytes(key): content for key, content in rows}
    return {name: contents[bytes.fromhex(each)] for name, each in pins["records"].items()}


def numbers_of(kept: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The numbers of the balances, by month and company."""
    return _under(kept, _BALANCES)


def contracts_of(kept: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The numbers of the contracts, by month and company."""
    return _under(kept, _CONTRACTS)


def _under(kept: Mapping[str, Any], prefix: str) -> dict[str, dict[str, int]]:
    """What is kept month by month under a name."""
    return {
        name.removeprefix(prefix): each for name, each in kept.items() if name.startswith(prefix)
    }


def group_of(kept: Mapping[str, Any], mappings: Mapping[str, EntityMapping]) -> Group:
    """The group that kept records describe."""
    items = [kept[name] for name in sorted(kept) if name.startswith(_ITEMS)]
    apart = {
        "chart": kept["chart"],
        "rates": {"quotes": kept["rates"]},
        "items": [each for month_of_it in items for each in month_of_it],
    }
    return replace(from_json(Group, apart | kept["group"]), mappings=dict(mappings))
