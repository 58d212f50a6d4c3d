"""Mistakes of `changes.csv`, each at its row and column."""

from pathlib import Path

import pytest

from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.changes import ChangeKind
from tests.changes.told import sold_abroad
from tests.groupfolder.folders import add, edit, places, problems, put

HEAD = (
    "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account,net_assets"
)
GOOD = "2024-09-30,disposal,S,P,80,110000.00,80000.00,30000.00,1700,4510,"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """80 % of S is sold on 30 September."""
    return sold_abroad(tmp_path / "told")


def said(folder: Path, *rows: str) -> list[tuple[int, str, str]]:
    """Row, column and code of what is wrong with such changes."""
    put(folder, "changes.csv", "\n".join((HEAD, *rows)) + "\n")
    return [place[1:] for place in places(folder) if place[0] == "changes.csv"]


class TestChanges:
    def test_a_good_one_reads_and_is_written_back(self, folder: Path, tmp_path: Path):
        assert said(folder, GOOD) == []
        read = read_group(folder)
        (change,) = read.group.changes
        assert (change.kind, change.gain) == (ChangeKind.DISPOSAL, 30_000_00)
        write_group(tmp_path / "again", read.group, read.balances)
        assert read_group(tmp_path / "again").group.changes == read.group.changes

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            ("110000.00", "111000.00", ("proceeds", "change-unexplained")),
            (",80,", ",60,", ("percent", "change-share")),
            (",80,", ",0,", ("percent", "change-nothing")),
            ("2024-09-30", "2024-09-29", ("percent", "change-share")),
            ("disposal", "partial_disposal", ("kind", "change-control")),
            (",1700,", ",1300,", ("investment_account", "change-account")),
            (",1700,", ",2010,", ("investment_account", "account-class")),
            (",4510,", ",1300,", ("gain_account", "account-class")),
            (",4510,", ",,", ("gain_account", "value-needed")),
            (",S,P,", ",P,S,", ("entity", "change-company")),
            (",S,P,", ",S,S,", ("holder", "owns-itself")),
            ("4510,", "4510,500000.00", ("net_assets", "value-unexpected")),
        ],
    )
    def test_each_mistake_has_its_place(
        self, folder: Path, old: str, new: str, place: tuple[str, str]
    ):
        assert GOOD.count(old) == 1
        found = said(folder, GOOD.replace(old, new))
        assert (2, *place) in found
        assert all(row == 2 for row, _, _ in found)

    def test_a_share_says_by_how_much_the_interests_differ(self, folder: Path):
        said(folder, GOOD.replace(",80,", ",60,"))
        (problem,) = problems(folder)
        assert "from 80 % to 0 %" in problem.shown("en")
        assert "20 % apart" in problem.shown("en")

    def test_a_holding_that_is_sold_in_part_is_no_disposal(self, folder: Path):
        edit(folder, "ownership.csv", "P,S,0,2024-09-30", "P,S,20,2024-09-30")
        assert said(folder, GOOD.replace(",80,", ",60,")) == [(2, "kind", "change-whole")]

    def test_more_bought_has_no_gain(self, folder: Path):
        row = "2024-06-30,increase,S,P,10,9000.00,9000.00,5.00,1700,4510,"
        found = said(folder, GOOD, row)
        assert (3, "gain", "value-unexpected") in found
        assert (3, "gain_account", "value-unexpected") in found

    def test_after_a_sale_of_the_whole_nothing_is_left_to_change_hands(self, folder: Path):
        add(folder, "ownership.csv", "P,S,10,2024-10-31")
        row = "2024-10-31,increase,S,P,10,9000.00,9000.00,,1700,,"
        assert said(folder, GOOD, row) == [(3, "entity", "change-after-sale")]

    def test_a_holder_that_nobody_says_bought(self, folder: Path):
        add(folder, "entities.csv", "H,Other,USD,full")
        for row in ("P,H,100,2022-01-03", "H,S,20,2022-01-03", "H,S,0,2024-06-28"):
            add(folder, "ownership.csv", row)
        row = "2024-06-28,partial_disposal,S,H,20,9000.00,9000.00,,1700,4510,"
        assert said(folder, GOOD, row) == [(3, "investment_account", "change-unbought")]

    def test_balances_after_the_sale_are_named(self, folder: Path):
        put(
            folder,
            "balances/2024-10.csv",
            "entity,account,closing\nP,1010,190000.00\nP,1300,150000.00\nP,2200,-40000.00\n"
            "P,3000,-200000.00\nP,3300,-70000.00\nP,4510,-30000.00\nS,1010,1.00\nS,3000,-1.00\n",
        )
        assert places(folder) == [("balances/2024-10.csv", 8, "entity", "balance-after-sale")]
