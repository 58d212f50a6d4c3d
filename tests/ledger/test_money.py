"""Exact amounts: read, written, split, added and scaled without losing a cent."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from monthclose.ledger.money import (
    LARGEST_MINOR,
    AmountOutOfRange,
    Money,
    NotAnAmount,
    in_units,
    parse_amount,
    plain,
    round_ratio,
    rounded,
    scale,
    share_of,
    split,
    total,
    write_amount,
)

INT64_MAX = 2**63 - 1
AMOUNTS = st.integers(-LARGEST_MINOR, LARGEST_MINOR)


def column(*amounts: int):
    """A column of minor units."""
    return np.array(amounts, dtype=np.int64)


def half_up(numerator: int, denominator: int) -> int:
    """The textbook answer: divide in Decimal, round half away from zero."""
    with localcontext(prec=90):
        exact = Decimal(numerator) / Decimal(denominator)
        return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


class TestParseAmount:
    @pytest.mark.parametrize(
        ("text", "minor"),
        [
            ("1234.56", 123456),
            ("-1234.56", -123456),
            ("0", 0),
            ("-0", 0),
            ("-0.05", -5),
            ("7", 700),
            ("7.5", 750),
            ("007.10", 710),
            ("9000000000000.00", LARGEST_MINOR),
            ("-9000000000000", -LARGEST_MINOR),
        ],
    )
    def test_a_plain_decimal_is_read_in_minor_units(self, text: str, minor: int):
        assert parse_amount(text) == minor

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "-",
            "+1",
            "+1.00",
            " 1",
            "1 ",
            "1\n",
            "1.",
            ".5",
            "-.5",
            "1e3",
            "1E3",
            "1,000.00",
            "1.000,00",
            "1_000",
            "1.2.3",
            "--1",
            "0x10",
            "NaN",
            "Infinity",
            "(5.00)",
            "R$ 5",
            "١٢٣",
            "１２３",
            "1２",
            "−5",
            "5\u00a0",
            "1234567890123456789",
        ],
    )
    def test_every_other_form_is_refused(self, text: str):
        """A sign, a space, an exponent, a separator or a foreign digit is never guessed at."""
        with pytest.raises(NotAnAmount) as refused:
            parse_amount(text)
        assert refused.value.facts == {"text": text, "digits": 2}

    @pytest.mark.parametrize("text", ["1.234", "3.900", "1.230000"])
    def test_decimals_beyond_the_currency_are_refused_even_nils(self, text):
        """3.900 is three reais ninety to one reader and three thousand nine hundred to another."""
        with pytest.raises(NotAnAmount):
            parse_amount(text)

    def test_a_currency_without_a_minor_unit_takes_whole_amounts(self):
        assert parse_amount("5", digits=0) == 5
        for text in ("5.50", "5.00"):
            with pytest.raises(NotAnAmount):
                parse_amount(text, digits=0)

    def test_a_cent_beyond_nine_trillion_is_out_of_range(self):
        with pytest.raises(AmountOutOfRange) as refused:
            parse_amount("9000000000000.01")
        assert refused.value.amount == LARGEST_MINOR + 1
        with pytest.raises(AmountOutOfRange):
            parse_amount("-999999999999999999")

    @given(AMOUNTS, st.sampled_from([0, 2]))
    def test_what_is_written_plain_is_read_back(self, minor: int, digits: int):
        assert parse_amount(plain(minor, digits), digits) == minor


class TestWriting:
    @pytest.mark.parametrize(
        ("minor", "currency", "english", "portuguese"),
        [
            (123456, "BRL", "BRL 1,234.56", "BRL 1.234,56"),
            (-123456, "USD", "USD -1,234.56", "USD -1.234,56"),
            (-5, "BRL", "BRL -0.05", "BRL -0,05"),
            (0, "BRL", "BRL 0.00", "BRL 0,00"),
            (1234567, "JPY", "JPY 1,234,567", "JPY 1.234.567"),
            (-1234567, "JPY", "JPY -1,234,567", "JPY -1.234.567"),
            (
                LARGEST_MINOR,
                "BRL",
                "BRL 9,000,000,000,000.00",
                "BRL 9.000.000.000.000,00",
            ),
        ],
    )
    def test_each_language_puts_its_own_point_and_comma(
        self, minor: int, currency: str, english: str, portuguese: str
    ):
        money = Money(minor, currency)
        assert money.shown("en") == str(money) == english
        assert money.shown("pt-BR") == portuguese

    def test_plain_has_no_thousands_separator(self):
        assert plain(-123456) == "-1234.56"
        assert plain(-123456, 0) == "-123456"

    def test_a_small_negative_amount_keeps_its_sign(self):
        """The whole part of -0.05 is nil, and nil has no sign of its own."""
        assert write_amount(-5) == "-0.05"
        assert write_amount(-5, 2, "pt-BR") == "-0,05"


class TestRoundRatio:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "whole"),
        [(1, 2, 1), (-1, 2, -1), (3, 2, 2), (-3, 2, -2), (1, 3, 0), (2, 3, 1), (-2, 3, -1)],
    )
    def test_a_half_goes_away_from_zero(self, numerator: int, denominator: int, whole: int):
        assert round_ratio(numerator, denominator) == whole

    @given(st.integers(-(10**40), 10**40), st.integers(1, 10**30))
    def test_it_agrees_with_decimal(self, numerator: int, denominator: int):
        assert round_ratio(numerator, denominator) == half_up(numerator, denominator)

    def test_an_exact_fraction_is_rounded_the_same_way(self):
        assert rounded(Fraction(5, 2)) == 3
        assert rounded(Fraction(-5, 2)) == -3
        assert share_of(-1, Fraction(1, 2)) == -1


class TestScale:
    """One line, one rounding; the answer of Decimal to the last minor unit."""

    @given(
        st.lists(AMOUNTS, max_size=12),
        st.integers(1, 10**22),
        st.integers(1, 10**22),
    )
    # A denominator beyond int64 with a product that fits it.
    @example([100], 1, 10**20 + 1)
    # Nothing but nil, and a multiplier beyond int64.
    @example([0, 0], 10**20 + 1, 7)
    # Exact halves on both sides of nil.
    @example([1, -1, 3, -3], 1, 2)
    # Long division: a product of 9e14 x 1e10 leaves int64, the denominator is small.
    @example([LARGEST_MINOR, -LARGEST_MINOR, 1, 0, -1], 10**10, 58_301_000_001)
    # The object path: a denominator of 2**40 and more.
    @example([LARGEST_MINOR, -LARGEST_MINOR, 1, 0, -1], 10**10, 2**40)
    @example([LARGEST_MINOR, -LARGEST_MINOR, 1, 0, -1], 10**10, 2**40 - 1)
    def test_every_line_is_what_decimal_says(
        self, amounts: list[int], numerator: int, denominator: int
    ):
        expected = [half_up(amount * numerator, denominator) for amount in amounts]
        assume(max(map(abs, expected), default=0) < INT64_MAX)
        scaled = scale(column(*amounts), numerator, denominator)
        assert scaled.tolist() == expected
        assert scaled.dtype == np.int64

    @given(st.lists(AMOUNTS, max_size=8), st.integers(1, 10**13), st.integers(1, 10**13))
    def test_a_debit_and_its_mirror_credit_round_alike(
        self, amounts: list[int], numerator: int, denominator: int
    ):
        assume(LARGEST_MINOR * numerator // denominator < INT64_MAX)
        debits = column(*amounts)
        mirrored = scale(-debits, numerator, denominator)
        assert (scale(debits, numerator, denominator) == -mirrored).all()

    @given(
        st.lists(st.integers(-(2**63), INT64_MAX), min_size=1, max_size=4),
        st.integers(1, 10**22),
        st.integers(1, 10**22),
    )
    @example([-(2**63)], 1, 3)
    @example([INT64_MAX], 3, 2)
    @example([LARGEST_MINOR], 10**10, 1)
    def test_what_does_not_fit_is_refused_and_never_wraps(
        self, amounts: list[int], numerator: int, denominator: int
    ):
        expected = [half_up(amount * numerator, denominator) for amount in amounts]
        reached = max(map(abs, [*expected, *amounts]))
        if reached < INT64_MAX - 1:
            assert scale(column(*amounts), numerator, denominator).tolist() == expected
        elif reached > INT64_MAX + 1:
            with pytest.raises(AmountOutOfRange):
                scale(column(*amounts), numerator, denominator)

    def test_a_column_of_no_lines_stays_one(self):
        assert scale(column(), 1, 3).tolist() == []

    def test_a_ratio_of_one_gives_a_copy(self):
        """The caller may change what it gets without changing what it gave."""
        amounts = column(1, -1)
        scaled = scale(amounts, 5, 5)
        scaled[0] = 9
        assert amounts.tolist() == [1, -1]

    @pytest.mark.parametrize(
        ("numerator", "denominator"),
        [(10**10, 58_301_000_000), (54_530_910_000, 10**10), (10**10, 2**41 + 1), (1, 2)],
    )
    def test_blocks_join_without_a_seam(self, numerator: int, denominator: int):
        """More lines than one block holds: every one of them is rounded on its own."""
        random = np.random.default_rng(20250630)
        amounts = random.integers(-LARGEST_MINOR, LARGEST_MINOR, 65_536 * 2 + 3)
        amounts[65_535:65_538] = (LARGEST_MINOR, -LARGEST_MINOR, 1)
        scaled = scale(amounts, numerator, denominator)
        for place in [0, 1, *range(65_530, 65_545), 131_071, 131_072, 131_074]:
            expected = half_up(int(amounts[place]) * numerator, denominator)
            assert scaled[place] == expected
        assert (scale(amounts[::-1], numerator, denominator) == scaled[::-1]).all()
        whole = amounts.astype(object) * numerator * 2 + np.where(amounts < 0, -1, 1) * denominator
        away = np.where(
            amounts < 0, -(-whole // (2 * denominator)), whole // (2 * denominator)
        ).astype(np.int64)
        assert (scaled == away).all()

    def test_one_huge_line_changes_none_of_its_neighbours(self):
        """The largest line chooses the road; the cents of the others stay the same."""
        small = list(range(-500, 500))
        alone = scale(column(*small), 10**10, 58_301_000_000)
        mixed = scale(column(*small, LARGEST_MINOR), 10**10, 58_301_000_000)
        assert mixed[:-1].tolist() == alone.tolist()


class TestSplit:
    def test_three_thirds_of_a_cent_are_a_cent(self):
        """Cumulative: round(1/3) = 0, round(2/3) - 0 = 1, round(3/3) - 1 = 0."""
        assert split(1, (Fraction(1, 3),) * 3) == (0, 1, 0)

    def test_halves_of_a_cent_go_to_the_first(self):
        assert split(1, (Fraction(1, 2), Fraction(1, 2))) == (1, 0)
        assert split(-1, (Fraction(1, 2), Fraction(1, 2))) == (-1, 0)

    @given(AMOUNTS, st.lists(st.integers(1, 10**8), min_size=1, max_size=12))
    def test_the_parts_add_up_and_each_is_within_one_of_its_share(
        self, amount: int, weights: list[int]
    ):
        shares = tuple(Fraction(weight, sum(weights)) for weight in weights)
        parts = split(amount, shares)
        assert sum(parts) == amount
        for part, share in zip(parts, shares, strict=True):
            assert abs(part - amount * share) < 1


class TestTotal:
    @given(st.lists(st.integers(-INT64_MAX, INT64_MAX), max_size=20))
    @example([INT64_MAX, INT64_MAX, -INT64_MAX])
    @example([-INT64_MAX, -1])
    def test_it_is_exact_or_refused(self, amounts: list[int]):
        """Partial sums may leave int64 on the way; only the total must not."""
        exact = sum(amounts)
        if abs(exact) > INT64_MAX:
            with pytest.raises(AmountOutOfRange):
                total(column(*amounts))
        else:
            assert total(column(*amounts)) == exact

    def test_ten_thousand_of_the_largest_lines_and_their_mirror_are_nil(self):
        """20,001 x 9e14 = 1.8e19 passes int64 (9.2e18) before the credits bring it back."""
        largest = np.full(20_001, LARGEST_MINOR)
        assert total(np.concatenate([largest, -largest])) == 0
        with pytest.raises(AmountOutOfRange):
            total(largest)

    def test_no_lines_add_up_to_nil(self):
        assert total(column()) == 0


class TestInUnits:
    def test_the_missing_unit_goes_to_the_line_that_lost_most(self):
        """1.4 + 1.3 + 1.3 = 4.0, taken down 1 + 1 + 1: one is missing, the first lost most."""
        lines = {"1010": 1_400_00, "1100": 1_300_00, "1200": 1_300_00}
        assert in_units(lines, 1000_00) == {"1010": 2, "1100": 1, "1200": 1}

    def test_equal_losses_go_to_the_larger_line_and_then_to_the_first_code(self):
        """0.5 + 0.5 + 9.5 = 10.5, rounded 11, taken down 9: two are missing."""
        lines = {"b": 500_00, "a": 500_00, "c": 9_500_00}
        assert in_units(lines, 1000_00) == {"b": 0, "a": 1, "c": 10}

    def test_a_negative_line_is_taken_towards_minus_infinity(self):
        """-0.4 goes to -1 and lost 0.6; 2.4 goes to 2 and lost 0.4; together 2.0."""
        assert in_units({"a": -400_00, "b": 2_400_00}, 1000_00) == {"a": 0, "b": 2}

    @given(
        st.dictionaries(st.text("0123456789", min_size=4, max_size=4), AMOUNTS, max_size=30),
        st.sampled_from([1, 100, 1000_00, 1_000_000_00]),
    )
    def test_lines_foot_to_the_rounded_total_and_stay_within_a_unit(
        self, lines: dict[str, int], unit: int
    ):
        units = in_units(lines, unit)
        assert sum(units.values()) == half_up(sum(lines.values()), unit)
        assert all(abs(units[code] * unit - lines[code]) < unit or unit == 1 for code in lines)
