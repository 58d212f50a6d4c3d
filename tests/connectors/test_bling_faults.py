"""What Bling does instead of answering: limits, errors, pages, tokens; and what comes of it."""

import asyncio
import json
from datetime import date, timedelta

import pytest

from monthclose.connectors.bling_calls import Calls
from monthclose.connectors.bling_wire import read_error, site, slices
from monthclose.connectors.errors import (
    CodeRefused,
    FieldUnreadable,
    PageRepeated,
    QuestionRefused,
    Reauthorise,
    RightMissing,
    RowTwice,
    SettingUnreadable,
    SourceBlocked,
    ValueUnknown,
    WindowIgnored,
    WrongCompany,
)
from monthclose.connectors.fields import Removed
from monthclose.connectors.oauth import exchange
from monthclose.connectors.transport import Neighborhood, Transport
from monthclose.connectors.vendors import vendor
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.bling import Bling
from monthclose.sandbox.neighbors.bling_tokens import CLIENT
from monthclose.sandbox.server import Servers
from tests.connectors.bling_case import (
    COMPANY,
    DELTA,
    IN,
    OPENING,
    Run,
    rows,
    title,
    with_titles,
)
from tests.connectors.fakes import FakeClock, MemoryVault, answering, told

pytestmark = pytest.mark.server


def error(kind, **more):
    return json.dumps({"error": {"type": kind, "message": "m", "description": "d", **more}})


def refused(status, kind, operation="contas/receber/{id}", **more):
    return Script(Fault(Kind.STATUS, operation, status=status, body=error(kind, **more)))


def paged(*answers):
    """What the pages of one list give."""

    async def go(servers):
        around = Neighborhood.alone(FakeClock(), test=servers.addresses)
        async with Transport(
            vendor("bling"), around, key="k", read=read_error, base_url=servers.url("it")
        ) as transport:
            calls = Calls(transport, Removed())
            return [row.code("id") async for row in calls.pages("caixas", ())]

    with Servers({"it": answering(*answers)}) as servers:
        return asyncio.run(go(servers))


class TestPages:
    def test_a_short_page_is_not_the_end_and_an_empty_one_is(self):
        pages = [told({"data": [{"id": each} for each in some]}) for some in ("ab", "c", "")]
        assert paged(*pages) == ["a", "b", "c"]

    def test_a_page_that_comes_again_fails(self):
        page = told({"data": [{"id": 1}]})
        with pytest.raises(PageRepeated):
            paged(page, page)

    def test_a_row_on_two_pages_fails(self):
        with pytest.raises(RowTwice):
            paged(told({"data": [{"id": 1}, {"id": 2}]}), told({"data": [{"id": 2}, {"id": 3}]}))

    @pytest.mark.parametrize("body", ['{"error":{"type":"SERVER_ERROR"}}', "{}", "[]"])
    def test_an_answer_without_data_is_never_an_empty_list(self, body):
        with pytest.raises(FieldUnreadable):
            paged(told(body))

    def test_more_than_a_page_comes_whole(self):
        many = tuple(
            title(IN, str(n), DELTA, "2025-01-25", 100, "9001") for n in range(20_001, 20_251)
        )
        run = Run(company=with_titles(COMPANY, *many))
        assert rows(run.extract())["CAT:9001"][2] == 250_00
        again = Script(Fault(Kind.SAME_PAGE, "contas/receber", after=12 + 1))
        with pytest.raises(PageRepeated):
            Run(again, company=with_titles(COMPANY, *many)).extract()


class TestWindows:
    def test_a_window_is_cut_into_months(self):
        assert list(slices(date(2024, 12, 15), date(2025, 2, 3))) == [
            (date(2024, 12, 15), date(2024, 12, 31)),
            (date(2025, 1, 1), date(2025, 1, 31)),
            (date(2025, 2, 1), date(2025, 2, 3)),
        ]

    def test_more_than_a_year_would_be_refused_and_is_never_asked(self):
        run = Run(look_back="36")
        assert rows(run.extract())["AR"][3] == 5_000_00

        async def ask(connector):
            days = (("dataInicial", "2023-01-01"), ("dataFinal", "2025-01-31"))
            calls = Calls(connector.transport, Removed())
            return [row async for row in calls.pages("contas/receber", days)]

        with pytest.raises(QuestionRefused, match="dataInicial"):
            run.ask(ask)

    def test_a_cash_book_of_other_days_than_asked_for_fails(self):
        """Were the days taken as dd/mm/yyyy or not at all, the current month would come."""
        row = {
            "id": "1", "debCred": "C", "situacao": "R", "valor": 1.0, "data": "2025-03-02",
            "origem": {"id": 1, "tipo": "caixa"}, "contaFinanceira": {"id": 501},
        }  # fmt: skip
        body = json.dumps({"data": [row]})
        with pytest.raises(WindowIgnored):
            Run(Script(Fault(Kind.STATUS, "caixas", status=200, body=body))).extract()

    def test_receivables_of_other_days_than_asked_for_fail(self):
        row = {"id": 1, "dataEmissao": "2022-03-02"}
        body = json.dumps({"data": [row]})
        with pytest.raises(WindowIgnored):
            Run(Script(Fault(Kind.STATUS, "contas/receber", status=200, body=body))).extract()


class TestErrors:
    def test_too_many_in_a_second_waits_a_second(self):
        run = Run(refused(429, "TOO_MANY_REQUESTS", limit=3, period="second"))
        assert rows(run.extract())["AR"][3] == 5_000_00
        assert any(seconds >= 1 for seconds in run.clock.slept)

    def test_too_many_in_a_day_stops_until_midnight_in_brasilia(self):
        """At noon of 4 March there: called again only after twelve hours."""
        run = Run(refused(429, "TOO_MANY_REQUESTS", "caixas", limit=120_000, period="day"))

        async def twice(connector):
            for _ in range(2):
                with pytest.raises(SourceBlocked) as stopped:
                    await connector.get_trial_balance("2025-01", OPENING)
            asked = run.calls("caixas")
            run.clock.pass_(12 * 3600 + 60)
            return stopped.value, asked, await connector.get_trial_balance("2025-01", OPENING)

        stopped, asked, extract = run.ask(twice)
        assert stopped.facts["until"].startswith("2025-03-05T03:00")
        assert asked == 1
        assert rows(extract)["AR"][3] == 5_000_00

    def test_an_unknown_error_in_a_400_is_tried_again(self):
        assert rows(Run(refused(400, "UNKNOWN_ERROR")).extract())["AR"][3] == 5_000_00

    def test_what_is_wrong_with_a_question_is_said(self):
        fields = [{"code": 49, "msg": "Campo obrigatório", "element": "vencimento"}]
        with pytest.raises(QuestionRefused, match="vencimento: Campo obrigatório"):
            Run(refused(400, "VALIDATION_ERROR", fields=fields)).extract()

    def test_a_missing_scope_stops(self):
        with pytest.raises(RightMissing):
            Run(refused(403, "FORBIDDEN", "borderos/{id}")).extract()

    @pytest.mark.parametrize("operation", ["contas/receber/{id}", "borderos/{id}"])
    def test_a_record_that_is_named_and_not_there_fails(self, operation):
        with pytest.raises((FieldUnreadable, QuestionRefused)):
            Run(refused(404, "RESOURCE_NOT_FOUND", operation)).extract()

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(Kind.STATUS, "caixas", status=500, body=error("SERVER_ERROR")),
            Fault(Kind.STATUS, "caixas", status=502, body="<html>", media_type="text/html"),
            Fault(Kind.CUT, "contas/receber/{id}"),
            Fault(Kind.SLOW, "borderos/{id}"),
            Fault(Kind.RESET, "contatos"),
        ],
    )
    def test_a_passing_failure_changes_nothing(self, fault):
        run = Run(Script(fault))
        assert rows(run.extract())["BANK:501"][3] == 10_198_60
        assert run.clock.slept

    @pytest.mark.parametrize(
        "field",
        ["data", "valor", "saldo", "situacao", "competencia", "borderos", "categoria", "contato",
         "dataEmissao", "valorPago", "desconto", "tarifa", "portador", "transferencia", "debCred",
         "contaFinanceira", "origem", "descricao"],
    )  # fmt: skip
    def test_a_field_that_is_gone_fails_the_company(self, field):
        with pytest.raises(FieldUnreadable):
            Run(Script(Fault(Kind.DROP_FIELD, "*", times=999, field=field))).extract()

    @pytest.mark.parametrize(
        ("operation", "told_", "field"),
        [
            ("caixas", ("debCred", "X"), "debCred"),
            ("caixas", ("origem", {"id": 1, "tipo": "pix"}), "origem.tipo"),
            ("caixas", ("situacao", "E"), "situacao"),
        ],
    )
    def test_a_value_nobody_documents_fails(self, operation, told_, field):
        row = {
            "id": "1", "debCred": "C", "situacao": "R", "valor": 1.0, "data": "2025-01-02",
            "origem": {"id": 1, "tipo": "caixa"}, "contaFinanceira": {"id": 501},
        }  # fmt: skip
        body = json.dumps({"data": [{**row, told_[0]: told_[1]}]})
        with pytest.raises(ValueUnknown) as stopped:
            Run(Script(Fault(Kind.STATUS, operation, status=200, body=body))).extract()
        assert stopped.value.facts["field"] == field

    def test_another_company_behind_the_same_token_is_refused(self):
        run = Run(Script(Fault(Kind.TENANT, "empresas/me/dados-basicos")))
        run.cnpj = COMPANY.cnpj
        run.bling.companies["2"] = with_titles(COMPANY)
        object.__setattr__(run.bling.companies["2"], "cnpj", "44555666000181")
        with pytest.raises(WrongCompany):
            run.extract()

    @pytest.mark.parametrize(
        ("name", "value"),
        [("look_back", "0"), ("look_back", "x"), ("paid_amount", "both"), ("cancelled__1", "soon")],
    )
    def test_a_setting_that_says_nothing_known_is_refused(self, name, value):
        with pytest.raises(SettingUnreadable):
            Run(**{name: value}).extract()


class TestTokens:
    def test_an_ended_token_is_renewed_once_and_both_parts_are_stored(self):
        run = Run(Script(Fault(Kind.EXPIRE, "caixas")))
        before = dict(run.vault.secrets)
        assert rows(run.extract())["AR"][3] == 5_000_00
        assert run.calls("oauth/token") == 1
        assert run.vault.secrets["refresh_token"] != before["refresh_token"]
        assert len(run.vault.secrets["access_token"]) > 1_500

    def test_a_token_about_to_end_is_renewed_before_it_is_used(self):
        run = Run()
        run.clock.pass_(6 * 3600)
        run.extract()
        assert run.calls("oauth/token") == 1

    def test_many_calls_at_once_renew_once(self):
        run = Run()
        run.clock.pass_(7 * 3600)

        async def both(connector):
            asked = [connector.health_check() for _ in range(8)]
            return await asyncio.gather(*asked)

        assert all(health.reachable for health in run.ask(both))
        assert run.calls("oauth/token") == 1

    @pytest.mark.parametrize("why", ["scopes", "idle"])
    def test_a_connection_that_has_ended_has_to_be_granted_again(self, why):
        """Other scopes end every connection; so do thirty days without a renewal."""
        run = Run()
        if why == "scopes":
            run.bling.tokens.change_scopes()
        else:
            run.clock.pass_(31 * 86_400)
        with pytest.raises(Reauthorise):
            run.extract()
        assert run.vault.dead
        assert run.calls("oauth/token") == 1

    def test_a_health_check_a_day_keeps_a_connection_alive(self):
        run = Run()

        async def month(connector):
            for _ in range(40):
                run.clock.pass_(86_400)
                assert (await connector.health_check()).reachable
            return await connector.get_trial_balance("2025-01", OPENING)

        assert rows(run.ask(month))["AR"][3] == 5_000_00


class Granting:
    """A person grants a connection in the browser."""

    def __init__(self):
        self.clock = FakeClock()
        self.bling = Bling({"1": COMPANY}, limited=True, clock=lambda: self.clock.now().timestamp())
        self.vault = MemoryVault(client_id=CLIENT[0], client_secret=CLIENT[1])
        self.code = self.bling.tokens.code("1")

    def ask(self, act):
        async def go(servers):
            around = Neighborhood.alone(self.clock, test=servers.addresses)
            async with Transport(vendor("bling"), around, key="1") as transport:
                return await act(transport, site(servers.url("bling")))

        with Servers({"bling": self.bling}) as servers:
            return asyncio.run(go(servers))

    def exchange(self):
        self.ask(lambda transport, at: exchange(transport, at, self.vault, self.code, ""))


class TestGrant:
    def test_a_code_gives_tokens_once_and_its_second_use_ends_the_connection(self):
        granting = Granting()
        granting.exchange()
        assert len(granting.vault.secrets["access_token"]) > 1_500
        with pytest.raises(CodeRefused):
            granting.exchange()
        run = Run()
        run.bling, run.vault = granting.bling, granting.vault
        run.clock = granting.clock
        with pytest.raises(Reauthorise):
            run.extract()

    def test_a_code_lives_a_minute(self):
        granting = Granting()
        granting.clock.pass_(61)
        with pytest.raises(CodeRefused):
            granting.exchange()

    def test_the_page_names_no_redirect_address(self):
        page = site().page("id", "state", "https://us.example/back")
        assert page.startswith("https://bling.com.br/Api/v3/oauth/authorize?response_type=code")
        assert "redirect" not in page


class TestLimits:
    def test_within_the_documented_limits_nothing_is_refused(self):
        run = Run(limited=True)
        assert rows(run.extract())["AR"][3] == 5_000_00
        started, calls = run.clock.moment, sum(run.bling.script.calls.values())
        assert calls > 60
        assert started.date() == date(2025, 3, 4)

    def test_no_more_token_calls_in_a_minute_than_an_address_may_make(self):
        """Sixty connections of one installation renew: twenty in a minute would shut us out."""
        granting = Granting()
        for number in range(60):
            granting.bling.companies[str(number)] = COMPANY
        secrets = [granting.bling.tokens.secrets(str(number)) for number in range(60)]
        times = []

        async def renew(transport, at):
            for each in secrets:
                answer = await transport.ask_token(at.refreshed(each))
                assert answer.status == 200
                times.append(granting.clock.now())

        granting.ask(renew)
        for start in times:
            assert sum(start <= each < start + timedelta(seconds=60) for each in times) < 20

    def test_the_stand_in_shuts_out_who_asks_for_twenty_tokens(self):
        granting = Granting()
        answers = []

        async def hurry(transport, at):
            object.__setattr__(transport.around, "lifted", True)
            for _ in range(25):
                answer = await transport.ask_token(at.exchanged(granting.vault.secrets, "no"))
                answers.append(answer.status)

        granting.ask(hurry)
        assert answers.count(400) == 20
        assert answers[20:] == [403] * 5
