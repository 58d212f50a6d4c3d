"""What differs between two accounting frameworks, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.rates import Quote


class Topic(StrEnum):
    """Why IFRS and US GAAP differ."""

    DEVELOPMENT_COSTS = "development_costs"
    OPERATING_LEASE = "operating_lease"
    PPE_REVALUATION = "ppe_revaluation"
    IMPAIRMENT_REVERSAL = "impairment_reversal"
    GOODWILL_AMORTISATION = "goodwill_amortisation"
    LIFO = "lifo"


@dataclass(frozen=True, slots=True)
class BridgeItem:
    """
    One difference, of one entity.

    Attributes:
        id: Unique in the period.
        topic: Why it differs.
        amounts: What it is made of, by name, minor units of the entity's currency, positive.
        taxable: Whether deferred tax follows.
        entity: Whose; empty: of the group, in the presentation currency.
        opening_quote: Closing rate of the last close; the three None: no translation.
        average: Of the period.
        closing: Of its end.
    """

    id: str
    topic: Topic
    amounts: Mapping[str, int] = field(default_factory=dict)
    taxable: bool = True
    entity: str = ""
    opening_quote: Quote | None = None
    average: Quote | None = None
    closing: Quote | None = None


@dataclass(frozen=True, slots=True)
class BridgeEffect:
    """
    What an item changes, presentation currency, an increase of equity is positive.

    Attributes:
        id: Of the item.
        topic: Its topic.
        opening: Equity at the start, after tax.
        profit: Profit before tax.
        tax: Of that profit; an expense is negative.
        oci: Other comprehensive income, after tax.
        cta: What the item's translation brings to the CTA in the period.
    """

    id: str
    topic: Topic
    opening: int
    profit: int
    tax: int
    oci: int
    cta: int = 0

    @property
    def net_income(self) -> int:
        """Profit after tax."""
        return self.profit + self.tax

    @property
    def closing(self) -> int:
        """Equity at the end: opening, profit after tax and OCI."""
        return self.opening + self.net_income + self.oci + self.cta


@dataclass(frozen=True, slots=True)
class Reported:
    """Consolidated figures by one framework, minor units of the presentation currency."""

    framework: str
    net_income: int
    equity: int


@dataclass(frozen=True, slots=True)
class Bridge:
    """
    From one framework to the other, line by line.

    Attributes:
        start: What it starts from.
        target: Framework it leads to.
        tax_rate: On taxable items.
        effects: In the order given.
    """

    start: Reported
    target: str
    tax_rate: Fraction
    effects: tuple[BridgeEffect, ...]

    @property
    def net_income_to(self) -> int:
        """Net income by the second."""
        return self.start.net_income + sum(each.net_income for each in self.effects)

    @property
    def equity_to(self) -> int:
        """Total equity by the second."""
        return self.start.equity + sum(each.closing for each in self.effects)
