"""Connections on a real database as several people, a real Valkey, and Omie over HTTP."""

import asyncio
import json
import logging
from dataclasses import replace
from datetime import date

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from monthclose.access.secret_file import MasterKeyUnusable, SecretUnreadable
from monthclose.connectors.errors import (
    AddressRefused,
    CredentialRefused,
    OpeningMissing,
    SourceBlocked,
)
from monthclose.connectors.valkey import ValkeyState
from monthclose.ledger.extractions import Outcome
from monthclose.ledger.sources import Side, said_note
from monthclose.ledger.titles import Part, Title
from monthclose.sandbox.faults import Fault, Kind
from monthclose.store.connections import ConnectionMissing, NewConnection
from monthclose.store.errors import CompanyUnknown, NotGranted, OwnWork
from monthclose.store.vault import CredentialRecord
from monthclose.wiring import vault as vaults
from monthclose.wiring.erps import (
    ConnectionIncomplete,
    ErpUnknown,
    SecretIncomplete,
    SettingUnknown,
)
from monthclose.wiring.neighbors import open_neighborhood, secret_files
from monthclose.wiring.settings import Settings, SettingsInvalid, read_settings
from monthclose.wiring.vault import StoredVault
from tests.connectors.test_omie import COMPANY, KEYS, MONTH
from tests.wiring.sourced import text_of

pytestmark = pytest.mark.server

BLOCKED = json.dumps(
    {
        "faultstring": "ERROR: API bloqueada por consumo indevido."
        " Tente novamente em 1789 segundos.",
        "faultcode": "MISUSE_API_PROCESS",
    }
)

HAND = {
    "BANK:501": 10_804_10,
    "BANK:502": 1_000_00,
    "AR": 5_000_00,
    "AP": -1_500_00,
    "CAPITAL": -8_000_00,
    "RETAINED": -3_800_00,
    "CAT:1.01.01": -3_000_00,
    "CAT:1.01.02": -2_000_00,
    "CAT:2.04.01": 1_500_00,
    "CAT:2.06.01": 45_90,
    "INTEREST_INCOME": -30_00,
    "DISCOUNT_OBTAINED": -20_00,
}


class TestConnection:
    def test_an_admin_sets_it_and_nobody_else(self, place):
        for who in ("manager", "analyst", "reader"):
            with pytest.raises(NotGranted):
                place.add(who)
        made = place.add()
        assert made.fresh
        assert not place.add().fresh
        assert len(place.house.sources("manager").connections.all()) == 1

    def test_a_manager_tests_it_and_a_reader_gets_no_credential(self, place):
        place.add()
        (tested,) = place.house.sources("manager").test()
        assert tested.error is None
        assert tested.matches
        assert [each.cnpj for each in tested.companies] == [COMPANY.cnpj]
        for who in ("analyst", "reader"):
            (refused,) = place.house.sources(who).test()
            assert isinstance(refused.error, NotGranted), who
        asked = place.house.ask(
            "select user_id, purpose, outcome from credential_access_log where tenant_id = :t",
            "operator",
        )
        assert asked == [(place.house.people["manager"], "test: ListarEmpresas", "granted")]

    def test_the_company_of_another_cnpj_is_told(self, place):
        place.add()
        place.serve(replace(COMPANY, cnpj="44555666000181"))
        (tested,) = place.house.sources("manager").test()
        assert not tested.matches

    def test_what_is_no_connection_is_refused(self, place):
        sources = place.house.sources("operator")
        with pytest.raises(ErpUnknown):
            sources.add(NewConnection("ALFA", "sap"), KEYS)
        for secrets in ({}, {"app_key": "1"}, {**KEYS, "more": "1"}, {**KEYS, "app_key": ""}):
            with pytest.raises(SecretIncomplete):
                place.add(secrets=secrets)
        with pytest.raises(CompanyUnknown, match="ALFA, TOP"):
            sources.add(NewConnection("NONE", "omie"), KEYS)
        with pytest.raises(SettingUnknown, match="accrual"):
            place.add(settings={"acrual": "emission"})
        with pytest.raises(ConnectionIncomplete, match="--base-url, --company"):
            sources.add(NewConnection("ALFA", "totvs"), {"username": "u", "password": "p"})
        with pytest.raises(ConnectionMissing):
            place.house.sources("manager").pull("2025-01", ["TOP"])

    def test_a_host_of_nobody_waits_for_a_second_person_before_any_call(self, place):
        url = "https://erp.example.com:8443/rest"
        made = place.add(base_url=url)
        assert made.waits == "erp.example.com:8443"
        (tested,) = place.house.sources("manager").test()
        assert isinstance(tested.error, AddressRefused)
        approve = (
            "update outside_addresses set status = 'approved'"
            " where tenant_id = :t and address = 'erp.example.com:8443'"
        )
        with pytest.raises((OwnWork, NotGranted)):
            place.house.do(approve, "operator")
        assert place.house.sources("manager").connections.approved_hosts() == frozenset()
        place.house.do(approve, "manager")
        hosts = place.house.sources("manager").connections.approved_hosts()
        assert hosts == {"erp.example.com:8443"}
        assert place.add(base_url=url).waits == ""

    @pytest.mark.parametrize(
        "url", ["http://erp.example.com", "https://me@erp.example.com", "https://erp.example.com:x"]
    )
    def test_an_address_that_is_never_called_is_not_even_proposed(self, place, url):
        with pytest.raises(AddressRefused):
            place.add(base_url=url)


class TestPull:
    def test_the_month_worked_by_hand_is_the_balance_in_force(self, place):
        place.add()
        done = place.pull()
        assert (done.outcome, done.lines, done.failing) == (Outcome.TAKEN, 12, ())
        rows = place.house.ask(
            "select a.code, (t.closing * 100)::bigint from trial_balances t"
            " join entity_chart_of_accounts a"
            "   on a.entity_id = t.entity_id and a.number = t.account_number"
            " join etl_batches b on b.entity_id = t.entity_id and b.id = t.batch_id"
            "   and b.period = t.period"
            " where b.tenant_id = :t and b.period = '2025-01-01'"
        )
        assert dict(rows) == HAND
        (batch,) = place.house.ask(
            "select b.basis, b.erp, b.late, jsonb_array_length(b.gaps) > 5,"
            " jsonb_array_length(b.tie_outs) > 0, d.media_type from etl_batches b"
            " join source_documents d on d.id = b.source_document_id"
            " where b.tenant_id = :t and b.period = '2025-01-01'"
        )
        assert batch == (
            "derived", "omie", False, True, True, "application/vnd.monthclose.answers",
        )  # fmt: skip

    def test_every_answer_is_kept_once_with_where_it_came_from(self, place):
        place.add()
        first, second = place.pull(), place.pull()
        assert (second.outcome, second.new_documents) == (Outcome.STANDING, 0)
        assert (first.number, second.number) == (1, 1)
        kept = place.house.ask(
            "select count(*), count(distinct sha256), min(fetched_at)::date, bool_and(endpoint"
            " like '127.0.0.1%') from source_documents where tenant_id = :t and label like 'omie %'"
        )
        assert kept == [(first.new_documents + 1, first.new_documents + 1, date(2025, 7, 3), True)]

    def test_what_the_source_says_otherwise_while_the_month_is_open_is_the_next_batch(self, place):
        place.add()
        place.pull()
        place.serve(replace(COMPANY, dealings=_with_more(MONTH)))
        done = place.pull()
        assert (done.outcome, done.number) == (Outcome.TAKEN, 2)

    def test_what_it_says_otherwise_of_a_closed_month_is_late_and_restates_nothing(self, place):
        """A sale of 700.00 entered after the close: receivables and sales, and nothing moves."""
        place.add()
        place.pull()
        place.house.lock("2024-12")
        place.house.lock("2025-01")
        place.serve(replace(COMPANY, dealings=_with_more(MONTH)))
        done = place.pull()
        assert done.outcome is Outcome.LATE
        assert [(each.account, each.closed, each.found) for each in done.late] == [
            ("AR", 5_000_00, 5_700_00),
            ("CAT:1.01.01", -3_000_00, -3_700_00),
        ]
        assert done.number == 1
        after = place.pull(period="2025-02")
        assert [each.account for each in after.late] == ["AR", "CAT:1.01.01"]
        ((late, notes),) = place.house.ask(
            "select late, notes from etl_batches where tenant_id = :t and period = '2025-02-01'"
        )
        assert late
        said = [said_note(code, facts, "en") for code, facts in notes if code == "late-change"]
        assert len(said) == 2
        assert "AR of 2025-01, which is closed, went from BRL 5,000.00 to BRL 5,700.00" in said[0]
        code, facts = notes[-2]
        assert "BRL 700,00 que ninguém lançou" in said_note(code, facts, "pt-BR")

    def test_who_may_not_write_takes_nothing(self, place):
        place.add()
        for who in ("reader", "operator"):
            done = place.pull(who)
            assert isinstance(done.error, NotGranted), who
        assert place.pull("analyst").outcome is Outcome.TAKEN

    def test_a_failing_source_takes_nothing_and_says_why(self, place):
        place.add(secrets={**KEYS, "app_secret": "wrong"})
        done = place.pull()
        assert isinstance(done.error, CredentialRefused)
        (stored,) = place.house.sources("manager").connections.all()
        assert stored.check_code == "source-credential-refused"
        assert place.house.ask("select from etl_batches where tenant_id = :t and erp <> ''") == []

    def test_a_month_without_opening_balances_is_refused(self, place):
        place.add()
        assert isinstance(place.pull(period="2025-06").error, OpeningMissing)

    def test_a_block_is_kept_for_everybody_and_its_method_is_not_called_meanwhile(self, place):
        """Omie shuts out one method of one key: the others answer on."""
        place.add()
        place.serve(COMPANY, Fault(Kind.STATUS, "ListarCategorias", status=425, body=BLOCKED))
        blocked = place.pull()
        assert isinstance(blocked.error, SourceBlocked)
        calls = place.stand.script.calls["ListarCategorias"]
        assert isinstance(place.pull("second").error, SourceBlocked)
        assert place.stand.script.calls["ListarCategorias"] == calls
        (tested,) = place.house.sources("manager").test()
        assert tested.error is None
        (stands,) = place.house.sources("second").status()
        assert list(stands.connection.blocks) == ["ListarCategorias"]
        assert stands.connection.blocked_until.timestamp() > place.clock.now().timestamp()
        place.clock.pass_(3600)
        assert place.pull().outcome is Outcome.TAKEN

    def test_status_tells_what_is_left_without_a_call(self, place):
        place.add()
        place.pull()
        calls = place.calls
        (stands,) = place.house.sources("reader").status()
        assert stands.standing.circuit == "closed"
        assert {each.per for each in stands.standing.budgets} == {"vendor", "method"}
        assert (stands.connection.last_pull, stands.connection.check_code) == ("2025-01", "")
        assert place.calls == calls


class TestVault:
    def vault(self, place, who="manager", purpose="pull"):
        made = place.add()
        house = place.house
        (stored,) = house.sources("operator").connections.all()
        record = CredentialRecord(
            house.engine, house.people[who], house.tenant, stored.entity_id, made.id
        )
        files = secret_files(house.settings)
        return StoredVault(files, record, made.secret_name, purpose, "omie", place.clock)

    def test_no_value_leaves_when_the_access_cannot_be_noted(self, place, monkeypatch):
        vault = self.vault(place)

        def fails(*_, **__):
            raise DBAPIError("insert", {}, Exception("disk full"))

        monkeypatch.setattr(vaults, "log_together", fails)
        with pytest.raises(DBAPIError):
            asyncio.run(vault.read("ListarEmpresas"))

    def test_one_that_cannot_be_opened_is_noted_as_refused(self, place):
        vault = self.vault(place)
        other = Settings(home=place.home, master_key=SecretStr("QUFB" * 10 + "QUE="))
        vault.files = secret_files(other)
        with pytest.raises((SecretUnreadable, MasterKeyUnusable)):
            asyncio.run(vault.read("ListarEmpresas"))
        asked = place.house.ask(
            "select outcome from credential_access_log where tenant_id = :t", "operator"
        )
        assert asked == [("refused",)]

    def test_one_renews_at_a_time_and_the_next_reads_what_was_stored(self, place):
        """Two vaults as two processes have them: the second sees the first one's tokens."""
        first, second = self.vault(place), self.vault(place, "second")
        order = []

        async def renew(vault, name, token):
            async with vault.renewing() as row:
                order.append((name, row.secrets.get("access_token", "")))
                await asyncio.sleep(0.3)
                fresh = row.secrets.with_parts(access_token=token, refresh_token=f"r-{token}")
                await row.replace(fresh)

        async def both():
            await asyncio.gather(renew(first, "first", "one"), renew(second, "second", "two"))

        asyncio.run(both())
        (_, nothing), (_, seen) = order
        assert nothing == ""
        assert seen == {"first": "one", "second": "two"}[order[0][0]]
        kept = dict(first.files.get(first.name).parts)
        assert kept["refresh_token"] == f"r-{kept['access_token']}"

    def test_a_dead_grant_is_noted_until_it_is_given_again(self, place):
        vault = self.vault(place)
        asyncio.run(vault.mark_dead())
        (stored,) = place.house.sources("manager").connections.all()
        assert stored.dead_since is not None
        place.add()
        (stored,) = place.house.sources("manager").connections.all()
        assert stored.dead_since is None


class TestNeighborhood:
    def test_limits_are_shared_on_the_embedded_server_and_divided_without_one(
        self, home, monkeypatch
    ):
        async def share(settings):
            async with open_neighborhood(settings) as around:
                return type(around.state) is ValkeyState, around.state.share

        assert asyncio.run(share(Settings(home=home))) == (True, 1.0)
        away = Settings(home=home, redis_url=SecretStr("redis://127.0.0.1:9/0"), workers=5)

        async def taken():
            async with open_neighborhood(away) as around:
                await around.state.change(["k"], lambda values, now: (values, None), 60)
                return around.state.share

        assert asyncio.run(taken()) == 0.2

    def test_production_calls_no_test_host_and_opens_no_credential_by_itself(self, monkeypatch):
        monkeypatch.setenv("MONTHCLOSE_ENV", "production")
        monkeypatch.setenv("MONTHCLOSE_EGRESS_TEST_ALLOW", "127.0.0.1:9999")
        with pytest.raises(SettingsInvalid):
            read_settings()
        monkeypatch.delenv("MONTHCLOSE_EGRESS_TEST_ALLOW")
        with pytest.raises(MasterKeyUnusable):
            secret_files(read_settings())

    @pytest.mark.parametrize("given", ["example.com:80", "127.0.0.1", "10.0.0.1:80"])
    def test_a_test_host_is_on_this_machine(self, monkeypatch, given):
        monkeypatch.setenv("MONTHCLOSE_EGRESS_TEST_ALLOW", given)
        with pytest.raises(SettingsInvalid):
            read_settings()


class TestSecrets:
    def test_no_secret_is_in_any_table_log_error_or_file(self, place, caplog):
        with caplog.at_level(logging.DEBUG):
            place.add()
            place.pull()
            wrong = {**KEYS, "app_secret": "0123456789abcdef0123456789abcdef"}
            place.add(secrets=wrong)
            failed = place.pull(period="2025-02")
        told = [caplog.text, str(failed), repr(failed.error), failed.error.message("pt-BR")]
        tables = place.house.ask(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'p') and has_table_privilege(oid, 'select')"
        )
        for who in ("operator", "manager"):
            for (name,) in tables:
                rows = place.house.ask(f'select t::text from "{name}" t', who)
                told += [row[0] for row in rows]
        documents = place.house.ask("select bytes from source_documents where tenant_id = :t")
        told += [bytes(row[0]).decode("utf-8", "replace") for row in documents]
        for secret in (KEYS["app_key"], KEYS["app_secret"], wrong["app_secret"]):
            assert [each for each in told if secret in each] == []
            assert secret.encode() not in text_of(place.home / "secrets")
            assert secret.encode() not in text_of(place.home / "postgres")


def _with_more(dealings):
    """The same, and a sale of 700.00 that somebody entered late."""
    title = Title(
        Side.RECEIVABLE, "1009", "1009", "22333444000181", "DELTA", date(2025, 1, 12),
        date(2025, 2, 12), 700_00, (Part("1.01.01", 700_00),),
    )  # fmt: skip
    return replace(dealings, titles=(*dealings.titles, title))
