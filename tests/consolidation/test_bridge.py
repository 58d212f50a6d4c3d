"""The bridge from IFRS to US GAAP: taxes, translation, and what cannot be."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.bridge import BridgeItemTwice, BridgeItemUnknown, build_bridge
from monthclose.ledger.bridge import Bridge, BridgeItem, Reported, Topic
from monthclose.ledger.rates import RateUnusable
from tests.consolidation.groups import dollars

TAX = Fraction(34, 100)
COSTS = {"opening_carrying_amount": 600_00, "capitalised": 300_00, "amortisation": 100_00}


def built(*items: BridgeItem) -> Bridge:
    """A bridge from a net income of 1,000.00 and an equity of 5,000.00."""
    return build_bridge(
        items, TAX, Reported("IFRS", 1000_00, 5000_00), "US GAAP", {"S": "BRL", "P": "USD"}, "USD"
    )


class TestTopics:
    @pytest.mark.parametrize(
        ("topic", "amounts", "opening", "profit", "oci"),
        [
            (Topic.DEVELOPMENT_COSTS, COSTS, -600_00, -200_00, 0),
            (Topic.LIFO, {"opening_reserve": 70_00, "closing_reserve": 90_00}, -70_00, -20_00, 0),
            (
                Topic.PPE_REVALUATION,
                {"opening_excess_over_cost": 50_00, "excess_depreciation": 5_00,
                 "revaluation_in_period": 8_00},
                -50_00, 5_00, -8_00,
            ),
        ],
    )  # fmt: skip
    def test_without_tax_the_effects_are_those_of_the_topic(
        self, topic, amounts, opening, profit, oci
    ):
        (effect,) = built(BridgeItem("X", topic, amounts, taxable=False)).effects
        assert (effect.opening, effect.profit, effect.tax, effect.oci) == (opening, profit, 0, oci)

    def test_a_loss_of_profit_saves_tax(self):
        """600.00 less 34 % = 396.00; 200.00 x 34 % = 68.00 of tax less."""
        bridge = built(BridgeItem("X", Topic.DEVELOPMENT_COSTS, COSTS))
        (effect,) = bridge.effects
        assert (effect.opening, effect.profit, effect.tax) == (-396_00, -200_00, 68_00)
        assert bridge.net_income_to == 1000_00 - 132_00
        assert bridge.equity_to == 5000_00 - 396_00 - 132_00


class TestForeign:
    ITEM = BridgeItem(
        "X", Topic.DEVELOPMENT_COSTS, COSTS, taxable=False, entity="S",
        opening_quote=dollars("0.20"), average=dollars("0.22"), closing=dollars("0.25"),
    )  # fmt: skip

    def test_it_is_translated_like_a_layer(self):
        """
        -600 x 0.20 = -120, -200 x 0.22 = -44, -800 x 0.25 = -200: CTA -36.

        By the other road: -600 x (0.25 - 0.20) - 200 x (0.25 - 0.22) = -30 - 6.
        """
        (effect,) = built(self.ITEM).effects
        assert (effect.opening, effect.profit) == (-120_00, -44_00)
        assert (effect.cta, effect.closing) == (-36_00, -200_00)

    def test_its_rates_have_to_be_there(self):
        with pytest.raises(RateUnusable):
            built(BridgeItem("X", Topic.LIFO, {"opening_reserve": 1}, entity="S"))


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3), st.booleans())
def test_every_item_foots(amounts, taxable):
    item = BridgeItem("X", Topic.DEVELOPMENT_COSTS, dict(zip(COSTS, amounts, strict=True)), taxable)
    bridge = built(item)
    (effect,) = bridge.effects
    assert effect.closing == effect.opening + effect.profit + effect.tax + effect.oci
    assert bridge.equity_to - 5000_00 == effect.closing
    rate = 1 - TAX if taxable else 1
    exact = (amounts[2] - amounts[1] - amounts[0]) * rate
    assert abs(effect.closing - exact) <= 1


def test_an_amount_that_the_topic_does_not_know_is_named():
    with pytest.raises(BridgeItemUnknown) as refused:
        built(BridgeItem("X", Topic.LIFO, {"capitalised": 1}))
    assert "capitalised" in refused.value.message("pt-BR")


def test_two_items_of_one_id_are_refused():
    with pytest.raises(BridgeItemTwice):
        built(BridgeItem("X", Topic.LIFO), BridgeItem("X", Topic.LIFO))
