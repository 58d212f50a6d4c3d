"""What a holder keeps after a loss of control, as a change of ownership states it: its mistakes."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from monthclose.groupfolder.columns import Sheet
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.entities import percent
from monthclose.ledger.money import Money

_COLUMNS = ("retained_fair_value", "retained_cost", "retained_account")


def check_kept_cells(sheet: Sheet, line: int, row: Mapping[str, Any], kind: ChangeKind) -> None:
    """Only with a disposal something is kept; it has a fair value, and an account of its own."""
    if kind is not ChangeKind.DISPOSAL or row["retained_fair_value"] == 0:
        for column in _COLUMNS:
            if row[column] is not None:
                why = kind.value if kind is not ChangeKind.DISPOSAL else "0"
                sheet.report(line, column, "value-unexpected", why=why)
        return
    fair, account = row["retained_fair_value"], row["retained_account"]
    if fair is None:
        for column in _COLUMNS[1:]:
            if row[column] is not None:
                sheet.report(line, "retained_fair_value", "value-needed", why=column)
    elif account is None:
        sheet.report(line, "retained_account", "value-needed", why="retained_fair_value")
    elif row["retained_cost"] is None and account == row["investment_account"]:
        # What stood there is cancelled against the company; a financial asset is not.
        sheet.report(line, "retained_account", "kept-account", text=account)


def check_kept_share(
    sheet: Sheet, line: int, change: OwnershipChange, left: Fraction, kept: Fraction
) -> None:
    """What has a fair value is left to the holder, and the rest of the group has nothing."""
    if not kept:
        sheet.report(line, "retained_fair_value", "kept-nothing", holder=change.holder)
    elif left != kept:
        sheet.report(
            line,
            "retained_fair_value",
            "kept-by-others",
            holder=change.holder,
            kept=percent(kept),
            left=percent(left),
        )


def check_kept(
    sheet: Sheet, line: int, change: OwnershipChange, acquisitions: Iterable[Acquisition]
) -> None:
    """An associate is carried on by an acquisition of the day, with the same amounts."""
    key = (change.holder, change.entity, change.on)
    found = [
        each
        for each in acquisitions
        if each.kind is AcquisitionKind.ASSOCIATE and (each.acquirer, each.target, each.on) == key
    ]
    if change.retained_cost is None:
        if change.retained_fair_value and found:
            sheet.report(line, "retained_cost", "value-needed", why=found[0].id)
        return
    if not found:
        facts = {"entity": change.entity, "on": str(change.on)}
        sheet.report(line, "retained_cost", "kept-unrecorded", **facts)
        return
    bought, currency = found[0], (sheet.known.entities or {}).get(change.holder, "")
    if bought.investment_account != change.retained_account:
        facts = {"text": change.retained_account, "known": bought.investment_account}
        sheet.report(line, "retained_account", "kept-elsewhere", acquisition=bought.id, **facts)
    pairs = [("retained_cost", change.retained_cost, "investment", bought.investment)]
    if bought.consideration_currency == currency:
        given = ("consideration", bought.consideration)
        pairs.append(("retained_fair_value", change.retained_fair_value, *given))
    for column, stated, field, known in pairs:
        if stated != known:
            sheet.report(
                line,
                column,
                "kept-differs",
                acquisition=bought.id,
                field=field,
                known=Money(known, currency),
                size=Money(stated - known, currency),
            )
