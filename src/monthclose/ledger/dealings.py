"""Parts of companies that changed hands while control stayed: whose each was, on its day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from monthclose.ledger.entities import Entity, Interest, Method
from monthclose.ledger.events import PartialDisposal

NOBODY = Fraction(0)


@dataclass(frozen=True, slots=True)
class Dealt:
    """
    A part of a company that changed hands, and whose it had been.

    Attributes:
        sale: Of the part, or of a part of a company above it.
        part: What passed from the group's owners to outsiders, of the whole company; below
            nil when it came from them.
        above: The share that outsiders had in the company that sold.
    """

    sale: PartialDisposal
    part: Fraction
    above: Fraction


def dealt(
    entities: Iterable[Entity], interests: Iterable[Interest], events: Iterable[object]
) -> list[Dealt]:
    """
    Say what each sale of a part moved, going back from the shares of the last day.

    Whoever sells a part of a company that holds others passes on its share of those too: of
    the sale itself and of what it did below, the difference of the group's shares is what
    the owners gave.

    Args:
        entities: Consolidated, the parent among them.
        interests: In force at the end of the period.
        events: Of this and earlier periods in order; what is no sale of a part is left out.

    Source:
        IFRS 10.23, 10.B94, 10.B96.
    """
    sales = [each for each in events if isinstance(each, PartialDisposal)]
    if not sales:
        return []
    parent = next(each.code for each in entities if each.method is Method.PARENT)
    held: dict[str, dict[str, Fraction]] = {}
    for interest in interests:
        held.setdefault(interest.investee, {})[interest.holder] = interest.share
    found: list[Dealt] = []
    waiting: list[PartialDisposal] = []
    after = _shares(parent, held)
    for sale in reversed(sales):
        waiting.append(sale)
        if sale.through:
            continue
        of_it = held.setdefault(sale.entity, {})
        of_it[sale.holder] = of_it.get(sale.holder, NOBODY) + sale.share
        before = _shares(parent, held)
        above = 1 - before.get(sale.holder, NOBODY)
        for each in waiting:
            part = before.get(each.entity, NOBODY) - after.get(each.entity, NOBODY)
            found.append(Dealt(each, part, above))
        waiting, after = [], before
    return found[::-1]


def _shares(parent: str, held: Mapping[str, Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """The owners' share in every company, direct or through others."""
    shares = {parent: Fraction(1)}

    def share(code: str) -> Fraction:
        if code not in shares:
            shares[code] = NOBODY  # of a circle, which is refused elsewhere
            shares[code] = sum(
                (share(holder) * part for holder, part in held.get(code, {}).items()), NOBODY
            )
        return shares[code]

    for code in held:
        share(code)
    return shares
