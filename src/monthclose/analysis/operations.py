"""What the ledgers say beside the contracts: windows of months, as far as they are loaded."""

from collections.abc import Sequence
from typing import Any

from monthclose.ledger.periods import Months, Period
from monthclose.ledger.subscriptions import Operations, SaasFacts, Why

QUARTER, YEAR = 3, 12


def operations_of(facts: SaasFacts) -> Operations:
    """
    Add up the months that metrics look back over.

    A sum that only a ratio of the same months uses takes the months that are loaded; one
    that is held against another window takes whole windows, or the months that both have.

    Args:
        facts: Of the group or of a company.

    Returns:
        With a reason for everything that is not known or not whole.
    """
    return _Windows(facts).operations()


class _Windows:
    """The windows of one month's metrics, and the reasons for what they do not hold."""

    def __init__(self, facts: SaasFacts) -> None:
        self.facts = facts
        self.now = Period.parse(facts.subscriptions.months[-1])
        self.why: dict[str, tuple[Why, ...]] = {}

    def operations(self) -> Operations:
        """Everything, by field."""
        quarter, before = self._window(QUARTER), self._window(QUARTER, QUARTER)
        year = self._window(YEAR)
        revenue = ("subscription_revenue", "other_revenue")
        both = [month for month in year if self._has(month) and self._has(month.plus(-YEAR))]
        lacking = [
            month for each in year for month in (each.plus(-YEAR), each) if not self._has(month)
        ]
        return Operations(
            sales_marketing=self._by_month("sales_marketing", quarter),
            sales_marketing_prior_quarter=self._whole(
                "sales_marketing_prior_quarter", before, "sales_marketing"
            ),
            subscription_revenue=self._loaded("subscription_revenue", quarter),
            subscription_costs=self._loaded("subscription_costs", quarter, "cost_of_revenue"),
            revenue_quarter=self._whole("revenue_quarter", quarter, "revenue", *revenue),
            revenue_prior_quarter=self._whole("revenue_prior_quarter", before, "revenue", *revenue),
            net_burn=self._burn(quarter),
            revenue_year=self._loaded("revenue_year", both, "revenue", *revenue, lacking=lacking),
            revenue_prior_year=self._loaded(
                "revenue_prior_year",
                [month.plus(-YEAR) for month in both],
                "revenue",
                *revenue,
                lacking=lacking,
            ),
            ebitda_year=self._loaded("ebitda_year", year, "ebitda", "outside_ebitda"),
            ebitda_revenue=self._loaded("ebitda_revenue", year, "revenue", *revenue),
            why=self.why,
        )

    def _window(self, months: int, back: int = 0) -> list[Period]:
        """So many months up to the current one, or to an earlier one, in order."""
        return [self.now.plus(place - back) for place in range(1 - months, 1)]

    def _has(self, month: Period) -> bool:
        return str(month) in self.facts.books

    def _amount(self, month: Period, name: str) -> Any:
        return getattr(self.facts.books[str(month)], name)

    def _unnamed(self, field: str, uses: Sequence[str]) -> bool:
        """Whether the chart names no account of any of the uses, which is a reason."""
        if any(use in self.facts.named for use in uses):
            return False
        self.why[field] = (Why("cash" if uses == ("cash",) else "unnamed", {"use": uses}),)
        return True

    def _note(self, field: str, months: Sequence[Period]) -> None:
        """Say that months are not loaded."""
        if months:
            self.why[field] = (Why("books", {"months": Months(tuple(sorted(set(months))))}),)

    def _by_month(self, name: str, window: Sequence[Period]) -> tuple[int | None, ...]:
        """An amount for each month."""
        if self._unnamed(name, (name,)):
            return (None,) * len(window)
        self._note(name, [month for month in window if not self._has(month)])
        return tuple(self._amount(m, name) if self._has(m) else None for m in window)

    def _whole(self, field: str, window: Sequence[Period], name: str, *uses: str) -> int | None:
        """The sum of a window that has to be whole."""
        if self._unnamed(field, uses or (name,)):
            return None
        missing = [month for month in window if not self._has(month)]
        self._note(field, missing)
        return None if missing else sum(self._amount(month, name) for month in window)

    def _loaded(
        self,
        field: str,
        window: Sequence[Period],
        name: str = "",
        *uses: str,
        lacking: Sequence[Period] | None = None,
    ) -> int | None:
        """The sum of those months of a window that are loaded; None without any."""
        name = name or field
        if self._unnamed(field, uses or (name,)):
            return None
        there = [month for month in window if self._has(month)]
        gone = [month for month in window if not self._has(month)]
        self._note(field, gone if lacking is None else lacking)
        return sum(self._amount(month, name) for month in there) if there else None

    def _burn(self, window: Sequence[Period]) -> int | None:
        """Cash burnt in the quarter; it takes the cash of the month before, too."""
        if self._unnamed("net_burn", ("cash",)):
            return None
        missing = [
            month
            for month in window
            if not self._has(month) or self._amount(month, "net_burn") is None
        ]
        # Of a month that is loaded, it is the cash of the month before that is not known.
        self._note("net_burn", [m.plus(-1) if self._has(m) else m for m in missing])
        return None if missing else sum(self._amount(month, "net_burn") for month in window)
