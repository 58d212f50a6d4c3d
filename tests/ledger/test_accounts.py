"""The standard chart: order, classes, and the accounts the close itself needs."""

import pytest

from monthclose.ledger.accounts import (
    ENTERED,
    FAIR_VALUE_CLEARING,
    GOODWILL_CLEARING,
    POSITION,
    RESULT,
    Account,
    AccountClass,
    Roles,
    UnknownAccount,
    chart_of,
)

CASH = Account("1010", "Cash", AccountClass.ASSET)
LOANS = Account("2300", "Loans", AccountClass.LIABILITY)
CAPITAL = Account("3000", "Capital", AccountClass.SHARE_CAPITAL)
SALES = Account("4000", "Sales", AccountClass.INCOME)


class TestChartOf:
    def test_accounts_stand_in_order_of_code(self):
        chart = chart_of((SALES, CASH, LOANS))
        assert list(chart.codes) == sorted(chart.codes)
        assert chart_of((LOANS, CASH, SALES)).accounts == chart.accounts

    def test_the_accounts_of_the_close_are_added(self):
        chart = chart_of((CASH,))
        kinds = {code: chart.kind(code) for code in chart.codes}
        assert kinds == {
            "1010": AccountClass.ASSET,
            "1600": AccountClass.ASSET,
            "1990": AccountClass.ASSET,
            "3300": AccountClass.RETAINED_EARNINGS,
            "3350": AccountClass.DIVIDENDS,
            "3400": AccountClass.CTA,
            "3900": AccountClass.NCI,
            "4200": AccountClass.INCOME,
            "4500": AccountClass.INCOME,
            "6990": AccountClass.EXPENSE,
            GOODWILL_CLEARING: AccountClass.CLEARING,
            FAIR_VALUE_CLEARING: AccountClass.CLEARING,
        }

    def test_a_group_may_give_them_its_own_codes_and_names(self):
        own = Account("2.3.9", "Ajuste de conversão", AccountClass.CTA)
        chart = chart_of((CASH, own), Roles(cta="2.3.9"))
        assert chart["2.3.9"] is own
        assert "3400" not in chart

    def test_what_the_close_computes_cannot_be_entered(self):
        computed = {AccountClass.CTA, AccountClass.NCI, AccountClass.CLEARING}
        assert not computed & ENTERED
        assert computed | ENTERED == set(AccountClass)


class TestChart:
    CHART = chart_of((CASH, LOANS, CAPITAL, SALES))

    def test_each_code_is_at_its_place(self):
        for code, place in self.CHART.index.items():
            assert self.CHART.accounts[place].code == code
            assert self.CHART[code].code == code
            assert code in self.CHART
        assert "9999" not in self.CHART

    def test_of_kind_marks_the_accounts_of_those_kinds(self):
        marked = self.CHART.of_kind(*RESULT)
        codes = {c for c, yes in zip(self.CHART.codes, marked, strict=True) if yes}
        assert codes == {"4000", "4200", "4500", "6990"}

    def test_no_account_is_both_position_and_result(self):
        assert not (self.CHART.of_kind(*POSITION) & self.CHART.of_kind(*RESULT)).any()


class TestSlots:
    CHART = chart_of((CASH, LOANS, CAPITAL, SALES))

    def test_lines_are_told_apart_by_the_rate_their_class_calls_for(self):
        slots = self.CHART.slots(("4000", "1010", "3000", "2300", "1010"), "A")
        assert slots.position.tolist() == [1, 3, 4]
        assert slots.result.tolist() == [0]
        assert slots.other.tolist() == [2]
        assert dict(slots.lines) == {"4000": (0,), "1010": (1, 4), "3000": (2,), "2300": (3,)}
        assert [self.CHART.codes[place] for place in slots.chart] == [
            "4000",
            "1010",
            "3000",
            "2300",
            "1010",
        ]

    def test_lists_that_look_alike_are_not_mixed_up(self):
        """What is remembered belongs to one very list, not to one of the same length."""
        for place in range(50):
            accounts = ("1010", f"{4000}") if place % 2 else (f"{4000}", "1010")
            slots = self.CHART.slots(accounts, "A")
            assert slots.position.tolist() == [accounts.index("1010")]

    def test_an_account_outside_the_chart_is_named(self):
        with pytest.raises(UnknownAccount) as refused:
            self.CHART.slots(("1010", "9999"), "NVO 2025-06")
        assert refused.value.facts == {"account": "9999", "where": "NVO 2025-06"}

    def test_no_lines_have_no_slots(self):
        slots = self.CHART.slots((), "A")
        assert len(slots.position) == len(slots.result) == len(slots.other) == 0
