"""Intercompany items on accounts that hold customers too: no flow of the group."""

from pathlib import Path

import pytest

from monthclose.ledger.cash_flows import CashFlows
from tests.equity_method.folders import change, close, settings, write

ITEMS = """
entity,partner,kind,account,reference,amount
P,S,AR,1100,NF-1,100
S,P,AP,2010,NF-1,-100
"""


def told(folder: Path) -> Path:
    """P has 100 of S in January, paid in February; of others it has 50, then 70. All dollars."""
    return write(
        folder,
        intercompany_2025_01=ITEMS,
        group=settings("USD", "2025-01"),
        chart="code,name,class,role,cash\n1010,Cash,asset,,yes\n1100,Receivables,asset,,\n"
        "1700,Investments,asset,,\n2010,Payables,liability,,\n3000,Capital,share_capital,,\n"
        "3300,Retained,retained_earnings,retained_earnings,\n4000,Revenue,income,,\n"
        "6000,Expenses,expense,,",
        entities="code,name,currency,method\nP,Parent,USD,parent\nS,Subsidiary,USD,full",
        ownership="holder,investee,percent,from\nP,S,100,2025-01-01",
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "share_capital\nACQ,P,S,2025-01-01,formation,400,1700,400,-400",
        balances_2024_12="entity,account,closing\nP,1010,1000\nP,3000,-1000",
        openings="entity,account,functional,translated\nP,3000,-1000,-1000",
        balances_2025_01="entity,account,closing\nP,1010,600\nP,1100,150\nP,1700,400\n"
        "P,3000,-1000\nP,4000,-150\nS,1010,400\nS,2010,-100\nS,3000,-400\nS,6000,100",
        balances_2025_02="entity,account,closing\nP,1010,700\nP,1100,70\nP,1700,400\n"
        "P,3000,-1000\nP,4000,-170\nS,1010,300\nS,3000,-400\nS,6000,100",
    )


def lines(flows: CashFlows) -> dict[str, int]:
    """The group's flows by account."""
    assert flows.group is not None
    return {key.account: amount for key, amount in flows.group.lines.items() if amount}


class TestItems:
    @pytest.mark.parametrize(("period", "owed"), [("2025-01", -50_00), ("2025-02", -70_00)])
    def test_what_companies_owe_each_other_is_no_flow(self, tmp_path, period, owed):
        """50.00, then 70.00, of others is all that receivables took; payables moved by nothing."""
        found = lines(close(told(tmp_path), period).cash)
        assert found["1100"] == owed
        assert "2010" not in found

    def test_of_an_account_that_others_share_only_the_items_are_the_group_s(self, tmp_path):
        """Of February's 70.00 S owes 20.00: others owe 50.00, and S owes nobody else."""
        folder = told(tmp_path)
        change(folder, "balances/2025-02.csv", "S,1010,300", "S,1010,320\nS,2010,-20")
        write(
            folder,
            intercompany_2025_02="entity,partner,kind,account,reference,amount\n"
            "P,S,AR,1100,NF-2,20\nS,P,AP,2010,NF-2,-20",
        )
        found = lines(close(folder, "2025-02").cash)
        assert (found["1100"], found.get("2010", 0)) == (-50_00, 0)
