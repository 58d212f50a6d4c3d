"""What a Protheus server does instead of answering, and what becomes of it."""

import json
from datetime import date
from typing import Any

import pytest

from monthclose.connectors.errors import (
    AnswerUnreadable,
    CredentialRefused,
    FieldsProtected,
    FieldUnreadable,
    PageRepeated,
    PagesShifted,
    QuestionRefused,
    RightMissing,
    SettingWrong,
    SourceAnsweredBadly,
    SourceUnreachable,
    ValueUnknown,
    WrongCompany,
)
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.totvs import CT1
from monthclose.connectors.totvs_query import Query, Tenant, among, between, equal
from monthclose.connectors.totvs_site import Paged, fresh_rows
from monthclose.sandbox.faults import Fault, Kind, Script
from tests.connectors.totvs_month import BANK, USER, Run, rows

pytestmark = pytest.mark.server

ERROR = json.dumps({"code": "400", "message": "Campo obrigatorio", "detailedMessage": "fields"})
TABLES = ("CT1", "CQ0", "CT2")


def bank(run):
    return rows(run.extract())[BANK][3]


class TestTokens:
    def test_a_created_token_serves_all_calls(self):
        run = Run()
        assert bank(run) == 10_804_10
        assert (run.server.logins, run.server.refreshed) == (1, 0)

    def test_a_token_that_ends_on_the_way_is_renewed_once(self):
        run = Run(Script(Fault(Kind.EXPIRE, "CQ0")))
        assert bank(run) == 10_804_10
        assert (run.server.logins, run.server.refreshed) == (1, 1)

    def test_after_a_day_the_password_is_needed_again(self):
        run = Run()

        async def on_two_days(connector):
            await connector.get_companies()
            run.clock.pass_(25 * 3600)
            run.server.end_sessions()
            return await connector.get_companies()

        assert run.ask(on_two_days)[0].id == "01,0101"
        assert (run.server.logins, run.server.refreshed) == (2, 0)

    @pytest.mark.parametrize("status", [401, 409])
    def test_a_password_that_is_not_taken_stops(self, status):
        script = Script(Fault(Kind.STATUS, "token", status=status, body=ERROR))
        for run in (Run(script), Run(user={**USER, "password": "wrong"})):
            with pytest.raises(CredentialRefused):
                run.extract()

    def test_a_token_call_that_finds_no_worker_is_repeated(self):
        run = Run(Script(Fault(Kind.STATUS, "token", status=428, body=ERROR)))
        assert bank(run) == 10_804_10

    def test_a_right_that_goes_away_stops_even_with_a_new_token(self):
        script = Script(Fault(Kind.STATUS, "CQ0", times=9, status=401, body=ERROR))
        with pytest.raises(CredentialRefused):
            Run(script).extract()

    def test_basic_authentication_by_setting(self):
        run = Run(settings={"auth": "basic"})
        assert bank(run) == 10_804_10
        assert (run.server.logins, run.server.script.calls["token"]) == (0, 0)

    def test_another_token_path_by_setting(self):
        run = Run(settings={"token_path": "/tlpp/oauth2/token"})
        run.server.token_path = "/tlpp/oauth2/token"
        assert bank(run) == 10_804_10

    def test_a_password_no_header_can_carry_is_said_and_never_shown(self):
        run = Run(user={**USER, "password": "sênha secreta"})
        with pytest.raises(SettingWrong) as told:
            run.extract()
        assert told.value.setting == "login"
        assert "secreta" not in str(told.value)

    def test_the_documented_first_form_by_setting(self):
        run = Run(settings={"login": "query"})
        assert bank(run) == 10_804_10

    @pytest.mark.parametrize("setting", ["auth", "token_path", "currency", "lp_closing", "login"])
    def test_a_setting_that_is_none_of_the_possible_ones(self, setting):
        with pytest.raises(SettingWrong):
            Run(settings={setting: "' OR 1=1"}).extract()


class TestTenant:
    def test_a_server_that_answers_for_its_own_branch_is_found_out(self):
        run = Run()
        run.server.deaf = True
        with pytest.raises(WrongCompany) as told:
            run.extract()
        assert (told.value.wanted, told.value.found) == ("01,0101", "01,0102")

    def test_rows_of_another_branch_in_the_middle(self):
        for table in ("CQ0", "CT2"):
            with pytest.raises(WrongCompany):
                Run(Script(Fault(Kind.TENANT, table)), company="01,0101").extract()

    def test_another_company_with_the_same_branch_is_found_out(self):
        """Branch 0101 stands in company 03 as asked, and the server answers for company 01."""
        with pytest.raises(WrongCompany):
            Run(company="03,0102").extract()

    def test_a_server_that_cannot_say_its_company_is_told(self):
        missing = Fault(Kind.STATUS, "costcenters", status=404, body=ERROR)
        extract = Run(Script(missing)).extract()
        assert ("company-unverified", {"company": "01,0101"}) in extract.notes

    def test_companies_are_those_configured_each_seen_to_answer(self):
        run = Run(settings={"branches": "0102"})
        companies = run.ask(lambda c: c.get_companies())
        assert [company.id for company in companies] == ["01,0101", "01,0102"]
        health = Run(company="01,0909").ask(lambda c: c.health_check())
        assert (health.reachable, health.code) == (False, "source-wrong-company")


class TestFields:
    @pytest.mark.parametrize(
        "field",
        [
            "cq0_debito",
            "cq0_lp",
            "cq0_filial",
            "cq0_data",
            "ct1_classe",
            "ct1_ctasup",
            "ct2_valor",
            "ct2_dc",
            "remainingRecords",
            "hasNext",
            "items",
        ],
    )
    def test_a_field_that_is_dropped_without_a_word_fails(self, field):
        with pytest.raises(FieldUnreadable):
            Run(Script(Fault(Kind.DROP_FIELD, "*", times=99, field=field))).extract()

    def test_a_field_that_the_user_may_not_see_is_named(self):
        run = Run()
        run.server.hidden = {"cq0_credit"}
        with pytest.raises(FieldsProtected) as told:
            run.extract()
        assert told.value.facts["fields"] == "cq0_credit"

    @pytest.mark.parametrize("sql", ["cq0_data='20250100'", "cq0_lp='?', cq0_data='        '"])
    def test_a_day_that_is_none_fails(self, sql):
        run = Run()
        run.server.run("01,0101", f"UPDATE CQ0 SET {sql} WHERE cq0_data='20250131'")
        with pytest.raises(FieldUnreadable):
            run.extract()


class TestPages:
    def few(self, run, connector, size=3):
        """Read the chart three rows a page."""
        query = Query(connector.transport, connector.site, Tenant("01", "0101"), Removed())
        return query.rows(CT1, None, size)

    def read(self, *faults, between_pages=None, size=3):
        run = Run(Script(*faults))

        async def ask(connector):
            found = []
            async for row in self.few(run, connector, size):
                found.append(row.text("ct1_conta"))
                if between_pages and len(found) == size:
                    run.server.run("01,0101", between_pages)
            return found

        return run.ask(ask), run

    def test_pages_are_read_in_the_order_of_the_key_until_there_are_none(self):
        found, run = self.read()
        assert (len(found), found) == (19, sorted(found))
        assert run.server.script.calls["CT1"] == 7

    def test_a_page_that_comes_again_fails(self):
        with pytest.raises(PageRepeated):
            self.read(Fault(Kind.SAME_PAGE, "CT1", after=1))

    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM CT1 WHERE ct1_conta LIKE '1 %'",
            "INSERT INTO CT1 (ct1_filial,ct1_conta,ct1_desc01,ct1_classe,ct1_ctasup,ct1_natcta,"
            "D_E_L_E_T_) VALUES ('    ','0','X','2','','01',' ')",
        ],
    )
    def test_rows_that_shift_between_pages_are_seen_in_the_count(self, sql):
        with pytest.raises(PagesShifted):
            self.read(between_pages=sql)

    def test_has_next_decides_and_neither_a_short_nor_an_empty_page(self):
        def page(codes, left, more):
            rows = [
                dict.fromkeys(CT1.fields, "") | {"ct1_conta": code, "ct1_filial": "0101"}
                for code in codes
            ]
            body = json.dumps({"items": rows, "hasNext": more, "remainingRecords": left})
            return Fault(Kind.STATUS, "CT1", status=200, body=body)

        found, _ = self.read(page("12", 1, True), page("", 1, True), page("3", 0, False))
        assert found == ["1", "2", "3"]

    def test_a_row_that_comes_twice_is_taken_once_where_nothing_counts(self):
        """A page that brings one new row beside a known one is a shift, not a repeat."""
        made = Paged("x", "", (), ("id",))
        seen: dict[Any, Any] = {}
        row = Row({"id": 1, "value": 2}, "totvs", "x", Removed())
        again = Row({"id": 1, "value": 2}, "totvs", "x", Removed())
        assert [list(fresh_rows(made, [each], seen)) for each in (row, again)] == [[row], []]
        with pytest.raises(PagesShifted):
            list(fresh_rows(made, [Row({"id": 1, "value": 3}, "totvs", "x", Removed())], seen))

    def test_empty_pages_do_not_go_on_for_ever(self):
        empty = json.dumps({"items": [], "hasNext": True, "remainingRecords": 0})
        with pytest.raises(PageRepeated):
            self.read(Fault(Kind.STATUS, "CT1", times=99, status=200, body=empty))


class TestWire:
    @pytest.mark.parametrize("status", [428, 429, 502, 503, 504])
    @pytest.mark.parametrize("table", TABLES)
    def test_no_free_worker_is_waited_for(self, status, table):
        run = Run(Script(Fault(Kind.STATUS, table, status=status, body=ERROR)))
        assert bank(run) == 10_804_10
        assert any(seconds >= 2 for seconds in run.clock.slept)

    def test_a_server_that_stays_busy_gives_the_step_back(self):
        run = Run(Script(Fault(Kind.STATUS, "CQ0", times=99, status=503, body="")))
        with pytest.raises(SourceAnsweredBadly):
            run.extract()
        assert run.server.script.calls["CQ0"] == 3

    @pytest.mark.parametrize(
        ("status", "error"),
        [(400, QuestionRefused), (404, QuestionRefused), (403, RightMissing),
         (409, CredentialRefused)],
    )  # fmt: skip
    def test_what_is_for_good_is_asked_once(self, status, error):
        run = Run(Script(Fault(Kind.STATUS, "CT1", times=99, status=status, body=ERROR)))
        with pytest.raises(error):
            run.extract()
        assert run.server.script.calls["CT1"] == 1

    def test_a_refusal_says_what_the_server_said(self):
        run = Run(Script(Fault(Kind.STATUS, "CT1", status=400, body=ERROR)))
        with pytest.raises(QuestionRefused) as told:
            run.extract()
        assert "Campo obrigatorio: fields" in str(told.value)

    def test_a_500_is_nearly_always_the_query_and_asked_twice_at_most(self):
        run = Run(Script(Fault(Kind.STATUS, "CQ0", times=99, status=500, body=ERROR)))
        with pytest.raises(SourceAnsweredBadly):
            run.extract()
        assert run.server.script.calls["CQ0"] == 2

    @pytest.mark.parametrize("kind", [Kind.SLOW, Kind.CUT])
    def test_a_body_that_does_not_end_is_asked_for_again(self, kind):
        assert bank(Run(Script(Fault(kind, "CQ0")))) == 10_804_10

    def test_one_that_never_ends_is_no_balance(self):
        with pytest.raises(SourceUnreachable):
            Run(Script(Fault(Kind.CUT, "CQ0", times=99))).extract()

    @pytest.mark.parametrize("body", ["<html>", '{"items": [', "NaN", '{"a": 1, "a": 2}'])
    def test_what_is_no_json_is_refused(self, body):
        with pytest.raises(AnswerUnreadable):
            Run(Script(Fault(Kind.STATUS, "CQ0", status=200, body=body))).extract()

    def test_a_page_of_the_edge_is_refused(self):
        page = Fault(Kind.STATUS, "CQ0", status=200, body="<html>", media_type="text/html")
        with pytest.raises(AnswerUnreadable):
            Run(Script(page)).extract()


class TestConditions:
    @pytest.mark.parametrize("value", ["'", "x' OR '1'='1", "a;b", "", "ã", "a" * 41])
    def test_a_value_that_no_code_has_is_never_asked(self, value):
        with pytest.raises(ValueUnknown):
            equal("e1_num", value)
        with pytest.raises(ValueUnknown):
            among("e1_num", ["1", value])

    @pytest.mark.parametrize("field", ["1=1 OR e1_num", "e1_num--", "E1_NUM", "num"])
    def test_a_name_that_is_no_field_is_a_mistake_of_ours(self, field):
        with pytest.raises(ValueError, match="no field"):
            equal(field, "1")

    def test_a_condition_is_as_the_documentation_writes_it(self):
        made = equal("cq0_moeda", "01") & between("cq0_data", date(2025, 1, 1), date(2025, 1, 31))
        assert made.sql == "(cq0_moeda='01' AND cq0_data BETWEEN '20250101' AND '20250131')"
