"""A stand-in for the European Central Bank: its data service and its two files."""

import io
import re
import zipfile
from collections.abc import Iterable
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response

from monthclose.ledger.rates import Quote
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.wire import Clock, Neighbor

HISTORY_FILE = "eurofxref-hist.zip"


class Ecb(Neighbor):
    """Quotes of currencies for one euro."""

    def __init__(
        self,
        quotes: Iterable[Quote],
        script: Script | None = None,
        *,
        limited: bool = False,
        clock: Clock = monotonic,
    ) -> None:
        """
        Serve quotes.

        Args:
            quotes: Daily, euro as base.
            script: Faults.
            limited: There is no documented limit; taken for the sake of its kind.
            clock: Seconds that only grow.
        """
        super().__init__(script, limited=limited, clock=clock)
        self._quotes: dict[str, dict[str, str]] = {}
        for quote in quotes:
            self._quotes.setdefault(quote.on, {})[quote.quote] = quote.value

    def operation(self, request: Request, body: bytes) -> str:  # noqa: ARG002
        """The data set or the file."""
        if "/EXR/" in request.url.path:
            return "EXR"
        return request.url.path.rpartition("/")[2]

    def respond(self, request: Request, body: bytes) -> Response:
        """Answer one question."""
        match self.operation(request, body):
            case "EXR":
                return self._data(request)
            case name if name == HISTORY_FILE:
                return Response(self._history(), media_type="application/zip")
        return Response("not found", 404, media_type="text/plain")

    def _data(self, request: Request) -> Response:
        """A span of one series as CSV."""
        key = re.search(r"/EXR/D\.([A-Z+]+)\.EUR\.SP00\.A", request.url.path)
        first, last = (request.query_params.get(n, "") for n in ("startPeriod", "endPeriod"))
        currencies = key[1].split("+") if key else []
        lines = [
            f"EXR.D.{currency}.EUR.SP00.A,D,{currency},EUR,SP00,A,{on},{values[currency]}"
            for currency in currencies
            for on, values in sorted(self._quotes.items())
            if first <= on <= last and currency in values
        ]
        if not lines:
            return Response("No results found.", 404, media_type="text/plain")
        header = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE"
        return Response("\n".join([header, *lines, ""]), media_type="text/csv")

    def _history(self) -> bytes:
        """Every day, newest first, in a zip."""
        currencies = sorted({name for values in self._quotes.values() for name in values})
        lines = [f"Date,{','.join(currencies)},"]
        for on in sorted(self._quotes, reverse=True):
            values = [self._quotes[on].get(currency, "N/A") for currency in currencies]
            lines.append(f"{on},{','.join(values)},")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("eurofxref-hist.csv", "\n".join(lines) + "\n")
        return packed.getvalue()
