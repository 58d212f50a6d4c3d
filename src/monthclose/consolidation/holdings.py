"""A company that holds others on the day on which a part of it changed hands."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from monthclose.consolidation.chain_sales import held_when_bought
from monthclose.consolidation.elimination import Sold
from monthclose.consolidation.purchase import historical_cost
from monthclose.consolidation.worksheet import Worksheet
from monthclose.ledger.accounts import RESULT
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import Day, Disposal, PartialDisposal, StepAcquisition
from monthclose.ledger.money import rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.pickups import PickedUp
from monthclose.ledger.rates import Quote, convert_one, ratio_of


class HolderChanged(CloseError):
    """What a company did with one below it has no place on a day later in the year."""

    code = "holder-changed"

    def __init__(self, entity: str, other: str, on: date | None) -> None:
        super().__init__(entity=entity, other=other, on=str(on))


def holdings_on(sheet: Worksheet, sale: PartialDisposal) -> Day:
    """
    Say what its investments change of a company's books on the day of a sale, for outsiders.

    They share in it without its investments in the group: what those bought is shared in
    below, at its day too. What is left is goodwill that the company paid for, or a bargain,
    and of outsiders at fair value what goodwill was at first. The retranslation of an
    investment is nobody's, and dividends and pick-up of companies below are their result.

    Args:
        sheet: With every investment eliminated.
        sale: Of a part of the company, or of one above it.

    Returns:
        To add to the books; nothing for a company that holds none.

    Raises:
        HolderChanged: it sold one whole, gained control of one in steps, got capital back of
            one, or keeps a translation reserve of one under equity pick-up.

    Source:
        IFRS 10.23, 10.B94, 10.B96; IAS 21.41, 21.48C.
    """
    code, on = sale.entity, sale.on
    bought = [e for e in sheet.acquisitions if e.acquirer == code and _by(e.on, on)]
    if not bought:
        return Day(0, 0, 0)
    _check(sheet, sale, bought)
    currency, presentation = sheet.entities[code].currency, sheet.group.presentation
    was, quotes = held_when_bought(sheet.facts), _quotes(sheet, sale)
    exact, cta, profit, carried = Fraction(0), 0, 0, 0
    for each in bought:
        purchase, cost = sheet.purchases[each.id], historical_cost(each)
        full = each.nci_method == "fair_value"
        part = was[each.target] if full else 1 - each.nci_share
        rate = ratio_of(each.quote, purchase.currency, presentation)
        exact += cost - purchase.identifiable_net_assets * part * rate
        exact += purchase.gain_presentation
        profit += purchase.gain_presentation if each.in_period else 0
        layer = purchase.goodwill_layer
        if layer is not None and not full:
            goodwill = purchase.goodwill_schedule
            until = [e for e in goodwill.charges if e.current and e.by(on, sale.before)]
            quote = quotes.get(each.target, sheet.rates(each.target).closing)
            pair = (purchase.currency, presentation)
            now = convert_one(goodwill.opening - sum(e.amount for e in until), quote, *pair)
            charged = sum(convert_one(e.amount, e.quote, *pair) for e in until)
            exact += now - layer.acquired
            cta += now - layer.acquired + layer.prior + charged
            profit -= charged
        left = _left_by(sheet, each, sale)
        standing, booked, earned = _picked_up(each, sale, currency, presentation)
        carried += each.investment - (each.pickup.standing if each.pickup else 0)
        carried += standing - (left.amount or 0)
        cta += cost + booked - left.restored
        profit -= earned
    now = convert_one(carried, sale.quote, currency, presentation)
    profit -= _received(sheet, sale, currency) + _gains(sheet, sale)
    return Day(rounded(exact) - now, cta - now, profit)


def _by(on: date | None, day: date | None) -> bool:
    """Whether something had happened by a day."""
    return on is None or day is None or on <= day


def _check(sheet: Worksheet, sale: PartialDisposal, bought: Iterable[Acquisition]) -> None:
    """Refuse what has no day, or would be shared in at a share of another one."""
    for event in sheet.facts.events:
        whole = isinstance(event, Disposal | StepAcquisition)
        if whole and event.holder == sale.entity and _by(event.on, sale.on):
            raise HolderChanged(sale.entity, event.entity, sale.on)
    for given in sheet.facts.reductions:
        if given.in_period and any(part.holder == sale.entity for part in given.received):
            raise HolderChanged(sale.entity, given.entity, sale.on)
    for each in bought:
        if each.pickup and each.pickup.reserve:
            raise HolderChanged(sale.entity, each.target, sale.on)


def _quotes(sheet: Worksheet, sale: PartialDisposal) -> Mapping[str, Quote | None]:
    """Rates of the day of the companies below."""
    same = (each for each in sheet.facts.events if isinstance(each, PartialDisposal))
    return {each.entity: each.quote for each in same if each.through and each.on == sale.on}


def _left_by(sheet: Worksheet, acquisition: Acquisition, sale: PartialDisposal) -> Sold:
    """What had left an investment by the day: holder's currency, and what undoes it."""
    known = sheet.sold.get(acquisition.id, Sold(0, 0))
    amount, restored = known.amount_before, known.restored_before
    pair = (acquisition.acquirer, acquisition.target)
    same = [e for e in sheet.acquisitions if (e.acquirer, e.target) == pair]
    foreign = sheet.entities[acquisition.acquirer].currency != sheet.group.presentation
    for event in _own_sales(sheet, sale) if acquisition is same[-1] else ():
        if (event.holder, event.entity) == pair:
            amount += (event.cost_booked or 0) if foreign else event.cost
            restored += event.cost
    return Sold(amount, restored)


def _picked_up(
    acquisition: Acquisition, sale: PartialDisposal, currency: str, presentation: str
) -> tuple[int, int, int]:
    """
    Equity pick-up by the day: standing in the holder's currency, translated, and earned.

    Of a month within which the day lies it counts by the days, as the result does.
    """
    pickup = acquisition.pickup
    if pickup is None:
        return 0, 0, 0
    standing, booked, earned = pickup.prior, pickup.prior_presentation, 0
    for each in pickup.current:
        amount, translated = _part_by(each, sale, currency, presentation)
        standing, booked, earned = standing + amount, booked + translated, earned + translated
    for each in pickup.dividends:
        if sale.on is None or each.period <= str(Period.of(sale.on)):
            translated = _translated(each, currency, presentation)
            standing, booked = standing - each.amount, booked - translated
    return standing, booked, earned


def _part_by(
    each: PickedUp, sale: PartialDisposal, currency: str, presentation: str
) -> tuple[int, int]:
    """What of a month's pick-up there was on the day."""
    translated = _translated(each, currency, presentation)
    month = Period.of(sale.on) if sale.on else None
    if month is None or each.before or each.period < str(month) or each.period in sale.before:
        return each.amount, translated
    if each.period > str(month) or sale.on is None:
        return 0, 0
    days = Fraction(sale.on.day, month.last_day.day)
    return rounded(each.amount * days), rounded(translated * days)


def _translated(each: PickedUp, currency: str, presentation: str) -> int:
    if each.presentation is not None:
        return each.presentation
    return convert_one(each.amount, each.quote, currency, presentation)


def _received(sheet: Worksheet, sale: PartialDisposal, currency: str) -> int:
    """Dividends of companies below that the books of the day have as income."""
    return sum(
        convert_one(part.amount, part.quote, currency, sheet.group.presentation)
        for dividend in sheet.facts.dividends
        if _by(dividend.on, sale.on)
        for part in dividend.received
        if part.holder == sale.entity
        and sheet.chart.kind(part.income_account) in RESULT
        and not _reduced(sheet, dividend.payer, part.holder)
    )


def _reduced(sheet: Worksheet, payer: str, holder: str) -> bool:
    """Whether dividends came off the investment: it is under equity pick-up."""
    pair = (holder, payer)
    return any(e.pickup for e in sheet.acquisitions if (e.acquirer, e.target) == pair)


def _gains(sheet: Worksheet, sale: PartialDisposal) -> int:
    """The company's own gains on parts of those below, in its books by the day."""
    return sum(each.separate_gain for each in _own_sales(sheet, sale))


def _own_sales(sheet: Worksheet, sale: PartialDisposal) -> Iterator[PartialDisposal]:
    for event in sheet.facts.events:
        if not isinstance(event, PartialDisposal) or event.through:
            continue
        if event.holder == sale.entity and _by(event.on, sale.on):
            yield event
