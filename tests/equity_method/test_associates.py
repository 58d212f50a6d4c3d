"""Associates told as a folder: golden figures, two years across nil, holders in any currency."""

import json
from pathlib import Path

import pytest

from monthclose.analysis.equity_checks import check_openings
from monthclose.consolidation.associate_figures import AssociateMonthMissing
from monthclose.consolidation.associate_months import AssociateOpening, AssociateShare
from monthclose.ledger.book import Book
from monthclose.ledger.money import parse_amount
from monthclose.wiring.folders import consolidate_folder
from tests.equity_method.folders import change, close, figures, months, rows, settings, write

CHART = """
code,name,class,role
1010,Cash,asset,
1300,Other assets,asset,
1750,Associates,asset,
3000,Share capital,share_capital,
3300,Retained earnings,retained_earnings,retained_earnings
3500,OCI of associates,oci,associate_oci
4000,Revenue,income,
4200,Dividend income,income,dividend_income
4400,Share of associates,income,associate_result
6000,Expenses,expense,
"""


def golden(folder: Path) -> Path:
    """G11: 30 percent of X in reais; the year's 2,000 come as 150 a month and 350 in December."""
    return write(
        folder,
        group=settings("USD", "2024-01"),
        chart=CHART,
        entities="code,name,currency,method\nP,Investor,USD,parent\nX,Associate X,BRL,equity",
        ownership="holder,investee,percent,from\nP,X,30,2023-12-31",
        rates=rows(
            "date,base,quote,value,kind",
            [
                "2023-12-31,USD,BRL,4.00,historical",
                "2023-12,USD,BRL,4.00,closing",
                *(f"{month},USD,BRL,5.00,average" for month in months(2024)),
                "2024-08-15,USD,BRL,4.80,historical",
                "2024-12,USD,BRL,6.25,closing",
            ],
        ),
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-X,P,X,2023-12-31,associate,4000.00,1750,1000.00,-12000.00",
        events="date,kind,entity,amount,holder,received\n"
        "2024-08-15,dividend,X,150.00,P,31.25\n2024-08-15,dividend,X,350.00,,",
        associates=rows(
            "period,entity,result",
            [*(f"{month},X,150.00" for month in months(2024, last=11)), "2024-12,X,350.00"],
        ),
        balances_2024_12="entity,account,closing\nP,1010,531.25\nP,1300,2000.00\nP,1750,1000.00\n"
        "P,3000,-3000.00\nP,3300,-400.00\nP,4000,-600.00\nP,4200,-31.25\nP,6000,500.00",
    )


def abroad(folder: Path) -> Path:
    """40 percent of X in dollars, bought for USD 1,000 at 5.00 by a parent in reais."""
    return write(
        folder,
        group=settings("BRL", "2024-01"),
        chart=CHART,
        entities="code,name,currency,method\nP,Parent,BRL,parent\nX,Abroad,USD,equity",
        ownership="holder,investee,percent,from\nP,X,40,2023-12-31",
        rates=rows(
            "date,base,quote,value,kind",
            [
                "2023-12,USD,BRL,5.00,closing",
                "2023-12-31,USD,BRL,5.00,historical",
                "2024-01,USD,BRL,5.10,average",
                *(f"{month},USD,BRL,5.20,average" for month in months(2024, first=2)),
                "2024-02,USD,BRL,5.25,closing",
                "2024-12,USD,BRL,6.00,closing",
                "2025-01,USD,BRL,6.20,average",
                "2025-02,USD,BRL,6.00,average",
                "2025-02-20,USD,BRL,6.10,historical",
                "2025-02,USD,BRL,6.30,closing",
            ],
        ),
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-X,P,X,2023-12-31,associate,1000.00,1750,5000.00,-2000.00",
        events="date,kind,entity,amount,holder,received\n2025-02-20,dividend,X,50.00,P,305.00",
        associates=rows(
            "period,entity,result",
            [
                "2024-01,X,-1000.00",
                "2024-02,X,-2000.00",
                *(f"{month},X,0.00" for month in months(2024, first=3)),
                "2025-01,X,800.00",
                "2025-02,X,500.00",
            ],
        ),
        balances_2024_02="entity,account,closing\nP,1010,20000.00\nP,1750,5000.00\nP,3000,-25000.00",
        balances_2024_12="entity,account,closing\nP,1010,20000.00\nP,1750,5000.00\nP,3000,-25000.00",
        balances_2025_02="entity,account,closing\nP,1010,20305.00\nP,1750,5000.00\n"
        "P,3000,-25000.00\nP,4200,-305.00",
    )


def check_golden(book: Book, shared: Path, case: str) -> None:
    """Every account and total of a golden case."""
    document = json.loads(next((shared / "golden").glob(f"{case}-*.json")).read_text("utf-8"))
    expected = document["expected"]["consolidated"]
    sheet = dict(zip(book.chart.codes, book.closed.tolist(), strict=True))
    assert {code: amount for code, amount in sheet.items() if amount} == {
        code: parse_amount(text) for code, text in expected["balance_sheet"].items()
    }
    for code, text in expected["income_statement"].items():
        assert book.figure(code) == parse_amount(text), code
    for name, text in expected["totals"].items():
        assert getattr(book.totals, name) == parse_amount(text), name


class TestGolden:
    def test_g11_from_dated_records(self, tmp_path, shared):
        """Twelve months of it: 11 x 45.00 and 105.00 at 5.00 are 120.00."""
        closed = close(golden(tmp_path), "2024-12")
        check_golden(closed.book, shared, "G11")
        document = json.loads(next((shared / "golden").glob("G11-*.json")).read_text("utf-8"))
        expected = document["expected"]["associates"]["X"]
        equity = closed.book.associates["X"]
        for name, actual in (
            ("goodwill_functional", equity.goodwill),
            ("share_of_result_functional", equity.share_of_result),
            ("carrying_functional", equity.carrying),
            ("dividends_functional", equity.dividends),
            ("share_of_result", equity.income),
            ("dividends", equity.received),
            ("carrying_amount", equity.carrying_presentation),
        ):
            assert actual == parse_amount(expected[name]), name
        assert equity.cta.movement == parse_amount(expected["cta"]["movement"])
        assert [(each.label, each.amount) for each in equity.proof.components] == [
            (each["label"], parse_amount(each["amount"]))
            for each in expected["cta_proof"]["components"]
        ]

    def test_a_holder_in_the_associates_currency_carries_it_at_the_same_amount(self, tmp_path):
        """
        P keeps its books in reais: 4,000.00 at cost, and 150.00 of dividends at 4.80.

        The carrying amount is still 4,450.00 at 6.25 = 712.00, the share of the result
        120.00; what P's own translation made of the cost (4,000 / 6.25 = 640.00) is gone.
        """
        folder = golden(tmp_path)
        change(
            folder,
            "rates.csv",
            "2024-12,USD,BRL,6.25,closing",
            "\n".join(
                [
                    *(f"{month},USD,BRL,5.00,closing" for month in months(2024, last=11)),
                    "2024-12,USD,BRL,6.25,closing",
                ]
            ),
        )
        write(
            folder,
            entities="code,name,currency,method\nP,Investor,BRL,parent\nX,Associate X,BRL,equity",
            acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
            "share_capital\nACQ-X,P,X,2023-12-31,associate,4000.00,1750,4000.00,-12000.00",
            events="date,kind,entity,amount,holder\n2024-08-15,dividend,X,150.00,P\n"
            "2024-08-15,dividend,X,350.00,",
            openings="entity,account,functional,translated\nP,3000,-9000.00,-2250.00\nP,3400,,0.00",
            **{
                f"balances_{month.replace('-', '_')}": "entity,account,closing\n"
                "P,1010,5000.00\nP,1750,4000.00\nP,3000,-9000.00"
                for month in months(2024, last=7)
            },
            **{
                f"balances_{month.replace('-', '_')}": "entity,account,closing\n"
                "P,1010,5150.00\nP,1750,4000.00\nP,3000,-9000.00\nP,4200,-150.00"
                for month in months(2024, first=8)
            },
        )
        book = close(folder, "2024-12").book
        assert figures_of(book, "1750", "4400", "4200") == [712_00, -120_00, 0]
        # cash 5,150 / 6.25 = 824.00, and the associate: equity is 1,536.00 of 2,250 + 120
        assert book.totals.total_equity == 1536_00
        assert book.totals.oci_cta == 1536_00 - 2250_00 - 120_00


def figures_of(book: Book, *accounts: str) -> list[int]:
    """Accounts before closing."""
    return [book.figure(account) for account in accounts]


class TestTwoYears:
    def test_losses_stop_at_nil(self, tmp_path):
        """
        January: 40 % of -1,000 is -400 at 5.10 = -2,040.00.

        February: -800, of which 600 were left: -600 at 5.20 = -3,120.00, and 200
        stay off the books. Nothing is carried, so the CTA is 5,160.00 - 5,000.00 = 160.00,
        which at 6.00 is 1,000 x 1.00 - 400 x 0.90 - 600 x 0.80.
        """
        closed = close(abroad(tmp_path), "2024-12")
        equity = closed.book.associates["X"]
        assert (equity.carrying, equity.losses, equity.recognised) == (0, 200_00, -1000_00)
        assert figures(closed, "1750", "4400", "3400") == [0, 5160_00, -160_00]
        assert equity.proof.total == 160_00

    def test_a_recovery_makes_up_for_them_first(self, tmp_path):
        """
        January 2025: 320 less the 200 of before is 120 at 6.20 = 744.00.

        February: 200 at 6.00 = 1,200.00, and 50 of dividends at 6.10 = 305.00
        come off. 270 at 6.30 are 1,701.00.

        CTA: 120 x 0.10 + 200 x 0.30 - 50 x 0.20 = 62.00 on top of 160.00.
        """
        folder = abroad(tmp_path)
        closed = close(folder, "2025-02")
        equity = closed.book.associates["X"]
        assert (equity.carrying, equity.losses, equity.recognised) == (270_00, 0, 320_00)
        assert figures(closed, "1750", "4400", "4200") == [1701_00, -1944_00, 0]
        assert (equity.cta.opening, equity.cta.movement) == (160_00, 62_00)
        assert equity.opening_result == -5160_00
        assert closed.book.figure("3300") == 5160_00

    def test_the_year_opens_with_what_the_last_one_left(self, tmp_path):
        """V4 compares every opening with the close of December: nothing differs."""
        folder = abroad(tmp_path)
        december, february = close(folder, "2024-12").book, close(folder, "2025-02").book
        left = december.left()
        assert "X" in {each.entity for each in left.positions}
        result = check_openings(february, left)
        assert result.passed
        assert result.tested >= 160_00 + 5160_00

    def test_or_with_what_is_loaded(self, tmp_path):
        """
        The same February from openings alone: nothing carried, 200.00 not recognised.

        The CTA is 160.00; the result since acquisition is what is left of 5,000.00.
        """
        folder = abroad(tmp_path)
        change(folder, "group.toml", "2024-01", "2025-01")
        write(
            folder,
            openings="entity,account,functional,translated\nX,1750,-200.00,0.00\nX,3400,,-160.00",
        )
        (folder / "balances" / "2024-02.csv").unlink()
        (folder / "balances" / "2024-12.csv").unlink()
        closed = close(folder, "2025-02")
        equity = closed.book.associates["X"]
        assert figures(closed, "1750", "4400", "3300") == [1701_00, -1944_00, 5160_00]
        assert (equity.cta.opening, equity.cta.movement) == (160_00, 62_00)


def stages(folder: Path) -> Path:
    """20 percent of X on 10 January for 100, 10 more on 1 March for 60; all in reais."""
    return write(
        folder,
        group=settings("BRL", "2025-01"),
        chart=CHART,
        entities="code,name,currency,method\nP,Parent,BRL,parent\nX,Near,BRL,equity",
        ownership="holder,investee,percent,from\nP,X,20,2025-01-10\nP,X,30,2025-03-01",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nONE,P,X,2025-01-10,associate,100,1750,100,-400\n"
        "TWO,P,X,2025-03-01,associate,60,1750,60,-500",
        associates="period,entity,result\n2025-01,X,50\n2025-02,X,0\n2025-03,X,100",
        balances_2025_02="entity,account,closing\nP,1010,900\nP,1750,100\nP,3000,-1000",
        balances_2025_03="entity,account,closing\nP,1010,840\nP,1750,160\nP,3000,-1000",
    )


class TestStages:
    def test_each_month_at_the_share_of_its_time(self, tmp_path):
        """
        Since 10 January 50: 20 % are 10.00; March 100: 30 % are 30.00, with 60.00 more paid.

        Goodwill: 100 - 20 % of 400, and 60 - 10 % of 500: 20.00 + 10.00.
        """
        folder = stages(tmp_path)
        assert figures(close(folder, "2025-02"), "1750", "4400") == [110_00, -10_00]
        closed = close(folder, "2025-03")
        assert figures(closed, "1750", "4400") == [200_00, -40_00]
        assert closed.book.associates["X"].goodwill == 30_00

    def test_a_second_purchase_within_a_month_is_refused(self, tmp_path):
        """What March earned before the 15th would be shared at 30 percent."""
        folder = stages(tmp_path)
        change(folder, "ownership.csv", "2025-03-01", "2025-03-15")
        change(folder, "acquisitions.csv", "2025-03-01", "2025-03-15")
        with pytest.raises(AssociateShare, match="2025-03-15"):
            close(folder, "2025-03")


class TestDividends:
    def test_one_that_the_holder_did_not_book_is_a_warning(self, tmp_path):
        """31.25 leave the income account, which holds nothing: W5 says so."""
        folder = golden(tmp_path)
        change(folder, "balances/2024-12.csv", "P,4200,-31.25\n", "")
        change(folder, "balances/2024-12.csv", "P,1010,531.25", "P,1010,500.00")
        found = consolidate_folder(folder, "2024-12").validation.findings
        assert [
            (each.check, each.expected, each.actual) for each in found if each.check == "W5"
        ] == [("W5", 31_25, 0)]


class TestRefusals:
    def test_a_month_that_nothing_says(self, tmp_path):
        folder = abroad(tmp_path)
        change(folder, "associates.csv", "2024-07,X,0.00\n", "")
        with pytest.raises(AssociateMonthMissing, match="2024-07"):
            close(folder, "2024-12")

    def test_a_past_that_nothing_says(self, tmp_path):
        folder = abroad(tmp_path)
        change(folder, "group.toml", "2024-01", "2025-01")
        with pytest.raises(AssociateOpening, match="1750"):
            close(folder, "2025-02")

    def test_a_share_that_falls(self, tmp_path):
        folder = abroad(tmp_path)
        change(folder, "ownership.csv", "P,X,40,2023-12-31", "P,X,40,2023-12-31\nP,X,30,2024-07-01")
        with pytest.raises(AssociateShare, match=r"40 % to 30 %"):
            close(folder, "2024-12")
        close(folder, "2024-02")  # the months before stand
