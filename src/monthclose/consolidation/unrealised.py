"""From dated records of profit in stock to the profits of one close, with their rates."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from monthclose.consolidation.facts import quote_for
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.profits import ProfitUnstated, StockProfit, Turnover, Unrealised
from monthclose.ledger.rates import MissingRate, Quote, convert_one
from monthclose.ledger.stated import Stated


def named_in(records: Iterable[Unrealised]) -> Iterator[tuple[str, str]]:
    """Companies and accounts that records of profit in stock name."""
    for each in records:
        yield each.seller, each.cost_account
        yield each.seller, each.revenue_account
        yield each.buyer, each.asset_account
        yield each.buyer, each.tax_account
        yield each.buyer, each.tax_asset_account


def profits_of(group: Group, month: Period) -> tuple[StockProfit, ...]:
    """
    The profits in stock that a close eliminates, and what it releases of the year before.

    A profit that stood in stock is stated until nothing is left of it: one that a month
    left out would count as made, and nobody would have said so. What two companies sold
    each other before both were in the group was no profit within it.

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
    if not group.unrealised:
        return ()
    firsts = {each.code: each.first_period for each in group.entities}
    found = []
    for records in group.unrealised_of.values():
        since = max(firsts[records[0].seller], firsts[records[0].buyer])
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
    now = _standing(records, str(month))
    was = _standing(before, last)
    if was is None and now and since <= last and now.sold[:7] < year:
        raise ProfitUnstated(now.id, last, now.period)  # it was in stock when the year began
    sales = [each for each in records if each.turnover and each.period >= year]
    if not (now or was or sales):
        return None
    of, presentation = records[-1], group.presentation
    opening, opening_cta, opened = 0, 0, None
    if was is not None:
        opened = Stated(was.period, was.amount, was.currency, _sale_quote(group, was))
        opening = opened.into(presentation)
        currency = group.currencies[was.buyer]
        closing = quote_for(group, currency, "closing", start.plus(-1))
        opening_cta = opening - convert_one(was.buyer_amount, closing, currency, presentation)
    return StockProfit(
        id=of.id,
        seller=of.seller,
        buyer=of.buyer,
        asset_account=of.asset_account,
        cost_account=of.cost_account,
        amount=now.amount if now else 0,
        currency=now.currency if now else presentation,
        sale_quote=_sale_quote(group, now) if now else None,
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


def _sale_quote(group: Group, record: Unrealised) -> Quote | None:
    """The rate of the sale: the average of its month, or the rate of its day."""
    currency, presentation, sold = record.currency, group.presentation, record.sold
    if currency == presentation:
        return None
    if len(sold) == 7:
        return quote_for(group, currency, "average", Period.parse(sold))
    quote = group.rates.historical(currency, presentation, date.fromisoformat(sold))
    if quote is None:
        raise MissingRate(currency, presentation, "historical", sold, record.id)
    return quote


def _turnover(group: Group, sales: Sequence[Unrealised]) -> Turnover:
    """Sales of the year to date, each month at its average."""
    months = []
    for each in sales:
        currency = group.currencies[each.seller]
        quote = quote_for(group, currency, "average", Period.parse(each.period))
        months.append(Stated(each.period, each.turnover, currency, quote))
    amount = sum(each.into(group.presentation) for each in months)
    return Turnover(amount, sales[-1].revenue_account, sales[-1].cost_account, tuple(months))
