"""A derived balance completed, gaps filled and partners named; and whole again for the next."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from monthclose.connectors.derived import PAYABLES, RECEIVABLES
from monthclose.consolidation.supplements import BETWEEN, partnered, supplemented
from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.sources import (
    Extract,
    Nature,
    Side,
    SourceAccount,
    Subledger,
    Supplement,
)

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


def with_supplement(extract: Extract, supplement: Supplement | None) -> Extract:
    """Add a month's lines for its gaps to a derived balance; any other is left as it is."""
    if supplement is None or extract.balance.basis is not Basis.DERIVED:
        return extract
    known = {account.code for account in extract.accounts}
    named = {line.account: line.name for line in supplement.lines if line.account not in known}
    fresh = tuple(SourceAccount(code, name) for code, name in named.items())
    balance = supplemented(extract.balance, supplement)
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
