"""A mapping gives every account it names the whole of its money a place."""

from fractions import Fraction

import pytest

from monthclose.ledger.mappings import EntityMapping, MappingIncomplete, Target


class TestEntityMapping:
    @pytest.mark.parametrize(
        "shares", [("1",), ("1/2", "1/2"), ("1/3", "1/3", "1/3"), ("9999/10000", "1/10000")]
    )
    def test_shares_that_add_to_the_whole_are_taken(self, shares: tuple[str, ...]):
        targets = tuple(Target(str(place), Fraction(s)) for place, s in enumerate(shares))
        assert EntityMapping("NVO", {"1.1": targets}).targets["1.1"] == targets

    @pytest.mark.parametrize(
        ("shares", "percent"),
        [(("1/2",), "50"), (("1/2", "51/100"), "101"), ((), "0"), (("3333/10000",) * 3, "99.99")],
    )
    def test_shares_that_do_not_are_refused(self, shares: tuple[str, ...], percent: str):
        targets = tuple(Target(str(place), Fraction(s)) for place, s in enumerate(shares))
        with pytest.raises(MappingIncomplete) as refused:
            EntityMapping("NVO", {"1.0": (Target("1010"),), "1.1": targets})
        assert refused.value.facts == {"entity": "NVO", "account": "1.1", "percent": percent}
