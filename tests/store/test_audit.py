"""The chain finds every edit, and takes none."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from monthclose.store.errors import NotGranted
from tests.store.group import opened

pytestmark = pytest.mark.server

APPEND = text("select seq, hash from audit.append(:t, cast(:e as jsonb))")
GENESIS = bytes(32)


def append(session, tenant, **event):
    return session.execute(APPEND, {"t": tenant, "e": json.dumps(event)}).one()


def chain(database, tenant):
    return database.ask(
        "select seq, prev_hash, hash, body from agent_actions where tenant_id = %s order by seq",
        tenant,
    )


def first_bad(rows):
    """Give the first entry that does not follow from the one before, or 0."""
    before, expected = GENESIS, 1
    for seq, prev_hash, digest, body in rows:
        if (seq, prev_hash, digest) != (
            expected,
            before,
            hashlib.sha256(before + body.encode()).digest(),
        ):
            return expected
        before, expected = digest, expected + 1
    return 0


class TestAppend:
    def test_the_chain_verifies_from_its_genesis(self, group, database):
        with group.acting("manager") as session:
            for number in range(3):
                append(session, group.tenant, action="test", note=f"entry {number}")
        rows = chain(database, group.tenant)
        assert len(rows) > 3  # the grants of the group are in it as well
        assert first_bad(rows) == 0
        head = database.ask(
            "select seq, hash from audit.audit_head where tenant_id = %s", group.tenant
        )
        assert head == [(rows[-1][0], rows[-1][2])]

    def test_an_edit_is_found(self, group, database):
        with group.acting("manager") as session:
            append(session, group.tenant, action="test")
        rows = chain(database, group.tenant)
        seq, before, digest, body = rows[1]
        rows[1] = (seq, before, digest, body.replace('"actor":"', '"actor":"0'))
        assert first_bad(rows) == 2
        del rows[1]
        assert first_bad(rows) == 2

    def test_the_body_says_what_was_done_by_whom(self, group, database):
        with group.acting("manager") as session:
            append(
                session, group.tenant, action="test", actor="somebody else", sum="9.10", name="Ação"
            )
        body = chain(database, group.tenant)[-1][3]
        said = json.loads(body)
        assert said["event"] == {
            "action": "test",
            "actor": str(group.people["manager"]),
            "sum": "9.10",
            "name": "Ação",
        }
        assert sorted(said) == ["event", "occurred_at", "seq", "tenant_id", "v"]
        assert body == json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def test_it_is_undone_with_what_it_records(self, group, database):
        before = chain(database, group.tenant)
        with group.acting("manager") as session:
            append(session, group.tenant, action="test")
            session.rollback()
        assert chain(database, group.tenant) == before

    def test_writers_at_once_leave_no_gap(self, group, database):
        def write(name):
            for number in range(10):
                with group.acting(name) as session:
                    append(session, group.tenant, action="test", number=number)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, ["manager", "second", "analyst", "reader"]))
        rows = chain(database, group.tenant)
        assert first_bad(rows) == 0
        assert sum('"action":"test"' in body for *_, body in rows) == 40

    def test_a_stranger_writes_into_no_chain_but_the_installation_s(self, group):
        with pytest.raises(NotGranted), group.acting("stranger") as session:
            append(session, group.tenant, action="test")
        with group.acting("stranger") as session:
            append(session, None, action="login.failed")

    @pytest.mark.parametrize(
        "event",
        [
            '{"action": "a", "sum": 1.5}',
            '{"action": "a", "id": 9007199254740993}',
            '{"note": "no action"}',
            "[]",
        ],
    )
    def test_what_a_reader_could_misread_is_refused(self, group, event):
        with (
            pytest.raises(Exception, match=r"written as text|with an action"),
            group.acting("manager") as session,
        ):
            session.execute(APPEND, {"t": group.tenant, "e": event})


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-999_999_999, 999_999_999) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def connection(database):
    with database.connect() as opened_:
        yield opened_


@settings(max_examples=200)
@given(value=values)
def test_canonical_text_is_python_s(connection, value):
    """Whoever verifies with another tool gets the same bytes."""
    found = connection.execute(
        "select audit.canonical(%s::jsonb)", (json.dumps(value),)
    ).fetchone()[0]
    assert found == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class TestTamper:
    @pytest.mark.parametrize(
        "statement",
        [
            "update agent_actions set body = '{}'",
            "delete from agent_actions",
            "truncate agent_actions",
            "truncate agent_actions_2026",
            "delete from audit.audit_head",
            "truncate audit.audit_head",
            "delete from credential_access_log",
            "truncate credential_access_log",
            "delete from anchors",
            "truncate anchors",
        ],
    )
    def test_even_a_superuser_in_replica_mode_is_refused(self, group, database, statement):
        with database.connect() as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(
                "insert into anchors values (gen_random_uuid(), 1, sha256(''), 'here')"
            )
            seed_access(connection, group)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(statement)
            connection.rollback()

    def test_the_application_cannot_even_read_it(self, group):
        for statement in (
            "select * from agent_actions",
            "select * from audit.audit_head",
            "insert into agent_actions (seq) values (1)",
        ):
            with pytest.raises(NotGranted), group.acting("manager") as session:
                session.execute(text(statement))


def seed_access(connection, group) -> None:
    facts = {"t": group.tenant, "e": group.entities["A"], "u": group.people["manager"]}
    connection.execute(
        "with made as (insert into erp_connections (tenant_id, entity_id, erp, changed_by)"
        " values (%(t)s, %(e)s, 'omie', %(u)s) returning id)"
        " select id from made",
        facts,
    )
    connection.execute(
        "insert into credential_access_log (tenant_id, entity_id, connection_id, user_id, purpose,"
        " outcome) select %(t)s, %(e)s, id, %(u)s, 'test', 'granted' from erp_connections"
        " where entity_id = %(e)s",
        facts,
    )


class TestAuditor:
    @pytest.fixture
    def auditor(self, database):
        engine = opened(database, "monthclose_auditor")
        yield engine
        engine.dispose()

    def count(self, group, name, auditor, tenant):
        with group.acting(name, auditor) as session:
            return session.scalar(
                text("select count(*) from agent_actions where tenant_id = :t"), {"t": tenant}
            )

    def test_the_whole_chain_takes_the_admin_or_the_group(self, group, database, auditor):
        whole = len(chain(database, group.tenant))
        seen = {
            name: self.count(group, name, auditor, group.tenant)
            for name in ("operator", "cfo", "manager", "stranger", "reader")
        }
        assert seen == {
            "operator": whole,
            "cfo": whole,
            "manager": whole,
            "stranger": 0,
            "reader": 0,
        }

    def test_one_entity_s_part_takes_that_entity(self, group, auditor):
        with group.acting("manager") as session:
            append(session, group.tenant, action="load", entity_id=str(group.entities["A"]))
            append(session, group.tenant, action="load", entity_id=str(group.entities["B"]))
        assert self.count(group, "reader", auditor, group.tenant) == 1

    def test_the_auditor_writes_nothing(self, group, auditor):
        with pytest.raises(NotGranted), group.acting("operator", auditor) as session:
            append(session, group.tenant, action="test")
        with (
            pytest.raises(Exception, match="read-only transaction"),
            group.acting("operator", auditor) as session,
        ):
            session.execute(text("create table mine (x int)"))
