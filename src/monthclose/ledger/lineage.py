"""Where a figure comes from: nodes that add up, and the months a translation builds on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from monthclose.ledger.balances import PeriodRates, RawBalance, TrialBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.translations import Translation


class LineageBroken(CloseError):
    """What a figure is said to come from does not add up to it."""

    code = "lineage-broken"

    def __init__(self, where: str, amount: Fraction | int, found: Fraction | int) -> None:
        super().__init__(where=where, amount=str(amount), found=str(found))


class DifferenceBroken(CloseError):
    """The causes of a difference do not add up to it."""

    code = "difference-broken"

    def __init__(self, where: str, difference: int, found: int) -> None:
        super().__init__(where=where, difference=difference, found=found)


class FigureUnknown(CloseError):
    """Neither an account of the chart nor a figure with a name."""

    code = "figure-unknown"

    def __init__(self, figure: str, names: Sequence[str], accounts: Sequence[str]) -> None:
        super().__init__(figure=figure, names=tuple(names), accounts=tuple(accounts))


@dataclass(frozen=True, slots=True)
class EntityMonth:
    """
    One company's month, from what it sent to what it was translated to.

    Attributes:
        translation: In the presentation currency.
        rates: Quotes and treatments; None: the month was loaded as translated.
        raw: As it was sent; None as for *rates*.
        balance: The same in the standard chart; None as for *rates*.
    """

    translation: Translation
    rates: PeriodRates | None = None
    raw: RawBalance | None = None
    balance: TrialBalance | None = None


type Before = Callable[[str, str], EntityMonth | None]
"""The month that the translation of a company's month builds on, given both; None: none."""


@dataclass(frozen=True, slots=True)
class Node:
    """
    A figure and what it comes from. It adds up, or it does not exist.

    `amount = factor x (sum of the children)`, exactly; a leaf has no children.

    Attributes:
        kind: What it is; its sentence is `lineage.KIND` in the catalogue.
        amount: Exact, in minor units of *currency*, debit positive unless a factor turned it.
        currency: ISO 4217 code.
        children: What it comes from, possibly in another currency.
        factor: A rate, or minus one where a sign turns.
        facts: What else is known of it, by name.
        booked: What the books show, where the figure comes from records instead: equity.
    """

    kind: str
    amount: Fraction
    currency: str
    children: tuple["Node", ...] = ()
    factor: Fraction = Fraction(1)
    facts: Mapping[str, Any] = field(default_factory=dict)
    booked: "Node | None" = None

    def __post_init__(self) -> None:
        if not self.children:
            return
        found = self.factor * sum((child.amount for child in self.children), Fraction(0))
        if found != self.amount:
            raise LineageBroken(self.kind, self.amount, found)

    def walk(self) -> Iterator["Node"]:
        """Every node of the tree, the evidence of the books apart."""
        yield self
        for child in self.children:
            yield from child.walk()

    def from_leaves(self) -> Fraction:
        """The amount worked out from the leaves alone."""
        if not self.children:
            return self.amount
        return self.factor * sum((child.from_leaves() for child in self.children), Fraction(0))
