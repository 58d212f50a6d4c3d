"""Which account of the standard chart each account of an entity goes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from monthclose.ledger.entities import percent
from monthclose.ledger.errors import CloseError


class MappingIncomplete(CloseError):
    """The shares of an account's targets do not add up to 100 percent."""

    code = "mapping-incomplete"

    def __init__(self, entity: str, account: str, percent: str) -> None:
        super().__init__(entity=entity, account=account, percent=percent)


@dataclass(frozen=True, slots=True)
class Target:
    """A standard account and the share of the entity's account that goes there."""

    account: str
    share: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class EntityMapping:
    """
    One entity's chart mapped to the standard chart.

    Attributes:
        entity: Short code of the entity.
        targets: Standard accounts by entity account; their shares add to one.
        version: Counts the changes, from 1.
    """

    entity: str
    targets: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    version: int = 1

    def __post_init__(self) -> None:
        for account, targets in self.targets.items():
            whole = sum((target.share for target in targets), Fraction(0))
            if whole != 1:
                raise MappingIncomplete(self.entity, account, percent(whole))
