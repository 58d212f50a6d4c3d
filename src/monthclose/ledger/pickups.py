"""Equity pick-up in the separate books of a holder (método da equivalência patrimonial)."""

from dataclasses import dataclass

from monthclose.ledger.rates import Quote


@dataclass(frozen=True, slots=True)
class PickedUp:
    """One amount of the period in the holder's books: minor units of its currency, positive."""

    amount: int
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class EquityPickup:
    """
    What equity pick-up made of an investment since it was bought; natural signs.

    The holder carries cost + prior + current - dividends.

    Attributes:
        income_account: Where the holder books the pick-up.
        current: Pick-up of the period, each part at its rate.
        prior: Pick-up less dividends of earlier years, holder's currency.
        prior_presentation: The same as it stands in translated retained earnings.
        dividends: Of the period, that reduced the investment; None: none did.

    Source:
        Law 6.404 art. 248; CPC 18; ICPC 09.
    """

    income_account: str
    current: tuple[PickedUp, ...]
    prior: int
    prior_presentation: int
    dividends: PickedUp | None = None

    @property
    def moved(self) -> int:
        """What the period added to the investment, holder's currency."""
        received = self.dividends.amount if self.dividends else 0
        return sum(each.amount for each in self.current) - received
