"""Two months of the same lines: a figure goes down to the document of its own month."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.groupfolder.folders import add, put
from tests.groupfolder.told import tell


def twice_the_same(folder: Path) -> Path:
    """A parent whose February ended as its January did, to the byte."""
    return tell(
        folder,
        'first_period = "2025-01"\n',
        entities="code,name,currency,method\nP,Parent,USD,parent",
        chart="code,name,class\n1010,Cash,asset\n3000,Capital,share_capital",
        openings="entity,account,functional,translated\nP,3000,-100.00,-100.00",
        balances="period,entity,account,closing\n2025-01,P,1010,100.00\n2025-01,P,3000,-100.00\n"
        "2025-02,P,1010,100.00\n2025-02,P,3000,-100.00",
    )


def rows(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """What documents say, at the foot of a tree."""
    below = [row for child in tree.get("children", ()) for row in rows(child)]
    return below + ([tree["facts"]] if tree["kind"] == "row" else [])


@pytest.mark.server
class TestStored:
    def test_each_month_names_its_own_file(self, run, tmp_path):
        folder, home = twice_the_same(tmp_path / "g"), tmp_path / "home"
        months = ("2025-01", "2025-02", "2025-03")
        files = [(folder / f"balances/{month}.csv") for month in months]
        assert files[0].read_bytes() == files[1].read_bytes()
        assert run("import", "group", folder, home=home).returncode == 0
        # The third comes with an import of its own, when the first two are stored already.
        put(folder, "balances/2025-03.csv", files[0].read_text("utf-8"))
        assert run("import", "group", folder, home=home).returncode == 0
        for month in months:
            closed = run("close", "run", month, home=home)
            assert closed.returncode == 0, closed.stderr + closed.stdout
            words = ("explain", month, "1010", "--json")
            stored = json.loads(run(*words, home=home).stdout)["tree"]
            (row,) = rows(stored)
            assert (row["document"], row["row"]) == (f"balances/{month}.csv", 2)
            assert stored == json.loads(run(*words, "--folder", folder).stdout)["tree"]


@pytest.mark.server
class TestStaying:
    def test_an_import_names_what_it_no_longer_says_and_still_counts(self, run, tmp_path):
        folder, home = twice_the_same(tmp_path / "g"), tmp_path / "home"
        put(folder, "rates.csv", "date,base,quote,value,kind\n2025-01,USD,BRL,5,closing\n")
        put(folder, "subscriptions.csv", "period,entity,customer,mrr\n2025-01,P,C1,1.00\n")
        add(folder, "subscriptions.csv", "2025-02,P,C1,1.00")
        first = run("import", "group", folder, "--json", home=home)
        assert json.loads(first.stdout)["staying"] == {}
        for file in ("rates.csv", "balances/2025-01.csv", "subscriptions.csv"):
            (folder / file).unlink()
        again = run("import", "group", folder, "--json", home=home)
        assert json.loads(again.stdout)["staying"] == {
            "quotes": ["BRL/USD closing 2025-01"],
            "balances": ["P 2025-01"],
            "subscriptions": ["P 2025-01", "P 2025-02"],
        }
        page = " ".join(
            run("import", "group", folder, home=home, lang="pt_BR.UTF-8").stdout.split()
        )
        assert "1 cotações não estão mais na pasta" in page
        assert "P 2025-01, P 2025-02" in page
