"""Trailing metrics when months are missing: what is taken, and what is said."""

from dataclasses import replace
from fractions import Fraction

import pytest

from monthclose.analysis.metrics import measure
from monthclose.analysis.operations import operations_of
from monthclose.ledger.subscriptions import (
    BooksMonth,
    Operations,
    SaasFacts,
    Subscriber,
    Subscriptions,
)
from monthclose.wording import LANGUAGES, catalogue, say

MONTHS = (*(f"2024-{month:02}" for month in range(1, 13)), "2025-01")
NOTHING = Operations((0, 0, 0), 0, 0, 0, 0, 0, 0, 0, 0, 0)
NAMED = frozenset(
    {"subscription_revenue", "cost_of_revenue", "sales_marketing", "outside_ebitda", "cash"}
)


def measured(*given):
    """Metrics whose parts the test knows to be there, or not."""
    return measure(*given)


def of(*ends: tuple[int, ...], missing: tuple[str, ...] = ()) -> Subscriptions:
    """Customers with nothing but for their last months, in whole units."""
    subscribers = tuple(
        Subscriber(f"C{number}", (0,) * (13 - len(mrr)) + tuple(100 * each for each in mrr))
        for number, mrr in enumerate(ends)
    )
    return Subscriptions(MONTHS, subscribers, missing=dict.fromkeys(missing, ("A",)))


def said(metrics, name: str, lang: str = "en") -> list[str]:
    return [say(f"metrics.why-{each.code}", lang, **each.facts) for each in metrics.why[name]]


class TestContracts:
    def test_without_the_current_month_there_is_nothing(self):
        made = measured(of((10, 10), missing=("2025-01",)), NOTHING)
        assert made.mrr is made.arr is made.movements is made.arpa is None
        assert said(made, "arr") == ["no subscriptions loaded for 2025-01 (A)"]

    def test_without_the_month_before_there_is_an_end_but_no_movement(self):
        made = measured(of((10, 10), (5, 5), missing=("2024-12",)), NOTHING)
        assert (made.mrr, made.paying, made.arr) == (15_00, 2, 180_00)
        assert made.movements is made.nrr_monthly is made.logo_churn is None
        assert said(made, "logo_churn", "pt-BR") == ["faltam assinaturas de 12/2024 (A)"]

    def test_a_cohort_needs_the_month_a_year_ago(self):
        made = measured(of((10,) * 13, missing=("2024-01",)), NOTHING)
        assert made.nrr is made.grr is None
        assert made.nrr_monthly == 1

    def test_an_average_takes_the_months_there_are(self):
        """November is missing, so only January moved: 1 of 4 lost. With all three: 1/4 and 0, 0."""
        stay = [(10, 10, 10, 10)] * 3
        part = measured(of(*stay, (10, 10, 10, 0), missing=("2024-11",)), NOTHING)
        assert part.logo_churn_average == Fraction(1, 4)
        assert said(part, "logo_churn_average") == ["no subscriptions loaded for 2024-11 (A)"]
        whole = measured(of(*stay, (10, 10, 10, 0)), NOTHING)
        assert whole.logo_churn_average == Fraction(1, 12)
        assert "logo_churn_average" not in whole.why

    def test_so_does_the_cost_of_a_customer(self):
        """30.00, 30.00 and 40.00 for two new customers; of January alone 40.00 for one."""
        spent = replace(NOTHING, sales_marketing=(30_00, 30_00, 40_00))
        customers = [(10, 10, 10, 10), (0, 0, 10, 10), (0, 0, 0, 10)]
        assert measured(of(*customers), spent).cac == 50_00
        assert measured(of(*customers, missing=("2024-11",)), spent).cac == 40_00

    def test_growth_of_a_quarter_needs_its_first_month(self):
        assert measured(of((10, 10, 10, 20)), NOTHING).net_new_arr == 120_00
        assert measured(of((10, 10, 10, 20), missing=("2024-10",)), NOTHING).net_new_arr is None


class TestAmountsTooSmall:
    def test_a_customer_of_less_than_a_cent_is_one(self):
        """JPY 0.40 is USD 0.0028: no cent, yet a customer who came, stayed, and left."""
        rates = {"JPY": (Fraction(7, 1000),) * 13}
        mrr = [(0,) * 11 + end for end in ((0, 40), (40, 40), (40, 0))]
        who = tuple(Subscriber(f"C{n}", each, currency="JPY") for n, each in enumerate(mrr))
        made = measured(Subscriptions(MONTHS, who, rates), NOTHING)
        counted = made.customers
        assert (counted.opening, counted.new, counted.churned, counted.closing) == (2, 1, 1, 2)
        assert (made.movements.opening, made.movements.closing) == (0, 0)
        assert made.nrr_monthly == Fraction(1, 2)
        assert made.arpa == Fraction(80 * 7, 1000) / 2

    def test_a_credit_is_not_lost_beyond_what_there_was(self):
        """From 10.00 to a credit of 4.00: 10.00 are lost, and nothing is left."""
        made = measured(
            Subscriptions(MONTHS, (Subscriber("C", (0,) * 11 + (1000, -400)),)), NOTHING
        )
        moved = made.movements
        assert (moved.opening, moved.churn, moved.closing) == (10_00, 10_00, 0)
        assert made.revenue_churn == 1


def facts(books: dict[str, BooksMonth], named: frozenset[str] = NAMED) -> SaasFacts:
    return SaasFacts("A", "USD", of((10,) * 13), books, named)


def month(revenue: int, cost: int = 0, spent: int = 0, outside: int = 0) -> BooksMonth:
    result = revenue - cost - spent - outside
    return BooksMonth(100 * revenue, 0, 100 * cost, 100 * spent, 100 * outside, 100 * result, 500)


class TestBooks:
    def test_what_the_chart_does_not_name_is_not_known(self):
        made = operations_of(facts({"2025-01": month(100)}, frozenset()))
        assert made.subscription_revenue is made.ebitda_year is made.net_burn is None
        metrics = measured(of((10,) * 13), made)
        wanted = "no account of `chart` has subscription_revenue in column `metric`"
        assert wanted in said(metrics, "gross_margin")
        assert said(metrics, "burn_multiple") == ["no account of the chart is marked `cash`"]

    def test_a_margin_takes_the_months_that_are_loaded(self):
        """100.00 and 50.00 less costs of 40.00 and 20.00: 90 of 150. November is missing."""
        books = {"2024-12": month(50, 20), "2025-01": month(100, 40)}
        metrics = measured(of((10,) * 13), operations_of(facts(books)))
        assert metrics.gross_margin == Fraction(90, 150)
        assert said(metrics, "gross_margin") == ["books not loaded or not closable: 2024-11"]

    def test_growth_takes_the_months_that_both_years_have(self):
        """120.00 against 100.00 of January; December has no month a year before."""
        books = {"2024-01": month(100), "2024-12": month(900), "2025-01": month(120)}
        metrics = measured(of((10,) * 13), operations_of(facts(books)))
        assert metrics.growth == 20
        assert "2023-02–2023-12" in said(metrics, "growth")[0]

    def test_ebitda_leaves_out_what_is_named(self):
        """1000.00 - 400.00 - 100.00 = 500.00 of result before 50.00 that EBITDA leaves out."""
        metrics = measured(
            of((10,) * 13), operations_of(facts({"2025-01": month(1000, 400, 100, 50)}))
        )
        assert metrics.ebitda_margin == 50

    def test_what_compares_quarters_needs_both(self):
        books = {label: month(100, spent=50) for label in MONTHS[-6:]}
        assert measured(of((1,) * 13), operations_of(facts(books))).magic_number == 0
        del books[MONTHS[-6]]
        metrics = measured(of((1,) * 13), operations_of(facts(books)))
        assert metrics.magic_number is None
        assert said(metrics, "magic_number") == ["books not loaded or not closable: 2024-08"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_its_sentence(lang: str):
    codes = {each.partition("why-")[2] for each in catalogue(lang) if "metrics.why-" in each}
    assert {"books", "contracts", "rate", "unnamed", "cash", "nil_opening", "no_burn"} <= codes
