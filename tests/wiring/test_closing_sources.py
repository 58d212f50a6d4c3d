"""A close that reads what is missing from the companies' systems."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from monthclose.connectors.errors import CredentialRefused
from monthclose.groupfolder.files import Document
from monthclose.ledger.budgets import BudgetLine
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.runs import Step, StepStatus
from monthclose.ledger.sources import SourceDocument, Supplement, SupplementLine
from monthclose.store.budgets import load_budget
from monthclose.store.files import CompanyFiles
from monthclose.store.intake import import_group
from monthclose.wiring.build import Desk
from monthclose.wiring.completed import GapLinesWaiting, complete_balances
from tests.connectors.test_omie import COMPANY, KEYS
from tests.wiring.sourced import TARGETS, group, top

pytestmark = pytest.mark.server


def close(place, database, *, pull=False):
    """Close January as the manager, for whom the group's other company sends nothing new."""
    ((login,),) = place.house.ask(
        "select login from users where id = :u", u=place.house.people["manager"]
    )
    desk = Desk(place.house.settings, database, login, place.house.code)
    return desk.close("2025-01", pull=pull)


class TestClose:
    def test_a_month_that_is_missing_is_read_and_what_is_there_is_left_alone(self, place, database):
        place.top("2025-01")
        place.add()
        outcome = close(place, database)
        assert outcome.error is None
        (done,) = outcome.extractions
        assert (done.entity, done.outcome) == ("ALFA", Outcome.TAKEN)
        found = {each.code: each for each in outcome.validation.findings}
        assert found["source-gaps"].subject == "ALFA"
        assert "depreciation" in found["source-gaps"].said("pt-BR")
        assert [r.check for r in outcome.validation.results if r.check == "V12"] == ["V12"]
        calls = place.calls
        again = close(place, database)
        assert (again.extractions, again.computed, place.calls) == ((), (), calls)
        (pulled,) = close(place, database, pull=True).extractions
        assert pulled.outcome is Outcome.STANDING
        assert place.calls > calls

    def test_one_that_cannot_be_read_stops_the_close_by_name(self, place, database):
        place.top("2025-01")
        place.add(secrets={**KEYS, "app_secret": "wrong"})
        outcome = close(place, database)
        assert isinstance(outcome.error, CredentialRefused)
        cells = {(c.entity, c.step): c for c in outcome.run.steps}
        assert cells["ALFA", Step.EXTRACT].status is StepStatus.FAILED
        assert cells["ALFA", Step.EXTRACT].error_code == "source-credential-refused"
        assert cells["TOP", Step.TRANSLATE].status is StepStatus.DONE
        assert (outcome.run.error_entity, outcome.book) == ("ALFA", None)

    def test_a_month_with_nothing_says_what_could_not_be_read(self, place, database):
        place.add(secrets={**KEYS, "app_secret": "wrong"})
        with pytest.raises(CredentialRefused):
            close(place, database)


class TestLookedAt:
    def test_what_was_noted_and_budgeted_reaches_the_close(self, place, database):
        """Rent of 1,500.00 entered twice, so that 3,045.90 came where 500.00 were expected."""
        place.top("2025-01")
        place.add()
        *_, rent = titles = COMPANY.dealings.titles
        again = replace(rent, id="7777777")
        titles = (*titles, again)
        place.serve(replace(COMPANY, dealings=replace(COMPANY.dealings, titles=titles)))
        house = place.house
        budget = [
            BudgetLine("ALFA", "2025-01", "4000", -5_000_00, "BRL"),
            BudgetLine("ALFA", "2025-01", "5000", 500_00, "BRL"),
        ]
        given = (house.engine, house.people["manager"], house.tenant)
        for number in (1, 2):
            paper = Document(f"budget-{number}.csv", str(number).encode(), "")
            load_budget(*given, budget[:number], paper)
        outcome = close(place, database)
        assert outcome.error is None
        found = {each.code: each for each in outcome.validation.findings}
        twice = found["source-title-twice"]
        assert (twice.check, twice.subject, twice.actual) == ("W11", "ALFA", again.amount)
        assert again.document in twice.said("pt-BR")
        missed = {
            each.facts["account"]: (each.expected, each.actual)
            for each in outcome.validation.findings
            if each.check == "W12"
        }
        assert missed["5000"] == (500_00, 3_045_90)
        assert {r.check for r in outcome.validation.results} >= {"W10", "W11", "W12"}


class TestWithinTheGroup:
    def test_what_is_open_with_a_company_of_the_group_names_it(self, place):
        """DELTA owes 5,000.00 of January and is the parent now: its line is the parent's."""
        place.house.do(
            "update portfolio_entities set tax_id = '22.333.444/0001-81'"
            " where tenant_id = :t and code = 'TOP'",
            "operator",
        )
        place.add()
        assert place.pull().outcome is Outcome.TAKEN
        assert place.lines("2025-01") == {
            ("AP", ""): -1_500_00,
            ("AR", ""): 0,
            ("AR:GROUP", "TOP"): 5_000_00,
        }
        assert place.pull().outcome is Outcome.STANDING

    def test_the_next_month_is_derived_from_the_whole_of_it(self, place):
        """DELTA pays the 5,000.00 in February: nothing of it may stay open."""
        place.house.do(
            "update portfolio_entities set tax_id = '22333444000181'"
            " where tenant_id = :t and code = 'TOP'",
            "operator",
        )
        place.add()
        place.pull()
        done = place.pull(period="2025-02")
        assert (done.outcome, done.failing) == (Outcome.TAKEN, ())
        lines = place.lines("2025-02")
        assert lines["AR", ""] == 0
        assert lines["AR:GROUP", "TOP"] == 0

    def test_lines_for_gaps_are_part_of_it_and_close_them(self, place):
        """200.00 of depreciation: expense and the accumulated account, which February keeps."""
        place.add()
        lines = (
            SupplementLine("5.9", "Depreciação", 200_00, 0, "depreciation"),
            SupplementLine("1.9", "Depreciação acumulada", 0, 200_00, "depreciation"),
        )
        given = Supplement("ALFA", "2025-01", "BRL", lines, ("inventory",))
        house = place.house
        ((company,),) = house.ask(
            "select id from portfolio_entities where tenant_id = :t and code = 'ALFA'"
        )
        paper = SourceDocument("gaps.csv", "", "text/csv", b"x", place.clock.now())
        files = CompanyFiles(house.engine, house.people["manager"], house.tenant, company)
        files.take_supplement(given, paper)
        done = place.pull()
        assert done.outcome is Outcome.TAKEN
        assert {"depreciation", "inventory"}.isdisjoint(done.gaps)
        assert place.lines("2025-01", "^[15][.]9$") == {("1.9", ""): -200_00, ("5.9", ""): 200_00}
        place.pull(period="2025-02")
        assert place.lines("2025-02", "^[15][.]9$")["1.9", ""] == -200_00


def worn(amount):
    """Depreciation of January: expense and the accumulated account."""
    lines = (
        SupplementLine("5.9", "Depreciação", amount, 0, "depreciation"),
        SupplementLine("1.9", "Depreciação acumulada", 0, amount, "depreciation"),
    )
    return Supplement("ALFA", "2025-01", "BRL", lines, ("inventory",))


class TestLateLines:
    """Lines for gaps that come after the pull are in the figures of the next close."""

    def take(self, place, given, content):
        house = place.house
        ((company,),) = house.ask(
            "select id from portfolio_entities where tenant_id = :t and code = 'ALFA'"
        )
        paper = SourceDocument("gaps.csv", "", "text/csv", content, place.clock.now())
        CompanyFiles(house.engine, house.people["manager"], house.tenant, company).take_supplement(
            given, paper
        )

    def map_lines(self, place):
        targets = TARGETS | {"5.9": "5000", "1.9": "1000"}
        given = replace(
            group(place.house.code),
            mappings={"ALFA": EntityMapping("ALFA", {a: (Target(t),) for a, t in targets.items()})},
        )
        house = place.house
        import_group(
            house.engine, house.people["operator"], house.people["manager"], given,
            (top("2025-01"),), (),
        )  # fmt: skip

    def columns(self, place, account):
        rows = place.house.ask(
            "select (t.opening * 100)::bigint, (t.debit * 100)::bigint, (t.credit * 100)::bigint,"
            " (t.closing * 100)::bigint from trial_balances t join entity_chart_of_accounts a"
            "   on a.entity_id = t.entity_id and a.number = t.account_number"
            " where a.code = :a and t.batch_id = (select id from etl_batches where tenant_id = :t"
            "   and erp = 'omie' and kind = 'trial_balance' order by number desc limit 1)",
            a=account,
        )
        return [tuple(row) for row in rows]

    def listed(self, place):
        """What the balance in force was made of, by label and hash."""
        ((content,),) = place.house.ask(
            "select d.bytes from etl_batches b join source_documents d"
            "   on d.entity_id = b.entity_id and d.id = b.source_document_id"
            " where b.tenant_id = :t and b.erp = 'omie' and b.kind = 'trial_balance'"
            " order by b.number desc limit 1"
        )
        return [(each["label"], each["sha256"]) for each in json.loads(bytes(content))]

    def test_a_close_takes_them_and_says_so(self, place, database):
        """200.00, then 350.00 instead: the expense of the group is what came last."""
        self.map_lines(place)
        place.add()
        first = close(place, database)
        assert first.error is None
        before = first.book.totals.net_income
        self.take(place, worn(200_00), b"one")
        second = close(place, database)
        ((done,), calls) = (second.extractions, place.calls)
        assert (done.entity, done.outcome) == ("ALFA", Outcome.COMPLETED)
        assert {"depreciation", "inventory"}.isdisjoint(done.gaps)
        assert second.book.totals.net_income == before - 200_00
        self.take(place, worn(350_00), b"two")
        third = close(place, database)
        assert third.book.totals.net_income == before - 350_00
        assert self.columns(place, "5.9") == [(0, 350_00, 0, 350_00)]
        assert self.listed(place)[-1] == ("gaps.csv", sha256(b"two").hexdigest())
        assert (close(place, database).computed, place.calls) == ((), calls)
        # Read anew with the same lines, it is the balance that stands.
        assert place.pull().outcome is Outcome.STANDING

    def test_lines_taken_back_leave_their_gap_open(self, place, database):
        self.map_lines(place)
        place.add()
        self.take(place, worn(200_00), b"one")
        place.pull()
        self.take(place, Supplement("ALFA", "2025-01", "BRL", ()), b"none")
        (done,) = close(place, database).extractions
        assert {"depreciation", "inventory"} <= set(done.gaps)
        assert self.columns(place, "5.9") == []
        assert place.pull().outcome is Outcome.STANDING

    def test_who_may_not_write_is_told_what_waits(self, place, database):
        self.map_lines(place)
        place.add()
        place.pull()
        self.take(place, worn(200_00), b"one")
        house = place.house
        (done,) = complete_balances(house.engine, house.people["reader"], house.tenant, "2025-01")
        assert done.outcome is Outcome.FAILED
        assert isinstance(done.error, GapLinesWaiting)
        assert "ALFA" in done.error.message("pt-BR")
        assert self.columns(place, "5.9") == []
