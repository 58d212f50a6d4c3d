"""
Many rows in one statement, and columns of integers without a detour through text.

Row security refuses COPY, so rows arrive as arrays: `insert … select … from unnest(…)`.
Columns of integers travel in PostgreSQL's binary form, which NumPy writes and reads as
they are; everything else is left to the driver.
"""

from collections.abc import Iterable, Mapping, Sequence
from struct import pack
from typing import Any, cast
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.adapt import Buffer, Dumper, Loader, PyFormat
from psycopg.pq import Format
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from monthclose.store.tables.columns import Money

INT4, INT4_ARRAY = 23, 1007
INT8, INT8_ARRAY = 20, 1016
_WIDTHS = {4: (INT4, INT4_ARRAY), 8: (INT8, INT8_ARRAY)}
_HEAD = 20
"""Bytes before the items: dimensions, a flag for nulls, type, length, lower bound."""

MOST = 65_536
"""Rows of one statement: a million at once, each with its references checked, outlast any limit."""

_BINARY = frozenset({str, bytes, UUID, Jsonb})
"""Kinds of items that every PostgreSQL type they go to is made of in binary."""

Values = Sequence[Any] | NDArray[np.int32] | NDArray[np.int64]


class _ColumnDumper(Dumper):
    """Writes an integer column as a PostgreSQL array, in binary."""

    format = Format.BINARY

    def get_key(self, obj: NDArray[Any], _format: Any) -> Any:
        """Tell columns of 4 and of 8 bytes apart: they are different types."""
        return (self.cls, obj.dtype.itemsize)

    def upgrade(self, obj: NDArray[Any], _format: Any) -> Dumper:
        """Give the dumper for the width of *obj*."""
        dumper = type(self)(self.cls)
        dumper.oid = _WIDTHS[obj.dtype.itemsize][1]
        return dumper

    def dump(self, obj: NDArray[Any]) -> Buffer:
        """Write each item after its length, the most significant byte first."""
        if obj.ndim != 1 or obj.dtype.kind != "i":
            raise TypeError(f"a column of integers has one dimension: {obj.dtype} {obj.shape}")
        width = obj.dtype.itemsize
        items = np.empty(len(obj), dtype=[("length", ">i4"), ("value", f">i{width}")])
        items["length"], items["value"] = width, obj
        dimensions = 1 if len(obj) else 0
        head = pack(">iiI", dimensions, 0, _WIDTHS[width][0])
        return head + pack(">ii", len(obj), 1) + items.tobytes() if dimensions else head


class _ColumnLoader(Loader):
    """Reads a PostgreSQL array of integers as a column."""

    format = Format.BINARY
    width = 4

    def load(self, data: Buffer) -> NDArray[Any]:
        """
        Read the items.

        Raises:
            ValueError: it has a null or more than one dimension.
        """
        raw = bytes(data)
        dimensions, nulls = np.frombuffer(raw, dtype=">i4", count=2).tolist()
        if dimensions == 0:
            return np.zeros(0, dtype=f"i{self.width}")
        if dimensions != 1 or nulls:
            raise ValueError("a column of integers has one dimension and no nulls")
        items = np.frombuffer(
            raw, dtype=[("length", ">i4"), ("value", f">i{self.width}")], offset=_HEAD
        )
        return items["value"].astype(f"i{self.width}")


class _WideColumnLoader(_ColumnLoader):
    """The same for 8 bytes."""

    width = 8


def insert_columns(session: Session, table: Table, columns: Mapping[str, Any]) -> int:
    """
    Insert rows given as columns, with the rights of the session's user.

    Up to `MOST` rows are one statement; more are as many as it takes, in one transaction.

    Args:
        session: Its transaction takes the rows.
        table: Where to.
        columns: For each column its n values (a list, a tuple, or an array of int32 or
            int64), or one value for all rows. Integers for an amount are minor units.

    Returns:
        How many rows were inserted.

    Raises:
        ValueError: the columns differ in length, or none has one.
        psycopg.Error: the database refuses them.
    """
    lengths = {len(values) for values in columns.values() if _is_column(values)}
    if len(lengths) != 1:
        raise ValueError(f"columns of one length, not of {sorted(lengths)}")
    chosen: list[sql.Composable] = []
    arrays: list[sql.Composable] = []
    names: list[sql.Composable] = []
    for name, values in columns.items():
        kind = sql.SQL(_type_of(table, name))
        facts = sql.Placeholder(name, PyFormat(way_of(values)))
        if not _is_column(values):
            chosen.append(sql.SQL("{}::{}").format(facts, kind))
            continue
        chosen.append(sql.Identifier("u", name))
        if table.c[name].type is Money and _is_integral(values):
            # Exact: an integer over a hundred has two decimals.
            kind = sql.SQL("bigint")
            chosen[-1] = sql.SQL("{}::numeric / 100").format(chosen[-1])
        arrays.append(sql.SQL("{}::{}[]").format(facts, kind))
        names.append(sql.Identifier(name))
    statement = sql.SQL("insert into {} ({}) select {} from unnest({}) as u ({})").format(
        sql.Identifier(table.schema or "public", table.name),
        _comma(map(sql.Identifier, columns)),
        _comma(chosen),
        _comma(arrays),
        _comma(names),
    )
    (length,) = lengths
    done = 0
    with _cursor(session) as cursor:
        for first in range(0, max(1, length), MOST):
            cursor.execute(
                statement,
                {
                    name: _part(values, first) if _is_column(values) else values
                    for name, values in columns.items()
                },
            )
            done += cursor.rowcount
    return done


def insert_each(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """
    Insert rows that hold arrays themselves, all with the same names, in one round trip.

    Raises:
        psycopg.Error: the database refuses one, and so all.
    """
    if not rows:
        return
    names = list(rows[0])
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table.schema or "public", table.name),
        _comma(map(sql.Identifier, names)),
        _comma(
            sql.SQL("{}::" + _type_of(table, name)).format(sql.Placeholder(name)) for name in names
        ),
    )
    with _cursor(session) as cursor:
        cursor.executemany(statement, rows)


def fetch(session: Session, query: str, **facts: Any) -> list[tuple[Any, ...]]:
    """
    Read rows in binary: integer arrays come as (n,) arrays of int32 or int64.

    Args:
        session: Whose rights hold.
        query: SQL with `%(name)s` for each of *facts*.
        facts: What the names stand for.

    Raises:
        psycopg.Error: the database refuses the query.
    """
    with _cursor(session, binary=True) as cursor:
        cursor.execute(cast("Any", query), facts)
        return cursor.fetchall()


def _cursor(session: Session, *, binary: bool = False) -> psycopg.Cursor[tuple[Any, ...]]:
    """A cursor of the driver, in the session's transaction, that knows columns."""
    driver = session.connection().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("bulk work needs psycopg")
    cursor = driver.cursor(binary=binary)
    cursor.adapters.register_dumper(np.ndarray, _ColumnDumper)
    cursor.adapters.register_loader(INT4_ARRAY, _ColumnLoader)
    cursor.adapters.register_loader(INT8_ARRAY, _WideColumnLoader)
    return cursor


def _comma(parts: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)


def way_of(values: Any) -> str:
    """
    How values travel to the server, as the letter of a placeholder: `b` in binary, else `s`.

    In text each item of an array is searched for what has to be escaped, records of a whole
    group among them. Numbers are left to the driver: a list may hold sizes of several types.
    """
    if not isinstance(values, (list, tuple)):
        return "s"
    kinds = {type(each) for each in values if each is not None}
    return "b" if len(kinds) == 1 and kinds <= _BINARY else "s"


def _part(values: Any, first: int) -> Any:
    """The values of one statement, from the place *first*; the driver takes a tuple for a row."""
    part = values[first : first + MOST]
    return list(part) if isinstance(part, tuple) else part


def _is_column(values: object) -> bool:
    return isinstance(values, (list, tuple, np.ndarray))


def _is_integral(values: Any) -> bool:
    if isinstance(values, np.ndarray):
        return bool(values.dtype.kind == "i")
    return all(value is None or isinstance(value, int) for value in values)


def _type_of(table: Table, name: str) -> str:
    """The PostgreSQL type of a column, as SQL."""
    return table.c[name].type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
