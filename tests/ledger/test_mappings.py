"""A mapping gives every account it names the whole of its money a place."""

from fractions import Fraction
from typing import ClassVar

import pytest

from monthclose.ledger.digest import digest
from monthclose.ledger.mappings import Columns, EntityMapping, MappingIncomplete, Target


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


class TestColumns:
    WHOLE: ClassVar[dict[str, str]] = {"1.2": "1020", "1.1": "1010", "1.3": "1010"}
    SPLIT: ClassVar[dict[str, tuple[Target, ...]]] = {
        "1.4": (Target("1010", Fraction(1, 3)), Target("1020", Fraction(2, 3)))
    }

    def both(self, split: dict[str, tuple[Target, ...]]) -> tuple[EntityMapping, EntityMapping]:
        """The same mapping as a dictionary of targets and as columns."""
        targets = {account: (Target(code),) for account, code in self.WHOLE.items()}
        columns = EntityMapping("NVO", Columns(self.WHOLE, split))
        return EntityMapping("NVO", {**targets, **split}), columns

    @pytest.mark.parametrize("split", [{}, SPLIT])
    def test_they_say_what_targets_say(self, split: dict[str, tuple[Target, ...]]):
        plain, columns = self.both(split)
        assert columns == plain
        assert columns.digest == plain.digest
        assert dict(columns.targets) == plain.targets
        assert (columns.whole, columns.splits) == (plain.whole, plain.splits)
        assert len(columns.targets) == len(plain.targets)

    def test_what_is_not_there_has_no_target(self):
        _, columns = self.both(self.SPLIT)
        assert columns.targets.get("9") is None
        assert "9" not in columns.targets

    def test_the_hash_of_a_mapping_without_lines_is_of_its_name_alone(self):
        assert EntityMapping("NVO", Columns({}, {})).digest == digest("NVO")

    @pytest.mark.parametrize(
        ("accounts", "codes"),
        [
            (("1.2", "1.1", "1.3"), ["1020", "1010", "1010"]),
            (("1.1", "1.4", "1.2", "9"), ["1010", None, "1020", None]),
            ((), []),
        ],
    )
    def test_codes_follow_the_list_that_is_asked_for(self, accounts, codes):
        assert [each.codes(accounts) for each in self.both(self.SPLIT)] == [codes, codes]

    def test_shares_that_do_not_add_up_are_refused(self):
        with pytest.raises(MappingIncomplete):
            EntityMapping("NVO", Columns({}, {"1.4": self.SPLIT["1.4"][:1]}))
