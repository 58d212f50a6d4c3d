"""A company on a day within its months: what it had, and what it had earned."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import date

from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.dividends import dividends_of
from monthclose.consolidation.facts import dated_parts
from monthclose.consolidation.months import Months
from monthclose.ledger.accounts import POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.changes import OwnershipChange
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import Day
from monthclose.ledger.money import Money, round_ratio
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Translation


class DayDiffers(CloseError):
    """Net assets stated for the last day of a month are not those of its balance."""

    code = "day-differs"

    def __init__(self, entity: str, on: date, currency: str, known: int, stated: int) -> None:
        super().__init__(
            entity=entity,
            on=str(on),
            known=Money(known, currency),
            stated=Money(stated, currency),
            size=Money(stated - known, currency),
        )


def books_on(months: Months, change: OwnershipChange) -> tuple[Day, frozenset[str]]:
    """
    Carry a company's books to the day on which a part of it changed hands.

    On the last day of a month they are those of its balance. Within a month they start
    from the month before; what was paid in and paid out has a day; the result up to the
    day follows from net assets that are stated, or is the month's by its days. It takes
    the month's average, net assets the rate of the day, equity what it was translated at,
    and the CTA is what is left.

    Returns:
        Net assets, CTA and the profit of the fiscal year up to the day; and the months
        that had ended by then, as labels.

    Raises:
        DayDiffers: net assets stated for the end of a month are not those of the books.
        MissingRate: the rate of the day was not loaded.

    Source:
        IAS 21.40, 21.41, 21.48C; IFRS 10.B96.
    """
    group, chart = months.records, months.group.chart
    entity, month = months.entities[change.entity], Period.of(change.on)
    pair = (entity.currency, group.presentation)
    start = months.start(entity, month)
    rates, translation, _ = months.month(entity, month)
    if change.on == month.last_day:
        known = _functional(translation, chart)
        if change.net_assets not in (None, known):
            stated = change.net_assets or 0
            raise DayDiffers(entity.code, change.on, entity.currency, known, stated)
        equity = translation.net_assets - translation.cta.closing
        profit, ended = translation.net_income, month
    else:
        ended = month.plus(-1)
        if month > start:
            last = months.month(entity, ended)[1]
            known, earned = _functional(last, chart), _earned(last, chart)
            equity, profit = last.net_assets - last.cta.closing, last.net_income
        else:
            known, earned, equity, profit = _opened(months, entity, start)
        for on, amount, translated in _flows(months, entity, month, start):
            if on <= change.on and on >= (max(start, month)).first_day:
                known, equity = known + amount, equity + translated
        whole = _earned(translation, chart) - earned
        result = round_ratio(whole * change.on.day, month.last_day.day)
        if change.net_assets is not None:
            result = change.net_assets - known
        made = convert_one(result, rates.average, *pair)
        known, equity, profit = known + result, equity + made, profit + made
    quote = rate_of_day(group, entity.currency, change.on, entity.code)
    net_assets = convert_one(known, quote, *pair)
    cta = net_assets - equity if translation.foreign else 0
    labels = frozenset(
        str(each) for each in group.fiscal_year.to_date(month) if start <= each <= ended
    )
    return Day(net_assets, cta, profit), labels


def came_after(
    months: Months, change: OwnershipChange, month: Period, kinds: AbstractSet[AccountClass]
) -> dict[str, int]:
    """
    What came into equity between the day of a change and the end of a month, no acquisition's.

    Capital paid in, or other comprehensive income: *kinds* says which accounts.

    Returns:
        Minor units of the presentation currency by account, credit positive.
    """
    entity, group = months.entities[change.entity], months.records
    start = months.start(entity, month)
    pair = (entity.currency, group.presentation)
    came: dict[str, int] = {}
    for on, account, layer in dated_parts(group, entity, month, months.carried(entity, start)):
        if on > change.on and not layer.acquired and group.chart.kind(account) in kinds:
            translated = -convert_one(layer.amount, layer.quote, *pair)
            came[account] = came.get(account, 0) + translated
    return came


def _functional(translation: Translation, chart: Chart) -> int:
    """Net assets in the company's currency."""
    lines = zip(translation.accounts, translation.reported.tolist(), strict=True)
    return sum(int(amount) for account, amount in lines if chart.kind(account) in POSITION)


def _earned(translation: Translation, chart: Chart) -> int:
    """The result of the fiscal year so far in the company's currency, a profit is positive."""
    lines = zip(translation.accounts, translation.reported.tolist(), strict=True)
    return -sum(int(amount) for account, amount in lines if chart.kind(account) in RESULT)


def _opened(months: Months, entity: Entity, start: Period) -> tuple[int, int, int, int]:
    """
    Net assets, the result in them, equity and profit as a roll-forward opened.

    The first and second are of the company's currency, the others of the presentation
    currency.
    """
    chart, carried = months.group.chart, months.carried(entity, start)
    rows = carried.accounts.items()
    earned = -sum(both[0] for account, both in rows if chart.kind(account) in RESULT)
    profit = -sum(both[1] for account, both in rows if chart.kind(account) in RESULT)
    if entity.currency == months.group.presentation:
        # Its books are not translated, so nothing of its past has to be loaded.
        translation = months.month(entity, start)[1]
        flows = sum(amount for _, amount, _ in _flows(months, entity, start, start))
        opened = _functional(translation, chart) - _earned(translation, chart) - flows + earned
        return opened, earned, opened, profit
    net_assets = -sum(functional for functional, _ in carried.accounts.values())
    equity = -sum(translated for _, translated in carried.accounts.values())
    return net_assets, earned, equity, profit


def _flows(
    months: Months, entity: Entity, month: Period, start: Period
) -> Iterator[tuple[date, int, int]]:
    """What was paid in, bought and paid out: its day, functional and translated amount."""
    group = months.records
    pair = (entity.currency, group.presentation)
    for on, _, layer in dated_parts(group, entity, month, months.carried(entity, start)):
        yield on, -layer.amount, -convert_one(layer.amount, layer.quote, *pair)
    for each in dividends_of(group, entity, month, start):
        if each.on is not None:
            yield each.on, -each.amount, -convert_one(each.amount, each.quote, *pair)
