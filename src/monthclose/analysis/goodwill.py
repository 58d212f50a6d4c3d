"""A line of goodwill taken apart: the purchase equation at the closing rate."""

from fractions import Fraction

from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node
from monthclose.ledger.money import rounded
from monthclose.ledger.rates import ratio_of


def goodwill_parts(book: Book, entry: Entry, line: EntryLine) -> tuple[Node, ...]:
    """
    What a line that carries goodwill is made of; () for any other line.

    The goodwill of the purchase equation less what was charged since, in the currency of
    the company, at the closing rate, rounded once.

    Source:
        IFRS 3.32; IAS 21.47.
    """
    purchase = book.purchases.get(entry.reference)
    if purchase is None or line.account != book.chart.roles.goodwill or entry.kind != "goodwill":
        return ()
    rates = book.facts.rates.get(purchase.target)
    quote = rates.closing if rates else None
    if quote is None and purchase.currency != book.presentation:
        return ()
    stands = purchase.goodwill_schedule.closing
    factor = ratio_of(quote, purchase.currency, book.presentation)
    exact = factor * stands
    if rounded(exact) != line.amount:
        return ()  # carried otherwise, such as by a price index
    whole = Node("goodwill", Fraction(stands), purchase.currency, _equation(purchase, stands))
    part = Node("part", exact, book.presentation, (whole,), factor, {"quote": quote})
    cent = line.amount - exact
    return (part, Node("rounding", cent, book.presentation)) if cent else (part,)


def _equation(purchase: Purchase, stands: int) -> tuple[Node, ...]:
    """What was given, less the net assets that came for it; () when it is not all of it."""
    terms = (
        ("consideration", purchase.consideration),
        ("previously_held", purchase.previously_held),
        ("nci_acquired", purchase.nci),
        ("net_assets_acquired", -purchase.book_equity),
        ("step_ups", -purchase.step_ups),
        ("deferred_tax", purchase.deferred_tax),
        ("charged", stands - purchase.goodwill),
    )
    if sum(amount for _, amount in terms) != stands:
        return ()
    facts = {"entity": purchase.target}
    return tuple(
        Node(
            kind,
            Fraction(amount),
            purchase.currency,
            _charged(purchase) if kind == "charged" else (),
            facts=facts,
        )
        for kind, amount in terms
        if amount
    )


def _charged(purchase: Purchase) -> tuple[Node, ...]:
    """What was written off goodwill, period by period."""
    return tuple(
        Node(
            "written_off",
            Fraction(-charge.amount),
            purchase.currency,
            facts={"acquisition": purchase.acquisition, "month": charge.label},
        )
        for charge in purchase.goodwill_schedule.charges
    )
