"""A trial balance balances, or it does not exist."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.ledger.balances import (
    DuplicateLine,
    RawBalance,
    TrialBalance,
    UnbalancedTrialBalance,
)
from monthclose.ledger.money import LARGEST_MINOR, AmountOutOfRange, Money


def balance(*amounts: int, accounts=None, partners=()) -> TrialBalance:
    """A balance over accounts 0, 1, 2 and so on."""
    codes = accounts or tuple(str(place) for place in range(len(amounts)))
    return TrialBalance("NVO", "2025-06", "BRL", codes, np.array(amounts, dtype=np.int64), partners)


class TestTrialBalance:
    def test_it_may_hold_nothing(self):
        assert balance().keys == ()

    @given(st.lists(st.integers(-LARGEST_MINOR, LARGEST_MINOR), max_size=20))
    def test_debits_and_credits_agree_in_every_one_that_exists(self, amounts: list[int]):
        out_by = sum(amounts)
        if out_by == 0:
            assert int(balance(*amounts).amounts.sum()) == 0
        else:
            with pytest.raises(UnbalancedTrialBalance) as refused:
                balance(*amounts)
            assert refused.value.out_by == out_by

    def test_it_says_by_how_much_and_which_side_is_short(self):
        """100.00 debit against 99.00 credit: a credit of 1.00 is missing."""
        with pytest.raises(UnbalancedTrialBalance) as refused:
            balance(100_00, -99_00)
        error = refused.value
        assert (error.entity, error.period, error.side) == ("NVO", "2025-06", "credit")
        assert error.size == Money(1_00, "BRL")
        assert "BRL 1.00" in error.message()
        with pytest.raises(UnbalancedTrialBalance) as refused:
            balance(100_00, -101_00)
        assert refused.value.side == "debit"

    def test_a_total_that_wraps_around_does_not_pass_for_nil(self):
        """20,496 lines of 9e14 add up to 2**64 and a little: modulo int64, almost nothing."""
        lines = -(-(2**64) // LARGEST_MINOR)
        last = lines * LARGEST_MINOR - 2**64
        amounts = [LARGEST_MINOR] * lines + [-last]
        assert np.array(amounts).sum() == 0
        with pytest.raises(AmountOutOfRange):
            balance(*amounts)

    def test_a_line_beyond_nine_trillion_is_refused(self):
        assert balance(LARGEST_MINOR, -LARGEST_MINOR).amounts[0] == LARGEST_MINOR
        with pytest.raises(AmountOutOfRange) as refused:
            balance(LARGEST_MINOR + 1, -LARGEST_MINOR - 1)
        assert refused.value.amount == LARGEST_MINOR + 1
        with pytest.raises(AmountOutOfRange):
            balance(-(2**63), 2**63 - 1, 1)

    @pytest.mark.parametrize("kind", [np.float64, np.int32, object])
    def test_only_whole_minor_units_of_64_bits_are_amounts(self, kind: type):
        with pytest.raises(TypeError, match="int64"):
            TrialBalance("NVO", "2025-06", "BRL", ("0", "1"), np.array([1, -1], dtype=kind))

    def test_every_line_has_an_account_and_an_amount(self):
        with pytest.raises(ValueError, match="1 accounts, 2 amounts"):
            balance(1, -1, accounts=("0",))
        with pytest.raises(ValueError, match="shorter"):
            balance(1, -1, partners=("A",))

    def test_the_same_account_twice_is_refused(self):
        with pytest.raises(DuplicateLine) as refused:
            balance(1, -1, accounts=("1010", "1010"))
        assert refused.value.facts == {
            "entity": "NVO",
            "period": "2025-06",
            "account": "1010",
            "partner": "–",
        }

    def test_the_same_account_with_two_partners_is_two_lines(self):
        accounts = ("1150", "1150", "1150")
        two = balance(1, -3, 2, accounts=accounts, partners=("A", "B", ""))
        assert two.keys == (("1150", "A"), ("1150", "B"), ("1150", ""))
        with pytest.raises(DuplicateLine) as refused:
            balance(1, -3, 2, accounts=accounts, partners=("A", "B", "A"))
        assert refused.value.partner == "A"


class TestRawBalance:
    def test_one_that_does_not_balance_is_kept_and_says_by_how_much(self):
        raw = RawBalance("NVO", "2025-06", "BRL", ("1", "2"), np.array([100_00, -99_00]))
        assert raw.out_by == 1_00
