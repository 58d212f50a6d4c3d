"""Every neighbor of the group answers on loopback, to the credentials that are printed."""

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from monthclose.cli.call import call
from monthclose.cli.main import build
from monthclose.cli.sandbox import run_sandbox
from monthclose.connectors.base import Connection
from monthclose.connectors.oauth import code_of
from monthclose.sandbox.faults import Kind
from monthclose.sandbox.neighbors.contaazul import ContaAzul
from monthclose.sandbox.serving import FaultsUnreadable, neighbors, read_faults
from monthclose.sandbox.world import World
from monthclose.wiring.erps import connector_class
from monthclose.wiring.stand_ins import Wished

pytestmark = pytest.mark.server


def ask(url: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body else None
    request = Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=5) as answer:  # noqa: S310
        return json.load(answer)


def companies_of(address: str, secrets: dict[str, str]) -> Any:
    call_ = {"call": "ListarEmpresas", "param": [{"pagina": 1}], **secrets}
    return ask(f"{address}/api/v1/geral/empresas/", call_)


class TestCommand:
    def test_the_printed_credentials_open_the_printed_addresses(self, capsys):
        """Each Omie company answers with its own CNPJ; the central bank with a rate."""
        found: list[dict[str, Any]] = []

        def wait() -> None:
            told = json.loads(capsys.readouterr().out)
            for each in told["companies"]:
                if each["erp"] == "omie":
                    answer = companies_of(told["addresses"]["omie"], each["secrets"])
                    found.append({**each, "rows": answer["empresas_cadastro"]})
            series = "/dados/serie/bcdata.sgs.1/dados?dataInicial=27/06/2025&dataFinal=30/06/2025"
            found.append({"rates": ask(told["addresses"]["bcb"] + series)})
            raise KeyboardInterrupt

        assert run_sandbox(call("en", as_json=True), Wished(entities=10), wait) == 0
        *companies, rates = found
        assert [each["entity"] for each in companies] == ["FISC", "E009"]
        for each in companies:
            digits = "".join(c for c in each["rows"][0]["cnpj"] if c.isdigit())
            assert digits == each["cnpj"]
        # 6.4384 reais and 1.1720 dollars for a euro: 5.4935 reais for a dollar
        assert rates["rates"][-1] == {"data": "30/06/2025", "valor": "5.4935"}

    def test_companies_in_rm_are_printed_with_what_a_connection_has_to_be_told(self, capsys):
        wished = Wished(entities=9, rm=("PAGO", "E008"))
        assert run_sandbox(call("en"), wished, lambda: None) == 0
        shown = capsys.readouterr().out.split("totvs_rm: http://127.0.0.1:")[1]
        for code, number in (("PAGO", 5), ("E008", 9)):
            assert f"source add totvs --entity {code} --company {number} --base-url http" in shown
        assert shown.count(" --set product=rm --set closing_batches=99") == 2
        assert shown.count("username=integra password=") == 2
        assert run_sandbox(call("en", as_json=True), wished, lambda: None) == 0
        told = json.loads(capsys.readouterr().out)
        doors = {each["entity"]: each for each in told["companies"]}
        assert doors["PAGO"]["base_url"] == told["addresses"]["totvs_rm"]
        assert doors["NUVE"]["base_url"] == told["addresses"]["totvs"] + "/rest"
        assert (doors["PAGO"]["settings"]["product"], doors["NUVE"]["settings"]) == ("rm", {})

    @pytest.mark.parametrize(("lang", "said"), [("en", "made up"), ("pt-BR", "inventado")])
    def test_it_says_where_to_a_person(self, capsys, lang, said):
        assert run_sandbox(call(lang), Wished(), lambda: None) == 0
        shown = capsys.readouterr().out
        assert "omie: http://127.0.0.1:" in shown
        assert "source add omie --entity FISC --company 1000003 --base-url http://127" in shown
        assert "app_key=" in shown
        assert "refresh_token" not in shown
        assert "MONTHCLOSE_RATES_AT=bcb=http://127.0.0.1:" in shown
        assert said in shown

    def test_mistakes_are_named_with_what_is_out(self, capsys):
        """A bill of rent entered as marketing: 6010 has as much too much as 6030 too little."""
        wished = Wished(mistakes=("wrong-category",))
        assert run_sandbox(call("en", as_json=True), wished, lambda: None) == 0
        (mistake,) = json.loads(capsys.readouterr().out)["mistakes"]
        assert (mistake["name"], mistake["entity"]) == ("wrong-category", "FISC")
        assert {*mistake["out_by"]} == {"6010", "6030"}
        assert mistake["out_by"]["6030"] == "-" + mistake["out_by"]["6010"]
        assert run_sandbox(call("pt-BR"), wished, lambda: None) == 0
        assert "Plantado: wrong-category em FISC, 2025-06" in capsys.readouterr().out

    def test_a_file_of_faults_that_is_none_is_refused_before_anything_listens(self, tmp_path):
        path = tmp_path / "faults.toml"
        path.write_text('[[fault]]\nneighbor = "omie"\nkind = "earthquake"\n', "utf-8")
        with pytest.raises(FaultsUnreadable, match="fault 1"):
            CliRunner().invoke(
                build("en"), ["sandbox", "--faults", str(path)], catch_exceptions=False
            )


class TestFaults:
    def test_faults_are_those_of_the_neighbor_they_name(self, tmp_path):
        path = tmp_path / "faults.toml"
        path.write_text(
            '[[fault]]\nneighbor = "omie"\nkind = "status"\nstatus = 429\nafter = 1\n'
            'operation = "ListarExtrato"\nheaders = {"Retry-After" = "3"}\n'
            '[[fault]]\nneighbor = "bcb"\nkind = "cut"\n',
            "utf-8",
        )
        scripts = read_faults(path)
        assert scripts["omie"].next("ListarExtrato") is None
        busy = scripts["omie"].next("ListarExtrato")
        assert busy is not None
        assert (busy.status, busy.headers) == (429, {"Retry-After": "3"})
        cut = scripts["bcb"].next("sgs.1")
        assert cut is not None
        assert cut.kind is Kind.CUT

    @pytest.mark.parametrize("text", ["not toml [", "x = 1", '[[fault]]\nkind = "cut"\n'])
    def test_anything_else_is_refused(self, tmp_path, text):
        path = tmp_path / "faults.toml"
        path.write_text(text, "utf-8")
        with pytest.raises(FaultsUnreadable):
            read_faults(path)


class TestDoors:
    def test_credentials_are_each_companys_own_and_the_same_for_a_seed(self):
        world = World(entities=14)
        doors = neighbors(world).doors
        assert {door.server for door in doors} == {*neighbors(world).applications} - {"bcb", "ecb"}
        assert len({json.dumps(dict(door.secrets)) for door in doors if door.erp == "omie"}) == 3
        omie = [door for door in doors if door.erp == "omie"]
        assert omie == [door for door in neighbors(world).doors if door.erp == "omie"]

    def test_no_secret_is_in_the_text_of_a_door(self):
        door = next(door for door in neighbors(World()).doors if door.erp == "omie")
        assert door.secrets["app_secret"] not in repr(door)


class TestGrants:
    @pytest.mark.parametrize("erp", ["bling", "contaazul"])
    def test_who_logs_in_grants_that_company(self, erp):
        """The page sends the browser back with a code; nobody there: the first company's."""
        made = neighbors(World(entities=14))
        doors = [door for door in made.doors if door.erp == erp]
        assert len(doors) > 1
        named = {"entity": "A", "erp": erp, "base_url": "http://127.0.0.1:1"}
        site = connector_class(erp).granted_at(Connection(**named))
        assert site is not None
        assert site.authorise.startswith("http://127.0.0.1:1/")
        browser = TestClient(made.applications[erp], follow_redirects=False)
        codes = {}
        for login in (doors[-1].company, "nobody"):
            page = site.page(doors[0].secrets["client_id"], "state", "https://localhost/back")
            answer = browser.get(f"{page}&login={login}")
            codes[login] = code_of(answer.headers["location"], "state", erp)
        companies = [_company_of(made.applications[erp], code) for code in codes.values()]
        assert companies == [doors[-1].company, doors[0].company]


def _company_of(server: Any, code: str) -> str:
    """Whose company a code opens, as the stand-in keeps it."""
    if isinstance(server, ContaAzul):
        return str(server._codes[code][0])
    return str(server.tokens._codes[code][0].company)
