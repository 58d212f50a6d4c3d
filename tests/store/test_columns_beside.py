"""Arrays beside the lines of mappings and charts say what the lines say, whoever changes them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.store.errors import NotGranted
from tests.store.group import HASH, JUNE, Database
from tests.store.office import Office

pytestmark = pytest.mark.server

MAPPINGS = (
    "select entity_id, mapping_version_id, account_numbers, standard_numbers, divided"
    " from mapping_columns",
    "select entity_id, mapping_version_id,"
    " coalesce(array_agg(account_number order by account_number) filter (where share = 1), '{}'),"
    " coalesce(array_agg(standard_number order by account_number) filter (where share = 1), '{}'),"
    " bool_or(share < 1) from account_mappings group by entity_id, mapping_version_id",
)
CHARTS = (
    "select entity_id, numbers, codes from entity_chart_columns",
    "select entity_id, array_agg(number order by number),"
    " string_agg(code, chr(31) order by number) from entity_chart_of_accounts group by entity_id",
)


def alike(database):
    """Hold every portfolio's arrays against its lines, past row security; how many there are."""
    found = 0
    for beside, lines in (MAPPINGS, CHARTS):
        (differ,) = database.ask(
            f"select count(*), (select count(*) from ({beside}) as b) from"
            f" ((({beside}) except ({lines})) union all (({lines}) except ({beside}))) as d"
        )
        assert differ[0] == 0
        found += differ[1]
    return found


def numbers_of(database: Database, version: UUID) -> list[tuple[Any, ...]]:
    """The arrays of one version."""
    return database.ask(
        "select account_numbers, standard_numbers, divided from mapping_columns"
        " where mapping_version_id = %s",
        version,
    )


@pytest.fixture
def draft(group) -> UUID:
    """A drafted mapping of `A`, of two standard accounts, without a line."""
    made = uuid4()
    facts = {"t": group.tenant, "e": group.entities["A"], "i": made, "p": JUNE, "h": HASH}
    with group.acting("manager") as session:
        session.execute(
            text(
                "insert into standard_chart_of_accounts (tenant_id, number, code, name, class)"
                " values (:t, 1, '1000', 'Cash', 'asset'), (:t, 2, '5000', 'Rent', 'expense')"
            ),
            facts,
        )
    with group.acting("analyst") as session:
        session.execute(
            text(
                "insert into mapping_versions (id, tenant_id, entity_id, number, first_period,"
                " content_hash) values (:i, :t, :e, 1, :p, :h)"
            ),
            facts,
        )
    return made


def change(group, name: str, version: UUID, statement: str) -> None:
    """One statement about the lines of `A`, as one person."""
    with group.acting(name) as session:
        session.execute(
            text(statement), {"t": group.tenant, "e": group.entities["A"], "v": version}
        )


ADDED = (
    "insert into account_mappings (tenant_id, entity_id, mapping_version_id, account_number,"
    " standard_number, share) values "
)


class TestLines:
    def test_of_an_import_and_of_the_next_versions(self, app, database):
        office = Office(app, database)
        sample = office.small()
        office.load(sample)
        targets = {**sample.group.mappings["SUB"].targets, "1.2": (Target("1100"),)}
        office.load(sample.saying(mappings={"SUB": EntityMapping("SUB", targets)}))
        assert alike(database) > 2

    def test_added_changed_and_taken_away(self, group, database, draft):
        change(group, "analyst", draft, ADDED + "(:t, :e, :v, 2, 2, 1)")
        assert numbers_of(database, draft) == [([2], [2], False)]
        change(group, "analyst", draft, ADDED + "(:t, :e, :v, 1, 1, 0.4), (:t, :e, :v, 1, 2, 0.6)")
        assert numbers_of(database, draft) == [([2], [2], True)]
        change(
            group, "analyst", draft,
            "delete from account_mappings where mapping_version_id = :v and share < 0.5",
        )  # fmt: skip
        change(
            group, "analyst", draft,
            "update account_mappings set share = 1 where mapping_version_id = :v",
        )  # fmt: skip
        assert numbers_of(database, draft) == [([1, 2], [2, 2], False)]
        assert alike(database) > 2
        change(group, "analyst", draft, "delete from account_mappings where entity_id = :e")
        assert numbers_of(database, draft) == []
        change(group, "analyst", draft, "delete from mapping_versions where id = :v")
        assert alike(database) > 1

    def test_of_a_chart(self, group, database, draft):
        change(
            group, "manager", draft,
            "insert into entity_chart_of_accounts (entity_id, number, code) values (:e, 9, '9')",
        )  # fmt: skip
        change(
            group, "manager", draft,
            "update entity_chart_of_accounts set code = '1.9' where entity_id = :e and number = 1",
        )  # fmt: skip
        found = database.ask(
            "select numbers, codes from entity_chart_columns where entity_id = %s",
            group.entities["A"],
        )
        assert found == [([1, 2, 9], "1.9\x1f2.1\x1f9")]
        assert alike(database) > 1

    def test_of_two_people_at_once(self, group, database, draft):
        """The second waits for the first, and then writes what both said."""

        def other() -> None:
            change(group, "manager", draft, ADDED + "(:t, :e, :v, 2, 1, 1)")

        with ThreadPoolExecutor(1) as pool:
            with ExitStack() as stack:
                session = stack.enter_context(group.acting("analyst"))
                session.execute(
                    text(ADDED + "(:t, :e, :v, 1, 1, 1)"),
                    {"t": group.tenant, "e": group.entities["A"], "v": draft},
                )
                waiting = pool.submit(other)
                while not database.ask("select from pg_locks where not granted"):
                    assert not waiting.done()
            waiting.result()
        assert numbers_of(database, draft) == [([1, 2], [1, 1], False)]


class TestRights:
    def test_they_are_read_as_the_lines_are(self, group, draft):
        change(group, "analyst", draft, ADDED + "(:t, :e, :v, 1, 1, 1)")
        seen = {}
        for name in ("analyst", "reader", "cfo", "stranger"):
            with group.acting(name) as session:
                seen[name] = [
                    session.scalar(
                        text(f"select count(*) from {table} where entity_id = :e"),
                        {"e": group.entities["A"]},
                    )
                    for table in ("mapping_columns", "entity_chart_columns")
                ]
        assert seen == {"analyst": [1, 1], "reader": [1, 1], "cfo": [0, 0], "stranger": [0, 0]}

    @pytest.mark.parametrize(
        "statement",
        [
            "update mapping_columns set standard_numbers = '{2}' where mapping_version_id = :v",
            "delete from mapping_columns where mapping_version_id = :v",
            "insert into mapping_columns (tenant_id, entity_id, mapping_version_id)"
            " values (:t, :e, :v)",
            "update entity_chart_columns set codes = '' where entity_id = :e",
        ],
    )
    def test_nobody_writes_them_past_the_lines(self, group, draft, statement):
        with pytest.raises(NotGranted):
            change(group, "manager", draft, statement)
