"""Control goes, a part is kept as an associate, and of that part shares are sold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.associate_sales import AssociateSold
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.rates import RateTable
from tests.changes.kept import ASSOCIATE, RESERVE, KeptTale
from tests.changes.tale import of_day, ties
from tests.changes.test_by_hand import GAIN
from tests.changes.test_years import CURRENCIES
from tests.consolidation.groups import CODES, holds


class SoldLater(KeptTale):
    """Of the 30 % that P kept of S on 17 June it sells *parts* on days."""

    def __init__(self, parts: dict[str, int], *, owner: str, owned: str) -> None:
        super().__init__(owner=owner, owned=owned)
        left, books = 30, self.investment * 30 // 80
        sales, interests = [], []
        for day, percent in parts.items():
            cost = books * percent // left
            left, books = left - percent, books - cost
            sales.append(
                OwnershipChange(
                    "S", "P", ChangeKind.ASSOCIATE_SALE, date.fromisoformat(day),
                    Fraction(percent, 100), cost + 777_77, cost, 777_77, ASSOCIATE, GAIN,
                )
            )  # fmt: skip
            interests.append(holds("P", "S", str(left), day))
        quotes = [*self.group.rates.quotes]
        quotes += [of_day(c, d, r) for d in parts for c, r in (("BRL", "0.1699"), ("EUR", "0.9333"))
                   if c in (owner, owned)]  # fmt: skip
        self.later, self.gone = sales, "" if left else [*parts][-1]
        self.group = replace(
            self.group,
            changes=(*self.group.changes, *sales),
            interests=(*self.group.interests, *interests),
            rates=RateTable(tuple(quotes)),
            associate_months=tuple(
                each
                for each in self.group.associate_months
                if not self.gone or f"{each.period}-01" < self.gone
            ),
        )
        self.engine = ConsolidationEngine(self.group)
        for each in self.books():
            self.engine.load_trial_balance(self.without(each))

    def without(self, given: TrialBalance) -> TrialBalance:
        """P's books without the shares that it sold later."""
        if given.entity != "P":
            return given
        lines = dict(zip(given.accounts, given.amounts.tolist(), strict=True))
        for each in self.later:
            if str(each.on)[:7] <= given.period:
                now = str(each.on)[:4] == given.period[:4]
                for account, amount in (
                    (ASSOCIATE, -each.cost),
                    (CODES["cash"][0], each.proceeds),
                    (GAIN if now else CODES["retained"][0], -each.gain),
                ):
                    lines[account] = lines.get(account, 0) + amount
        amounts = np.array(list(lines.values()), dtype=np.int64)
        return TrialBalance("P", given.period, given.currency, tuple(lines), amounts)


def clean(books: Sequence[Book]) -> None:
    """Every month is, and opens as the one before it ended."""
    last = None
    for book in books:
        assert [each.said("en") for each in validate(book, last).blocking] == []
        last = book.left()
    assert ties(books) == []


@pytest.mark.parametrize(("owner", "owned"), CURRENCIES)
@pytest.mark.parametrize(
    "parts",
    [
        {"2025-08-01": 10},
        {"2025-07-31": 5, "2025-12-31": 10},
        {"2025-09-01": 12, "2026-01-01": 3},
        {"2025-10-31": 30},
        {"2025-08-01": 10, "2025-12-31": 20},
        {"2026-01-01": 30},
    ],
    ids=["part", "parts", "years", "whole", "at last", "next year"],
)
def test_it_goes_on_from_fair_value(owner: str, owned: str, parts: dict[str, int]):
    """Whatever the currencies: checks are clean, years open as they ended, and all of it goes."""
    tale = SoldLater(parts, owner=owner, owned=owned)
    books = tale.close()
    clean(books)
    made = [each for book in books for each in book.changes if isinstance(each, AssociateSold)]
    assert {str(each.on) for each in made} == parts.keys()
    if sum(parts.values()) == 30:
        assert (books[-1].figure(ASSOCIATE), books[-1].figure(RESERVE)) == (0, 0)
        if owner == "USD":
            assert books[-1].figure("3400") == 0


def test_what_it_is_worth_is_what_leaves():
    """
    P, in dollars, keeps 30 % at its fair value, 53 % of the investment; a third goes on 1 August.

    The whole gain since control went is price less a third of what was carried, the CTA since
    then in it; the 777.77 that P books over its own cost are undone.
    """
    tale = SoldLater({"2025-08-01": 10}, owner="USD", owned="EUR")
    july = tale.engine.consolidate("2025-07").associates["S"]
    book = tale.engine.consolidate("2025-08")
    (sold,) = book.associates["S"].sales
    rate = Fraction("0.9333")
    assert sold.carried == round(Fraction(july.carrying, 3))
    assert abs(sold.carrying - sold.carried * rate) < 1
    third = Fraction(july.carrying) * rate - july.carrying_presentation + july.cta.closing
    assert abs(sold.cta_recycled - third / 3) < 1
    assert sold.gain == sold.proceeds - sold.carrying + sold.cta_recycled
