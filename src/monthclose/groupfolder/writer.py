"""A group to its folder: nouns as CSV, the way `reader` takes them back."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from monthclose.groupfolder.events import EQUITY
from monthclose.groupfolder.files import SETTINGS
from monthclose.groupfolder.indices import index_rows
from monthclose.groupfolder.intercompany import kind_of
from monthclose.groupfolder.numbers import write_amount as _amount
from monthclose.groupfolder.numbers import write_percent
from monthclose.groupfolder.problems import GroupFolderNotEmpty
from monthclose.groupfolder.purchase_rows import (
    impairment_rows,
    result_rows,
    step_up_rows,
    term_cells,
)
from monthclose.groupfolder.reductions import reduction_rows
from monthclose.groupfolder.schema import ROLES, TABLES
from monthclose.groupfolder.subscriptions import contract_rows
from monthclose.groupfolder.unrealised_rows import beside_books
from monthclose.ledger.accounts import AccountClass, Chart
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.entities import SHARE_UNIT, Entity
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Item
from monthclose.ledger.journal import LayerName

type Row = Mapping[str, Any]
"""Cells by column; a column left out is empty."""


def write_group(folder: Path, group: Group, balances: Iterable[RawBalance]) -> None:
    """
    Write a group and its balances as a folder that reads back as the same nouns.

    Raises:
        GroupFolderNotEmpty: the folder holds something already.
    """
    begin(folder)
    (folder / SETTINGS).write_text(_settings(group), "utf-8", newline="\n")
    currencies = {entity.code: entity.currency for entity in group.entities}
    tables: dict[str, list[Row]] = {
        "entities": [_entity(entity) for entity in group.entities],
        "chart": _chart(group.chart),
        "ownership": [
            {
                "holder": each.holder,
                "investee": each.investee,
                "percent": write_percent(each.share_e8),
                "from": each.since,
            }
            for each in group.interests
        ],
        "mappings": _mappings(group),
        "rates": [
            {
                "date": quote.on,
                "base": quote.base,
                "quote": quote.quote,
                "value": quote.value,
                "kind": quote.kind.value,
                "source": quote.source,
            }
            for quote in group.rates.quotes
        ],
        "openings": [
            {
                "entity": each.entity,
                "account": each.account,
                "functional": _amount(each.functional, currencies[each.entity]),
                "translated": _amount(each.translated, group.presentation),
            }
            for each in group.openings
        ],
        "acquisitions": _acquisitions(group, currencies),
        "changes": _changes(group, currencies),
        "adjustments": _adjustments(group, currencies),
        "pickups": [
            {
                "period": each.period,
                "holder": each.holder,
                "acquisition": each.acquisition,
                "amount": _amount(each.amount, currencies[each.holder]),
                "reserve": _amount(each.reserve, currencies[each.holder]) if each.reserve else "",
                "translated": _amount(each.translated, group.presentation),
            }
            for each in group.pickups
        ],
        "associates": [
            {
                "period": each.period,
                "entity": each.entity,
                "result": _amount(each.result, currencies[each.entity]),
                "oci": _amount(each.oci, currencies[each.entity]) if each.oci else "",
            }
            for each in group.associate_months
        ],
        "subscriptions": contract_rows(group.subscriptions),
        "indices": index_rows(group.indices),
        "step_ups": step_up_rows(group, currencies),
        "acquired_results": result_rows(group, currencies),
        "events": _events(group, currencies) + impairment_rows(group, currencies),
        **beside_books(group, currencies),
    }
    for name, rows in tables.items():
        if rows or TABLES[name].needed:
            write_table(folder, name, rows)
    by_month: dict[str, list[Row]] = {}
    for balance in balances:
        by_month.setdefault(balance.period, []).extend(_lines(balance))
    for period, lines in by_month.items():
        write_table(folder, "balances", lines, period)
    for period, items in group.items_in.items():
        write_table(folder, "intercompany", [_item(each, currencies) for each in items], period)


def begin(folder: Path) -> None:
    """
    Make the folder, or take one that is empty.

    Raises:
        GroupFolderNotEmpty: it holds something already, or is no folder.
    """
    if folder.exists():
        if not folder.is_dir():
            raise GroupFolderNotEmpty(str(folder), folder.name)
        if found := sorted(path.name for path in folder.iterdir()):
            raise GroupFolderNotEmpty(str(folder), found[0])
    folder.mkdir(parents=True, exist_ok=True)


def write_table(folder: Path, name: str, rows: Iterable[Row], period: str = "") -> None:
    """Write one table; columns that no row fills are left out, but for those it needs."""
    spec, rows = TABLES[name], list(rows)
    filled = {column for row in rows for column, cell in row.items() if cell not in (None, "")}
    header = [each.name for each in spec.columns if each.needed or each.name in filled]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows([_cell(row.get(column)) for column in header] for row in rows)
    path = folder / name / f"{period}.csv" if spec.monthly else folder / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.getvalue(), "utf-8", newline="\n")


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _settings(group: Group) -> str:
    """Write `group.toml`; a JSON string is also a TOML string."""
    keys = {
        "code": group.code,
        "name": group.name,
        "presentation_currency": group.presentation,
        "framework": group.framework,
        "fiscal_year_end": group.fiscal_year.end_month,
        "language": group.language,
        "number_locale": "plain",
    }
    if group.first_period:
        keys["first_period"] = group.first_period
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    if group.items:
        percent = write_percent(int(group.tolerance * SHARE_UNIT))
        lines += ["", "[policies]", f'ic_tolerance_pct = "{percent}"']
    return "\n".join(["[group]", *lines, ""])


def _entity(entity: Entity) -> Row:
    return {
        "code": entity.code,
        "name": entity.name,
        "currency": entity.currency,
        "method": entity.method.value,
        "tax_id": entity.tax_id,
        "erp": entity.erp,
        "first_period": entity.first_period,
        "index": entity.index,
        "year_end": str(entity.year_end) if entity.year_end else "",
        "reporting_lag": str(entity.reporting_lag) if entity.reporting_lag else "",
    }


def _chart(chart: Chart) -> list[Row]:
    """Every account of the chart, also those the close added, each with its role."""
    roles = {getattr(chart.roles, role): role for role in ROLES}

    def flag(value: bool) -> str:
        return "yes" if value else ""

    return [
        {
            "code": account.code,
            "name": account.name,
            "class": account.kind.value,
            "parent": account.parent,
            "statement_line": account.statement_line,
            "role": roles.get(account.code),
            "monetary": flag(account.monetary),
            "intercompany": account.intercompany,
            "cash": flag(account.cash),
            "cash_flow": account.cash_flow,
            "deferred_tax": flag(account.deferred_tax),
            "contra": flag(account.contra),
            "gaap": next(iter(sorted(account.gaap)), ""),
            "metric": account.metric,
        }
        for account in chart.accounts
        if account.kind is not AccountClass.CLEARING
    ]


def _mappings(group: Group) -> list[Row]:
    return [
        {
            "entity": entity,
            "account": account,
            "standard_account": target.account,
            "percent": write_percent(int(target.share * SHARE_UNIT)) if target.share != 1 else "",
        }
        for entity, mapping in group.mappings.items()
        for account, targets in mapping.targets.items()
        for target in targets
    ]


def _acquisitions(group: Group, currencies: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = []
    for each in group.acquisitions:
        target, holder = currencies[each.target], currencies[each.acquirer]
        row: dict[str, Any] = {
            "id": each.id,
            "acquirer": each.acquirer,
            "target": each.target,
            "date": each.on,
            "kind": each.kind.value,
            "consideration": _amount(each.consideration, each.consideration_currency or target),
            "consideration_currency": each.consideration_currency,
            "investment_account": each.investment_account,
            "investment": _amount(each.investment, holder),
            "nci": each.nci_method.value,
        }
        row |= term_cells(each)
        if each.nci_method == "proportionate":
            row["nci_percent"] = write_percent(int(each.nci_share * SHARE_UNIT))
        elif each.nci_method == "fair_value":
            row["nci_amount"] = _amount(each.nci_amount, target)
        classes = {kind: column for column, kind in EQUITY.items()}
        for account, amount in each.equity.items():
            column = classes[group.chart.kind(account)]
            row[column], row[f"{column}_account"] = _amount(amount, target), account
        rows.append(row)
    return rows


def _changes(group: Group, currencies: Mapping[str, str]) -> list[Row]:
    return [
        {
            "date": each.on,
            "kind": each.kind.value,
            "entity": each.entity,
            "holder": each.holder,
            "percent": write_percent(int(each.share * SHARE_UNIT)),
            "proceeds": _amount(each.proceeds, currencies[each.holder]),
            "cost": _amount(each.cost, currencies[each.holder]),
            "gain": _amount(each.gain or None, currencies[each.holder]),
            "investment_account": each.investment_account,
            "gain_account": each.gain_account,
            "net_assets": _amount(each.net_assets, currencies[each.entity]),
            "fair_value": _amount(each.fair_value or None, currencies[each.holder]),
            "retained_fair_value": _amount(
                each.retained_fair_value or None, currencies[each.holder]
            ),
            "retained_cost": _amount(each.retained_cost, currencies[each.holder]),
            "retained_account": each.retained_account,
            "reclassified": _amount(each.reclassified or None, currencies[each.holder]),
        }
        for each in group.changes
    ]


def _events(group: Group, currencies: Mapping[str, str]) -> list[Row]:
    """Contributions, transfers, dividends: of these one row a recipient, the outsiders' last."""
    rows: list[Row] = [
        {
            "date": paid.on,
            "kind": "contribution",
            "entity": paid.entity,
            "account": paid.account,
            "amount": _amount(paid.amount, currencies[paid.entity]),
            "reference": paid.reference,
        }
        for paid in group.contributions
    ]
    rows += [
        {
            "date": each.on,
            "kind": "oci_gain" if each.amount > 0 else "oci_loss",
            "entity": each.entity,
            "account": each.account,
            "amount": _amount(abs(each.amount), currencies[each.entity]),
            "reference": each.reference,
        }
        for each in group.recognised
    ]
    rows += [
        {
            "date": moved.on,
            "kind": "reserve_transfer",
            "entity": moved.entity,
            "account": moved.account,
            "from_account": moved.source,
            "amount": _amount(moved.amount, currencies[moved.entity]),
            "reference": moved.reference,
        }
        for moved in group.transfers
    ]
    rows += reduction_rows(group, currencies)
    declared: Counter[tuple[str, Any, str]] = Counter()
    for dividend in group.dividends:
        currency = currencies[dividend.payer]
        kind = "jcp" if dividend.account else "dividend"
        common = {"date": dividend.on, "kind": kind, "entity": dividend.payer}
        common["account"] = dividend.account
        key = (dividend.payer, dividend.on, dividend.account)
        declared[key] += 1
        if (number := declared[key]) > 1:
            common["reference"] = str(number)  # two of one day would read as one
        outside = dividend.amount
        for part in dividend.received:
            given = currencies[part.holder]
            # In another currency the holder's part may not be known: all is outside's then.
            amount = part.amount if given == currency else part.paid or 0
            outside -= amount
            rows.append(
                common
                | {
                    "amount": _amount(amount, currency),
                    "holder": part.holder,
                    "received": _amount(part.amount, given),
                    "income_account": part.income_account,
                }
            )
        if outside or not dividend.received:
            rows.append(common | {"amount": _amount(outside, currency)})
    return rows


def _adjustments(group: Group, currencies: Mapping[str, str]) -> list[Row]:
    """Entries beside the books, one row a line."""
    return [
        {
            "period": each.period,
            "entry": each.id,
            "layer": each.layer.value,
            "entity": each.entity,
            "account": account,
            "amount": _amount(amount, currencies[each.entity]),
            "reason": each.reason,
            "topic": each.topic.value if each.layer is LayerName.GAAP else "",
        }
        for each in group.adjustments
        for account, amount in each.lines.items()
    ]


def _item(item: Item, currencies: Mapping[str, str]) -> Row:
    currency = currencies[item.entity]
    return {
        "entity": item.entity,
        "partner": item.partner,
        "kind": kind_of(item),
        "account": item.account,
        "reference": item.reference,
        "amount": _amount(item.amount, currency),
        "document_currency": item.document_currency,
        "document_amount": _amount(item.document_amount, item.document_currency or currency),
        "together": item.together,
    }


def _lines(balance: RawBalance) -> Iterable[Row]:
    columns = {
        "closing": balance.amounts,
        "opening": balance.opening,
        "debit": balance.debit,
        "credit": balance.credit,
    }
    partners = balance.partners or ("",) * len(balance.accounts)
    lines: list[dict[str, Any]] = [
        {"entity": balance.entity, "account": account, "partner": partner}
        for account, partner in zip(balance.accounts, partners, strict=True)
    ]
    for name, amounts in columns.items():
        if amounts is not None:
            for line, amount in zip(lines, amounts.tolist(), strict=True):
                line[name] = _amount(amount, balance.currency)
    return lines
