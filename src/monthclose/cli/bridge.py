"""`bridge`: from the figures of a book to those of the other framework, on a page and as JSON."""

from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from monthclose.cli.call import OK, Call
from monthclose.cli.render import shown
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.journal import LayerName
from monthclose.ledger.money import plain
from monthclose.ledger.reconciliation import Effect, FrameworkFigures, ReconciledItem
from monthclose.wiring.reconciled import Reconciled, reconcile_folder, reconcile_stored
from monthclose.wording import say

COLUMNS = ("opening", "profit", "tax", "net_income", "oci", "cta", "capital", "changed", "closing")
"""What a page shows of an effect, in order."""

SELDOM = ("oci", "capital", "changed")
"""Columns that a page leaves out while nothing stands in them."""


def run_bridge(how: Call, label: str, folder: Path | None, user: str, portfolio: str) -> int:
    """Lead a month's figures to those of the other framework."""
    if folder is not None:
        found = reconcile_folder(folder, label)
    else:
        # A folder needs no database, and to load what one needs takes longer than the answer.
        from monthclose.wiring.build import open_desk

        with open_desk(how.settings(), user, portfolio) as desk:
            found = reconcile_stored(desk, label)
    bridge, screen = found.bridge, how.out
    said = {"start": bridge.start.framework, "target": bridge.target}
    screen.say("bridge", "bold", group=found.book.group.name, label=found.label, **said)
    screen.console.print(_effects(found, how.lang, by_company=how.verbose))
    screen.console.print(_owners(found, how.lang))
    if not bridge.items:
        screen.say("bridge-nothing", "yellow", **said)
    if how.verbose:
        _entries(how, found)
    how.answer(_payload(found, how.lang))
    return OK


def _effects(found: Reconciled, lang: str, *, by_company: bool) -> Table:
    """One row a topic, from the figures of the one framework to those of the other."""
    bridge, currency = found.bridge, found.book.presentation
    effects = [each.whole for each in bridge.items] + [each.outside for each in bridge.items]
    columns = [c for c in COLUMNS if c not in SELDOM or any(getattr(e, c) for e in effects)]
    table = _table("bridge-effects", currency, lang, columns)

    def row(name: str, effect: Effect, style: str = "") -> None:
        amounts = [shown(getattr(effect, column), currency, lang) for column in columns]
        table.add_row(Text(name, style=style), *(Text(each, style=style) for each in amounts))

    def stated(each: FrameworkFigures) -> None:
        known = {"net_income": each.net_income, "closing": each.equity}
        cells = [shown(known[c], currency, lang) if c in known else "" for c in columns]
        table.add_row(*(Text(cell, style="bold") for cell in (each.framework, *cells)))

    stated(bridge.start)
    for topic in bridge.topics:
        row(say(f"words.topic-{topic}", lang), bridge.of_topic(topic)[0])
        for each in bridge.items if by_company else ():
            if each.topic is topic:
                row(f"  {each.entity}", each.whole, "dim")
    stated(bridge.end)
    return table


def _owners(found: Reconciled, lang: str) -> Table:
    """Both ends and what lies between, by owners and outsiders."""
    bridge, currency = found.bridge, found.book.presentation
    whole, outside = bridge.whole, bridge.outside
    owners = whole.plus(outside, -1)
    start, end = bridge.start, bridge.end
    heads = [start.framework, say("cli.bridge-between", lang), end.framework]
    table = _table("bridge-owners", currency, lang, (), heads)
    rows = (
        ("net_income_parent", start.net_income_parent, owners.net_income, end.net_income_parent),
        (
            "net_income_nci",
            start.net_income - start.net_income_parent,
            outside.net_income,
            end.net_income - end.net_income_parent,
        ),
        (
            "equity_attributable_to_parent",
            start.equity_parent,
            owners.closing,
            end.equity_parent,
        ),
        (
            "non_controlling_interests",
            start.equity - start.equity_parent,
            outside.closing,
            end.equity - end.equity_parent,
        ),
    )
    for name, *amounts in rows:
        table.add_row(
            say(f"lineage.{name}", lang), *(shown(each, currency, lang) for each in amounts)
        )
    return table


def _table(title: str, currency: str, lang: str, columns: Any = (), heads: Any = ()) -> Table:
    """A table of amounts with a name in front."""
    table = Table(
        title=Text(say(f"cli.{title}", lang, currency=currency)),
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("", overflow="fold")
    for head in (*(say(f"cli.bridge-{column}", lang) for column in columns), *heads):
        table.add_column(head, justify="right")
    return table


def _entries(how: Call, found: Reconciled) -> None:
    """Every entry that the reconciliation is made of, and why it was made."""
    for item in found.bridge.items:
        for each in _of(found, item):
            how.out.say(
                "bridge-entry",
                "dim",
                entity=each.entity,
                entry=each.id,
                month=each.period,
                topic=say(f"words.topic-{each.topic}", how.lang),
                reason=each.reason,
            )


def _of(found: Reconciled, item: ReconciledItem) -> list[Adjustment]:
    """The entries of an item."""
    entries = found.book.group.adjustments_of.get((item.entity, LayerName.GAAP), ())
    return [each for each in entries if each.topic is item.topic and each.name in item.entries]


def _payload(found: Reconciled, lang: str) -> dict[str, Any]:
    """The whole reconciliation: amounts as text, an increase of equity positive."""
    book, bridge = found.book, found.bridge
    digits = minor_digits(book.presentation)

    def stated(each: FrameworkFigures) -> dict[str, str]:
        names = ("net_income", "net_income_parent", "equity", "equity_parent")
        amounts = {name: plain(getattr(each, name), digits) for name in names}
        return {"framework": each.framework, **amounts}

    def effect(each: Effect) -> dict[str, str]:
        return {name: plain(getattr(each, name), digits) for name in COLUMNS}

    def parts(whole: Effect, outside: Effect) -> dict[str, Any]:
        owners = whole.plus(outside, -1)
        return {"whole": effect(whole), "owners": effect(owners), "outsiders": effect(outside)}

    def item(each: ReconciledItem) -> dict[str, Any]:
        currency = book.group.currencies[each.entity]
        return {
            "entity": each.entity,
            "topic": each.topic.value,
            **parts(each.whole, each.outside),
            "cta_proof": plain(each.proof, digits),
            "lines": {account: plain(amount, digits) for account, amount in each.lines.items()},
            "entries": [
                {
                    "entry": entry.id,
                    "period": entry.period,
                    "reason": entry.reason,
                    "currency": currency,
                    "lines": {
                        account: plain(amount, minor_digits(currency))
                        for account, amount in entry.lines.items()
                    },
                }
                for entry in _of(found, each)
            ],
        }

    return {
        "group": book.group.code,
        "label": found.label,
        "currency": book.presentation,
        "from": stated(bridge.start),
        "to": stated(bridge.end),
        "total": parts(bridge.whole, bridge.outside),
        "topics": [
            {
                "topic": topic.value,
                "said": say(f"words.topic-{topic}", lang),
                **parts(*bridge.of_topic(topic)),
            }
            for topic in bridge.topics
        ],
        "items": [item(each) for each in bridge.items],
        "sha256": book.digest,
    }
