"""What tests hold the balances of the sandbox group against."""

from collections import defaultdict

from monthclose.ledger.balances import RawBalance
from monthclose.sandbox.world import Member

type Sums = dict[tuple[str, str], int]
"""Cents by standard account and partner, debit positive, without what is nil."""


def in_standard(member: Member, balance: RawBalance) -> Sums:
    """A balance by standard account and partner."""
    sums: Sums = defaultdict(int)
    partners = balance.partners or ("",) * len(balance.accounts)
    for account, partner, amount in zip(
        balance.accounts, partners, balance.amounts.tolist(), strict=True
    ):
        sums[member.mapping[account], partner] += amount
    return {key: amount for key, amount in sums.items() if amount}


def hidden(member: Member, period: str) -> Sums:
    """The hidden ledger's own month; fees are named by partner in the subledger only."""
    sums: Sums = defaultdict(int)
    for line in member.lines[period]:
        named = line.partner if line.account in ("1150", "2150") else ""
        sums[line.account, named] += line.closing
    return {key: amount for key, amount in sums.items() if amount}


def moved(before: Sums, after: Sums) -> Sums:
    """By how much each line is more."""
    differences = {key: after.get(key, 0) - before.get(key, 0) for key in {*before, *after}}
    return {key: amount for key, amount in differences.items() if amount}
