"""One coherent month of Bling, worked by hand, over real HTTP."""

import json
from dataclasses import replace
from datetime import date

import pytest

from monthclose.connectors.bling import BlingConnector
from monthclose.connectors.errors import OpeningMissing, ResultsUnmapped, WrongCompany
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.titles import BankTransfer
from tests.connectors.bling_case import (
    COMPANY,
    DELTA,
    GAMA,
    IN,
    MONTH,
    OPENING,
    OUT,
    Run,
    out,
    paid,
    rows,
    title,
    with_titles,
)

pytestmark = pytest.mark.server


class TestMonth:
    def test_the_month_gives_the_balance_worked_by_hand(self):
        """
        Receipts, payments, a fee of 45.90, a transfer of 1,000.00.

        Received 3,000.00 + 30.00 - 2.50 and, in no batch, 600.00 + 5.00; paid 1,200.00 - 20.00
        and in one batch 800.00 + 8.00 and 400.00.
        Bank 501: 10,000.00 + 3,027.50 + 605.00 - 1,180.00 - 1,208.00 - 45.90 - 1,000.00 =
        10,198.60. Debits are 3,632.50 + 1,000.00 + 5,600.00 + 2,400.00 + 1,500.00 + 1,200.00 +
        8.00 + 2.50 + 45.90 = 15,388.90.
        """
        extract = Run().extract()
        assert rows(extract) == {
            "BANK:501": (10_000_00, 3_632_50, 3_433_90, 10_198_60),
            "BANK:502": (0, 1_000_00, 0, 1_000_00),
            "AR": (3_000_00, 5_600_00, 3_600_00, 5_000_00),
            "AP": (-1_200_00, 2_400_00, 2_700_00, -1_500_00),
            "CAPITAL": (-8_000_00, 0, 0, -8_000_00),
            "RETAINED": (-3_800_00, 0, 0, -3_800_00),
            "CAT:9001": (0, 0, 5_600_00, -5_600_00),
            "CAT:9002": (0, 1_500_00, 0, 1_500_00),
            "CAT:9003": (0, 1_200_00, 0, 1_200_00),
            "CAT:9004": (0, 45_90, 0, 45_90),
            "INTEREST_INCOME": (0, 0, 35_00, -35_00),
            "INTEREST_EXPENSE": (0, 8_00, 0, 8_00),
            "DISCOUNT_OBTAINED": (0, 0, 20_00, -20_00),
            "BANK_FEES": (0, 2_50, 0, 2_50),
        }
        assert int(extract.balance.debit.sum()) == 15_388_90

    def test_every_tie_out_holds(self):
        extract = Run().extract()
        assert out(extract) == []
        assert {tie.name for tie in extract.tie_outs} >= {"open_receivables", "open_payables"}

    def test_no_category_is_taken_for_an_expense(self):
        notes = [facts["account"] for note, facts in Run().extract().notes]
        assert notes == ["CAT:9001", "CAT:9002", "CAT:9003", "CAT:9004"]

    def test_what_was_paid_in_february_is_open_at_the_end_of_january(self):
        details = Run().ask(lambda c: c.get_subledger_details("2025-01"))
        assert {item.id: item.amount for item in details.items} == {
            "1002": 5_000_00,
            "2002": -1_500_00,
        }

    def test_a_title_open_for_long_is_looked_for_since_the_openings(self):
        """Read for March, a month back from the openings of January: 1002 is of 21 December."""
        run = Run(company=replace(COMPANY, today=date(2025, 4, 3)), look_back="1")
        details = run.ask(lambda c: c.get_subledger_details("2025-03"))
        assert {item.id: item.amount for item in details.items} == {
            "1002": 3_800_00,
            "2002": -1_500_00,
        }

    def test_a_title_from_before_the_look_back_is_found_when_it_is_paid(self):
        """900.00 of October 2023 received, and 700.00 paid, in January 2025."""
        old = (
            title(IN, "1010", DELTA, "2023-10-10", 900_00, "9001",
                  paid("8060", "2025-01-15", 900_00)),
            title(OUT, "2010", GAMA, "2023-10-10", 700_00, "9002",
                  paid("8061", "2025-01-15", 700_00)),
        )  # fmt: skip
        found = rows(Run(company=with_titles(COMPANY, *MONTH.titles, *old)).extract())
        assert found["AR"][2] == 3_600_00 + 900_00
        assert found["AP"][1] == 2_400_00 + 700_00
        assert found["BANK:501"][3] == 10_198_60 + 200_00

    def test_payables_find_their_cnpj_by_the_contact(self):
        details = Run().ask(lambda c: c.get_subledger_details("2025-01"))
        assert {(item.tax_id, item.name) for item in details.items} == {DELTA, GAMA}
        assert {(flow.tax_id, flow.account) for flow in details.flows} >= {(GAMA[0], "CAT:9002")}

    def test_february_goes_on_from_january(self):
        """Bank 10,198.60 + 1,200.00 + 12.00 - 2.50 = 11,408.10; open 5,000.00 - 1,200.00."""
        run = Run()
        january = run.extract().balance
        opening = RawBalance("ALFA", "2025-01", "BRL", january.accounts, january.amounts)
        extract = run.extract("2025-02", opening)
        assert rows(extract)["BANK:501"][3] == 11_408_10
        assert rows(extract)["AR"][3] == 3_800_00
        assert out(extract) == []

    def test_without_opening_balances_it_says_what_to_load(self):
        with pytest.raises(OpeningMissing):
            Run(opening=None).extract()

    def test_a_year_does_not_begin_before_results_are_known(self):
        opening = RawBalance(
            "ALFA", "2024-12", "BRL", (*OPENING.accounts[:4], "CAT:9001"), OPENING.amounts
        )
        with pytest.raises(ResultsUnmapped):
            Run(opening=opening).extract()

    def test_transfers_of_one_day_and_amount_reach_every_account(self):
        """501 -> 502, 502 -> 501 and 501 -> 503 of 10.00 each: 501 -10.00, 503 +10.00."""
        day = date(2025, 1, 9)
        moved = tuple(
            BankTransfer(number, day, source, to, 10_00)
            for number, source, to in (
                ("8300", "501", "502"),
                ("8302", "502", "501"),
                ("8304", "501", "503"),
            )
        )
        found = rows(Run(company=with_titles(COMPANY, transfers=moved, entries=())).extract())
        assert found["BANK:501"][1:3] == (10_00, 20_00)
        assert found["BANK:502"][1:3] == (10_00, 10_00)
        assert found["BANK:503"][1:3] == (10_00, 0)

    def test_what_was_accrued_in_another_month_than_issued_counts_where_it_accrued(self):
        late = title(IN, "1005", DELTA, "2025-04-10", 700_00, "9001")
        run = Run(company=with_titles(COMPANY, *MONTH.titles, late))
        assert rows(run.extract())["AR"][3] == 5_000_00
        assert run.calls("contas/receber/{id}") == 4

    def test_what_was_paid_before_it_accrues_is_owed_until_then(self):
        """300.00 received in January for March, in no batch: bank and, the other way, AR."""
        ahead = title(IN, "1006", DELTA, "2025-03-02", 300_00, "9001",
                      paid("ahead", "2025-01-30", 300_00))  # fmt: skip
        run = Run(company=with_titles(COMPANY, *MONTH.titles, ahead))
        extract = run.extract()
        assert rows(extract)["BANK:501"][3] == 10_198_60 + 300_00
        assert rows(extract)["AR"][3] == 5_000_00 - 300_00
        assert out(extract) == []


class TestAmountPaid:
    def test_a_discount_that_is_taken_off_already_shows_against_the_cash_book(self):
        """1,200.00 less 20.00: read as gross it would post 1,160.00, the cash book has 1,180.00."""
        net = title(OUT, "2001", GAMA, "2024-12-15", 1_200_00, "9002",
                    paid("8002", "2025-01-20", 1_200_00, discount=20_00))  # fmt: skip
        company = with_titles(COMPANY, net)
        run = Run(company=company)
        run.bling.net = True
        assert ("settlement", "BATCH:8002", 20_00) in out(run.extract())
        told = Run(company=company, paid_amount="net")
        told.bling.net = True
        extract = told.extract()
        assert "settlement" not in {name for name, *_ in out(extract)}
        assert rows(extract)["BANK:501"][2] == 1_180_00 + 45_90 + 1_000_00

    def test_two_titles_of_one_number_in_one_batch_are_told_apart_by_amount(self):
        first, second = (
            replace(title(IN, number, DELTA, "2025-01-03", amount, "9001",
                          paid("8050", "2025-01-08", amount)), document="7")
            for number, amount in (("1101", 100_00), ("1102", 250_00))
        )  # fmt: skip
        extract = Run(company=with_titles(COMPANY, second, first)).extract()
        assert [tie for tie in out(extract) if tie[0] in ("title", "settlement")] == []


class TestCompany:
    def test_the_company_is_kept_without_its_mail(self):
        async def ask(connector: BlingConnector):
            return await connector.get_companies(), connector.transport.documents

        (company,), (document,) = Run().ask(ask)
        assert company.cnpj == "11222333000181"
        assert b"example.com" not in document.content
        assert json.loads(document.content)["data"]["nome"] == "ALFA SISTEMAS LTDA"

    def test_another_company_than_asked_for_is_refused(self):
        run = Run()
        run.cnpj = "99.888.777/0001-43"
        with pytest.raises(WrongCompany):
            run.extract()
        run.cnpj = "11.222.333/0001-81"
        assert rows(run.extract())["AR"][3] == 5_000_00

    def test_no_document_holds_a_secret_or_a_telephone(self):
        run = Run()
        documents = run.extract().documents
        assert len(documents) >= 20
        for document in documents:
            assert run.vault.secrets["access_token"].encode() not in document.content
            assert run.vault.secrets["client_secret"].encode() not in document.content
            assert b"5555-0100" not in document.content
