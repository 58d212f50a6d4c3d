"""Numbers of Brazilian companies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monthclose.ledger.cnpj import check_digits, parse_cnpj

STEM = st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12)


class TestCnpj:
    @pytest.mark.parametrize("text", ["12ABC34501DE35", "11222333000181", "00000000000191"])
    def test_the_vectors_of_the_authority_pass(self, text):
        assert check_digits(text[:12]) == text[12:]
        assert parse_cnpj(text) == text

    def test_punctuation_is_taken_off(self):
        assert parse_cnpj("11.222.333/0001-81") == "11222333000181"
        assert parse_cnpj("12.ABC.345/01DE-35") == "12ABC34501DE35"

    @pytest.mark.parametrize(
        "text",
        [
            "11222333000182",
            "1122233300018",
            "112223330001811",
            "12abc34501de35",
            "",
            "11 222333000181",
            "1122233300018A",
            "١١٢٢٢٣٣٣٠٠٠١٨١",
        ],
    )
    def test_others_do_not(self, text):
        assert parse_cnpj(text) is None

    @given(STEM, st.integers(1, 9))
    def test_a_number_with_its_digits_passes_and_with_others_does_not(self, stem, step):
        digits = check_digits(stem)
        assert parse_cnpj(stem + digits) == stem + digits
        other = digits[0] + str((int(digits[1]) + step) % 10)
        assert parse_cnpj(stem + other) is None
