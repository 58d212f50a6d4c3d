"""Commands on a group folder, as a person types them: what they print and how they end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monthclose.close.states import CloseState
from monthclose.groupfolder import write_example
from monthclose.wording import OS_WORDS, reason_of, say


class TestInit:
    def test_writes_a_folder_that_consolidates(self, run, tmp_path):
        made = run("init", tmp_path / "mine")
        assert made.returncode == 0, made.stderr
        assert "files written" in made.stdout
        closed = run("consolidate", tmp_path / "mine", "--period", "2025-06")
        assert closed.returncode == 0, closed.stderr
        assert "Net income, year to date" in closed.stdout

    def test_writes_over_nothing(self, run, tmp_path):
        (tmp_path / "kept.txt").write_text("mine")
        refused = run("init", tmp_path)
        assert refused.returncode == 1
        assert "kept.txt" in refused.stderr
        assert sorted(each.name for each in tmp_path.iterdir()) == ["kept.txt"]


class TestConsolidate:
    def test_json_carries_every_figure_as_text(self, run, example):
        answer = json.loads(run("consolidate", example, "-p", "2025-06", "--json").stdout)
        assert answer["totals"]["net_income"] == "37.00"
        assert {entity["entity"] for entity in answer["entities"]} == {"HOLD", "ALFA", "BETA"}
        sheet = sum(round(100 * float(a["balance_sheet"])) for a in answer["accounts"])
        assert sheet == 0
        assert all(result["passed"] for result in answer["checks"]["results"][:7])

    def test_json_prints_nothing_else(self, run, example):
        answer = run("consolidate", example, "-p", "2025-06", "--json")
        assert answer.stdout.startswith("{")
        assert answer.stderr == ""

    def test_writes_the_workbook_it_names(self, run, example, tmp_path):
        file = tmp_path / "june.xlsx"
        done = run("consolidate", example, "-p", "2025-06", "--xlsx", file)
        assert done.returncode == 0, done.stderr
        assert str(file) in done.stdout
        assert file.read_bytes()[:2] == b"PK"

    def test_the_same_folder_gives_the_same_bytes_anywhere(self, example, tmp_path):
        first, second = tmp_path / "a.xlsx", tmp_path / "b" / "b.xlsx"
        second.parent.mkdir()
        for file, environment in (
            (first, {"LANG": "en_US.UTF-8", "TZ": "UTC"}),
            (second, {"LANG": "pt_BR.UTF-8", "TZ": "America/Sao_Paulo", "PYTHONHASHSEED": "7"}),
        ):
            words = ["consolidate", str(example), "-p", "2025-06", "--xlsx", str(file), "-q"]
            subprocess.run(
                [sys.executable, "-m", "monthclose", *words],
                check=True,
                timeout=100,
                cwd=file.parent,
                env=os.environ | environment,
            )
        assert first.read_bytes() == second.read_bytes()

    def test_speaks_portuguese_when_asked_or_when_the_system_does(self, run, example):
        asked = run("consolidate", example, "-p", "2025-06", "--lang", "pt-BR").stdout
        system = run("consolidate", example, "-p", "2025-06", lang="pt_BR.UTF-8").stdout
        assert "Resultado do exercício até o mês" in asked
        assert "37,00" in asked
        assert asked == system

    def test_the_language_may_be_named_before_the_command(self, run, example):
        before = run("--lang", "pt-BR", "consolidate", example, "-p", "2025-06").stdout
        after = run("consolidate", example, "-p", "2025-06", "--lang", "pt-BR").stdout
        assert before == after
        assert "Exatidão 100,00" in after

    def test_a_long_list_is_whole_and_says_nothing_of_more(self, run, tmp_path):
        write_example(tmp_path / "broken")
        june = tmp_path / "broken" / "balances" / "2025-06.csv"
        june.write_text(june.read_text("utf-8").replace(".00\n", ".0x\n"), "utf-8")
        refused = run("consolidate", tmp_path / "broken", "-p", "2025-06").stderr
        assert refused.count("\n- ") == 21
        assert "more" not in refused

    def test_a_folder_that_may_not_be_read_is_said_in_its_language(self, run, example, monkeypatch):
        def refused(path):
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "iterdir", refused)
        monkeypatch.setattr(os, "access", lambda *_, **__: False)
        ended = run("consolidate", example, "-p", "2025-06", "--lang", "pt-BR")
        assert ended.returncode == 1
        assert "o sistema não permite. Informe outro lugar" in ended.stderr

    def test_a_month_nobody_sent_is_named(self, run, example):
        refused = run("consolidate", example, "-p", "2025-07")
        assert refused.returncode == 1
        assert "2025-07" in refused.stderr
        assert "Traceback" not in refused.stderr

    def test_a_period_that_is_none_is_refused_before_anything_is_read(self, run, example):
        refused = run("consolidate", example, "-p", "June")
        assert refused.returncode == 1
        assert "'June' is not a month" in refused.stderr

    def test_every_mistake_of_a_folder_is_listed_with_its_place(self, run, tmp_path):
        folder = tmp_path / "broken"
        write_example(folder)
        june = folder / "balances" / "2025-06.csv"
        lines = june.read_text("utf-8").splitlines()
        lines[1] = lines[1].rsplit(",", 1)[0] + ",1.234"
        june.write_text("\n".join(lines) + "\n", "utf-8")
        with (folder / "entities.csv").open("a", encoding="utf-8") as entities:
            entities.write("BAD,Bad Ltda,REAL,full,,,\n")
        refused = run("consolidate", folder, "-p", "2025-06", "--json")
        assert refused.returncode == 1
        places = {
            (p["file"], p["row"], p["column"]) for p in json.loads(refused.stdout)["problems"]
        }
        header = lines[0].split(",")
        assert ("balances/2025-06.csv", 2, header[-1]) in places
        assert any(file == "entities.csv" and column == "currency" for file, _, column in places)

    def test_no_folder_is_a_failure_and_no_command_is_a_misuse(self, run, tmp_path):
        assert run("consolidate", tmp_path / "nowhere", "-p", "2025-06").returncode == 1
        assert run("consolidate").returncode == 2
        assert run("no-such-command").returncode == 2


class TestHelp:
    @pytest.mark.parametrize(
        "words",
        [
            ("--help",),
            ("demo", "--help"),
            ("init", "--help"),
            ("consolidate", "--help"),
            ("import", "group", "--help"),
            ("close", "run", "--help"),
            ("close", "status", "--help"),
            ("migrate", "--help"),
        ],
    )
    def test_every_command_has_help_in_both_languages(self, run, words):
        english, portuguese = run(*words), run(*words, lang="pt_BR.UTF-8")
        assert english.returncode == portuguese.returncode == 0
        assert english.stdout != portuguese.stdout


class TestFiles:
    def test_a_place_that_does_not_exist_is_named(self, run, example, tmp_path):
        nowhere = tmp_path / "no" / "such" / "june.xlsx"
        refused = run("consolidate", example, "-p", "2025-06", "--xlsx", nowhere)
        assert refused.returncode == 1
        assert "such" in refused.stderr
        assert "Traceback" not in refused.stderr

    def test_what_the_system_refuses_most_is_said_in_both_languages(self):
        for number, word in OS_WORDS.items():
            reason = reason_of(OSError(number, "in the words of the system"))
            assert reason == word
            assert say(f"words.{word}", "en") != say(f"words.{word}", "pt-BR")
        assert reason_of(OSError(74, "Bad message")) == "Bad message"


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
def test_every_state_of_a_close_has_words(lang):
    said = {say(f"cli.state-{state.lower()}", lang) for state in CloseState}
    assert len(said) == len(CloseState)
    assert not any(word.isupper() for word in said)
