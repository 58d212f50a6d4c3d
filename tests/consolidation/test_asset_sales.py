"""Profit in an asset sold within the group: made as the buyer depreciates it."""

from pathlib import Path

import pytest

from monthclose.analysis.lineage import explain
from monthclose.analysis.rate_checks import check_rates
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.book import Book
from monthclose.ledger.money import plain
from monthclose.reports.rates_used import quotes_used
from monthclose.rules import builtin
from tests.consolidation import test_unrealised_months as stock
from tests.groupfolder.folders import add, edit, places, put
from tests.groupfolder.told import balances, books, closed, entry

ACCOUNTS = """1400,Machines,asset,
1405,Accumulated depreciation,asset,
4800,Other gains,income,
6200,Depreciation,expense,
"""
SALE = """id,date,seller,buyer,profit,buyer_profit,life,first_charge,gone,gain_account,\
asset_account,accumulated_account,expense_account,tax_rate,tax_asset_account,tax_account
M-1,2025-03-10,A,B,200.00,480.00,4,2025-04,,4800,1400,1405,6200,30,1800,6910
"""
OF_A = {
    "2025-02": {"1010": "700", "1400": "300", "3000": "-1000"},
    "2025-03": {"1010": "1200", "3000": "-1000", "4800": "-200"},
    "2025-04": {"1010": "1300", "3000": "-1000", "3300": "-200", "4000": "-100"},
    "2025-05": {"1010": "1400", "3000": "-1000", "3300": "-200", "4000": "-200"},
}
OF_B = {
    "2025-02": {"1010": "2000", "3000": "-2000"},
    "2025-03": {"1010": "800", "1400": "1200", "3000": "-2000"},
    "2025-04": {"1010": "800", "1400": "1200", "1405": "-300", "3000": "-2000", "6200": "300"},
    "2025-05": {"1010": "800", "1400": "1200", "1405": "-600", "3000": "-2000", "6200": "600"},
}


def told(folder: Path, of_b: dict[str, dict[str, str]] = OF_B, gone: str = "") -> Path:
    """A sells B a machine in March, the last month of their year; four months are left of it."""
    stock.told(folder)
    (folder / "unrealised.csv").unlink()
    for file in (folder / "balances").iterdir():
        file.unlink()
    text = balances(books("P", dict.fromkeys(OF_A, stock.OF_P)), books("A", OF_A), books("B", of_b))
    for period in OF_A:
        rows = [row.split(",", 1)[1] for row in text.splitlines() if row.startswith(period)]
        put(folder, f"balances/{period}.csv", "\n".join(["entity,account,closing", *rows, ""]))
    add(folder, "chart.csv", ACCOUNTS.strip())
    add(folder, "rates.csv", "2025-03-10,BRL,USD,0.22,historical")
    put(folder, "asset_sales.csv", SALE.replace("2025-04,,", f"2025-04,{gone},"))
    return folder


def amounts(book: Book, *accounts: str) -> list[str]:
    """What accounts hold, debit positive."""
    return [plain(book.figure(account)) for account in accounts]


class TestAssetSale:
    """
    A gains 200.00 reais on 10 March: 44.00 at 0.22. In B's cost they are 480.00 pesos.

    B depreciates from April on: each month a quarter, 50.00 reais, 11.00 at the rate of the
    sale. What is left in its books takes the closing rate; tax is 30 %.
    """

    def test_in_the_year_of_the_sale_the_gain_goes_out(self, tmp_path: Path):
        book = closed(told(tmp_path / "g"))["2025-03"]
        assert entry(book, "UP-GAIN-M-1") == {"4800": "44.00", "6200": "-44.00"}
        assert entry(book, "UP-CLOSE-M-1") == {
            "6200": "44.00",
            "1400": "-38.40",
            "3400": "-5.60",
            "1800": "13.20",
            "6910": "-13.20",
        }
        assert amounts(book, "4800", "6200", "1400") == ["0.00", "0.00", "57.60"]

    def test_depreciation_makes_it_month_by_month(self, tmp_path: Path):
        """
        April: 150.00 reais are left, 33.00; 360.00 pesos, 32.40 at 0.09; 120.00 charged, 10.80.

        B's 300.00 pesos of depreciation, 25.50 at 0.085, fall by 11.00. A's outsiders share
        in 21.00 of its own and in 7.70, 11.00 less tax: 25 % of 28.70 is 7.18 (7.175).
        """
        made = closed(told(tmp_path / "g"))
        book = made["2025-04"]
        assert entry(book, "UP-OPEN-M-1") == {"3300": "30.80", "6910": "13.20", "6200": "-44.00"}
        assert entry(book, "UP-CLOSE-M-1") == {
            "6200": "33.00",
            "1400": "-43.20",
            "1405": "10.80",
            "3400": "-0.60",
            "1800": "9.90",
            "6910": "-9.90",
        }
        assert amounts(book, "6200", "1400", "1405") == ["14.50", "64.80", "-16.20"]
        assert stock.bears(book, "A")[1] == "7.18"
        for code in ("A", "B"):
            assert book.nci[code].opening == made["2025-03"].nci[code].closing

    def test_what_is_left_is_made_when_the_asset_is_gone(self, tmp_path: Path):
        """B sells it in May: two months were 22.00 of depreciation, 22.00 become a gain."""
        sold = OF_B | {"2025-05": {"1010": "1400", "3000": "-2000", "6200": "600"}}
        book = closed(told(tmp_path / "g", sold, "2025-05-20"))["2025-05"]
        assert entry(book, "UP-GAIN-M-1") == {"4800": "-22.00", "6200": "22.00"}
        assert entry(book, "UP-OPEN-M-1")["6200"] == "-44.00"
        assert amounts(book, "4800", "1400", "1405", "1800") == ["-22.00", "0.00", "0.00", "0.00"]

    @pytest.mark.parametrize("account", ["6200", "1400", "1405", "1800", "6910", "3400"])
    def test_every_line_goes_down_to_the_record(self, account: str, tmp_path: Path):
        book = closed(told(tmp_path / "g"))["2025-04"]
        lines = [
            node
            for entry_node in explain(book, account).walk()
            if entry_node.kind == "entry" and entry_node.facts["reference"] == "M-1"
            for node in entry_node.children
        ]
        assert lines
        for line in lines:
            leaves = {leaf.kind for leaf in line.walk() if not leaf.children}
            assert leaves <= {"record", "rounding"}

    def test_land_is_a_gain_when_it_is_gone_and_nothing_before(self, tmp_path: Path):
        """Never depreciated: 44.00 stay out of the gains, and are one in May."""
        folder = told(tmp_path / "g", gone="2025-05-20")
        edit(folder, "asset_sales.csv", ",4,2025-04", ",,")
        edit(folder, "asset_sales.csv", "1400,1405,6200", "1400,,")
        made = closed(folder)
        gains = {month: plain(book.figure("4800")) for month, book in made.items()}
        assert gains == {
            "2025-02": "0.00",
            "2025-03": "0.00",
            "2025-04": "0.00",
            "2025-05": "-44.00",
        }

    def test_an_id_of_stock_is_refused(self, tmp_path: Path):
        folder = told(tmp_path / "g")
        put(folder, "unrealised.csv", stock.STOCK.replace("LOT", "M-1"))
        assert places(folder) == [("asset_sales.csv", 2, "id", "id-of-stock")]

    def test_what_is_written_reads_back_the_same(self, tmp_path: Path):
        first = read_group(told(tmp_path / "g", gone="2025-05-20"))
        write_group(tmp_path / "two", first.group, first.balances)
        assert read_group(tmp_path / "two").group.asset_sales == first.group.asset_sales != ()

    @pytest.mark.parametrize(
        ("was", "now", "column", "code"),
        [
            ("A,B,", "A,A,", "buyer", "partner-itself"),
            ("480.00", "", "buyer_profit", "value-needed"),
            (",4,2025-04", ",,2025-04", "accumulated_account", "value-unexpected"),
            ("2025-04,,", "2025-02,,", "first_charge", "before-sale"),
            ("2025-04,,", "2025-04,2025-02-01,", "gone", "before-sale"),
            ("4800,1400", "1400,1400", "gain_account", "account-class"),
            ("1405,6200", "1405,", "expense_account", "value-needed"),
            ("6910", "", "tax_account", "value-needed"),
        ],
    )
    def test_a_mistake_is_named(self, was: str, now: str, column: str, code: str, tmp_path: Path):
        folder = told(tmp_path / "g")
        edit(folder, "asset_sales.csv", was, now)
        assert ("asset_sales.csv", 2, column, code) in places(folder)


class TestRates:
    def test_every_rate_of_a_sale_is_listed_with_its_company(self, tmp_path: Path):
        """The average of March at which stock was sold is none of April's own rates."""
        (tmp_path / "a").mkdir()
        book = closed(stock.told(tmp_path / "a" / "g"))["2025-04"]
        used = {(each.quote.on, each.quote.value): each.entities for each in quotes_used(book)}
        assert used["2025-03", "0.22"] == ("A",)

    def test_the_rate_of_another_day_is_stale(self, tmp_path: Path):
        """The sale was on 10 March, and the last rate before it is of 1 February."""
        folder = told(tmp_path / "g")
        edit(folder, "rates.csv", "2025-03-10,BRL,USD,0.22,historical", "2025-02-01,BRL,USD,0.22,")
        found = check_rates(closed(folder, clean=False)["2025-03"], builtin()).findings
        assert ("rate-stale", "M-1") in {(each.code, each.subject) for each in found}
