"""What a company had earned in its year when it was bought: found among the records."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from monthclose.consolidation.policy import with_policy
from monthclose.consolidation.schedules import RoleMissing
from monthclose.ledger.accounts import RESULT
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period


class ResultBeforeMissing(CloseError):
    """A company was bought within its fiscal year, and its result up to then is not known."""

    code = "result-before-missing"

    def __init__(self, acquisition: str, entity: str, on: str, year_start: str) -> None:
        super().__init__(acquisition=acquisition, entity=entity, on=on, year_start=year_start)


type Balances = Mapping[tuple[str, str], TrialBalance]
"""What is loaded, in the standard chart, by company and month."""


def with_results(
    group: Group, balances: Balances, firsts: Mapping[str, Period]
) -> tuple[Group, frozenset[str]]:
    """
    Give every purchase within a fiscal year the result up to its day, as equity acquired.

    It is stated with the acquisition; or it is the result of the month that had just ended
    when control passed, if that balance is loaded. It has an account of its own in equity,
    and with it the purchase equation.

    Args:
        group: Its acquisitions as recorded.
        balances: By company and month.
        firsts: The first month of each company in the group.

    Returns:
        The same group when there is nothing to add; and the acquisitions whose result is
        wanted and not known.

    Raises:
        RoleMissing: the chart names no account for it.

    Source:
        IFRS 10.B88; IFRS 3.18.
    """
    found: dict[str, Acquisition] = {}
    missing = set()
    for target, acquisitions in group.acquisitions_of.items():
        control = _control(acquisitions)
        for each in acquisitions:
            result = each.result
            if not result and control and each.on == control.on and target in firsts:
                if not _within_year(group, each, firsts[target]):
                    continue
                alone = sum(other.on == each.on for other in acquisitions) == 1
                taken = _just_ended(group, each, balances) if alone else None
                if taken is None:
                    missing.add(each.id)
                    continue
                result = taken
            if result:
                found[each.id] = _with_result(group, each, result)
    if not found:
        return group, frozenset(missing)
    completed = tuple(found.get(each.id, each) for each in group.acquisitions)
    return replace(group, acquisitions=completed), frozenset(missing)


def bought_within(group: Group) -> frozenset[str]:
    """Companies bought after the first day of a fiscal year: their balances may say a result."""
    found = set()
    for target, acquisitions in group.acquisitions_of.items():
        control = _control(acquisitions)
        if control is not None and control.on is not None:
            year = group.fiscal_year.start(Period.of(control.on))
            if control.on > year.first_day:
                found.add(target)
    return frozenset(found)


def _control(acquisitions: tuple[Acquisition, ...]) -> Acquisition | None:
    """The purchase by which a company joined the group; None: it was founded there."""
    dated = [
        each
        for each in acquisitions
        if each.on is not None and each.kind is not AcquisitionKind.ASSOCIATE
    ]
    first = min(dated, key=lambda each: (str(each.on), each.id), default=None)
    if first is None or first.kind is AcquisitionKind.FORMATION:
        return None
    return first


def _within_year(group: Group, acquisition: Acquisition, first: Period) -> bool:
    """Whether a month of the year it was bought in is consolidated, and the year had begun."""
    if acquisition.on is None:
        return False
    year = group.fiscal_year.start(Period.of(acquisition.on))
    return acquisition.on > year.first_day and group.fiscal_year.start(first) == year


def _just_ended(
    group: Group, acquisition: Acquisition, balances: Balances
) -> dict[str, int] | None:
    """Income and expense of the month that ended as control passed; None: not loaded."""
    on = acquisition.on
    if on is None:
        return None
    month = Period.of(on)
    if on == month.first_day:
        month = Period.of(on - timedelta(days=1))
    elif on != month.last_day:
        return None
    booked = balances.get((acquisition.target, str(month)))
    if booked is None:
        return None
    balance = with_policy(group, booked)
    result: dict[str, int] = {}
    for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
        if amount and group.chart.kind(account) in RESULT:
            result[account] = result.get(account, 0) + amount
    return result


def _with_result(group: Group, acquisition: Acquisition, result: Mapping[str, int]) -> Acquisition:
    """The acquisition with its result before, which is part of the equity it found."""
    into = group.chart.roles.result_before
    if into not in group.chart:
        raise RoleMissing("result_before", acquisition.id)
    equity = dict(acquisition.equity)
    equity[into] = equity.get(into, 0) + sum(result.values())
    accounts = replace(acquisition.accounts, result_before=into)
    return replace(acquisition, result=result, equity=equity, accounts=accounts)


def cut_from(group: Group, entity: str, month: Period) -> list[Acquisition]:
    """The purchases of a company whose result before is in its balance of a month."""
    year = group.fiscal_year.start
    return [
        each
        for each in group.acquisitions_of.get(entity, ())
        if each.result
        and each.on is not None
        and each.on <= month.last_day
        and year(Period.of(each.on)) == year(month)
    ]
