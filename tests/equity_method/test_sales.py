"""Shares of an associate sold: what leaves, what is recycled, and what the next year opens with."""

from pathlib import Path

import pytest

from monthclose.analysis.lineage import explain
from monthclose.analysis.validation import validate
from monthclose.cli.tree import describe
from monthclose.consolidation.associate_sales import AssociateReclassified
from monthclose.consolidation.dated_sales import AssociateCost, AssociateGone
from monthclose.ledger.book import Book
from monthclose.ledger.equity import EquityMove, EquityPart
from monthclose.wiring.folders import FolderClose, consolidate_folder
from tests.equity_method.folders import change, months, rows, settings, write
from tests.equity_method.test_associates import CHART

GAIN = "4510,Gain on shares,income,\n"
HEAD = (
    "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account,"
    "reclassified"
)


def told(folder: Path) -> Path:
    """
    40 % of X in dollars for USD 1,000 at 5.00; on 1 March a quarter goes, in July another part.

    P, in reais, sells 10 of its 40 % on 1 March 2024 for 2,000.00 of 1,250.00 of cost, and 10 of
    30 % on 31 July for 1,300.00 of 1,250.00. X earns 100.00 a month, and 50.00 of other
    comprehensive income in February.
    """
    books = {"2024-02": (20_000, 5_000, 0, 0), "2024-06": (22_000, 3_750, 750, 0)}
    books |= {"2024-12": (23_300, 2_500, 800, 0), "2025-01": (23_300, 2_500, 0, 800)}
    tables = {
        f"balances_{month.replace('-', '_')}": "entity,account,closing\n"
        f"P,1010,{cash}\nP,1750,{cost}\nP,3000,-25000\nP,3300,-{kept}\nP,4510,-{gain}"
        for month, (cash, cost, gain, kept) in books.items()
    }
    return write(
        folder,
        group=settings("BRL", "2024-01"),
        chart=CHART + GAIN,
        entities="code,name,currency,method\nP,Parent,BRL,parent\nX,Abroad,USD,equity",
        ownership="holder,investee,percent,from\nP,X,40,2023-12-31\nP,X,30,2024-03-01\n"
        "P,X,20,2024-07-31",
        rates=rows(
            "date,base,quote,value,kind",
            [
                "2023-12,USD,BRL,5.00,closing",
                "2023-12-31,USD,BRL,5.00,historical",
                "2024-03-01,USD,BRL,5.30,historical",
                *(f"{month},USD,BRL,5.20,average" for month in [*months(2024), "2025-01"]),
                "2024-02,USD,BRL,5.25,closing",
                "2024-06,USD,BRL,5.40,closing",
                "2024-07,USD,BRL,5.50,closing",
                "2024-12,USD,BRL,6.00,closing",
                "2025-01,USD,BRL,6.10,closing",
            ],
        ),
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-X,P,X,2023-12-31,associate,1000.00,1750,5000.00,-2000.00",
        associates=rows(
            "period,entity,result,oci",
            [
                f"{month},X,100,{50 if month == '2024-02' else 0}"
                for month in [*months(2024), "2025-01"]
            ],
        ),
        changes=f"{HEAD}\n2024-03-01,associate_sale,X,P,10,2000,1250,750,1750,4510,\n"
        "2024-07-31,associate_sale,X,P,10,1300,1250,50,1750,4510,",
        **tables,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tale of `told`."""
    return told(tmp_path / "told")


def clean(folder: Path, *periods: str) -> FolderClose:
    """Close months one after the other, each held against the one before; the last one."""
    last = closed = None
    for period in periods:
        closed = consolidate_folder(folder, period)
        validation = validate(closed.book, last)
        assert [each.said("en") for each in validation.blocking] == []
        last = closed.book.left()
    assert closed is not None
    return closed


def figures(book: Book, *accounts: str) -> list[int]:
    """Accounts before closing."""
    return [book.figure(each) for each in accounts]


class TestByHand:
    def test_a_quarter_goes_with_its_cta(self, folder: Path):
        """
        Up to February 1,000 + 40.00 + 40.00 + 20.00 = USD 1,100.00, in reais 5,000.00 + 104.00 x 5.

        On 1 March it is worth 1,100 x 5.30 = 5,830.00, of which 5,000.00 is cost, 416.00 result,
        104.00 other comprehensive income and so 310.00 CTA. A quarter: 1,457.50, CTA 77.50,
        other comprehensive income 26.00, to retained earnings. Gain 2,000.00 - 1,457.50 + 77.50.
        """
        book = clean(folder, "2024-02", "2024-06").book
        equity = book.associates["X"]
        (sold,) = equity.sales
        assert (sold.carried, sold.carrying, sold.cta_recycled) == (275_00, 1457_50, 77_50)
        assert (sold.oci, sold.released, sold.gain) == (26_00, 26_00, 620_00)
        assert figures(book, "4510", "3500", "3300") == [-620_00, -78_00, -26_00]
        # 825.00 and four months of 30.00, at 5.40
        assert (equity.carrying, book.figure("1750")) == (945_00, 5103_00)
        assert book.totals.net_income == 620_00 + 416_00 + 624_00

    def test_at_a_month_end_its_result_is_still_the_sellers(self, folder: Path):
        """
        31 July: USD 975.00 at 5.50 = 5,362.50; a third, 325.00, is 1,787.50.

        It opened at 3,750.00 of cost; (416.00 + 780.00) of result, less what left with the
        first sale: 1,457.50 - 1,250.00 - 77.50 - 26.00 = 104.00; 78.00 of other comprehensive
        income: 4,920.00. The CTA is 442.50, of which a third is 147.50.
        """
        book = clean(folder, "2024-02", "2024-06", "2024-12").book
        sold = book.associates["X"].sales[1]
        assert (sold.carried, sold.carrying, sold.cta_recycled) == (325_00, 1787_50, 147_50)
        assert (sold.released, sold.gain) == (26_00, 1300_00 - 1787_50 + 147_50)
        assert book.figure("4510") == -620_00 + 340_00
        # 650.00 and five months of 20.00 are USD 750.00, at 6.00
        assert book.figure("1750") == 4500_00

    def test_the_next_year_opens_with_what_is_left(self, folder: Path):
        """January: 750.00 + 20.00 at 6.10; the CTA of 700.00 moves by 75.00 + 18.00."""
        book = clean(folder, "2024-02", "2024-06", "2024-12", "2025-01").book
        equity = book.associates["X"]
        assert (equity.carrying, book.figure("1750")) == (770_00, 4697_00)
        assert (equity.cta.opening, equity.cta.movement) == (700_00, 93_00)
        assert figures(book, "3300", "3500", "4510", "4400") == [-2048_00, -52_00, 0, -104_00]

    def test_what_may_be_reclassified_is_part_of_the_gain(self, folder: Path):
        """20.00 of the 26.00 go to the result on 1 March, 6.00 to retained earnings."""
        plain = consolidate_folder(folder, "2024-12").book
        change(folder, "changes.csv", "750,1750,4510,\n", "750,1750,4510,20\n")
        book = clean(folder, "2024-02", "2024-06", "2024-12").book
        assert book.associates["X"].sales[0].gain == 640_00
        assert book.totals.net_income == plain.totals.net_income + 20_00
        assert book.totals.oci_associates == plain.totals.oci_associates - 20_00
        assert book.totals.total_equity == plain.totals.total_equity
        january = clean(folder, "2024-12", "2025-01").book
        assert figures(january, "3300", "3500") == [-2048_00, -52_00]

    def test_no_more_of_it_than_was_sold(self, folder: Path):
        change(folder, "changes.csv", "750,1750,4510,\n", "750,1750,4510,27\n")
        with pytest.raises(AssociateReclassified, match=r"27\.00.*26\.00"):
            consolidate_folder(folder, "2024-06")


class TestWhole:
    def test_all_of_it_is_gone(self, folder: Path):
        """
        On 31 July all 30 % go, for 6,000.00 of the 3,750.00: USD 975.00 at 5.50.

        Gain 6,000.00 - 5,362.50 + 442.50 = 1,080.00, and 78.00 of other comprehensive income are
        retained. Nothing of X is left, in this year or the next.
        """
        whole(folder)
        book = clean(folder, "2024-02", "2024-06", "2024-12").book
        equity = book.associates["X"]
        assert (equity.carrying, equity.cta.closing, equity.oci.closing) == (0, 0, 0)
        assert equity.sales[1].gain == 1080_00
        assert figures(book, "1750", "3400", "3500") == [0, 0, 0]
        assert book.totals.total_equity == 28_000_00  # the cash
        later = clean(folder, "2024-06", "2024-12", "2025-01").book
        assert later.associates == {}
        assert later.totals.total_equity == 28_000_00
        assert later.figure("3300") == -3000_00

    def test_nothing_comes_after_it(self, folder: Path):
        """A month of it that is recorded all the same is refused by name."""
        whole(folder)
        text = (folder / "associates.csv").read_text("utf-8")
        (folder / "associates.csv").write_text(text + "2024-08,X,1,0\n", "utf-8")
        with pytest.raises(AssociateGone, match="2024-08"):
            consolidate_folder(folder, "2024-12")

    def test_its_cost_is_all_that_was_left(self, folder: Path):
        """3,700.00 of 3,750.00 would leave 50.00 of nothing in the books."""
        whole(folder)
        change(folder, "changes.csv", "30,6000,3750,2250", "30,6000,3700,2300")
        with pytest.raises(AssociateCost, match=r"3,700\.00.*3,750\.00"):
            consolidate_folder(folder, "2024-12")


def whole(folder: Path) -> None:
    """On 31 July all that is left goes, for 6,000.00."""
    sold = "2024-07-31,associate_sale,X,P,10,1300,1250,50"
    change(folder, "changes.csv", sold, "2024-07-31,associate_sale,X,P,30,6000,3750,2250")
    change(folder, "ownership.csv", "P,X,20,2024-07-31", "P,X,0,2024-07-31")
    lines = (folder / "associates.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if line < "2024-08" or line.startswith("period")]
    (folder / "associates.csv").write_text("\n".join(kept) + "\n", "utf-8")
    for month, gain in (("2024-12", "P,3300,-0\nP,4510,-3000"), ("2025-01", "P,3300,-3000")):
        text = f"entity,account,closing\nP,1010,28000\nP,3000,-25000\n{gain}\n"
        (folder / "balances" / f"{month}.csv").write_text(text, "utf-8")


class TestPickedUp:
    def test_books_under_equity_pickup_have_the_gain_of_the_group(self, tmp_path: Path):
        """
        30 % for 1,000.00 on the last day of the year; January earns 100.00, February 100.00.

        1,030.00 stand in P's books as a third goes for 400.00: 343.33 of cost, a gain of 56.67,
        which is the group's. 686.67 and February's 20.00 stay.
        """
        told = write(
            tmp_path / "told",
            group=settings("BRL", "2025-01"),
            chart=CHART + GAIN + "4410,Pick-up,income,equity_pickup\n",
            entities="code,name,currency,method\nP,Parent,BRL,parent\nX,Near,BRL,equity",
            ownership="holder,investee,percent,from\nP,X,30,2024-12-31\nP,X,20,2025-02-01",
            acquisitions="id,acquirer,target,date,kind,consideration,investment_account,"
            "investment,share_capital\nACQ-X,P,X,2024-12-31,associate,1000,1750,1000,-2000",
            associates="period,entity,result\n2025-01,X,100\n2025-02,X,100",
            pickups="period,holder,acquisition,amount\n2025-01,P,ACQ-X,30\n2025-02,P,ACQ-X,20",
            changes=f"{HEAD}\n2025-02-01,associate_sale,X,P,10,400,343.33,56.67,1750,4510,",
            balances_2025_01="entity,account,closing\nP,1010,1000\nP,1750,1030\nP,3000,-2000\n"
            "P,4410,-30",
            balances_2025_02="entity,account,closing\nP,1010,1400\nP,1750,706.67\nP,3000,-2000\n"
            "P,4410,-50\nP,4510,-56.67",
        )
        book = clean(told, "2025-01", "2025-02").book
        assert figures(book, "1750", "4510", "4400", "4410") == [706_67, -56_67, -50_00, 0]
        (sold,) = book.associates["X"].sales
        assert (sold.carrying, sold.gain, sold.made_good) == (343_33, 56_67, 0)


class TestExplained:
    @pytest.mark.parametrize("account", ["1750", "4510", "4400", "3300", "3400", "3500"])
    def test_every_line_comes_from_records(self, folder: Path, account: str):
        book = consolidate_folder(folder, "2024-12").book
        tree = explain(book, account)
        assert tree.amount == tree.from_leaves() == book.figure(account)
        bare = [each for each in tree.walk() if each.kind == "line" and not each.children]
        assert bare == []

    @pytest.mark.parametrize("lang", ["en", "pt-BR"])
    def test_in_words(self, folder: Path, lang: str):
        book = consolidate_folder(folder, "2024-12").book
        for account in ("1750", "4510", "3400", "3500"):
            for node in explain(book, account).walk():
                assert describe(node, lang)

    def test_the_statement_of_changes_in_equity_has_them(self, folder: Path):
        """52.00 of reserves were retained; the CTA of 925.00 lost 225.00 to the result."""
        statement = consolidate_folder(folder, "2024-12").book.changes_in_equity
        assert statement is not None
        moves = statement.moves
        assert moves[EquityMove.TRANSFER][EquityPart.OCI] == -52_00
        assert moves[EquityMove.TRANSFER][EquityPart.RETAINED] == 52_00
        assert moves[EquityMove.OCI][EquityPart.OCI] == 104_00
        assert moves[EquityMove.TRANSLATION][EquityPart.CTA] == 700_00
