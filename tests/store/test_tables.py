"""The Core tables are the tables of the database."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, create_engine

from monthclose.store.session import as_psycopg
from monthclose.store.tables import metadata

pytestmark = pytest.mark.server


def differences(database, described: MetaData):
    """List what Alembic would change, partitions left out."""
    partitions = {
        row[0] for row in database.ask("select relname from pg_class where relispartition")
    }

    def counts(name, kind, _parents):
        if kind == "schema":
            return name in (None, "audit")
        return kind != "table" or name not in partitions | {"schema_version"}

    engine = create_engine(as_psycopg(database.url("monthclose_migrator")))
    with engine.connect() as connection:
        connection.exec_driver_sql("set role monthclose_owner")
        context = MigrationContext.configure(
            connection,
            opts={"include_name": counts, "include_schemas": True, "compare_type": True},
        )
        found = compare_metadata(context, described)
    engine.dispose()
    return found


def test_nothing_differs(database):
    assert differences(database, metadata) == []


def test_a_difference_would_be_seen(database):
    described = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(described)
    described.tables["runs"].append_column(Column("surplus", Integer))
    described.remove(described.tables["kpis"])
    kinds = {change[0] for change in differences(database, described)}
    assert {"add_column", "remove_table"} <= kinds
