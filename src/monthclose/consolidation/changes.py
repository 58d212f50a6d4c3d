"""Changes of ownership from dated records: what a month's close makes of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from monthclose.consolidation.dated_steps import former_of, step_event
from monthclose.consolidation.day import books_on, came_after
from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.facts import resolve_acquisition
from monthclose.consolidation.indirect import passed_below
from monthclose.consolidation.months import Months
from monthclose.consolidation.pickup_months import picked_up_by
from monthclose.consolidation.retained import kept_before, retained_of
from monthclose.ledger.accounts import CONTRIBUTED, AccountClass
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.book import Book
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.entities import Interest, Method, group_shares, interests_on
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import (
    Disposal,
    Event,
    OutsidersOpening,
    PartialDisposal,
    Retranslated,
    StepAcquisition,
)
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one


class OutsidersNotStated(CloseError):
    """Outsiders' share changed before the first month, and what they had then is not stated."""

    code = "outsiders-not-stated"

    def __init__(self, entity: str, account: str, period: str, on: str) -> None:
        super().__init__(entity=entity, account=account, period=period, on=on)


type Closed = Callable[[str], Book]
"""Closes an earlier month."""


def with_changes(facts: PeriodFacts, months: Months, month: Period, closed: Closed) -> PeriodFacts:
    """
    Add what changes of ownership up to a month do to it.

    Of the fiscal year they are events; earlier ones have left other investments, other
    outsiders and, in the CTA of foreign holders, exchange differences of nobody.

    Args:
        facts: Of the month, without them.
        months: Every company's.
        month: The month being closed.
        closed: Closes the last month of the fiscal year before, whose outsiders open this one.

    Raises:
        MissingRate: the rate of a day was not loaded.
        DayUnexplained: net assets stated for a day are not those of the books.
    """
    group, year = months.records, months.group.fiscal_year.start(month)
    if not group.changes:
        return facts
    events: list[Event] = []
    settled: list[PartialDisposal | StepAcquisition] = []
    former: list[Acquisition] = []
    scope = {entity.code for entity in months.in_scope(str(month))}
    for code in scope & group.changes_of.keys():
        for change in group.changes_of[code]:
            if change.on > month.last_day:
                continue
            if change.kind is ChangeKind.STEP:
                step, earlier = step_event(group, change), change.on < year.first_day
                (settled if earlier else events).append(step)
                former += former_of(group, change) if earlier else ()
            elif change.on < year.first_day:
                event = part_sold(group, change)
                settled += (event, *passed_below(group, change, event, scope))
            elif change.kind is ChangeKind.DISPOSAL:
                events.append(disposed(group, change))
            else:
                event = part_sold(group, change)
                for each in (event, *passed_below(group, change, event, scope)):
                    events.append(_on_its_day(months, change, each, month))
    shared = {each.entity for each in settled if isinstance(each, PartialDisposal)}
    interests = _interests(group, month, scope)
    shared |= _above(months, month, interests, year)
    return replace(
        facts,
        interests=interests,
        events=tuple(sorted(events, key=lambda each: _in_order(each, events))),
        settled=tuple(sorted(settled, key=lambda each: _in_order(each, settled))),
        former=tuple(former),
        outsiders=tuple(_openings(months, year, shared, closed)),
        kept=tuple(kept_before(group, year)),
        gone=tuple(_together((*_gone(months, year, scope), *_associates_gone(months, year)))),
    )


def _on_its_day(
    months: Months, change: OwnershipChange, sale: PartialDisposal, month: Period
) -> PartialDisposal:
    """Give a sale the books of its company on the day, and what came to them afterwards."""
    own = change
    if sale.through:  # what is stated is of the company whose shares were sold
        own = replace(change, entity=sale.entity, net_assets=None)
    books, before = books_on(months, own)
    return replace(
        sale,
        books=books,
        before=before,
        paid_later=came_after(months, own, month, CONTRIBUTED),
        recognised_later=came_after(months, own, month, {AccountClass.OCI}),
    )


def _in_order(event: Event, events: Sequence[Event]) -> tuple[str, int, str, str, bool, str]:
    """
    By day; of one day what a company sells comes before it is sold itself, or a part of it.

    What a sale did to companies below the one it is of follows it.
    """
    sold = {e.entity: e for e in events if e.on == event.on and not _through(e)}
    above, holder = 0, event.holder
    while holder in sold and above < len(sold):
        above, holder = above + 1, sold[holder].holder
    through = _through(event)
    top = through or event.entity
    return (str(event.on), -above, top, event.holder, bool(through), event.entity)


def _through(event: Event) -> str:
    """The company whose shares changed hands, of an event of one below it; else empty."""
    return event.through if isinstance(event, PartialDisposal) else ""


def presented(group: Group, change: OwnershipChange) -> tuple[int, int, int]:
    """
    Translate price, cost and gain at the rate of the day.

    Price, gain and what the books keep are rounded, the cost is what they leave, so that
    together they still make one.

    Returns:
        Minor units of the presentation currency, all below nil for shares that were bought.

    Source:
        IAS 21.22, 21.39(b).
    """
    currency, presentation = group.currencies[change.holder], group.presentation
    quote = rate_of_day(group, currency, change.on, f"{change.holder} {change.entity}")
    sign = -1 if change.bought else 1
    price = convert_one(sign * change.proceeds, quote, currency, presentation)
    gain = convert_one(change.gain, quote, currency, presentation)
    kept = convert_one(change.carried, quote, currency, presentation) if change.carried else 0
    return price, price + kept - gain, gain


def disposed(group: Group, change: OwnershipChange) -> Disposal:
    """A loss of control, in presentation currency."""
    price, cost, gain = presented(group, change)
    return Disposal(
        entity=change.entity,
        holder=change.holder,
        share=change.share,
        proceeds=price,
        cost=cost,
        separate_gain=gain,
        investment_account=change.investment_account,
        gain_account=change.gain_account,
        on=change.on,
        cost_booked=change.cost,
        retained=retained_of(group, change),
    )


def part_sold(group: Group, change: OwnershipChange) -> PartialDisposal:
    """A change that left control where it was, in presentation currency, without its day."""
    price, cost, gain = presented(group, change)
    currency = group.currencies[change.entity]
    sign = -1 if change.kind is ChangeKind.INCREASE else 1
    return PartialDisposal(
        entity=change.entity,
        holder=change.holder,
        share=change.sold,
        proceeds=price,
        cost=cost,
        separate_gain=gain,
        investment_account=change.investment_account,
        gain_account=change.gain_account,
        quote=rate_of_day(group, currency, change.on, change.entity),
        net_assets=change.net_assets or 0,
        on=change.on,
        cost_booked=sign * change.cost,
    )


def _interests(group: Group, month: Period, scope: Iterable[str]) -> tuple[Interest, ...]:
    """
    The interests of the last day; of a company sold in the year those before its day.

    Those of companies that are no longer consolidated are left out.
    """
    now = interests_on(group.interests, month.last_day)
    sold = {code: on for code, on in group.sold_on.items() if on <= month.last_day}
    if not sold:
        return now
    kept = [each for each in now if not {each.investee, each.holder} & sold.keys()]
    for code in sorted(sold.keys() & set(scope)):
        before = interests_on(group.interests, sold[code] - timedelta(days=1))
        kept += [
            each
            for each in before
            if code in (each.investee, each.holder) and not _left_first(each, code, sold)
        ]
    return tuple(kept)


def _left_first(interest: Interest, code: str, sold: Mapping[str, date]) -> bool:
    """Whether an interest is one of the other company's sale: the earlier, or the one below."""
    other = interest.holder if code == interest.investee else interest.investee
    if other not in sold or sold[other] != sold[code]:
        return other in sold and sold[other] < sold[code]
    return code == interest.holder


def _gone(months: Months, year: Period, scope: set[str]) -> Iterable[Retranslated]:
    """
    What is left in the CTA of foreign holders of investments that were sold in earlier years.

    The holder's equity was translated with the investment in it; while it was carried, its
    retranslation was taken out. Sold, it is part of the result its books show at the rate
    of the day: that much stays retained earnings.
    """
    group = months.records
    for code, on in group.sold_on.items():
        if code in scope or on >= year.first_day:
            continue
        changes = [e for e in group.changes_of.get(code, ()) if e.kind is not ChangeKind.STEP]
        for holder in sorted({each.holder for each in changes} & scope):
            if group.currencies[holder] == group.presentation:
                continue
            cost = sum(presented(group, each)[1] for each in changes if each.holder == holder)
            for bought in group.acquisitions_of.get(code, ()):
                if bought.acquirer == holder:
                    cost -= _historical(group, bought)
                    cost -= picked_up_by(months, bought, Period.of(on))
            if cost:
                yield Retranslated(code, holder, cost)


def _associates_gone(months: Months, year: Period) -> Iterable[Retranslated]:
    """The same of associates that were sold whole: their shares went one sale after the other."""
    group = months.records
    for code, on in group.associates_gone.items():
        holder = group.associate_sales_of[code][-1].holder
        left = group.sold_on.get(holder)
        if left is not None and left < year.first_day:
            continue  # with all that it was translated to
        if on >= year.first_day or group.currencies[holder] == group.presentation:
            continue
        amount = sum(presented(group, each)[1] for each in group.associate_sales_of[code])
        for bought in group.acquisitions_by.get(holder, ()):
            if bought.target == code and bought.kind is AcquisitionKind.ASSOCIATE:
                # What was given for it in the associate's currency does not matter here.
                amount -= _historical(group, replace(bought, consideration_currency=""))
                amount -= picked_up_by(months, bought, Period.of(on))
        if amount:
            yield Retranslated(code, holder, amount)


def _together(gone: Iterable[Retranslated]) -> Iterable[Retranslated]:
    """One amount for what a subsidiary left behind, and what the associate it became left."""
    found: dict[tuple[str, str], int] = {}
    for each in gone:
        key = (each.entity, each.holder)
        found[key] = found.get(key, 0) + each.amount
    return (Retranslated(*key, amount) for key, amount in found.items() if amount)


def _historical(group: Group, acquisition: Acquisition) -> int:
    """The cost of an acquisition in presentation currency."""
    start = Period.of(acquisition.on) if acquisition.on else Period(2000, 1)
    return resolve_acquisition(group, acquisition, start).investment_historical or 0


def _above(
    months: Months, month: Period, interests: tuple[Interest, ...], year: Period
) -> set[str]:
    """Holders with outsiders of their own that sold or bought shares before a fiscal year."""
    group = months.records
    made = [
        change
        for code in group.changes_of
        for change in group.changes_of[code]
        if change.on < year.first_day and change.kind is not ChangeKind.STEP
    ]
    entities = months.in_scope(str(month))
    parent = next((each.code for each in entities if each.method is Method.PARENT), "")
    holders = {change.holder for change in made} - {parent}
    if not holders:
        return set()
    shares = group_shares(tuple(entities), interests)
    found = {code for code in holders if shares.get(code, 1) != 1}
    kept = {e.holder for e in made if e.kind is not ChangeKind.DISPOSAL}
    # All that was sold before the first month here has left nothing in the holder.
    return {code for code in found if code in kept or months.first(months.entities[code]) < year}


def _openings(
    months: Months, year: Period, changed: set[str], closed: Closed
) -> Iterable[OutsidersOpening]:
    """
    What outsiders had when the year opened, of companies whose shares changed before it.

    It is what the close before left. At one percentage it could be worked out from the
    day of acquisition; at several it is carried forward, and so is the CTA in it.
    """
    if not changed:
        return
    first = {code: months.first(months.entities[code]) for code in changed}
    book, moved = None, dict[str, dict[str, int]]()
    for code in sorted(changed):
        if first[code] < year:
            book = book or closed(str(year.plus(-1)))
            moved = moved or _in_outsiders(book, changed)
            rolled, theirs = book.nci.get(code), moved.get(code, {})
            yield OutsidersOpening(
                code,
                rolled.closing if rolled else 0,
                theirs.get(book.chart.roles.cta, 0),
                {a: n for a, n in theirs.items() if book.chart.kind(a) in CONTRIBUTED},
                {a: n for a, n in theirs.items() if book.chart.kind(a) is AccountClass.OCI},
            )
        else:
            yield _loaded(months.group, code, year)


def _in_outsiders(book: Book, codes: set[str]) -> dict[str, dict[str, int]]:
    """What entries moved from each equity account to outsiders, by company, credit positive."""
    kinds, moved = ("attribution", "partial_disposal", "capital"), dict[str, dict[str, int]]()
    for entry in book.entries:
        if entry.kind in kinds and entry.entity in codes:
            of_it = moved.setdefault(entry.entity, {})
            for line in entry.lines:
                if line.entity == entry.entity:  # a sale moves accounts of its holder too
                    of_it[line.account] = of_it.get(line.account, 0) + line.amount
        elif entry.kind == "disposal":  # what of goodwill's CTA the holder's outsiders had
            for line in entry.lines:
                if line.entity in codes and line.account == book.chart.roles.cta:
                    of_it = moved.setdefault(line.entity, {})
                    of_it[line.account] = of_it.get(line.account, 0) + line.amount
    return moved


def _loaded(group: Group, code: str, year: Period) -> OutsidersOpening:
    """
    What the openings state, of a company that is closed from this year on.

    Raises:
        OutsidersNotStated: they do not state it, and nothing here could work it out.
    """
    nci = [row for row in group.openings_of.get(code, ()) if _is_nci(group, row.account)]
    if not nci:
        last = max(
            each.on
            for each in (*group.touching.get(code, ()), *group.changes_by.get(code, ()))
            if each.on < year.first_day
        )
        raise OutsidersNotStated(code, group.chart.roles.nci, str(year), str(last))
    return OutsidersOpening(code, -sum(row.translated for row in nci), None)


def _is_nci(group: Group, account: str) -> bool:
    return group.chart.kind(account) is AccountClass.NCI
