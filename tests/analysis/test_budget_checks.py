"""W12: what came of a month beside what was expected of it."""

from fractions import Fraction

import pytest

from monthclose.analysis.budget_checks import check_budget
from monthclose.analysis.validation import Beside, validate
from monthclose.rules import builtin
from tests.analysis.books import FEBRUARY, JANUARY, good

RULES = builtin()
CODES = {"revenue": "4000", "expense": "6000", "cash": "1010"}


def checked(period=FEBRUARY, **accounts):
    """S earns 100.00 in each month; what it expected, in reais."""
    book = good(period)
    budget = {CODES[name]: round(Fraction(amount) * 100) for name, amount in accounts.items()}
    return check_budget(book, {"S": budget}, RULES)


def missed(result):
    return [(f.subject, f.facts["account"], f.expected, f.actual) for f in result.findings]


class TestBudget:
    @pytest.mark.parametrize(("expected", "found"), [("-91", False), ("-90", True)])
    def test_a_line_a_tenth_away_is_told_with_both_amounts(self, expected, found):
        """100.00 came: 9.00 is less than a tenth of 91.00, 10.00 is more than one of 90.00."""
        told = [("S", "4000", round(Fraction(expected) * 100), -100_00)] if found else []
        assert missed(checked(revenue=expected)) == told

    def test_the_month_alone_counts_and_not_the_year_to_date(self):
        """200.00 stand in revenue at the end of February."""
        assert missed(checked(revenue="-100")) == []
        assert missed(checked(revenue="-200")) == [("S", "4000", -200_00, -100_00)]

    def test_in_the_first_month_of_a_year_the_year_to_date_is_the_month(self):
        assert missed(checked(JANUARY, revenue="-100")) == []

    def test_a_line_that_nobody_expected_is_one_of_nil(self):
        assert missed(checked()) == [("S", "4000", 0, -100_00)]

    def test_what_is_less_than_a_hundredth_of_the_income_expected_is_let_be(self):
        """0.99 of 100.00, and 1.01."""
        assert missed(checked(revenue="-100", expense="0.99")) == []
        assert missed(checked(revenue="-100", expense="1.01")) == [("S", "6000", 1_01, 0)]

    def test_positions_are_not_budgeted(self):
        assert missed(checked(revenue="-100", cash="5000")) == []

    def test_companies_without_a_budget_are_left_alone_and_without_any_there_is_no_check(self):
        assert check_budget(good(FEBRUARY), {}, RULES) is None
        assert "W12" not in {result.check for result in validate(good(FEBRUARY)).results}
        beside = validate(good(FEBRUARY), beside=Beside(budget={"P": {}}))
        (result,) = [each for each in beside.results if each.check == "W12"]
        assert {f.subject for f in result.findings} <= {"P"}
