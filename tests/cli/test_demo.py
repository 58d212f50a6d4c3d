"""The demo at the command line: what was connected and read over HTTP, and the close of it."""

import json

import pytest

from tests.cli.test_lookback import leaves

pytestmark = pytest.mark.server


@pytest.mark.parametrize(
    ("lang", "said", "again", "down"),
    [
        (
            "en",
            "read over HTTP",
            "nothing is fetched again",
            "4.01.027: omie, derived: 19 answers + accountant's lines, SHA-256",
        ),
        (
            "pt-BR",
            "lido por HTTP",
            "nada é buscado de novo",
            "4.01.027: omie, derivado: 19 respostas + lançamentos do contador, SHA-256",
        ),
    ],
)
def test_the_command_says_what_was_read_and_closes(run, tmp_path, lang, said, again, down):
    """As JSON where each company came from; the second time everything stands."""
    home = tmp_path / "home"
    told = run("demo", "--entities", "3", "--json", home=home)
    assert told.returncode == 0, told.stderr
    payload = json.loads(told.stdout)
    read = {each["entity"]: each["erp"] for each in payload["extractions"]}
    assert read == {"VERO": "totvs", "NUVE": "totvs", "FISC": "omie"}
    assert payload["connected"]["faults"] == 2
    assert len(payload["connected"]["let_in"]) == 2
    assert said not in told.stdout
    shown = run("demo", "--entities", "3", "--lang", lang, home=home)
    assert shown.returncode == 0, shown.stderr
    assert again in shown.stdout
    assert payload["result_hash"] in shown.stdout
    status = run("source", "status", "--json", home=home)
    assert {each["last_pull"] for each in json.loads(status.stdout)["sources"]} == {"2025-06"}
    asked = ("explain", "2025-06", "4010", "--entity", "FISC")
    page = run(*asked, "--lang", lang, home=home).stdout
    assert down in page
    tree = json.loads(run(*asked, "--json", home=home).stdout)["tree"]
    (row,) = {
        row["facts"]["sha256"]: row for row in leaves(tree) if "answers" in row["facts"]
    }.values()
    assert (row["facts"]["answers"], row["facts"]["papers"]) == (19, 1)
    assert (row["facts"]["document"], row["facts"]["basis"]) == ("omie 2025-06", "derived")
    assert row["facts"]["sha256"][:12] in page


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "3 companies connected to made-up ERPs (omie, totvs)"),
        ("pt-BR", "3 empresas conectadas a ERPs inventados (omie, totvs)"),
    ],
)
def test_it_says_whom_it_connected_and_what_came(run, tmp_path, lang, said):
    shown = run("demo", "--entities", "3", "--lang", lang, home=tmp_path / "home")
    assert shown.returncode == 0, shown.stderr
    assert said in shown.stdout
    assert "2025-06" in shown.stdout
