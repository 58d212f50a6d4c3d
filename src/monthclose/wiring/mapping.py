"""Mapping a company's chart: what is open, what is suggested, what accepting it would move."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monthclose.analysis.suggestions import (
    Moved,
    Sibling,
    Suggestion,
    Unmapped,
    effect,
    suggest,
    todo,
)
from monthclose.ledger.accounts import ENTERED, Chart, UnknownAccount
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import SourceAccount
from monthclose.store.mapping_versions import described_accounts, propose_mapping
from monthclose.store.records import Reading
from monthclose.store.session import acting
from monthclose.wiring.build import Desk


class NothingToMap(CloseError):
    """A company has no balance whose accounts could be mapped."""

    code = "map-no-balance"

    def __init__(self, entity: str, period: str) -> None:
        super().__init__(entity=entity, period=period or "–")


class AccountNotOpen(CloseError):
    """An account that the company's balance does not have."""

    code = "map-account-unknown"

    def __init__(self, entity: str, account: str) -> None:
        super().__init__(entity=entity, account=account)


@dataclass(frozen=True, slots=True)
class Desktop:
    """
    What a person needs to map one company.

    Attributes:
        entity: Short code of the company.
        period: The month its balance is of.
        currency: ISO 4217 code of the amounts.
        chart: The standard chart.
        unmapped: Accounts with money and no target, the largest first.
        balances: Every account of the balance, minor units, debit positive.
        mapping: In force; empty: none yet.
        suggestions: By account.
    """

    entity: str
    period: str
    currency: str
    chart: Chart
    unmapped: tuple[Unmapped, ...]
    balances: Mapping[str, int]
    mapping: EntityMapping
    suggestions: Mapping[str, tuple[Suggestion, ...]]

    def chosen(self, least: float) -> dict[str, str]:
        """The first suggestion of each open account that is at least so likely and undoubted."""
        firsts = {code: found[0] for code, found in self.suggestions.items() if found}
        return {
            code: first.target
            for code, first in firsts.items()
            if first.confidence >= least and not first.doubts
        }

    def effect(self, targets: Mapping[str, str]) -> Moved:
        """What accepting *targets* would move."""
        return effect(self.unmapped, targets, self.chart)


def look(desk: Desk, entity: str, period: str = "") -> Desktop:
    """
    Read what is open of one company.

    Args:
        desk: Open, for the person who maps.
        entity: Short code.
        period: Month of the balance; empty: the latest there is.

    Raises:
        UnknownEntity: the portfolio has no such company.
        NothingToMap: there is no balance of it.
    """
    with acting(desk.database.engine, desk.user) as session:
        reading = Reading(session, desk.tenant)
        group = reading.group(period)
        if entity not in group.currencies:
            raise UnknownEntity(entity, group.code)
        until = period or str(Period(2100, 12))
        balances = [raw for raw in reading.balances(until) if raw.entity == entity]
        charts = described_accounts(session, desk.tenant)
    months = [raw for raw in balances if raw.period == period] if period else balances
    if not months:
        raise NothingToMap(entity, period)
    latest = max(months, key=lambda raw: raw.period)
    amounts: dict[str, int] = {}
    for account, amount in zip(latest.accounts, latest.amounts.tolist(), strict=True):
        amounts[account] = amounts.get(account, 0) + amount
    mapping = group.mappings.get(entity) or _standard(
        entity,
        {each.code for each in charts.get(entity, ())} | amounts.keys(),
        amounts,
        group.chart,
    )
    unmapped = todo(charts.get(entity, ()), amounts, mapping.targets)
    siblings = tuple(_siblings(group.mappings, entity, charts))
    return Desktop(
        entity,
        latest.period,
        latest.currency,
        group.chart,
        unmapped,
        amounts,
        mapping,
        {each.account.code: suggest(each, group.chart, siblings) for each in unmapped},
    )


def _standard(
    entity: str, own: Iterable[str], amounts: Mapping[str, int], chart: Chart
) -> EntityMapping:
    """
    What the close does with a company that nobody has mapped.

    One that keeps the standard chart goes to it as it is, and has to go on so when its first
    account is mapped. That is one whose accounts are all of that chart, but for those that
    this product names itself, such as `AR:GROUP`.
    """
    if not all(code in chart for code, amount in amounts.items() if amount and ":" not in code):
        return EntityMapping(entity)
    kept = (code for code in own if code in chart and chart.kind(code) in ENTERED)
    return EntityMapping(entity, {code: (Target(code),) for code in sorted(kept)})


def accept(desk: Desk, desktop: Desktop, targets: Mapping[str, str], reason: str) -> int:
    """
    Propose the mapping in force with new targets as the company's next version.

    Returns:
        The number of the version.

    Raises:
        AccountNotOpen: the balance has no such account.
        UnknownAccount: a target is not in the standard chart.
        CloseError: the person may not propose mappings.
    """
    for account, target in targets.items():
        if account not in desktop.balances:
            raise AccountNotOpen(desktop.entity, account)
        if target not in desktop.chart:
            raise UnknownAccount(target, account)
    merged = {
        **desktop.mapping.targets,
        **{account: (Target(target),) for account, target in targets.items()},
    }
    mapping = EntityMapping(desktop.entity, merged)
    with acting(desk.database.engine, desk.user) as session:
        return propose_mapping(session, desk.tenant, mapping, desktop.period, reason)


def _siblings(
    mappings: Mapping[str, EntityMapping],
    entity: str,
    charts: Mapping[str, Iterable[SourceAccount]],
) -> Iterable[Sibling]:
    """What the other companies have mapped, whole, with the names of their accounts."""
    for company, mapping in mappings.items():
        if company == entity:
            continue
        names = {each.code: each.name for each in charts.get(company, ())}
        for account, targets in mapping.targets.items():
            if len(targets) == 1:
                yield Sibling(company, account, names.get(account, account), targets[0].account)
