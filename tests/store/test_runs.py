"""A run is stored step by step, one a month, and survives whoever ran it."""

import gc
import sys
import time
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from monthclose.close.runner import Closer
from monthclose.close.states import CloseState, state_of
from monthclose.close.steps import EntityDesk
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.ledger.money import total
from monthclose.ledger.runs import (
    ENTITY_STEPS,
    GROUP_STEPS,
    CloseInputs,
    Printed,
    RunStatus,
    Step,
    StepRecord,
    StepStatus,
)
from monthclose.store.books import keep
from monthclose.store.errors import NotGranted, PeriodClosed
from monthclose.store.runs import RunInProgress, RunOvertaken
from tests.store.office import Office
from tests.store.sample import large

pytestmark = pytest.mark.server

MAY = "2025-05"
HASH, OTHER = "11" * 32, "22" * 32
CODES = ("SUB", "TOP", "JP")


class Paperless:
    """A press that only says what it would have printed."""

    def workbook(self, book, validation, label, trail, cash, metrics=()):
        content = f"{book.digest} {label}".encode()
        return Printed(
            "workbook",
            f"{label}.xlsx",
            sha256(content).hexdigest(),
            len(content),
            f"packs/{label}.xlsx",
        )


@pytest.fixture
def office(app, database):
    return Office(app, database)


@pytest.fixture
def loaded(office):
    office.load(office.small())
    return office


def closer(office, code="1", name="manager"):
    return Closer(office.records(name), office.runs(name), Paperless(), code, time.monotonic)


def book_of(office, period=MAY):
    desk = EntityDesk(office.records().inputs(period), period, lambda: 0.0)
    desk.work()
    return desk.engine.consolidate(period)


def inputs_of(book):
    """The month that a book was made of."""
    return CloseInputs(book.group, book.raw)


def consolidated(book):
    """The cell that finishes with a book."""
    return StepRecord(Step.CONSOLIDATE, "", StepStatus.DONE, 1, HASH, book.digest, 3, 0.25)


class TestLife:
    def test_a_run_begins_with_every_step_waiting(self, loaded):
        with loaded.runs() as runs:
            run = runs.begin(MAY, HASH, CODES, "1")
            stored = runs.latest(MAY)
        assert stored == run
        assert run.status is RunStatus.RUNNING
        wanted = [(step, code) for code in CODES for step in ENTITY_STEPS]
        wanted += [(step, "") for step in GROUP_STEPS]
        assert [(cell.step, cell.entity) for cell in run.steps] == wanted
        assert {cell.status for cell in run.steps} == {StepStatus.WAITING}

    def test_cells_are_read_back_as_they_were_finished(self, loaded):
        done = [
            StepRecord(Step.EXTRACT, "SUB", StepStatus.DONE, 1, HASH, OTHER, 7, 0.125),
            StepRecord(Step.MAP, "TOP", StepStatus.DONE, 0, OTHER, HASH, 2**40, 3.5),
            StepRecord(Step.INTERCOMPANY, "", StepStatus.NOT_APPLICABLE),
        ]
        with loaded.runs() as runs:
            run = runs.begin(MAY, HASH, CODES, "1")
            runs.finish(run.id, done)
            runs.finish(run.id, [])
            stored = runs.latest(MAY)
        cells = {(cell.step, cell.entity): cell for cell in stored.steps}
        assert [cells[each.step, each.entity] for each in done] == done

    def test_a_cell_that_the_matrix_lacks_is_a_mistake(self, loaded):
        with loaded.runs() as runs:
            run = runs.begin(MAY, HASH, ["SUB"], "1")
            with pytest.raises(LookupError):
                runs.finish(run.id, [StepRecord(Step.MAP, "TOP", StepStatus.DONE)])

    def test_a_whole_close(self, loaded):
        outcome = closer(loaded).run(MAY)
        run = outcome.run
        assert (run.status, run.label) == (RunStatus.COMPLETED, f"{MAY}@1")
        assert run.result_hash == outcome.book.digest
        assert state_of(run.status, ((s.step, s.status) for s in run.steps)) is CloseState.COMPLETED
        assert [printed.path for printed in run.reports] == [f"packs/{MAY}@1.xlsx"]
        assert [printed.name for printed in run.reports] == [f"{MAY}@1.xlsx"]
        assert {cell.status for cell in run.steps} == {
            StepStatus.DONE,
            StepStatus.NOT_APPLICABLE,
        }
        assert loaded.actions()[-4:] == [
            "run.start",
            "version.make",
            "report.make",
            "run.complete",
        ]

    def test_the_same_again_computes_nothing(self, loaded):
        first = closer(loaded).run(MAY)
        before = loaded.everything()
        again = closer(loaded).run(MAY)
        assert (again.computed, again.run) == ((), first.run)
        assert loaded.everything() == before

    def test_a_step_that_fails_says_where_and_why(self, loaded):
        sample = loaded.small()
        raw = sample.of("SUB", MAY)
        loaded.load(sample.having(replace(raw, amounts=raw.amounts + (raw.amounts == 400_00))))
        outcome = closer(loaded).run(MAY)
        run = outcome.run
        assert (run.status, run.error_code) == (RunStatus.FAILED, "trial-balance-unbalanced")
        assert (run.error_entity, run.error) == ("SUB", str(outcome.error))
        assert "0.01" in run.error
        done = {c.step for c in run.steps if c.entity == "TOP" and c.status is StepStatus.DONE}
        assert done == set(ENTITY_STEPS)
        # Who does not see the company sees that the run failed, and no figure of it.
        loaded.add("reader", "read-only", "JP")
        seen = loaded.runs("reader").latest(MAY)
        assert (seen.error_code, seen.error_entity, seen.error) == (run.error_code, "", "")

    def test_after_a_failure_the_next_run_begins(self, loaded):
        with loaded.runs() as runs:
            run = runs.begin(MAY, HASH, CODES, "1")
            runs.fail(run.id, StepRecord(Step.MAP, "JP", StepStatus.FAILED, 1, error_code="x-y"))
            failed = runs.latest(MAY)
            runs.begin(MAY, HASH, CODES, "1")
        assert (failed.status, failed.error_code, failed.error_entity) == (
            RunStatus.FAILED,
            "x-y",
            "JP",
        )


class TestOneAtATime:
    def test_a_second_run_is_refused_and_told_which_is_active(self, loaded):
        with loaded.runs() as runs, loaded.runs() as others:
            run = runs.begin(MAY, HASH, CODES, "1")
            with pytest.raises(RunInProgress) as raised:
                others.begin(MAY, HASH, CODES, "1")
            assert raised.value.run == run.id
            runs.complete(run.id, HASH)
            others.begin(MAY, HASH, CODES, "1")

    def test_a_run_whose_process_died_is_ended_by_the_next(self, loaded):
        runs = loaded.runs()
        run = runs.begin(MAY, HASH, CODES, "1")
        pids = loaded.ask("select pid from pg_locks where locktype = 'advisory' and granted")
        loaded.kill(pids[0][0])
        with loaded.runs() as others:
            following = others.begin(MAY, OTHER, CODES, "1")
            assert others.latest(MAY).id == following.id
            rows = loaded.ask(
                "select id::text, status, error_code from runs where tenant_id = %(t)s"
                " order by created_at"
            )
        assert rows == [(run.id, "failed", "run-abandoned"), (following.id, "running", None)]
        assert "run.abandon" in loaded.actions()
        runs.close()

    def test_the_run_that_was_abandoned_is_named(self, loaded):
        with loaded.runs() as runs:
            runs.begin(MAY, HASH, CODES, "1")
        with loaded.acting("manager") as session:
            session.execute(text("update runs set status = 'failed', error_code = 'run-abandoned'"))
        assert "close the month again" in loaded.runs().latest(MAY).error

    def test_whoever_was_overtaken_stores_nothing_more(self, loaded):
        runs = loaded.runs()
        run = runs.begin(MAY, HASH, CODES, "1")
        loaded.kill(
            loaded.ask("select pid from pg_locks where locktype = 'advisory' and granted")[0][0]
        )
        book = book_of(loaded)
        with loaded.runs() as others:
            others.begin(MAY, OTHER, CODES, "1")
            for late in (
                lambda: runs.finish(run.id, [StepRecord(Step.MAP, "JP", StepStatus.DONE, 1)]),
                lambda: runs.keep_book(run.id, consolidated(book), book, inputs_of(book)),
                lambda: runs.complete(run.id, HASH),
            ):
                with pytest.raises(RunOvertaken):
                    late()
        assert loaded.ask("select count(*) from close_versions where tenant_id = %(t)s") == [(0,)]
        runs.close()

    def test_runs_that_nobody_holds_any_more_let_go(self, loaded):
        runs = loaded.runs()
        runs.begin(MAY, HASH, CODES, "1")
        del runs
        gc.collect()
        with loaded.runs() as others:
            others.begin(MAY, HASH, CODES, "1")

    def test_a_begin_that_is_refused_lets_go(self, loaded):
        loaded.add("reader", "read-only")
        refused = loaded.runs("reader")
        with pytest.raises(NotGranted):
            refused.begin(MAY, HASH, CODES, "1")
        with loaded.runs() as runs:
            runs.begin(MAY, HASH, CODES, "1")

    def test_another_month_and_another_portfolio_are_free(self, app, database, loaded):
        other = Office(app, database)
        other.load(other.small())
        with loaded.runs() as runs, other.runs() as theirs:
            runs.begin(MAY, HASH, CODES, "1")
            theirs.begin(MAY, HASH, CODES, "1")


class TestRights:
    def test_a_stranger_runs_and_sees_nothing(self, loaded):
        closer(loaded).run(MAY)
        with pytest.raises((NotGranted, PeriodClosed)):
            loaded.runs("stranger").begin(MAY, HASH, CODES, "1")
        assert loaded.runs("stranger").latest(MAY) is None
        with loaded.acting("stranger") as session:
            for table in ("runs", "run_steps", "close_versions", "entity_layers", "reports"):
                assert session.scalar(text(f"select count(*) from {table}")) == 0

    def test_who_sees_one_company_sees_its_layers_alone(self, loaded):
        closer(loaded).run(MAY)
        loaded.add("reader", "read-only", "JP")
        counts = {}
        with loaded.acting("reader") as session:
            for table in ("entity_layers", "group_layers", "journal_entries", "version_pins"):
                counts[table] = session.scalar(text(f"select count(*) from {table}"))
        assert counts == {
            "entity_layers": 2,
            "group_layers": 0,
            "journal_entries": 0,
            "version_pins": 0,
        }


class TestVersions:
    def test_a_version_holds_the_book(self, loaded):
        book = closer(loaded).run(MAY).book
        rows = loaded.ask(
            "select a.code, (b.amount * 100)::bigint from consolidated_balances b"
            " join standard_chart_of_accounts a"
            "   on a.tenant_id = b.tenant_id and a.number = b.standard_number"
            " where b.tenant_id = %(t)s"
        )
        assert rows
        assert all(book.figure(account) == amount for account, amount in rows)
        assert sum(amount for _, amount in rows) == 0
        layers = dict(loaded.ask("select layer, net from group_layers where tenant_id = %(t)s"))
        assert sorted(layers["total"]) == sorted(a for a in book.consolidated.tolist() if a)
        assert all(sum(net) == 0 for net in layers.values())
        assert set(layers) <= {layer.value for layer in GROUP_LAYERS} | {"total"}

    def test_each_company_s_layers_sum_to_zero_and_name_their_source(self, loaded):
        closer(loaded).run(MAY)
        rows = loaded.ask(
            "select e.code, l.layer, l.currency, l.net, l.partner_numbers, l.lineage"
            " from entity_layers l join portfolio_entities e on e.id = l.entity_id"
            " where l.tenant_id = %(t)s"
        )
        assert {(row[0], row[1]) for row in rows} == {
            (code, layer) for code in CODES for layer in ("reported", "translation")
        }
        assert all(sum(row[3]) == 0 for row in rows)
        reported = {row[0]: row for row in rows if row[1] == "reported"}
        assert reported["SUB"][5]["source"] == "sub.csv"
        assert reported["SUB"][5]["mapping"] == 1
        assert UUID(reported["SUB"][5]["batch"]).version == 4
        assert any(reported["SUB"][4])
        assert not any(reported["JP"][4])
        assert {row[2] for row in rows if row[1] == "translation"} == {"USD"}

    def test_entries_keep_reason_and_lines(self, loaded):
        book = closer(loaded).run(MAY).book
        rows = loaded.ask(
            "select j.code, j.layer, j.reason, j.lineage ->> 'standard', c.net"
            " from journal_entries j join journal_entry_columns c on c.entry_id = j.id"
            " where j.tenant_id = %(t)s"
        )
        wanted = [
            (e.id, e.layer.value, e.reason, e.standard, [line.amount for line in e.lines])
            for e in book.entries
        ]
        assert sorted(rows) == sorted(wanted)

    def test_the_same_figures_stay_the_same_version(self, loaded):
        first = closer(loaded, "1").run(MAY).run
        other = closer(loaded, "2").run(MAY).run
        assert other.id != first.id
        assert (first.label, other.label) == (f"{MAY}@1", f"{MAY}@1")
        assert [printed.sha256 for printed in other.reports] == [
            printed.sha256 for printed in first.reports
        ]
        assert loaded.ask("select count(*) from close_versions where tenant_id = %(t)s") == [(1,)]

    def test_new_figures_are_the_next_version(self, loaded):
        """A, then B, then A again: three versions, each run keeps its own."""
        sample = loaded.small()
        raw = sample.of("TOP", MAY)
        moved = raw.amounts.copy()
        moved[[0, 4]] += [-5, 5]
        other = sample.having(replace(raw, amounts=moved))
        runs = [closer(loaded).run(MAY).run]
        for each in (other, sample):
            loaded.load(each)
            runs.append(closer(loaded).run(MAY).run)
        assert [run.label for run in runs] == [f"{MAY}@1", f"{MAY}@2", f"{MAY}@3"]
        assert runs[0].result_hash == runs[2].result_hash != runs[1].result_hash
        assert loaded.ask(
            "select number, status from close_versions where tenant_id = %(t)s order by number"
        ) == [(1, "superseded"), (2, "superseded"), (3, "current")]
        assert loaded.actions().count("version.make") == 3

    def test_a_connection_that_dies_leaves_no_part_of_a_version(self, loaded, monkeypatch):
        book = book_of(loaded)

        def die(session, *rest):
            kept = keep(session, *rest)
            loaded.kill(session.scalar(text("select pg_backend_pid()")))
            return kept

        with loaded.runs() as runs:
            run = runs.begin(MAY, HASH, CODES, "1")
            monkeypatch.setattr("monthclose.store.runs.keep", die)
            with pytest.raises(DBAPIError):
                runs.keep_book(run.id, consolidated(book), book, inputs_of(book))
            monkeypatch.undo()
            for table in ("close_versions", "entity_layers", "journal_entries", "version_pins"):
                assert loaded.ask(f"select count(*) from {table} where tenant_id = %(t)s") == [(0,)]
            cells = {cell.step: cell.status for cell in runs.latest(MAY).steps}
            assert cells[Step.CONSOLIDATE] is StepStatus.WAITING
            assert runs.keep_book(run.id, consolidated(book), book, inputs_of(book)) == 1


class TestLocks:
    def test_a_locked_month_is_not_run(self, loaded):
        loaded.lock(MAY)
        with pytest.raises(PeriodClosed):
            loaded.runs().begin(MAY, HASH, CODES, "1")

    def test_a_completed_month_that_is_locked_still_answers(self, loaded):
        run = closer(loaded).run(MAY).run
        loaded.lock(MAY)
        assert closer(loaded).run(MAY).run == run

    def test_a_lock_that_comes_in_between_stops_the_version(self, loaded):
        book = book_of(loaded)
        with loaded.runs() as runs:
            run = runs.begin(MAY, HASH, CODES, "1")
            loaded.lock(MAY)
            with pytest.raises(PeriodClosed):
                runs.keep_book(run.id, consolidated(book), book, inputs_of(book))
            cells = {cell.step: cell.status for cell in runs.latest(MAY).steps}
        assert cells[Step.CONSOLIDATE] is StepStatus.WAITING
        assert loaded.ask("select count(*) from close_versions where tenant_id = %(t)s") == [(0,)]


class TestFindings:
    def test_every_check_is_stored_with_what_it_found(self, loaded):
        validation = closer(loaded).run(MAY).validation
        rows = loaded.ask(
            "select check_code, line, passed, blocking, facts from validation_results"
            " where tenant_id = %(t)s order by check_code, line"
        )
        checks = {row[0]: row for row in rows if row[1] == 1}
        assert set(checks) == {result.check for result in validation.results}
        for result in validation.results:
            _, _, passed, blocking, facts = checks[result.check]
            assert (passed, blocking) == (result.passed, False)
            assert facts["unexplained"] == str(result.unexplained)
            assert facts["population"] == result.population
            assert facts["ratio"] == str(result.ratio)
        found = [(row[0], row[4]["code"], row[4]["subject"]) for row in rows if row[1] > 1]
        assert found
        assert sorted(found) == sorted((f.check, f.code, f.subject) for f in validation.findings)

    def test_an_amount_of_a_finding_is_a_column_too(self, loaded):
        """W1: the payable to the parent, 30.00 reais at 6.25, stands alone at -4.80."""
        closer(loaded).run(MAY)
        rows = loaded.ask(
            "select actual::text from validation_results"
            " where tenant_id = %(t)s and check_code = 'W1' and line > 1"
        )
        assert rows == [("-4.80",)]


@pytest.mark.slow
class TestSpeed:
    def test_thirty_thousand_lines(self, office):
        """Printed, not judged: machines differ."""
        office.load(large(office.code))
        period = "2025-01"
        started = time.perf_counter()
        inputs = office.records().inputs(period)
        read = time.perf_counter() - started
        book = book_of(office, period)
        with office.runs() as runs:
            codes = [entity.code for entity in inputs.group.entities]
            run = runs.begin(period, HASH, codes, "1")
            started = time.perf_counter()
            runs.keep_book(run.id, consolidated(book), book, inputs_of(book))
            kept = time.perf_counter() - started
        sys.stdout.write(f"inputs: {read:.3f} s, book: {kept:.3f} s\n")
        assert total(book.consolidated) == 0
