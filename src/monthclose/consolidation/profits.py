"""Unrealised profit in stock: turnover out, last year's released, this year's eliminated."""

from collections.abc import Iterable, Mapping

from monthclose.consolidation.attributable import Attributable
from monthclose.ledger.accounts import Chart
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.group import Group
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import share_of
from monthclose.ledger.profits import StockProfit
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Rollforward, Translation

type Line = tuple[str, int, str]
"""Account, amount (debit positive), company."""


def eliminate_profits(
    profits: Iterable[StockProfit],
    translations: Mapping[str, Translation],
    group: Group,
) -> tuple[list[Entry], list[Attributable]]:
    """
    Eliminate the profit of group companies on goods that are still in the group.

    The profit is fixed at the rate of the sale; the asset holds it as the buyer's books
    are translated now, and the difference undoes their retranslation: it is of the buyer's
    CTA. The seller bears the profit, net of deferred tax, and so do its outsiders.

    Args:
        profits: Of the period.
        translations: Of every consolidated company, by code.
        group: Names the accounts and the presentation currency.

    Returns:
        The entries, and what the owners of sellers and buyers bear.

    Raises:
        UnknownEntity: a seller or buyer that is not consolidated.

    Source:
        IFRS 10.B86(c); IAS 12.11; ASC 810-10-45-1, 830-30-45-10.
    """
    entries: list[Entry] = []
    attributable: list[Attributable] = []
    for profit in sorted(profits, key=lambda each: each.id):
        for code in (profit.seller, profit.buyer):
            if code not in translations:
                raise UnknownEntity(code, group.code)
        made, theirs = _eliminate(
            profit, translations[profit.buyer], group.chart, group.presentation
        )
        entries += made
        attributable += theirs
    return entries, attributable


def _eliminate(
    profit: StockProfit, buyer: Translation, chart: Chart, presentation: str
) -> tuple[list[Entry], tuple[Attributable, Attributable]]:
    """The entries of one profit, and what its seller and its buyer bear."""
    fixed = convert_one(profit.amount, profit.sale_quote, profit.currency, presentation)
    now = convert_one(profit.buyer_amount, buyer.closing_quote, buyer.functional, presentation)
    before = profit.tax_rate if profit.opening_tax_rate is None else profit.opening_tax_rate
    tax, tax_before = share_of(fixed, profit.tax_rate), share_of(profit.opening, before)
    seller, bought, cost = profit.seller, profit.buyer, profit.cost_account
    kinds: list[tuple[str, str, tuple[Line, ...]]] = []
    if turnover := profit.turnover:
        lines: tuple[Line, ...] = (
            (turnover.revenue_account, turnover.amount, seller),
            (turnover.cost_account, -turnover.amount, bought),
        )
        kinds.append(("IC-SALES", "goods-turnover", lines))
    lines = (
        (chart.roles.retained_earnings, profit.opening - tax_before, seller),
        (profit.tax_account, tax_before, seller),
        (cost, -profit.opening, seller),
    )
    kinds.append(("UP-OPEN", "profit-released", lines))
    charged, accumulated = 0, ""
    if asset := profit.asset:
        # Cost of sales stands for depreciation: what the seller booked as a gain this year,
        # and what became one when the asset left the group, goes where gains go.
        pair = (profit.currency, presentation)
        gain = convert_one(asset.gain, profit.sale_quote, *pair)
        gain -= convert_one(asset.gone, profit.sale_quote, *pair)
        charged = convert_one(asset.charged, buyer.closing_quote, buyer.functional, presentation)
        accumulated = asset.accumulated_account
        if asset.gain_account != cost:  # what is never depreciated is a gain or nothing
            lines = ((asset.gain_account, gain, seller), (cost, -gain, seller))
            kinds.append(("UP-GAIN", "profit-of-asset", lines))
    lines = (
        (cost, fixed, seller),
        (profit.asset_account, -now - charged, bought),
        (accumulated, charged, bought),
        (chart.roles.cta, now - fixed, bought),
        (profit.tax_asset_account, tax, bought),
        (profit.tax_account, -tax, seller),
    )
    kinds.append(("UP-CLOSE", "profit-unrealised", lines))
    entries = [
        Entry(
            id=f"{name}-{profit.id}",
            layer=LayerName.ELIMINATION,
            kind=reason.replace("-", "_"),
            reason=f"entries.{reason}",
            standard="IFRS 10.B86(c)",
            currency=presentation,
            lines=tuple(EntryLine(*each) for each in lines if each[1]),
            entity=seller,
            reference=profit.id,
        )
        for name, reason, lines in kinds
        if any(each[1] for each in lines)
    ]
    released = profit.opening - tax_before
    return entries, (
        Attributable(seller, retained=-released, profit=released - (fixed - tax)),
        Attributable(bought, cta=Rollforward(profit.opening_cta, fixed - now - profit.opening_cta)),
    )
