"""Drawn changes of ownership meet other comprehensive income, full goodwill and step-ups."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.acquisitions import Acquisition, NciMethod, StepUp
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.equity import EquityMove, EquityPart, OciMovement, owners_of, whole
from monthclose.ledger.group import Group
from monthclose.ledger.loans import ExchangeDifference, Loan
from monthclose.ledger.profits import Unrealised
from monthclose.ledger.rates import RateTable
from tests.changes.tale import MONTHS, Deal, Tale, of_day, ties
from tests.consolidation.groups import CODES, cents

RESERVE = CODES["reserve"][0]
PAIRS = [("USD", "EUR"), ("BRL", "EUR"), ("BRL", "BRL"), ("USD", "USD"), ("BRL", "USD")]
DEALS = ("2025-02-28", "2025-04-13", "2025-06-30", "2025-09-09", "2025-12-31", "2026-02-17")
GAINS = ("2025-01-20", "2025-04-05", "2025-04-20", "2025-09-03", "2025-09-21", "2026-02-25")
PAID = ("2025-02-05", "2025-06-20", "2025-11-12", "2026-03-03")


class Drawn(Tale):
    """
    P sells and buys shares of S on drawn days; S has a reserve, P paid for fair values.

    What it holds on the day *ends* it sells whole; nothing happens to S from *until* on.
    """

    def __init__(self, seed: int, *, full: bool, ends: str = "", until: str = "") -> None:
        draw, last = Random(seed), ends or until
        owner, owned = draw.choice(PAIRS)
        held, shares, deals = 80, {"2025-01-01": "80"}, []
        for day in sorted(draw.sample(DEALS, draw.choice((1, 2, 3)))):
            if last and day >= last:
                break
            price = f"{draw.randint(50, 400)}.37"
            if held == 100 or (held > 60 and draw.random() < 0.6):
                part = draw.choice((5, 8))
                deals.append(Deal(ChangeKind.PARTIAL_DISPOSAL, day, str(part), price, "90.00"))
                held -= part
            else:
                part = min(draw.choice((5, 10, 20)), 100 - held)
                deals.append(Deal(ChangeKind.INCREASE, day, str(part), price, price))
                held += part
            shares[day] = str(held)
        self.gains = [
            OciMovement("S", RESERVE, draw.randint(-50_00, 90_00), date.fromisoformat(day))
            for day in draw.sample(GAINS, 3)
            if not last or day < last
        ]
        paid = {day: f"{draw.randint(10, 99)}.13" for day in draw.sample(PAID, 2)}
        if last:
            paid = {day: amount for day, amount in paid.items() if day < last}
        if ends:
            carried = sum(int(cents(d.cost)) * (-1) ** (d.cost != d.proceeds) for d in deals)
            left = cents("1000.00") + carried
            price = f"{draw.randint(500, 1500)}.11"
            sold = f"{left // 100}.{left % 100:02d}"
            deals.append(Deal(ChangeKind.DISPOSAL, ends, str(held), price, sold))
            shares[ends] = "0"
        super().__init__(deals, owner=owner, owned=owned, shares=shares, paid=paid)
        quotes = [*self.group.rates.quotes]
        if owned != "USD":
            first = 1500 if owned == "BRL" else 9000
            quotes += [
                of_day(owned, each.on.isoformat(), f"0.{first + draw.randint(0, 400)}")
                for each in self.gains
            ]
        (purchase,) = self.group.acquisitions
        chart = self.group.chart
        self.group = replace(
            self.group,
            chart=replace(chart, roles=replace(chart.roles, goodwill_amortisation="6000")),
            recognised=tuple(self.gains),
            rates=RateTable(tuple(quotes)),
            acquisitions=(valued(purchase, draw, full=full),),
        )
        self.engine = ConsolidationEngine(self.group)
        for made in self.books():
            self.engine.load_trial_balance(made)

    def books(self) -> list[TrialBalance]:
        """The balances of both, S with its reserve."""
        return [
            self._with_reserve(each) if each.entity == "S" else each for each in super().books()
        ]

    def _with_reserve(self, given: TrialBalance) -> TrialBalance:
        gained = sum(each.amount for each in self.gains if str(each.on)[:7] <= given.period)
        amounts = given.amounts.copy()
        amounts[given.accounts.index(CODES["cash"][0])] += gained
        return replace(
            given,
            accounts=(*given.accounts, RESERVE),
            amounts=np.append(amounts, -gained),
        )


def valued(purchase: Acquisition, draw: Random, *, full: bool) -> Acquisition:
    """The purchase with customers worth more than their books, and goodwill of outsiders."""
    step = StepUp("CUST", draw.randint(1_00, 90_00), 24, "1100", "1100", "6000")
    if not full:
        return replace(purchase, step_ups=(step,))
    return replace(
        purchase,
        step_ups=(step,),
        nci_method=NciMethod.FAIR_VALUE,
        nci_share=Fraction(0),
        nci_amount=draw.randint(230_00, 300_00),
        goodwill_life=draw.choice((None, 60)),
    )


def opens_otherwise(books: Sequence[Book]) -> Iterator[str]:
    """Where a statement of changes does not open with what the last one closed with."""
    for before, now in pairwise(books):
        was, opens = before.changes_in_equity, now.changes_in_equity
        assert was is not None
        assert opens is not None
        left = was.closing if now.period.endswith("-01") else was.reported
        for part in EquityPart:
            if left.get(part, 0) != opens.reported.get(part, 0):
                yield f"{now.period} {part}: {left.get(part, 0)} {opens.reported.get(part, 0)}"


@pytest.mark.parametrize("full", [False, True], ids=["partial goodwill", "full goodwill"])
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("ends", ["", "2025-08-12", "2025-12-31", "2026-03-20"])
def test_every_month_is_proved_and_opens_as_it_was_closed(seed: int, full: bool, ends: str):
    """Each component of equity, also when all of S is sold on the day *ends*."""
    books = Drawn(seed, full=full, ends=ends).close()
    assert ties(books) == []
    assert list(opens_otherwise(books)) == []
    last = None
    for book in books:
        assert validate(book, last).blocking == ()
        last = book.left()
        stated = book.changes_in_equity
        assert stated is not None
        assert whole(stated.closing) == book.totals.total_equity
        assert owners_of(stated.closing) == book.totals.equity_attributable_to_parent
        gained = stated.moves.get(EquityMove.RECOGNISED, {})
        assert whole(gained) == book.totals.oci_other


def with_stock(tale: Drawn) -> Group:
    """What S sold to P is in stock there, more of it each month."""
    months = [month for month in MONTHS if month >= "2025-02"]
    lots = [
        Unrealised("LOT", m, "S", "P", "1100", "5000", 2000 + 100 * n, tale.owned, "2025-02", 3000)
        for n, m in enumerate(months)
    ]
    return replace(tale.group, unrealised=tuple(lots))


def with_loan(tale: Drawn) -> Group:
    """Exchange differences of S on a loan to P that is a net investment."""
    moved = [ExchangeDifference("L", "S", month, 500 + 100 * n) for n, month in enumerate(MONTHS)]
    loan = Loan("L", "S", "P", "6000", date(2025, 1, 1))
    return replace(tale.group, loans=(loan,), exchange=tuple(moved))


@pytest.mark.parametrize("beside", [with_stock, with_loan])
@pytest.mark.parametrize("seed", [1, 5, 9, 12])
def test_what_stands_beside_the_books_passes_with_the_shares(seed: int, beside):
    """A change in the second year takes along what opened: profit in stock, and the CTA."""
    tale = Drawn(seed, full=False)
    tale.engine = ConsolidationEngine(beside(tale))
    for made in tale.books():
        tale.engine.load_trial_balance(made)
    books = tale.close()
    assert any(each.on.year == 2026 for each in tale.changes)
    assert ties(books) == []
    assert list(opens_otherwise(books)) == []
    last = None
    for book in books:
        assert validate(book, last).blocking == ()
        last = book.left()
