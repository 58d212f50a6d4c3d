"""The purchase equation and the entries that follow from it."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.elimination import (
    CarriedInvestment,
    eliminate_investment,
    undo_retranslation,
)
from monthclose.consolidation.fair_value import carry_layers, price_purchase
from monthclose.ledger.acquisitions import Acquisition, NciMethod
from monthclose.ledger.balances import PeriodRates
from tests.consolidation.groups import CHART, bought, cents, dollars

RATES = PeriodRates("USD", opening=dollars("0.22"), closing=dollars("0.25"))


def purchase(nci: NciMethod = NciMethod.PROPORTIONATE, **facts) -> Acquisition:
    """80 % of S for 1,000.00 reais at 0.20, its equity 900.00."""
    known = bought(paid="1000.00", carried="200.00", nci="20", capital="-900.00")
    known = replace(known, nci_method=nci, quote=dollars("0.20"), investment_historical=200_00)
    return replace(known, **facts)


class TestPricePurchase:
    @pytest.mark.parametrize(
        ("method", "nci", "goodwill"),
        [
            # 1,000.00 + 20 % x 900.00 - 900.00
            (NciMethod.PROPORTIONATE, "180.00", "280.00"),
            # 1,000.00 + 230.00 - 900.00
            (NciMethod.FAIR_VALUE, "230.00", "330.00"),
            # 1,000.00 - 900.00
            (NciMethod.NONE, "0.00", "100.00"),
        ],
    )
    def test_goodwill_depends_on_how_outsiders_are_measured(self, method, nci, goodwill):
        priced, _ = price_purchase(purchase(method, nci_amount=230_00), "BRL", RATES)
        assert (priced.nci, priced.goodwill) == (cents(nci), cents(goodwill))

    def test_goodwill_of_an_earlier_year_opens_at_the_opening_rate(self):
        """280.00 x (0.22 - 0.20) = 5.60 before the year, x (0.25 - 0.22) = 8.40 in it."""
        priced, _ = price_purchase(purchase(in_period=False), "BRL", RATES)
        assert (priced.cta.opening, priced.cta.movement) == (5_60, 8_40)

    def test_goodwill_of_this_period_has_no_opening(self):
        priced, _ = price_purchase(purchase(in_period=True), "BRL", RATES)
        assert (priced.cta.opening, priced.cta.movement) == (0, 14_00)

    def test_consideration_in_another_currency_is_converted_once(self):
        """190.00 dollars at 0.19 dollars for one real: 1,000.00."""
        paid = purchase(
            consideration=190_00, consideration_currency="USD", consideration_quote=dollars("0.19")
        )
        priced, _ = price_purchase(paid, "BRL", RATES)
        assert priced.consideration == 1000_00

    @given(
        st.integers(0, 10**11),
        st.integers(1, 10**11),
        st.integers(0, 10**8),
        st.integers(10**8, 10**11),
        st.booleans(),
    )
    def test_the_three_entries_balance_and_leave_no_clearing(self, paid, equity, e8, e10, now):
        acquisition = purchase(
            consideration=paid,
            nci_share=Fraction(e8, 10**8),
            equity={"3000": -equity, "3300": equity // 3},
            quote=replace(dollars("1"), value_e10=e10),
            investment_historical=paid * e10 // 10**10,
            in_period=now,
        )
        priced, at_acquisition = price_purchase(acquisition, "BRL", RATES)
        investment = eliminate_investment(acquisition, priced, at_acquisition, CHART, "USD")
        carried = carry_layers(priced, CHART, "USD")
        lines = [*investment.lines, *(line for each in carried for line in each.lines)]
        assert sum(line.amount for line in lines if line.account == "GOODWILL") == 0
        assert sum(line.amount for line in lines if line.account == "1600") == (
            priced.goodwill_closing
        )
        assert not (priced.goodwill and priced.bargain_gain)


class TestUndoRetranslation:
    def test_what_the_holder_s_cta_gained_on_its_shares_is_taken_out(self):
        """
        1,000.00 cost 200.00 at 0.20; now 250.00, last year 220.00.

        Of the gain of 50.00, 20.00 are of earlier years.
        """
        carried = CarriedInvestment(now=250_00, was=220_00)
        entry, taken = undo_retranslation(purchase(), carried, CHART, "USD")
        assert entry is not None
        assert {line.account: line.amount for line in entry.lines} == {
            "1700": -50_00,
            "3400": 50_00,
        }
        assert (taken.opening, taken.movement) == (-20_00, -30_00)
        _, of_now = undo_retranslation(purchase(in_period=True), carried, CHART, "USD")
        assert (of_now.opening, of_now.movement) == (0, -50_00)

    def test_a_rate_that_came_back_leaves_no_entry_and_a_movement(self):
        """Last year 220.00, now 200.00 again: the gain of 20.00 is gone."""
        carried = CarriedInvestment(now=200_00, was=220_00)
        entry, taken = undo_retranslation(purchase(), carried, CHART, "USD")
        assert entry is None
        assert (taken.opening, taken.movement) == (-20_00, 20_00)
