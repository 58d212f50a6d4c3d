"""What entries beside the books change, and whose owners it is attributable to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from monthclose.ledger.translations import Rollforward


@dataclass(frozen=True, slots=True)
class Attributable:
    """
    What entries add to one company's equity, presentation currency, credit positive.

    Attributes:
        entity: The company whose owners bear it.
        retained: To retained earnings as they opened.
        profit: To the result of the period.
        cta: To the CTA.
        reserves: To reserves of other comprehensive income, by account.
        released: From those to retained earnings in the period, by account: no income.
    """

    entity: str
    retained: int = 0
    profit: int = 0
    cta: Rollforward = field(default=Rollforward(0, 0))
    reserves: tuple[tuple[str, Rollforward], ...] = ()
    released: tuple[tuple[str, int], ...] = ()


def together(attributable: Iterable[Attributable]) -> dict[str, Attributable]:
    """Add up what the owners of each company bear."""
    sums: dict[str, Attributable] = {}
    for each in attributable:
        was = sums.get(each.entity, Attributable(each.entity))
        sums[each.entity] = Attributable(
            each.entity,
            was.retained + each.retained,
            was.profit + each.profit,
            Rollforward(was.cta.opening + each.cta.opening, was.cta.movement + each.cta.movement),
            was.reserves + each.reserves,
            was.released + each.released,
        )
    return sums
