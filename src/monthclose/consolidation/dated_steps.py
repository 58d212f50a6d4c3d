"""Steps to control from dated records: the interest held before, at fair value, is given too."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.facts import resolve_acquisition
from monthclose.consolidation.step import StepIncomplete
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import StepAcquisition
from monthclose.ledger.group import Group
from monthclose.ledger.money import rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one, ratio_of


class StepWithinMonth(CloseError):
    """A step to control on another day than the first of a month."""

    code = "step-within-month"

    def __init__(self, entity: str, on: date) -> None:
        super().__init__(entity=entity, on=str(on))


def step_of(group: Group, entity: str) -> OwnershipChange | None:
    """The step that brought an associate under control; None: there was none."""
    steps = [e for e in group.changes_of.get(entity, ()) if e.kind is ChangeKind.STEP]
    return steps[0] if steps else None


def stepped(group: Group, acquisition: Acquisition) -> Acquisition:
    """
    Add the interest held before to what was given for control.

    The records state it in the holder's currency; the purchase equation counts it in the
    target's, at the rates of the day, and the holder's investment grows by it.

    Raises:
        MissingRate: the rate of the day was not loaded.
        StepIncomplete: no step states it.
        StepWithinMonth: it is not of the first day of a month.

    Source:
        IFRS 3.41-42.
    """
    if acquisition.kind is not AcquisitionKind.STEP:
        return acquisition
    step = step_of(group, acquisition.target)
    if step is None or (step.holder, step.on) != (acquisition.acquirer, acquisition.on):
        raise StepIncomplete(acquisition.target, acquisition.acquirer)
    if step.on.day != 1:
        raise StepWithinMonth(step.entity, step.on)
    held, bought = group.currencies[step.holder], group.currencies[step.entity]
    quote = rate_of_day(group, held, step.on, step.holder)
    of_target = rate_of_day(group, bought, step.on, step.entity)
    exact = step.fair_value * ratio_of(quote, held, group.presentation)
    return replace(
        acquisition,
        previously_held=rounded(exact / ratio_of(of_target, bought, group.presentation)),
        investment=acquisition.investment + step.fair_value,
        investment_historical=(acquisition.investment_historical or 0) + rounded(exact),
    )


def step_event(group: Group, step: OwnershipChange) -> StepAcquisition:
    """
    A step in presentation currency, with what the associate had cost.

    Raises:
        StepIncomplete: nothing says how the holder came to what it held before.
    """
    before = list(former_of(group, step))
    if not before:
        raise StepIncomplete(step.entity, step.holder)
    currency = group.currencies[step.holder]
    quote = rate_of_day(group, currency, step.on, step.holder)
    return StepAcquisition(
        entity=step.entity,
        holder=step.holder,
        fair_value=convert_one(step.fair_value, quote, currency, group.presentation),
        investment_account=step.investment_account,
        associate_account=before[0].investment_account,
        gain_account=step.gain_account,
        on=step.on,
        fair_booked=step.fair_value,
        cost=sum(each.investment_historical or 0 for each in before),
    )


def former_of(group: Group, step: OwnershipChange) -> Iterator[Acquisition]:
    """How a holder came to what it held before a step, with its rates."""
    for each in group.acquisitions:
        pair = (each.target, each.acquirer) == (step.entity, step.holder)
        before = each.on is None or each.on <= step.on
        if pair and before and group.as_associate(each):
            yield resolve_acquisition(group, each, Period.of(step.on))
