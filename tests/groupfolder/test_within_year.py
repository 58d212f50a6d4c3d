"""A company bought within its fiscal year: what it had earned before is equity acquired."""

from pathlib import Path

import pytest

from monthclose.consolidation.before_control import ResultBeforeMissing
from monthclose.consolidation.schedules import RoleMissing
from monthclose.groupfolder import read_group
from monthclose.groupfolder.writer import write_group
from monthclose.ledger.money import plain
from tests.groupfolder.folders import edit, put
from tests.groupfolder.purchases import (
    CHART,
    close,
    figures,
    months,
    put_balances,
    rates,
    settings,
    write,
)

RESULTS = "acquisition,account,amount\nACQ-S,4000,-70.00\nACQ-S,6000,10.00\n"
ALL_RATES = {
    "2025-06": ("0.19", "0.19"),
    "2025-07": ("0.22", "0.21"),
    "2025-08": ("0.24", "0.23"),
} | dict.fromkeys(months("2025-09", "2026-02"), ("0.25", "0.25"))


def folder_of(
    path: Path, day: str = "2025-07-15", first: str = "2025-07", presentation: str = "USD"
) -> Path:
    """
    P buys 80 % of S within 2025 for 1,000.00 reais, when one real costs 0.20.

    S has capital of 800.00 and 100.00 of earlier profits. Its year to date is 60.00 on 15
    July and, by chance, at the end of June, 110.00 at the end of July, 150.00 from August on.
    """
    cost = "200.00" if presentation == "USD" else "1000.00"
    currency = presentation
    folder = write(
        path / "within",
        {
            "group.toml": settings(presentation),
            "entities.csv": "code,name,currency,method,first_period\n"
            f"P,P Inc.,{currency},parent,\nS,S Ltda.,BRL,full,{first}\n",
            "chart.csv": CHART,
            "ownership.csv": f"holder,investee,percent,from\nP,S,80,{day}\n",
            "rates.csv": rates(ALL_RATES, f"{day},BRL,USD,0.20,historical,by hand"),
            "acquisitions.csv": "id,acquirer,target,date,kind,consideration,"
            "consideration_currency,investment_account,investment,nci,nci_percent,share_capital,"
            "retained_earnings\n"
            f"ACQ-S,P,S,{day},purchase,1000.00,BRL,1700,{cost},proportionate,20,-800.00,-100.00\n",
        },
    )
    own = {"1700": cost, "3000": "-1500.00"}
    put_balances(folder, "P", own, months("2025-06", "2026-02"))
    standing = {"3000": "-800.00", "3300": "-100.00"}
    for month, earned in {
        "2025-06": {"4000": "-70.00", "6000": "10.00"},
        "2025-07": {"4000": "-130.00", "6000": "20.00"},
    }.items():
        put_balances(folder, "S", standing | earned, [month])
    later = standing | {"4000": "-180.00", "6000": "30.00"}
    put_balances(folder, "S", later, months("2025-08", "2025-12"))
    put_balances(folder, "S", {"3000": "-800.00", "3300": "-250.00"}, months("2026-01", "2026-02"))
    return folder


class TestAbroad:
    def test_what_was_earned_before_is_equity_and_only_the_months_after_are_averaged(
        self, tmp_path
    ):
        """
        July: revenue 130.00 - 70.00 = 60.00 x 0.21 = 12.60, expenses 10.00 x 0.21 = 2.10.

        August adds 50.00 x 0.23 = 11.50 and 10.00 x 0.23 = 2.30. Equity 800 + 100 + 60 = 960;
        goodwill 1,000.00 + 192.00 - 960.00 = 232.00, at 0.20 = 46.40, outsiders 38.40.
        CTA of S in July: 1,010.00 x 0.22 - 192.00 - 10.50 = 19.70.
        """
        folder = folder_of(tmp_path)
        put(folder, "acquired_results.csv", RESULTS)
        books = close(folder, months("2025-07", "2025-08"))
        july, august = books["2025-07"], books["2025-08"]
        assert figures(july, "4000", "6000", "3310", "1600") == {
            "4000": "-12.60",
            "6000": "2.10",
            "3310": "0.00",
            "1600": "51.04",
        }
        assert figures(august, "4000", "6000") == {"4000": "-24.10", "6000": "4.40"}
        purchase = july.purchases["ACQ-S"]
        assert (purchase.book_equity, purchase.goodwill) == (960_00, 232_00)
        assert (purchase.goodwill_presentation, purchase.nci_presentation) == (46_40, 38_40)
        assert july.translations[1].cta.closing == 19_70

    def test_the_next_year_opens_where_the_year_of_the_purchase_closed(self, tmp_path):
        """
        Retained earnings 250.00 open: 20.00 + 12.00 as bought, 10.50 and 9.20 as earned.

        Outsiders: 38.40 + 20 % x 19.70 + 20 % x CTA; net assets 1,050.00 x 0.25 = 262.50,
        CTA 262.50 - 192.00 - 19.70 = 50.80; 38.40 + 3.94 + 10.16 = 52.50 = 20 % x 262.50.
        """
        folder = folder_of(tmp_path)
        put(folder, "acquired_results.csv", RESULTS)
        books = close(folder, months("2025-07", "2026-02"))
        book = books["2026-02"]
        assert plain(book.nci["S"].opening) == "52.50"
        assert book.translations[1].amount("3300") == -(20_00 + 12_00 + 10_50 + 9_20)
        assert figures(book, "3310", "4000", "1600") == {
            "3310": "0.00",
            "4000": "0.00",
            "1600": "58.00",
        }

    def test_goodwill_and_outsiders_at_acquisition_stay_when_its_year_is_over(self, tmp_path):
        folder = folder_of(tmp_path)
        put(folder, "acquired_results.csv", RESULTS)
        books = close(folder, months("2025-07", "2026-01"))
        was, now = (books[month].purchases["ACQ-S"] for month in ("2025-12", "2026-01"))
        assert now.goodwill_presentation == was.goodwill_presentation
        assert now.nci_presentation == was.nci_presentation
        assert now.cta.opening == was.cta.closing


class TestJustEnded:
    @pytest.mark.parametrize(
        ("day", "first"), [("2025-07-01", "2025-07"), ("2025-06-30", "2025-06")]
    )
    def test_the_balance_of_the_month_that_had_just_ended_says_it(self, tmp_path, day, first):
        """The same 60.00 as by table: July is 60.00 - 10.00 at 0.21, June itself is nothing."""
        books = close(folder_of(tmp_path, day, first), months(first, "2026-02"))
        july = books["2025-07"]
        assert july.purchases["ACQ-S"].book_equity == 960_00
        assert figures(july, "4000", "6000") == {"4000": "-12.60", "6000": "2.10"}
        assert july.facts.acquisitions[0].result == {"4000": -70_00, "6000": 10_00}
        if first == "2025-06":
            assert figures(books["2025-06"], "4000", "6000") == {"4000": "0.00", "6000": "0.00"}

    def test_without_it_the_table_is_asked_for(self, tmp_path):
        folder = folder_of(tmp_path, "2025-07-01")
        lines = (folder / "balances/2025-06.csv").read_text("utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("S,")]
        put(folder, "balances/2025-06.csv", "\n".join([*kept, ""]))
        with pytest.raises(ResultBeforeMissing, match="acquired_results"):
            close(folder, ["2025-07"])
        put(folder, "acquired_results.csv", RESULTS)
        assert close(folder, ["2025-07"])["2025-07"].purchases["ACQ-S"].book_equity == 960_00

    def test_a_day_within_a_month_needs_the_table(self, tmp_path):
        with pytest.raises(ResultBeforeMissing):
            close(folder_of(tmp_path), ["2025-07"])

    def test_an_account_for_it_has_to_be_named(self, tmp_path):
        folder = folder_of(tmp_path, "2025-07-01")
        edit(folder, "chart.csv", ",result_before", ",")
        with pytest.raises(RoleMissing, match="result_before"):
            close(folder, ["2025-07"])

    def test_the_first_day_of_a_fiscal_year_needs_nothing(self, tmp_path):
        """A year that ends in June begins on 1 July: nothing was earned in it before."""
        folder = folder_of(tmp_path, "2025-07-01")
        put(folder, "group.toml", settings(year_end=6))
        july = folder / "balances/2025-07.csv"
        kept = [line for line in july.read_text("utf-8").splitlines() if line[:2] != "S,"]
        july.write_text("\n".join([*kept, ""]), "utf-8")
        standing = {"3000": "-800.00", "3300": "-160.00", "4000": "-60.00", "6000": "10.00"}
        put_balances(folder, "S", standing, ["2025-07"])
        edit(folder, "acquisitions.csv", "-800.00,-100.00", "-800.00,-160.00")
        book = close(folder, ["2025-07"])["2025-07"]
        assert book.purchases["ACQ-S"].book_equity == 960_00
        assert figures(book, "4000", "6000") == {"4000": "-12.60", "6000": "2.10"}


class TestWritten:
    def test_it_is_written_as_it_was_read(self, tmp_path):
        folder = folder_of(tmp_path)
        put(folder, "acquired_results.csv", RESULTS)
        found = read_group(folder)
        write_group(tmp_path / "again", found.group, found.balances)
        assert read_group(tmp_path / "again").group.acquisitions == found.group.acquisitions


class TestAtHome:
    def test_a_target_in_the_presentation_currency_is_cut_off_too(self, tmp_path):
        """In reais: July 60.00 - 10.00 after control, goodwill 232.00, outsiders 192.00 + 10.00."""
        folder = folder_of(tmp_path, presentation="BRL")
        put(folder, "acquired_results.csv", RESULTS)
        books = close(folder, months("2025-07", "2026-02"))
        july = books["2025-07"]
        assert figures(july, "4000", "6000", "1600", "3310") == {
            "4000": "-60.00",
            "6000": "10.00",
            "1600": "232.00",
            "3310": "0.00",
        }
        assert plain(july.nci["S"].closing) == "202.00"
        assert plain(books["2026-02"].nci["S"].closing) == "210.00"


class TestClean:
    """Step-ups, amortised goodwill and losses of a company bought on 15 July, to February."""

    @pytest.mark.parametrize("presentation", ["USD", "BRL"])
    @pytest.mark.parametrize(
        ("nci", "percent", "amount", "share"),
        [
            ("none", "", "", "100"),
            ("proportionate", "20", "", "80"),
            ("fair_value", "", "190.00", "80"),
        ],
    )
    def test_no_check_blocks_whoever_owns_the_rest(
        self, tmp_path, presentation, nci, percent, amount, share
    ):
        """
        First charged in August, as control passed after the first weekday: seven months.

        Until a loss a thirtieth of goodwill goes each month. The five months of the step-up
        end in December, so that the next year is charged nothing of it.
        """
        folder = folder_of(tmp_path, presentation=presentation)
        put(folder, "acquired_results.csv", RESULTS)
        edit(folder, "ownership.csv", "P,S,80,", f"P,S,{share},")
        edit(
            folder,
            "acquisitions.csv",
            "nci_percent,",
            "nci_percent,nci_amount,tax_rate_pct,goodwill_life,",
        )
        edit(folder, "acquisitions.csv", "proportionate,20,", f"{nci},{percent},{amount},34,30,")
        put(
            folder,
            "step_ups.csv",
            "acquisition,id,amount,life,asset_account,accumulated_account,expense_account\n"
            "ACQ-S,CUST,20.00,5,1510,1515,6210\nACQ-S,LAND,-7.77,,1510,,\n",
        )
        losses = "date,kind,entity,amount,reference\n2025-09-20,impairment,S,1.11,ACQ-S\n"
        put(folder, "events.csv", losses + "2026-01-31,impairment,S,0.70,ACQ-S\n")
        books = close(folder, months("2025-07", "2026-02"))
        schedule = books["2026-02"].purchases["ACQ-S"].goodwill_schedule
        labels = {each.label for each in schedule.charges}
        assert labels == set(months("2025-08", "2026-02"))
        before = schedule.acquired - sum(c.amount for c in schedule.charges if c.label <= "2025-08")
        assert before == schedule.acquired - round(schedule.acquired / 30)
        assert books["2026-02"].figure("6210") == 0


class TestMidYear:
    def test_records_that_begin_within_the_year_go_on_as_if_they_had_begun_before(self, tmp_path):
        """
        From September with openings, every figure is that of the records from July on.

        But for a cent between owners and outsiders, whose CTA is rounded as it opens. The
        charge of August, before the first month, is in the result of the year so far; from
        January on all of them are in retained earnings.
        """
        folder = folder_of(tmp_path)
        put(folder, "acquired_results.csv", RESULTS)
        edit(folder, "acquisitions.csv", "nci_percent,", "nci_percent,tax_rate_pct,goodwill_life,")
        edit(folder, "acquisitions.csv", "proportionate,20,", "proportionate,20,34,30,")
        put(
            folder,
            "step_ups.csv",
            "acquisition,id,amount,life,asset_account,accumulated_account,expense_account\n"
            "ACQ-S,CUST,20.00,9,1510,1515,6210\n",
        )
        loss = "date,kind,entity,amount,reference\n2025-08-31,impairment,S,1.11,ACQ-S\n"
        put(folder, "events.csv", loss)
        whole = close(folder, months("2025-07", "2026-02"))
        (of_s,) = (t for t in whole["2025-08"].translations if t.entity == "S")
        lines = zip(of_s.accounts, of_s.reported.tolist(), of_s.amounts.tolist(), strict=True)
        rows = [f"S,{a},{plain(r)},{plain(t)}" for a, r, t in lines if a[0] in "346"]
        rows += [f"S,3400,,{plain(-of_s.cta.closing)}", "P,3000,-1500.00,-1500.00", "P,4000,0,0"]
        put(folder, "openings.csv", "\n".join(["entity,account,functional,translated", *rows, ""]))
        put(folder, "group.toml", settings(first="2025-09"))
        later = close(folder, months("2025-09", "2026-02"))
        moved = {
            (month, account): abs(book.figure(account) - whole[month].figure(account))
            for month, book in later.items()
            for account in book.chart.codes
            if book.figure(account) != whole[month].figure(account)
        }
        assert {account for _, account in moved} <= {"3400", "3900"}
        assert max(moved.values(), default=0) <= 1
        assert not any(month >= "2026" for month, _ in moved)
        assert later["2025-09"].figure("6210") == whole["2025-09"].figure("6210") != 0
