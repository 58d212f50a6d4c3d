"""
One transaction, one user: every statement runs with the rights of the person acting.

The person is set as the first statement of each transaction and ends with it, so that a
connection from the pool never remembers whom it last served.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

from monthclose.store.errors import (
    AutocommitRefused,
    NobodyActs,
    ServerTooOld,
    UnsafeRole,
    as_close_error,
)

OLDEST = {15: 14, 16: 10, 17: 6}
"""Lowest minor release of each major: earlier ones leak hidden rows (CVE-2025-8713)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How long a connection of one kind may take.

    Attributes:
        statement_s: One statement, seconds.
        lock_s: Waiting for a lock, seconds.
        idle_s: An open transaction that does nothing, seconds.
        checkout_s: Waiting for a connection from the pool, seconds.
        connections: Connections that the pool holds.
    """

    statement_s: int = 15
    lock_s: int = 3
    idle_s: int = 30
    checkout_s: int = 5
    connections: int = 10

    @property
    def options(self) -> str:
        """The limits as the server is told them when a connection opens."""
        return (
            f"-c statement_timeout={self.statement_s}s -c lock_timeout={self.lock_s}s "
            f"-c idle_in_transaction_session_timeout={self.idle_s}s"
        )


FACE = Limits()
"""For people who wait: the API, the web, the command line."""

WORKER = Limits(statement_s=300)
"""For steps of the close."""


class UserSession(Session):
    """A session that acts for `info["user"]`, and for the run `info["run"]` if given."""


@event.listens_for(UserSession, "after_begin")
def _act_for(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Say who acts, before anything else is said in the transaction."""
    user = session.info.get("user")
    if user is None:
        raise NobodyActs
    if getattr(connection.connection.dbapi_connection, "autocommit", False):
        raise AutocommitRefused
    # Local to the transaction: otherwise the next request on this connection would run
    # as the person of this one. The run is set too when there is none, for the same reason.
    connection.execute(
        text("select set_config('app.user_id', :u, true), set_config('app.run_id', :r, true)"),
        {"u": str(user), "r": str(session.info.get("run") or "")},
    )


def open_engine(url: str, limits: Limits = FACE) -> Engine:
    """
    Open a pool of connections for a role of the running system, having checked the role.

    Args:
        url: Of `monthclose_app`, `monthclose_worker` or `monthclose_auditor`.
        limits: How long things may take.

    Raises:
        UnsafeRole: the role is superuser, bypasses row security, or is or may become
            the owner.
        ServerTooOld: the server is known to leak hidden rows.
    """
    engine = create_engine(
        as_psycopg(url),
        pool_size=limits.connections,
        max_overflow=0,
        pool_timeout=limits.checkout_s,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": limits.options},
    )
    try:
        with engine.connect() as connection:
            check_role(connection)
            check_release(int(connection.scalar(text("show server_version_num")) or 0))
    except BaseException:
        engine.dispose()
        raise
    return engine


def as_psycopg(url: str) -> str:
    """The URL with its driver named, so that another default never changes it."""
    named = make_url(url).set(drivername="postgresql+psycopg")
    return named.render_as_string(hide_password=False)


def check_role(connection: Connection) -> None:
    """
    Check that the role of this connection cannot see past row security.

    Raises:
        UnsafeRole: it can, and by which way.
    """
    role, superuser, bypasses, owns, owner = connection.execute(
        text(
            "select r.rolname, r.rolsuper, r.rolbypassrls,"
            " exists (select from pg_class c where c.relowner = r.oid"
            "          and c.relnamespace in ('public'::regnamespace, to_regnamespace('audit'))),"
            " exists (select from pg_class c"
            "          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
            "            and pg_has_role(r.oid, c.relowner, 'member'))"
            "  or exists (select from pg_roles o where o.rolname = 'monthclose_owner'"
            "              and pg_has_role(r.oid, o.oid, 'member'))"
            " from pg_roles r where r.rolname = session_user"
        )
    ).one()
    problems = {
        "superuser": superuser,
        "bypassrls": bypasses,
        "owner": owns,
        "member": owner,
    }
    for problem, found in problems.items():
        if found:
            raise UnsafeRole(role, problem)


def check_release(number: int) -> None:
    """
    Check that a release of PostgreSQL (`server_version_num`) does not leak hidden rows.

    Raises:
        ServerTooOld: it does, or its major release is older than 15.
    """
    major, minor = divmod(number, 10_000)
    if major < min(OLDEST) or minor < OLDEST.get(major, 0):
        wanted = f"{major}.{OLDEST[major]}" if major in OLDEST else f"15.{OLDEST[15]}"
        raise ServerTooOld(f"{major}.{minor}", wanted)


@contextmanager
def acting(engine: Engine, user: UUID, run: UUID | None = None) -> Iterator[UserSession]:
    """
    One transaction in which *user* acts: committed at the end, or rolled back whole.

    Args:
        engine: From `open_engine`.
        user: Whose rights hold.
        run: The run that the work belongs to.

    Raises:
        CloseError: what the database refuses, in the words of the trade: `PeriodClosed`,
            `NotGranted`, `OwnWork`, `ReviewRefused`, …
    """
    with UserSession(engine, info={"user": user, "run": run}) as session:
        try:
            with session.begin():
                yield session
        except (DBAPIError, psycopg.Error) as error:
            if refusal := as_close_error(error):
                raise refusal from error
            raise


def find_user(engine: Engine, login: str) -> UUID | None:
    """The active user of that login, or None; the one question asked before anyone acts."""
    with engine.begin() as connection:
        found: UUID | None = connection.scalar(
            text("select public.find_user(:login)"), {"login": login}
        )
    return found
