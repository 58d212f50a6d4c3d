"""
A balancete by its layout: posting accounts as a balance, groups and totals as controls.

Groups add up what is below them, totals everything: they are compared and not loaded. A
difference anywhere, and nothing of the file is taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monthclose.groupfolder.balancetes.grids import Grid, TableUnusable, read_grid
from monthclose.groupfolder.balancetes.layouts import Layout, folded, has_signs
from monthclose.groupfolder.files import Document
from monthclose.groupfolder.numbers import maybe_thousands, read_amount, too_many_decimals
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.tables import unclean
from monthclose.groupfolder.workbooks import Number
from monthclose.ledger.balances import Basis, RawBalance, Source
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import AmountOutOfRange, Money, NotAnAmount
from monthclose.ledger.sources import SourceAccount

FIGURES = ("opening", "debit", "credit", "closing")
NEEDED = ("account", "closing")
"""Columns without which a table is no balancete."""

_SUFFIX = re.compile(r"(.*\d\)?) ?([DC])", re.ASCII)
_ZEROS = re.compile(r"([.\-/]0+)+$")
_MARKS = ".-/"


@dataclass(slots=True)
class Line:
    """
    A row of the table.

    Attributes:
        row: As a spreadsheet counts it.
        code: Of the account; empty: a total.
        name: Of the account.
        kind: What its column says: `S`, `A`, or empty.
        figures: By role, minor units, debit positive; debits and credits positive.
    """

    row: int
    code: str
    name: str
    kind: str
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class Balancete:
    """
    A month as an accountant sent it.

    Attributes:
        balance: Posting accounts, with basis `imported_balancete`.
        accounts: Groups included.
        controls: How many rows were compared and not loaded.
    """

    balance: RawBalance
    accounts: tuple[SourceAccount, ...]
    controls: int


@dataclass(frozen=True, slots=True)
class Month:
    """Whose month a table is: company, month, ISO 4217 code of its amounts."""

    entity: str
    period: str
    currency: str


def read_balancete(document: Document, layout: Layout, month: Month) -> Balancete:
    """
    Read a balancete whole, or not at all.

    Raises:
        TableUnusable: every mistake with its sheet, row and column.
    """
    return _Reader(document, layout, month).read()


class _Reader:
    """One table under way."""

    def __init__(self, document: Document, layout: Layout, month: Month) -> None:
        self.document, self.layout, self.month = document, layout, month
        self.digits = minor_digits(month.currency)
        self.problems = Problems()

    def read(self) -> Balancete:
        layout = self.layout
        grid = read_grid(
            self.document,
            encoding=layout.encoding,
            delimiter=layout.delimiter,
            sheet=layout.sheet,
        )
        self._check_layout(grid)
        lines = self._lines(grid)
        groups = group_codes(lines)
        posting = [line for line in lines if line.code and line.code not in groups]
        self._check_codes(grid, lines)
        if not self.problems:
            self._check_rows(grid, lines)
            self._check_groups(grid, lines, posting, groups)
            self._check_totals(grid, lines, posting)
            if out_by := sum(line.figures["closing"] for line in posting):
                size = Money(abs(out_by), self.month.currency)
                self.problems.add(grid.place, "balancete-unbalanced", size=size)
        if not posting and not self.problems:
            self.problems.add(grid.place, "balancete-empty")
        self._stop()
        return self._made(lines, posting, groups)

    def _stop(self) -> None:
        if self.problems:
            raise TableUnusable(self.document.name, self.problems.in_order())

    def _check_layout(self, grid: Grid) -> None:
        """See that the header still stands where it was."""
        header = grid.rows[self.layout.header - 1] if self.layout.header <= len(grid.rows) else []
        for place, title in self.layout.columns.values():
            found = header[place] if place < len(header) else ""
            if folded(found) != folded(title):
                self.problems.add(
                    grid.place, "balancete-header", self.layout.header, title, found=found[:60]
                )
        if not self.layout.number:
            self.problems.add(grid.place, "balancete-number-form")
        if not self.layout.credits and not has_signs(grid, self.layout):
            self.problems.add(grid.place, "balancete-no-signs")
        self._stop()

    def _lines(self, grid: Grid) -> list[Line]:
        lines = []
        for at, cells in enumerate(grid.rows[self.layout.header :], self.layout.header):
            if not any(cells):
                continue
            texts = {
                role: cells[place] if place < len(cells) else ""
                for role, (place, _) in self.layout.columns.items()
            }
            for role, (place, title) in self.layout.columns.items():
                code, facts = grid.faults.get((at, place), ("", {}))
                if not code and unclean(texts[role]):
                    code = "text-unclean"
                if code:
                    self.problems.add(grid.place, code, at + 1, title, **facts)
            if not any(texts.get(role) for role in FIGURES):
                continue  # a title, a page break, a signature
            kind = folded(texts.get("kind", ""))[:1].upper()
            line = Line(at + 1, texts["account"].strip(), texts.get("name", ""), kind, {})
            for role in FIGURES:
                if role in self.layout.columns:
                    line.figures[role] = self._figure(grid, line, texts, role)
            lines.append(line)
        return lines

    def _figure(self, grid: Grid, line: Line, texts: dict[str, str], role: str) -> int:
        """One figure, debit positive; empty is nil."""
        text, title = texts[role], self.layout.columns[role][1]
        side = folded(texts.get(f"{role}_side", ""))[:1].upper()
        if not text:
            return 0
        number = text
        if not side and (match := _SUFFIX.fullmatch(text)):
            number, side = match[1], match[2]
        locale = "plain" if isinstance(text, Number) else self.layout.number
        try:
            minor = _read(number, self.digits, locale)
        except NotAnAmount:
            code = _why(number, self.digits, locale)
            facts = {"text": text[:40]}
            if code == "amount-decimals":
                facts["digits"] = str(self.digits)
            self.problems.add(grid.place, code, line.row, title, **facts)
            return 0
        except AmountOutOfRange:
            self.problems.add(grid.place, "amount-out-of-range", line.row, title, text=text[:40])
            return 0
        if role in ("debit", "credit"):
            # Some write what is credited below zero; taken back is below zero of its own side.
            if side:
                minor = minor if side == role[0].upper() else -minor
            return minor
        if side:
            if minor < 0 or side not in "DC":
                self.problems.add(
                    grid.place, "balancete-two-signs", line.row, title, text=text[:40]
                )
            return -minor if side == "C" else minor
        return -minor if self._credit(line.code) else minor

    def _credit(self, code: str) -> bool:
        """Whether an account's figures without a sign are credits."""
        return bool(self.layout.credits) and code.startswith(self.layout.credits)

    def _check_codes(self, grid: Grid, lines: Sequence[Line]) -> None:
        seen: dict[str, int] = {}
        title = self.layout.columns["account"][1]
        for line in lines:
            if line.code and line.code in seen:
                self.problems.add(
                    grid.place, "balancete-twice", line.row, title, first=seen[line.code]
                )
            seen.setdefault(line.code, line.row)

    def _check_rows(self, grid: Grid, lines: Sequence[Line]) -> None:
        """Opening plus debits less credits is the closing, where all four are given."""
        if not all(role in self.layout.columns for role in FIGURES):
            return
        for line in lines:
            f = line.figures
            out_by = f["opening"] + f["debit"] - f["credit"] - f["closing"]
            if line.code and out_by:
                self._out_by(grid, line, "closing", "balancete-row", out_by)

    def _check_groups(
        self, grid: Grid, lines: Sequence[Line], posting: Sequence[Line], groups: set[str]
    ) -> None:
        """Every group is the sum of the posting accounts below it."""
        for line in lines:
            if line.code not in groups:
                continue
            below = [each for each in posting if is_below(each.code, line.code)]
            for role, told in line.figures.items():
                if out_by := told - sum(each.figures[role] for each in below):
                    self._out_by(grid, line, role, "balancete-group", out_by)

    def _check_totals(self, grid: Grid, lines: Sequence[Line], posting: Sequence[Line]) -> None:
        """A row without a code is a total: of debits and credits, or of one side of balances."""
        for line in lines:
            if line.code:
                continue
            for role, told in line.figures.items():
                figures = [each.figures[role] for each in posting]
                debits = sum(each for each in figures if each > 0)
                may_be = {sum(figures)} if role in ("debit", "credit") else {0, debits}
                if abs(told) not in may_be:
                    nearest = min((abs(told) - each for each in may_be), key=abs)
                    self._out_by(grid, line, role, "balancete-total", nearest)

    def _out_by(self, grid: Grid, line: Line, role: str, code: str, out_by: int) -> None:
        size = Money(abs(out_by), self.month.currency)
        title = self.layout.columns[role][1]
        self.problems.add(
            grid.place, code, line.row, title, account=line.code or line.name[:40], size=size
        )

    def _made(self, lines: Sequence[Line], posting: Sequence[Line], groups: set[str]) -> Balancete:
        def column(role: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
            return np.array([line.figures[role] for line in posting], dtype=np.int64)

        def given(role: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]] | None":
            return column(role) if role in self.layout.columns else None

        rows = np.array([line.row for line in posting], dtype=np.int32)
        raw = RawBalance(
            entity=self.month.entity,
            period=self.month.period,
            currency=self.month.currency,
            accounts=tuple(line.code for line in posting),
            amounts=column("closing"),
            opening=given("opening"),
            debit=given("debit"),
            credit=given("credit"),
            basis=Basis.IMPORTED_BALANCETE,
            source=Source(self.document.name, self.document.sha256, rows),
        )
        accounts = tuple(
            SourceAccount(
                line.code,
                line.name,
                posting=line.code not in groups,
                parent=max(
                    (g for g in groups if g != line.code and is_below(line.code, g)),
                    key=len,
                    default="",
                ),
            )
            for line in lines
            if line.code
        )
        return Balancete(raw, accounts, len(lines) - len(posting))


def _read(text: str, digits: int, locale: str) -> int:
    """An amount in either form; brackets are below zero also with a decimal point."""
    if locale == "plain" and text.startswith("(") and text.endswith(")"):
        inner = text[1:-1]
        if inner.startswith("-"):
            raise NotAnAmount(text, digits)
        return -read_amount(inner, digits, locale)
    return read_amount(text, digits, locale)


def _why(text: str, digits: int, locale: str) -> str:
    """Why a text is no amount."""
    if too_many_decimals(text, digits, locale) and not maybe_thousands(text, locale):
        return "amount-decimals"
    return "balancete-amount" if locale == "plain" else "amount-unreadable-pt"


def group_codes(lines: Sequence[Line]) -> set[str]:
    """Codes of groups: as their column says, or those that have accounts below them."""
    if any(line.kind in ("S", "A") for line in lines):
        return {line.code for line in lines if line.code and line.kind == "S"}
    codes = sorted({line.code for line in lines if line.code})
    groups = set()
    for place, code in enumerate(codes):
        stem = _ZEROS.sub("", code)
        # In order, what is below a code follows it directly.
        after = (each for each in codes[place + 1 : place + 3])
        if any(is_below(each, code) for each in after) or (
            stem != code and any(is_below(each, code) for each in codes)
        ):
            groups.add(code)
    return groups


def is_below(code: str, group: str) -> bool:
    """Whether an account is part of a group, by its code: `1.01.02` or `10102` of `1.01`, `101`."""
    stem = _ZEROS.sub("", group)
    if code == group or not code.startswith(stem) or len(code) <= len(stem):
        return False
    marked = any(mark in code for mark in _MARKS)
    return code[len(stem)] in _MARKS if marked else True
