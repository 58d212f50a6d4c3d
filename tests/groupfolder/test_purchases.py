"""A purchase abroad as a folder tells it: step-ups, deferred tax, losses, over two years."""

from pathlib import Path

import pytest

from monthclose.groupfolder import read_group
from monthclose.groupfolder.writer import write_group
from monthclose.ledger.book import Book
from monthclose.ledger.money import plain
from monthclose.ledger.purchases import Schedule
from monthclose.ledger.rates import MissingRate
from tests.groupfolder.folders import edit, places, put
from tests.groupfolder.purchases import IN_2025, IN_2026, abroad_in, close, figures, settings


@pytest.fixture
def abroad(tmp_path: Path) -> Path:
    """A purchase with step-ups, which loses goodwill in its second year."""
    return abroad_in(tmp_path)


def schedule(book: Book) -> Schedule:
    """The schedule of the only purchase."""
    found = book.purchases["ACQ-S"].schedule
    assert found is not None
    return found


class TestAbroad:
    def test_a_year_of_charges_with_their_deferred_tax(self, abroad):
        """
        15.00 a month at 0.22 = 3.30, a tax release of 5.10 = 1.12 (1.122): 39.60 and 13.44.

        At 0.25: customers 90.00, 180.00 charged = 45.00, tax 34 % x 180.00 = 61.20 = 15.30.
        Goodwill 1,200.00 + 247.52 - 1,237.60 = 209.92 = 52.48; at acquisition 240.00 +
        49.50 - 200.00 - 47.52 = 41.98.
        CTA of the layer: 29.70 - 47.52 + 39.60 - 13.44 = 8.34; of goodwill 10.50.
        """
        book = close(abroad, IN_2025)["2025-12"]
        assert figures(book, "1510", "1515", "2500", "1600", "6210", "6910") == {
            "1510": "90.00",
            "1515": "-45.00",
            "2500": "-15.30",
            "1600": "52.48",
            "6210": "39.60",
            "6910": "-13.44",
        }
        goodwill, step_ups = book.purchases["ACQ-S"].layers
        assert (step_ups.cta.closing, goodwill.cta.closing) == (8_34, 10_50)

    def test_the_next_year_opens_where_it_closed_and_loses_goodwill(self, abroad):
        """
        Three months: 3 x 3.60 = 10.80, release 3 x 1.22 (1.224) = 3.66.

        Loss 50.00 x 0.245 = 12.25, at the rate of its day. At 0.23: customers 82.80, 225.00
        charged = 51.75, tax 34 % x 135.00 = 45.90 = 10.56; goodwill 159.92 = 36.78.

        Outsiders: opening 49.50 + 20 % x (22.00 - 26.16) + 20 % x (53.00 + 8.34) = 60.94;
        20 % x (24.00 - 7.14) = 3.37; 20 % x (-23.00 - 2.07) = -5.01: closing 59.30, which
        is 20 % x (1,200.00 x 0.23 + 20.49) = 59.298.
        """
        books = close(abroad, IN_2025 + IN_2026)
        book = books["2026-03"]
        assert figures(book, "1510", "1515", "2500", "1600", "6210", "6910", "6220") == {
            "1510": "82.80",
            "1515": "-51.75",
            "2500": "-10.56",
            "1600": "36.78",
            "6210": "10.80",
            "6910": "-3.66",
            "6220": "12.25",
        }
        outsiders = book.nci["S"]
        said = (outsiders.opening, outsiders.share_of_profit, outsiders.share_of_cta)
        assert [plain(each) for each in said] == ["60.94", "3.37", "-5.01"]
        assert plain(outsiders.closing) == "59.30"
        assert books["2026-01"].figure("6220") == 0

    def test_a_loss_of_a_day_without_a_rate_takes_the_average_of_its_month(self, abroad):
        """50.00 x 0.24 = 12.00."""
        edit(abroad, "rates.csv", "2026-02-10,BRL,USD,0.245,historical,by hand\n", "")
        assert close(abroad, ["2026-03"])["2026-03"].figure("6220") == 12_00

    def test_a_month_is_the_same_in_whatever_close_it_is_added_up(self, abroad):
        """What later closes add to it is later months alone."""
        books = close(abroad, IN_2025 + IN_2026)
        alone = {month: close(abroad, [month])[month] for month in ("2025-03", "2026-02")}
        assert {month: book.digest for month, book in alone.items()} == {
            month: books[month].digest for month in alone
        }
        early = schedule(books["2025-03"]).charges
        late = schedule(books["2026-03"]).charges
        assert [(c.label, c.account, c.amount, c.quote) for c in early] == [
            (c.label, c.account, c.amount, c.quote) for c in late[: len(early)]
        ]

    def test_an_average_from_before_the_rates_is_asked_for(self, abroad):
        """The purchase charges since January; the group begins in March, with openings."""
        edit(abroad, "rates.csv", "2025-02,BRL,USD,0.22,average,by hand\n", "")
        edit(abroad, "rates.csv", "2025-01,BRL,USD,0.22,average,by hand\n", "")
        put(abroad, "group.toml", settings(first="2025-03"))
        put(
            abroad,
            "openings.csv",
            "entity,account,functional,translated\nS,3000,-1000.00,-200.00\n"
            "S,4000,-100.00,-22.00\nS,3400,,-20.00\nP,3000,-500.00,-500.00\n"
            "P,4000,0.00,0.00\n",
        )
        with pytest.raises(MissingRate) as refused:
            close(abroad, ["2025-03"])
        said = refused.value.facts
        assert (said["when"], said["where"], str(said["kind"])) == ("2025-01", "ACQ-S", "average")


class TestWritten:
    def test_it_is_written_as_it_was_read(self, abroad, tmp_path):
        """Terms, step-ups and losses."""
        edit(abroad, "acquisitions.csv", "tax_rate_pct\n", "tax_rate_pct,goodwill_life\n")
        edit(abroad, "acquisitions.csv", "-1000.00,34\n", "-1000.00,34,20\n")
        put(abroad, "step_ups.csv", (abroad / "step_ups.csv").read_text("utf-8")
            + "ACQ-S,LAND,,10.00,,1510,,\n")  # fmt: skip
        found = read_group(abroad)
        write_group(tmp_path / "again", found.group, found.balances)
        again = read_group(tmp_path / "again").group
        assert again.acquisitions == found.group.acquisitions
        assert len(again.acquisitions[0].step_ups) == 2
        assert again.impairments == found.group.impairments != ()


class TestLives:
    def test_a_life_that_ends_within_a_year_ends_at_nil(self, abroad):
        """
        360.00 over 7 months: 51.43, 102.86, ..., 360.00 in July; nothing after.

        At 0.22 each: six charges of 51.43 or 51.42 = 11.31 and one of 51.43; all 79.20 but
        for the cents of seven roundings.
        """
        edit(abroad, "step_ups.csv", "360.00,24", "360.00,7")
        books = close(abroad, IN_2025)
        july, december = books["2025-07"], books["2025-12"]
        assert figures(july, "1515", "2500") == {"1515": "-79.20", "2500": "0.00"}
        assert figures(december, "1515") == {"1515": "-90.00"}
        assert july.figure("6210") == december.figure("6210")
        assert abs(july.figure("6210") - 79_20) <= 3
        assert sum(c.amount for c in schedule(december).charges
                   if c.account == "6210") == 360_00  # fmt: skip

    @pytest.mark.parametrize(
        ("day", "first_charge", "months_charged"),
        [
            ("2025-01-01", "", 3),  # a Wednesday, the first weekday
            ("2025-01-01", "2025-02", 2),
        ],
    )
    def test_the_first_month_follows_the_day_of_control_or_the_record(
        self, abroad, day, first_charge, months_charged
    ):
        edit(abroad, "acquisitions.csv", "tax_rate_pct\n", "tax_rate_pct,first_charge\n")
        edit(abroad, "acquisitions.csv", "-1000.00,34\n", f"-1000.00,34,{first_charge}\n")
        book = close(abroad, ["2025-03"])["2025-03"]
        assert schedule(book).amortisation_current == months_charged * 15_00

    def test_goodwill_is_amortised_and_a_loss_is_spread_over_the_rest(self, abroad):
        """
        209.92 over 20 months: 10.496 a month, 146.94 (146.944) after 14.

        62.98 are left in February 2026; 50.00 lost leave 12.98 over 6 months: 2.16 (2.163)
        in March.
        """
        edit(abroad, "acquisitions.csv", "tax_rate_pct\n", "tax_rate_pct,goodwill_life\n")
        edit(abroad, "acquisitions.csv", "-1000.00,34\n", "-1000.00,34,20\n")
        schedule = close(abroad, IN_2025 + IN_2026)["2026-03"].purchases["ACQ-S"].goodwill_schedule
        taken = {(c.label, c.account): c.amount for c in schedule.charges}
        assert sum(a for (label, _), a in taken.items() if label <= "2026-01") == 136_45
        assert taken["2026-02", "6230"] == 10_49
        assert (taken["2026-02", "6220"], taken["2026-03", "6230"]) == (50_00, 2_16)
        assert schedule.closing == 10_82


class TestMistakes:
    def test_each_is_named_with_its_place(self, abroad):
        """One of every kind."""
        edit(abroad, "chart.csv", ",deferred_tax_result", ",")
        edit(abroad, "events.csv", "2026-02-10,impairment,S,50.00,ACQ-S\n",
             "2026-02-10,impairment,S,50.00,ACQ-T\n2024-12-31,impairment,S,1.00,ACQ-S\n"
             "2026-02-10,impairment,P,1.00,ACQ-S\n2026-02-10,impairment,S,1.00,\n")  # fmt: skip
        put(
            abroad,
            "step_ups.csv",
            "acquisition,id,amount,life,asset_account,accumulated_account,expense_account\n"
            "ACQ-S,CUST,360.00,24,1510,1515,3000\nACQ-S,TECH,1.00,24,1510,,\n"
            "ACQ-T,A,1.00,,1510,,\nACQ-S,B,1.00,0,1510,1515,6210\n",
        )
        put(
            abroad,
            "acquired_results.csv",
            "acquisition,account,amount\nACQ-S,4000,-1.00\nACQ-S,1010,1.00\nACQ-T,4000,-1.00\n",
        )
        assert sorted(places(abroad)) == [
            ("acquired_results.csv", 2, "acquisition", "result-of-nothing"),
            ("acquired_results.csv", 3, "account", "account-class"),
            ("acquired_results.csv", 3, "acquisition", "result-of-nothing"),
            ("acquired_results.csv", 4, "acquisition", "acquisition-unknown"),
            ("acquisitions.csv", 2, "tax_rate_pct", "role-unassigned"),
            ("events.csv", 2, "reference", "acquisition-unknown"),
            ("events.csv", 3, "date", "loss-early"),
            ("events.csv", 4, "entity", "acquisition-other"),
            ("events.csv", 5, "reference", "value-needed"),
            ("step_ups.csv", 2, "expense_account", "account-class"),
            ("step_ups.csv", 3, "accumulated_account", "value-needed"),
            ("step_ups.csv", 3, "expense_account", "value-needed"),
            ("step_ups.csv", 4, "acquisition", "acquisition-unknown"),
            ("step_ups.csv", 5, "life", "months-unreadable"),
        ]

    def test_a_rate_without_step_ups_and_step_ups_without_one(self, abroad):
        edit(abroad, "acquisitions.csv", "-1000.00,34", "-1000.00,")
        assert places(abroad) == [("acquisitions.csv", 2, "tax_rate_pct", "value-needed")]
        edit(abroad, "acquisitions.csv", "-1000.00,", "-1000.00,34")
        (abroad / "step_ups.csv").unlink()
        assert places(abroad) == [("acquisitions.csv", 2, "tax_rate_pct", "step-ups-none")]

    def test_a_first_charge_before_the_purchase_has_no_sense(self, abroad):
        edit(abroad, "acquisitions.csv", "tax_rate_pct\n", "tax_rate_pct,first_charge\n")
        edit(abroad, "acquisitions.csv", "-1000.00,34\n", "-1000.00,34,2024-12\n")
        assert places(abroad) == [("acquisitions.csv", 2, "first_charge", "charge-early")]
