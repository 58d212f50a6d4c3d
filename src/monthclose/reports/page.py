"""One sheet of the workbook: its header, its tables, its cells, its printed page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from monthclose.ledger.book import Book
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.findings import Validation
from monthclose.ledger.intercompany import behind
from monthclose.ledger.money import write_amount
from monthclose.ledger.periods import NotAPeriod, Period
from monthclose.ledger.subscriptions import Measured
from monthclose.reports.cells import letters
from monthclose.reports.data_sheet import money
from monthclose.reports.identity import CloseIdentity
from monthclose.reports.rates_used import UsedQuote
from monthclose.reports.statements import Statement
from monthclose.reports.styles import (
    BAD,
    COUNT,
    GOOD,
    LOOK,
    PAPER_A4,
    Styles,
    amount_format,
    variance_format,
)
from monthclose.reports.texts import as_cell, as_footer, as_literal
from monthclose.wording import say

FIRST_ROW = 4
"""Where the first table's head stands: below title, subtitle, control and a space."""

ROWS_A_PAGE, WIDTH_A_PAGE = 37, 147
"""What a page in landscape holds at full size: rows, and widths of a digit."""

CROWDED = 1.35
"""How much more than a page still goes on one page, made smaller."""

ROW_HEIGHT, HEAD_HEIGHT = 13.5, 26

KEYS, CODE, NAME, FIGURES = 0, 1, 2, 3
"""Columns: the hidden keys of the formulas, codes, names, and the first figures."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell that another one refers to, and the minor units it shows."""

    reference: str
    minor: int


@dataclass(frozen=True, slots=True)
class Tie:
    """Two cells that must show the same."""

    key: str
    expected: Place
    found: Place


@dataclass(eq=False)
class Press:
    """
    What every sheet of one workbook shares.

    Attributes:
        workbook: Of xlsxwriter.
        book: The close.
        validation: What its checks found.
        lang: Language of the document.
        close: Which close it is.
        statements: Balance sheet and income statement, by key.
        numbers: Number of each statement line, by statement and place.
        quotes: Every quote used.
        styles: The formats.
        places: Cells that others refer to, by name.
        metrics: SaaS metrics of the group and each company; () without subscriptions.
        ties: What the control sheet compares, gathered as the sheets are printed.
    """

    workbook: Any
    book: Book
    validation: Validation
    lang: str
    close: CloseIdentity
    statements: dict[str, Statement]
    numbers: dict[tuple[str, int], int]
    quotes: Sequence[UsedQuote]
    styles: Styles
    metrics: tuple[Measured, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.digits = minor_digits(self.book.presentation)
        self.matches = behind(self.book.entries, self.book.matches)

    def say(self, key: str, **facts: Any) -> str:
        """Say one of the reports' own sentences."""
        return say(f"reports.{key}", self.lang, **facts)

    def say_check(self, check: str) -> str:
        """What a check looks at; its id when the catalogue does not know it."""
        return catalogue_or(f"checks.{check}", self.lang, check)

    def say_step(self, step: str) -> str:
        """What a step of the engine does; its name when the catalogue does not know it."""
        return catalogue_or(f"reports.step-{step}", self.lang, step)

    @property
    def amounts(self) -> str:
        """How amounts are written."""
        return amount_format(self.digits)

    @property
    def variances(self) -> str:
        """How differences are written."""
        return variance_format(self.digits)

    def period(self) -> str:
        """Write the period as the language does."""
        try:
            return Period.parse(self.book.period).shown(self.lang)
        except NotAPeriod:
            return self.book.period

    def day(self, on: str) -> str:
        """Write a day or a month as the language does; anything else as it stands."""
        try:
            day = date.fromisoformat(on) if len(on) == 10 else None
            shown = Period.parse(on).shown(self.lang) if day is None else on
        except (ValueError, NotAPeriod):
            return on
        return f"{day:%d/%m/%Y}" if day and self.lang == "pt-BR" else shown

    def width(self, largest: int) -> float:
        """How wide a column is that holds amounts up to *largest* minor units."""
        return max(15.0, len(write_amount(abs(largest), self.digits)) + 3.5)


class Page:
    """One sheet while it is written. Rows and columns count from nil, as in xlsxwriter."""

    def __init__(self, press: Press, key: str) -> None:
        self.press, self.key = press, key
        self.title = press.say(f"sheet-{key}")
        self.sheet = press.workbook.get_worksheet_by_name(self.title)
        self.row = FIRST_ROW
        self.widths: dict[int, float] = {}
        self.sheet.hide_gridlines(2)
        self.sheet.set_default_row(ROW_HEIGHT)
        self.sheet.set_column(KEYS, KEYS, None, None, {"hidden": True})

    def columns(self, first: int, last: int, width: float) -> None:
        """Set how wide columns are."""
        self.sheet.set_column(first, last, width)
        self.widths.update(dict.fromkeys(range(first, last + 1), width))

    def _pages(self, wide: int) -> float:
        """How many pages the rows take, once the columns fit across."""
        scale = min(1.0, wide * WIDTH_A_PAGE / (sum(self.widths.values()) or 1))
        return self.row * scale / ROWS_A_PAGE

    def place(self, row: int, column: int, minor: int = 0) -> Place:
        """Refer to a cell of this sheet from anywhere."""
        return Place(f"'{self.title}'!${letters(column)}${row + 1}", minor)

    def text(
        self, column: int, text: str, look: str = "", align: str = "", indent: int = 0
    ) -> None:
        """Write a text into the current row: never a formula."""
        style = self.press.styles(look, align=align, indent=indent)
        if text:
            self.sheet.write_string(self.row, column, as_cell(text), style)
        else:  # a cell without content lets its neighbour's text run over it
            self.sheet.write_blank(self.row, column, None, style)

    def number(self, column: int, number: Any, look: str = "", form: str = COUNT) -> None:
        """Write a number that no other cell computes."""
        self.sheet.write_number(self.row, column, number, self.press.styles(look, form))

    def amount(
        self, column: int, formula: str, minor: int, look: str = "", form: str | None = None
    ) -> None:
        """Write a formula that gives an amount, with the amount it gives."""
        style = self.press.styles(look, self.press.amounts if form is None else form)
        value = money(minor, self.press.digits)
        self.sheet.write_formula(self.row, column, f"={formula}", style, value)

    def formula(
        self, column: int, formula: str, value: Any, look: str = "", form: str = "", indent: int = 0
    ) -> None:
        """Write a formula that gives something else."""
        style = self.press.styles(look, form, "left" if indent else "", indent)
        self.sheet.write_formula(self.row, column, f"={formula}", style, value)

    def fill(self, columns: Iterable[int], look: str) -> None:
        """Carry a row's rules over cells without content."""
        for column in columns:
            self.sheet.write_blank(self.row, column, None, self.press.styles(look))

    def heads(
        self, heads: dict[int, str], figures: Iterable[int] = (), after: Iterable[int] = ()
    ) -> None:
        """
        Write a table's head into the current row.

        Args:
            heads: By column.
            figures: Columns of figures: set to the right.
            after: Columns of text beside a figure: set off from it.
        """
        right, off = set(figures), set(after)
        if any(self._wraps(head, column) for column, head in heads.items()):
            self.sheet.set_row(self.row, HEAD_HEIGHT)
        for column, head in heads.items():
            align = "right" if column in right else "left"
            look = "head-code" if column <= NAME else "head"
            self.text(column, head, look, align, indent=1 if column in off else 0)
        self.row += 1

    def _wraps(self, head: str, column: int) -> bool:
        """Whether a head takes two lines: heads of codes and names never do."""
        return column > NAME and ("\n" in head or len(head) >= self.widths.get(column, 9) - 1)

    def tall(self, lines: int) -> None:
        """Give the current row the height of so many lines of text."""
        if lines > 1:
            self.sheet.set_row(self.row, ROW_HEIGHT * lines)

    def status(self, column: int, formula: str, value: str, look: str = "strong") -> None:
        """Write a control's verdict; its colour follows the word."""
        self.formula(column, formula, value, look, indent=1)
        self._colour(self.row, column, "cell")

    def _colour(self, row: int, column: int, kind: str) -> None:
        for key, colour in (("ok", GOOD), ("error", BAD), ("warning", LOOK)):
            word = self.press.say(key)
            paint = self.press.workbook.add_format({"font_color": colour})
            rule = (
                {"type": "cell", "criteria": "==", "value": as_literal(word)}
                if kind == "cell"
                else {"type": "text", "criteria": "ends with", "value": word}
            )
            self.sheet.conditional_format(row, column, row, column, {**rule, "format": paint})

    def finish(
        self,
        master: str,
        subtitle: str,
        note: str = "",
        *,
        freeze: tuple[int, int] | None = None,
        wide: int = 1,
    ) -> None:
        """
        Write the header, and set how the sheet scrolls and prints.

        Args:
            master: What the one control of all controls says.
            subtitle: What, in which unit, of when.
            note: How to read the signs.
            freeze: First row and column that scroll.
            wide: How many pages across.
        """
        press, sheet = self.press, self.sheet
        styles = press.styles
        sheet.set_row(0, 22)
        sheet.write_string(0, CODE, as_cell(press.say(f"title-{self.key}")), styles("title"))
        sheet.write_string(1, CODE, as_cell(subtitle), styles("subtitle"))
        if note:
            sheet.write_string(2, FIGURES, as_cell(note), styles("subtitle"))
        label = press.say("control") + " "
        formula = f"={as_literal(label)}&master_check"
        sheet.write_formula(2, CODE, formula, styles("strong"), label + master)
        self._colour(2, CODE, "text")
        row, column = freeze or (FIRST_ROW + 1, CODE)
        sheet.freeze_panes(row, column)
        sheet.set_landscape()
        sheet.set_paper(PAPER_A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.55, bottom=0.7)
        sheet.fit_to_pages(wide, 1 if self._pages(wide) <= CROWDED else 0)
        sheet.repeat_rows(0, row - 1)
        if wide > 1:
            sheet.repeat_columns(CODE, NAME)
        version = as_footer(press.close.version)
        close = f"{version}  {press.close.digest}" if version else press.close.digest
        # The space ends the code of the size, which else would take a digit that follows.
        sheet.set_footer(f"&L&7 {as_footer(self.title)}&C&7 {close}&R&7 &P / &N")
        everywhere = "A1:XFD1048576"
        sheet.ignore_errors(
            {
                "number_stored_as_text": everywhere,  # codes are text on purpose
                "formula_differs": everywhere,  # a total among lines is no slip
                "formula_range": everywhere,
            }
        )


def catalogue_or(key: str, lang: str, otherwise: str) -> str:
    """Say a sentence that may be missing."""
    try:
        return say(key, lang)
    except KeyError:
        return otherwise
