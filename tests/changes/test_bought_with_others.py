"""A company is bought that holds others already: all of them come on one day."""

from pathlib import Path

import pytest

from monthclose.consolidation.bought_with import CarriedBelow
from monthclose.ledger.events import Derecognition
from tests.changes.told import CHART, Closes, months, tell
from tests.groupfolder.folders import add, edit, put

HEAD = (
    "id,acquirer,target,date,kind,consideration,consideration_currency,investment_account,"
    "investment,nci,nci_percent,share_capital,retained_earnings,tax_rate_pct"
)


def told(folder: Path) -> Path:
    """
    T buys 80 % of H on 30 November for 450.00; H has had 75 % of S for long.

    Its books carry S at 160.00. S is worth 1,100.00 reais without goodwill, 100.00 of them
    customers for ten months; at 0.20 the part of H is 165.00. A policy entry of H says so.
    """
    t = {"1010": "50.00", "1700": "450.00", "3000": "-500.00"}
    h = {"1010": "340.00", "1701": "160.00", "3000": "-500.00"}
    s = {"1010": "1000.00", "3000": "-1000.00"}
    earned = {"1010": "1100.00", "3000": "-1000.00", "4000": "-100.00"}
    later = {"1010": "1100.00", "3000": "-1000.00", "3300": "-100.00"}
    rates = ["date,base,quote,value,kind", "2025-11-30,BRL,USD,0.20,historical"]
    for month, closing, average in (
        ("2025-10", "0.20", "0.20"), ("2025-11", "0.20", "0.20"),
        ("2025-12", "0.30", "0.25"), ("2026-01", "0.10", "0.10"),
    ):  # fmt: skip
        rates += [f"{month},BRL,USD,{closing},closing", f"{month},BRL,USD,{average},average"]
    return tell(
        folder,
        {
            "2025-11": {"T": t, "H": h, "S": s},
            "2025-12": {"T": t, "H": h, "S": earned},
            "2026-01": {"T": t, "H": h, "S": later},
        },
        first_period="2025-11",
        chart=(
            *CHART,
            "1701,Shares,asset,,",
            "1600,Customers,asset,,",
            "1650,Goodwill,asset,,goodwill",
            "2500,Deferred tax,liability,,deferred_tax",
            "6910,Deferred tax,expense,,deferred_tax_result",
        ),
        entities=[
            "code,name,currency,method,first_period",
            "T,T,USD,parent,2025-11",
            "H,H,USD,full,2025-11",
            "S,S,BRL,full,2025-11",
        ],
        ownership=["holder,investee,percent,from", "T,H,80,2025-11-30", "H,S,75,2019-03-01"],
        rates=rates,
        acquisitions=[
            HEAD,
            "ACQ-H,T,H,2025-11-30,purchase,450.00,USD,1700,450.00,proportionate,20,-500.00,-5.00,",
            "ACQ-S,H,S,2025-11-30,purchase,825.00,BRL,1701,165.00,proportionate,25,-1000.00,,0",
        ],
        step_ups=[
            "acquisition,id,name,amount,life,asset_account,accumulated_account,expense_account",
            "ACQ-S,CUST,Customers,100.00,10,1600,1600,6000",
        ],
        adjustments=[
            "period,entry,layer,entity,account,amount,reason",
            "2024-12,PPA-H,policy,H,1701,5.00,S at the value it was bought at",
            "2024-12,PPA-H,policy,H,4510,-5.00,S at the value it was bought at",
        ],
    )


def test_by_hand_as_a_folder(tmp_path: Path):
    """
    H: 505.00 with S at 165.00; goodwill 450.00 + 101.00 - 505.00 = 46.00, and none of S.

    Of S outsiders have 25 % + 75 % x 20 % = 40 %: 40 % of 220.00; of H 20 % of 340.00. In
    December S earns 100.00 - 10.00 at 0.25 and stands at 1,190.00 x 0.30; in January at
    1,180.00 x 0.10.
    """
    closes = Closes(told(tmp_path / "told"))
    for month, lower, whole in (
        ("2025-11", 88_00, 656_00),
        ("2025-12", 142_80, 793_00),
        ("2026-01", 47_20, 554_00),
    ):
        book = closes.book(month)
        assert {e.acquisition: e.goodwill_closing for e in book.purchases.values()} == {
            "ACQ-H": 46_00,
            "ACQ-S": 0,
        }
        assert (book.nci["S"].closing, book.nci["H"].closing) == (lower, 68_00)
        assert book.totals.total_equity == whole
    assert closes.book("2025-12").totals.net_income == 22_50
    assert closes.book("2025-12").totals.net_income_nci == 9_00
    assert closes.findings(months("2025-11", 3)) == []
    assert closes.unused == ()


def test_all_of_it_is_sold_again(tmp_path: Path):
    """
    On 31 January for 300.00. S: 220.00 + 22.50 - 1.00 of equity, 118.00 now: CTA -123.50.

    Gain 300.00 + 47.20 + 68.00 - 340.00 - 118.00 - 46.00 = -88.80, and 60 % of the -123.50.
    """
    folder = told(tmp_path / "told")
    add(folder, "ownership.csv", "T,H,0,2026-01-31")
    put(
        folder,
        "changes.csv",
        "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account\n"
        "2026-01-31,disposal,H,T,80,300.00,450.00,-150.00,1700,4510\n",
    )
    edit(
        folder,
        "balances/2026-01.csv",
        "T,1010,50.00\nT,1700,450.00",
        "T,1010,350.00\nT,4510,150.00",
    )
    closes = Closes(folder)
    book = closes.book("2026-01")
    (lost,) = book.changes
    assert isinstance(lost, Derecognition)
    assert (lost.gain_before_recycling, lost.cta_recycled) == (-88_80, -74_10)
    assert (lost.goodwill, lost.left) == (46_00, ("H", "S"))
    assert book.totals.total_equity == 350_00
    assert closes.findings(months("2025-11", 3)) == []


def test_a_bargain_below_is_refused(tmp_path: Path):
    """Recorded at the 160.00 of H's books, 800.00 reais, S would bring a gain of 25.00."""
    folder = told(tmp_path / "told")
    (folder / "adjustments.csv").unlink()
    edit(folder, "acquisitions.csv", "825.00,BRL,1701,165.00", "800.00,BRL,1701,160.00")
    edit(folder, "acquisitions.csv", "-500.00,-5.00,", "-500.00,,")
    with pytest.raises(CarriedBelow) as refused:
        Closes(folder).book("2025-11")
    assert "BRL 25.00" in str(refused.value)
