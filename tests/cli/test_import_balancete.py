"""A balancete at the command line: shown first, then taken, then known."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from monthclose.groupfolder.balancetes.grids import TableUnusable
from monthclose.store.companies import find_company
from monthclose.store.files import CompanyFiles
from monthclose.wiring.balancetes import TableAsked, import_gaps
from monthclose.wiring.build import open_desk
from monthclose.wiring.confined import MEMORY, ReadingRanOut, confined
from monthclose.wiring.settings import Settings
from tests.groupfolder.test_balancetes import SIDES

pytestmark = pytest.mark.server

GAPS = """\
conta;nome;débito;crédito;lacuna
4.1;Depreciação;100,00;;depreciation
1.9;Depreciação acumulada;;100,00;depreciation
;;;;equity
"""


@pytest.fixture
def home(example: Path, tmp_path: Path) -> Path:
    """An installation with the example's group."""
    place = tmp_path / "home"
    with open_desk(Settings(home=place), portfolio=None) as desk:
        desk.import_folder(example)
    return place


@pytest.fixture
def asked(run, home, tmp_path):
    def command(text: str, *words: str, period: str = "2024-06"):
        file = tmp_path / "junho.csv"
        file.write_bytes(text.encode("windows-1252"))
        said = run(
            "import", "balancete", file, "-e", "ALFA", "-p", period, "--json", *words, home=home
        )
        return said.returncode, json.loads(said.stdout)

    return command


class TestImportBalancete:
    def test_a_layout_is_shown_then_accepted_then_known(self, asked):
        code, told = asked(SIDES)
        assert (code, told["imported"], told["waits_for_accept"]) == (1, False, True)
        assert told["layout"]["encoding"] == "windows-1252"
        assert told["accounts"]["1.1.01"] == "1000.00"
        code, told = asked(SIDES, "--accept")
        assert (code, told["outcome"], told["number"]) == (0, "taken", 1)
        assert (told["basis"], told["controls"]) == ("imported_balancete", 5)
        # the month after it is known
        code, told = asked(SIDES, period="2024-07")
        assert (code, told["remembered"], told["outcome"]) == (0, True, "taken")
        code, told = asked(SIDES, period="2024-07")
        assert told["outcome"] == "standing"

    def test_a_mistake_points_to_its_cell_and_nothing_is_taken(self, asked):
        code, told = asked(SIDES.replace("900,00 C", "900,01 C"), "--accept")
        assert code == 1
        assert told["code"] == "table-unusable"
        assert {"row", "column", "file", "said", "code"} <= told["problems"][0].keys()
        code, told = asked(SIDES)
        assert told["remembered"] is False

    def test_lines_for_gaps_come_back_as_they_were_given(self, asked, home, tmp_path):
        code, told = asked(GAPS, "--gaps", "--accept")
        assert (code, told["number"], told["none"]) == (0, 1, ["equity"])
        assert asked(GAPS, "--gaps")[1]["number"] == 1
        changed = GAPS.replace("100,00", "120,00")
        assert asked(changed, "--gaps")[1]["number"] == 2
        # what stood before and comes back is the next one
        assert asked(GAPS, "--gaps")[1]["number"] == 3
        with open_desk(Settings(home=home)) as desk:
            file = tmp_path / "junho.csv"
            found = import_gaps(desk, TableAsked(file, "ALFA", "2024-06", store=False))
            files = CompanyFiles(desk.database.engine, desk.user, desk.tenant, found.company.id)
            kept = files.supplement("ALFA", "2024-06")
            assert kept is not None
            assert (kept.number, replace(kept, number=0)) == (3, found.supplement)
            assert files.supplement("ALFA", "2024-05") is None

    def test_accounts_that_the_chart_lacks_are_named(self, asked, home, run, tmp_path):
        """The file may be of another company: its accounts would wait for a mapping."""
        with open_desk(Settings(home=home)) as desk:
            company = find_company(desk.database.engine, desk.user, desk.tenant, entity="ALFA")
            files = CompanyFiles(desk.database.engine, desk.user, desk.tenant, company.id)
            assert files.unknown(["1.1.02", "7.7", "1.99", "3.2.01"]) == ("1.99", "7.7")
        own = GAPS.replace("1.9;", "1.1.02;").replace("4.1;", "7.7;")
        assert asked(own, "--gaps", "--accept")[1]["accounts_not_in_chart"] == ["7.7"]
        words = ("import", "balancete", tmp_path / "junho.csv", "-e", "ALFA", "-p", "2024-06")
        said = run(*words, "--gaps", "--lang", "pt-BR", home=home)
        assert "1 conta(s) são novas no plano de ALFA: 7.7" in said.stdout

    def test_a_file_too_large_is_not_read(self, asked):
        code, told = asked("x" * (10 * 2**20 + 1))
        assert (code, told["code"]) == (1, "file-too-large")


def hungry() -> int:
    return len(bytearray(2 * MEMORY))


def refusing() -> None:
    raise TableUnusable("a.csv", ())


class TestConfined:
    def test_what_a_reader_gives_or_refuses_comes_back(self):
        assert confined(os.path.basename, "a.csv", "x/a.csv") == "a.csv"
        with pytest.raises(TableUnusable):
            confined(refusing, "a.csv")

    def test_a_reader_without_measure_is_stopped(self):
        with pytest.raises(ReadingRanOut):
            confined(hungry, "a.csv")
