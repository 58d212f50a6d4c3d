"""A figure's origins on one page of the terminal, and whole as JSON."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.entities import percent
from monthclose.ledger.lineage import Node
from monthclose.ledger.money import Money, plain, rounded, write_amount
from monthclose.ledger.rates import Quote
from monthclose.reports.rates_used import OTHER, cause_of
from monthclose.wording import catalogue, say

PAGE = 44
"""Lines of a page: what a terminal shows at once."""

_AMOUNTS = ("booked", "whole")
"""Facts that are amounts, in minor units of the company's currency."""

SHORT = 12
"""Digits of a SHA-256 that a page shows; JSON has all of them."""


def describe(node: Node, lang: str) -> str:
    """Say what a node is, in *lang*."""
    facts = node.facts
    match node.kind:
        case "figure":
            return say(f"lineage.{facts['name']}", lang)
        case "metric":
            return say(f"metrics.{facts['name'].removeprefix('mrr_')}", lang)
        case "change":
            return say(f"changes.{facts['name']}", lang)
        case "layer":
            return say(f"reports.layer-{facts['layer']}", lang)
        case "entry":
            return _entry(node, lang)
        case "line":
            return facts["entity"] or say("lineage.group", lang)
        case "part":
            return _rate(facts["quote"], lang)
        case "record":
            return _label(facts["label"], lang)
        case "cta_part":
            return say(
                "lineage.cta_part",
                lang,
                label=_label(facts["label"], lang),
                was=_was(facts["label"], facts["quote"], lang),
                now=_value(facts["closing"], lang),
            )
        case "row":
            return _row(node, lang)
    said = dict(facts)
    if "booked" in said:
        said["booked"] = Money(said["booked"], said["functional"])
    key = f"{node.kind}_with" if facts.get("partner") else node.kind
    return say(f"lineage.{key}", lang, **said)


def _entry(node: Node, lang: str) -> str:
    """The reason of an entry, where the catalogue has one, and what it rests on."""
    facts = node.facts
    reason = facts["reason"]
    if reason in catalogue(lang):
        reason = say(reason, lang, entity=facts["entity"], reference=facts["reference"])
    rests = f" [{facts['standard']}]" if facts["standard"] else ""
    about = f" ({facts['reference']})" if facts["reference"] else ""
    note = f" {facts['note']}" if facts.get("note") else ""
    return f"{facts['entry']}{about}: {reason}{note}{rests}"


def _row(node: Node, lang: str) -> str:
    """A row of a document, with the share of it that came here when it was split."""
    facts = node.facts
    where = facts["document"] or say("lineage.no-document", lang)
    if facts.get("answers"):
        where = _read_from(facts, lang)
    elif facts["row"]:
        place = {"row": facts["row"], "column": facts["column"]}
        where = f"{where}, {say('lineage.place', lang, **place)}"
    if facts["sha256"]:
        where = f"{where}, SHA-256 {facts['sha256'][:SHORT]}…"
    share = facts.get("share", Fraction(1))
    if share != 1:
        whole = Money(facts["whole"], node.currency)
        split = say("lineage.split", lang, percent=percent(share), whole=whole)
        return f"{facts['own']} ({split}): {where}"
    return f"{facts['own']}: {where}"


def _read_from(facts: Mapping[str, Any], lang: str) -> str:
    """The system a balance was read from, and how many answers its hash lists; or the file."""
    count = facts["answers"]
    source = facts["document"].partition(" ")[0]
    said = say(f"lineage.read-{facts['basis']}", lang, source=source, count=count)
    return f"{said} {say('lineage.read-papers', lang)}" if facts["papers"] else said


def _rate(quote: Quote | None, lang: str) -> str:
    """A rate as published: which way round, of what day, by whom."""
    if quote is None:
        return say("lineage.no-rate", lang)
    return say(
        "lineage.rate",
        lang,
        value=_value(quote, lang),
        pair=f"{quote.quote}/{quote.base}",
        kind=say(f"words.{quote.kind}", lang),
        when=quote.on or quote.name or "–",
        origin=quote.origin(lang),
    )


def _value(quote: Quote | None, lang: str) -> str:
    """The value of a rate as *lang* writes it, with all the digits it was published with."""
    value = quote.value if quote else "1"
    return value.replace(".", ",") if lang == "pt-BR" else value


def _was(label: str, quote: Quote | None, lang: str) -> str:
    """What a cause of a CTA was translated at; capital that left has no published rate."""
    average = label.startswith("capital_reduction")
    return say("lineage.own-average", lang) if average else _value(quote, lang)


def _label(label: str, lang: str) -> str:
    """What the proof of a CTA calls a cause, in *lang*."""
    rest = label.partition(" ")[2]
    if cause_of(label) == OTHER:
        return label or say("lineage.record", lang)
    return f"{say(f'reports.cause-{cause_of(label)}', lang)} {rest}".strip()


def written(amount: Fraction, currency: str, lang: str) -> str:
    """An amount to read: whole minor units as such, finer ones to four more digits."""
    digits = minor_digits(currency)
    if amount.denominator == 1:
        return f"{currency} {write_amount(amount.numerator, digits, lang)}"
    return f"{currency} {write_amount(rounded(amount * 10**4), digits + 4, lang)}"


_LEAST = 3
"""Lines that are worth opening another node for: a part, and how many more there are."""


def page(root: Node, lang: str, lines: int | None = PAGE) -> Table:
    """
    A tree as lines under each other, level by level as far as a page goes.

    Args:
        root: The figure.
        lang: Of the sentences.
        lines: How many there may be; None: all.
    """
    opened = _opened(root, lines)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("", overflow="fold")
    table.add_column("", justify="right", no_wrap=True)

    def add(node: Node, depth: int, where: str = "") -> None:
        text = Text(where + describe(node, lang), style="" if depth else "bold")
        below = _below(node)
        if below and id(node) not in opened:
            count = sum(1 for _ in node.walk()) - 1 + (1 if node.booked else 0)
            text.append(f"  {say('lineage.more', lang, count=count)}", style="dim")
        amount = Text(written(node.amount, node.currency, lang), style=text.style)
        table.add_row(Padding(text, (0, 0, 0, 2 * depth)), amount)
        if id(node) in opened:
            children = opened[id(node)]
            for child in children:
                in_books = f"{say('lineage.in-books', lang)} " if child is node.booked else ""
                add(child, depth + 1, in_books)
            if hidden := len(below) - len(children):
                rest = Text(say("lineage.others", lang, count=hidden), style="dim")
                table.add_row(Padding(rest, (0, 0, 0, 2 * depth + 2)), "")

    add(root, 0)
    return table


def _below(node: Node) -> list[Node]:
    """What stands under a node: what it comes from, and what the books show."""
    return [*node.children, *([node.booked] if node.booked else [])]


def _opened(root: Node, lines: int | None) -> dict[int, list[Node]]:
    """
    What is shown below each node: whole levels as long as there is room.

    Of the first level that has none, the largest of the largest nodes.
    """
    opened: dict[int, list[Node]] = {}
    shown, level = 1, [root]
    while level:
        below = [child for node in level for child in _below(node)]
        if lines is not None and shown + len(below) > lines:
            break
        opened |= {id(node): _below(node) for node in level}
        shown, level = shown + len(below), below
    room = (lines or 0) - shown
    for node in sorted(level, key=_size):
        children = _below(node)
        if len(children) > room:
            children = sorted(children, key=_size)[: room - 1]  # one line says how many more
        if not children:
            continue
        opened[id(node)] = children
        room -= min(len(_below(node)), len(children) + 1)
        if room < _LEAST:
            break
    return opened


def _size(node: Node) -> Fraction:
    """Larger amounts come first."""
    return -abs(node.amount)


def payload(node: Node, lang: str) -> dict[str, Any]:
    """A tree as JSON: every amount exact, as text."""
    functional = str(node.facts.get("functional", node.currency))
    made: dict[str, Any] = {
        "kind": node.kind,
        "said": describe(node, lang),
        "amount": exact(node.amount, node.currency),
        "currency": node.currency,
        "facts": {
            name: exact(Fraction(value), functional) if name in _AMOUNTS else _fact(value)
            for name, value in node.facts.items()
        },
    }
    if node.factor != 1:
        made["factor"] = str(node.factor)
    if node.children:
        made["children"] = [payload(child, lang) for child in node.children]
    if node.booked:
        made["booked"] = payload(node.booked, lang)
    return made


def exact(amount: Fraction, currency: str) -> str:
    """`-12.34`, or what is finer than the minor unit as a fraction: `-190019/1000000`."""
    digits = minor_digits(currency)
    if amount.denominator == 1:
        return plain(amount.numerator, digits)
    return str(amount / 10**digits)


def _fact(value: Any) -> Any:
    """A fact as JSON; a rate as it was published."""
    if isinstance(value, Quote):
        return {
            "base": value.base,
            "quote": value.quote,
            "value": value.value,
            "kind": value.kind.value,
            "on": value.on,
            "source": value.source,
            "over": value.over,
            "days": value.days,
        }
    return value if value is None or isinstance(value, (int, str)) else str(value)
