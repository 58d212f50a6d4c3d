"""Migrating is repeatable, quick when there is nothing to do, and safe for two at once."""

from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from time import perf_counter

import psycopg
import pytest
from sqlalchemy import make_url

from monthclose.store.errors import SchemaBehind
from monthclose.store.migrate import FIRST_YEAR, HEAD, bootstrap, check_schema, install, migrate
from tests.store.group import PASSWORDS, Database

pytestmark = pytest.mark.server


@pytest.fixture
def empty(database):
    """Another database of the same server, made but not migrated."""
    other = Database(database.superuser_url, "another")
    bootstrap(database.superuser_url, PASSWORDS, other.name)
    yield other
    with database.connect() as connection:
        connection.autocommit = True
        connection.execute("drop database another with (force)")


def test_the_head_is_the_last_migration():
    folder = resources.files("monthclose.store") / "migrations" / "versions"
    names = [item.name for item in folder.iterdir() if item.name.endswith(".py")]
    assert max(names)[:4] == HEAD


class TestMigrate:
    def test_it_makes_everything_and_then_nothing(self, empty):
        url = empty.url("monthclose_migrator")
        assert migrate(url) is True
        assert migrate(url) is False
        check_schema(empty.url("monthclose_app"))

    def test_with_nothing_to_do_it_takes_no_time(self, database):
        """Least of five: a busy machine is slow now and then, not each time."""
        took = []
        for _ in range(5):
            start = perf_counter()
            assert migrate(database.url("monthclose_migrator")) is False
            took.append(perf_counter() - start)
        assert min(took) < 0.1

    def test_two_at_once_do_it_once(self, empty):
        # Whoever waits for more than the other's turn is stuck: say so, rather than hang.
        url = empty.url("monthclose_migrator") + "?options=-c%20lock_timeout%3D20s"
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(migrate, [url, url]))
        assert True in done
        versions = empty.ask("select version_num from schema_version")
        assert versions == [(HEAD,)]

    def test_a_year_is_added_when_asked_for(self, empty):
        url = empty.url("monthclose_migrator")
        migrate(url)
        assert migrate(url, [2003]) is True
        assert migrate(url, [2003]) is False
        found = empty.ask("select to_regclass('trial_balances_2003') is not null")
        assert found == [(True,)]

    def test_partitions_reach_from_the_first_year_to_two_ahead(self, database):
        years = [
            row[0]
            for row in database.ask(
                "select right(relname, 4)::int from pg_class where relname ~"
                " '^agent_actions_[0-9]{4}$' order by 1"
            )
        ]
        now = database.ask("select extract(year from now())::int")[0][0]
        assert years == list(range(FIRST_YEAR, now + 3))

    def test_a_year_out_of_range_is_refused(self, database):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            migrate(database.url("monthclose_migrator"), [1999])

    def test_a_database_ahead_of_the_program_is_left_alone(self, empty):
        url = empty.url("monthclose_migrator")
        migrate(url)
        with empty.connect() as connection:
            connection.execute("update schema_version set version_num = '9999'")
        with pytest.raises(SchemaBehind):
            migrate(url)
        with pytest.raises(SchemaBehind):
            check_schema(empty.url("monthclose_app"))

    def test_an_empty_database_is_not_ready(self, empty):
        with pytest.raises(SchemaBehind):
            check_schema(empty.url("monthclose_app"))


class TestBootstrap:
    def test_it_can_be_repeated(self, database):
        bootstrap(database.superuser_url, PASSWORDS, database.name)
        check_schema(database.url("monthclose_app"))

    def test_it_takes_back_what_a_role_should_not_have(self, database):
        with database.connect() as connection:
            connection.execute("alter role monthclose_app bypassrls createdb")
        bootstrap(database.superuser_url, PASSWORDS, database.name)
        assert database.ask(
            "select rolbypassrls, rolcreatedb from pg_roles where rolname = 'monthclose_app'"
        ) == [(False, False)]

    def test_a_password_may_hold_anything(self, database):
        hard = "a b'c\"d\\e%f@g:h/ç"
        bootstrap(database.superuser_url, {"monthclose_worker": hard}, database.name)
        try:
            target = make_url(database.superuser_url).set(
                username="monthclose_worker", password=hard, database=database.name
            )
            check_schema(target.render_as_string(hide_password=False))
        finally:
            bootstrap(database.superuser_url, PASSWORDS, database.name)


class TestInstall:
    def test_the_first_people_have_no_rights_and_are_made_once(self, database):
        install(database.url("monthclose_migrator"))
        people = database.ask(
            "select login, installs from users where login in ('operator', 'local') order by login"
        )
        assert people == [("local", False), ("operator", True)]

    def test_only_the_migrator_installs(self, database):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            install(database.url("monthclose_app"))
