"""Columns go in and come out as they are."""

import numpy as np
import pytest
from sqlalchemy import text

from monthclose.store import bulk
from monthclose.store.bulk import fetch, insert_columns, insert_each
from monthclose.store.errors import NotGranted
from monthclose.store.tables import entity_chart_of_accounts, trial_balance_columns, trial_balances
from tests.store.group import JUNE

pytestmark = pytest.mark.server


def columns_of(group, batch, **columns):
    return {
        "entity_id": group.entities["A"],
        "period": JUNE,
        "batch_id": batch,
        "line": [1, 2],
        "account_number": [1, 2],
        "currency": "BRL",
        **columns,
    }


class TestInsertColumns:
    @pytest.mark.parametrize(
        "closing",
        [
            [123_45, -123_45],
            np.array([123_45, -123_45]),
            ["123.45", "-123.45"],
        ],
    )
    def test_integers_for_an_amount_are_minor_units(self, group, closing):
        with group.acting("manager") as session:
            batch = group.batch(session, "A")
            done = insert_columns(
                session, trial_balances, columns_of(group, batch, closing=closing)
            )
            stored = session.scalars(
                text("select closing::text from trial_balances order by line")
            ).all()
        assert (done, stored) == (2, ["123.45", "-123.45"])

    def test_the_largest_amount_is_exact(self, group):
        largest = 900_000_000_000_000 - 1
        with group.acting("manager") as session:
            batch = group.batch(session, "A")
            insert_columns(
                session,
                trial_balances,
                columns_of(group, batch, closing=np.array([largest, -largest]), opening=[None, 1]),
            )
            stored = session.execute(
                text("select opening::text, closing::text from trial_balances order by line")
            ).all()
        assert stored == [(None, "8999999999999.99"), ("0.01", "-8999999999999.99")]

    def test_text_is_data(self, group):
        name = '\'); drop table users; -- {"a"} \\ , NULL'
        with group.acting("manager") as session:
            insert_columns(
                session,
                entity_chart_of_accounts,
                {
                    "entity_id": group.entities["A"],
                    "number": [10, 11],
                    "code": ["a", "b"],
                    "name": [name, "NULL"],
                },
            )
            stored = session.scalars(
                text("select name from entity_chart_of_accounts where number >= 10 order by number")
            ).all()
        assert stored == [name, "NULL"]

    @pytest.mark.parametrize("lines", [1, 4, 5])
    def test_more_rows_than_one_statement_takes_are_all_there(self, group, monkeypatch, lines):
        monkeypatch.setattr(bulk, "MOST", 2)
        with group.acting("manager") as session:
            batch = group.batch(session, "A")
            columns = columns_of(group, batch, closing=np.arange(lines))
            given = {"line": list(range(1, lines + 1)), "account_number": (1,) * lines}
            done = insert_columns(session, trial_balances, columns | given)
            stored = session.scalars(
                text("select (closing * 100)::int from trial_balances order by line")
            ).all()
        assert (done, stored) == (lines, list(range(lines)))

    @pytest.mark.parametrize("columns", [{"line": [1, 2], "closing": [1]}, {"line": 1}])
    def test_columns_of_different_lengths_are_refused(self, group, columns):
        with group.acting("manager") as session, pytest.raises(ValueError, match="one length"):
            insert_columns(session, trial_balances, columns)

    def test_row_security_holds(self, group):
        with pytest.raises(NotGranted), group.acting("stranger") as session:
            insert_columns(
                session,
                entity_chart_of_accounts,
                {"entity_id": group.entities["A"], "number": [10], "code": ["a"]},
            )


class TestColumns:
    def test_the_rows_of_a_batch_become_columns(self, group):
        with group.acting("manager") as session:
            batch = group.load(session, "A")
            assert session.scalar(text("select public.store_columns(:b)"), {"b": batch}) == 2
        with group.acting("reader") as session:
            accounts, partners, net, opening = fetch(
                session,
                "select account_numbers, partner_numbers, net, opening from trial_balance_columns"
                " where entity_id = %(e)s",
                e=group.entities["A"],
            )[0]
        assert (accounts.dtype, net.dtype) == (np.int32, np.int64)
        assert (accounts.tolist(), partners.tolist()) == ([1, 2], [0, 0])
        assert net.tolist() == [100_00, -100_00]
        assert opening is None  # the company gave none

    def test_a_reader_does_not_make_columns(self, group):
        with group.acting("manager") as session:
            batch = group.load(session, "A")
        with pytest.raises(NotGranted), group.acting("reader") as session:
            session.execute(text("select public.store_columns(:b)"), {"b": batch})

    @pytest.mark.parametrize("size", [0, 1, 1000])
    def test_what_goes_in_comes_out(self, group, size):
        numbers = np.arange(size, dtype=np.int32)
        net = np.arange(size, dtype=np.int64) * -(10**14)
        with group.acting("manager") as session:
            batch = group.batch(session, "A")
            insert_each(
                session,
                trial_balance_columns,
                [
                    {
                        "entity_id": group.entities["A"],
                        "period": JUNE,
                        "batch_id": batch,
                        "account_numbers": numbers,
                        "partner_numbers": numbers,
                        "net": net,
                    }
                ],
            )
            back = fetch(session, "select account_numbers, net from trial_balance_columns")[0]
        assert np.array_equal(back[0], numbers)
        assert np.array_equal(back[1], net)

    def test_no_rows_are_no_statement(self, group):
        with group.acting("manager") as session:
            insert_each(session, trial_balance_columns, [])

    def test_a_null_in_a_column_is_not_read_as_a_number(self, group):
        with group.acting("manager") as session, pytest.raises(ValueError, match="no nulls"):
            fetch(session, "select array[1, null]")
