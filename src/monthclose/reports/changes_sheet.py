"""Changes of ownership on their sheet: what each gain, or what went to equity, is made of."""

from monthclose.ledger.book import Book
from monthclose.ledger.events import Derecognition
from monthclose.reports.cells import added, sumifs
from monthclose.reports.data_sheet import Block, Column, amounts_column
from monthclose.reports.page import CODE, FIGURES, KEYS, NAME, Page, Press
from monthclose.wording import say

KEY = "ownership-changes"
"""Key of the sheet, which a book without changes has not."""


def change_blocks(book: Book, digits: int) -> list[Block]:
    """Lay out the parts of every change, numbered through."""
    amounts = [amount for change in book.changes for amount in change.parts.values()]
    return [
        [
            Column("change_key", range(1, len(amounts) + 1)),
            amounts_column("change_amount", amounts, digits),
        ]
    ]


def print_changes(press: Press) -> Page:
    """Print the changes of the year to date: parts from the governed sheet, and their sum."""
    page, number = Page(press, KEY), 0
    changes = press.book.changes
    largest = max((abs(a) for each in changes for a in each.parts.values()), default=0)
    page.columns(CODE, CODE, 3)
    page.columns(NAME, NAME, 60)
    page.columns(FIGURES, FIGURES, press.width(largest))
    page.heads({CODE: "", NAME: "", FIGURES: press.book.presentation}, (FIGURES,))
    for change in changes:
        codes = change.left if isinstance(change, Derecognition) else (change.entity,)
        said = say(f"changes.{change.kind}", press.lang, entity=", ".join(codes))
        page.text(CODE, said, "heading")
        page.row += 1
        top = page.row
        for name, amount in change.parts.items():
            number += 1
            page.sheet.write_number(page.row, KEYS, number)
            page.text(NAME, say(f"changes.{name}", press.lang))
            page.amount(FIGURES, sumifs("change_amount", "change_key", page.row), amount)
            page.row += 1
        page.text(CODE, say(f"changes.{change.made}", press.lang), "subtotal")
        page.fill((NAME,), "subtotal")
        formula = f"ROUND({added(range(top, page.row), FIGURES)},{press.digits})"
        page.amount(FIGURES, formula, sum(change.parts.values()), "subtotal")
        page.row += 2
    return page
