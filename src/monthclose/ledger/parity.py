"""What a parent's own books say of its owners under equity pick-up, beside what the group says."""

from dataclasses import dataclass

from monthclose.ledger.book import Book
from monthclose.ledger.entities import Method
from monthclose.ledger.events import Derecognition, PartialDisposal
from monthclose.ledger.translations import Rollforward


@dataclass(frozen=True, slots=True)
class Parity:
    """
    One figure by both roads: minor units of the presentation currency, credit positive.

    Attributes:
        figure: `net_assets`, `profit` or `cta`.
        separate: In the parent's own books, translated.
        group: Of the group, attributable to its owners.
    """

    figure: str
    separate: int
    group: int

    @property
    def difference(self) -> int:
        """Nil when both roads agree."""
        return self.separate - self.group


def parity_of(book: Book) -> tuple[Parity, ...]:
    """
    The figures that agree when every investment is under equity pick-up; () when one is not.

    Args:
        book: The close; its holders' translation reserves come with what was picked up.
    """
    bought = [*book.facts.acquisitions]
    for associate in book.facts.associates:
        bought += associate.acquisitions
        if not associate.acquisitions:
            return ()  # at cost in the books
    pickups = [each.pickup for each in bought]
    if not pickups or None in pickups:
        return ()
    parent = next(each.code for each in book.group.entities if each.method is Method.PARENT)
    foreign = book.group.currencies[parent] != book.presentation
    if foreign and any(isinstance(each, Derecognition) for each in book.changes):
        return ()  # the CTA of what was sold is the group's result, and the parent's CTA still
    own = [each.pickup for each in bought if each.pickup and each.acquirer == parent]
    closing = sum(each.reserve_presentation for each in own)
    moved = sum(each.reserve_moved_presentation for each in own)
    return compare_pickup(book, Rollforward(closing - moved, moved))


def compare_pickup(book: Book, reserve: Rollforward | None = None) -> tuple[Parity, ...]:
    """
    Hold the parent's own net assets, profit and CTA against those of the group's owners.

    They agree when every subsidiary stands in the parent's books under equity pick-up at
    the group's own figures: intragroup profit, impairment and tax as in consolidation.

    Args:
        book: The close.
        reserve: Translation reserve (ajustes acumulados de conversão) in the parent's own
            equity, of subsidiaries in other currencies than its own, translated; it is
            added to the parent's CTA. None: it has none.

    Returns:
        The three figures; nothing when no investment is under equity pick-up. When parts of
        companies were sold, control staying, what the parent booked as gain is left out, for
        the group has none; and the CTA is not compared, of which outsiders took a part.

    Source:
        Law 6.404 art. 248; CPC 18; ICPC 09.
    """
    equity = book.equity
    if equity is None or not any(each.pickup for each in book.facts.acquisitions):
        return ()
    parent = next(each.code for each in book.group.entities if each.method is Method.PARENT)
    own = next(each for each in book.translations if each.entity == parent)
    cta = own.cta.closing + (reserve.closing if reserve else 0)
    # Of companies sold in earlier years its translation holds what the group has recycled.
    cta -= sum(each.amount for each in book.facts.gone if each.holder == parent)
    totals, gains = book.totals, 0
    for each in book.facts.events:
        if isinstance(each, PartialDisposal) and each.holder == parent:
            gains += each.separate_gain
    compared = (
        Parity("net_assets", own.net_assets, totals.equity_attributable_to_parent),
        Parity("profit", own.net_income - gains, totals.net_income_parent),
    )
    if any(isinstance(e, PartialDisposal) for e in (*book.facts.settled, *book.facts.events)):
        return compared
    return (*compared, Parity("cta", cta, equity.cta_parent.closing))
