"""What is the outsiders' taken apart: their share of each thing, and what that is made of."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from monthclose.ledger.acquisitions import NciMethod
from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.entities import percent
from monthclose.ledger.equity import OutsidePart
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node
from monthclose.ledger.purchases import PurchaseLayer
from monthclose.ledger.rates import ratio_of


def outside_lines(book: Book, entry: Entry, line: EntryLine) -> tuple[Node, ...]:
    """
    What a line that attributes to outsiders, or measures them at a purchase, is made of.

    Args:
        book: The close.
        entry: One of its entries.
        line: One of its lines.

    Returns:
        Their share of retained earnings, result, translation adjustment and reserves; at a
        purchase their interest at the rate of the day. () for any other line.

    Source:
        IFRS 10.B94; IFRS 3.19; IAS 21.41.
    """
    made: tuple[Node, ...] = ()
    if entry.kind == "attribution":
        of_all = line.account == book.chart.roles.nci
        parts = [
            each
            for each in book.outside.get(entry.entity, ())
            if of_all or each.account == line.account
        ]
        made = tuple(_shares(book, entry.entity, parts, -1 if of_all else 1))
    elif entry.kind == "investment" and line.account == book.chart.roles.nci:
        made = tuple(_measured(book, entry))
    return made if sum((each.amount for each in made), Fraction(0)) == line.amount else ()


def profit_shares(book: Book, entity: str) -> tuple[Node, ...]:
    """What the outsiders' share of a company's result is made of, a profit is positive."""
    parts = [each for each in book.outside.get(entity, ()) if each.name == "profit"]
    return tuple(_shares(book, entity, parts, 1))


def _shares(book: Book, entity: str, parts: Iterable[OutsidePart], sign: int) -> Iterator[Node]:
    """Each share of a whole, with what rounding did."""
    for each in parts:
        facts = {"percent": "" if each.share is None else percent(each.share), "of": each.name}
        if each.share is None:
            kept = Fraction(sign * each.part)
            yield Node("outside_carried", kept, book.presentation, facts=facts)
            continue
        whole = Fraction(each.whole)
        inside = Node(
            f"outside_{each.name}", whole, book.presentation, _made_of(book, entity, each)
        )
        factor = sign * each.share
        yield Node("outside_share", factor * whole, book.presentation, (inside,), factor, facts)
        if cent := each.part - each.share * whole:
            yield Node("rounding", sign * cent, book.presentation)


def _made_of(book: Book, entity: str, part: OutsidePart) -> tuple[Node, ...]:
    """
    The books of the company, what was charged on its purchase, and the rest.

    Nothing when it is the books alone, or when the share changed within the period.
    """
    if any(each.entity == entity for each in book.facts.events):
        return ()
    translation = next(each for each in book.translations if each.entity == entity)
    layers = [
        layer
        for each in book.facts.acquisitions
        if each.target == entity
        for layer in _shared_layers(book.purchases[each.id], each.nci_method)
    ]
    if part.name == "profit":
        books, bought = translation.net_income, -sum(each.charged for each in layers)
    elif part.name == "cta":
        books, bought = translation.cta.movement, sum(each.cta.movement for each in layers)
    elif part.name == "cta_opening":
        books, bought = translation.cta.opening, sum(each.cta.opening for each in layers)
    else:
        return ()
    rest = part.whole - books - bought
    if not bought and not rest:
        return ()
    terms = (("outside_books", books), ("outside_layers", bought), ("outside_rest", rest))
    return tuple(
        Node(kind, Fraction(amount), book.presentation, facts={"entity": entity})
        for kind, amount in terms
        if amount
    )


def _shared_layers(purchase: Purchase, method: NciMethod) -> Iterator[PurchaseLayer]:
    """Layers that outsiders share in: partial goodwill is the acquirer's."""
    if purchase.fair_value_layer is not None:
        yield purchase.fair_value_layer
    if purchase.goodwill_layer is not None and method == NciMethod.FAIR_VALUE:
        yield purchase.goodwill_layer


def _measured(book: Book, entry: Entry) -> Iterator[Node]:
    """Outsiders as a purchase measured them, at the rate of its day."""
    purchase = book.purchases.get(entry.reference)
    acquisition = next((e for e in book.facts.acquisitions if e.id == entry.reference), None)
    if purchase is None or acquisition is None:
        return
    facts = {"entity": purchase.target}
    owned = Fraction(purchase.book_equity + purchase.step_ups - purchase.deferred_tax)
    share = acquisition.nci_share
    inside: tuple[Node, ...] = ()
    factor = Fraction(1)
    if acquisition.nci_method == NciMethod.PROPORTIONATE and share * owned == purchase.nci:
        factor, facts = share, {**facts, "percent": percent(share)}
        terms = (
            ("net_assets_bought", purchase.book_equity),
            ("step_ups_bought", purchase.step_ups),
            ("deferred_tax_bought", -purchase.deferred_tax),
        )
        inside = tuple(
            Node(kind, Fraction(amount), purchase.currency, facts={"entity": purchase.target})
            for kind, amount in terms
            if amount
        )
    kind = "nci_share" if inside else "nci_acquired"
    whole = Node(kind, Fraction(purchase.nci), purchase.currency, inside, factor, facts)
    rate = -ratio_of(acquisition.quote, purchase.currency, book.presentation)
    exact = rate * purchase.nci
    yield Node("part", exact, book.presentation, (whole,), rate, {"quote": acquisition.quote})
    if cent := -purchase.nci_presentation - exact:
        yield Node("rounding", cent, book.presentation)
