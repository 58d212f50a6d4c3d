"""A company that was bought, divided in two by lines: its group stays what it was."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monthclose.analysis.validation import validate
from monthclose.ledger.accounts import Account, AccountClass
from monthclose.ledger.acquisitions import Acquisition, Dividend, Received, StepUp
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.intercompany import Item, ItemKind
from tests.consolidation.groups import (
    CODES,
    bought,
    engine,
    group,
    holds,
    lived,
    monthly,
    on,
    parent,
    subsidiary,
)

TAXED = (
    Account("2500", "Deferred tax", AccountClass.LIABILITY),
    Account("6910", "Deferred tax of the period", AccountClass.EXPENSE),
)
MONTHS = ("2025-01", "2025-02", "2025-03")
CAPITAL, PAID, STEP_UP, LENT, DECLARED = 90_000_00, 160_000_00, 24_000_00, 7_500_00, 5_000_00
NAMES = ("receivables", "payables", "revenue", "costs")
MOVES = st.lists(
    st.fixed_dictionaries({name: st.integers(-(10**8), 10**8) for name in NAMES}),
    min_size=3,
    max_size=3,
)
RATES = st.lists(st.integers(1_500, 2_900), min_size=8, max_size=8)


@dataclass(frozen=True)
class Part:
    """
    What one of the companies is of the whole.

    Attributes:
        code: Short code.
        capital: Its capital.
        paid: What P paid for it.
        step_up: What its customers are worth beyond its books.
        lent: What X owes it, the whole time.
        dividend: What it declares in February.
        moves: Movements of its accounts by month.
    """

    code: str
    capital: int
    paid: int
    step_up: int
    lent: int
    dividend: int
    moves: list[dict[str, int]]

    def bought(self, nci: int) -> Acquisition:
        """P buys it on the first day, and carries what it paid at 0.20."""
        step = StepUp("CUST", self.step_up, 24, "1100", "1100", "6000")
        return replace(
            bought(self.code, nci=str(nci)),
            consideration=self.paid,
            equity={CODES["capital"][0]: -self.capital},
            investment=self.paid // 5,
            step_ups=(step,) if self.step_up else (),
            tax_rate=Fraction(34, 100),
        )

    def lived(self) -> list[TrialBalance]:
        """Its three months."""
        capital: Mapping[str, int] = {"capital": -self.capital, "due_from": self.lent}
        first, second, third = self.moves
        return lived(
            self.code, [{**capital, **first}, {**second, "dividends": self.dividend}, third]
        )


def closed(parts: tuple[Part, ...], rates: list[int], nci: int) -> list[Book]:
    """P, the parts it bought, and X, which owes them money; no check finds anything."""
    quotes = monthly(
        {
            month: (f"0.{rates[2 * place]:04}", f"0.{rates[2 * place + 1]:04}")
            for place, month in enumerate(("2024-12", *MONTHS))
        }
    )
    invested = sum(each.paid // 5 for each in parts)
    received = {each.code: each.dividend * (100 - nci) // 500 for each in parts}
    dividends = tuple(
        Dividend(
            each.code,
            each.dividend,
            None,
            date(2025, 2, 10),
            (Received("P", received[each.code], None, CODES["dividend_income"][0]),),
        )
        for each in parts
        if each.dividend
    )
    of_p = lived(
        "P",
        [
            {"capital": -400_000_00, "investment": invested},
            {"dividend_income": -sum(received.values())},
            {},
        ],
        currency="USD",
    )
    of_x = [owing(each, parts) for each in lived("X", [{"capital": -50_000_00}, {}, {}])]
    described = group(
        parent(),
        subsidiary("X"),
        *(subsidiary(each.code) for each in parts),
        quotes=(*quotes, on("2025-01-01", "0.20"), on("2025-02-10", "0.20")),
        interests=(holds("P", "X"), *(holds("P", each.code, str(100 - nci)) for each in parts)),
        acquisitions=(
            *(each.bought(nci) for each in parts),
            replace(bought("X", capital="-50000.00", paid="50000.00"), investment=10_000_00),
        ),
        dividends=dividends,
        items=tuple(item for each in parts if each.lent for item in debts(each)),
        first_period=MONTHS[0],
    )
    chart = replace(described.chart, accounts=(*described.chart.accounts, *TAXED))
    roles = replace(chart.roles, deferred_tax="2500", deferred_tax_result="6910")
    chart = replace(chart, roles=roles)
    described = replace(described, chart=chart)
    made = engine(described, *of_p_with(of_p), *of_x, *(b for each in parts for b in each.lived()))
    books: list[Book] = []
    for month in MONTHS:
        book = made.consolidate(month)
        found = validate(book, books[-1].left() if books else None)
        assert [str(each) for each in found.blocking] == [], month
        books.append(book)
    return books


def debts(part: Part) -> list[Item]:
    """What X owes a part, from both sides, in every month."""
    sides = (
        (part.code, "X", ItemKind.RECEIVABLE, CODES["due_from"][0], part.lent),
        ("X", part.code, ItemKind.PAYABLE, CODES["due_to"][0], -part.lent),
    )
    return [
        Item(f"{kind}-{part.code}", holder, other, kind, account, amount, period=month)
        for month in MONTHS
        for holder, other, kind, account, amount in sides
    ]


def of_p_with(balances: list[TrialBalance]) -> list[TrialBalance]:
    """P carries X as well, for 10,000.00."""
    cash, held = CODES["cash"][0], CODES["investment"][0]
    moved = []
    for each in balances:
        amounts = each.amounts.copy()
        amounts[each.accounts.index(held)] += 10_000_00
        amounts[each.accounts.index(cash)] -= 10_000_00
        moved.append(replace(each, amounts=amounts))
    return moved


def owing(balance: TrialBalance, parts: tuple[Part, ...]) -> TrialBalance:
    """X with what it owes each part."""
    owed = sum(each.lent for each in parts)
    amounts = balance.amounts.copy()
    amounts[balance.accounts.index(CODES["cash"][0])] += owed
    return replace(
        balance,
        accounts=(*balance.accounts, CODES["due_to"][0]),
        amounts=np.append(amounts, -owed),
    )


class TestDividedPurchase:
    @given(MOVES, MOVES, RATES, st.sampled_from([0, 20, 35]), st.integers(1, 9), st.booleans())
    def test_price_values_debts_and_dividends_fall_where_they_like(
        self, whole, part, rates, nci, tenths, together
    ):
        """
        S is divided into T and U: its capital, its price and each of its lines.

        Values beyond its books, what is owed to it and its dividend go to T, or half each.
        Half a cent a rounded line, month and company: goodwill, assets, outsiders and the
        result are the same.
        """
        rest = [
            {name: month[name] - some[name] for name in NAMES}
            for month, some in zip(whole, part, strict=True)
        ]
        tenth, halves = CAPITAL // 10 * tenths, 1 if together else 2
        valued = STEP_UP // halves
        price = tenth + valued + (PAID - CAPITAL - STEP_UP) * 73 // 100  # each has goodwill
        one = Part("T", tenth, price, valued, LENT // halves, DECLARED // halves, part)
        other = Part(
            "U",
            CAPITAL - tenth,
            PAID - price,
            STEP_UP - one.step_up,
            LENT - one.lent,
            DECLARED - one.dividend,
            rest,
        )
        undivided = closed((Part("S", CAPITAL, PAID, STEP_UP, LENT, DECLARED, whole),), rates, nci)
        divided = closed((one, other), rates, nci)
        for place, (before, after) in enumerate(zip(undivided, divided, strict=True), start=1):
            assert before.figure(CODES["due_from"][0]) == after.figure(CODES["due_from"][0]) == 0
            assert abs(before.figure("1600") - after.figure("1600")) <= 2
            for subject in ("net_income", "total_assets", "non_controlling_interests"):
                apart = getattr(before.totals, subject) - getattr(after.totals, subject)
                assert abs(apart) <= 12 * place, subject
