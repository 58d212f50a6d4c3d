"""Accounts by company and by layer: the two sheets that show how the figures add up."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.journal import GROUP_LAYERS, LayerName
from monthclose.ledger.money import Amounts, total
from monthclose.reports.cells import across, added, sumifs
from monthclose.reports.data_sheet import entity_name
from monthclose.reports.page import CODE, FIGURES, KEYS, NAME, Page, Place, Press, Tie
from monthclose.reports.statements import ASSETS, OWNERS

SECTIONS = (
    ("assets", ASSETS),
    ("liabilities", (AccountClass.LIABILITY,)),
    ("equity", (*OWNERS, AccountClass.NCI)),
    ("income", (AccountClass.INCOME,)),
    ("expense", (AccountClass.EXPENSE,)),
)
"""The accounts before closing, in the order in which they are read."""

COLUMNS_ON_ONE_PAGE, COLUMNS_A_PAGE = 14, 8


def print_by_entity(press: Press) -> Page:
    """Print every account by company, then the layers of the group; rows and columns foot."""
    book = press.book
    page = Page(press, "by-entity")
    companies = len(book.translations)
    layers = [
        layer
        for place, layer in enumerate(GROUP_LAYERS)
        if layer is not LayerName.TRANSLATION and book.layers[:, place].any()
    ]
    shown = [book.layers[:, GROUP_LAYERS.index(layer)] for layer in layers]
    # (a, e + 1 + k + 1) companies, their sum, layers, group; debit positive.
    table = np.stack(
        [
            *book.entity_amounts,
            book.layers[:, GROUP_LAYERS.index(LayerName.TRANSLATION)],
            *shown,
            book.consolidated,
        ],
        axis=1,
    )
    summed, last = FIGURES + companies, FIGURES + table.shape[1] - 1
    names = [entity_name(number) for number in range(1, companies + 1)]
    page.columns(CODE, CODE, 11)
    page.columns(NAME, NAME, 36)
    page.columns(FIGURES, last, press.width(int(np.abs(table).max(initial=0))))
    heads = [f"{each.entity}\n{each.functional}" for each in book.translations]
    heads += [press.say("companies"), *(press.say(f"layer-{each}") for each in layers)]
    heads.append(press.say("group"))
    labels = {CODE: press.say("account"), NAME: "", **dict(enumerate(heads, start=FIGURES))}
    page.heads(labels, range(FIGURES, last + 1))
    totals: dict[str, int] = {}
    for section, kinds in SECTIONS:
        places = [p for kind in kinds for p in np.flatnonzero(book.chart.of_kind(kind))]
        places = [place for place in places if table[place].any()]
        if not places:
            continue
        page.text(CODE, press.say(section), "heading")
        page.row += 1
        rows = range(page.row, page.row + len(places))
        for place in places:
            _account(page, int(place))
            for column, amount in enumerate(table[place].tolist(), start=FIGURES):
                if column < summed:
                    formula = sumifs(names[column - FIGURES], "account_key", page.row)
                elif column == summed:
                    formula = across(page.row, FIGURES, summed - 1, press.digits)
                elif column < last:
                    layer = layers[column - summed - 1]
                    formula = sumifs(f"ledger_{layer}", "account_key", page.row)
                else:
                    formula = across(page.row, summed, last - 1, press.digits)
                page.amount(column, formula, amount)
            page.row += 1
        totals[section] = page.row
        _total_row(page, press.say(f"total-{section}"), rows, table[places].sum(axis=0).tolist())
        page.row += 1
    _total_row(
        page, press.say("sum"), list(totals.values()), table.sum(axis=0).tolist(), look="total"
    )
    _ties(page, totals, last, table[:, -1])
    return page


def _ties(page: Page, totals: dict[str, int], column: int, group: Amounts) -> None:
    """Hold the sections' totals of the group against the two statements."""
    press, chart = page.press, page.press.book.chart
    places = {
        key: page.place(totals[key], column, total(group[chart.of_kind(*kinds)]))
        for key, kinds in SECTIONS
        if key in totals
    }
    assets = places.get("assets", Place("0", 0))
    press.ties.append(Tie("tie-entity-assets", press.places["total_assets"], assets))
    results = [places[key] for key in ("income", "expense") if key in places]
    references = "+".join(place.reference for place in results) or "0"
    result = Place(f"-({references})", -sum(place.minor for place in results))
    press.ties.append(Tie("tie-entity-result", press.places["result"], result))


def pages_wide(press: Press) -> int:
    """How many pages the sheet of companies takes across, to stay legible."""
    columns = len(press.book.translations) + int(press.book.layers.any(axis=0).sum()) + 1
    if columns <= COLUMNS_ON_ONE_PAGE:
        return 1
    return ceil(columns / COLUMNS_A_PAGE)


def print_trial_balance(press: Press) -> Page:
    """Print every account by layer, debit positive: the trial balance before closing."""
    book = press.book
    page = Page(press, "trial-balance")
    table = np.concatenate([book.layers, book.consolidated[:, None]], axis=1)
    first = FIGURES + 1
    last = first + table.shape[1] - 1
    page.columns(CODE, CODE, 11)
    page.columns(NAME, NAME, 40)
    page.columns(FIGURES, FIGURES, 20)
    page.columns(first, last, press.width(int(np.abs(table).max(initial=0))))
    heads = [press.say(f"layer-{layer}") for layer in GROUP_LAYERS] + [press.say("total")]
    labels = {CODE: press.say("account"), NAME: "", FIGURES: press.say("class")}
    page.heads({**labels, **dict(enumerate(heads, start=first))}, range(first, last + 1))
    start = page.row
    for place in np.flatnonzero(table.any(axis=1) | book.entity_amounts.any(axis=0)):
        _account(page, int(place))
        kind = book.chart.accounts[place].kind
        page.text(FIGURES, press.say("class-" + kind.value.replace("_", "-")), "muted")
        for column, amount in enumerate(table[place].tolist(), start=first):
            if column < last:
                name = f"ledger_{GROUP_LAYERS[column - first]}"
                formula = sumifs(name, "account_key", page.row)
            else:
                formula = across(page.row, first, last - 1, press.digits)
            page.amount(column, formula, amount)
        page.row += 1
    rows = range(start, page.row)
    _total_row(page, press.say("sum"), rows, table.sum(axis=0).tolist(), "total", first)
    nil = Place("0", 0)
    found = page.place(page.row - 1, last, total(book.consolidated))
    press.ties.append(Tie("tie-trial-balance", nil, found))
    return page


def _account(page: Page, place: int) -> None:
    """Write the key, code and name of an account."""
    account = page.press.book.chart.accounts[place]
    page.sheet.write_number(page.row, KEYS, place + 1)
    page.text(CODE, account.code, "muted")
    page.text(NAME, account.name)


def _total_row(
    page: Page,
    label: str,
    rows: Sequence[int],
    amounts: Sequence[int],
    look: str = "subtotal",
    first: int = FIGURES,
) -> None:
    """Add up rows, to the cent."""
    page.text(CODE, label, look)
    page.fill(range(NAME, first), look)
    for column, amount in enumerate(amounts, start=first):
        formula = f"ROUND({added(rows, column)},{page.press.digits})"
        page.amount(column, formula, amount, look)
    page.row += 1
