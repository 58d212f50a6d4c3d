"""An associate that sends its own balances, in a chart of its own: in memory and stored."""

from pathlib import Path

import pytest

from monthclose.analysis.equity_checks import check_openings
from monthclose.analysis.lineage import explain
from monthclose.consolidation.associate_figures import AssociateFiguresTwice
from monthclose.consolidation.elimination import DividendUnexplained
from monthclose.consolidation.months import BalanceMissing
from monthclose.wiring.build import open_desk
from monthclose.wiring.lookback import compare_stored
from monthclose.wiring.settings import Settings
from tests.equity_method.folders import change, close, figures, settings, write

CHART = """
code,name,class,role
1010,Cash,asset,
1750,Associates,asset,
3000,Share capital,share_capital,
3300,Retained earnings,retained_earnings,retained_earnings
3350,Dividends,dividends,dividends
3500,OCI of associates,oci,associate_oci
3700,Reserves,oci,
4000,Revenue,income,
4200,Dividend income,income,dividend_income
4400,Share of associates,income,associate_result
"""


def sends(folder: Path) -> Path:
    """
    25 percent of X in dollars, bought on 30 November for USD 500 at 5.00 = BRL 2,500.00.

    X earns 100 and 20 beside its result in December, 200 and -10 in January, when it
    pays 80 (20 of it to P) on the 20th at 5.25.
    """
    return write(
        folder,
        group=settings("BRL", "2024-12"),
        chart=CHART,
        entities="code,name,currency,method\nP,Parent,BRL,parent\nX,Abroad,USD,equity",
        ownership="holder,investee,percent,from\nP,X,25,2024-11-30",
        mappings="entity,account,standard_account\nX,c,1010\nX,k,3000\nX,r,3300\nX,d,3350\n"
        "X,o,3700\nX,i,4000",
        rates="date,base,quote,value,kind\n2024-11-30,USD,BRL,5.00,historical\n"
        "2024-11,USD,BRL,5.00,closing\n2024-12,USD,BRL,5.10,average\n2024-12,USD,BRL,5.20,closing\n"
        "2025-01,USD,BRL,5.30,average\n2025-01-20,USD,BRL,5.25,historical\n"
        "2025-01,USD,BRL,5.40,closing",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital,retained_earnings\n"
        "ACQ-X,P,X,2024-11-30,associate,500,1750,2500,-1000,-1000",
        events="date,kind,entity,amount,holder,received\n2025-01-20,dividend,X,20,P,105.00\n"
        "2025-01-20,dividend,X,60,,",
        balances_2024_11="entity,account,closing\nX,c,2000\nX,k,-1000\nX,r,-600\nX,o,-40\nX,i,-360",
        balances_2024_12="entity,account,closing\nP,1010,7500\nP,1750,2500\nP,3000,-10000\n"
        "X,c,2120\nX,k,-1000\nX,r,-600\nX,o,-60\nX,i,-460",
        balances_2025_01="entity,account,closing\nP,1010,7605\nP,1750,2500\nP,3000,-10000\n"
        "P,4200,-105\nX,c,2230\nX,k,-1000\nX,r,-1060\nX,d,80\nX,o,-50\nX,i,-200",
    )


class TestMonths:
    def test_december_by_hand(self, tmp_path):
        """
        A quarter of 100 and of 20 at 5.10: 127.50 and 25.50. 530 at 5.20 are 2,756.00.

        CTA: 2,756.00 - 2,500.00 - 127.50 - 25.50 = 103.00 = 500 x 0.20 + 30 x 0.10. The
        goodwill inside is 500 less a quarter of 2,000: nil.
        """
        closed = close(sends(tmp_path), "2024-12")
        assert figures(closed, "1750", "4400", "3500", "3400") == [
            2756_00, -127_50, -25_50, -103_00,
        ]  # fmt: skip
        assert closed.book.associates["X"].goodwill == 0
        totals = closed.book.totals
        assert totals.comprehensive_income == 127_50 + 25_50 + 103_00

    def test_january_by_hand(self, tmp_path):
        """
        50 at 5.30 = 265.00, -2.50 at 5.30 = -13.25, 20 at 5.25 = 105.00 paid.

        530 + 50 - 2.50 - 20 = 557.50 at 5.40 = 3,010.50. CTA: 3,010.50 - 2,756.00 -
        265.00 + 13.25 + 105.00 = 107.75 on top of 103.00.
        """
        folder = sends(tmp_path)
        closed = close(folder, "2025-01")
        assert figures(closed, "1750", "4400", "4200", "3500", "3400") == [
            3010_50, -265_00, 0, -25_50 + 13_25, -103_00 - 107_75,
        ]  # fmt: skip
        assert check_openings(closed.book, close(folder, "2024-12").book.left()).passed

    def test_the_share_of_the_result_goes_down_to_the_rows_of_the_balance(self, tmp_path):
        """December is -460 less the -360 of November: a row of each."""
        book = close(sends(tmp_path), "2024-12").book
        tree = explain(book, "4400")
        rows = [each for each in tree.walk() if each.kind == "row"]
        assert [(each.facts["own"], each.facts["document"], int(each.amount)) for each in rows] == [
            ("i", "balances/2024-12.csv", -460_00),
            ("i", "balances/2024-11.csv", -360_00),
        ]
        assert tree.amount == tree.from_leaves() == -127_50
        carried = explain(book, "1750")
        assert carried.amount == carried.from_leaves() == 2756_00
        assert "row" in {each.kind for each in carried.walk()}


class TestInterestOnEquity:
    def test_it_is_a_dividend_and_no_expense(self, tmp_path):
        """
        X books 80 of interest on equity in January instead of the dividend: the result is the same.

        Its balance shows -120 of income less interest: 200 without, and P has 105.00 of
        finance income (in 4000), which leaves it.
        """
        folder = sends(tmp_path)
        change(folder, "mappings.csv", "X,d,3350\n", "X,j,6100\n")
        change(folder, "chart.csv", "4000,", "6100,Interest on equity,expense,\n4000,")
        change(folder, "balances/2025-01.csv", "X,d,80", "X,j,80")
        change(folder, "balances/2025-01.csv", "P,4200,-105", "P,4000,-105")
        write(
            folder,
            events="date,kind,entity,account,amount,holder,received,income_account\n"
            "2025-01-20,jcp,X,6100,20,P,105.00,4000\n2025-01-20,jcp,X,6100,60,,,",
        )
        closed = close(folder, "2025-01")
        assert figures(closed, "1750", "4400", "4000") == [3010_50, -265_00, 0]
        tree = explain(closed.book, "4400")
        assert tree.amount == tree.from_leaves() == -265_00


class TestRefusals:
    def test_a_month_that_the_result_so_far_cannot_be_taken_from(self, tmp_path):
        folder = sends(tmp_path)
        (folder / "balances" / "2024-11.csv").unlink()
        with pytest.raises(BalanceMissing, match="2024-11"):
            close(folder, "2024-12")

    def test_a_balance_and_a_record_of_one_month(self, tmp_path):
        folder = write(sends(tmp_path), associates="period,entity,result\n2024-12,X,100")
        with pytest.raises(AssociateFiguresTwice, match="2024-12"):
            close(folder, "2024-12")

    def test_dividends_that_nobody_declared(self, tmp_path):
        folder = sends(tmp_path)
        change(folder, "events.csv", "\n2025-01-20,dividend,X,60,,", "")
        with pytest.raises(DividendUnexplained, match=r"60\.00"):
            close(folder, "2025-01")


@pytest.mark.server
class TestStored:
    def test_import_close_the_next_month_and_a_corrected_result(self, tmp_path):
        """
        Stored or not the figures are the same; January opens with December.

        Then X corrects December to 120: a quarter of 20 at 5.10 = 25.50 more, and the
        difference of the two versions has the row that moved.
        """
        folder = sends(tmp_path / "folder")
        place = Settings(home=tmp_path / "home")
        with open_desk(place, portfolio=None) as desk:
            desk.import_folder(folder)
            december = desk.close("2024-12")
            assert december.book is not None
            assert december.book.digest == close(folder, "2024-12").book.digest
            january = desk.close("2025-01")
            assert january.book is not None
            assert january.validation is not None
            assert january.validation.blocking == ()
            assert january.book.figure("1750") == 3010_50
        change(folder, "balances/2024-12.csv", "X,c,2120", "X,c,2140")
        change(folder, "balances/2024-12.csv", "X,i,-460", "X,i,-480")
        with open_desk(place, portfolio="G") as desk:
            desk.import_folder(folder)
            again = desk.close("2024-12")
            assert again.book is not None
            assert again.book.figure("4400") == -153_00
            difference = compare_stored(desk, "2024-12@1", "2024-12@2").difference
            moved = {each.account: each.now - each.was for each in difference.moved}
            assert moved["4400"] == -25_50
            assert "X 2024-12 i" in {each.subject for each in difference.changes}
