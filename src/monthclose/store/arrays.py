"""
Rows that hold arrays themselves, all of them in one statement.

The triggers of a statement (the period lock, the lines of an entry) then fire once, not
once a row: 132 layers took 130 ms one by one and take 15 ms together.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from monthclose.store.bulk import fetch, way_of

MOST = 1000
"""Rows of one statement, so that a million lines are never held twice."""

# Arrays of a few hundred lines are compressed as they are stored. The default way of it was
# four fifths of the time that an insert took; a server may be built without the quick one.
_QUICKLY = (
    "select set_config(name, 'lz4', true) from pg_settings"
    " where name = 'default_toast_compression' and 'lz4' = any(enumvals)"
)


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """
    Insert rows with the same names; integer columns travel in binary.

    The arrays of one column arrive end to end, and the server cuts them up again: a value for
    each array of each row made the statement longer than what it brought.

    Raises:
        psycopg.Error: the database refuses one, and so all.
    """
    if not rows:
        return
    fetch(session, _QUICKLY)
    names = list(rows[0])
    kinds = {name: _type_of(table, name) for name in names}
    listed = ", ".join(f'"{name}"' for name in names)
    head = f'insert into "{table.name}" ({listed}) select '
    for start in range(0, len(rows), MOST):
        chosen: list[str] = []
        facts: dict[str, Any] = {}
        lists: dict[str, str] = {}
        for name in names:
            values = [row[name] for row in rows[start : start + MOST]]
            if isinstance(values[0], np.ndarray):
                sizes = np.array([len(each) for each in values])
                last = np.cumsum(sizes).astype(np.int32)
                facts[name] = np.concatenate(values)
                facts[f"{name}_first"], facts[f"{name}_last"] = (
                    last - sizes.astype(np.int32) + 1,
                    last,
                )
                lists |= {f"{name}_first": "integer", f"{name}_last": "integer"}
                cut = f'[u."{name}_first":u."{name}_last"]'
                chosen.append(f"(%({name})s::{kinds[name]}){cut}")
            else:
                facts[name], lists[name] = values, kinds[name]
                chosen.append(f'u."{name}"')
        arrays = ", ".join(
            f"%({name}){way_of(facts[name])}::{kind}[]" for name, kind in lists.items()
        )
        columns = ", ".join(f'"{name}"' for name in lists)
        source = f" from unnest({arrays}) as u ({columns}) returning true"
        fetch(session, head + ", ".join(chosen) + source, **facts)


def _type_of(table: Table, name: str) -> str:
    """The PostgreSQL type of a column, as SQL."""
    kind: str = table.c[name].type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return kind
