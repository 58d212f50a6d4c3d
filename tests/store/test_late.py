"""A closed month held against its source, with partners named then, now, or both."""

from datetime import date

import numpy as np
import pytest

from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.sources import BookItem, Side
from monthclose.store.late import differences, line_by_line


def raw(basis=Basis.NATIVE_GL, **lines):
    codes = tuple(code.replace("_", ":") for code in lines)
    amounts = np.array(list(lines.values()), dtype=np.int64)
    return RawBalance("ALFA", "2025-01", "BRL", codes, amounts, basis=basis)


def item(control, amount, account="AR:GROUP"):
    return BookItem(
        Side.RECEIVABLE, False, "1", "", "", "BETA", account, control, amount, "BRL",
        date(2025, 1, 3),
    )  # fmt: skip


def told(changes):
    return {each.account: (each.closed, each.found) for each in changes}


class TestDifferences:
    def test_partners_named_since_are_no_difference(self):
        closed = raw(A=900, B=500, C=-1400)
        found = raw(A=600, B=400, AR_GROUP=400, C=-1400)
        items = [item("A", 300), item("B", 100)]
        assert differences(closed, found, (), items) == ()

    def test_partners_named_then_and_gone_now_are_no_difference(self):
        closed = raw(A=600, AR_GROUP=300, C=-900)
        assert differences(closed, raw(A=900, C=-900), [item("A", 300)], ()) == ()

    def test_what_changed_is_told_of_its_control_account(self):
        closed = raw(A=600, AR_GROUP=300, C=-900)
        found = raw(A=600, AR_GROUP=350, C=-950)
        changes = differences(closed, found, [item("A", 300)], [item("A", 350)])
        assert told(changes) == {"A": (900, 950), "C": (-900, -950)}

    def test_closed_without_items_one_control_account_is_known_from_the_other_side(self):
        closed = raw(A=600, AR_GROUP=300, C=-900)
        found = raw(A=580, AR_GROUP=320, C=-900)
        assert differences(closed, found, (), [item("A", 320)]) == ()

    def test_closed_without_items_several_are_compared_as_one(self):
        """300 were A's or B's: of both together, what is missing is seen."""
        closed = raw(A=600, B=100, AR_GROUP=300, C=-1000)
        found = raw(A=500, B=150, AR_GROUP=340, C=-990)
        changes = differences(closed, found, (), [item("A", 200), item("B", 140)])
        assert told(changes) == {"A": (1000, 990), "C": (-1000, -990)}

    def test_of_a_derived_balance_the_control_accounts_are_ours(self):
        closed = raw(Basis.DERIVED, AR=600, AR_GROUP=300, C=-900)
        assert differences(closed, raw(Basis.DERIVED, AR=900, C=-900)) == ()

    @pytest.mark.parametrize("closed", [None, raw(A=0)])
    def test_line_by_line_nothing_is_put_back(self, closed):
        found = raw(A=600, AR_GROUP=300, C=-900)
        assert told(line_by_line(closed, found)) == {
            "A": (0, 600), "AR:GROUP": (0, 300), "C": (0, -900),
        }  # fmt: skip
