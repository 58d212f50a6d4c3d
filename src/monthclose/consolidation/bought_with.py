"""A company bought with those it holds: what it carries them at, against what they are worth."""

from collections.abc import Iterable, Mapping
from datetime import date
from math import ceil

from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.book import Purchase
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Money
from monthclose.ledger.rates import ratio_of

_CONTROL = frozenset({AcquisitionKind.PURCHASE, AcquisitionKind.STEP})


class CarriedBelow(CloseError):
    """A holder that was bought carries a company below its part of what is identifiable there."""

    code = "carried-below"

    def __init__(self, acquisition: str, target: str, holder: str, on: date, size: Money) -> None:
        super().__init__(
            acquisition=acquisition, target=target, holder=holder, on=str(on), size=size
        )


def check_bought_with(
    acquisitions: Iterable[Acquisition],
    purchases: Mapping[str, Purchase],
    presented: tuple[Mapping[str, str], str],
) -> None:
    """
    Refuse a bargain gain on a company that came with its holder.

    Nobody made a bargain on it: the group bought the holder, and with it that company at
    its fair value. What the holder's books lack is part of the holder's net assets. A cent
    that the investment was rounded by, in either currency, is let pass.

    Args:
        acquisitions: In force.
        purchases: Their equations.
        presented: Functional currencies, and the presentation currency.

    Raises:
        CarriedBelow: the holder carries it below its part of its identifiable net assets.

    Source:
        IFRS 3.18, 3.34-36.
    """
    gained = [each for each in acquisitions if each.on and purchases[each.id].bargain_gain]
    if not gained:
        return
    currencies, presentation = presented
    bought = {(e.target, e.on) for e in acquisitions if e.kind in _CONTROL}
    for each in gained:
        if each.on is None or (each.acquirer, each.on) not in bought:
            continue
        purchase = purchases[each.id]
        cent = ratio_of(each.investment_quote, currencies[each.acquirer], presentation)
        cent /= ratio_of(each.quote, purchase.currency, presentation)
        if purchase.bargain_gain > 1 + ceil(cent):
            size = Money(purchase.bargain_gain, purchase.currency)
            raise CarriedBelow(each.id, each.target, each.acquirer, each.on, size)
