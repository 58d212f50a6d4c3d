"""
Time series of the Banco Central do Brasil (SGS).

Read: `/dados/serie/bcdata.sgs.{code}/dados`. Days are dd/mm/yyyy, values texts with a decimal
point. A daily series is answered for ten years at most (406 beyond), so longer spans are
cut; a window without values is a 404. It is the second road to a PTAX average: series
3698 is the monthly mean of the selling side.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from monthclose.connectors.answers import Answer, Call
from monthclose.connectors.central_bank import CentralBank
from monthclose.connectors.errors import AnswerUnreadable, CurrencyNotQuoted
from monthclose.connectors.fields import Removed, Row
from monthclose.ledger.rates import Quote, RateKind
from monthclose.ledger.sources import FetchedRates

DAILY = {"USD": 1, "EUR": 21619}
"""Selling side, daily, reais for one unit."""

MONTHLY = {"USD": 3698}
"""Selling side, mean of a month's business days."""

WINDOW_YEARS = 10


class Sgs(CentralBank):
    """Series of the BCB by their numbers."""

    name = "bcb"
    base_url = "https://api.bcb.gov.br"
    source = "SGS"

    async def daily(self, currency: str, first: date, last: date) -> FetchedRates:
        """
        The selling side of a currency, day by day.

        Raises:
            CurrencyNotQuoted: there is no such series.
            SourceFailed: it could not be read.
        """
        return await self._series(currency, DAILY, RateKind.DAILY, first, last)

    async def monthly(self, currency: str, first: date, last: date) -> FetchedRates:
        """
        The mean of each month, as the BCB itself computes it.

        Raises:
            CurrencyNotQuoted: there is no such series.
            SourceFailed: it could not be read.
        """
        return await self._series(currency, MONTHLY, RateKind.AVERAGE, first, last)

    async def _series(
        self, currency: str, codes: dict[str, int], kind: RateKind, first: date, last: date
    ) -> FetchedRates:
        """Read one series, window by window."""
        if currency not in codes:
            raise CurrencyNotQuoted("SGS", currency)
        kept = len(self.transport.documents)
        code = codes[currency]
        found: dict[str, Quote] = {}
        for start, end in windows(first, last):
            call = Call(
                operation=f"sgs.{code}",
                url=f"{self.transport.base_url}/dados/serie/bcdata.sgs.{code}/dados",
                params=(
                    ("formato", "json"),
                    ("dataInicial", f"{start:%d/%m/%Y}"),
                    ("dataFinal", f"{end:%d/%m/%Y}"),
                ),
            )
            answer = await self.transport.send(call)
            if self.transport.is_empty(answer):
                continue
            for row in self._rows(answer):
                day = row.day("data", "%d/%m/%Y")
                on = day.isoformat() if kind is RateKind.DAILY else f"{day:%Y-%m}"
                value = self.value_e10(row.text("valor"), call.operation)
                found[on] = Quote(currency, "BRL", value, kind, on, f"SGS {code}")
        quotes = tuple(found[on] for on in sorted(found))
        return FetchedRates(quotes, documents=tuple(self.transport.documents[kept:]))

    def _rows(self, answer: Answer) -> Iterator[Row]:
        """The rows of an answer, which is a bare list."""
        told = self.transport.parse(answer)
        operation = answer.call.operation
        if not isinstance(told, list):
            raise AnswerUnreadable(self.name, operation, "json")
        for each in told:
            if not isinstance(each, dict):
                raise AnswerUnreadable(self.name, operation, "json")
            yield Row(each, self.name, operation, Removed())


def windows(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut a span into windows that the service answers, oldest first."""
    while first <= last:
        end = min(last, _years_later(first, WINDOW_YEARS) - timedelta(days=1))
        yield first, end
        first = end + timedelta(days=1)


def _years_later(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
