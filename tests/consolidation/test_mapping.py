"""From the entity's chart to the standard one, to the last cent."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.mapping import AccountNotEntered, UnmappedAccounts, map_balance
from monthclose.ledger.accounts import UnknownAccount
from monthclose.ledger.balances import Basis, Gap, RawBalance, UnbalancedTrialBalance
from monthclose.ledger.mappings import EntityMapping, Target
from tests.consolidation.groups import CHART, CODES


def raw(*lines: tuple[str, int] | tuple[str, int, str]) -> RawBalance:
    """A balance in the entity's own accounts."""
    partners = tuple(line[2] if len(line) == 3 else "" for line in lines)
    return RawBalance(
        entity="NVO",
        period="2025-06",
        currency="BRL",
        accounts=tuple(line[0] for line in lines),
        amounts=np.array([line[1] for line in lines], dtype=np.int64),
        partners=partners if any(partners) else (),
    )


def to(*targets: str, shares: tuple[str, ...] = ()) -> tuple[Target, ...]:
    """Targets by name, with equal shares unless others are given."""
    even = (f"1/{len(targets)}",) * len(targets)
    return tuple(
        Target(CODES[name][0] if name in CODES else name, Fraction(share))
        for name, share in zip(targets, shares or even, strict=True)
    )


def mapping(**targets: tuple[Target, ...]) -> EntityMapping:
    """A mapping of the accounts `a`, `b`, `c` and so on."""
    return EntityMapping("NVO", targets)


def lines(given: RawBalance, by: EntityMapping | None) -> dict[tuple[str, str], int]:
    """What arrives, by account and partner."""
    mapped = map_balance(given, by, CHART)
    return dict(zip(mapped.keys, mapped.amounts.tolist(), strict=True))


class TestMapBalance:
    def test_each_account_goes_to_its_target(self):
        by = mapping(a=to("cash"), b=to("capital"))
        assert lines(raw(("a", 5_00), ("b", -5_00)), by) == {
            ("1010", ""): 5_00,
            ("3000", ""): -5_00,
        }

    def test_accounts_with_one_target_become_one_line(self):
        by = mapping(a=to("cash"), b=to("cash"), c=to("capital"))
        assert lines(raw(("a", 5_00), ("b", 2_00), ("c", -7_00)), by) == {
            ("1010", ""): 7_00,
            ("3000", ""): -7_00,
        }

    def test_one_target_with_two_partners_stays_two_lines(self):
        by = mapping(a=to("due_from"), b=to("due_from"), c=to("capital"))
        given_ = raw(("a", 5_00, "A"), ("b", 2_00, "B"), ("a", 1_00, ""), ("c", -8_00, ""))
        assert lines(given_, by) == {
            ("1150", ""): 1_00,
            ("1150", "A"): 5_00,
            ("1150", "B"): 2_00,
            ("3000", ""): -8_00,
        }

    def test_a_split_account_keeps_its_partner_on_every_part(self):
        by = mapping(a=to("due_from", "receivables"), c=to("capital"))
        assert lines(raw(("a", 5_00, "A"), ("c", -5_00)), by) == {
            ("1100", "A"): 2_50,
            ("1150", "A"): 2_50,
            ("3000", ""): -5_00,
        }

    def test_the_cent_that_a_split_leaves_is_not_lost(self):
        """33.33 % + 33.33 % + 33.34 % of 0.01: 0.00, then 0.01 at 66.66 %, then 0.00."""
        by = mapping(
            a=to("cash", "receivables", "due_from", shares=("0.3333", "0.3333", "0.3334")),
            c=to("capital"),
        )
        assert lines(raw(("a", 1), ("c", -1)), by) == {
            ("1010", ""): 0,
            ("1100", ""): 1,
            ("1150", ""): 0,
            ("3000", ""): -1,
        }

    def test_lines_arrive_in_the_order_of_the_chart(self):
        by = mapping(a=to("revenue"), b=to("cash"), c=to("capital"))
        mapped = map_balance(raw(("a", -3), ("c", -2), ("b", 5)), by, CHART)
        assert mapped.accounts == ("1010", "3000", "4000")

    @given(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(-(10**14), 10**14)),
            max_size=12,
        ),
        st.integers(0, 10**4),
    )
    def test_the_money_that_leaves_is_the_money_that_arrives(self, moved, tenth):
        share = Fraction(tenth, 10**4)
        by = mapping(
            a=(Target("1010", share), Target("1100", 1 - share)),
            b=to("cash", "payables", "revenue"),
            c=to("costs"),
            z=to("capital"),
        )
        given_ = raw(*moved, ("z", -sum(amount for _, amount in moved)))
        arrived = lines(given_, by)
        assert sum(arrived.values()) == 0
        thirds = sum(amount for account, amount in moved if account == "b")
        assert abs(arrived.get(("4000", ""), 0) - Fraction(thirds, 3)) <= len(moved)
        costs = sum(amount for account, amount in moved if account == "c")
        assert arrived.get(("5000", ""), 0) == costs


class TestWholeness:
    def test_accounts_with_money_and_no_target_are_listed_largest_first(self):
        given_ = raw(("a", 3_00), ("x", -5_00), ("y", 1_00), ("w", 1_00), ("z", 0))
        with pytest.raises(UnmappedAccounts) as refused:
            map_balance(given_, mapping(a=to("cash")), CHART)
        error = refused.value
        assert [(each.account, each.amount) for each in error.accounts] == [
            ("x", -5_00),
            ("w", 1_00),
            ("y", 1_00),
        ]
        assert (error.entity, error.period, error.count) == ("NVO", "2025-06", 3)
        assert "x (BRL -5.00), w (BRL 1.00), y (BRL 1.00)" in error.message("en")
        assert "x (BRL -5,00)" in error.message("pt-BR")

    def test_an_account_without_money_needs_no_target(self):
        by = mapping(a=to("cash"), c=to("capital"))
        assert len(lines(raw(("a", 5), ("c", -5), ("x", 0)), by)) == 2

    def test_a_target_outside_the_chart_is_refused(self):
        with pytest.raises(UnknownAccount) as refused:
            map_balance(raw(("a", 5), ("c", -5)), mapping(a=to("9999"), c=to("capital")), CHART)
        assert refused.value.account == "9999"

    @pytest.mark.parametrize("computed", ["3400", "3900", "GOODWILL"])
    def test_what_the_close_computes_is_not_taken(self, computed: str):
        with pytest.raises(AccountNotEntered) as refused:
            map_balance(raw(("a", 5), ("c", -5)), mapping(a=to("cash"), c=to(computed)), CHART)
        assert (refused.value.entity, refused.value.account) == ("NVO", computed)
        with pytest.raises(AccountNotEntered):
            map_balance(raw(("1010", 5), (computed, -5)), None, CHART)

    def test_a_balance_that_does_not_balance_is_refused(self):
        by = mapping(a=to("cash"), c=to("capital"))
        with pytest.raises(UnbalancedTrialBalance):
            map_balance(raw(("a", 5), ("c", -4)), by, CHART)


class TestStandardChart:
    def test_without_a_mapping_lines_stay_as_they_are(self):
        mapped = map_balance(raw(("4000", -3), ("1010", 5), ("3000", -2)), None, CHART)
        assert mapped.accounts == ("4000", "1010", "3000")
        assert mapped.amounts.tolist() == [-3, 5, -2]

    def test_an_unknown_account_stops_it_only_when_it_holds_money(self):
        known = raw(("1010", 5, "A"), ("9999", 0, "B"), ("3000", -5, "C"))
        mapped = map_balance(known, None, CHART)
        assert mapped.keys == (("1010", "A"), ("3000", "C"))
        with pytest.raises(UnmappedAccounts) as refused:
            map_balance(raw(("1010", 5), ("9999", -5)), None, CHART)
        assert refused.value.accounts[0].account == "9999"

    @pytest.mark.parametrize("by", [None, mapping(**{"1010": to("cash"), "3000": to("capital")})])
    def test_where_it_came_from_stays_with_it(self, by: EntityMapping | None):
        given_ = replace(
            raw(("1010", 5), ("3000", -5)), basis=Basis.DERIVED, gaps=(Gap("payroll"),)
        )
        mapped = map_balance(given_, by, CHART)
        assert (mapped.basis, mapped.gaps) == (given_.basis, given_.gaps)
        assert (mapped.entity, mapped.period, mapped.currency) == ("NVO", "2025-06", "BRL")
