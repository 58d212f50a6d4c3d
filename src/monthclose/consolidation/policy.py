"""A company's own layers: what its ERP reported, and the policy entries made beside it."""

from dataclasses import replace

import numpy as np

from monthclose.ledger.accounts import AccountClass, UnknownAccount
from monthclose.ledger.adjustments import Adjustment, movable, standing
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.entities import Method, UnknownEntity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName, UnbalancedEntry
from monthclose.ledger.periods import Period


class AdjustmentAccount(CloseError):
    """An entry moves an account that nothing but the close or a dated event may move."""

    code = "adjustment-account"

    def __init__(self, entry: str, period: str, account: str, kind: AccountClass) -> None:
        super().__init__(entry=entry, period=period, account=account, kind=kind.value)


class AdjustmentNotOurs(CloseError):
    """An entry of a company whose accounts are not in the figures: an associate."""

    code = "adjustment-not-ours"

    def __init__(self, entry: str, period: str, entity: str) -> None:
        super().__init__(entry=entry, period=period, entity=entity)


class AdjustmentIndexed(CloseError):
    """An entry beside books that are restated with a price index, and would not be itself."""

    code = "adjustment-indexed"

    def __init__(self, entry: str, period: str, entity: str, layer: str) -> None:
        super().__init__(entry=entry, period=period, entity=entity, layer=layer)


def check_adjustments(group: Group) -> None:
    """
    Refuse an entry that cannot stand beside the books of its company.

    Raises:
        UnknownEntity: the group does not have the company.
        AdjustmentNotOurs: the company is not consolidated.
        AdjustmentIndexed: its books are restated (IAS 29), and the entry would not be.
        UnknownAccount: the chart does not have an account.
        AdjustmentAccount: an account is of equity that events move, or computed.
        UnbalancedEntry: debits and credits differ.
    """
    if not group.adjustments:
        return
    methods = {entity.code: entity.method for entity in group.entities}
    indexed = {entity.code for entity in group.entities if entity.index}
    for each in group.adjustments:
        if each.entity not in methods:
            raise UnknownEntity(each.entity, group.code)
        if methods[each.entity] is Method.EQUITY:
            raise AdjustmentNotOurs(each.id, each.period, each.entity)
        if each.entity in indexed and each.layer is not LayerName.POLICY:
            raise AdjustmentIndexed(each.id, each.period, each.entity, each.layer)
        for account in each.lines:
            if account not in group.chart:
                raise UnknownAccount(account, each.id)
            if (kind := group.chart.kind(account)) not in movable(each.layer, each.topic):
                raise AdjustmentAccount(each.id, each.period, account, kind)
        if out_by := sum(each.lines.values()):
            raise UnbalancedEntry(each.id, group.currencies[each.entity], out_by)


def with_policy(group: Group, balance: TrialBalance) -> TrialBalance:
    """
    Add a company's policy entries to what it reported: the balance that is translated.

    An entry stands from its month on; its income and expense are retained earnings once
    their fiscal year is over (`standing`). Of an account with partners the line without
    one takes it.

    Args:
        group: With the entries.
        balance: As mapped, functional currency.

    Returns:
        The sum; *balance* itself when nothing stands beside it.

    Source:
        IFRS 10.B87 (one policy for the group); ASC 810-10-45-1.
    """
    entries = group.adjustments_of.get((balance.entity, LayerName.POLICY), ())
    if not entries:
        return balance
    added = amounts_on(group, entries, Period.parse(balance.period))
    if not added:
        return balance
    amounts = balance.amounts.copy()
    places: dict[str, int] = {}
    for place, (account, partner) in enumerate(balance.keys):
        if not partner:
            places[account] = place
    fresh = [account for account in added if account not in places]
    for account, amount in added.items():
        if account in places:
            amounts[places[account]] += amount
    extra = np.array([added[account] for account in fresh], dtype=np.int64)
    return replace(
        balance,
        accounts=group.chart.shared((*balance.accounts, *fresh)),
        partners=(*balance.partners, *("" for _ in fresh)) if balance.partners else (),
        amounts=np.append(amounts, extra),
    )


def amounts_on(group: Group, entries: tuple[Adjustment, ...], month: Period) -> dict[str, int]:
    """What entries of one company add to each account in a month, debit positive."""
    sums: dict[str, int] = {}
    for _, account, amount in standing(entries, month, group.fiscal_year, group.chart):
        sums[account] = sums.get(account, 0) + amount
    return {account: amount for account, amount in sums.items() if amount}
