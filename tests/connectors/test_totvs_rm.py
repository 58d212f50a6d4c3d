"""The month of Protheus's tests, on an RM server: movements by day, entries, other companies."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from monthclose.connectors.base import Connection
from monthclose.connectors.errors import (
    ClosingUnmarked,
    CredentialRefused,
    FieldUnreadable,
    LedgerEmpty,
    PageRepeated,
    QuestionRefused,
    SettingWrong,
    SourceAnsweredBadly,
    WrongCompany,
)
from monthclose.connectors.totvs_rm import RmConnector
from monthclose.connectors.transport import Neighborhood, Times
from monthclose.ledger.balances import Basis
from monthclose.ledger.sources import Nature, Side, SourceAccount
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.rm import Rm
from monthclose.sandbox.served import LedgerEntry, LedgerLine
from monthclose.sandbox.server import Servers
from tests.connectors import totvs_month as month
from tests.connectors.fakes import FakeClock, MemoryVault
from tests.connectors.totvs_month import closing, notes, rows

pytestmark = pytest.mark.server

USER = {"username": "integra", "password": "s3nha-do-rm"}
ERROR = json.dumps({"code": "502", "message": "Filtros obrigatorios", "detailedMessage": "date"})


def dotted(code):
    """Write 1110101001 as 1.1.1.01.01.001, as RM does."""
    cuts = (0, 1, 2, 3, 5, 7, 10)
    return ".".join(code[a:b] for a, b in pairwise(cuts) if code[a:b])


BANK, CLIENTS, SALES, RENT = (
    dotted(code) for code in (month.BANK, month.CLIENTS, month.SALES, month.RENT)
)
RETAINED, FEES = dotted(month.RETAINED), dotted(month.FEES)
RELATED = "1.1.2.01.01.009"
DELTA = "22333444000181"

SERVICE = LedgerEntry(
    20, date(2025, 1, 12),
    (LedgerLine(RELATED, 480_00, DELTA), LedgerLine(SALES, -480_00, DELTA)),
)  # fmt: skip
PAID = LedgerEntry(
    21, date(2025, 1, 31),
    (LedgerLine(BANK, 80_00, DELTA), LedgerLine(RELATED, -80_00, DELTA)),
)  # fmt: skip


def served(*entries, closed=True):
    ledger = [
        replace(e, lines=tuple(replace(line, account=dotted(line.account)) for line in e.lines))
        for e in month.ENTRIES
        if closed or e is not month.CLOSING
    ]
    chart = [replace(account, code=dotted(account.code), parent="") for account in month.CHART] + [
        SourceAccount(RELATED, "COLIGADAS", Nature.ASSET)
    ]
    return replace(month.COMPANY, entries=(*ledger, *entries), accounts=tuple(chart))


OTHER = replace(month.COMPANY, name="DELTA LTDA", cnpj=DELTA, entries=())


class Run:
    """Questions to a stand-in."""

    def __init__(self, script=None, company=None, user=USER, company_branch="1", **connection):
        self.clock = FakeClock()
        self.server = Rm(
            {"1": company or served(), "2": OTHER},
            {USER["username"]: USER["password"]},
            script,
            clock=lambda: self.clock.now().timestamp(),
        )
        self.vault = MemoryVault(**user)
        self.connection = {
            "company": company_branch, "cnpj": "11222333000181",
            "settings": {"closing_batches": "99"}, **connection,
        }  # fmt: skip

    def ask(self, act):
        async def go(url, addresses):
            around = Neighborhood.alone(self.clock, test=addresses, times=Times(read=1, total=2))
            connection = Connection("ALFA", "totvs_rm", base_url=url, **self.connection)
            async with RmConnector(connection, self.vault, around) as connector:
                return await act(connector)

        with Servers({"rm": self.server}) as servers:
            return asyncio.run(go(servers.url("rm"), servers.addresses))

    def extract(self, period="2025-01"):
        return self.ask(lambda c: c.get_trial_balance(period))

    def details(self, period="2025-01"):
        return self.ask(lambda c: c.get_subledger_details(period))


class TestMonth:
    def test_the_month_is_the_one_of_protheus(self):
        """The same entries give the same balance, whatever the wire."""
        extract = Run().extract()
        expected = {dotted(code): row for code, row in rows(month.Run().extract()).items()}
        assert rows(extract) == expected
        assert rows(extract)[BANK] == (10_000_00, 3_030_00, 2_225_90, 10_804_10)
        assert [tie for tie in extract.tie_outs if tie.out_by] == []
        assert (extract.balance.basis, extract.notes) == (Basis.NATIVE_GL, ())

    def test_levels_follow_from_the_codes(self):
        accounts = {account.code: account for account in Run().extract().accounts}
        assert accounts[BANK].parent == "1.1.1.01.01"
        assert (accounts["1.1.1.01.01"].parent, accounts["1.1.1.01.01"].posting) == ("1.1.1", False)

    def test_a_past_month_is_what_it_was(self):
        assert closing(Run().extract("2024-07"))[BANK] == 12_000_00

    def test_one_branch_of_a_company(self):
        assert rows(Run(company_branch="1,1").extract())[BANK][3] == 10_804_10

    def test_no_query_and_no_document_holds_the_password(self):
        run = Run()
        documents = run.extract().documents
        assert not [query for query in run.server.seen_queries if "s3nha" in query]
        assert not [each for each in documents if b"s3nha" in each.content]


class TestYearEnd:
    def test_december_shows_the_result_before_it_was_closed(self):
        extract = Run().extract("2024-12")
        assert (closing(extract)[SALES], closing(extract)[RENT]) == (-7_000_00, 3_200_00)
        assert RETAINED not in closing(extract)
        assert "closing-left-out" in notes(extract)
        assert [tie for tie in extract.tie_outs if tie.out_by] == []

    def test_a_year_at_nil_and_nobody_said_why_fails(self):
        with pytest.raises(ClosingUnmarked) as told:
            Run(settings={}).extract("2024-12")
        assert told.value.period == "2024-12"

    def test_the_year_after_needs_no_batches(self):
        assert closing(Run(settings={}).extract()) == closing(Run().extract())

    def test_a_quarter_at_nil_fails_in_every_later_month(self):
        nil = LedgerEntry(
            50, date(2025, 1, 31),
            (LedgerLine(RETAINED, -3_504_10), LedgerLine(SALES, 3_000_00),
             LedgerLine(dotted(month.SETUP), 2_000_00), LedgerLine(dotted(month.INTEREST), 30_00),
             LedgerLine(dotted(month.DISCOUNTS), 20_00), LedgerLine(RENT, -1_500_00),
             LedgerLine(FEES, -45_90)),
            closing=True,
        )  # fmt: skip
        with pytest.raises(ClosingUnmarked):
            Run(company=served(nil), settings={}).extract("2025-02")
        assert closing(Run(company=served(nil)).extract("2025-02"))[SALES] == -3_000_00
        trusted = Run(company=served(nil), settings={"closing_batches": "none"})
        assert SALES not in closing(trusted.extract("2025-02"))

    def test_a_year_that_nobody_closed_goes_to_retained_earnings_and_is_told(self):
        extract = Run(company=served(closed=False)).extract()
        assert rows(extract)["RETAINED"] == (-3_800_00, 0, 0, -3_800_00)
        assert "year-not-closed" in notes(extract)


class TestEntries:
    def test_movements_that_are_not_their_entries_are_out_by_account(self):
        run = Run()
        late = LedgerEntry(30, date(2025, 1, 30), (LedgerLine(FEES, 7_00), LedgerLine(BANK, -7_00)))
        real = run.server.answer

        def answer(request):
            """Post another entry once the movements were read."""
            told = real(request)
            if request.url.path.endswith("AccountingTransactions"):
                run.server.companies["1"] = served(late)
            return told

        run.server.answer = answer  # type: ignore[method-assign]
        wrong = {(tie.name, tie.account): tie.out_by for tie in run.extract().tie_outs}
        assert (wrong["entries", FEES], wrong["entries", BANK]) == (-7_00, 7_00)

    @pytest.mark.parametrize("status", [403, 404])
    def test_entries_out_of_reach_are_told(self, status):
        fault = Fault(Kind.STATUS, "AccountingEntries", times=9, status=status, body=ERROR)
        extract = Run(Script(fault), settings={}).extract()
        assert "entries-not-compared" in notes(extract)
        assert not [tie for tie in extract.tie_outs if tie.name == "entries"]

    def test_what_stands_open_and_was_traded_with_companies_of_the_group(self):
        """480.00 invoiced, 80.00 paid: 400.00 open. The bank's side is no balance with DELTA."""
        details = Run(company=served(SERVICE, PAID)).details()
        (item,) = details.items
        assert (item.side, item.account, item.amount, item.tax_id, item.name) == (
            Side.RECEIVABLE, RELATED, 400_00, DELTA, "DELTA LTDA",
        )  # fmt: skip
        assert [(f.account, f.amount, f.tax_id) for f in details.flows] == [(SALES, -480_00, DELTA)]
        assert [gap.name for gap in details.gaps] == ["titles"]

    def test_before_it_was_paid_all_of_it_was_open(self):
        paid = replace(PAID, on=date(2025, 2, 3))
        assert Run(company=served(SERVICE, paid)).details().items[0].amount == 480_00


class TestFaults:
    def test_a_502_with_an_error_body_is_for_good(self):
        run = Run(Script(Fault(Kind.STATUS, "AccountingTransactions", status=502, body=ERROR)))
        with pytest.raises(QuestionRefused) as told:
            run.extract()
        assert "Filtros obrigatorios" in str(told.value)
        assert run.server.script.calls["AccountingTransactions"] == 1

    def test_a_502_of_a_gateway_is_waited_for(self):
        edge = Fault(
            Kind.STATUS, "AccountingTransactions", status=502, body="<html>",
            media_type="text/html",
        )  # fmt: skip
        assert rows(Run(Script(edge)).extract())[BANK][3] == 10_804_10

    def test_a_gateway_that_stays_down_gives_the_step_back(self):
        fault = Fault(Kind.STATUS, "AccountingPlan", times=9, status=503, body="")
        with pytest.raises(SourceAnsweredBadly):
            Run(Script(fault)).extract()

    @pytest.mark.parametrize(
        "field", ["debitValue", "date", "companyId", "value", "analytics", "hasNext", "id"]
    )
    def test_a_field_that_is_gone_fails_the_company(self, field):
        with pytest.raises(FieldUnreadable):
            Run(Script(Fault(Kind.DROP_FIELD, "*", times=99, field=field))).extract()

    def test_days_outside_the_span_fail(self):
        """A server that reads the two days otherwise must not look like a short ledger."""
        run = Run(settings={"ledger_from": "2024-06-01", "closing_batches": "99"})
        real = run.server._movements

        def whatever(request):
            request.scope["query_string"] = request.scope["query_string"].replace(
                b"2024-06-01", b"2020-01-01"
            )
            if hasattr(request, "_query_params"):
                del request._query_params
            return real(request)

        run.server._movements = whatever  # type: ignore[method-assign]
        with pytest.raises(FieldUnreadable) as told:
            run.extract()
        assert told.value.field == "date"

    def test_a_page_that_comes_again_fails(self):
        many = [
            LedgerEntry(
                n, date(2024, 1, 1 + n % 28), (LedgerLine(f"1.{n}", 1), LedgerLine(BANK, -1))
            )
            for n in range(100, 700)
        ]
        fault = Fault(Kind.SAME_PAGE, "AccountingTransactions", after=1)
        with pytest.raises(PageRepeated):
            Run(Script(fault), company=served(*many)).extract()

    def test_a_token_by_setting(self):
        run = Run(settings={"auth": "token", "closing_batches": "99"})
        assert rows(run.extract())[BANK][3] == 10_804_10
        assert run.server.logins == 1

    def test_a_token_that_ends_is_renewed(self):
        settings = {"auth": "token", "closing_batches": "99"}
        run = Run(Script(Fault(Kind.EXPIRE, "AccountingPlan")), settings=settings)
        assert rows(run.extract())[BANK][3] == 10_804_10
        assert (run.server.logins, run.server.refreshed) == (1, 1)

    @pytest.mark.parametrize("auth", ["basic", "token"])
    def test_a_wrong_password_stops(self, auth):
        with pytest.raises(CredentialRefused):
            Run(user={**USER, "password": "x"}, settings={"auth": auth}).extract()


class TestCompany:
    def test_a_company_that_is_not_there(self):
        for wanted in ({"company_branch": "7"}, {"company_branch": "1,9"}, {"cnpj": DELTA}):
            with pytest.raises(WrongCompany):
                Run(**wanted).extract()

    def test_a_company_without_entries(self):
        with pytest.raises(LedgerEmpty):
            Run(company_branch="2", cnpj=DELTA).extract()

    @pytest.mark.parametrize("company", ["", "A", "1,A"])
    def test_a_company_that_is_no_number(self, company):
        with pytest.raises(SettingWrong):
            Run(company_branch=company).extract()

    def test_branches_are_listed_with_their_cnpj(self):
        companies = Run().ask(lambda c: c.get_companies())
        assert [(c.id, c.cnpj) for c in companies] == [("1,1", "11222333000181"), ("2,1", DELTA)]

    def test_branches_out_of_reach_leave_the_company_unverified(self):
        fault = Fault(Kind.STATUS, "Branches", times=9, status=404, body=ERROR)
        assert "company-unverified" in notes(Run(Script(fault)).extract())

    def test_the_published_shape_is_read(self, shared):
        """The answer of the facts file, whose two rows lack their other sides."""
        told = json.loads(
            (shared / "data/erp_payload_facts/totvs_rm_accounting_transactions.json").read_text(
                "utf-8"
            )
        )
        faults = [
            Fault(Kind.STATUS, name, status=200, body=json.dumps(told[path]["response"]))
            for name, path in (
                ("AccountingTransactions", "GET /api/ctb/v1/AccountingTransactions"),
                ("AccountingPlan", "GET /api/ctb/v1/AccountingPlan"),
            )
        ]
        plan = json.loads(faults[1].body)
        plan["items"].append(
            plan["items"][0] | {"code": "3.1.1.02.0001", "spedNature": "04", "analytics": 1}
        )
        faults[1] = replace(faults[1], body=json.dumps(plan))
        extract = Run(Script(*faults), settings={"entries": "no"}).extract("2024-07")
        assert rows(extract) == {
            "1.1.2.01.0001": (0, 301_980_55, 278_870_40, 23_110_15),
            "3.1.1.02.0001": (0, 0, 48_000_00, -48_000_00),
        }
        assert {t.name: t.out_by for t in extract.tie_outs}["debits_credits"] == -24_889_85
