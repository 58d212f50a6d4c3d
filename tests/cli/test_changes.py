"""A company sold, as commands tell it: from a folder, and from the database."""

import json
from pathlib import Path

import pytest

from tests.changes.told import sold_abroad


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """G18 told month by month."""
    return sold_abroad(tmp_path_factory.mktemp("sold") / "g18")


def edit(file: Path, old: str, new: str) -> None:
    """Replace what stands in a file once."""
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


class TestFolder:
    @pytest.mark.parametrize("month", ["2024-09", "2024-10", "2024-12"])
    def test_the_gain_is_printed_from_the_month_of_the_sale_on(self, run, folder, month):
        answer = json.loads(run("consolidate", folder, "-p", month, "--json").stdout)
        (change,) = answer["changes"]
        assert change == {
            "kind": "disposal",
            "entity": "S",
            "proceeds": "110000.00",
            "retained": "0.00",
            "nci": "23192.66",
            "net_assets": "-115963.30",
            "goodwill": "-8807.34",
            "cta_recycled": "1301.06",
            "gain": "9723.08",
        }

    def test_before_it_nothing_has_changed(self, run, folder):
        answer = json.loads(run("consolidate", folder, "-p", "2024-08", "--json").stdout)
        assert answer["changes"] == []

    def test_the_gain_is_explained(self, run, folder):
        page = run("explain", "2024-12", "4510", "--folder", folder)
        assert page.returncode == 0, page.stderr
        for words in ("price", "less net assets that left", "translation adjustment of the owners"):
            assert words in page.stdout


@pytest.mark.server
class TestDatabase:
    def test_it_closes_before_at_and_after_the_sale_and_says_what_a_correction_moved(
        self, run, folder, tmp_path
    ):
        """Another 10,000.00 of price, booked as gain: the group's gain moves by as much."""
        home = tmp_path / "home"
        made = run("import", "group", folder, home=home)
        assert made.returncode == 0, made.stderr
        for month in ("2024-08", "2024-09", "2024-10", "2024-12"):
            closed = run("close", "run", month, home=home)
            assert closed.returncode == 0, closed.stderr + closed.stdout
        stored = run("explain", "2024-12", "4510", "--json", home=home)
        assert json.loads(stored.stdout)["tree"]["amount"] == "-9723.08"
        richer = sold_abroad(tmp_path / "richer")
        edit(richer / "changes.csv", "110000.00,80000.00,30000.00", "120000.00,80000.00,40000.00")
        for month in ("2024-09", "2024-10", "2024-11"):
            edit(richer / "balances" / f"{month}.csv", "P,1010,190000.00", "P,1010,200000.00")
            edit(richer / "balances" / f"{month}.csv", "P,4510,-30000.00", "P,4510,-40000.00")
        assert run("import", "group", richer, home=home).returncode == 0
        assert run("close", "run", "2024-10", home=home).returncode == 0
        moved = json.loads(run("diff", "2024-10@1", "2024-10@2", "--json", home=home).stdout)
        said = [each for each in moved["changes"] if each["kind"] == "changes"]
        assert {each["subject"] for each in said} == {
            "S P disposal 2024-09-30 proceeds",
            "S P disposal 2024-09-30 gain",
        }
        again = run("explain", "2024-10", "4510", "--json", home=home)
        assert json.loads(again.stdout)["tree"]["amount"] == "-19723.08"
