"""Checks of what leaves with a company that is sold: the companies it holds."""

from collections.abc import Mapping
from datetime import timedelta

from monthclose.groupfolder.columns import Sheet
from monthclose.ledger.changes import ChangeKind, OwnershipChange, held_through
from monthclose.ledger.entities import Entity, Interest, Method, interests_on


def check_below(
    sheet: Sheet,
    found: Mapping[int, OwnershipChange],
    interests: tuple[Interest, ...],
    entities: tuple[Entity, ...],
) -> None:
    """
    What a company sold holds leaves with it: nobody who stays holds a part, and none is sold later.

    Source:
        IFRS 10.25, 10.B98(a).
    """
    equity = {each.code for each in entities if each.method is Method.EQUITY}
    sales = {line: each for line, each in found.items() if each.kind is ChangeKind.DISPOSAL}
    for line, sale in sales.items():
        own = {each.entity for each in sales.values() if each.on <= sale.on}
        before = interests_on(interests, sale.on - timedelta(days=1))
        below = held_through(sale.entity, [e for e in before if e.investee not in equity | own])
        left = own | below
        for each in interests_on(interests, sale.on) if below else ():
            if each.investee in below and each.holder not in left and line not in sheet.bad:
                facts = {"text": sale.entity, "other": each.investee, "holder": each.holder}
                sheet.report(line, "entity", "change-below", **facts)
        first = sheet.table.rows[line]
        for other, change in found.items():
            if other == line or other in sheet.bad or change.on < sale.on:
                continue
            if change.entity in below:
                sheet.report(other, "entity", "change-after-sale", text=change.entity, first=first)
            elif change.holder == sale.entity and change.on > sale.on:
                sheet.report(other, "holder", "change-after-sale", text=sale.entity, first=first)
