"""Flows of a company's month that the records give a day: they take its rate, not the average."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from monthclose.consolidation.cash_rules import CashRules
from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.dividends import reduced_investment
from monthclose.consolidation.facts import quote_for, resolve_acquisition
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind, Received
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.entities import Entity
from monthclose.ledger.events import Event
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, Quote
from monthclose.ledger.reductions import CapitalReduction


@dataclass(frozen=True, slots=True)
class DatedPart:
    """
    A part of an account's flow that has a day.

    Attributes:
        label: What it is, for the proof.
        amount: Minor units of the company's currency, an inflow is positive.
        quote: Its rate; None in the presentation currency.
        key: The acquisition, or the change of ownership, that it was paid for.
        certain: Whether the close has held it against the account already.
    """

    label: str
    amount: int
    quote: Quote | None
    key: str = ""
    certain: bool = False


def change_key(change: OwnershipChange | Event) -> str:
    """What tells one change of ownership from another."""
    return f"{change.holder} {change.entity} {change.on}"


def reduction_key(given: CapitalReduction, part: Received) -> str:
    """What tells a holder's part of a reduction of capital from another."""
    return f"{part.holder} {given.entity} {given.account} {given.on} {given.reference}"


def account_of(acquisitions: Iterable[Acquisition], holder: str, target: str) -> str:
    """The account on which a holder carries a company."""
    return next(
        each.investment_account
        for each in acquisitions
        if (each.acquirer, each.target) == (holder, target)
    )


def parts_of_days(
    group: Group, entity: Entity, month: Period, rules: CashRules
) -> dict[int, list[DatedPart]]:
    """
    What was paid in, invested, sold and received in a month, each at the rate of its day.

    Args:
        group: With its records.
        entity: The company.
        month: The month.
        rules: Finds the accounts of dividends not yet received.

    Returns:
        By place of the account in the chart.

    Raises:
        MissingRate: a rate of a day was not loaded.

    Source:
        IAS 7.25; ASC 830-230-45-1.
    """
    parts: dict[int, list[DatedPart]] = {}
    for found in (_capital, _shares):
        for account, flow in found(group, entity, month):
            if account in rules.chart:
                parts.setdefault(rules.chart.index[account], []).append(flow)
    received = []
    for dividend, part in group.dividends_to.get(entity.code, ()):
        if dividend.on is None or Period.of(dividend.on) != month:
            continue
        quote = part.quote or _rate_of(group, entity, dividend.on)
        received.append(DatedPart("dividends_due", -part.amount, quote))
        if reduced_investment(group, dividend, part):
            # Under equity pick-up it is no income: it comes off the investment.
            off = DatedPart("dividends", part.amount, quote, certain=True)
            account = _carried_on(group, entity, dividend.payer)
            parts.setdefault(rules.chart.index[account], []).append(off)
    for place in rules.dividends_due if received else ():
        parts[place] = received
    return parts


type _Found = Iterator[tuple[str, DatedPart]]
"""Accounts, and what moved them on a day."""


def _capital(group: Group, entity: Entity, month: Period) -> _Found:
    """Capital paid in, at a foundation and later."""
    for paid in group.contributions_of.get(entity.code, ()):
        if Period.of(paid.on) == month:
            quote = paid.quote or _rate_of(group, entity, paid.on)
            yield paid.account, DatedPart("contribution", paid.amount, quote)
    for given in group.reductions_of.get(entity.code, ()):
        if Period.of(given.on) == month:
            quote = rate_of_day(group, entity.currency, given.on, entity.code)
            label = "capital_reduction"
            yield given.account, DatedPart(label, -given.amount, quote, certain=True)
    for each in group.acquisitions_of.get(entity.code, ()):
        if each.kind is AcquisitionKind.FORMATION and each.on and Period.of(each.on) == month:
            quote = quote_for(group, entity.currency, "historical", None, each)
            for account, amount in each.equity.items():
                yield account, DatedPart("contribution", -amount, quote)


def _shares(group: Group, entity: Entity, month: Period) -> _Found:
    """What was paid for companies, and what left investments with a sale."""
    for each in group.acquisitions_by.get(entity.code, ()):
        held = each.kind is not AcquisitionKind.STEP
        if group.as_associate(each) and each.on == group.kept_on.get(each.target):
            continue  # kept, not bought: part of the sale
        if held and each.on and Period.of(each.on) == month:
            quote = resolve_acquisition(group, each, month).investment_quote
            part = DatedPart("investment", -each.investment, quote, each.id)
            yield each.investment_account, part
    for given in group.reductions:
        for taken in given.received if Period.of(given.on) == month else ():
            if taken.holder == entity.code:
                quote = rate_of_day(group, entity.currency, given.on, entity.code)
                account, key = _carried_on(group, entity, given.entity), reduction_key(given, taken)
                label = "capital_reduction"
                yield account, DatedPart(label, taken.amount, quote, key, certain=True)
    for change in group.changes_by.get(entity.code, ()):
        if Period.of(change.on) == month:
            sign = -1 if change.kind is ChangeKind.INCREASE else 1
            quote = rate_of_day(group, entity.currency, change.on, entity.code)
            # Under equity pick-up the month adds to what leaves with the sale.
            held_against = (entity.code, change.entity) in group.picked_up
            key = change_key(change)
            part = DatedPart("sale", sign * change.cost, quote, key, certain=held_against)
            yield change.investment_account, part
            if change.carried:
                yield change.retained_account, DatedPart("sale", -change.carried, quote)


def _carried_on(group: Group, entity: Entity, target: str) -> str:
    """The account on which a company carries a subsidiary."""
    return next(
        each.investment_account
        for each in group.acquisitions_of.get(target, ())
        if each.acquirer == entity.code
    )


def _rate_of(group: Group, entity: Entity, on: date) -> Quote | None:
    """The rate of a day."""
    pair = (entity.currency, group.presentation)
    if entity.currency == group.presentation:
        return None
    quote = group.rates.historical(*pair, on)
    if quote is None:
        raise MissingRate(*pair, "historical", str(on), entity.code)
    return quote
