"""SaaS metrics: movements of recurring revenue, retention, and what customers cost and bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.money import plain, rounded
from monthclose.ledger.subscriptions import (
    CustomerCounts,
    MrrMovements,
    Operations,
    SaasMetrics,
    Subscriber,
    Subscriptions,
    SubscriptionsUneven,
)

MONTHS = 13
LONGEST_LIFE = 60
"""Months that a customer's value is counted for at most."""


class Move(StrEnum):
    """What a customer did from one month to the next."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"


@dataclass(frozen=True, slots=True)
class _Step:
    """One customer from a month to the next, both at the rate of the later one."""

    then: int
    now: int
    move: Move | None


type _Month = tuple[MrrMovements, CustomerCounts]


def measure(subscriptions: Subscriptions, operations: Operations) -> SaasMetrics:
    """
    Work out a month's metrics from contracts and ledgers.

    Both months of a comparison take the current month's rate, so that a currency is not
    expansion; its effect on opening MRR is a movement of its own.

    Args:
        subscriptions: Thirteen months, the last is the current one.
        operations: What the ledgers say.

    Returns:
        Exact figures; a metric without a denominator is None, never nil or infinite.

    Raises:
        SubscriptionsUneven: a customer or a rate of another number of months.
    """
    _check(subscriptions)
    quarter = [_movements(subscriptions, month) for month in range(MONTHS - 3, MONTHS)]
    movements, customers = quarter[-1]
    steps = [_step(subscriptions, each, 0, MONTHS - 1) for each in subscriptions.subscribers]
    steps = [step for step in steps if step.then > 0]
    cohort = sum(step.then for step in steps)
    margin = _ratio(
        operations.subscription_revenue - operations.subscription_costs,
        operations.subscription_revenue,
    )
    arpa = _ratio(movements.closing, customers.closing)
    churn = _average_churn(quarter)
    logos, their_mrr = _won(quarter)
    cac = _ratio(sum(operations.sales_marketing), logos)
    ltv = _lifetime_value(arpa, margin, churn)
    growth = _ratio(operations.revenue_year, operations.revenue_prior_year)
    growth = None if growth is None else 100 * (growth - 1)
    ebitda = _ratio(100 * operations.ebitda_year, operations.revenue_year)
    added = 12 * (movements.closing - _total(subscriptions, MONTHS - 4, MONTHS - 1))
    faster = operations.revenue_quarter - operations.revenue_prior_quarter
    burnt = operations.net_burn
    kept = movements.opening + movements.rate_effect - movements.contraction - movements.churn
    base = movements.opening + movements.rate_effect
    return SaasMetrics(
        movements=movements,
        customers=customers,
        arr=12 * movements.closing,
        nrr_monthly=_ratio(kept + movements.expansion, base),
        grr_monthly=_ratio(kept, base),
        logo_churn=_ratio(customers.churned, customers.opening),
        revenue_churn=_ratio(movements.churn + movements.contraction, base),
        nrr=_ratio(sum(step.now for step in steps), cohort),
        grr=_ratio(sum(min(step.now, step.then) for step in steps), cohort),
        arpa=arpa,
        gross_margin=margin,
        cac=cac,
        logo_churn_average=churn,
        ltv=ltv,
        ltv_to_cac=None if ltv is None or not cac else ltv / cac,
        payback=_payback(cac, _ratio(their_mrr, logos), margin),
        net_new_arr=added,
        magic_number=_ratio(4 * faster, operations.sales_marketing_prior_quarter),
        burn_multiple=Fraction(burnt, added) if burnt > 0 and added > 0 else None,
        growth=growth,
        ebitda_margin=ebitda,
        rule_of_40=None if growth is None or ebitda is None else growth + ebitda,
    )


def stored(figure: Fraction | int | None, digits: int = 4) -> str | None:
    """A ratio as it is stored: so many decimals, half away from zero; None stays."""
    if figure is None:
        return None
    return plain(rounded(Fraction(figure) * 10**digits), digits)


def _check(subscriptions: Subscriptions) -> None:
    counts = [("months", len(subscriptions.months))]
    counts += [(each.customer, len(each.mrr)) for each in subscriptions.subscribers]
    counts += [(currency, len(rates)) for currency, rates in subscriptions.rates.items()]
    for subject, months in counts:
        if months != MONTHS:
            raise SubscriptionsUneven(subject, months, MONTHS)


def _at(subscriptions: Subscriptions, each: Subscriber, month: int, rate: int) -> int:
    """A customer's MRR of *month* at the rate of the month *rate*, rounded once."""
    rates = subscriptions.rates.get(each.currency)
    return each.mrr[month] if rates is None else rounded(each.mrr[month] * rates[rate])


def _total(subscriptions: Subscriptions, month: int, rate: int) -> int:
    """MRR of a month at the rate of another."""
    return sum(_at(subscriptions, each, month, rate) for each in subscriptions.subscribers)


def _step(subscriptions: Subscriptions, each: Subscriber, start: int, end: int) -> _Step:
    """What a customer did between two months."""
    then, now = (_at(subscriptions, each, month, end) for month in (start, end))
    had = each.before > 0 or any(mrr > 0 for mrr in each.mrr[:end])
    move = None
    if now > 0 and then <= 0:
        move = Move.REACTIVATION if had else Move.NEW
    elif then > 0 and now <= 0:
        move = Move.CHURN
    elif now != then:
        move = Move.EXPANSION if now > then else Move.CONTRACTION
    return _Step(then, now, move)


def _movements(subscriptions: Subscriptions, month: int) -> _Month:
    """MRR and customers from the month before to a month."""
    amounts = dict.fromkeys(Move, 0)
    counts = dict.fromkeys(Move, 0)
    steps = [_step(subscriptions, each, month - 1, month) for each in subscriptions.subscribers]
    for step in steps:
        if step.move:
            amounts[step.move] += abs(step.now - step.then)
            counts[step.move] += 1
    opening = _total(subscriptions, month - 1, month - 1)
    movements = MrrMovements(
        opening=opening,
        rate_effect=sum(step.then for step in steps) - opening,
        new=amounts[Move.NEW],
        reactivation=amounts[Move.REACTIVATION],
        expansion=amounts[Move.EXPANSION],
        contraction=amounts[Move.CONTRACTION],
        churn=amounts[Move.CHURN],
        closing=sum(step.now for step in steps),
    )
    customers = CustomerCounts(
        opening=sum(step.then > 0 for step in steps),
        new=counts[Move.NEW],
        reactivated=counts[Move.REACTIVATION],
        churned=counts[Move.CHURN],
        closing=sum(step.now > 0 for step in steps),
    )
    return movements, customers


def _average_churn(quarter: Sequence[_Month]) -> Fraction | None:
    """The mean of the logo churn of three months; None when one of them began without any."""
    months = [_ratio(each.churned, each.opening) for _, each in quarter]
    known = [each for each in months if each is not None]
    return None if len(known) < len(months) else sum(known, Fraction(0)) / len(known)


def _won(quarter: Sequence[_Month]) -> tuple[int, int]:
    """New logos of three months, and their MRR in the month of their start."""
    return sum(each.new for _, each in quarter), sum(each.new for each, _ in quarter)


def _lifetime_value(
    arpa: Fraction | None, margin: Fraction | None, churn: Fraction | None
) -> Fraction | None:
    """Margin of a customer over its life, of sixty months at most; none without churn."""
    if arpa is None or margin is None or not churn:
        return None
    return arpa * margin * min(1 / churn, Fraction(LONGEST_LIFE))


def _payback(
    cac: Fraction | None, arpa: Fraction | None, margin: Fraction | None
) -> Fraction | None:
    """Months until a new customer's margin has paid for winning it."""
    if cac is None or not arpa or margin is None or margin <= 0:
        return None
    return cac / (arpa * margin)


def _ratio(numerator: int, denominator: int) -> Fraction | None:
    return Fraction(numerator, denominator) if denominator else None
