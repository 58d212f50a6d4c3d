"""A company's chart is mapped from the command line: what is open, why where, what moves."""

import json
from pathlib import Path

import pytest

from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.sandbox.group import write_demo_group
from monthclose.store.mapping_versions import propose_mapping
from monthclose.store.records import Reading
from monthclose.store.session import acting
from monthclose.wiring.build import open_desk
from monthclose.wiring.mapping import _standard
from monthclose.wiring.settings import Settings

pytestmark = pytest.mark.server

CTA = AccountClass.CTA
OPEN = ("1.01.001", "1.01.004", "2.01.015", "6.01.036")
"""Accounts whose targets are taken away."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The sandbox group, with four accounts of one company that nobody has mapped."""
    write_demo_group(tmp_path / "group", entities=4)
    home = tmp_path / "home"
    with open_desk(Settings(home=home), portfolio=None) as desk:
        desk.import_folder(tmp_path / "group")
        with acting(desk.database.engine, desk.user) as session:
            whole = Reading(session, desk.tenant).group().mappings["FISC"]
            left = {code: to for code, to in whole.targets.items() if code not in OPEN}
            propose_mapping(session, desk.tenant, EntityMapping("FISC", left), "2025-01", "test")
    return home


def asked(run, home, *words):
    said = run("map", *words, "--json", home=home)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


class TestMap:
    def test_open_accounts_are_listed_suggested_and_accepted(self, run, home):
        """Until every account has a target the month does not close; then it does."""
        assert run("close", "run", "2025-06", home=home).returncode != 0
        open_ = asked(run, home, "todo", "FISC")["accounts"]
        amounts = [abs(int(each["amount"].replace(".", ""))) for each in open_]
        assert {each["account"] for each in open_} == set(OPEN)
        assert amounts == sorted(amounts, reverse=True)
        words = ["1.01.001=1010", "1.01.004=1020", "2.01.015=2010", "6.01.036=6010"]
        dry = asked(run, home, "accept", "FISC", *words, "--dry-run")
        assert dry["version"] is None
        assert dry["left"] == "0.00"
        moved = sum(int(each.replace(".", "")) for each in dry["moves"].values())
        assert moved == sum(int(each["amount"].replace(".", "")) for each in open_)
        done = asked(run, home, "accept", "FISC", *words, "--reason", "Plano de contas de 2025")
        assert done["version"] == 3
        assert asked(run, home, "todo", "FISC")["accounts"] == []
        assert run("close", "run", "2025-06", home=home).returncode == 0

    def test_evidence_is_shown_in_the_readers_language(self, run, home):
        said = run("map", "suggest", "FISC", "--lang", "pt-BR", home=home)
        assert said.returncode == 0
        assert "contas com saldo sem destino" in said.stdout

    def test_what_is_no_account_or_no_target_is_said(self, run, home):
        for words, code in (
            (["nonsense"], "ACCOUNT=STANDARD"),
            (["9.99=1010"], "9.99"),
            (["1.01.001=7777"], "7777"),
        ):
            said = run("map", "accept", "FISC", *words, home=home)
            assert said.returncode == 1
            assert code in said.stderr

    def test_a_company_on_the_standard_chart_has_nothing_open(self, run, home):
        assert asked(run, home, "todo", "VERO")["accounts"] == []

    def test_its_accounts_stay_where_they_are_when_one_of_the_product_is_mapped(self):
        """Those without money too: an earlier month may have some."""
        named = (("1010", AccountClass.ASSET), ("1150", AccountClass.ASSET), ("3400", CTA))
        chart = chart_of(tuple(Account(code, code, kind) for code, kind in named))
        own = ["1010", "1150", "3400", "AR:GROUP"]
        kept = _standard("VERO", own, {"1010": 5, "AR:GROUP": -5}, chart)
        assert kept.targets == {"1010": (Target("1010"),), "1150": (Target("1150"),)}
        assert _standard("VERO", own, {"1010": 5, "1.1.01": -5}, chart).targets == {}

    def test_a_company_nobody_knows_is_refused(self, run, home):
        assert run("map", "todo", "NOBODY", home=home).returncode == 1
