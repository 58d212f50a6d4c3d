"""What changed who owns whom in a period, and what it did to the group's equity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from monthclose.ledger.associate_sales import AssociateSold
from monthclose.ledger.gains import ThroughResult
from monthclose.ledger.rates import Quote


@dataclass(frozen=True, slots=True)
class Retained:
    """
    What a holder kept of a company it lost control of.

    Attributes:
        entity: Code of the company.
        holder: Code of the company that keeps it.
        share: What it keeps, of the whole company.
        fair_value: Of it on the day, minor units of the presentation currency.
        carried: What the holder's books carry it at, presentation currency at the rate of
            the day: as much of a financial asset, its own cost of an associate.
        account: Where they carry it.
        on: The day.
        acquisition: The record that carries it on as an associate; empty: a financial asset.
        fair_booked: The fair value in the holder's currency; None: it is that of *fair_value*.
        carried_booked: The same of *carried*.

    Source:
        IFRS 10.25(b), 10.B98(b)(iii).
    """

    entity: str
    holder: str
    share: Fraction
    fair_value: int
    carried: int
    account: str
    on: date | None = None
    acquisition: str = ""
    fair_booked: int | None = None
    carried_booked: int | None = None

    @property
    def beyond(self) -> int:
        """What the books of the holder lack, presentation currency."""
        return self.fair_value - self.carried

    @property
    def beyond_booked(self) -> int:
        """The same in the holder's currency."""
        fair = self.fair_value if self.fair_booked is None else self.fair_booked
        carried = self.carried if self.carried_booked is None else self.carried_booked
        return fair - carried


@dataclass(frozen=True, slots=True)
class Disposal:
    """
    A company of which control was lost in the period, up to whose day it is consolidated.

    Money is minor units of the presentation currency, natural: a gain is positive.

    Attributes:
        entity: Code of the company sold; its balance and rates are of the day of the sale.
        holder: Code of the company that sold it.
        share: Share sold: the whole holding, but for what is retained.
        proceeds: What was received.
        cost: What the holder carried the whole holding at, and took off its account.
        separate_gain: What the holder booked as its own gain.
        investment_account: Where the holder carried it.
        gain_account: Where it booked the gain, and the group's goes.
        on: The day.
        cost_booked: The cost in the holder's currency; None: not stated apart.
        retained: What the holder keeps; None: nothing.
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
    cost_booked: int | None = None
    retained: Retained | None = None


@dataclass(frozen=True, slots=True)
class Derecognition(ThroughResult):
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
        retained: Fair value of what the group keeps.
        released: The owners' part of its reserves and capital, by account, credit positive:
            to retained earnings, no part of the gain.
        below: Codes of the companies that left with it; the amounts are of all of them.
    """

    entity: str
    proceeds: int
    net_assets: int
    goodwill: int
    nci: int
    cta_recycled: int
    retained: int = 0
    released: Mapping[str, int] = field(default_factory=dict)
    below: tuple[str, ...] = ()

    kind = "disposal"

    @property
    def left(self) -> tuple[str, ...]:
        """Codes of all the companies that left."""
        return (self.entity, *self.below)

    @property
    def gain_before_recycling(self) -> int:
        """Proceeds, what is kept and outsiders, less net assets and goodwill."""
        return self.proceeds + self.retained + self.nci - self.net_assets - self.goodwill

    @property
    def parts(self) -> Mapping[str, int]:
        """What the gain is the sum of."""
        return {
            "proceeds": self.proceeds,
            "retained": self.retained,
            "nci": self.nci,
            "net_assets": -self.net_assets,
            "goodwill": -self.goodwill,
            "cta_recycled": self.cta_recycled,
        }


@dataclass(frozen=True, slots=True)
class Day:
    """
    A company on the day of a sale, presentation currency, credit positive.

    Attributes:
        net_assets: Assets less liabilities.
        cta: Cumulative, of the same.
        profit: Of the fiscal year up to the day, of the same.
    """

    net_assets: int
    cta: int
    profit: int


@dataclass(frozen=True, slots=True)
class PartialDisposal:
    """
    A part of a company sold in the period, which stays controlled.

    More of it bought from outsiders is the same the other way round: share, proceeds and
    cost are negative.

    Money is minor units of the presentation currency, natural: a gain is positive.

    Attributes:
        entity: Code of the company.
        holder: Code of the company that sold.
        share: Share sold, of the whole company.
        proceeds: What was received.
        cost: What the holder carried the part at, and took off its books.
        separate_gain: What the holder booked as its own gain.
        investment_account: Where the holder carries the company.
        gain_account: Where it booked the gain, which is undone.
        quote: Rate of the day, the company's currency to presentation currency.
        net_assets: Of the company on the day, minor units of its currency.
        before: Labels of the months before the day.
        on: The day.
        cost_booked: The cost in the holder's currency; None: not stated apart.
        books: The company's own books on the day; None: worked out from *net_assets* and
            *before*.
        paid_later: Capital paid in after the day, by account, credit positive: outsiders have
            their new share of it.
        recognised_later: Other comprehensive income after the day, the same.
        through: The company whose shares were sold, when this one is held through it: no
            shares of its own were, and no price was paid for it.
    """

    entity: str
    holder: str
    share: Fraction
    proceeds: int
    cost: int
    separate_gain: int
    investment_account: str
    gain_account: str
    quote: Quote | None
    net_assets: int
    before: frozenset[str] = frozenset()
    on: date | None = None
    cost_booked: int | None = None
    books: Day | None = None
    paid_later: Mapping[str, int] = field(default_factory=dict)
    recognised_later: Mapping[str, int] = field(default_factory=dict)
    through: str = ""


@dataclass(frozen=True, slots=True)
class Reattribution:
    """
    What a sale without loss of control moved from the owners to outsiders.

    Minor units of the presentation currency, natural.

    Attributes:
        entity: Code of the company.
        proceeds: What was received.
        net_assets: On the day, as outsiders share in them.
        cta: On the day, of the same; a gain is positive.
        nci: What outsiders got of the net assets.
        cta_reattributed: What of the CTA went with it.
        passed: What of the price is of the outsiders of the company that sold.
        through: The company whose shares were sold, when this one is held through it.
    """

    entity: str
    proceeds: int
    net_assets: int
    cta: int
    nci: int
    cta_reattributed: int
    passed: int = 0
    through: str = ""

    made = "adjustment"

    @property
    def kind(self) -> str:
        """Whether shares of the company changed hands, or of one that holds it."""
        return "indirect" if self.through else "partial_disposal"

    @property
    def parts(self) -> Mapping[str, int]:
        """What the adjustment is the sum of."""
        return {
            "proceeds": self.proceeds,
            "passed": -self.passed,
            "nci_recognised": -self.nci,
            "cta_reattributed": self.cta_reattributed,
        }

    @property
    def difference(self) -> int:
        """What the price exceeds the outsiders' part by: to the owners' equity."""
        return self.proceeds - self.passed - self.nci

    @property
    def adjustment(self) -> int:
        """The same for retained earnings, which the CTA that went is no part of."""
        return self.difference + self.cta_reattributed

    @property
    def cta_recycled(self) -> int:
        """Nothing: no CTA goes to the result."""
        return 0


@dataclass(frozen=True, slots=True)
class StepAcquisition:
    """
    An associate that became a subsidiary in the period.

    Attributes:
        entity: Code of the company.
        holder: Code of the company that bought, and held the associate.
        fair_value: Of the interest held before, minor units of the presentation currency.
        investment_account: Where the holder carries what it bought.
        associate_account: Where it carries the associate.
        gain_account: Where the remeasurement goes.
        on: The day.
        fair_booked: The fair value in the holder's currency; None: it is that of *fair_value*.
        cost: What the associate cost, presentation currency; for a step of an earlier period.
    """

    entity: str
    holder: str
    fair_value: int
    investment_account: str
    associate_account: str
    gain_account: str
    on: date | None = None
    fair_booked: int | None = None
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Remeasurement(ThroughResult):
    """
    What a step to control made of the interest held before.

    Minor units of the presentation currency, natural.

    Attributes:
        entity: Code of the company.
        carrying: What the equity method had carried it at.
        fair_value: What it is worth.
        cta_recycled: Its CTA, to the result.
    """

    entity: str
    carrying: int
    fair_value: int
    cta_recycled: int

    kind = "step"

    @property
    def gain_before_recycling(self) -> int:
        """Fair value less carrying amount."""
        return self.fair_value - self.carrying

    @property
    def parts(self) -> Mapping[str, int]:
        """What the gain is the sum of."""
        return {
            "fair_value": self.fair_value,
            "carrying": -self.carrying,
            "cta_recycled": self.cta_recycled,
        }


type Sale = Disposal | PartialDisposal
"""A holder sold what it carried."""

type Event = Sale | StepAcquisition
"""A change of ownership in the period."""


@dataclass(frozen=True, slots=True)
class OutsidersOpening:
    """
    What outsiders had when a period opened whose share had changed before it.

    Presentation currency, credit positive.

    Attributes:
        entity: Code of the company.
        nci: All that is theirs.
        cta: The CTA in it; None: not known, it is their share of all of it.
        capital: Capital in it that no acquisition cancelled, by account; None: not known,
            it is at the share they have.
        reserves: Other comprehensive income in it, by account; None: the same.
    """

    entity: str
    nci: int
    cta: int | None
    capital: Mapping[str, int] | None = None
    reserves: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Retranslated:
    """
    What a holder's CTA keeps of investments that are gone: exchange differences of nobody.

    Presentation currency, credit positive.

    Attributes:
        entity: Code of the company that left.
        holder: Code of the company that sold it.
        amount: The cost at the rate of the day, less the cost at the rates of the purchases.
    """

    entity: str
    holder: str
    amount: int


type Change = Derecognition | Reattribution | Remeasurement | AssociateSold
"""What an event did."""
