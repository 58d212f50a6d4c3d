"""G20 as a folder: an associate becomes a subsidiary on 1 July, and lives on into the next year."""

from pathlib import Path

import pytest

from monthclose.consolidation.dated_steps import StepWithinMonth
from monthclose.ledger.events import Remeasurement
from monthclose.ledger.periods import Period
from tests.changes.tale import ties
from tests.changes.test_golden import expected, sheet, totals
from tests.changes.told import CHART, YEAR, Closes, cents, months, tell
from tests.groupfolder.folders import add, edit, places

MORE = (
    "1510,Software,asset,,",
    "1515,Software charged,asset,,",
    "1751,Associate,asset,,",
    "2500,Deferred tax,liability,,deferred_tax",
    "3310,Result before,retained_earnings,,result_before",
    "4400,Share of associates,income,,associate_result",
    "4520,Remeasurement,income,,",
    "6210,Amortisation,expense,,",
    "6910,Deferred tax of the year,expense,,deferred_tax_result",
)
NEXT = months("2025-01", 2)


def told(folder: Path) -> Path:
    """What S earned as an associate falls into June, what it earned afterwards into December."""
    equity = {"3000": "-250000.00", "3300": "-30000.00", "2300": "-40000.00"}
    before = equity | {"1010": "260000.00", "1751": "60000.00"}
    since = equity | {"1010": "150000.00", "1751": "60000.00", "1700": "110000.00"}
    ended = since | {"1010": "161000.00", "4000": "-75000.00", "6000": "64000.00"}
    later = since | {"1010": "161000.00", "3300": "-41000.00"}
    fixed = {"1100": "420000.00", "1400": "610000.00", "2010": "-210000.00"}
    fixed |= {"3000": "-600000.00"}
    july = fixed | {"1010": "280000.00", "3300": "-420000.00"}
    july |= {"4000": "-380000.00", "6000": "300000.00"}
    december = july | {"1010": "370000.00", "4000": "-800000.00", "6000": "630000.00"}
    january = fixed | {"1010": "370000.00", "3300": "-590000.00"}
    balances = {month: {"P": before} for month in YEAR[:6]}
    balances |= {month: {"P": since, "S": july} for month in YEAR[6:11]}
    balances[YEAR[11]] = {"P": ended, "S": december}
    balances |= {month: {"P": later, "S": january} for month in NEXT}
    rates = ["date,base,quote,value,kind", "2022-01-03,USD,BRL,5.60,historical"]
    rates += ["2023-12,USD,BRL,4.80,closing", "2024-07-01,USD,BRL,5.50,historical"]
    for month in (*YEAR, *NEXT):
        average = "5.00" if month < "2024-07" else "5.80"
        closing = {"2024-12": "6.20"}.get(month, "5.40" if month < "2024-07" else "6.00")
        rates += [f"{month},USD,BRL,{closing},closing", f"{month},USD,BRL,{average},average"]
    return tell(
        folder,
        balances,
        first_period="2024-01",
        chart=(*CHART, *MORE),
        entities=[
            "code,name,currency,method,first_period",
            "P,Parent,USD,parent,",
            "S,Investee,BRL,full,2024-07",
        ],
        ownership=["holder,investee,percent,from", "P,S,30,2022-01-03", "P,S,75,2024-07-01"],
        rates=rates,
        openings=[
            "entity,account,functional,translated",
            "S,1751,372000.00,77500.00",
            "S,3400,,-10450.00",
        ],
        acquisitions=[
            "id,acquirer,target,date,kind,consideration,consideration_currency,investment_account,"
            "investment,nci,nci_percent,share_capital,retained_earnings,tax_rate_pct",
            "OLD-S,P,S,2022-01-03,associate,336000.00,BRL,1751,60000.00,,,-600000.00,-300000.00,",
            "ACQ-S,P,S,2024-07-01,step,110000.00,USD,1700,110000.00,proportionate,25,-600000.00,"
            "-420000.00,34",
        ],
        step_ups=[
            "acquisition,id,amount,life,asset_account,accumulated_account,expense_account",
            "ACQ-S,SW,300000.00,60,1510,1515,6210",
        ],
        acquired_results=[
            "acquisition,account,amount",
            "ACQ-S,4000,-380000.00",
            "ACQ-S,6000,300000.00",
        ],
        associates=[
            "entity,period,result",
            *(f"S,{month},{'80000.00' if month == '2024-06' else '0.00'}" for month in YEAR[:6]),
        ],
        changes=[
            "date,kind,entity,holder,percent,proceeds,cost,investment_account,gain_account,"
            "fair_value",
            "2024-07-01,step,S,P,45,110000.00,110000.00,1700,4520,75000.00",
        ],
    )


@pytest.fixture
def closes(tmp_path: Path) -> Closes:
    return Closes(told(tmp_path / "g20"))


def by_a_foreign_holder(folder: Path) -> Path:
    """The same by a holder in pounds, worth a dollar on the two days, and never else."""
    told(folder)
    rows = ["2022-01-03,GBP,USD,1.00,historical", "2024-07-01,GBP,USD,1.00,historical"]
    rows.append("2023-12,GBP,USD,1.10,closing")
    for place, month in enumerate((*YEAR, *NEXT)):
        rows.append(f"{month},GBP,USD,1.{place * 37 % 29:02d},closing")
        rows.append(f"{month},GBP,USD,1.{place * 17 % 23:02d},average")
    for row in rows:
        add(folder, "rates.csv", row)
    for row in ("P,3000,-250000.00,-260000.00", "P,3300,-30000.00,-28000.00", "P,3400,,-20000.00"):
        add(folder, "openings.csv", row)
    edit(folder, "entities.csv", "P,Parent,USD", "P,Parent,GBP")
    return folder


class TestStep:
    def test_gives_the_figures_of_the_case(self, closes: Closes):
        """
        But for cents: the case charges six months at once, 30,000.00 / 5.80 = 5,172.41.

        Month by month it is six times 5,000.00 / 5.80 = 862.07, one cent more, and tax of six
        times 293.10, two less: three cents of result, which the layer's CTA has instead.
        """
        book, figures = closes.book("2024-12"), expected("G20")
        (made,) = book.changes
        assert isinstance(made, Remeasurement)
        of_case = figures["step_acquisition"]
        assert made.gain == cents(of_case["gain_total"])
        assert made.cta_recycled == cents(of_case["cta_recycled"])
        assert book.figure("6210") == 5_172_42
        assert book.figure("6910") == -1_758_60
        found, wanted = totals(book, figures)
        assert found["net_income"] == wanted["net_income"] - 3
        assert found["total_equity"] == wanted["total_equity"]
        assert found["total_assets"] == wanted["total_assets"]
        assert all(abs(found[name] - wanted[name]) <= 3 for name in wanted)
        found, wanted = sheet(book, figures)
        assert found.keys() == wanted.keys()
        cents_apart = {code for code in wanted if found[code] != wanted[code]}
        assert cents_apart <= {"3300", "3400", "3900"}
        assert all(abs(found[code] - wanted[code]) <= 3 for code in wanted)

    def test_every_check_stays_clean_into_the_next_year(self, closes: Closes):
        assert closes.findings((*YEAR, *NEXT)) == []

    def test_the_next_year_opens_with_what_was_closed(self, closes: Closes):
        last, now = closes.book("2024-12").equity, closes.book(NEXT[0]).equity
        assert last is not None
        assert now is not None
        assert now.retained_opening == last.retained_closing
        assert now.cta_parent.opening == last.cta_parent.closing
        assert now.nci_opening == last.nci_closing
        assert str(Period.parse(NEXT[0]).plus(-1)) == YEAR[-1]

    def test_a_holder_in_another_currency_takes_the_same_step(self, tmp_path: Path):
        """75,000.00 pounds are 75,000.00 dollars on the day: gain and goodwill are the case's."""
        closes = Closes(by_a_foreign_holder(tmp_path / "pounds"))
        (made,) = closes.book("2024-12").changes
        assert isinstance(made, Remeasurement)
        assert made.gain == cents(expected("G20")["step_acquisition"]["gain_total"])
        assert closes.findings((*YEAR, *NEXT)) == []
        books = [closes.book(month) for month in (*YEAR, *NEXT)]
        assert ties(books) == []
        assert (books[-1].figure("1751"), books[-1].figure("1700")) == (0, 0)


class TestOwnYear:
    """S's own years end in September: its books retain 80,000.00 in October, and open anew."""

    def closes(self, folder: Path) -> Closes:
        told(folder)
        edit(folder, "entities.csv", "method,first_period", "method,first_period,year_end")
        edit(folder, "entities.csv", "USD,parent,", "USD,parent,,")
        edit(folder, "entities.csv", "full,2024-07", "full,2024-07,9")
        for month in ("2024-10", "2024-11"):
            edit(folder, f"balances/{month}.csv", "S,3300,-420000.00", "S,3300,-500000.00")
            edit(folder, f"balances/{month}.csv", "S,4000,-380000.00\n", "")
            edit(folder, f"balances/{month}.csv", "S,6000,300000.00\n", "")
        for month in (YEAR[11], *NEXT):
            booked = "S,3300,-420000.00" if month == YEAR[11] else "S,3300,-590000.00"
            own = "S,3300,-500000.00\nS,4000,-420000.00\nS,6000,330000.00"
            edit(folder, f"balances/{month}.csv", booked, own)
        edit(folder, "balances/2024-12.csv", "S,4000,-800000.00\nS,6000,630000.00\n", "")
        return Closes(folder)

    def test_every_figure_is_that_of_a_company_with_the_groups_year(
        self, closes: Closes, tmp_path: Path
    ):
        """What it earned as an associate is cut off although its books have retained it since."""
        other = self.closes(tmp_path / "own")
        assert other.findings((*YEAR, *NEXT)) == []
        for month in (*YEAR, *NEXT):
            one, two = closes.book(month), other.book(month)
            assert one.totals == two.totals, month
            assert one.closed.tolist() == two.closed.tolist(), month


class TestMistakes:
    def test_a_step_has_a_fair_value_and_nothing_else_has(self, tmp_path: Path):
        folder = told(tmp_path / "g20")
        edit(folder, "changes.csv", "4520,75000.00", "4520,")
        assert places(folder) == [("changes.csv", 2, "fair_value", "value-needed")]

    def test_it_is_of_the_first_day_of_a_month(self, tmp_path: Path):
        folder = told(tmp_path / "g20")
        for file, old, new in (
            ("changes.csv", "2024-07-01", "2024-07-02"),
            ("acquisitions.csv", "S,2024-07-01", "S,2024-07-02"),
            ("ownership.csv", "75,2024-07-01", "75,2024-07-02"),
        ):
            edit(folder, file, old, new)
        add(folder, "rates.csv", "2024-07-02,USD,BRL,5.50,historical")
        with pytest.raises(StepWithinMonth):
            Closes(folder).book("2024-07")

    def test_a_purchase_in_steps_needs_its_step(self, tmp_path: Path):
        """Without the step the associate is a subsidiary that nobody says became one."""
        folder = told(tmp_path / "g20")
        (folder / "changes.csv").unlink()
        assert ("associates.csv", 2, "entity", "associate-consolidated") in places(folder)
