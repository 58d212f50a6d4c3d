"""Opens the database of an installation: our own embedded one, or any by URL."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError

from monthclose.embedded.errors import as_disk_full
from monthclose.embedded.postgres import EmbeddedPostgres
from monthclose.ledger.errors import CloseError
from monthclose.store.migrate import ROLES, bootstrap, check_schema, install, migrate
from monthclose.store.session import find_user, open_engine
from monthclose.wiring.language import PREFIX
from monthclose.wiring.settings import Settings

DATABASE = "monthclose"
OPERATOR, MANAGER = "operator", "local"


class UnknownUser(CloseError):
    """Nobody of that login is active in the database."""

    code = "user-unknown"

    def __init__(self, login: str) -> None:
        super().__init__(login=login)


class MigratorUrlMissing(CloseError):
    """A migration needs the migrator's URL, and only the application's was given."""

    code = "migrator-url-missing"

    def __init__(self) -> None:
        super().__init__()


class DatabaseUnreachable(CloseError):
    """The database does not answer, or stopped answering."""

    code = "database-unreachable"

    def __init__(self, where: str, said: str, setting: str = "DATABASE_URL") -> None:
        super().__init__(where=where, said=_first_line(said), setting=PREFIX + setting)


class DatabaseRefused(CloseError):
    """A role that may not do what a migration needs."""

    code = "database-refused"

    def __init__(self, where: str, said: str) -> None:
        super().__init__(where=where, said=_first_line(said))


class DatabaseLost(CloseError):
    """The embedded database stopped in the middle of a command."""

    code = "database-lost"

    def __init__(self, where: str, said: str) -> None:
        super().__init__(where=where, said=_first_line(said))


def _first_line(said: str) -> str:
    """What a driver said, without the advice in its later lines."""
    return (said.splitlines() or ["–"])[0].rstrip(" .?")[:300]


@dataclass(frozen=True, slots=True)
class Database:
    """
    An open database.

    Attributes:
        engine: Connections of the application's role.
        where: How to name it to a person, without secrets.
    """

    engine: Engine
    where: str

    def user(self, login: str) -> UUID:
        """
        The active user of a login.

        Raises:
            UnknownUser: there is none.
        """
        found = find_user(self.engine, login)
        if found is None:
            raise UnknownUser(login)
        return found


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """
    Open the installation's database, and close it again.

    In embedded mode the server is started or joined, its roles and schema are made or
    brought up to date, and the first two people exist. By URL the schema must be there.

    Raises:
        CloseError: it cannot be started, reached or used, and what to do about it.
    """
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        where = make_url(url).render_as_string(hide_password=True)
        with _told(where, None):
            check_schema(url)
            engine = open_engine(url)
            try:
                yield Database(engine, where)
            finally:
                engine.dispose()
        return
    with EmbeddedPostgres(settings.home, port=settings.port) as server:
        where = f"PostgreSQL {release(server.version)}, {server.host}:{server.port}"
        with _told(where, server.data):
            passwords = role_passwords(settings.home / "secrets" / "database.json")
            app = server.url(DATABASE, "monthclose_app", passwords["monthclose_app"])
            migrator = server.url(DATABASE, "monthclose_migrator", passwords["monthclose_migrator"])
            prepare(server.url(), migrator, passwords)
            engine = open_engine(app)
            try:
                yield Database(engine, where)
            finally:
                engine.dispose()


@contextmanager
def _told(where: str, data: Path | None) -> Iterator[None]:
    """Say in the trade's words what a server could not do, and what to do about it."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        if data is not None and (full := as_disk_full(error, data)):
            raise full from error
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.OperationalError):
            ours = DatabaseLost if data is not None else DatabaseUnreachable
            raise ours(where, str(cause)) from error
        raise


def release(number: int) -> str:
    """Write a server's version number, 170010, as people do: 17.10."""
    return f"{number // 10_000}.{number % 10_000}"


def prepare(superuser: str, migrator: str, passwords: dict[str, str]) -> None:
    """
    Make roles, database, schema and first people; quick when they are there.

    A migrator that is not let in means a new server, or one whose passwords were lost:
    only then is the superuser asked.
    """
    try:
        migrate(migrator)
    except psycopg.OperationalError:
        bootstrap(superuser, passwords, DATABASE)
        migrate(migrator)
    install(migrator, OPERATOR, MANAGER)


def run_migrations(settings: Settings) -> bool:
    """
    Bring the schema up to date, as the migrator; with a superuser's URL make the roles first.

    Returns:
        Whether anything was done.

    Raises:
        MigratorUrlMissing: a database by URL needs `MONTHCLOSE_DATABASE_URL_MIGRATOR`.
    """
    if settings.embedded:
        with open_database(settings):
            return False  # opening has done it
    if settings.database_url_migrator is None:
        raise MigratorUrlMissing
    url = settings.database_url_migrator.get_secret_value()
    if settings.database_url_superuser is not None:
        superuser = settings.database_url_superuser.get_secret_value()
        with _migrating(superuser, "DATABASE_URL_SUPERUSER"):
            database, passwords = _asked_for(settings)
            bootstrap(superuser, passwords, database)
    with _migrating(url, "DATABASE_URL_MIGRATOR"):
        done = migrate(url)
        install(url, OPERATOR, MANAGER)
    return done


@contextmanager
def _migrating(url: str, setting: str) -> Iterator[None]:
    """Say whose address a server did not take, or whose role may not do what is asked."""
    where = make_url(url).render_as_string(hide_password=True)
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.OperationalError):
            raise DatabaseUnreachable(where, str(cause), setting) from error
        if isinstance(cause, psycopg.errors.InsufficientPrivilege):
            raise DatabaseRefused(where, str(cause)) from error
        raise


def _asked_for(settings: Settings) -> tuple[str, dict[str, str]]:
    """The database and the roles' passwords, as the URLs of the settings name them."""
    passwords: dict[str, str] = {}
    database = DATABASE
    for given in (settings.database_url, settings.database_url_migrator):
        if given is not None:
            url = make_url(given.get_secret_value())
            database = url.database or database
            if url.username in ROLES and url.password:
                passwords[url.username] = str(url.password)
    return database, passwords


def role_passwords(file: Path) -> dict[str, str]:
    """
    Read the roles' passwords, or make them; the file is the owner's alone.

    One that is missing or spoilt is made anew: the server then gets it from the superuser.
    """
    try:
        read = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        read = None
    known = {} if not isinstance(read, dict) else {r: p for r, p in read.items() if p}
    missing = [role for role in ROLES if role not in known]
    if missing:
        known |= {role: secrets.token_urlsafe(32) for role in missing}
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as out:
            json.dump(known, out, indent=1)
        fresh.replace(file)  # whole or not at all
    return {role: str(known[role]) for role in ROLES}
