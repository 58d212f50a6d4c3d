"""A balance of a source without a ledger, completed: its gaps filled, its partners named."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.sources import OpenItem, Side, Subledger, Supplement

BETWEEN = {
    Side.RECEIVABLE: "AR:GROUP",
    Side.PAYABLE: "AP:GROUP",
}
"""Accounts of what a company is owed and owes within the group, beside its control accounts."""


def supplemented(balance: RawBalance, supplement: Supplement) -> RawBalance:
    """
    Add a month's entries for its gaps to a derived balance.

    Opening balances stay: what was supplemented in earlier months is in them already.
    Amounts in minor units of the balance's currency, debit positive.

    Returns:
        The balance, the gaps that were filled no longer among its gaps.
    """
    opening: dict[tuple[str, str], int] = defaultdict(int)
    debit: dict[tuple[str, str], int] = defaultdict(int)
    credit: dict[tuple[str, str], int] = defaultdict(int)
    count = len(balance.accounts)
    nothing = np.zeros(count, dtype=np.int64)
    columns = (
        balance.accounts,
        balance.partners or ("",) * count,
        (nothing if balance.opening is None else balance.opening).tolist(),
        (nothing if balance.debit is None else balance.debit).tolist(),
        (nothing if balance.credit is None else balance.credit).tolist(),
    )
    for account, partner, start, more, less in zip(*columns, strict=True):
        key = (account, partner)
        opening[key] += start
        debit[key] += more
        credit[key] += less
    for line in supplement.lines:
        debit[line.account, ""] += line.debit
        credit[line.account, ""] += line.credit
    keys = sorted({*opening, *debit, *credit})
    starts, mores, lesses = (
        np.array([column[key] for key in keys], dtype=np.int64)
        for column in (opening, debit, credit)
    )
    return replace(
        balance,
        accounts=tuple(account for account, _ in keys),
        partners=tuple(partner for _, partner in keys) if balance.partners else (),
        opening=starts,
        debit=mores,
        credit=lesses,
        amounts=starts + mores - lesses,
        gaps=tuple(gap for gap in balance.gaps if gap.name not in supplement.filled),
    )


def within(
    entity: str, subledger: Subledger, roots: Mapping[str, str]
) -> Iterator[tuple[OpenItem, str]]:
    """Items open with other companies of the group, each with the short code of the other."""
    for item in subledger.items:
        partner = roots.get(item.root, "")
        if partner and partner != entity:
            yield item, partner


def partnered(balance: RawBalance, subledger: Subledger, roots: Mapping[str, str]) -> RawBalance:
    """
    Move what is open with companies of the group to accounts that name them.

    Args:
        balance: Derived, or of a ledger; control accounts without partners.
        subledger: Of the same company and month; items without an account are left out.
        roots: Short codes of the group's companies by root of their CNPJ.

    Returns:
        The balance with a line for each partner on `AR:GROUP` and `AP:GROUP`, and the
        control accounts down by as much. Debits and credits of the month stay with the
        control accounts; on the new lines only closing balances are known.
    """
    open_with: dict[tuple[str, str], int] = defaultdict(int)
    control: dict[str, int] = defaultdict(int)
    for item, partner in within(balance.entity, subledger, roots):
        if item.account:
            open_with[BETWEEN[item.side], partner] += item.amount
            control[item.account] += item.amount
    if not open_with:
        return balance
    partners = balance.partners or ("",) * len(balance.accounts)
    lines = {
        (account, partner): amount - (control.pop(account, 0) if not partner else 0)
        for account, partner, amount in zip(
            balance.accounts, partners, balance.amounts.tolist(), strict=True
        )
    }
    for account, amount in control.items():
        lines[account, ""] = -amount
    for key, amount in open_with.items():
        lines[key] = lines.get(key, 0) + amount
    keys = sorted(lines)
    return replace(
        balance,
        accounts=tuple(account for account, _ in keys),
        partners=tuple(partner for _, partner in keys),
        amounts=np.array([lines[key] for key in keys], dtype=np.int64),
        opening=None,
        debit=None,
        credit=None,
    )
