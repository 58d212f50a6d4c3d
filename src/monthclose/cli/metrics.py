"""The command that shows SaaS metrics: the group's, a company's, all of them as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monthclose.cli.call import OK, Call
from monthclose.ledger.book import Book
from monthclose.ledger.entities import UnknownEntity
from monthclose.ledger.subscriptions import Measured
from monthclose.reports.metric_rows import metric_rows, scope_name
from monthclose.wording import say

BESIDE = ("closing", "arr", "customers-closing", "nrr", "grr", "logo_churn", "arpa")
"""Metrics of each company that are shown beside the group's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    The metrics that somebody asked for.

    Attributes:
        label: Month, or one of its versions.
        entity: Company; empty: the group, with the main figures of each.
        folder: Where the group lies; None: in the database.
    """

    label: str
    entity: str
    folder: Path | None


def run_metrics(how: Call, wanted: Wanted, user: str, portfolio: str) -> int:
    """Show the metrics of a month, of a folder or of a stored version."""
    entity = wanted.entity
    from monthclose.wiring.metrics import metrics_of_folder, metrics_of_version

    if wanted.folder is not None:
        found = metrics_of_folder(wanted.folder, wanted.label)
    else:
        # A folder needs no database, and to load what one needs takes longer than the answer.
        from monthclose.wiring.build import open_desk

        with open_desk(how.settings(), user, portfolio) as desk:
            found = metrics_of_version(desk, wanted.label)
    book, chosen = found.book, found.measured
    if entity:
        chosen = tuple(each for each in found.measured if each.facts.entity == entity)
        if not chosen:
            raise UnknownEntity(entity, book.group.code)
    show_metrics(how, book, found.label, chosen)
    how.answer(
        {
            "group": book.group.code,
            "label": found.label,
            "currency": book.presentation,
            "sha256": book.digest,
            "metrics": metrics_payload(chosen, book, how.lang),
        }
    )
    return OK


def show_metrics(how: Call, book: Book, label: str, measured: Sequence[Measured]) -> None:
    """The first of them whole, with the reasons; of every other one the main figures."""
    screen, lang = how.out, how.lang
    if not measured:
        screen.say("metrics-none", group=book.group.name, label=label)
        return
    first, currency = measured[0], book.presentation
    screen.say("metrics", "bold", group=book.group.name, label=label, currency=currency)
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column(scope_name(first, lang), justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    heading = ""
    for row in metric_rows(first):
        if row.group != heading:
            heading = row.group
            table.add_row(Text(say(f"metrics.group-{heading}", lang), style="bold"))
        said = Text(row.said(lang), style="dim")
        # Indented by its place, not by spaces: a long name goes on under where it began.
        name = Padding(say(f"metrics.{row.key}", lang), (0, 0, 0, 2), expand=False)
        table.add_row(name, row.shown(currency, lang), said)
    screen.console.print(table)
    if len(measured) > 1:
        screen.console.print(_beside(measured[1:], currency, lang))


def _beside(measured: Sequence[Measured], currency: str, lang: str) -> Table:
    """The main figures of each company."""
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    rows = [{row.key: row for row in metric_rows(each)} for each in measured]
    for key in BESIDE:
        table.add_column(say(f"metrics.short-{key}", lang), justify="right")
    for each, by_key in zip(measured, rows, strict=True):
        table.add_row(
            scope_name(each, lang), *(by_key[key].shown(currency, lang) for key in BESIDE)
        )
    return table


def metrics_payload(measured: Sequence[Measured], book: Book, lang: str) -> list[dict[str, Any]]:
    """Every metric as text, with its reasons: amounts exact, ratios as they are stored."""
    return [
        {
            "entity": each.facts.entity,
            **{
                row.key: {
                    "form": row.form.value,
                    "figure": row.stored(book.presentation),
                    **({"said": row.said(lang)} if row.why else {}),
                }
                for row in metric_rows(each)
            },
        }
        for each in measured
    ]
