"""Intercompany items on accounts that the chart does not mark: what of a movement is theirs."""

from collections.abc import Collection

import numpy as np

from monthclose.consolidation.cash_rules import CashRules
from monthclose.ledger.accounts import POSITION
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import ItemKind
from monthclose.ledger.money import Amounts
from monthclose.ledger.periods import Period

_DIVIDENDS = (ItemKind.DIVIDEND_RECEIVABLE, ItemKind.DIVIDEND_PAYABLE)
"""Set off against what was declared: see *dividends* of the cash flow."""


def items_moved(
    group: Group, rules: CashRules, entity: str, month: Period, inside: Collection[str]
) -> Amounts | None:
    """
    Say what balances with companies of the group moved by, as their items have it.

    An account that the chart marks as intercompany is theirs by its balance; one that it does
    not, which may hold customers and suppliers too, is theirs by the items that stand on it.
    As in the close of a month, what no item names is of others.

    Args:
        group: Its items.
        rules: What each account is.
        entity: Code of the company.
        month: The month.
        inside: Codes of the companies that are the group's in the month.

    Returns:
        (a,) in chart order, debit positive, the company's currency; None: nothing moved.

    Source:
        IFRS 10.B86(c); IAS 7.7.
    """
    if not group.items:
        return None
    chart, moved = rules.chart, np.zeros(len(rules.chart.accounts), dtype=np.int64)
    for when, sign in ((month.plus(-1), -1), (month, 1)):
        for each in group.items_in.get(str(when), ()):
            if each.entity != entity or each.partner not in inside or each.kind in _DIVIDENDS:
                continue
            place = chart.index[each.account]
            known = rules.intercompany[place] or rules.cash[place]
            if not known and chart.kind(each.account) in POSITION:
                moved[place] += sign * each.amount
    return moved if moved.any() else None
