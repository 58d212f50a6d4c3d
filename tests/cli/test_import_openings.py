"""Opening balances at the command line: shown, taken, and what is wrong with them."""

import json

import pytest

from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from tests.wiring.sourced import group, loaded
from tests.wiring.test_openings import NAMES, TABLE

pytestmark = pytest.mark.server

WORDS = [word for name in NAMES for word in ("--account", name)]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("home")
    with open_desk(Settings(home=place), portfolio=None) as desk:
        loaded(desk.database.engine, desk.database.user("operator"), desk.user, group("ALFAS"))
    return place


@pytest.fixture
def asked(run, home, tmp_path):
    def command(text, *words):
        file = tmp_path / "saldos.csv"
        file.write_text(text, "utf-8")
        return run("import", "openings", file, "-e", "ALFA", *words, home=home)

    return command


def test_they_are_shown_then_taken(asked):
    on = ("--on", "2024-12-31")
    shown = asked(TABLE, *on, *WORDS)
    assert (shown.returncode, "--accept" in shown.stdout) == (1, True)
    assert "BANK:501" in shown.stdout
    dry = asked(TABLE, *on, *WORDS, "--accept", "--dry-run", "--lang", "pt-BR")
    assert (dry.returncode, "Nada foi gravado" in dry.stdout) == (0, True)
    assert "2 contas não têm nome de conta da fonte" in dry.stdout
    taken = asked(TABLE, *on, *WORDS, "--accept", "--json")
    told = json.loads(taken.stdout)
    assert (taken.returncode, told["imported"], told["period"]) == (0, True, "2025-01")
    assert told["accounts"]["BANK:501"] == "10000.00"
    known = json.loads(asked(TABLE, *on, *WORDS, "--json").stdout)
    assert (known["remembered"], known["number"], known["apart"]) == (True, 1, ["2.3", "2.4"])


def test_what_is_wrong_is_said_with_what_to_do(asked, run, home):
    for words, said in (
        (("--on", "2024-12-30"), "2024-12-31, for example"),
        (("--on", "2024-12-31", "--account", "9=AR"), "--account 9=AR"),
    ):
        ended = asked(TABLE, *words)
        assert (ended.returncode, said in ended.stderr) == (1, True), ended.stderr
    out_by = asked(TABLE.replace("3.800,00", "3.801,50"), "--on", "2024-12-31", "--new-layout")
    assert out_by.returncode == 1
    assert "1.50" in out_by.stderr
    none = run("import", "openings", "-e", "ALFA", "--on", "2023-12-31", home=home)
    assert (none.returncode, "import ecd" in none.stderr) == (1, True)
