"""From dated records of profit in stock to the profits of one close, with their rates."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from monthclose.consolidation.facts import quote_for
from monthclose.ledger.group import Group
from monthclose.ledger.money import share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.profits import (
    AssetSale,
    InAsset,
    ProfitUnstated,
    StockProfit,
    Turnover,
    Unrealised,
)
from monthclose.ledger.rates import MissingRate, Quote, convert_one
from monthclose.ledger.stated import Stated


def named_in(group: Group) -> Iterator[tuple[str, str]]:
    """Companies and accounts that records of profit in stock and in assets name."""
    for sale in group.asset_sales:
        yield sale.seller, sale.gain_account
        yield sale.seller, sale.expense_account
        yield sale.buyer, sale.asset_account
        yield sale.buyer, sale.accumulated_account
        yield sale.buyer, sale.tax_account
        yield sale.buyer, sale.tax_asset_account
    for each in group.unrealised:
        yield each.seller, each.cost_account
        yield each.seller, each.revenue_account
        yield each.buyer, each.asset_account
        yield each.buyer, each.tax_account
        yield each.buyer, each.tax_asset_account


def profits_of(group: Group, month: Period) -> tuple[StockProfit, ...]:
    """
    The profits in stock and in assets that a close eliminates, and what it releases of them.

    A profit that stood in stock is stated until nothing is left of it: one that a month
    left out would count as made, and nobody would have said so. What two companies sold
    each other before both were in the group was no profit within it, and it is made at the
    latest when one of the two leaves.

    Args:
        group: With its records.
        month: The month that is closed.

    Raises:
        ProfitUnstated: the record of the month, or of the last one of the year before, is
            missing.
        MissingRate: a rate was not loaded.

    Source:
        IFRS 10.B86(c); ASC 830-30-45-10; IAS 21.40.
    """
    if not (group.unrealised or group.asset_sales):
        return ()
    firsts = {each.code: each.first_period for each in group.entities}
    found = [
        _in_asset(group, month, _with_end(group, each))
        for each in group.asset_sales
        if each.on <= month.last_day
        and _stays(group, (each.seller, each.buyer), month)
        and str(Period.of(each.on)) >= max(firsts[each.seller], firsts[each.buyer])
    ]
    for records in group.unrealised_of.values():
        pair = (records[0].seller, records[0].buyer)
        if not _stays(group, pair, month):
            continue
        since = max(firsts[code] for code in pair)
        due = [each for each in records if since <= each.period <= str(month)]
        if due and (profit := _profit(group, month, since, due)):
            found.append(profit)
    return tuple(found)


def _profit(
    group: Group, month: Period, since: str, records: Sequence[Unrealised]
) -> StockProfit | None:
    """One profit; None when nothing of it is left, released or sold this year."""
    start = group.fiscal_year.start(month)
    last, year = str(start.plus(-1)), str(start)
    before = [each for each in records if each.period < year]
    end = _end(group, (records[0].seller, records[0].buyer))
    now = None if end and end <= month.last_day else _standing(records, str(month))
    was = _standing(before, last)
    if was is None and now and since <= last and now.sold[:7] < year:
        raise ProfitUnstated(now.id, last, now.period)  # it was in stock when the year began
    sales = [each for each in records if each.turnover and each.period >= year]
    if not (now or was or sales):
        return None
    of, presentation = records[-1], group.presentation
    opening, opening_cta, opened = 0, 0, None
    if was is not None:
        opened = Stated(was.period, was.amount, was.currency, _sale_quote(group, was, was.sold))
        opening = opened.into(presentation)
        currency = group.currencies[was.buyer]
        books = group.reported(was.buyer, start.plus(-1))
        closing = quote_for(group, currency, "closing", books)
        opening_cta = opening - convert_one(was.buyer_amount, closing, currency, presentation)
    return StockProfit(
        id=of.id,
        seller=of.seller,
        buyer=of.buyer,
        asset_account=of.asset_account,
        cost_account=of.cost_account,
        amount=now.amount if now else 0,
        currency=now.currency if now else presentation,
        sale_quote=_sale_quote(group, now, now.sold) if now else None,
        buyer_amount=now.buyer_amount if now else 0,
        opening=opening,
        opening_cta=opening_cta,
        tax_rate=of.tax_rate,
        tax_asset_account=of.tax_asset_account,
        tax_account=of.tax_account or (was.tax_account if was else ""),
        turnover=_turnover(group, sales) if sales else None,
        opening_tax_rate=was.tax_rate if was else None,
        opened=opened,
        period=str(month),
    )


def _end(group: Group, pair: tuple[str, str]) -> date | None:
    """The day on which the first of two companies left the group; None: both are there."""
    return min((group.sold_on[code] for code in pair if code in group.sold_on), default=None)


def _stays(group: Group, pair: tuple[str, str], month: Period) -> bool:
    """Whether both are in the figures of a month: of a company sold, to the end of its year."""
    end = _end(group, pair)
    return end is None or end >= group.fiscal_year.start(month).first_day


def _with_end(group: Group, sale: AssetSale) -> AssetSale:
    """A sale whose asset is gone at the latest when one of the two leaves the group."""
    end = _end(group, (sale.seller, sale.buyer))
    if end is None or (sale.gone is not None and sale.gone <= end):
        return sale
    return replace(sale, gone=end)


def _in_asset(group: Group, month: Period, sale: AssetSale) -> StockProfit:
    """
    What is left in an asset of the profit on its sale, and what its depreciation released.

    The profit is fixed at the rate of the day of the sale, and so is what is released of it,
    month by month over the life of the asset; what is left in the buyer's books takes the
    closing rate.

    Source:
        IFRS 10.B86(c); ASC 810-10-45-1, 830-30-45-10.
    """
    presentation, start = group.presentation, group.fiscal_year.start(month)
    quote = _sale_quote(group, sale, str(sale.on))
    last, opening, opening_cta, opened = start.plus(-1), 0, 0, None
    if sale.on < start.first_day:
        left = _left(sale, sale.amount, last)
        opened = Stated(str(last), left, sale.currency, quote)
        opening = opened.into(presentation)
        currency = group.currencies[sale.buyer]
        closing = quote_for(group, currency, "closing", group.reported(sale.buyer, last))
        theirs = _left(sale, sale.buyer_amount, last)
        opening_cta = opening - convert_one(theirs, closing, currency, presentation)
    here = sale.gone is None or sale.gone > month.last_day
    gone = 0
    if sale.gone is not None and start.first_day <= sale.gone <= month.last_day:
        gone = _by_life(sale, sale.amount, Period.of(sale.gone))
    left = _left(sale, sale.buyer_amount, month)
    return StockProfit(
        id=sale.id,
        seller=sale.seller,
        buyer=sale.buyer,
        asset_account=sale.asset_account,
        cost_account=sale.expense_account or sale.gain_account,
        amount=_left(sale, sale.amount, month),
        currency=sale.currency,
        sale_quote=quote,
        buyer_amount=left,
        opening=opening,
        opening_cta=opening_cta,
        tax_rate=sale.tax_rate,
        tax_asset_account=sale.tax_asset_account,
        tax_account=sale.tax_account,
        opened=opened,
        period=str(month),
        asset=InAsset(
            gain_account=sale.gain_account,
            gain=sale.amount if opened is None else 0,
            gone=gone,
            accumulated_account=sale.accumulated_account,
            charged=sale.buyer_amount - left if here else 0,
        ),
    )


def _left(sale: AssetSale, amount: int, month: Period) -> int:
    """What is left of a profit at the end of a month: nothing once the asset is gone."""
    if sale.gone is not None and sale.gone <= month.last_day:
        return 0
    return _by_life(sale, amount, month)


def _by_life(sale: AssetSale, amount: int, month: Period) -> int:
    """What depreciation up to a month, that month included, leaves: rounded cumulatively."""
    if sale.life is None:
        return amount
    first = Period.parse(sale.first_charge) if sale.first_charge else Period.of(sale.on)
    months = (month.year - first.year) * 12 + month.month - first.month + 1
    return amount - share_of(amount, Fraction(min(max(months, 0), sale.life), sale.life))


def _standing(records: Sequence[Unrealised], period: str) -> Unrealised | None:
    """
    What stood in stock at the end of *period*; None: nothing.

    Raises:
        ProfitUnstated: something stood there before, and no record says what is left.
    """
    upto = [each for each in records if each.period <= period]
    if not upto or not (upto[-1].amount or upto[-1].buyer_amount):
        return None
    if upto[-1].period != period:
        raise ProfitUnstated(upto[-1].id, period, upto[-1].period)
    return upto[-1]


def _sale_quote(group: Group, of: Unrealised | AssetSale, sold: str) -> Quote | None:
    """The rate of the sale: the average of its month, or the rate of its day."""
    presentation, currency = group.presentation, of.currency
    if currency == presentation:
        return None
    if len(sold) == 7:
        month = group.reported(of.seller, Period.parse(sold))
        return quote_for(group, currency, "average", month)
    quote = group.rates.historical(currency, presentation, date.fromisoformat(sold))
    if quote is None:
        raise MissingRate(currency, presentation, "historical", sold, of.id)
    return quote


def _turnover(group: Group, sales: Sequence[Unrealised]) -> Turnover:
    """Sales of the year to date, each month at its average."""
    months = []
    for each in sales:
        currency = group.currencies[each.seller]
        month = group.reported(each.seller, Period.parse(each.period))
        quote = quote_for(group, currency, "average", month)
        months.append(Stated(each.period, each.turnover, currency, quote))
    amount = sum(each.into(group.presentation) for each in months)
    return Turnover(amount, sales[-1].revenue_account, sales[-1].cost_account, tuple(months))
