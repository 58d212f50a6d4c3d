"""Looking back, as a person types it: a figure taken apart, two versions compared."""

import json
import shutil
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from monthclose.cli.metrics import show_metrics
from monthclose.cli.render import Screen
from monthclose.wiring.build import open_desk
from monthclose.wiring.metrics import metrics_of_folder
from monthclose.wiring.settings import Settings


class TestExplainFolder:
    def test_a_figure_goes_down_to_the_rows_of_its_document(self, run, example):
        said = run("explain", "2025-06", "1000", "--entity", "BETA", "--folder", example)
        assert said.returncode == 0, said.stderr
        assert "balances/2025-06.csv, row 15, column closing" in said.stdout
        assert "at 5 BRL/USD, closing of 2025-06" in said.stdout
        assert "BRL 3,700.00" in said.stdout

    def test_it_speaks_portuguese(self, run, example):
        said = run("explain", "2025-06", "total_assets", "--folder", example, "--lang", "pt-BR")
        assert said.returncode == 0, said.stderr
        assert "Total do ativo" in said.stdout
        assert "Convertido" in said.stdout

    def test_a_rate_has_the_comma_of_its_reader(self, run, example):
        """Outsiders of BETA at acquisition: 20 % of 5,000.00 at 6.25 are 160.00."""
        words = ("explain", "2025-06", "nci", "--folder", example, "--verbose")
        english, portuguese = (run(*words, "--lang", lang).stdout for lang in ("en", "pt-BR"))
        assert "at 6.25 BRL/USD" in english
        assert "6,25 BRL/USD" in portuguese
        assert "6.25" not in portuguese
        assert "20 % do patrimônio líquido de BETA" in portuguese

    def test_json_holds_the_whole_tree(self, run, example):
        answer = json.loads(
            run("explain", "2025-06", "net_income", "--folder", example, "--json").stdout
        )
        assert answer["tree"]["amount"] == "37.00"
        rows = list(leaves(answer["tree"]))
        assert {row["kind"] for row in rows} >= {"row", "record"}
        assert all(len(r["facts"]["sha256"]) == 64 for r in rows if r["kind"] == "row")

    def test_a_page_is_shorter_than_the_whole(self, run, example):
        words = ("explain", "2025-06", "total_equity", "--folder", example)
        short, whole = run(*words).stdout, run(*words, "--verbose").stdout
        assert "below" in short
        assert "below" not in whole
        assert len(short.splitlines()) <= 50 < len(whole.splitlines())

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("2025-06", "total_asets"), "total_assets"),
            (("2025-06", "cta", "--entity", "NOBODY"), "NOBODY"),
            (("2025-13", "cta"), "2025-13"),
            (("2031-01", "cta"), "2031-01"),
        ],
    )
    def test_what_is_not_there_is_said(self, run, example, words, said):
        refused = run("explain", *words, "--folder", example)
        assert refused.returncode == 1
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr


def leaves(tree):
    """The leaves of a tree as JSON."""
    if not tree.get("children"):
        yield tree
    for child in tree.get("children", ()):
        yield from leaves(child)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, example: Path) -> Path:
    """An installation where the example was closed in the database."""
    place = tmp_path_factory.mktemp("home")
    settings = Settings(home=place)
    with open_desk(settings, portfolio=None) as desk:
        desk.import_folder(example)
        assert desk.close("2025-06").error is None
    return place


@pytest.mark.server
class TestExplainStored:
    def test_a_stored_figure_is_that_of_the_folder(self, run, example, home):
        """Down to the row: the database knows where in the document each line stood."""
        words = ("explain", "2025-06", "total_assets", "--json")
        stored = json.loads(run(*words, home=home).stdout)
        assert stored["label"] == "2025-06@1"
        assert stored["tree"] == json.loads(run(*words, "--folder", example).stdout)["tree"]

    def test_a_version_that_is_not_there_says_which_are(self, run, home):
        refused = run("explain", "2025-06@9", "cta", home=home)
        assert refused.returncode == 1
        assert "2025-06@1" in refused.stderr

    def test_what_is_no_month_is_said(self, run, home):
        assert "junho" in run("explain", "junho", "cta", home=home).stderr


@pytest.mark.server
class TestDiff:
    def test_each_figure_is_moved_by_its_causes(self, run, twice):
        """
        Cash of BETA: 3,700.00 / 5 = 740.00; 3,800.00 / 5 = 760.00; 3,800.00 / 5.1 = 745.10.

        Cash of ALFA takes its 500.00 of receivables by the mapping: 100.00 at 5.
        """
        answer = json.loads(run("diff", "2025-06@1", "2025-06@2", "--json", home=twice).stdout)
        moved = {(each["account"], each["entity"]): each for each in answer["moved"]}
        beta, alfa = moved["1000", "BETA"], moved["1000", "ALFA"]
        assert (beta["was"], beta["now"]) == ("740.00", "745.10")
        assert beta["causes"] == {"source": "20.00", "rate": "-14.90"}
        assert alfa["causes"] == {"map": "100.00", "rate": "-10.39"}
        assert answer["causes"] == ["source", "map", "rate"]
        assert [(c["cause"], c["subject"], c["was"], c["now"]) for c in answer["changes"]] == [
            ("source", "BETA 2025-06 1000", "BRL 3,700.00", "BRL 3,800.00"),
            ("source", "BETA 2025-06 1100", "BRL 2,000.00", "BRL 1,900.00"),
            ("map", "ALFA 1.1.02", "1100", "1000"),
            ("rate", "BRL/USD closing 2025-06 example", "5", "5.1"),
        ]
        assert answer["changes"][0]["where"] == "balances/2025-06.csv:15"

    def test_the_earlier_version_is_still_explained_as_it_was(self, run, twice):
        words = ("explain", "2025-06@1", "1000", "--entity", "BETA", "--json")
        tree = json.loads(run(*words, home=twice).stdout)["tree"]
        assert tree["amount"] == "740.00"

    def test_a_page_speaks_portuguese(self, run, twice):
        said = run("diff", "2025-06@1", "2025-06", "--lang", "pt-BR", home=twice)
        assert said.returncode == 0, said.stderr
        assert "Origem" in said.stdout
        assert "3.800,00" in said.stdout

    def test_a_version_beside_itself_has_not_moved(self, run, twice):
        assert "Nothing moved" in run("diff", "2025-06@2", "2025-06@2", home=twice).stdout

    def test_versions_of_two_months_are_refused(self, run, twice):
        refused = run("diff", "2025-05@1", "2025-06@1", home=twice)
        assert refused.returncode == 1
        assert "2025-05@1" in refused.stderr


class TestMetrics:
    @pytest.fixture
    def subscribed(self, example, tmp_path):
        """The example with two customers of BETA: one pays more in June, one is new."""
        folder = shutil.copytree(example, tmp_path / "subscribed")
        lines = ["period,entity,customer,mrr", "2025-05,BETA,C1,100.00", "2025-06,BETA,C1,150.00"]
        lines.append("2025-06,BETA,C2,50.00")
        (folder / "subscriptions.csv").write_text("\n".join([*lines, ""]), "utf-8")
        return folder

    def test_a_folder_shows_them(self, run, subscribed):
        """BRL 200.00 at 5 BRL/USD are 40.00; twelve times that 480.00."""
        said = run("metrics", "2025-06", "--folder", subscribed)
        assert said.returncode == 0, said.stderr
        assert "Closing MRR" in said.stdout
        assert "480.00" in said.stdout
        assert "no account of `chart` has" in " ".join(said.stdout.split())

    def test_a_long_name_goes_on_under_where_it_began(self, subscribed):
        """On a narrow page; only the headings of groups begin at the margin."""
        found, page = metrics_of_folder(subscribed, "2025-06"), StringIO()
        screen = Screen(Console(file=page, width=48), "en")
        call: Any = SimpleNamespace(out=screen, lang="en")
        show_metrics(call, found.book, found.label, found.measured[:1])
        lines = page.getvalue().splitlines()
        (place,) = (at for at, line in enumerate(lines) if line.startswith("  Exchange effect"))
        assert lines[place + 1].startswith("  ")
        assert lines[place + 1].strip()
        margin = {line.split("  ")[0].strip() for line in lines[3:] if line[:1].strip()}
        assert "Customers" in margin
        assert not {"opening MRR", "MRR", "on opening MRR"} & margin

    def test_json_has_every_metric_and_its_reasons(self, run, subscribed):
        answer = json.loads(run("metrics", "2025-06", "--folder", subscribed, "--json").stdout)
        group, beta = answer["metrics"]
        assert (group["entity"], beta["entity"]) == ("", "BETA")
        assert group["closing"]["figure"] == "40.00"
        assert group["expansion"]["figure"] == group["new"]["figure"] == "10.00"
        assert group["nrr"]["figure"] is None
        assert "2024-06" in group["nrr"]["said"]

    def test_a_metric_goes_down_to_the_rows_of_customers(self, run, subscribed):
        said = run("explain", "2025-06", "mrr", "--folder", subscribed, "--lang", "pt-BR")
        assert said.returncode == 0, said.stderr
        assert "subscriptions.csv, linha 4, coluna mrr" in said.stdout

    def test_without_subscriptions_it_says_so(self, run, example):
        said = run("metrics", "2025-06", "--folder", example)
        assert said.returncode == 0
        assert "no subscriptions are loaded" in said.stdout
