"""Which question gives which rates, and what they are held against."""

import asyncio
from datetime import date

import pytest

from monthclose.connectors.transport import Neighborhood, Times
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import RateTable
from monthclose.sandbox.ecb import ecb_quotes
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.bcb import Bcb
from monthclose.sandbox.neighbors.ecb import Ecb
from monthclose.sandbox.server import Servers
from monthclose.sandbox.serving import in_reais
from monthclose.wiring.rates import Asked, fetch, other_days, second_road
from tests.connectors.fakes import FakeClock

pytestmark = pytest.mark.server

QUOTES = [quote for quote in ecb_quotes() if quote.on >= "2023-01-01"]
LEGS = (Asked("ecb", "BRL"), Asked("ecb", "USD"))
DAYS = in_reais(QUOTES)


def asking(applications, act):
    """Ask stand-ins by name."""

    async def go(servers):
        around = Neighborhood.alone(
            FakeClock(), test=servers.addresses, times=Times(read=2, total=4), lifted=True
        )
        return await act(around, {name: servers.url(name) for name in applications})

    with Servers(applications) as servers:
        return asyncio.run(go(servers))


def of_ecb(first, last):
    """Both legs, and the questions that were asked for them."""
    script = Script()
    bank = Ecb(QUOTES, script)
    found = asking({"ecb": bank}, lambda around, at: fetch(LEGS, first, last, around, at))
    quotes = {asked.currency: [(q.on, q.value) for q in got.quotes] for asked, got in found}
    return quotes, dict(script.calls)


class TestEcb:
    def test_a_month_is_asked_for_by_currency(self):
        _, calls = of_ecb(date(2025, 5, 22), date(2025, 6, 30))
        assert calls == {"EXR": 2}

    def test_years_are_read_from_the_one_file_and_are_the_same(self):
        """Two years and a half at once, and in halves of a year: the same quotes."""
        long, calls = of_ecb(date(2023, 1, 1), date(2025, 6, 30))
        assert calls == {"eurofxref-hist.zip": 1}
        parts = [
            of_ecb(first, last)[0]
            for first, last in (
                (date(2023, 1, 1), date(2023, 12, 31)),
                (date(2024, 1, 1), date(2024, 12, 31)),
                (date(2025, 1, 1), date(2025, 6, 30)),
            )
        ]
        for currency in ("BRL", "USD"):
            assert long[currency] == [each for part in parts for each in part[currency]]
            assert len(long[currency]) > 600


class TestBcb:
    SPAN = (date(2025, 6, 1), date(2025, 6, 30))

    def compared(self, series):
        """PTAX from one server, the series from another."""

        async def act(around, at):
            fetched = await fetch(
                [Asked("bcb", "USD"), Asked("bcb", "EUR")], *self.SPAN, around, at
            )
            return await other_days(fetched, self.SPAN, around, at)

        return asking({"bcb": Bcb(DAYS), "sgs": Bcb(series)}, act)

    def test_the_series_says_what_ptax_says(self):
        assert self.compared(DAYS) == {}

    def test_a_day_on_which_they_differ_is_told_with_both(self):
        """0.0001 on 10 June."""
        day = date(2025, 6, 10)
        other = {**DAYS, "USD": {**DAYS["USD"], day: DAYS["USD"][day] + 10**6}}
        (((currency, on), (ours, theirs)),) = self.compared(other).items()
        assert (currency, on) == ("USD", "2025-06-10")
        assert round(float(theirs) - float(ours), 4) == 0.0001

    def test_a_day_that_one_of_them_lacks_is_compared_with_nothing(self):
        day = date(2025, 6, 10)
        other = {**DAYS, "EUR": {on: value for on, value in DAYS["EUR"].items() if on != day}}
        assert self.compared(other) == {}

    def test_our_average_is_the_published_one(self):
        async def act(around, at):
            ((_, got),) = await fetch([Asked("bcb", "USD")], *self.SPAN, around, at)
            return await second_road(
                RateTable(got.quotes), ["USD", "EUR"], [Period(2025, 6)], around, at
            )

        assert asking({"bcb": Bcb(DAYS), "sgs": Bcb(DAYS)}, act) == {}
