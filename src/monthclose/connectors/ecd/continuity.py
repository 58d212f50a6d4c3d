"""Whether a file goes on where the one of the year before ended."""

from collections import Counter
from collections.abc import Iterator

from monthclose.connectors.ecd.books import EcdBooks
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.sources import Extract, Nature, TieOut

POSITION = (Nature.ASSET, Nature.LIABILITY)
"""Natures that no closing entry touches: what they held is what they open with."""


def continuity(books: EcdBooks, first: Extract, before: RawBalance) -> Iterator[TieOut]:
    """
    Hold the openings of a file's first month against the closing of the month before.

    Only assets and liabilities are compared: equity and results differ by the closing of the
    year. Where the chart changed, what I157 says was carried is taken along.

    Args:
        books: The file.
        first: Its first month.
        before: The month before it, as an earlier file had it.

    Returns:
        One for each account that holds anything on either side.
    """
    expected: Counter[str] = Counter()
    for account, amount in zip(before.accounts, before.amounts.tolist(), strict=True):
        expected[account] += amount
    for target, sources in books.months[0].carried.items():
        for former, amount in sources.items():
            expected[former] -= amount
            expected[target] += amount
    opened: Counter[str] = Counter()
    opening = first.balance.opening
    if opening is not None:
        for account, amount in zip(first.balance.accounts, opening.tolist(), strict=True):
            opened[account] += amount
    for account in sorted(expected.keys() | opened.keys()):
        described = books.accounts.get(account)
        if described is None or described.nature not in POSITION:
            continue
        if expected[account] or opened[account]:
            yield TieOut("year_opening", account, expected[account], opened[account])
