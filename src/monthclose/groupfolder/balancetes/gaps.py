"""Lines for the gaps of a derived balance, as an accountant sends them."""

from collections.abc import Collection

from monthclose.groupfolder.balancetes.grids import TableUnusable, read_grid
from monthclose.groupfolder.balancetes.layouts import Layout
from monthclose.groupfolder.balancetes.reading import Month
from monthclose.groupfolder.files import Document
from monthclose.groupfolder.numbers import read_amount
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.tables import unclean
from monthclose.groupfolder.workbooks import Number
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import AmountOutOfRange, NotAnAmount
from monthclose.ledger.sources import Supplement, SupplementLine

NEEDED_FOR_GAPS = ("account", "debit", "credit", "gap")
"""Columns of a table of gaps; *name* may be there too."""


def read_gaps(
    document: Document, layout: Layout, month: Month, known: Collection[str]
) -> Supplement:
    """
    Read the lines of one month, whole or not at all.

    A line that names a gap and has no account and no figure says that there is nothing.

    Args:
        document: The file.
        layout: Where its columns are.
        month: Whose month it is.
        known: Gaps there are.

    Raises:
        TableUnusable: every mistake with its sheet, row and column.
        SupplementUnbalanced: debits are not credits.
    """
    problems = Problems()
    grid = read_grid(
        document, encoding=layout.encoding, delimiter=layout.delimiter, sheet=layout.sheet
    )
    digits = minor_digits(month.currency)
    if not layout.number:
        problems.add(grid.place, "balancete-number-form")
        raise TableUnusable(document.name, problems.in_order())
    lines: list[SupplementLine] = []
    none: list[str] = []
    for row, cells in enumerate(grid.rows[layout.header :], layout.header + 1):
        if not any(cells):
            continue
        texts = {}
        for role, (place, title) in layout.columns.items():
            texts[role] = cells[place] if place < len(cells) else ""
            code, facts = grid.faults.get((row - 1, place), ("", {}))
            if not code and unclean(texts[role]):
                code = "text-unclean"
            if code:
                problems.add(grid.place, code, row, title, **facts)
        figures = {
            role: _figure(texts[role], row, layout, (grid.place, digits, problems), role)
            for role in ("debit", "credit")
        }
        gap = texts["gap"].strip()
        if gap not in known:
            title = layout.columns["gap"][1]
            problems.add(grid.place, "gap-unknown", row, title, text=gap[:40], known=sorted(known))
        if all(figures.values()):
            problems.add(grid.place, "gap-both-sides", row)
        if texts["account"]:
            line = SupplementLine(
                texts["account"], texts.get("name", ""), figures["debit"], figures["credit"], gap
            )
            lines.append(line)
        elif any(figures.values()):
            problems.add(grid.place, "cell-empty", row, layout.columns["account"][1])
        else:
            none.append(gap)
    if problems:
        raise TableUnusable(document.name, problems.in_order())
    return Supplement(month.entity, month.period, month.currency, tuple(lines), tuple(none))


def _figure(text: str, row: int, layout: Layout, held: tuple[str, int, Problems], role: str) -> int:
    """A debit or a credit, positive; empty is nil, and so is what cannot be read."""
    place, digits, problems = held
    title = layout.columns[role][1]
    locale = "plain" if isinstance(text, Number) else layout.number
    try:
        minor = read_amount(text, digits, locale) if text else 0
    except (NotAnAmount, AmountOutOfRange):
        code = "balancete-amount" if locale == "plain" else "amount-unreadable-pt"
        problems.add(place, code, row, title, text=text[:40])
        return 0
    if minor < 0:
        problems.add(place, "gap-negative", row, title)
    return minor
