"""Recurring revenue taken apart: companies, customers, rates, rows of the document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from monthclose.analysis.mrr import Move, Step, steps_between
from monthclose.ledger.book import Book
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.lineage import FigureUnknown, LineageBroken, Node
from monthclose.ledger.money import rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, ratio_of
from monthclose.ledger.subscriptions import ContractMonth, Measured

_TURNED = Fraction(-1)
_MOVES: Mapping[str, Move] = {f"mrr_{move.value}": move for move in Move}

COHORT = ("cohort_then", "cohort_now", "cohort_kept")
"""What customers of a year ago paid then and pay now: NRR is now / then, GRR kept / then."""

MRR_FIGURES = ("mrr", "arr", "mrr_opening", "mrr_rate_effect", *_MOVES, *COHORT)
"""Metrics, and what ratios are made of, that are sums of what customers pay."""


def explain_metric(book: Book, measured: tuple[Measured, ...], figure: str, entity: str) -> Node:
    """
    Take recurring revenue apart, down to the rows of the customers' contracts.

    Args:
        book: The close.
        measured: Its metrics.
        figure: One of `MRR_FIGURES`.
        entity: Only this company; empty: the group.

    Returns:
        A tree whose every node is the exact sum of its children, in minor units.

    Raises:
        FigureUnknown: there is no such figure: no contracts, or not of both months.
        UnknownEntity: the company has none.
    """
    chosen = [each for each in measured if not entity or each.facts.entity == entity]
    if entity and not chosen:
        raise UnknownEntity(entity, book.group.code)
    found = _known(chosen[0], figure) if chosen else None
    if found is None:
        raise FigureUnknown(figure, (), ())
    node = _Contracts(book, chosen[0]).figure(figure)
    if node.amount != found:
        raise LineageBroken(figure, found, node.amount)
    return node


def _known(measured: Measured, figure: str) -> int | None:
    """The figure as it was measured; None when it could not be."""
    metrics = measured.metrics
    if figure in COHORT:
        return None if metrics.nrr is None else _cohort(measured, figure)
    if figure in ("mrr", "arr"):
        return metrics.mrr if figure == "mrr" else metrics.arr
    name = figure.removeprefix("mrr_")
    return None if metrics.movements is None else getattr(metrics.movements, name)


def _cohort(measured: Measured, figure: str) -> int:
    """A part of the retention of twelve months, each customer rounded once."""
    contracts = measured.facts.subscriptions
    steps = steps_between(contracts, 0, len(contracts.months) - 1)
    cohort = [step for step in steps if step.own[0] > 0]
    match figure:
        case "cohort_then":
            return sum(step.then for step in cohort)
        case "cohort_now":
            return sum(step.now for step in cohort)
        case _:
            return sum(min(step.then, step.now) for step in cohort)


@dataclass(frozen=True, slots=True)
class _At:
    """A month's contracts at the rate of a month, both by their place in the report."""

    month: int
    rate: int


class _Contracts:
    """Takes the contracts of a group or a company apart."""

    def __init__(self, book: Book, measured: Measured) -> None:
        self.group, self.currency = book.group, book.presentation
        self.contracts = measured.facts.subscriptions
        self.months = [Period.parse(label) for label in self.contracts.months]
        self.now = len(self.months) - 1
        self.held: dict[tuple[str, str], ContractMonth] = {
            (each.entity, each.period): each for each in self.group.subscriptions
        }
        self._lines: dict[tuple[str, str], dict[str, list[int]]] = {}
        self.steps = steps_between(self.contracts, self.now - 1, self.now)

    def figure(self, name: str) -> Node:
        """The tree of a figure."""
        now, was = _At(self.now, self.now), _At(self.now - 1, self.now)
        before = _At(self.now - 1, self.now - 1)
        if name == "arr":
            whole = self._sum("mrr", lambda step: self._paid(step, now))
            facts = {"name": "arr"}
            year = Fraction(12)
            return Node("metric", year * whole.amount, self.currency, (whole,), year, facts)
        if name in ("mrr", "mrr_opening"):
            at = now if name == "mrr" else before
            return self._sum(name, lambda step: self._paid(step, at))
        if name == "mrr_rate_effect":
            return self._sum(name, lambda step: self._less(step, was, before))
        if name in COHORT:
            return self._retained(name)
        move = _MOVES[name]
        grows = move not in (Move.CONTRACTION, Move.CHURN)
        ends = (now, was) if grows else (was, now)
        return self._sum(name, lambda step: self._less(step, *ends) if step.move is move else [])

    def _retained(self, name: str) -> Node:
        """What customers of a year ago paid then, pay now, or the smaller of the two."""
        then, now = _At(0, self.now), _At(self.now, self.now)

        def at(step: Step) -> _At:
            if name == "cohort_kept":
                return then if step.own[0] < step.own[1] else now
            return then if name == "cohort_then" else now

        steps = steps_between(self.contracts, 0, self.now)
        cohort = [step for step in steps if step.own[0] > 0]
        return self._sum(name, lambda step: self._paid(step, at(step)), cohort)

    def _sum(
        self,
        name: str,
        parts: Callable[[Step], list[Node]],
        steps: Sequence[Step] | None = None,
    ) -> Node:
        """A figure by company and customer."""
        companies: dict[str, list[Node]] = {}
        for step in self.steps if steps is None else steps:
            entity, _, customer = step.who.customer.partition(" ")
            if children := parts(step):
                amount = sum((each.amount for each in children), Fraction(0))
                facts = {"customer": customer, "entity": entity}
                node = Node("contract", amount, self.currency, tuple(children), facts=facts)
                companies.setdefault(entity, []).append(node)
        lines = tuple(
            Node(
                "line",
                sum((each.amount for each in nodes), Fraction(0)),
                self.currency,
                tuple(nodes),
                facts={"entity": entity},
            )
            for entity, nodes in companies.items()
        )
        amount = sum((each.amount for each in lines), Fraction(0))
        return Node("metric", amount, self.currency, lines, facts={"name": name})

    def _less(self, step: Step, one: _At, other: _At) -> list[Node]:
        """What a customer paid, less what it paid at another time or rate."""
        more, less = self._paid(step, one), self._paid(step, other)
        if not less:
            return more
        amount = sum((each.amount for each in less), Fraction(0))
        facts = {"month": str(self.months[other.month])}
        return [*more, Node("less", -amount, self.currency, tuple(less), _TURNED, facts)]

    def _paid(self, step: Step, at: _At) -> list[Node]:
        """What a customer paid: its rows, at the rate, rounded once."""
        rows = tuple(self._rows(step, at.month))
        if not rows:
            return []
        quote = self._quote(step.who.currency, at.rate)
        if quote is None:
            return list(rows)
        rate = ratio_of(quote, step.who.currency, self.currency)
        exact = rate * sum((row.amount for row in rows), Fraction(0))
        part = Node("part", exact, self.currency, rows, rate, {"quote": quote})
        cent = rounded(exact) - exact
        return [part, Node("rounding", cent, self.currency)] if cent else [part]

    def _quote(self, currency: str, place: int) -> Quote | None:
        """The closing rate of a month; None in the currency of the report."""
        if currency == self.currency:
            return None
        return self.group.rates.closing(currency, self.currency, self.months[place].last_day)

    def _rows(self, step: Step, place: int) -> Iterator[Node]:
        """The rows of a customer's contracts in a month."""
        entity, _, customer = step.who.customer.partition(" ")
        month = self.held.get((entity, str(self.months[place])))
        if month is None:
            return
        for line in self._places(month).get(customer, ()):
            mrr = int(month.mrr[line])
            if not mrr:
                continue
            source = month.source
            known = source is not None and len(source.rows) == len(month.customers)
            facts = {
                "document": source.name if source else "",
                "sha256": source.sha256 if source else "",
                "row": int(source.rows[line]) if known and source else 0,
                "column": "mrr" if known else "",
                "own": " ".join(each for each in (customer, month.plans[line]) if each),
                "entity": entity,
                "month": month.period,
            }
            yield Node("row", Fraction(mrr), month.currency, facts=facts)

    def _places(self, month: ContractMonth) -> Mapping[str, list[int]]:
        """The lines of each customer, worked out once a month."""
        key = (month.entity, month.period)
        if key not in self._lines:
            lines: dict[str, list[int]] = {}
            for line, customer in enumerate(month.customers):
                lines.setdefault(customer, []).append(line)
            self._lines[key] = lines
        return self._lines[key]
