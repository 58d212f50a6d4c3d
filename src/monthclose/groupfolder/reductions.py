"""Capital given back: from checked lines to nouns, one line a recipient."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from monthclose.groupfolder.columns import Known, Sheet
from monthclose.groupfolder.numbers import write_amount
from monthclose.groupfolder.purchases import nothing_in
from monthclose.ledger.accounts import CONTRIBUTED, Chart
from monthclose.ledger.acquisitions import Received
from monthclose.ledger.group import Group
from monthclose.ledger.reductions import CapitalReduction


def is_reduction(
    sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None, known: Known
) -> bool:
    """Check one recipient's line of a reduction of capital."""
    account, holder, currencies = row["account"], row["holder"], known.entities or {}
    nothing_in(sheet, line, row, "income_account")
    if account is None:
        sheet.report(line, "account", "value-needed", why=row["kind"])
    elif chart is not None and account in chart and chart.kind(account) not in CONTRIBUTED:
        wanted = sorted(kind.value for kind in CONTRIBUTED)
        sheet.report(line, "account", "account-class", text=account, wanted=wanted)
    if holder is None:
        nothing_in(sheet, line, row, "received")
    elif holder == row["entity"]:
        sheet.report(line, "holder", "owns-itself", text=holder)
    elif currencies.get(holder) == currencies.get(row["entity"]):
        if row["received"] not in (None, row["amount"]):
            sheet.report(line, "received", "reduction-received")
    elif row["received"] is None:
        sheet.report(line, "received", "value-needed", why=currencies.get(holder, ""))
    return line not in sheet.bad


def with_part(
    before: CapitalReduction | None, row: Mapping[str, Any], known: Known
) -> CapitalReduction:
    """Add one recipient's part: a group company's, or (without holder) the others'."""
    given = before or CapitalReduction(
        row["entity"], row["account"], 0, row["date"], reference=row["reference"] or ""
    )
    received, currencies = given.received, known.entities or {}
    if row["holder"] is not None:
        amount = row["amount"] if row["received"] is None else row["received"]
        same = currencies.get(row["holder"]) == currencies.get(row["entity"])
        part = Received(row["holder"], amount, None, "", None if same else row["amount"])
        received = (*received, part)
    return replace(given, amount=given.amount + row["amount"], received=received)


def reduction_rows(group: Group, currencies: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Reductions as lines of the events table: one a recipient, those outside the group last."""
    for given in group.reductions:
        currency = currencies[given.entity]
        common = {
            "date": given.on,
            "kind": "capital_reduction",
            "entity": given.entity,
            "account": given.account,
            "reference": given.reference,
        }
        for part, paid in given.paid:
            own = currencies[part.holder]
            yield common | {
                "amount": write_amount(paid, currency),
                "holder": part.holder,
                "received": write_amount(part.amount, own),
            }
        if given.outside or not given.received:
            yield common | {"amount": write_amount(given.outside, currency)}
