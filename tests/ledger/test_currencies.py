"""How fine the minor unit of a currency is."""

import pytest

from monthclose.ledger.currencies import UnsupportedCurrency, is_iso, minor_digits


class TestMinorDigits:
    @pytest.mark.parametrize(
        ("currency", "digits"), [("BRL", 2), ("USD", 2), ("EUR", 2), ("JPY", 0), ("CLP", 0)]
    )
    def test_iso_says_how_many(self, currency: str, digits: int):
        assert minor_digits(currency) == digits
        assert is_iso(currency)

    def test_a_label_counts_in_hundredths(self):
        """Worked cases call their foreign currency `FC`."""
        assert minor_digits("FC") == 2
        assert not is_iso("FC")

    @pytest.mark.parametrize(("currency", "digits"), [("KWD", 3), ("TND", 3), ("CLF", 4)])
    def test_a_unit_finer_than_a_hundredth_is_refused(self, currency: str, digits: int):
        with pytest.raises(UnsupportedCurrency) as refused:
            minor_digits(currency)
        assert refused.value.facts == {"currency": currency, "digits": digits}
        assert is_iso(currency)
