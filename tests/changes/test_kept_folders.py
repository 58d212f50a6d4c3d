"""What is kept after a loss of control, told as a folder: its figures, and its mistakes."""

from pathlib import Path

import pytest

from monthclose.consolidation.retained import RetainedUncarried
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.events import Derecognition
from tests.changes.test_golden import expected
from tests.changes.told import CHART, YEAR, Closes, cents, months, sold_abroad
from tests.groupfolder.folders import add, edit, places, put

HEAD = (
    "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account,"
    "retained_fair_value,retained_cost,retained_account"
)
GOOD = "2024-09-30,disposal,S,P,50,68750.00,80000.00,18750.00,1700,4510,41250.00,30000.00,1751"
ASSET = "2024-09-30,disposal,S,P,50,68750.00,80000.00,30000.00,1700,4510,41250.00,,1760"
ACQUIRED = "KEPT-S,P,S,2024-09-30,associate,41250.00,USD,1751,30000.00,,,-300000.00,-332000.00"


def told(folder: Path, *, associate: bool = True) -> Path:
    """
    G18, but of the 80 % P sells 50 % for 68,750.00 and keeps 30 %, worth 41,250.00.

    Together they are the 110,000.00 of the case: so is the gain. P's books carry an
    associate at its 30,000.00 of cost, a financial asset at fair value.
    """
    sold_abroad(folder)
    chart = [*CHART, "1751,Associates,asset,,", "1760,Shares,asset,,"]
    chart.append("4400,Share of associates,income,,associate_result")
    put(folder, "chart.csv", "\n".join(chart) + "\n")
    edit(folder, "ownership.csv", "P,S,0,2024-09-30", "P,S,30,2024-09-30")
    put(folder, "changes.csv", f"{HEAD}\n{GOOD if associate else ASSET}\n")
    account, carried = ("1751", 30_000_00) if associate else ("1760", 41_250_00)
    gain = 68_750_00 + carried - 80_000_00
    for month in YEAR[8:]:
        name = f"balances/{month}.csv"
        cash = {"2024-12": 198_000_00}.get(month, 190_000_00)
        edit(folder, name, f"P,1010,{cash // 100}.00", f"P,1010,{(cash - 41_250_00) // 100}.00")
        edit(folder, name, "P,4510,-30000.00", f"P,4510,-{gain // 100}.00")
        add(folder, name, f"P,{account},{carried // 100}.00")
    if associate:
        add(folder, "acquisitions.csv", ACQUIRED)
        rows = ["entity,period,result", *(f"S,{month},10000.00" for month in YEAR[9:])]
        rows += [f"S,{month},-4000.00" for month in months("2025-01", 2)]
        put(folder, "associates.csv", "\n".join(rows) + "\n")
        for month in (*YEAR[8:], *months("2025-01", 2)):
            add(folder, "rates.csv", f"{month},USD,BRL,5.50,closing")
            if month > "2024-09":
                add(folder, "rates.csv", f"{month},USD,BRL,5.60,average")
    later = f"P,1010,{156_750}.00\nP,1300,150000.00\nP,2200,-40000.00\nP,3000,-200000.00\n"
    earned = 70_000_00 + gain + 8_000_00
    for month in months("2025-01", 2):
        head = "entity,account,closing\n"
        rest = f"P,{account},{carried // 100}.00\nP,3300,-{earned // 100}.00\n"
        put(folder, f"balances/{month}.csv", head + later + rest)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Kept as an associate."""
    return told(tmp_path / "told")


class TestFigures:
    @pytest.mark.parametrize("associate", [True, False])
    def test_what_is_kept_counts_like_a_price(self, tmp_path: Path, associate: bool):
        """The gain of G18, to the cent, however the 110,000.00 are made up."""
        closes = Closes(told(tmp_path / "g18", associate=associate))
        (lost,) = closes.book("2024-12").changes
        assert isinstance(lost, Derecognition)
        of_case = expected("G18")["disposal"]
        assert (lost.proceeds, lost.retained) == (68_750_00, 41_250_00)
        assert lost.gain == cents(of_case["gain_total"])
        assert lost.cta_recycled == cents(of_case["cta_recycled"])
        assert lost.nci == cents(of_case["nci_derecognised"])

    @pytest.mark.parametrize("associate", [True, False])
    def test_every_check_stays_clean_into_the_next_year(self, tmp_path: Path, associate: bool):
        closes = Closes(told(tmp_path / "g18", associate=associate))
        assert closes.findings([*YEAR, *months("2025-01", 2)]) == []

    def test_the_associate_is_carried_on(self, folder: Path):
        """
        41,250.00 x 5.45 = 224,812.50 reais; 30 % of 30,000.00 and then of -8,000.00 since.

        (224,812.50 + 9,000.00) / 5.50 = 42,511.36; less 2,400.00: 42,075.00.
        """
        closes = Closes(folder)
        assert closes.book("2024-12").figure("1751") == 42_511_36
        february = closes.book("2025-02")
        assert february.associates["S"].carrying == 231_412_50
        assert february.figure("1751") == 42_075_00

    def test_it_is_written_back_as_it_was(self, folder: Path, tmp_path: Path):
        read = read_group(folder)
        write_group(tmp_path / "again", read.group, read.balances)
        again = read_group(tmp_path / "again").group
        assert again.changes == read.group.changes
        assert again.acquisitions == read.group.acquisitions


class TestMistakes:
    def said(self, folder: Path, row: str) -> list[tuple[str, int, str, str]]:
        """What is wrong with such a row."""
        put(folder, "changes.csv", f"{HEAD}\n{row}\n")
        return places(folder)

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            ("68750.00", "68751.00", ("proceeds", "change-unexplained")),
            (",41250.00,", ",,", ("retained_fair_value", "value-needed")),
            (",1751", ",", ("retained_account", "value-needed")),
            (",1751", ",2010", ("retained_account", "account-class")),
            (",1751", ",1760", ("retained_account", "kept-elsewhere")),
            (",41250.00,", ",41251.00,", ("retained_fair_value", "kept-differs")),
            ("18750.00,1700,4510,41250.00,30000.00", "48750.00,1700,4510,41250.00,60000.00",
             ("retained_cost", "kept-differs")),
            ("18750.00,1700,4510,41250.00,30000.00", "30000.00,1700,4510,41250.00,",
             ("retained_cost", "value-needed")),
            ("disposal", "partial_disposal", ("retained_fair_value", "value-unexpected")),
            ("P,50,", "P,60,", ("percent", "change-share")),
        ],
    )  # fmt: skip
    def test_each_has_its_place(self, folder: Path, old: str, new: str, place: tuple[str, str]):
        assert GOOD.count(old) == 1
        assert ("changes.csv", 2, *place) in self.said(folder, GOOD.replace(old, new))

    def test_an_associate_without_its_acquisition(self, folder: Path):
        edit(folder, "acquisitions.csv", "2024-09-30", "2024-09-29")
        assert ("changes.csv", 2, "retained_cost", "kept-unrecorded") in places(folder)

    def test_a_financial_asset_on_the_account_of_the_company(self, tmp_path: Path):
        asset = told(tmp_path / "asset", associate=False)
        said = self.said(asset, ASSET.replace("1760", "1700"))
        assert said == [("changes.csv", 2, "retained_account", "kept-account")]

    def test_nothing_is_left_by_the_interests(self, folder: Path):
        edit(folder, "ownership.csv", "P,S,30,2024-09-30", "P,S,0,2024-09-30")
        said = self.said(folder, GOOD.replace("P,50,", "P,80,"))
        assert said == [("changes.csv", 2, "retained_fair_value", "kept-nothing")]

    def test_others_of_the_group_keep_some_too(self, folder: Path):
        add(folder, "entities.csv", "H,Other,USD,full")
        add(folder, "ownership.csv", "P,H,100,2022-01-03")
        add(folder, "ownership.csv", "H,S,10,2022-01-03")
        said = places(folder)
        assert ("changes.csv", 2, "retained_fair_value", "kept-by-others") in said

    def test_what_is_left_needs_a_fair_value(self, tmp_path: Path):
        asset = told(tmp_path / "asset", associate=False)
        row = "2024-09-30,disposal,S,P,50,68750.00,80000.00,-11250.00,1700,4510,,,"
        assert self.said(asset, row) == [("changes.csv", 2, "kind", "change-whole")]

    def test_results_of_a_company_that_is_kept_as_an_asset(self, tmp_path: Path):
        asset = told(tmp_path / "asset", associate=False)
        put(asset, "associates.csv", "entity,period,result\nS,2024-10,10000.00\n")
        with pytest.raises(RetainedUncarried):
            Closes(asset).book("2024-12")
