"""What is alike in everything but its number is told; what may well be true is not."""

from dataclasses import replace
from datetime import date

import pytest

from monthclose.connectors.twice import entries_twice, titles_twice
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Side
from monthclose.ledger.titles import Part, Title

MARCH = Period(2025, 3)
BILL = Title(
    Side.PAYABLE, "1", "NF-7", "11222333000181", "Alfa", date(2025, 3, 4), date(2025, 4, 4),
    500_00, (Part("2.01", 500_00),),
)  # fmt: skip
AGAIN = replace(BILL, id="2")


def told(*titles):
    return titles_twice(titles, MARCH, "BRL")


class TestTitles:
    def test_the_same_bill_twice_is_named_with_its_amount(self):
        assert told(BILL, AGAIN) == [
            ("title-twice", {"count": "1", "numbers": "NF-7", "minor": "50000", "currency": "BRL"})
        ]

    def test_three_times_is_two_too_many(self):
        ((_, facts),) = told(BILL, AGAIN, replace(BILL, id="3"))
        assert (facts["count"], facts["minor"]) == ("2", "100000")

    @pytest.mark.parametrize(
        "other",
        [
            {"due": date(2025, 5, 4)},  # an instalment
            {"document": "NF-8"},
            {"tax_id": "44555666000181"},
            {"parts": (Part("2.02", 500_00),)},
            {"side": Side.RECEIVABLE},
            {"cancelled": date(2025, 3, 5)},
            {"accrued": date(2025, 2, 28)},
        ],
    )
    def test_what_differs_in_anything_else_is_another(self, other):
        assert told(BILL, replace(AGAIN, **other)) == []

    def test_without_a_number_nobody_can_say(self):
        assert told(replace(BILL, document=""), replace(AGAIN, document="")) == []

    def test_those_of_other_months_were_told_there(self):
        assert titles_twice([BILL, AGAIN], Period(2025, 4), "BRL") == []

    def test_the_largest_five_are_named(self):
        many = [
            replace(BILL, id=f"{n}{side}", document=f"NF-{n}", amount=n, parts=(Part("2.01", n),))
            for n in range(1, 8)
            for side in "ab"
        ]
        ((_, facts),) = told(*many)
        assert facts["numbers"] == "NF-7, NF-6, NF-5, NF-4, NF-3, …"
        assert (facts["count"], facts["minor"]) == ("7", "28")


class TestEntries:
    LINES = (("3.1", "", 80_00), ("3.2", "", 20_00), ("", "1.1", 100_00))

    def test_the_same_lines_of_a_day_in_another_order_are_one_entry_twice(self):
        """80.00 and 20.00 against 100.00: an entry of 100.00."""
        entries = {"20250304|1/1": self.LINES, "20250304|1/2": self.LINES[::-1]}
        assert entries_twice(entries, "BRL") == [
            ("entry-twice", {"count": "1", "numbers": "1/2", "minor": "10000", "currency": "BRL"})
        ]

    def test_another_day_or_another_amount_is_another_entry(self):
        other = (*self.LINES[:2], ("", "1.2", 100_00))
        entries = {"20250304|1": self.LINES, "20250305|2": self.LINES, "20250304|3": other}
        assert entries_twice(entries, "BRL") == []
