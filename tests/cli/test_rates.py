"""Rates at the command line: fetched once over HTTP, overridden by two people, missed loudly."""

import json
from datetime import date
from pathlib import Path

import pytest

from monthclose.sandbox.ecb import ecb_quotes
from monthclose.sandbox.faults import Fault, Kind, Script
from monthclose.sandbox.group import write_demo_group
from monthclose.sandbox.neighbors.bcb import Bcb
from monthclose.sandbox.neighbors.ecb import Ecb
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import in_reais
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings

pytestmark = pytest.mark.server

TENTH = date(2025, 6, 10)
WORDS = ("--from", "2025-06", "--to", "2025-06")


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """The sandbox group without the rates of June."""
    folder = tmp_path / "group"
    write_demo_group(folder, entities=3)
    rates = folder / "rates.csv"
    header, *rows = rates.read_text("utf-8").splitlines()
    place = header.split(",").index("date")
    kept = [row for row in rows if row.split(",")[place] < "2025-06-01"]
    rates.write_text("\n".join([header, *kept, ""]), "utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path, group: Path) -> Path:
    home = tmp_path / "home"
    with open_desk(Settings(home=home), portfolio=None) as desk:
        desk.import_folder(group)
    return home


def banks(script=None):
    quotes = [q for q in ecb_quotes() if "2025-05-20" <= q.on <= "2025-07-05"]
    return {"ecb": Ecb(quotes, script), "bcb": Bcb({}), "sgs": Bcb({})}


class TestFetch:
    def test_a_month_that_lacks_its_rates_says_what_to_do_and_closes_after_a_fetch(
        self, run, home, tmp_path
    ):
        refused = run("close", "run", "2025-06", home=home)
        assert refused.returncode != 0
        assert "monthclose rates fetch" in refused.stderr + refused.stdout
        whole = tmp_path / "whole"
        write_demo_group(whole, entities=3)
        with Servers(banks()) as servers:
            fetched = self._fetch(run, home, servers)
            assert fetched["added"] > 30
            assert self._fetch(run, home, servers)["added"] == 0
        closed = json.loads(run("close", "run", "2025-06", "--json", home=home).stdout)
        alone = json.loads(run("consolidate", whole, "--period", "2025-06", "--json").stdout)
        assert closed["result_hash"] == alone["sha256"]

    def test_a_bank_that_fails_is_a_source_that_is_unavailable(self, run, home, monkeypatch):
        down = Script(
            Fault(Kind.STATUS, status=503, times=99, body="<html>", media_type="text/html")
        )
        with Servers(banks(down)) as servers:
            said = self._run(run, home, servers)
        assert said.returncode == 5
        assert "ecb" in said.stderr

    def test_ptax_is_held_against_the_series_and_a_difference_is_told(self, run, home):
        """The series has 0.0001 more on 10 June; when it is away nothing is lost but that."""
        days = in_reais([q for q in ecb_quotes() if "2025-05-20" <= q.on <= "2025-07-05"])
        other = {**days, "USD": {**days["USD"], TENTH: days["USD"][TENTH] + 10**6}}
        away = Script(Fault(Kind.STATUS, status=503, times=99, body="", media_type="text/html"))
        for series, differing, code in (
            (Bcb(other), ["2025-06-10"], None),
            (Bcb(days, away), [], "source-failing"),
        ):
            with Servers({**banks(), "bcb": Bcb(days), "sgs": series}) as servers:
                said = self._run(run, home, servers, "bcb")
                shown = self._run(run, home, servers, "bcb", "--lang", "pt-BR", as_json=False)
            assert (said.returncode, shown.returncode) == (0, 0), said.stderr
            told = json.loads(said.stdout)
            assert [each["day"] for each in told["days_that_differ"]] == differing
            assert told["not_compared"] == code
            assert ("2025-06-10: a PTAX diz" in shown.stdout) is bool(differing)
            assert ("nada foi comparado" in shown.stdout) is bool(code)

    def test_months_the_wrong_way_round_are_refused_before_anything_is_asked(self, run, home):
        said = run("rates", "fetch", "--from", "2025-03", "--to", "2025-01", home=home)
        assert said.returncode == 1
        assert "2025-03 is after --to 2025-01" in said.stderr

    def test_a_rate_over_a_published_one_waits(self, run, home):
        words = ("rates", "override", "USD/BRL", "2025-06", "closing", "5.5")
        assert run(*words, home=home).returncode == 1  # no reason given
        said = run(*words, "--reason", "Contrato de câmbio", "--json", home=home)
        assert json.loads(said.stdout)["status"] == "submitted"

    def test_status_says_how_far_each_series_goes(self, run, home):
        series = json.loads(run("rates", "status", "--json", home=home).stdout)["series"]
        assert {(each["quote"], each["last"]) for each in series} == {
            ("BRL", "2025-05-30"),
            ("USD", "2025-05-30"),
        }

    def _run(self, run, home, servers, source="ecb", *more, as_json=True):
        at = {name: servers.url(name) for name in ("ecb", "bcb")}
        at["sgs"] = servers.url("sgs")
        extra = {
            "MONTHCLOSE_RATES_AT": ",".join(f"{name}={url}" for name, url in at.items()),
            "MONTHCLOSE_EGRESS_TEST_ALLOW": ",".join(sorted(servers.addresses)),
        }
        words = (*WORDS, *more, *(["--json"] if as_json else []))
        return run("rates", "fetch", "--source", source, *words, home=home, env=extra)

    def _fetch(self, run, home, servers):
        said = self._run(run, home, servers)
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)


class TestImport:
    def test_a_table_is_taken_once_and_whole(self, run, home, tmp_path):
        table = tmp_path / "june.csv"
        table.write_text(
            "date,base,quote,value,kind,source\n2025-06-30,USD,BRL,5.4571,,PTAX\n"
            "2025-06,USD,BRL,5.5476,average,PTAX\n",
            "utf-8",
        )
        dry = json.loads(run("import", "rates", table, "--dry-run", "--json", home=home).stdout)
        assert (dry["quotes"], dry["new"]) == (2, None)
        for new in (2, 0):
            said = json.loads(run("import", "rates", table, "--json", home=home).stdout)
            assert (said["quotes"], said["new"]) == (2, new)
        series = json.loads(run("rates", "status", "--json", home=home).stdout)["series"]
        assert {
            "base": "USD",
            "quote": "BRL",
            "source": "PTAX",
            "last": "2025-06-30",
            "quotes": 1,
        } in series

    def test_every_mistake_is_named_and_nothing_is_taken(self, run, home, tmp_path):
        table = tmp_path / "june.csv"
        table.write_text(
            "date,base,quote,value\n2025-06-30,USD,USD,1\n2025-13-01,USD,BRL,x\n", "utf-8"
        )
        said = run("import", "rates", table, home=home)
        assert said.returncode == 1
        assert "june.csv" in said.stderr
        assert said.stderr.count("row") >= 2
