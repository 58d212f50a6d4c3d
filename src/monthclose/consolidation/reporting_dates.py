"""Companies whose books are of an earlier day than the group's: what happened in between."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from monthclose.consolidation.matching import Matching
from monthclose.ledger.acquisitions import AcquisitionKind
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Cause, Item, Reason
from monthclose.ledger.journal import LayerName
from monthclose.ledger.periods import Day, Period
from monthclose.wording import Word, say

LONGEST = 3
"""By how many months books may be earlier (IFRS 10.B93; ASC 810-10-45-12)."""

type _Happened = tuple[date, str, str, Mapping[str, int]]
"""A day, the kind of event, what tells it apart, and what the books enter, debit positive."""


class ReportingLagRefused(CloseError):
    """Books of an earlier date where the close has no rule for them."""

    code = "reporting-lag-refused"

    def __init__(self, entity: str, reason: str, what: str = "") -> None:
        super().__init__(entity=entity, reason=Word(f"reporting-lag-{reason}"), what=what or "–")


def check_reporting_dates(group: Group) -> None:
    """
    Refuse a reporting date that the close could not follow.

    Raises:
        ReportingLagRefused: of the parent; of more than three months; of books restated with
            a price index; of a company that changes hands, or is under equity pick-up.

    Source:
        IFRS 10.B92-B93; IAS 28.34; ASC 810-10-45-12.
    """
    if not group.lags:
        return
    for entity in group.entities:
        if not entity.reporting_lag:
            continue
        if not 0 < entity.reporting_lag <= LONGEST:
            raise ReportingLagRefused(entity.code, "months", str(entity.reporting_lag))
        if entity.method is Method.PARENT:
            raise ReportingLagRefused(entity.code, "parent")
        if entity.index:
            raise ReportingLagRefused(entity.code, "index", entity.index)
    for change in group.changes:
        for code in (change.entity, change.holder, *group.reached_by(change)):
            if code in group.lags:
                raise ReportingLagRefused(code, "change", f"{change.entity} {change.on}")
    for holder, target in sorted(group.picked_up):
        for code in (holder, target):
            if code in group.lags:
                raise ReportingLagRefused(code, "pickup", f"{holder}, {target}")


def entries_between(group: Group, entity: Entity) -> tuple[Adjustment, ...]:
    """
    Policy entries that bring a company's books up to the events recorded since their date.

    An event counts in the group's month of its day, like the other side of it in the books
    of a company with the group's date. Until the books of that day have their turn the
    close enters it, against the account of intercompany differences, and then takes the
    entry back.

    Args:
        group: With its events.
        entity: The company.

    Source:
        IFRS 10.B93: adjusted for the effects of significant transactions or events between
        the two dates; IAS 28.35; ASC 810-10-45-12.
    """
    if not entity.reporting_lag:
        return ()
    made = []
    for day, kind, label, lines in _happened(group, entity):
        month = Period.of(day)
        arrives = month
        while group.reported(entity.code, arrives) < month:
            arrives = arrives.plus(1)
        if arrives == month or not any(lines.values()):
            continue
        facts = {"what": Word(f"between-{kind}"), "day": Day(day), "month": arrives}
        for when, sign, name in ((month, 1, "between-dates"), (arrives, -1, "between-arrived")):
            said = say(f"entries.{name}", group.language, **facts)
            entry = {account: sign * amount for account, amount in lines.items() if amount}
            number = f"{name.upper()} {label}"
            made.append(Adjustment(number, str(when), LayerName.POLICY, entity.code, entry, said))
    return tuple(made)


def _happened(group: Group, entity: Entity) -> Iterator[_Happened]:
    """What the records say of a company's own books, day by day."""
    code, roles = entity.code, group.chart.roles
    between = roles.difference_position
    for number, paid in enumerate(group.dividends_of.get(code, ()), 1):
        if paid.on is not None:
            # Interest on equity is an expense of the books until it is taken to dividends.
            account = paid.account or roles.dividends
            lines = {account: paid.amount, between: -paid.amount}
            yield paid.on, "dividend", f"{paid.on} {number}", lines
    for number, (dividend, part) in enumerate(group.dividends_to.get(code, ()), 1):
        if dividend.on is not None:
            lines = {part.income_account: -part.amount, between: part.amount}
            yield dividend.on, "received", f"{dividend.payer} {dividend.on} {number}", lines
    for number, came in enumerate(group.contributions_of.get(code, ()), 1):
        lines = {came.account: -came.amount, between: came.amount}
        yield came.on, "contribution", f"{came.on} {number} C", lines
    for paid_up in group.acquisitions_of.get(code, ()):
        if paid_up.on is not None and paid_up.kind is AcquisitionKind.FORMATION:
            lines = {**paid_up.equity, between: -sum(paid_up.equity.values())}
            yield paid_up.on, "contribution", paid_up.id, lines
    for number, gain in enumerate(group.recognised_of.get(code, ()), 1):
        lines = {gain.account: -gain.amount, between: gain.amount}
        yield gain.on, "oci", f"{gain.on} {number} O", lines
    for number, moved in enumerate(group.transfers_of.get(code, ()), 1):
        lines = {moved.source: moved.amount, moved.account: -moved.amount}
        yield moved.on, "transfer", f"{moved.on} {number} T", lines
    yield from _sold_and_bought(group, entity)


def _sold_and_bought(group: Group, entity: Entity) -> Iterator[_Happened]:
    """Assets sold within the group, and shares bought."""
    code, between = entity.code, group.chart.roles.difference_position
    for sale in group.asset_sales:
        if sale.seller == code:
            if sale.currency != entity.currency:
                raise ReportingLagRefused(code, "sale", sale.id)
            lines = {sale.gain_account: -sale.amount, between: sale.amount}
            yield sale.on, "sale", sale.id, lines
    for bought in group.acquisitions_by.get(code, ()):
        if bought.on is not None and bought.investment:
            lines = {bought.investment_account: bought.investment, between: -bought.investment}
            yield bought.on, "purchase", bought.id, lines


def of_other_dates(group: Group, period: str, matching: Matching) -> Matching:
    """
    Name the cause of what two companies with books of different days leave open.

    One of the two has not booked yet what the other has, or was translated at the rate of
    another day. Cents are still cents; what is left over still blocks.

    Source:
        IFRS 10.B93, B86(c).
    """
    month = Period.parse(period)

    def apart(item: Item) -> bool:
        if item.entity not in group.lags and item.partner not in group.lags:
            return False
        return group.reported(item.entity, month) != group.reported(item.partner, month)

    matches = tuple(
        replace(match, cause=Cause.REPORTING_DATE)
        if match.cause in (Cause.FX, Cause.AMOUNT) and apart(match.a[0])
        else match
        for match in matching.matches
    )
    unmatched = tuple(
        replace(each, reason=Reason.REPORTING_DATE) if apart(each.item) else each
        for each in matching.unmatched
    )
    return Matching(matches, unmatched)
