"""Two versions of a month on a page of the terminal, and whole as JSON."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from monthclose.analysis.changes import Change
from monthclose.analysis.differences import Moved
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import plain, write_amount
from monthclose.wiring.lookback import Compared
from monthclose.wording import say

SHOWN = 15
"""Lines of each table that a page shows."""


def cause_named(cause: str, lang: str) -> str:
    """A cause, or several that could only be exchanged together, in *lang*."""
    return " + ".join(say(f"lineage.cause-{each}", lang) for each in cause.split("+"))


def headline_table(compared: Compared, lang: str) -> Table:
    """Headline figures: as they were, as they are, and what each cause moved."""
    table = _table("compared-headlines", compared, lang)
    for each in compared.difference.headlines:
        table.add_row(say(f"lineage.{each.account}", lang), *_amounts(each, compared, lang))
    return table


def moved_table(compared: Compared, lang: str, most: int | None) -> Table:
    """Figures by account and company, the largest differences first."""
    table = _table("compared-moved", compared, lang)
    charts = (compared.now.inputs.group.chart, compared.was.inputs.group.chart)
    moved = sorted(compared.difference.moved, key=lambda m: (-_size(m), m.account, m.entity))
    for each in moved[:most]:
        name = next(chart[each.account].name for chart in charts if each.account in chart)
        entity = each.entity or say("lineage.group", lang)
        table.add_row(f"{each.account} {name}, {entity}", *_amounts(each, compared, lang))
    _more(table, len(moved), most, lang)
    return table


def changes_table(compared: Compared, lang: str, most: int | None) -> Table:
    """The records that changed: what they said, what they say, where it stands."""
    table = Table(
        title=Text(say("cli.compared-changes", lang)),
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for key in ("cause", "what", "was", "now", "where"):
        table.add_column(say(f"lineage.{key}", lang), overflow="fold")
    changes = compared.difference.changes
    for each in changes[:most]:
        table.add_row(
            say(f"lineage.cause-{each.cause}", lang),
            f"{kind_named(each.kind, lang)}: {each.named(lang)}".removesuffix(": "),
            *(text or "–" for text in each.said(lang)),
            each.where,
        )
    _more(table, len(changes), most, lang)
    return table


def kind_named(kind: str, lang: str) -> str:
    """What a record is, in *lang*."""
    return say(f"lineage.records-{kind}", lang)


def compared_payload(compared: Compared, lang: str) -> dict[str, Any]:
    """The whole difference as JSON: amounts as text, debit positive."""
    group = compared.now.inputs.group
    digits = minor_digits(group.presentation)

    def figure(each: Moved) -> dict[str, Any]:
        return {
            "account": each.account,
            "entity": each.entity,
            "was": plain(each.was, digits),
            "now": plain(each.now, digits),
            "difference": plain(each.now - each.was, digits),
            "causes": {cause: plain(amount, digits) for cause, amount in each.causes.items()},
        }

    return {
        "group": group.code,
        "currency": group.presentation,
        "was": {"label": compared.was.label, "sha256": compared.was.result_hash},
        "now": {"label": compared.now.label, "sha256": compared.now.result_hash},
        "causes": list(compared.difference.causes),
        "headlines": [figure(each) for each in compared.difference.headlines],
        "moved": [figure(each) for each in compared.difference.moved],
        "changes": [_change(each, lang) for each in compared.difference.changes],
    }


def _change(each: Change, lang: str) -> dict[str, str]:
    was, now = each.said(lang)
    return {
        "cause": each.cause,
        "kind": each.kind,
        "subject": f"{each.subject} {each.field}".strip(),
        "named": each.named(lang),
        "was": was,
        "now": now,
        "where": each.where,
    }


def _table(title: str, compared: Compared, lang: str) -> Table:
    """A table of figures with a column a cause."""
    currency = compared.now.inputs.group.presentation
    table = Table(
        title=Text(say(f"cli.{title}", lang, currency=currency)),
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("", overflow="fold")
    heads = [compared.was.label, compared.now.label, say("lineage.difference", lang)]
    heads += [cause_named(cause, lang) for cause in compared.difference.causes]
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    return table


def _amounts(each: Moved, compared: Compared, lang: str) -> Iterable[str]:
    """The cells of one figure: a cause that moved nothing has a dash."""
    digits = minor_digits(compared.now.inputs.group.presentation)
    amounts = [each.was, each.now, each.now - each.was]
    amounts += [each.causes.get(cause, 0) for cause in compared.difference.causes]
    return [write_amount(amount, digits, lang) if amount else "–" for amount in amounts]


def _size(each: Moved) -> int:
    """How much moved, to and fro."""
    return max([abs(each.now - each.was), *map(abs, each.causes.values())])


def _more(table: Table, count: int, most: int | None, lang: str) -> None:
    """Say how many lines there are beyond those shown."""
    if most is not None and count > most:
        table.add_row(Text(say("lineage.more", lang, count=count - most), style="dim"))
