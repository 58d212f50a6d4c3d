"""Outsiders: every component rounded once, the rest is the parent's."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.nci import Shared, attribute, attribute_capital
from monthclose.ledger.journal import LayerName
from tests.consolidation.groups import CHART

AMOUNTS = st.integers(-(10**14), 10**14)


def shared(**amounts: int) -> Shared:
    """What outsiders share in; nil where nothing is said."""
    nil = Shared(0, 0, 0, 0, 0, 0, 0, 0)
    return replace(nil, **amounts)  # type: ignore[arg-type]


class TestAttribute:
    def test_each_component_is_rounded_on_its_own(self):
        """One third of 1.00 is 0.33 each time, not 0.99 of 3.00 together."""
        rolled, entry = attribute(
            "S",
            Fraction(1, 3),
            shared(retained=1_00, profit=1_00, cta_opening=1_00, cta_movement=1_00),
            CHART,
            "USD",
        )
        assert (rolled.opening, rolled.share_of_profit, rolled.share_of_cta) == (66, 33, 33)
        assert rolled.closing == 1_32
        assert {line.account: line.amount for line in entry.lines} == {
            "3300": 66,
            "3400": 66,
            "3900": -1_32,
        }
        assert entry.layer is LayerName.NCI

    def test_losses_are_shared_even_into_deficit(self):
        """10.00 at acquisition and 20 % of a loss of 100.00: -10.00."""
        rolled, _ = attribute(
            "S", Fraction(1, 5), shared(at_acquisition=10_00, profit=-100_00), CHART, "USD"
        )
        assert rolled.closing == -10_00

    def test_what_was_paid_to_them_reduces_their_interest_without_an_entry_here(self):
        rolled, entry = attribute(
            "S", Fraction(1, 5), shared(at_acquisition=10_00, dividends=4_00), CHART, "USD"
        )
        assert (rolled.dividends, rolled.closing) == (-4_00, 6_00)
        assert entry.lines == ()

    @given(st.tuples(*[AMOUNTS] * 4), st.integers(1, 10**8 - 1))
    def test_the_entry_balances_and_moves_what_the_roll_forward_says(self, amounts, e8: int):
        retained, profit, opening, movement = amounts
        parts = shared(retained=retained, profit=profit, cta_opening=opening, cta_movement=movement)
        rolled, entry = attribute("S", Fraction(e8, 10**8), parts, CHART, "USD")
        assert sum(line.amount for line in entry.lines) == 0
        booked = sum(line.amount for line in entry.lines if line.account == "3900")
        assert -booked == rolled.closing
        exact = sum(amounts) * Fraction(e8, 10**8)
        assert abs(rolled.closing - exact) <= 2


class TestAttributeCapital:
    def test_only_their_part_of_it_moves(self):
        """40 % of 100.01 is 40.004 -> 40.00, of 0.01 nothing: 60.01 stay with the group."""
        entry, theirs = attribute_capital(
            "S", Fraction(2, 5), {"3000": -100_01, "3100": -1}, CHART, "USD"
        )
        assert entry is not None
        assert theirs == 40_00
        assert {line.account: line.amount for line in entry.lines} == {
            "3000": 40_00,
            "3900": -40_00,
        }

    def test_without_capital_there_is_no_entry(self):
        assert attribute_capital("S", Fraction(2, 5), {}, CHART, "USD") == (None, 0)
        assert attribute_capital("S", Fraction(2, 5), {"3000": -1}, CHART, "USD") == (None, 0)
