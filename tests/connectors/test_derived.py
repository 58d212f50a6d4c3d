"""A balance from titles and bank entries, each posted once and nothing made up."""

from datetime import date

import numpy as np
import pytest

from monthclose.connectors.derived import Deriving, derive, postings, subledger
from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import (
    BankAccount,
    BankEntry,
    BankTransfer,
    Category,
    Dealings,
    Part,
    Settlement,
    Title,
)


def title(side, number, accrued, amount, parts=None, **facts):
    return Title(
        side,
        str(number),
        str(number),
        facts.pop("tax_id", "22333444000181"),
        "BETA",
        accrued,
        None,
        amount,
        tuple(Part(*each) for each in parts or [("1.01", amount)]),
        **facts,
    )


def opening(**amounts):
    codes = tuple(
        code.replace("_", ":", 1) if code.startswith("BANK") else code for code in amounts
    )
    values = np.array(list(amounts.values()), dtype=np.int64)
    return RawBalance("BETA", "2024-12", "BRL", codes, values)


CATEGORIES = (
    Category("1.01", "Assinaturas", line="1.01.01"),
    Category("2.04", "Aluguel", line="4.02.01"),
    Category("2.10", "Compra de imobilizado"),
)

START = opening(
    BANK_501=10_000_00, AR=3_000_00, AP=-1_200_00, CAPITAL=-8_000_00, RETAINED=-3_800_00
)


def derived(*titles, entries=(), transfers=(), start=START, period="2025-01", **facts):
    dealings = Dealings(
        tuple(titles),
        tuple(entries),
        tuple(transfers),
        CATEGORIES,
        (BankAccount("501", "Itaú", "CC"), BankAccount("502", "Caixinha", "CX")),
        facts.pop("bank_closings", ()),
    )
    return derive(Deriving("BETA", period, "BRL", start, dealings, **facts))


def closing(made):
    pairs = zip(made.balance.accounts, made.balance.amounts.tolist(), strict=True)
    return {code: amount for code, amount in pairs if amount}


class TestReceivables:
    def test_a_title_of_last_month_is_settled_and_not_recognised_again(self):
        """Receipt of 3,000.00 and interest of 30.00: bank +3,030.00, AR -3,000.00."""
        paid = Settlement("9001", date(2025, 1, 5), "501", 3_000_00, interest=30_00)
        made = derived(
            title(Side.RECEIVABLE, 1001, date(2024, 12, 10), 3_000_00, settlements=(paid,))
        )
        assert closing(made) == {
            "BANK:501": 13_030_00,
            "AP": -1_200_00,
            "CAPITAL": -8_000_00,
            "RETAINED": -3_800_00,
            "INTEREST_INCOME": -30_00,
        }

    def test_a_fee_kept_by_the_bank_and_a_discount_lessen_the_money(self):
        """100.00 less discount 4.00, less fee 1.50: 94.50 in the bank."""
        paid = Settlement("1", date(2025, 1, 9), "501", 100_00, discount=4_00, fee=1_50)
        sold = title(Side.RECEIVABLE, 1, date(2025, 1, 2), 100_00, settlements=(paid,))
        made = closing(derived(sold))
        assert made["BANK:501"] == 10_094_50
        assert (made["DISCOUNT_GRANTED"], made["BANK_FEES"]) == (4_00, 1_50)

    def test_taxes_the_customer_keeps_are_recoverable_and_never_open(self):
        sold = title(Side.RECEIVABLE, 1, date(2025, 1, 2), 1_000_00, withheld=61_50)
        made = closing(derived(sold))
        assert made["WITHHELD_TAXES"] == 61_50
        assert made["AR"] == 3_938_50
        assert made["CAT:1.01"] == -1_000_00

    def test_a_loss_goes_to_credit_losses_and_moves_no_money(self):
        lost = Settlement("1", date(2025, 1, 9), "", 3_000_00, loss=True)
        made = closing(
            derived(title(Side.RECEIVABLE, 1, date(2024, 12, 1), 3_000_00, settlements=(lost,)))
        )
        assert made["CREDIT_LOSSES"] == 3_000_00
        assert "AR" not in made

    def test_a_cancellation_counts_in_the_month_it_was_made(self):
        gone = title(Side.RECEIVABLE, 1, date(2024, 12, 1), 3_000_00, cancelled=date(2025, 1, 20))
        made = closing(derived(gone))
        assert "AR" not in made
        assert made["CAT:1.01"] == 3_000_00

    def test_what_was_paid_later_is_still_open_then(self):
        later = Settlement("1", date(2025, 2, 3), "501", 3_000_00)
        sold = title(Side.RECEIVABLE, 1, date(2024, 12, 10), 3_000_00, settlements=(later,))
        assert closing(derived(sold))["AR"] == 3_000_00
        (item,) = subledger("BETA", "2025-01", "BRL", [sold]).items
        assert (item.amount, item.root) == (3_000_00, "22333444")


class TestPayables:
    def test_a_discount_obtained_stays_in_the_bank(self):
        """1,200.00 paid with 1,180.00."""
        paid = Settlement("9002", date(2025, 1, 20), "501", 1_200_00, discount=20_00)
        rent = title(
            Side.PAYABLE,
            2001,
            date(2024, 12, 15),
            1_200_00,
            [("2.04", 1_200_00)],
            settlements=(paid,),
        )
        made = closing(derived(rent))
        assert made["BANK:501"] == 8_820_00
        assert made["DISCOUNT_OBTAINED"] == -20_00
        assert "AP" not in made

    def test_interest_and_fee_come_on_top(self):
        """Principal 100.00, interest 2.00, fine 1.00, fee 0.50: 103.50 leave the bank."""
        paid = Settlement("1", date(2025, 1, 20), "501", 100_00, interest=2_00, fine=1_00, fee=50)
        bill = title(
            Side.PAYABLE, 1, date(2025, 1, 2), 100_00, [("2.04", 100_00)], settlements=(paid,)
        )
        made = closing(derived(bill))
        assert made["BANK:501"] == 9_896_50
        assert made["INTEREST_EXPENSE"] == 3_00


class TestBank:
    def test_a_transfer_between_own_accounts_is_neither_income_nor_expense(self):
        made = closing(
            derived(transfers=[BankTransfer("8004", date(2025, 1, 28), "501", "502", 1_000_00)])
        )
        assert (made["BANK:501"], made["BANK:502"]) == (9_000_00, 1_000_00)

    def test_an_entry_without_category_goes_to_suspense_and_is_told(self):
        entry = BankEntry("1", date(2025, 1, 3), "501", -45_90, (Part("", 45_90),))
        made = derived(entries=[entry])
        assert closing(made)["SUSPENSE"] == 45_90
        assert ("without-category", {"account": "SUSPENSE"}) in made.notes

    def test_a_category_without_line_is_told_and_is_no_result(self):
        entry = BankEntry("1", date(2025, 1, 3), "501", -500_00, (Part("2.10", 500_00),))
        made = derived(entries=[entry])
        assert [note for note, _ in made.notes] == ["category-without-line"]

    def test_what_the_source_says_the_bank_held_is_held_against_it(self):
        made = derived(bank_closings=(("501", 9_999_00),))
        (tie,) = [each for each in made.tie_outs if each.name == "bank"]
        assert tie.out_by == 1_00


class TestYear:
    def test_the_result_of_the_year_before_goes_to_retained_earnings_once(self):
        start = opening(BANK_501=1_500_00, **{"CAT:1.01": -1_500_00})
        made = derived(start=start, year_starts=True)
        assert closing(made) == {"BANK:501": 1_500_00, "RETAINED": -1_500_00}
        kept = derived(start=start)
        assert closing(kept)["CAT:1.01"] == -1_500_00

    def test_a_category_that_is_no_result_stays(self):
        start = opening(BANK_501=-500_00, **{"CAT:2.10": 500_00})
        assert closing(derived(start=start, year_starts=True))["CAT:2.10"] == 500_00


class TestHonesty:
    def test_gaps_are_named_and_the_basis_says_derived(self):
        balance = derived().balance
        assert balance.basis is Basis.DERIVED
        assert "depreciation" in {gap.name for gap in balance.gaps}

    def test_every_event_balances(self):
        paid = Settlement("1", date(2025, 1, 20), "501", 60_00, 2_00, 1_00, 4_00, 50)
        dealings = Dealings(
            (
                title(
                    Side.RECEIVABLE, 1, date(2025, 1, 2), 100_00, withheld=5_00, settlements=(paid,)
                ),
                title(
                    Side.PAYABLE,
                    2,
                    date(2025, 1, 2),
                    100_00,
                    cancelled=date(2025, 3, 1),
                    settlements=(paid,),
                ),
            ),
            (
                BankEntry(
                    "1", date(2025, 1, 3), "501", 45_90, (Part("1.01", 40_00), Part("", 5_90))
                ),
            ),
            (BankTransfer("2", date(2025, 1, 3), "501", "502", 7_00),),
        )
        assert sum(each.amount for each in postings(dealings)) == 0

    @pytest.mark.parametrize("paid", [True, False])
    def test_open_titles_add_up_to_the_control_account(self, paid):
        settled = (Settlement("1", date(2025, 1, 20), "501", 3_000_00),) if paid else ()
        made = derived(title(Side.RECEIVABLE, 1, date(2024, 12, 1), 3_000_00, settlements=settled))
        ties = {each.name: each.out_by for each in made.tie_outs}
        assert ties["open_receivables"] == 0
        assert ties["open_payables"] == -1_200_00  # the loaded payable has no title here
