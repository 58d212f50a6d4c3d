"""Months, and the fiscal years they belong to."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.ledger.periods import FiscalYear, NotAPeriod, Period

MONTHS = st.builds(Period, st.integers(2000, 2100), st.integers(1, 12))
YEARS = st.builds(FiscalYear, st.integers(1, 12))


class TestPeriod:
    @pytest.mark.parametrize("text", ["2000-01", "2025-06", "2100-12"])
    def test_a_month_is_written_the_way_it_was_read(self, text: str):
        assert str(Period.parse(text)) == text

    @pytest.mark.parametrize(
        "text",
        ["", "2025", "2025-6", "2025-13", "2025-00", "1999-12", "2101-01", "2025-06-30", "06/2025",
         " 2025-06", "2025-06\n", "２０２５-06"],
    )  # fmt: skip
    def test_any_other_form_is_refused(self, text: str):
        with pytest.raises(NotAPeriod) as refused:
            Period.parse(text)
        assert refused.value.text == text

    @pytest.mark.parametrize(
        ("month", "last"),
        [
            ("2024-02", date(2024, 2, 29)),
            ("2025-02", date(2025, 2, 28)),
            ("2000-02", date(2000, 2, 29)),
            ("2100-02", date(2100, 2, 28)),
            ("2025-12", date(2025, 12, 31)),
            ("2025-04", date(2025, 4, 30)),
        ],
    )
    def test_a_leap_february_has_twenty_nine_days(self, month: str, last: date):
        assert Period.parse(month).last_day == last

    def test_a_month_is_that_of_its_days(self):
        june = Period(2025, 6)
        assert Period.of(june.first_day) == Period.of(june.last_day) == june

    @given(MONTHS, st.integers(-600, 600))
    def test_months_later_and_as_many_earlier_is_where_one_began(self, month: Period, by: int):
        assert month.plus(by).plus(-by) == month
        assert (month.plus(by) > month) == (by > 0)

    def test_each_language_writes_it_its_own_way(self):
        assert Period(2025, 6).shown("en") == "2025-06"
        assert Period(2025, 6).shown("pt-BR") == "06/2025"


class TestFiscalYear:
    def test_a_calendar_year_opens_in_january(self):
        year = FiscalYear()
        assert year.start(Period(2025, 1)) == year.start(Period(2025, 12)) == Period(2025, 1)
        assert year.year(Period(2025, 12)) == 2025

    @pytest.mark.parametrize(
        ("end", "month", "start", "named"),
        [
            (3, "2025-03", "2024-04", 2025),
            (3, "2025-04", "2025-04", 2026),
            (6, "2025-06", "2024-07", 2025),
            (6, "2025-07", "2025-07", 2026),
            (11, "2025-12", "2025-12", 2026),
            (11, "2025-11", "2024-12", 2025),
            (1, "2025-01", "2024-02", 2025),
        ],
    )
    def test_a_year_is_named_for_the_calendar_year_it_ends_in(
        self, end: int, month: str, start: str, named: int
    ):
        year, period = FiscalYear(end), Period.parse(month)
        assert str(year.start(period)) == start
        assert year.year(period) == named

    def test_the_months_to_date_end_with_the_month(self):
        """A year that ends in March opens in April: in June three months have passed."""
        months = FiscalYear(3).to_date(Period(2025, 6))
        assert [str(month) for month in months] == ["2025-04", "2025-05", "2025-06"]

    @given(YEARS, MONTHS)
    def test_a_year_has_twelve_months_and_one_of_them_is_the_first(
        self, year: FiscalYear, month: Period
    ):
        to_date = year.to_date(month)
        assert to_date[0] == year.start(month)
        assert to_date[-1] == month
        assert 1 <= len(to_date) <= 12
        assert [year.is_first(each) for each in to_date] == [True] + [False] * (len(to_date) - 1)
        assert {year.year(each) for each in to_date} == {year.year(month)}
        assert year.year(to_date[0].plus(-1)) == year.year(month) - 1
        assert (len(to_date) == 12) == (month.month == year.end_month)
