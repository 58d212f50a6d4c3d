"""Entries beside the books: from checked lines to nouns, one a month, company and number."""

from collections.abc import Mapping
from typing import Any

from monthclose.groupfolder.columns import Sheet
from monthclose.ledger.accounts import Chart
from monthclose.ledger.adjustments import Adjustment, Topic, movable
from monthclose.ledger.journal import LayerName
from monthclose.ledger.money import Money

type _Key = tuple[str, str, str]
"""Month, number and company of an entry."""

_SHARED = ("layer", "topic", "reason")
"""What every line of an entry says alike."""


def read_adjustments(
    sheet: Sheet, chart: Chart | None, associates: frozenset[str]
) -> tuple[Adjustment, ...]:
    """
    Read the entries that the close makes beside what the companies booked.

    Args:
        sheet: The table.
        chart: The standard chart; None: unreadable, classes are not checked.
        associates: Companies whose accounts are not in the figures.
    """
    entries: dict[_Key, list[int]] = {}
    for line, row in sheet.rows():
        entries.setdefault(_key(row), []).append(line)
        _check_line(sheet, line, row, chart, associates)
    for lines in entries.values():
        _check_alike(sheet, lines)
    doubtful = {_key(sheet.row(line)) for line in sheet.bad}
    found = []
    for key, lines in entries.items():
        rows = [sheet.row(line) for line in lines]
        if key in doubtful:
            continue
        if out_by := sum(row["amount"] for row in rows):
            currency = (sheet.known.entities or {}).get(key[2], "")
            size = Money(abs(out_by), currency)
            sheet.report(lines[0], "amount", "entry-out-by", entry=key[1], size=size)
            continue
        first = rows[0]
        found.append(
            Adjustment(
                id=first["entry"],
                period=first["period"],
                layer=LayerName(first["layer"]),
                entity=first["entity"],
                lines={row["account"]: row["amount"] for row in rows},
                reason=first["reason"],
                topic=Topic(first["topic"] or Topic.OTHER),
            )
        )
    return tuple(found)


def _key(row: Mapping[str, Any]) -> _Key:
    return row["period"], row["entry"], row["entity"]


def _check_line(
    sheet: Sheet,
    line: int,
    row: Mapping[str, Any],
    chart: Chart | None,
    associates: frozenset[str],
) -> None:
    """A line moves an account of a class that its layer may move, of a consolidated company."""
    account, layer = row["account"], row["layer"]
    if row["entity"] in associates:
        sheet.report(line, "entity", "entry-of-associate", text=row["entity"])
    if chart is not None and account in chart:
        wanted = movable(LayerName(layer), Topic(row["topic"] or Topic.OTHER))
        if chart.kind(account) not in wanted:
            names = sorted(each.value for each in wanted)
            sheet.report(line, "account", "account-class", text=account, wanted=names)
    if row["topic"] is not None and layer != LayerName.GAAP:
        sheet.report(line, "topic", "value-unexpected", why=layer)


def _check_alike(sheet: Sheet, lines: list[int]) -> None:
    """What is said of an entry is said alike in each of its lines."""
    for line in lines[1:]:
        for name in _SHARED:
            if sheet.values[name][line] != sheet.values[name][lines[0]]:
                first = sheet.table.rows[lines[0]]
                sheet.report(line, name, "entry-differs", first=first)
