"""Shares of an associate sold while the rest of it stays one, or all of them."""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Protocol

from monthclose.consolidation.disposal import SaleUnexplained
from monthclose.consolidation.elimination import Sold
from monthclose.ledger.accounts import Chart, UnknownAccount
from monthclose.ledger.associate_sales import AssociateSale, AssociateSold
from monthclose.ledger.associates import Associate, Equity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import Money, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one


class AssociateReclassified(CloseError):
    """More of other comprehensive income is to go to the result than what was sold has of it."""

    code = "associate-reclassified"

    def __init__(self, entity: str, on: date, currency: str, stated: int, sold: int) -> None:
        super().__init__(
            entity=entity, on=str(on), stated=Money(stated, currency), sold=Money(sold, currency)
        )


class Carried(Protocol):
    """A carrying amount on its way through the months, and losses below nil."""

    carrying: int
    losses: int


class Selling:
    """
    The sales of a period, each in its turn among the months of its associate.

    The carrying amount in presentation currency is cost and what was earned, kept apart
    from other comprehensive income; what it holds beyond both on a day is the CTA.

    Attributes:
        made: What each did, in order of their days.
    """

    def __init__(self, associate: Associate, presentation: str) -> None:
        self.due = list(associate.sales)
        self.pair = (associate.currency, presentation)
        bought_later = sum(each.cost for each in associate.tranches)
        self.earned = associate.cost_presentation - bought_later + associate.opening_result
        self.oci = associate.opening_oci
        self.made: list[AssociateSold] = []

    def add(self, earned: int, oci: int = 0) -> None:
        """Add what was paid or earned since, and other comprehensive income."""
        self.earned += earned
        self.oci += oci

    def until(self, standing: Carried, by: date | None = None) -> None:
        """
        Sell what was sold by a day; None: all that is left.

        Args:
            standing: What the associate is carried at; it falls by what is sold.
            by: The first day of the month that follows.

        Raises:
            AssociateReclassified: of other comprehensive income there was less.

        Source:
            IAS 28.22-23, 28.25; IAS 21.48C.
        """
        while self.due and (by is None or self.due[0].on <= by):
            self.made.append(self._sell(self.due.pop(0), standing))

    def _sell(self, sale: AssociateSale, standing: Carried) -> AssociateSold:
        translated = convert_one(standing.carrying, sale.quote, *self.pair)
        carried = share_of(standing.carrying, sale.part)
        carrying = convert_one(carried, sale.quote, *self.pair)
        recycled = share_of(translated - self.earned - self.oci, sale.part)
        oci = share_of(self.oci, sale.part)
        beyond = abs(sale.reclassified) > abs(oci) or sale.reclassified * oci < 0
        if sale.reclassified and beyond:
            raise AssociateReclassified(sale.entity, sale.on, self.pair[1], sale.reclassified, oci)
        standing.carrying -= carried
        standing.losses -= share_of(standing.losses, sale.part)
        # What is left of the CTA is left of what is carried beyond these two.
        self.earned += recycled + oci - carrying
        self.oci -= oci
        return AssociateSold(
            entity=sale.entity,
            on=sale.on,
            proceeds=sale.proceeds,
            carried=carried,
            carrying=carrying,
            cta_recycled=recycled,
            oci_recycled=sale.reclassified,
            released=oci - sale.reclassified,
            made_good=sale.cost - carrying + recycled + sale.reclassified,
        )


def months_before(on: date) -> Period:
    """The last month of which what was sold on a day earned its part."""
    month = Period.of(on)
    return month.plus(-1) if on == month.first_day else month


def in_sequence(
    moves: Iterable[tuple[str, int, Fraction]],
    sold: Iterable[tuple[AssociateSale, AssociateSold, Fraction]],
    opening: int,
) -> Iterator[Fraction]:
    """
    What of the CTA each sale recycles, from the causes of the CTA and not from the accounts.

    Args:
        moves: Month of each amount that moved what is carried, the amount in the
            associate's currency, its rate; the month of what stood at the start is empty.
        sold: Each sale, what it did, the rate of its day.
        opening: CTA at the start.

    Returns:
        Exact, in presentation currency, a gain is positive.

    Source:
        IAS 21.41, 21.48C.
    """
    moves, recycled = list(moves), Fraction(0)
    for sale, made, rate in sold:
        last = str(months_before(sale.on))
        cta = opening - recycled
        for month, amount, at in moves:
            if month <= last:
                cta += amount * (rate - at)
        part = sale.part * cta
        recycled += part
        moves.append(("", -made.carried, rate))
        yield part


def enter_sales(associate: Associate, equity: Equity, chart: Chart, currency: str) -> list[Entry]:
    """
    Enter the sales of a period: the holder's own gain is undone, and the group's made.

    Raises:
        SaleUnexplained: the price differs from cost and gain.
        UnknownAccount: an account of a sale is not in the chart.

    Source:
        IAS 28.22-23, 28.25; IAS 21.48C.
    """
    entries, roles = [], chart.roles
    for sale, made in zip(associate.sales, equity.sales, strict=True):
        if sale.proceeds != sale.cost + sale.separate_gain:
            stated = sale.cost + sale.separate_gain
            raise SaleUnexplained(sale.entity, currency, sale.proceeds, stated)
        for account in (sale.investment_account, sale.gain_account):
            if account not in chart:
                raise UnknownAccount(account, sale.holder)
        amounts = (
            (sale.investment_account, sale.cost),
            (sale.gain_account, sale.separate_gain),
            (sale.investment_account, -made.carrying),
            (roles.cta, made.cta_recycled),
            (associate.oci_account, made.oci),
            (roles.retained_earnings, -made.released),
            (sale.gain_account, -made.gain),
        )
        entries.append(
            Entry(
                id=f"ASSOC-{sale.entity}-{sale.on}",
                layer=LayerName.ELIMINATION,
                kind="associate_sale",
                reason="entries.associate-sale",
                standard="IAS 28.25",
                currency=currency,
                lines=tuple(EntryLine(*each, sale.holder) for each in amounts if each[1]),
                entity=sale.entity,
                reference=str(sale.on),
            )
        )
    return entries


def investments_sold(associates: Iterable[Associate], sold: dict[str, Sold]) -> dict[str, Sold]:
    """
    Say what sales took off the investment accounts of holders of associates, by acquisition.

    Args:
        associates: Of the period.
        sold: What other sales took off.
    """
    found: dict[str, Sold] = {}
    for associate in associates:
        for sale in (*associate.sold, *associate.sales):
            if not associate.acquisitions:
                continue  # at cost in the presentation currency, and held against it
            was = found.get(sale.acquisition) or sold.get(sale.acquisition) or Sold(0, 0)
            earlier = sale in associate.sold
            found[sale.acquisition] = Sold(
                None if was.amount is None else was.amount + sale.cost_booked,
                was.restored + sale.cost,
                was.amount_before + (sale.cost_booked if earlier else 0),
                was.restored_before + (sale.cost if earlier else 0),
            )
    return found
