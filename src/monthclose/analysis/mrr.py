"""Recurring revenue from one month to another: what each customer did, at one rate."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.money import round_ratio
from monthclose.ledger.subscriptions import Subscriber, Subscriptions


class Move(StrEnum):
    """What a customer did from one month to the next."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"


@dataclass(frozen=True, slots=True)
class Step:
    """
    One customer from a month to a later one.

    Attributes:
        who: The customer.
        own: MRR then and now in the currency of the contract, minor units.
        then: The same in that of the report, both at the rate of the later month; each
            amount rounded once.
        now: See *then*.
        move: What it did; None: nothing. An amount too small for the report's currency
            still makes a customer.
    """

    who: Subscriber
    own: tuple[int, int]
    then: int
    now: int
    move: Move | None


def steps_between(subscriptions: Subscriptions, start: int, end: int) -> tuple[Step, ...]:
    """
    What each customer did between two months, at the rate of the later one.

    Args:
        subscriptions: Thirteen months.
        start: Place of the earlier month.
        end: Place of the later one.
    """
    return tuple(_step(subscriptions, each, start, end) for each in subscriptions.subscribers)


def rate_of(subscriptions: Subscriptions, who: Subscriber, month: int) -> Fraction:
    """The rate of a month into the report's currency; one without a rate."""
    rates = subscriptions.rates.get(who.currency)
    return Fraction(1) if rates is None else rates[month] or Fraction(0)


def at_rate(subscriptions: Subscriptions, who: Subscriber, month: int, rate: int) -> int:
    """A customer's MRR of *month* at the rate of the month *rate*, rounded once."""
    quote, mrr = rate_of(subscriptions, who, rate), max(who.mrr[month], 0)
    return round_ratio(mrr * quote.numerator, quote.denominator)


def total_at(subscriptions: Subscriptions, month: int, rate: int) -> int:
    """MRR of the month at one place at the rate of another, each customer rounded once."""
    return sum(at_rate(subscriptions, each, month, rate) for each in subscriptions.subscribers)


def _step(subscriptions: Subscriptions, who: Subscriber, start: int, end: int) -> Step:
    """What a customer did between two months."""
    then, now = (max(who.mrr[month], 0) for month in (start, end))
    move = None
    if now and not then:
        had = who.before > 0 or any(mrr > 0 for mrr in who.mrr[:end])
        move = Move.REACTIVATION if had else Move.NEW
    elif then and not now:
        move = Move.CHURN
    elif now != then:
        move = Move.EXPANSION if now > then else Move.CONTRACTION
    was, is_now = (at_rate(subscriptions, who, month, end) for month in (start, end))
    return Step(who, (then, now), was, is_now, move)
