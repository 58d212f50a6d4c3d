"""Step to control: the interest held before, at fair value, is part of what was given."""

from collections.abc import Iterable, Mapping

from monthclose.consolidation.attributable import Attributable
from monthclose.ledger.accounts import Chart, UnknownAccount
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.associates import Equity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import Remeasurement, StepAcquisition
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import Money
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Rollforward


class StepIncomplete(CloseError):
    """A step to control without the associate it ends, or the acquisition it begins."""

    code = "step-incomplete"

    def __init__(self, entity: str, holder: str) -> None:
        super().__init__(entity=entity, holder=holder)


class StepDiffers(CloseError):
    """The interest held before has another fair value in the purchase equation."""

    code = "step-differs"

    def __init__(self, entity: str, currency: str, stated: int, known: int) -> None:
        super().__init__(
            entity=entity,
            stated=Money(stated, currency),
            known=Money(known, currency),
            size=Money(stated - known, currency),
        )


def check_step(
    step: StepAcquisition, acquisitions: Iterable[Acquisition], currency: str, presentation: str
) -> None:
    """
    Hold the fair value of an old interest against the purchase equation.

    Args:
        step: States it in the presentation currency.
        acquisitions: One of them states it in the target's.
        currency: The target's functional currency.
        presentation: The presentation currency.

    Raises:
        StepIncomplete: no acquisition of the kind begins the control.
        StepDiffers: the two are not one amount at the rate of the day, to the cent.
    """
    began = [
        each
        for each in acquisitions
        if (each.target, each.acquirer) == (step.entity, step.holder)
        and each.kind is AcquisitionKind.STEP
    ]
    if not began:
        raise StepIncomplete(step.entity, step.holder)
    known = sum(convert_one(e.previously_held, e.quote, currency, presentation) for e in began)
    # Stated in either currency first, the other was rounded: by less than a cent's worth.
    if abs(known - step.fair_value) > 1:
        raise StepDiffers(step.entity, presentation, step.fair_value, known)


def remeasure(
    step: StepAcquisition, associates: Mapping[str, Equity], chart: Chart, currency: str
) -> tuple[Remeasurement, Entry, Attributable]:
    """
    Take an associate that became a subsidiary to fair value, and its CTA to the result.

    The equity method has carried it to the day; as if it had been sold for its fair value,
    the difference is gain, and the CTA is recycled. The fair value joins the investment,
    where the purchase is eliminated against it.

    Args:
        step: With the fair value.
        associates: What the equity method came to on the day, by associate.
        chart: Names the accounts.
        currency: Presentation currency.

    Returns:
        What it did, the entry, and what the holder bears.

    Raises:
        StepIncomplete: no associate says what was held before.
        UnknownAccount: an account of the step is not in the chart.

    Source:
        IFRS 3.41-42; IAS 28.22-23; IAS 21.48; ASC 805-10-25-10, 830-30-40-1A.
    """
    equity = associates.get(step.entity)
    if equity is None or (equity.holder, equity.account) != (step.holder, step.associate_account):
        raise StepIncomplete(step.entity, step.holder)
    for account in (step.investment_account, step.gain_account):
        if account not in chart:
            raise UnknownAccount(account, step.holder)
    made = Remeasurement(
        entity=step.entity,
        carrying=equity.carrying_presentation,
        fair_value=step.fair_value,
        cta_recycled=equity.cta.closing,
    )
    amounts = (
        (step.investment_account, made.fair_value),
        (step.associate_account, -made.carrying),
        (chart.roles.cta, made.cta_recycled),
        (step.gain_account, -made.gain),
    )
    entry = Entry(
        id=f"STEP-{step.entity}",
        layer=LayerName.ELIMINATION,
        kind="step_acquisition",
        reason="entries.step-acquisition",
        standard="IFRS 3.42",
        currency=currency,
        lines=tuple(EntryLine(*each, step.holder) for each in amounts if each[1]),
        entity=step.entity,
    )
    attributable = Attributable(
        step.holder, profit=made.gain, cta=Rollforward(0, -made.cta_recycled)
    )
    return made, entry, attributable
