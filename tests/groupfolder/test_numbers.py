"""Numbers in the form that was declared, exact, and nothing guessed."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from monthclose.groupfolder.numbers import (
    amounts_at_once,
    decimal_of,
    read_amount,
    read_percent,
    read_rate,
    too_many_decimals,
    write_percent,
)
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import LARGEST_MINOR, NotAnAmount, plain, write_amount
from monthclose.ledger.rates import NotARate

MINOR = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
DIGITS = st.sampled_from([0, 2])


class TestPlain:
    @given(MINOR, DIGITS)
    def test_what_is_written_reads_back(self, minor, digits):
        assert read_amount(plain(minor, digits), digits, "plain") == minor

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "1,234.56",
            "1.234,56",
            "1 234.56",
            "(1.00)",
            "1.00-",
            "1.00D",
            "+1",
            "1e3",
            ".5",
            "1.",
            "٣",
            "1.234",
            "3.900",
            "0x10",
            "nan",
            "--1",
            "1.00 ",
            "\u22121.00",
            "1_000",
        ],
    )
    def test_any_other_form_is_refused(self, text):
        """Also `3.900`: 3.90 with a nought, or three thousand nine hundred."""
        with pytest.raises(NotAnAmount):
            read_amount(text, 2, "plain")


class TestBrazilian:
    @pytest.mark.parametrize(
        ("text", "minor"),
        [
            ("1.234,56", 1234_56),
            ("1234,56", 1234_56),
            ("1.234.567,8", 1234567_80),
            ("1.234", 1234_00),
            ("-1.234,56", -1234_56),
            ("1.234,56-", -1234_56),
            ("(1.234,56)", -1234_56),
            ("1.234,56D", 1234_56),
            ("1.234,56 D", 1234_56),
            ("1.234,56C", -1234_56),
            ("1.234,56 C", -1234_56),
            ("0,00", 0),
            ("0", 0),
        ],
    )
    def test_its_forms_are_read(self, text, minor):
        assert read_amount(text, 2, "pt-BR") == minor

    @pytest.mark.parametrize(
        "text",
        [
            "1234.56",
            "1.23",
            "12.34,56",
            "1.2345,00",
            "0.500",
            "01.234",
            "-1,00-",
            "(-1,00)",
            "(1,00",
            "1,00)",
            "-1,00 C",
            "(1,00)C",
            "1,00  C",
            "1,00 c",
            "1,",
            ",5",
            "1,234.56",
        ],
    )
    def test_what_could_mean_two_things_is_refused(self, text):
        with pytest.raises(NotAnAmount):
            read_amount(text, 2, "pt-BR")

    @given(MINOR, DIGITS)
    def test_what_a_person_writes_reads_back(self, minor, digits):
        assert read_amount(write_amount(minor, digits, "pt-BR"), digits, "pt-BR") == minor
        size = write_amount(abs(minor), digits, "pt-BR")
        assert read_amount(f"({size})", digits, "pt-BR") == -abs(minor)
        assert read_amount(f"{size} C", digits, "pt-BR") == -abs(minor)

    @given(st.text(alphabet="0123456789.,-()CD ", max_size=12))
    def test_no_text_has_a_meaning_in_both_forms_that_differs_by_chance(self, text):
        """What both forms read is the same number: they differ only where one refuses."""
        read = []
        for locale in ("plain", "pt-BR"):
            try:
                read.append(read_amount(text, 2, locale))
            except CloseError:
                assume(False)
        assert read[0] == read[1]


class TestAtOnce:
    @given(st.lists(MINOR, max_size=20), DIGITS)
    def test_it_agrees_with_reading_one_by_one(self, column, digits):
        cells = [plain(minor, digits) for minor in column]
        read = amounts_at_once(cells, digits)
        assert read == column if column else read is None

    @given(st.lists(st.text(alphabet="0123456789.-\n", max_size=8), min_size=1, max_size=4))
    @example(["1.00\n2.00", "3.00"])
    @example(["9000000000000.01"])
    @example(["1.00\r"])
    def test_it_never_reads_what_one_by_one_would_not(self, cells):
        read = amounts_at_once(cells, 2)
        if read is not None:
            assert read == [read_amount(cell, 2, "plain") for cell in cells]


class TestDecimals:
    @pytest.mark.parametrize(("text", "locale"), [("1.234", "plain"), ("1,234", "pt-BR")])
    def test_too_many_are_told_from_no_number(self, text, locale):
        assert too_many_decimals(text, 2, locale)
        assert not too_many_decimals("x", 2, locale)


class TestRatesAndPercentages:
    def test_a_rate_keeps_ten_decimals(self):
        assert read_rate("5.8301", "plain") == 58301000000
        assert read_rate("5,8301000001", "pt-BR") == 58301000001

    @pytest.mark.parametrize(
        ("text", "locale"),
        [("5,8301", "plain"), ("5.8301", "pt-BR"), ("5.830", "pt-BR"), ("0", "plain")],
    )
    def test_a_rate_in_the_other_form_is_refused(self, text, locale):
        with pytest.raises(NotARate):
            read_rate(text, locale)

    @given(st.integers(0, 10**8))
    def test_a_percentage_reads_back(self, share_e8):
        text = write_percent(share_e8)
        assert read_percent(text, "plain") == share_e8
        assert read_percent(text.replace(".", ","), "pt-BR") == share_e8

    @pytest.mark.parametrize("text", ["100.000001", "-1", "1.0000001", "80%", "", "1e1", "1,5"])
    def test_what_is_none_is_refused(self, text):
        assert read_percent(text, "plain") is None


class TestBinaryNumbers:
    @given(st.integers(-(10**15) + 1, 10**15 - 1))
    def test_cents_come_out_of_a_workbook_as_they_went_in(self, cents):
        """Fifteen digits are exact in a binary number; nine trillion has fifteen with cents."""
        text = decimal_of(cents / 100)
        assert text is not None
        whole, _, decimals = text.lstrip("-").partition(".")
        assert int(whole + decimals.ljust(2, "0")) == abs(cents)
        assert (cents < 0) == text.startswith("-")

    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (0.1, "0.1"),
            (1234.5600000000001, None),
            (0.1 + 0.2, None),
            (5.0, "5"),
            (-0.0, "0"),
            (1e22, "1" + "0" * 22),
            (1e-7, "0.0000001"),
            (10**15, "1" + "0" * 15),
            (float("nan"), None),
            (float("inf"), None),
            (90071992547409.93, None),
        ],
    )
    def test_beyond_fifteen_digits_there_is_none(self, number, text):
        assert decimal_of(number) == text
