"""Who owned what when: what the consolidation of outsiders takes for granted, held against it."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind, NciMethod
from monthclose.ledger.changes import OwnershipChange
from monthclose.ledger.entities import Entity, Interest, interests_on, percent
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period


class OwnershipChanged(CloseError):
    """The group's share in a company moved while it was consolidated."""

    code = "ownership-changed"

    def __init__(self, entity: str, on: date, was: Fraction, now: Fraction) -> None:
        super().__init__(entity=entity, on=str(on), was=percent(was), now=percent(now))


class ChangeDiffers(CloseError):
    """A change of ownership is recorded with another share than the interests moved by."""

    code = "change-differs"

    def __init__(self, change: OwnershipChange, was: Fraction, now: Fraction) -> None:
        super().__init__(
            entity=change.entity,
            holder=change.holder,
            on=str(change.on),
            stated=percent(change.share),
            was=percent(was),
            now=percent(now),
            out_by=percent(abs(was - now - change.sold)),
        )


class OutsidersDiffer(CloseError):
    """An acquisition leaves outsiders another share than the interests of its day."""

    code = "outsiders-differ"

    def __init__(self, acquisition: str, entity: str, stated: Fraction, owned: Fraction) -> None:
        super().__init__(
            acquisition=acquisition, entity=entity, stated=percent(stated), owned=percent(owned)
        )


def check_ownership(group: Group, firsts: Iterable[tuple[Entity, Period]], month: Period) -> None:
    """
    Refuse shares that outsiders' past cannot be rolled forward with.

    Outsiders share in everything since acquisition at one percentage, but for changes that
    are recorded: one that moved unsaid would be applied to years in which it was another.
    So would one that began after the first month of a company.

    Args:
        group: Its interests and acquisitions.
        firsts: Each company of the month, and the first month it is consolidated here.
        month: The month being closed.

    Raises:
        OwnershipChanged: the group bought from outsiders or sold to them since the first
            month, and no change says so.
        ChangeDiffers: a change is of another share than the interests moved by on its day.
        OutsidersDiffer: outsiders own another share by the interests: what is theirs would
            be goodwill, or a gain.

    Source:
        IFRS 10.23, 10.B96 (a change without loss of control), IFRS 3.19.
    """
    held: dict[str, list[Interest]] = {}
    for interest in group.interests:
        held.setdefault(interest.investee, []).append(interest)
    for entity, first in firsts:
        interests = tuple(held.get(entity.code, ()))
        changes = group.changes_of.get(entity.code, ())
        _check_changes(changes, interests, month)
        for day in sorted({each.since for each in interests if each.since is not None}):
            if first.first_day < day <= month.last_day:
                was, now = _owned(interests, day - timedelta(days=1)), _owned(interests, day)
                since = group.associate_sales_of.get(entity.code, ())  # control is gone by then
                said = sum((e.sold for e in (*changes, *since) if e.on == day), Fraction(0))
                unowned = not was and day > first.last_day
                if (was or unowned) and now and was - now != said:
                    raise OwnershipChanged(entity.code, day, was, now)
        for acquisition in group.acquisitions_of.get(entity.code, ()):
            if acquisition.on is not None and (stated := _stated(acquisition)) is not None:
                owned = _owned(interests, acquisition.on)
                if owned and stated != 1 - owned:
                    raise OutsidersDiffer(acquisition.id, entity.code, stated, 1 - owned)


def _check_changes(
    changes: Iterable[OwnershipChange], interests: tuple[Interest, ...], month: Period
) -> None:
    """Hold each change up to a month against what its holder owned before and from its day on."""
    for change in changes:
        if change.on <= month.last_day:
            own = tuple(each for each in interests if each.holder == change.holder)
            was, now = _owned(own, change.on - timedelta(days=1)), _owned(own, change.on)
            if was - now != change.sold:
                raise ChangeDiffers(change, was, now)


def _stated(acquisition: Acquisition) -> Fraction | None:
    """
    The share that an acquisition leaves to outsiders; None: it does not say.

    Measured at fair value they have an amount. Without any, all of the equity was bought;
    a foundation may record the founder's own part alone, and then pays for just that.
    """
    if acquisition.nci_method is NciMethod.PROPORTIONATE:
        return acquisition.nci_share
    if acquisition.nci_method is NciMethod.FAIR_VALUE:
        return None
    own_part = acquisition.consideration == -sum(acquisition.equity.values())
    if acquisition.kind is AcquisitionKind.FORMATION and (
        own_part or acquisition.consideration_currency
    ):
        return None
    return Fraction(0)


def _owned(interests: tuple[Interest, ...], day: date) -> Fraction:
    """What the group's companies own of a company on a day, together."""
    return sum((each.share for each in interests_on(interests, day)), Fraction(0))
