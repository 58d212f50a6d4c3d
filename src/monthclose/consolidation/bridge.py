"""The bridge from IFRS to US GAAP: opening equity, profit, tax and OCI of each difference."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from monthclose.ledger.bridge import Bridge, BridgeEffect, BridgeItem, Reported, Topic
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import share_of
from monthclose.ledger.rates import convert_one


class BridgeItemUnknown(CloseError):
    """An item says something that its topic has no use for."""

    code = "bridge-item-unknown"

    def __init__(self, item: str, names: list[str], known: list[str]) -> None:
        super().__init__(item=item, names=names, known=known)


class BridgeItemTwice(CloseError):
    """Two items have one id."""

    code = "bridge-item-twice"

    def __init__(self, item: str) -> None:
        super().__init__(item=item)


type _Effects = tuple[int, int, int]
"""Opening equity, profit, OCI; before tax, an increase of equity is positive."""


def build_bridge(
    items: Iterable[BridgeItem],
    tax_rate: Fraction,
    start: Reported,
    target: str,
    currencies: Mapping[str, str],
    presentation: str,
) -> Bridge:
    """
    Lead from the consolidated figures of one framework to those of the other.

    Each effect is taxed and rounded on its own, in the entity's currency. An item of a
    foreign entity is translated like a layer: equity at the start at the opening rate,
    profit and OCI at the average, equity at the end at closing; the difference is CTA.

    Args:
        items: Differences of the period.
        tax_rate: On taxable ones.
        start: Consolidated net income and total equity by the first framework.
        target: Name of the second.
        currencies: Of each entity.
        presentation: The presentation currency.

    Raises:
        BridgeItemUnknown: an item states an amount that its topic does not know.
        BridgeItemTwice: two items have one id.
        RateUnusable: an item of a foreign entity without its rates.

    Source:
        IAS 38.57, ASC 730; IFRS 16, ASC 842; IAS 16.31; IAS 36.114; ASC 350-20-35-62;
        IAS 2.25; IAS 12, ASC 740.
    """
    effects: dict[str, BridgeEffect] = {}
    for item in items:
        if item.id in effects:
            raise BridgeItemTwice(item.id)
        currency = currencies.get(item.entity, presentation)
        effects[item.id] = _effect(item, tax_rate, currency, presentation)
    return Bridge(start, target, tax_rate, tuple(effects.values()))


def _effect(item: BridgeItem, tax_rate: Fraction, currency: str, presentation: str) -> BridgeEffect:
    """Work one item out in its currency, then translate it."""
    needed, work_out = _TOPICS[item.topic]
    if unknown := sorted(set(item.amounts) - set(needed)):
        raise BridgeItemUnknown(item.id, unknown, list(needed))
    opening, profit, oci = work_out({name: item.amounts.get(name, 0) for name in needed})
    rate = tax_rate if item.taxable else Fraction(0)
    opening -= share_of(opening, rate)
    tax = -share_of(profit, rate)
    oci -= share_of(oci, rate)
    if currency == presentation:
        return BridgeEffect(item.id, item.topic, opening, profit, tax, oci)
    pair = (currency, presentation)
    closing = convert_one(opening + profit + tax + oci, item.closing, *pair)
    opened = convert_one(opening, item.opening_quote, *pair)
    earned, taxed, other = (convert_one(each, item.average, *pair) for each in (profit, tax, oci))
    moved = closing - opened - earned - taxed - other
    return BridgeEffect(item.id, item.topic, opened, earned, taxed, other, moved)


def _development_costs(of: Mapping[str, int]) -> _Effects:
    """Capitalised by IAS 38.57, an expense by ASC 730."""
    return -of["opening_carrying_amount"], -of["capitalised"] + of["amortisation"], 0


def _operating_lease(of: Mapping[str, int]) -> _Effects:
    """Depreciation and interest by IFRS 16.31, a straight line by ASC 842-20-25-6."""
    profit = of["ifrs_depreciation"] + of["ifrs_interest"] - of["straight_line_cost"]
    return of["opening_rou_us_gaap"] - of["opening_rou_ifrs"], profit, 0


def _ppe_revaluation(of: Mapping[str, int]) -> _Effects:
    """Allowed by IAS 16.31, not by ASC 360."""
    return -of["opening_excess_over_cost"], of["excess_depreciation"], -of["revaluation_in_period"]


def _impairment_reversal(of: Mapping[str, int]) -> _Effects:
    """Required by IAS 36.114, prohibited by ASC 360-10-35-20."""
    profit = -of["reversal"] + of["excess_depreciation"]
    return -of["opening_reversal_carrying_amount"], profit, 0


def _goodwill_amortisation(of: Mapping[str, int]) -> _Effects:
    """Impairment only by IAS 36.90, a private company may amortise (ASC 350-20-35-63)."""
    return -of["opening_accumulated"], -of["amortisation"], 0


def _lifo(of: Mapping[str, int]) -> _Effects:
    """Not allowed by IAS 2.25, allowed by ASC 330-10-30-9."""
    return -of["opening_reserve"], of["opening_reserve"] - of["closing_reserve"], 0


_TOPICS: Mapping[Topic, tuple[tuple[str, ...], Callable[[Mapping[str, int]], _Effects]]] = {
    Topic.DEVELOPMENT_COSTS: (
        ("opening_carrying_amount", "capitalised", "amortisation"),
        _development_costs,
    ),
    Topic.OPERATING_LEASE: (
        (
            "opening_rou_ifrs",
            "opening_rou_us_gaap",
            "ifrs_depreciation",
            "ifrs_interest",
            "straight_line_cost",
        ),
        _operating_lease,
    ),
    Topic.PPE_REVALUATION: (
        ("opening_excess_over_cost", "excess_depreciation", "revaluation_in_period"),
        _ppe_revaluation,
    ),
    Topic.IMPAIRMENT_REVERSAL: (
        ("opening_reversal_carrying_amount", "reversal", "excess_depreciation"),
        _impairment_reversal,
    ),
    Topic.GOODWILL_AMORTISATION: (("opening_accumulated", "amortisation"), _goodwill_amortisation),
    Topic.LIFO: (("opening_reserve", "closing_reserve"), _lifo),
}
"""By topic: the amounts it is made of, and how its effects follow."""
