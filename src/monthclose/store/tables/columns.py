"""The few shapes of column and constraint that the tables are written in."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    Column,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData()

UUID = Uuid()
Bytes = LargeBinary()
Timestamp = TIMESTAMP(timezone=True)
Money = Numeric(20, 2)
"""An amount: exact, two decimals, debit positive."""
Rate = Numeric(20, 10)
"""A quote as published."""
Share = Numeric(12, 8)
"""A share or ratio as a fraction of one."""


def key() -> Column[Any]:
    """The identifier of a row, which fills itself."""
    return Column("id", UUID, primary_key=True, server_default=text("gen_random_uuid()"))


def must(
    name: str, kind: TypeEngine[Any], *refers_to: ForeignKey, comment: str | None = None
) -> Column[Any]:
    """A column that every row states."""
    return Column(name, kind, *refers_to, nullable=False, comment=comment)


def given(
    name: str, kind: TypeEngine[Any], *refers_to: ForeignKey, comment: str | None = None
) -> Column[Any]:
    """A column that every row has, and that fills itself when not stated."""
    return Column(
        name, kind, *refers_to, nullable=False, server_default=FetchedValue(), comment=comment
    )


def one(*columns: str) -> UniqueConstraint:
    """At most one row has these values."""
    return UniqueConstraint(*columns)


def one_nil(*columns: str) -> UniqueConstraint:
    """At most one row has these values, where nothing equals nothing."""
    return UniqueConstraint(*columns, postgresql_nulls_not_distinct=True)


def refers(table: str, **columns: str) -> ForeignKeyConstraint:
    """Columns that name a row of *table* together: own column = its column."""
    theirs = [f"{table}.{column}" for column in columns.values()]
    return ForeignKeyConstraint(list(columns), theirs)


def review() -> list[Column[Any]]:
    """What a table has whose rows need a second person."""
    return [
        given("status", Text()),
        given("version", Integer()),
        given("created_by", UUID, ForeignKey("users.id")),
        given("created_at", Timestamp),
        Column("last_edited_by", UUID, ForeignKey("users.id")),
        given("editors", ARRAY(UUID)),
        Column("submitted_by", UUID, ForeignKey("users.id")),
        Column("submitted_at", Timestamp),
        Column("approved_by", UUID, ForeignKey("users.id")),
        Column("approved_at", Timestamp),
        Column("approved_hash", Bytes),
        Column("rejected_by", UUID, ForeignKey("users.id")),
        given("decision_reason", Text()),
    ]


def waiting(table: Table) -> Index:
    """The index for what waits for a second person."""
    return Index(
        f"{table.name}_waiting",
        table.c.tenant_id,
        table.c.submitted_at,
        postgresql_where=text("status = 'submitted'"),
    )
