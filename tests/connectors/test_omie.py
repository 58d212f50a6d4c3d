"""One coherent month of Omie, worked by hand, over real HTTP; and what it does instead."""

import asyncio
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from monthclose.connectors.base import Connection
from monthclose.connectors.errors import (
    CredentialRefused,
    FieldUnreadable,
    OpeningMissing,
    PageRepeated,
    QuestionRefused,
    SourceBlocked,
    WrongCompany,
)
from monthclose.connectors.omie import OmieConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.ledger.balances import RawBalance
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
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.omie import Omie
from monthclose.sandbox.served import Served
from monthclose.sandbox.server import Servers
from tests.connectors.fakes import FakeClock, MemoryVault

pytestmark = pytest.mark.server

CATEGORIES = (
    Category("1.01", "Receitas", totals=True),
    Category("1.01.01", "Assinaturas", line="1.01.01"),
    Category("1.01.02", "Implantação", line="1.01.01"),
    Category("2.04.01", "Aluguel", line="4.02.01"),
    Category("2.06.01", "Tarifas Bancárias", line="5.01.01"),
    Category("2.10.01", "Compra de Imobilizado"),
    Category("0.01.01", "Transferência entre contas", transfer=True),
)

MONTH = Dealings(
    titles=(
        Title(
            Side.RECEIVABLE, "1001", "1001", "44555666000181", "BETA", date(2024, 12, 10),
            date(2025, 1, 5), 3_000_00, (Part("1.01.01", 3_000_00),),
            settlements=(Settlement("8001", date(2025, 1, 5), "501", 3_000_00, interest=30_00),),
        ),
        Title(
            Side.RECEIVABLE, "1002", "1002", "22333444000181", "DELTA", date(2025, 1, 10),
            date(2025, 2, 10), 5_000_00, (Part("1.01.01", 3_000_00), Part("1.01.02", 2_000_00)),
            settlements=(Settlement("8090", date(2025, 2, 9), "501", 5_000_00),),
        ),
        Title(
            Side.PAYABLE, "2001", "2001", "55666777000181", "GAMA", date(2024, 12, 15),
            date(2025, 1, 20), 1_200_00, (Part("2.04.01", 1_200_00),),
            settlements=(Settlement("8002", date(2025, 1, 20), "501", 1_200_00, discount=20_00),),
        ),
        Title(
            Side.PAYABLE, "2002", "2002", "55666777000181", "GAMA", date(2025, 1, 15),
            date(2025, 2, 5), 1_500_00, (Part("2.04.01", 1_500_00),),
        ),
    ),
    entries=(BankEntry("8003", date(2025, 1, 25), "501", -45_90, (Part("2.06.01", 45_90),)),),
    transfers=(BankTransfer("8004", date(2025, 1, 28), "501", "502", 1_000_00),),
    categories=CATEGORIES,
    banks=(
        BankAccount("501", "Banco Itau", "CC"),
        BankAccount("502", "Caixinha", "CX"),
        BankAccount("503", "Mutuo com coligada", "MT"),
    ),
)  # fmt: skip

COMPANY = Served(
    "1000001",
    "ALFA SISTEMAS LTDA",
    "11222333000181",
    date(2025, 3, 4),
    MONTH,
    bank_starts={"501": 10_000_00},
)

OPENING = RawBalance(
    "ALFA",
    "2024-12",
    "BRL",
    ("BANK:501", "AR", "AP", "CAPITAL", "RETAINED"),
    np.array([10_000_00, 3_000_00, -1_200_00, -8_000_00, -3_800_00], dtype=np.int64),
)

KEYS = {"app_key": "38333295000", "app_secret": "fed2163e2e8dccb53ff914ce9e2f1258"}


class Run:
    """One extraction against a stand-in."""

    cnpj = ""

    def __init__(self, script=None, company=COMPANY, keys=None, opening=OPENING, limited=False):
        self.clock = FakeClock()
        self.omie = Omie(
            {(KEYS["app_key"], KEYS["app_secret"]): company},
            script,
            limited=limited,
            clock=lambda: self.clock.now().timestamp(),
        )
        self.vault = MemoryVault(**(keys or KEYS))
        self.opening = opening

    def ask(self, act):
        async def go(url, addresses):
            around = Neighborhood.alone(self.clock, test=addresses, times=Times(read=1, total=2))
            connection = Connection("ALFA", "omie", base_url=url, cnpj=self.cnpj)
            async with OmieConnector(connection, self.vault, around) as connector:
                return await act(connector)

        with Servers({"omie": self.omie}) as servers:
            return asyncio.run(go(servers.url("omie"), servers.addresses))

    def extract(self, period="2025-01"):
        return self.ask(lambda c: c.get_trial_balance(period, self.opening))


def rows(extract):
    balance = extract.balance
    columns = (balance.opening, balance.debit, balance.credit, balance.amounts)
    return {
        code: tuple(int(column[i]) for column in columns) for i, code in enumerate(balance.accounts)
    }


class TestMonth:
    def test_the_month_gives_the_balance_worked_by_hand(self):
        """
        Receipt 3,000.00 + 30.00; payment 1,200.00 - 20.00; fee 45.90; transfer 1,000.00.

        Bank 501: 10,000.00 + 3,030.00 - 1,180.00 - 45.90 - 1,000.00 = 10,804.10. Debits are
        3,030.00 + 1,000.00 + 5,000.00 + 1,200.00 + 1,500.00 + 45.90 = 11,775.90.
        """
        extract = Run().extract()
        assert rows(extract) == {
            "BANK:501": (10_000_00, 3_030_00, 2_225_90, 10_804_10),
            "BANK:502": (0, 1_000_00, 0, 1_000_00),
            "AR": (3_000_00, 5_000_00, 3_000_00, 5_000_00),
            "AP": (-1_200_00, 1_200_00, 1_500_00, -1_500_00),
            "CAPITAL": (-8_000_00, 0, 0, -8_000_00),
            "RETAINED": (-3_800_00, 0, 0, -3_800_00),
            "CAT:1.01.01": (0, 0, 3_000_00, -3_000_00),
            "CAT:1.01.02": (0, 0, 2_000_00, -2_000_00),
            "INTEREST_INCOME": (0, 0, 30_00, -30_00),
            "DISCOUNT_OBTAINED": (0, 0, 20_00, -20_00),
            "CAT:2.04.01": (0, 1_500_00, 0, 1_500_00),
            "CAT:2.06.01": (0, 45_90, 0, 45_90),
        }
        assert int(extract.balance.debit.sum()) == 11_775_90

    def test_every_tie_out_holds_and_banks_agree_with_the_statement(self):
        extract = Run().extract()
        assert [tie for tie in extract.tie_outs if tie.out_by] == []
        assert {tie.account for tie in extract.tie_outs if tie.name == "bank"} == {
            "BANK:501",
            "BANK:502",
            "BANK:503",
        }

    def test_the_expected_balance_of_the_reference_agrees(self, shared):
        expected = json.loads(
            (shared / "reference/samples/omie-expected-trial-balance.json").read_text("utf-8")
        )
        found = rows(Run().extract())
        for row in expected["rows"]:
            amounts = [
                round(float(row[n]) * 100) for n in ("opening", "debit", "credit", "closing")
            ]
            assert found.pop(row["account"]) == tuple(amounts), row["account"]
        assert found == {}

    def test_what_was_paid_in_february_is_open_at_the_end_of_january(self):
        run = Run()
        details = run.ask(lambda c: c.get_subledger_details("2025-01"))
        assert {item.id: item.amount for item in details.items} == {
            "1002": 5_000_00,
            "2002": -1_500_00,
        }
        assert {item.root for item in details.items} == {"22333444", "55666777"}

    def test_what_was_received_before_it_accrues_is_an_advance(self):
        """200.00 received in January for February: bank +200.00, receivables -200.00."""
        paid = Settlement("8100", date(2025, 1, 30), "501", 200_00)
        early = Title(
            Side.RECEIVABLE, "1003", "1003", "44555666000181", "BETA", date(2025, 2, 5),
            date(2025, 2, 5), 200_00, (Part("1.01.01", 200_00),), settlements=(paid,),
        )  # fmt: skip
        company = replace(COMPANY, dealings=replace(MONTH, titles=(*MONTH.titles, early)))
        extract = Run(company=company).extract()
        assert rows(extract)["AR"][3] == 4_800_00
        assert rows(extract)["BANK:501"][3] == 11_004_10
        assert [tie for tie in extract.tie_outs if tie.out_by] == []

    def test_texts_are_unescaped(self):
        names = {a.code: a.name for a in Run().extract().accounts}
        assert names["CAT:1.01.02"] == "Implantação"

    def test_the_company_record_is_kept_without_its_passwords(self):
        run = Run()

        async def ask(connector):
            companies = await connector.get_companies()
            return companies, connector.transport.documents

        (company,), (document,) = run.ask(ask)
        assert company.cnpj == "11222333000181"
        assert b"ct_espass" not in document.content
        assert b"razao_social" in document.content

    def test_no_document_holds_the_key(self):
        documents = Run().extract().documents
        assert len(documents) >= 10
        for document in documents:
            assert KEYS["app_secret"].encode() not in document.content

    def test_without_opening_balances_it_says_what_to_load(self):
        with pytest.raises(OpeningMissing):
            Run(opening=None).extract()


class TestFaults:
    def test_a_fault_on_page_one_is_never_an_empty_company(self):
        body = json.dumps({"faultstring": "ERROR: x", "faultcode": "SOAP-ENV:Client-1002"})
        for status in (500, 200):
            fault = Fault(Kind.STATUS, "PesquisarLancamentos", status=status, body=body)
            with pytest.raises(QuestionRefused):
                Run(Script(fault)).extract()

    def test_a_wrong_key_stops(self):
        with pytest.raises(CredentialRefused):
            Run(keys={"app_key": "1", "app_secret": "2"}).extract()

    def test_a_key_of_another_company_is_no_balance(self):
        """Its figures would look right: they are refused before any of them is read."""
        run = Run()
        for cnpj, fails in (("44555666000181", True), ("11222333000262", False), ("", False)):
            run.cnpj = cnpj
            if fails:
                with pytest.raises(WrongCompany, match="11222333"):
                    run.extract()
                assert "PesquisarLancamentos" not in run.omie.script.calls
            else:
                assert rows(run.extract())["AR"][3] == 5_000_00

    def test_a_company_without_a_cnpj_there_is_said_to_be_unverified(self):
        run = Run(company=replace(COMPANY, cnpj=""))
        run.cnpj = "11222333000181"
        assert "company-unverified" in dict(run.extract().notes)

    def test_redundant_is_asked_again_after_the_stated_seconds(self):
        body = json.dumps(
            {
                "faultstring": "ERROR: Consumo redundante detectado."
                " Aguarde 16 segundos (REDUNDANT).",
                "faultcode": "SOAP-ENV:Client-6",
            }
        )
        run = Run(Script(Fault(Kind.STATUS, "ListarLancCC", status=500, body=body)))
        assert rows(run.extract())["BANK:501"][3] == 10_804_10
        assert any(seconds >= 16 for seconds in run.clock.slept)

    def test_a_block_is_respected_until_its_end(self):
        body = json.dumps(
            {
                "faultstring": "ERROR: API bloqueada por consumo indevido."
                " Tente novamente em 1789 segundos.",
                "faultcode": "MISUSE_API_PROCESS",
            }
        )
        run = Run(Script(Fault(Kind.STATUS, "ListarCategorias", status=425, body=body)))

        async def twice(connector):
            for _ in range(2):
                with pytest.raises(SourceBlocked):
                    await connector.get_trial_balance("2025-01", OPENING)
            calls = run.omie.script.calls["ListarCategorias"]
            run.clock.pass_(1790)
            extract = await connector.get_trial_balance("2025-01", OPENING)
            return calls, extract

        calls, extract = run.ask(twice)
        assert calls == 1
        assert rows(extract)["AR"][3] == 5_000_00

    def test_a_broken_upstream_is_waited_for(self):
        body = json.dumps(
            {
                "faultstring": "SOAP-ERROR: Broken response from Application Server (BG)",
                "faultcode": "SOAP-ENV:Server",
            }
        )
        run = Run(Script(Fault(Kind.STATUS, "ListarCategorias", status=500, body=body)))
        assert rows(run.extract())["AR"][3] == 5_000_00

    @pytest.mark.parametrize("kind", [Kind.SLOW, Kind.CUT])
    def test_a_body_that_does_not_end_is_asked_again_after_a_minute(self, kind):
        run = Run(Script(Fault(kind, "ListarExtrato")))
        assert rows(run.extract())["AR"][3] == 5_000_00
        assert any(seconds >= 60 for seconds in run.clock.slept)

    def test_html_of_the_edge_is_waited_for(self):
        edge = Fault(
            Kind.STATUS, "ListarExtrato", status=502, body="<html>", media_type="text/html"
        )
        assert rows(Run(Script(edge)).extract())["AR"][3] == 5_000_00

    @pytest.mark.parametrize(
        "field", ["nValorTitulo", "dDtLanc", "cOrigem", "nSaldoAnterior", "nTotRegistros"]
    )
    def test_a_field_that_is_gone_fails_the_company(self, field):
        fault = Fault(Kind.DROP_FIELD, "*", times=99, field=field)
        with pytest.raises(FieldUnreadable):
            Run(Script(fault)).extract()

    def test_a_page_that_comes_again_fails(self):
        many = Served(
            "1", "ALFA", "11222333000181", date(2025, 3, 4),
            Dealings(
                titles=tuple(
                    Title(
                        Side.RECEIVABLE, str(n), str(n), "", "X", date(2025, 1, 3), None, 100,
                        (Part("1.01.01", 100),),
                    )
                    for n in range(1, 251)
                ),
                categories=CATEGORIES,
            ),
        )  # fmt: skip
        fault = Fault(Kind.SAME_PAGE, "PesquisarLancamentos", after=1)
        with pytest.raises(PageRepeated):
            Run(Script(fault), company=many).extract()
        whole = Run(company=many).extract()
        assert rows(whole)["CAT:1.01.01"][2] == 250_00

    def test_within_the_documented_limits_nothing_is_refused(self):
        run = Run(limited=True)
        assert rows(run.extract())["AR"][3] == 5_000_00
