"""The tales of P and S with companies above, one of which sells the company below it whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import RateTable
from tests.changes.chain import COSTS
from tests.changes.tale import GAIN, of_day
from tests.consolidation.groups import CODES, cents, holds

INVESTMENT, CASH, RETAINED = (CODES[name][0] for name in ("investment", "cash", "retained"))


def sells(
    group: Group, books: Sequence[TrialBalance], day: str, price: str, seller: str = "T"
) -> tuple[Group, list[TrialBalance]]:
    """
    The seller sells all that it has of the company below; what is under that leaves with it.

    Args:
        group: With the seller above, as `under` makes it.
        books: Of everybody.
        day: Of the sale.
        price: What is paid, dollars.
        seller: Its books are in dollars.

    Returns:
        The group, and the balances as far as they are still the group's.
    """
    interest = next(each for each in group.interests if each.holder == seller)
    sold = interest.investee
    cost = cents(COSTS[seller, group.currencies[sold]][1])
    gain = cents(price) - cost
    change = OwnershipChange(
        sold,
        seller,
        ChangeKind.DISPOSAL,
        date.fromisoformat(day),
        interest.share,
        cents(price),
        cost,
        gain,
        INVESTMENT,
        GAIN,
    )
    quotes = [*group.rates.quotes]
    if change.on != Period.of(change.on).last_day:  # else the closing rate is that of the day
        quotes += [of_day("BRL", day, "0.1777"), of_day("EUR", day, "0.9444")]
    described = replace(
        group,
        interests=(*group.interests, holds(seller, sold, "0", day)),
        changes=(*group.changes, change),
        rates=RateTable(tuple(quotes)),
    )
    month = str(Period.of(change.on))
    kept = []
    for each in books:
        if described.until(each.entity, Period.parse(each.period)) != Period.parse(each.period):
            continue
        late = each.entity == seller and each.period >= month
        kept.append(_after(each, cents(price), cost, gain, month) if late else each)
    return described, kept


def _after(given: TrialBalance, price: int, cost: int, gain: int, month: str) -> TrialBalance:
    """The seller's books with the sale in them; of the next year in retained earnings."""
    lines = dict(zip(given.accounts, given.amounts.tolist(), strict=True))
    lines[CASH] += price
    lines[INVESTMENT] -= cost
    account = GAIN if given.period[:4] == month[:4] else RETAINED
    lines[account] = lines.get(account, 0) - gain
    amounts = np.array(list(lines.values()), dtype=np.int64)
    return replace(given, accounts=tuple(lines), amounts=amounts)
