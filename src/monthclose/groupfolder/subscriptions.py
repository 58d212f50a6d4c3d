"""Contracts of customers, from checked lines to columns by company and month, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from monthclose.groupfolder.columns import Sheet
from monthclose.ledger.balances import Source
from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import plain
from monthclose.ledger.subscriptions import ContractMonth


def read_contracts(sheet: Sheet) -> tuple[ContractMonth, ...]:
    """
    Read the table of subscriptions: a hundred thousand lines are usual, taken as columns.

    Args:
        sheet: The table.

    Returns:
        One noun a company and month that has a line.
    """
    lines: dict[tuple[str, str], list[int]] = {}
    companies, months = sheet.values["entity"], sheet.values["period"]
    for line in sheet.lines():
        lines.setdefault((months[line], companies[line]), []).append(line)
    customers, plans, amounts = (sheet.values[name] for name in ("customer", "plan", "mrr"))
    currencies, table = sheet.known.entities or {}, sheet.table
    found = []
    for (month, company), places in lines.items():
        found.append(
            ContractMonth(
                entity=company,
                period=month,
                currency=currencies[company],
                customers=tuple(customers[line] for line in places),
                plans=tuple(plans[line] or "" for line in places),
                mrr=np.array([amounts[line] for line in places], dtype=np.int64),
                source=Source(
                    table.file,
                    table.sha256,
                    np.array([table.rows[line] for line in places], dtype=np.int32),
                ),
            )
        )
    return tuple(found)


def contract_rows(contracts: Iterable[ContractMonth]) -> list[Mapping[str, Any]]:
    """Write them as rows of the table, in their own order."""
    return [
        {
            "period": each.period,
            "entity": each.entity,
            "customer": customer,
            "mrr": plain(mrr, minor_digits(each.currency)),
            "plan": plan,
        }
        for each in contracts
        for customer, plan, mrr in zip(each.customers, each.plans, each.mrr.tolist(), strict=True)
    ]
