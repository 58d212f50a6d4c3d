"""Profit that one group company made on goods another still has in stock."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from monthclose.ledger.errors import CloseError
from monthclose.ledger.rates import Quote
from monthclose.ledger.stated import Stated


class ProfitUnstated(CloseError):
    """Profit stood in stock, and nothing says what is left of it in a month that counts."""

    code = "profit-unstated"

    def __init__(self, profit: str, period: str, stated: str) -> None:
        super().__init__(profit=profit, period=period, stated=stated)


@dataclass(frozen=True, slots=True)
class Unrealised:
    """
    What is left in stock, at the end of a month, of a profit on a sale within the group.

    Attributes:
        id: Names the goods from month to month.
        period: The month, such as `2025-06`.
        seller: Code of the company that made the profit.
        buyer: Code of the company that has the goods.
        asset_account: Where they stand.
        cost_account: Cost of sales.
        amount: The seller's profit still in stock, minor units of *currency*, positive.
        currency: ISO 4217 code of *amount*.
        sold: Month of the sale, whose average counts, or its day, whose rate does.
        buyer_amount: The same profit in the buyer's carrying amount, buyer's currency.
        tax_rate: Of the buyer; nil where no deferred tax is recognised.
        tax_asset_account: Deferred tax of the balance sheet; empty: without tax.
        tax_account: Deferred tax of the result; empty: without tax.
        turnover: Sales of the month between the two, seller's currency, positive.
        revenue_account: Where the seller booked them; empty: none to eliminate here.
    """

    id: str
    period: str
    seller: str
    buyer: str
    asset_account: str
    cost_account: str
    amount: int
    currency: str
    sold: str
    buyer_amount: int
    tax_rate: Fraction = Fraction(0)
    tax_asset_account: str = ""
    tax_account: str = ""
    turnover: int = 0
    revenue_account: str = ""


@dataclass(frozen=True, slots=True)
class AssetSale:
    """
    An asset that one group company sold to another at a profit, and the other depreciates.

    Attributes:
        id: Unique in the group, and among the profits in stock.
        on: The day of the sale.
        seller: Code of the company that made the profit.
        buyer: Code of the company that has the asset.
        amount: The profit, minor units of *currency*, positive.
        currency: ISO 4217 code of *amount*.
        buyer_amount: The same profit in the buyer's cost, buyer's currency.
        life: Months over which the buyer depreciates it; None: never, like land.
        gain_account: Where the seller booked the profit.
        asset_account: Where the buyer carries the cost.
        accumulated_account: Where its accumulated depreciation stands; empty: never any.
        expense_account: Where its depreciation goes; empty: never any.
        first_charge: First month depreciated; empty: the month of the sale.
        gone: The day it left the group, was sold on or written off; None: it is there.
        tax_rate: Of the buyer; nil where no deferred tax is recognised.
        tax_asset_account: Deferred tax of the balance sheet; empty: without tax.
        tax_account: Deferred tax of the result; empty: without tax.
    """

    id: str
    on: date
    seller: str
    buyer: str
    amount: int
    currency: str
    buyer_amount: int
    life: int | None
    gain_account: str
    asset_account: str
    accumulated_account: str = ""
    expense_account: str = ""
    first_charge: str = ""
    gone: date | None = None
    tax_rate: Fraction = Fraction(0)
    tax_asset_account: str = ""
    tax_account: str = ""


@dataclass(frozen=True, slots=True)
class InAsset:
    """
    What a profit in an asset has beside one in stock.

    Attributes:
        gain_account: Where the seller booked it.
        gain: The whole of it when it was made in the period, minor units of its currency.
        gone: What was left of it when the asset left the group in the period, likewise.
        accumulated_account: Where the buyer's accumulated depreciation stands.
        charged: The profit's part of that so far, minor units of the buyer's currency.
    """

    gain_account: str
    gain: int
    gone: int
    accumulated_account: str
    charged: int


@dataclass(frozen=True, slots=True)
class Turnover:
    """
    Sales of a period between two companies.

    Attributes:
        amount: Minor units of the presentation currency.
        revenue_account: Where the seller booked them.
        cost_account: Cost of sales.
        months: The records they were added up from, each at the average of its month.
    """

    amount: int
    revenue_account: str
    cost_account: str
    months: tuple[Stated, ...] = ()


@dataclass(frozen=True, slots=True)
class StockProfit:
    """
    Unrealised profit in the goods that a buyer bought from a seller; amounts positive.

    Attributes:
        id: Unique in the period.
        seller: Code of the company that made it.
        buyer: Code of the company that has the goods.
        asset_account: Where they stand.
        cost_account: Cost of sales.
        amount: The seller's profit still in stock, minor units of *currency*.
        currency: ISO 4217 code of *amount*, the seller's.
        sale_quote: Rate of the sale, *currency* to presentation currency.
        buyer_amount: The same profit in the buyer's carrying amount, buyer's currency.
        opening: Last year's profit before tax, as it was eliminated, presentation currency.
        opening_cta: What last year's elimination left in the CTA, a gain is positive.
        tax_rate: Of the buyer; nil where no deferred tax is recognised.
        tax_asset_account: Deferred tax of the balance sheet.
        tax_account: Deferred tax of the result.
        turnover: Sales between the two in the period; None: none to eliminate here.
        opening_tax_rate: What deferred tax of *opening* was taken at; None: *tax_rate*.
        opened: The record that *opening* comes from; None: not a record.
        period: The month whose record *amount* is of; empty: that of its facts.
        asset: What it has beside when it is in an asset, and *cost_account* is where that is
            depreciated; None: it is in stock.
    """

    id: str
    seller: str
    buyer: str
    asset_account: str
    cost_account: str
    amount: int
    currency: str
    sale_quote: Quote | None
    buyer_amount: int
    opening: int = 0
    opening_cta: int = 0
    tax_rate: Fraction = Fraction(0)
    tax_asset_account: str = "1800"
    tax_account: str = "6910"
    turnover: Turnover | None = None
    opening_tax_rate: Fraction | None = None
    opened: Stated | None = None
    period: str = ""
    asset: InAsset | None = None
