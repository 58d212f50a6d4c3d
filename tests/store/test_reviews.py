"""Nobody approves own work, and nothing approved is edited."""

import psycopg
import pytest
from sqlalchemy import text

from monthclose.store.errors import NotGranted, OwnWork, PeriodClosed, ReviewRefused
from tests.store.group import HASH, JUNE, OTHER_HASH

pytestmark = pytest.mark.server


@pytest.fixture
def entry(group):
    """A manual entry of `A`, drafted by the analyst with two lines and submitted."""
    facts = {"t": group.tenant, "e": group.entities["A"], "p": JUNE, "h": HASH}
    with group.acting("manager") as session:
        session.execute(
            text(
                "insert into standard_chart_of_accounts (tenant_id, number, code, name, class)"
                " values (:t, 1, '1000', 'Cash', 'asset'), (:t, 2, '5000', 'Rent', 'expense')"
            ),
            facts,
        )
    with group.acting("analyst") as session:
        made = session.scalar(
            text(
                "insert into journal_entries (tenant_id, entity_id, period, layer, origin, code,"
                " reason, currency, content_hash) values (:t, :e, :p, 'manual', 'drafted',"
                " 'M1', 'rent of June', 'BRL', :h) returning id"
            ),
            facts,
        )
        facts["i"] = made
        session.execute(
            text(
                "insert into journal_entry_lines (entry_id, line, tenant_id, entity_id,"
                " concerns_id, standard_number, currency, amount) values"
                " (:i, 1, :t, :e, :e, 2, 'BRL', 100), (:i, 2, :t, :e, :e, 1, 'BRL', -100)"
            ),
            facts,
        )
    set_to(group, "analyst", made, "submitted")
    return made


def set_to(group, name, entry, status):
    with group.acting(name) as session:
        return session.execute(
            text("update journal_entries set status = :s where id = :i"),
            {"s": status, "i": entry},
        ).rowcount


def edit(group, name, entry):
    with group.acting(name) as session:
        return session.execute(
            text("update journal_entries set reason = reason || '!' where id = :i"), {"i": entry}
        ).rowcount


def facts_of(group, entry):
    with group.acting("manager") as session:
        return session.execute(
            text(
                "select status, created_by, approved_by, approved_hash, editors, version"
                " from journal_entries where id = :i"
            ),
            {"i": entry},
        ).one()


class TestApproval:
    def test_a_second_person_approves(self, group, entry):
        set_to(group, "manager", entry, "approved")
        found = facts_of(group, entry)
        assert (found.status, found.approved_by) == ("approved", group.people["manager"])
        assert len(found.approved_hash) == 32

    def test_the_maker_does_not(self, group, database, entry):
        with group.acting("operator") as session:
            group.set_role(session, group.tenant, "analyst", "manager")
        with pytest.raises(OwnWork):
            set_to(group, "analyst", entry, "approved")

    def test_an_editor_does_not(self, group, entry):
        set_to(group, "second", entry, "draft")
        edit(group, "manager", entry)
        edit(group, "second", entry)
        set_to(group, "analyst", entry, "submitted")
        for name in ("manager", "second"):
            with pytest.raises(OwnWork):
                set_to(group, name, entry, "approved")

    def test_who_edited_before_a_rejection_may_approve_what_others_made_of_it(self, group, entry):
        set_to(group, "manager", entry, "draft")
        edit(group, "manager", entry)
        set_to(group, "manager", entry, "submitted")
        set_to(group, "second", entry, "rejected")
        edit(group, "analyst", entry)
        set_to(group, "analyst", entry, "submitted")
        assert set_to(group, "manager", entry, "approved") == 1

    def test_an_analyst_approves_nothing(self, group, entry):
        with group.acting("operator") as session:
            group.set_role(session, group.tenant, "second", "analyst")
        with pytest.raises(NotGranted):
            set_to(group, "second", entry, "approved")

    def test_a_reader_reaches_it_in_no_state(self, group, entry):
        assert set_to(group, "reader", entry, "approved") == 0

    def test_a_draft_is_not_approved(self, group, entry):
        set_to(group, "analyst", entry, "draft")
        with pytest.raises(ReviewRefused, match="draft to approved"):
            set_to(group, "manager", entry, "approved")

    def test_nothing_starts_approved(self, group):
        with pytest.raises(ReviewRefused), group.acting("manager") as session:
            session.execute(
                text(
                    "insert into rules (tenant_id, code, first_period, unit, value, source,"
                    " status, approved_by) values (:t, 'm', :p, '1', '1', 'us', 'approved', :u)"
                ),
                {"t": group.tenant, "p": JUNE, "u": group.people["second"]},
            )

    def test_who_made_and_approved_it_is_not_taken_from_the_statement(self, group):
        with group.acting("manager") as session:
            made = session.execute(
                text(
                    "insert into rules (tenant_id, code, first_period, unit, value, source,"
                    " created_by, approved_by) values (:t, 'm', :p, '1', '1', 'us', :u, :u)"
                    " returning created_by, approved_by"
                ),
                {"t": group.tenant, "p": JUNE, "u": group.people["second"]},
            ).one()
        assert tuple(made) == (group.people["manager"], None)

    @pytest.mark.parametrize(
        "others", ["", ", editors = '{}'", ", editors = '{}', last_edited_by = null"]
    )
    def test_the_table_itself_refuses_maker_as_checker(self, group, database, entry, others):
        """The constraints hold even where the trigger does not run."""
        set_to(group, "manager", entry, "approved")
        with database.connect() as connection:
            connection.execute("alter table journal_entries disable trigger all")
            with pytest.raises(psycopg.errors.CheckViolation, match="checker_is_no"):
                connection.execute(
                    f"update journal_entries set approved_by = created_by {others} where id = %s",
                    (entry,),
                )
            connection.rollback()

    def test_two_approvals_at_once_count_once(self, group, entry):
        """The second finds no row that is still submitted."""
        once = text(
            "update journal_entries set status = 'approved'"
            " where id = :i and status = 'submitted' and version = :v"
        )
        version = facts_of(group, entry).version
        done = []
        for name in ("manager", "second"):
            with group.acting(name) as session:
                done.append(session.execute(once, {"i": entry, "v": version}).rowcount)
        assert done == [1, 0]


class TestWhatIsApproved:
    @pytest.mark.parametrize("status", ["submitted", "approved"])
    def test_it_is_not_edited(self, group, entry, status):
        if status == "approved":
            set_to(group, "manager", entry, "approved")
        with pytest.raises(ReviewRefused, match=status):
            edit(group, "analyst", entry)

    def test_approving_changes_nothing_else(self, group, entry):
        """Otherwise a second person would approve what nobody submitted."""
        with pytest.raises(ReviewRefused, match="not edited"), group.acting("manager") as session:
            session.execute(
                text(
                    "update journal_entries set status = 'approved', reason = 'other' where id = :i"
                ),
                {"i": entry},
            )

    def test_the_reason_of_a_decision_is_not_rewritten(self, group, entry):
        set_to(group, "manager", entry, "approved")
        with pytest.raises(ReviewRefused), group.acting("second") as session:
            session.execute(
                text("update journal_entries set decision_reason = 'no' where id = :i"),
                {"i": entry},
            )

    def test_it_is_reversed_and_stays(self, group, entry):
        set_to(group, "manager", entry, "approved")
        assert set_to(group, "manager", entry, "reversed") == 1
        with pytest.raises(ReviewRefused):
            set_to(group, "manager", entry, "draft")

    def test_it_is_not_deleted(self, group, entry):
        with pytest.raises(ReviewRefused, match="only a draft"), group.acting("analyst") as session:
            session.execute(text("delete from journal_entries where id = :i"), {"i": entry})

    @pytest.mark.parametrize(
        "change",
        [
            "update journal_entry_lines set amount = 7 where entry_id = :i",
            "delete from journal_entry_lines where entry_id = :i",
            "insert into journal_entry_lines (entry_id, line, tenant_id, entity_id, concerns_id,"
            " standard_number, currency, amount) values (:i, 3, :t, :e, :e, 1, 'BRL', 1)",
        ],
    )
    def test_neither_are_its_lines(self, group, entry, change):
        facts = {"i": entry, "t": group.tenant, "e": group.entities["A"]}
        with pytest.raises(ReviewRefused, match="settled"), group.acting("analyst") as session:
            session.execute(text(change), facts)
        set_to(group, "analyst", entry, "draft")
        with group.acting("analyst") as session:
            assert session.execute(text(change), facts).rowcount > 0

    def test_lines_of_a_closed_month_stay_though_a_draft_were_left(self, group, entry):
        set_to(group, "analyst", entry, "draft")
        with group.acting("manager") as session:
            group.close_month(session, "A", JUNE)
        with pytest.raises(PeriodClosed), group.acting("analyst") as session:
            session.execute(
                text("delete from journal_entry_lines where entry_id = :i"), {"i": entry}
            )

    def test_a_line_is_not_hung_on_an_entry_of_another_entity(self, group, entry):
        """Who may write the group could otherwise slip lines into an entity's entry."""
        set_to(group, "analyst", entry, "draft")
        with pytest.raises(NotGranted), group.acting("manager") as session:
            session.execute(
                text(
                    "insert into journal_entry_lines (entry_id, line, tenant_id, entity_id,"
                    " concerns_id, standard_number, currency, amount)"
                    " values (:i, 3, :t, null, :e, 1, 'BRL', 1)"
                ),
                {"i": entry, "t": group.tenant, "e": group.entities["A"]},
            )


class TestComputed:
    def test_lines_come_with_their_entry_or_not_at_all(self, group):
        """A computed entry is settled with the transaction that made it."""
        line = text(
            "insert into journal_entry_columns (entry_id, tenant_id, entity_numbers,"
            " account_numbers, net) values (:i, :t, '{1,2}', '{1,1}', '{5,-5}')"
        )
        entry = text(
            "insert into journal_entries (tenant_id, period, layer, origin, version_id,"
            " code, reason, currency, content_hash) values (:t, :p, 'elimination',"
            " 'computed', :v, :c, 'pair A-B', 'USD', :h) returning id"
        )
        facts = {"t": group.tenant, "p": JUNE, "h": OTHER_HASH}
        with group.acting("manager") as session:
            facts["v"] = group.version(session)
            made = session.scalar(entry, facts | {"c": "E1"})
            session.execute(line, facts | {"i": made})
            late = session.scalar(entry, facts | {"c": "E2"})
        with pytest.raises(ReviewRefused, match="settled"), group.acting("manager") as session:
            session.execute(line, facts | {"i": late})

    def test_what_a_run_computed_is_not_edited(self, group):
        with group.acting("manager") as session:
            version = group.version(session)
            made = session.scalar(
                text(
                    "insert into journal_entries (tenant_id, period, layer, origin, version_id,"
                    " code, reason, currency, content_hash) values (:t, :p, 'elimination',"
                    " 'computed', :v, 'E1', 'pair A-B', 'USD', :h) returning id"
                ),
                {"t": group.tenant, "p": JUNE, "v": version, "h": OTHER_HASH},
            )
        with pytest.raises(ReviewRefused, match="computed"):
            edit(group, "manager", made)


class TestSignOff:
    SIGN = text(
        "insert into sign_offs (tenant_id, entity_id, period, part, signed_hash)"
        " values (:t, :e, :p, :part, :h)"
    )

    def test_preparer_and_reviewer_are_two_people(self, group):
        facts = {"t": group.tenant, "e": group.entities["A"], "p": JUNE, "h": HASH}
        with group.acting("manager") as session:
            session.execute(self.SIGN, facts | {"part": "preparer"})
        with pytest.raises(OwnWork), group.acting("manager") as session:
            session.execute(self.SIGN, facts | {"part": "reviewer"})
        with pytest.raises(NotGranted), group.acting("analyst") as session:
            session.execute(self.SIGN, facts | {"part": "reviewer"})
        with group.acting("second") as session:
            session.execute(self.SIGN, facts | {"part": "reviewer"})
