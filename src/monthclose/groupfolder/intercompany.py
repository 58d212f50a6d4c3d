"""What group companies have with each other, month by month: from checked lines to nouns."""

from collections.abc import Mapping
from typing import Any

from monthclose.groupfolder.columns import Known, Sheet
from monthclose.ledger.accounts import POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.intercompany import Item, ItemKind

SIDES: Mapping[str, Mapping[AccountClass, ItemKind]] = {
    "AR": dict.fromkeys(POSITION, ItemKind.RECEIVABLE),
    "AP": dict.fromkeys(POSITION, ItemKind.PAYABLE),
    "REV": dict.fromkeys(RESULT, ItemKind.REVENUE),
    "EXP": dict.fromkeys(RESULT, ItemKind.EXPENSE),
    "LOAN": {
        AccountClass.ASSET: ItemKind.LOAN_RECEIVABLE,
        AccountClass.LIABILITY: ItemKind.LOAN_PAYABLE,
    },
    "INTEREST": {
        AccountClass.INCOME: ItemKind.INTEREST_INCOME,
        AccountClass.EXPENSE: ItemKind.INTEREST_EXPENSE,
    },
    "DIVIDEND": {
        AccountClass.ASSET: ItemKind.DIVIDEND_RECEIVABLE,
        AccountClass.LIABILITY: ItemKind.DIVIDEND_PAYABLE,
    },
}
"""The side that a kind means, by the class of its account."""


def read_items(sheet: Sheet, period: str, chart: Chart | None, known: Known) -> tuple[Item, ...]:
    """
    Read a month's items.

    Args:
        sheet: The table.
        period: Its month.
        chart: The standard chart; None: unreadable, kinds are not checked.
        known: Currencies of the companies.
    """
    found = []
    for line, row in sheet.rows():
        if row["partner"] == row["entity"]:
            sheet.report(line, "partner", "partner-itself", text=row["partner"])
            continue
        kind = _kind(sheet, line, row, chart)
        if kind is None:
            continue
        stated, currency = row["document_amount"], row["document_currency"] or ""
        if (stated or 0) * row["amount"] < 0:
            sheet.report(line, "document_amount", "document-sign")
            continue
        own = (known.entities or {}).get(row["entity"], "")
        if stated is not None:
            currency = currency or own
        elif currency == own:
            stated = row["amount"]  # of a document in its own currency, books say the same
        named = (row["entity"], row["partner"], row["account"], row["reference"] or "")
        found.append(
            Item(
                id="/".join((period, *named)),
                entity=row["entity"],
                partner=row["partner"],
                kind=kind,
                account=row["account"],
                amount=row["amount"],
                reference=row["reference"] or "",
                document_currency=currency,
                document_amount=stated,
                together=row["together"] or "",
                period=period,
            )
        )
    return tuple(found)


def _kind(sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None) -> ItemKind | None:
    """The side a line is of, by its kind and the class of its account."""
    sides, account = SIDES[row["kind"]], row["account"]
    if chart is None or account not in chart:
        return None
    kind = sides.get(chart.kind(account))
    if kind is None:
        wanted = sorted(each.value for each in sides)
        sheet.report(line, "account", "account-class", text=account, wanted=wanted)
    return kind


def kind_of(item: Item) -> str:
    """The word for an item's kind in its table."""
    words = (word for word, sides in SIDES.items() if item.kind in sides.values())
    return next(words)
