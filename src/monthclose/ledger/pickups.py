"""Equity pick-up in the separate books of a holder (método da equivalência patrimonial)."""

from dataclasses import dataclass

from monthclose.ledger.rates import Quote


@dataclass(frozen=True, slots=True)
class PickupMonth:
    """
    What a holder booked of one investment in a month; minor units of its currency.

    Attributes:
        holder: Code of the holder.
        acquisition: Id of the acquisition that brought the investment.
        period: The month, such as `2025-06`. Of a month before the group's first one: all
            that was booked up to its end, less dividends.
        amount: Equity pick-up, with what it charges of mais-valia; a profit is positive.
        reserve: What went to the holder's own translation reserve (ajustes acumulados de
            conversão), a gain is positive.
        translated: *amount* as it stands in the holder's translated books, minor units of
            the presentation currency; of a month before the group's first one only.
    """

    holder: str
    acquisition: str
    period: str
    amount: int
    reserve: int = 0
    translated: int | None = None


@dataclass(frozen=True, slots=True)
class PickedUp:
    """
    One amount of the period in the holder's books: minor units of its currency, positive.

    Attributes:
        amount: Holder's currency.
        quote: Its rate.
        presentation: What the holder's translated books have of it; None: *amount* at
            *quote*.
        before: Booked in the fiscal year before the roll-forward began.
        period: Its month, for the reader.
    """

    amount: int
    quote: Quote | None
    presentation: int | None = None
    before: bool = False
    period: str = ""


@dataclass(frozen=True, slots=True)
class EquityPickup:
    """
    What equity pick-up made of an investment since it was bought; natural signs.

    The holder carries cost + prior + current - dividends + reserve.

    Attributes:
        income_account: Where the holder books the pick-up.
        current: Pick-up of the period, each part at its rate.
        prior: Pick-up less dividends of earlier years, holder's currency.
        prior_presentation: The same as it stands in translated retained earnings.
        dividends: Of the period, that reduced the investment.
        reserve: What the holder's own translation reserve has of it, all years, holder's
            currency.
        reserve_moved: The part of it that the period brought.
        reserve_account: Where that reserve stands.
        reserve_presentation: *reserve* as the translated account holds it.
        reserve_moved_presentation: *reserve_moved* likewise.
        recycled_account: Where the holder took *reserve* when it sold the company whole;
            empty: it has not.
        recycled: What of it stands there, presentation currency at the rate of the day.

    Source:
        Law 6.404 art. 248; CPC 18; ICPC 09.
    """

    income_account: str
    current: tuple[PickedUp, ...]
    prior: int
    prior_presentation: int
    dividends: tuple[PickedUp, ...] = ()
    reserve: int = 0
    reserve_moved: int = 0
    reserve_account: str = ""
    reserve_presentation: int = 0
    reserve_moved_presentation: int = 0
    recycled_account: str = ""
    recycled: int = 0

    @property
    def moved(self) -> int:
        """What the period added to the investment since it opened, holder's currency."""
        added = sum(each.amount for each in self.current if not each.before)
        taken = sum(each.amount for each in self.dividends if not each.before)
        return added - taken + self.reserve_moved

    @property
    def standing(self) -> int:
        """What the holder carries beyond cost, holder's currency."""
        added = sum(each.amount for each in self.current)
        return self.prior + added - sum(each.amount for each in self.dividends) + self.reserve
