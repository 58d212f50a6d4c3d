"""A holder and a company whose shares change hands, over sixteen months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate
from tests.consolidation.groups import (
    CHART,
    CODES,
    bought,
    cents,
    holds,
    lived,
    opening,
    paid_in,
    parent,
    subsidiary,
)

GAIN = "4510"
MONTHS = [str(Period(2025, 1).plus(each)) for each in range(16)]
"""January 2025 to April 2026; fiscal years are calendar years."""

WITH_GAIN = chart_of((*CHART.accounts, Account(GAIN, "Sales of companies", AccountClass.INCOME)))


PAST = (opening("P", "capital", "-8000.00", "-1360.00"), opening("P", "3400", None, "0.00"))
"""Of a holder in reais: what its capital was translated at."""


def rates(currency: str, first: int) -> list[Quote]:
    """Dollars for one unit, another closing and average each month; of every day the same."""
    found = []
    for place, month in enumerate(["2024-12", *MONTHS]):
        for kind, add in ((RateKind.CLOSING, 37), (RateKind.AVERAGE, 11)):
            value = first + (place * add * 7919) % 613
            found.append(
                Quote(currency, "USD", parse_rate(f"0.{value:04d}"), kind, month, "by hand")
            )
    return found


def of_day(currency: str, day: str, value: str) -> Quote:
    """The rate of one day."""
    return Quote(currency, "USD", parse_rate(value), RateKind.HISTORICAL, day, "by hand")


@dataclass(frozen=True)
class Deal:
    """P sells or buys shares of S: day and share, price and cost for an investment of 1,000.00."""

    kind: ChangeKind
    day: str
    percent: str
    proceeds: str
    cost: str

    def change(self, factor: Fraction) -> OwnershipChange:
        """The same for another investment; the gain is what the price exceeds the cost by."""
        proceeds, cost = (int(cents(each) * factor) for each in (self.proceeds, self.cost))
        sells = self.kind is not ChangeKind.INCREASE
        return OwnershipChange(
            entity="S",
            holder="P",
            kind=self.kind,
            on=date.fromisoformat(self.day),
            share=Fraction(self.percent) / 100,
            proceeds=proceeds,
            cost=cost if sells else proceeds,
            gain=proceeds - cost if sells else 0,
            investment_account=CODES["investment"][0],
            gain_account=GAIN if sells else "",
        )


PRICES = {
    ("USD", "EUR"): ("1000.00", "930.00"),
    ("BRL", "EUR"): ("1000.00", "6000.00"),
    ("BRL", "BRL"): ("1000.00", "1000.00"),
    ("USD", "USD"): ("1000.00", "1000.00"),
    ("BRL", "USD"): ("930.00", "6000.00"),
}
"""What S cost in its own money and in P's, by the two currencies; at the rates of the day."""


class Tale:
    """
    P buys 80 % of S on 1 January 2025 for about its net assets; then shares change hands.

    S opens with 1,000.00 and earns something else each month. P earns 100.00 a month, and
    books what it sells as cost taken off and gain.
    """

    def __init__(
        self,
        deals: Sequence[Deal],
        *,
        owner: str = "BRL",
        owned: str = "EUR",
        shares: Mapping[str, str],
        paid: Mapping[str, str] | None = None,
    ) -> None:
        price, carried = PRICES[owner, owned]
        self.paid = paid or {}
        self.investment = cents(carried)
        self.changes = [each.change(Fraction(self.investment, 1000_00)) for each in deals]
        interests = tuple(holds("P", "S", share, since) for since, share in shares.items())
        quotes = [*rates("BRL", 1700), *rates("EUR", 9100)]
        quotes += [of_day("BRL", "2025-01-01", "0.1550"), of_day("EUR", "2025-01-01", "0.9300")]
        for each in self.changes:
            day = each.on.isoformat()
            quotes += [of_day("BRL", day, "0.1777"), of_day("EUR", day, "0.9444")]
        for day in self.paid:
            quotes += [of_day("BRL", day, "0.1811"), of_day("EUR", day, "0.9511")]
        purchase = bought(
            paid=price, carried=carried, nci="20", capital="-600.00", retained="-400.00"
        )
        self.group = Group(
            "G",
            "Group",
            "USD",
            WITH_GAIN,
            (parent(currency=owner), subsidiary(currency=owned)),
            interests=interests,
            rates=RateTable(tuple(q for q in quotes if q.base in (owner, owned))),
            acquisitions=(purchase,),
            openings=() if owner == "USD" else PAST,
            changes=tuple(self.changes),
            contributions=tuple(paid_in("S", each, day) for day, each in self.paid.items()),
            first_period="2025-01",
        )
        self.owner, self.owned = owner, owned
        self.engine = ConsolidationEngine(self.group)
        for made in self.books():
            self.engine.load_trial_balance(made)

    def books(self) -> list[TrialBalance]:
        """The balances of both, month by month."""
        sold = next((c.on for c in self.changes if c.kind is ChangeKind.DISPOSAL), None)
        last = str(Period.of(sold)) if sold else MONTHS[-1]
        months = [m for m in MONTHS if m <= last]
        lives = [{"capital": -60000, "retained": -40000, "receivables": 30000}]
        lives += [{} for _ in months[1:]]
        for place, each in enumerate(lives):
            day = next((on for on in self.paid if on.startswith(months[place])), "")
            if day:
                each["capital"] = each.get("capital", 0) - cents(self.paid[day])
            each["revenue"] = -(5000 + 1700 * (place % 5))
            each["costs"] = 2100 + 300 * (place % 3)
        subsidiary_books = lived("S", lives, currency=self.owned)
        return [*self.holder(), *subsidiary_books]

    def holder(self) -> list[TrialBalance]:
        """The books of P: what it sells leaves the investment, what it gains is income."""
        found = []
        retained = gain = earned = 0
        investment, cash = self.investment, cents("8000.00") - self.investment
        for month in MONTHS:
            if month.endswith("-01"):
                retained, gain, earned = retained + gain + earned, 0, 0
            earned, cash = earned + 10000, cash + 10000
            for each in self.changes:
                if str(Period.of(each.on)) == month:
                    sign = -1 if each.kind is ChangeKind.INCREASE else 1
                    investment -= sign * each.cost
                    cash += sign * each.proceeds
                    gain += each.gain
            lines = {
                CODES["cash"][0]: cash,
                CODES["investment"][0]: investment,
                CODES["capital"][0]: -cents("8000.00"),
                CODES["retained"][0]: -retained,
                CODES["revenue"][0]: -earned,
                GAIN: -gain,
            }
            for each in self.changes:
                if each.carried and str(Period.of(each.on)) <= month:
                    account = each.retained_account
                    lines[account] = lines.get(account, 0) + each.carried
            amounts = np.array(list(lines.values()), dtype=np.int64)
            found.append(TrialBalance("P", month, self.owner, tuple(lines), amounts))
        return found

    def close(self, months: Sequence[str] = MONTHS) -> list[Book]:
        """The books of months."""
        return [self.engine.consolidate(month) for month in months]


def ties(books: Sequence[Book]) -> list[str]:
    """What of the group's equity does not open as it was closed."""
    wrong = []
    for before, now in pairwise(books):
        one, other = before.equity, now.equity
        assert one is not None
        assert other is not None
        new_year = now.period.endswith("-01")
        for name, closed, opened, opens in (
            ("retained", one.retained_closing, one.retained_opening, other.retained_opening),
            ("cta", one.cta_parent.closing, one.cta_parent.opening, other.cta_parent.opening),
            ("nci", one.nci_closing, one.nci_opening, other.nci_opening),
        ):
            if (closed if new_year else opened) != opens:
                wrong.append(f"{now.period} {name}: {closed if new_year else opened} {opens}")
    return wrong
