"""Outsiders in a chain of holdings: what is theirs one level up belongs to them below."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from monthclose.consolidation.attributable import Attributable
from monthclose.ledger.accounts import RESULT, Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.book import Purchase
from monthclose.ledger.entities import Interest, fraction_of
from monthclose.ledger.journal import Entry
from monthclose.ledger.money import rounded, share_of
from monthclose.ledger.rates import ratio_of
from monthclose.ledger.translations import Rollforward


@dataclass(slots=True)
class Chain:
    """
    What a chain changes for one company's outsiders, presentation currency, credit positive.

    Attributes:
        at_acquisition: Moved to (or from) them by acquisitions before the period.
        acquired: By acquisitions of the period.
        intragroup: By dividends inside the chain, between levels.
    """

    at_acquisition: int = 0
    acquired: int = 0
    intragroup: int = 0


def held_directly(interests: Iterable[Interest]) -> dict[str, Fraction]:
    """The part of each company that group companies hold themselves."""
    held: dict[str, int] = {}
    for each in interests:
        held[each.investee] = held.get(each.investee, 0) + each.share_e8
    return {code: fraction_of(share) for code, share in held.items()}


def follow_chains(
    acquisitions: Sequence[Acquisition],
    purchases: Mapping[str, Purchase],
    retranslated: Sequence[Rollforward],
    held: Mapping[str, Fraction],
    outsiders: Mapping[str, Fraction],
    presentation: str,
) -> tuple[dict[str, Chain], list[Attributable]]:
    """
    Move the part of outsiders of a holder to the companies it holds.

    An investment is eliminated from the net assets that the holder's outsiders share in;
    what it bought of the company below is shared there, by indirect share. Partial goodwill
    and a bargain gain are the acquirer's, so its outsiders keep their part of them; the
    retranslation of an investment belongs to nobody.

    Args:
        acquisitions: In order.
        purchases: By acquisition.
        retranslated: What each took out of its holder's CTA, in the same order.
        held: What group companies had of each company when it was bought.
        outsiders: The outsiders' indirect share of each company that has some.
        presentation: The presentation currency.

    Returns:
        By company, those without a holder with outsiders left out; and what outsiders of
        holders share in beside their books, which the group's figures contain already.

    Source:
        IFRS 10.B94, 10.B96; IFRS 3.19, 3.34; IAS 21.47.
    """
    chains: dict[str, Chain] = {}
    through: list[Attributable] = []
    for acquisition, taken in zip(acquisitions, retranslated, strict=True):
        holder, target = acquisition.acquirer, acquisition.target
        theirs = outsiders.get(holder)
        if theirs is None:
            continue
        above = chains.setdefault(holder, Chain())
        below = chains.setdefault(target, Chain())
        purchase = purchases[acquisition.id]
        # Of several holders each may record its own part of the equity alone: what of it was
        # bought follows from the outsiders it leaves. At fair value they have no share in it.
        measured = acquisition.nci_method == "fair_value"
        bought = held[target] if measured else 1 - acquisition.nci_share
        share = theirs * bought
        rate = ratio_of(acquisition.quote, purchase.currency, presentation)
        part = rounded(_identifiable(purchase) * share * rate)
        if acquisition.in_period:
            above.acquired -= part
            below.acquired += part
        else:
            above.at_acquisition -= part
            below.at_acquisition += part
        gain, now = purchase.gain_presentation, acquisition.in_period
        through.append(Attributable(holder, 0 if now else gain, gain if now else 0, taken))
        layer = purchase.goodwill_layer
        if layer is not None and acquisition.nci_method != "fair_value":
            through.append(Attributable(holder, -layer.prior, -layer.charged, layer.cta))
    return chains, through


def follow_dividends(
    chains: dict[str, Chain],
    entries: Iterable[Entry],
    outsiders: Mapping[str, Fraction],
    chart: Chart,
) -> None:
    """
    Move dividends inside a chain from the outsiders of the payer to those of the holder.

    Args:
        chains: By company; filled further.
        entries: Among them those that cancelled dividends.
        outsiders: The outsiders' indirect share of each company that has some.
        chart: Tells income from the rest.
    """
    for entry in entries:
        if entry.kind != "dividend":
            continue
        for line in entry.lines:
            theirs = outsiders.get(line.entity)
            if theirs is None or line.entity == entry.entity:
                continue
            if chart.kind(line.account) in RESULT:
                part = share_of(line.amount, theirs)
                chains.setdefault(line.entity, Chain()).intragroup += part
                chains.setdefault(entry.entity, Chain()).intragroup -= part


def _identifiable(purchase: Purchase) -> int:
    """Identifiable net assets at acquisition, the target's currency."""
    return purchase.book_equity + purchase.step_ups - purchase.deferred_tax
