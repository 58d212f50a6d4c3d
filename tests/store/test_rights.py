"""Who sees and changes what, asked as two people of a real database."""

import contextlib
import re
from datetime import date
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from monthclose.ledger.errors import CloseError
from monthclose.store.errors import NotGranted, OwnWork, RoleCannotWrite, YearWithoutPartition
from monthclose.store.session import acting
from tests.store.group import HASH, JUNE

pytestmark = pytest.mark.server


BEGIN = {
    "recipient": "insert into outside_addresses (tenant_id, kind, address)"
    " values (:t, 'recipient', 'cfo@example.com')",
    "reopening": "insert into reopen_requests (tenant_id, entity_id, period, reason)"
    " values (:t, :a, :p, 'an invoice came late')",
    "exclusion": "insert into entity_exclusions (tenant_id, entity_id, period, reason)"
    " values (:t, :a, :p, 'its books burned')",
    "override": "insert into fx_rates_monthly (tenant_id, base, quote, period, kind, number,"
    " origin, value, source, reason) values (:t, 'USD', 'BRL', :p, 'closing', 1, 'override',"
    " 5.4, 'desk', 'a bulletin was wrong')",
    "rule": "insert into rules (tenant_id, code, first_period, unit, value, source)"
    " values (:t, 'm', :p, '1', '1', 'policy')",
    "connection": "insert into erp_connections (tenant_id, entity_id, erp) values (:t, :a, 'omie')",
    "entity": "insert into portfolio_entities (tenant_id, number, code, name,"
    " functional_currency) values (:t, 9, 'N', 'N', 'BRL')",
    "run": "insert into runs (tenant_id, period) values (:t, :p)",
}
MAY = {
    "recipient": {"operator"},
    "connection": {"operator"},
    "entity": {"operator"},
    "reopening": {"manager", "cfo"},
    "exclusion": {"manager"},
    "override": {"manager"},
    "rule": {"manager", "analyst", "cfo"},
    "run": {"manager", "analyst", "cfo"},
}


class TestEntityData:
    def test_a_writer_reads_back_what_was_loaded(self, group):
        with group.acting("analyst") as session:
            group.load(session, "A")
        with group.acting("analyst") as session:
            assert group.lines(session) == 2

    def test_a_reader_sees_the_entity_granted_and_no_other(self, group):
        with group.acting("manager") as session:
            group.load(session, "A")
            group.load(session, "B")
        with group.acting("reader") as session:
            seen = session.scalars(text("select distinct entity_id from trial_balances")).all()
        assert seen == [group.entities["A"]]

    def test_a_stranger_sees_nothing(self, group):
        with group.acting("manager") as session:
            group.load(session, "A")
        with group.acting("stranger") as session:
            assert group.lines(session) == 0
            assert session.scalars(text("select code from portfolio_entities")).all() == ["Z"]

    def test_a_reader_cannot_insert(self, group):
        with pytest.raises(NotGranted), group.acting("reader") as session:
            group.batch(session, "A")

    @pytest.mark.parametrize(
        "statement",
        [
            "update entity_chart_of_accounts set name = 'mine' where entity_id = :e",
            "delete from openings where entity_id = :e",
        ],
    )
    def test_a_reader_changes_no_row(self, group, statement):
        facts = {"t": group.tenant, "e": group.entities["A"], "p": JUNE}
        with group.acting("manager") as session:
            session.execute(
                text(
                    "insert into standard_chart_of_accounts (tenant_id, number, code, name, class)"
                    " values (:t, 9, '3300', 'RE', 'retained_earnings')"
                ),
                facts,
            )
            session.execute(
                text(
                    "insert into openings (tenant_id, entity_id, period, standard_number, kind,"
                    " translated, currency) values (:t, :e, :p, 9, 'cta', 1, 'USD')"
                ),
                facts,
            )
        with group.acting("reader") as session:
            assert session.execute(text(statement), facts).rowcount == 0
        with group.acting("manager") as session:
            assert session.execute(text(statement), facts).rowcount > 0

    @pytest.mark.parametrize(
        "statement",
        [
            "update trial_balances set closing = 0",
            "delete from trial_balances",
            "truncate trial_balances",
        ],
    )
    def test_nobody_changes_a_loaded_line(self, group, statement):
        with group.acting("manager") as session:
            group.load(session, "A")
        with pytest.raises(NotGranted), group.acting("manager") as session:
            session.execute(text(statement))

    def test_not_yours_reads_like_absent(self, group):
        """The same question about another's entity and about none has the same answer."""
        answers = []
        for entity in (group.entities["Z"], uuid4()):
            group.entities["X"] = entity
            with group.acting("manager") as session:
                rows = session.execute(
                    text("select * from portfolio_entities where id = :e"), {"e": entity}
                ).all()
            with pytest.raises(CloseError) as refused, group.acting("manager") as session:
                group.load(session, "X")
            with pytest.raises(CloseError) as not_locked, group.acting("manager") as session:
                group.open_month(session, "X", JUNE)
            answers.append((rows, str(refused.value), str(not_locked.value)))
        assert answers[0] == answers[1]

    def test_a_key_that_exists_elsewhere_is_refused_like_one_that_does_not(self, group):
        """A unique key of another's row must not answer before its rights do."""
        with group.acting("stranger") as session:
            batch = group.load(session, "Z")
        for line, entity in ((1, "Z"), (7, "Z")):
            with pytest.raises(NotGranted), group.acting("manager") as session:
                session.execute(
                    text(
                        "insert into trial_balances (entity_id, period, batch_id, line,"
                        " account_number, currency, closing) values (:e,:p,:b,:l,1,'BRL',0)"
                    ),
                    {"e": group.entities[entity], "p": JUNE, "b": batch, "l": line},
                )

    def test_copy_is_refused(self, app, group):
        with app.connect() as connection:
            cursor = connection.connection.cursor()
            with pytest.raises(psycopg.errors.FeatureNotSupported):
                cursor.execute("copy trial_balances from stdin")

    def test_the_author_of_a_row_is_the_one_who_acts(self, group):
        with pytest.raises(NotGranted), group.acting("manager") as session:
            session.execute(
                text("insert into runs (tenant_id, period, started_by) values (:t, :p, :u)"),
                {"t": group.tenant, "p": JUNE, "u": group.people["second"]},
            )


class TestNobody:
    def test_no_context_means_no_rows(self, app, group):
        with group.acting("manager") as session:
            group.load(session, "A")
        with app.begin() as connection:
            assert connection.scalar(text("select count(*) from trial_balances")) == 0
            assert connection.scalar(text("select count(*) from users")) == 0

    def test_no_context_means_no_writes(self, app, group):
        with pytest.raises(Exception, match="row-level security"), app.begin() as connection:
            connection.execute(
                text(
                    "insert into entity_chart_of_accounts (entity_id, number, code)"
                    " values (:e, 77, '77')"
                ),
                {"e": group.entities["A"]},
            )

    def test_the_setting_ends_with_the_transaction(self, app, group):
        """Afterwards it reads as an empty string, which must not be taken for a person."""
        with app.connect() as connection:
            with connection.begin():
                connection.execute(
                    text("select set_config('app.user_id', :u, true)"),
                    {"u": str(group.people["manager"])},
                )
                assert connection.scalar(text("select count(*) from portfolio_entities")) == 2
            with connection.begin():
                assert connection.scalar(text("select current_setting('app.user_id', true)")) == ""
                assert connection.scalar(text("select public.current_user_id()")) is None
                assert connection.scalar(text("select count(*) from portfolio_entities")) == 0


class TestPartitions:
    def test_a_partition_yields_nothing_to_anyone(self, group):
        with group.acting("manager") as session:
            group.load(session, "A")
        with pytest.raises(NotGranted), group.acting("manager") as session:
            session.execute(text("select * from trial_balances_2025"))

    def test_a_granted_partition_still_yields_nothing(self, group, database):
        """Row security without policies is the second wall, should a grant slip in."""
        with group.acting("manager") as session:
            group.load(session, "A")
        with database.connect() as connection:
            connection.execute("grant select on trial_balances_2025 to monthclose_app")
            connection.execute("set role monthclose_app")
            connection.execute(
                "select set_config('app.user_id', %s, true)", (str(group.people["manager"]),)
            )
            seen = connection.execute("select count(*) from trial_balances_2025").fetchone()
            through = connection.execute("select count(*) from trial_balances").fetchone()
            connection.rollback()
        assert (seen, through) == ((0,), (2,))

    def test_a_year_without_partition_is_refused_by_name(self, group):
        with group.acting("manager") as session:
            group.open_month(session, "A", date(2002, 1, 1))
        with pytest.raises(YearWithoutPartition), group.acting("manager") as session:
            group.load(session, "A", date(2002, 1, 1))


class TestGroupFigures:
    def see(self, group, name: str):
        with group.acting(name) as session:
            return session.scalar(text("select count(*) from consolidated_balances"))

    def test_they_take_every_entity_or_the_group_grant(self, group):
        with group.acting("manager") as session:
            group.version(session)
        seen = {
            name: self.see(group, name)
            for name in ("manager", "cfo", "analyst", "reader", "stranger", "operator")
        }
        assert seen == {
            "manager": 1,
            "cfo": 1,
            "analyst": 0,
            "reader": 0,
            "stranger": 0,
            "operator": 0,
        }

    def test_the_last_missing_entity_opens_them(self, group):
        with group.acting("manager") as session:
            group.version(session)
        with group.acting("operator") as session:
            group.grant(session, "reader", "B", write=False)
        assert self.see(group, "reader") == 1

    def test_a_new_entity_closes_them_again(self, group):
        with group.acting("manager") as session:
            group.version(session)
        with group.acting("operator") as session:
            session.execute(
                text(
                    "insert into portfolio_entities"
                    " (tenant_id, number, code, name, functional_currency)"
                    " values (:t, 3, 'C', 'C', 'BRL')"
                ),
                {"t": group.tenant},
            )
        assert (self.see(group, "manager"), self.see(group, "cfo")) == (0, 1)

    def test_reading_the_group_does_not_write_it(self, group):
        with pytest.raises(NotGranted), group.acting("cfo") as session:
            group.version(session)

    def test_writing_the_group_takes_writing_every_entity(self, group):
        """The analyst writes A, and may now read B as well."""
        with group.acting("operator") as session:
            group.grant(session, "analyst", "B", write=False)
        with pytest.raises(NotGranted), group.acting("analyst") as session:
            group.version(session)

    def test_the_group_grant_shows_no_entity(self, group):
        with group.acting("manager") as session:
            group.load(session, "A")
        with group.acting("cfo") as session:
            assert group.lines(session) == 0


class TestParts:
    """What each role may begin, beyond what it may see."""

    @pytest.mark.parametrize("what", BEGIN)
    def test_only_who_may_begins_it(self, group, what):
        facts = {"t": group.tenant, "a": group.entities["A"], "p": JUNE}
        done = set()
        for name in ("operator", "manager", "cfo", "analyst", "reader", "stranger"):
            with contextlib.suppress(NotGranted), group.acting(name) as session:
                session.execute(text(BEGIN[what]), facts)
                done.add(name)
                session.rollback()
        assert done == MAY[what]

    def test_a_document_of_the_portfolio_takes_the_group_s_rights(self, group):
        """A workbook of balances holds every entity's."""
        with group.acting("manager") as session:
            session.execute(
                text(
                    "insert into source_documents (tenant_id, sha256, bytes)"
                    " values (:t, sha256('all'), 'all')"
                ),
                {"t": group.tenant},
            )
        seen = {}
        for name in ("manager", "cfo", "reader", "operator"):
            with group.acting(name) as session:
                seen[name] = session.scalar(text("select count(*) from source_documents"))
        assert seen == {"manager": 1, "cfo": 1, "reader": 0, "operator": 0}

    def test_owners_are_seen_by_who_sees_the_company(self, group):
        with group.acting("manager") as session:
            session.execute(
                text(
                    "insert into ownership_interests (tenant_id, holder_id, investee_id, share)"
                    " values (:t, :a, :b, 0.6)"
                ),
                {"t": group.tenant, "a": group.entities["A"], "b": group.entities["B"]},
            )
        seen = {}
        for name in ("manager", "cfo", "reader"):
            with group.acting(name) as session:
                seen[name] = session.scalar(text("select count(*) from ownership_interests"))
        assert seen == {"manager": 1, "cfo": 1, "reader": 0}


class TestGrants:
    def test_the_running_system_cannot_write_rights(self, group):
        for table in ("user_entity_access", "group_grants", "portfolio_members", "users"):
            with pytest.raises(NotGranted), group.acting("operator") as session:
                session.execute(text(f"delete from {table}"))

    @pytest.mark.parametrize("name", ["manager", "analyst", "stranger"])
    def test_only_an_admin_grants(self, group, name):
        with pytest.raises(NotGranted), group.acting(name) as session:
            group.grant(session, "reader", "A", write=False)

    def test_an_admin_does_not_change_own_rights(self, group):
        with pytest.raises(OwnWork), group.acting("operator") as session:
            group.grant(session, "operator", "A", write=False)
        with pytest.raises(OwnWork), group.acting("operator") as session:
            group.set_role(session, group.tenant, "operator", "manager")

    def test_a_reader_is_never_granted_writing(self, group):
        with pytest.raises(RoleCannotWrite), group.acting("operator") as session:
            group.grant(session, "reader", "A", write=True)

    def test_becoming_a_reader_takes_writing_away(self, group):
        with group.acting("operator") as session:
            group.set_role(session, group.tenant, "analyst", "read-only")
        with pytest.raises(NotGranted), group.acting("analyst") as session:
            group.batch(session, "A")

    def test_rights_end_with_the_grant(self, group):
        with group.acting("manager") as session:
            group.load(session, "A")
        with group.acting("operator") as session:
            session.execute(
                text("select public.grant_entities(:t, :u, :e, false, false)"),
                {"t": group.tenant, "u": group.people["reader"], "e": [group.entities["A"]]},
            )
        with group.acting("reader") as session:
            assert group.lines(session) == 0

    def test_a_change_of_rights_ends_older_tokens(self, group, database):
        query = "select token_version from users where id = %s"
        before = database.ask(query, group.people["reader"])
        with group.acting("operator") as session:
            group.grant(session, "reader", "B", write=False)
        assert database.ask(query, group.people["reader"])[0][0] == before[0][0] + 1

    def test_entities_of_another_portfolio_are_not_granted(self, group):
        """The operator is admin of both, and still cannot mix them up."""
        with (
            pytest.raises(Exception, match="user_entity_access_tenant_id_entity_id_fkey"),
            group.acting("operator") as session,
        ):
            session.execute(
                text("select public.grant_entities(:t, :u, :e, true, false)"),
                {"t": group.tenant, "u": group.people["reader"], "e": [group.entities["Z"]]},
            )

    def test_the_password_hash_is_not_read(self, group):
        with pytest.raises(NotGranted), group.acting("operator") as session:
            session.execute(text("select password_hash from users"))

    def test_colleagues_are_seen_and_strangers_are_not(self, group):
        with group.acting("reader") as session:
            names = set(session.scalars(text("select name from users")).all())
        assert names >= {"manager", "analyst", "cfo"}
        assert "stranger" not in names


class TestSpeed:
    def test_the_rights_are_asked_once_a_statement(self, group):
        """A condition asked for each row took minutes on a million rows."""
        with group.acting("manager") as session:
            group.load(session, "A")
            # Workers of one statement ask once each, and how many there are is the data's.
            session.execute(text("set local max_parallel_workers_per_gather = 0"))
            lines = session.scalars(
                text(
                    "explain (analyze, costs off, timing off) select sum(closing)"
                    " from trial_balances where period = :p"
                ),
                {"p": JUNE},
            )
            plan = "\n".join(lines)
        loops = re.findall(r"user_entity_access.*loops=(\d+)", plan)
        assert set(loops) == {"1"}, plan


def test_a_person_unknown_has_no_rights(app, group):
    with acting(app, uuid4()) as session:
        assert group.lines(session) == 0
        assert session.scalar(text("select count(*) from portfolios")) == 0


def test_a_key_belongs_to_one_person(group):
    facts = {"h": HASH}
    statement = text(
        "insert into idempotency_keys (operation, key, request_hash)"
        " values ('run', 'abcdefghijklmnop', :h)"
    )
    for name in ("manager", "second"):
        with group.acting(name) as session:
            session.execute(statement, facts)
    with group.acting("manager") as session:
        assert session.scalar(text("select count(*) from idempotency_keys")) == 1
