"""A net-investment loan and a correction of a prior period, over the ends of two fiscal years."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.groupfolder import read_group
from monthclose.ledger.book import Book
from monthclose.ledger.loans import ExchangeBefore, ExchangeUnstated
from monthclose.ledger.money import plain
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate
from tests.groupfolder.folders import add, edit
from tests.groupfolder.told import balances, books, closed, entry, tell

CHART = """code,name,class,role
1010,Cash,asset,
1170,Loans in the group,asset,
1700,Investments,asset,
2070,Loans of the group,liability,
3000,Share capital,share_capital,
4300,Exchange result,income,
"""
MONTHS = [str(Period(2025, 2).plus(place)) for place in range(15)]
RATES = {
    "2025-02": ("0.24", "0.25"),
    "2025-03": ("0.20", "0.22"),
    "2025-04": ("0.22", "0.21"),
}
BOOKED = {"2025-02": "20.00", "2025-03": "100.00", "2025-04": "-50.00"}
CORRECTION = "entity,account,amount,origin,from,reason\nS,3300,30.00,{},2025-05,expense left out\n"


def of_s(*, corrected: bool) -> dict[str, dict[str, str]]:
    """S borrows 400.00 reais and books what they gain and lose; 30.00 more are lost from May."""
    wrong = 30 if corrected else 0
    old = {"1010": f"{1400 - wrong}", "2070": "-470", "3000": "-1000"}
    months = {
        "2025-02": {"1010": "1400", "2070": "-420", "3000": "-1000", "4300": "20"},
        "2025-03": {"1010": "1400", "2070": "-520", "3000": "-1000", "4300": "120"},
        "2025-04": {"1010": "1400", "2070": "-470", "3000": "-1000", "3300": "120", "4300": "-50"},
    }
    months |= {m: old | {"3300": f"{120 + wrong}", "4300": "-50"} for m in MONTHS[3:14]}
    return months | {MONTHS[14]: old | {"3300": f"{70 + wrong}"}}


def told(folder: Path, *, corrected: bool = False, origin: str = "2025-03") -> Path:
    """S is held to 80 %; its fiscal years end in March."""
    rates = [
        "date,base,quote,value,kind",
        "2025-02-01,BRL,USD,0.25,historical",
        *(f"{m},BRL,USD,{RATES.get(m, ('0.25', '0.24'))[0]},closing" for m in MONTHS),
        *(f"{m},BRL,USD,{RATES.get(m, ('0.25', '0.24'))[1]},average" for m in MONTHS),
    ]
    differences = [f"{m},LOAN,S,{BOOKED.get(m, '0.00')}" for m in MONTHS]
    parent = {"1010": "200", "1170": "100", "1700": "200", "3000": "-500"}
    tables = {
        "entities": "code,name,currency,method,first_period\nP,Parent,USD,parent,\n"
        "S,Subsidiary,BRL,full,2025-02",
        "chart": CHART,
        "ownership": "holder,investee,percent,from\nP,S,80,2025-02-01",
        "rates": "\n".join(rates),
        "acquisitions": "id,acquirer,target,date,kind,consideration,investment_account,"
        "investment,nci,nci_percent,share_capital\n"
        "ACQ-S,P,S,2025-02-01,formation,800.00,1700,200.00,proportionate,20,-1000.00",
        "openings": "entity,account,functional,translated\nP,3000,-500.00,-500.00",
        "balances": balances(
            books("P", dict.fromkeys(MONTHS, parent)), books("S", of_s(corrected=corrected))
        ),
        "loans": "id,entity,partner,account,from\nLOAN,S,P,4300,2025-02-15",
        "exchange_differences": "\n".join(["period,loan,entity,amount", *differences]),
    }
    if corrected:
        tables["corrections"] = CORRECTION.format(origin)
    return tell(folder, 'fiscal_year_end = 3\nfirst_period = "2025-02"\n', **tables)


def bears(book: Book) -> tuple[str, str, str]:
    """Outsiders of S: as they opened, of the result, of the CTA."""
    each = book.nci["S"]
    return plain(each.opening), plain(each.share_of_profit), plain(each.share_of_cta)


class TestLoan:
    """Losses of 20.00 at 0.25 and 100.00 at 0.22, a gain of 50.00 at 0.21: 5.00, 22.00, -10.50."""

    def test_each_month_leaves_the_result_at_its_average(self, tmp_path: Path):
        """
        The result is nil, and all that was lost is translation.

        Net assets of 880.00 x 0.20 = 176.00, capital of 250.00: of 74.00 outsiders bear 14.80.
        """
        book = closed(told(tmp_path / "g"))["2025-03"]
        assert entry(book, "NETINV-LOAN") == {"4300": "-27.00", "3400": "27.00"}
        assert bears(book) == ("0.00", "0.00", "-14.80")
        assert plain(book.totals.net_income) == "0.00"

    def test_the_next_year_opens_with_it_in_the_translation_adjustment(self, tmp_path: Path):
        """20 % of 176.00 is 35.20, what March left; April's gain of 10.50 follows the rest."""
        made = closed(told(tmp_path / "g"))
        book = made["2025-04"]
        assert entry(book, "NETINV-OPEN-LOAN") == {"3300": "-27.00", "3400": "27.00"}
        assert entry(book, "NETINV-LOAN") == {"4300": "10.50", "3400": "-10.50"}
        assert bears(book)[:2] == ("35.20", "0.00")
        assert made["2025-03"].nci["S"].closing == book.nci["S"].opening
        equity = book.equity
        assert equity is not None
        assert plain(equity.cta_parent.opening) == "-59.20"  # 80 % of 74.00

    def test_the_year_after_carries_all_of_them(self, tmp_path: Path):
        book = closed(told(tmp_path / "g"))["2026-04"]
        assert entry(book, "NETINV-OPEN-LOAN") == {"3300": "-16.50", "3400": "16.50"}

    def test_a_month_without_its_difference_is_refused(self, tmp_path: Path):
        folder = told(tmp_path / "g")
        edit(folder, "exchange_differences.csv", "2025-06,LOAN,S,0.00\n", "")
        with pytest.raises(ExchangeUnstated, match=r"LOAN.*2025-02-15.*2025-06"):
            closed(folder)

    def test_a_month_before_the_designation_is_refused(self, tmp_path: Path):
        group = read_group(told(tmp_path / "g")).group
        (loan,) = group.loans
        later = replace(group, loans=(replace(loan, on=date(2025, 3, 1)),))
        with pytest.raises(ExchangeBefore, match=r"2025-02.*2025-03-01"):
            ConsolidationEngine(later).consolidate("2025-02")


class TestCorrection:
    """
    From May on the books hold 30.00 of expense that March had left out: 6.60 at 0.22.

    Net assets open at 850.00 x 0.20 = 170.00, equity at 250.00 - 27.00 - 6.60: the
    translation adjustment at -46.40, where -47.00 had been reported.
    """

    def test_the_opening_is_restated_from_its_month_on(self, tmp_path: Path):
        made = closed(told(tmp_path / "g", corrected=True))
        assert made["2025-04"].restatements == {}
        restated = made["2025-05"].restatements["S"]
        assert (plain(restated.retained), plain(restated.retained_nci)) == ("-6.60", "-1.32")
        assert (plain(restated.cta_reported), plain(restated.cta_restated)) == ("-47.00", "-46.40")
        assert plain(restated.cta_nci) == "0.12"

    def test_no_result_moves(self, tmp_path: Path):
        right = closed(told(tmp_path / "right"))["2025-05"]
        wrong = closed(told(tmp_path / "wrong", corrected=True))["2025-05"]
        assert right.totals.net_income == wrong.totals.net_income

    def test_the_year_after_carries_it_and_restates_nothing(self, tmp_path: Path):
        """Retained earnings: a loss of 27.00, 6.60 restated, a gain of 10.50, all translated."""
        book = closed(told(tmp_path / "g", corrected=True))["2026-04"]
        assert book.restatements == {}
        (of,) = (each for each in book.translations if each.entity == "S")
        assert of.amounts[of.accounts.index("3300")] == 23_10

    def test_a_company_in_the_presentation_currency_restates_too(self, tmp_path: Path):
        """The parent left 10.00 out of the year before the last; nothing is translated."""
        folder = told(tmp_path / "g", corrected=True)
        for month in MONTHS[3:]:
            edit(folder, f"balances/{month}.csv", "P,1010,200\n", "P,1010,190\nP,3300,10\n")
        add(folder, "corrections.csv", "P,3300,10.00,2024,2025-05,left out")
        restated = closed(folder)["2025-05"].restatements["P"]
        assert (plain(restated.retained), restated.cta, restated.retained_nci) == ("-10.00", 0, 0)

    def test_an_error_of_a_year_takes_the_mean_of_its_months(self, tmp_path: Path):
        """Ten months of that year have no average, and nobody guesses one."""
        with pytest.raises(MissingRate, match="2024-04"):
            closed(told(tmp_path / "g", corrected=True, origin="2025"))


class TestWithinYear:
    """
    The first month closed here is May, within a fiscal year: April's gain comes as an opening.

    Net assets of 930.00 x 0.22 = 204.60, capital of 250.00, a loss of 27.00, a gain of 10.50:
    the translation adjustment opens at -28.90. Restated by 30.00 at 0.22, on both sides.
    """

    def test_the_result_so_far_counts_in_restated_equity(self, tmp_path: Path):
        folder = told(tmp_path / "g", corrected=True)
        edit(folder, "group.toml", '"2025-02"', '"2025-05"')
        edit(folder, "entities.csv", "BRL,full,2025-02", "BRL,full,")
        for month in MONTHS[:3]:
            (folder / "balances" / f"{month}.csv").unlink()
        opened = (
            "S,3000,-1000.00,-250.00",
            "S,3300,120.00,27.00",
            "S,4300,-50.00,-10.50",
            "S,3400,,28.90",
        )
        for line in opened:
            add(folder, "openings.csv", line)
        book = closed(folder)["2025-05"]
        restated = book.restatements["S"]
        assert plain(restated.retained) == "-6.60"
        assert plain(restated.cta_reported) == plain(restated.cta_restated) == "-28.90"
        assert entry(book, "NETINV-OPEN-LOAN") == {"3300": "-27.00", "3400": "27.00"}
        assert entry(book, "NETINV-LOAN") == {"4300": "10.50", "3400": "-10.50"}
