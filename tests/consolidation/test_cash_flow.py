"""Cash flows: translated one by one, the effect of exchange rates proved."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.cash_flow import add_cash, translate_cash
from monthclose.ledger.cash_flows import CashFlow, CashMovements, CashUnexplained, Section
from tests.consolidation.groups import dollars

CASH = CashMovements(
    "S",
    "BRL",
    opening=1000_00,
    closing=1180_00,
    flows=(
        CashFlow(Section.OPERATING, "Result", 300_00, dollars("0.22")),
        CashFlow(Section.INVESTING, "Equipment", -150_00, dollars("0.24")),
    ),
    opening_quote=dollars("0.20"),
    closing_quote=dollars("0.25"),
    remeasured=30_00,
)


def test_what_is_left_follows_from_cash_and_flows():
    """
    295.00 - 200.00 - 66.00 + 36.00 = 65.00.

    By the other road: 1,000 x 0.05 + 300 x 0.03 - 150 x 0.01 + 30 x 0.25 = 50 + 9 - 1.50 + 7.50.
    """
    made = translate_cash(CASH, "USD")
    assert made.sections == {
        Section.OPERATING: 66_00, Section.INVESTING: -36_00, Section.FINANCING: 0,
    }  # fmt: skip
    assert (made.opening, made.closing, made.effect) == (200_00, 295_00, 65_00)
    assert made.proof.total == 65_00
    amounts = [each.amount for each in made.proof.components]
    assert amounts == [50_00, 9_00, -1_50, 7_50]


def test_flows_that_do_not_lead_to_closing_cash_are_no_exchange_effect():
    with pytest.raises(CashUnexplained) as refused:
        translate_cash(replace(CASH, remeasured=0), "USD")
    assert (refused.value.entity, refused.value.size.minor) == ("S", 30_00)
    assert "BRL 30,00" in refused.value.message("pt-BR")


def test_in_the_presentation_currency_there_is_no_effect():
    own = CashMovements("P", "USD", 5_00, 8_00, (CashFlow(Section.FINANCING, "Loan", 3_00),))
    made = translate_cash(own, "USD")
    assert (made.effect, made.proof.total) == (0, 0)


def test_a_group_is_the_sum_of_its_companies():
    own = CashMovements("P", "USD", 5_00, 8_00, (CashFlow(Section.OPERATING, "Result", 3_00),))
    both = add_cash(translate_cash(each, "USD") for each in (CASH, own))
    assert both.lines[0] == (Section.OPERATING, "Result", 69_00)
    assert both.closing == both.opening + sum(both.sections.values()) + both.effect
    assert both.effect == both.proof.total == 65_00


@given(
    st.integers(0, 10**10),
    st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(1000, 9999)), max_size=8),
    st.integers(1000, 9999),
    st.integers(1000, 9999),
)
def test_the_effect_is_proved_whatever_the_flows(opening, flows, first, last):
    cash = CashMovements(
        "S",
        "BRL",
        opening,
        opening + sum(amount for amount, _ in flows),
        tuple(
            CashFlow(Section.OPERATING, str(place), amount, dollars(f"0.{rate}"))
            for place, (amount, rate) in enumerate(flows)
        ),
        dollars(f"0.{first}"),
        dollars(f"0.{last}"),
    )
    made = translate_cash(cash, "USD")
    assert 2 * abs(made.effect - made.proof.total) <= made.rounded_lines + 1
