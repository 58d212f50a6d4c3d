"""Financing results between companies of the group: interest and exchange differences."""

from collections.abc import Collection

import numpy as np

from monthclose.consolidation.cash_rules import CashRules
from monthclose.consolidation.months import Months
from monthclose.ledger.accounts import Chart
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.cash_flows import Section
from monthclose.ledger.entities import Entity
from monthclose.ledger.money import Amounts
from monthclose.ledger.periods import Period


def results_within(
    months: Months,
    rules: CashRules,
    entity: Entity,
    month: Period,
    inside: Collection[str],
) -> Amounts | None:
    """
    Say what of a month's financing results a company has with others of the group.

    What it owes them is no flow of the group, and goes from its section to the balances between
    companies; interest and exchange differences on it meet it there, or the loss on a loan
    inside the group would pass for financing. They are what lines with a partner say, and
    where none names it, exchange differences on designated loans and intercompany items. A
    line is left where the other company's own financing results name nobody: both sides of
    one interest meet in the section then.

    Returns:
        (a,) in chart order, debit positive, the company's currency; None: there is nothing.

    Source:
        IFRS 10.B86(c); IAS 7.28.
    """
    places = {place for place, key in rules.taken_out.items() if key.section is Section.FINANCING}
    group, chart, period = months.group, rules.chart, str(month)
    if not places or not (group.exchange or group.items or _named(months, entity, month)):
        return None
    within = np.zeros(len(chart.accounts), dtype=np.int64)
    others = set(inside) - {"", entity.code}
    open_to = {code for code in others if not _unnamed(months, code, period, chart, places)}
    now = _lines(months.balances.get((entity.code, period)), chart, places)
    before = {}
    if month > months.start(entity, month):
        last = months.balances.get((entity.code, str(month.plus(-1))))
        before = _lines(last, chart, places)
    said = {key for key in (*now, *before) if key[1] in open_to}
    for key in said:
        within[key[0]] += now.get(key, 0) - before.get(key, 0)
    loans = {loan.id: loan for loan in group.loans}
    for each in group.exchange:
        loan = loans.get(each.loan)
        if loan is None or (each.entity, each.period) != (entity.code, period):
            continue
        place = chart.index[loan.account]
        if place in places and loan.partner in others and (place, loan.partner) not in said:
            within[place] += each.amount
    for item in group.items_in.get(period, ()):
        place = chart.index[item.account]
        if item.entity != entity.code or place not in places or (place, item.partner) in said:
            continue
        if item.kind.flow and item.partner in others:
            within[place] += item.amount
    return within if within.any() else None


def _named(months: Months, entity: Entity, month: Period) -> bool:
    """Whether a company's balance of a month names partners at all."""
    balance = months.balances.get((entity.code, str(month)))
    return balance is not None and bool(balance.partners)


def _lines(
    balance: TrialBalance | None, chart: Chart, places: Collection[int]
) -> dict[tuple[int, str], int]:
    """Amounts of some accounts by place and partner."""
    found: dict[tuple[int, str], int] = {}
    if balance is not None:
        at = chart.slots(balance.accounts, balance.entity).chart.tolist()
        partners = balance.partners or ("",) * len(at)
        for place, partner, amount in zip(at, partners, balance.amounts.tolist(), strict=True):
            if place in places:
                found[place, partner] = found.get((place, partner), 0) + amount
    return found


def _unnamed(months: Months, code: str, period: str, chart: Chart, places: Collection[int]) -> bool:
    """Whether a company has financing results that name nobody."""
    lines = _lines(months.balances.get((code, period)), chart, places)
    return any(amount for (_, partner), amount in lines.items() if not partner)
