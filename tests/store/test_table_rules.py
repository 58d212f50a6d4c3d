"""What a fresh database fills in and refuses, held against the tables and against the program."""

import re
from collections.abc import Collection

import pytest
from sqlalchemy import CheckConstraint, MetaData

from monthclose.groupfolder.settings import FRAMEWORKS
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.acquisitions import NciMethod
from monthclose.ledger.balances import Basis
from monthclose.ledger.entities import Method
from monthclose.ledger.journal import GROUP_LAYERS, LayerName
from monthclose.ledger.runs import RunStatus, Step, StepStatus
from monthclose.store.intake_records import OPENING_KINDS
from monthclose.store.tables import metadata
from monthclose.wording import LANGUAGES

pytestmark = pytest.mark.server

WRITTEN: dict[tuple[str, str], Collection[str]] = {
    ("acquisitions", "nci_measure"): set(NciMethod) - {NciMethod.NONE},
    ("etl_batches", "basis"): Basis,
    ("group_layers", "layer"): {*GROUP_LAYERS, "total"},
    ("journal_entries", "layer"): LayerName,
    ("openings", "kind"): {*OPENING_KINDS.values(), "other"},
    ("portfolio_entities", "method"): Method,
    ("portfolios", "framework"): {name.replace(" ", "_") for name in FRAMEWORKS},
    ("portfolios", "language"): LANGUAGES,
    ("reports", "language"): LANGUAGES,
    ("run_steps", "status"): StepStatus,
    ("run_steps", "step"): Step,
    ("runs", "status"): RunStatus,
    ("standard_chart_of_accounts", "class"): AccountClass,
}
"""What the program may write into columns that take one of some words."""


def of_ours(database, query: str) -> list[tuple[str, str, str]]:
    """Ask about the tables, partitions left out."""
    found: list[tuple[str, str, str]] = database.ask(
        query + " where not c.relispartition and c.relname <> 'schema_version'"
        " and c.relnamespace in ('public'::regnamespace, 'audit'::regnamespace)"
    )
    return found


def filled(database) -> set[tuple[str, str]]:
    """Columns that the database fills in when a row does not state them."""
    return {
        (table, column)
        for table, column, _ in of_ours(
            database,
            "select c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid) from pg_attrdef as d"
            " join pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum"
            " join pg_class as c on c.oid = d.adrelid",
        )
    }


def described(tables: MetaData) -> set[tuple[str, str]]:
    """Columns that the tables say fill themselves."""
    return {
        (table.name, column.name)
        for table in tables.tables.values()
        for column in table.columns
        if column.server_default is not None
    }


def words(database) -> dict[tuple[str, str], set[str]]:
    """What each column takes that takes one of some words."""
    found = {}
    for table, column, rule in of_ours(
        database,
        "select c.relname, a.attname, pg_get_constraintdef(k.oid) from pg_constraint as k"
        " join pg_class as c on c.oid = k.conrelid and k.contype = 'c'"
        " join pg_attribute as a on a.attrelid = c.oid and k.conkey = array[a.attnum]",
    ):
        if rule.startswith(f"CHECK (({column} = ANY (ARRAY["):
            found[table, column] = set(re.findall(r"'([^']*)'::text", rule))
    return found


class TestDefaults:
    def test_a_column_fills_itself_where_the_tables_say_so(self, database):
        assert filled(database) == described(metadata)

    def test_one_more_or_less_would_be_seen(self, database):
        """An insert by columns leaves out what fills itself, and states the rest."""
        changed = MetaData()
        for table in metadata.tables.values():
            table.to_metadata(changed)
        changed.tables["mapping_columns"].c["divided"].server_default = None
        assert filled(database) - described(changed) == {("mapping_columns", "divided")}


class TestWords:
    def test_the_database_takes_every_word_that_the_program_writes(self, database):
        taken = words(database)
        assert taken.keys() >= WRITTEN.keys()
        refused = {
            where: beyond
            for where, written in WRITTEN.items()
            if (beyond := set(map(str, written)) - taken[where])
        }
        assert refused == {}

    def test_a_word_that_it_does_not_know_is_refused(self, database, group):
        """A catalogue that says what it does not do would make the test above worthless."""
        with group.acting("manager") as session:
            group.load(session, "A")
        for table, column in (("etl_batches", "basis"), ("portfolios", "framework")):
            with database.connect() as connection, pytest.raises(Exception, match="violates check"):
                connection.execute(f"update {table} set {column} = 'otherwise'")


def test_rules_stand_in_the_sql_alone():
    """The tables are for writing and reading rows: a rule told twice could differ."""
    told = [
        table.name
        for table in metadata.tables.values()
        for rule in table.constraints
        if isinstance(rule, CheckConstraint)
    ]
    assert told == []
