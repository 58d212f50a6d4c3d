"""Recurring revenue by customer and month, and the figures of a business that lives of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from monthclose.ledger.errors import CloseError


class SubscriptionsUneven(CloseError):
    """A customer, or a rate, has another number of months than the report."""

    code = "subscriptions-uneven"

    def __init__(self, subject: str, months: int, needed: int) -> None:
        super().__init__(subject=subject, months=months, needed=needed)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """
    One customer's contracted recurring revenue.

    Attributes:
        customer: Unique.
        mrr: By month, minor units, on the last day, normalised to a month; nil: none.
        before: What it had at any time before the first month; above nil: it is no new
            customer when it comes back.
        currency: Of the contract; empty: that of the report.
    """

    customer: str
    mrr: tuple[int, ...]
    before: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """
    All customers over thirteen months, of which the last is the current one.

    Attributes:
        months: Labels, in order.
        subscribers: All that ever had a contract in them.
        rates: By currency of contracts, the rate of each month into the report's.
    """

    months: tuple[str, ...]
    subscribers: tuple[Subscriber, ...]
    rates: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operations:
    """
    What the ledgers say beside the contracts, minor units of the report's currency.

    Attributes:
        sales_marketing: Of the last three months, in order, fully loaded.
        sales_marketing_prior_quarter: Of the quarter before.
        subscription_revenue: Of three months.
        subscription_costs: Hosting, support, licences of others, payment fees.
        revenue_quarter: Of the quarter.
        revenue_prior_quarter: Of the one before.
        net_burn: Cash burnt in the quarter, positive.
        revenue_year: Of twelve months.
        revenue_prior_year: Of the twelve before.
        ebitda_year: Of twelve months.
    """

    sales_marketing: tuple[int, ...]
    sales_marketing_prior_quarter: int
    subscription_revenue: int
    subscription_costs: int
    revenue_quarter: int
    revenue_prior_quarter: int
    net_burn: int
    revenue_year: int
    revenue_prior_year: int
    ebitda_year: int


@dataclass(frozen=True, slots=True)
class MrrMovements:
    """
    MRR from one month to the next, minor units, each movement positive.

    `closing = opening + rate_effect + new + reactivation + expansion - contraction - churn`.
    """

    opening: int = 0
    rate_effect: int = 0
    new: int = 0
    reactivation: int = 0
    expansion: int = 0
    contraction: int = 0
    churn: int = 0
    closing: int = 0


@dataclass(frozen=True, slots=True)
class CustomerCounts:
    """Customers from one month to the next."""

    opening: int = 0
    new: int = 0
    reactivated: int = 0
    churned: int = 0
    closing: int = 0


@dataclass(frozen=True, slots=True)
class SaasMetrics:
    """
    The metrics of a month, from unrounded inputs; None: not computable, or not meaningful.

    Amounts (`arr`, `arpa`, `cac`, `ltv`, `net_new_arr`) are in minor units of the report's
    currency and need not be whole; everything else is a ratio, `payback` months,
    `growth` and `ebitda_margin` percent.
    """

    movements: MrrMovements
    customers: CustomerCounts
    arr: int
    nrr_monthly: Fraction | None
    grr_monthly: Fraction | None
    logo_churn: Fraction | None
    revenue_churn: Fraction | None
    nrr: Fraction | None
    grr: Fraction | None
    arpa: Fraction | None
    gross_margin: Fraction | None
    cac: Fraction | None
    logo_churn_average: Fraction | None
    ltv: Fraction | None
    ltv_to_cac: Fraction | None
    payback: Fraction | None
    net_new_arr: int
    magic_number: Fraction | None
    burn_multiple: Fraction | None
    growth: Fraction | None
    ebitda_margin: Fraction | None
    rule_of_40: Fraction | None
