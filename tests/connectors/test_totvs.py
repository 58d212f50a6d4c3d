"""One coherent month of Protheus, worked by hand, over real HTTP: the ledger and its titles."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from monthclose.connectors.base import Connection
from monthclose.connectors.errors import (
    AccountUnknown,
    LedgerEmpty,
    LevelsDoubled,
    SettingWrong,
    ValueUnknown,
)
from monthclose.connectors.totvs import TotvsConnector
from monthclose.connectors.transport import Neighborhood
from monthclose.ledger.balances import Basis
from monthclose.sandbox.faults import Fault, Kind, Script
from tests.connectors.fakes import MemoryVault
from tests.connectors.totvs_month import (
    BANK,
    CAPITAL,
    CHART,
    CLIENTS,
    CLOSING,
    COMPANY,
    DISCOUNTS,
    ENTRIES,
    FEES,
    INTEREST,
    PETTY,
    RENT,
    RETAINED,
    SALES,
    SETUP,
    SUPPLIERS,
    USER,
    Run,
    closing,
    entry,
    notes,
    rows,
)

pytestmark = pytest.mark.server

HERE = "01,0101"


class TestMonth:
    def test_the_month_gives_the_balance_worked_by_hand(self):
        """
        A year that was closed, and a month.

        Bank: capital 8,000.00 + 4,000.00 - 2,000.00 = 10,000.00 at the start; then receipt
        3,030.00, payment 1,180.00, fee 45.90, transfer 1,000.00: 10,804.10. The year before is
        closed, so sales and rent begin at nil and retained earnings hold 7,000 - 3,200.
        """
        assert rows(Run().extract()) == {
            BANK: (10_000_00, 3_030_00, 2_225_90, 10_804_10),
            PETTY: (0, 1_000_00, 0, 1_000_00),
            CLIENTS: (3_000_00, 5_000_00, 3_000_00, 5_000_00),
            SUPPLIERS: (-1_200_00, 1_200_00, 1_500_00, -1_500_00),
            CAPITAL: (-8_000_00, 0, 0, -8_000_00),
            RETAINED: (-3_800_00, 0, 0, -3_800_00),
            SALES: (0, 0, 3_000_00, -3_000_00),
            SETUP: (0, 0, 2_000_00, -2_000_00),
            INTEREST: (0, 0, 30_00, -30_00),
            DISCOUNTS: (0, 0, 20_00, -20_00),
            RENT: (0, 1_500_00, 0, 1_500_00),
            FEES: (0, 45_90, 0, 45_90),
        }

    def test_every_tie_out_holds_and_each_account_agrees_with_its_entries(self):
        extract = Run().extract()
        assert [tie for tie in extract.tie_outs if tie.out_by] == []
        assert {tie.account for tie in extract.tie_outs if tie.name == "entries"} == {
            BANK, PETTY, CLIENTS, SUPPLIERS, SALES, SETUP, INTEREST, DISCOUNTS, RENT, FEES,
        }  # fmt: skip
        assert extract.balance.basis is Basis.NATIVE_GL
        assert extract.notes == ()

    def test_the_chart_comes_with_its_levels_and_natures(self):
        accounts = {account.code: account for account in Run().extract().accounts}
        assert accounts["1110101"].posting is False
        assert accounts[BANK].parent == "1110101"
        assert accounts[BANK].name == "BANCO ITAU"
        assert accounts[SALES].nature == "04"
        assert set(accounts) == {account.code for account in CHART}

    def test_a_past_month_is_what_it_was(self):
        extract = Run().extract("2024-07")
        assert closing(extract) == {
            BANK: 12_000_00,
            CLIENTS: 3_000_00,
            CAPITAL: -8_000_00,
            SALES: -7_000_00,
        }

    def test_pre_entries_other_currencies_and_deleted_rows_are_not_taken(self):
        run = Run()
        row: dict[str, Any] = {"conta": BANK, "data": date(2025, 1, 31), "debito": 99.0, "lp": "N"}
        run.server.insert(HERE, "CQ0", **row, moeda="01", tpsald="9")
        run.server.insert(HERE, "CQ0", **row, moeda="02", tpsald="1")
        run.server.insert(HERE, "CQ0", **row, moeda="01", tpsald="1", deleted=True)
        assert rows(run.extract())[BANK][3] == 10_804_10

    def test_a_late_entry_of_an_earlier_month_moves_the_opening(self):
        late = entry(99, date(2024, 11, 3), (BANK, 10_01), (CAPITAL, -10_01))
        company = replace(COMPANY, entries=(*ENTRIES, late))
        assert rows(Run(served=company).extract())[BANK][0] == 10_010_01

    def test_two_branches_of_one_legal_entity_add_up(self):
        extract = Run(settings={"branches": "0102"}).extract()
        assert rows(extract)[BANK] == (10_000_00, 3_107_00, 2_225_90, 10_881_10)
        assert [tie for tie in extract.tie_outs if tie.out_by] == []

    def test_a_month_that_is_open_in_the_calendar_is_told(self):
        open_ = replace(COMPANY, open_months=frozenset(["2025-01"]))
        facts = {"period": "2025-01", "company": HERE}
        assert ("month-open", facts) in Run(served=open_).extract().notes
        assert "month-open" not in dict(Run(served=open_).extract("2024-07").notes)

    @pytest.mark.parametrize("status", [403, 404, 503])
    def test_a_calendar_that_is_not_to_be_had_takes_nothing_from_the_month(self, status):
        fault = Fault(Kind.STATUS, "AccountingCalendar", times=9, status=status, body="{}")
        extract = Run(Script(fault)).extract()
        assert rows(extract) == rows(Run().extract())
        assert "month-open" not in dict(extract.notes)

    def test_no_document_and_no_query_holds_the_password(self):
        run = Run()
        extract = run.extract()
        assert [document.label for document in extract.documents] == [
            "totvs costcenters", "totvs CT1", "totvs CQ0", "totvs CT2",
            "totvs AccountingCalendar",
        ]  # fmt: skip
        assert not [query for query in run.server.seen_queries if "s3nha" in query]
        assert not [each for each in extract.documents if b"s3nha" in each.content]


class TestYearEnd:
    def test_december_shows_the_result_before_it_was_closed(self):
        """
        Sales 7,000.00 and rent 3,200.00 stand.

        Their closing into retained earnings, of the same day, is left out on both sides.
        """
        extract = Run().extract("2024-12")
        assert closing(extract) == {
            BANK: 10_000_00,
            CLIENTS: 3_000_00,
            SUPPLIERS: -1_200_00,
            CAPITAL: -8_000_00,
            SALES: -7_000_00,
            RENT: 3_200_00,
        }
        assert "closing-left-out" in notes(extract)
        assert [tie for tie in extract.tie_outs if tie.out_by] == []

    def test_a_year_that_nobody_closed_goes_to_retained_earnings_and_is_told(self):
        company = replace(COMPANY, entries=tuple(e for e in ENTRIES if e is not CLOSING))
        extract = Run(served=company).extract()
        found = rows(extract)
        assert (found["RETAINED"], found[SALES][0], found[RENT][0]) == (
            (-3_800_00, 0, 0, -3_800_00), 0, 0,
        )  # fmt: skip
        told = notes(extract)["year-not-closed"]
        assert (told["minor"], told["account"]) == ("-380000", "RETAINED")

    def test_closed_or_not_the_two_years_meet_in_the_same_equity(self):
        company = replace(COMPANY, entries=tuple(e for e in ENTRIES if e is not CLOSING))
        run = Run(served=company, retained=RETAINED)
        assert closing(run.extract()) == closing(Run().extract())

    def test_a_quarter_that_was_closed_still_counts_to_the_year(self):
        """Sales of January 3,000.00 + 2,000.00 closed in March: to date they are 5,000.00."""
        quarter = entry(
            50, date(2025, 3, 31), (SALES, 3_000_00), (SETUP, 2_000_00), (RETAINED, -5_000_00),
            closing=True,
        )  # fmt: skip
        company = replace(COMPANY, entries=(*ENTRIES, quarter), today=date(2025, 5, 2))
        found = rows(Run(served=company).extract("2025-04"))
        assert (found[SALES], found[RETAINED][3]) == ((-3_000_00, 0, 0, -3_000_00), -3_800_00)

    def test_a_fiscal_year_that_ends_in_june_begins_in_july(self):
        closed = replace(CLOSING, on=date(2024, 6, 30), lines=(
            *entry(0, date(2024, 6, 30), (SALES, 7_000_00), (RETAINED, -7_000_00)).lines,
        ))  # fmt: skip
        company = replace(COMPANY, entries=tuple(closed if e is CLOSING else e for e in ENTRIES))
        run = Run(served=company, year_end=6)
        found = rows(run.extract())
        assert (found[SALES][0], found[RENT][0]) == (0, 3_200_00)

    def test_a_closing_that_is_only_half_marked_is_out(self):
        run = Run()
        run.server.run(HERE, f"UPDATE CQ0 SET cq0_lp='N' WHERE cq0_conta LIKE '{RETAINED}%'")
        wrong = {tie.name: tie.out_by for tie in run.extract("2024-12").tie_outs if tie.out_by}
        assert wrong == {"debits_credits": -3_800_00, "closing_entries": 3_800_00}

    def test_a_mark_that_nobody_documents_is_listed_and_asked_about(self):
        run = Run()
        row: dict[str, Any] = {"moeda": "01", "tpsald": "1", "data": date(2025, 1, 31), "lp": "S"}
        run.server.insert(HERE, "CQ0", **row, conta=RENT, debito=5.0)
        run.server.insert(HERE, "CQ0", **row, conta=BANK, credit=5.0)
        extract = run.extract()
        assert notes(extract)["lp-unknown"] == {
            "value": "S", "accounts": f"{BANK}, {RENT}", "minor": "500", "currency": "BRL",
        }  # fmt: skip
        assert rows(extract)[RENT][3] == 1_505_00
        run.connection["settings"] = {"lp_closing": "Z,S"}
        assert rows(run.extract())[RENT][3] == 1_500_00


class TestAgainstEntries:
    def test_balances_that_want_reprocessing_are_out_by_account(self):
        run = Run()
        run.server.run(HERE, f"UPDATE CQ0 SET cq0_debito=46 WHERE cq0_conta LIKE '{FEES}%'")
        wrong = {(t.name, t.account): t.out_by for t in run.extract().tie_outs if t.out_by}
        assert wrong == {("entries", FEES): 10, ("debits_credits", ""): 10}

    def test_debits_and_credits_too_many_by_the_same_are_seen(self):
        run = Run()
        run.server.run(
            HERE,
            "UPDATE CQ0 SET cq0_debito=cq0_debito+7, cq0_credit=cq0_credit+7"
            f" WHERE cq0_conta LIKE '{FEES}%' AND cq0_data='20250131'",
        )
        wrong = {(t.name, t.account): t.out_by for t in run.extract().tie_outs if t.out_by}
        assert wrong == {("entries", FEES): 7_00}

    def test_a_line_that_goes_on_has_no_value_and_another_kind_is_refused(self):
        run = Run()
        run.server.insert(
            HERE, "CT2", data=date(2025, 1, 3), lote="1", doc="9", linha="1", dc="7",
            valor=1.0, moedlc="01", tpsald="1",
        )  # fmt: skip
        with pytest.raises(ValueUnknown):
            run.extract()


class TestChart:
    def test_amounts_on_two_levels_are_never_added(self):
        run = Run()
        run.server.insert(
            HERE, "CQ0", conta="1110101", moeda="01", data=date(2025, 1, 31), tpsald="1", lp="N",
            debito=1.0,
        )  # fmt: skip
        with pytest.raises(LevelsDoubled):
            run.extract()

    def test_a_class_printed_the_other_way_round_changes_nothing_and_is_told(self):
        run = Run()
        run.server.run(HERE, "UPDATE CT1 SET ct1_classe=3-ct1_classe")
        extract = run.extract()
        assert closing(extract) == closing(Run().extract())
        assert {a.code for a in extract.accounts if a.posting} >= {BANK, SALES, RENT}
        assert BANK in notes(extract)["class-contradicts"]["accounts"]
        assert not {a.code for a in extract.accounts if a.posting} & {"1", "1110101", "3"}

    def test_an_account_in_no_chart_fails(self):
        run = Run()
        run.server.run(HERE, f"DELETE FROM CT1 WHERE ct1_conta LIKE '{FEES}%'")
        with pytest.raises(AccountUnknown):
            run.extract()

    def test_a_chart_that_says_no_kind_is_told(self):
        run = Run()
        run.server.run(HERE, "UPDATE CT1 SET ct1_natcta='  '")
        assert "nature-unknown" in notes(run.extract())

    def test_a_company_without_one_entry_has_no_balance(self):
        with pytest.raises(LedgerEmpty):
            Run().extract("2023-12")

    @pytest.mark.parametrize("company", ["0101", "01,", "01,0101' OR 1=1", ""])
    def test_a_company_that_is_no_branch_is_a_wrong_setting(self, company):
        with pytest.raises(SettingWrong):
            Run(company=company).extract()


class TestServer:
    def test_without_an_address_it_is_said_what_is_missing(self):
        connector = TotvsConnector(
            Connection("ALFA", "totvs", "01,0101"), MemoryVault(**USER), Neighborhood.alone()
        )
        assert connector.key == ""
        with pytest.raises(SettingWrong) as told:
            asyncio.run(connector.connect())
        assert told.value.setting == "base_url"


class TestTitles:
    def test_what_was_open_then_and_not_what_is_open_now(self):
        """
        1002: 5,000.00 less 1,000.00 of January; the 4,000.00 of February came later.

        1001 and 2001 were settled in January, 2002 is open still.
        """
        details = Run().titles()
        assert {item.document: item.amount for item in details.items} == {
            "1002": 4_000_00,
            "2002": -1_500_00,
        }
        assert {item.root for item in details.items} == {"22333444", "55666777"}
        assert {item.name for item in details.items} == {"DELTA LTDA", "GAMA LTDA"}
        assert {flow.document: flow.amount for flow in details.flows} == {
            "1002": -5_000_00,
            "2002": 1_500_00,
        }
        assert details.gaps == ()

    def test_today_needs_no_settlements(self):
        run = Run(today=date(2025, 1, 31), served=replace(COMPANY, today=date(2025, 1, 31)))
        assert {i.document: i.amount for i in run.titles().items}["1002"] == 4_000_00
        assert "SE5" not in run.server.script.calls

    @pytest.mark.parametrize(("kind", "amount"), [("NCC", -70_00), ("RA", -70_00), ("DP", 70_00)])
    def test_types_that_count_the_other_way(self, kind, amount):
        run = Run()
        run.server.insert(
            HERE, "SE1", prefixo="X", num="77", tipo=kind, cliente="000123", loja="01",
            emissao=date(2025, 1, 20), valor=70.0, saldo=70.0, moeda=1,
        )  # fmt: skip
        assert {i.document: i.amount for i in run.titles().items}["77"] == amount

    def test_the_other_side_is_joined_by_code_and_store(self):
        run = Run()
        for store, tax_id in (("01", "11111111000191"), ("02", "22222222000191")):
            run.server.insert(
                HERE, "SA1", cod="000777", loja=store, nome=f"LOJA {store}", cgc=tax_id
            )
        run.server.insert(
            HERE, "SE1", num="78", tipo="NF", cliente="000777", loja="02",
            emissao=date(2025, 1, 20), valor=1.0, saldo=1.0, moeda=1,
        )  # fmt: skip
        (item,) = [i for i in run.titles().items if i.document == "78"]
        assert (item.name, item.tax_id) == ("LOJA 02", "22222222000191")

    def test_nobody_known_is_unmatched(self):
        run = Run()
        run.server.run(HERE, "DELETE FROM SA1")
        assert {i.tax_id for i in run.titles().items if i.document == "1002"} == {""}

    def test_settlements_that_do_not_lead_to_what_is_open_are_a_named_gap(self):
        run = Run()
        run.server.run(HERE, "UPDATE SE5 SET e5_valor=1 WHERE e5_data='20250130'")
        (gap,) = run.titles().gaps
        assert (gap.name, "1002" in gap.note) == ("settlements", True)

    def test_settlements_out_of_reach_are_a_named_gap(self):
        for run in (Run(settings={"settlements": "none"}), Run()):
            run.server.hidden = {"e5_data"}
            assert {gap.note for gap in run.titles().gaps} == {"SE1", "SE2"}

    def test_a_settlement_taken_back_is_no_settlement(self):
        run = Run()
        own: dict[str, Any] = {
            "prefixo": "NF",
            "numero": "2001",
            "tipo": "NF",
            "clifor": "000900",
            "loja": "01",
        }
        run.server.insert(
            HERE, "SE5", **own, seq="02", tipodoc="ES", recpag="R", data=date(2025, 2, 3),
            valor=1180.0, vldesco=20.0,
        )  # fmt: skip
        run.server.run(HERE, "UPDATE SE2 SET e2_saldo=1200 WHERE e2_num LIKE '2001%'")
        details = run.titles("2025-02")
        assert {i.document: i.amount for i in details.items}["2001"] == -1_200_00
        assert "2001" not in {i.document for i in run.titles().items}

    def test_another_currency_needs_its_name(self):
        run = Run()
        run.server.run(HERE, "UPDATE SE1 SET e1_moeda=2")
        with pytest.raises(SettingWrong):
            run.titles()
        run.connection["settings"] = {"currency_2": "USD"}
        assert "1002" not in {i.document for i in run.titles().items}
