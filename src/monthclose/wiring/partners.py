"""What a derived balance owes within the group, taken out of its control accounts and put back."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from monthclose.connectors.derived import PAYABLES, RECEIVABLES
from monthclose.consolidation.supplements import BETWEEN, partnered
from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.sources import Extract, Nature, Side, SourceAccount, Subledger

CONTROL = {BETWEEN[Side.RECEIVABLE]: RECEIVABLES, BETWEEN[Side.PAYABLE]: PAYABLES}
"""The control account that each account within the group was taken out of."""


def with_partners(extract: Extract, details: Subledger, roots: Mapping[str, str]) -> Extract:
    """
    Name the group's companies among what a derived balance is owed and owes.

    Args:
        extract: Of a source without a ledger; any other is left as it is.
        details: Of the same company and month.
        roots: Short codes of the group's companies by root of their CNPJ.
    """
    if extract.balance.basis is not Basis.DERIVED:
        return extract
    balance = partnered(extract.balance, details, roots)
    if balance is extract.balance:
        return extract
    names = {account.code: account.name for account in extract.accounts}
    fresh = tuple(
        SourceAccount(
            code,
            f"{names.get(control, control)} (grupo)",
            Nature.ASSET if control == RECEIVABLES else Nature.LIABILITY,
            parent=control,
        )
        for code, control in CONTROL.items()
        if code in balance.accounts
    )
    return replace(extract, balance=balance, accounts=(*extract.accounts, *fresh))


def in_control(opening: RawBalance | None) -> RawBalance | None:
    """A closing as the next month is derived from it: all that is open in its control accounts."""
    if opening is None or not CONTROL.keys() & set(opening.accounts):
        return opening
    totals: dict[str, int] = {}
    for account, amount in zip(opening.accounts, opening.amounts.tolist(), strict=True):
        control = CONTROL.get(account, account)
        totals[control] = totals.get(control, 0) + amount
    amounts = np.array(list(totals.values()), dtype=np.int64)
    return replace(opening, accounts=tuple(totals), amounts=amounts)
