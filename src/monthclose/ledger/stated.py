"""An amount as a record states it, with the rate that belongs to it."""

from dataclasses import dataclass

from monthclose.ledger.rates import Quote, convert_one


@dataclass(frozen=True, slots=True)
class Stated:
    """
    An amount as a record of a month states it.

    Attributes:
        period: The month, or the time, it is of.
        amount: Minor units of *currency*, signed as the record says.
        currency: ISO 4217 code.
        quote: Its rate; None: it is in the presentation currency already, or *translated*.
        translated: Minor units of the presentation currency, where the record states that
            too; None: *amount* at *quote*.
    """

    period: str
    amount: int
    currency: str
    quote: Quote | None
    translated: int | None = None

    def into(self, presentation: str) -> int:
        """The amount in the presentation currency, rounded once."""
        if self.translated is not None:
            return self.translated
        return convert_one(self.amount, self.quote, self.currency, presentation)
