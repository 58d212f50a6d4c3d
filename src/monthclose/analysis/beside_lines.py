"""Lines of entries beside the books taken apart: records of a month, each at its own rate."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from monthclose.ledger.book import Book
from monthclose.ledger.entities import percent
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node
from monthclose.ledger.money import rounded
from monthclose.ledger.profits import StockProfit
from monthclose.ledger.rates import ratio_of
from monthclose.ledger.stated import Stated


def beside_parts(book: Book, entry: Entry, line: EntryLine) -> tuple[Node, ...]:
    """
    What a line on profit in stock, a net-investment loan or a dividend is made of.

    Args:
        book: The close.
        entry: One of its entries.
        line: One of its lines.

    Returns:
        Records at their rates, with what rounding did; () for any other line, and where the
        records do not add up to it.
    """
    maker = _MAKERS.get(entry.kind)
    made = tuple(maker(book, entry, line)) if maker else ()
    return made if sum((each.amount for each in made), Fraction(0)) == line.amount else ()


def _loan(book: Book, entry: Entry, line: EntryLine) -> Iterable[Node]:
    """Months of a loan: into the translation adjustment, out of where they were booked."""
    sign = 1 if line.account == book.chart.roles.cta else -1
    opened = entry.reason == "entries.net-investment-opened"
    for loan in book.facts.loans:
        if loan.id == entry.reference and loan.opened == opened:
            for each in loan.months:
                yield from _stated(book, each, f"{loan.id} {each.period}", sign)


def _turnover(book: Book, entry: Entry, line: EntryLine) -> Iterable[Node]:
    """Sales of each month of the year."""
    for profit in _profits(book, entry):
        if sales := profit.turnover:
            sign = 1 if line.account == sales.revenue_account and line.amount > 0 else -1
            for each in sales.months:
                yield from _stated(book, each, f"{profit.id} {each.period}", sign)


def _released(book: Book, entry: Entry, line: EntryLine) -> Iterable[Node]:
    """What the last close of the year before left in stock, and its tax."""
    for profit in _profits(book, entry):
        opened, before = profit.opened, profit.opening_tax_rate
        if opened is None:
            continue
        rate = profit.tax_rate if before is None else before
        label = f"{profit.id} {opened.period}"
        if line.account == profit.cost_account:
            yield from _stated(book, opened, label, -1)
        elif line.account == profit.tax_account:
            yield from _taxed(book, opened, label, rate, 1)
        else:
            yield from _stated(book, opened, label, 1)
            yield from _taxed(book, opened, label, rate, -1)


def _unrealised(book: Book, entry: Entry, line: EntryLine) -> Iterable[Node]:
    """What is in stock now: at the rate of the sale, in the stock at the closing rate."""
    for profit in _profits(book, entry):
        label = f"{profit.id} {profit.period}".strip()
        fixed = Stated(profit.period, profit.amount, profit.currency, profit.sale_quote)
        buyer = next(each for each in book.translations if each.entity == profit.buyer)
        now = Stated(profit.period, profit.buyer_amount, buyer.functional, buyer.closing_quote)
        charged = profit.asset.charged if profit.asset else 0
        done = Stated(profit.period, charged, buyer.functional, buyer.closing_quote)
        if line.account == profit.cost_account:
            yield from _stated(book, fixed, label, 1)
        elif line.account == profit.asset_account:
            yield from _stated(book, now, label, -1)
            if charged:
                yield from _stated(book, done, label, -1)
        elif profit.asset and line.account == profit.asset.accumulated_account:
            yield from _stated(book, done, label, 1)
        elif line.account == book.chart.roles.cta:
            yield from _stated(book, now, label, 1)
            yield from _stated(book, fixed, label, -1)
        else:
            sign = 1 if line.account == profit.tax_asset_account else -1
            yield from _taxed(book, fixed, label, profit.tax_rate, sign)


def _gain(book: Book, entry: Entry, line: EntryLine) -> Iterable[Node]:
    """The gain on an asset sold this year, less what became one when the asset was gone."""
    for profit in _profits(book, entry):
        if asset := profit.asset:
            sign = 1 if line.account == asset.gain_account else -1
            for amount, way in ((asset.gain, sign), (asset.gone, -sign)):
                if amount:
                    stated = Stated("", amount, profit.currency, profit.sale_quote)
                    yield from _stated(book, stated, profit.id, way)


def _dividend(book: Book, entry: Entry, line: EntryLine) -> Iterable[Node]:
    """What a holder booked of each dividend."""
    currencies = book.group.currencies
    for dividend in book.facts.dividends:
        for part in dividend.received:
            if (dividend.payer, part.holder, part.income_account) == (
                entry.entity,
                line.entity,
                line.account,
            ):
                label = f"{'jcp' if dividend.account else 'dividend'} {dividend.on or ''}".strip()
                booked = Stated("", part.amount, currencies[part.holder], part.quote)
                if booked.into(book.presentation) == line.amount:
                    yield from _stated(book, booked, label, 1)
                    return


def _profits(book: Book, entry: Entry) -> Iterable[StockProfit]:
    return (each for each in book.facts.profits if each.id == entry.reference)


def _stated(book: Book, stated: Stated, label: str, sign: int) -> Iterable[Node]:
    """A record at its rate, and what rounding it once adds or takes."""
    presentation = book.presentation
    if stated.translated is not None:
        made = Fraction(sign * stated.translated)
        yield Node("record", made, presentation, facts={"label": label})
        return
    facts = {"label": label}
    if stated.currency == presentation:
        yield Node("record", Fraction(sign * stated.amount), presentation, facts=facts)
        return
    factor = sign * ratio_of(stated.quote, stated.currency, presentation)
    record = Node("record", Fraction(stated.amount), stated.currency, facts=facts)
    exact = factor * stated.amount
    yield Node("part", exact, presentation, (record,), factor, {"quote": stated.quote})
    if cent := rounded(exact) - exact:
        yield Node("rounding", cent, presentation)


def _taxed(book: Book, stated: Stated, label: str, rate: Fraction, sign: int) -> Iterable[Node]:
    """Deferred tax on a record as it was translated; none where none is recognised."""
    if not rate:
        return
    whole = tuple(_stated(book, stated, label, 1))
    exact = sign * rate * sum((each.amount for each in whole), Fraction(0))
    facts = {"percent": percent(rate)}
    yield Node("taxed", exact, book.presentation, whole, sign * rate, facts)
    if cent := rounded(exact) - exact:
        yield Node("rounding", cent, book.presentation)


_MAKERS: Mapping[str, Callable[[Book, Entry, EntryLine], Iterable[Node]]] = {
    "net_investment": _loan,
    "goods_turnover": _turnover,
    "profit_released": _released,
    "profit_unrealised": _unrealised,
    "profit_of_asset": _gain,
    "dividend": _dividend,
}
"""How the lines of each kind of entry are taken apart."""
