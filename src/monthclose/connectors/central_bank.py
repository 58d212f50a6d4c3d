"""What the sources of exchange rates have in common."""

from abc import ABC, abstractmethod
from datetime import date
from types import TracebackType
from typing import ClassVar, Self

from monthclose.connectors.answers import Answer
from monthclose.connectors.errors import AnswerUnreadable
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.transport import Neighborhood, Transport
from monthclose.connectors.vendors import vendor
from monthclose.ledger.rates import NotARate, parse_rate
from monthclose.ledger.sources import FetchedRates


class CentralBank(ABC):
    """
    Exchange rates of one publisher.

    Anybody may read them: there is no credential. Use it as a context.
    """

    name: ClassVar[str]
    """As in `vendors.toml`."""

    base_url: ClassVar[str]

    def __init__(self, around: Neighborhood, base_url: str = "") -> None:
        """
        Open nothing yet.

        Args:
            around: What all connectors of the installation share.
            base_url: Another server, such as the sandbox's; empty: the publisher's.
        """
        self.transport = Transport(
            vendor(self.name), around, key=self.name, base_url=base_url or self.base_url
        )

    @abstractmethod
    async def daily(self, currency: str, first: date, last: date) -> FetchedRates:
        """
        The quotes of one currency from *first* to *last*.

        A day without a quote is a weekend or a holiday, and simply missing.

        Raises:
            SourceFailed: the publisher could not be read, or does not quote the currency.
        """

    async def __aenter__(self) -> Self:
        """Use it."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close its connections."""
        await self.transport.close()

    def row(self, answer: Answer) -> Row:
        """An answer as one object."""
        told = self.transport.parse(answer)
        if not isinstance(told, dict):
            raise AnswerUnreadable(self.name, answer.call.operation, "json")
        return Row(told, self.name, answer.call.operation, Removed())

    def value_e10(self, text: str, operation: str) -> int:
        """A rate as it was printed."""
        try:
            return parse_rate(text.strip())
        except NotARate:
            raise AnswerUnreadable(self.name, operation, "rate") from None
