"""
The made group with everything on: what a close does beside translating lines.

Of ten companies two were bought, with goodwill, a step-up under deferred tax and, of one of
them, a loss on goodwill in the month; one is held by a company that has outsiders itself, and
pays its dividends through it; two owe each other, four documents in reais; one owes the
parent, a document in dollars. All by number, so that the same size gives the same group.
"""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import numpy as np

from bench.made import (
    CASH,
    DIVIDEND_INCOME,
    INVESTMENT,
    LISTS,
    PRESENTATION,
    RATES,
    Made,
    make_group,
)
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    ChargedPeriod,
    Dividend,
    Impairment,
    Received,
    StepUp,
)
from monthclose.ledger.balances import AtRate, PeriodRates, TrialBalance
from monthclose.ledger.entities import Interest
from monthclose.ledger.intercompany import Item, ItemKind
from monthclose.ledger.money import share_of
from monthclose.ledger.rates import convert_one

PARENT = "E00000"
DUE_FROM, DUE_TO = "1150", "2050"
TAX_RATE = Fraction(34, 100)
LIFE, BEFORE = 120, 48
"""Months of a step-up, and how many of them were charged before the month."""

DOCUMENTS = 4
_ACCOUNTS = (
    (DUE_FROM, AccountClass.ASSET, "AR"),
    (DUE_TO, AccountClass.LIABILITY, "AP"),
    ("1590", AccountClass.ASSET, ""),
    ("1595", AccountClass.ASSET, ""),
    ("2500", AccountClass.LIABILITY, ""),
    ("6215", AccountClass.EXPENSE, ""),
    ("6220", AccountClass.EXPENSE, ""),
    ("6910", AccountClass.EXPENSE, ""),
)


def make_full(entities: int, accounts: int, lists: int = LISTS) -> Made:
    """Make the group of that size, with two more lines for each company."""
    return _Full(make_group(entities, accounts, lists)).made()


def code_of(number: int) -> str:
    """The code of a company."""
    return f"E{number:05d}"


class _Full:
    """Puts records beside those of a made group, and books both of their sides."""

    def __init__(self, plain: Made) -> None:
        self.plain = plain
        self.currencies = {each.entity: each.currency for each in plain.balances}
        self.count = len(plain.balances)
        # Holder of each company that the parent does not hold itself.
        self.held_by = {code_of(n): code_of(n - 1) for n in range(6, self.count, 10)}
        self.booked: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.rates = dict(plain.facts.rates)

    def made(self) -> Made:
        group, facts = self.plain.group, self.plain.facts
        acquisitions = tuple(self._acquisition(each) for each in facts.acquisitions)
        dividends = tuple(self._dividend(each) for each in facts.dividends)
        items = tuple(self._items())
        interests = tuple(
            Interest(self.held_by.get(each.investee, PARENT), each.investee, each.share_e8)
            for each in facts.interests
        )
        known = tuple(a for a in group.chart.accounts if a.code not in {c for c, *_ in _ACCOUNTS})
        added = tuple(Account(c, c, kind, intercompany=between) for c, kind, between in _ACCOUNTS)
        described = replace(
            group,
            chart=chart_of((*known, *added)),
            interests=interests,
            acquisitions=acquisitions,
            dividends=dividends,
        )
        month = replace(
            facts,
            rates=self.rates,
            acquisitions=acquisitions,
            dividends=dividends,
            interests=interests,
            items=items,
        )
        return Made(described, month, tuple(map(self._balance, self.plain.balances)))

    def _acquisition(self, each: Acquisition) -> Acquisition:
        if holder := self.held_by.get(each.target):
            self.booked[PARENT][INVESTMENT] -= each.investment
            self.booked[holder][INVESTMENT] += each.consideration
            return replace(
                each,
                acquirer=holder,
                investment=each.consideration,
                investment_quote=each.quote,
            )
        number = int(each.target[1:])
        if number % 10 in (0, 3) and each.id.endswith("-0"):
            return self._bought(each, number)
        return each

    def _bought(self, each: Acquisition, number: int) -> Acquisition:
        """Half as much again was paid as was paid in, a fifth of it for plant."""
        currency = self.currencies[each.target]
        premium, plant = each.consideration // 2, each.consideration // 5
        paid = each.consideration + premium
        cost = convert_one(paid, each.quote, currency, PRESENTATION)
        self.booked[PARENT][INVESTMENT] += cost - each.investment
        _, average, _, historical = RATES[currency]
        lost = (Impairment(premium // 20, average, in_period=True),) if number % 10 == 0 else ()
        return replace(
            each,
            kind=AcquisitionKind.PURCHASE,
            consideration=paid,
            investment=cost,
            investment_historical=cost,
            step_ups=(StepUp("PLANT", plant, LIFE, "1590", "1595", "6215"),),
            tax_rate=TAX_RATE,
            prior_periods=(ChargedPeriod("before", BEFORE, historical[3]),),
            current_periods=(ChargedPeriod("2025-01", 1, average),),
            impairments=lost,
        )

    def _dividend(self, each: Dividend) -> Dividend:
        holder = self.held_by.get(each.payer)
        if holder is None:
            return each
        (ours,) = each.received
        share = next(i.share for i in self.plain.facts.interests if i.investee == each.payer)
        amount = share_of(each.amount, share)
        self.booked[PARENT][DIVIDEND_INCOME] += ours.amount
        self.booked[holder][DIVIDEND_INCOME] -= amount
        rates: PeriodRates = self.rates[holder]
        treatments = {**rates.treatments, DIVIDEND_INCOME: AtRate(each.quote)}
        self.rates[holder] = replace(rates, treatments=treatments)
        return replace(each, received=(Received(holder, amount, each.quote, DIVIDEND_INCOME),))

    def _items(self) -> list[Item]:
        """Both sides of every document."""
        items: list[Item] = []
        for number in range(1, self.count - 1, 10):
            for document in range(DOCUMENTS):
                amount = 10**6 + 1_003 * number + 17 * document
                items += self._pair(
                    code_of(number), code_of(number + 1), f"{number}-{document}", amount, amount
                )
        for number in range(8, self.count, 10):
            amount = 10**6 + 701 * number
            closing = RATES["BRL"][2]
            theirs = convert_one(amount, closing, PRESENTATION, "BRL")
            items += self._pair(PARENT, code_of(number), f"P-{number}", amount, theirs)
        return items

    def _pair(self, creditor: str, debtor: str, name: str, amount: int, owed: int) -> list[Item]:
        self.booked[creditor][DUE_FROM] += amount
        self.booked[debtor][DUE_TO] -= owed
        currency = self.currencies[creditor]
        return [
            Item(
                f"{name}-{side}", entity, partner, kind, account, booked,
                reference=name, document_currency=currency, document_amount=document,
            )
            for side, entity, partner, kind, account, booked, document in (
                ("a", creditor, debtor, ItemKind.RECEIVABLE, DUE_FROM, amount, amount),
                ("b", debtor, creditor, ItemKind.PAYABLE, DUE_TO, -owed, -amount),
            )
        ]  # fmt: skip

    def _balance(self, balance: TrialBalance) -> TrialBalance:
        """The balance with what was booked on top, cash taking the other side."""
        booked = self.booked.get(balance.entity, {})
        accounts = (*balance.accounts, DUE_FROM, DUE_TO)
        amounts = np.concatenate([balance.amounts, np.zeros(2, dtype=np.int64)])
        for account, amount in booked.items():
            amounts[accounts.index(account)] += amount
        amounts[accounts.index(CASH)] -= sum(booked.values())
        return replace(balance, accounts=accounts, amounts=amounts)
