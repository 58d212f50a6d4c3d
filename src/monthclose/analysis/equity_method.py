"""A line of the equity method taken apart: months, dividends, rates, records, balance rows."""

from collections.abc import Iterator
from fractions import Fraction

from monthclose.analysis.associate_sales import sale_parts, sold_at
from monthclose.analysis.origins import rows_of
from monthclose.ledger.accounts import RESULT, AccountClass
from monthclose.ledger.associates import Associate, Direction, Earned, Equity, EquityMonth
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import percent
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node
from monthclose.ledger.periods import Period
from monthclose.ledger.pickups import PickedUp
from monthclose.ledger.rates import Quote, convert_one, ratio_of

_TURNED = Fraction(-1)


def equity_parts(book: Book, entry: Entry, line: EntryLine) -> tuple[Node, ...]:
    """
    What a line of an entry of the equity method is made of; () for any other line.

    Source:
        IAS 28.10; CPC 18.
    """
    if entry.kind == "equity_pickup":
        return _settled(tuple(_pickup(book, entry, line)), line.amount, entry.currency)
    if entry.kind == "associate_sale":
        return sale_parts(book, entry, line)
    if entry.kind != "equity_method" or entry.entity not in book.associates:
        return ()
    of_it = next(each for each in book.facts.associates if each.investee == entry.entity)
    return _Apart(book, of_it, book.associates[entry.entity]).line(line)


def _settled(nodes: tuple[Node, ...], amount: int, currency: str) -> tuple[Node, ...]:
    """Nodes that add up to the line, cents included; () when they are not all of it."""
    rest = amount - sum((each.amount for each in nodes), Fraction(0))
    if not nodes or 2 * abs(rest) > len(nodes):
        return ()
    return (*nodes, Node("rounding", rest, currency)) if rest else nodes


class _Apart:
    """One associate of a book taken apart."""

    def __init__(self, book: Book, associate: Associate, equity: Equity) -> None:
        self.book, self.associate, self.equity = book, associate, equity
        self.pair = (associate.currency, book.presentation)

    def line(self, line: EntryLine) -> tuple[Node, ...]:
        """The parts of one line, debit positive."""
        associate, roles = self.associate, self.book.chart.roles
        match line.account:
            case associate.account:
                nodes = self._carrying()
            case associate.result_account:
                nodes = self._income()
            case associate.oci_account:
                nodes = self._reserve()
            case roles.cta:
                nodes = self._cta()
            case roles.retained_earnings:
                nodes = self._leaf("associate_before", -self.equity.opening_result)
            case _:
                nodes = self._received(line.account)
        return _settled(tuple(nodes), line.amount, self.book.presentation)

    def _leaf(self, kind: str, amount: int) -> Iterator[Node]:
        facts = {"entity": self.associate.investee, "holder": self.associate.holder}
        if amount:
            yield Node(kind, Fraction(amount), self.book.presentation, facts=facts)

    def _carrying(self) -> Iterator[Node]:
        """What is carried at the closing rate, less what the books carry."""
        associate, currency = self.associate, self.associate.currency
        facts = {"entity": associate.investee}
        held = [Node("associate_opening", Fraction(associate.opening), currency, facts=facts)]
        held += [
            Node("associate_bought", Fraction(each.amount), currency, facts={"on": str(each.on)})
            for each in associate.tranches
        ]
        for month in self.equity.months:
            for kind, amount in (("associate_month", month.result), ("associate_oci", month.oci)):
                parts = tuple(self._earned(month, 1)) if kind == "associate_month" else ()
                said = facts | {"month": month.earned.period}
                if amount or parts:
                    held.append(Node(kind, Fraction(amount), currency, parts, facts=said))
        held += [
            Node("associate_dividend", Fraction(-amount), currency, facts={"on": on})
            for amount, on in self._paid()
        ]
        held += [
            Node("associate_sold", Fraction(-each.carried), currency, facts={"on": str(each.on)})
            for each in self.equity.sales
        ]
        held = [each for each in held if each.amount or each.children]
        if held:
            yield self._at(associate.closing, held)
        for sale, sold in zip(associate.sales, self.equity.sales, strict=True):
            # It leaves by an entry of its own.
            yield from self._rounded([sold_at(self.book, sale, sold)], sold.carrying)
        yield from self._leaf("associate_cost", -associate.book_balance)
        unrealised = associate.unrealised
        if unrealised and unrealised.direction is Direction.DOWNSTREAM:
            yield from self._leaf("associate_unrealised", -self.equity.eliminated)

    def _paid(self) -> Iterator[tuple[int, str]]:
        """The dividends, the holder's part, with their days."""
        if self.associate.months:
            for each in self.associate.distributions:
                yield each.amount, str(each.on)
        elif self.equity.dividends:
            yield self.equity.dividends, self.book.period

    def _income(self) -> Iterator[Node]:
        """The share of the result, month by month, each at its average."""
        for month in self.equity.months:
            parts = list(self._earned(month, -1))
            if not parts:
                continue
            made = self._rounded([self._at(month.earned.quote, parts)], -month.income)
            said = {"month": month.earned.period or self.book.period}
            amount = Fraction(-month.income)
            yield Node("month", amount, self.book.presentation, tuple(made), facts=said)
        yield from self._leaf("associate_unrealised", self.equity.eliminated)

    def _reserve(self) -> Iterator[Node]:
        """The share of other comprehensive income: of years before, and month by month."""
        yield from self._leaf("associate_oci_before", -self.equity.oci.opening)
        for month in self.equity.months:
            if month.oci:
                said = {"entity": self.associate.investee, "month": month.earned.period}
                amount = Fraction(-month.oci)
                part = Node("associate_oci", amount, self.associate.currency, facts=said)
                yield from self._rounded(
                    [self._at(month.earned.quote, [part])], -month.oci_presentation
                )

    def _received(self, account: str) -> Iterator[Node]:
        """The dividends that the holder booked as income."""
        for each in self.associate.distributions:
            if each.account == account:
                facts = {"on": str(each.on), "entity": self.associate.investee}
                amount = Fraction(each.received)
                yield Node("associate_received", amount, self.book.presentation, facts=facts)
        if not self.associate.months:
            yield from self._leaf("associate_paid", self.equity.received)

    def _cta(self) -> Iterator[Node]:
        """The CTA as it opened, and why it moved."""
        if self.equity.cta.opening:
            yield from self._leaf("associate_cta_opening", -self.equity.cta.opening)
        closing, associate = self.associate.closing, self.associate
        moves = [("opening_carrying_amount", associate.opening, associate.opening_quote)]
        moves += [("purchase", each.amount, each.quote) for each in associate.tranches]
        moves += [("result", each.result, each.earned.quote) for each in self.equity.months]
        moves += [("oci", each.oci, each.earned.quote) for each in self.equity.months]
        if associate.months:
            moves += [("dividends", -each.amount, each.quote) for each in associate.distributions]
        else:
            moves.append(("dividends", -self.equity.dividends, associate.dividend_quote))
        moves += [
            ("sale", -sold.carried, sale.quote)
            for sale, sold in zip(associate.sales, self.equity.sales, strict=True)
        ]
        for label, amount, quote in moves:
            if amount:
                factor = ratio_of(quote, *self.pair) - ratio_of(closing, *self.pair)
                record = Node(
                    "record", Fraction(amount), associate.currency, facts={"label": label}
                )
                said = {"label": label, "quote": quote, "closing": closing}
                moved = factor * amount
                yield Node("cta_part", moved, self.book.presentation, (record,), factor, said)

    def _at(self, quote: Quote | None, parts: list[Node]) -> Node:
        """Parts in the associate's currency at one rate."""
        factor = ratio_of(quote, *self.pair)
        amount = factor * sum((each.amount for each in parts), Fraction(0))
        facts = {"quote": quote}
        return Node("part", amount, self.book.presentation, tuple(parts), factor, facts)

    def _rounded(self, parts: list[Node], amount: int) -> list[Node]:
        """Parts, and what rounding leaves."""
        cent = amount - sum((each.amount for each in parts), Fraction(0))
        return [*parts, Node("rounding", cent, self.book.presentation)] if cent else parts

    def _earned(self, month: EquityMonth, sign: int) -> Iterator[Node]:
        """What of a month is recognised: its share of the whole, less what nil does not bear."""
        earned, currency = month.earned, self.associate.currency
        whole = self._whole(earned, sign)
        if whole is None:
            if earned.result:
                facts = {"entity": self.associate.investee, "percent": percent(earned.share)}
                yield Node("associate_given", Fraction(sign * earned.result), currency, facts=facts)
        elif whole.amount:
            exact = earned.share * whole.amount
            facts = {"entity": self.associate.investee, "percent": percent(earned.share)}
            yield Node("associate_share", exact, currency, (whole,), earned.share, facts)
            if cent := sign * earned.result - exact:
                yield Node("rounding", cent, currency)
        if left := month.result - earned.result:
            facts = {"entity": self.associate.investee}
            yield Node("associate_unrecognised", Fraction(sign * left), currency, facts=facts)

    def _whole(self, earned: Earned, sign: int) -> Node | None:
        """All of a month's result: a record, or the rows of two balances."""
        if earned.whole is None:
            return None
        currency, facts = (
            self.associate.currency,
            {"entity": self.associate.investee, "month": earned.period},
        )
        amount = Fraction(sign * earned.whole.result)
        if not earned.balances:
            return Node("associate_recorded", amount, currency, facts=facts)
        now, *before = earned.balances
        rows = list(self._rows(now, *RESULT))
        for raw in before:
            if self.book.group.fiscal_year.start(_month(earned)) != _month(earned):
                was = list(self._rows(raw, *RESULT))
                total = -sum((each.amount for each in was), Fraction(0))
                said = {"month": raw.period}
                rows.append(Node("less", total, currency, tuple(was), _TURNED, said))
        rest = -sign * amount - sum((each.amount for each in rows), Fraction(0))
        if rest:  # interest on equity, which is a dividend
            rows.append(Node("record", rest, currency, facts={"label": "dividends"}))
        return Node("associate_earned", amount, currency, tuple(rows), Fraction(-sign), facts)

    def _rows(self, raw: RawBalance, *kinds: AccountClass) -> Iterator[Node]:
        """The rows of a balance that went to accounts of some classes."""
        chart = self.book.chart
        mapping = self.book.group.mappings.get(raw.entity)
        for account in chart.accounts:
            if account.kind in kinds:
                yield from rows_of(raw, mapping, account.code)


def _month(earned: Earned) -> Period:
    """The month of what was earned."""
    return Period.parse(earned.period)


def _pickup(book: Book, entry: Entry, line: EntryLine) -> Iterator[Node]:
    """What was picked up month by month, and the dividends that took from it."""
    bought = [*book.facts.acquisitions]
    for associate in book.facts.associates:
        bought += associate.acquisitions
    found = next((each for each in bought if each.id == entry.reference), None)
    if found is None or found.pickup is None:
        return
    pickup, roles = found.pickup, book.chart.roles
    holder, pair = found.acquirer, (book.group.currencies[found.acquirer], entry.currency)

    def month(kind: str, part: PickedUp, sign: int) -> Node:
        amount = part.presentation
        if amount is None:
            amount = convert_one(part.amount, part.quote, *pair)
        facts = {
            "holder": holder,
            "month": part.period or book.period,
            "booked": sign * part.amount,
            "functional": pair[0],
        }
        return Node(kind, Fraction(sign * amount), entry.currency, facts=facts)

    if line.account == pickup.income_account:
        for part in pickup.current:
            yield month("picked_up", part, 1)
    elif line.account == roles.dividend_income:
        for part in pickup.dividends:
            yield month("picked_up_dividend", part, -1)
    elif line.account == roles.retained_earnings:
        facts = {"holder": holder, "booked": pickup.prior, "functional": pair[0]}
        amount = Fraction(pickup.prior_presentation)
        yield Node("picked_up_before", amount, entry.currency, facts=facts)
