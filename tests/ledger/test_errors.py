"""Why a close stopped: a code, facts, and a sentence in each language."""

import copy
import pickle

import pytest

from monthclose.consolidation.mapping import Unmapped, UnmappedAccounts
from monthclose.ledger.balances import UnbalancedTrialBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import AmountOutOfRange
from monthclose.ledger.periods import NotAPeriod
from monthclose.ledger.rates import MissingRate
from monthclose.wording import LANGUAGES

ERRORS = [
    UnbalancedTrialBalance("NVO", "2025-06", "BRL", 123456),
    MissingRate("BRL", "USD", "average", "2025-06", "NVO 4000"),
    NotAPeriod("junho"),
    AmountOutOfRange(10**18, 9 * 10**14),
    UnmappedAccounts("NVO", "2025-06", (Unmapped("1.1.01", -123456, "BRL"),)),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
class TestCloseError:
    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_it_travels_between_processes_whole(self, error: CloseError, protocol: int):
        error.add_note("while closing June")
        there = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - our own bytes
        assert type(there) is type(error)
        assert there.facts == error.facts
        assert there.__notes__ == error.__notes__
        assert str(there) == str(error)
        assert [there.message(lang) for lang in LANGUAGES] == [
            error.message(lang) for lang in LANGUAGES
        ]

    def test_a_copy_says_the_same(self, error: CloseError):
        assert str(copy.copy(error)) == str(copy.deepcopy(error)) == str(error)

    def test_its_facts_are_attributes(self, error: CloseError):
        for name, fact in error.facts.items():
            assert getattr(error, name) == fact
        with pytest.raises(AttributeError, match="colour"):
            _ = error.colour

    def test_english_is_what_it_prints_and_portuguese_is_something_else(self, error: CloseError):
        assert str(error) == error.message() == error.message("en")
        assert error.message("pt-BR") != error.message("en")


class TestMessages:
    def test_amounts_are_written_the_way_each_language_writes_them(self):
        error = UnbalancedTrialBalance("NVO", "2025-06", "BRL", 123456)
        assert "BRL 1,234.56" in error.message("en")
        assert "BRL 1.234,56" in error.message("pt-BR")

    def test_amounts_in_a_list_are_too(self):
        error = UnmappedAccounts(
            "NVO", "2025-06", (Unmapped("1.9", 123456, "BRL"), Unmapped("2.1", -5, "BRL"))
        )
        assert "1.9 (BRL 1,234.56), 2.1 (BRL -0.05)" in error.message("en")
        assert "1.9 (BRL 1.234,56), 2.1 (BRL -0,05)" in error.message("pt-BR")

    def test_a_language_nobody_speaks_reads_english(self):
        error = NotAPeriod("junho")
        assert error.message("eo") == error.message("en")
