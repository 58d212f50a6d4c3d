"""The two ends of a company's month: what every account stood at, and what it moved by."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from monthclose.consolidation.cash_items import items_moved
from monthclose.consolidation.cash_results import results_within
from monthclose.consolidation.cash_rules import CashRules
from monthclose.consolidation.mapping import map_balance
from monthclose.consolidation.months import Months
from monthclose.consolidation.policy import with_policy
from monthclose.ledger.accounts import RESULT, AccountClass, Chart
from monthclose.ledger.acquisitions import AcquisitionKind
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Amounts, total
from monthclose.ledger.periods import Period
from monthclose.ledger.translations import Translation


class CashMonthMissing(CloseError):
    """Cash flows of a month need the balance it began with."""

    code = "cash-flow-month-missing"

    def __init__(self, entity: str, period: str, missing: str) -> None:
        super().__init__(entity=entity, period=period, missing=missing)


class CashYearIncomplete(CloseError):
    """The fiscal year began before the first month of a company's records."""

    code = "cash-flow-year-incomplete"

    def __init__(self, entity: str, period: str, year_start: str) -> None:
        super().__init__(entity=entity, period=period, year_start=year_start)


class CashBoughtWithin(CloseError):
    """A company was bought within a month, and what it had on the day is in no balance."""

    code = "cash-flow-bought-within"

    def __init__(self, entity: str, on: str, period: str) -> None:
        super().__init__(entity=entity, on=on, period=period)


@dataclass(frozen=True, slots=True)
class Ends:
    """
    What a company's accounts moved by in a month; (a,) in chart order, debit positive.

    Attributes:
        moved: Its own currency, transfers inside equity left out.
        within: What of it are balances with companies of the group.
        result: Income and expense of the month, its own currency.
        result_translated: The same as it was translated.
        result_within: What of *result* is financing with companies of the group; None: nothing.
    """

    moved: Amounts
    within: Amounts
    result: Amounts
    result_translated: Amounts
    result_within: Amounts | None = None


def balance_before(months: Months, entity: Entity, month: Period) -> TrialBalance | None:
    """
    Find the balance that a month began with.

    It is the month before as loaded; else the opening column of the month itself, when it
    balances; None for a company that began with the month. Policy entries stand beside it.
    A month in which a company was bought begins for the group with what it had on the day:
    the opening column, when its net assets are those of the purchase, or on the last day
    of a month its balance.

    Raises:
        CashMonthMissing: there is none of them.
        CashBoughtWithin: what it had on the day of control is not known.
    """
    last, group = month.plus(-1), months.group
    if (on := _bought_within(months, entity, month)) is not None:
        return _balance_on(months, entity, month, on)
    if (entity.code, str(last)) in months.balances:
        if month > months.start(entity, month):
            return months.since_control(entity, last)
        return months.own(entity.code, str(last), str(month))
    if (opened := _opening_column(months, entity, month)) is not None:
        return opened
    acquired = group.acquisitions_of.get(entity.code, ())
    began = entity.first_period == str(month) or any(
        each.on is not None and Period.of(each.on) == month for each in acquired
    )
    founded = all(each.kind is AcquisitionKind.FORMATION for each in acquired)
    if began and founded and not group.openings_of.get(entity.code):
        return None
    raise CashMonthMissing(entity.code, str(month), str(last))


def _opening_column(months: Months, entity: Entity, month: Period) -> TrialBalance | None:
    """The opening column of a month in the standard chart; None: not given, or not whole."""
    group, raw = months.group, months.raw[entity.code, str(month)]
    if raw.opening is None or raw.opening.sum():
        return None
    last = str(month.plus(-1))
    opened = replace(raw, period=last, amounts=raw.opening, opening=None, debit=None, credit=None)
    return with_policy(group, map_balance(opened, group.mappings.get(raw.entity), group.chart))


def _bought_within(months: Months, entity: Entity, month: Period) -> date | None:
    """The day of control, when it lies in a company's first month and after its first day."""
    days = [
        each.on
        for each in months.group.acquisitions_of.get(entity.code, ())
        if each.on is not None
        and each.kind in (AcquisitionKind.PURCHASE, AcquisitionKind.STEP)
        and Period.of(each.on) == month
    ]
    on = min(days, default=None)
    within = on is not None and on > month.first_day and month == months.start(entity, month)
    return on if within else None


def _balance_on(months: Months, entity: Entity, month: Period, on: date) -> TrialBalance:
    """What a company had on the day it was bought."""
    if on == month.last_day:
        return months.own(entity.code, str(month), str(month))
    opened = _opening_column(months, entity, month)
    if opened is not None:
        chart = months.group.chart
        places = chart.slots(opened.accounts, opened.entity).position
        equity = sum(
            sum(each.equity.values())
            for each in months.records.acquisitions_of[entity.code]
            if each.on == on
        )
        if total(opened.amounts[places]) == -equity:
            return opened
    raise CashBoughtWithin(entity.code, str(on), str(month))


def ends_of(
    months: Months,
    rules: CashRules,
    entity: Entity,
    month: Period,
    balances: tuple[TrialBalance | None, TrialBalance],
) -> Ends:
    """
    Say what every account moved by, a fiscal year that ended closed into what was earned.

    Raises:
        CashYearIncomplete: the balance it began with holds a result that the group's
            records do not.
    """
    was, now = balances
    chart, start = months.group.chart, months.start(entity, month)
    before = _column(was, chart)
    if month == start:
        before = _closed(before, months, entity, month)
    moved = _column(now, chart) - before
    for each in months.group.transfers_of.get(entity.code, ()):
        if Period.of(each.on) == month:  # no cash
            moved[chart.index[each.source]] -= each.amount
            moved[chart.index[each.account]] += each.amount
    for code, amount in corrected(months, entity, month).items():
        moved[chart.index[code]] -= amount
    result = np.where(rules.result, moved, 0)
    translated = result
    if entity.currency != months.group.presentation:
        translated = _results(months.month(entity, month)[1], rules)
        if month > start:
            translated = translated - _results(months.month(entity, month.plus(-1))[1], rules)
    sold = months.group.sold_on  # up to its day a company was the group's
    inside = {
        each.code
        for each in months.in_scope(str(month))
        if each.code not in sold or sold[each.code] >= month.first_day
    } | {""}
    within = _within(now, rules, inside) - _within(was, rules, inside)
    if (items := items_moved(months.group, rules, entity.code, month, inside)) is not None:
        within = within + items
    results = results_within(months, rules, entity, month, inside)
    return Ends(moved, within, result, translated, results)


def corrected(months: Months, entity: Entity, month: Period) -> dict[str, int]:
    """Corrections of prior periods that came to the books in a month; debit positive."""
    found: dict[str, int] = {}
    for each in months.group.corrections_of.get(entity.code, ()):
        if each.since == str(month):
            found[each.account] = found.get(each.account, 0) + each.amount
    return found


def _column(balance: TrialBalance | None, chart: Chart) -> Amounts:
    """(a,) a balance by account of the chart."""
    column = np.zeros(len(chart.accounts), dtype=np.int64)
    if balance is not None:
        places = chart.slots(balance.accounts, balance.entity).chart
        np.add.at(column, places, balance.amounts)
    return column


def _closed(before: Amounts, months: Months, entity: Entity, month: Period) -> Amounts:
    """Close what came before the first month: the year that ended, or what was bought."""
    group, chart = months.group, months.group.chart
    earned = chart.of_kind(*RESULT, AccountClass.DIVIDENDS)
    year_start = group.fiscal_year.start(month)
    bought = any(
        each.kind is not AcquisitionKind.FORMATION
        and each.on is not None
        and each.on >= year_start.first_day
        for each in group.acquisitions_of.get(entity.code, ())
    )
    if before[earned].any() and not bought and not group.fiscal_year.is_first(month):
        raise CashYearIncomplete(entity.code, str(month), str(year_start))
    closed = np.where(earned, 0, before)
    closed[chart.index[chart.roles.retained_earnings]] += total(before[earned])
    return np.asarray(closed, dtype=np.int64)


def _within(balance: TrialBalance | None, rules: CashRules, inside: set[str]) -> Amounts:
    """(a,) balances with companies of the group: the partner is one, or none is named."""
    column = np.zeros(len(rules.chart.accounts), dtype=np.int64)
    if balance is None or not rules.intercompany.any():
        return column
    places = rules.chart.slots(balance.accounts, balance.entity).chart
    ours = rules.intercompany[places]
    if balance.partners:
        ours = ours & np.array([partner in inside for partner in balance.partners])
    np.add.at(column, places[ours], balance.amounts[ours])
    return column


def _results(translation: Translation, rules: CashRules) -> Amounts:
    """(a,) income and expense to date, as they were translated."""
    chart = rules.chart
    column = np.zeros(len(chart.accounts), dtype=np.int64)
    places = chart.slots(translation.accounts, translation.entity).chart
    np.add.at(column, places, translation.amounts)
    return np.where(rules.result, column, 0)
