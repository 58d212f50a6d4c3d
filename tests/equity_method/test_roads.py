"""Records of the equity method come back the same from files and from the database."""

import json

import pytest

from monthclose.cli.payload import book_payload
from monthclose.close.steps import records_hash
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.record_order import in_order
from monthclose.wiring.build import open_desk
from monthclose.wiring.settings import Settings
from tests.equity_method import test_associates, test_balances, test_pickups
from tests.equity_method.folders import change, close
from tests.groupfolder.folders import places

FOLDERS = {
    "G11": test_associates.golden,
    "two years": test_associates.abroad,
    "balances": test_balances.sends,
    "G17": test_pickups.golden,
    "reserve": test_pickups.abroad,
}


class TestFolder:
    @pytest.mark.parametrize("name", FOLDERS)
    def test_what_is_written_reads_back(self, tmp_path, name):
        found = read_group(FOLDERS[name](tmp_path / "one"))
        write_group(tmp_path / "other", found.group, found.balances)
        again = read_group(tmp_path / "other")
        assert in_order(again.group).associate_months == in_order(found.group).associate_months
        assert records_hash(again.group) == records_hash(found.group)

    def test_mistakes_have_their_place(self, tmp_path):
        """A company that is consolidated, an acquisition that is not there, another holder."""
        folder = test_pickups.golden(tmp_path)
        (folder / "associates.csv").write_text("period,entity,result\n2024-12,S,1\n", "utf-8")
        change(folder, "pickups.csv", "2024-06,P,ACQ-S", "2024-06,P,ACQ-T")
        change(folder, "pickups.csv", "2024-12,P,ACQ-S", "2024-12,S,ACQ-S")
        assert places(folder) == [
            ("associates.csv", 2, "entity", "associate-consolidated"),
            ("pickups.csv", 3, "acquisition", "acquisition-unknown"),
            ("pickups.csv", 4, "holder", "pickup-holder"),
        ]

    def test_an_opening_of_an_associate_is_what_it_is_carried_at(self, tmp_path):
        folder = test_associates.abroad(tmp_path)
        (folder / "openings.csv").write_text(
            "entity,account,functional,translated\nX,1750,-200.00,10.00\nX,3300,1.00,5.00\n"
            "X,3400,1.00,5.00\nP,1750,1.00,1.00\n",
            "utf-8",
        )
        assert places(folder) == [
            ("openings.csv", 2, "translated", "associate-nothing-carried"),
            ("openings.csv", 3, "account", "account-class"),
            ("openings.csv", 4, "functional", "value-unexpected"),
            ("openings.csv", 5, "account", "opening-class"),
        ]

    def test_shares_of_an_associate_are_bought_as_such(self, tmp_path):
        folder = test_associates.abroad(tmp_path)
        change(folder, "acquisitions.csv", ",associate,", ",purchase,")
        assert places(folder) == [("acquisitions.csv", 2, "kind", "associate-kind")]


class TestJson:
    def test_an_associate_is_printed_whole(self, tmp_path):
        closed = close(test_associates.abroad(tmp_path), "2025-02")
        printed = json.loads(json.dumps(book_payload(closed.book, closed.validation, "en")))
        associate = printed["associates"]["X"]
        assert associate["carrying_functional"] == "270.00"
        assert associate["carrying_amount"] == "1701.00"
        assert associate["cta"] == {"opening": "160.00", "movement": "62.00", "closing": "222.00"}
        assert associate["cta_proof"]["difference"] == "0.00"
        assert [month["share_of_result"] for month in associate["months"]] == ["744.00", "1200.00"]
        assert "equity_pickup" not in printed

    def test_what_was_picked_up_is_printed_with_its_parity(self, tmp_path):
        closed = close(test_pickups.golden(tmp_path), "2024-12")
        printed = book_payload(closed.book, closed.validation, "en")
        pickup = printed["equity_pickup"]["ACQ-S"]
        assert (pickup["carried_functional"], pickup["prior"]) == ("576000.00", "24000.00")
        assert [each["amount"] for each in pickup["current"]] == ["7600.00", "7600.00"]
        assert {each["difference"] for each in printed["parity"]} == {"0.00"}


@pytest.mark.server
class TestStored:
    def test_equity_pickup_over_a_years_end(self, tmp_path):
        """December and January as from the folder; a row that changes is another version."""
        folder = test_pickups.abroad(tmp_path / "folder")
        with open_desk(Settings(home=tmp_path / "home"), portfolio=None) as desk:
            desk.import_folder(folder)
            for month in ("2024-12", "2025-01"):
                outcome = desk.close(month)
                assert outcome.book is not None
                assert outcome.validation is not None
                assert outcome.validation.blocking == ()
                assert outcome.book.digest == close(folder, month).book.digest
        change(folder, "pickups.csv", "51.00,21.00", "50.00,22.00")
        with open_desk(Settings(home=tmp_path / "home"), portfolio="G") as desk:
            desk.import_folder(folder)
            again = desk.close("2024-12")
            assert again.error is not None
            assert again.error.code == "pickup-unexplained"
