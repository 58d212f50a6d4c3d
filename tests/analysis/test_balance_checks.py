"""V1 to V3: everything balances, everything arrives, assets equal claims."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from monthclose.ledger.findings import Severity
from monthclose.ledger.journal import GROUP_LAYERS, EntryLine, LayerName
from monthclose.ledger.mappings import EntityMapping, Target
from tests.analysis.books import JANUARY, check, good, mapped, only
from tests.consolidation.groups import engine, group, parent


class TestEntriesBalance:
    """V1."""

    def test_a_good_book_has_looked_at_every_balance_entry_and_layer(self):
        book = good()
        result = check(book, "V1")
        assert result.passed
        assert result.severity is Severity.BLOCKING
        assert result.weight == 10
        assert result.evidence == {"balances": 2, "entries": len(book.entries), "layers": 6}
        assert result.population == 2 + len(book.entries) + 6
        assert result.tested > 0
        assert result.unexplained == 0

    def test_a_balance_that_was_sent_a_cent_short_is_found(self):
        """The cent lies in an account that is split in halves, where no mapping misses it."""
        book = mapped()
        (raw,) = book.raw
        short = replace(raw, amounts=raw.amounts + np.array([1, 0, 0, 0]))
        (finding,) = only(replace(book, raw=(short,)), "V1")
        assert (finding.code, finding.subject) == ("balance-unbalanced", "P")
        assert (finding.difference, finding.currency) == (1, "USD")

    def test_an_entry_that_does_not_balance_is_found(self):
        """An entry cannot be made so; a store might still hand one over."""
        book = good()
        entry = replace(book.entries[0])
        lines = (*entry.lines, EntryLine("1010", 5))
        object.__setattr__(entry, "lines", lines)
        spoilt = replace(book, entries=(entry, *book.entries[1:]))
        (finding,) = only(spoilt, "V1")
        assert (finding.code, finding.subject, finding.difference) == (
            "entry-unbalanced",
            entry.id,
            5,
        )
        assert check(spoilt, "V1").unexplained == 5

    def test_a_layer_that_does_not_balance_is_found(self):
        book = good()
        layers = book.layers.copy()
        column = GROUP_LAYERS.index(LayerName.MANUAL)
        layers[book.chart.index["GOODWILL"], column] += 7
        (finding,) = only(replace(book, layers=layers), "V1")
        assert (finding.code, finding.subject, finding.difference) == (
            "layer-unbalanced",
            "manual",
            7,
        )


class TestMapping:
    """V2."""

    def test_a_good_book_has_looked_at_every_line_with_money(self):
        result = check(mapped(), "V2")
        assert result.passed
        assert (result.population, result.tested, result.weight) == (3, 3, 10)
        assert result.evidence == {"lines": 3, "unmapped": 0}

    def test_money_on_another_account_than_mapped_is_found_on_both(self):
        book = good()
        s = next(each for each in book.balances if each.entity == "S")
        cash, revenue = s.accounts.index("1010"), s.accounts.index("4000")
        amounts = s.amounts.copy()
        amounts[[cash, revenue]] += (1, -1)
        moved = tuple(
            replace(each, amounts=amounts) if each.entity == "S" else each for each in book.balances
        )
        findings = only(replace(book, balances=moved), "V2")
        assert {(f.code, f.subject, f.difference) for f in findings} == {
            ("mapped-amount-differs", "S 1010", 1),
            ("mapped-amount-differs", "S 4000", -1),
        }

    def test_an_account_with_money_and_no_target_is_found(self):
        book = mapped()
        mapping = book.group.mappings["P"]
        targets = {code: each for code, each in mapping.targets.items() if code != "c"}
        unmapped = replace(book.group, mappings={"P": EntityMapping("P", targets)})
        findings = only(replace(book, group=unmapped), "V2")
        assert [(f.code, f.subject, f.actual) for f in findings] == [
            ("account-unmapped", "P c", -10_02),
            ("mapped-amount-differs", "P 2010", -10_02),
        ]

    def test_cents_that_splits_round_are_no_difference(self):
        """Halves of 0.01 twice: 0.01 + 0.01 against an exact 0.005 + 0.005 = 0.01."""
        halves = (Target("1010", Fraction(1, 2)), Target("1100", Fraction(1, 2)))
        targets = {"a": halves, "b": halves, "c": (Target("2010"),)}
        alone = group(parent(), mappings={"P": EntityMapping("P", targets)})
        closing = engine(alone)
        raw = replace(mapped().raw[0], amounts=np.array([1, 1, -2, 0]))
        closing.load_trial_balance(raw)
        book = closing.consolidate(JANUARY)
        assert (book.figure("1010"), book.figure("1100")) == (2, 0)
        assert check(book, "V2").passed

    def test_a_cent_more_than_splits_can_round_is_a_difference(self):
        """One part of 1010 was rounded, of two that came from halves: less than a cent."""
        book = mapped()
        (balance,) = book.balances
        moved = replace(balance, amounts=balance.amounts + np.array([1, -1, 0]))
        assert moved.accounts[:2] == ("1010", "1100")
        assert {f.difference for f in only(replace(book, balances=(moved,)), "V2")} == {1, -1}


class TestBalanceSheet:
    """V3."""

    def test_a_good_book_has_one_balance_sheet(self):
        """
        February: cash of S 1,100.00 x 0.25 = 275.00, cash of P 320.00, goodwill 70.00.

        Together 665.00, and no liabilities: equity is as much.
        """
        result = check(good(), "V3")
        assert result.passed
        assert result.evidence == {"assets": "665.00", "liabilities_and_equity": "665.00"}
        assert (result.population, result.tested, result.weight) == (1, 2 * 665_00, 5)

    def test_a_balance_left_between_two_entries_is_found(self):
        """Five on the clearing account, which is neither an asset nor a claim."""
        book = good()
        layers = book.layers.copy()
        column = GROUP_LAYERS.index(LayerName.PPA)
        layers[book.chart.index["1600"], column] += 5
        layers[book.chart.index["GOODWILL"], column] -= 5
        spoilt = replace(book, layers=layers)
        (finding,) = only(spoilt, "V3")
        assert (finding.code, finding.subject, finding.difference) == (
            "balance-sheet-open",
            "G",
            5,
        )
        assert check(spoilt, "V3").unexplained == 5
