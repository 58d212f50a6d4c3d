"""Lines that a purchase leaves taken apart: balances at closing, charges month by month."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from monthclose.analysis.goodwill import goodwill_parts
from monthclose.ledger.acquisitions import Acquisition, StepUp
from monthclose.ledger.book import Book, Purchase
from monthclose.ledger.entities import percent
from monthclose.ledger.journal import Entry, EntryLine
from monthclose.ledger.lineage import Node
from monthclose.ledger.money import rounded
from monthclose.ledger.purchases import Charge, Standing
from monthclose.ledger.rates import Quote, ratio_of

_LAYERS = ("goodwill", "fair_value")
"""Kinds of entries that carry what a purchase brought."""


def purchase_parts(book: Book, entry: Entry, line: EntryLine) -> tuple[Node, ...]:
    """
    What a line of a purchase's own layers is made of; () for any other line.

    A balance is what its record left of it at the closing rate; a charge, and what earlier
    years charged to retained earnings, is the sum of its months, each at its own average.

    Source:
        IAS 21.39, 21.47; IAS 38.97; IAS 12.19, 12.58.
    """
    purchase = book.purchases.get(entry.reference)
    if purchase is None or entry.kind not in _LAYERS:
        return ()
    of_it = _Parts(book, purchase)
    of_goodwill = entry.kind == "goodwill"
    layer = purchase.goodwill_layer if of_goodwill else purchase.fair_value_layer
    if layer is None:
        return ()
    parts: Iterable[Node] = ()
    if line.account in layer.charges:
        parts = of_it.charges(line.account, of_goodwill=of_goodwill, current=True)
    elif line.account == book.chart.roles.retained_earnings:
        parts = of_it.charges("", of_goodwill=of_goodwill, current=False)
    elif of_goodwill:
        parts = goodwill_parts(book, entry, line)
    elif line.account in layer.lines:
        parts = of_it.balance(line.account)
    made = tuple(parts)
    # What is carried otherwise, such as by a price index, is said by its entry alone.
    return made if sum((each.amount for each in made), Fraction(0)) == line.amount else ()


class _Parts:
    """The records of one purchase, and the rates they were translated at."""

    def __init__(self, book: Book, purchase: Purchase) -> None:
        self.book, self.purchase = book, purchase
        self.record: Acquisition = next(
            each for each in book.facts.acquisitions if each.id == purchase.acquisition
        )
        self.currency = purchase.currency
        rates = book.facts.rates.get(purchase.target)
        self.closing = rates.closing if rates else None

    def balance(self, account: str) -> list[Node]:
        """An account of the step-ups or their deferred tax, at the closing rate."""
        if self.purchase.schedule is None:
            return []
        standing = self.purchase.schedule.closing
        made: list[Node] = []
        for place, step_up in enumerate(self.record.step_ups):
            if step_up.asset_account == account:
                made.append(self._gross(step_up))
            if step_up.accumulated_account == account and standing.accumulated[place]:
                made.append(self._accumulated(step_up, standing, place))
        if account == self.record.accounts.deferred_tax and standing.deferred_tax:
            made.append(self._deferred_tax(standing))
        return self._translated(made, self.closing)

    def charges(self, account: str, *, of_goodwill: bool, current: bool) -> list[Node]:
        """The months of an account of the result; no account: of all of earlier years."""
        schedule = self.purchase.schedule
        given = self.purchase.goodwill_schedule.charges if of_goodwill else ()
        if not of_goodwill and schedule is not None:
            given = schedule.charges
        found = []
        for charge in given:
            if charge.in_result is not current or (account and charge.account != account):
                continue
            parts = self._translated(self._charged(charge, of_goodwill=of_goodwill), charge.quote)
            amount = sum((each.amount for each in parts), Fraction(0))
            facts = {"month": charge.label}
            found.append(Node("month", amount, self.book.presentation, tuple(parts), facts=facts))
        return found

    def _translated(self, made: Sequence[Node], quote: Quote | None) -> list[Node]:
        """Amounts of the target's currency at a rate, and the cent it was rounded by."""
        pair = (self.currency, self.book.presentation)
        if not made or (quote is None and pair[0] != pair[1]):
            return []
        factor = ratio_of(quote, *pair)
        exact = factor * sum((each.amount for each in made), Fraction(0))
        part = Node("part", exact, pair[1], tuple(made), factor, {"quote": quote})
        cent = rounded(exact) - exact
        return [part, Node("rounding", Fraction(cent), pair[1])] if cent else [part]

    def _facts(self, step_up: StepUp) -> dict[str, str]:
        named = f"{step_up.id} {step_up.name}".strip()
        return {"acquisition": self.record.id, "step_up": named}

    def _gross(self, step_up: StepUp) -> Node:
        """A step-up as its record states it."""
        return Node("step_up", Fraction(step_up.amount), self.currency, facts=self._facts(step_up))

    def _accumulated(self, step_up: StepUp, standing: Standing, place: int) -> Node:
        """What of a step-up was charged so far: its months of its life."""
        months = min(standing.months, step_up.life or 0)
        share = Fraction(-months, step_up.life or 1)
        exact = share * step_up.amount
        facts = self._facts(step_up) | {"months": str(months), "life": str(step_up.life)}
        part = Node("of_life", exact, self.currency, (self._gross(step_up),), share, facts)
        amount = Fraction(-standing.accumulated[place])
        return Node("accumulated", amount, self.currency, self._closed(part, amount), facts=facts)

    def _deferred_tax(self, standing: Standing) -> Node:
        """The tax on what the step-ups still exceed their tax base by."""
        carried = [self._gross(each) for each in self.record.step_ups]
        carried += [
            self._accumulated(each, standing, place)
            for place, each in enumerate(self.record.step_ups)
            if standing.accumulated[place]
        ]
        rate = self.record.tax_rate
        exact = -rate * standing.carrying
        facts = {"acquisition": self.record.id, "percent": percent(rate)}
        part = Node("tax_on", exact, self.currency, tuple(carried), -rate, facts)
        amount = Fraction(-standing.deferred_tax)
        return Node("tax_stands", amount, self.currency, self._closed(part, amount), facts=facts)

    def _closed(self, part: Node, amount: Fraction) -> tuple[Node, ...]:
        """A part, and what rounding it left."""
        cent = amount - part.amount
        return (part, Node("rounding", cent, self.currency)) if cent else (part,)

    def _charged(self, charge: Charge, *, of_goodwill: bool) -> list[Node]:
        """What one month charged to an account, target's currency, by record."""
        facts = {"acquisition": self.record.id}
        accounts = self.record.accounts
        if of_goodwill:
            kind = "loss" if charge.account == accounts.impairment else "amortised"
            return [Node(kind, Fraction(charge.amount), self.currency, facts=facts)]
        if charge.account == accounts.deferred_tax_result:
            return [Node("released", Fraction(charge.amount), self.currency, facts=facts)]
        was, now = self._months(charge.label)
        return [
            Node("charged_month", Fraction(taken), self.currency, facts=self._facts(step_up))
            for step_up in self.record.step_ups
            if step_up.expense_account == charge.account
            and (taken := _due(step_up, now) - _due(step_up, was))
        ]

    def _months(self, label: str) -> tuple[int, int]:
        """How many months were charged before a period, and with it."""
        was = now = 0
        for period in (*self.record.prior_periods, *self.record.current_periods):
            was, now = now, now + period.months
            if period.label == label:
                break
        return was, now


def _due(step_up: StepUp, months: int) -> int:
    """What of a step-up is charged after a number of months, straight line."""
    if step_up.life is None:
        return 0
    return rounded(Fraction(step_up.amount * min(months, step_up.life), step_up.life))
