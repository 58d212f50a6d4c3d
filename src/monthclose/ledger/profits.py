"""Profit that one group company made on goods another still has in stock."""

from dataclasses import dataclass
from fractions import Fraction

from monthclose.ledger.rates import Quote


@dataclass(frozen=True, slots=True)
class Turnover:
    """Sales of a period between two companies, minor units of the presentation currency."""

    amount: int
    revenue_account: str
    cost_account: str


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
