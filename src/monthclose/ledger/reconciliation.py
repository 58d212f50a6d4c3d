"""From the figures of a book to those of the other framework, topic by topic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from monthclose.ledger.adjustments import Topic
from monthclose.ledger.translations import Rollforward

FRAMEWORKS = ("IFRS", "US GAAP")
"""The two that a reconciliation leads between."""


@dataclass(frozen=True, slots=True)
class Effect:
    """
    What entries change of equity, presentation currency, an increase is positive.

    Attributes:
        opening: Equity when the fiscal year began, after tax.
        profit: Profit before tax of the year to date.
        tax: Deferred tax of that profit; an expense is negative.
        oci: Other comprehensive income, after tax, the CTA apart.
        cta: The CTA's movement.
        capital: Straight into equity: paid in by share-based payment, outsiders measured.
        changed: What passed between owners and outsiders when their shares changed.
    """

    opening: int = 0
    profit: int = 0
    tax: int = 0
    oci: int = 0
    cta: int = 0
    capital: int = 0
    changed: int = 0

    @property
    def net_income(self) -> int:
        """Profit after tax."""
        return self.profit + self.tax

    @property
    def closing(self) -> int:
        """Equity at the end: opening, profit, other comprehensive income, capital."""
        return sum(getattr(self, each.name) for each in fields(self))

    def plus(self, other: "Effect", sign: int = 1) -> "Effect":
        """Both together; *sign* -1: this one without the other."""
        return Effect(
            *(getattr(self, n.name) + sign * getattr(other, n.name) for n in fields(self))
        )


@dataclass(frozen=True, slots=True)
class ReconciledItem:
    """
    The entries of one company on one topic, translated like a layer of its own.

    Attributes:
        entity: The company.
        topic: Why the frameworks differ.
        entries: Month and number of the entries that it is made of.
        whole: What they change.
        outside: The part of outsiders.
        lines: What they add to each account of the book, closed: assets and liabilities at
            the closing rate, income and expense of the year to date; debit positive.
        net_assets: Assets less liabilities of them, at the closing rate.
        proof: The movement of the CTA from its causes, rounded.
        rounded_lines: How many lines were rounded: the bound of the proof.
    """

    entity: str
    topic: Topic
    entries: tuple[str, ...]
    whole: Effect
    outside: Effect
    lines: Mapping[str, int]
    net_assets: int
    proof: int
    rounded_lines: int

    @property
    def name(self) -> str:
        """Company and topic."""
        return f"{self.entity} {self.topic}"


@dataclass(frozen=True, slots=True)
class FrameworkFigures:
    """
    Consolidated figures by one framework, presentation currency, natural signs.

    Attributes:
        framework: Which.
        net_income: Year to date, owners and outsiders.
        net_income_parent: Of that the owners'.
        equity: Total.
        equity_parent: Of that the owners'.
    """

    framework: str
    net_income: int
    net_income_parent: int
    equity: int
    equity_parent: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """
    From one framework to the other.

    Attributes:
        start: What the book shows.
        target: Framework it leads to.
        items: By topic and company.
    """

    start: FrameworkFigures
    target: str
    items: tuple[ReconciledItem, ...] = ()

    @property
    def whole(self) -> Effect:
        """All topics together."""
        return together(each.whole for each in self.items)

    @property
    def outside(self) -> Effect:
        """The outsiders' part of that."""
        return together(each.outside for each in self.items)

    @property
    def end(self) -> FrameworkFigures:
        """Consolidated figures by the other framework."""
        start, whole, owners = self.start, self.whole, self.whole.plus(self.outside, -1)
        return FrameworkFigures(
            self.target,
            start.net_income + whole.net_income,
            start.net_income_parent + owners.net_income,
            start.equity + whole.closing,
            start.equity_parent + owners.closing,
        )

    def of_topic(self, topic: Topic) -> tuple[Effect, Effect]:
        """What a topic changes over all companies, and the outsiders' part of it."""
        mine = [each for each in self.items if each.topic is topic]
        return together(each.whole for each in mine), together(each.outside for each in mine)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics that have entries, in their order."""
        named = {each.topic for each in self.items}
        return tuple(each for each in Topic if each in named)

    @property
    def rolled(self) -> dict[str, Rollforward]:
        """Equity of each item from where the year began to now, by company and topic."""
        return {
            each.name: Rollforward(each.whole.opening, each.net_assets - each.whole.opening)
            for each in self.items
        }


def together(effects: Iterable[Effect]) -> Effect:
    """Add effects up."""
    total = Effect()
    for each in effects:
        total = total.plus(each)
    return total


def other_framework(framework: str) -> str:
    """The framework that a group does not report by."""
    return next(each for each in FRAMEWORKS if each != framework)
