"""A transaction has a person, a pool has limits, a role cannot see past row security."""

from uuid import uuid4

import pytest
from sqlalchemy import create_engine, event, text

from monthclose.store.errors import AutocommitRefused, NobodyActs, ServerTooOld, UnsafeRole
from monthclose.store.session import (
    FACE,
    WORKER,
    Limits,
    UserSession,
    acting,
    as_psycopg,
    check_release,
    find_user,
    open_engine,
)
from tests.store.group import PASSWORDS

pytestmark = pytest.mark.server


class TestActing:
    def test_the_person_is_set_before_anything_else(self, app, group):
        said: list[str] = []

        def listen(_conn, _cursor, statement, *_rest):
            said.append(statement)

        event.listen(app, "before_cursor_execute", listen)
        try:
            with group.acting("manager") as session:
                session.execute(text("select 1"))
        finally:
            event.remove(app, "before_cursor_execute", listen)
        assert "set_config('app.user_id'" in said[0]
        assert said[1:] == ["select 1"]

    def test_a_session_without_a_person_does_nothing(self, app):
        with UserSession(app) as session, pytest.raises(NobodyActs):
            session.execute(text("select 1"))

    def test_autocommit_is_refused(self, app, group):
        """Each statement would commit, and the person be forgotten before the next."""
        loose = app.execution_options(isolation_level="AUTOCOMMIT")
        with (
            pytest.raises(AutocommitRefused),
            acting(loose, group.people["manager"]) as session,
        ):
            session.execute(text("select 1"))

    def test_the_run_is_set_and_forgotten(self, app, group):
        run = uuid4()
        with acting(app, group.people["manager"], run) as session:
            assert session.scalar(text("select public.current_run_id()")) == run
        with acting(app, group.people["manager"]) as session:
            assert session.scalar(text("select public.current_run_id()")) is None

    def test_one_connection_serves_two_people_in_turn(self, database, group):
        engine = open_engine(database.url("monthclose_app"), Limits(connections=1))
        seen = []
        for name in ("manager", "stranger", "manager"):
            with acting(engine, group.people[name]) as session:
                seen.append(session.scalar(text("select count(*) from portfolio_entities")))
        engine.dispose()
        assert seen == [2, 1, 2]

    def test_a_failure_leaves_nothing_behind(self, group):
        def fail(session):
            group.load(session, "A")
            return 1 // 0

        with pytest.raises(ZeroDivisionError), group.acting("manager") as session:
            fail(session)
        with group.acting("manager") as session:
            assert group.lines(session) == 0

    def test_a_second_transaction_of_a_session_acts_for_the_same_person(self, app, group):
        with UserSession(app, info={"user": group.people["manager"]}) as session:
            for _ in range(2):
                assert session.scalar(text("select count(*) from portfolio_entities")) == 2
                session.commit()


class TestEngine:
    @pytest.mark.parametrize(("limits", "statement"), [(FACE, "15s"), (WORKER, "5min")])
    def test_its_limits_hold(self, database, limits, statement):
        engine = open_engine(database.url("monthclose_worker"), limits)
        with engine.connect() as connection:
            found = [
                connection.scalar(text(f"show {name}"))
                for name in (
                    "statement_timeout",
                    "lock_timeout",
                    "idle_in_transaction_session_timeout",
                    "synchronous_commit",
                )
            ]
        engine.dispose()
        assert found == [statement, "3s", "30s", "on"]

    @pytest.mark.parametrize(
        ("role", "problem"),
        [("monthclose_backup", "bypassrls"), ("monthclose_migrator", "member")],
    )
    def test_a_role_that_sees_too_much_is_refused(self, database, role, problem):
        with pytest.raises(UnsafeRole) as refused:
            open_engine(database.url(role))
        assert (refused.value.role, refused.value.problem) == (role, problem)

    def test_the_superuser_is_refused(self, database):
        with pytest.raises(UnsafeRole) as refused:
            open_engine(database.superuser_url)
        assert refused.value.problem == "superuser"

    def test_the_owner_of_a_table_is_refused(self, database):
        with database.connect() as connection:
            connection.execute("create role careless login password 'x' nosuperuser nobypassrls")
            connection.execute("grant connect on database monthclose to careless")
            connection.execute("create table audit.stray (x int)")
            connection.execute("alter table audit.stray owner to careless")
        try:
            url = database.url("monthclose_app").replace("monthclose_app", "careless", 1)
            url = as_psycopg(url).replace(f":{PASSWORDS['monthclose_app']}@", ":x@")
            with pytest.raises(UnsafeRole) as refused:
                open_engine(url)
            assert refused.value.problem == "owner"
        finally:
            with database.connect() as connection:
                connection.execute("drop table audit.stray")
                connection.execute("drop owned by careless; drop role careless")

    @pytest.mark.parametrize(
        ("number", "ok"),
        [
            (150013, False),
            (150014, True),
            (160009, False),
            (170006, True),
            (180000, True),
            (140020, False),
        ],
    )
    def test_a_release_that_leaks_hidden_rows_is_refused(self, number, ok):
        if ok:
            check_release(number)
        else:
            with pytest.raises(ServerTooOld):
                check_release(number)


def test_a_login_is_found_before_anyone_acts(app):
    assert find_user(app, "operator") is not None
    assert find_user(app, "nobody-of-that-name") is None


def test_an_engine_of_another_driver_is_no_surprise(database):
    assert create_engine(as_psycopg(database.url("monthclose_app"))).driver == "psycopg"
