"""Shared cases told as dated records in a folder: the same figures, month by month."""

from pathlib import Path

from monthclose.ledger.equity import EquityMove, EquityPart
from monthclose.ledger.money import plain
from monthclose.ledger.periods import Period
from tests.groupfolder.told import balances, books, closed, entry, sheet, tell

CHART = """code,name,class,role
1010,Cash,asset,
1100,Receivables,asset,
1170,Loans in the group,asset,
1200,Inventories,asset,
1300,Other assets,asset,
1400,Property,asset,
1700,Investments,asset,
2010,Payables,liability,
2070,Loans of the group,liability,
3000,Share capital,share_capital,
4000,Revenue,income,
4050,Sales in the group,income,
4100,Interest income,income,
4200,Dividend income,income,dividend_income
4300,Exchange result,income,
5000,Cost of sales,expense,
6000,Expenses,expense,
6800,Interest expense,expense,
6900,Income tax,expense,
"""
ENTITIES = "code,name,currency,method\nP,Parent,{},parent\nS,Subsidiary,{},full\n"
FOUNDED = (
    "id,acquirer,target,date,kind,consideration,investment_account,investment,nci,nci_percent,"
    "share_capital\n"
)


def months(first: str, count: int) -> list[str]:
    """So many months, from the first on."""
    start = Period.parse(first)
    return [str(start.plus(place)) for place in range(count)]


class TestG09:
    """
    P sells for 10,000.00 what cost 6,000.00 on 15 January at 10 pesos; S keeps it till March.

    The profit stays 4,000.00. In the stock it is 40,000 pesos: 4,000.00 at 10, 3,076.92 at
    13; the 923.08 leave the translation adjustment, of -4,615.38 in the books of S.
    """

    def told(self, folder: Path) -> Path:
        of_p = {"1010": "34000", "1700": "20000", "3000": "-50000", "4050": "-10000"}
        of_s = {"1010": "100000", "1200": "100000", "3000": "-200000"}
        quarter = months("2021-01", 3)
        stock = [f"{m},INVTY-1,P,S,1200,5000,4000.00,2021-01-15,40000.00" for m in quarter]
        return tell(
            folder,
            'first_period = "2021-01"\n',
            entities=ENTITIES.format("USD", "MXN"),
            chart=CHART,
            ownership="holder,investee,percent,from\nP,S,100,2020-12-31",
            rates="""date,base,quote,value,kind
                2020-12-31,USD,MXN,10,closing
                2020-12-31,USD,MXN,10,historical
                2021-01-15,USD,MXN,10,historical
                2021-01,USD,MXN,11,closing
                2021-02,USD,MXN,12,closing
                2021-03,USD,MXN,13,closing
                2021-01,USD,MXN,11.5,average
                2021-02,USD,MXN,11.5,average
                2021-03,USD,MXN,11.5,average""",
            acquisitions=FOUNDED
            + "ACQ-S,P,S,2020-12-31,formation,200000.00,1700,20000.00,none,,-200000.00",
            openings="entity,account,functional,translated\n"
            "P,3000,-50000.00,-50000.00\nS,3000,-200000.00,-20000.00\nS,3400,,0.00",
            balances=balances(
                books("P", dict.fromkeys(quarter, of_p | {"5000": "6000"})),
                books("S", dict.fromkeys(quarter, of_s)),
            ),
            unrealised="\n".join(
                [
                    "period,id,seller,buyer,asset_account,cost_account,profit,sold,buyer_profit,"
                    "turnover,revenue_account",
                    f"{stock[0]},10000.00,4050",
                    *(f"{row},," for row in stock[1:]),
                ]
            ),
        )

    def test_march_has_the_figures_of_the_case(self, tmp_path: Path):
        book = closed(self.told(tmp_path / "g"))["2021-03"]
        assert entry(book, "IC-SALES-INVTY-1") == {"4050": "10000.00", "5000": "-10000.00"}
        made = {"5000": "4000.00", "1200": "-3076.92", "3400": "-923.08"}
        assert entry(book, "UP-CLOSE-INVTY-1") == made
        assert sheet(book) == {
            "1010": "41692.31",
            "1200": "4615.39",
            "3000": "-50000.00",
            "3400": "3692.30",
        }
        assert plain(book.totals.oci_cta) == "-3692.30"


class TestG15:
    """
    A sterling loan of a Canadian company counts as net investment from 30 June 2019 on.

    Its books lose 25,000.00 up to then and 27,500.00 after, at 2.5 all year: 10,000.00
    stay in the result, 11,000.00 go to the translation adjustment.
    """

    def told(self, folder: Path) -> Path:
        year = months("2019-01", 12)
        early = {"1300": "2587500", "2070": "-587500", "3000": "-2000000"}
        half = early | {"2070": "-612500", "4300": "25000"}
        end = early | {"2070": "-640000", "4300": "52500"}
        of_s = dict.fromkeys(year[:5], early) | dict.fromkeys(year[5:11], half) | {year[11]: end}
        of_p = {"1010": "500000", "1170": "250000", "1700": "851063.83", "3000": "-1601063.83"}
        differences = [f"{m},LOAN,S,0.00" for m in year[5:11]]
        return tell(
            folder,
            'first_period = "2019-01"\n',
            "GBP",
            entities=ENTITIES.format("GBP", "CAD"),
            chart=CHART,
            ownership="holder,investee,percent,from\nP,S,100,2018-12-31",
            rates="\n".join(
                [
                    "date,base,quote,value,kind",
                    "2018-12,GBP,CAD,2.35,closing",
                    "2018-12-31,GBP,CAD,2.35,historical",
                    *(f"{m},GBP,CAD,2.5,average" for m in year),
                    *(f"{m},GBP,CAD,2.45,closing" for m in year[:11]),
                    "2019-12,GBP,CAD,2.56,closing",
                ]
            ),
            acquisitions=FOUNDED
            + "ACQ-S,P,S,2018-12-31,formation,2000000.00,1700,851063.83,none,,-2000000.00",
            openings="entity,account,functional,translated\nP,3000,-1601063.83,-1601063.83\n"
            "S,3000,-2000000.00,-851063.83\nS,3400,,0.00",
            balances=balances(
                books("P", dict.fromkeys(year, of_p)),
                books("S", of_s),
            ),
            intercompany="period,entity,partner,kind,account,reference,amount,document_currency,"
            "document_amount\n2019-12,P,S,LOAN,1170,LOAN-1,250000.00,GBP,250000.00\n"
            "2019-12,S,P,LOAN,2070,LOAN-1,-640000.00,GBP,-250000.00",
            loans="id,entity,partner,account,from\nLOAN,S,P,4300,2019-06-30",
            exchange_differences="\n".join(
                ["period,loan,entity,amount", *differences, "2019-12,LOAN,S,27500.00"]
            ),
        )

    def test_december_has_the_figures_of_the_case(self, tmp_path: Path):
        book = closed(self.told(tmp_path / "g"))["2019-12"]
        assert entry(book, "NETINV-LOAN") == {"4300": "-11000.00", "3400": "11000.00"}
        assert sheet(book) == {
            "1010": "500000.00",
            "1300": "1010742.19",
            "3000": "-1601063.83",
            "3300": "10000.00",
            "3400": "80321.64",
        }
        assert plain(book.totals.net_income) == "-10000.00"


class TestG21:
    """
    An expense of 100,000.00 less tax of 34 % was left out of 2023 in a company held to 60 %.

    66,000.00 at 5.00, the mean of that year, are 13,200.00 of retained earnings; net assets
    open 66,000.00 / 4.80 = 13,750.00 lower, so the translation adjustment opens 550.00 lower.
    Of both outsiders bear 40 %.
    """

    def told(self, folder: Path) -> Path:
        year = months("2024-01", 12)
        stood = {"1100": "500000", "1400": "300000", "2010": "-180000", "3000": "-600000"}
        early = stood | {"1010": "154000", "3300": "-174000"}
        end = stood | {"1010": "233200", "3300": "-174000"}
        end |= {"4000": "-700000", "6000": "580000", "6900": "40800"}
        of_p = {"1010": "73000", "1700": "72000", "3000": "-120000", "3300": "-25000"}
        earned = of_p | {"1010": "80000", "4000": "-40000", "6000": "33000"}
        return tell(
            folder,
            'first_period = "2024-01"\n',
            entities=ENTITIES.format("USD", "BRL"),
            chart=CHART,
            ownership="holder,investee,percent,from\nP,S,60,2021-01-04",
            rates="\n".join(
                [
                    "date,base,quote,value,kind",
                    "2021-01-04,USD,BRL,5.00,historical",
                    "2023-12-29,USD,BRL,4.80,closing",
                    *(
                        f"{m},USD,BRL,{5 + place % 2 / 5 - 0.1:.2f},average"
                        for place, m in enumerate(months("2023-01", 12))
                    ),
                    *(f"{m},USD,BRL,5.50,average" for m in year),
                    *(f"{m},USD,BRL,5.40,closing" for m in year[:11]),
                    "2024-12,USD,BRL,6.00,closing",
                ]
            ),
            acquisitions=FOUNDED
            + "ACQ-S,P,S,2021-01-04,formation,360000.00,1700,72000.00,proportionate,40,-600000.00",
            openings="entity,account,functional,translated\nP,3000,-120000.00,-120000.00\n"
            "P,3300,-25000.00,-25000.00\nS,3000,-600000.00,-120000.00\n"
            "S,3300,-240000.00,-47900.00\nS,3400,,-7100.00\nS,3900,,-70000.00",
            balances=balances(
                books("P", dict.fromkeys(year[:11], of_p) | {year[11]: earned}),
                books("S", dict.fromkeys(year[:11], early) | {year[11]: end}),
            ),
            corrections="entity,account,amount,origin,from,reason\n"
            'S,3300,66000.00,2023,2024-01,"expense of 100,000 left out, less 34 % tax"',
        )

    def test_december_has_the_figures_of_the_case(self, tmp_path: Path):
        book = closed(self.told(tmp_path / "g"))["2024-12"]
        restated = book.restatements["S"]
        assert (plain(restated.retained), plain(restated.retained_nci)) == ("-13200.00", "-5280.00")
        assert (plain(restated.cta_reported), plain(restated.cta_restated)) == (
            "7100.00",
            "6550.00",
        )
        assert plain(book.nci["S"].opening) == "64500.00"
        assert plain(book.nci["S"].closing) == "56880.00"
        assert sheet(book) == {
            "1010": "118866.67",
            "1100": "83333.33",
            "1400": "50000.00",
            "2010": "-30000.00",
            "3000": "-120000.00",
            "3300": "-61460.00",
            "3400": "16140.00",
            "3900": "-56880.00",
        }
        assert plain(book.totals.net_income_parent) == "15640.00"
        stated = book.changes_in_equity
        assert stated is not None
        assert stated.moves[EquityMove.RESTATEMENT] == {
            EquityPart.RETAINED: -7920_00,
            EquityPart.CTA: -330_00,
            EquityPart.NCI: -5500_00,
        }
