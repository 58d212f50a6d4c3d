"""Companies of the group are named on what is owed, where an account says where it stands."""

from datetime import date

import numpy as np
import pytest

from monthclose.connectors.errors import CircuitOpen, RightMissing
from monthclose.connectors.totvs_titles import SETTLEMENTS
from monthclose.ledger.balances import Basis, Gap, RawBalance
from monthclose.ledger.sources import Extract, Nature, OpenItem, Side, SourceAccount, Subledger
from monthclose.wiring.partners import with_partners, without_partners

ROOTS = {"11222333": "BETA", "44555666": "ALFA"}
CHART = (
    SourceAccount("1.1.2", "Clientes", Nature.ASSET),
    SourceAccount("2.1.1", "Fornecedores", Nature.LIABILITY),
    SourceAccount("1.1.1", "Banco", Nature.ASSET),
)


def extract(basis=Basis.NATIVE_GL, partners=()):
    codes = ("1.1.1", "1.1.2", "2.1.1")
    amounts = np.array([-400_00, 900_00, -500_00], dtype=np.int64)
    raw = RawBalance("ALFA", "2025-01", "BRL", codes, amounts, partners, basis=basis)
    return Extract(raw, CHART)


def item(account, amount, tax_id="11222333000181"):
    side = Side.RECEIVABLE if amount > 0 else Side.PAYABLE
    return OpenItem(side, "1", "", tax_id, "", account, amount, "BRL", date(2025, 1, 3))


def named(extract, *items, gaps=()):
    return with_partners(extract, Subledger("ALFA", "2025-01", items, gaps=gaps), ROOTS)


def lines(made):
    raw = made.balance
    partners = raw.partners or ("",) * len(raw.accounts)
    return dict(zip(zip(raw.accounts, partners, strict=True), raw.amounts.tolist(), strict=True))


class TestLedger:
    def test_its_control_accounts_give_what_is_within_the_group(self):
        """Of 900.00 receivable 300.00 are BETA's, and of 500.00 payable 120.00."""
        made = named(
            extract(), item("1.1.2", 300_00), item("2.1.1", -120_00),
            item("1.1.2", 250_00, "99888777000100"),
        )  # fmt: skip
        assert lines(made) == {
            ("1.1.1", ""): -400_00,
            ("1.1.2", ""): 600_00,
            ("2.1.1", ""): -380_00,
            ("AR:GROUP", "BETA"): 300_00,
            ("AP:GROUP", "BETA"): -120_00,
        }
        assert (made.balance.out_by, made.notes) == (0, ())
        fresh = {each.code: (each.name, each.nature) for each in made.accounts[len(CHART) :]}
        assert fresh == {
            "AR:GROUP": ("Clientes (grupo)", Nature.ASSET),
            "AP:GROUP": ("Fornecedores (grupo)", Nature.LIABILITY),
        }

    def test_an_account_with_partners_of_its_own_stays(self):
        had = extract(partners=("", "BETA", ""))
        made = named(had, item("1.1.2", 300_00))
        assert (made.balance, made.accounts, made.notes) == (had.balance, CHART, ())

    def test_an_account_the_balance_has_not_is_told(self):
        made = named(extract(), item("1.1.9", 300_00), item("1.1.2", 200_00))
        facts = {"accounts": "1.1.9", "minor": "30000", "currency": "BRL"}
        assert made.notes == (("items-account-missing", facts),)
        assert lines(made)["1.1.2", ""] == 700_00
        assert "1.1.9" not in made.balance.accounts

    def test_another_gap_of_the_subledger_does_not_matter(self):
        made = named(extract(), item("1.1.2", 300_00), gaps=(Gap("titles"),))
        assert lines(made)["AR:GROUP", "BETA"] == 300_00

    def test_what_the_source_could_not_tell_names_nobody(self):
        made = named(extract(), item("1.1.2", 300_00), gaps=(Gap(SETTLEMENTS),))
        assert lines(made)["1.1.2", ""] == 900_00
        assert made.notes == (("partners-not-read", {}),)


@pytest.mark.parametrize("basis", [Basis.NATIVE_GL, Basis.DERIVED])
def test_items_without_an_account_are_left_out_and_told(basis):
    made = named(extract(basis), item("", 300_00), item("", -50_00), item("1.1.2", 100_00))
    assert lines(made) == {
        ("1.1.1", ""): -400_00,
        ("1.1.2", ""): 800_00,
        ("2.1.1", ""): -500_00,
        ("AR:GROUP", "BETA"): 100_00,
    }
    facts = {"count": "2", "minor": "35000", "currency": "BRL"}
    assert made.notes == (("items-without-account", facts),)
    assert made.balance.out_by == 0


class TestUnread:
    def test_a_right_that_is_missing_leaves_a_ledger_as_it_is(self):
        had = extract()
        made = without_partners(had, RightMissing("totvs", "SE1", 403))
        assert (made.balance, made.notes) == (had.balance, (("partners-not-read", {}),))

    @pytest.mark.parametrize(
        ("basis", "failed"),
        [
            (Basis.NATIVE_GL, CircuitOpen("totvs", 30.0)),
            (Basis.DERIVED, RightMissing("omie", "ListarContasReceber", 403)),
        ],
    )
    def test_what_passes_and_what_a_balance_is_made_of_fails_the_company(self, basis, failed):
        with pytest.raises(type(failed)):
            without_partners(extract(basis), failed)
