"""The statement of cash flows on its sheet: every company, what passed between them, the group."""

from math import ceil

import numpy as np

from monthclose.ledger.accounts import POSITION
from monthclose.ledger.cash_flows import CashFlows
from monthclose.reports.cash_table import CLOSING, cash_statement, columns_of
from monthclose.reports.cells import across, added, sumifs
from monthclose.reports.data_sheet import Block, Column, amounts_column
from monthclose.reports.ledger_sheets import COLUMNS_A_PAGE, COLUMNS_ON_ONE_PAGE
from monthclose.reports.page import CODE, FIGURES, KEYS, NAME, Page, Place, Press, Tie
from monthclose.reports.statement_sheets import LOOK
from monthclose.reports.statements import Line, LineKind, Statement

SHEET = "cash-flows"


def print_cash_flows(press: Press, cash: CashFlows) -> tuple[Page, Block]:
    """
    Print the cash flows; rows foot across to the group and down to closing cash.

    Returns:
        The page, and the columns of the governed sheet that it shows.
    """
    columns = columns_of(cash, press.lang)
    statement = cash_statement(columns, press.book.chart, press.lang)
    page = Page(press, SHEET)
    last = FIGURES + max(len(columns), 1) - 1
    largest = max((abs(a or 0) for line in statement.lines for a in line.amounts), default=0)
    page.columns(CODE, CODE, 11)
    page.columns(NAME, NAME, 50)
    page.columns(FIGURES, last, press.width(largest))
    heads = dict(enumerate((each.head for each in columns), start=FIGURES))
    page.heads({CODE: press.say("line"), NAME: "", **heads}, range(FIGURES, last + 1))
    names = [f"cash_{number:03d}" for number in range(1, len(columns) + 1)]
    first = page.row
    if columns:
        for number, line in enumerate(statement.lines, start=1):
            _print_line(page, line, number, names, first, grouped=cash.group is not None)
            page.row += 1
    _problems(page, cash)
    if cash.group is not None:
        place = statement.place(CLOSING)
        found = page.place(first + place, last, cash.group.closing)
        press.ties.append(Tie("tie-cash", _cash_of_sheet(press), found))
    return page, _block(statement, names, press.digits)


def cash_pages_wide(cash: CashFlows) -> int:
    """How many pages the sheet takes across, to stay legible."""
    columns = len(cash.companies) + 2
    return 1 if columns <= COLUMNS_ON_ONE_PAGE else ceil(columns / COLUMNS_A_PAGE)


def _print_line(
    page: Page, line: Line, number: int, names: list[str], first: int, *, grouped: bool
) -> None:
    """Print one line: from the governed sheet, across to the group, or as what lines add up to."""
    press, look = page.press, LOOK[line.kind]
    if line.kind is LineKind.SPACE:
        return
    if line.kind is LineKind.HEADING:
        page.text(CODE, line.label, look)
        return
    if line.figure:
        page.sheet.write_number(page.row, KEYS, number)
    if line.kind in (LineKind.SUBTOTAL, LineKind.TOTAL):
        page.text(CODE, line.label, look)
        page.fill((NAME,), look)
    else:
        code = line.key if line.key in press.book.chart and line.figure else ""
        page.text(CODE, code, "muted")
        page.text(NAME, line.label, look, indent=line.level - 1)
    last = FIGURES + len(names) - 1
    for column, (name, amount) in enumerate(zip(names, line.amounts, strict=True), start=FIGURES):
        if not line.figure:
            formula = f"ROUND({added([first + each for each in line.adds], column)},{press.digits})"
        elif grouped and column == last:
            formula = across(page.row, FIGURES, last - 1, press.digits)
        else:
            formula = sumifs(name, "cash_key", page.row)
        page.amount(column, formula, amount or 0, look)


def _problems(page: Page, cash: CashFlows) -> None:
    """Say what cannot be stated, and why."""
    press = page.press
    for each in cash.problems:
        page.row += 1
        page.text(CODE, press.say("cash-not-stated", reason=each.message(press.lang)), "muted")


def _cash_of_sheet(press: Press) -> Place:
    """Cash in the balance sheet, account by account of the governed sheet."""
    book = press.book
    cash = np.array([account.cash for account in book.chart.accounts])
    cash &= book.chart.of_kind(*POSITION)
    cells = [f"SUMIFS(closed_total,account_key,{place + 1})" for place in np.flatnonzero(cash)]
    return Place("+".join(cells) or "0", int(book.closed[cash].sum()))


def _block(statement: Statement, names: list[str], digits: int) -> Block:
    """The figures that the ledger gives, a column a company and one for what passed between."""
    given = [(n, line) for n, line in enumerate(statement.lines, start=1) if line.figure]
    return [
        Column("cash_key", [number for number, _ in given]),
        *(
            amounts_column(name, [line.amounts[place] or 0 for _, line in given], digits)
            for place, name in enumerate(names)
        ),
    ]
