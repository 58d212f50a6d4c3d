"""A company with an earlier reporting date: terminal, JSON, workbook, and the database."""

import json

import pytest

from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from monthclose.wording import say
from tests.groupfolder.test_reporting_dates import golden, paying
from tests.reports.reading import computed, values


def test_a_folder_names_the_company_and_its_date(run, tmp_path):
    """G10, three months behind: 961.90, and -161.90 proved."""
    folder, file = golden(tmp_path / "told"), tmp_path / "g10.xlsx"
    said = run("consolidate", folder, "--period", "2025-06", "--xlsx", file)
    assert said.returncode == 0, said.stderr
    words = " ".join(said.stdout.split())
    assert "Books of another date than the group's: S 2025-03-31." in words
    assert "S EUR 961.90 – (161.90) (161.90) –" in words
    assert [each for each in computed(file) if not each.same] == []
    sheet = values(file.read_bytes())[say("reports.sheet-fx-rates", "en")]
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert ["S", "Subsidiary", "2025-03-31"] in rows


def test_json_and_the_other_language(run, tmp_path):
    folder = golden(tmp_path / "told")
    said = run("consolidate", folder, "--period", "2025-06", "--json")
    assert json.loads(said.stdout)["reporting_dates"] == {"S": "2025-03-31"}
    said = run("consolidate", folder, "--period", "2025-06", "--lang", "pt-BR")
    assert "S 31/03/2025" in said.stdout


@pytest.mark.server
def test_years_are_closed_in_the_database_as_in_memory(run, tmp_path):
    """A year, its end and two months; the interest on equity of December comes with February."""
    folder, place = paying(tmp_path / "told"), tmp_path / "home"
    months = [*(f"2025-{month:02d}" for month in range(1, 13)), "2026-01", "2026-02"]
    with open_desk(Settings(home=place), portfolio=None) as desk:
        desk.import_folder(folder)
        for month in months:
            outcome = desk.close(month)
            assert outcome.error is None, month
            assert outcome.validation is not None
            assert outcome.validation.blocking == (), month
    for month, between in (("2026-01", "-10.00"), ("2025-12", "-10.00")):
        tree = json.loads(run("explain", month, "1990", "--json", home=place).stdout)["tree"]
        assert tree["amount"] == between
    stored = run("explain", "2026-02", "4000", "--json", home=place)
    told = run("explain", "2026-02", "4000", "--folder", folder, "--json")
    figures = [json.loads(each.stdout)["tree"]["amount"] for each in (stored, told)]
    assert figures[0] == figures[1] == "-5.00"
