"""Layers: balances and entries added up, each column to nil."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.consolidation.aggregation import add_layers, posted
from monthclose.consolidation.translation import translate
from monthclose.ledger.balances import PeriodRates, TrialBalance
from monthclose.ledger.journal import GROUP_LAYERS, Entry, EntryLine, LayerName
from monthclose.ledger.money import LARGEST_MINOR, AmountOutOfRange
from monthclose.ledger.translations import Translation
from tests.consolidation.groups import CHART, balance


def translated(code: str, cash: int) -> Translation:
    """A company in dollars with cash and as much debt."""
    held = replace(
        balance(code, currency="USD", cash="0.00", payables="0.00"),
        amounts=np.array([cash, -cash]),
    )
    return translate(held, PeriodRates("USD"), CHART)


def entry(layer: LayerName, amount: int) -> Entry:
    lines = (EntryLine("1010", amount), EntryLine("2010", -amount))
    return Entry(f"E-{layer}", layer, "manual", "entries.manual", "", "USD", lines)


class TestAddLayers:
    @given(
        st.lists(st.integers(-LARGEST_MINOR, LARGEST_MINOR), max_size=6),
        st.lists(st.tuples(st.sampled_from(GROUP_LAYERS), st.integers(-(10**12), 10**12))),
    )
    def test_every_layer_holds_its_own_and_sums_to_nil(self, cash, made):
        companies = [translated(f"E{place}", amount) for place, amount in enumerate(cash)]
        layers = add_layers(CHART, companies, posted(entry(*each) for each in made))
        assert layers.shape == (len(CHART.accounts), len(GROUP_LAYERS))
        assert (layers.sum(axis=0) == 0).all()
        for column, layer in enumerate(GROUP_LAYERS):
            expected = sum(amount for name, amount in made if name == layer)
            if layer is LayerName.TRANSLATION:
                expected += sum(cash)
            assert layers[CHART.index["1010"], column] == expected

    def test_the_cta_of_a_company_is_a_line_of_it(self):
        """Assets 100.00 against capital of 80.00: a gain of 20.00, a credit."""
        rates = PeriodRates("USD")
        company = translate(balance(currency="USD", cash="80.00", capital="-80.00"), rates, CHART)
        gained = replace(
            company,
            amounts=np.array([100_00, -80_00]),
            cta=replace(company.cta, movement=20_00),
        )
        layers = add_layers(CHART, [gained], {})
        assert layers[CHART.index["3400"], 0] == -20_00
        assert (layers.sum(axis=0) == 0).all()

    def test_lines_of_one_account_with_several_partners_are_added(self):
        held = TrialBalance(
            "P", "2025-01", "USD", ("1150", "1150", "2010"), np.array([3, 4, -7]), ("A", "B", "")
        )
        layers = add_layers(CHART, [translate(held, PeriodRates("USD"), CHART)], {})
        assert layers[CHART.index["1150"], 0] == 7

    def test_a_total_beyond_int64_is_refused_and_never_wraps(self):
        """10,249 x 9e14 = 9.2241e18, more than 2**63 - 1 = 9.2234e18."""
        one = translated("E", LARGEST_MINOR)
        assert add_layers(CHART, [one] * 10_248, {})[CHART.index["1010"], 0] == (
            10_248 * LARGEST_MINOR
        )
        with pytest.raises(AmountOutOfRange) as refused:
            add_layers(CHART, [one] * 10_249, {})
        assert refused.value.amount == 10_249 * LARGEST_MINOR

    @pytest.mark.parametrize(
        "moved",
        [
            {LayerName.ELIMINATION: {"1010": 2**63, "2010": -(2**63)}},
            {LayerName.PPA: {"1010": 6 * 10**18}, LayerName.NCI: {"1010": 4 * 10**18}},
        ],
    )
    def test_entries_beyond_int64_are_refused_one_by_one_and_together(self, moved):
        """2**63 does not fit; 6e18 and 4e18 do, and their sum of 1e19 does not."""
        with pytest.raises(AmountOutOfRange) as refused:
            add_layers(CHART, [], moved)
        assert refused.value.amount in (2**63, 10**19)
