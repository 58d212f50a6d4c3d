"""Sales of shares of associates from dated records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from monthclose.consolidation.changes import presented
from monthclose.consolidation.day_rates import rate_of_day
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.associate_sales import AssociateSale
from monthclose.ledger.changes import OwnershipChange
from monthclose.ledger.entities import Interest, interests_on
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.money import Money, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one


class AssociateCost(CloseError):
    """A sale of shares of an associate takes another cost off the books than they carry."""

    code = "associate-cost"

    def __init__(self, entity: str, on: date, currency: str, stated: int, left: int) -> None:
        super().__init__(
            entity=entity, on=str(on), stated=Money(stated, currency), left=Money(left, currency)
        )


class AssociateGone(CloseError):
    """A record of an associate after the day on which all of it was sold."""

    code = "associate-gone"

    def __init__(self, entity: str, sold: date, kind: str, on: str) -> None:
        super().__init__(entity=entity, sold=str(sold), kind=kind, on=on)


def sales_of(
    group: Group,
    held: tuple[Interest, ...],
    sold: Iterable[OwnershipChange],
    bought: Sequence[Acquisition],
    end: Period,
) -> tuple[AssociateSale, ...]:
    """
    Sales of shares of an associate up to a month, in presentation currency.

    Args:
        group: With its rates.
        held: The holder's interests in it, over time.
        sold: The sales, in order of their days.
        bought: How the holder came to it, with rates, in order of their days.
        end: The month.

    Raises:
        AssociateCost: the books cannot have carried that cost, or carry some when all is sold.
        MissingRate: the rate of a day was not loaded.

    Source:
        IAS 28.22; IAS 21.21-22.
    """
    return tuple(_resolved(group, held, sold, bought, end))


def _resolved(
    group: Group,
    held: tuple[Interest, ...],
    sold: Iterable[OwnershipChange],
    bought: Sequence[Acquisition],
    end: Period,
) -> Iterator[AssociateSale]:
    gone = 0
    for change in sold:
        if change.on > end.last_day:
            return
        before = [each for each in bought if each.on is None or each.on < change.on]
        left = sum(_cost_in_books(group, each) for each in before) - gone
        part = change.share / _share(held, change.on - timedelta(days=1))
        # Under equity pick-up the months after a sale stand in it too, unless it was the last.
        beyond = change.cost > left and not any(each.pickup for each in before)
        if beyond or (part == 1 and change.cost != left):
            currency = group.currencies[change.holder]
            raise AssociateCost(change.entity, change.on, currency, change.cost, left)
        gone += change.cost
        proceeds, cost, gain = presented(group, change)
        currency = group.currencies[change.holder]
        quote = rate_of_day(group, currency, change.on, f"{change.holder} {change.entity}")
        yield AssociateSale(
            entity=change.entity,
            holder=change.holder,
            part=part,
            proceeds=proceeds,
            cost=cost,
            separate_gain=gain,
            investment_account=change.investment_account,
            gain_account=change.gain_account,
            quote=rate_of_day(group, group.currencies[change.entity], change.on, change.entity),
            on=change.on,
            cost_booked=change.cost,
            acquisition=before[-1].id,
            reclassified=convert_one(change.reclassified, quote, currency, group.presentation),
        )


def _share(held: tuple[Interest, ...], day: date) -> Fraction:
    return sum((each.share for each in interests_on(held, day)), Fraction(0))


def _cost_in_books(group: Group, acquisition: Acquisition) -> int:
    """What the holder's books took an associate at, its currency: of a kept part its cost."""
    for change in group.changes_of.get(acquisition.target, ()):
        if change.retained_cost is not None and change.on == acquisition.on:
            return change.retained_cost
    return acquisition.investment


def goodwill_sold(
    bought: Sequence[Acquisition], goodwill: Mapping[str, int], sales: Iterable[AssociateSale]
) -> int:
    """
    What of the goodwill inside an associate went with its sales, associate's currency.

    Args:
        bought: In order of their days.
        goodwill: Of each purchase.
        sales: Of shares, in order of theirs.
    """
    gone, due = 0, list(bought)
    standing = 0
    for sale in sales:
        while due and (due[0].on is None or due[0].on < sale.on):
            standing += goodwill[due.pop(0).id]
        left = share_of(standing, sale.part)
        standing, gone = standing - left, gone + left
    return gone


def check_gone(group: Group) -> None:
    """Refuse what an associate is said to have earned or paid after all of it was sold."""
    for code, on in group.associates_gone.items():
        last = on if on != Period.of(on).first_day else on - timedelta(days=1)
        for month in group.associate_months_of.get(code, ()):
            if Period.parse(month.period) > Period.of(last):
                raise AssociateGone(code, on, "associates", month.period)
        for paid in group.dividends_of.get(code, ()):
            if paid.on is not None and paid.on > last and paid.received:
                raise AssociateGone(code, on, "dividend", str(paid.on))
