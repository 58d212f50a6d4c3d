"""Sales of shares of associates, as changes of ownership state them: their mistakes."""

from collections.abc import Iterable, Mapping
from typing import Any

from monthclose.groupfolder.columns import Sheet
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.entities import Method
from monthclose.ledger.periods import Period


def check_sale_cells(sheet: Sheet, line: int, row: Mapping[str, Any], kind: ChangeKind) -> None:
    """What is earned in a month is shared at one share; no other change reclassifies."""
    if kind is not ChangeKind.ASSOCIATE_SALE:
        if row["reclassified"]:
            sheet.report(line, "reclassified", "value-unexpected", why=kind.value)
        return
    if row["net_assets"] is not None:
        sheet.report(line, "net_assets", "value-unexpected", why=kind.value)
    month = Period.of(row["date"])
    if row["date"] not in (month.first_day, month.last_day):
        sheet.report(line, "date", "sale-within-month", text=str(row["date"]))


def check_associate_sold(
    sheet: Sheet, line: int, row: Mapping[str, Any], methods: Mapping[str, Method]
) -> None:
    """Shares of an associate are sold as such; so are those of what was kept of a subsidiary."""
    code = row["entity"]
    method = methods.get(code)
    if method is not None and method is not Method.EQUITY and code not in sheet.known.kept:
        sheet.report(line, "entity", "associate-consolidated", text=code)


def as_associates(
    change: OwnershipChange, acquisitions: Iterable[Acquisition]
) -> list[Acquisition]:
    """Purchases of what a change sells: of an associate those of its kind, else the others."""
    of_associate = change.kind is ChangeKind.ASSOCIATE_SALE
    return [
        each for each in acquisitions if not of_associate or each.kind is AcquisitionKind.ASSOCIATE
    ]


def check_control_gone(sheet: Sheet, found: Mapping[int, OwnershipChange]) -> None:
    """Of a subsidiary shares of an associate are sold once control is gone, by another row."""
    kept: dict[str, tuple[int, OwnershipChange]] = {}
    for line, change in found.items():
        if change.retained_cost is not None:
            kept.setdefault(change.entity, (line, change))
    for line, change in found.items():
        if change.kind is ChangeKind.ASSOCIATE_SALE and change.entity in kept:
            lost, before = kept[change.entity]
            if change.on <= before.on and line not in sheet.bad:
                row = sheet.table.rows[lost]
                sheet.report(line, "date", "sale-before-associate", text=change.entity, lost=row)
