"""The entries of the close: what was cancelled, carried and attributed, and why."""

from math import ceil

from monthclose.ledger.adjustments import note_of
from monthclose.ledger.journal import Entry
from monthclose.reports.cells import added, sumifs
from monthclose.reports.page import CODE, KEYS, NAME, Page, Press, Tie
from monthclose.wording import say

ENTITY, DEBIT, CREDIT, LAYER, STANDARD = range(3, 8)
LETTERS_A_LINE = 78


def print_entries(press: Press) -> Page:
    """Print every entry with its reason and its standard; debits and credits are equal."""
    page = Page(press, "eliminations")
    amounts = [abs(line.amount) for entry in press.book.entries for line in entry.lines]
    page.columns(CODE, CODE, 18)
    page.columns(NAME, NAME, 68)
    page.columns(ENTITY, ENTITY, 12)
    page.columns(DEBIT, CREDIT, press.width(max(amounts, default=0)))
    page.columns(LAYER, LAYER, 18)
    page.columns(STANDARD, STANDARD, 18)
    heads = {
        CODE: "entry",
        NAME: "reason",
        ENTITY: "company",
        DEBIT: "debit",
        CREDIT: "credit",
        LAYER: "layer",
        STANDARD: "standard",
    }
    labels = {column: press.say(head) for column, head in heads.items()}
    page.heads(labels, (DEBIT, CREDIT), (LAYER,))
    number, first = 0, page.row
    for entry in press.book.entries:
        _entry(page, entry, number)
        number += len(entry.lines)
    _totals(page, first)
    return page


def _entry(page: Page, entry: Entry, number: int) -> None:
    """Print one entry: its head, then its lines, debits before credits as they stand."""
    press, chart = page.press, page.press.book.chart
    page.text(CODE, entry.id, "strong")
    said = reason(press, entry)
    page.text(NAME, said, "wrap")
    page.tall(ceil(len(said) / LETTERS_A_LINE))
    page.text(LAYER, press.say(f"layer-{entry.layer}"), "muted", indent=1)
    page.text(STANDARD, entry.standard, "muted")
    page.row += 1
    for place, line in enumerate(entry.lines, start=number + 1):
        page.sheet.write_number(page.row, KEYS, place)
        page.text(CODE, line.account, "muted", indent=1)
        page.text(NAME, chart[line.account].name, indent=1)
        page.text(ENTITY, line.entity, "muted")
        column, sign = (DEBIT, 1) if line.amount >= 0 else (CREDIT, -1)
        formula = sumifs("entry_amount", "entry_key", page.row, sign)
        page.amount(column, formula, abs(line.amount))
        page.row += 1
    page.row += 1


def _totals(page: Page, first: int) -> None:
    """Add up both sides."""
    press = page.press
    page.text(CODE, press.say("sum"), "total")
    page.fill((NAME, ENTITY, LAYER, STANDARD), "total")
    amounts = [line.amount for entry in press.book.entries for line in entry.lines]
    sides = (
        (DEBIT, sum(amount for amount in amounts if amount > 0)),
        (CREDIT, -sum(amount for amount in amounts if amount < 0)),
    )
    for column, minor in sides:
        page.amount(column, added(range(first, page.row), column), minor, "total")
    debit, credit = (page.place(page.row, column, minor) for column, minor in sides)
    press.ties.append(Tie("tie-entries", debit, credit))
    page.row += 1


def reason(press: Press, entry: Entry) -> str:
    """Why an entry was made; its kind when the catalogue does not say."""
    group = press.book.group
    names = {entity.code: entity.name for entity in group.entities}
    note = note_of(group.adjustments_of.get((entry.entity, entry.layer), ()), entry)
    try:
        said = say(entry.reason, press.lang, entity=names.get(entry.entity, entry.entity))
    except KeyError:
        return entry.kind
    return f"{said} {note}".rstrip()
