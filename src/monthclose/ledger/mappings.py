"""Which account of the standard chart each account of an entity goes to."""

from collections.abc import Iterator, Mapping
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


class Columns(Mapping[str, tuple[Target, ...]]):
    """
    Targets as two columns of codes: a target is made when it is asked for.

    A group of a thousand companies has a million lines, nearly all of them whole, and a
    close asks where they go, not for a million objects.
    """

    def __init__(self, whole: Mapping[str, str], split: Mapping[str, tuple[Target, ...]]) -> None:
        self.whole, self.split = whole, split

    def __getitem__(self, account: str) -> tuple[Target, ...]:
        code = self.whole.get(account)
        return self.split[account] if code is None else (Target(code),)

    def __iter__(self) -> Iterator[str]:
        yield from self.whole
        yield from self.split

    def __len__(self) -> int:
        return len(self.whole) + len(self.split)


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
        targets_of = self.targets
        several = targets_of.split if isinstance(targets_of, Columns) else targets_of
        for account, targets in several.items():
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
    def whole(self) -> Mapping[str, str]:
        """The standard account of each account that goes whole to one."""
        if isinstance(self.targets, Columns):
            return self.targets.whole
        return {
            account: each[0].account for account, each in self.targets.items() if len(each) == 1
        }

    def codes(self, accounts: tuple[str, ...]) -> list[str | None]:
        """(n,) the standard account of each of *accounts* that goes whole to one, else None."""
        # Nearly always the list is the mapping's own, in its order: nothing is looked up.
        if tuple(self.whole) == accounts:
            return [*self.whole.values()]
        return [*map(self.whole.get, accounts)]

    @cached_property
    def splits(self) -> Mapping[str, tuple[Target, ...]]:
        """The accounts that go to several others; the rest go whole to one."""
        if isinstance(self.targets, Columns):
            return self.targets.split
        return {account: each for account, each in self.targets.items() if len(each) > 1}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over its lines, in whatever order they came; its number is not part of it."""
        if self.whole and not self.splits:  # nearly always: columns, no tuple a line
            accounts = sorted(self.whole)
            codes = map(self.whole.__getitem__, accounts)
            return digest(self.entity, tuple(accounts), tuple(codes), ("1",) * len(accounts))
        lines = [(account, code, "1") for account, code in self.whole.items()]
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
