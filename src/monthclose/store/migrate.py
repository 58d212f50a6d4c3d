"""
Bring a database to the schema of this program, and give it the year's partitions.

`bootstrap` is for a superuser, once: roles and the database. `migrate` is for the
migrator, at every start: it does nothing, quickly, when nothing is to be done.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from monthclose.store.errors import SchemaBehind

ROLES = (
    "monthclose_migrator",
    "monthclose_app",
    "monthclose_worker",
    "monthclose_auditor",
    "monthclose_backup",
)
"""The roles that log in, each with its own password."""

HEAD = "0008"
"""The latest migration; a test compares it with the folder."""

FIRST_YEAR = 2015
"""Partitions are made from here to two years ahead; earlier years when asked for."""

LOCK = 0x6D6F6E7468
"""Key of the advisory lock, so that two starts at once migrate one after the other."""


def bootstrap(
    superuser_url: str, passwords: Mapping[str, str], database: str = "monthclose"
) -> None:
    """
    Make the roles and the database, or bring them to how they should be.

    Args:
        superuser_url: Of a superuser, to any database of the server.
        passwords: Of each role in `ROLES`; a role left out keeps its own.
        database: Its name; made when it does not exist.
    """
    folder = resources.files("monthclose.store") / "migrations"
    with _connect(superuser_url) as server, _alone(server):
        _run(server, (folder / "roles.sql").read_text("utf-8"))
        for role, password in passwords.items():
            # The server logs the statement when it fails: what it sees is the hash.
            hashed = server.pgconn.encrypt_password(
                password.encode(), role.encode(), b"scram-sha-256"
            ).decode()
            server.execute(
                sql.SQL("alter role {} password {}").format(sql.Identifier(role), hashed)
            )
        found = server.execute("select from pg_database where datname = %s", (database,))
        if not found.rowcount:
            server.execute(
                sql.SQL("create database {} template template0 encoding 'UTF8'").format(
                    sql.Identifier(database)
                )
            )
    with _connect(superuser_url, database) as made, _alone(made):
        _run(made, (folder / "database.sql").read_text("utf-8"))


def migrate(migrator_url: str, years: Iterable[int] = ()) -> bool:
    """
    Bring the schema to `HEAD` and make the partitions it lacks.

    Safe to call twice, and by two programs at once.

    Args:
        migrator_url: Of `monthclose_migrator` (or a superuser).
        years: To have partitions for, besides `FIRST_YEAR` to two years from now.

    Returns:
        Whether anything was done.

    Raises:
        SchemaBehind: the database is ahead of this program.
    """
    wanted = sorted(set(years))
    with _connect(migrator_url) as connection:
        if _version(connection) == HEAD and not _missing(connection, wanted):
            return False
        with _alone(connection):
            connection.execute("set role monthclose_owner")
            found = _version(connection)
            if found > HEAD:
                raise SchemaBehind(found, HEAD)
            if found < HEAD:
                _upgrade(migrator_url)
            for year in _missing(connection, wanted):
                connection.execute("select maintenance.ensure_partitions(%s)", (year,))
    return True


def install(migrator_url: str, operator: str = "operator", manager: str = "local") -> None:
    """
    Make the first two people, when they do not exist: who installs, who owns the figures.

    Neither has any right yet. The operator creates the portfolio and its entities, and
    grants the manager the entities and the group.
    """
    with _connect(migrator_url) as connection:
        connection.execute("set role monthclose_owner")
        connection.execute("select maintenance.install(%s, %s)", (operator, manager))


def check_schema(url: str) -> None:
    """
    Check that the database has the schema of this program, as any of its roles.

    Raises:
        SchemaBehind: it has another.
    """
    with _connect(url) as connection:
        if (found := _version(connection)) != HEAD:
            raise SchemaBehind(found, HEAD)


def _connect(url: str, database: str = "") -> psycopg.Connection:
    """Connect without a transaction: what runs here brings its own, or needs none."""
    target = make_url(url)
    if database:
        target = target.set(database=database)
    # Not as one URL: libpq refuses what SQLAlchemy leaves unescaped in a password.
    parts: dict[str, Any] = target.translate_connect_args(username="user", database="dbname")
    parts.update(target.query)
    return psycopg.connect(**parts, autocommit=True)


@contextmanager
def _alone(connection: psycopg.Connection) -> Iterator[None]:
    """Hold the advisory lock, waiting for whoever has it."""
    connection.execute("select pg_advisory_lock(%s)", (LOCK,))
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (LOCK,))


def _run(connection: psycopg.Connection, script: str) -> None:
    """Run one of our own SQL files."""
    connection.execute(script)


def _version(connection: psycopg.Connection) -> str:
    """The migration the database is at; empty when it has none yet."""
    made = connection.execute("select to_regclass('public.schema_version')").fetchone()
    if made is None or made[0] is None:
        return ""
    row = connection.execute("select version_num from public.schema_version").fetchone()
    return row[0] if row else ""


def _missing(connection: psycopg.Connection, years: list[int]) -> list[int]:
    """Years that lack a partition."""
    rows = connection.execute(
        "select y.year from ("
        " select generate_series(%s, extract(year from now())::int + 2) as year"
        " union select unnest(%s::int[])) as y"
        " cross join unnest(array['trial_balances', 'trial_balance_columns', 'agent_actions'])"
        " as p (parent)"
        " where to_regclass(format('public.%%s_%%s', p.parent, y.year)) is null"
        " group by y.year order by y.year",
        (FIRST_YEAR, years),
    )
    return [int(row[0]) for row in rows]


def _upgrade(url: str) -> None:
    """Run the migrations that are missing, in one transaction, as the owner."""
    # Imported here: a start with nothing to do should not pay for loading it.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    target = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(target, poolclass=NullPool)
    folder = resources.files("monthclose.store") / "migrations"
    with engine.begin() as connection:
        connection.exec_driver_sql("set local role monthclose_owner")
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, "head")
        connection.exec_driver_sql(
            "grant select on public.schema_version to"
            " monthclose_migrator, monthclose_app, monthclose_worker, monthclose_auditor,"
            " monthclose_backup"
        )
