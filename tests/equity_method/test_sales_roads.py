"""Sales of an associate's shares: a golden case, cash, files and database, mistakes of a folder."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.analysis.changes import changes_between
from monthclose.cli.equity_payload import equity_method_payload
from monthclose.close.steps import records_hash
from monthclose.consolidation.associate_months import AssociateShare
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.cash_flows import RESULT_LINE, LineKey, Part, Section
from monthclose.ledger.money import parse_amount, rounded
from monthclose.ledger.record_order import in_order
from monthclose.ledger.runs import CloseInputs
from monthclose.wiring.build import open_desk
from monthclose.wiring.folders import consolidate_folder
from monthclose.wiring.settings import Settings
from tests.equity_method import test_sales
from tests.equity_method.folders import change, close, figures, write
from tests.equity_method.selling import MONTHS, Selling
from tests.equity_method.test_associates import golden
from tests.groupfolder.folders import places

GOOD = "2024-03-01,associate_sale,X,P,10,2000,1250,750,1750,4510,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tale of `test_sales.told`."""
    return test_sales.told(tmp_path / "told")


def test_half_of_g11_is_sold_as_its_year_ends(tmp_path: Path, shared: Path):
    """
    Half of the 30 % goes on 31 December for 400.00, of the books' 1,000.00 it takes 500.00.

    The golden carrying amount of 712.00 and CTA are halved: 356.00 leaves, and the gain is
    400.00 - 356.00 with half of the CTA.
    """
    told = golden(tmp_path / "g11")
    change(told, "chart.csv", "6000,", "4510,Gain,income,\n6000,")
    change(told, "ownership.csv", "P,X,30,2023-12-31", "P,X,30,2023-12-31\nP,X,15,2024-12-31")
    sold = "2024-12-31,associate_sale,X,P,15,400.00,500.00,-100.00,1750,4510,"
    write(told, changes=f"{test_sales.HEAD}\n{sold}")
    change(told, "balances/2024-12.csv", "P,1010,531.25", "P,4510,100.00\nP,1010,931.25")
    change(told, "balances/2024-12.csv", "P,1750,1000.00", "P,1750,500.00")
    closed = close(told, "2024-12")
    document = json.loads(next((shared / "golden").glob("G11-*.json")).read_text("utf-8"))
    of_case, totals = document["expected"]["associates"]["X"], closed.book.totals
    whole = document["expected"]["consolidated"]["totals"]
    cta = parse_amount(of_case["cta"]["closing"])
    carrying = parse_amount(of_case["carrying_amount"])
    (made,) = closed.book.associates["X"].sales
    assert (made.carrying, made.cta_recycled) == (carrying // 2, rounded(Fraction(cta, 2)))
    gain = 400_00 - carrying // 2 + rounded(Fraction(cta, 2))
    assert figures(closed, "1750", "3400", "4510") == [carrying // 2, -(cta - made.cta_recycled),
                                                       -gain]  # fmt: skip
    assert totals.net_income == parse_amount(whole["net_income"]) + gain
    assert totals.total_equity == parse_amount(whole["total_equity"]) + 400_00 - carrying // 2


@pytest.mark.parametrize("currencies", [("BRL", "BRL", "USD"), ("BRL", "EUR", "USD")])
@pytest.mark.parametrize("seed", [2, 4])
@pytest.mark.parametrize("pickup", [False, True], ids=["at cost", "picked up"])
def test_the_price_is_a_flow_of_investing(
    tmp_path: Path, currencies: tuple[str, str, str], seed: int, *, pickup: bool
):
    """What was paid and received for shares, each at the rate of its day; the gain is no flow."""
    tale = Selling(seed, *currencies, whole=not pickup, pickup=pickup)
    told = tale.folder(tmp_path / "told")
    head, *accounts = (told / "chart.csv").read_text("utf-8").splitlines()
    marks = {"1010": "yes,", "1750": ",investing"}
    lines = [f"{line},{marks.get(line[:4], ',')}" for line in accounts]
    (told / "chart.csv").write_text("\n".join([f"{head},cash,cash_flow", *lines, ""]), "utf-8")
    before = "entity,account,closing\nP,1010,500000\nP,3000,-500000\n"
    (told / "balances" / "2024-09.csv").write_text(before, "utf-8")
    found = read_group(told)
    engine = ConsolidationEngine(found.group)
    for each in found.balances:
        engine.load_trial_balance(each)
    for month in ("2025-09", MONTHS[-1]):
        book = engine.consolidate(month)
        cash = engine.cash_flows(book)
        assert cash.problems == ()
        assert cash.group is not None
        year = "2025-10-01" if month >= "2025-10" else "2024-10-01"
        paid = [(-each.price, each.day) for each in tale.bought]
        paid += [(each.price, each.day) for each in tale.sold]
        flow = Fraction(0)
        for amount, day in paid:
            if year <= day <= f"{month}-31":
                flow += amount * tale.rate(tale.owner, day)
        line = LineKey(Section.INVESTING, Part.MOVEMENT, "1750")
        assert abs(cash.group.lines.get(line, 0) - flow) <= 3
        assert cash.group.lines.get(RESULT_LINE, 0) == book.totals.net_income
        assert cash.group.closing == book.figure("1010")


class TestFolder:
    def test_it_is_written_back_as_it_was(self, folder: Path, tmp_path: Path):
        change(folder, "changes.csv", GOOD, GOOD.replace("4510,", "4510,12.50"))
        read = read_group(folder)
        assert read.group.changes[0].reclassified == 12_50
        write_group(tmp_path / "again", read.group, read.balances)
        again = read_group(tmp_path / "again").group
        assert in_order(again).changes == in_order(read.group).changes
        assert records_hash(again) == records_hash(read.group)

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            ("2000,", "2001,", ("proceeds", "change-unexplained")),
            (",10,", ",11,", ("percent", "change-share")),
            ("2024-03-01", "2024-03-02", ("date", "sale-within-month")),
            ("associate_sale", "partial_disposal", ("entity", "change-company")),
            ("associate_sale", "disposal", ("entity", "change-company")),
            (",1750,", ",1300,", ("investment_account", "change-account")),
            (",4510,", ",,", ("gain_account", "value-needed")),
            (",4510,", ",1300,", ("gain_account", "account-class")),
            (",X,P,", ",P,X,", ("entity", "associate-consolidated")),
        ],
    )
    def test_each_mistake_has_its_place(
        self, folder: Path, old: str, new: str, place: tuple[str, str]
    ):
        assert GOOD.count(old) == 1
        change(folder, "changes.csv", GOOD, GOOD.replace(old, new))
        assert ("changes.csv", 2, *place) in places(folder)

    def test_nothing_else_reclassifies(self, folder: Path):
        row = GOOD.replace("associate_sale", "step").replace("4510,", "4510,5")
        change(folder, "changes.csv", GOOD, row)
        assert ("changes.csv", 2, "reclassified", "value-unexpected") in places(folder)

    def test_a_fall_that_no_sale_explains(self, folder: Path):
        """The engine says what to record, for groups that come from elsewhere."""
        change(folder, "changes.csv", GOOD, "")
        with pytest.raises(AssociateShare, match=r"40 % to 30 %.*associate_sale"):
            consolidate_folder(folder, "2024-06")


class TestPrinted:
    def test_json_has_every_sale(self, folder: Path):
        book = consolidate_folder(folder, "2024-12").book
        first, second = equity_method_payload(book)["associates"]["X"]["sales"]
        assert first == {
            "date": "2024-03-01",
            "carried_functional": "275.00",
            "proceeds": "2000.00",
            "sold": "-1457.50",
            "cta_recycled": "77.50",
            "oci_recycled": "0.00",
            "gain": "620.00",
            "oci_released": "26.00",
        }
        assert second["gain"] == "-340.00"

    def test_a_price_that_changes_is_a_difference_of_its_row(self, folder: Path):
        was = consolidate_folder(folder, "2024-12")
        change(folder, "changes.csv", "2000,1250,750", "2100,1250,850")
        change(folder, "balances/2024-12.csv", "P,1010,23300", "P,1010,23400")
        change(folder, "balances/2024-12.csv", "P,4510,-800", "P,4510,-900")
        now = consolidate_folder(folder, "2024-12")
        groups = [CloseInputs(each.book.group, each.book.raw) for each in (was, now)]
        found = changes_between("journal", "changes", *groups)
        assert [each.field for each in found] == ["proceeds", "gain"]
        assert {each.kind for each in found} == {"changes"}


@pytest.mark.server
class TestStored:
    def test_figures_and_openings_as_from_the_folder(self, folder: Path, tmp_path: Path):
        """December and January, the year's end between them."""
        with open_desk(Settings(home=tmp_path / "home"), portfolio=None) as desk:
            desk.import_folder(folder)
            for month in ("2024-12", "2025-01"):
                outcome = desk.close(month)
                assert outcome.book is not None
                assert outcome.validation is not None
                assert outcome.validation.blocking == ()
                assert outcome.book.digest == consolidate_folder(folder, month).book.digest
