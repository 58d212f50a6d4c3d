"""
PTAX, the reference rates of the Banco Central do Brasil (service "Olinda").

Read: OData functions `CotacaoDolarPeriodo` and `CotacaoMoedaPeriodo`. Their parameters are
named unequally (`dataInicial`, `dataFinalCotacao`), days are MM-DD-YYYY in single quotes.
The rate of a day is that of its closing bulletin, the selling side by market custom. An
empty list is a day without a survey; a day has been seen twice, and the later one counts.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

from monthclose.connectors.answers import Call
from monthclose.connectors.central_bank import CentralBank
from monthclose.connectors.errors import CurrencyNotQuoted
from monthclose.connectors.fields import BRASILIA, Row
from monthclose.ledger.rates import Quote, RateKind
from monthclose.ledger.sources import FetchedRates

PATH = "/olinda/servico/PTAX/versao/v1/odata"
CURRENCIES = frozenset(["AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "JPY", "NOK", "SEK", "USD"])
CLOSING = "Fechamento"
SELL, BUY = "cotacaoVenda", "cotacaoCompra"
MOST = 10_000


class Ptax(CentralBank):
    """Daily quotes of a currency in reais: one unit costs so many reais."""

    name = "bcb"
    base_url = "https://olinda.bcb.gov.br"
    source = "PTAX"

    async def daily(
        self, currency: str, first: date, last: date, *, side: str = SELL
    ) -> FetchedRates:
        """
        The closing bulletins of a currency.

        Args:
            currency: One of those the BCB surveys.
            first: First day.
            last: Last day.
            side: `cotacaoVenda` or `cotacaoCompra`.

        Raises:
            CurrencyNotQuoted: the BCB surveys ten currencies only, and answers any other
                with an empty list.
            SourceFailed: it could not be read.
        """
        if currency not in CURRENCIES:
            raise CurrencyNotQuoted("PTAX", currency)
        kept = len(self.transport.documents)
        answer = await self.transport.send(self._call(currency, first, last))
        latest: dict[str, tuple[datetime, Decimal | int]] = {}
        for row in self.row(answer).rows("value"):
            if currency != "USD" and row.text("tipoBoletim") != CLOSING:
                continue
            at = _moment(row)
            on = at.date().isoformat()
            if not first <= at.date() <= last:
                raise row.wrong("dataHoraCotacao")
            if on not in latest or at >= latest[on][0]:
                latest[on] = (at, _number(row, side))
        source = self.source if side == SELL else f"{self.source} compra"
        quotes = tuple(
            Quote(
                currency,
                "BRL",
                self.value_e10(format(latest[on][1], "f"), answer.call.operation),
                RateKind.DAILY,
                on,
                source,
            )
            for on in sorted(latest)
        )
        published = {
            (currency, "BRL", on): at.replace(tzinfo=BRASILIA).astimezone(UTC)
            for on, (at, _) in latest.items()
        }
        return FetchedRates(quotes, published, tuple(self.transport.documents[kept:]))

    def _call(self, currency: str, first: date, last: date) -> Call:
        """The question for a period."""
        dollar = currency == "USD"
        function = "CotacaoDolarPeriodo" if dollar else "CotacaoMoedaPeriodo"
        names = ("dataInicial", "dataFinalCotacao")
        parameters = names if dollar else ("moeda", *names)
        inside = ",".join(f"{name}=@{name}" for name in parameters)
        values = {"@dataInicial": f"'{first:%m-%d-%Y}'", "@dataFinalCotacao": f"'{last:%m-%d-%Y}'"}
        if not dollar:
            values = {"@moeda": f"'{currency}'", **values}
        query = (*values.items(), ("$top", str(MOST)), ("$format", "json"))
        url = f"{self.transport.base_url}{PATH}/{function}({inside})"
        return Call(function, url, params=query)


def _moment(row: Row) -> datetime:
    """When a bulletin was published, Brasília time without a zone."""
    try:
        return datetime.fromisoformat(row.text("dataHoraCotacao"))
    except ValueError:
        raise row.wrong("dataHoraCotacao") from None


def _number(row: Row, name: str) -> Decimal | int:
    """A rate as a number, exact as it was sent."""
    value = row.value(name)
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)) or value <= 0:
        raise row.wrong(name)
    return value
