"""What a purchase charges, from its dated records: months, averages, losses, accounts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from monthclose.ledger.acquisitions import (
    Acquisition,
    ChargedPeriod,
    GoodwillLoss,
    Impairment,
    PurchaseAccounts,
)
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, Quote


class RoleMissing(CloseError):
    """A purchase needs an account of the chart that no account was named for."""

    code = "role-missing"

    def __init__(self, role: str, acquisition: str) -> None:
        super().__init__(role=role, acquisition=acquisition)


class LossMisplaced(CloseError):
    """A loss on goodwill of no acquisition of the company, or of a day before it."""

    code = "loss-misplaced"

    def __init__(self, acquisition: str, entity: str, on: date) -> None:
        super().__init__(acquisition=acquisition, entity=entity, on=str(on))


def check_losses(group: Group) -> None:
    """
    Refuse a loss on goodwill that no acquisition of its company brought by then.

    Raises:
        LossMisplaced: the acquisition is unknown, of another company, or later.
    """
    if not group.impairments:
        return
    bought = {each.id: each for each in group.acquisitions}
    for loss in group.impairments:
        of_it = bought.get(loss.acquisition)
        if of_it is None or of_it.target != loss.entity or (of_it.on or loss.on) > loss.on:
            raise LossMisplaced(loss.acquisition, loss.entity, loss.on)


def first_charged(acquisition: Acquisition) -> Period | None:
    """
    The first month that a purchase charges; None: its day is not known.

    The month of acquisition when control passes by its first weekday, otherwise the next
    one, unless the record says which (a policy: IAS 38.97 and IAS 16.55 want the day).
    """
    if acquisition.first_charge:
        return Period.parse(acquisition.first_charge)
    if acquisition.on is None:
        return None
    month = Period.of(acquisition.on)
    first_weekday = month.first_day
    while first_weekday.weekday() >= 5:
        first_weekday += timedelta(days=1)
    return month if acquisition.on <= first_weekday else month.plus(1)


def charged(group: Group, acquisition: Acquisition, start: Period, month: Period) -> Acquisition:
    """
    Give an acquisition the months it charges, its losses on goodwill, and its accounts.

    Each month is charged on its own at its own average, so that what a month is charged
    is the same in every close that follows. After the longest life nothing is.

    Args:
        group: Its rates, its losses, the roles of its chart.
        acquisition: As recorded.
        start: The first month of the target's roll-forward.
        month: The month being closed.

    Returns:
        The same one when it has nothing to charge.

    Raises:
        MissingRate: the average of a month since acquisition was not loaded.
        RoleMissing: the chart names no account for something that is charged.

    Source:
        IAS 21.40; IAS 38.97; ASC 350-20-35-63.
    """
    losses = group.impairments_of.get(acquisition.id, ())
    has_charges = acquisition.step_ups or acquisition.goodwill_life or losses
    if not (has_charges or acquisition.result):
        return acquisition
    currency = group.currencies[acquisition.target]
    year = group.fiscal_year.start(start)
    periods: dict[bool, list[ChargedPeriod]] = {False: [], True: []}
    for when in _months(acquisition, month):
        books = group.reported(acquisition.target, when)
        quote = _average(group, currency, books, acquisition.id)
        since = when >= start
        periods[since].append(ChargedPeriod(str(when), 1, quote, not since and when >= year))
    return replace(
        acquisition,
        prior_periods=tuple(periods[False]),
        current_periods=tuple(periods[True]),
        impairments=tuple(
            Impairment(
                loss.amount,
                loss_rate(group, currency, loss),
                loss.on >= start.first_day,
                str(Period.of(loss.on)),
                year.first_day <= loss.on < start.first_day,
                loss.on,
            )
            for loss in losses
            if loss.on <= month.last_day
        ),
        accounts=purchase_accounts(group, acquisition),
    )


def _months(acquisition: Acquisition, month: Period) -> Iterator[Period]:
    """The months charged up to and including one: none after the longest life."""
    lives = [each.life or 0 for each in acquisition.step_ups]
    longest = max([*lives, acquisition.goodwill_life or 0])
    first = first_charged(acquisition)
    while first is not None and longest > 0 and first <= month:
        yield first
        first, longest = first.plus(1), longest - 1


def _average(group: Group, currency: str, month: Period, where: str) -> Quote | None:
    """The average of a month; none in the presentation currency."""
    if currency == group.presentation:
        return None
    quote = group.rates.average(currency, group.presentation, month)
    if quote is None:
        raise MissingRate(currency, group.presentation, "average", str(month), where)
    return quote


def loss_rate(group: Group, currency: str, loss: GoodwillLoss) -> Quote | None:
    """
    The rate of a loss: of its day when one was published or loaded for it, else the average.

    Raises:
        MissingRate: there is neither.

    Source:
        IAS 21.21, 21.39(b), 21.40.
    """
    if currency == group.presentation:
        return None
    quote = group.rates.historical(currency, group.presentation, loss.on)
    if quote is not None and quote.on == str(loss.on):
        return quote
    return _average(group, currency, Period.of(loss.on), loss.acquisition)


def purchase_accounts(group: Group, acquisition: Acquisition) -> PurchaseAccounts:
    """
    The accounts of a purchase, as the roles of the chart name them.

    Raises:
        RoleMissing: one that is needed has no account.
    """
    roles = group.chart.roles
    needed = {
        "deferred_tax": bool(acquisition.step_ups and acquisition.tax_rate),
        "deferred_tax_result": bool(acquisition.step_ups and acquisition.tax_rate),
        "goodwill_impairment": acquisition.id in group.impairments_of,
        "goodwill_amortisation": acquisition.goodwill_life is not None,
        "result_before": bool(acquisition.result),
    }
    for role, wanted in needed.items():
        if wanted and getattr(roles, role) not in group.chart:
            raise RoleMissing(role, acquisition.id)
    return PurchaseAccounts(
        deferred_tax=roles.deferred_tax,
        deferred_tax_result=roles.deferred_tax_result,
        impairment=roles.goodwill_impairment,
        amortisation=roles.goodwill_amortisation,
        result_before=roles.result_before,
    )
