"""Companies with significant influence: what a holder records of them, and what they came to."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.associate_sales import AssociateSale, AssociateSold
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.rates import Quote
from monthclose.ledger.translations import CtaProof, Rollforward


class AssociateHolder(CloseError):
    """An associate whose holder is not consolidated, or keeps its books in another currency."""

    code = "associate-holder"

    def __init__(self, investee: str, holder: str, presentation: str) -> None:
        super().__init__(investee=investee, holder=holder, presentation=presentation)


class AssociateTwice(CloseError):
    """Two records of one associate, so that nothing could say which of them is meant."""

    code = "associate-twice"

    def __init__(self, investee: str) -> None:
        super().__init__(investee=investee)


class Direction(StrEnum):
    """Who sold to whom."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


@dataclass(frozen=True, slots=True)
class AssociateProfit:
    """
    Profit on trades with an associate that is still in stock.

    Attributes:
        direction: Upstream: the associate sold, and the goods are in the group.
        amount: The whole profit, minor units of the presentation currency, positive.
        asset_account: Where the goods of an upstream sale stand.
        tax_rate: The holder's share is eliminated net of this tax.

    Source:
        IAS 28.28; ASC 323-10-35-7.
    """

    direction: Direction
    amount: int
    asset_account: str
    tax_rate: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class AssociateMonth:
    """
    What an associate that sends no balance earned in a month, all of it.

    Attributes:
        entity: Code of the associate.
        period: The month, such as `2025-06`.
        result: Of the month (of the month it was bought: of the days since), minor units of
            its currency, a profit is positive.
        oci: Its other comprehensive income of the same time, a gain is positive.
    """

    entity: str
    period: str
    result: int
    oci: int = 0


@dataclass(frozen=True, slots=True)
class Earned:
    """
    A holder's share of what an associate earned in a month; associate's currency.

    Attributes:
        period: The month.
        share: The share it was held at.
        result: The holder's share of the result, a profit is positive.
        oci: The holder's share of other comprehensive income, a gain is positive.
        quote: Average of the month.
        whole: What it is the share of.
        balances: Where *whole* was read: the balance of the month, and the one before that
            it moved from; () when the holder recorded it.
    """

    period: str
    share: Fraction
    result: int
    oci: int
    quote: Quote | None
    whole: AssociateMonth | None = None
    balances: tuple[RawBalance, ...] = ()


@dataclass(frozen=True, slots=True)
class Distribution:
    """
    A dividend of an associate, the holder's part; natural signs.

    Attributes:
        amount: Minor units of the associate's currency.
        quote: Rate of the declaration date, associate's currency.
        received: What the holder booked, minor units of the presentation currency.
        account: Where the holder booked it.
        booked: The same in minor units of the holder's currency.
        on: Declaration date.
    """

    amount: int
    quote: Quote | None
    received: int
    account: str
    booked: int
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Tranche:
    """Shares of an associate bought in the period: cost in its currency, and as translated."""

    amount: int
    quote: Quote | None
    cost: int
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Associate:
    """
    An associate and how far the equity method has carried it.

    Amounts are natural (an asset, a profit, a dividend is positive), in minor units: those
    of the associate in its currency, those of the presentation currency as named.

    Attributes:
        investee: Code of the associate.
        holder: Code of the holder, whose books are in the presentation currency.
        share: The holder's share.
        currency: Functional currency of the associate.
        account: Where the holder carries it at cost.
        dividend_account: Where it booked the dividends.
        result_account: Where the share of the result goes.
        book_balance: What the holder carries, before *sales*, presentation currency.
        cost: In the associate's currency.
        cost_presentation: At the rates of the days, less what sales before the period took
            off, at the rates of theirs.
        net_assets: The associate's own at acquisition, all of them.
        opening: Carrying amount at the start, the holder's share.
        opening_losses: Losses not recognised so far, the holder's share, positive.
        opening_result: Result less dividends since acquisition, presentation currency.
        opening_cta: At the start, presentation currency, a gain is positive.
        result: The associate's own of the period, all of it.
        dividends: What it declared in the period, all of it.
        dividend_quote: Rate of their day.
        opening_quote: Rate of the start.
        average: Rate of the result.
        closing: Rate of the end.
        unrealised: Profit on trades with it that is still in stock.
        opening_oci: Other comprehensive income since acquisition, presentation currency.
        oci_account: Where the share of it goes.
        months: What it earned in the period, month by month; (): *result* at *average*.
        distributions: What it distributed in the period, the holder's part; with *months*.
        tranches: Shares bought in the period after it opened; part of *cost*.
        acquisitions: How the holder came to its shares, with their rates. (): the holder
            keeps its books in the presentation currency and carries it at cost.
        acquired: The holder's share of the net assets at each purchase; None: *share* of
            *net_assets*.
        sales: Shares of it sold in the period, in order of their days.
        sold: The same, of earlier periods.
        goodwill_sold: What of the goodwill went with all of them, associate's currency.
    """

    investee: str
    holder: str
    share: Fraction
    currency: str
    account: str
    dividend_account: str
    result_account: str
    book_balance: int
    cost: int
    cost_presentation: int
    net_assets: int
    opening: int
    opening_losses: int = 0
    opening_result: int = 0
    opening_cta: int = 0
    result: int = 0
    dividends: int = 0
    dividend_quote: Quote | None = None
    opening_quote: Quote | None = None
    average: Quote | None = None
    closing: Quote | None = None
    unrealised: AssociateProfit | None = None
    opening_oci: int = 0
    oci_account: str = ""
    months: tuple[Earned, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    tranches: tuple[Tranche, ...] = ()
    acquisitions: tuple[Acquisition, ...] = ()
    acquired: int | None = None
    sales: tuple[AssociateSale, ...] = ()
    sold: tuple[AssociateSale, ...] = ()
    goodwill_sold: int = 0


@dataclass(frozen=True, slots=True)
class EquityMonth:
    """
    What of a month's result the equity method recognised; associate's currency.

    Attributes:
        earned: The holder's share.
        result: The part of it that is recognised.
        oci: Of other comprehensive income.
        income: *result* in presentation currency.
        oci_presentation: *oci* in presentation currency.
    """

    earned: Earned
    result: int
    oci: int
    income: int
    oci_presentation: int


@dataclass(frozen=True, slots=True)
class Equity:
    """
    What the equity method came to in a period; natural signs.

    Attributes:
        investee: Code of the associate.
        holder: Code of the holder.
        account: Where the holder carries it.
        goodwill: Inside the carrying amount, associate's currency, at cost; what was sold of
            it is gone.
        share_of_result: The holder's share, associate's currency.
        recognised: The part of it that is recognised, associate's currency.
        losses: Not recognised so far, associate's currency, positive.
        dividends: The holder's share, associate's currency.
        carrying: At the end, associate's currency.
        income: Share of the result, presentation currency, less *eliminated*.
        eliminated: The holder's share of unrealised profit, net of tax, presentation.
        received: The dividends, presentation currency.
        carrying_presentation: At the end, less a downstream profit.
        opening_result: Result less dividends of earlier periods, presentation currency.
        cta: Roll-forward of the CTA, a gain is positive.
        proof: Of its movement.
        months: What was recognised, month by month.
        oci: Roll-forward of other comprehensive income, presentation currency.
        rounded_amounts: How many amounts the movement of the CTA was rounded in.
        sales: What sales of shares in the period did, in order of their days.
    """

    investee: str
    holder: str
    account: str
    goodwill: int
    share_of_result: int
    recognised: int
    losses: int
    dividends: int
    carrying: int
    income: int
    eliminated: int
    received: int
    carrying_presentation: int
    opening_result: int
    cta: Rollforward
    proof: CtaProof
    months: tuple[EquityMonth, ...] = ()
    oci: Rollforward = field(default=Rollforward(0, 0))
    rounded_amounts: int = 4
    sales: tuple[AssociateSold, ...] = ()

    @property
    def carrying_sold(self) -> int:
        """Carrying amount of the shares sold, each at the rate of its day."""
        return sum(each.carrying for each in self.sales)

    @property
    def cta_recycled(self) -> int:
        """CTA that went to the result with them."""
        return sum(each.cta_recycled for each in self.sales)

    @property
    def oci_sold(self) -> int:
        """Other comprehensive income that left its reserve with them."""
        return sum(each.oci for each in self.sales)

    @property
    def oci_released(self) -> int:
        """What of that went to retained earnings."""
        return sum(each.released for each in self.sales)

    @property
    def made_good(self) -> int:
        """What the group's gains exceed the holder's own by."""
        return sum(each.made_good for each in self.sales)
