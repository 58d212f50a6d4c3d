"""Any figure of a book taken apart: layers, entries, companies, rates, rows of a document."""

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np

from monthclose.analysis.beside_lines import beside_parts
from monthclose.analysis.change_parts import change_parts
from monthclose.analysis.equity_method import equity_parts
from monthclose.analysis.intercompany_lines import intercompany_lines
from monthclose.analysis.metric_lineage import MRR_FIGURES
from monthclose.analysis.origins import Origins, cta_parts
from monthclose.analysis.outside_lines import outside_lines, profit_shares
from monthclose.analysis.purchase_lines import purchase_parts
from monthclose.ledger.accounts import CONTRIBUTED, RESULT, AccountClass
from monthclose.ledger.adjustments import note_of
from monthclose.ledger.book import Book
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.intercompany import behind
from monthclose.ledger.journal import GROUP_LAYERS, Entry, LayerName
from monthclose.ledger.lineage import (
    Before,
    EntityMonth,
    FigureUnknown,
    LineageBroken,
    Node,
)

_TURNED = Fraction(-1)
_OWNERS = (
    *sorted(CONTRIBUTED),
    AccountClass.OCI,
    AccountClass.RETAINED_EARNINGS,
    AccountClass.CTA,
)

ROLES = ("cta", "goodwill", "nci")
"""Accounts that can be asked for by what they are for."""

SUBTOTALS = (
    "total_assets",
    "total_liabilities",
    "total_equity",
    "equity_attributable_to_parent",
    "non_controlling_interests",
    "net_income",
    "net_income_parent",
    "net_income_nci",
)
"""Headline figures that can be taken apart."""


def explain(book: Book, figure: str, entity: str = "", before: Before | None = None) -> Node:
    """
    Take a figure apart, down to the rows it came from.

    Args:
        book: The close.
        figure: Code of a standard account (before closing, debit positive), or one of
            `SUBTOTALS` (natural sign) or `ROLES` (debit positive).
        entity: Only what concerns this company; empty: the group.
        before: The month that each company's month builds on; none: each stands alone.

    Returns:
        A tree whose every node is the exact sum of its children, in minor units.

    Raises:
        FigureUnknown: there is no such figure.
        UnknownEntity: the company is not in the book.
        LineageBroken: what the book holds does not add up to the figure.
    """
    if entity and entity not in {each.entity for each in book.translations}:
        raise UnknownEntity(entity, book.group.code)
    return _Lineage(book, entity, before).figure(figure)


class _Lineage:
    """Takes the figures of one book apart."""

    def __init__(self, book: Book, entity: str, before: Before | None) -> None:
        self.book, self.entity, self.chart = book, entity, book.chart
        self.currency = book.presentation
        restated = book.facts.restated
        self.origins = Origins(book.group, before, book.facts.acquisitions, restated)
        self.months = [
            EntityMonth(translation, book.facts.rates.get(translation.entity), raw, balance)
            for translation, raw, balance in zip(
                book.translations, book.raw, book.balances, strict=True
            )
            if not entity or translation.entity == entity
        ]
        self.matches = behind(book.entries, book.matches)
        self.posted: dict[tuple[LayerName, str], list[Entry]] = {}
        for entry in book.entries:
            for account in dict.fromkeys(
                line.account for line in entry.lines if not entity or line.entity == entity
            ):
                self.posted.setdefault((entry.layer, account), []).append(entry)

    def figure(self, name: str) -> Node:
        """The tree of a figure."""
        if name in self.chart:
            return self.account(name)
        if name in ROLES:
            return self.account(getattr(self.chart.roles, name))
        makers: Mapping[str, Callable[[], Node]] = {
            "total_assets": lambda: self._sum("total_assets", 1, AccountClass.ASSET),
            "total_liabilities": lambda: self._sum("total_liabilities", -1, AccountClass.LIABILITY),
            "total_equity": self._equity,
            "equity_attributable_to_parent": self._owners,
            "non_controlling_interests": self._outsiders,
            "net_income": self._result,
            "net_income_parent": self._result_of_owners,
            "net_income_nci": self._result_of_outsiders,
        }
        if name not in makers:
            there = np.flatnonzero(self.book.layers.any(axis=1))
            accounts = [self.chart.codes[place] for place in there]
            metrics = MRR_FIGURES if self.book.group.subscriptions else ()
            raise FigureUnknown(name, (*SUBTOTALS, *ROLES, *metrics), accounts)
        node = makers[name]()
        if not self.entity and node.amount != getattr(self.book.totals, name):
            raise LineageBroken(name, getattr(self.book.totals, name), node.amount)
        return node

    def account(self, code: str) -> Node:
        """One account before closing, layer by layer."""
        place = self.chart.index[code]
        layers = []
        for column, layer in enumerate(GROUP_LAYERS):
            children = self._layer(layer, code)
            amount = sum((child.amount for child in children), Fraction(0))
            if not self.entity and amount != (known := int(self.book.layers[place, column])):
                raise LineageBroken(f"{code}, {layer}", known, amount)
            if children:
                facts = {"layer": layer.value}
                layers.append(Node("layer", amount, self.currency, tuple(children), facts=facts))
        amount = sum((layer.amount for layer in layers), Fraction(0))
        facts = {"account": code, "name": self.chart[code].name}
        return Node("account", amount, self.currency, tuple(layers), facts=facts)

    def _layer(self, layer: LayerName, code: str) -> list[Node]:
        """What one layer holds of an account: translated companies, or entries."""
        found: list[Node] = []
        if layer is LayerName.TRANSLATION:
            for month in self.months:
                made = self.origins.account(month, code)
                if made is not None and (made.amount or made.children):
                    found.append(made)
                if code == self.chart.roles.cta:
                    cta = cta_parts(month.translation)
                    found += [cta] if cta.children else []
        return [*found, *(self._entry(entry, code) for entry in self.posted.get((layer, code), ()))]

    def _entry(self, entry: Entry, code: str) -> Node:
        """The lines of an entry on an account, and why it was made."""
        lines = tuple(
            Node(
                "line",
                Fraction(line.amount),
                entry.currency,
                purchase_parts(self.book, entry, line)
                or beside_parts(self.book, entry, line)
                or equity_parts(self.book, entry, line)
                or change_parts(self.book, entry, line)
                or outside_lines(self.book, entry, line)
                or intercompany_lines(self.matches, entry, line, self.currency),
                facts={"entity": line.entity},
            )
            for line in entry.lines
            if line.account == code and (not self.entity or line.entity == self.entity)
        )
        amount = sum((line.amount for line in lines), Fraction(0))
        facts = {
            "entry": entry.id,
            "reason": entry.reason,
            "standard": entry.standard,
            "entity": entry.entity,
            "reference": entry.reference,
        }
        owned = self.book.group.adjustments_of.get((entry.entity, entry.layer), ())
        if note := note_of(owned, entry):
            facts["note"] = note
        return Node("entry", amount, entry.currency, lines, facts=facts)

    def _of_kind(self, *kinds: AccountClass) -> list[Node]:
        """Every account of *kinds* that anything moves."""
        places = np.flatnonzero(self.chart.of_kind(*kinds))
        nodes = [self.account(self.chart.codes[place]) for place in places.tolist()]
        return [node for node in nodes if node.children]

    def _sum(self, name: str, sign: int, *kinds: AccountClass) -> Node:
        """A figure that is a sum of accounts, turned to its natural sign."""
        return self._add(name, self._of_kind(*kinds), Fraction(sign))

    def _add(self, name: str, children: list[Node], sign: Fraction = _TURNED) -> Node:
        amount = sign * sum((child.amount for child in children), Fraction(0))
        facts = {"name": name}
        return Node("figure", amount, self.currency, tuple(children), sign, facts)

    def _result(self) -> Node:
        """Income less expense, a profit is positive."""
        return self._sum("net_income", -1, *sorted(RESULT))

    def _owners(self) -> Node:
        """Equity of the parent's owners, with the result and the dividends of the year."""
        kinds = (*_OWNERS, AccountClass.DIVIDENDS, *sorted(RESULT))
        return self._sum("equity_attributable_to_parent", -1, *kinds)

    def _outsiders(self) -> Node:
        """What outsiders have, from their account."""
        return self._sum("non_controlling_interests", -1, AccountClass.NCI)

    def _equity(self) -> Node:
        """Owners and outsiders."""
        return self._add("total_equity", [self._owners(), self._outsiders()], Fraction(1))

    def _result_of_outsiders(self) -> Node:
        """The outsiders' share of each subsidiary's result."""
        shares = [
            Node(
                "share_of_profit",
                Fraction(each.share_of_profit),
                self.currency,
                profit_shares(self.book, code),
                facts={"entity": code, "percent": each.percent},
            )
            for code, each in self.book.nci.items()
            if not self.entity or code == self.entity
        ]
        return self._add("net_income_nci", shares, Fraction(1))

    def _result_of_owners(self) -> Node:
        """The result without the outsiders' share."""
        outside = self._result_of_outsiders()
        turned = Node("turned", -outside.amount, self.currency, (outside,), _TURNED)
        return self._add("net_income_parent", [self._result(), turned], Fraction(1))


def every_figure(book: Book) -> tuple[str, ...]:
    """Everything of a book that `explain` can take apart: its figures and its accounts."""
    moved = [code for code, row in zip(book.chart.codes, book.layers, strict=True) if row.any()]
    return (*SUBTOTALS, *ROLES, *moved)
