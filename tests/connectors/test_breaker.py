"""A source that keeps failing is left alone, and tried again a little."""

import asyncio

from monthclose.connectors.breaker import Breaker, CircuitState
from monthclose.connectors.state import MemoryState
from tests.connectors.fakes import FakeClock


class Watched:
    """A breaker with its clock, driven from tests."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.breaker = Breaker(MemoryState(self.clock), "omie")

    def enter(self) -> float:
        return asyncio.run(self.breaker.enter())

    def record(self, *outcomes: bool) -> None:
        for failed in outcomes:
            asyncio.run(self.breaker.record(failed=failed))

    @property
    def state(self) -> CircuitState:
        return asyncio.run(self.breaker.look()).state

    def open(self) -> None:
        self.record(*[True] * 10)


class TestBreaker:
    def test_nine_failures_are_too_few_to_judge(self):
        watched = Watched()
        watched.record(*[True] * 9)
        assert watched.enter() == 0.0

    def test_half_of_ten_outcomes_failed_opens_it_for_thirty_seconds(self):
        watched = Watched()
        watched.record(*[False, True] * 5)
        assert watched.enter() == 30.0

    def test_less_than_half_of_the_last_twenty_leaves_it_closed(self):
        watched = Watched()
        watched.record(*[False] * 11, *[True] * 9)
        assert watched.enter() == 0.0
        watched.record(True)  # ten of the last twenty
        assert watched.enter() == 30.0

    def test_three_trials_at_a_time_then_closed(self):
        watched = Watched()
        watched.open()
        watched.clock.pass_(30)
        assert [watched.enter() for _ in range(3)] == [0.0, 0.0, 0.0]
        assert watched.enter() > 0
        watched.record(False, False, False)
        assert watched.state is CircuitState.CLOSED

    def test_a_failed_trial_opens_it_for_twice_as_long_up_to_five_minutes(self):
        watched = Watched()
        watched.open()
        held = []
        for _ in range(5):
            held.append(watched.enter())
            watched.clock.pass_(held[-1])
            assert watched.enter() == 0.0
            watched.record(True)
        assert held == [30.0, 60.0, 120.0, 240.0, 300.0]

    def test_a_trial_without_result_counts_as_failed_after_its_time(self):
        watched = Watched()
        watched.open()
        watched.clock.pass_(30)
        watched.enter()
        watched.clock.pass_(60)
        assert watched.enter() == 60.0

    def test_what_tells_nothing_is_taken_back(self):
        watched = Watched()
        watched.open()
        watched.clock.pass_(30)
        for _ in range(20):
            assert watched.enter() == 0.0
            asyncio.run(watched.breaker.release())


class Asked(MemoryState):
    """A state that counts how often it is asked."""

    turns = 0

    async def change(self, keys, turn, ttl_s):
        self.turns += 1
        return await super().change(keys, turn, ttl_s)


class TestUsual:
    """What most calls find: a circuit whose last twenty went well."""

    def well(self):
        state = Asked(FakeClock())
        for _ in range(20):
            asyncio.run(self.call(state, failed=False))
        return state

    @staticmethod
    async def call(state, *, failed):
        breaker = Breaker(state, "omie")
        wait = await breaker.enter()
        await breaker.record(failed=failed)
        return wait

    def test_a_call_that_goes_well_asks_once(self):
        state = self.well()
        before = state.turns
        asyncio.run(self.call(state, failed=False))
        assert state.turns == before + 1

    def test_failures_are_learnt_one_by_one_all_the_same(self):
        state = self.well()
        waits = [asyncio.run(self.call(state, failed=True)) for _ in range(11)]
        assert waits == [0.0] * 10 + [30.0]

    def test_a_success_after_a_failure_is_learnt(self):
        state = self.well()
        asyncio.run(self.call(state, failed=True))
        asyncio.run(self.call(state, failed=False))
        outcomes = asyncio.run(Breaker(state, "omie").look()).outcomes
        assert outcomes == [0] * 18 + [1, 0]
