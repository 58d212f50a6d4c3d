"""Profit in stock from dated records, month by month and across the end of a fiscal year."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from monthclose.consolidation.unrealised import profits_of
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.group import Group
from monthclose.ledger.money import plain
from monthclose.ledger.periods import Period
from monthclose.ledger.profits import ProfitUnstated
from monthclose.ledger.rates import MissingRate
from tests.groupfolder.folders import add, edit
from tests.groupfolder.told import balances, books, closed, entry, tell

CHART = """code,name,class,role
1010,Cash,asset,
1200,Inventories,asset,
1700,Investments,asset,
1701,Investments too,asset,
1800,Deferred tax,asset,
3000,Share capital,share_capital,
4000,Revenue,income,
4050,Sales in the group,income,
5000,Cost of sales,expense,
6910,Deferred tax of the result,expense,
"""
RATES = """date,base,quote,value,kind
2025-02-01,BRL,USD,0.25,historical
2025-02-01,MXN,USD,0.10,historical
2025-02,BRL,USD,0.24,closing
2025-03,BRL,USD,0.20,closing
2025-04,BRL,USD,0.22,closing
2025-05,BRL,USD,0.25,closing
2025-02,BRL,USD,0.25,average
2025-03,BRL,USD,0.22,average
2025-04,BRL,USD,0.21,average
2025-05,BRL,USD,0.24,average
2025-02,MXN,USD,0.10,closing
2025-03,MXN,USD,0.08,closing
2025-04,MXN,USD,0.09,closing
2025-05,MXN,USD,0.10,closing
2025-02,MXN,USD,0.10,average
2025-03,MXN,USD,0.09,average
2025-04,MXN,USD,0.085,average
2025-05,MXN,USD,0.095,average
"""
STOCK = """period,id,seller,buyer,asset_account,cost_account,profit,sold,buyer_profit,tax_rate,\
tax_asset_account,tax_account,turnover,revenue_account
2025-03,LOT,A,B,1200,5000,200.00,2025-03,480.00,30,1800,6910,500.00,4050
2025-04,LOT,A,B,1200,5000,100.00,2025-03,240.00,30,1800,6910,,
2025-05,LOT,A,B,1200,5000,0.00,2025-03,0.00,30,1800,6910,,
"""
OF_P = {"1010": "192.50", "1700": "187.50", "1701": "120.00", "3000": "-500.00"}
OF_A = {
    "2025-02": {"1010": "1000", "3000": "-1000"},
    "2025-03": {"1010": "1200", "3000": "-1000", "4050": "-500", "5000": "300"},
    "2025-04": {"1010": "1300", "3000": "-1000", "3300": "-200", "4000": "-100"},
    "2025-05": {"1010": "1400", "3000": "-1000", "3300": "-200", "4000": "-200"},
}
OF_B = {
    "2025-02": {"1010": "2000", "3000": "-2000"},
    "2025-03": {"1010": "800", "1200": "1200", "3000": "-2000"},
    "2025-04": {"1010": "1700", "1200": "600", "3000": "-2000", "4000": "-900", "5000": "600"},
    "2025-05": {"1010": "2600", "3000": "-2000", "4000": "-1800", "5000": "1200"},
}


@pytest.fixture
def sideways(tmp_path: Path) -> Path:
    """The group of these tests."""
    return told(tmp_path / "sideways")


def told(folder: Path) -> Path:
    """A, held to 75 %, sells to B, held to 60 %, in March, with which their fiscal year ends."""
    return tell(
        folder,
        'fiscal_year_end = 3\nfirst_period = "2025-02"\n',
        entities="code,name,currency,method,first_period\nP,Parent,USD,parent,\n"
        "A,Seller,BRL,full,2025-02\nB,Buyer,MXN,full,2025-02\n",
        chart=CHART,
        ownership="holder,investee,percent,from\nP,A,75,2025-02-01\nP,B,60,2025-02-01",
        rates=RATES,
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "nci,nci_percent,share_capital\n"
        "ACQ-A,P,A,2025-02-01,formation,750.00,1700,187.50,proportionate,25,-1000.00\n"
        "ACQ-B,P,B,2025-02-01,formation,1200.00,1701,120.00,proportionate,40,-2000.00",
        openings="entity,account,functional,translated\nP,3000,-500.00,-500.00",
        balances=balances(
            books("P", dict.fromkeys(OF_A, OF_P)), books("A", OF_A), books("B", OF_B)
        ),
        unrealised=STOCK,
    )


def bears(book: Book, code: str) -> tuple[str, str, str]:
    """Outsiders of a company: as they opened, of the result, of the CTA."""
    each = book.nci[code]
    return plain(each.opening), plain(each.share_of_profit), plain(each.share_of_cta)


class TestSideways:
    """
    200.00 reais of profit at 0.22, March's average, are 44.00; tax of 30 % is 13.20.

    B's stock holds 480.00 pesos of it: 38.40 at 0.08, so that 5.60 leave its translation
    loss. Half is sold in April: 22.00 stay, 21.60 in the stock, 0.40 of translation.
    """

    def test_march_takes_the_profit_out_at_the_rate_of_the_sale(self, sideways: Path):
        book = closed(sideways)["2025-03"]
        assert entry(book, "UP-CLOSE-LOT") == {
            "5000": "44.00",
            "1200": "-38.40",
            "3400": "-5.60",
            "1800": "13.20",
            "6910": "-13.20",
        }
        assert entry(book, "IC-SALES-LOT") == {"4050": "110.00", "5000": "-110.00"}

    def test_outsiders_of_both_bear_their_part(self, sideways: Path):
        """
        The seller's of the profit, the buyer's of the translation.

        A earned 44.00, less 30.80 in stock: 25 % of 13.20 is 3.30. Its CTA: 1,200.00 x 0.20 =
        240.00 less 250.00 and 44.00 is -54.00, of which -13.50.

        B: 2,000.00 x (0.08 - 0.10) = -40.00, and +5.60: 40 % of -34.40 is -13.76.
        """
        book = closed(sideways)["2025-03"]
        assert bears(book, "A") == ("0.00", "3.30", "-13.50")
        assert bears(book, "B") == ("0.00", "0.00", "-13.76")

    def test_april_releases_half_through_cost_of_sales(self, sideways: Path):
        book = closed(sideways)["2025-04"]
        assert entry(book, "UP-OPEN-LOT") == {"3300": "30.80", "6910": "13.20", "5000": "-44.00"}
        assert entry(book, "UP-CLOSE-LOT") == {
            "5000": "22.00",
            "1200": "-21.60",
            "3400": "-0.40",
            "1800": "6.60",
            "6910": "-6.60",
        }

    def test_the_new_year_opens_with_what_the_old_one_left(self, sideways: Path):
        """
        Openings are last month's closings, and April counts what its stock released.

        A: 25 % of 250.00 + 13.20 - 54.00 = 52.30. Its April: 21.00 at 0.21, and 15.40 of the
        stock: 25 % of 36.40.

        B opens with 40 % of 200.00 - 34.40 = 66.24; what stock left in the CTA goes from 5.60
        to 0.40.
        """
        made = closed(sideways)
        april = made["2025-04"]
        assert bears(april, "A")[:2] == ("52.30", "9.10")
        assert bears(april, "B")[0] == "66.24"
        assert april.nci["A"].opening == made["2025-03"].nci["A"].closing
        assert april.nci["B"].opening == made["2025-03"].nci["B"].closing

    def test_the_new_year_releases_it_at_the_rate_of_the_sale(self, sideways: Path):
        """Sold in February at 0.25, and still there in March: 50.00 less 15.00 of tax."""
        rows = sideways / "unrealised.csv"
        rows.write_text(rows.read_text("utf-8").replace("00,2025-03,", "00,2025-02,"), "utf-8")
        opened = entry(closed(sideways)["2025-04"], "UP-OPEN-LOT")
        assert opened == {"3300": "35.00", "6910": "15.00", "5000": "-50.00"}

    def test_in_may_nothing_is_left_and_all_is_made(self, sideways: Path):
        """Of the year: 44.00 of profit released less 13.20 of tax, nothing in stock."""
        book = closed(sideways)["2025-05"]
        assert [each.id for each in book.entries if each.id.startswith("UP-")] == ["UP-OPEN-LOT"]
        sums = dict(zip(book.chart.codes, book.consolidated.tolist(), strict=True))
        assert sums["1200"] == sums["1800"] == 0
        assert sums["6910"] == 13_20


class TestFirstYear:
    def test_the_last_month_before_the_first_gives_the_opening(self, sideways: Path):
        """
        The first month closed is April: March is no balance here, but its record of stock is.

        What the close of March left is loaded; outsiders open with 52.30 and 66.24 (V4).
        """
        edit(sideways, "group.toml", '"2025-02"', '"2025-04"')
        for code, currency in (("A,Seller", "BRL"), ("B,Buyer", "MXN")):
            edit(
                sideways,
                "entities.csv",
                f"{code},{currency},full,2025-02",
                f"{code},{currency},full,",
            )
        for month in ("2025-02", "2025-03"):
            (sideways / "balances" / f"{month}.csv").unlink()
        for line in (
            "A,3000,-1000.00,-250.00",
            "A,3300,-200.00,-44.00",
            "A,3400,,54.00",
            "A,3900,,-52.30",
            "B,3000,-2000.00,-200.00",
            "B,3400,,40.00",
            "B,3900,,-66.24",
        ):
            add(sideways, "openings.csv", line)
        book = closed(sideways)["2025-04"]
        assert entry(book, "UP-OPEN-LOT") == {"3300": "30.80", "6910": "13.20", "5000": "-44.00"}
        assert bears(book, "A")[:2] == ("52.30", "9.10")
        assert bears(book, "B")[0] == "66.24"


class TestSold:
    """B leaves the group on 20 April: what it has in stock is a stranger's from then on."""

    def group(self, sideways: Path) -> Group:
        described = read_group(sideways).group
        gone = OwnershipChange("B", "P", ChangeKind.DISPOSAL, date(2025, 4, 20), Fraction(1), 1, 1)
        return replace(described, changes=(gone,))

    def test_what_the_year_opened_with_is_made_then(self, sideways: Path):
        for month in (4, 5):
            (profit,) = profits_of(self.group(sideways), Period(2025, month))
            assert (profit.opening, profit.opening_cta) == (44_00, 5_60)
            assert (profit.amount, profit.buyer_amount) == (0, 0)

    def test_the_year_after_knows_nothing_of_it(self, sideways: Path):
        assert profits_of(self.group(sideways), Period(2026, 4)) == ()


class TestUnstated:
    def test_a_month_that_is_left_out_is_asked_for(self, sideways: Path):
        edit(sideways, "unrealised.csv", "2025-04,LOT", "2025-06,LOT")
        with pytest.raises(ProfitUnstated, match=r"LOT.*2025-03.*2025-04"):
            closed(sideways)

    def test_the_last_month_of_the_year_before_is_asked_for(self, sideways: Path):
        """What was in stock in April had been sold in March, and March says nothing of it."""
        lines = (sideways / "unrealised.csv").read_text("utf-8").splitlines()
        text = "\n".join([lines[0], *lines[2:], ""])
        (sideways / "unrealised.csv").write_text(text, "utf-8")
        with pytest.raises(ProfitUnstated, match=r"LOT.*2025-04.*2025-03"):
            closed(sideways)

    def test_the_rate_of_the_sale_has_to_be_there(self, sideways: Path):
        """A sale of January at its average, which nobody loaded."""
        edit(sideways, "unrealised.csv", "200.00,2025-03", "200.00,2025-01")
        with pytest.raises(MissingRate, match=r"2025-01"):
            closed(sideways)

    def test_what_was_sold_before_both_were_in_the_group_does_not_count(self, sideways: Path):
        """B came to the group in April: of March nothing is released."""
        described = read_group(sideways).group
        joined = tuple(
            replace(each, first_period="2025-04") if each.code == "B" else each
            for each in described.entities
        )
        (profit,) = profits_of(replace(described, entities=joined), Period(2025, 4))
        assert (profit.amount, profit.opening, profit.opening_cta) == (100_00, 0, 0)
