"""A group's dated records: held against each other, and resolved for one month."""

from monthclose.consolidation.associate_months import associates_of
from monthclose.consolidation.capital_returned import reductions_of
from monthclose.consolidation.changes import Closed, with_changes
from monthclose.consolidation.dated_steps import stepped
from monthclose.consolidation.dividends import dividends_of
from monthclose.consolidation.facts import Carried, dated_parts, resolve_acquisition
from monthclose.consolidation.items import items_of
from monthclose.consolidation.months import Months
from monthclose.consolidation.net_investments import check_loans, loans_of
from monthclose.consolidation.ownership import check_ownership
from monthclose.consolidation.pickup_months import picked_up
from monthclose.consolidation.policy import check_adjustments
from monthclose.consolidation.reporting_dates import check_reporting_dates
from monthclose.consolidation.schedules import charged, check_losses
from monthclose.consolidation.transfers import take_along
from monthclose.consolidation.unrealised import named_in, profits_of
from monthclose.ledger.accounts import UnknownAccount
from monthclose.ledger.acquisitions import Dividend, Transfer
from monthclose.ledger.entities import Entity, UnknownEntity, interests_on
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.translations import Translation


def check_records(group: Group) -> None:
    """Refuse a record of a company or an account that the group does not have."""
    known = {entity.code for entity in group.entities}
    named = [(row.entity, row.account) for row in group.openings]
    named += [(paid.entity, paid.account) for paid in group.contributions]
    named += [(each.entity, each.account) for each in group.recognised]
    named += [(item.entity, item.account) for item in group.items]
    check_losses(group)
    for moved in group.transfers:
        named += [(moved.entity, moved.source), (moved.entity, moved.account)]
    for given in group.reductions:
        named.append((given.entity, given.account))
        named += [(part.holder, "") for part in given.received]
    for bought in group.acquisitions:
        named += [(bought.target, account) for account in bought.equity]
        named.append((bought.acquirer, bought.investment_account))
    for change in group.changes:
        named += [
            (change.entity, ""),
            (change.holder, change.investment_account),
            (change.holder, change.gain_account),
        ]
    for dividend in group.dividends:
        named.append((dividend.payer, group.chart.roles.dividends))
        named.append((dividend.payer, dividend.account))
        named += [(part.holder, part.income_account) for part in dividend.received]
    named += named_in(group)
    named += [(each.entity, each.account) for each in group.loans]
    named += [(each.partner, "") for each in group.loans]
    named += [(each.entity, each.account) for each in group.corrections]
    for code, account in named:
        if code not in known:
            raise UnknownEntity(code, group.code)
        if account and account not in group.chart:
            raise UnknownAccount(account, code)
    check_adjustments(group)
    check_reporting_dates(group)
    check_loans(group)


def transfers_of(
    group: Group, entity: Entity, period: Period, carried: Carried
) -> tuple[Transfer, ...]:
    """An entity's transfers inside equity since the roll-forward began, with what went along."""
    if entity.code not in group.transfers_of:
        return ()
    dated = dated_parts(group, entity, period, carried)
    moved = take_along(group, entity, period, carried.start, carried.accounts, dated)
    since = carried.start.first_day
    return tuple(each for each in moved if each.account and each.on >= since)


def resolve_month(
    months: Months, period: str, closed: Closed
) -> tuple[PeriodFacts, list[Translation]]:
    """
    Resolve the group's records for a month, and translate every entity.

    Args:
        months: Every company's.
        period: The month.
        closed: Closes an earlier month, should this one open with what only its close knows.
    """
    group, month = months.records, Period.parse(period)
    months.together(month)
    rates, openings, translations = {}, {}, []
    starts: dict[str, Period] = {}
    dividends: list[Dividend] = []
    transfers: list[Transfer] = []
    for entity in months.in_scope(period):
        rates[entity.code], translation, opening = months.month(entity, month)
        openings[entity.code] = opening
        translations.append(translation)
        starts[entity.code] = months.start(entity, month)
        start = starts[entity.code]
        dividends += dividends_of(group, entity, month, start)
        if entity.code in group.transfers_of:
            transfers += transfers_of(group, entity, month, months.carried(entity, start))
    firsts = [(entity, months.first(entity)) for entity in months.in_scope(period)]
    check_ownership(group, firsts, month)
    begun = {entity.code: first for entity, first in firsts}
    acquisitions = tuple(
        picked_up(
            months,
            charged(
                group,
                stepped(group, resolve_acquisition(group, each, starts[each.target])),
                starts[each.target],
                group.until(each.target, month),
            ),
            month,
        )
        for each in group.acquisitions
        if each.target in starts
        and (each.on is None or each.on <= month.last_day)
        and not group.as_associate(each)
    )
    facts = PeriodFacts(
        period=period,
        rates=rates,
        openings=openings,
        acquisitions=acquisitions,
        dividends=tuple(dividends),
        transfers=tuple(transfers),
        reductions=reductions_of(months, month, starts) if group.reductions else (),
        interests=interests_on(group.interests, month.last_day),
        items=items_of(group, month, starts),
        loans=loans_of(group, month, begun) if group.loans else (),
        tolerance=group.tolerance,
        associates=associates_of(months, month),
        profits=profits_of(group, month),
        restated=tuple(
            months.restated[each.entity, period]
            for each in translations
            if (each.entity, period) in months.restated
        ),
    )
    return with_changes(facts, months, month, closed), translations
