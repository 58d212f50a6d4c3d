"""A line of a sale of an associate's shares taken apart: books, carrying amount, gain."""

from collections.abc import Iterator
from fractions import Fraction

from monthclose.ledger.associate_sales import AssociateSale, AssociateSold
from monthclose.ledger.book import Book
from monthclose.ledger.entities import percent
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node
from monthclose.ledger.rates import ratio_of


def sold_at(book: Book, sale: AssociateSale, sold: AssociateSold) -> Node:
    """What was carried of the shares sold, at the rate of the day; exact."""
    currency = book.group.currencies[sale.entity]
    factor = ratio_of(sale.quote, currency, book.presentation)
    carried = Node("associate_carried", Fraction(sold.carried), currency, facts=_facts(sale))
    facts = {"quote": sale.quote}
    return Node("part", factor * sold.carried, book.presentation, (carried,), factor, facts)


def sale_parts(book: Book, entry: Entry, line: EntryLine) -> tuple[Node, ...]:
    """
    What a line of the entry of a sale is made of.

    Source:
        IAS 28.22-25; IAS 21.48C.
    """
    for associate in book.facts.associates:
        sales = book.associates[associate.investee].sales
        for sale, sold in zip(associate.sales, sales, strict=True):
            if (sale.entity, str(sale.on)) == (entry.entity, entry.reference):
                nodes = tuple(_parts(book, entry, line, sale, sold))
                rest = line.amount - sum((each.amount for each in nodes), Fraction(0))
                cent = (Node("rounding", rest, entry.currency),) if rest else ()
                return (*nodes, *cent) if nodes else ()
    return ()


def _parts(
    book: Book, entry: Entry, line: EntryLine, sale: AssociateSale, sold: AssociateSold
) -> Iterator[Node]:
    """The parts of a line, debit positive; what the holder booked is undone first."""
    roles, shown = book.chart.roles, book.presentation
    first = line is next(each for each in entry.lines if each.account == line.account)
    if line.account == sale.investment_account:
        if first and sale.cost:
            yield Node("associate_cost_sold", Fraction(sale.cost), shown, facts=_facts(sale))
        else:
            carried = sold_at(book, sale, sold)
            facts = {"on": str(sale.on)}
            yield Node("associate_sold", -carried.amount, shown, (carried,), Fraction(-1), facts)
    elif line.account == sale.gain_account:
        if first and sale.separate_gain:
            amount = Fraction(sale.separate_gain)
            yield Node("associate_gain_undone", amount, shown, facts=_facts(sale))
        else:
            for name, part in sold.parts.items():
                if part:
                    yield Node("change", Fraction(-part), shown, facts={"name": name})
    elif line.account == roles.cta:
        yield Node("associate_cta_sold", Fraction(sold.cta_recycled), shown, facts=_facts(sale))
    elif line.account == roles.retained_earnings:
        yield Node("associate_oci_sold", Fraction(-sold.released), shown, facts=_facts(sale))
    else:
        yield Node("associate_oci_sold", Fraction(sold.oci), shown, facts=_facts(sale))


def _facts(sale: AssociateSale) -> dict[str, str]:
    return {"entity": sale.entity, "on": str(sale.on), "percent": percent(sale.part)}
