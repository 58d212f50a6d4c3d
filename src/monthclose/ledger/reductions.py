"""Capital given back: what a company returned to those who hold it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from monthclose.ledger.acquisitions import Received, Transfer
from monthclose.ledger.rates import Quote


@dataclass(frozen=True, slots=True)
class CapitalReduction:
    """
    Capital restituted to holders on a day (Law 6.404 art. 173 and 174).

    Losses absorbed by capital leave equity as it is: they are a `Transfer`.

    Attributes:
        entity: Code of the company.
        account: The account of its capital that is debited.
        amount: The whole reduction, minor units of the company's currency, positive.
        on: The day it was paid.
        received: What group companies took off their investments; the rest left the group.
        reference: Tells two of one day apart.
        quote: Rate of the day; None: not resolved, or the presentation currency.
        translated: What left with it of what the capital was translated at, minor units of
            the presentation currency, positive; None: not resolved.
        in_period: Whether it is of the period being closed, not of an earlier one.
    """

    entity: str
    account: str
    amount: int
    on: date
    received: tuple[Received, ...] = ()
    reference: str = ""
    quote: Quote | None = None
    translated: int | None = None
    in_period: bool = False

    @property
    def paid(self) -> Iterator[tuple[Received, int]]:
        """Each holder's part, and the same in minor units of the company's currency."""
        for part in self.received:
            yield part, part.amount if part.paid is None else part.paid

    @property
    def outside(self) -> int:
        """What went to others than group companies, minor units of the company's currency."""
        return self.amount - sum(paid for _, paid in self.paid)

    def leaving(self) -> Transfer:
        """The same as an amount that leaves an account and goes to none."""
        return Transfer(self.entity, self.account, "", self.amount, self.on, self.reference)
