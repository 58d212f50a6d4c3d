"""A company in a hyperinflationary economy, as a person sees it: terminal, JSON, workbook."""

import json

import pytest

from monthclose.wording import say
from tests.groupfolder.folders import edit
from tests.groupfolder.hyperinflation import write_pesos
from tests.reports.reading import computed, values


@pytest.fixture
def pesos(tmp_path):
    return write_pesos(tmp_path / "pesos")


def test_a_folder_shows_the_monetary_result_and_a_proved_cta(run, pesos):
    """December by hand: a loss of 5.75, a result of 0.50, a CTA of -37.50 that is proved."""
    said = run("consolidate", pesos, "--period", "2024-12")
    assert said.returncode == 0, said.stderr
    words = " ".join(said.stdout.split())
    assert "Net monetary result (5.75)" in words
    assert "ARG ARS 0.50 – (37.50) (37.50) –" in words
    assert "94.99 (yellow: look before you sign)" in words  # its holding has slept


def test_a_figure_goes_down_to_the_restated_amount_and_the_books(run, pesos):
    said = run("explain", "2024-12", "1400", "--folder", pesos, "--json")
    tree = json.loads(said.stdout)["tree"]
    company = tree["children"][0]["children"][0]
    assert company["facts"]["booked"] == "750.00"
    assert company["booked"]["amount"] == "600.00"
    assert "IPC" in company["children"][0]["children"][0]["said"]


def test_a_missing_index_names_month_and_index(run, pesos):
    edit(pesos, "indices.csv", "IPC,2024-12,150,INDEC\n", "")
    said = run("consolidate", pesos, "--period", "2024-12", "--lang", "pt-BR")
    assert said.returncode == 1
    assert "IPC" in said.stderr
    assert "2024-12" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_workbook_computes_to_the_same(run, pesos, tmp_path):
    """Its formulas give the figures beside them; land stands at 750 / 20 = 37.50."""
    file = tmp_path / "pesos.xlsx"
    assert run("consolidate", pesos, "--period", "2024-12", "--xlsx", file).returncode == 0
    assert [each for each in computed(file) if not each.same] == []
    shown = values(file.read_bytes())
    sheet = shown[say("reports.sheet-balance-sheet", "en")]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any("Land" in row and 37.5 in row for row in rows)
