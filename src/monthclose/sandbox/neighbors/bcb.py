"""A stand-in for the two services of the Banco Central do Brasil: Olinda (PTAX) and SGS."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monthclose.ledger.rates import QUOTE_UNIT, Quote
from monthclose.sandbox.faults import Script
from monthclose.sandbox.neighbors.wire import Clock, Neighbor, answered

type Days = Mapping[date, int]
"""Selling rate by day, in 10**-10 reais for one unit; days without a survey are missing."""

TEN_YEARS = timedelta(days=3653)
SERIES = {"1": "USD", "21619": "EUR", "3698": "USD"}
SPREAD_E10 = 6 * QUOTE_UNIT // 10_000
"""What buying is below selling."""


class Bcb(Neighbor):
    """Rates of currencies in reais."""

    def __init__(
        self,
        rates: Mapping[str, Days],
        script: Script | None = None,
        *,
        limited: bool = False,
        clock: Clock = monotonic,
    ) -> None:
        """
        Serve rates.

        Args:
            rates: By currency and day.
            script: Faults.
            limited: There is no documented limit; taken for the sake of its kind.
            clock: Seconds that only grow.
        """
        super().__init__(script, limited=limited, clock=clock)
        self._rates = rates

    def operation(self, request: Request, body: bytes) -> str:  # noqa: ARG002
        """The function or the series."""
        function = re.search(r"/odata/(\w+)", request.url.path)
        series = re.search(r"bcdata\.(sgs\.\d+)", request.url.path)
        return function[1] if function else series[1] if series else request.url.path

    def respond(self, request: Request, body: bytes) -> Response:
        """Answer one question."""
        operation = self.operation(request, body)
        query = dict(request.query_params)
        if operation.startswith("sgs."):
            return self._series(operation.removeprefix("sgs."), query)
        if operation == "CotacaoDolarPeriodo":
            return self._period("USD", query, operation)
        if operation == "CotacaoMoedaPeriodo":
            return self._period(_quoted(query, "@moeda"), query, operation)
        return answered({"error": "not found"}, 404)

    def _period(self, currency: str, query: Mapping[str, str], operation: str) -> Response:
        """The bulletins of a period; the dollar has only its closing one."""
        try:
            first, last = (
                datetime.strptime(_quoted(query, name), "%m-%d-%Y").date()  # noqa: DTZ007
                for name in ("@dataInicial", "@dataFinalCotacao")
            )
        except ValueError:
            return answered({"error": "The URI is malformed."}, 400)
        rows: list[dict[str, Any]] = []
        for day, value in sorted(self._rates.get(currency, {}).items()):
            if not first <= day <= last:
                continue
            if currency == "USD":
                rows.append(_bulletin(day, value, "13:09:31.112"))
                continue
            for hour, kind, off in (
                ("10:08:25.121", "Abertura", 40),
                ("11:05:18.004", "Intermediário", 20),
                ("13:09:31.112", "Fechamento", 0),
            ):
                moved = value + off * QUOTE_UNIT // 10_000
                rows.append({**_bulletin(day, moved, hour), "tipoBoletim": kind})
        rows = rows[: int(query.get("$top", "100"))]
        context = f"https://was-p.bcnet.bcb.gov.br/olinda/servico/PTAX/versao/v1/odata$metadata#_{operation}"
        return answered({"@odata.context": context, "value": rows})

    def _series(self, code: str, query: Mapping[str, str]) -> Response:
        """The values of a series in a window."""
        try:
            first, last = (
                datetime.strptime(query[name], "%d/%m/%Y").date()  # noqa: DTZ007
                for name in ("dataInicial", "dataFinal")
            )
        except (KeyError, ValueError):
            return _too_wide()
        if last - first > TEN_YEARS:
            return _too_wide()
        days = self._rates.get(SERIES.get(code, ""), {})
        values = {day: value for day, value in sorted(days.items()) if first <= day <= last}
        if code == "3698":
            values = _means(days, first, last)
        if not values:
            return answered({"erro": {"statusCode": 404, "detail": "Value(s) not found"}}, 404)
        return answered(
            [{"data": f"{day:%d/%m/%Y}", "valor": _decimal(value)} for day, value in values.items()]
        )


def days_of(quotes: tuple[Quote, ...]) -> Days:
    """Rates by day from quotes of one pair."""
    return {date.fromisoformat(quote.on): quote.value_e10 for quote in quotes}


def _means(days: Days, first: date, last: date) -> dict[date, int]:
    """The mean of each month, at four decimals, dated its first day."""
    months: dict[date, list[int]] = {}
    for day, value in days.items():
        if first <= day.replace(day=1) <= last:
            months.setdefault(day.replace(day=1), []).append(value)
    unit = QUOTE_UNIT // 10_000
    return {
        month: round(sum(values) / len(values) / unit) * unit
        for month, values in sorted(months.items())
    }


def _bulletin(day: date, value: int, hour: str) -> dict[str, Any]:
    """One bulletin; numbers as the service writes them."""
    return {
        "cotacaoCompra": float(_decimal(value - SPREAD_E10)),
        "cotacaoVenda": float(_decimal(value)),
        "dataHoraCotacao": f"{day} {hour}",
    }


def _too_wide() -> Response:
    """The refusal of a window without end or over ten years."""
    message = (
        "O sistema aceita uma janela de consulta de, no máximo, 10 anos em séries de"
        " periodicidade diária"
    )
    return answered({"error": "Not Acceptable", "message": message, "syntax": ""}, 406)


def _quoted(query: Mapping[str, str], name: str) -> str:
    """A value in single quotes."""
    return query.get(name, "").strip("'")


def _decimal(value: int) -> str:
    """A rate at four decimals, as the BCB prints it."""
    whole, rest = divmod(round(value * 10_000 / QUOTE_UNIT), 10_000)
    return f"{whole}.{rest:04d}"
