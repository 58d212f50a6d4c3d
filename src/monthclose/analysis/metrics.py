"""SaaS metrics: movements of recurring revenue, retention, and what customers cost and bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from monthclose.analysis.mrr import Move, Step, steps_between, total_at
from monthclose.ledger.money import plain, rounded
from monthclose.ledger.periods import Months, Period
from monthclose.ledger.subscriptions import (
    FIGURES,
    CustomerCounts,
    MrrMovements,
    Operations,
    SaasMetrics,
    Subscriber,
    Subscriptions,
    SubscriptionsUneven,
    Why,
)

MONTHS = 13
QUARTER = 3
LONGEST_LIFE = 60
"""Months that a customer's value is counted for at most."""

_NOW, _THEN = MONTHS - 1, 0


@dataclass(frozen=True, slots=True)
class _Month:
    """One month's movements, and the steps they were added up from."""

    movements: MrrMovements
    customers: CustomerCounts
    steps: tuple[Step, ...]


def measure(subscriptions: Subscriptions, operations: Operations) -> SaasMetrics:
    """
    Work out a month's metrics from contracts and ledgers.

    Both months of a comparison take the current month's rate, so that a currency is not
    expansion; its effect on opening MRR is a movement of its own. Amounts are rounded once
    a customer and month; ratios come from amounts that were not rounded.

    Trailing metrics take the months there are, and say which are missing; what compares
    two months needs both.

    Args:
        subscriptions: Thirteen months, the last is the current one.
        operations: What the ledgers say.

    Returns:
        Exact figures; a metric without a denominator is None, never nil or infinite, and
        `why` says the reason.

    Raises:
        SubscriptionsUneven: a customer or a rate of another number of months.
    """
    _check(subscriptions)
    return _Report(subscriptions, operations).metrics()


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


class _Report:
    """One month's metrics while they are worked out, with the reasons for what is missing."""

    def __init__(self, subscriptions: Subscriptions, operations: Operations) -> None:
        self.contracts, self.operations = subscriptions, operations
        self.why: dict[str, list[Why]] = {}
        currencies = {each.currency for each in subscriptions.subscribers}
        self.rates = {c: subscriptions.rates[c] for c in currencies if c in subscriptions.rates}
        self.quarter = [
            self._month(place) if not self._unknown(place - 1, place) else None
            for place in range(MONTHS - QUARTER, MONTHS)
        ]

    def metrics(self) -> SaasMetrics:
        """Everything that can be worked out."""
        if unknown := self._unknown(_NOW):
            return SaasMetrics(why=dict.fromkeys(FIGURES, tuple(unknown)))
        closing = [each for each in self.contracts.subscribers if each.mrr[_NOW] > 0]
        found: dict[str, Any] = {
            "mrr": total_at(self.contracts, _NOW, _NOW),
            "paying": len(closing),
        }
        found["arr"] = 12 * found["mrr"]
        exact = sum(
            (Fraction(mrr) * self._rate(currency) for currency, mrr in _own(closing).items()),
            Fraction(0),
        )
        found["arpa"] = self._over("arpa", exact, len(closing), "nil_customers")
        found |= self._monthly() | self._cohort() | self._unit_economics(found["arpa"])
        found |= self._efficiency(found["mrr"]) | self._year()
        return SaasMetrics(**found, why={name: tuple(each) for name, each in self.why.items()})

    def _unknown(self, *places: int) -> list[Why]:
        """Why months cannot be used: they were not loaded, or a rate of theirs was not."""
        missing = self.contracts.missing
        months = [self.contracts.months[place] for place in places]
        reasons = []
        if gone := [month for month in months if month in missing]:
            companies = tuple(dict.fromkeys(code for month in gone for code in missing[month]))
            facts = {"months": _spans(gone), "companies": companies}
            reasons.append(Why("contracts", facts))
        for currency, rates in self.rates.items():
            bare = [self.contracts.months[place] for place in places if rates[place] is None]
            if bare:
                reasons.append(Why("rate", {"currency": currency, "months": _spans(bare)}))
        return reasons

    def _month(self, place: int) -> _Month:
        """MRR and customers from the month before to a month."""
        steps = steps_between(self.contracts, place - 1, place)
        amounts = dict.fromkeys(Move, 0)
        counts = dict.fromkeys(Move, 0)
        for step in steps:
            if step.move:
                amounts[step.move] += abs(step.now - step.then)
                counts[step.move] += 1
        opening = total_at(self.contracts, place - 1, place - 1)
        movements = MrrMovements(
            opening=opening,
            rate_effect=sum(step.then for step in steps) - opening,
            **{move.value: amounts[move] for move in Move},
            closing=sum(step.now for step in steps),
        )
        customers = CustomerCounts(
            opening=sum(step.own[0] > 0 for step in steps),
            new=counts[Move.NEW],
            reactivated=counts[Move.REACTIVATION],
            churned=counts[Move.CHURN],
            closing=sum(step.own[1] > 0 for step in steps),
        )
        return _Month(movements, customers, steps)

    def _monthly(self) -> dict[str, Any]:
        """Movements of the current month, and its retention."""
        names = ("nrr_monthly", "grr_monthly", "logo_churn", "revenue_churn")
        month = self.quarter[-1]
        if month is None:
            for name in ("movements", "customers", *names):
                self._note(name, *self._unknown(_NOW - 1))
            return {}
        base = self._exact(month.steps, lambda step: step.own[0])
        grown, less, gone = (
            self._exact(
                [step for step in month.steps if step.move is move],
                lambda step: abs(step.own[1] - step.own[0]),
            )
            for move in (Move.EXPANSION, Move.CONTRACTION, Move.CHURN)
        )
        counts = month.customers
        return {
            "movements": month.movements,
            "customers": counts,
            "nrr_monthly": self._over("nrr_monthly", base + grown - less - gone, base, "nil_mrr"),
            "grr_monthly": self._over("grr_monthly", base - less - gone, base, "nil_mrr"),
            "logo_churn": self._over("logo_churn", counts.churned, counts.opening, "nil_opening"),
            "revenue_churn": self._over("revenue_churn", less + gone, base, "nil_mrr"),
        }

    def _cohort(self) -> dict[str, Any]:
        """Retention of those who paid twelve months ago."""
        if unknown := self._unknown(_THEN):
            for name in ("nrr", "grr"):
                self._note(name, *unknown)
            return {}
        cohort = [s for s in steps_between(self.contracts, _THEN, _NOW) if s.own[0] > 0]
        then = self._exact(cohort, lambda step: step.own[0])
        now = self._exact(cohort, lambda step: step.own[1])
        kept = self._exact(cohort, lambda step: min(step.own))
        return {
            "nrr": self._over("nrr", now, then, "nil_cohort"),
            "grr": self._over("grr", kept, then, "nil_cohort"),
        }

    def _unit_economics(self, arpa: Fraction | None) -> dict[str, Any]:
        """What a customer brings and costs."""
        ops = self.operations
        margin = self._ratio_of(
            "gross_margin",
            _less(ops.subscription_revenue, ops.subscription_costs),
            ops.subscription_revenue,
            ("subscription_revenue", "subscription_costs"),
            "nil_revenue",
        )
        churn = self._average_churn()
        spent = list(zip(self.quarter, ops.sales_marketing, strict=True))
        known = [(month, cost) for month, cost in spent if month is not None and cost is not None]
        logos = sum(month.customers.new for month, _ in known)
        theirs = self._exact(
            [step for month, _ in known for step in month.steps if step.move is Move.NEW],
            lambda step: step.own[1],
        )
        self._inherit("cac", "sales_marketing")
        self._trailing("cac")
        cost = sum(cost for _, cost in known)
        cac = self._over("cac", cost, logos, "nil_new") if known else None
        ltv = None
        if arpa is not None and margin is not None and churn:
            ltv = arpa * margin * min(1 / churn, Fraction(LONGEST_LIFE))
        self._from("ltv", "arpa", "gross_margin", "logo_churn_average")
        if churn is not None and not churn:
            self._note("ltv", Why("nil_churn"))
        self._from("ltv_to_cac", "ltv", "cac")
        if cac is not None and not cac:
            self._note("ltv_to_cac", Why("nil_cac"))
        return {
            "gross_margin": margin,
            "logo_churn_average": churn,
            "cac": cac,
            "ltv": ltv,
            "ltv_to_cac": None if ltv is None or not cac else ltv / cac,
            "payback": self._payback(cac, Fraction(theirs, logos) if logos else None, margin),
        }

    def _average_churn(self) -> Fraction | None:
        """The mean of the logo churn of three months; None when one of them began without any."""
        name = "logo_churn_average"
        self._trailing(name)
        months = [each.customers for each in self.quarter if each is not None]
        if any(not each.opening for each in months):
            self._note(name, Why("nil_opening"))
            return None
        rates = [Fraction(each.churned, each.opening) for each in months]
        return sum(rates, Fraction(0)) / len(rates) if rates else None

    def _payback(
        self, cac: Fraction | None, arpa: Fraction | None, margin: Fraction | None
    ) -> Fraction | None:
        """Months until a new customer's margin has paid for winning it."""
        self._from("payback", "cac", "gross_margin")
        if margin is not None and margin <= 0:
            self._note("payback", Why("nil_margin"))
        if cac is None or not arpa or margin is None or margin <= 0:
            return None
        return cac / (arpa * margin)

    def _efficiency(self, closing: int) -> dict[str, Any]:
        """What growth cost."""
        ops = self.operations
        added = None
        if unknown := self._unknown(_NOW - QUARTER):
            self._note("net_new_arr", *unknown)
        else:
            added = 12 * (closing - total_at(self.contracts, _NOW - QUARTER, _NOW))
        magic = self._ratio_of(
            "magic_number",
            _less(ops.revenue_quarter, ops.revenue_prior_quarter, 4),
            ops.sales_marketing_prior_quarter,
            ("revenue_quarter", "revenue_prior_quarter", "sales_marketing_prior_quarter"),
            "nil_spent",
        )
        self._inherit("burn_multiple", "net_burn")
        self._from("burn_multiple", "net_new_arr")
        burn = None
        if added is not None and ops.net_burn is not None:
            if ops.net_burn > 0 and added > 0:
                burn = Fraction(ops.net_burn, added)
            else:
                self._note("burn_multiple", Why("no_burn" if ops.net_burn <= 0 else "no_growth"))
        return {"net_new_arr": added, "magic_number": magic, "burn_multiple": burn}

    def _year(self) -> dict[str, Any]:
        """Growth and margin of twelve months."""
        ops = self.operations
        growth = self._ratio_of(
            "growth",
            ops.revenue_year,
            ops.revenue_prior_year,
            ("revenue_year", "revenue_prior_year"),
            "nil_prior",
        )
        growth = None if growth is None else 100 * (growth - 1)
        revenue = ops.revenue_year if ops.ebitda_revenue is None else ops.ebitda_revenue
        margin = self._ratio_of(
            "ebitda_margin",
            None if ops.ebitda_year is None else 100 * ops.ebitda_year,
            revenue,
            ("ebitda_year", "ebitda_revenue"),
            "nil_revenue",
        )
        self._from("rule_of_40", "growth", "ebitda_margin")
        both = None if growth is None or margin is None else growth + margin
        return {"growth": growth, "ebitda_margin": margin, "rule_of_40": both}

    def _rate(self, currency: str) -> Fraction:
        """The current rate of a currency."""
        rates = self.rates.get(currency)
        return Fraction(1) if rates is None else rates[_NOW] or Fraction(0)

    def _exact(self, steps: Sequence[Step], own: Any) -> Fraction:
        """A sum over steps at the current rate, not rounded: whole units of each currency first."""
        sums: dict[str, int] = {}
        for step in steps:
            sums[step.who.currency] = sums.get(step.who.currency, 0) + own(step)
        return sum((mrr * self._rate(currency) for currency, mrr in sums.items()), Fraction(0))

    def _over(
        self, name: str, numerator: Fraction | int, denominator: Fraction | int, nil: str
    ) -> Fraction | None:
        """A ratio; without a denominator its reason."""
        if not denominator:
            self._note(name, Why(nil))
            return None
        return Fraction(numerator) / Fraction(denominator)

    def _ratio_of(
        self,
        name: str,
        numerator: int | None,
        denominator: int | None,
        inputs: Sequence[str],
        nil: str,
    ) -> Fraction | None:
        """A ratio of what the ledgers say, which may not be known."""
        self._inherit(name, *inputs)
        if numerator is None or denominator is None:
            return None
        return self._over(name, numerator, denominator, nil)

    def _trailing(self, name: str) -> None:
        """Note the months of the quarter whose movements are not known."""
        places = [
            each
            for number, month in enumerate(self.quarter)
            if month is None
            for each in (_NOW - QUARTER + number, _NOW - QUARTER + number + 1)
        ]
        self._note(name, *self._unknown(*dict.fromkeys(places)))

    def _inherit(self, name: str, *inputs: str) -> None:
        """Take over what is to be said of figures of the ledgers."""
        for each in inputs:
            self._note(name, *self.operations.why.get(each, ()))

    def _from(self, name: str, *metrics: str) -> None:
        """Take over what is to be said of other metrics."""
        for each in metrics:
            self._note(name, *self.why.get(each, ()))

    def _note(self, name: str, *reasons: Why) -> None:
        """Keep reasons, each once."""
        for each in reasons:
            kept = self.why.setdefault(name, [])
            alike = next((place for place, one in enumerate(kept) if one.code == each.code), None)
            if each.code == "books" and alike is not None:
                months = {*kept[alike].facts["months"].months, *each.facts["months"].months}
                kept[alike] = Why("books", {"months": Months(tuple(sorted(months)))})
            elif each not in kept:
                kept.append(each)


def _spans(labels: Sequence[str]) -> Months:
    return Months(tuple(map(Period.parse, sorted(labels))))


def _own(subscribers: Sequence[Subscriber]) -> dict[str, int]:
    """Current MRR by currency of contract."""
    sums: dict[str, int] = {}
    for each in subscribers:
        sums[each.currency] = sums.get(each.currency, 0) + each.mrr[_NOW]
    return sums


def _less(one: int | None, other: int | None, times: int = 1) -> int | None:
    """A difference, a few times; None when one of the two is not known."""
    return None if one is None or other is None else times * (one - other)
