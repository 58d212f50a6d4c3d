"""Shares of associates that were sold, and what their sale did to the equity method."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from monthclose.ledger.gains import ThroughResult
from monthclose.ledger.rates import Quote


@dataclass(frozen=True, slots=True)
class AssociateSale:
    """
    Shares of an associate that were sold; what is left of it stays one.

    Money is minor units of the presentation currency, natural: a gain is positive.

    Attributes:
        entity: Code of the associate.
        holder: Code of the company that sold.
        part: What was sold, of what the holder had before: one when it was all.
        proceeds: What was received, at the rate of the day.
        cost: What the holder took off its books, at the rate of the day.
        separate_gain: What the holder booked as its own gain, at the rate of the day.
        investment_account: Where the holder carries it.
        gain_account: Where it booked the gain, and the group's goes.
        quote: Rate of the day, associate's currency; None in the presentation currency.
        on: The day: the first of a month, of which nothing is earned with the shares, or the
            last, of which everything is.
        cost_booked: The cost in minor units of the holder's currency.
        acquisition: Id of the last purchase before it, whose investment the cost comes off.
        reclassified: What of other comprehensive income goes to the result, a gain is positive.
    """

    entity: str
    holder: str
    part: Fraction
    proceeds: int
    cost: int
    separate_gain: int
    investment_account: str
    gain_account: str
    quote: Quote | None
    on: date
    cost_booked: int
    acquisition: str = ""
    reclassified: int = 0


@dataclass(frozen=True, slots=True)
class AssociateSold(ThroughResult):
    """
    What a sale of shares of an associate took out of the equity method, and the gain.

    Minor units of the presentation currency, natural, but where named.

    Attributes:
        entity: Code of the associate.
        on: The day.
        proceeds: What was received.
        carried: What was sold, as it was carried; minor units of the associate's currency.
        carrying: The same at the rate of the day.
        cta_recycled: Of its CTA, to the result.
        oci_recycled: Of its other comprehensive income, to the result.
        released: The rest of what was sold of it: to retained earnings, no part of the gain.
        made_good: What the group's gain exceeds the holder's own by.
    """

    entity: str
    on: date
    proceeds: int
    carried: int
    carrying: int
    cta_recycled: int
    oci_recycled: int
    released: int
    made_good: int

    kind = "associate_sale"

    @property
    def gain_before_recycling(self) -> int:
        """Price less carrying amount, with what other comprehensive income adds."""
        return self.proceeds - self.carrying + self.oci_recycled

    @property
    def oci(self) -> int:
        """All that left other comprehensive income."""
        return self.oci_recycled + self.released

    @property
    def parts(self) -> Mapping[str, int]:
        """What the gain is the sum of."""
        return {
            "proceeds": self.proceeds,
            "sold": -self.carrying,
            "cta_recycled": self.cta_recycled,
            "oci_recycled": self.oci_recycled,
        }
