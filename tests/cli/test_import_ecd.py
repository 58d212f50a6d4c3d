"""A file of the ECD at the command line: into the company with its CNPJ, all or nothing."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from monthclose.connectors.ecd.writer import Entry, write_ecd
from monthclose.store.session import acting
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from tests.connectors.ecd.made import year

pytestmark = pytest.mark.server

OWN = "22333444000181"
"""CNPJ of ALFA in the example's group."""


@pytest.fixture
def home(example: Path, tmp_path: Path) -> Path:
    """An installation with the example's group."""
    place = tmp_path / "home"
    with open_desk(Settings(home=place), portfolio=None) as desk:
        desk.import_folder(example)
    return place


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three months of 2024, the last one a quarter's end."""
    path = tmp_path / "ecd.txt"
    path.write_bytes(b"".join(write_ecd(replace(year(3, quarterly=True), cnpj=OWN))))
    return path


def stored(home: Path) -> list[tuple[str, str, str, int, str]]:
    with (
        open_desk(Settings(home=home)) as desk,
        acting(desk.database.engine, desk.user) as session,
    ):
        rows = session.execute(
            text(
                "select to_char(b.period, 'YYYY-MM'), b.basis, b.erp, b.line_count, d.label"
                "  from etl_batches as b join source_documents as d"
                "    on d.entity_id = b.entity_id and d.id = b.source_document_id"
                " where b.basis = 'imported_ecd' order by b.period"
            )
        )
        return [tuple(row) for row in rows]


class TestImportEcd:
    def test_every_month_is_stored_once(self, run, home, file):
        said = run("import", "ecd", file, "--entity", "ALFA", "--json", home=home)
        assert said.returncode == 0, said.stderr
        told = json.loads(said.stdout)
        assert [(m["period"], m["outcome"]) for m in told["months"]] == [
            ("2024-01", "taken"), ("2024-02", "taken"), ("2024-03", "taken"),
        ]  # fmt: skip
        assert told["months"][2]["accounts"]["3.1"] == "-300.00"
        assert [row[:4] for row in stored(home)] == [
            (f"2024-0{month}", "imported_ecd", "ecd", 5) for month in (1, 2, 3)
        ]
        again = run("import", "ecd", file, "--entity", "ALFA", "--json", home=home)
        assert {m["outcome"] for m in json.loads(again.stdout)["months"]} == {"standing"}
        assert len(stored(home)) == 3

    def test_one_month_and_a_dry_run(self, run, home, file):
        said = run("import", "ecd", file, "-e", "ALFA", "-p", "2024-02", "--dry-run", home=home)
        assert said.returncode == 0, said.stderr
        assert "Nothing was stored" in said.stdout
        assert stored(home) == []
        run("import", "ecd", file, "-e", "ALFA", "-p", "2024-02", home=home)
        assert [row[0] for row in stored(home)] == ["2024-02"]

    def test_a_broken_file_leaves_nothing(self, run, home, file):
        file.write_bytes(
            file.read_bytes().replace(b"|I155|3.1||200,00|C|", b"|I155|3.1||200,01|C|")
        )
        said = run("import", "ecd", file, "-e", "ALFA", "--lang", "pt-BR", home=home)
        assert said.returncode == 1
        assert "linha" in said.stderr
        assert stored(home) == []

    def test_the_company_is_found_by_its_cnpj_and_no_other_takes_it(self, run, home, file):
        said = run("import", "ecd", file, "--dry-run", "--json", home=home)
        assert json.loads(said.stdout)["entity"] == "ALFA"
        refused = run("import", "ecd", file, "-e", "BETA", home=home)
        assert refused.returncode == 1
        assert OWN in refused.stderr
        assert run("import", "ecd", file, "-e", "NOBODY", home=home).returncode == 1
        file.write_bytes(b"".join(write_ecd(replace(year(1), cnpj="12ABC34501DE35"))))
        unknown = run("import", "ecd", file, home=home)
        assert unknown.returncode == 1
        assert "12ABC34501DE35" in unknown.stderr
        assert stored(home) == []

    def test_what_differs_from_its_entries_is_named(self, run, home, tmp_path):
        lines = list(write_ecd(replace(year(1), cnpj=OWN)))
        place = next(i for i, line in enumerate(lines) if line.startswith(b"|I200|2|"))
        lines = [*lines[:place], *lines[place + 3 : -1]]
        path = tmp_path / "less.txt"
        path.write_bytes(b"".join((*lines, f"|9999|{len(lines) + 1}|\r\n".encode())))
        said = run("import", "ecd", path, "-e", "ALFA", home=home)
        assert said.returncode == 3
        assert "3.2" in said.stdout
        assert stored(home)[0][0] == "2024-01"


class TestYearAfterYear:
    """Three months of 2024 to their quarter's end, and what goes on in April."""

    @pytest.mark.parametrize(("bank", "differs"), [(68000, False), (68100, True)])
    def test_the_next_file_is_held_against_the_end_of_the_one_before(
        self, run, home, file, tmp_path, bank, differs
    ):
        """The bank held 500.00 and got 60.00 in each of three months: 680.00."""
        assert run("import", "ecd", file, "--entity", "ALFA", home=home).returncode == 0
        april = replace(
            year(1),
            cnpj=OWN,
            months=("2024-04",),
            openings={"1.1": bank, "2.1": -30000, "2.3": 30000 - bank},
            entries=(Entry(date(2024, 4, 10), (("1.1", 10000), ("3.1", -10000))),),
        )
        later = tmp_path / "april.txt"
        later.write_bytes(b"".join(write_ecd(april)))
        said = run("import", "ecd", later, "--entity", "ALFA", "--json", home=home)
        (month,) = json.loads(said.stdout)["months"]
        assert said.returncode == (3 if differs else 0)
        assert [(each["name"], each["account"]) for each in month["differs"]] == (
            [("year_opening", "1.1")] if differs else []
        )
        shown = run("import", "ecd", later, "--entity", "ALFA", "--lang", "pt-BR", home=home)
        assert ("1.1 abre com BRL 681,00" in shown.stdout) is differs
