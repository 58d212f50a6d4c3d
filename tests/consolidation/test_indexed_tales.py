"""Tales of a company in a hyperinflationary economy: sixteen months, whatever happens in them."""

from datetime import date
from random import Random

import numpy as np
import pytest

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, Roles, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Contribution,
    Dividend,
    NciMethod,
    Received,
    Transfer,
)
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.entities import Entity, Interest, Method
from monthclose.ledger.group import Group
from monthclose.ledger.hyperinflation import IndexLevel
from monthclose.ledger.money import share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, RateTable, convert_one

FIRST, MONTHS = Period(2024, 3), 16
CHART = chart_of(
    (
        Account("1000", "Cash", AccountClass.ASSET, cash=True),
        Account("1200", "Receivables", AccountClass.ASSET, monetary=True),
        Account("1300", "Stock", AccountClass.ASSET),
        Account("1400", "Equipment", AccountClass.ASSET),
        Account("1500", "Investment", AccountClass.ASSET),
        Account("2000", "Payables", AccountClass.LIABILITY, monetary=True),
        Account("2100", "Deferred revenue", AccountClass.LIABILITY),
        Account("3000", "Capital", AccountClass.SHARE_CAPITAL),
        Account("3320", "Reserve", AccountClass.RETAINED_EARNINGS),
        Account("4000", "Revenue", AccountClass.INCOME),
        Account("6000", "Expense", AccountClass.EXPENSE),
        Account("6800", "Monetary result", AccountClass.EXPENSE),
        Account("6850", "Restated use", AccountClass.EXPENSE),
    ),
    Roles(monetary_result="6800", restated_use="6850"),
)
POSTINGS = (
    ("1200", "4000"), ("1000", "1200"), ("1300", "2000"), ("6000", "1300"), ("1400", "1000"),
    ("6000", "1400"), ("2000", "1000"), ("1000", "2100"), ("2100", "4000"), ("6000", "1000"),
)  # fmt: skip
"""Debit and credit of what may happen in a month."""


class Tale:
    """One company's life, and the records of it."""

    def __init__(self, seed: int) -> None:
        self.rnd = Random(seed)
        self.months = [FIRST.plus(place) for place in range(MONTHS)]
        self.held = {"1000": 900_000_00, "3000": -900_000_00}
        self.parent = {"1000": 4_000_00, "1500": 6_000_00, "3000": -10_000_00}
        self.year: dict[str, dict[str, int]] = {"ARG": {}, "P": {}}
        self.dividends: list[Dividend] = []
        self.transfers: list[Transfer] = []
        self.balances: list[RawBalance] = []
        self.quotes = [self._quote(FIRST.first_day, 1_200_000, RateKind.HISTORICAL)]
        self.levels: list[IndexLevel] = []
        level, rate = 1_000_000_000_000, 1_200_000
        for month in self.months:
            level = level * self.rnd.randint(1020, 1250) // 1000
            rate = rate * self.rnd.randint(1000, 1300) // 1000
            self.levels.append(IndexLevel("IPC", str(month), level))
            self._month(month, rate)

    def _quote(self, on: object, value: int, kind: RateKind) -> Quote:
        return Quote("USD", "ARS", value * 10**6, kind, str(on))

    def _post(self, debit: str, credit: str, amount: int) -> None:
        for account, sign in ((debit, 1), (credit, -1)):
            book = self.year["ARG"] if CHART.kind(account) in _OF_YEAR else self.held
            book[account] = book.get(account, 0) + sign * amount

    def _month(self, month: Period, rate: int) -> None:
        """Let a month pass: half a year's end, postings, a dividend and a reserve now and then."""
        if month.month == 1:
            for company, book in (("ARG", self.held), ("P", self.parent)):
                book["3300"] = book.get("3300", 0) + sum(self.year[company].values())
                self.year[company] = {}
        self.quotes += [
            self._quote(month, rate, RateKind.CLOSING),
            self._quote(month, rate - 3_000, RateKind.AVERAGE),
        ]
        for debit, credit in POSTINGS:
            most = abs(self.held.get(credit, 0)) if credit in ("1200", "1300", "1400") else 9_000_00
            if debit in ("2000", "2100"):
                most = abs(self.held.get(debit, 0))
            self._post(debit, credit, self.rnd.randint(0, most) if most else 0)
        if month.month in (5, 2):
            day = date(month.year, month.month, 10)
            whole = 10_000_00
            quote = self._quote(day, rate - 1_000, RateKind.HISTORICAL)
            received = convert_one(share_of(whole, _OURS), quote, "ARS", "USD")
            self.quotes.append(quote)
            self._post("3350", "1000", whole)
            part = (Received("P", received, None, "4200"),)
            self.dividends.append(Dividend("ARG", whole, None, day, part))
            income = self.year["P"]
            income["4200"] = income.get("4200", 0) - received
            self.parent["1000"] += received
        if month.month == 3 and month.year == 2025 and self.held.get("3300", 0) < -10:
            day = date(month.year, month.month, 20)
            amount = -self.held["3300"] // 20
            self.held["3300"] += amount
            self.held["3320"] = self.held.get("3320", 0) - amount
            self.transfers.append(Transfer("ARG", "3300", "3320", amount, day))
        for company, book, currency in (("P", self.parent, "USD"), ("ARG", self.held, "ARS")):
            lines = {code: each for code, each in (book | self.year[company]).items() if each}
            amounts = np.array(list(lines.values()), dtype=np.int64)
            self.balances.append(RawBalance(company, str(month), currency, tuple(lines), amounts))

    def group(self) -> Group:
        """The group with its records."""
        founded = FIRST.first_day
        return Group(
            code="TALE",
            name="Tale",
            presentation="USD",
            chart=CHART,
            entities=(
                Entity("P", "Parent", "USD", Method.PARENT),
                Entity("ARG", "Argentina", "ARS", index="IPC"),
            ),
            interests=(Interest("P", "ARG", 80_000_000, founded),),
            rates=RateTable(tuple(self.quotes)),
            acquisitions=(
                Acquisition(
                    id="F",
                    acquirer="P",
                    target="ARG",
                    kind=AcquisitionKind.FORMATION,
                    on=founded,
                    consideration=720_000_00,
                    nci_method=NciMethod.PROPORTIONATE,
                    nci_share=1 - _OURS,
                    equity={"3000": -900_000_00},
                    investment_account="1500",
                    investment=6_000_00,
                ),
            ),
            contributions=(Contribution("P", "3000", 10_000_00, founded),),
            dividends=tuple(self.dividends),
            transfers=tuple(self.transfers),
            indices=tuple(self.levels),
            first_period=str(FIRST),
        )


_OF_YEAR = frozenset({AccountClass.INCOME, AccountClass.EXPENSE, AccountClass.DIVIDENDS})
_OURS = Interest("P", "ARG", 80_000_000).share


@pytest.mark.parametrize("seed", range(4))
def test_every_month_is_proved_and_ties_to_the_last(seed):
    """
    Both roads to the net monetary result, the CTA's proof, openings, outsiders, equity.

    Warnings of a tale (a stock that jumps, cash below nil) are its own; nothing blocks.
    """
    tale = Tale(seed)
    engine = ConsolidationEngine(tale.group())
    for raw in tale.balances:
        engine.load_trial_balance(raw)
    last = None
    for month in tale.months:
        book = engine.consolidate(str(month))
        validation = validate(book, last)
        assert validation.blocking == (), [each.said("en") for each in validation.blocking]
        (restated,) = book.facts.restated
        assert not restated.unproved
        assert int(restated.amounts.sum()) == 0
        last = book.left()
    assert restated.growth > 1
    assert restated.used != 0
