"""Exchange rates as they were published: closing, average, historical."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache, cached_property

from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Amounts, round_ratio, scale, share_of
from monthclose.ledger.periods import Period
from monthclose.wording import Word, say

QUOTE_UNIT = 10**10
"""Quotes are kept as integers in 10**-10."""

_ONE = Fraction(1)
_DECIMAL = re.compile(r"\d{1,10}(\.\d{1,10})?", re.ASCII)


class RateKind(StrEnum):
    """What a quote is of: one day, the end of a month, the mean of a month, an event."""

    DAILY = "daily"
    CLOSING = "closing"
    AVERAGE = "average"
    HISTORICAL = "historical"


class MissingRate(CloseError):
    """A translation needs a rate that nobody loaded."""

    code = "rate-missing"

    def __init__(self, currency: str, presentation: str, kind: str, when: str, where: str) -> None:
        super().__init__(
            currency=currency, presentation=presentation, kind=Word(kind), when=when, where=where
        )


class RateUnusable(CloseError):
    """A quote that is not of the two currencies it should translate between."""

    code = "rate-unusable"

    def __init__(self, currency: str, presentation: str, base: str, quote: str) -> None:
        super().__init__(currency=currency, presentation=presentation, base=base, quote=quote)


class NotARate(CloseError):
    """A text that is no positive rate of at most ten decimals."""

    code = "rate-unreadable"

    def __init__(self, text: str) -> None:
        super().__init__(text=text[:40])


@dataclass(frozen=True, slots=True)
class Quote:
    """
    A published rate, never turned over: 1 `base` costs `value_e10` x 10**-10 `quote`.

    Money in `base` is multiplied by it, money in `quote` divided: PTAX 5.8301 has
    base USD and quote BRL, so it divides reais.

    Attributes:
        base: Currency of which there is one.
        quote: Currency the value is in.
        value_e10: The value in 10**-10, positive.
        kind: Daily, closing, average or historical.
        on: The day (`2025-06-30`) or month (`2025-06`) it is of.
        source: Who published it.
        over: Base it was crossed over, such as `EUR`; empty: published as it stands.
        days: How many days it is the mean of; nil: of one day.
        name: How its table names it, if it does.
    """

    base: str
    quote: str
    value_e10: int
    kind: RateKind = RateKind.DAILY
    on: str = ""
    source: str = ""
    name: str = ""
    over: str = ""
    days: int = 0

    def origin(self, lang: str) -> str:
        """Who published it and how it was derived, in *lang*: `ECB; crossed over EUR`."""
        parts = [self.source or "–"]
        if self.over:
            parts.append(say("rates.crossed", lang, over=self.over))
        if self.days:
            parts.append(say("rates.mean", lang, days=self.days))
        return "; ".join(parts)

    def __post_init__(self) -> None:
        if self.value_e10 <= 0:
            raise NotARate(str(self.value_e10))

    def divides(self, currency: str) -> bool:
        """Whether money in *currency* is divided by this quote."""
        return currency == self.quote

    def ratio(self, currency: str, presentation: str) -> Fraction:
        """
        The exact factor from minor units of *currency* to those of *presentation*.

        Raises:
            RateUnusable: the quote is of two other currencies.
        """
        if currency != presentation:
            if currency == self.quote and presentation == self.base:
                return _factor(QUOTE_UNIT, self.value_e10, currency, presentation)
            if currency == self.base and presentation == self.quote:
                return _factor(self.value_e10, QUOTE_UNIT, currency, presentation)
        raise RateUnusable(currency, presentation, self.base, self.quote)

    @property
    def value(self) -> str:
        """The value as a decimal, as short as it was published."""
        whole, rest = divmod(self.value_e10, QUOTE_UNIT)
        return f"{whole}.{rest:010d}".rstrip("0").rstrip(".")


@cache
def _factor(numerator: int, denominator: int, currency: str, presentation: str) -> Fraction:
    """A ratio of minor units; a month asks for its few rates once a line of equity."""
    digits = minor_digits(presentation) - minor_digits(currency)
    return Fraction(numerator, denominator) * Fraction(10) ** digits


def parse_rate(text: str) -> int:
    """
    Read `5.8301` in 10**-10.

    Raises:
        NotARate: not a plain decimal, more than ten decimals, or zero.
    """
    if not _DECIMAL.fullmatch(text):
        raise NotARate(text)
    whole, _, decimals = text.partition(".")
    value = int(whole + decimals.ljust(10, "0"))
    if value == 0:
        raise NotARate(text)
    return value


def convert(amounts: Amounts, quote: Quote | None, currency: str, presentation: str) -> Amounts:
    """
    Convert a column of *currency* into *presentation*, each line rounded once.

    Args:
        amounts: (n,) minor units of *currency*, debit positive.
        quote: The rate as published; None when the two currencies are one.
        currency: ISO 4217 code of *amounts*.
        presentation: ISO 4217 code of the result.

    Returns:
        (n,) minor units of *presentation*, debit positive.

    Raises:
        RateUnusable: the quote is of other currencies, or is missing.
        AmountOutOfRange: a line leaves int64.
    """
    if currency == presentation:
        return amounts.copy()
    factor = ratio_of(quote, currency, presentation)
    return scale(amounts, factor.numerator, factor.denominator)


def convert_one(amount: int, quote: Quote | None, currency: str, presentation: str) -> int:
    """Convert one amount, rounded once, half away from zero."""
    if currency == presentation:
        return amount
    return share_of(amount, ratio_of(quote, currency, presentation))


def ratio_of(quote: Quote | None, currency: str, presentation: str) -> Fraction:
    """The exact factor of a conversion: one when the two currencies are the same."""
    if currency == presentation:
        return _ONE
    if quote is None:
        raise RateUnusable(currency, presentation, "–", "–")
    return quote.ratio(currency, presentation)


def mean_of(days: list[Quote], on: str) -> Quote:
    """
    The average of quotes of one pair: their arithmetic mean as published, at ten decimals.

    The mean is taken of the quotes and divided by afterwards; the mean of their inverses
    would be another number. From here on it is the rate, and is not rounded again.
    """
    mean = round_ratio(sum(quote.value_e10 for quote in days), len(days))
    first = days[0]
    return replace(first, value_e10=mean, kind=RateKind.AVERAGE, on=on, days=len(days))


@dataclass(frozen=True, eq=False)
class RateTable:
    """
    Every quote a group loaded, and the rules that pick one.

    Closing is the last quote on or before the day; the average of a month is the
    mean of its published business days, kept at ten decimals; a pair nobody quotes
    is crossed day by day over a base that one source quotes both against, and marked.
    A closing, average or historical quote that was loaded as such comes first.
    """

    quotes: tuple[Quote, ...] = field(default=())

    def closing(self, currency: str, presentation: str, day: date) -> Quote | None:
        """The last quote on or before *day*: one loaded as closing in its month, else daily."""
        asked = (currency, presentation, day)
        if asked not in self._closings:  # every company of a currency asks for the same one
            self._closings[asked] = self._closing(currency, presentation, day)
        return self._closings[asked]

    def _closing(self, currency: str, presentation: str, day: date) -> Quote | None:
        given = self._given.get(_key(RateKind.CLOSING, currency, presentation), {})
        month = Period.of(day)
        if day == month.last_day and str(month) in given:
            return given[str(month)]
        # One loaded for a day of the month is the last quote on or before its end.
        dated = [on for on in given if month.first_day.isoformat() <= on <= day.isoformat()]
        if dated:
            return given[max(dated)]
        return self._last(currency, presentation, day, RateKind.CLOSING)

    def average(self, currency: str, presentation: str, month: Period) -> Quote | None:
        """The average of a month: one loaded as such, else the mean of its daily quotes."""
        given = self._given.get(_key(RateKind.AVERAGE, currency, presentation), {})
        if str(month) in given:
            return given[str(month)]
        asked = (currency, presentation, str(month))
        if asked not in self._means:  # every company of a currency asks for the same one
            series = self._series(currency, presentation)
            days = [quote for quote in series if quote.on.startswith(str(month))]
            self._means[asked] = mean_of(days, str(month)) if days else None
        return self._means[asked]

    def days(self, currency: str, presentation: str, month: Period) -> tuple[Quote, ...]:
        """The daily quotes of a month, published or crossed, oldest first."""
        series = self._series(currency, presentation)
        return tuple(quote for quote in series if quote.on.startswith(str(month)))

    def historical(self, currency: str, presentation: str, day: date) -> Quote | None:
        """The rate of an event: one loaded for the very day, else the last daily on or before."""
        given = self._given.get(_key(RateKind.HISTORICAL, currency, presentation), {})
        if day.isoformat() in given:
            return given[day.isoformat()]
        return self._last(currency, presentation, day, RateKind.HISTORICAL)

    def _last(self, currency: str, presentation: str, day: date, kind: RateKind) -> Quote | None:
        series = self._series(currency, presentation)
        place = bisect_right(series, day.isoformat(), key=lambda quote: quote.on)
        if place == 0:
            return None
        last = series[place - 1]
        return replace(last, kind=kind)

    @cached_property
    def _given(self) -> dict[tuple[RateKind, str, str], dict[str, Quote]]:
        """Quotes loaded as closing, average or historical, by pair and by day or month."""
        table: dict[tuple[RateKind, str, str], dict[str, Quote]] = {}
        for quote in self.quotes:
            if quote.kind is not RateKind.DAILY:
                table.setdefault(_key(quote.kind, quote.base, quote.quote), {})[quote.on] = quote
        return table

    @cached_property
    def _daily(self) -> dict[tuple[str, str, str], list[Quote]]:
        """Daily quotes by base, quote currency and source, oldest first."""
        table: dict[tuple[str, str, str], dict[str, Quote]] = {}
        for quote in self.quotes:
            if quote.kind is RateKind.DAILY:
                # A day that was sent twice is one day: the later of the two stands.
                table.setdefault((quote.base, quote.quote, quote.source), {})[quote.on] = quote
        return {key: [days[on] for on in sorted(days)] for key, days in table.items()}

    @cached_property
    def _closings(self) -> dict[tuple[str, str, date], Quote | None]:
        return {}

    @cached_property
    def _means(self) -> dict[tuple[str, str, str], Quote | None]:
        return {}

    @cached_property
    def _crossed(self) -> dict[tuple[str, str], list[Quote]]:
        return {}

    def _series(self, currency: str, presentation: str) -> list[Quote]:
        """The daily quotes of a pair, published or crossed, oldest first."""
        pair = (currency, presentation)
        if pair not in self._crossed:
            self._crossed[pair] = self._published(*pair) or self._cross(*pair)
        return self._crossed[pair]

    def _published(self, currency: str, presentation: str) -> list[Quote]:
        found = [
            series
            for (base, quote, _), series in self._daily.items()
            if {base, quote} == {currency, presentation}
        ]
        # One direction and one source: the longest series, the first by name among equals.
        found.sort(key=lambda series: (-len(series), series[0].source, series[0].base))
        return found[0] if found else []

    def _cross(self, currency: str, presentation: str) -> list[Quote]:
        """Cross two quotes of one base, day and source: *currency* per *presentation*."""
        for (base, quote, source), series in sorted(self._daily.items()):
            other = self._daily.get((base, presentation, source))
            if quote != currency or other is None:
                continue
            per_base = {each.on: each.value_e10 for each in other}
            return [
                Quote(
                    presentation,
                    currency,
                    round_ratio(each.value_e10 * QUOTE_UNIT, per_base[each.on]),
                    RateKind.DAILY,
                    each.on,
                    source,
                    over=base,
                )
                for each in series
                if each.on in per_base
            ]
        return []


def _key(kind: RateKind, one: str, other: str) -> tuple[RateKind, str, str]:
    """A pair in either direction."""
    return (kind, min(one, other), max(one, other))
