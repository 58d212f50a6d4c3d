"""From IFRS to US GAAP: what entries change, topic by topic, for owners and for outsiders."""

from math import ceil

from monthclose.ledger.journal import LayerName
from monthclose.ledger.reconciliation import Effect, FrameworkFigures, Reconciliation
from monthclose.reports.cells import cell
from monthclose.reports.data_sheet import Block, Column, amounts_column
from monthclose.reports.page import CODE, FIGURES, KEYS, NAME, Page, Place, Press, Tie
from monthclose.wording import say

PARTS = ("opening", "profit", "tax", "oci", "cta", "capital", "changed")
"""The parts of an effect that a workbook's governed sheet holds."""

SELDOM = ("capital", "changed")
"""Columns that are left out while nothing stands in them."""

SHOWN = ("opening", "profit", "tax", "net_income", "oci", "cta", "capital", "changed", "closing")
"""Columns of the table, in order; two of them add up others."""

LETTERS_A_LINE = 90


def bridge_blocks(bridge: Reconciliation, digits: int) -> list[Block]:
    """Lay out the effects of each company and topic, whole and outsiders'; and what stands."""
    items = bridge.items
    topics = {topic: number for number, topic in enumerate(bridge.topics, start=1)}
    ends = {
        "net_income": bridge.start.net_income,
        "net_income_parent": bridge.start.net_income_parent,
        "net_income_nci": bridge.start.net_income - bridge.start.net_income_parent,
        "equity": bridge.start.equity,
        "equity_parent": bridge.start.equity_parent,
        "equity_nci": bridge.start.equity - bridge.start.equity_parent,
    }
    return [
        [
            Column("stated_key", list(ends)),
            amounts_column("stated_amount", list(ends.values()), digits),
        ],
        [
            Column("bridge_key", range(1, len(items) + 1)),
            Column("bridge_topic", [topics[each.topic] for each in items]),
            *(
                amounts_column(f"bridge_{part}", [getattr(e.whole, part) for e in items], digits)
                for part in PARTS
            ),
            *(
                amounts_column(
                    f"bridge_outside_{part}", [getattr(e.outside, part) for e in items], digits
                )
                for part in PARTS
            ),
            amounts_column("bridge_net_assets", [e.net_assets for e in items], digits),
        ],
    ]


def print_bridge(press: Press, bridge: Reconciliation) -> Page:
    """Print the reconciliation: it starts at the statements, and what it adds stands."""
    page = Page(press, "gaap-bridge")
    page.columns(CODE, CODE, 11)
    page.columns(NAME, NAME, 46)
    largest = (bridge.start.equity, bridge.end.equity, bridge.start.net_income)
    page.columns(FIGURES, FIGURES + len(SHOWN) - 1, press.width(max(map(abs, largest))))
    start, closing = _topics(page, bridge)
    page.row += 2
    _owners(page, bridge)
    page.row += 2
    _entries(page, bridge)
    net_assets = sum(each.net_assets for each in bridge.items)
    press.ties.append(Tie("tie-bridge-result", press.places["result"], start["net_income"]))
    press.ties.append(Tie("tie-bridge-equity", press.places["total_equity"], start["closing"]))
    press.ties.append(
        Tie("tie-bridge-closing", Place("SUM(bridge_net_assets)", net_assets), closing)
    )
    return page


def _topics(page: Page, bridge: Reconciliation) -> tuple[dict[str, Place], Place]:
    """
    Print a row a topic, with its companies, between the figures of the two frameworks.

    Returns:
        Where the figures it starts from stand, and what all entries leave of equity.
    """
    press = page.press
    figure = {name: FIGURES + place for place, name in enumerate(_columns(bridge))}
    heads = {column: press.say(f"bridge-{name}") for name, column in figure.items()}
    page.heads({CODE: press.say("bridge-topic"), NAME: "", **heads}, figure.values())
    start = _stated(page, bridge.start, figure)
    first = page.row
    for number, topic in enumerate(bridge.topics, start=1):
        page.text(CODE, say(f"words.topic-{topic}", press.lang), "strong")
        _effect(page, "bridge_topic", number, bridge.of_topic(topic)[0], figure, "strong")
        for key, each in enumerate(bridge.items, start=1):
            if each.topic is topic:
                page.text(CODE, each.entity, "part", indent=1)
                page.text(NAME, _company(press, each.entity), "part", indent=1)
                _effect(page, "bridge_key", key, each.whole, figure, "part")
    page.text(CODE, press.say("bridge-sum"), "subtotal")
    page.fill((NAME,), "subtotal")
    sums = {name: f"SUM(bridge_{name})" for name in PARTS}
    places = _row(page, bridge.whole, figure, "subtotal", sums)
    page.text(CODE, bridge.end.framework, "total")
    page.fill(range(NAME, max(figure.values()) + 1), "total")
    for name, minor in (("net_income", bridge.end.net_income), ("closing", bridge.end.equity)):
        column = figure[name]
        formula = f"ROUND({cell(first - 1, column)}+{cell(page.row - 1, column)},{press.digits})"
        page.amount(column, formula, minor, "total")
    page.row += 1
    return start, places["closing"]


def _columns(bridge: Reconciliation) -> list[str]:
    """The columns that have something to say."""
    effects = [effect for each in bridge.items for effect in (each.whole, each.outside)]
    return [name for name in SHOWN if name not in SELDOM or any(getattr(e, name) for e in effects)]


def _stated(page: Page, stated: FrameworkFigures, figure: dict[str, int]) -> dict[str, Place]:
    """Print the consolidated figures that the book shows."""
    page.text(CODE, stated.framework, "total")
    page.fill(range(NAME, max(figure.values()) + 1), "total")
    places = {}
    for name, key, minor in (
        ("net_income", "net_income", stated.net_income),
        ("closing", "equity", stated.equity),
    ):
        formula = f'SUMIFS(stated_amount,stated_key,"{key}")'
        page.amount(figure[name], formula, minor, "total")
        places[name] = page.place(page.row, figure[name], minor)
    page.row += 1
    return places


def _effect(
    page: Page, keys: str, key: int, effect: Effect, figure: dict[str, int], look: str
) -> None:
    """Print what one topic, or one company on it, changes."""
    page.sheet.write_number(page.row, KEYS, key)
    sums = {name: f"SUMIFS(bridge_{name},{keys},$A{page.row + 1})" for name in PARTS}
    _row(page, effect, figure, look, sums)


def _row(
    page: Page, effect: Effect, figure: dict[str, int], look: str, sums: dict[str, str]
) -> dict[str, Place]:
    """Print one row of an effect: parts from the governed sheet, sums of the parts."""
    digits, row = page.press.digits, page.row
    parts = [cell(row, figure[name]) for name in PARTS if name in figure]
    sums = {
        **sums,
        "net_income": f"ROUND({cell(row, figure['profit'])}+{cell(row, figure['tax'])},{digits})",
        "closing": f"ROUND({'+'.join(parts)},{digits})",
    }
    places = {}
    for name, column in figure.items():
        page.amount(column, sums[name], getattr(effect, name), look)
        places[name] = page.place(row, column, getattr(effect, name))
    page.row += 1
    return places


def _owners(page: Page, bridge: Reconciliation) -> None:
    """Print both ends by owners and outsiders; each pair of them is the whole."""
    press, start, end = page.press, bridge.start, bridge.end
    page.text(CODE, press.say("bridge-owners"), "section")
    page.row += 1
    heads = (start.framework, press.say("bridge-sum"), end.framework)
    columns = range(FIGURES, FIGURES + len(heads))
    page.heads({CODE: "", NAME: "", **dict(zip(columns, heads, strict=True))}, columns)
    income, equity = ("profit", "tax"), PARTS
    whole, outside = bridge.whole, bridge.outside
    rows = (
        ("net_income_parent", income, False, start.net_income_parent, end.net_income_parent),
        ("net_income_nci", income, True, start.net_income - start.net_income_parent,
         end.net_income - end.net_income_parent),
        ("equity_parent", equity, False, start.equity_parent, end.equity_parent),
        ("equity_nci", equity, True, start.equity - start.equity_parent,
         end.equity - end.equity_parent),
    )  # fmt: skip
    for key, parts, outsiders, was, now in rows:
        page.text(CODE, press.say(f"bridge-{key}"))
        page.fill((NAME,), "")
        page.amount(FIGURES, f'SUMIFS(stated_amount,stated_key,"{key}")', was)
        theirs = "+".join(f"SUM(bridge_outside_{part})" for part in parts)
        all_of_it = "+".join(f"SUM(bridge_{part})" for part in parts)
        made = theirs if outsiders else f"{all_of_it}-({theirs})"
        effect = outside if outsiders else whole.plus(outside, -1)
        minor = sum(getattr(effect, part) for part in parts)
        page.amount(FIGURES + 1, f"ROUND({made},{press.digits})", minor)
        both = f"{cell(page.row, FIGURES)}+{cell(page.row, FIGURES + 1)}"
        page.amount(FIGURES + 2, f"ROUND({both},{press.digits})", now)
        page.row += 1


def _entries(page: Page, bridge: Reconciliation) -> None:
    """Print the entries that all of it is made of, each with its reason."""
    press, group = page.press, page.press.book.group
    page.text(CODE, press.say("bridge-entries"), "section")
    page.row += 1
    heads = {CODE: "bridge-entry", NAME: "bridge-reason", FIGURES: "company"}
    page.heads({column: press.say(head) for column, head in heads.items()})
    for item in bridge.items:
        for each in group.adjustments_of.get((item.entity, LayerName.GAAP), ()):
            if each.topic is not item.topic or each.name not in item.entries:
                continue
            page.text(CODE, each.id, "muted")
            said = f"{press.day(each.period)}: {each.reason}"
            page.text(NAME, said, "wrap")
            page.tall(ceil(2 * len(said) / LETTERS_A_LINE))
            page.text(FIGURES, each.entity, "muted")
            page.row += 1


def _company(press: Press, code: str) -> str:
    """The full name of a company."""
    return next((e.name for e in press.book.group.entities if e.code == code), code)
