"""What Conta Azul does instead of answering, and how a person grants a connection."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from monthclose.connectors import contaazul, contaazul_wire
from monthclose.connectors.base import Connection
from monthclose.connectors.contaazul import ContaAzulConnector
from monthclose.connectors.errors import (
    AnswerUnreadable,
    CodeRefused,
    FieldUnreadable,
    GrantRefused,
    PageRepeated,
    PagesShifted,
    QuestionRefused,
    Reauthorise,
    RightMissing,
    RowTwice,
    SettingUnreadable,
    SourceAnsweredBadly,
    ValueUnknown,
    WindowIgnored,
    WrongCompany,
)
from monthclose.connectors.oauth import code_of, exchange
from monthclose.connectors.transport import Neighborhood
from monthclose.ledger.titles import Settlement
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.server import Servers
from tests.connectors.contaazul_world import BETA, COMPANY, OPENING, Run, closing, receivable
from tests.connectors.fakes import FakeClock, MemoryVault

pytestmark = pytest.mark.server

BACK = "https://us.example/back"


def status(operation, code, body="", media="application/json", **more):
    text = body if isinstance(body, str) else json.dumps(body)
    return Fault(Kind.STATUS, operation, status=code, body=text, media_type=media, **more)


def whole(run):
    """The month came whole in spite of it."""
    return closing(run.extract())["BANK:k-1"] == 12_047_50


class TestWaiting:
    def test_too_many_calls_are_waited_for_two_seconds_at_least(self):
        run = Run(Script(status("parcelas", 429, "{}")))
        assert whole(run)
        assert max(run.clock.slept) >= 2

    @pytest.mark.parametrize("code", [500, 502, 503, 504])
    def test_a_failure_of_the_vendor_is_asked_again(self, code):
        assert whole(Run(Script(status("contas-a-pagar", code, "<html>", "text/html"))))

    def test_a_failure_that_stays_is_told(self):
        with pytest.raises(SourceAnsweredBadly):
            Run(Script(status("contas-a-pagar", 500, "{}", times=9))).extract()

    @pytest.mark.parametrize("kind", [Kind.SLOW, Kind.CUT])
    def test_an_answer_that_does_not_end_is_asked_for_again(self, kind):
        assert whole(Run(Script(Fault(kind, "transferencias"))))

    def test_within_the_documented_limits_nothing_is_refused(self, monkeypatch):
        """
        Eighty details and more, at ten calls in any second and six hundred in a minute.

        One at a time: the clock of tests goes on for everybody when one of them waits.
        """
        monkeypatch.setattr(contaazul, "DETAILS", 1)
        many = [receivable(f"m-{n}", BETA, date(2025, 1, 2), 1_00) for n in range(80)]
        titles = (*COMPANY.dealings.titles, *many)
        company = replace(COMPANY, dealings=replace(COMPANY.dealings, titles=titles))
        run = Run(company=company, limited=True)
        assert whole(run)
        assert run.azul.refused == 0


class TestAnswers:
    def test_plain_text_with_status_200_is_no_answer(self):
        with pytest.raises(AnswerUnreadable):
            Run(Script(status("conta-financeira", 200, "Tudo certo", "text/plain"))).extract()

    def test_json_that_is_cut_short_is_no_answer(self):
        with pytest.raises(AnswerUnreadable):
            Run(Script(status("conta-financeira", 200, '{"itens_totais": 2, "itens": ['))).extract()

    @pytest.mark.parametrize(
        "envelope",
        [
            {"itens_totais": 0, "items": []},
            {"totalItems": 0, "items": []},
            {"total_itens": 0, "itens": []},
            {"itens_totais": 0, "itens": None},
            {"itens": [], "paginacao": {"total_itens": 0}},
            [],
        ],
    )
    def test_another_envelope_is_never_an_empty_list(self, envelope):
        with pytest.raises(FieldUnreadable):
            Run(Script(status("contas-a-receber", 200, envelope))).extract()

    def test_fewer_rows_than_there_are_fail(self):
        short = {"itens_totais": 3, "itens": []}
        with pytest.raises(PagesShifted):
            Run(Script(status("contas-a-receber", 200, short))).extract()

    def test_a_row_that_comes_twice_fails(self):
        row = {"id": "k-1", "nome": "Itau", "tipo": "CAIXINHA"}
        twice = {"itens_totais": 2, "itens": [row, row]}
        with pytest.raises(RowTwice):
            Run(Script(status("conta-financeira", 200, twice))).extract()

    def test_a_page_that_comes_again_fails(self):
        """Of 1,200 settled long ago, and of one renegotiated before, no detail is asked for."""
        old = [
            receivable(
                f"o-{n}", BETA, date(2024, 5, 1), 1_00,
                settlements=(Settlement(f"s-{n}", date(2024, 6, 1), "k-1", 1_00),),
            )
            for n in range(1_200)
        ]  # fmt: skip
        titles = (*COMPANY.dealings.titles, *old)
        many = replace(
            COMPANY,
            dealings=replace(COMPANY.dealings, titles=titles),
            bank_starts={"k-1": 8_800_00},
        )
        run = Run(company=many)
        assert whole(run)
        assert run.azul.script.calls["parcelas"] == len(COMPANY.dealings.titles) - 1
        fault = Fault(Kind.SAME_PAGE, "contas-a-receber", after=4)
        with pytest.raises(PageRepeated):
            Run(Script(fault), company=many).extract()

    def test_a_filter_that_is_ignored_fails(self):
        row = {
            "id": "9", "data_competencia": "2026-01-01", "data_alteracao": "2026-01-01T01:00:00",
            "nao_pago": 0, "status": "PENDING", "cliente": None,
        }  # fmt: skip
        fault = status("contas-a-receber", 200, {"itens_totais": 1, "itens": [row]}, after=2)
        with pytest.raises(WindowIgnored):
            Run(Script(fault)).extract()

    def test_an_id_that_would_lead_elsewhere_is_refused(self):
        row = {"id": "../x", "nome": "Itau", "tipo": "CAIXINHA"}
        told = {"itens_totais": 1, "itens": [row]}
        with pytest.raises(FieldUnreadable):
            Run(Script(status("conta-financeira", 200, told))).extract()

    @pytest.mark.parametrize(
        "field",
        [
            "itens_totais", "nao_pago", "data_competencia", "rateio", "valor_bruto", "baixas",
            "valor_liquido", "juros", "taxa", "perda", "data_pagamento", "conta_financeira",
            "composicao_valor", "saldo_atual", "cliente", "documento", "entrada_dre", "subitens",
            "categorias_financeiras", "totalItems",
        ],
    )  # fmt: skip
    def test_a_field_that_is_gone_fails_the_company(self, field):
        with pytest.raises(FieldUnreadable):
            Run(Script(Fault(Kind.DROP_FIELD, times=999, field=field))).extract()

    def test_a_status_that_nobody_documents_fails_where_an_amount_depends_on_it(self):
        answer = {
            "id": "1001", "indice": 1, "status": "EM_ANALISE", "perda": None, "baixas": [],
            "evento": {
                "id": "e", "tipo": "RECEITA", "data_competencia": "2024-12-10",
                "rateio": [{"id_categoria": "c-1", "valor": 1, "valor_bruto": 1}],
            },
            "valor_composicao": {"valor_bruto": 1},
        }  # fmt: skip
        with pytest.raises(ValueUnknown, match="EM_ANALISE"):
            Run(Script(status("parcelas", 200, answer))).extract()

    def test_a_person_who_was_not_asked_for_fails(self):
        row = {"id": "p-9", "documento": "44555666000181"}
        with pytest.raises(ValueUnknown, match="p-9"):
            Run(Script(status("pessoas", 200, {"totalItems": 1, "items": [row]}))).extract()


class TestRefusals:
    def test_a_page_size_the_vendor_does_not_take_is_told_in_its_words(self, monkeypatch):
        monkeypatch.setattr(contaazul_wire, "PAGE", 300)
        with pytest.raises(QuestionRefused, match="deve ser um dos seguintes valores"):
            Run().extract()

    def test_a_missing_right_stops(self):
        with pytest.raises(RightMissing):
            Run(Script(status("categorias", 403, "{}"))).extract()

    def test_another_companys_token_is_noticed_before_anything_is_read(self):
        run = Run(Script(Fault(Kind.TENANT, "conta-conectada")), cnpj="11222333000181")
        with pytest.raises(WrongCompany):
            run.extract()
        assert run.azul.script.calls["parcelas"] == 0

    def test_a_setting_that_says_something_else_is_refused(self):
        with pytest.raises(SettingUnreadable):
            Run(settings={"renegotiated": "perhaps"}).extract()


class TestTokens:
    def test_a_token_that_ended_is_renewed_once_and_the_new_pair_is_kept(self):
        run = Run(Script(Fault(Kind.EXPIRE, "transferencias")))
        old = run.vault.secrets["refresh_token"]
        assert whole(run)
        assert run.azul.script.calls["token"] == 1
        assert run.vault.secrets["refresh_token"] != old
        assert len(run.vault.stored) == 1

    def test_a_token_about_to_end_is_renewed_before_it_is_used(self):
        run = Run(lasts=30)
        assert whole(run)
        assert run.azul.script.calls["token"] == 1

    def test_a_refresh_token_that_was_used_elsewhere_is_dead_and_asked_about_once(self):
        run = Run(lasts=30)
        run.azul.tokens("alfa")  # somebody else renewed, and did not tell
        with pytest.raises(Reauthorise):
            run.extract()
        assert run.azul.script.calls["token"] == 1
        assert run.vault.dead

    def test_two_at_once_renew_once(self):
        run = Run(lasts=30)

        async def twice(connector):
            async with ContaAzulConnector(
                connector.connection, connector.vault, connector.around
            ) as other:
                return await asyncio.gather(connector.get_companies(), other.get_companies())

        one, two = run.ask(twice)
        assert one == two
        assert run.azul.script.calls["token"] == 1

    def test_a_failing_token_endpoint_is_no_dead_connection(self):
        run = Run(Script(status("token", 503, times=9)), lasts=30)
        with pytest.raises(SourceAnsweredBadly):
            run.extract()
        assert not run.vault.dead

    def test_no_secret_is_in_an_error_a_document_or_a_name(self):
        run = Run(Script(status("parcelas", 400, {"error": "x"})))

        async def failing(connector):
            with pytest.raises(QuestionRefused) as caught:
                await connector.get_trial_balance("2025-01", OPENING)
            return str(caught.value), connector.transport.documents

        said, documents = run.ask(failing)
        kept = said + repr(documents) + "".join(d.content.decode() for d in documents)
        for secret in run.vault.secrets.values():
            assert len(secret) < 8 or secret not in kept


class Grant:
    """A person at the page of the grant, and the exchange of the code."""

    def __init__(self):
        self.clock = FakeClock()
        self.azul = ContaAzul({"alfa": COMPANY}, clock=lambda: self.clock.now().timestamp())
        self.vault = MemoryVault(client_id="client", client_secret="secret")

    def go(self, act):
        async def run(url, addresses):
            around = Neighborhood.alone(self.clock, test=addresses)
            connection = Connection("ALFA", "contaazul", base_url=url)
            async with ContaAzulConnector(connection, self.vault, around) as connector:
                return await act(connector, ContaAzulConnector.granted_at(connection))

        with Servers({"it": self.azul}) as servers:
            return asyncio.run(run(servers.url("it"), servers.addresses))


def opened(page):
    """Where the page sends the browser."""
    parts = urlsplit(page)
    wire = HTTPConnection(parts.hostname, parts.port, timeout=5)
    wire.request("GET", f"{parts.path}?{parts.query}")
    where = wire.getresponse().headers["location"]
    wire.close()
    return where


class TestGrant:
    def test_a_person_grants_once_and_the_connection_opens_the_company(self):
        grant = Grant()

        async def act(connector, its):
            page = its.page("client", "state-1", BACK)
            back = await asyncio.to_thread(opened, page)
            code = code_of(back, "state-1", "contaazul")
            await exchange(connector.transport, its, grant.vault, code, BACK)
            first = await connector.get_companies()
            with pytest.raises(CodeRefused):
                await exchange(connector.transport, its, grant.vault, code, BACK)
            return page, first

        page, (company,) = grant.go(act)
        assert "scope=openid+profile+aws.cognito.signin.user.admin" in page
        assert company.cnpj == "11222333000181"

    def test_without_a_server_of_its_own_the_vendors_is_asked(self):
        its = ContaAzulConnector.granted_at(Connection("ALFA", "contaazul"))
        assert its.authorise == "https://auth.contaazul.com/oauth2/authorize"
        assert its.token == "https://auth.contaazul.com/oauth2/token"

    def test_an_encoded_plus_is_refused_on_the_page(self):
        grant = Grant()

        async def act(connector, its):
            page = its.page("client", "state-1", BACK).replace("+", "%2B")
            return await asyncio.to_thread(opened, page)

        with pytest.raises(GrantRefused):
            code_of(grant.go(act), "state-1", "contaazul")

    def test_a_code_lives_three_minutes(self):
        grant = Grant()

        async def act(connector, its):
            page = its.page("client", "state-1", BACK)
            back = await asyncio.to_thread(opened, page)
            grant.clock.pass_(181)
            code = code_of(back, "state-1", "contaazul")
            with pytest.raises(CodeRefused):
                await exchange(connector.transport, its, grant.vault, code, BACK)

        grant.go(act)
        assert grant.vault.stored == []
