"""Outsiders in a chain of holdings: what is theirs one level up belongs to them below."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from monthclose.consolidation.attributable import Attributable
from monthclose.ledger.accounts import RESULT, Chart
from monthclose.ledger.acquisitions import Acquisition, Dividend
from monthclose.ledger.book import Purchase
from monthclose.ledger.entities import Interest, fraction_of
from monthclose.ledger.money import rounded, share_of
from monthclose.ledger.rates import convert_one, ratio_of
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
    outside_on: Callable[[str, date | None], Fraction | None],
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
        outside_on: The outsiders' indirect share of a company on a day of the period, as it
            opened without one; None: it has none.
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
        theirs = outside_on(holder, acquisition.on if acquisition.in_period else None)
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
    dividends: Iterable[Dividend],
    outside_on: Callable[[str, date | None], Fraction | None],
    chart: Chart,
    presented: tuple[Mapping[str, str], str],
) -> None:
    """
    Move dividends inside a chain from the outsiders of the payer to those of the holder.

    Args:
        chains: By company; filled further.
        dividends: Declared in the period, of companies of the group.
        outside_on: As for `follow_chains`.
        chart: Tells income from the rest.
        presented: Functional currencies, and the presentation currency.
    """
    currencies, presentation = presented
    for dividend in dividends:
        for given in dividend.received:
            theirs = outside_on(given.holder, dividend.on)
            if theirs is None or chart.kind(given.income_account) not in RESULT:
                continue
            currency = currencies[given.holder]
            income = convert_one(given.amount, given.quote, currency, presentation)
            part = share_of(income, theirs)
            chains.setdefault(given.holder, Chain()).intragroup += part
            chains.setdefault(dividend.payer, Chain()).intragroup -= part


def _identifiable(purchase: Purchase) -> int:
    """Identifiable net assets at acquisition, the target's currency."""
    return purchase.book_equity + purchase.step_ups - purchase.deferred_tax
