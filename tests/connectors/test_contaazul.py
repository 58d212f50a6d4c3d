"""One coherent month of Conta Azul, worked by hand, over real HTTP."""

from dataclasses import replace
from datetime import date

import pytest

from monthclose.connectors.errors import FieldUnreadable, OpeningMissing, WrongCompany
from monthclose.ledger.titles import BankAccount, BankTransfer, Dealings, Settlement
from monthclose.sandbox.neighbors.contaazul_rows import Shown
from tests.connectors.contaazul_world import (
    BETA,
    COMPANY,
    GAMA,
    OPENING,
    TITLES,
    Run,
    closing,
    opening,
    payable,
    receivable,
    rows,
)

pytestmark = pytest.mark.server


def company(*titles, **facts):
    return replace(COMPANY, dealings=replace(COMPANY.dealings, titles=titles, **facts))


class TestMonth:
    def test_the_month_gives_the_balance_worked_by_hand(self):
        """
        Opening receivables: 3,000.00 late, 400.00 lost later, 900.00 that replace 900.00.

        Receipts 3,000.00 + 24.00 + 6.00 and 1,200.00 - 2.50; payment 1,200.00 - 20.00;
        transfer 1,000.00. Bank: 10,000.00 + 3,030.00 + 1,197.50 - 1,180.00 - 1,000.00 =
        12,047.50. Receivables: 4,300.00 + 5,000.00 - 3,000.00 - 1,200.00 - 400.00 = 4,700.00.
        """
        extract = Run().extract()
        assert rows(extract) == {
            "BANK:k-1": (10_000_00, 4_227_50, 2_180_00, 12_047_50),
            "BANK:k-2": (0, 1_000_00, 0, 1_000_00),
            "AR": (4_300_00, 5_000_00, 4_600_00, 4_700_00),
            "AP": (-1_200_00, 1_200_00, 1_500_00, -1_500_00),
            "CAPITAL": (-8_000_00, 0, 0, -8_000_00),
            "RETAINED": (-5_100_00, 0, 0, -5_100_00),
            "CAT:c-1": (0, 0, 3_000_00, -3_000_00),
            "CAT:c-2": (0, 0, 2_000_00, -2_000_00),
            "CAT:c-3": (0, 1_500_00, 0, 1_500_00),
            "INTEREST_INCOME": (0, 0, 30_00, -30_00),
            "BANK_FEES": (0, 2_50, 0, 2_50),
            "DISCOUNT_OBTAINED": (0, 0, 20_00, -20_00),
            "CREDIT_LOSSES": (0, 400_00, 0, 400_00),
        }

    def test_every_tie_out_holds_and_banks_lead_to_what_they_hold_today(self):
        extract = Run().extract()
        assert [tie for tie in extract.tie_outs if tie.out_by] == []
        banks = {tie.account: tie.expected for tie in extract.tie_outs if tie.name == "bank"}
        assert banks == {"BANK:k-1": 12_047_50, "BANK:k-2": 1_000_00}

    def test_the_next_month_goes_on_from_the_closing(self):
        """February: 1,300.00 and 2,500.00 come in; nothing is recognised."""
        january = Run().extract()
        february = Run().extract("2025-02", january.balance)
        assert closing(february)["AR"] == 900_00
        assert closing(february)["BANK:k-1"] == 15_847_50
        assert [tie for tie in february.tie_outs if tie.out_by] == []

    def test_what_was_paid_in_february_is_open_at_the_end_of_january(self):
        details = Run().items()
        assert {item.id: item.amount for item in details.items} == {
            "1002": 1_300_00,
            "1003": 2_500_00,
            "1006": 900_00,
            "2002": -1_500_00,
        }
        assert {item.root for item in details.items} == {"22333444", "44555666", "55666777"}

    def test_flows_are_by_category_and_counterparty(self):
        flows = Run().items().flows
        found = {(flow.id, flow.account, flow.tax_id): flow.amount for flow in flows}
        assert found == {
            ("1002", "CAT:c-1", "22333444000181"): -1_500_00,
            ("1002", "CAT:c-2", "22333444000181"): -1_000_00,
            ("1003", "CAT:c-1", "22333444000181"): -1_500_00,
            ("1003", "CAT:c-2", "22333444000181"): -1_000_00,
            ("2002", "CAT:c-3", "55666777000181"): 1_500_00,
        }

    def test_lines_come_from_the_tree_and_else_from_the_category(self):
        accounts = {each.code: each for each in Run().extract().accounts}
        assert accounts["CAT:c-2"].line == "01.02"
        assert accounts["CAT:c-3"].line == "DESPESAS_ADMINISTRATIVAS"

    def test_a_category_in_no_line_is_told_and_is_no_result(self):
        asset = payable("2003", GAMA, date(2025, 1, 8), 700_00, ("c-5", 700_00))
        extract = Run(company=company(*TITLES, asset)).extract()
        assert ("category-without-line", "CAT:c-5") in {
            (code, facts.get("account")) for code, facts in extract.notes
        }

    def test_without_opening_balances_it_says_what_to_load(self):
        with pytest.raises(OpeningMissing):
            Run().extract(start=None)


class TestRenegotiation:
    def test_the_replacement_counts_and_the_old_one_does_not(self):
        extract = Run().extract("2024-12", opening("2024-11", AR=400_00, RETAINED=-400_00))
        assert closing(extract)["AR"] == 4_300_00
        assert closing(extract)["CAT:c-1"] == -3_900_00
        assert ("renegotiated-dropped", {"id": "1005", "on": "2024-12-28"}) in extract.notes

    def test_what_was_paid_before_it_stays(self):
        """1,000.00, of which 400.00 were paid; 600.00 are agreed anew on the same event date."""
        old = receivable(
            "1", BETA, date(2025, 1, 3), 1_000_00,
            settlements=(Settlement("s", date(2025, 1, 8), "k-1", 400_00),),
        )  # fmt: skip
        new = receivable("2", BETA, date(2025, 1, 3), 600_00, due=date(2025, 5, 1))
        shown = Shown(replaced={"1": date(2025, 2, 3)})
        extract = Run(company=company(old, new), shown=shown).extract(
            start=opening(CAPITAL=-10_000_00, BANK_k_1=10_000_00)
        )
        assert closing(extract)["CAT:c-1"] == -1_000_00
        assert closing(extract)["AR"] == 600_00
        assert [tie for tie in extract.tie_outs if tie.out_by and tie.name != "bank"] == []

    def test_where_the_replacement_is_of_a_later_date_the_old_one_is_reversed_that_day(self):
        old = receivable("1", BETA, date(2025, 1, 3), 1_000_00)
        new = receivable("2", BETA, date(2025, 2, 3), 1_000_00, due=date(2025, 5, 1))
        shown = Shown(replaced={"1": date(2025, 2, 3)})
        run = lambda: Run(  # noqa: E731
            company=company(old, new, transfers=()),
            shown=shown,
            settings={"renegotiated": "reversed"},
        )
        january = run().extract(start=opening(CAPITAL=-10_000_00, BANK_k_1=10_000_00))
        assert closing(january)["AR"] == 1_000_00
        february = run().extract("2025-02", january.balance)
        assert closing(february)["AR"] == 1_000_00
        assert closing(february)["CAT:c-1"] == -1_000_00
        assert [tie for tie in february.tie_outs if tie.out_by] == []


class TestCancellation:
    def test_it_counts_on_the_day_of_the_last_change_and_says_so(self):
        gone = receivable("1", BETA, date(2025, 1, 3), 1_000_00, cancelled=date(2025, 2, 7))
        start = opening(CAPITAL=-10_000_00, BANK_k_1=10_000_00)
        january = Run(company=company(gone, transfers=())).extract(start=start)
        assert closing(january)["AR"] == 1_000_00
        february = Run(company=company(gone, transfers=())).extract("2025-02", january.balance)
        assert "AR" not in closing(february)
        assert ("cancelled-by-last-change", {"id": "1", "on": "2025-02-07"}) in february.notes

    def test_of_an_event_of_three_the_part_of_one_goes_as_it_came(self):
        """
        333.34, 333.33 and 333.33 over 700.01 and 299.99, the second cancelled in March.

        Only what it was recognised with goes, though the others were paid long before.
        """
        amounts = (333_34, 333_33, 333_33)
        titles = [
            receivable(
                str(n), BETA, date(2025, 1, 3), amount, ("c-1", 233_33 + (n == 0) * 2),
                ("c-2", amount - 233_33 - (n == 0) * 2),
                settlements=(Settlement(f"s{n}", date(2025, 1, 9), "k-1", amount),) * (n != 1),
                cancelled=date(2025, 3, 3) if n == 1 else None,
            )
            for n, amount in enumerate(amounts)
        ]  # fmt: skip
        shown = Shown(events=dict.fromkeys("012", "e"))
        made = company(*titles, transfers=())
        balance = opening(CAPITAL=-10_000_00, BANK_k_1=10_000_00)
        for period in ("2025-01", "2025-02", "2025-03"):
            extract = Run(company=made, shown=shown).extract(period, balance)
            assert [tie for tie in extract.tie_outs if tie.out_by] == []
            balance = extract.balance
            if period == "2025-01":
                assert closing(extract)["CAT:c-1"] == -700_01
                assert closing(extract)["CAT:c-2"] == -299_99
        assert closing(extract) == {
            "BANK:k-1": 10_666_67,
            "CAPITAL": -10_000_00,
            "CAT:c-1": -466_67,
            "CAT:c-2": -200_00,
        }


class TestBank:
    def test_a_transfer_that_arrives_in_the_next_month_stands_in_suspense(self):
        moved = BankTransfer("t-9", date(2025, 1, 31), "k-1", "k-2", 500_00)
        made = company(transfers=(moved,))
        shown = Shown(arrivals={"t-9": "2025-02-03"})
        start = opening(CAPITAL=-10_000_00, BANK_k_1=10_000_00)
        january = Run(company=made, shown=shown).extract(start=start)
        assert closing(january)["SUSPENSE"] == 500_00
        assert "BANK:k-2" not in closing(january)
        february = Run(company=made, shown=shown).extract("2025-02", january.balance)
        assert closing(february)["BANK:k-2"] == 500_00
        assert "SUSPENSE" not in closing(february)

    @pytest.mark.parametrize("held", [70_00, -70_00])
    def test_a_starting_balance_of_the_month_is_in_suspense_unless_it_is_the_first(self, held):
        made = replace(
            company(transfers=(), banks=(BankAccount("k-1", "Itau"),)), bank_starts={"k-1": held}
        )
        shown = Shown(began="2025-01-01")
        nothing = opening(CAPITAL=-1, RETAINED=1)
        late = Run(company=made, shown=shown).extract(start=nothing)
        assert closing(late)["SUSPENSE"] == -held
        assert [tie for tie in late.tie_outs if tie.out_by] == []
        loaded = opening(CAPITAL=-held, BANK_k_1=held)
        first = Run(company=made, shown=shown, since="2025-01").extract(start=loaded)
        assert closing(first) == {"CAPITAL": -held, "BANK:k-1": held}
        assert [tie for tie in first.tie_outs if tie.out_by] == []

    def test_money_before_the_accrual_is_an_advance_and_not_lost(self):
        """Received in January, earned in February."""
        early = receivable(
            "1", BETA, date(2025, 2, 1), 100_00,
            settlements=(Settlement("s", date(2025, 1, 30), "k-1", 100_00),),
        )  # fmt: skip
        start = opening(CAPITAL=-10_000_00, BANK_k_1=10_000_00)
        made = company(early, transfers=())
        january = Run(company=made).extract(start=start)
        assert closing(january)["AR"] == -100_00
        assert [tie for tie in january.tie_outs if tie.out_by] == []
        february = Run(company=made).extract("2025-02", january.balance)
        assert closing(february)["CAT:c-1"] == -100_00
        assert "AR" not in closing(february)

    def test_a_bank_that_holds_something_else_is_told(self):
        extract = Run(company=replace(COMPANY, bank_starts={"k-1": 9_999_00})).extract()
        (tie,) = [each for each in extract.tie_outs if each.out_by]
        assert (tie.name, tie.account, tie.out_by) == ("bank", "BANK:k-1", 1_00)


class TestCompany:
    def test_the_token_of_another_company_is_refused(self):
        with pytest.raises(WrongCompany):
            Run(cnpj="33444555000181").extract()
        assert closing(Run(cnpj="11222333000181").extract())["AR"] == 4_700_00

    def test_a_company_without_cnpj_is_said_to_be_unverified(self):
        extract = Run(company=replace(COMPANY, cnpj=""), cnpj="11222333000181").extract()
        assert "company-unverified" in {code for code, _ in extract.notes}

    def test_addresses_and_telephones_of_people_are_not_kept(self):
        documents = Run().extract().documents
        assert len(documents) > 20
        text = b"".join(each.content for each in documents)
        assert b"nobody has to keep" not in text
        assert b"44555666000181" in text
        assert b"access-1" not in text

    def test_a_person_who_is_gone_is_unmatched_and_told(self):
        made = replace(COMPANY, parties=COMPANY.parties[1:])
        run = Run(company=made)
        items = {item.id: item.tax_id for item in run.items().items}
        assert items["1006"] == ""


class TestAmounts:
    def test_a_split_that_does_not_add_up_fails(self):
        """An event of 200.00 of which January shows one instalment of 100.00 only."""
        titles = [receivable(n, BETA, date(2025, int(n), 3), 100_00) for n in "12"]
        with pytest.raises(FieldUnreadable):
            Run(company=company(*titles), shown=Shown(events={"1": "e", "2": "e"})).extract()

    def test_the_empty_company_is_empty(self):
        made = replace(COMPANY, dealings=Dealings(), parties=(), bank_starts={})
        assert closing(Run(company=made, shown=Shown()).extract()) == closing(
            Run(company=made, shown=Shown()).extract("2025-02")
        )
        assert rows(Run(company=made, shown=Shown()).extract())["AR"][3] == int(
            OPENING.amounts[OPENING.accounts.index("AR")]
        )
