"""Interest on equity (JCP): finance cost of its payer, finance income of its holder, a dividend."""

from pathlib import Path

import pytest

from monthclose.consolidation.cash_days import parts_of_days
from monthclose.consolidation.cash_rules import CashRules
from monthclose.groupfolder import read_group, write_group
from monthclose.ledger.book import Book
from monthclose.ledger.money import plain
from monthclose.ledger.parity import parity_of
from monthclose.ledger.periods import Period
from tests.groupfolder.folders import add, edit, places
from tests.groupfolder.told import balances, books, closed, entry, sheet, tell
from tests.worked.test_told_golden import CHART, ENTITIES, FOUNDED, months

YEAR = months("2025-01", 12)


class TestW16:
    """
    The worked case W16 with the 40,000.00 of interest where Brazilian books have them.

    S books them as finance cost, P as interest income: at 5.32, the rate of the day, they are
    7,518.80, of which P has 5,263.16 gross. The tax withheld, 789.47, stays P's expense.
    """

    def told(self, folder: Path) -> Path:
        old = {"1400": "460000", "2010": "-95000", "3000": "-1000000", "3300": "-120000"}
        paid = old | {"1010": "725000", "3350": "30000"}
        end = paid | {"1010": "600800", "1100": "220000.33", "4000": "-520000.33"}
        end |= {"6000": "340000", "6900": "44200", "6800": "40000"}
        of_s = dict.fromkeys(YEAR[:3], old | {"1010": "755000"})
        of_s |= dict.fromkeys(YEAR[3:11], paid) | {YEAR[11]: end}
        was = {"1010": "20000", "1700": "175000", "3000": "-180000", "3300": "-15000"}
        got = was | {"1010": "23716.81", "4200": "-3716.81"}
        last = got | {"1010": "32190.50", "4000": "-40000", "4100": "-5263.16"}
        last |= {"6000": "36000", "6900": "789.47"}
        of_p = dict.fromkeys(YEAR[:3], was) | dict.fromkeys(YEAR[3:11], got) | {YEAR[11]: last}
        return tell(
            folder,
            'first_period = "2025-01"\n',
            entities=ENTITIES.format("USD", "BRL"),
            chart=CHART,
            ownership="holder,investee,percent,from\nP,S,70,2019-01-02",
            rates="\n".join(
                [
                    "date,base,quote,value,kind",
                    "2019-01-02,USD,BRL,4.00,historical",
                    "2024-12-31,USD,BRL,6.1923,closing",
                    "2025-04-30,USD,BRL,5.65,historical",
                    "2025-12-10,USD,BRL,5.32,historical",
                    *(f"{m},USD,BRL,5.5910545455,average" for m in YEAR),
                    *(f"{m},USD,BRL,5.60,closing" for m in YEAR[:11]),
                    "2025-12,USD,BRL,5.5024,closing",
                ]
            ),
            acquisitions=FOUNDED + "ACQ-S,P,S,2019-01-02,formation,700000.00,1700,175000.00,"
            "proportionate,30,-1000000.00",
            openings="entity,account,functional,translated\nP,3000,-180000.00,-180000.00\n"
            "P,3300,-15000.00,-15000.00\nS,3000,-1000000.00,-250000.00\n"
            "S,3300,-120000.00,-22456.78\nS,3400,,91586.99\nS,3900,,-54260.93",
            balances=balances(books("P", of_p), books("S", of_s)),
            events="date,kind,entity,account,amount,holder,received,income_account\n"
            "2025-04-30,dividend,S,,21000.00,P,3716.81,4200\n"
            "2025-04-30,dividend,S,,9000.00,,,\n"
            "2025-12-10,jcp,S,6800,28000.00,P,5263.16,4100\n"
            "2025-12-10,jcp,S,6800,12000.00,,,",
        )

    def test_december_has_the_figures_of_the_case(self, tmp_path: Path):
        book = closed(self.told(tmp_path / "g"))["2025-12"]
        assert entry(book, "DIV-S") == {
            "4100": "5263.16",
            "4200": "3716.81",
            "3350": "-12828.53",
            "3900": "3848.56",
        }
        assert sheet(book) == {
            "1010": "141379.22",
            "1100": "39982.61",
            "1400": "83599.88",
            "2010": "-17265.19",
            "3000": "-180000.00",
            "3300": "-50932.47",
            "3400": "47887.75",
            "3900": "-64651.80",
        }
        assert plain(book.totals.net_income) == "27499.38"
        assert plain(book.nci["S"].share_of_profit) == "7286.66"

    def test_the_folder_is_written_as_it_was_read(self, tmp_path: Path):
        first = read_group(self.told(tmp_path / "one"))
        write_group(tmp_path / "two", first.group, first.balances)
        assert read_group(tmp_path / "two").group.dividends == first.group.dividends

    @pytest.mark.parametrize(
        ("line", "column", "code"),
        [
            ("2025-11-10,jcp,S,,1.00,,,", "account", "value-needed"),
            ("2025-11-10,jcp,S,1010,1.00,,,", "account", "account-class"),
            ("2025-11-10,jcp,S,6800,1.00,P,1.00,", "income_account", "value-needed"),
        ],
    )
    def test_a_wrong_row_is_named(self, line: str, column: str, code: str, tmp_path: Path):
        folder = self.told(tmp_path / "g")
        add(folder, "events.csv", line)
        assert places(folder) == [("events.csv", 6, column, code)]


class TestMonths:
    """
    S, held to 80 %, credits 100.00 in February and in March, with 15 % withheld, in reais all.

    P books 80.00 of each as finance income, of which 12.00 are an asset: tax to recover.
    """

    @pytest.fixture
    def made(self, tmp_path: Path) -> dict[str, Book]:
        """Two months, and the first of the next fiscal year."""
        return closed(self.told(tmp_path / "g"))

    def told(self, folder: Path) -> Path:
        return tell(
            folder,
            'fiscal_year_end = 3\nfirst_period = "2025-02"\n',
            "BRL",
            entities="code,name,currency,method,first_period\nP,Parent,BRL,parent,\n"
            "S,Subsidiary,BRL,full,2025-02",
            chart=CHART,
            ownership="holder,investee,percent,from\nP,S,80,2025-02-01",
            acquisitions=FOUNDED
            + "ACQ-S,P,S,2025-02-01,formation,800.00,1700,800.00,proportionate,20,-1000.00",
            openings="entity,account,functional,translated\nP,3000,-1000.00,-1000.00",
            events="date,kind,entity,account,amount,holder,income_account\n"
            "2025-02-20,jcp,S,6800,80.00,P,4100\n2025-02-20,jcp,S,6800,20.00,,\n"
            "2025-03-20,jcp,S,6800,80.00,P,4100\n2025-03-20,jcp,S,6800,20.00,,",
            balances=balances(
                books(
                    "P",
                    {
                        "2025-02": {"1010": "268", "1300": "12", "4100": "-80"},
                        "2025-03": {"1010": "336", "1300": "24", "4100": "-160"},
                        "2025-04": {"1010": "336", "1300": "24", "3300": "-160"},
                    },
                ),
                (f"{m},P,1700,800" for m in ("2025-02", "2025-03", "2025-04")),
                (f"{m},P,3000,-1000" for m in ("2025-02", "2025-03", "2025-04")),
                books(
                    "S",
                    {
                        "2025-02": {"1010": "1200", "4000": "-300", "6800": "100"},
                        "2025-03": {"1010": "1400", "4000": "-600", "6800": "200"},
                        "2025-04": {"1010": "1400", "3300": "-400"},
                    },
                ),
                (f"{m},S,3000,-1000" for m in ("2025-02", "2025-03", "2025-04")),
            ),
        )

    def test_the_group_has_neither_cost_nor_income_of_it(self, made: dict[str, Book]):
        """Revenue of 600.00 is the result: outsiders have 120.00 of it and got 40.00."""
        book = made["2025-03"]
        assert book.figure("6800") == book.figure("4100") == book.figure("3350") == 0
        assert plain(book.totals.net_income) == "600.00"
        outsiders = book.nci["S"]
        assert plain(outsiders.share_of_profit) == "120.00"
        assert plain(outsiders.dividends) == "-40.00"
        assert sheet(book)["1300"] == "24.00"

    def test_the_next_year_opens_with_what_was_left(self, made: dict[str, Book]):
        """20 % of 1,400.00 is what outsiders have; nothing of the interest is moved again."""
        book = made["2025-04"]
        assert plain(book.nci["S"].opening) == "280.00" == plain(made["2025-03"].nci["S"].closing)
        assert [each.id for each in book.entries if each.id.startswith("DIV")] == []

    def test_what_the_parent_credits_its_own_shareholders_is_no_cost(self, tmp_path: Path):
        """100.00 to outside holders in March: dividends of the owners, of their 480.00."""
        folder = self.told(tmp_path / "g")
        add(folder, "events.csv", "2025-03-25,jcp,P,6800,100.00,,")
        edit(folder, "balances/2025-03.csv", "P,1010,336\n", "P,1010,236\nP,6800,100\n")
        edit(folder, "balances/2025-04.csv", "P,1010,336\n", "P,1010,236\n")
        edit(folder, "balances/2025-04.csv", "P,3300,-160\n", "P,3300,-60\n")
        made = closed(folder)
        equity = made["2025-03"].equity
        assert equity is not None
        assert plain(equity.net_income_parent) == "480.00"
        assert plain(equity.dividends_parent) == "-100.00"
        after = made["2025-04"].equity
        assert after is not None
        assert after.retained_opening == equity.retained_closing == 380_00

    def test_a_holder_under_equity_pick_up_keeps_it_as_income(self, tmp_path: Path):
        """
        P picks up 80 % of what S earns after the interest, 200.00 a month, and has 80.00 as income.

        So it earns 480.00 in the two months as before, and carries 800.00 + 320.00.
        """
        folder = self.told(tmp_path / "g")
        chart = (folder / "chart.csv").read_text("utf-8")
        (folder / "chart.csv").write_text(chart + "4410,Pick-up,income,equity_pickup\n", "utf-8")
        (folder / "pickups.csv").write_text(
            "period,holder,acquisition,amount\n2025-02,P,ACQ-S,160.00\n2025-03,P,ACQ-S,160.00\n",
            "utf-8",
        )
        for month, carried, income, retained in (
            ("2025-02", "960", "P,4410,-160\n", ""),
            ("2025-03", "1120", "P,4410,-320\n", ""),
            ("2025-04", "1120", "", "P,3300,-160\n"),
        ):
            edit(folder, f"balances/{month}.csv", "P,1700,800\n", f"P,1700,{carried}\n{income}")
            if retained:
                edit(folder, f"balances/{month}.csv", retained, "P,3300,-480\n")
        made = closed(folder)
        book = made["2025-03"]
        assert entry(book, "MEP-ACQ-S") == {"1700": "-320.00", "4410": "320.00"}
        assert plain(book.totals.net_income_parent) == "480.00"
        assert [(each.figure, each.difference) for each in parity_of(book)] == [
            ("net_assets", 0),
            ("profit", 0),
            ("cta", 0),
        ]
        assert made["2025-04"].figure("1700") == 0
        group = read_group(folder).group
        days = parts_of_days(group, group.entities[0], Period(2025, 3), CashRules(group.chart))
        assert days == {}  # nothing of it came off the investment
