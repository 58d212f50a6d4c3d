"""A derived balance is completed by what an accountant sends, and by who stands behind it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from monthclose.consolidation.supplements import partnered, resupplemented, supplemented
from monthclose.ledger.balances import Basis, Gap, RawBalance
from monthclose.ledger.sources import (
    OpenItem,
    Side,
    Subledger,
    Supplement,
    SupplementLine,
    SupplementUnbalanced,
)


def column(*amounts):
    return np.array(amounts, dtype=np.int64)


DERIVED = RawBalance(
    "ALFA",
    "2025-01",
    "BRL",
    ("AP", "AR", "BANK:1"),
    column(-500_00, 900_00, -400_00),
    opening=column(-500_00, 700_00, -200_00),
    debit=column(0, 200_00, 0),
    credit=column(0, 0, 200_00),
    basis=Basis.DERIVED,
    gaps=(Gap("depreciation"), Gap("payroll"), Gap("leases")),
)


def worn(amount=30_00, other=30_00):
    lines = (
        SupplementLine("6040", "Depreciação", amount, 0, "depreciation"),
        SupplementLine("1410", "Depreciação acumulada", 0, other, "depreciation"),
    )
    return Supplement("ALFA", "2025-01", "BRL", lines, none=("leases",))


class TestSupplemented:
    def test_its_entries_come_on_top_and_its_gaps_are_filled(self):
        made = supplemented(DERIVED, worn())
        closing = dict(zip(made.accounts, made.amounts.tolist(), strict=True))
        assert closing == {
            "AP": -500_00, "AR": 900_00, "BANK:1": -400_00, "6040": 30_00, "1410": -30_00,
        }  # fmt: skip
        assert [gap.name for gap in made.gaps] == ["payroll"]
        assert made.out_by == 0
        assert made.opening is not None
        assert made.debit is not None
        assert made.credit is not None
        assert (made.opening + made.debit - made.credit).tolist() == made.amounts.tolist()

    def test_an_account_of_the_balance_moves_on(self):
        lines = (
            SupplementLine("AR", "", 10_00, 0, "payroll"),
            SupplementLine("BANK:1", "", 0, 10_00, "payroll"),
        )
        made = supplemented(DERIVED, Supplement("ALFA", "2025-01", "BRL", lines))
        assert dict(zip(made.accounts, made.amounts.tolist(), strict=True))["AR"] == 910_00

    def test_lines_that_do_not_balance_do_not_exist(self):
        with pytest.raises(SupplementUnbalanced) as refused:
            worn(30_00, 29_00)
        assert "1.00" in refused.value.message()


def item(side, tax_id, amount):
    account = "AR" if side is Side.RECEIVABLE else "AP"
    return OpenItem(side, "1", "1", tax_id, "", account, amount, "BRL", date(2025, 1, 3))


class TestPartnered:
    def test_what_is_open_within_the_group_names_its_partner(self):
        """Of 900.00 receivable 300.00 are a sister's: its root counts, not its branch."""
        subledger = Subledger(
            "ALFA",
            "2025-01",
            (
                item(Side.RECEIVABLE, "11222333000262", 300_00),
                item(Side.RECEIVABLE, "99888777000100", 600_00),
                item(Side.PAYABLE, "11222333000181", -500_00),
            ),
        )
        made = partnered(DERIVED, subledger, {"11222333": "BETA", "44555666": "ALFA"})
        lines = dict(
            zip(zip(made.accounts, made.partners, strict=True), made.amounts.tolist(), strict=True)
        )
        assert lines == {
            ("AR", ""): 600_00,
            ("AP", ""): 0,
            ("BANK:1", ""): -400_00,
            ("AR:GROUP", "BETA"): 300_00,
            ("AP:GROUP", "BETA"): -500_00,
        }
        assert made.out_by == 0

    @pytest.mark.parametrize("tax_id", ["", "11122233344", "44555666000199"])
    def test_nobody_a_person_and_the_company_itself_are_no_partners(self, tax_id):
        subledger = Subledger("ALFA", "2025-01", (item(Side.RECEIVABLE, tax_id, 300_00),))
        assert partnered(DERIVED, subledger, {"44555666": "ALFA", "11122233": "BETA"}) is DERIVED


class TestResupplemented:
    """What it would have been, had the later lines been there from the start."""

    ONE = (
        SupplementLine("5.9", "", 30_00, 0, "depreciation"),
        SupplementLine("1.9", "", 0, 30_00, "depreciation"),
    )
    TWO = (
        SupplementLine("AR", "", 10_00, 0, "payroll"),
        SupplementLine("5.9", "", 0, 10_00, "payroll"),
    )

    @pytest.mark.parametrize("was", [None, ONE, TWO])
    @pytest.mark.parametrize("now", [ONE, TWO, ()])
    def test_the_lines_before_are_out_and_the_later_ones_in(self, was, now):
        before = Supplement("ALFA", "2025-01", "BRL", was, ("loans",)) if was else None
        after = Supplement("ALFA", "2025-01", "BRL", now)
        stands = supplemented(DERIVED, before) if before else DERIVED
        order = [gap.name for gap in DERIVED.gaps]
        made = resupplemented(stands, before, after, order)
        wanted = supplemented(DERIVED, after)
        for name in ("accounts", "partners"):
            assert getattr(made, name) == getattr(wanted, name)
        for name in ("amounts", "opening", "debit", "credit"):
            assert getattr(made, name).tolist() == getattr(wanted, name).tolist()
        assert {gap.name for gap in wanted.gaps} <= {gap.name for gap in made.gaps}
        assert made.out_by == 0

    def test_a_balance_of_closings_alone_keeps_them(self):
        bare = replace(DERIVED, opening=None, debit=None, credit=None)
        made = resupplemented(bare, None, Supplement("ALFA", "2025-01", "BRL", self.ONE), ())
        lines = dict(zip(made.accounts, made.amounts.tolist(), strict=True))
        assert (lines["5.9"], lines["1.9"], lines["AR"]) == (30_00, -30_00, 900_00)
        assert made.opening is None
