"""Recurring revenue by customer and month, and the figures of a business that lives of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from monthclose.ledger.balances import Source
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Amounts, Money, total


class SubscriptionsUneven(CloseError):
    """A customer, or a rate, has another number of months than the report."""

    code = "subscriptions-uneven"

    def __init__(self, subject: str, months: int, needed: int) -> None:
        super().__init__(subject=subject, months=months, needed=needed)


class MrrNegative(CloseError):
    """Recurring revenue below nil: a credit note is none."""

    code = "mrr-negative"

    def __init__(self, entity: str, period: str, customer: str, amount: Money) -> None:
        super().__init__(entity=entity, period=period, customer=customer, amount=amount)


class ContractTwice(CloseError):
    """The same customer and plan stand in one month of a company twice."""

    code = "contract-twice"

    def __init__(self, entity: str, period: str, customer: str, plan: str) -> None:
        super().__init__(entity=entity, period=period, customer=customer, plan=plan or "–")


@dataclass(frozen=True, slots=True, eq=False)
class ContractMonth:
    """
    All contracts of one company that are active on the last day of a month.

    Attributes:
        entity: Short code of the company.
        period: The month, such as `2025-06`.
        currency: ISO 4217 code of *mrr*, the company's.
        customers: (n,) codes; a customer with several plans stands several times.
        plans: (n,) codes, or empty texts; with *customers*, each pair once.
        mrr: (n,) int64, minor units, normalised to a month, not below nil. A line of nil
            says that there is nothing; a month without any line was not loaded.
        source: The document it was read from.
        number: Which one of its company and month, where the records keep several; 0: the
            only one.
    """

    entity: str
    period: str
    currency: str
    customers: tuple[str, ...]
    plans: tuple[str, ...]
    mrr: Amounts
    source: Source | None = None
    number: int = 0

    def __post_init__(self) -> None:
        if not len(self.customers) == len(self.plans) == len(self.mrr):
            raise ValueError(f"{len(self.customers)} customers, {len(self.mrr)} amounts")
        if self.mrr.size and int(self.mrr.min()) < 0:
            line = int(self.mrr.argmin())
            size = Money(int(self.mrr[line]), self.currency)
            raise MrrNegative(self.entity, self.period, self.customers[line], size)
        keys = list(zip(self.customers, self.plans, strict=True))
        if len(set(keys)) < len(keys):
            twice = next(key for place, key in enumerate(keys) if key in keys[:place])
            raise ContractTwice(self.entity, self.period, *twice)

    @property
    def content(self) -> tuple[Any, ...]:
        """All that it says; where it was read from is not part of it."""
        order = sorted(range(len(self.customers)), key=lambda n: (self.customers[n], self.plans[n]))
        return (
            self.entity,
            self.period,
            self.currency,
            tuple(self.customers[line] for line in order),
            tuple(self.plans[line] for line in order),
            self.mrr[order],
        )

    def by_customer(self) -> dict[str, int]:
        """MRR of each customer over its plans, minor units of *currency*."""
        found: dict[str, int] = {}
        for customer, mrr in zip(self.customers, self.mrr.tolist(), strict=True):
            found[customer] = found.get(customer, 0) + mrr
        return found

    def where(self, line: int) -> str:
        """Document and row of a line, `subscriptions.csv:7`, as far as they are known."""
        if self.source is None:
            return ""
        known = len(self.source.rows) == len(self.customers)
        return f"{self.source.name}:{int(self.source.rows[line])}" if known else self.source.name

    @property
    def whole(self) -> int:
        """MRR of all, minor units of *currency*."""
        return total(self.mrr)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """
    One customer's contracted recurring revenue.

    Attributes:
        customer: Unique.
        mrr: By month, minor units, on the last day, normalised to a month; nil: none. An
            amount below nil is no recurring revenue, and counts as nil.
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
        rates: By currency of contracts, the rate of each month into the report's; None:
            there is none.
        missing: Months that were not loaded, and the companies whose they are.
    """

    months: tuple[str, ...]
    subscribers: tuple[Subscriber, ...]
    rates: Mapping[str, tuple[Fraction | None, ...]] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Why:
    """
    Why a metric is not there, or is of fewer months than its name says.

    Attributes:
        code: Its sentence is `metrics.why-CODE` of the catalogue.
        facts: What the sentence is filled with.
    """

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operations:
    """
    What the ledgers say beside the contracts, minor units of the report's currency.

    None: it is not known, and *why* says the reason under the name of the field. With a
    figure, *why* says which of its months are missing.

    Attributes:
        sales_marketing: Of the last three months, in order, fully loaded.
        sales_marketing_prior_quarter: Of the quarter before.
        subscription_revenue: Of three months.
        subscription_costs: Hosting, support, licences of others, payment fees.
        revenue_quarter: Of the quarter.
        revenue_prior_quarter: Of the one before.
        net_burn: Cash burnt in the quarter, positive.
        revenue_year: Of twelve months.
        revenue_prior_year: Of the same twelve a year before.
        ebitda_year: Of twelve months.
        ebitda_revenue: Revenue of the months that *ebitda_year* is of; None: *revenue_year*.
        why: Reasons, by field.
    """

    sales_marketing: tuple[int | None, ...]
    sales_marketing_prior_quarter: int | None
    subscription_revenue: int | None
    subscription_costs: int | None
    revenue_quarter: int | None
    revenue_prior_quarter: int | None
    net_burn: int | None
    revenue_year: int | None
    revenue_prior_year: int | None
    ebitda_year: int | None
    ebitda_revenue: int | None = None
    why: Mapping[str, tuple[Why, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BooksMonth:
    """
    What the books say of one month, minor units of the report's currency.

    Attributes:
        subscription_revenue: Positive.
        other_revenue: Positive.
        cost_of_revenue: Positive.
        sales_marketing: Positive.
        outside_ebitda: What EBITDA leaves out, an expense is positive.
        result: Of the month, a profit is positive.
        net_burn: Cash that operating and investing used up, positive; None: not known.
    """

    subscription_revenue: int = 0
    other_revenue: int = 0
    cost_of_revenue: int = 0
    sales_marketing: int = 0
    outside_ebitda: int = 0
    result: int = 0
    net_burn: int | None = None

    @property
    def revenue(self) -> int:
        """Of subscriptions and of everything else."""
        return self.subscription_revenue + self.other_revenue

    @property
    def ebitda(self) -> int:
        """The result without what EBITDA leaves out."""
        return self.result + self.outside_ebitda


@dataclass(frozen=True, slots=True)
class SaasFacts:
    """
    All that the metrics of the group or of a company are worked out from.

    Attributes:
        entity: Short code of the company; empty: the group.
        currency: Of every figure.
        subscriptions: Thirteen months of contracts.
        books: By month, of up to twenty-four months; one that is not there was not loaded.
        named: Uses of accounts that the chart names, as `Account.metric`; `cash`, too.
    """

    entity: str
    currency: str
    subscriptions: Subscriptions
    books: Mapping[str, BooksMonth] = field(default_factory=dict)
    named: frozenset[str] = frozenset()


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

    Amounts (`mrr`, `arr`, `arpa`, `cac`, `ltv`, `net_new_arr`) are in minor units of the
    report's currency and need not be whole; everything else is a ratio, `payback` months,
    `growth` and `ebitda_margin` percent. *why* says under the name of a metric why it is
    None, or which of its months are missing.
    """

    mrr: int | None = None
    paying: int | None = None
    movements: MrrMovements | None = None
    customers: CustomerCounts | None = None
    arr: int | None = None
    nrr_monthly: Fraction | None = None
    grr_monthly: Fraction | None = None
    logo_churn: Fraction | None = None
    revenue_churn: Fraction | None = None
    nrr: Fraction | None = None
    grr: Fraction | None = None
    arpa: Fraction | None = None
    gross_margin: Fraction | None = None
    cac: Fraction | None = None
    logo_churn_average: Fraction | None = None
    ltv: Fraction | None = None
    ltv_to_cac: Fraction | None = None
    payback: Fraction | None = None
    net_new_arr: int | None = None
    magic_number: Fraction | None = None
    burn_multiple: Fraction | None = None
    growth: Fraction | None = None
    ebitda_margin: Fraction | None = None
    rule_of_40: Fraction | None = None
    why: Mapping[str, tuple[Why, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """The metrics of the group or of a company, and what they were worked out from."""

    facts: SaasFacts
    metrics: SaasMetrics


FIGURES = tuple(each.name for each in fields(SaasMetrics) if each.name != "why")
"""Names of the metrics, in the order in which they are shown."""
