"""The collector waits for the work, and stands afterwards as it stood before."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from monthclose.consolidation.collecting import collected_later


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was_on else gc.disable)()


class TestCollectedLater:
    def test_it_waits_until_the_work_is_over(self):
        with collected_later():
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_it_goes_on_when_the_work_fails(self):
        with pytest.raises(ValueError, match="no rate"), collected_later():
            raise ValueError("no rate")
        assert gc.isenabled()

    def test_works_that_overlap_leave_it_on(self):
        with ExitStack() as second:
            with collected_later():
                second.enter_context(collected_later())
            assert gc.isenabled()
        assert gc.isenabled()

    def test_who_had_turned_it_off_finds_it_off(self):
        gc.disable()
        with collected_later():
            pass
        assert not gc.isenabled()
