"""Equity pick-up told as a folder: the golden case, two subsidiaries over six months, parity."""

from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.consolidation.pickup_months import (
    PickupTranslated,
    PickupUnexplained,
)
from monthclose.ledger.events import Reattribution
from monthclose.ledger.parity import parity_of
from monthclose.wiring.folders import consolidate_folder
from tests.equity_method.folders import change, close, figures, months, rows, settings, write
from tests.equity_method.test_associates import check_golden

CHART = """
code,name,class,role
1010,Cash,asset,
1100,Receivables,asset,
1300,Other assets,asset,
1400,PPE,asset,
1700,Investments,asset,
2010,Payables,liability,
2200,Other liabilities,liability,
3000,Share capital,share_capital,
3300,Retained earnings,retained_earnings,retained_earnings
3350,Dividends,dividends,dividends
3600,Translation reserve,oci,translation_reserve
4000,Revenue,income,
4410,Equity pick-up,income,equity_pickup
6000,Expenses,expense,
"""


def golden(folder: Path) -> Path:
    """G17: half of the year's results come in June, the other half in December."""
    tables = {}
    for month in months(2024):
        half = 0 if month < "2024-06" else 1 if month < "2024-12" else 2
        paid = month >= "2024-04"
        tables[f"balances_{month.replace('-', '_')}"] = rows(
            "entity,account,closing",
            [
                f"P,1010,{664000 - 90000 + 45000 * half - (0 if paid else 24000)}",
                "P,1300,450000",
                f"P,1700,{400000 + 120000 + 40000 * half - (24000 if paid else 0)}",
                "P,2200,-200000",
                "P,3000,-1000000",
                "P,3300,-320000",
                f"P,4000,{-350000 * half}",
                f"P,4410,{-40000 * half}",
                f"P,6000,{305000 * half}",
                f"S,1010,{180000 - 100000 + 50000 * half + (0 if paid else 30000)}",
                "S,1100,290000",
                "S,1400,420000",
                "S,2010,-170000",
                "S,3000,-500000",
                "S,3300,-150000",
                f"S,3350,{30000 if paid else 0}",
                f"S,4000,{-300000 * half}",
                f"S,6000,{250000 * half}",
            ],
        )
    return write(
        folder,
        group=settings("USD", "2024-01"),
        chart=CHART,
        entities="code,name,currency,method\nP,Parent,BRL,parent\nS,Subsidiary,BRL,full",
        ownership="holder,investee,percent,from\nP,S,80,2019-01-02",
        rates=rows(
            "date,base,quote,value,kind",
            [
                "2019-01-02,BRL,USD,0.25,historical",
                "2023-12,BRL,USD,0.21,closing",
                *(f"{month},BRL,USD,0.19,average" for month in months(2024)),
                *(f"{month},BRL,USD,0.19,closing" for month in months(2024, last=11)),
                "2024-04-30,BRL,USD,0.195,historical",
                "2024-12,BRL,USD,0.16,closing",
            ],
        ),
        openings="entity,account,functional,translated\n"
        "P,3000,-1000000,-250000\nP,3300,-320000,-64000\nP,3400,,36800\n"
        "S,3000,-500000,-125000\nS,3300,-150000,-30000\nS,3400,,18500",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "nci,nci_percent,share_capital\n"
        "ACQ-S,P,S,2019-01-02,formation,400000,1700,400000,proportionate,20,-500000",
        events="date,kind,entity,amount,holder\n"
        "2024-04-30,dividend,S,24000,P\n2024-04-30,dividend,S,6000,",
        pickups="period,holder,acquisition,amount,translated\n"
        "2023-12,P,ACQ-S,120000,24000\n2024-06,P,ACQ-S,40000,\n2024-12,P,ACQ-S,40000,",
        **tables,
    )


class TestGolden:
    def test_g17_from_dated_records(self, tmp_path, shared):
        """80,000 at 0.19 leave the result, 24,000.00 retained earnings: every figure is golden."""
        closed = close(golden(tmp_path), "2024-12")
        check_golden(closed.book, shared, "G17")
        entry = next(each for each in closed.book.entries if each.id == "MEP-ACQ-S")
        assert [(each.account, each.amount) for each in entry.lines] == [
            ("1700", 7840_00),
            ("4410", 15200_00),
            ("3300", 24000_00),
            ("4200", -4680_00),
            ("3400", -42360_00),
        ]

    def test_the_owners_have_what_the_parents_books_say(self, tmp_path):
        """238,400.00 of net assets, 32,300.00 of profit, a CTA of -107,900.00 on both roads."""
        book = close(golden(tmp_path), "2024-12").book
        assert [(each.figure, each.separate, each.group) for each in parity_of(book)] == [
            ("net_assets", 238400_00, 238400_00),
            ("profit", 32300_00, 32300_00),
            ("cta", -107900_00, -107900_00),
        ]

    def test_the_month_before_the_dividend_stands_too(self, tmp_path):
        book = close(golden(tmp_path), "2024-03").book
        assert figures_of(book) == [0, 0, 0]
        assert not any(each.difference for each in parity_of(book))


def figures_of(book):
    """What must be gone: investment, equity pick-up, dividend income."""
    return [book.figure(account) for account in ("1700", "4410", "4200")]


SIX = ["2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03"]


def two(folder: Path) -> Path:
    """
    P in reais founds A (all of it, 300) and B (60 of 100 percent, 60) on 1 October at 0.20.

    A earns 100 a month and B 50, so P picks up 100 and 30; B pays 40 on 10 February.
    """
    tables = {}
    for number, month in enumerate(SIX, start=1):
        earlier, now = (0, number) if number <= 3 else (3, number - 3)
        paid = number >= 5
        tables[f"balances_{month.replace('-', '_')}"] = rows(
            "entity,account,closing",
            [
                f"P,1010,{664 if paid else 640}",
                f"P,1700,{360 + 130 * number - (24 if paid else 0)}",
                "P,3000,-1000",
                f"P,3300,{-130 * earlier}",
                f"P,4410,{-130 * now}",
                f"A,1010,{300 + 100 * number}",
                "A,3000,-300",
                f"A,3300,{-100 * earlier}",
                f"A,4000,{-100 * now}",
                f"B,1010,{100 + 50 * number - (40 if paid else 0)}",
                "B,3000,-100",
                f"B,3300,{-50 * earlier}",
                f"B,3350,{40 if paid else 0}",
                f"B,4000,{-50 * now}",
            ],
        )
    average = ("0.19", "0.21", "0.20", "0.22", "0.18", "0.17")
    closing = ("0.20", "0.22", "0.25", "0.20", "0.19", "0.16")
    return write(
        folder,
        group=settings("USD", "2024-10"),
        chart=CHART,
        entities="code,name,currency,method,first_period\nP,Parent,BRL,parent,2024-10\n"
        "A,All,BRL,full,2024-10\nB,Part,BRL,full,2024-10",
        ownership="holder,investee,percent,from\nP,A,100,2024-10-01\nP,B,60,2024-10-01",
        rates=rows(
            "date,base,quote,value,kind",
            [
                "2024-10-01,BRL,USD,0.20,historical",
                "2024-09,BRL,USD,0.20,closing",
                "2025-02-10,BRL,USD,0.21,historical",
                *(f"{m},BRL,USD,{rate},average" for m, rate in zip(SIX, average, strict=True)),
                *(f"{m},BRL,USD,{rate},closing" for m, rate in zip(SIX, closing, strict=True)),
            ],
        ),
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "nci,nci_percent,share_capital\nACQ-A,P,A,2024-10-01,formation,300,1700,300,,,-300\n"
        "ACQ-B,P,B,2024-10-01,formation,60,1700,60,proportionate,40,-100",
        events="date,kind,entity,account,amount,holder\n2024-10-01,contribution,P,3000,1000,\n"
        "2025-02-10,dividend,B,,24,P\n2025-02-10,dividend,B,,16,",
        pickups=rows(
            "period,holder,acquisition,amount",
            [
                f"{month},P,ACQ-{code},{100 if code == 'A' else 30}"
                for month in SIX
                for code in "AB"
            ],
        ),
        **tables,
    )


class TestSixMonths:
    def test_every_month_ties_and_opens_with_the_one_before(self, tmp_path):
        """Nothing under equity pick-up stays, and parity holds to the cent."""
        folder, last = two(tmp_path), None
        for month in SIX:
            closed = consolidate_folder(folder, month)
            validation = validate(closed.book, last)
            assert [each.said("en") for each in validation.blocking] == []
            assert figures(closed, "1700", "4410", "4200") == [0, 0, 0]
            assert [each.difference for each in parity_of(closed.book)] == [0, 0, 0]
            last = closed.book.left()

    def test_december_by_hand(self, tmp_path):
        """
        The owners' profit: (100 + 30) x (0.19 + 0.21 + 0.20) = 78.00, outsiders' 20 x 0.60.

        Net assets: 1,000 + 390 = 1,390 at 0.25 = 347.50; outsiders 40 % of 250 at 0.25.
        """
        totals = consolidate_folder(two(tmp_path), "2024-12").book.totals
        assert (totals.net_income_parent, totals.net_income_nci) == (78_00, 12_00)
        assert totals.equity_attributable_to_parent == 347_50
        assert totals.non_controlling_interests == 25_00

    def test_march_by_hand(self, tmp_path):
        """
        The new year: 130 x (0.22 + 0.18 + 0.17) = 74.10; 78.00 are retained.

        The reversal: 74.10 out of the result, 78.00 out of retained earnings, 24 x 0.21 =
        5.04 become dividend income that its elimination finds.
        """
        book = consolidate_folder(two(tmp_path), "2025-03").book
        assert book.totals.net_income_parent == 74_10
        assert book.totals.equity_attributable_to_parent == 284_80  # 1,780 at 0.16
        taken = {"4410": 0, "3300": 0, "4200": 0}
        for entry in book.entries:
            for line in entry.lines:
                if entry.kind == "equity_pickup" and line.account in taken:
                    taken[line.account] += line.amount
        assert taken == {"4410": 74_10, "3300": 78_00, "4200": -5_04}


def part_sold(folder: Path) -> Path:
    """The same, and on 31 March P sells 9 of its 60 % of B for 30.00; it carries B at 216.00."""
    two(folder)
    change(folder, "ownership.csv", "P,B,60,2024-10-01", "P,B,60,2024-10-01\nP,B,51,2025-03-31")
    march = "balances/2025-03.csv"
    change(folder, march, "P,1010,664", "P,1010,694\nP,4000,2.40")
    change(folder, march, "P,1700,1116", "P,1700,1083.60")
    return write(
        folder,
        changes="date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,"
        "gain_account\n2025-03-31,partial_disposal,B,P,9,30,32.40,-2.40,1700,4000",
    )


def test_a_part_is_sold_with_what_was_picked_up(tmp_path: Path):
    """
    B has 360.00 reais, 57.60 dollars at 0.16: outsiders have 49 % then, 28.22, and buy 5.18.

    P has 694.00 of cash, all of A's 900.00 and 51 % of the 360.00: 1,777.60, or 284.42. The
    price of 30.00 is 4.80; its loss of 2.40 is undone, and the result is 74.10 as before. P's
    own books agree, but for that loss: parity holds.
    """
    closed = close(part_sold(tmp_path), "2025-03")
    (made,) = closed.book.changes
    assert isinstance(made, Reattribution)
    assert (made.proceeds, made.nci) == (4_80, 5_18)
    assert figures(closed, "1700", "4410") == [0, 0]
    assert closed.book.nci["B"].closing == 28_22
    assert closed.book.totals.net_income_parent == 74_10
    assert closed.book.totals.equity_attributable_to_parent == 284_42
    assert [each.figure for each in parity_of(closed.book)] == ["net_assets", "profit"]


def abroad(folder: Path) -> Path:
    """
    P in reais, which the group reports in, founds U with USD 100 on 1 December at 5.00.

    U earns 10 in December (average 5.10, closing 5.20) and 20 in January (5.30, 5.40). P
    picks up 51.00 and 106.00; its translation reserve is 110 x 5.20 - 551.00 = 21.00 and
    then 130 x 5.40 - 657.00 = 45.00.
    """
    return write(
        folder,
        group=settings("BRL", "2024-12"),
        chart=CHART,
        entities="code,name,currency,method,first_period\nP,Parent,BRL,parent,\n"
        "U,Abroad,USD,full,2024-12",
        ownership="holder,investee,percent,from\nP,U,100,2024-12-01",
        rates="date,base,quote,value,kind\n2024-12-01,USD,BRL,5.00,historical\n"
        "2024-11,USD,BRL,5.00,closing\n2024-12,USD,BRL,5.10,average\n"
        "2024-12,USD,BRL,5.20,closing\n2025-01,USD,BRL,5.30,average\n"
        "2025-01,USD,BRL,5.40,closing",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-U,P,U,2024-12-01,formation,100,1700,500,-100",
        pickups="period,holder,acquisition,amount,reserve\n"
        "2024-12,P,ACQ-U,51.00,21.00\n2025-01,P,ACQ-U,106.00,24.00",
        balances_2024_12="entity,account,closing\nP,1010,500\nP,1700,572\nP,3000,-1000\n"
        "P,3600,-21\nP,4410,-51\nU,1010,110\nU,3000,-100\nU,4000,-10",
        balances_2025_01="entity,account,closing\nP,1010,500\nP,1700,702\nP,3000,-1000\n"
        "P,3300,-51\nP,3600,-45\nP,4410,-106\nU,1010,130\nU,3000,-100\nU,3300,-10\nU,4000,-20",
    )


class TestAbroad:
    def test_the_holders_reserve_is_the_groups_cta(self, tmp_path):
        """21.00 and 45.00 leave the reserve and come back as CTA of U: parity holds."""
        for month, reserve, profit in (("2024-12", 21_00, 51_00), ("2025-01", 45_00, 106_00)):
            closed = close(abroad(tmp_path / month), month)
            assert figures(closed, "1700", "4410", "3600", "3400") == [0, 0, 0, -reserve]
            assert [(each.separate, each.group) for each in parity_of(closed.book)] == [
                (500_00 + 500_00 + 51_00 + (106_00 if month > "2025" else 0) + reserve,) * 2,
                (profit, profit),
                (reserve, reserve),
            ]

    def test_a_holder_in_another_currency_has_a_reserve_too(self, tmp_path):
        """
        The group reports in dollars, which U keeps: P's reais are translated.

        December: P's 500 of cash at 5.20 are 96.15, U has 110.00: 206.15 against capital of
        200.00 (1,000 at 5.00) and a profit of 10.00 (51 at 5.10), so a CTA of -3.85. P's own
        books say the same: a CTA of -7.89 and a reserve of 21 at 5.20 = 4.04. January ends at
        92.59 + 130.00 = 222.59 with a profit of 20.00: -7.41 in all.
        """
        folder = abroad(tmp_path)
        change(folder, "group.toml", '"BRL"', '"USD"')
        change(folder, "entities.csv", "P,Parent,BRL,parent,", "P,Parent,BRL,parent,2024-12")
        write(
            folder,
            events="date,kind,entity,account,amount\n2024-12-01,contribution,P,3000,1000",
        )
        last = None
        for month, cta, equity in (("2024-12", -3_85, 206_15), ("2025-01", -7_41, 222_59)):
            closed = consolidate_folder(folder, month)
            validation = validate(closed.book, last)
            assert [each.said("en") for each in validation.blocking] == []
            assert figures(closed, "1700", "4410", "3600", "3400") == [0, 0, 0, -cta]
            assert closed.book.totals.total_equity == equity
            assert [each.difference for each in parity_of(closed.book)] == [0, 0, 0]
            last = closed.book.left()

    def test_a_pickup_that_left_something_out_is_a_warning(self, tmp_path):
        """10.00 short, as of a profit in stock: the books say 41.00, the owners have 51.00."""
        folder = abroad(tmp_path)
        change(folder, "pickups.csv", "51.00,21.00", "41.00,21.00")
        change(folder, "balances/2024-12.csv", "P,1700,572", "P,1700,562")
        change(folder, "balances/2024-12.csv", "P,4410,-51", "P,4410,-41")
        validation = consolidate_folder(folder, "2024-12").validation
        found = [each for each in validation.findings if each.check == "W7"]
        assert [(e.subject, e.difference) for e in found] == [
            ("net_assets", -10_00),
            ("profit", -10_00),
        ]
        assert "Profit" in found[1].said("en")
        assert validation.colour == "yellow"


class TestRefusals:
    def test_income_that_no_month_explains(self, tmp_path):
        folder = abroad(tmp_path)
        change(folder, "pickups.csv", "51.00,21.00", "50.00,21.00")
        with pytest.raises(PickupUnexplained, match=r"1\.00"):
            close(folder, "2024-12")

    def test_an_investment_that_dividends_and_months_do_not_explain(self, tmp_path):
        folder = golden(tmp_path)
        change(folder, "events.csv", "24000,P\n2024-04-30,dividend,S,6000,", "30000,")
        with pytest.raises(InvestmentMismatch, match=r"24,000\.00"):
            close(folder, "2024-12")

    def test_a_translated_amount_of_a_month_that_the_close_translates(self, tmp_path):
        folder = golden(tmp_path)
        change(folder, "pickups.csv", "2024-06,P,ACQ-S,40000,", "2024-06,P,ACQ-S,40000,7600")
        with pytest.raises(PickupTranslated, match="2024-06"):
            close(folder, "2024-12")
