"""A closed month does not change, races included."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from monthclose.store.bulk import insert_columns
from monthclose.store.errors import LockRefused, NotGranted, OwnWork, PeriodClosed
from monthclose.store.intake_charts import open_company_month
from monthclose.store.tables import etl_batches
from tests.store.group import AUGUST, HASH, JULY, JUNE

pytestmark = pytest.mark.server

MOVE = text(
    "update period_locks set state = :s, closed_hash = :h where entity_id = :e and period = :p"
)


def move(group, session, state: str, period=JUNE, code: str = "A"):
    """Ask for a state of an entity's month; give the rows it reached."""
    facts = {"s": state, "h": HASH, "e": group.entities[code], "p": period}
    return session.execute(MOVE, facts).rowcount


def reopening(group, period=JUNE) -> None:
    """Request a reopening as one manager, approve it as another."""
    with group.acting("manager") as session:
        made = session.scalar(
            text(
                "insert into reopen_requests (tenant_id, entity_id, period, reason, status)"
                " values (:t, :e, :p, 'an invoice came late', 'submitted') returning id"
            ),
            {"t": group.tenant, "e": group.entities["A"], "p": period},
        )
    with group.acting("second") as session:
        session.execute(
            text("update reopen_requests set status = 'approved' where id = :i"), {"i": made}
        )


def blocked(database, pids, later) -> None:
    """Come back once *later*, which noted its server process, waits for a lock."""
    while not pids or not database.ask(
        "select from pg_stat_activity where pid = %s and wait_event_type = 'Lock'", pids[0]
    ):
        assert not later.done(), "it did not wait"


class TestTheLock:
    def test_an_open_month_takes_a_balance(self, group):
        with group.acting("manager") as session:
            group.load(session, "A")
            assert group.lines(session) == 2

    def test_a_month_without_a_row_is_locked(self, group):
        with pytest.raises(PeriodClosed, match="2025-07"), group.acting("manager") as session:
            group.load(session, "A", JULY)

    def test_a_closed_month_takes_nothing(self, group):
        with group.acting("manager") as session:
            group.load(session, "A")
            group.close_month(session, "A", JUNE)
        with pytest.raises(PeriodClosed, match="2025-06"), group.acting("manager") as session:
            group.load(session, "A", number=2)

    @pytest.mark.parametrize(
        "change",
        [
            "insert into openings (tenant_id, entity_id, period, standard_number, kind,"
            " translated, currency, label) values (:t, :e, :p, 9, 'cta', 1, 'USD', 'more')",
            "update openings set translated = 2 where entity_id = :e",
            "update openings set period = :next where entity_id = :e",
            "delete from openings where entity_id = :e",
        ],
    )
    def test_neither_insert_nor_update_nor_delete(self, group, change):
        """Moving a row out of a closed month changes the closed month."""
        facts = {"t": group.tenant, "e": group.entities["A"], "p": JUNE, "next": JULY}
        with group.acting("manager") as session:
            session.execute(
                text(
                    "insert into standard_chart_of_accounts (tenant_id, number, code, name,"
                    " class) values (:t, 9, '3300', 'RE', 'retained_earnings')"
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
            group.open_month(session, "A", JULY)
            session.execute(text(change), facts)
            session.rollback()
        with group.acting("manager") as session:
            session.execute(
                text(
                    "insert into standard_chart_of_accounts (tenant_id, number, code, name,"
                    " class) values (:t, 9, '3300', 'RE', 'retained_earnings')"
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
            group.open_month(session, "A", JULY)
            group.close_month(session, "A", JUNE)
        with pytest.raises(PeriodClosed), group.acting("manager") as session:
            session.execute(text(change), facts)

    def test_moving_a_row_into_a_closed_month_is_refused(self, group):
        facts = {"t": group.tenant, "e": group.entities["A"], "p": JUNE, "next": JULY}
        with group.acting("manager") as session:
            group.open_month(session, "A", JULY)
            session.execute(
                text(
                    "insert into standard_chart_of_accounts (tenant_id, number, code, name,"
                    " class) values (:t, 9, '3300', 'RE', 'retained_earnings')"
                ),
                facts,
            )
            session.execute(
                text(
                    "insert into openings (tenant_id, entity_id, period, standard_number, kind,"
                    " translated, currency) values (:t, :e, :next, 9, 'cta', 1, 'USD')"
                ),
                facts,
            )
            group.close_month(session, "A", JUNE)
        with pytest.raises(PeriodClosed, match="2025-06"), group.acting("manager") as session:
            session.execute(text("update openings set period = :p where entity_id = :e"), facts)

    def test_one_entity_closed_leaves_the_other_open(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
            group.load(session, "B")

    @pytest.mark.parametrize("closed", ["A", "B"])
    def test_one_closed_month_among_many_refuses_the_statement(self, group, closed):
        with group.acting("manager") as session:
            group.open_month(session, "A", JULY)
        with group.acting("manager") as session:
            group.close_month(session, closed, JUNE)
        given = {
            "tenant_id": group.tenant,
            "kind": "trial_balance",
            "currency": "BRL",
            "number": 1,
            "line_count": 0,
            "content_hash": HASH,
        }
        months = [("A", JUNE), ("B", JUNE), ("A", JULY)]
        columns = {
            "entity_id": [group.entities[code] for code, _ in months],
            "period": [period for _, period in months],
        }
        with pytest.raises(PeriodClosed, match="2025-06"), group.acting("manager") as session:
            insert_columns(session, etl_batches, given | columns)
        left = [place for place, (code, _) in enumerate(months) if code != closed]
        still = {name: [each[place] for place in left] for name, each in columns.items()}
        with group.acting("manager") as session:
            assert insert_columns(session, etl_batches, given | still) == len(left)

    def test_the_group_s_month_closes_after_every_entity_s(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        with pytest.raises(LockRefused, match="every entity"), group.acting("manager") as session:
            group.close_group(session, JUNE)
        with group.acting("manager") as session:
            group.close_month(session, "B", JUNE)
            group.close_group(session, JUNE)

    def test_a_closed_group_month_takes_no_version(self, group):
        with group.acting("manager") as session:
            for code in "AB":
                group.close_month(session, code, JUNE)
            group.close_group(session, JUNE)
        with pytest.raises(PeriodClosed), group.acting("manager") as session:
            group.version(session)

    def test_the_monthly_rate_of_a_closed_month_stays(self, group):
        rate = text(
            "insert into fx_rates_monthly (tenant_id, base, quote, period, kind, number, origin,"
            " value, source) values (:t, 'USD', 'BRL', :p, 'closing', :n, 'imported', 5.4, 'BCB')"
        )
        facts = {"t": group.tenant, "p": JUNE, "s": "", "h": HASH}
        with group.acting("manager") as session:
            session.execute(rate, facts | {"n": 1})
            for code in "AB":
                group.close_month(session, code, JUNE)
            group.close_group(session, JUNE)
        with pytest.raises(PeriodClosed), group.acting("manager") as session:
            session.execute(rate, facts | {"n": 2})
        with pytest.raises(NotGranted), group.acting("cfo") as session:
            session.execute(rate, facts | {"n": 3})


class TestRaces:
    """The writer and the closer, each in a transaction of its own, one waiting for the other."""

    @pytest.fixture
    def in_turn(self, group, database) -> Callable[..., BaseException | None]:
        """Do *first*, have *then* wait for it, commit *first*, and give how *then* went."""

        def run(first, then):
            with ThreadPoolExecutor(1) as pool:
                with group.acting("manager") as one:
                    first(one)
                    pids: list[int] = []

                    def other():
                        with group.acting("second") as two:
                            pids.append(two.scalar(text("select pg_backend_pid()")))
                            then(two)

                    later = pool.submit(other)
                    blocked(database, pids, later)
                return later.exception(timeout=30)

        return run

    def test_two_companies_open_a_month_that_nobody_has_opened(self, group, in_turn):
        """The second finds the group's month opened by the first."""

        def opening(code: str):
            company = group.entities[code]
            return lambda session: open_company_month(session, group.tenant, company, "2025-07")

        assert in_turn(opening("A"), opening("B")) is None
        facts = {"t": group.tenant, "p": JULY}
        with group.acting("manager") as session:
            opened = session.execute(
                text(
                    "select e.code from period_locks as l"
                    " join portfolio_entities as e on e.id = l.entity_id"
                    " where l.tenant_id = :t and l.period = :p order by e.code"
                ),
                facts,
            ).scalars()
            assert [*opened] == ["A", "B"]
            of_group = text("select count(*) from group_locks where tenant_id = :t and period = :p")
            assert session.scalar(of_group, facts) == 1

    def test_the_closer_waits_for_the_writer_and_sees_its_rows(self, group, in_turn):
        seen: list[int] = []

        def close(session):
            move(group, session, "closing")
            seen.append(group.lines(session))

        assert in_turn(lambda session: group.load(session, "A"), close) is None
        assert seen == [2]

    def test_a_writer_that_comes_while_it_closes_is_refused(self, group, in_turn):
        def close(session):
            group.close_month(session, "A", JUNE)

        refused = in_turn(close, lambda session: group.load(session, "A"))
        assert isinstance(refused, PeriodClosed)
        with group.acting("manager") as session:
            assert group.lines(session) == 0

    def test_two_writers_do_not_wait_for_each_other(self, group):
        with group.acting("manager") as one, group.acting("second") as two:
            group.load(one, "A", number=1)
            group.load(two, "A", number=2)


class TestStates:
    def test_only_a_manager_closes(self, group):
        with pytest.raises(NotGranted), group.acting("analyst") as session:
            move(group, session, "closing")

    def test_a_reader_reaches_no_lock(self, group):
        with group.acting("reader") as session:
            assert move(group, session, "closing") == 0

    def test_open_does_not_become_closed_at_once(self, group):
        with pytest.raises(LockRefused, match="open to closed"), group.acting("manager") as session:
            move(group, session, "closed")

    def test_the_month_before_closes_first(self, group):
        with group.acting("manager") as session:
            group.open_month(session, "A", JULY)
        with pytest.raises(LockRefused, match="earlier month"), group.acting("manager") as session:
            move(group, session, "closing", JULY)

    def test_a_month_opens_after_the_one_before_is_closed(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
            group.open_month(session, "A", JULY)
        with pytest.raises(LockRefused, match="opens when"), group.acting("manager") as session:
            group.open_month(session, "A", AUGUST.replace(month=9))

    def test_a_month_does_not_start_closed(self, group):
        with pytest.raises(LockRefused), group.acting("manager") as session:
            session.execute(
                text(
                    "insert into period_locks (entity_id, tenant_id, period, state, closed_hash)"
                    " values (:e, :t, :p, 'closed', :h)"
                ),
                {"e": group.entities["A"], "t": group.tenant, "p": JULY, "h": HASH},
            )

    def test_a_lock_is_not_deleted(self, group):
        with pytest.raises(NotGranted), group.acting("manager") as session:
            session.execute(text("delete from period_locks"))


class TestReopen:
    def test_it_takes_an_approved_request(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        with pytest.raises(LockRefused, match="no approved"), group.acting("manager") as session:
            move(group, session, "reopened")

    def test_with_one_the_month_takes_rows_again(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        reopening(group)
        with group.acting("manager") as session:
            move(group, session, "reopened")
            group.load(session, "A")
            assert group.lines(session) == 2

    def test_a_request_approved_before_the_month_was_closed_is_worth_nothing(self, group):
        reopening(group)
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        with pytest.raises(LockRefused, match="no approved"), group.acting("manager") as session:
            move(group, session, "reopened")

    def test_later_months_must_be_open(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
            group.open_month(session, "A", JULY)
            group.close_month(session, "A", JULY)
        reopening(group)
        with pytest.raises(LockRefused, match="later month"), group.acting("manager") as session:
            move(group, session, "reopened")

    def test_it_lasts_72_hours_at_most_and_then_locks_by_itself(self, group, database):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        reopening(group)
        with group.acting("manager") as session:
            move(group, session, "reopened")
            within = session.scalar(
                text(
                    "select reopened_until <= now() + interval '72 hours' from period_locks"
                    " where entity_id = :e"
                ),
                {"e": group.entities["A"]},
            )
        assert within
        with database.connect() as connection:
            # Three days pass.
            connection.execute("alter table period_locks disable trigger guard_lock")
            connection.execute(
                "update period_locks set reopened_until = now() - interval '1 second'"
                " where entity_id = %s",
                (group.entities["A"],),
            )
            connection.execute("alter table period_locks enable always trigger guard_lock")
        with pytest.raises(PeriodClosed), group.acting("manager") as session:
            group.load(session, "A")

    def test_it_is_not_prolonged(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        reopening(group)
        with group.acting("manager") as session:
            move(group, session, "reopened")
        with group.acting("analyst") as session:
            session.execute(text("update period_locks set reopened_until = '2099-01-01'"))
            until = session.scalar(
                text("select max(reopened_until) < '2099-01-01' from period_locks")
            )
        assert until

    def test_what_a_closed_month_was_closed_with_stays(self, group):
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        with pytest.raises(LockRefused), group.acting("manager") as session:
            move(group, session, "closed")

    def test_nobody_approves_own_request(self, group):
        with group.acting("manager") as session:
            session.execute(
                text(
                    "insert into reopen_requests (tenant_id, entity_id, period, reason, status)"
                    " values (:t, :e, :p, 'an invoice came late', 'submitted')"
                ),
                {"t": group.tenant, "e": group.entities["A"], "p": JUNE},
            )
        with pytest.raises(OwnWork), group.acting("manager") as session:
            session.execute(text("update reopen_requests set status = 'approved'"))

    def test_the_admin_may_be_the_second_person(self, group):
        with group.acting("manager") as session:
            session.execute(
                text(
                    "insert into reopen_requests (tenant_id, period, reason, status)"
                    " values (:t, :p, 'an invoice came late', 'submitted')"
                ),
                {"t": group.tenant, "p": JUNE},
            )
        with group.acting("operator") as session:
            done = session.execute(
                text("update reopen_requests set status = 'approved' where tenant_id = :t"),
                {"t": group.tenant},
            )
        assert done.rowcount == 1
