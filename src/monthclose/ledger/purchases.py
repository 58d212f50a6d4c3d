"""What a purchase leaves in the books of the group: schedules, and layers of their own."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date

from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import Rollforward


@dataclass(frozen=True, slots=True)
class Charge:
    """
    What one period charges to one account of the result.

    Attributes:
        account: Account of the result.
        amount: Minor units of the target's currency, debit positive: a release is negative.
        quote: Rate it is translated at; None: the target is in the presentation currency.
        current: Whether it is of the period being closed.
        label: The period, such as `2025-01`.
        of_year: Whether it is of the fiscal year being closed, before its roll-forward began.
        on: The day of a loss, where it is known; None: it is of the whole period.
    """

    account: str
    amount: int
    quote: Quote | None
    current: bool
    label: str = ""
    of_year: bool = False
    on: date | None = None

    def by(self, day: date | None, ended: Container[str]) -> bool:
        """Whether it was charged by a day until which the periods *ended* had gone by."""
        if self.on is not None and day is not None:
            return self.on <= day
        return self.label in ended

    @property
    def in_result(self) -> bool:
        """Whether it is in the result of the fiscal year to date."""
        return self.current or self.of_year


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where the step-ups of a purchase stand after a number of months, target's currency.

    Attributes:
        months: Charged so far.
        accumulated: Charged so far by step-up, in their order; of the sign of its amount.
        carrying: Carrying amount of all, positive when assets are worth more.
        deferred_tax: On it, positive: a liability.
        lines: The same by account of the balance sheet, debit positive.
    """

    months: int
    accumulated: tuple[int, ...]
    carrying: int
    deferred_tax: int
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def net(self) -> int:
        """Step-ups less their deferred tax."""
        return self.carrying - self.deferred_tax


@dataclass(frozen=True, slots=True)
class Schedule:
    """
    The step-ups of a purchase from acquisition to the end of the period.

    Attributes:
        acquired: At acquisition.
        opening: At the start of the period.
        closing: At its end.
        charges: By period and account, in order.
    """

    acquired: Standing
    opening: Standing
    closing: Standing
    charges: tuple[Charge, ...] = ()

    @property
    def amortisation_cumulative(self) -> int:
        """Charged since acquisition, a cost is positive."""
        return sum(self.closing.accumulated)

    @property
    def amortisation_current(self) -> int:
        """Charged in the period, a cost is positive."""
        return sum(self.closing.accumulated) - sum(self.opening.accumulated)

    @property
    def release_current(self) -> int:
        """Deferred tax released in the period, an income is positive."""
        return self.opening.deferred_tax - self.closing.deferred_tax


@dataclass(frozen=True, slots=True)
class GoodwillSchedule:
    """
    Goodwill from acquisition to the end of the period, minor units of the target's currency.

    Attributes:
        acquired: At acquisition; nil in a bargain purchase.
        charges: Impairments, and amortisation where it is elected.
    """

    acquired: int = 0
    charges: tuple[Charge, ...] = ()

    @property
    def opening(self) -> int:
        """At the start of the period."""
        return self.acquired - sum(each.amount for each in self.charges if not each.current)

    @property
    def reduction_current(self) -> int:
        """Impairment and amortisation of the period, a cost is positive."""
        return sum(each.amount for each in self.charges if each.current)

    @property
    def closing(self) -> int:
        """At the end of the period."""
        return self.acquired - sum([each.amount for each in self.charges])


@dataclass(frozen=True, slots=True)
class PurchaseLayer:
    """
    Assets that a purchase brought, in presentation currency: the fair value layer, or goodwill.

    Attributes:
        acquired: Net amount at the rate of the day, an asset is positive.
        lines: At closing, by account of the balance sheet, debit positive.
        charges: Of the fiscal year to date, by account of the result, debit positive.
        prior: Charged in earlier years, a cost is positive.
        cta: Roll-forward of the layer's own CTA, a gain is positive.
        rounded_lines: How many amounts of the movement were rounded: the bound of its proof.
    """

    acquired: int
    lines: Mapping[str, int]
    charges: Mapping[str, int]
    prior: int
    cta: Rollforward
    rounded_lines: int

    @property
    def charged(self) -> int:
        """Charged in the period, a cost is positive."""
        return sum(self.charges.values())
