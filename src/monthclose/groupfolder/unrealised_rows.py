"""Profit in stock, designated loans, corrections: from nouns to the rows of their tables."""

from collections.abc import Mapping
from typing import Any

from monthclose.groupfolder.numbers import write_amount, write_percent
from monthclose.ledger.entities import SHARE_UNIT
from monthclose.ledger.group import Group


def beside_books(group: Group, currencies: Mapping[str, str]) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of each table, cells by column; a table without rows is empty."""
    return {
        "unrealised": [
            {
                "period": each.period,
                "id": each.id,
                "seller": each.seller,
                "buyer": each.buyer,
                "asset_account": each.asset_account,
                "cost_account": each.cost_account,
                "profit": write_amount(each.amount, each.currency),
                "currency": "" if each.currency == currencies[each.seller] else each.currency,
                "sold": each.sold,
                "buyer_profit": write_amount(each.buyer_amount, currencies[each.buyer]),
                "tax_rate": write_percent(int(each.tax_rate * SHARE_UNIT)) if each.tax_rate else "",
                "tax_asset_account": each.tax_asset_account,
                "tax_account": each.tax_account,
                "turnover": write_amount(each.turnover or None, currencies[each.seller]),
                "revenue_account": each.revenue_account,
            }
            for each in group.unrealised
        ],
        "asset_sales": [
            {
                "id": each.id,
                "date": each.on,
                "seller": each.seller,
                "buyer": each.buyer,
                "profit": write_amount(each.amount, each.currency),
                "currency": "" if each.currency == currencies[each.seller] else each.currency,
                "buyer_profit": write_amount(each.buyer_amount, currencies[each.buyer]),
                "life": each.life,
                "first_charge": each.first_charge,
                "gone": each.gone,
                "gain_account": each.gain_account,
                "asset_account": each.asset_account,
                "accumulated_account": each.accumulated_account,
                "expense_account": each.expense_account,
                "tax_rate": write_percent(int(each.tax_rate * SHARE_UNIT)) if each.tax_rate else "",
                "tax_asset_account": each.tax_asset_account,
                "tax_account": each.tax_account,
            }
            for each in group.asset_sales
        ],
        "loans": [
            {
                "id": each.id,
                "entity": each.entity,
                "partner": each.partner,
                "account": each.account,
                "from": each.on,
            }
            for each in group.loans
        ],
        "exchange_differences": [
            {
                "period": each.period,
                "loan": each.loan,
                "entity": each.entity,
                "amount": write_amount(each.amount, currencies[each.entity]),
                "translated": write_amount(each.translated, group.presentation),
            }
            for each in group.exchange
        ],
        "corrections": [
            {
                "entity": each.entity,
                "account": each.account,
                "amount": write_amount(each.amount, currencies[each.entity]),
                "origin": each.origin,
                "from": each.since,
                "reference": each.reference,
                "reason": each.reason,
            }
            for each in group.corrections
        ],
    }
