"""Tables on what a close does beside the books: every mistake named, everything written back."""

from pathlib import Path

import pytest

from monthclose.groupfolder import read_group, write_group
from tests.consolidation import test_beside_books_years as years
from tests.consolidation import test_unrealised_months as stock
from tests.groupfolder.folders import add, edit, places, put


class TestUnrealised:
    LOT = "2025-05,NEW,A,B,1200,5000,1.00,2025-05,1.00,,,,,"

    @pytest.mark.parametrize(
        ("was", "now", "column", "code"),
        [
            ("A,B,", "A,A,", "buyer", "partner-itself"),
            ("2025-05,NEW,A,B", "2025-06,LOT,B,A", "id", "id-other-pair"),
            ("1.00,2025-05", "1.00,2025-06", "sold", "sold-later"),
            ("1.00,2025-05", "1.00,2025-05-32", "sold", "date-unreadable"),
            ("2025-05,1.00", "2025-05,", "buyer_profit", "value-needed"),
            ("1200,5000", "5000,5000", "asset_account", "account-class"),
            ("1200,5000", "1200,1010", "cost_account", "account-class"),
            ("5000,1.00", "5000,-1.00", "profit", "amount-negative"),
            ("1.00,,,,,", "1.00,34,,6910,,", "tax_asset_account", "value-needed"),
            ("1.00,,,,,", "1.00,34,1800,,,", "tax_account", "value-needed"),
            ("1.00,,,,,", "1.00,,,,5.00,", "revenue_account", "value-needed"),
        ],
    )
    def test_a_mistake_is_named(self, was: str, now: str, column: str, code: str, tmp_path: Path):
        folder = stock.told(tmp_path / "g")
        assert self.LOT.count(was) == 1
        add(folder, "unrealised.csv", self.LOT.replace(was, now))
        assert places(folder) == [("unrealised.csv", 5, column, code)]

    def test_a_lot_of_one_currency_needs_its_profit_once(self, tmp_path: Path):
        """B sells to itself nothing; to a company in pesos too the profit is the same."""
        folder = stock.told(tmp_path / "g")
        edit(folder, "entities.csv", "A,Seller,BRL", "A,Seller,MXN")
        lines = (folder / "unrealised.csv").read_text("utf-8").splitlines()
        put(folder, "unrealised.csv", "\n".join([lines[0], self.LOT.replace("05,1.00", "05,")]))
        (read,) = read_group(folder).group.unrealised
        assert (read.amount, read.buyer_amount, read.currency) == (1_00, 1_00, "MXN")


class TestLoans:
    @pytest.mark.parametrize(
        ("file", "line", "column", "code"),
        [
            ("loans.csv", "L2,S,S,4300,2025-03-01", "partner", "partner-itself"),
            ("loans.csv", "L2,S,P,1010,2025-03-01", "account", "account-class"),
            ("loans.csv", "LOAN,S,P,4300,2025-03-01", "id", "key-twice"),
            ("exchange_differences.csv", "2025-02,OTHER,S,1.00", "loan", "loan-unknown"),
            ("exchange_differences.csv", "2025-01,LOAN,S,1.00", "period", "exchange-before"),
            ("exchange_differences.csv", "2026-05,LOAN,P,1.00", "entity", "loan-other-entity"),
        ],
    )
    def test_a_mistake_is_named(self, file: str, line: str, column: str, code: str, tmp_path: Path):
        folder = years.told(tmp_path / "g")
        rows = len((folder / file).read_text("utf-8").splitlines()) + 1
        add(folder, file, line)
        assert places(folder) == [(file, rows, column, code)]

    def test_a_loan_in_doubt_is_not_called_unknown(self, tmp_path: Path):
        """Its own row is wrong, which is said; its months are not wrong because of it."""
        folder = years.told(tmp_path / "g")
        edit(folder, "loans.csv", "2025-02-15", "2025-02-30")
        assert places(folder) == [("loans.csv", 2, "from", "date-unreadable")]


class TestCorrections:
    @pytest.mark.parametrize(
        ("line", "column", "code"),
        [
            ("S,3000,1.00,2025-03,2025-05,", "account", "account-class"),
            ("S,3300,1.00,2025-04,2025-05,", "origin", "origin-current"),
            ("S,3300,1.00,2026,2025-05,", "origin", "origin-current"),
            ("S,3300,1.00,25,2025-05,", "origin", "month-unreadable"),
            ("S,3300,1.00,1999,2025-05,", "origin", "month-unreadable"),
            ("S,3300,1.00,2025-03,2025-05,", "entity", "key-twice"),
        ],
    )
    def test_a_mistake_is_named(self, line: str, column: str, code: str, tmp_path: Path):
        """The fiscal year 2026 begins in April 2025."""
        folder = years.told(tmp_path / "g", corrected=True)
        add(folder, "corrections.csv", line)
        assert places(folder) == [("corrections.csv", 3, column, code)]

    def test_without_an_account_it_is_retained_earnings(self, tmp_path: Path):
        folder = years.told(tmp_path / "g", corrected=True)
        edit(folder, "corrections.csv", "S,3300,30.00", "S,,30.00")
        (read,) = read_group(folder).group.corrections
        assert read.account == "3300"


class TestWritten:
    def test_what_is_written_reads_back_the_same(self, tmp_path: Path):
        names = ("unrealised", "loans", "exchange", "corrections")
        told = (stock.told(tmp_path / "a"), years.told(tmp_path / "b", corrected=True))
        for number, folder in enumerate(told):
            first = read_group(folder)
            write_group(tmp_path / str(number), first.group, first.balances)
            again = read_group(tmp_path / str(number)).group
            for name in names:
                assert getattr(again, name) == getattr(first.group, name)
        assert read_group(told[0]).group.unrealised
        assert read_group(told[1]).group.corrections
