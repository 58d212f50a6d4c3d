"""Equity pick-up in a group whose first month lies within a fiscal year."""

from pathlib import Path

from tests.equity_method.folders import change, close, settings, write

CHART = """
code,name,class,role
1010,Cash,asset,
1700,Investments,asset,
3000,Share capital,share_capital,
3300,Retained earnings,retained_earnings,retained_earnings
4000,Revenue,income,
4410,Equity pick-up,income,equity_pickup
"""


def begun_in_april(folder: Path) -> Path:
    """
    P owns S whole and picks up what it earns: 100 in 2023, 60 by March, 20 in April.

    The close before April left 0.20 for all that was earned, 0.25 for capital, and 0.22 as
    its closing rate; April has 0.20 on average and ends at 0.16.
    """
    return write(
        folder,
        group=settings("USD", "2024-04"),
        chart=CHART,
        entities="code,name,currency,method\nP,Parent,BRL,parent\nS,Subsidiary,BRL,full",
        ownership="holder,investee,percent,from\nP,S,100,2019-01-02",
        rates="date,base,quote,value,kind\n"
        "2019-01-02,BRL,USD,0.25,historical\n2024-03,BRL,USD,0.22,closing\n"
        "2024-04,BRL,USD,0.2,average\n2024-04,BRL,USD,0.16,closing",
        openings="entity,account,functional,translated\n"
        "P,3000,-1000,-250\nP,3300,-100,-20\nP,4410,-60,-12\nP,3400,,26.80\n"
        "S,3000,-400,-100\nS,3300,-100,-20\nS,4000,-60,-12\nS,3400,,8.80",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ-S,P,S,2019-01-02,formation,400,1700,400,-400",
        pickups="period,holder,acquisition,amount,translated\n"
        "2023-12,P,ACQ-S,100,20\n2024-03,P,ACQ-S,60,12\n2024-04,P,ACQ-S,20,",
        balances_2024_04="entity,account,closing\n"
        "P,1010,600\nP,1700,580\nP,3000,-1000\nP,3300,-100\nP,4410,-80\n"
        "S,1010,580\nS,3000,-400\nS,3300,-100\nS,4000,-80",
    )


class TestWithinAYear:
    def test_what_was_picked_up_before_the_first_month_explains_equity_too(self, tmp_path):
        """1,180.00 of cash at 0.16 are 188.80 of equity; 12.00 and 4.00 are the year's result."""
        closed = close(begun_in_april(tmp_path), "2024-04")
        totals = closed.book.totals
        assert (totals.total_equity, totals.net_income) == (188_80, 16_00)
        v10 = next(each for each in closed.validation.results if each.check == "V10")
        assert v10.evidence["G"] == "188.80 188.80"


class TestCash:
    def test_flows_of_a_year_that_began_before_the_records_are_said_to_be_unknown(self, tmp_path):
        """S was bought in an earlier year: its first quarter is missing, not misbooked."""
        folder = begun_in_april(tmp_path)
        head, cash, *others = CHART.strip().splitlines()
        marked = [f"{head},cash", f"{cash},yes", *(f"{line}," for line in others)]
        write(folder, chart="\n".join(marked))
        change(folder, "acquisitions.csv", "formation,400,", "purchase,400,")
        write(
            folder,
            balances_2024_03="entity,account,closing\n"
            "P,1010,600\nP,1700,560\nP,3000,-1000\nP,3300,-100\nP,4410,-60\n"
            "S,1010,560\nS,3000,-400\nS,3300,-100\nS,4000,-60",
        )
        problems = close(folder, "2024-04").cash.problems
        assert [(each.code, each.entity) for each in problems] == [
            ("cash-flow-year-incomplete", "P"),
            ("cash-flow-year-incomplete", "S"),
        ]
