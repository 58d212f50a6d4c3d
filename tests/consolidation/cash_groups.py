"""Groups whose cash flows are derived: a chart with its attributes, and their books."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, Chart, chart_of
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.cash_flows import LineKey, Part, Section, StatedCash
from monthclose.ledger.entities import Entity
from monthclose.ledger.group import Group
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.rates import Quote, RateTable
from tests.consolidation.groups import cents

ASSET, LIABILITY = AccountClass.ASSET, AccountClass.LIABILITY
INCOME, EXPENSE = AccountClass.INCOME, AccountClass.EXPENSE

ACCOUNTS = {
    "cash": Account("1010", "Cash", ASSET, cash=True),
    "receivables": Account("1100", "Receivables", ASSET, monetary=True),
    "losses": Account("1110", "Expected losses", ASSET, monetary=True, contra=True),
    "due_from": Account("1150", "Due from group", ASSET, intercompany="AR"),
    "dividends_due": Account("1160", "Dividends due", ASSET, cash_flow="dividends"),
    "equipment": Account("1400", "Equipment", ASSET, cash_flow="investing"),
    "accumulated": Account("1410", "Depreciation", ASSET, contra=True, cash_flow="investing"),
    "investment": Account("1700", "Investments", ASSET, cash_flow="investing"),
    "payables": Account("2010", "Payables", LIABILITY),
    "due_to": Account("2050", "Due to group", LIABILITY, intercompany="AP"),
    "loan": Account("2200", "Loan", LIABILITY, cash_flow="financing"),
    "dividends_payable": Account("2300", "Dividends payable", LIABILITY, cash_flow="dividends"),
    "deferred": Account("2500", "Deferred tax", LIABILITY, deferred_tax=True),
    "capital": Account("3000", "Capital", AccountClass.SHARE_CAPITAL),
    "retained": Account("3300", "Retained earnings", AccountClass.RETAINED_EARNINGS),
    "legal_reserve": Account("3320", "Legal reserve", AccountClass.RETAINED_EARNINGS),
    "dividends": Account("3350", "Dividends", AccountClass.DIVIDENDS),
    "revenue": Account("4000", "Revenue", INCOME),
    "dividend_income": Account("4200", "Dividend income", INCOME),
    "gain": Account("4300", "Gain on sales", INCOME, cash_flow="investing"),
    "costs": Account("5000", "Costs", EXPENSE),
    "depreciation": Account("6040", "Depreciation", EXPENSE, cash_flow="investing"),
    "on_cash": Account("6100", "Exchange on cash", EXPENSE, cash=True),
    "tax": Account("6200", "Tax", EXPENSE),
}
"""What the accounts of these groups are called in the tests."""

CHART: Chart = chart_of(tuple(ACCOUNTS.values()))
EARNED = [name for name, each in ACCOUNTS.items() if each.kind in (INCOME, EXPENSE)]


def lived(
    entity: str,
    months: Sequence[Mapping[str, str | int]],
    first: str = "2024-12",
    currency: str = "BRL",
    year: FiscalYear | None = None,
    names: Mapping[str, Account] = ACCOUNTS,
) -> list[TrialBalance]:
    """
    The balances of a company from the movements of its accounts, debit positive.

    Cash takes the other side of everything. When a fiscal year begins, last year's result
    and dividends are in retained earnings.
    """
    year, period = year or FiscalYear(), Period.parse(first)
    standing: dict[str, int] = {}
    balances = []
    for movements in months:
        if year.is_first(period):
            earned = sum(standing.pop(name, 0) for name in (*EARNED, "dividends"))
            standing["retained"] = standing.get("retained", 0) + earned
        for name, given in movements.items():
            amount = cents(given) if isinstance(given, str) else given
            standing[name] = standing.get(name, 0) + amount
            standing["cash"] = standing.get("cash", 0) - amount
        shown = {name: amount for name, amount in standing.items() if amount or name == "cash"}
        balances.append(
            TrialBalance(
                entity,
                str(period),
                currency,
                tuple(names[name].code for name in shown),
                np.array(list(shown.values()), dtype=np.int64),
            )
        )
        period = period.plus(1)
    return balances


def group(*entities: Entity, quotes: Sequence[Quote] = (), **facts: Any) -> Group:
    """A group that reports in dollars, first closed for January 2025."""
    given: dict[str, Any] = {"first_period": "2025-01", "chart": CHART} | facts
    chart = given.pop("chart")
    return Group("G", "Group", "USD", chart, entities, rates=RateTable(tuple(quotes)), **given)


def engine(described: Group, *balances: TrialBalance) -> ConsolidationEngine:
    """An engine with its balances loaded."""
    made = ConsolidationEngine(described)
    for each in balances:
        made.load_trial_balance(each)
    return made


def of(name: str, section: Section, part: Part = Part.MOVEMENT) -> LineKey:
    """The line of an account."""
    return LineKey(section, part, ACCOUNTS[name].code)


def net(stated: StatedCash) -> tuple[int, int, int]:
    """Operating, investing and financing cash."""
    sections = stated.sections
    return sections[Section.OPERATING], sections[Section.INVESTING], sections[Section.FINANCING]
