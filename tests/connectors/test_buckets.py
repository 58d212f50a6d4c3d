"""What a source allows is given out first come, first served, and never more."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from monthclose.connectors.buckets import Bucket, Turnaway, empty, levels, take
from monthclose.connectors.buckets import pause as stop_for
from monthclose.connectors.state import MemoryState
from tests.connectors.fakes import FakeClock

TWO_A_SECOND = Bucket("bling", 2, 2)


def taken(clock: FakeClock, state: MemoryState, *buckets: Bucket, patience: float = 60):
    return asyncio.run(take(state, buckets, patience))


class TestTake:
    def test_a_full_bucket_lets_its_capacity_go_at_once_and_then_one_by_one(self):
        """Capacity 2 at 2 a second: 0, 0, then 0.5, 1.0, 1.5 s, in the order of asking."""
        clock = FakeClock()
        state = MemoryState(clock)
        waits = [taken(clock, state, TWO_A_SECOND) for _ in range(5)]
        assert waits == [0.0, 0.0, 0.5, 1.0, 1.5]

    def test_nothing_is_taken_when_the_deadline_would_pass(self):
        clock = FakeClock()
        state = MemoryState(clock)
        for _ in range(3):
            taken(clock, state, TWO_A_SECOND)
        turned = taken(clock, state, TWO_A_SECOND, patience=0.9)
        assert turned == Turnaway(1.0)
        assert taken(clock, state, TWO_A_SECOND) == 1.0

    def test_the_tightest_of_several_limits_decides(self):
        clock = FakeClock()
        state = MemoryState(clock)
        wide, narrow = Bucket("address", 16, 16), Bucket("method", 1, 0.5)
        assert taken(clock, state, wide, narrow) == 0.0
        assert taken(clock, state, wide, narrow) == 2.0

    def test_a_bucket_that_was_emptied_gives_its_next_token_at_the_stated_time(self):
        clock = FakeClock()
        state = MemoryState(clock)
        asyncio.run(empty(state, [TWO_A_SECOND], 20))
        assert taken(clock, state, TWO_A_SECOND) == 20.0

    def test_a_pause_takes_nothing_out_of_a_bucket_that_fills_slowly(self):
        """
        Five hundred at once, 8 a second after.

        Emptied, the second call after a pause of 2 s would wait another 0.125 s, and each one
        more. Paused, all go when it is over.
        """
        clock = FakeClock()
        state = MemoryState(clock)
        minute = Bucket("minute", 500, 8)
        assert taken(clock, state, minute) == 0.0
        asyncio.run(stop_for(state, [minute], 2))
        assert [taken(clock, state, minute) for _ in range(3)] == [2.0, 2.0, 2.0]
        clock.pass_(2.5)
        assert [taken(clock, state, minute) for _ in range(400)] == [0.0] * 400

    def test_a_shorter_pause_does_not_end_a_longer_one(self):
        clock = FakeClock()
        state = MemoryState(clock)
        asyncio.run(stop_for(state, [TWO_A_SECOND], 30))
        asyncio.run(stop_for(state, [TWO_A_SECOND], 1))
        clock.pass_(10)
        assert taken(clock, state, TWO_A_SECOND, patience=5) == Turnaway(20.0)
        assert taken(clock, state, TWO_A_SECOND) == 20.0

    def test_without_the_shared_server_a_process_keeps_to_its_part(self):
        """Four processes share 2 a second: half a token a second each, one at once."""
        clock = FakeClock()
        state = MemoryState(clock, workers=4)
        assert [taken(clock, state, TWO_A_SECOND) for _ in range(3)] == [0.0, 2.0, 4.0]

    @given(
        capacity=st.integers(1, 20),
        rate=st.integers(1, 50),
        pauses=st.lists(st.integers(0, 3000), min_size=1, max_size=60),
    )
    def test_no_window_lets_through_more_than_capacity_and_rate(self, capacity, rate, pauses):
        """Within any t seconds: at most C + r t calls."""
        clock = FakeClock()
        state = MemoryState(clock)
        bucket = Bucket("any", capacity, rate)
        went = []
        for pause in pauses:
            clock.pass_(pause / 1000)
            wait = taken(clock, state, bucket, patience=1e9)
            went.append(clock.now().timestamp() + wait)
        for i, first in enumerate(went):
            for n, last in enumerate(went[i:], start=1):
                assert n <= capacity + rate * (last - first) + 1e-3

    @given(
        asked=st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(0, 700)), min_size=2, max_size=60
        )
    )
    def test_calls_that_waited_for_the_others_do_not_go_faster_than_their_own_limit(self, asked):
        """Two a second of each account within three a second of all of them."""
        clock = FakeClock()
        state = MemoryState(clock)
        shared = Bucket("address", 3, 3)
        went: dict[str, list[float]] = {each: [] for each in "abc"}
        for account, pause in asked:
            clock.pass_(pause / 1000)
            wait = taken(clock, state, shared, Bucket(account, 2, 2, own=True), patience=600)
            went[account].append(clock.now().timestamp() + wait)
        for times in went.values():
            assert times == sorted(times)
            for i, first in enumerate(times):
                for n, last in enumerate(times[i:], start=1):
                    assert n <= 2 + 2 * (last - first) + 1e-3

    def test_who_waits_for_its_own_limit_keeps_nobody_else_back(self):
        clock = FakeClock()
        state = MemoryState(clock)
        shared, slow = Bucket("address", 20, 20), Bucket("slow", 1, 0.1, own=True)
        assert [taken(clock, state, shared, slow) for _ in range(3)] == [0.0, 10.0, 20.0]
        assert taken(clock, state, shared, Bucket("other", 1, 1, own=True)) == 0.0

    def test_a_pause_holds_for_calls_behind_one_that_waits_for_it(self):
        clock = FakeClock()
        state = MemoryState(clock)
        own = Bucket("method", 4, 4, own=True)
        asyncio.run(stop_for(state, [own], 10))
        assert [taken(clock, state, own) for _ in range(5)] == [10.0, 10.0, 10.0, 10.0, 10.25]

    def test_a_clock_that_is_set_back_shuts_nobody_out(self):
        clock = FakeClock()
        state = MemoryState(clock)
        own = Bucket("method", 1, 1, own=True)
        assert taken(clock, state, own) == 0.0
        clock.pass_(-86_400)
        assert [taken(clock, state, own, patience=600) for _ in range(2)] == [1.0, 2.0]

    def test_looking_takes_nothing(self):
        clock = FakeClock()
        state = MemoryState(clock)
        assert asyncio.run(levels(state, [TWO_A_SECOND])) == [2]
        assert asyncio.run(levels(state, [TWO_A_SECOND])) == [2]
