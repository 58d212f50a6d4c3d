"""The shared case G02 told as dated records: its cash flows come out of the balances alone."""

from pathlib import Path

from monthclose.cli.statement_payload import stated_payload
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from tests.groupfolder.told import balances, books, tell
from tests.worked.test_told_golden import months

YEAR = months("2023-01", 12)
CHART = """code,name,class,role,cash,cash_flow
1010,Cash,asset,,yes,
1100,Trade receivables,asset,,,
1200,Inventories,asset,,,
1400,"Property, plant and equipment",asset,,,investing
1700,Investments,asset,,,investing
2010,Trade payables,liability,,,
2300,Borrowings,liability,,,financing
3000,Share capital,share_capital,,,
3100,Paid-in capital,apic,,,
4000,Revenue,income,,,
4200,Dividend income,income,dividend_income,,
5000,Cost of sales,expense,,,
6000,Operating expenses,expense,,,
"""
WAS = {
    "1010": "918000", "1100": "870000", "1200": "1117500", "1400": "2250000", "2010": "-636000",
    "2300": "-1482000", "3000": "-300000", "3100": "-375000", "3300": "-2362500",
}  # fmt: skip
RESULT = {"4000": "-4500000", "5000": "2700000", "6000": "1170000"}


def told(folder: Path) -> Path:
    """
    The year as months: everything at 0.51 in January, then what the case dates.

    Equipment is bought in August at 0.54, debt taken up in September at 0.55, and the
    dividend declared on 30 November at 0.56: those months have no other movement.
    """
    traded = WAS | RESULT | {"1010": "1277700", "1100": "1044000", "1200": "1341000"}
    traded |= {"2010": "-763200"}
    bought = traded | {"1010": "1047300", "1400": "2480400"}
    borrowed = bought | {"1010": "1343700", "2300": "-1778400"}
    paid = borrowed | {"1010": "1280700", "3350": "63000"}
    of_s = {"2022-12": WAS} | dict.fromkeys(YEAR[:7], traded)
    of_s |= {YEAR[7]: bought} | dict.fromkeys(YEAR[8:10], borrowed)
    of_s |= dict.fromkeys(YEAR[10:], paid)
    p = {"1010": "464720", "1700": "270000", "3000": "-700000", "3300": "-34720"}
    of_p = dict.fromkeys(["2022-12", *YEAR[:10]], p)
    of_p |= dict.fromkeys(YEAR[10:], p | {"1010": "500000", "4200": "-35280"})
    averages = dict.fromkeys(YEAR, "0.51") | {YEAR[7]: "0.54", YEAR[8]: "0.55"}
    return tell(
        folder,
        'first_period = "2023-01"\n',
        entities="code,name,currency,method\nP,US parent,USD,parent\nS,Brazil,BRL,full",
        chart=CHART,
        ownership="holder,investee,percent,from\nP,S,100,2015-01-01",
        rates="\n".join(
            [
                "date,base,quote,value,kind",
                "2015-01-01,BRL,USD,0.40,historical",
                "2022-12-31,BRL,USD,0.42,closing",
                "2023-11-30,BRL,USD,0.56,historical",
                *(f"{month},BRL,USD,{value},average" for month, value in averages.items()),
                *(f"{month},BRL,USD,0.57,closing" for month in YEAR),
            ]
        ),
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "nci,share_capital,apic\nACQ-S,P,S,2015-01-01,formation,675000.00,1700,270000.00,none,"
        "-300000.00,-375000.00",
        openings="entity,account,functional,translated\nP,3000,-700000.00,-700000.00\n"
        "P,3300,-34720.00,-34720.00\nS,3000,-300000.00,-120000.00\n"
        "S,3100,-375000.00,-150000.00\nS,3300,-2362500.00,-858625.00\nS,3400,,-147125.00",
        events="date,kind,entity,amount,holder,received,income_account\n"
        "2023-11-30,dividend,S,63000.00,P,35280.00,4200",
        balances=balances(books("P", of_p), books("S", of_s)),
    )


def test_the_flows_are_those_of_the_case(tmp_path: Path):
    """Every figure of the shared case, to the cent, and the effect of rates proved."""
    found = read_group(told(tmp_path / "g"))
    engine = ConsolidationEngine(found.group)
    for each in found.balances:
        engine.load_trial_balance(each)
    cash = engine.cash_flows(engine.consolidate("2023-12"))
    assert cash.problems == ()
    s = stated_payload(cash.companies[1].translated, found.group.chart, "en")
    assert {line["account"] or line["line"]: line["amount"] for line in s["lines"]} == {
        "result": "321300.00",
        "1100": "-88740.00",
        "1200": "-113985.00",
        "2010": "64872.00",
        "1400": "-124416.00",
        "2300": "163020.00",
        "dividends": "-35280.00",
    }
    assert s["sections"] == {
        "operating": "183447.00", "investing": "-124416.00", "financing": "127740.00",
    }  # fmt: skip
    assert (s["opening"], s["closing"], s["effect"]) == ("385560.00", "729999.00", "157668.00")
    assert s["proof"]["total"] == "157668.00"
    whole = cash.group
    assert whole is not None  # the dividend stays inside, the rest is the company's
    assert sum(whole.lines.values()) == 183_447_00 - 124_416_00 + 127_740_00 + 35_280_00
