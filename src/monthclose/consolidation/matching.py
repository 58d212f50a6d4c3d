"""Which intercompany items face each other: deterministic, exact, near-linear."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush

from monthclose.ledger.intercompany import (
    FACED,
    FACING,
    Basis,
    Cause,
    Item,
    ItemTwice,
    Match,
    Reason,
    Unmatched,
    translated_sum,
)

_FEW = 64
"""Up to so many pairs are compared one by one; more are sorted."""


@dataclass(frozen=True, slots=True)
class Matching:
    """
    What faces what.

    Attributes:
        matches: Put together by name first, then same reference, then a missing one;
            among those in order of difference, then of ids.
        unmatched: The items left over, in the order given.
    """

    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]


@dataclass(slots=True, eq=False)
class _Side:
    """One side, in a sign in which both sides of a pair are alike."""

    id: str
    items: tuple[Item, ...]
    reference: str
    currency: str
    document: int
    amount: int
    taken: bool = False


type _Pairs = tuple[list[_Side], list[_Side]]
"""Left and right sides, each of which may face any of the other."""

type _Key = tuple[Fraction | int, str, str]
"""The order in which candidates are taken: difference, id of a, id of b."""

type _Found = tuple[_Key, _Side, _Side]


@dataclass(slots=True)
class _Bucket:
    """Everything two companies have with each other of one pair of kinds."""

    left: list[_Side] = field(default_factory=list)
    right: list[_Side] = field(default_factory=list)


class IntercompanyMatcher:
    """
    Matches intercompany items: reciprocal companies, complementary kinds.

    Two different references never match, whatever the amounts; the same reference comes
    first, then items where one is missing. Document amounts are compared when both sides
    state the same document currency, else translated amounts. Candidates are taken in
    order of their difference, then of ids, so the order of the items changes nothing.

        matching = IntercompanyMatcher(Fraction(1, 100)).match(items)

    Args:
        tolerance: The largest difference as a part of the larger side, inclusive; 0 to
            less than 1.

    Source:
        IFRS 10.B86(c); ASC 810-10-45-1.
    """

    def __init__(self, tolerance: Fraction = Fraction(1, 100)) -> None:
        if not 0 <= tolerance < 1:
            raise ValueError(f"a tolerance of {tolerance} is not a part of an amount")
        self.tolerance = tolerance

    def match(self, items: Sequence[Item]) -> Matching:
        """
        Find the other side of each item.

        Args:
            items: Translated, in any order.

        Returns:
            Matches and what is left over. Time grows with the items, not with their pairs.

        Raises:
            ItemTwice: two items have one id.
        """
        buckets = _buckets(items)
        together: list[_Found] = []
        same: list[_Found] = []
        missing: list[_Found] = []
        for bucket, named in buckets:
            together += self._named(named)
            same += self._same_reference(bucket)
            missing += self._missing_reference(bucket)
        found = [*sorted(together, key=_first), *sorted(same, key=_first)]
        found += sorted(missing, key=_first)
        matches = tuple([_match(key[0], left, right) for key, left, right in found])
        if sum([len(match.a) + len(match.b) for match in matches]) == len(items):
            return Matching(matches, ())
        matched = {item.id for match in matches for item in match.items}
        reasons = _reasons(buckets)
        return Matching(
            matches,
            tuple(
                Unmatched(item, reasons.get(item.id, Reason.NO_COUNTERPART))
                for item in items
                if item.id not in matched
            ),
        )

    def _named(self, named: dict[str, _Bucket]) -> Iterator[_Found]:
        """Compare what was put together by name, a sum a side."""
        for bucket in named.values():
            if bucket.left and bucket.right:
                left, right = _sum(bucket.left), _sum(bucket.right)
                difference = self._difference(*_compared(left, right))
                if difference is not None:
                    for side in (*bucket.left, *bucket.right):
                        side.taken = True
                    yield (difference, left.id, right.id), left, right

    def _same_reference(self, bucket: _Bucket) -> Iterator[_Found]:
        """Match sides of one reference."""
        facing: dict[str, list[_Side]] = {}
        for side in bucket.right:
            if side.reference:
                facing.setdefault(side.reference, []).append(side)
        left: dict[str, list[_Side]] = {}
        for side in bucket.left:
            if side.reference in facing:
                left.setdefault(side.reference, []).append(side)
        for reference, sides in left.items():
            yield from self._take([(sides, facing[reference])])

    def _missing_reference(self, bucket: _Bucket) -> Iterator[_Found]:
        """Match what is left where a reference is missing on one side or both."""
        left, right = _free(bucket.left), _free(bucket.right)
        if left and right:
            unnamed = [side for side in left if not side.reference]
            named = [side for side in left if side.reference]
            facing = [side for side in right if not side.reference]
            yield from self._take([(unnamed, right), (named, facing)])

    def _take(self, pairs: list[_Pairs]) -> Iterator[_Found]:
        """Take candidates in their order until none is left within the tolerance."""
        if sum([len(left) * len(right) for left, right in pairs]) <= _FEW:
            yield from self._one_by_one(pairs)
        else:
            yield from self._sorted(pairs)

    def _one_by_one(self, pairs: list[_Pairs]) -> Iterator[_Found]:
        """Compare every pair: the definition, for few of them."""
        found: list[_Found] = []
        for lefts, rights in pairs:
            for left in lefts:
                for right in rights:
                    difference = self._difference(*_compared(left, right))
                    if difference is not None:
                        found.append(((difference, left.id, right.id), left, right))
        if len(found) > 1:
            found.sort(key=_first)
        for key, left, right in found:
            if not (left.taken or right.taken):
                left.taken = right.taken = True
                yield key, left, right

    def _sorted(self, pairs: list[_Pairs]) -> Iterator[_Found]:
        """
        The same, for many: on a line of amounts the closest two are neighbours.

        Sides that are compared in one way stand on one line, sides of one amount on one
        spot. The heap holds neighbours only; when a spot empties, those around it become
        neighbours. Half a million items of one amount cost what as many different ones do.
        """
        heap: list[tuple[_Key, int, _Near]] = []
        count = 0
        lanes = [lane for pair in pairs for lane in _lanes(*pair)]
        for lane in lanes:
            for near in lane.start():
                if (key := self._key(near)) is not None:
                    heap.append((key, count, near))
                    count += 1
        heapify(heap)
        while heap:
            key, _, near = heappop(heap)
            if not (near.left.taken or near.right.taken):
                near.left.taken = near.right.taken = True
                yield key, near.left, near.right
            for new in near.lane.again(near):
                if (new_key := self._key(new)) is not None:
                    heappush(heap, (new_key, count, new))
                    count += 1

    def _key(self, near: "_Near") -> _Key | None:
        difference = self._difference(*_compared(near.left, near.right))
        return None if difference is None else (difference, near.left.id, near.right.id)

    def _difference(self, left: int, right: int) -> Fraction | int | None:
        """Give the difference as a part of the larger side; None when beyond the tolerance."""
        if left == right:
            return 0
        gap, larger = abs(left - right), max(abs(left), abs(right))
        if gap * self.tolerance.denominator > larger * self.tolerance.numerator:
            return None
        return Fraction(gap, larger)


@dataclass(slots=True, eq=False)
class _Near:
    """Two sides on one spot of a lane, or on neighbouring ones."""

    lane: "_Lane"
    low: int
    high: int
    left: _Side
    right: _Side


class _Lane:
    """
    Sides in order of one amount; each left one may face each right one.

    Spots that have emptied are stepped over, and never filled again.
    """

    def __init__(self, left: list[_Side], right: list[_Side], *, document: bool) -> None:
        spots: dict[int, _Pairs] = {}
        for place, sides in enumerate((left, right)):
            for side in sorted(sides, key=_id, reverse=True):
                value = side.document if document else side.amount
                spots.setdefault(value, ([], []))[place].append(side)
        self._spots = [spots[value] for value in sorted(spots)]
        self._before = list(range(-1, len(spots) - 1))
        self._after = list(range(1, len(spots) + 1))
        self._said: set[tuple[str, str]] = set()

    def start(self) -> Iterator[_Near]:
        """Every pair of first sides that share a spot or stand on neighbouring ones."""
        for spot in range(len(self._spots)):
            yield from self._pairs(spot, spot)
            if spot + 1 < len(self._spots):
                yield from self._pairs(spot, spot + 1)

    def again(self, near: _Near) -> Iterator[_Near]:
        """What is near now where a pair was taken, or one side of it by another pair."""
        low, high = near.low, near.high
        if not self._stands(low):
            low = self._step(low, self._before)
        if not self._stands(high):
            high = self._step(high, self._after)
        if low >= 0 and high < len(self._spots):
            yield from self._pairs(low, high)

    def _pairs(self, low: int, high: int) -> Iterator[_Near]:
        """The first left and right side of two spots, each pair once ever."""
        for left_spot, right_spot in ((low, high), (high, low))[: 1 + (low != high)]:
            left, right = self._head(left_spot, 0), self._head(right_spot, 1)
            if left and right and (left.id, right.id) not in self._said:
                self._said.add((left.id, right.id))
                yield _Near(self, low, high, left, right)

    def _head(self, spot: int, place: int) -> _Side | None:
        """The first side of a spot that nobody has taken."""
        sides = self._spots[spot][place]
        while sides and sides[-1].taken:
            sides.pop()
        return sides[-1] if sides else None

    def _stands(self, spot: int) -> bool:
        return bool(self._head(spot, 0) or self._head(spot, 1))

    def _step(self, spot: int, way: list[int]) -> int:
        """The next spot in a direction that still has a side; the way there is remembered."""
        passed, at = [spot], way[spot]
        while 0 <= at < len(self._spots) and not self._stands(at):
            passed.append(at)
            at = way[at]
        for each in passed:
            way[each] = at
        return at


def _lanes(left: list[_Side], right: list[_Side]) -> Iterator[_Lane]:
    """Lanes that together hold each pair once: those of one document currency, and the rest."""
    lefts, rights = _by_currency(left), _by_currency(right)
    for currency, sides in lefts.items():
        if currency and currency in rights:
            yield _Lane(sides, rights[currency], document=True)
        others = [
            side
            for other, each in rights.items()
            if not currency or other != currency
            for side in each
        ]
        if others:
            yield _Lane(sides, others, document=False)


def _by_currency(sides: list[_Side]) -> dict[str, list[_Side]]:
    found: dict[str, list[_Side]] = {}
    for side in sides:
        found.setdefault(side.currency, []).append(side)
    return found


def _buckets(items: Sequence[Item]) -> list[tuple[_Bucket, dict[str, _Bucket]]]:
    """Gather items by companies and kinds: those that stand alone, and those put together."""
    found: dict[tuple[str, str, str], tuple[_Bucket, dict[str, _Bucket]]] = {}
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise ItemTwice(item.id)
        seen.add(item.id)
        leads = item.kind in FACING
        key = (
            (item.entity, item.partner, item.kind)
            if leads
            else (item.partner, item.entity, FACED[item.kind])
        )
        if (known := found.get(key)) is None:
            known = found[key] = (_Bucket(), {})
        bucket = known[1].setdefault(item.together, _Bucket()) if item.together else known[0]
        (bucket.left if leads else bucket.right).append(_side(item, 1 if leads else -1))
    return list(found.values())


def _side(item: Item, sign: int) -> _Side:
    """An item as one side; the other side's sign is turned, so that equal sides agree."""
    stated = item.document_amount is not None and item.document_currency
    return _Side(
        item.id,
        (item,),
        item.reference,
        item.document_currency if stated else "",
        sign * (item.document_amount or 0),
        sign * (item.translated or 0),
    )


def _sum(sides: list[_Side]) -> _Side:
    """Sides put together: their document amounts count when all are in one currency."""
    ordered = sorted(sides, key=_id)
    currencies = {side.currency for side in sides}
    return _Side(
        ordered[0].id,
        tuple(item for side in ordered for item in side.items),
        "",
        currencies.pop() if len(currencies) == 1 else "",
        sum(side.document for side in sides),
        sum(side.amount for side in sides),
    )


def _compared(left: _Side, right: _Side) -> tuple[int, int]:
    """The two amounts that have to agree: of the document when both state its currency."""
    if left.currency and left.currency == right.currency:
        return left.document, right.document
    return left.amount, right.amount


def _match(difference: Fraction | int, left: _Side, right: _Side) -> Match:
    """Make the match, with the cause of what it leaves."""
    document = bool(left.currency) and left.currency == right.currency
    residual = translated_sum(left.items) + translated_sum(right.items)
    if not residual:
        cause = Cause.NONE
    elif difference or not document:
        cause = Cause.AMOUNT
    else:
        cause = Cause.ROUNDING if abs(residual) <= 1 else Cause.FX
    basis = Basis.DOCUMENT if document else Basis.PRESENTATION
    return Match(left.items, right.items, basis, Fraction(difference), cause)


def _reasons(buckets: Iterable[tuple[_Bucket, dict[str, _Bucket]]]) -> dict[str, Reason]:
    """Why each side that is left found none; those without any other side are left out."""
    reasons: dict[str, Reason] = {}
    for bucket, named in buckets:
        for each in named.values():
            if each.left and each.right:
                sides = [side for side in (*each.left, *each.right) if not side.taken]
                reasons |= {side.id: Reason.BEYOND_TOLERANCE for side in sides}
        left, right = _free(bucket.left), _free(bucket.right)
        for sides, others in ((left, right), (right, left)):
            references = {other.reference for other in others}
            for side in sides:
                if not others:
                    continue
                compared = not side.reference or side.reference in references or "" in references
                reason = Reason.BEYOND_TOLERANCE if compared else Reason.OTHER_REFERENCE
                reasons[side.id] = reason
    return reasons


def _free(sides: list[_Side]) -> list[_Side]:
    return [side for side in sides if not side.taken]


def _first(found: _Found) -> _Key:
    return found[0]


def _id(side: _Side) -> str:
    return side.id
