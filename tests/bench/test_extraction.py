"""The demo's seven companies within the limits of their ERPs: never faster, hardly slower."""

import pytest

from bench.extraction import Waited, waited

pytestmark = pytest.mark.server

ANSWER_S = 0.2


@pytest.fixture(scope="module")
def sources() -> dict[str, Waited]:
    return {each.erp: each for each in waited(7, ANSWER_S)}


class TestWithinLimits:
    def test_every_erp_is_read_and_none_refuses_a_call(self, sources):
        assert {erp: each.companies for erp, each in sources.items()} == {
            "bling": 1,
            "contaazul": 2,
            "omie": 1,
            "totvs": 3,
        }
        assert {each.refused for each in sources.values()} == {0}

    def test_the_longest_takes_what_its_limit_takes(self, sources):
        """Bling: one record a call, two calls a second, two of them at once."""
        bling = sources["bling"]
        assert (bling.limit, bling.least) == ("credential", (bling.calls - 2) / 2)
        assert bling.least <= bling.took <= bling.least + 2 * ANSWER_S
        assert max(each.took for each in sources.values()) == bling.took

    def test_no_other_takes_longer_than_its_limit_and_a_few_answers_in_turn(self, sources):
        for each in sources.values():
            assert each.least <= each.took <= each.least + 12 * ANSWER_S, each
