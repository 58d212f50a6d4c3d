"""Holdings that change hands, as commands tell them: from a folder, and from the database."""

import json

import pytest

from tests.changes.test_part_above import part_told
from tests.changes.test_subgroup import told
from tests.groupfolder.folders import edit

MONTHS = ("2025-11", "2025-12", "2026-01")


class TestFolder:
    def test_one_gain_of_both_companies_is_printed_and_explained(self, run, tmp_path):
        folder = told(tmp_path / "told")
        answer = json.loads(run("consolidate", folder, "-p", "2025-12", "--json").stdout)
        (change,) = answer["changes"]
        assert (change["kind"], change["entity"], change["gain"]) == ("disposal", "H", "185.00")
        assert change["below"] == ["S"]
        page = run("explain", "2025-12", "4510", "--folder", folder, "--lang", "en")
        assert "H and, with it, S: control is lost" in " ".join(page.stdout.split())

    def test_what_passed_below_is_printed_and_explained(self, run, tmp_path):
        folder = part_told(tmp_path / "told")
        answer = json.loads(run("consolidate", folder, "-p", "2025-12", "--json").stdout)
        upper, lower = answer["changes"]
        assert (upper["kind"], upper["adjustment"]) == ("partial_disposal", "80.00")
        assert (lower["kind"], lower["entity"], lower["through"]) == ("indirect", "S", "H")
        assert lower["adjustment"] == "-33.75"
        page = run("explain", "2025-12", "3300", "--folder", folder, "--lang", "en")
        assert page.stdout.count("less what outsiders got of the net assets") == 2


@pytest.mark.server
class TestDatabase:
    @pytest.mark.parametrize("make", [told, part_told], ids=["sold", "a part sold"])
    def test_it_closes_as_from_the_folder_and_says_what_moved(self, run, tmp_path, make):
        """Another 10.00 of price, booked as gain."""
        home, folder = tmp_path / "home", make(tmp_path / "told")
        made = run("import", "group", folder, home=home)
        assert made.returncode == 0, made.stderr
        for month in MONTHS:
            closed = run("close", "run", month, home=home)
            assert closed.returncode == 0, closed.stderr + closed.stdout
            for figure in ("cta", "nci", "total_equity", "4510"):
                stored = run("explain", month, figure, "--json", home=home)
                loose = run("explain", month, figure, "--json", "--folder", folder)
                one, other = (json.loads(each.stdout)["tree"] for each in (stored, loose))
                assert one["amount"] == other["amount"]
        (line,) = (folder / "changes.csv").read_text("utf-8").splitlines()[1:]
        cells = line.split(",")
        cells[5], cells[7] = (f"{float(cells[place]) + 10:.2f}" for place in (5, 7))
        edit(folder, "changes.csv", line, ",".join(cells))
        for month in MONTHS[:2]:
            file = folder / "balances" / f"{month}.csv"
            rows = [each.split(",") for each in file.read_text("utf-8").splitlines()]
            for row in rows:
                if row[:2] == ["T", "1010"]:
                    row[2] = f"{float(row[2]) + 10:.2f}"
                elif row[:2] == ["T", "4510"]:
                    row[2] = f"{float(row[2]) - 10:.2f}"
            file.write_text("\n".join(",".join(row) for row in rows) + "\n", "utf-8")
        assert run("import", "group", folder, home=home).returncode == 0
        assert run("close", "run", "2025-12", home=home).returncode == 0
        moved = json.loads(run("diff", "2025-12@1", "2025-12@2", "--json", home=home).stdout)
        said = {each["subject"] for each in moved["changes"] if each["kind"] == "changes"}
        assert {each.rsplit(" ", 1)[1] for each in said} == {"proceeds", "gain"}
