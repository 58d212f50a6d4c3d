"""Contracts of the sandbox companies' customers: the same every time for the same seed."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

from monthclose.ledger.money import plain
from monthclose.ledger.periods import Period
from monthclose.sandbox.books import monthly_revenue
from monthclose.sandbox.companies import Company

MONTHS = 16
"""Months of contracts: the thirteen of a report, and who paid before them."""

_SMALLEST = 12
_PLANS = ("essencial", "profissional", "corporativo")
_SHARE_BP = 7_900
"""What subscriptions are of a company's revenue, about."""


def contract_rows(
    companies: Iterable[Company], last: Period, seed: int
) -> Iterator[Mapping[str, Any]]:
    """
    Rows of `subscriptions.csv`, in order of month and company.

    Every company loses customers, wins some, and gets a few back; prices rise with what
    they use, and fall when they renegotiate. Together they are near the subscription
    revenue of the books.

    Args:
        companies: The operating companies.
        last: The last month.
        seed: Another one gives other contracts.
    """
    lives = {each.code: _Life(each, last, seed) for each in companies}
    for place in range(MONTHS):
        month = last.plus(place - MONTHS + 1)
        for code, life in lives.items():
            for customer, plan, mrr in life.pass_month(month):
                yield {
                    "period": str(month),
                    "entity": code,
                    "customer": customer,
                    "mrr": plain(mrr),
                    "plan": plan,
                }


class _Life:
    """The customers of one company, month by month."""

    def __init__(self, company: Company, last: Period, seed: int) -> None:
        self.company, self.seed = company, seed
        self.first = max(last.plus(1 - MONTHS), Period.of(company.since))
        self.rnd = Random(f"{seed}/{company.code}/contracts")
        self.active: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        self.number = 0

    def pass_month(self, month: Period) -> Iterator[tuple[str, str, int]]:
        """Let a month pass; the contracts at its end, in order of customer."""
        until = self.company.until
        if month < self.first or (until and month > Period.of(until)):
            return
        target = monthly_revenue(self.company, month, self.seed) * _SHARE_BP // 10_000
        if not self.active:
            count = max(_SMALLEST, target // 1_500_000)
            weights = [self.rnd.randint(40, 160) for _ in range(count)]
            for weight in weights:
                self._win(target * weight // sum(weights))
        else:
            self._change(target)
        for customer, mrr in sorted(self.active.items()):
            yield customer, _PLANS[(mrr > 600_000) + (mrr > 1_200_000)], mrr

    def _change(self, target: int) -> None:
        """Lose some, change some, win or win back until the month's revenue is near."""
        for customer in sorted(self.active):
            drawn = self.rnd.randint(1, 1000)
            mrr = self.active[customer]
            if drawn <= 12:
                self.gone[customer] = self.active.pop(customer)
            elif drawn <= 60:
                self.active[customer] = mrr * self.rnd.randint(102, 125) // 100
            elif drawn <= 80:
                self.active[customer] = mrr * self.rnd.randint(75, 97) // 100
        usual = target // max(_SMALLEST, len(self.active))
        while sum(self.active.values()) + usual // 2 < target:
            if self.gone and self.rnd.randint(1, 10) == 1:
                customer = min(self.gone)
                self.active[customer] = self.gone.pop(customer)
            else:
                self._win(usual * self.rnd.randint(60, 140) // 100)

    def _win(self, mrr: int) -> None:
        """A new customer at a price in whole reais."""
        self.number += 1
        self.active[f"{self.company.code}-{self.number:04d}"] = max(mrr // 100 * 100, 10_000)
