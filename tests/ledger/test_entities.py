"""Who owns what, from which day, and what that makes the group's share."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.ledger.entities import (
    Entity,
    Interest,
    Method,
    OwnershipUnclear,
    group_shares,
    interests_on,
    percent,
)

PARENT = Entity("P", "Parent", "USD", Method.PARENT)


def entities(*codes: str) -> tuple[Entity, ...]:
    """The parent and full subsidiaries."""
    return (PARENT, *(Entity(code, code, "BRL") for code in codes))


def holds(holder: str, investee: str, share: str, since: date | None = None) -> Interest:
    """A holding in percent."""
    return Interest(holder, investee, int(Fraction(share) * 10**6), since)


class TestInterestsOn:
    MARCH, JUNE = date(2025, 3, 1), date(2025, 6, 15)

    def test_an_entry_holds_from_its_day_until_the_next_of_the_pair(self):
        dated = (holds("P", "A", "60"), holds("P", "A", "80", self.JUNE))
        assert interests_on(dated, self.JUNE - timedelta(days=1)) == dated[:1]
        assert interests_on(dated, self.JUNE) == dated[1:]
        assert interests_on(dated, None) == dated[1:]

    def test_the_order_in_which_entries_stand_changes_nothing(self):
        dated = (holds("P", "A", "80", self.JUNE), holds("P", "A", "60", self.MARCH))
        assert interests_on(dated, date(2025, 4, 1)) == dated[1:]
        assert interests_on(dated[::-1], date(2025, 7, 1)) == dated[:1]

    def test_a_holding_of_nil_is_one_that_ended(self):
        dated = (holds("P", "A", "60"), holds("P", "A", "0", self.JUNE))
        assert interests_on(dated, self.JUNE) == ()

    def test_one_pair_says_nothing_of_another(self):
        dated = (holds("P", "A", "60"), holds("B", "A", "40", self.JUNE))
        assert interests_on(dated, self.MARCH) == dated[:1]
        assert interests_on(dated, self.JUNE) == dated


class TestGroupShares:
    def test_a_chain_multiplies(self):
        """80 % of A, which holds 70 % of B: 0.80 x 0.70 = 56 % of B."""
        shares = group_shares(entities("A", "B"), (holds("P", "A", "80"), holds("A", "B", "70")))
        assert shares == {"P": 1, "A": Fraction(4, 5), "B": Fraction(14, 25)}

    def test_two_roads_to_one_company_add_up(self):
        """10 % held directly and 80 % x 70 % through A: 0.10 + 0.56 = 66 %."""
        shares = group_shares(
            entities("B", "A"),
            (holds("P", "A", "80"), holds("A", "B", "70"), holds("P", "B", "10")),
        )
        assert shares["B"] == Fraction(66, 100)

    def test_thirds_stay_exact_to_eight_decimals(self):
        shares = group_shares(entities("A"), (Interest("P", "A", 66_670_000),))
        assert shares["A"] == Fraction(6667, 10000)

    def test_a_company_nobody_holds_is_refused(self):
        with pytest.raises(OwnershipUnclear) as refused:
            group_shares(entities("A", "B"), (holds("P", "A", "80"),))
        assert (refused.value.entity, refused.value.problem) == ("B", "unowned")

    def test_a_holder_outside_the_group_is_refused(self):
        with pytest.raises(OwnershipUnclear) as refused:
            group_shares(entities("A"), (holds("Stranger", "A", "80"),))
        assert refused.value.entity == "Stranger"

    def test_more_than_the_whole_is_refused_and_the_whole_is_not(self):
        both = (holds("P", "A", "100"), holds("P", "B", "60"), holds("A", "B", "40"))
        assert group_shares(entities("A", "B"), both)["B"] == 1
        over = (*both[:2], holds("A", "B", "40.000001"))
        with pytest.raises(OwnershipUnclear) as refused:
            group_shares(entities("A", "B"), over)
        assert refused.value.facts == {
            "entity": "B",
            "problem": "over",
            "percent": "100.000001",
        }

    def test_a_part_of_the_parent_in_the_group_s_hands_is_refused(self):
        """Its own shares would have to leave its equity (IAS 32.33): ignored, they would stay."""
        crossed = (holds("P", "A", "80"), holds("A", "P", "10"))
        with pytest.raises(OwnershipUnclear) as refused:
            group_shares(entities("A"), crossed)
        assert refused.value.facts == {"entity": "P", "problem": "parent-held", "percent": "10"}

    def test_companies_that_hold_each_other_are_refused(self):
        circle = (holds("P", "A", "50"), holds("B", "A", "50"), holds("A", "B", "100"))
        with pytest.raises(OwnershipUnclear) as refused:
            group_shares(entities("A", "B"), circle)
        assert refused.value.problem == "circle"

    def test_a_company_that_holds_itself_is_refused(self):
        with pytest.raises(OwnershipUnclear):
            group_shares(entities("A"), (holds("P", "A", "90"), holds("A", "A", "10")))

    def test_an_associate_needs_no_share(self):
        associate = Entity("X", "Associate", "BRL", Method.EQUITY)
        assert group_shares((PARENT, associate), ()) == {"P": 1}

    @given(st.lists(st.integers(1, 10**8), min_size=1, max_size=8))
    def test_a_chain_of_any_length_is_the_product_of_its_links(self, links: list[int]):
        codes = [f"E{place}" for place in range(len(links))]
        held = tuple(
            Interest(holder, code, link)
            for holder, code, link in zip(["P", *codes], codes, links, strict=False)
        )
        expected = Fraction(1)
        for link in links:
            expected *= Fraction(link, 10**8)
        forwards = group_shares(entities(*codes), held)
        assert forwards == group_shares(entities(*codes[::-1]), held[::-1])
        assert forwards[codes[-1]] == expected


class TestPercent:
    @pytest.mark.parametrize(
        ("share", "written"),
        [
            (Fraction(1), "100"),
            (Fraction(1, 5), "20"),
            (Fraction(3333, 10000), "33.33"),
            (Fraction(14, 25), "56"),
            (Fraction(0), "0"),
        ],
    )
    def test_it_is_the_shortest_decimal(self, share: Fraction, written: str):
        assert percent(share) == written
