"""An associate of a subsidiary that has outsiders, and equity pick-up in a chain."""

from pathlib import Path

from monthclose.analysis.validation import validate
from monthclose.ledger.parity import parity_of
from monthclose.wiring.folders import consolidate_folder
from tests.equity_method.folders import change, figures, write
from tests.equity_method.test_balances import sends


def below(folder: Path) -> Path:
    """P owns 80 percent of H (founded with 10,000.00 on 1 December), and H has the associate."""
    sends(folder)
    write(
        folder,
        entities="code,name,currency,method,first_period\nP,Parent,BRL,parent,\n"
        "H,Holder,BRL,full,2024-12\nX,Abroad,USD,equity,",
        ownership="holder,investee,percent,from\nH,X,25,2024-11-30\nP,H,80,2024-11-30",
        events="date,kind,entity,amount,holder,received\n2025-01-20,dividend,X,20,H,105.00\n"
        "2025-01-20,dividend,X,60,,",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "nci,nci_percent,share_capital,retained_earnings\n"
        "ACQ-H,P,H,2024-11-30,formation,8000,1760,8000,proportionate,20,-10000,0\n"
        "ACQ-X,H,X,2024-11-30,associate,500,1750,2500,,,-1000,-1000",
    )
    change(
        folder, "chart.csv", "1750,Associates,asset,", "1750,Associates,asset,\n1760,Shares,asset,"
    )
    for month in ("2024-12", "2025-01"):
        text = (folder / "balances" / f"{month}.csv").read_text("utf-8").replace("P,", "H,")
        own = "P,1010,2000\nP,1760,8000\nP,3000,-10000\n"
        (folder / "balances" / f"{month}.csv").write_text(text + own, "utf-8")
    return folder


class TestBelow:
    def test_outsiders_have_their_part_of_all_that_became_of_it(self, tmp_path):
        """
        H stands at 7,500.00 + 2,756.00 = 10,256.00 in December: a fifth is 2,051.20.

        A fifth of the profit of 127.50 is 25.50. January: 7,605.00 + 3,010.50 = 10,615.50,
        a fifth 2,123.10; and of the profit of 265.00, 53.00.
        """
        folder, last = below(tmp_path), None
        for month, outside, profit in (
            ("2024-12", 2051_20, 25_50),
            ("2025-01", 2123_10, 53_00),
        ):
            closed = consolidate_folder(folder, month)
            validation = validate(closed.book, last)
            assert [each.said("en") for each in validation.blocking] == []
            totals = closed.book.totals
            assert (totals.non_controlling_interests, totals.net_income_nci) == (outside, profit)
            last = closed.book.left()
        assert figures(closed, "1750", "1760", "4200") == [3010_50, 0, 0]

    def test_comprehensive_income_is_divided_like_the_rest(self, tmp_path):
        """December: 127.50 + 25.50 + 103.00 = 256.00, of which outsiders have 51.20."""
        folder = below(tmp_path)
        totals = consolidate_folder(folder, "2024-12").book.totals
        assert (totals.comprehensive_income, totals.comprehensive_nci) == (256_00, 51_20)


class TestChain:
    def test_a_holder_between_has_equity_pickup_too(self, tmp_path):
        """
        H carries X at equity in its own books, and P carries H so: parity holds at 80 percent.

        H: 2,756.00 = 2,500.00 + 127.50 + reserve 128.50. P: 8,000.00 + 80 % of 127.50 =
        8,102.00, and 80 % of 128.50 = 102.80 in its reserve.
        """
        folder = below(tmp_path)
        change(folder, "chart.csv", "4000,", "4410,Pick-up,income,equity_pickup\n4000,")
        change(folder, "chart.csv", "3700,", "3600,Reserve,oci,translation_reserve\n3700,")
        write(
            folder,
            pickups="period,holder,acquisition,amount,reserve\n"
            "2024-12,H,ACQ-X,127.50,128.50\n2024-12,P,ACQ-H,102.00,102.80",
        )
        file = "balances/2024-12.csv"
        change(folder, file, "H,1750,2500\n", "H,1750,2756\nH,4410,-127.50\nH,3600,-128.50\n")
        change(folder, file, "P,1760,8000\n", "P,1760,8204.80\nP,4410,-102\nP,3600,-102.80\n")
        closed = consolidate_folder(folder, "2024-12")
        assert [each.said("en") for each in closed.validation.blocking] == []
        assert figures(closed, "1750", "1760", "4410", "3600") == [2756_00, 0, 0, 0]
        assert closed.book.totals.non_controlling_interests == 2051_20
        parity = {each.figure: (each.separate, each.group) for each in parity_of(closed.book)}
        assert parity["net_assets"] == (10204_80, 10204_80)
        assert parity["profit"] == (102_00, 102_00)
