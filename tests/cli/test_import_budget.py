"""A budget at the command line: every month or none, the latest in force."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from monthclose.store.session import acting
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings

pytestmark = pytest.mark.server

BUDGET = """\
period;entity;account;amount
2025-07;ALFA;4000;-1.000,00
2025-07;ALFA;5000;400,00
2025-08;BETA;4000;-12,34
"""


@pytest.fixture
def home(example: Path, tmp_path: Path) -> Path:
    """An installation with the example's group."""
    place = tmp_path / "home"
    with open_desk(Settings(home=place), portfolio=None) as desk:
        desk.import_folder(example)
    return place


def stored(home: Path) -> list[tuple[str, str, int, str]]:
    """Company, month, number and amount of every line that is in force."""
    with (
        open_desk(Settings(home=home)) as desk,
        acting(desk.database.engine, desk.user) as session,
    ):
        rows = session.execute(
            text(
                "select k.code, to_char(b.period, 'YYYY-MM'), e.number, b.amount::text"
                "  from budgets as b"
                "  join etl_batches as e on e.entity_id = b.entity_id and e.id = b.batch_id"
                "  join portfolio_entities as k on k.id = b.entity_id"
                " where e.number = (select max(number) from etl_batches as m"
                "   where m.entity_id = b.entity_id and m.period = b.period and m.kind = 'budget')"
                " order by k.code, b.amount"
            )
        )
        return [tuple(row) for row in rows]


class TestImportBudget:
    def test_months_are_stored_once_and_a_change_is_the_next_number(self, run, home, tmp_path):
        file = tmp_path / "orcamento.csv"

        def taken(content: str) -> int:
            file.write_text(content, "utf-8")
            words = ("--number", "pt-BR", "--json")
            said = run("import", "budget", file, *words, home=home)
            assert said.returncode == 0, said.stderr
            new: int = json.loads(said.stdout)["new"]
            return new

        assert taken(BUDGET) == 2
        assert stored(home) == [
            ("ALFA", "2025-07", 1, "-1000.00"),
            ("ALFA", "2025-07", 1, "400.00"),
            ("BETA", "2025-08", 1, "-12.34"),
        ]
        assert taken(BUDGET) == 0
        assert taken(BUDGET.replace("400,00", "401,00")) == 1
        assert taken(BUDGET) == 1
        assert [row[2] for row in stored(home)] == [3, 3, 1]

    def test_each_month_refers_to_the_file_it_stood_in(self, run, home, tmp_path):
        """One file of two companies is kept once; each month's batch names it."""
        file = tmp_path / "orcamento.csv"
        file.write_text(BUDGET, "utf-8")
        for _ in range(2):
            assert run("import", "budget", file, "--number", "pt-BR", home=home).returncode == 0
        with (
            open_desk(Settings(home=home)) as desk,
            acting(desk.database.engine, desk.user) as session,
        ):
            kept = session.execute(
                text("select label from source_documents where bytes = :b"),
                {"b": file.read_bytes()},
            ).all()
            referred = session.execute(
                text(
                    "select d.label, convert_from(d.bytes, 'UTF8') from etl_batches as b"
                    " join source_documents as d"
                    "   on d.entity_id = b.entity_id and d.id = b.source_document_id"
                    " where b.kind = 'budget'"
                )
            ).all()
        assert [row[0] for row in kept] == ["orcamento.csv"]
        hashed = hashlib.sha256(file.read_bytes()).hexdigest()
        assert [tuple(row) for row in referred] == [
            ("orcamento.csv", f"{hashed}  orcamento.csv\n")
        ] * 2

    def test_one_mistake_and_nothing_is_taken(self, run, home, tmp_path):
        file = tmp_path / "orcamento.csv"
        file.write_text(BUDGET.replace("BETA;4000", "BETA;4999"), "utf-8")
        said = run("import", "budget", file, "--number", "pt-BR", "--json", home=home)
        assert said.returncode == 1
        (problem,) = json.loads(said.stdout)["problems"]
        assert (problem["row"], problem["column"]) == (4, "account")
        # the form of its numbers is declared, never guessed
        file.write_text(BUDGET, "utf-8")
        assert run("import", "budget", file, home=home).returncode == 1
        assert stored(home) == []
