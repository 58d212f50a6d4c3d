"""Sources, reviews and people as somebody types them, over HTTP, in both languages."""

import io
import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from monthclose.cli.call import exit_code
from monthclose.cli.secrets_asked import SecretFileUnreadable, read_secrets
from monthclose.cli.sources import _health
from monthclose.connectors.breaker import CircuitState
from monthclose.connectors.errors import SourceBusy
from monthclose.connectors.standing import Standing
from monthclose.sandbox.server import Servers
from monthclose.store.companies import FileCompany
from monthclose.store.errors import NotGranted
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from monthclose.wiring.sources import Stands
from tests.connectors.test_omie import KEYS
from tests.wiring.sourced import group, loaded, omie

pytestmark = pytest.mark.server

GIVEN = "\n".join(f"{name} = {value}" for name, value in KEYS.items())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An installation whose manager `local` closes the group."""
    place = tmp_path_factory.mktemp("home")
    with open_desk(Settings(home=place), portfolio=None) as desk:
        loaded(desk.database.engine, desk.database.user("operator"), desk.user, group("ALFAS"))
    return place


class Served:
    """Commands beside an Omie on loopback; what is typed comes from standard input."""

    def __init__(self, servers, run, home, monkeypatch):
        self.address, self.url = servers.address("omie"), servers.url("omie")
        self.run, self.home, self.monkeypatch = run, home, monkeypatch

    def __call__(self, *words, typed="", lang="en_US.UTF-8", allow=True):
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        env = {"MONTHCLOSE_EGRESS_TEST_ALLOW": self.address} if allow else {}
        return self.run(*words, lang=lang, home=self.home, env=env)


@pytest.fixture
def served(home, run, monkeypatch):
    with Servers({"omie": omie()}) as servers:
        yield Served(servers, run, home, monkeypatch)


def add(served, **facts):
    words = ("source", "add", "omie", "-e", "ALFA", "--base-url", served.url, "--secrets", "-")
    return served(*words, typed=GIVEN, **facts)


class TestSource:
    def test_a_month_is_set_up_tested_pulled_and_looked_at(self, served):
        added = add(served)
        assert added.returncode == 0, added.stderr
        tested = served("source", "test")
        assert (tested.returncode, "ALFA SISTEMAS LTDA" in tested.stdout) == (0, True)
        pulled = served("source", "pull", "2025-01")
        assert pulled.returncode == 0, pulled.stderr
        assert re.search(r"ALFA +omie +2025-01 +taken +12 ", pulled.stdout)
        again = served("source", "pull", "2025-01", "--json", "--lang", "pt-BR")
        (told,) = json.loads(again.stdout)["extractions"]
        assert (told["outcome"], told["number"], told["lines"]) == ("standing", 1, 12)
        status = served("source", "status")
        assert re.search(r"ALFA +omie +answers +2025-01 +\d+% +closed", status.stdout)
        (stands,) = json.loads(served("source", "status", "--json").stdout)["sources"]
        assert (len(stands["fingerprint"]), stands["last_pull"]) == (8, "2025-01")
        for each in (added, tested, pulled, again, status):
            for secret in KEYS.values():
                assert secret not in each.stdout + each.stderr

    def test_a_month_is_looked_at_before_it_is_taken(self, served):
        words = ("source", "add", "omie", "-e", "ALFA", "--base-url", served.url, "--secrets", "-")
        tried = served(*words, "--dry-run", typed=GIVEN)
        assert tried.returncode == 0, tried.stderr
        assert "ALFA SISTEMAS LTDA" in tried.stdout
        add(served)
        seen = served("source", "pull", "2025-02", "--dry-run", "--lang", "pt-BR")
        assert seen.returncode == 0, seen.stderr
        assert re.search(r"ALFA, 2025-02: \d+ contas, débitos BRL", seen.stdout)
        told = json.loads(served("source", "pull", "2025-02", "--dry-run", "--json").stdout)
        assert told["stored"] is False
        assert told["extractions"][0]["debits_minor"] == told["extractions"][0]["credits_minor"] > 0
        assert served("source", "status", "--json").stdout.count('"last_pull": "2025-02"') == 0

    def test_a_connection_is_switched_off_on_and_removed(self, served):
        add(served)
        assert served("source", "off", "-e", "ALFA").returncode == 0
        off = served("source", "pull", "2025-01", "-e", "ALFA", lang="pt_BR.UTF-8")
        assert (off.returncode, "está desligada" in off.stderr) == (1, True)
        assert "switched off" in served("source", "status").stdout
        assert served("source", "on", "-e", "ALFA").returncode == 0
        unsure = served("source", "remove", "-e", "ALFA")
        assert (unsure.returncode, "--yes" in unsure.stderr) == (1, True)
        gone = served("source", "remove", "-e", "ALFA", "--yes", "--json")
        assert gone.returncode == 0, gone.stderr
        (told,) = json.loads(gone.stdout)["removed"]
        assert (told["erp"], told["revoked"]) == ("omie", False)
        (stands,) = json.loads(served("source", "status", "--json").stdout)["sources"]
        assert (stands["removed"], stands["active"]) == (True, False)

    def test_a_source_that_is_away_is_exit_code_five(self, served):
        add(served)
        away = served("source", "pull", "2025-01", lang="pt_BR.UTF-8", allow=False)
        assert away.returncode == 5
        assert "não é chamado" in away.stderr
        assert served("source", "test", "--json", allow=False).returncode == 5

    def test_a_close_that_cannot_read_its_source_ends_with_five(self, served):
        add(served)
        ended = served("close", "run", "2025-02", lang="pt_BR.UTF-8", allow=False)
        assert ended.returncode == 5
        assert "não é chamado" in ended.stderr

    def test_secrets_are_never_arguments_and_a_bad_file_is_not_repeated(self, served):
        nothing = served("source", "add", "omie", "-e", "ALFA")
        assert nothing.returncode == 1
        assert "--secrets" in nothing.stderr
        bad = served("source", "add", "omie", "-e", "ALFA", "--secrets", "-", typed="s3cr3t-word")
        assert bad.returncode == 1
        assert "s3cr3t-word" not in bad.stdout + bad.stderr
        unclear = served("source", "add", "omie", "-e", "ALFA", "--set", "x", "--secrets", "-")
        assert (unclear.returncode, "--set name=value" in unclear.stderr) == (1, True)

    def test_a_grant_prints_the_page_and_refuses_an_answer_to_another_question(self, served):
        client = "client_id = someone\nclient_secret = s3cr3t-word\n"
        words = ("source", "add", "contaazul", "-e", "ALFA", "--secrets")
        second = served(*words, "-", typed=client)
        assert (second.returncode, "connected to omie already" in second.stderr) == (1, True)
        assert served("source", "off", "-e", "ALFA", "--erp", "omie").returncode == 0
        first = served(*words, "-", typed=client)
        assert first.returncode == 1
        assert "not granted yet" in first.stderr
        page = re.search(r"https://\S+", first.stdout)
        assert page is not None
        asked = parse_qs(urlsplit(page[0]).query)
        assert asked["client_id"] == ["someone"]
        assert len(asked["state"][0]) > 30
        assert "s3cr3t-word" not in first.stdout + first.stderr
        assert served("source", "off", "-e", "ALFA", "--erp", "contaazul").returncode == 0
        assert served("source", "on", "-e", "ALFA", "--erp", "omie").returncode == 0


class TestReview:
    def test_a_host_waits_until_the_second_person_lets_it_in(self, served):
        where = ("--company", "1", "--base-url")
        words = ("source", "add", "totvs", "-e", "TOP", "--secrets", "-", *where)
        typed = "username = api\npassword = s3cr3t-word"
        added = served(*words, "https://erp.example.com:8443/rest", typed=typed)
        assert added.returncode == 0, added.stderr
        assert "erp.example.com:8443" in added.stdout
        waiting = served("review", "list", "-k", "outside_addresses", "--json")
        (host,) = json.loads(waiting.stdout)["waiting"]
        assert host["facts"]["address"] == "erp.example.com:8443"
        assert host["submitted_by"] == "operator"
        own = served("review", "approve", host["id"][:8], "--as", "operator")
        assert own.returncode == 1
        assert served("review", "approve", host["id"][:8]).returncode == 0
        assert served("review", "approve", host["id"][:8]).returncode == 1
        nothing = served("review", "list", "-k", "outside_addresses", "--lang", "pt-BR")
        assert "Nada espera" in nothing.stdout

    def test_a_mapping_of_an_import_is_rejected_by_nobody_unknown(self, served):
        short = served("review", "reject", "1", "--reason", "no")
        assert (short.returncode, "review list" in short.stderr) == (1, True)


class TestUser:
    def test_a_person_is_added_granted_and_disabled(self, served):
        assert served("user", "add", "ana", "--name", "Ana", "--role", "analyst").returncode == 0
        refused = served("user", "grant", "ana", "-e", "NOBODY")
        assert refused.returncode == 1
        assert served("user", "grant", "ana", "-e", "ALFA", "--write").returncode == 0
        (ana,) = [
            each
            for each in json.loads(served("user", "list", "--json").stdout)["users"]
            if each["login"] == "ana"
        ]
        assert (ana["role"], ana["reads"], ana["writes"]) == ("analyst", ["ALFA"], ["ALFA"])
        assert served("user", "disable", "ana").returncode == 0
        assert served("source", "status", "--as", "ana").returncode == 1
        assert served("user", "disable", "ana", "--enable").returncode == 0
        assert served("source", "status", "--as", "ana").returncode == 0

    def test_what_names_nobody_is_said_so(self, served):
        for words in (
            ("user", "add", "Ana Maria"),
            ("user", "add", "bia", "--role", "boss"),
            ("user", "grant", "nobody"),
            ("user", "disable", "operator"),
            ("user", "add", "bia", "--as", "local"),
        ):
            ended = served(*words)
            assert (ended.returncode, bool(ended.stderr)) == (1, True), words
            assert "Traceback" not in ended.stderr


class TestStanding:
    def test_a_block_names_what_is_shut_out(self):
        soon, past = datetime.now(UTC) + timedelta(hours=1), datetime(2025, 1, 1, tzinfo=UTC)
        company = FileCompany(uuid4(), "ALFA", "BRL", "", 12)
        stored = replace(company.brought("omie"), secret_name="x")
        standing = Standing((), CircuitState.CLOSED)
        for blocks, said in (
            ({"ListarExtrato": soon, "ListarClientes": past}, "ListarExtrato shut out until"),
            ({"": soon, "ListarExtrato": soon}, "shut out until 2"),
            ({"ListarExtrato": past}, "never looked at"),
        ):
            health, _ = _health(Stands(replace(stored, blocks=blocks), standing), "en")
            assert health.startswith(said)


class TestRead:
    def test_lines_and_json_are_read_alike(self):
        assert read_secrets("a = 1=2\n\n# c\nb=x y") == {"a": "1=2", "b": "x y"}
        assert read_secrets('{"a": "1"}') == {"a": "1"}
        for text in ("a", '{"a": 1}', '{"a"'):
            with pytest.raises(SecretFileUnreadable):
                read_secrets(text)

    def test_every_failure_of_a_source_has_one_exit_code(self):
        assert exit_code(SourceBusy("omie", "x", 1)) == 5
        assert exit_code(NotGranted()) == 1
