"""The governed sheet: every figure the others show, once, in columns that have names."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from monthclose.ledger.book import Book
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.equity import EquityPart
from monthclose.ledger.findings import Severity, Validation
from monthclose.ledger.journal import GROUP_LAYERS
from monthclose.reports.cells import letters
from monthclose.reports.equity_rows import equity_column, equity_rows
from monthclose.reports.rates_used import UsedQuote, cause_of
from monthclose.reports.statements import Statement, closed_layers, figures
from monthclose.reports.texts import as_cell

KEY = "_data"
LARGEST_SHOWN = 10**15
"""A spreadsheet shows fifteen digits: from here on the last of them are lost."""

type Cell = str | int | Decimal


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the governed sheet: its name in formulas, and its cells."""

    name: str
    cells: Sequence[Cell]


type Block = list[Column]
"""Columns of one length, side by side."""


def account_blocks(book: Book, lines: dict[str, int], digits: int) -> list[Block]:
    """
    Lay out the accounts: key, code, class, line, layers, closed layers, entities.

    Keys are numbers. A criterion of SUMIFS that looks like a number, a date, a pattern or
    a comparison is taken for one, and account codes come from outside: `1.10` would match
    `1.1`. Amounts are debit positive; the sheets that print statements turn them.

    Args:
        book: The close.
        lines: Number of the statement line each account prints on, by code.
        digits: Minor digits of the presentation currency.
    """
    chart = book.chart
    closed = closed_layers(book)
    block = [
        Column("account_key", range(1, len(chart.accounts) + 1)),
        Column("account_code", [as_cell(code) for code in chart.codes]),
        Column("account_class", [account.kind.value for account in chart.accounts]),
        Column("account_line", [lines.get(code, 0) for code in chart.codes]),
    ]
    for name, layers in (("ledger", book.layers), ("closed", closed)):
        for place, layer in enumerate(GROUP_LAYERS):
            block.append(amounts_column(f"{name}_{layer}", layers[:, place].tolist(), digits))
        block.append(amounts_column(f"{name}_total", layers.sum(axis=1).tolist(), digits))
    for number, row in enumerate(book.entity_amounts, start=1):
        block.append(amounts_column(entity_name(number), row.tolist(), digits))
    return [block]


def entity_name(number: int) -> str:
    """The name of an entity's column: by its place, since a code may be no name at all."""
    return f"entity_{number:03d}"


def other_blocks(
    book: Book, validation: Validation, quotes: Sequence[UsedQuote], digits: int
) -> list[Block]:
    """Lay out headline figures, quotes, the CTA with its proof, entries and checks."""
    named = figures(book)
    proofs = [translation.proof() for translation in book.translations]
    parts = [
        (number, part) for number, proof in enumerate(proofs, start=1) for part in proof.components
    ]
    lines = [(entry, line) for entry in book.entries for line in entry.lines]
    rolled = [translation.cta for translation in book.translations]
    rolled += [each.cta for bought in book.purchases.values() for each in bought.layers]
    results = validation.results
    found = [[finding.severity for finding in result.findings] for result in results]
    return [
        [
            Column("figure_key", list(named)),
            amounts_column("figure_amount", [-amount for amount in named.values()], digits),
        ],
        [
            Column("quote_key", range(1, len(quotes) + 1)),
            Column("quote_value", [Decimal(used.quote.value) for used in quotes]),
        ],
        [
            Column("cta_key", range(1, len(rolled) + 1)),
            amounts_column("cta_opening", [-each.opening for each in rolled], digits),
            amounts_column("cta_movement", [-each.movement for each in rolled], digits),
        ],
        [
            Column("proof_key", range(1, len(proofs) + 1)),
            amounts_column("proof_total", [-proof.total for proof in proofs], digits),
            Column(
                "proof_bound",
                [Decimal(t.rounded_lines).scaleb(-digits) / 2 for t in book.translations],
            ),
        ],
        [
            Column("entry_key", range(1, len(lines) + 1)),
            Column("entry_id", [as_cell(entry.id) for entry, _ in lines]),
            Column("entry_account", [as_cell(line.account) for _, line in lines]),
            amounts_column("entry_amount", [line.amount for _, line in lines], digits),
        ],
        [
            Column("component_entity", [number for number, _ in parts]),
            Column("component_cause", [cause_of(part.label) for _, part in parts]),
            Column("component_label", [as_cell(part.label) for _, part in parts]),
            Column("component_rate", [part.quote.value if part.quote else "" for _, part in parts]),
            amounts_column("component_amount", [-part.amount for _, part in parts], digits),
        ],
        [
            Column("check_key", range(1, len(results) + 1)),
            Column(
                "check_unexplained",
                [
                    money(result.unexplained, minor_digits(result.currency))
                    if result.currency
                    else result.unexplained
                    for result in results
                ],
            ),
            Column("check_population", [result.population for result in results]),
            Column("check_blocking", [each.count(Severity.BLOCKING) for each in found]),
            Column("check_warnings", [each.count(Severity.WARNING) for each in found]),
        ],
        equity_block(book, digits),
    ]


def equity_block(book: Book, digits: int) -> Block:
    """Lay out the rows of the statement of changes in equity that no other rows add up to."""
    statement = book.changes_in_equity
    if statement is None:
        return []
    rows = [row for row in equity_rows(statement) if not row.adds]
    block = [Column("equity_key", [row.key for row in rows])]
    for part in EquityPart:
        amounts = [row.amounts.get(part, 0) for row in rows]
        block.append(amounts_column(equity_column(part), amounts, digits))
    return block


def beyond_fifteen_digits(book: Book) -> int:
    """How many figures have more digits than a spreadsheet keeps."""
    tables = (book.layers, closed_layers(book), book.entity_amounts, book.consolidated)
    return sum(int((np.abs(table) >= LARGEST_SHOWN).sum()) for table in tables)


def line_numbers(*statements: Statement) -> tuple[dict[str, int], dict[tuple[str, int], int]]:
    """
    Number the lines of statements that print accounts.

    Returns:
        The number by account, and by statement and place of the line: one statement line
        may stand among the assets and among the liabilities.
    """
    by_account: dict[str, int] = {}
    by_line: dict[tuple[str, int], int] = {}
    for statement in statements:
        for place, line in enumerate(statement.lines):
            if line.accounts:
                number = by_line[statement.key, place] = len(by_line) + 1
                by_account.update(dict.fromkeys(line.accounts, number))
    return by_account, by_line


def write_blocks(workbook: Any, sheet: Any, blocks: Sequence[Block], head: Any) -> None:
    """Write every column below its name, and define the name for the cells."""
    place = 0
    for block in blocks:
        for column in block:
            _write_column(sheet, place, column, head)
            last = max(len(column.cells), 1)
            name = letters(place)
            workbook.define_name(column.name, f"={KEY}!${name}$2:${name}${last + 1}")
            place += 1
        place += 1  # an empty column between two blocks
    sheet.freeze_panes(1, 0)


def _write_column(sheet: Any, place: int, column: Column, head: Any) -> None:
    sheet.write_string(0, place, column.name, head)
    for row, cell in enumerate(column.cells, start=1):
        if isinstance(cell, str):
            if cell:
                sheet.write_string(row, place, cell)
        else:
            sheet.write_number(row, place, cell)


def amounts_column(name: str, minor: list[int], digits: int) -> Column:
    """Make a column of amounts, given in minor units."""
    return Column(name, [Decimal(each).scaleb(-digits) for each in minor])


def money(minor: int, digits: int) -> Decimal:
    """Minor units as the exact decimal that goes into a cell."""
    return Decimal(minor).scaleb(-digits)
