"""Which account of the standard chart each account of an entity goes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from monthclose.ledger.digest import digest
from monthclose.ledger.entities import percent
from monthclose.ledger.errors import CloseError


class MappingIncomplete(CloseError):
    """The shares of an account's targets do not add up to 100 percent."""

    code = "mapping-incomplete"

    def __init__(self, entity: str, account: str, percent: str) -> None:
        super().__init__(entity=entity, account=account, percent=percent)


WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Target:
    """A standard account and the share of the entity's account that goes there."""

    account: str
    share: Fraction = WHOLE


@dataclass(frozen=True)
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
            # Nearly every account goes to one other, whole: a look costs less than a sum.
            if len(targets) == 1 and (targets[0].share is WHOLE or targets[0].share == WHOLE):
                continue
            whole = sum((target.share for target in targets), Fraction(0))
            if whole != 1 or any(target.share < 0 for target in targets):
                raise MappingIncomplete(self.entity, account, percent(whole))

    @cached_property
    def routes(self) -> dict[int, object]:
        """What was worked out for whole lists of accounts, by the identity of the list."""
        return {}

    @cached_property
    def splits(self) -> Mapping[str, tuple[Target, ...]]:
        """The accounts that go to several others; the rest go whole to one."""
        return {account: each for account, each in self.targets.items() if len(each) > 1}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over its lines, in whatever order they came; its number is not part of it."""
        lines = [
            (account, targets[0].account, "1")
            for account, targets in self.targets.items()
            if len(targets) == 1
        ]
        lines += [
            (account, target.account, str(target.share))
            for account, targets in self.splits.items()
            for target in targets
        ]
        lines.sort()
        return digest(self.entity, *zip(*lines, strict=True))


def targets_in_order(mapping: EntityMapping) -> EntityMapping:
    """The mapping with the targets of each account in order of their codes."""
    moved = {
        account: ordered
        for account, targets in mapping.splits.items()
        if (ordered := tuple(sorted(targets, key=lambda each: each.account))) != targets
    }
    return replace(mapping, targets={**mapping.targets, **moved}) if moved else mapping
