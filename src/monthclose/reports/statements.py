"""Balance sheet and income statement as plain tables: here, and only here, a sign turns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.accounts import RESULT, Account, AccountClass
from monthclose.ledger.book import Book
from monthclose.ledger.journal import GROUP_LAYERS, LayerName
from monthclose.wording import say

# The account between the two entries of a purchase is nil in total, and stands with the
# assets so that every layer foots by itself.
ASSETS = (AccountClass.ASSET, AccountClass.CLEARING)
OWNERS = (
    AccountClass.SHARE_CAPITAL,
    AccountClass.APIC,
    AccountClass.OCI,
    AccountClass.RETAINED_EARNINGS,
    AccountClass.DIVIDENDS,
    AccountClass.CTA,
)


OTHER_RESERVES = {"oci_other": "oci-reserves", "oci_associates": "oci-associates"}
"""Other comprehensive income but the CTA, printed where there is any: its figure, its line."""


class LineKind(StrEnum):
    """How a line of a statement weighs on the page."""

    HEADING = "heading"
    GROUP = "group"
    LINE = "line"
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    PART = "part"
    CHECK = "check"
    SPACE = "space"


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a statement.

    Attributes:
        key: What it is, the same in every language: `total_assets`, or a line's code.
        label: What it is called.
        kind: How it weighs.
        amounts: Minor units by column of the statement, as printed; None where a column
            has no figure; () for a heading.
        accounts: Codes of the accounts it prints.
        sign: What turns a debit-positive figure into the printed one.
        adds: Places of the lines that it adds up.
        less: Places of the lines that it takes away.
        figure: Name of the headline figure it prints, when it prints one.
        level: How far it is indented.
    """

    key: str
    label: str
    kind: LineKind
    amounts: tuple[int | None, ...] = ()
    accounts: tuple[str, ...] = ()
    sign: int = 1
    adds: tuple[int, ...] = ()
    less: tuple[int, ...] = ()
    figure: str = ""
    level: int = 0

    @property
    def from_chart(self) -> bool:
        """Whether its key is a code of the chart, and not one of the statement's own."""
        return bool(self.accounts) or self.kind is LineKind.GROUP

    @property
    def total(self) -> int:
        """The figure of the last column: that of the group."""
        return (self.amounts[-1] or 0) if self.amounts else 0


@dataclass(frozen=True, slots=True)
class Statement:
    """
    A statement, ready to print.

    Attributes:
        key: `balance_sheet` or `income_statement`.
        layers: The layers it has a column for, before the column of the group; () when
            no layer but translation holds anything.
        lines: Top to bottom.
    """

    key: str
    layers: tuple[LayerName, ...]
    lines: tuple[Line, ...]

    def line(self, key: str) -> Line:
        """The line of that key: see `place`."""
        return self.lines[self.place(key)]

    def place(self, key: str) -> int:
        """
        Where the line of that key stands, counted from nil.

        The statement's own lines come first: an account may be called `result`, too.

        Raises:
            KeyError: there is none.
        """
        places = [place for place, line in enumerate(self.lines) if line.key == key]
        if not places:
            raise KeyError(key)
        return min(places, key=lambda place: (self.lines[place].from_chart, place))


def balance_sheet(book: Book, lang: str) -> Statement:
    """
    Assets, liabilities and equity: the result and the dividends are in retained earnings.

    Every figure is printed positive on its own side; the last line is what the two sides
    differ by.

    Source:
        IAS 1.54 (its lines), 1.54(q) and (r) (outsiders within equity).
    """
    table = _Table(book, closed_layers(book), lang)
    assets = table.section("assets", ASSETS, 1)
    liabilities = table.section("liabilities", (AccountClass.LIABILITY,), -1)
    table.heading("equity")
    owners = table.add_up("equity-owners", table.lines_of(OWNERS, -1), LineKind.SUBTOTAL)
    outsiders = table.lines_of((AccountClass.NCI,), -1)
    equity = table.add_up("total-equity", (owners, *outsiders), LineKind.SUBTOTAL)
    claims = table.add_up("total-claims", (liabilities, equity), LineKind.TOTAL)
    table.space()
    table.add_up("balance-check", (assets,), LineKind.CHECK, less=(claims,))
    return table.statement("balance_sheet")


def income_statement(book: Book, lang: str) -> Statement:
    """
    Income and expense of the fiscal year to date, and comprehensive income.

    Income is positive, an expense is in parentheses. What owners and outsiders have of
    each comes from the ledger's roll-forwards: it is not worked out here.

    Source:
        IAS 1.81A, 1.81B, 1.82A.
    """
    table = _Table(book, book.layers, lang)
    income = table.section("income", (AccountClass.INCOME,), -1)
    expense = table.section("expense", (AccountClass.EXPENSE,), -1)
    result = table.add_up("result", (income, expense), LineKind.TOTAL)
    table.figure("owners", "net_income_parent", LineKind.PART)
    table.figure("outsiders", "net_income_nci", LineKind.PART)
    table.heading("other-comprehensive-income")
    other = [table.figure("translation-differences", "oci_cta", LineKind.LINE)]
    for name, label in OTHER_RESERVES.items():
        if getattr(book.totals, name):
            other.append(table.figure(label, name, LineKind.LINE))
    table.add_up("comprehensive-income", (result, *other), LineKind.TOTAL)
    table.figure("owners", "comprehensive_parent", LineKind.PART)
    table.figure("outsiders", "comprehensive_nci", LineKind.PART)
    return table.statement("income_statement")


def closed_layers(book: Book) -> NDArray[np.int64]:
    """(a, 6) the layers with result and dividends closed into retained earnings, each by itself."""
    closing = book.chart.of_kind(*RESULT, AccountClass.DIVIDENDS)
    sheet = np.where(closing[:, None], 0, book.layers)
    place = book.chart.index[book.chart.roles.retained_earnings]
    sheet[place] += book.layers[closing].sum(axis=0)
    return np.asarray(sheet, dtype=np.int64)


def shown_layers(book: Book) -> tuple[LayerName, ...]:
    """The layers worth a column: none when everything is translation."""
    shown = tuple(
        layer
        for place, layer in enumerate(GROUP_LAYERS)
        if layer is LayerName.TRANSLATION or book.layers[:, place].any()
    )
    return shown if len(shown) > 1 else ()


def figures(book: Book) -> dict[str, int]:
    """Headline figures by name, minor units, natural signs."""
    totals = book.totals
    equity = book.equity
    named = {
        "net_income": totals.net_income,
        "net_income_parent": totals.net_income_parent,
        "net_income_nci": totals.net_income_nci,
        "oci_cta": totals.oci_cta,
        **{name: each for name in OTHER_RESERVES if (each := getattr(totals, name))},
        "comprehensive_income": totals.comprehensive_income,
        "comprehensive_parent": totals.comprehensive_income - totals.comprehensive_nci,
        "comprehensive_nci": totals.comprehensive_nci,
    }
    if equity is not None:
        named["retained_closing"] = equity.retained_closing
        named["cta_closing"] = equity.cta_parent.closing
        named["nci_closing"] = equity.nci_closing
    return named


class _Table:
    """A statement under construction, line by line."""

    def __init__(self, book: Book, columns: NDArray[np.int64], lang: str) -> None:
        self.book, self.chart, self.lang = book, book.chart, lang
        self.layers = shown_layers(book)
        shown = [columns[:, GROUP_LAYERS.index(layer)] for layer in self.layers]
        # (a, k + 1) the shown layers and the group.
        self.columns = np.stack([*shown, columns.sum(axis=1)], axis=1)
        self.figures = figures(book)
        self.lines: list[Line] = []

    def statement(self, key: str) -> Statement:
        return Statement(key, self.layers, tuple(self.lines))

    def put(self, line: Line) -> int:
        self.lines.append(line)
        return len(self.lines) - 1

    def heading(self, key: str) -> None:
        if self.lines:
            self.space()
        self.put(Line(key, say(f"reports.{key}", self.lang), LineKind.HEADING))

    def space(self) -> None:
        self.put(Line("", "", LineKind.SPACE))

    def figure(self, key: str, name: str, kind: LineKind) -> int:
        amounts = (*(None for _ in self.layers), self.figures[name])
        label = say(f"reports.{key}", self.lang)
        level = 2 if kind is LineKind.PART else 1
        return self.put(Line(name, label, kind, amounts, figure=name, level=level, sign=-1))

    def section(self, key: str, kinds: Iterable[AccountClass], sign: int) -> int:
        """Print a heading, the lines of *kinds*, and their total; the place of the total."""
        self.heading(key)
        return self.add_up(f"total-{key}", self.lines_of(kinds, sign), LineKind.SUBTOTAL)

    def add_up(
        self, key: str, adds: tuple[int, ...], kind: LineKind, less: tuple[int, ...] = ()
    ) -> int:
        """Print what other lines add up to."""
        amounts = tuple(
            None
            if any(self._misses(place, column) for place in (*adds, *less))
            else sum(self._at(place, column) for place in adds)
            - sum(self._at(place, column) for place in less)
            for column in range(self.columns.shape[1])
        )
        label = say(f"reports.{key}", self.lang)
        return self.put(Line(key, label, kind, amounts, adds=adds, less=less))

    def lines_of(self, kinds: Iterable[AccountClass], sign: int) -> tuple[int, ...]:
        """
        Print the accounts of *kinds* that hold anything, gathered by statement line.

        Lines of one parent account stand below it, and the parent adds them up.

        Returns:
            The places that the section's total adds.
        """
        families: dict[str, dict[str, list[Account]]] = {}
        for account in self._holding(kinds):
            line = account.statement_line or account.code
            families.setdefault(account.parent, {}).setdefault(line, []).append(account)
        placed = []
        for parent, lines in families.items():
            if parent and len(lines) > 1:
                head = self.put(Line(parent, self._name(parent), LineKind.GROUP, level=1))
                children = tuple(
                    self.put(self._line(code, accounts, sign, level=2))
                    for code, accounts in lines.items()
                )
                amounts = tuple(
                    sum(self._at(place, column) for place in children)
                    for column in range(self.columns.shape[1])
                )
                self.lines[head] = replace(self.lines[head], amounts=amounts, adds=children)
                placed.append(head)
            else:
                placed += [
                    self.put(self._line(code, accounts, sign, level=1))
                    for code, accounts in lines.items()
                ]
        return tuple(placed)

    def _line(self, code: str, accounts: list[Account], sign: int, level: int) -> Line:
        places = [self.chart.index[account.code] for account in accounts]
        amounts = tuple(sign * int(each) for each in self.columns[places].sum(axis=0))
        codes = tuple(account.code for account in accounts)
        return Line(code, self._name(code), LineKind.LINE, amounts, codes, sign, level=level)

    def _holding(self, kinds: Iterable[AccountClass]) -> list[Account]:
        """Accounts of *kinds*, class after class, with a figure in any column."""
        return [
            self.chart.accounts[place]
            for kind in kinds
            for place in np.flatnonzero(self.chart.of_kind(kind) & self._any)
        ]

    @cached_property
    def _any(self) -> NDArray[np.bool_]:
        return np.asarray(self.columns.any(axis=1))

    def _name(self, code: str) -> str:
        return self.chart[code].name if code in self.chart else code

    def _misses(self, place: int, column: int) -> bool:
        amounts = self.lines[place].amounts
        return bool(amounts) and amounts[column] is None

    def _at(self, place: int, column: int) -> int:
        amounts = self.lines[place].amounts
        return (amounts[column] or 0) if amounts else 0
