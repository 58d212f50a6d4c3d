"""Four Brazilian software groups: published reais, official rates, and the CTA between them."""

import csv
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.translation import translate
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.balances import Monthly, TrialBalance, UnbalancedTrialBalance
from monthclose.ledger.money import plain
from monthclose.ledger.rates import Quote, RateKind, parse_rate
from tests.real.software_groups import (
    BASES,
    EQUITY,
    GROUPS,
    MOVED,
    PTAX,
    REVENUE,
    ROUNDED_POSITION,
    ROUNDED_RESULT,
    STATEMENTS,
    close,
    closed_from,
    quarters,
    read_ptax,
    read_statements,
)

# The README's control figures, consolidated: revenue 2018 and 2019, result 2019, BRL millions.
CONTROLS = {
    "TOTVS": ("2320.27", "2282.12", "472.24", "210.65"),
    "LINX": ("685.56", "788.16", "200.77", "38.88"),
    "LOCAWEB": ("314.98", "385.72", "106.85", "18.07"),
    "SINQIA": ("142.11", "175.15", "13.12", "-4.58"),
}

EVERY = [(group, basis) for group in GROUPS for basis in BASES]
PROVED = {"V1", "V2", "V3", "V4", "V5", "V6", "V9"}

each_group_and_basis = pytest.mark.parametrize(("group", "basis"), EVERY)


def centavos(millions: str) -> int:
    """Two decimals of a million, as centavos."""
    return int(Decimal(millions) * 10**8)


def reais(millions: str) -> Decimal:
    """Two decimals of a million, as reais."""
    return Decimal(millions) * 10**6


def within(actual: int, expected: Decimal, lines: int) -> bool:
    """Whether minor units agree with a figure to half a cent a rounded line."""
    return abs(Decimal(actual) / 100 - expected) <= Decimal("0.005") * lines


def half_up(exact: Decimal, digits: int) -> Decimal:
    """Round half away from zero."""
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


class Table:
    """A second reading of the files: figures as printed, by plain look-up."""

    def __init__(self, shared: Path, group: str, basis: str) -> None:
        with (shared / STATEMENTS).open(encoding="utf-8") as file:
            self.rows = {
                (row["period"], row["line"], row["statement"]): row["brl_millions"]
                for row in csv.DictReader(file)
                if (row["group"], row["basis"]) == (group, basis)
            }
        with (shared / PTAX).open(encoding="utf-8") as file:
            self.days = [(r["date"], Decimal(r["brl_per_usd_sell"])) for r in csv.DictReader(file)]

    def sheet(self, period: str, line: str) -> Decimal:
        return reais(self.rows[period, line, "balance_sheet"])

    def income(self, period: str, line: str) -> Decimal:
        return reais(self.rows[period, line, "income_statement"])

    def average(self, period: str) -> Decimal:
        """The mean of a quarter's days, at ten decimals."""
        first = 3 * int(period[-1]) - 2
        months = [f"{period[:4]}-{first + step:02d}" for step in range(3)]
        days = [value for on, value in self.days if on[:7] in months]
        return half_up(sum(days, Decimal(0)) / len(days), 10)

    def closing(self, last: str) -> Decimal:
        """The last quote on or before a day."""
        return [value for on, value in self.days if on <= last][-1]


class TestReading:
    @pytest.mark.parametrize("group", GROUPS)
    def test_published_controls_in_reais(self, shared, group):
        """Control figures are consolidated, in millions; nothing is translated yet."""
        source = read_statements(shared)[group, "consolidated"]
        revenue_2018, revenue, ebitda, income = map(centavos, CONTROLS[group])
        assert source.income("2018", "net_revenue") == revenue_2018
        assert source.income("2019", "net_revenue") == revenue
        assert source.income("2019", "ebitda") == ebitda
        assert source.income("2019", "net_income") == income

    @each_group_and_basis
    def test_four_quarters_are_the_year(self, shared, group, basis):
        """
        Within 0.02 million, which two decimals leave.

        Locaweb's results of 1.43, 3.73, 5.98 and 6.94 add to 18.08; the year says 18.07.
        """
        source = read_statements(shared)[group, basis]
        for line in ("net_revenue", "net_income"):
            added = sum(source.income(period, line) for period in quarters(4))
            assert abs(added - source.income("2019", line)) <= centavos("0.02")

    def test_rates_are_the_published_ones(self, shared):
        """
        The last quote of each quarter; the average is of days, not of months.

        2019 opens with 2 January, the first day there is. 29 March and 28 June are the last
        business days before the end of their quarters.
        """
        ptax = read_ptax(shared)
        assert (ptax.opening.on, ptax.opening.value) == ("2019-01-02", "3.8595")
        closings = [ptax.closing(period) for period in quarters(4)]
        assert [(each.on, each.value) for each in closings if each] == [
            ("2019-03-29", "3.8967"),
            ("2019-06-28", "3.8322"),
            ("2019-09-30", "4.1644"),
            ("2019-12-31", "4.0307"),
        ]
        table = Table(shared, "TOTVS", "consolidated")
        for period in quarters(4):
            average = ptax.average(period)
            assert average.divides("BRL")
            assert Decimal(average.value) == table.average(period)

    def test_a_line_that_the_source_does_not_have_is_nil(self, shared):
        """Linx S.A. itself is a holding: no revenue, and depreciation is 'ND'."""
        source = read_statements(shared)["LINX", "parent_only"]
        assert ("income_statement", "2019Q1", "depreciation_amortisation") not in source.lines
        assert source.result("2019Q1")["5100"] == 0


class TestBalance:
    @each_group_and_basis
    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_the_source_s_rounding_has_its_own_accounts(self, shared, group, basis, count):
        """At most 0.02 million a quarter in the position, 0.03 in the result so far."""
        closed = closed_from(shared, group, basis, count)
        assert abs(closed.reais(ROUNDED_POSITION)) <= centavos("0.02")
        assert abs(closed.reais(ROUNDED_RESULT)) <= centavos("0.03")

    def test_without_them_there_is_no_balance(self, shared):
        """TOTVS 2019 is out by 0.03 million: the product refuses it, and fills nothing."""
        balance = closed_from(shared, "TOTVS", "consolidated").balance
        kept = [n for n, a in enumerate(balance.accounts) if a not in ("9980", "9990")]
        with pytest.raises(UnbalancedTrialBalance) as caught:
            TrialBalance(
                balance.entity,
                balance.period,
                balance.currency,
                tuple(balance.accounts[n] for n in kept),
                balance.amounts[kept],
            )
        assert caught.value.out_by == centavos("0.03")

    @each_group_and_basis
    def test_accounts_are_the_published_lines(self, shared, group, basis):
        """Revenue and result to date, totals of the sheet, and equity, as the source has them."""
        closed, table = closed_from(shared, group, basis), Table(shared, group, basis)
        income = {
            line: sum(table.income(period, line) for period in quarters(4))
            for line in ("net_revenue", "net_income")
        }
        lines = dict(zip(closed.balance.accounts, closed.balance.amounts.tolist(), strict=True))
        assert -lines[REVENUE] == income["net_revenue"] * 100
        assert -sum(lines[a] for a in lines if "4" <= a <= ROUNDED_RESULT and a != "9980") == (
            income["net_income"] * 100
        )
        current, fixed = (
            table.sheet("2019Q4", f"{term}_assets") * 100 for term in ("current", "noncurrent")
        )
        assert sum(lines[a] for a in ("1110", "1120", "1190", "1500")) == current + fixed
        before = table.sheet("2018Q4", "equity")
        assert -lines[EQUITY] == before * 100
        moved = table.sheet("2019Q4", "equity") - before - income["net_income"]
        assert -lines[MOVED] == moved * 100


class TestTranslation:
    @each_group_and_basis
    def test_revenue_is_four_quarters_each_rounded_once(self, shared, group, basis):
        """
        Locaweb, consolidated, by hand: reais over the mean of the quarter.

            84,590,000 / 3.768404918   = 22,447,163.15
            94,030,000 / 3.9221032258  = 23,974,381.75
           101,930,000 / 3.9684227273  = 25,685,267.68
           105,170,000 / 4.115765625   = 25,552,961.36
                                         97,659,773.94
        """
        closed, table = closed_from(shared, group, basis), Table(shared, group, basis)
        exact = [
            table.income(period, "net_revenue") / table.average(period) for period in quarters(4)
        ]
        rounded = sum(half_up(each, 2) for each in exact)
        assert plain(-closed.book.figure(REVENUE)) == f"{rounded:.2f}"
        if (group, basis) == ("LOCAWEB", "consolidated"):
            assert closed.book.figure(REVENUE) == -97_659_773_94

    @each_group_and_basis
    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_cta_comes_from_equity_alone(self, shared, group, basis, count):
        """
        NA0 x (c1 - c0), and every change of equity x (c1 - the quarter's average).

        A result and what else moved take one average, so the change of published equity is
        all that is needed: no account, and no rounding of the source.
        """
        closed, table = closed_from(shared, group, basis, count), Table(shared, group, basis)
        periods = quarters(count)
        month = closed.book.period
        now = 1 / table.closing(f"{month}-31")
        before = table.sheet("2018Q4", "equity")
        exact = before * (now - 1 / table.days[0][1])
        for period in periods:
            equity = table.sheet(period, "equity")
            exact += (equity - before) * (now - 1 / table.average(period))
            before = equity
        (translation,) = closed.book.translations
        assert within(translation.cta.movement, exact, translation.rounded_lines)
        assert within(translation.proof().total, exact, 1)

    @each_group_and_basis
    def test_equity_is_the_published_equity_at_the_closing_rate(self, shared, group, basis):
        """TOTVS: BRL 2,478.41 million / 4.0307 = USD 614.88 million."""
        closed, table = closed_from(shared, group, basis), Table(shared, group, basis)
        expected = table.sheet("2019Q4", "equity") / table.closing("2019-12-31")
        assert within(closed.book.totals.total_equity, expected, 9)
        if group == "TOTVS" and basis == "consolidated":
            assert closed.book.totals.total_equity // 10**6 == 614_88

    @pytest.mark.parametrize("group", GROUPS)
    def test_the_opening_rate_moves_nothing_but_the_cta(self, shared, group):
        """
        The rate of 31 December 2018 is not in the data; another one changes no total.

        What opening equity gains at the other rate, the CTA loses, to the cent.
        """
        usual = closed_from(shared, group, "consolidated")
        early = Quote("USD", "BRL", parse_rate("3.9000"), RateKind.DAILY, "2018-12-31", "made up")
        ptax = replace(usual.ptax, days=(early, *usual.ptax.days))
        other = close(usual.source, ptax)
        was, now = usual.book.totals, other.book.totals
        assert (was.total_equity, was.net_income) == (now.total_equity, now.net_income)
        (one,), (two,) = usual.book.translations, other.book.translations
        apart = one.amount(EQUITY) - two.amount(EQUITY)
        assert apart != 0
        assert one.cta.movement - two.cta.movement == apart
        assert other.validation.blocking == ()

    def test_revenue_at_another_quarter_s_average_is_seen(self, shared):
        """
        Locaweb's revenue of all quarters at the average of the last.

        In reais nothing changes and the sheet still balances; held against the proof at the
        quarters' own averages, the CTA is out by far more than rounding.
        """
        closed = closed_from(shared, "LOCAWEB", "consolidated")
        rates = closed.book.facts.rates["LOCAWEB"]
        opening = closed.book.facts.openings["LOCAWEB"]
        treatment = rates.treatments[REVENUE]
        assert isinstance(treatment, Monthly)
        last = treatment.months[-1].quote
        wrong = Monthly(tuple(replace(month, quote=last) for month in treatment.months))
        moved = replace(rates, treatments={**rates.treatments, REVENUE: wrong})
        right = closed.book.translations[0].proof().total
        translation = translate(closed.balance, moved, closed.book.chart, opening)
        assert abs(translation.cta.movement - right) > translation.rounded_lines


class TestChecks:
    @each_group_and_basis
    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_every_check_ran_and_passed(self, shared, group, basis, count):
        validation = closed_from(shared, group, basis, count).validation
        passed = {r.check for r in validation.results if r.passed and r.population}
        assert passed >= PROVED
        assert validation.blocking == ()

    @each_group_and_basis
    def test_openings_stay_through_the_year(self, shared, group, basis):
        """V4 against the close of the quarter before: one opening for all four."""
        for count in (2, 3, 4):
            before, closed = (closed_from(shared, group, basis, n) for n in (count - 1, count))
            (check,) = (
                result
                for result in validate(closed.book, before.book.left()).results
                if result.check == "V4"
            )
            assert (check.passed, check.population) == (True, 3)
            assert check.evidence["last_close"] == before.book.period


class TestTwoBases:
    @pytest.mark.parametrize(
        ("group", "outsiders"),
        [("TOTVS", "1.20"), ("LINX", "0.00"), ("LOCAWEB", "0.00"), ("SINQIA", "0.14")],
    )
    def test_equity_differs_by_outsiders_alone(self, shared, group, outsiders):
        """
        The parent carries its subsidiaries at equity, so its own equity is the owners'.

        TOTVS: 2,478.41 - 2,477.21 = 1.20 million reais of outsiders, USD 297,715.04 at 4.0307.
        """
        whole, parent = (closed_from(shared, group, basis) for basis in BASES)
        apart = whole.source.sheet("2019Q4", "equity") - parent.source.sheet("2019Q4", "equity")
        assert apart == centavos(outsiders)
        dollars = whole.book.totals.total_equity - parent.book.totals.total_equity
        assert within(dollars, reais(outsiders) / Decimal("4.0307"), 18)

    def test_revenue_of_a_holding_is_its_subsidiaries(self, shared):
        """Linx S.A. alone has no revenue; its result is the group's."""
        whole, parent = (closed_from(shared, "LINX", basis) for basis in BASES)
        assert parent.book.figure(REVENUE) == 0 < -whole.book.figure(REVENUE)
        assert parent.book.of_kind(AccountClass.ASSET) < whole.book.of_kind(AccountClass.ASSET)
        assert parent.book.totals.net_income != 0
        lines = sum(each.book.translations[0].rounded_lines for each in (whole, parent))
        apart = whole.book.totals.net_income - parent.book.totals.net_income
        assert within(apart, Decimal(0), lines)
