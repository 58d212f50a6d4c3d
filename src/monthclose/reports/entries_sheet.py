"""The entries of the close: what was cancelled, carried and attributed, and why."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil

from monthclose.ledger.adjustments import note_of
from monthclose.ledger.intercompany import Cause, Match
from monthclose.ledger.journal import Entry, EntryLine
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
    for kind, entries in groupby(press.book.entries, key=_printed_with):
        together = list(entries)
        if kind and len(together) > 1:
            _together(page, together, number)
        else:
            for place, entry in enumerate(together):
                before = sum(len(each.lines) for each in together[:place])
                _entry(page, entry, number + before)
        number += sum(len(entry.lines) for entry in together)
    _totals(page, first)
    return page


def _printed_with(entry: Entry) -> str:
    """What entries have in common that stand below one head; empty: each has its own."""
    alike = entry.reason == f"entries.intercompany-{Cause.NONE}"  # nothing is left to explain
    return f"{entry.layer} {entry.standard}" if alike else ""


def _entry(page: Page, entry: Entry, number: int) -> None:
    """Print one entry: its head, then its lines, debits before credits as they stand."""
    _head(page, entry, entry.id, reason(page.press, entry))
    _lines(page, entry, number)
    page.row += 1


def _together(page: Page, entries: Sequence[Entry], number: int) -> None:
    """Print what companies have between them below one head: hundreds of them are alike."""
    said = page.press.say("entries-between", count=len(entries))
    _head(page, entries[0], page.press.say("between-companies"), said)
    for entry in entries:
        _lines(page, entry, number, entry.reference or entry.id)
        number += len(entry.lines)
    page.row += 1


def _head(page: Page, entry: Entry, name: str, said: str) -> None:
    """Print the head of one entry, or of several that are alike."""
    page.text(CODE, name, "strong")
    page.text(NAME, said, "wrap")
    page.tall(ceil(len(said) / LETTERS_A_LINE))
    page.text(LAYER, page.press.say(f"layer-{entry.layer}"), "muted", indent=1)
    page.text(STANDARD, entry.standard, "muted")
    page.row += 1


def _lines(page: Page, entry: Entry, number: int, name: str = "") -> None:
    """Print the lines of an entry, with its document when it has no head of its own."""
    book = page.press.book
    chart, match = book.chart, page.press.matches.get(entry.id)
    for place, line in enumerate(entry.lines, start=number + 1):
        page.sheet.write_number(page.row, KEYS, place)
        page.text(CODE, line.account, "muted", indent=1)
        label = chart[line.account].name
        read = _read_from(match, line) if match else ""
        page.text(NAME, " · ".join(filter(None, (label, name, read))), indent=1)
        page.text(ENTITY, line.entity, "muted")
        column, sign = (DEBIT, 1) if line.amount >= 0 else (CREDIT, -1)
        formula = sumifs("entry_amount", "entry_key", page.row, sign)
        page.amount(column, formula, abs(line.amount))
        page.row += 1


def _read_from(match: Match, line: EntryLine) -> str:
    """Where the items of a line were read, if they were."""
    items = [i for i in match.items if (i.entity, i.account) == (line.entity, line.account)]
    return "; ".join(item.source for item in items if item.source)


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
        about = {"reference": names.get(entry.reference, entry.reference)}
        said = say(entry.reason, press.lang, entity=names.get(entry.entity, entry.entity), **about)
    except KeyError:
        return entry.kind
    return f"{said} {note}".rstrip()
