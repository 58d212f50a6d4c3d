"""The database of an installation: embedded, and any server by URL."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from monthclose.embedded.binaries import Binaries, installed
from monthclose.embedded.postgres import EmbeddedPostgres
from monthclose.groupfolder import write_example
from monthclose.store.errors import UnsafeRole
from monthclose.wiring.build import open_desk
from monthclose.wiring.database import (
    DatabaseLost,
    DatabaseRefused,
    DatabaseUnreachable,
    MigratorUrlMissing,
    UnknownUser,
    open_database,
    role_passwords,
    run_migrations,
)
from monthclose.wiring.settings import Settings

pytestmark = pytest.mark.server

MAJORS = sorted({binaries.major for binaries in installed()})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def ask_while_it_is_ended(settings: Settings) -> None:
    """Lose the connection inside a transaction, as when the server dies."""
    with open_database(settings) as database, database.engine.begin() as connection:
        connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))


class TestEmbedded:
    def test_opens_makes_and_knows_the_first_people(self, home):
        with open_database(Settings(home=home)) as database:
            assert database.user("local") != database.user("operator")
            with pytest.raises(UnknownUser):
                database.user("nobody")

    def test_passwords_are_the_owners_alone(self, home):
        file = home / "secrets" / "database.json"
        known = role_passwords(file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert len(set(known.values())) == len(known)
        assert all(len(password) >= 32 for password in known.values())

    def test_a_connection_lost_in_the_middle_is_said_with_what_to_do(self, home):
        """The command is over; the next one goes on."""
        settings = Settings(home=home)
        with pytest.raises(DatabaseLost) as refused:
            ask_while_it_is_ended(settings)
        assert "Run the command again" in str(refused.value)
        with open_database(settings) as database:
            database.user("local")

    def test_lost_passwords_are_made_anew_and_the_books_stay(self, home):
        with open_database(Settings(home=home)) as database:
            before = database.user("local")
        (home / "secrets" / "database.json").unlink()
        with open_database(Settings(home=home)) as database:
            assert database.user("local") == before


@pytest.mark.parametrize("major", MAJORS)
class TestByUrl:
    def test_a_server_is_made_ready_and_closes_a_month(self, major, tmp_path):
        folder = tmp_path / "example"
        write_example(folder)
        binaries = Binaries.find(major)
        with EmbeddedPostgres(tmp_path / "pg", binaries=binaries, durable=False) as server:
            settings = Settings(
                home=tmp_path / "home",
                database_url=SecretStr(server.url("books", "monthclose_app", "a" * 32)),
                database_url_migrator=SecretStr(
                    server.url("books", "monthclose_migrator", "b" * 32)
                ),
                database_url_superuser=SecretStr(server.url()),
            )
            assert run_migrations(settings)
            assert not run_migrations(settings)
            with open_desk(settings) as desk:
                desk.import_folder(folder)
                outcome = desk.close("2025-06")
            assert outcome.error is None
            assert outcome.book is not None
            assert outcome.book.totals.net_income == 37_00
            assert outcome.run.label == "2025-06@1"

    def test_a_superuser_is_refused_as_the_application(self, major, tmp_path):
        binaries = Binaries.find(major)
        with EmbeddedPostgres(tmp_path / "pg", binaries=binaries, durable=False) as server:
            settings = Settings(
                home=tmp_path / "home",
                database_url=SecretStr(server.url("books", "monthclose_app", "a" * 32)),
                database_url_migrator=SecretStr(
                    server.url("books", "monthclose_migrator", "b" * 32)
                ),
                database_url_superuser=SecretStr(server.url()),
            )
            run_migrations(settings)
            wrong = Settings(home=tmp_path / "home", database_url=SecretStr(server.url("books")))
            with pytest.raises(UnsafeRole), open_database(wrong):
                pass
            swapped = settings.model_copy(
                update={
                    "database_url_migrator": settings.database_url,
                    "database_url_superuser": None,
                }
            )
            with pytest.raises(DatabaseRefused) as refused:
                run_migrations(swapped)
            assert "monthclose_app:***@" in str(refused.value)


def test_a_migration_by_url_needs_the_migrator(tmp_path):
    url = SecretStr("postgresql://monthclose_app:x@127.0.0.1/x")
    settings = Settings(home=tmp_path, database_url=url)
    with pytest.raises(MigratorUrlMissing):
        run_migrations(settings)


def test_a_server_that_is_not_there_is_named(tmp_path):
    url = SecretStr("postgresql://monthclose_app:secret-word@127.0.0.1:1/x")
    settings = Settings(home=tmp_path, database_url=url)
    with pytest.raises(DatabaseUnreachable) as refused, open_database(settings):
        pass
    assert "127.0.0.1:1" in str(refused.value)
    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize(
    "spoilt", ["", "{", "[1]", '"text"', '{"monthclose_app": ""}', "\N{REPLACEMENT CHARACTER}"]
)
def test_spoilt_passwords_are_made_anew(tmp_path, spoilt):
    file = tmp_path / "secrets" / "database.json"
    file.parent.mkdir()
    file.write_text(spoilt, "utf-8")
    made = role_passwords(file)
    assert all(len(password) >= 32 for password in made.values())
    assert role_passwords(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_migration_that_is_not_let_in_says_which_address(tmp_path):
    app = SecretStr("postgresql://monthclose_app:secret-word@127.0.0.1:1/x")
    migrator = SecretStr("postgresql://monthclose_migrator:secret-word@127.0.0.1:1/x")
    settings = Settings(home=tmp_path, database_url=app, database_url_migrator=migrator)
    with pytest.raises(DatabaseUnreachable) as refused:
        run_migrations(settings)
    assert "MONTHCLOSE_DATABASE_URL_MIGRATOR" in str(refused.value)
    assert "secret-word" not in str(refused.value)
    asked = settings.model_copy(update={"database_url_superuser": migrator})
    with pytest.raises(DatabaseUnreachable) as refused:
        run_migrations(asked)
    assert "MONTHCLOSE_DATABASE_URL_SUPERUSER" in str(refused.value)
