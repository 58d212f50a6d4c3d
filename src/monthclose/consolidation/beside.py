"""Entries beside the books as a layer of their company: what stands, what moved, at which rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from monthclose.consolidation.facts import quote_for
from monthclose.ledger.accounts import POSITION
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.entities import (
    Entity,
    Method,
    OwnershipUnclear,
    group_shares,
    interests_on,
)
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, convert_one, ratio_of


@dataclass(frozen=True, slots=True)
class Moved:
    """
    What the entries of one month move an account by that is no asset and no liability.

    Attributes:
        month: The month.
        account: Income, expense or equity.
        amount: Minor units of the company's currency, debit positive.
        quote: The month's average; None in the presentation currency.
        translated: At it, rounded once, debit positive.
    """

    month: Period
    account: str
    amount: int
    quote: Quote | None
    translated: int


@dataclass(frozen=True, slots=True)
class Stood:
    """
    Assets and liabilities of entries at the end of a month.

    Attributes:
        amounts: By account, minor units of the company's currency, debit positive, not nil.
        quote: The closing rate; None in the presentation currency, or when nothing stands.
        translated: At it, each account rounded once.
    """

    amounts: dict[str, int]
    quote: Quote | None
    translated: dict[str, int]

    @property
    def net(self) -> int:
        """Net assets, presentation currency."""
        return sum(self.translated.values())


class Beside:
    """
    The entries of one company, translated like any layer of it.

    Assets and liabilities take the closing rate, everything else the average of the month
    of its entry (IAS 21.39-40); what is left over is the layer's own CTA.
    """

    def __init__(self, group: Group, entity: Entity, entries: Iterable[Adjustment]) -> None:
        self.group, self.entity = group, entity
        self.pair = (entity.currency, group.presentation)
        self.entries = tuple(entries)

    def stood(self, month: Period) -> Stood:
        """
        What stands at the end of a month.

        Raises:
            MissingRate: something stands, and the month has no closing rate.
        """
        amounts: dict[str, int] = {}
        for each in self.entries:
            if Period.parse(each.period) <= month:
                for account, amount in each.lines.items():
                    if self.group.chart.kind(account) in POSITION:
                        amounts[account] = amounts.get(account, 0) + amount
        amounts = {account: amount for account, amount in amounts.items() if amount}
        day = self.group.reported(self.entity.code, month)
        quote = quote_for(self.group, self.pair[0], "closing", day) if amounts else None
        translated = {
            account: convert_one(amount, quote, *self.pair) for account, amount in amounts.items()
        }
        return Stood(amounts, quote, translated)

    def moved(self, first: Period | None, last: Period) -> list[Moved]:
        """
        What moved in the months from *first* (None: ever) to *last*, month by month.

        Raises:
            MissingRate: a month with an entry has no average.
        """
        sums: dict[tuple[Period, str], int] = {}
        for each in self.entries:
            month = Period.parse(each.period)
            if month > last or (first is not None and month < first):
                continue
            for account, amount in each.lines.items():
                if self.group.chart.kind(account) not in POSITION and amount:
                    sums[month, account] = sums.get((month, account), 0) + amount
        found = []
        for (month, account), amount in sorted(sums.items()):
            day = self.group.reported(self.entity.code, month)
            quote = quote_for(self.group, self.pair[0], "average", day)
            translated = convert_one(amount, quote, *self.pair)
            found.append(Moved(month, account, amount, quote, translated))
        return found

    def proof(self, before: Stood, now: Stood, moves: Iterable[Moved]) -> Fraction:
        """
        Prove the movement of the CTA: `NA0 x (c1 - c0) + sum of moves x (c1 - a_m)`.

        Of what stands now only the rate is used, not the amounts.
        """
        if self.pair[0] == self.pair[1]:
            return Fraction(0)
        net = Fraction(sum(before.amounts.values()))
        exact = -net * ratio_of(before.quote, *self.pair) if net else Fraction(0)
        for each in moves:
            net -= each.amount
            exact += each.amount * ratio_of(each.quote, *self.pair)
        return exact + (net * ratio_of(now.quote, *self.pair) if net else 0)


def outsiders_in(group: Group, entity: Entity, months: Iterable[Period]) -> dict[Period, Fraction]:
    """
    The outsiders' share of a company at the end of each month.

    Before it joined they have what they had when it did, after it left what they had then.

    Raises:
        OwnershipUnclear: no holder in the group in any of the months.
    """
    parent = next(each for each in group.entities if each.method is Method.PARENT)
    found: dict[Period, Fraction | None] = {}
    unclear: OwnershipUnclear | None = None
    for month in months:
        held = interests_on(group.interests, month.last_day)
        try:
            found[month] = 1 - group_shares((parent, entity), held)[entity.code]
        except OwnershipUnclear as error:
            found[month], unclear = None, error
    known = [share for share in found.values() if share is not None]
    if not known and unclear is not None:
        raise unclear
    last = known[0]
    shares: dict[Period, Fraction] = {}
    for month, share in found.items():
        last = shares[month] = last if share is None else share
    return shares
