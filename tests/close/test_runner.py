"""A close, step by step, over ports in memory."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from monthclose.close.runner import Closer
from monthclose.close.states import CloseState, state_of
from monthclose.close.steps import inputs_hash
from monthclose.groupfolder import read_group, write_example
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.runs import (
    CloseInputs,
    RunRecord,
    RunStatus,
    Step,
    StepRecord,
    StepStatus,
)
from tests.close.fakes import CountingPress, MemoryRecords, MemoryRuns, steps_of

PERIOD = "2025-06"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> CloseInputs:
    """The example group: a holding and two companies, May and June."""
    folder = tmp_path_factory.mktemp("group") / "example"
    write_example(folder)
    found = read_group(folder)
    return CloseInputs(found.group, found.balances)


class Close:
    """A closer with its ports at hand."""

    def __init__(self, inputs: CloseInputs) -> None:
        self.records, self.runs, self.press = MemoryRecords(inputs), MemoryRuns(), CountingPress()
        ticks = count()
        self.closer = Closer(self.records, self.runs, self.press, "1", lambda: float(next(ticks)))

    def change(self, entity: str, change: Callable[[RawBalance], RawBalance]) -> None:
        """Send one entity's month again, changed."""
        before = self.records.inputs_
        balances = tuple(
            change(raw) if (raw.entity, raw.period) == (entity, PERIOD) else raw
            for raw in before.balances
        )
        self.records.inputs_ = replace(before, balances=balances)


@pytest.fixture
def close(inputs: CloseInputs) -> Close:
    return Close(inputs)


def states(run: RunRecord) -> CloseState:
    return state_of(run.status, ((cell.step, cell.status) for cell in run.steps))


def moved(by: int) -> Callable[[RawBalance], RawBalance]:
    """Move an amount between the first and the last line: the balance still balances."""

    def change(raw: RawBalance) -> RawBalance:
        amounts = raw.amounts.copy()
        amounts[0] += by
        amounts[-1] -= by
        return replace(raw, amounts=amounts)

    return change


def unbalanced(raw: RawBalance) -> RawBalance:
    return replace(raw, amounts=raw.amounts + np.eye(1, len(raw.amounts), dtype=np.int64)[0])


class TestACloseThatSucceeds:
    def test_every_step_is_over_and_the_run_is_completed(self, close):
        outcome = close.closer.run(PERIOD)
        assert outcome.run.status is RunStatus.COMPLETED
        assert states(outcome.run) is CloseState.COMPLETED
        for step in (Step.EXTRACT, Step.VALIDATE, Step.MAP, Step.TRANSLATE):
            assert set(steps_of(outcome.run, step)) == {"HOLD", "ALFA", "BETA"}
            assert set(steps_of(outcome.run, step).values()) == {StepStatus.DONE}

    def test_a_step_with_nothing_to_do_is_never_done(self, close):
        run = close.closer.run(PERIOD).run
        for step in (Step.INTERCOMPANY, Step.ANALYSE, Step.DISTRIBUTE):
            assert steps_of(run, step) == {"": StepStatus.NOT_APPLICABLE}

    def test_progress_is_told_of_every_cell(self, close):
        told: list[StepRecord] = []
        run = close.closer.run(PERIOD, told.append).run
        assert sorted((c.step, c.entity) for c in told) == sorted(
            (c.step, c.entity) for c in run.steps
        )
        assert len(told) == 3 * 4 + 7


class TestASecondRun:
    def test_nothing_changed_computes_nothing(self, close):
        first = close.closer.run(PERIOD)
        second = close.closer.run(PERIOD)
        assert second.computed == ()
        assert second.book is None
        assert second.run == first.run
        assert (len(close.runs.runs), close.press.asked) == (1, 1)

    def test_one_entity_changed_takes_that_entity_and_the_group(self, close):
        close.closer.run(PERIOD)
        close.change("BETA", moved(1_00))
        outcome = close.closer.run(PERIOD)
        done = {(step.step, step.entity) for step in outcome.computed}
        assert {entity for _, entity in done} == {"BETA", ""}
        assert {step for step, entity in done if entity} == {
            Step.EXTRACT,
            Step.VALIDATE,
            Step.MAP,
            Step.TRANSLATE,
        }
        assert outcome.run.version == 2

    def test_the_same_figures_from_other_inputs_are_the_same_version(self, close, inputs):
        close.closer.run(PERIOD)
        group = replace(inputs.group, name="Another name")
        close.records.inputs_ = replace(inputs, group=group)
        outcome = close.closer.run(PERIOD)
        assert outcome.run.id == "2"
        assert outcome.run.version == 1

    def test_other_code_closes_again_and_may_confirm_every_step(self, close):
        close.closer.run(PERIOD)
        newer = replace(close.closer, code="2")
        outcome = newer.run(PERIOD)
        assert outcome.book is not None
        assert outcome.computed == ()
        assert (outcome.run.id, outcome.run.version) == ("2", 1)


class TestAnEntityThatFails:
    def test_the_others_go_on_and_the_group_waits(self, close):
        close.change("ALFA", unbalanced)
        outcome = close.closer.run(PERIOD)
        run = outcome.run
        assert run.status is RunStatus.FAILED
        assert states(run) is CloseState.FAILED
        assert steps_of(run, Step.VALIDATE) == {
            "HOLD": StepStatus.DONE,
            "ALFA": StepStatus.FAILED,
            "BETA": StepStatus.DONE,
        }
        assert set(steps_of(run, Step.TRANSLATE)) == {"HOLD", "BETA"}
        assert steps_of(run, Step.CONSOLIDATE) == {}
        assert close.runs.books == []

    def test_the_run_says_code_entity_and_remedy(self, close):
        close.change("ALFA", unbalanced)
        run = close.closer.run(PERIOD).run
        assert (run.error_code, run.error_entity) == ("trial-balance-unbalanced", "ALFA")
        assert "BRL 0.01" in run.error
        assert "Extract the period again" in run.error

    def test_mended_it_closes_and_only_what_is_new_is_computed(self, close, inputs):
        close.change("ALFA", unbalanced)
        close.closer.run(PERIOD)
        close.records.inputs_ = inputs
        outcome = close.closer.run(PERIOD)
        assert outcome.run.status is RunStatus.COMPLETED
        assert {step.entity for step in outcome.computed} == {"ALFA", ""}

    def test_a_missing_month_is_named(self, close, inputs):
        kept = tuple(b for b in inputs.balances if (b.entity, b.period) != ("BETA", PERIOD))
        close.records.inputs_ = replace(inputs, balances=kept)
        run = close.closer.run(PERIOD).run
        assert (run.error_code, run.error_entity) == ("balance-missing", "BETA")

    def test_another_currency_is_refused(self, close):
        close.change("BETA", lambda raw: replace(raw, currency="USD"))
        assert close.closer.run(PERIOD).run.error_code == "balance-other-currency"


class TestInputsHash:
    def test_the_order_of_balances_changes_nothing(self, inputs):
        turned = replace(inputs, balances=tuple(reversed(inputs.balances)))
        assert inputs_hash(turned, PERIOD, "1") == inputs_hash(inputs, PERIOD, "1")

    def test_a_cent_changes_it(self, close, inputs):
        close.change("BETA", moved(1))
        changed = inputs_hash(close.records.inputs_, PERIOD, "1")
        assert changed != inputs_hash(inputs, PERIOD, "1")

    def test_where_a_balance_was_read_from_is_no_part_of_it(self, inputs, tmp_path):
        other = Path(tmp_path) / "elsewhere"
        write_example(other)
        again = read_group(other)
        assert inputs_hash(CloseInputs(again.group, again.balances), PERIOD, "1") == inputs_hash(
            inputs, PERIOD, "1"
        )


class TestStates:
    def test_an_idle_month_has_no_run(self):
        assert state_of(None, ()) is CloseState.IDLE

    @pytest.mark.parametrize(
        ("step", "state"),
        [
            (Step.MAP, CloseState.EXTRACTING),
            (Step.TRANSLATE, CloseState.CONSOLIDATING),
            (Step.CONSOLIDATE, CloseState.CONSOLIDATING),
            (Step.CONTROL, CloseState.VALIDATING),
            (Step.DISTRIBUTE, CloseState.REPORTING),
        ],
    )
    def test_the_first_step_that_is_not_over_decides(self, step, state):
        steps = [(each, StepStatus.DONE) for each in Step if each is not step]
        steps.append((step, StepStatus.RUNNING))
        assert state_of(RunStatus.RUNNING, steps) is state
