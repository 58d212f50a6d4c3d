"""W8 and W9, and what W3 and W4 say of averages and signs: odd, though everything ties."""

from dataclasses import replace

from monthclose.analysis.validation import validate
from monthclose.ledger.accounts import Chart
from monthclose.ledger.findings import Finding
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate
from tests.analysis.books import balances, described, good
from tests.consolidation.groups import engine, group, lived, parent


def found(book, check: str) -> list[tuple[str, str]]:
    """Codes and subjects of one check; both languages say them."""
    findings: list[Finding] = [each for each in validate(book).findings if each.check == check]
    assert all(each.said("en") != each.said("pt-BR") for each in findings)
    return [(each.code, each.subject) for each in findings]


def alone(*months: dict[str, int]):
    """One company in the group's currency, month after month."""
    return engine(group(parent()), *lived("P", list(months), currency="USD"))


START = {"capital": -1000_00, "revenue": -100_00}


class TestIdle:
    def test_a_balance_that_is_last_months_is_said(self):
        closing = alone(START, {}, {"revenue": -1})
        assert found(closing.consolidate("2025-02"), "W8") == [("entity-idle", "P")]
        assert found(closing.consolidate("2025-03"), "W8") == []

    def test_a_new_year_closes_the_result_and_nothing_else(self):
        year = [START] + [{"revenue": -5_00} for _ in range(11)]
        idle, busy = alone(*year, {}), alone(*year, {"costs": 1})
        assert found(idle.consolidate("2026-01"), "W8") == [("entity-idle", "P")]
        assert found(busy.consolidate("2026-01"), "W8") == []

    def test_a_company_without_books_does_not_sleep(self):
        assert found(alone({}, {}).consolidate("2025-02"), "W8") == []

    def test_without_the_month_before_nothing_is_said(self):
        assert found(alone(START).consolidate("2025-01"), "W8") == []


class TestJumps:
    def test_ten_times_the_months_before_is_said(self):
        """100.00 and 100.00, then 1,000.01: more than ten times their mean."""
        months = [START, {"revenue": -100_00}]
        book = alone(*months, {"revenue": -1000_01}).consolidate("2025-03")
        assert found(book, "W9") == [("jump-income", "P")]
        (finding,) = (each for each in validate(book).findings if each.check == "W9")
        assert (finding.expected, finding.actual, finding.currency) == (100_00, 1000_01, "USD")
        assert found(alone(*months, {"revenue": -1000_00}).consolidate("2025-03"), "W9") == []

    def test_what_is_small_beside_the_group_is_not(self):
        months = [START | {"capital": -1_000_000_00}, {"revenue": -100_00}]
        book = alone(*months, {"revenue": -9000_00}).consolidate("2025-03")
        assert found(book, "W9") == []

    def test_what_begins_has_not_jumped(self):
        months = [{"capital": -1000_00}, {}]
        assert found(alone(*months, {"revenue": -900_00}).consolidate("2025-03"), "W9") == []

    def test_assets_that_are_gone_are_said(self):
        """1,100.00 of assets, then 99.99: the rest is owed less, or lost."""
        book = alone(START, {"expenses": 1000_01}).consolidate("2025-02")
        assert ("jump-asset", "P") in found(book, "W9")


class TestSigns:
    def test_a_chart_that_marks_contra_accounts_is_held_to_it(self):
        """Receivables of -5.00 stand on the wrong side; a chart without marks is not asked."""
        known = group(parent())
        months = lived("P", [START | {"receivables": -5_00}], currency="USD")
        assert found(engine(known, *months).consolidate("2025-01"), "W4") == []
        marked = tuple(replace(each, contra=each.code == "1700") for each in known.chart.accounts)
        strict = replace(known, chart=Chart(marked, known.chart.roles))
        book = engine(strict, *months).consolidate("2025-01")
        assert found(book, "W4") == [("sign-contrary", "1100")]
        contra = tuple(replace(each, contra=each.code == "1100") for each in known.chart.accounts)
        usual = replace(known, chart=Chart(contra, known.chart.roles))
        assert found(engine(usual, *months).consolidate("2025-01"), "W4") == []


class TestAverages:
    def test_a_stated_average_beyond_the_months_quotes_is_said(self):
        """January's average of 0.21 with quotes of 0.22 and 0.23: it cannot be their mean."""
        days = [
            Quote("BRL", "USD", parse_rate(value), RateKind.DAILY, on, "TEST")
            for on, value in (("2025-01-10", "0.22"), ("2025-01-20", "0.23"))
        ]
        known = described()
        with_days = replace(known, rates=RateTable((*known.rates.quotes, *days)))
        book = engine(with_days, *balances()).consolidate("2025-01")
        assert ("average-beyond", "S") in found(book, "W3")
        low = [replace(each, value_e10=parse_rate("0.20")) for each in days[:1]]
        around = replace(known, rates=RateTable((*known.rates.quotes, *low, days[1])))
        book = engine(around, *balances()).consolidate("2025-01")
        assert ("average-beyond", "S") not in found(book, "W3")
        assert found(good(), "W3") == []
