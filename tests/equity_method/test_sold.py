"""A company sold by a holder that carried it by equity pick-up."""

from pathlib import Path

import pytest

from monthclose.consolidation.elimination import InvestmentMismatch
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import Section
from monthclose.ledger.events import Derecognition
from monthclose.ledger.parity import parity_of
from monthclose.wiring.folders import consolidate_folder
from tests.equity_method.folders import change, rows, settings, write
from tests.equity_method.test_pickups import CHART
from tests.groupfolder.told import closed

MONTHS = ["2025-01", "2025-02", "2025-03", "2025-04"]
RATES = [
    "2024-12,BRL,USD,0.20,closing",
    "2025-01-01,BRL,USD,0.20,historical",
    "2025-02-14,BRL,USD,0.26,historical",
    *(
        f"{month},BRL,USD,{value},{kind}"
        for month, pair in zip(
            MONTHS, (("0.22", "0.20"), ("0.25", "0.24"), ("0.27", "0.26"), ("0.24", "0.25")),
            strict=True,
        )
        for value, kind in zip(pair, ("closing", "average"), strict=True)
    ),
]  # fmt: skip


def told(folder: Path, presentation: str) -> Path:
    """
    P founds 80 % of S and all of T on 1 January; sells S on 14 February; a year ends in March.

    S earns 100.00 in January and 50.00 up to its sale, so P carries 920.00, and gets 1,000.00.
    T earns 10.00 a month.
    """
    p = {
        "2025-01": ("1100", "880", "110", "90", "0", "0"),
        "2025-02": ("2100", "0", "120", "140", "80", "0"),
        "2025-03": ("2100", "0", "130", "150", "80", "0"),
        "2025-04": ("2100", "0", "140", "10", "0", "230"),
    }
    tables = {}
    for place, month in enumerate(MONTHS):
        cash, of_s, of_t, picked, gain, kept = p[month]
        earned, before = (10, 30) if place == 3 else (10 * (place + 1), 0)
        lines = [
            f"P,1010,{cash}", f"P,1700,{of_s}", f"P,1300,{of_t}", "P,3000,-2000",
            f"P,3300,-{kept}", f"P,4410,-{picked}", f"P,4000,-{gain}",
            f"T,1010,{100 + 10 * (place + 1)}", "T,3000,-100", f"T,3300,-{before}",
            f"T,4000,-{earned}",
        ]  # fmt: skip
        if place < 2:
            result = (100, 150)[place]
            lines += [f"S,1010,{1000 + result}", "S,3000,-1000", f"S,4000,-{result}"]
        tables[f"balances_{month.replace('-', '_')}"] = rows("entity,account,closing", lines)
    opened = "-2000.00" if presentation == "BRL" else "-400.00"
    return write(
        folder,
        group=settings(presentation, MONTHS[0]) + "fiscal_year_end = 3\n",
        chart=CHART,
        entities="code,name,currency,method,first_period\nP,Parent,BRL,parent,\n"
        "S,Sold,BRL,full,2025-01\nT,Kept,BRL,full,2025-01",
        ownership="holder,investee,percent,from\nP,S,80,2025-01-01\nP,T,100,2025-01-01\n"
        "P,S,0,2025-02-14",
        rates=rows("date,base,quote,value,kind", RATES),
        openings=f"entity,account,functional,translated\nP,3000,-2000.00,{opened}"
        + ("" if presentation == "BRL" else "\nP,3400,,0.00\nP,4000,0.00,0.00"),
        acquisitions="id,acquirer,target,date,kind,consideration,investment_account,investment,"
        "nci,nci_percent,share_capital\n"
        "ACQ-S,P,S,2025-01-01,formation,800,1700,800,proportionate,20,-1000\n"
        "ACQ-T,P,T,2025-01-01,formation,100,1300,100,none,,-100",
        changes="date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,"
        "gain_account\n2025-02-14,disposal,S,P,80,1000,920,80,1700,4000",
        pickups="period,holder,acquisition,amount\n2025-01,P,ACQ-S,80\n2025-02,P,ACQ-S,40\n"
        + "\n".join(f"{month},P,ACQ-T,10" for month in MONTHS),
        **tables,
    )


def books(folder: Path) -> dict[str, Book]:
    """Every month; nothing blocks."""
    return closed(folder)


def with_cash(folder: Path) -> Path:
    """The same with a chart that knows cash, and P's December."""
    header, *lines = (folder / "chart.csv").read_text("utf-8").splitlines()
    marks = {"1010": ",yes,", "1700": ",,investing", "1300": ",,investing"}
    told = [f"{line}{marks.get(line.split(',')[0], ',,')}" for line in lines]
    (folder / "chart.csv").write_text("\n".join([f"{header},cash,cash_flow", *told, ""]), "utf-8")
    before = "entity,account,closing\nP,1010,2000\nP,3000,-2000\n"
    (folder / "balances" / "2024-12.csv").write_text(before, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("presentation", "net"), [("BRL", -150_00), ("USD", -39_00)], ids=["reais", "dollars"]
)
def test_the_price_less_its_cash_is_the_flow(tmp_path: Path, presentation: str, net: int):
    """1,000.00 less the 1,150.00 of cash that S had; at 0.26 dollars 260.00 less 299.00."""
    found = read_group(with_cash(told(tmp_path / "g", presentation)))
    engine = ConsolidationEngine(found.group)
    for balance in found.balances:
        engine.load_trial_balance(balance)
    flows = engine.cash_flows(engine.consolidate("2025-02"))
    assert flows.problems == ()
    assert flows.group is not None
    assert flows.group.sections[Section.INVESTING] == net


class TestInOneCurrency:
    def test_the_groups_gain_is_the_holders(self, tmp_path: Path):
        """1,000.00 + 20 % of 1,150.00 - 1,150.00 = 80.00; with 120.00 and 20.00 earned: 220.00."""
        made = books(told(tmp_path / "g", "BRL"))
        february = made["2025-02"]
        assert february.changes == (Derecognition("S", 1000_00, 1150_00, 0, 230_00, 0),)
        assert february.totals.net_income_parent == 220_00
        assert all(each.difference == 0 for book in made.values() for each in parity_of(book))
        assert len(parity_of(made["2025-04"])) == 3


class TestInDollars:
    """
    Net assets 1,150.00 x 0.26 = 299.00; CTA 299.00 - 200.00 - 20.00 - 12.00 = 67.00.

    Outsiders have 59.80, the owners' 53.60 of the CTA is recycled: 260.00 + 59.80 - 299.00 +
    53.60 = 74.40. P booked 20.80 and picked up 25.60, and 53.60 stay in its own translation.
    """

    def test_the_gain_has_its_parts(self, tmp_path: Path):
        february = books(told(tmp_path / "g", "USD"))["2025-02"]
        assert february.changes == (Derecognition("S", 260_00, 299_00, 0, 59_80, 53_60),)
        # T earned 10 x 0.20 + 10 x 0.24; S 100 x 0.20 + 50 x 0.24, of which 80 % are the owners'.
        assert february.totals.net_income_parent == 74_40 + 4_40 + 25_60
        assert [february.figure(account) for account in ("1700", "1300", "4410")] == [0, 0, 0]

    def test_the_new_year_takes_it_out_of_the_parents_translation(self, tmp_path: Path):
        """April opens as March was closed, and both roads agree again."""
        made = books(told(tmp_path / "g", "USD"))
        march, april = made["2025-03"].equity, made["2025-04"].equity
        assert march is not None
        assert april is not None
        assert april.retained_opening == march.retained_closing
        assert april.cta_parent.opening == march.cta_parent.closing
        assert [each.amount for each in made["2025-04"].facts.gone] == [53_60]
        assert [each.difference for each in parity_of(made["2025-04"])] == [0, 0, 0]
        assert parity_of(made["2025-02"]) == ()


def test_a_cost_without_what_was_picked_up_is_refused(tmp_path: Path):
    folder = told(tmp_path / "g", "USD")
    change(folder, "changes.csv", "1000,920,80", "1000,800,200")
    with pytest.raises(InvestmentMismatch, match="800"):
        consolidate_folder(folder, "2025-02")
