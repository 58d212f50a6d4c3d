"""An entry balances, or it does not exist."""

import pytest

from monthclose.ledger.journal import GROUP_LAYERS, Entry, EntryLine, LayerName, UnbalancedEntry
from monthclose.ledger.money import Money


def entry(*amounts: int) -> Entry:
    lines = tuple(EntryLine(str(place), amount) for place, amount in enumerate(amounts))
    return Entry("E1", LayerName.MANUAL, "manual", "entries.manual", "", "USD", lines)


class TestEntry:
    def test_debits_and_credits_agree(self):
        assert sum(line.amount for line in entry(3_00, -1_00, -2_00).lines) == 0

    @pytest.mark.parametrize("out_by", [1, -1, 2**70])
    def test_one_that_is_out_is_refused(self, out_by: int):
        with pytest.raises(UnbalancedEntry) as refused:
            entry(5_00, -5_00, out_by)
        assert refused.value.out_by == out_by
        assert refused.value.size == Money(abs(out_by), "USD")
        assert refused.value.entry == "E1"

    def test_reported_figures_and_mapping_are_no_layer_of_the_group(self):
        assert LayerName.REPORTED not in GROUP_LAYERS
        assert LayerName.MAPPING not in GROUP_LAYERS
        assert len(set(GROUP_LAYERS)) == 6
