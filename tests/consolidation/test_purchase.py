"""Schedules of a purchase: spread exactly, deferred tax with them, goodwill never negative."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.fair_value import price_purchase, translate_layer
from monthclose.consolidation.nci import shared_layers
from monthclose.consolidation.preacquisition import take_off
from monthclose.consolidation.purchase import (
    ImpairmentTooLarge,
    PPAScheduler,
    straight_line,
)
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import ChargedPeriod, Impairment, StepUp, UnusableLife
from monthclose.ledger.balances import PeriodRates, TrialBalance
from monthclose.ledger.purchases import Charge
from tests.consolidation.groups import bought, dollars

RATES = PeriodRates("USD", dollars("0.22"), dollars("0.24"), dollars("0.25"))
CUSTOMERS = StepUp("CUST", 100_00, 3, "1510", "1515", "6210")


class TestStraightLine:
    @given(st.integers(-(10**13), 10**13), st.integers(1, 600))
    def test_charges_of_a_life_are_the_amount_and_end_at_nil(self, amount, life):
        charged = [straight_line(amount, month, life) for month in range(life + 13)]
        charges = [now - was for was, now in pairwise(charged)]
        assert sum(charges) == amount
        assert charges[life:] == [0] * 12

    def test_what_has_no_life_is_never_charged(self):
        assert straight_line(100_00, 1200, None) == 0

    def test_a_life_of_no_months_is_refused(self):
        with pytest.raises(UnusableLife):
            replace(CUSTOMERS, life=0)


class TestSchedule:
    def test_deferred_tax_is_released_as_the_step_up_falls(self):
        """100.00 over 3 months: 33.33, 66.67, 100.00; tax 34.00, then 22.67, 11.33, nil."""
        monthly = PPAScheduler((CUSTOMERS,), Fraction(34, 100)).monthly()
        assert [each.accumulated for each in monthly] == [(0,), (33_33,), (66_67,), (100_00,)]
        assert [each.deferred_tax for each in monthly] == [34_00, 22_67, 11_33, 0]
        assert monthly[-1].net == 0

    def test_each_period_is_charged_its_part(self):
        """Prior 1 month 33.33; current 5 months take the other 66.67, and no more."""
        schedule = PPAScheduler((CUSTOMERS,), Fraction(34, 100)).schedule(
            [ChargedPeriod("a", 1, None)], [ChargedPeriod("b", 5, None)]
        )
        assert (schedule.amortisation_current, schedule.release_current) == (66_67, 22_67)
        assert schedule.charges == (
            Charge("6210", 33_33, None, False, "a"),
            Charge("6910", -11_33, None, False, "a"),
            Charge("6210", 66_67, None, True, "b"),
            Charge("6910", -22_67, None, True, "b"),
        )

    def test_goodwill_is_amortised_until_nothing_is_left(self):
        """120.00 over 12 months, 100.00 lost before: 2 months take 20.00, the rest nothing."""
        schedule = PPAScheduler(()).goodwill(
            120_00,
            (Impairment(100_00, None, in_period=False),),
            12,
            current=[ChargedPeriod("a", 2, None), ChargedPeriod("b", 10, None)],
        )
        assert (schedule.opening, schedule.reduction_current, schedule.closing) == (20_00, 20_00, 0)


class TestLayer:
    def test_its_cta_is_what_lines_and_charges_leave(self):
        """
        66.00 at 0.20 = 13.20; less 22.00 at 0.24 = 5.28; 44.00 at 0.25 = 11.00.

        CTA 11.00 + 5.28 - 13.20 = 3.08 = 66.00 x 0.05 - 22.00 x 0.01.
        """
        layer = translate_layer(
            13_20,
            None,
            {"1510": 44_00},
            [Charge("6210", 22_00, dollars("0.24"), True)],
            "BRL",
            RATES,
        )
        assert (layer.cta.opening, layer.cta.movement, layer.charged) == (0, 3_08, 5_28)

    @pytest.mark.parametrize(("method", "shared"), [("proportionate", 1), ("fair_value", 2)])
    def test_outsiders_share_in_step_ups_always_and_in_full_goodwill_only(self, method, shared):
        """Step-ups are theirs by any method; partial goodwill is the acquirer's."""
        plain = bought(paid="1000.00", carried="200.00", nci="20", capital="-900.00")
        acquisition = replace(
            plain,
            quote=dollars("0.20"),
            investment_historical=200_00,
            nci_method=method,
            nci_amount=230_00,
            in_period=True,
            step_ups=(CUSTOMERS,),
        )
        priced, _ = price_purchase(acquisition, "BRL", RATES)
        assert len(list(shared_layers([acquisition], {acquisition.id: priced}))) == shared
        with pytest.raises(ImpairmentTooLarge):
            price_purchase(
                replace(acquisition, impairments=(Impairment(10_000_00, None, True),)), "BRL", RATES
            )


def test_the_result_before_acquisition_becomes_equity():
    """Revenue 100.00, of which 60.00 before: 40.00 stay, and 60.00 stand in 3310."""
    chart = chart_of(
        (
            Account("1010", "Cash", AccountClass.ASSET),
            Account("3310", "Before", AccountClass.RETAINED_EARNINGS),
            Account("4000", "Revenue", AccountClass.INCOME),
        )
    )
    year = TrialBalance("S", "case", "BRL", ("1010", "4000"), np.array([100_00, -100_00]))
    acquisition = replace(
        bought(paid="1.00", carried="1.00", nci="0", capital="-1.00"),
        result={"4000": -60_00},
        quote=dollars("0.20"),
        in_period=True,
    )
    without, rates = take_off(year, RATES, [acquisition], chart)
    lines = dict(zip(without.accounts, without.amounts.tolist(), strict=True))
    assert lines == {"1010": 100_00, "4000": -40_00, "3310": -60_00}
    assert "3310" in rates.treatments
