"""The group: its companies, and who owns what from which day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from monthclose.ledger.errors import CloseError
from monthclose.wording import Word

SHARE_UNIT = 10**8
"""Shares are stored as fractions with eight decimals."""


class Method(StrEnum):
    """How an entity enters the group."""

    PARENT = "parent"
    FULL = "full"
    EQUITY = "equity"


class OwnershipUnclear(CloseError):
    """The interests do not say who owns an entity of the group."""

    code = "ownership-unclear"

    def __init__(self, entity: str, problem: str, percent: str) -> None:
        super().__init__(entity=entity, problem=Word(problem), percent=percent)


class UnknownEntity(CloseError):
    """A balance or a record names an entity that the group does not have."""

    code = "entity-unknown"

    def __init__(self, entity: str, group: str) -> None:
        super().__init__(entity=entity, group=group)


class ParentUnclear(CloseError):
    """A group has exactly one parent."""

    code = "parent-unclear"

    def __init__(self, group: str, parents: tuple[str, ...]) -> None:
        super().__init__(group=group, count=len(parents), parents=parents or ("–",))


@dataclass(frozen=True, slots=True)
class Entity:
    """
    A company of the group.

    Attributes:
        code: Short code such as `NVO`, unique in the group.
        name: Full name.
        currency: Functional currency, ISO 4217: that of its books.
        method: Parent (exactly one), full consolidation, or equity method.
        tax_id: CNPJ, or empty abroad.
        erp: `totvs`, `contaazul`, `omie`, `bling` or empty.
        first_period: First month in the group (`2025-06`), empty: from the start.
        index: General price index that its books are restated with, because its currency
            is that of a hyperinflationary economy (IAS 29); empty: they are not.
        year_end: Month in which its own fiscal years end, 1 to 12; nil: as the group's.
        reporting_lag: By how many months its books are earlier than the group's, 0 to 3:
            with 1 the books of May are its balance of June.
    """

    code: str
    name: str
    currency: str
    method: Method = Method.FULL
    tax_id: str = ""
    erp: str = ""
    first_period: str = ""
    index: str = ""
    year_end: int = 0
    reporting_lag: int = 0


@dataclass(frozen=True, slots=True)
class Interest:
    """
    A direct holding from a day on, until the next entry of the same pair.

    Attributes:
        holder: Code of the company that owns the shares.
        investee: Code of the company they are of.
        share_e8: The share as a fraction in 10**-8: 66.67 percent is 66670000.
        since: First day; None: always.
    """

    holder: str
    investee: str
    share_e8: int
    since: date | None = None

    @property
    def share(self) -> Fraction:
        """The share as an exact fraction."""
        return fraction_of(self.share_e8)


@lru_cache(1024)
def fraction_of(share_e8: int) -> Fraction:
    """A share in lowest terms; a group has few different ones."""
    return Fraction(share_e8, SHARE_UNIT)


def interests_on(interests: tuple[Interest, ...], day: date | None) -> tuple[Interest, ...]:
    """The interests in force on *day* (None: the latest), nil ones left out."""
    latest: dict[tuple[str, str], Interest] = {}
    for interest in interests:
        if day is not None and interest.since is not None and interest.since > day:
            continue
        pair = (interest.holder, interest.investee)
        known = latest.get(pair)
        if known is None or (interest.since or date.min) >= (known.since or date.min):
            latest[pair] = interest
    return tuple(interest for interest in latest.values() if interest.share_e8)


def group_shares(
    entities: tuple[Entity, ...], interests: tuple[Interest, ...]
) -> dict[str, Fraction]:
    """
    The group's share in each consolidated entity: direct, or through the chain.

    `g_parent = 1` and `g_e = sum of g_holder x share(holder, e)`.

    Raises:
        OwnershipUnclear: no holder in the group, more than 100 percent, a circle, or a
            part of the parent in the group's hands.
    """
    held: dict[str, list[Interest]] = {}
    for interest in interests:
        held.setdefault(interest.investee, []).append(interest)
    shares: dict[str, Fraction] = {}

    def share(code: str, path: tuple[str, ...]) -> Fraction:
        if code in path:
            raise OwnershipUnclear(code, "circle", "100")
        if code not in shares:
            direct = held.get(code, [])
            owned = sum([each.share_e8 for each in direct])
            if not direct or owned > SHARE_UNIT:
                problem = "over" if direct else "unowned"
                raise OwnershipUnclear(code, problem, percent(fraction_of(owned)))
            below = (*path, code)
            parts = [(share(each.holder, below), each.share) for each in direct]
            # Most are held by one company that is the group's whole: its share is theirs.
            shares[code] = (
                parts[0][1]
                if len(parts) == 1 and parts[0][0] == 1
                else sum((holder * part for holder, part in parts), Fraction(0))
            )
        return shares[code]

    for entity in entities:
        if entity.method is Method.PARENT:
            if above := sum([each.share_e8 for each in held.get(entity.code, [])]):
                raise OwnershipUnclear(entity.code, "parent-held", percent(fraction_of(above)))
            shares[entity.code] = Fraction(1)
    for entity in entities:
        if entity.method is Method.FULL:
            share(entity.code, ())
    return shares


@lru_cache(1024)
def percent(share: Fraction) -> str:
    """Write a share as the shortest decimal percentage: `33.33`."""
    scaled = share * 100
    whole, rest = divmod(scaled.numerator * 10**12 // scaled.denominator, 10**12)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")
