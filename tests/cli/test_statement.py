"""One statement as a person asks for it: of a folder, of the database, in two languages."""

import json
from pathlib import Path
from typing import Any

import pytest

from monthclose.sandbox.group import write_demo_group
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox group: a holding and three companies, one of them with outsiders."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo_group(folder, entities=4)
    return folder


class TestFolder:
    @pytest.mark.parametrize(
        ("kind", "title", "titulo"),
        [
            ("bp", "Balance sheet", "Balanço patrimonial (BP), USD"),
            ("dre", "Income statement", "Demonstração do resultado (DRE) no exercício, USD"),
            ("dfc", "Statement of cash flows", "Demonstração dos fluxos de caixa (DFC)"),
            ("dmpl", "Changes in equity", "Mutações do patrimônio líquido (DMPL)"),
        ],
    )
    def test_a_statement_has_its_name_in_both_languages(self, run, demo, kind, title, titulo):
        words = ("statement", "2025-06", "--kind", kind, "--folder", demo)
        assert title in run(*words).stdout
        said = run(*words, "--lang", "pt-BR")
        assert said.returncode == 0, said.stderr
        assert titulo in said.stdout

    def test_cash_flows_foot_and_tie_to_the_other_two(self, run, demo):
        """Closing cash is that of the balance sheet, the result that of the income statement."""

        def asked(kind: str) -> Any:
            said = run("statement", "2025-06", "-k", kind, "--folder", demo, "--json")
            assert said.returncode == 0, said.stderr
            return json.loads(said.stdout)

        def cents(text: str) -> int:
            return int(text.replace(".", ""))

        cash = asked("dfc")
        assert cash["problems"] == []
        group = cash["group"]
        flows = sum(cents(line["amount"]) for line in group["lines"])
        assert cents(group["closing"]) == cents(group["opening"]) + flows + cents(group["effect"])
        assert flows == sum(cents(amount) for amount in group["sections"].values())
        assert {line["line"] for line in group["lines"]} >= {"dividends-outsiders"}
        position = {line["line"]: line["amount"] for line in asked("bp")["lines"]}
        held = sum(cents(position[code]) for code in ("1010", "1020"))
        assert cents(group["closing"]) == held
        result = next(line["amount"] for line in asked("dre")["lines"] if line["line"] == "result")
        assert next(x["amount"] for x in group["lines"] if x["line"] == "result") == result

    def test_equity_ends_at_the_balance_sheet(self, run, demo):
        """Openings and everything that moved them, in each column; the last row is the BP's."""

        def asked(kind: str) -> Any:
            return json.loads(
                run("statement", "2025-06", "-k", kind, "--folder", demo, "--json").stdout
            )

        rows = asked("dmpl")["rows"]
        assert list(rows) == ["reported", "result", "translation", "dividends", "closing"]
        moved: dict[str, int] = {}
        for name, parts in rows.items():
            for part, amount in parts.items():
                sign = -1 if name == "closing" else 1
                moved[part] = moved.get(part, 0) + sign * int(amount.replace(".", ""))
        assert set(moved.values()) == {0}
        closing = sum(int(each.replace(".", "")) for each in rows["closing"].values())
        position = {line["line"]: line["amount"] for line in asked("bp")["lines"]}
        assert closing == int(position["total-equity"].replace(".", ""))

    def test_a_company_stands_in_its_own_currency_and_translated(self, run, demo):
        said = run("statement", "2025-06", "-k", "dfc", "-e", "AGRO", "--folder", demo)
        assert said.returncode == 0, said.stderr
        assert "BRL" in said.stdout
        assert "(579,200.00)" in said.stdout  # its dividend, in reais

    def test_what_cannot_be_stated_is_said_and_fails(self, run, example):
        """The example's chart names no cash, and its records begin in May."""
        said = run("statement", "2025-06", "--kind", "dfc", "--folder", example)
        assert said.returncode == 1
        assert "marked as cash" in said.stdout
        close = run("consolidate", example, "--period", "2025-06", "--json")
        assert close.returncode == 0
        assert json.loads(close.stdout)["cash_flows"]["group"] is None

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--kind", "dfx"), "bp, dre, dfc"),
            (("--kind", "bp", "--entity", "AGRO"), "AGRO"),
            (("--kind", "dfc", "--entity", "NOBODY"), "VERO"),
        ],
    )
    def test_what_is_not_there_is_refused(self, run, demo, words, said):
        refused = run("statement", "2025-06", *words, "--folder", demo)
        assert refused.returncode == 1
        assert said in refused.stderr


@pytest.mark.server
class TestDatabase:
    def test_gives_what_the_folder_gives(self, run, demo, tmp_path):
        with open_desk(Settings(home=tmp_path), portfolio=None) as desk:
            desk.import_folder(demo)
            outcome = desk.close("2025-06")
        assert outcome.error is None
        stored, plain = (
            json.loads(
                run("statement", "2025-06", "-k", "dfc", *words, "--json", home=tmp_path).stdout
            )
            for words in ((), ("--folder", demo))
        )
        assert stored.get("label") == "2025-06@1", stored
        assert stored["group"] == plain["group"]
        assert stored["companies"] == plain["companies"]
