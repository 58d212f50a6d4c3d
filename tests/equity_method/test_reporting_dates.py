"""An associate with an earlier reporting date (IAS 28.33-34)."""

import json
from pathlib import Path

from monthclose.ledger.money import parse_amount
from tests.equity_method.folders import change, close, figures, months, rows, write
from tests.equity_method.test_associates import check_golden, golden


def late(folder: Path) -> Path:
    """
    G11 with X three months behind: its months of 2024 are April 2024 to March 2025 of the group.

    The group's year ends in March. It bought X before, which opens at 4,000.00 and 1,000.00.
    Of 2025 no rate is loaded.
    """
    told = golden(folder)
    settings = 'presentation_currency = "USD"\nfirst_period = "2024-'
    change(told, "group.toml", f'{settings}01"', f'{settings}04"\nfiscal_year_end = 3')
    of_group = [*months(2024, 4), *months(2025, last=3)]
    return write(
        told,
        entities="code,name,currency,method,reporting_lag\nP,Investor,USD,parent,\n"
        "X,Associate X,BRL,equity,3",
        associates=rows(
            "period,entity,result",
            [*(f"{month},X,150.00" for month in of_group[:11]), "2025-03,X,350.00"],
        ),
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-X,P,X,2023-06-30,associate,4000.00,1750,1000.00,-12000.00",
        ownership="holder,investee,percent,from\nP,X,30,2023-06-30",
        openings="entity,account,functional,translated\nX,1750,4000.00,1000.00\nX,3400,,0.00",
        rates=(told / "rates.csv").read_text("utf-8") + "2023-06-30,USD,BRL,4.00,historical\n",
        balances_2025_03=(told / "balances" / "2024-12.csv").read_text("utf-8"),
    )


def test_the_figures_of_g11_at_the_rates_of_its_own_months(tmp_path, shared):
    """The dividend of 15 August is on its day; the rest comes three months later."""
    folder = late(tmp_path)
    (folder / "balances" / "2024-12.csv").unlink()
    closed = close(folder, "2025-03")
    check_golden(closed.book, shared, "G11")
    document = json.loads(next((shared / "golden").glob("G11-*.json")).read_text("utf-8"))
    expected = document["expected"]["associates"]["X"]
    equity = closed.book.associates["X"]
    assert equity.income == parse_amount(expected["share_of_result"])
    assert equity.carrying_presentation == parse_amount(expected["carrying_amount"])
    assert equity.cta.movement == equity.proof.total == parse_amount(expected["cta"]["movement"])
    assert {code: str(on) for code, on in closed.book.reporting_dates.items()} == {
        "X": "2024-12-31"
    }


def balance(month: int, paid: bool) -> str:
    """What P and X hand in for a month of 2024, X three months behind: 150.00 a month."""
    earned, out = 150 * max(month - 6, 0), 500 if month >= 11 else 0
    cash, income = (31.25, -31.25) if paid else (0, 0)
    return (
        f"entity,account,closing\nP,1010,{500 + cash:.2f}\nP,1300,2000.00\nP,1750,1000.00\n"
        f"P,3000,-3000.00\nP,3300,-500.00\nP,4200,{income:.2f}\n"
        f"X,1010,{12000 + earned - out}.00\nX,3000,-12000.00\n"
        f"X,4000,-{earned}.00\nX,3350,{out}.00"
    )


def test_a_dividend_between_the_dates_is_no_difference_of_its_balances(tmp_path):
    """
    X sends balances: those of August 2024 come with November, and first show the dividend.

    By August of the group X has earned 300.00 of which P 90.00; less 150.00 received.
    """
    folder = golden(tmp_path)
    change(folder, "group.toml", 'first_period = "2024-01"', 'first_period = "2024-07"')
    (folder / "associates.csv").unlink()
    (folder / "balances" / "2024-12.csv").unlink()
    write(
        folder,
        entities="code,name,currency,method,reporting_lag,year_end\nP,Investor,USD,parent,,\n"
        "X,Associate X,BRL,equity,3,9",
        chart=(folder / "chart.csv").read_text("utf-8")
        + "3350,Dividends,dividends,dividends\n1990,Between,asset,difference_position\n",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-X,P,X,2023-06-30,associate,4000.00,1750,1000.00,-12000.00",
        ownership="holder,investee,percent,from\nP,X,30,2023-06-30",
        openings="entity,account,functional,translated\nX,1750,4000.00,1000.00\nX,3400,,0.00",
        rates=(folder / "rates.csv").read_text("utf-8")
        + "2023-06-30,USD,BRL,4.00,historical\n2024-03,USD,BRL,4.00,closing\n"
        + "".join(f"2024-{month:02d},USD,BRL,5.00,closing\n" for month in range(4, 10)),
        balances_2024_06=balance(6, paid=False),
        balances_2024_07=balance(7, paid=False),
        balances_2024_08=balance(8, paid=True),
        balances_2024_09=balance(9, paid=True),
        balances_2024_10=balance(10, paid=True),
        balances_2024_11=balance(11, paid=True),
    )
    for month, earned in (("2024-08", 90), ("2024-11", 225)):
        closed = close(folder, month)
        equity = closed.book.associates["X"]
        assert (equity.share_of_result, equity.dividends) == (earned * 100, 150_00)
        assert figures(closed, "1750") == [equity.carrying_presentation]
