"""Migrating is repeatable, quick when there is nothing to do, and safe for two at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from time import perf_counter
from uuid import UUID

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url

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


CATALOGUE = """
    select 'column', c.oid::regclass::text, format('%s %s %s %s', a.attname,
           format_type(a.atttypid, a.atttypmod), a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid))
      from pg_class as c join pg_attribute as a on a.attrelid = c.oid
      left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace in ('public'::regnamespace, 'audit'::regnamespace)
       and c.relkind in ('r', 'p') and a.attnum > 0
    union all
    select 'constraint', conrelid::regclass::text, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select 'index', tablename::text, indexdef from pg_indexes
     where schemaname in ('public', 'audit')
    union all
    select 'policy', tablename::text,
           format('%s %s %s %s %s', policyname, cmd, roles, qual, with_check)
      from pg_policies
    union all
    select 'grant', table_name::text, format('%s %s', grantee, privilege_type)
      from information_schema.role_table_grants where table_schema in ('public', 'audit')
    union all
    select 'function', p.oid::regprocedure::text, format('%s %s', p.prosrc, p.proacl)
      from pg_proc as p where p.pronamespace in ('public'::regnamespace, 'audit'::regnamespace)
    union all
    select 'trigger', tgrelid::regclass::text,
           format('%s %s', tgenabled, pg_get_triggerdef(oid))
      from pg_trigger where not tgisinternal
"""
"""Everything of a schema that a migration could leave otherwise than a fresh one has it."""


def upgraded(url, revision):
    """Bring an empty database to an earlier schema."""
    target = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(target)
    folder = resources.files("monthclose.store") / "migrations"
    with engine.begin() as connection:
        connection.exec_driver_sql("set local role monthclose_owner")
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, revision)
        connection.exec_driver_sql(
            "grant select on public.schema_version to monthclose_migrator, monthclose_app"
        )
    engine.dispose()


LINES = {
    "portfolio_entities": "(id, tenant_id, number, code, name, functional_currency)"
    " values (%(company)s, %(tenant)s, 1, 'A', 'A', 'BRL')",
    "mapping_versions": "(id, tenant_id, entity_id, number, first_period, content_hash, created_by)"
    " values (%(version)s, %(tenant)s, %(company)s, 1, '2025-05-01', sha256(''), %(tenant)s)",
    "account_mappings": "(tenant_id, entity_id, mapping_version_id, account_number,"
    " standard_number, share) values"
    " (%(tenant)s, %(company)s, %(version)s, 2, 7, 1),"
    " (%(tenant)s, %(company)s, %(version)s, 1, 8, 1),"
    " (%(tenant)s, %(company)s, %(version)s, 3, 7, 0.5),"
    " (%(tenant)s, %(company)s, %(version)s, 3, 8, 0.5)",
    "entity_chart_of_accounts": "(entity_id, number, code)"
    " values (%(company)s, 2, '1.2'), (%(company)s, 1, '1.1')",
}
"""A company's chart, and a mapping of three accounts, one of them divided."""


@pytest.fixture
def older(empty):
    """A database of the first schema, with the columns of one balance, a chart and a mapping."""
    url = empty.url("monthclose_migrator")
    upgraded(url, "0001")
    with empty.connect() as connection:
        connection.execute("set role monthclose_owner")
        connection.execute("select maintenance.ensure_partitions(2025)")
    with empty.unguarded("trial_balance_columns") as connection:
        connection.execute(
            "insert into trial_balance_columns (entity_id, period, batch_id, account_numbers,"
            " partner_numbers, net) values (gen_random_uuid(), '2025-05-01',"
            " gen_random_uuid(), '{1,2}', '{0,0}', '{5,-5}')"
        )
    for table, rows in LINES.items():
        with empty.unguarded(table) as connection:
            connection.execute(
                f"insert into {table} {rows}",
                {"tenant": UUID(int=1), "company": UUID(int=2), "version": UUID(int=3)},
            )
    return empty


class TestOlder:
    def test_it_becomes_what_a_fresh_one_is(self, older, database):
        """To the last constraint, index, policy, grant, function and trigger."""
        assert migrate(older.url("monthclose_migrator")) is True
        fresh, now = (
            Counter(row for row in each.ask(CATALOGUE.replace("%", "%%")))
            for each in (database, older)
        )
        extra = {(kind, of) for kind, of, _ in (now - fresh) + (fresh - now)}
        years = {str(year) for year in range(2000, 2100)}
        assert {each for each in extra if each[1][-4:] not in years} == set()
        assert {kind for kind, _, _ in fresh} == {
            "column", "constraint", "index", "policy", "grant", "function", "trigger",
        }  # fmt: skip

    def test_what_it_holds_stays(self, older):
        migrate(older.url("monthclose_migrator"))
        assert older.ask("select net, opening from trial_balance_columns") == [([5, -5], None)]

    def test_lists_are_written_as_arrays_too(self, older):
        """Of every portfolio, whoever sees it."""
        migrate(older.url("monthclose_migrator"))
        assert older.ask(
            "select entity_id, mapping_version_id, account_numbers, standard_numbers, divided"
            " from mapping_columns"
        ) == [(UUID(int=2), UUID(int=3), [1, 2], [8, 7], True)]
        assert older.ask("select entity_id, numbers, codes from entity_chart_columns") == [
            (UUID(int=2), [1, 2], "1.1\x1f1.2")
        ]

    def test_row_security_is_in_force_afterwards(self, older):
        migrate(older.url("monthclose_migrator"))
        assert (
            older.ask(
                "select relname from pg_class where relkind in ('r', 'p') and relnamespace ="
                " 'public'::regnamespace and relname <> 'schema_version'"
                " and not (relrowsecurity and relforcerowsecurity)"
            )
            == []
        )

    def test_until_then_it_is_refused_with_what_to_do(self, older):
        with pytest.raises(SchemaBehind, match=r"0001.*monthclose migrate"):
            check_schema(older.url("monthclose_app"))


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
