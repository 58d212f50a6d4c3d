"""Small groups, and the books of companies that live through some months."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, Chart, chart_of
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Contribution,
    NciMethod,
    OpeningBalance,
)
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.entities import Entity, Interest, Method
from monthclose.ledger.group import Group
from monthclose.ledger.money import parse_amount
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.rates import Quote, RateKind, RateTable, parse_rate

CODES = {
    "cash": ("1010", AccountClass.ASSET),
    "receivables": ("1100", AccountClass.ASSET),
    "due_from": ("1150", AccountClass.ASSET),
    "investment": ("1700", AccountClass.ASSET),
    "investment_b": ("1701", AccountClass.ASSET),
    "payables": ("2010", AccountClass.LIABILITY),
    "due_to": ("2050", AccountClass.LIABILITY),
    "capital": ("3000", AccountClass.SHARE_CAPITAL),
    "premium": ("3100", AccountClass.APIC),
    "retained": ("3300", AccountClass.RETAINED_EARNINGS),
    "legal_reserve": ("3320", AccountClass.RETAINED_EARNINGS),
    "dividends": ("3350", AccountClass.DIVIDENDS),
    "reserve": ("3500", AccountClass.OCI),
    "revenue": ("4000", AccountClass.INCOME),
    "dividend_income": ("4200", AccountClass.INCOME),
    "costs": ("5000", AccountClass.EXPENSE),
    "expenses": ("6000", AccountClass.EXPENSE),
}
"""What the accounts of these groups are called in the tests."""

RESULT = ("revenue", "dividend_income", "costs", "expenses")
INTERCOMPANY = {"due_from": "AR", "due_to": "AP"}

CHART: Chart = chart_of(
    tuple(
        Account(code, name, kind, cash=name == "cash", intercompany=INTERCOMPANY.get(name, ""))
        for name, (code, kind) in CODES.items()
    )
)


def cents(text: str) -> int:
    """`1234.56` as minor units."""
    return parse_amount(text)


def balance(
    entity: str = "S", period: str = "2025-01", currency: str = "BRL", **lines: str
) -> TrialBalance:
    """A trial balance by the names of its accounts, debit positive."""
    return TrialBalance(
        entity=entity,
        period=period,
        currency=currency,
        accounts=tuple(CODES[name][0] for name in lines),
        amounts=np.array([cents(text) for text in lines.values()], dtype=np.int64),
    )


def ptax(value: str, on: str = "", kind: RateKind = RateKind.DAILY) -> Quote:
    """Reais for one dollar, published on a day or of a month."""
    return Quote("USD", "BRL", parse_rate(value), kind, on, "PTAX")


def dollars(value: str, on: str = "", kind: RateKind = RateKind.DAILY) -> Quote:
    """Dollars for one real: it multiplies, so that figures are easy to redo by hand."""
    return Quote("BRL", "USD", parse_rate(value), kind, on, "by hand")


def monthly(rates: Mapping[str, tuple[str, str]], make: Any = dollars) -> tuple[Quote, ...]:
    """Closing and average of each month."""
    return tuple(
        make(value, month, kind)
        for month, pair in rates.items()
        for value, kind in zip(pair, (RateKind.CLOSING, RateKind.AVERAGE), strict=True)
    )


def on(day: str, value: str) -> Quote:
    """The rate of an event's day."""
    return dollars(value, day, RateKind.HISTORICAL)


def holds(holder: str, investee: str, percent: str = "100", since: str = "") -> Interest:
    """A direct holding."""
    share = int(Fraction(percent) * 10**6)
    return Interest(holder, investee, share, date.fromisoformat(since) if since else None)


def parent(code: str = "P", currency: str = "USD") -> Entity:
    """The company that reports."""
    return Entity(code, f"{code} Inc.", currency, Method.PARENT)


def subsidiary(code: str = "S", currency: str = "BRL", first_period: str = "") -> Entity:
    """A company it controls."""
    return Entity(code, f"{code} Ltda.", currency, first_period=first_period)


def bought(
    target: str = "S",
    day: str = "2025-01-01",
    acquirer: str = "P",
    kind: AcquisitionKind = AcquisitionKind.PURCHASE,
    account: str = "investment",
    paid: str = "0.00",
    carried: str | None = None,
    nci: str | None = None,
    **equity: str,
) -> Acquisition:
    """
    A purchase, paid in the target's currency; *carried* in the holder's books.

    *nci* is the outsiders' share in percent: they are measured at their share of net assets.
    """
    return Acquisition(
        id=f"ACQ-{target}",
        acquirer=acquirer,
        target=target,
        kind=kind,
        on=date.fromisoformat(day),
        consideration=cents(paid),
        nci_method=NciMethod.PROPORTIONATE if nci else NciMethod.NONE,
        nci_share=Fraction(nci or "0") / 100,
        equity={CODES[name][0]: cents(text) for name, text in equity.items()},
        investment_account=CODES[account][0],
        investment=cents(carried or paid),
    )


def founded(target: str = "S", day: str = "2025-01-01", **facts: str) -> Acquisition:
    """A foundation: what is paid is the capital."""
    return bought(target, day, kind=AcquisitionKind.FORMATION, **facts)


def paid_in(entity: str, amount: str, day: str, account: str = "capital") -> Contribution:
    """Capital paid in on a day."""
    return Contribution(entity, CODES[account][0], cents(amount), date.fromisoformat(day))


def opening(entity: str, account: str, functional: str | None, translated: str) -> OpeningBalance:
    """One account as the last close left it; `3400` and `3900` by their codes."""
    code = CODES[account][0] if account in CODES else account
    known = None if functional is None else cents(functional)
    return OpeningBalance(entity, code, known, cents(translated))


def group(*entities: Entity, quotes: Sequence[Quote] = (), **facts: Any) -> Group:
    """A group that reports in dollars."""
    return Group("G", "Group", "USD", CHART, entities, rates=RateTable(tuple(quotes)), **facts)


def engine(described: Group, *balances: TrialBalance) -> ConsolidationEngine:
    """An engine with its balances loaded."""
    made = ConsolidationEngine(described)
    for each in balances:
        made.load_trial_balance(each)
    return made


def lived(
    entity: str,
    months: Sequence[Mapping[str, int]],
    first: str = "2025-01",
    currency: str = "BRL",
    year: FiscalYear | None = None,
) -> list[TrialBalance]:
    """
    The balances of a company, month after month, from the movements of its accounts.

    Cash takes the other side of everything. When a fiscal year begins, last year's result
    and dividends are in retained earnings. An account shows up when it has moved.

    Args:
        entity: Its code.
        months: Movements in minor units, debit positive, by name of the account.
        first: The first month.
        currency: Of its books.
        year: Its fiscal years.
    """
    year, period = year or FiscalYear(), Period.parse(first)
    standing: dict[str, int] = {}
    balances = []
    for movements in months:
        if year.is_first(period):
            closing = [name for name in (*RESULT, "dividends") if name in standing]
            earned = sum(standing.pop(name) for name in closing)
            if closing:
                standing["retained"] = standing.get("retained", 0) + earned
        for name, amount in movements.items():
            standing[name] = standing.get(name, 0) + amount
            standing["cash"] = standing.get("cash", 0) - amount
        balances.append(
            TrialBalance(
                entity=entity,
                period=str(period),
                currency=currency,
                accounts=tuple(CODES[name][0] for name in standing),
                amounts=np.array(list(standing.values()), dtype=np.int64),
            )
        )
        period = period.plus(1)
    return balances


def shuffled(given: TrialBalance, order: Sequence[int]) -> TrialBalance:
    """The same balance with its lines in another order."""
    return replace(
        given,
        accounts=tuple(given.accounts[place] for place in order),
        amounts=given.amounts[list(order)],
        partners=tuple(given.partners[place] for place in order) if given.partners else (),
    )
