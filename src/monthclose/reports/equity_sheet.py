"""The statement of changes in equity (DMPL), on its sheet."""

from collections.abc import Mapping, Sequence

from monthclose.ledger.equity import OWNERS, EquityPart
from monthclose.reports.cells import across, added, cell, sumifs
from monthclose.reports.equity_rows import EquityRow, equity_column, equity_rows
from monthclose.reports.page import CODE, FIGURES, KEYS, NAME, Page, Place, Press, Tie
from monthclose.reports.restated import print_restated


def print_equity(press: Press, balance: Mapping[str, Place]) -> Page:
    """Print who had what, what moved it, who has what: it ends at the balance sheet."""
    page = Page(press, "equity")
    statement = press.book.changes_in_equity
    if statement is None:
        return page
    columns = statement.columns
    owners = [part for part in columns if part in OWNERS]
    rows = equity_rows(statement)
    largest = max((abs(sum(row.amounts.values())) for row in rows), default=0)
    first, own = FIGURES, FIGURES + len(owners)
    last = own + (2 if EquityPart.NCI in columns else 0)
    page.columns(CODE, CODE, 3)
    page.columns(NAME, NAME, 46)
    page.columns(first, last, press.width(largest))
    heads = [press.say(f"moves-{part}") for part in owners] + [press.say("moves-owners")]
    heads += [press.say("moves-nci"), press.say("total")] if last > own else []
    labels = dict(enumerate(heads, start=first))
    page.heads({CODE: "", NAME: "", **labels}, range(first, last + 1))
    top = page.row
    for row in rows:
        _print_row(page, row, owners, top, outsiders=last > own)
        page.row += 1
    closing = rows[-1].amounts
    found = page.place(page.row - 1, last, sum(closing.values()))
    press.ties.append(Tie("tie-equity", balance["total-equity"], found))
    print_restated(page)
    return page


def _print_row(
    page: Page, row: EquityRow, owners: Sequence[EquityPart], top: int, *, outsiders: bool
) -> None:
    """Print one row: from the governed sheet, or as what other rows add up to."""
    digits = page.press.digits
    if row.adds:
        page.text(CODE, page.press.say(f"moves-{row.key}"), row.look)
        page.fill((NAME,), row.look)
    else:
        page.sheet.write_string(page.row, KEYS, row.key)
        look = row.look
        page.text(CODE if look != "line" else NAME, page.press.say(f"moves-{row.key}"), look)
        if look != "line":
            page.fill((NAME,), look)

    def amount(column: int, part: EquityPart) -> None:
        formula = (
            added([top + each for each in row.adds], column)
            if row.adds
            else sumifs(equity_column(part), "equity_key", page.row)
        )
        page.amount(column, formula, row.amounts.get(part, 0), row.look)

    for place, part in enumerate(owners):
        amount(FIGURES + place, part)
    own = FIGURES + len(owners)
    theirs = sum(row.amounts.get(part, 0) for part in owners)
    page.amount(own, across(page.row, FIGURES, own - 1, digits), theirs, row.look)
    if outsiders:
        amount(own + 1, EquityPart.NCI)
        both = f"ROUND({cell(page.row, own)}+{cell(page.row, own + 1)},{digits})"
        page.amount(own + 2, both, sum(row.amounts.values()), row.look)
