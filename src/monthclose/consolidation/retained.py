"""What is kept of a company that left the group: at fair value, associate or financial asset."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.facts import resolve_acquisition
from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.changes import OwnershipChange
from monthclose.ledger.entities import interests_on
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import Disposal, Retained
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import Money, rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one, ratio_of


class RetainedUnrecorded(CloseError):
    """A part of a company was kept as an associate, and no acquisition of the day carries it on."""

    code = "retained-unrecorded"

    def __init__(self, entity: str, on: date) -> None:
        super().__init__(entity=entity, on=str(on))


class RetainedDiffers(CloseError):
    """The acquisition of an associate that was kept says another amount than the sale."""

    code = "retained-differs"

    def __init__(self, acquisition: str, field: str, currency: str, stated: int, sold: int) -> None:
        super().__init__(
            acquisition=acquisition,
            field=field,
            stated=Money(stated, currency),
            sold=Money(sold, currency),
        )


class RetainedUncarried(CloseError):
    """Results of a company that left the group, of which nothing was kept as an associate."""

    code = "retained-uncarried"

    def __init__(self, entity: str, on: date) -> None:
        super().__init__(entity=entity, on=str(on))


def check_months(group: Group) -> None:
    """Refuse results of an associate that none was kept of."""
    for code in group.associate_months_of if group.changes else ():
        if code in group.sold_on and code not in group.kept_on and code not in group.stepped_on:
            raise RetainedUncarried(code, group.sold_on[code])


def retained_of(group: Group, change: OwnershipChange) -> Retained | None:
    """
    What a holder keeps after a loss of control, in presentation currency; None: nothing.

    Raises:
        MissingRate: the rate of the day was not loaded.
        RetainedUnrecorded: no acquisition carries it on as an associate.
    """
    if not change.retained_fair_value:
        return None
    currency, presentation = group.currencies[change.holder], group.presentation
    quote = rate_of_day(group, currency, change.on, change.holder)
    acquisition = ""
    if change.retained_cost is not None:
        found = [e.id for e in group.acquisitions_by.get(change.holder, ()) if _is_of(e, change)]
        if not found:
            raise RetainedUnrecorded(change.entity, change.on)
        acquisition = found[0]
    return Retained(
        entity=change.entity,
        holder=change.holder,
        share=_share(group, change),
        fair_value=convert_one(change.retained_fair_value, quote, currency, presentation),
        carried=convert_one(change.carried, quote, currency, presentation),
        account=change.retained_account,
        on=change.on,
        acquisition=acquisition,
        fair_booked=change.retained_fair_value,
        carried_booked=change.carried,
    )


def _is_of(acquisition: Acquisition, change: OwnershipChange) -> bool:
    """Whether an acquisition carries on what a change left, as an associate."""
    kind = acquisition.kind is AcquisitionKind.ASSOCIATE
    at = (acquisition.acquirer, acquisition.target, acquisition.on)
    return kind and at == (change.holder, change.entity, change.on)


def _share(group: Group, change: OwnershipChange) -> Fraction:
    """What the holder owned before the day and did not sell."""
    held = interests_on(group.interests, change.on - timedelta(days=1))
    pair = (change.holder, change.entity)
    owned = sum((e.share for e in held if (e.holder, e.investee) == pair), Fraction(0))
    return owned - change.share


def kept_before(group: Group, year: Period) -> Iterator[Retained]:
    """
    What was kept as an associate of companies that left before a fiscal year.

    A financial asset is in its holder's books as it is in the group's; nothing is due then.
    """
    for code, on in group.kept_on.items() if group.changes else ():
        gone = group.associates_gone.get(code)
        if gone is not None and gone < year.first_day:
            continue  # the rest of it has been sold since
        if on < year.first_day:
            for change in group.changes_of[code]:
                kept = retained_of(group, change) if change.retained_cost is not None else None
                if kept is not None:
                    yield kept


def kept_in(facts: PeriodFacts) -> Iterator[tuple[Retained, bool]]:
    """What is carried on as an associate, and whether it was kept before the period."""
    for kept in facts.kept:
        yield kept, True
    for event in facts.events:
        if isinstance(event, Disposal) and event.retained and event.retained.acquisition:
            yield event.retained, False


def at_fair_value(group: Group, acquisition: Acquisition, start: Period) -> Acquisition:
    """
    Give an acquisition its rates; what was kept of a subsidiary cost its fair value.

    The holder's books may carry it at its old cost. The equity method begins at the fair
    value of the day on which control was lost, in the company's currency at the rates of
    the day, with no translation adjustment.

    Raises:
        MissingRate: the rate of the day was not loaded.
        RetainedDiffers: it states other amounts, or another account, than the sale.

    Source:
        IFRS 10.25(b), 10.B98(b)(iii); IAS 28.10.
    """
    for change in group.changes_of.get(acquisition.target, ()) if group.changes else ():
        if change.retained_cost is None or not _is_of(acquisition, change):
            continue
        held, own = group.currencies[change.holder], group.currencies[change.entity]
        quote = rate_of_day(group, held, change.on, change.holder)
        of_target = rate_of_day(group, own, change.on, change.entity)
        exact = change.retained_fair_value * ratio_of(quote, held, group.presentation)
        across = ratio_of(of_target, own, group.presentation)
        given = acquisition.consideration_currency or own
        worth = acquisition.consideration
        if given == own:  # stated in the company's currency, it is rounded there
            worth = rounded(worth * across / ratio_of(quote, held, group.presentation))
        for field, currency, stated, sold in (
            ("investment", held, acquisition.investment, change.carried),
            ("consideration", held, worth, change.retained_fair_value),
        ):
            if stated != sold:
                raise RetainedDiffers(acquisition.id, field, currency, stated, sold)
        acquisition = replace(
            acquisition,
            quote=of_target,
            investment_quote=quote,
            consideration=acquisition.consideration if given == own else rounded(exact / across),
            consideration_currency="",
            investment=change.retained_fair_value,
            investment_historical=rounded(exact),
        )
    return resolve_acquisition(group, acquisition, start)


def carry_kept(kept: Iterable[Retained], chart: Chart, currency: str) -> list[Entry]:
    """
    Take what was kept in earlier periods from what the books carry it at to its fair value.

    The difference was part of the gain then, and is in retained earnings now; from the fair
    value on the equity method carries it.

    Source:
        IFRS 10.25(b), 10.B98(b)(iii).
    """
    return [
        Entry(
            id=f"KEPT-{each.entity}-{each.on}",
            layer=LayerName.ELIMINATION,
            kind="settled_sale",
            reason="entries.settled-retained",
            standard="IFRS 10.25",
            currency=currency,
            lines=(
                EntryLine(each.account, each.beyond, each.holder),
                EntryLine(chart.roles.retained_earnings, -each.beyond, each.holder),
            ),
            entity=each.entity,
        )
        for each in kept
        if each.beyond
    ]
