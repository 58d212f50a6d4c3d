"""SaaS metrics by hand: what moves, what is not computable, and what a currency does."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.metrics import measure, stored
from monthclose.ledger.subscriptions import (
    Operations,
    Subscriber,
    Subscriptions,
    SubscriptionsUneven,
)

MONTHS = (*(f"2024-{month:02}" for month in range(1, 13)), "2025-01")
NOTHING = Operations((0, 0, 0), 0, 0, 0, 0, 0, 0, 0, 0, 0)
EARNING = replace(
    NOTHING, sales_marketing=(300_00, 300_00, 400_00), subscription_revenue=1000_00,
    subscription_costs=200_00,
)  # fmt: skip


def measured(*given):
    """Metrics whose parts the test knows to be there."""
    return measure(*given)


def customer(name: str, *ends: int, before: int = 0, currency: str = "") -> Subscriber:
    """A customer with nothing but for its last months, in whole units."""
    mrr = (0,) * (13 - len(ends)) + tuple(100 * end for end in ends)
    return Subscriber(name, mrr, before, currency)


def of(*subscribers: Subscriber, **rates: tuple[Fraction, ...]) -> Subscriptions:
    """A report of thirteen months."""
    return Subscriptions(MONTHS, subscribers, rates)


class TestMovements:
    def test_each_kind_of_movement(self):
        """New 10, back 20, up 5 (from 30), down 4 (from 40), gone 50; 70 open, 61 + 40 close."""
        made = measured(
            of(
                customer("new", 0, 10),
                customer("back", 9, 0, 20),
                customer("up", 30, 35),
                customer("down", 40, 36),
                customer("gone", 50, 0),
            ),
            NOTHING,
        )
        moved = made.movements
        assert (moved.opening, moved.new, moved.reactivation) == (120_00, 10_00, 20_00)
        assert (moved.expansion, moved.contraction, moved.churn) == (5_00, 4_00, 50_00)
        assert moved.closing == 101_00
        assert made.customers.opening == 3
        assert (made.customers.new, made.customers.reactivated, made.customers.churned) == (1, 1, 1)
        assert made.nrr_monthly == Fraction(120 + 5 - 4 - 50, 120)
        assert made.grr_monthly == Fraction(120 - 4 - 50, 120)

    def test_who_grows_hides_nobody_who_shrinks(self):
        """Of 200 a year ago 190 are left, of which 50 are growth: 140 / 200 were kept."""
        flat = (100,) * 11
        made = measured(
            of(customer("up", 100, *flat, 150), customer("down", 100, *flat, 40)), NOTHING
        )
        assert (made.nrr, made.grr) == (Fraction(190, 200), Fraction(140, 200))

    def test_who_paid_before_the_window_comes_back(self):
        (moved, known) = (
            measured(of(customer("x", 0, 10, before=before)), NOTHING).movements
            for before in (0, 1)
        )
        assert (moved.new, moved.reactivation) == (10_00, 0)
        assert (known.new, known.reactivation) == (0, 10_00)

    def test_a_currency_is_no_expansion(self):
        """BRL 100.00 was 20.00 and is 25.00: 5.00 of rate; it grew by BRL 20.00 = 5.00."""
        rates = (Fraction(1, 5),) * 12 + (Fraction(1, 4),)
        moved = measured(of(customer("x", 100, 120, currency="BRL"), BRL=rates), NOTHING).movements
        assert (moved.opening, moved.rate_effect, moved.expansion) == (20_00, 5_00, 5_00)
        assert moved.closing == 30_00

    def test_nor_is_it_new_revenue_of_the_quarter(self):
        """BRL 100.00 all along, 20.00 three months ago and 25.00 now: nothing was added."""
        rates = (Fraction(1, 5),) * 12 + (Fraction(1, 4),)
        flat = of(customer("x", *(100,) * 13, currency="BRL"), BRL=rates)
        made = measured(flat, replace(NOTHING, net_burn=30_00))
        assert (made.net_new_arr, made.burn_multiple) == (0, None)

    def test_a_credit_is_of_no_cohort(self):
        """-5.00 a year ago is nobody's revenue: the other 10.00 stay 10.00."""
        credit = Subscriber("credit", (-500, *(0,) * 12))
        made = measured(of(credit, customer("x", *(10,) * 13)), NOTHING)
        assert made.nrr == made.grr == 1


class TestNotComputable:
    def test_nobody_and_nothing(self):
        made = measured(of(), NOTHING)
        assert made.arr == 0
        for name in ("nrr", "grr", "arpa", "cac", "ltv", "magic_number", "growth", "payback"):
            assert getattr(made, name) is None
        assert stored(made.nrr) is None

    def test_a_value_without_churn_has_no_end(self):
        assert measured(of(*[customer("x", 1, 1, 1, 1)]), EARNING).ltv is None

    def test_a_value_is_counted_for_sixty_months(self):
        """One of 100 lost in three months: 300 months by the formula, 60 by the cap."""
        stay = [customer(f"c{n}", *(10,) * 4) for n in range(100)]
        made = measured(of(*stay, customer("gone", 10, 10, 10, 0)), EARNING)
        assert made.logo_churn_average == Fraction(1, 303)
        assert made.ltv == Fraction(1000) * Fraction(8, 10) * 60

    @pytest.mark.parametrize(("burn", "then"), [(0, 1), (-5, 1), (5, 3)])
    def test_a_burn_multiple_needs_burn_and_growth(self, burn, then):
        made = measured(of(customer("x", then, 2, 2, 2)), replace(NOTHING, net_burn=burn * 100))
        assert made.burn_multiple is None


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Fraction(1, 3), "0.3333"),
        (Fraction(-1, 20000), "-0.0001"),
        (Fraction(1, 20000), "0.0001"),
    ],
)
def test_ratios_are_stored_half_away_from_zero(figure, text):
    assert stored(figure) == text


def test_a_customer_of_other_months_is_named():
    with pytest.raises(SubscriptionsUneven) as refused:
        measured(of(Subscriber("C9", (1, 2))), NOTHING)
    assert "C9" in refused.value.message("pt-BR")


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 10**8), min_size=13, max_size=13), st.integers(0, 5)),
        max_size=8,
    )
)
def test_movements_lead_from_opening_to_closing(drawn):
    subscribers = [Subscriber(str(n), tuple(mrr), before) for n, (mrr, before) in enumerate(drawn)]
    made = measured(of(*subscribers), NOTHING)
    moved = made.movements
    assert moved.closing == (
        moved.opening + moved.rate_effect + moved.new + moved.reactivation + moved.expansion
        - moved.contraction - moved.churn
    )  # fmt: skip
    counted = made.customers
    assert counted.closing == (
        counted.opening + counted.new + counted.reactivated - counted.churned
    )
    if made.grr is not None and made.nrr is not None:
        assert made.grr <= 1
        assert made.grr <= made.nrr
