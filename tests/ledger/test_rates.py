"""Rates as published: read, picked, averaged, crossed, and converted by."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from monthclose.ledger.money import LARGEST_MINOR, AmountOutOfRange
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import (
    QUOTE_UNIT,
    NotARate,
    Quote,
    RateKind,
    RateTable,
    RateUnusable,
    convert,
    convert_one,
    mean_of,
    parse_rate,
    ratio_of,
)

LARGEST_QUOTE = 9_999_999_999 * QUOTE_UNIT
JUNE = Period(2025, 6)
HISTORICAL, CLOSING, AVERAGE = RateKind.HISTORICAL, RateKind.CLOSING, RateKind.AVERAGE


def ptax(value: str, on: str, kind: RateKind = RateKind.DAILY, source: str = "PTAX") -> Quote:
    """Reais for one dollar."""
    return Quote("USD", "BRL", parse_rate(value), kind, on, source)


def ecb(currency: str, value: str, on: str) -> Quote:
    """Units of *currency* for one euro."""
    return Quote("EUR", currency, parse_rate(value), RateKind.DAILY, on, "ECB")


def table(*quotes: Quote) -> RateTable:
    return RateTable(quotes)


def found(quote: Quote | None) -> Quote:
    """A quote that must be there."""
    assert quote is not None
    return quote


class TestParseRate:
    @pytest.mark.parametrize(
        ("text", "e10"),
        [
            ("5.8301", 58_301_000_000),
            ("1", QUOTE_UNIT),
            ("0.0000000001", 1),
            ("9999999999", LARGEST_QUOTE),
            ("9999999999.9999999999", LARGEST_QUOTE + 9_999_999_999),
        ],
    )
    def test_ten_decimals_are_kept(self, text: str, e10: int):
        assert parse_rate(text) == e10

    @pytest.mark.parametrize(
        "text",
        ["", "0", "0.0000000000", "-5.1", "+5.1", "5,1", "5.", ".5", "1e3", " 5", "5 ", "5.1\n",
         "5.12345678901", "12345678901", "1.234,5", "５.1", "NaN"],
    )  # fmt: skip
    def test_every_other_form_and_nil_are_refused(self, text: str):
        with pytest.raises(NotARate) as refused:
            parse_rate(text)
        assert refused.value.text == text

    @given(st.integers(1, LARGEST_QUOTE))
    def test_a_value_is_written_as_short_as_it_was_published(self, e10: int):
        quote = Quote("USD", "BRL", e10)
        assert parse_rate(quote.value) == e10
        assert "." not in quote.value or not quote.value.endswith("0")


class TestDirection:
    def test_reais_are_divided_by_ptax_and_dollars_multiplied(self):
        """1,000.00 / 5.8301 = 171.5236... -> 171.52; 1,000.00 x 5.8301 = 5,830.10."""
        quote = ptax("5.8301", "2025-06-30")
        assert quote.divides("BRL")
        assert not quote.divides("USD")
        assert convert_one(1000_00, quote, "BRL", "USD") == 171_52
        assert convert_one(1000_00, quote, "USD", "BRL") == 5830_10

    def test_a_quote_the_other_way_round_multiplies_reais(self):
        """0.20 dollars for one real: 1,000.00 x 0.20 = 200.00."""
        quote = Quote("BRL", "USD", parse_rate("0.20"))
        assert convert_one(1000_00, quote, "BRL", "USD") == 200_00

    def test_the_inverse_of_a_quote_is_another_rate(self):
        """
        Kept at ten decimals, 1 / 5.8301 = 0.171523644534... is 0.1715236445.

        Nine trillion reais / 5.8301 = 1,543,712,800,809.59; x 0.1715236445 = 1,543,712,800,500.00.
        """
        amount = LARGEST_MINOR
        divided = convert_one(amount, ptax("5.8301", ""), "BRL", "USD")
        inverse = Quote("BRL", "USD", parse_rate("0.1715236445"))
        assert divided == 154_371_280_080_959
        assert convert_one(amount, inverse, "BRL", "USD") == 154_371_280_050_000

    @pytest.mark.parametrize("pair", [("BRL", "EUR"), ("EUR", "USD"), ("JPY", "EUR")])
    def test_a_quote_of_other_currencies_is_refused(self, pair: tuple[str, str]):
        with pytest.raises(RateUnusable) as refused:
            convert(np.array([100]), ptax("5", ""), *pair)
        assert refused.value.facts == {
            "currency": pair[0],
            "presentation": pair[1],
            "base": "USD",
            "quote": "BRL",
        }

    def test_no_quote_is_refused_unless_the_currencies_are_one(self):
        with pytest.raises(RateUnusable):
            ratio_of(None, "BRL", "USD")
        assert ratio_of(None, "USD", "USD") == 1
        assert convert(np.array([5, -5]), None, "USD", "USD").tolist() == [5, -5]


class TestConvert:
    """`convert` is Decimal's quotient or product, rounded half away from zero, once."""

    @given(
        st.lists(st.integers(-LARGEST_MINOR, LARGEST_MINOR), max_size=10),
        st.one_of(st.integers(1, 10**6), st.integers(10**8, 10**13), st.integers(1, LARGEST_QUOTE)),
        st.sampled_from([("BRL", "USD"), ("USD", "BRL"), ("JPY", "USD"), ("BRL", "JPY")]),
        st.booleans(),
    )
    @example([100, -100, 0], parse_rate("9999999998.0000000001"), ("BRL", "USD"), True)
    @example([0, 0], parse_rate("9999999998.0000000001"), ("USD", "BRL"), False)
    @example([LARGEST_MINOR, 1, -1], 1, ("BRL", "USD"), False)
    # 1 cent x 0.5 and 3 cents x 0.5: exact halves.
    @example([1, -1, 3, -3], QUOTE_UNIT // 2, ("BRL", "USD"), False)
    # 5 yen / 1000 to hundredths: 0.5 cents.
    @example([5, -5], 1000 * QUOTE_UNIT, ("JPY", "USD"), True)
    def test_it_agrees_with_decimal_multiplying_and_dividing(
        self, amounts: list[int], e10: int, pair: tuple[str, str], divides: bool
    ):
        currency, presentation = pair
        base, quoted = (presentation, currency) if divides else (currency, presentation)
        quote = Quote(base, quoted, e10)
        digits = {"JPY": 0}
        with localcontext(prec=90):
            value = Decimal(e10).scaleb(-10)
            step = Decimal(1).scaleb(digits.get(presentation, 2) - digits.get(currency, 2))
            exact = [each / value * step if divides else each * value * step for each in amounts]
            expected = [int(each.quantize(Decimal(1), rounding=ROUND_HALF_UP)) for each in exact]
        fits = max(map(abs, expected), default=0) < 2**63 - 1
        column = np.array(amounts, dtype=np.int64)
        if fits:
            assert convert(column, quote, currency, presentation).tolist() == expected
        else:
            with pytest.raises(AmountOutOfRange):
                convert(column, quote, currency, presentation)
        singly = [convert_one(each, quote, currency, presentation) for each in amounts]
        assert singly == expected

    @given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.integers(1, 10**14), st.booleans())
    def test_a_debit_and_its_mirror_credit_round_alike(self, amount: int, e10: int, divides: bool):
        quote = Quote("USD", "BRL", e10) if divides else Quote("BRL", "USD", e10)
        assume(abs(convert_one(amount, quote, "BRL", "USD")) < 2**63 - 1)
        debit, credit = convert(np.array([amount, -amount]), quote, "BRL", "USD").tolist()
        assert debit == -credit


class TestMean:
    def test_the_mean_of_quotes_is_not_the_mean_of_their_inverses(self):
        """
        Quotes 4 and 6 have the mean 5, and 1/5 = 0.200000.

        The mean of 1/4 and 1/6 is 0.208333. A thousand reais are 200.00 dollars, not 208.33.
        """
        mean = mean_of([ptax("4", "2025-06-02"), ptax("6", "2025-06-03")], "2025-06")
        assert mean.value == "5"
        assert mean.kind is RateKind.AVERAGE
        assert mean.on == "2025-06"
        assert convert_one(1000_00, mean, "BRL", "USD") == 200_00

    def test_it_is_kept_at_ten_decimals_half_away_from_zero(self):
        """(1 + 1 + 2) / 3 = 1.3333333333; (1 + 1.0000000001) / 2 = 1.00000000005 -> ...0001."""
        assert mean_of([ptax(v, "d") for v in ("1", "1", "2")], "m").value == "1.3333333333"
        halves = [ptax(v, "d") for v in ("1", "1.0000000001")]
        assert mean_of(halves, "m").value == "1.0000000001"

    def test_it_says_how_it_was_made(self):
        mean = mean_of([ptax("4", "2025-06-02"), ptax("6", "2025-06-03")], "2025-06")
        assert (mean.source, mean.days) == ("PTAX", 2)
        assert mean.origin("en") == "PTAX; mean of 2 days"


class TestClosing:
    def test_it_is_the_last_quote_on_or_before_the_day(self):
        """The year 2023 ends on a Sunday: its last quote is of the 29th."""
        rates = table(ptax("4.8413", "2023-12-29"), ptax("4.8910", "2024-01-02"))
        quote = found(rates.closing("BRL", "USD", date(2023, 12, 31)))
        assert (quote.value, quote.on, quote.kind) == ("4.8413", "2023-12-29", RateKind.CLOSING)

    def test_a_quote_of_the_day_itself_counts(self):
        rates = table(ptax("5.1", "2025-06-29"), ptax("5.2", "2025-06-30"))
        assert found(rates.closing("BRL", "USD", JUNE.last_day)).value == "5.2"

    def test_quotes_loaded_out_of_order_give_the_same_one(self):
        days = [ptax("5.2", "2025-06-30"), ptax("5.1", "2025-06-29"), ptax("5.3", "2025-07-01")]
        assert found(table(*days).closing("BRL", "USD", JUNE.last_day)).value == "5.2"

    def test_there_is_none_before_the_first_quote(self):
        rates = table(ptax("5.2", "2025-07-01"))
        assert rates.closing("BRL", "USD", JUNE.last_day) is None
        assert table().closing("BRL", "USD", JUNE.last_day) is None

    @pytest.mark.parametrize("on", ["2025-06-30", "2025-06"])
    def test_one_loaded_as_closing_comes_before_any_daily_quote(self, on: str):
        rates = table(ptax("5.2", "2025-06-30"), ptax("5.7", on, RateKind.CLOSING))
        assert found(rates.closing("BRL", "USD", JUNE.last_day)).value == "5.7"

    def test_one_loaded_for_a_month_is_of_its_last_day_only(self):
        rates = table(ptax("5.2", "2025-06-10"), ptax("5.7", "2025-06", RateKind.CLOSING))
        assert found(rates.closing("BRL", "USD", date(2025, 6, 15))).value == "5.2"

    def test_a_pair_may_be_asked_for_either_way(self):
        rates = table(ptax("5.2", "2025-06-30"))
        there = found(rates.closing("BRL", "USD", JUNE.last_day))
        back = found(rates.closing("USD", "BRL", JUNE.last_day))
        assert there == back
        assert (there.base, there.quote) == ("USD", "BRL")


class TestAverage:
    def test_it_is_the_mean_of_the_days_of_the_month_and_no_other(self):
        days = (("2025-05-30", "9"), ("2025-06-02", "4"), ("2025-06-30", "6"), ("2025-07-01", "9"))
        rates = table(*(ptax(value, on) for on, value in days))
        assert found(rates.average("BRL", "USD", JUNE)).value == "5"

    def test_one_loaded_as_average_comes_first(self):
        rates = table(ptax("4", "2025-06-02"), ptax("5.5", "2025-06", RateKind.AVERAGE))
        assert found(rates.average("BRL", "USD", JUNE)).value == "5.5"

    def test_a_month_without_a_day_has_none(self):
        assert table(ptax("4", "2025-05-30")).average("BRL", "USD", JUNE) is None

    def test_a_closing_rate_is_no_average(self):
        assert table(ptax("4", "2025-06", RateKind.CLOSING)).average("BRL", "USD", JUNE) is None


class TestHistorical:
    def test_one_loaded_for_the_very_day_comes_first(self):
        rates = table(ptax("5.1", "2025-06-10"), ptax("5.9", "2025-06-10", HISTORICAL))
        assert found(rates.historical("BRL", "USD", date(2025, 6, 10))).value == "5.9"
        assert found(rates.historical("BRL", "USD", date(2025, 6, 11))).value == "5.1"

    def test_it_names_its_kind(self):
        rates = table(ptax("5.1", "2025-06-10"))
        quote = found(rates.historical("BRL", "USD", date(2025, 6, 12)))
        assert (quote.kind, quote.on) == (RateKind.HISTORICAL, "2025-06-10")


class TestCross:
    def test_it_is_quoted_the_way_ptax_is_and_marked(self):
        """4.2041 reais and 1.1488 dollars for a euro: 4.2041 / 1.1488 = 3.6595577994."""
        rates = table(ecb("BRL", "4.2041", "2025-06-30"), ecb("USD", "1.1488", "2025-06-30"))
        cross = found(rates.closing("BRL", "USD", JUNE.last_day))
        assert (cross.base, cross.quote, cross.value) == ("USD", "BRL", "3.6595577994")
        assert (cross.source, cross.over) == ("ECB", "EUR")
        assert cross.origin("pt-BR") == "ECB; cruzada por EUR"

    def test_the_average_is_of_the_daily_crosses_and_not_of_their_legs(self):
        """
        Reais 4 and 6, dollars 1 and 2 for a euro: crosses 4/1 = 4 and 6/2 = 3, mean 3.5.

        The ratio of the averages would be 5 / 1.5 = 3.3333333333.
        """
        rates = table(
            ecb("BRL", "4", "2025-06-02"),
            ecb("USD", "1", "2025-06-02"),
            ecb("BRL", "6", "2025-06-03"),
            ecb("USD", "2", "2025-06-03"),
        )
        assert found(rates.average("BRL", "USD", JUNE)).value == "3.5"

    def test_a_day_with_one_leg_only_has_no_cross(self):
        rates = table(
            ecb("BRL", "4", "2025-06-27"),
            ecb("USD", "1", "2025-06-27"),
            ecb("BRL", "9", "2025-06-30"),
        )
        cross = found(rates.closing("BRL", "USD", JUNE.last_day))
        assert (cross.value, cross.on) == ("4", "2025-06-27")

    def test_a_published_pair_comes_before_a_cross(self):
        rates = table(
            ecb("BRL", "4", "2025-06-27"),
            ecb("USD", "1", "2025-06-27"),
            ecb("BRL", "9", "2025-06-30"),
            ecb("USD", "1", "2025-06-30"),
            ptax("5.5", "2025-06-30"),
        )
        assert found(rates.closing("BRL", "USD", JUNE.last_day)).value == "5.5"

    def test_legs_of_two_sources_are_not_crossed(self):
        other = Quote("EUR", "USD", parse_rate("1"), RateKind.DAILY, "2025-06-30", "BCB")
        rates = table(ecb("BRL", "4", "2025-06-30"), other)
        assert rates.closing("BRL", "USD", JUNE.last_day) is None

    def test_money_goes_through_a_cross_either_way(self):
        """The cross is 5 reais a dollar: 100.00 reais are 20.00 dollars and back."""
        rates = table(ecb("BRL", "10", "2025-06-30"), ecb("USD", "2", "2025-06-30"))
        cross = rates.closing("BRL", "USD", JUNE.last_day)
        assert convert_one(100_00, cross, "BRL", "USD") == 20_00
        assert convert_one(20_00, cross, "USD", "BRL") == 100_00


def at_six_decimals(quote: Quote) -> str:
    """The way the control figures are printed: rounded half up to six decimals."""
    value = Decimal(quote.value_e10).scaleb(-10)
    return str(value.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP))


def rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


class TestControlFigures:
    """Seven years of published quotes against monthly figures computed elsewhere."""

    def test_ptax_closes_and_averages_as_the_central_bank_does(self, shared: Path):
        folder = shared / "data" / "ptax"
        days = rows(folder / "ptax_usd_daily_2019_2025.csv")
        rates = table(*(ptax(row["brl_per_usd_sell"], row["date"]) for row in days))
        months = list(rows(folder / "ptax_usd_monthly_2019_2025.csv"))
        assert len(months) == 84
        for row in months:
            month = Period.parse(row["month"])
            closing = found(rates.closing("BRL", "USD", month.last_day))
            average = found(rates.average("BRL", "USD", month))
            assert Decimal(closing.value) == Decimal(row["sell_close"]), row
            assert closing.on == row["last_day"]
            assert Decimal(at_six_decimals(average)) == Decimal(row["sell_avg"]), row

    def test_ptax_of_two_months_is_as_printed(self, shared: Path):
        days = rows(shared / "data" / "ptax" / "ptax_usd_daily_2019_2025.csv")
        rates = table(*(ptax(row["brl_per_usd_sell"], row["date"]) for row in days))
        for month, closing, average in (
            (Period(2019, 1), "3.6519", "3.741682"),
            (Period(2025, 12), "5.5024", "5.453091"),
        ):
            assert found(rates.closing("BRL", "USD", month.last_day)).value == closing
            assert at_six_decimals(found(rates.average("BRL", "USD", month))) == average

    def test_euro_crosses_are_averaged_day_by_day(self, shared: Path):
        """
        January 2019 closes at 4.2041 / 1.1488 = 3.659558 and averages 3.740357.

        The ratio of the month's averages, 4.269982 / 1.141641, would be 3.740215.
        """
        folder = shared / "data" / "ecb_rates"
        quotes = []
        for row in rows(folder / "ecb_daily_2019_2025.csv"):
            quotes.append(ecb("USD", row["usd_per_eur"], row["date"]))
            quotes.append(ecb("BRL", row["brl_per_eur"], row["date"]))
        rates = table(*quotes)
        printed = {}
        for row in rows(folder / "ecb_monthly_2019_2025.csv"):
            month = Period.parse(row["month"])
            closing = at_six_decimals(found(rates.closing("BRL", "USD", month.last_day)))
            average = at_six_decimals(found(rates.average("BRL", "USD", month)))
            assert Decimal(closing) == Decimal(row["brl_per_usd_close"]), row
            assert Decimal(average) == Decimal(row["brl_per_usd_avg"]), row
            printed[row["month"]] = closing, average
        assert printed["2019-01"] == ("3.659558", "3.740357")
        assert printed["2025-12"] == ("5.477787", "5.449200")
        ratio = Fraction("4.269982") / Fraction("1.141641")
        assert abs(ratio - Fraction("3.740215")) < Fraction(1, 10**6)
