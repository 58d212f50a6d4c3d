"""Who bears what entries beside the books change: the owners of one company, outsiders too."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from monthclose.ledger.translations import Rollforward


@dataclass(frozen=True, slots=True)
class Borne:
    """
    What entries add to one company's equity, presentation currency, credit positive.

    Attributes:
        entity: The company whose owners bear it.
        retained: To retained earnings as they opened.
        profit: To the result of the period.
        cta: To the CTA.
    """

    entity: str
    retained: int = 0
    profit: int = 0
    cta: Rollforward = field(default=Rollforward(0, 0))


def together(borne: Iterable[Borne], entity: str) -> Borne:
    """Add up what one company's owners bear."""
    theirs = [each for each in borne if each.entity == entity]
    return Borne(
        entity,
        sum(each.retained for each in theirs),
        sum(each.profit for each in theirs),
        Rollforward(
            sum(each.cta.opening for each in theirs), sum(each.cta.movement for each in theirs)
        ),
    )
