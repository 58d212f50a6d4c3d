"""The tales of P and S with companies above, one of which sells the company below it whole."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

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
    sold = next(each.investee for each in group.interests if each.holder == seller)
    own = [each for each in group.interests if each.holder == seller]
    interest = max(own, key=lambda each: each.since or date.min)
    cost = cents(COSTS[seller, group.currencies[sold]][1])
    cost -= sum(e.cost * (-1 if e.bought else 1) for e in group.changes if e.holder == seller)
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


@dataclass(frozen=True)
class Part:
    """T sells a part of P, or buys more of it: day, percent and price in dollars."""

    kind: ChangeKind
    day: str
    percent: int
    price: str


def deals(
    group: Group, books: Sequence[TrialBalance], parts: Sequence[Part], seller: str = "T"
) -> tuple[Group, list[TrialBalance]]:
    """
    The seller sells parts of the company below it, and buys more; control stays.

    It takes off its books the part of the cost that it sells of what it has.
    """
    interest = next(each for each in group.interests if each.holder == seller)
    sold, held = interest.investee, interest.share * 100
    carried = cents(COSTS[seller, group.currencies[sold]][1])
    interests, changes, quotes = [*group.interests], [*group.changes], [*group.rates.quotes]
    for each in parts:
        bought, day = each.kind is ChangeKind.INCREASE, date.fromisoformat(each.day)
        price = cents(each.price)
        cost = price if bought else carried * each.percent // int(held)
        held += each.percent if bought else -each.percent
        carried += cost if bought else -cost
        changes.append(
            OwnershipChange(
                sold,
                seller,
                each.kind,
                day,
                Fraction(each.percent, 100),
                price,
                cost,
                price - cost,
                INVESTMENT,
                "" if bought else GAIN,
            )
        )
        interests.append(holds(seller, sold, str(held), each.day))
        if day != Period.of(day).last_day:
            found = [of_day("BRL", each.day, "0.1777"), of_day("EUR", each.day, "0.9444")]
            known = {(q.base, q.on) for q in quotes}
            quotes += [q for q in found if (q.base, q.on) not in known]
    described = replace(
        group,
        interests=tuple(interests),
        changes=tuple(changes),
        rates=RateTable(tuple(quotes)),
    )
    made = []
    for given in books:
        lines = given
        for change in changes[len(group.changes) :]:
            month = str(Period.of(change.on))
            if given.entity == seller and given.period >= month:
                sign = -1 if change.bought else 1
                lines = _after(
                    lines, sign * change.proceeds, sign * change.cost, change.gain, month
                )
        made.append(lines)
    return described, made


def _after(given: TrialBalance, price: int, cost: int, gain: int, month: str) -> TrialBalance:
    """The seller's books with the sale in them; of the next year in retained earnings."""
    lines = dict(zip(given.accounts, given.amounts.tolist(), strict=True))
    lines[CASH] += price
    lines[INVESTMENT] -= cost
    account = GAIN if given.period[:4] == month[:4] else RETAINED
    lines[account] = lines.get(account, 0) - gain
    amounts = np.array(list(lines.values()), dtype=np.int64)
    return replace(given, accounts=tuple(lines), amounts=amounts)
