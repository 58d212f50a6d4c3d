"""Changes of ownership as they are recorded: who sold or bought what of whom, on which day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.entities import Interest, interests_on


class ChangeKind(StrEnum):
    """What a change of ownership does to control."""

    DISPOSAL = "disposal"
    PARTIAL_DISPOSAL = "partial_disposal"
    INCREASE = "increase"
    STEP = "step"
    ASSOCIATE_SALE = "associate_sale"


@dataclass(frozen=True, slots=True)
class OwnershipChange:
    """
    A holder sold a company or an associate, or a part of one; or bought more of one it controls.

    Money is minor units of the holder's currency, as its books show it, and takes the rate
    of the day. Sizes are positive; the kind says whether shares left or came.

    Attributes:
        entity: Code of the company whose shares changed hands.
        holder: Code of the group company that sold them, or bought them.
        kind: Whether control is lost, or stays; and which way the shares went.
        on: The day. From it on the interests show the new share.
        share: What changed hands, of the whole company.
        proceeds: What was received, or paid for more.
        cost: What left the holder's investment account, or came to it.
        gain: What the holder booked as its own gain; a loss is negative.
        investment_account: Where the holder carries the company.
        gain_account: Where it booked its gain; the group's gain goes there.
        net_assets: Of the company on a day within a month, minor units of its currency;
            None: those of the balance, or worked out from two.
        fair_value: Of a step to control, the interest held before; else nil.
        retained_fair_value: Of a disposal, what the holder keeps, at fair value; else nil.
        retained_cost: What the holder's books carry it at from the day, as an associate;
            None: as a financial asset, at fair value.
        retained_account: Where they carry it.
        reclassified: Of shares of an associate that were sold, what of its other comprehensive
            income goes to the result with them; a gain is positive.
    """

    entity: str
    holder: str
    kind: ChangeKind
    on: date
    share: Fraction
    proceeds: int
    cost: int
    gain: int = 0
    investment_account: str = ""
    gain_account: str = ""
    net_assets: int | None = None
    fair_value: int = 0
    retained_fair_value: int = 0
    retained_cost: int | None = None
    retained_account: str = ""
    reclassified: int = 0

    @property
    def carried(self) -> int:
        """What the holder's books carry what it keeps at; nil when it keeps nothing."""
        return self.retained_fair_value if self.retained_cost is None else self.retained_cost

    @property
    def sold(self) -> Fraction:
        """What of the company left the holder: below nil when it bought more."""
        return -self.share if self.bought else self.share

    @property
    def bought(self) -> bool:
        """Whether shares came, and were paid for."""
        return self.kind in (ChangeKind.INCREASE, ChangeKind.STEP)


def gone_with(
    changes: Iterable[OwnershipChange], interests: tuple[Interest, ...], associates: Collection[str]
) -> dict[str, OwnershipChange]:
    """
    Companies that left a group because one above them was sold, and the sale they left with.

    Whoever loses control of a company loses it of all that is controlled through it. What a
    company that stays still holds on the day does not leave; nor does what was sold for
    itself by then.

    Args:
        changes: Of the group.
        interests: Who owns what from which day.
        associates: Companies by the equity method, which nobody controls.

    Source:
        IFRS 10.25, 10.B98(a).
    """
    found: dict[str, OwnershipChange] = {}
    sales = [each for each in changes if each.kind is ChangeKind.DISPOSAL]
    own = {each.entity: each.on for each in sales}
    for sale in sorted(sales, key=lambda each: each.on):
        before = interests_on(interests, sale.on - timedelta(days=1))
        gone = {code for code, on in own.items() if on <= sale.on}
        below = held_through(sale.entity, [e for e in before if e.investee not in gone])
        left = gone | found.keys() | below
        still = {e.investee for e in interests_on(interests, sale.on) if e.holder not in left}
        for code in sorted(below - still - {*associates}):
            found.setdefault(code, sale)
    return found


def held_through(entity: str, interests: Iterable[Interest]) -> set[str]:
    """Companies that one holds, itself or through others."""
    held: dict[str, list[str]] = {}
    for each in interests:
        held.setdefault(each.holder, []).append(each.investee)
    found: set[str] = set()
    left = [entity]
    while left:
        new = [code for code in held.get(left.pop(), ()) if code not in found]
        found.update(new)
        left += new
    return found - {entity}
