"""What changed who owns whom in a period, and what it did to the group's equity."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Disposal:
    """
    A company sold whole in the period, up to whose day it is consolidated.

    Money is minor units of the presentation currency, natural: a gain is positive.

    Attributes:
        entity: Code of the company sold; its balance and rates are of the day of the sale.
        holder: Code of the company that sold it.
        share: Share sold, the whole holding.
        proceeds: What was received.
        cost: What the holder carried it at, and took off its books.
        separate_gain: What the holder booked as its own gain.
        investment_account: Where the holder carried it.
        gain_account: Where it booked the gain, and the group's goes.
        on: The day.
    """

    entity: str
    holder: str
    share: Fraction
    proceeds: int
    cost: int
    separate_gain: int
    investment_account: str
    gain_account: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Derecognition:
    """
    What the loss of control of a company took out of the group, and the gain it made.

    Minor units of the presentation currency, natural: an asset, a gain is positive.

    Attributes:
        entity: Code of the company sold.
        proceeds: What was received.
        net_assets: Its assets less liabilities, with the fair value layer, without goodwill.
        goodwill: Of its purchase, at the rate of the day.
        nci: What outsiders had in it.
        cta_recycled: The owners' part of its CTA, to the result. That of outsiders goes
            with them.
    """

    entity: str
    proceeds: int
    net_assets: int
    goodwill: int
    nci: int
    cta_recycled: int

    @property
    def gain_before_recycling(self) -> int:
        """Proceeds and outsiders, less net assets and goodwill."""
        return self.proceeds + self.nci - self.net_assets - self.goodwill

    @property
    def gain(self) -> int:
        """The group's gain, with the CTA that was recycled."""
        return self.gain_before_recycling + self.cta_recycled


type Event = Disposal
"""A change of ownership in the period."""

type Change = Derecognition
"""What an event did."""
