"""Shared worked cases of changes of ownership, told as dated records month by month."""

import json
from pathlib import Path
from typing import Any

import pytest

from monthclose.ledger.book import Book
from monthclose.ledger.events import Derecognition, Reattribution
from tests.changes.told import YEAR, Closes, cents, sold_abroad, tell
from tests.groupfolder.folders import add, edit
from tests.worked.case import SHARED


def expected(case: str) -> dict[str, Any]:
    """What a shared case must give."""
    (file,) = SHARED.glob(f"{case}*.json")
    figures: dict[str, Any] = json.loads(file.read_text("utf-8"))["expected"]
    return figures


def sheet(book: Book, figures: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """The balance sheet of a book, and that of a case."""
    found = {
        code: amount
        for code, amount in zip(book.chart.codes, book.closed.tolist(), strict=True)
        if amount
    }
    wanted = figures["consolidated"]["balance_sheet"]
    return found, {code: cents(amount) for code, amount in wanted.items() if cents(amount)}


def totals(book: Book, figures: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """The headline figures of both."""
    wanted = {
        name: cents(amount)
        for name, amount in figures["consolidated"]["totals"].items()
        if name != "of_which_reclassified_to_profit_or_loss"
    }
    return {name: getattr(book.totals, name) for name in wanted}, wanted


class TestDisposal:
    """
    G18: 80 % of S sold on 30 September, whose books of the year stand in September.

    The case knows one average for nine months; told month by month, everything S earned
    falls into September.
    """

    @pytest.fixture
    def closes(self, tmp_path: Path) -> Closes:
        return Closes(sold_abroad(tmp_path / "g18"))

    def test_gives_the_figures_of_the_case(self, closes: Closes):
        book, figures = closes.book("2024-12"), expected("G18")
        found, wanted = sheet(book, figures)
        assert found == wanted
        found, wanted = totals(book, figures)
        assert found == wanted
        (lost,) = book.changes
        assert isinstance(lost, Derecognition)
        of_case = figures["disposal"]
        assert lost.gain == cents(of_case["gain_total"])
        assert lost.cta_recycled == cents(of_case["cta_recycled"])
        assert lost.nci == cents(of_case["nci_derecognised"])

    def test_every_check_stays_clean_before_at_and_after_the_day(self, closes: Closes):
        assert closes.findings(YEAR) == []


class TestPartialDisposal:
    """G19: 25 % of S sold on 30 June. Each half-year earns its result in its last month."""

    @pytest.fixture
    def closes(self, tmp_path: Path) -> Closes:
        fixed = {"1100": "330000.00", "1400": "400000.00", "2010": "-120000.00"}
        fixed |= {"3000": "-520000.00", "3300": "-200000.00"}
        opened = {"1010": "110000.00"} | fixed
        half = {"1010": "160000.00"} | fixed | {"4000": "-300000.00", "6000": "250000.00"}
        whole = {"1010": "220000.00"} | fixed | {"4000": "-610000.00", "6000": "500000.00"}
        holder = {"1010": "80000.00", "1700": "100000.00"}
        holder |= {"3000": "-150000.00", "3300": "-30000.00"}
        sold = holder | {"1010": "125000.00", "1700": "75000.00", "4510": "-20000.00"}
        ended = sold | {"1010": "129000.00", "4000": "-20000.00", "6000": "16000.00"}
        balances = {period: {"P": holder, "S": opened} for period in YEAR[:5]}
        balances[YEAR[5]] = {"P": sold, "S": half}
        balances |= {period: {"P": sold, "S": half} for period in YEAR[6:11]}
        balances[YEAR[11]] = {"P": ended, "S": whole}
        rates = ["date,base,quote,value,kind", "2021-01-04,USD,BRL,5.20,historical"]
        rates += ["2023-12,USD,BRL,4.80,closing"]
        for period in YEAR:
            late = period > "2024-06"
            at = {"2024-12": "6.25"}.get(period, "5.50")
            rates += [
                f"{period},USD,BRL,{at},closing",
                f"{period},USD,BRL,{'6.00' if late else '5.00'},average",
            ]
        folder = tell(
            tmp_path / "g19",
            balances,
            first_period="2024-01",
            entities=["code,name,currency,method", "P,Parent,USD,parent", "S,Brazil,BRL,full"],
            ownership=[
                "holder,investee,percent,from",
                "P,S,100,2021-01-04",
                "P,S,75,2024-06-30",
            ],
            rates=rates,
            openings=[
                "entity,account,functional,translated",
                "S,3000,-520000.00,-100000.00",
                "S,3300,-200000.00,-39000.00",
                "S,3400,,-11000.00",
            ],
            acquisitions=[
                "id,acquirer,target,date,kind,consideration,investment_account,investment,"
                "share_capital",
                "ACQ-S,P,S,2021-01-04,formation,520000.00,1700,100000.00,-520000.00",
            ],
            changes=[
                "date,kind,entity,holder,percent,proceeds,cost,gain,investment_account,gain_account",
                "2024-06-30,partial_disposal,S,P,25,45000.00,25000.00,20000.00,1700,4510",
            ],
        )
        return Closes(folder)

    def test_gives_the_figures_of_the_case(self, closes: Closes):
        book, figures = closes.book("2024-12"), expected("G19")
        found, wanted = sheet(book, figures)
        assert found == wanted
        found, wanted = totals(book, figures)
        assert found == wanted
        (moved,) = book.changes
        assert isinstance(moved, Reattribution)
        of_case = figures["partial_disposal"]
        assert moved.nci == cents(of_case["nci_recognised"])
        assert moved.cta_reattributed == cents(of_case["cta_reattributed_to_nci"])
        assert moved.adjustment == cents(of_case["adjustment_to_retained_earnings"])

    def test_every_check_stays_clean(self, closes: Closes):
        assert closes.findings(YEAR) == []


class TestDisposalBelow:
    """G18 with T above, which owns 75 % of P: of the gain the recycling alone is another."""

    @pytest.fixture
    def closes(self, tmp_path: Path) -> Closes:
        folder = sold_abroad(tmp_path / "g18")
        edit(folder, "entities.csv", "P,Parent,USD,parent", "T,Top,USD,parent\nP,Parent,USD,full")
        add(folder, "ownership.csv", "T,P,75,2022-01-03")
        add(
            folder,
            "acquisitions.csv",
            "ACQ-P,T,P,2022-01-03,formation,150000.00,USD,1700,150000.00,proportionate,25,"
            "-200000.00,",
        )
        edit(folder, "openings.csv", "S,3900,,-23333.33", "S,3900,,-46666.66")
        for month in YEAR:
            for line in ("T,1010,10000.00", "T,1700,150000.00", "T,3000,-160000.00"):
                add(folder, f"balances/{month}.csv", line)
        return Closes(folder)

    def test_gives_the_figures_of_the_case_but_for_what_is_recycled(self, closes: Closes):
        book, of_case = closes.book("2024-12"), expected("G18")["disposal"]
        (lost,) = book.changes
        assert isinstance(lost, Derecognition)
        recycled = cents(of_case["cta_recycled"])
        apart = lost.nci - cents(of_case["nci_derecognised"])
        assert abs(apart) <= 1  # a cent of rounding between outsiders of S and of P
        assert lost.gain_before_recycling == cents(of_case["gain_total"]) - recycled + apart
        assert abs(lost.cta_recycled - recycled * 3 / 4) <= 1
        totals = expected("G18")["consolidated"]["totals"]
        assert book.totals.total_equity == cents(totals["total_equity"]) + 10_000_00
        assert book.nci["S"].closing == 0
        assert abs(book.nci["P"].closing * 4 - cents(totals["total_equity"])) <= 8

    def test_every_check_stays_clean(self, closes: Closes):
        assert closes.findings(YEAR) == []
