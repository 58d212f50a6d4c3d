"""
Euro reference rates of the European Central Bank: units of a currency for one euro.

Read: the SDMX data service for a span (CSV by column names), and the zip with the whole
history (`N/A` where a currency was not quoted, a comma at the end of every line). Published
on TARGET days, whose holidays are not Brazil's. No data is a 404.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

from monthclose.connectors.answers import Answer, Call
from monthclose.connectors.central_bank import CentralBank
from monthclose.connectors.errors import AnswerUnreadable, CurrencyNotQuoted
from monthclose.ledger.rates import Quote, RateKind
from monthclose.ledger.sources import FetchedRates

CSV_MEDIA = ("text/csv", "application/vnd.sdmx.data+csv", "application/csv")
ZIP_MEDIA = ("application/zip", "application/x-zip-compressed", "application/octet-stream")
LARGEST_HISTORY = 50 * 2**20
FILES = "https://www.ecb.europa.eu"


class Ecb(CentralBank):
    """Daily quotes of a currency for one euro."""

    name = "ecb"
    base_url = "https://data-api.ecb.europa.eu"
    source = "ECB"

    async def daily(self, currency: str, first: date, last: date) -> FetchedRates:
        """
        The quotes of a currency, from the data service.

        Raises:
            CurrencyNotQuoted: the service has none of it in the span.
            SourceFailed: it could not be read.
        """
        call = Call(
            operation="EXR",
            url=f"{self.transport.base_url}/service/data/EXR/D.{currency}.EUR.SP00.A",
            params=(
                ("startPeriod", first.isoformat()),
                ("endPeriod", last.isoformat()),
                ("detail", "dataonly"),
                ("format", "csvdata"),
            ),
            headers={"Accept": "text/csv"},
            media=CSV_MEDIA,
        )
        kept = len(self.transport.documents)
        answer = await self.transport.send(call)
        if self.transport.is_empty(answer):
            raise CurrencyNotQuoted("ECB", currency)
        quotes = {
            row["TIME_PERIOD"]: self._quote(row["CURRENCY"], row["TIME_PERIOD"], row["OBS_VALUE"])
            for row in self._table(answer, ("CURRENCY", "TIME_PERIOD", "OBS_VALUE"))
        }
        if any(q.quote != currency or not _within(q.on, first, last) for q in quotes.values()):
            raise AnswerUnreadable(self.name, call.operation, "rate")
        return FetchedRates(
            tuple(quotes[on] for on in sorted(quotes)),
            documents=tuple(self.transport.documents[kept:]),
        )

    async def history(
        self, currencies: tuple[str, ...], first: date, last: date, files_url: str = FILES
    ) -> FetchedRates:
        """
        The quotes of several currencies from the file with the whole history.

        Raises:
            CurrencyNotQuoted: the file has no such currency.
            SourceFailed: it could not be read.
        """
        call = self._file(files_url, "eurofxref-hist.zip", ZIP_MEDIA)
        kept = len(self.transport.documents)
        answer = await self.transport.send(call)
        header, *days = csv.reader(io.StringIO(self._unpacked(answer)))
        for currency in currencies:
            if currency not in header:
                raise CurrencyNotQuoted("ECB", currency)
        quotes = [
            self._quote(currency, day[0], day[header.index(currency)])
            for day in reversed(days)
            if day and _within(day[0], first, last)
            for currency in currencies
            if day[header.index(currency)] not in ("N/A", "")
        ]
        return FetchedRates(tuple(quotes), documents=tuple(self.transport.documents[kept:]))

    def _file(self, files_url: str, name: str, media: tuple[str, ...]) -> Call:
        """A call for one of the published files."""
        url = f"{files_url}/stats/eurofxref/{name}"
        return Call(name, url, headers={"Accept": ", ".join(media)}, media=media)

    def _quote(self, currency: str, on: str, value: str) -> Quote:
        """One quote; anything that is none is an answer nobody can read."""
        try:
            date.fromisoformat(on)
        except ValueError:
            raise AnswerUnreadable(self.name, "EXR", "rate") from None
        if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise AnswerUnreadable(self.name, "EXR", "rate")
        value_e10 = self.value_e10(value, "EXR")
        return Quote("EUR", currency, value_e10, RateKind.DAILY, on, self.source)

    def _table(self, answer: Answer, wanted: tuple[str, ...]) -> Iterator[dict[str, str]]:
        """Rows of a CSV by column names."""
        try:
            rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
            for row in rows:
                if any(not row.get(name) for name in wanted):
                    raise AnswerUnreadable(self.name, answer.call.operation, "csv")
                yield row
        except (UnicodeDecodeError, csv.Error):
            raise AnswerUnreadable(self.name, answer.call.operation, "csv") from None

    def _unpacked(self, answer: Answer) -> str:
        """The one table in the zip, no larger than an honest one."""
        try:
            with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
                info = packed.getinfo("eurofxref-hist.csv")
                if info.file_size > LARGEST_HISTORY:
                    raise AnswerUnreadable(self.name, answer.call.operation, "zip")
                text = packed.read(info).decode("ascii")
        except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
            raise AnswerUnreadable(self.name, answer.call.operation, "zip") from None
        if not text.startswith("Date,"):
            raise AnswerUnreadable(self.name, answer.call.operation, "zip")
        return text


def _within(on: str, first: date, last: date) -> bool:
    """Whether a day written in ISO form lies in a span."""
    try:
        return first <= datetime.strptime(on, "%Y-%m-%d").date() <= last  # noqa: DTZ007
    except ValueError:
        return False
