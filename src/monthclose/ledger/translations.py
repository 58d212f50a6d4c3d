"""A translated trial balance, its CTA, and the proof that never looks at the other lines."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from monthclose.ledger.money import Amounts, round_ratio, share_of
from monthclose.ledger.rates import Quote, ratio_of


@dataclass(frozen=True, slots=True)
class Rollforward:
    """From an opening to a closing balance, minor units, credit positive."""

    opening: int
    movement: int

    @property
    def closing(self) -> int:
        """Opening plus movement."""
        return self.opening + self.movement


@dataclass(frozen=True, slots=True)
class Flow:
    """
    A change of net assets in the period and the rate it was translated at.

    Attributes:
        label: `result`, `result 2025-01`, `dividends`, or what a contribution is called.
        amount: Minor units of the functional currency; an increase is positive.
        quote: Its rate; None when functional and presentation currency are one.
        growth: What a unit of its day is worth in units of the month's end: one, unless the
            books are restated with a price index (IAS 29).
        translated: What it was translated at when no rate says, as of capital that left at
            the average of its history; minor units of the presentation currency.
    """

    label: str
    amount: int
    quote: Quote | None
    growth: Fraction = Fraction(1)
    translated: int | None = None


type Flows = tuple[tuple[Flow, ...], tuple[Flow, ...]]
"""Every flow; and those that are a month's result at average, month by month."""


def no_flows() -> Flows:
    """Of an entity whose books are in the presentation currency."""
    return (), ()


@dataclass(frozen=True, slots=True)
class ProofComponent:
    """One cause of the CTA's movement, rounded for display, credit positive."""

    label: str
    quote: Quote | None
    amount: int


@dataclass(frozen=True, slots=True)
class CtaProof:
    """
    The movement of the CTA from its causes.

    Attributes:
        components: Opening net assets first, then each flow; rounded for display.
        total: The rounded sum of the unrounded components, credit positive.
    """

    components: tuple[ProofComponent, ...]
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class Translation:
    """
    One entity's month in presentation currency.

    Attributes:
        entity: Short code.
        period: The month.
        functional: Currency it came from.
        presentation: Currency of *amounts*.
        accounts: (n,) standard account codes.
        partners: (n,) partners, or () when no line has one.
        amounts: (n,) minor units, debit positive, without the CTA.
        reported: (n,) the same lines in the functional currency.
        net_income: Result of the fiscal year to date, presentation, profit positive.
        net_assets: Assets less liabilities, presentation.
        cta: Roll-forward of the CTA, a gain is positive.
        opening_net_assets: Functional, where the roll-forward starts.
        opening_quote: Rate at which they were last translated.
        closing_quote: Rate of the end of the period.
        growth: What a unit of *opening_net_assets* is worth in units of the month's end.
        causes: Lists what changed net assets since, when somebody asks.
        rounded_lines: How many lines were rounded: the bound of the proof.
        rounded_results: Those of them that are income and expense, month by month.
    """

    entity: str
    period: str
    functional: str
    presentation: str
    accounts: tuple[str, ...]
    partners: tuple[str, ...]
    amounts: Amounts
    reported: Amounts
    net_income: int
    net_assets: int
    cta: Rollforward
    opening_net_assets: int = 0
    opening_quote: Quote | None = None
    closing_quote: Quote | None = None
    growth: Fraction = Fraction(1)
    causes: Callable[[], Flows] = no_flows
    rounded_lines: int = 0
    rounded_results: int = 0

    @property
    def foreign(self) -> bool:
        """Whether its books are in another currency than the group's report."""
        return self.functional != self.presentation

    @property
    def flows(self) -> tuple[Flow, ...]:
        """What changed net assets since the roll-forward began, in order of the balance's lines."""
        return self.causes()[0]

    @property
    def results(self) -> tuple[Flow, ...]:
        """Those of *flows* that are results at a month's average, month by month."""
        return self.causes()[1]

    def amount(self, account: str) -> int:
        """The translated amount of an account over its partners; nil when it has no line."""
        return sum(
            int(each)
            for code, each in zip(self.accounts, self.amounts, strict=True)
            if code == account
        )

    def proof(self) -> CtaProof:
        """
        Prove the movement of the CTA from its causes.

        `dCTA = NA0 x (c1 - c0) + sum of flow x (c1 - its rate)`: opening net assets at a
        new closing rate, and every change since at the rate it was translated at. Where the
        books are restated, each grows with the price index until the closing rate takes it.
        None of the translated lines is used.

        Source:
            IAS 21.41; of restated books IAS 21.42(a), 21.43.
        """
        if not self.foreign:
            return CtaProof((), 0)

        def factor(quote: Quote | None) -> Fraction:
            return ratio_of(quote, self.functional, self.presentation)

        closing = factor(self.closing_quote)
        opened = Fraction(0)
        if self.opening_net_assets:
            opened = _change(self.growth, closing, factor(self.opening_quote))
        causes: list[tuple[str, Quote | None, int, Fraction]] = [
            ("opening_net_assets", None, self.opening_net_assets, opened)
        ]
        for flow in self.flows:
            if flow.translated is None:
                change = _change(flow.growth, closing, factor(flow.quote))
            else:  # it has no rate but the average that left
                change = closing - Fraction(flow.translated, flow.amount)
            causes.append((flow.label, flow.quote, flow.amount, change))
        components = [
            ProofComponent(label, quote, share_of(amount, change))
            for label, quote, amount, change in causes
        ]
        # Added over one denominator, and the sum rounded once.
        numerator, denominator = 0, 1
        for *_, amount, change in causes:
            over, under = change.as_integer_ratio()
            numerator = numerator * under + amount * over * denominator
            denominator *= under
        return CtaProof(tuple(components), round_ratio(numerator, denominator))


@lru_cache(1024)
def _change(growth: Fraction, closing: Fraction, was: Fraction) -> Fraction:
    """What a unit is worth beyond what it was translated at; a month has few different ones."""
    return growth * closing - was
