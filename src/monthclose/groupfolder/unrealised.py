"""Profit in stock, designated loans, corrections: from checked lines to nouns."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from monthclose.groupfolder.columns import Known, Sheet
from monthclose.ledger.accounts import POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.entities import SHARE_UNIT
from monthclose.ledger.loans import ExchangeDifference, Loan
from monthclose.ledger.periods import Period
from monthclose.ledger.profits import AssetSale, Unrealised
from monthclose.ledger.restatements import Correction

_OF_SALES = {
    "asset_account": frozenset({AccountClass.ASSET}),
    "cost_account": RESULT,
    "revenue_account": RESULT,
    "tax_asset_account": POSITION,
    "tax_account": RESULT,
}
_OF_ASSETS = {
    "gain_account": RESULT,
    "asset_account": POSITION,
    "accumulated_account": POSITION,
    "expense_account": RESULT,
    "tax_asset_account": POSITION,
    "tax_account": RESULT,
}
_CORRECTED = frozenset({AccountClass.RETAINED_EARNINGS})


def read_unrealised(sheet: Sheet, chart: Chart | None, known: Known) -> tuple[Unrealised, ...]:
    """Read what profit within the group is still in stock; one name is of one seller and buyer."""
    pairs: dict[str, tuple[int, tuple[str, str]]] = {}
    currencies = known.entities or {}
    known.lots = frozenset(each for each in sheet.values["id"] if each)
    found = []
    for line, row in sheet.rows():
        seller, buyer = row["seller"], row["buyer"]
        first, pair = pairs.setdefault(row["id"], (line, (seller, buyer)))
        if seller == buyer:
            sheet.report(line, "buyer", "partner-itself", text=buyer)
        elif pair != (seller, buyer):
            sheet.report(line, "id", "id-other-pair", text=row["id"], first=sheet.table.rows[first])
        if row["sold"] is not None and str(row["sold"])[:7] > row["period"]:
            sheet.report(line, "sold", "sold-later", text=str(row["sold"]), period=row["period"])
        currency, theirs = _of_both(sheet, line, row, currencies)
        _both(sheet, line, row, "turnover", "revenue_account")
        _both(sheet, line, row, "tax_rate", "tax_asset_account")
        _both(sheet, line, row, "tax_rate", "tax_account")
        _check_classes(sheet, line, row, chart, _OF_SALES)
        if line in sheet.bad:
            continue
        found.append(
            Unrealised(
                id=row["id"],
                period=row["period"],
                seller=seller,
                buyer=buyer,
                asset_account=row["asset_account"],
                cost_account=row["cost_account"],
                amount=row["profit"],
                currency=currency,
                sold=str(row["sold"]),
                buyer_amount=theirs,
                tax_rate=Fraction(row["tax_rate"] or 0, SHARE_UNIT),
                tax_asset_account=row["tax_asset_account"] or "",
                tax_account=row["tax_account"] or "",
                turnover=row["turnover"] or 0,
                revenue_account=row["revenue_account"] or "",
            )
        )
    return tuple(found)


def read_asset_sales(sheet: Sheet, chart: Chart | None, known: Known) -> tuple[AssetSale, ...]:
    """Read which assets were sold within the group at a profit, and how they are depreciated."""
    currencies = known.entities or {}
    found = []
    for line, row in sheet.rows():
        if row["seller"] == row["buyer"]:
            sheet.report(line, "buyer", "partner-itself", text=row["buyer"])
        if row["id"] in known.lots:
            sheet.report(line, "id", "id-of-stock", text=row["id"])
        currency, theirs = _of_both(sheet, line, row, currencies)
        for column in ("accumulated_account", "expense_account"):
            _both(sheet, line, row, "life", column)
            if row["life"] is None and row[column] is not None:
                sheet.report(line, column, "value-unexpected", why="life")
        for column in ("tax_asset_account", "tax_account"):
            _both(sheet, line, row, "tax_rate", column)
        for column in ("gone", "first_charge"):
            if row[column] is not None and str(row[column])[:7] < str(row["date"])[:7]:
                sheet.report(line, column, "before-sale", text=str(row[column]))
        _check_classes(sheet, line, row, chart, _OF_ASSETS)
        if line in sheet.bad:
            continue
        found.append(
            AssetSale(
                id=row["id"],
                on=row["date"],
                seller=row["seller"],
                buyer=row["buyer"],
                amount=row["profit"],
                currency=currency,
                buyer_amount=theirs,
                life=row["life"],
                gain_account=row["gain_account"],
                asset_account=row["asset_account"],
                accumulated_account=row["accumulated_account"] or "",
                expense_account=row["expense_account"] or "",
                first_charge=row["first_charge"] or "",
                gone=row["gone"],
                tax_rate=Fraction(row["tax_rate"] or 0, SHARE_UNIT),
                tax_asset_account=row["tax_asset_account"] or "",
                tax_account=row["tax_account"] or "",
            )
        )
    return tuple(found)


def _of_both(
    sheet: Sheet, line: int, row: Mapping[str, Any], currencies: Mapping[str, str]
) -> tuple[str, int]:
    """Currency of a profit, and what it is in the buyer's books: the same in one currency."""
    currency = row["currency"] or currencies.get(row["seller"], "")
    if row["buyer_profit"] is not None:
        return currency, row["buyer_profit"]
    theirs = currencies.get(row["buyer"], "")
    if theirs != currency:
        sheet.report(line, "buyer_profit", "value-needed", why=theirs)
    return currency, row["profit"]


def read_loans(sheet: Sheet, chart: Chart | None, known: Known) -> tuple[Loan, ...]:
    """Read which loans are part of a net investment."""
    found = []
    for line, row in sheet.rows():
        if row["entity"] == row["partner"]:
            sheet.report(line, "partner", "partner-itself", text=row["partner"])
        _check_classes(sheet, line, row, chart, {"account": RESULT})
        if line not in sheet.bad:
            found.append(
                Loan(row["id"], row["entity"], row["partner"], row["account"], row["from"])
            )
    # A line in doubt may be the very loan that another table names.
    doubtful = sheet.bad or sheet.table.lost
    known.loans = None if doubtful else {each.id: (each.entity, each.on) for each in found}
    return tuple(found)


def read_exchange(
    sheet: Sheet, _chart: Chart | None, known: Known
) -> tuple[ExchangeDifference, ...]:
    """Read exchange differences of designated loans, from the designation on."""
    found = []
    for line, row in sheet.rows():
        if known.loans is not None:
            if row["loan"] not in known.loans:
                sheet.report(line, "loan", "loan-unknown", text=row["loan"])
                continue
            entity, on = known.loans[row["loan"]]
            if entity != row["entity"]:
                sheet.report(line, "entity", "loan-other-entity", text=row["loan"], of=entity)
                continue
            if Period.parse(row["period"]) < Period.of(on):
                sheet.report(line, "period", "exchange-before", on=str(on))
                continue
        own = (known.entities or {}).get(row["entity"])
        if own == known.presentation and row["translated"] not in (None, row["amount"]):
            sheet.report(line, "translated", "opening-differs", currency=known.presentation)
            continue
        found.append(
            ExchangeDifference(
                row["loan"], row["entity"], row["period"], row["amount"], row["translated"]
            )
        )
    return tuple(found)


def read_corrections(sheet: Sheet, chart: Chart | None, known: Known) -> tuple[Correction, ...]:
    """Read corrections of prior periods; the error is of a fiscal year before the correction."""
    found, year = [], known.year
    for line, row in sheet.rows():
        account = row["account"] or (chart.roles.retained_earnings if chart else "")
        _check_classes(sheet, line, row, chart, {"account": _CORRECTED})
        origin: str = row["origin"]
        of = year.year(Period.parse(origin)) if "-" in origin else int(origin)
        if of >= year.year(Period.parse(row["from"])):
            sheet.report(line, "origin", "origin-current", text=origin, period=row["from"])
        if line not in sheet.bad:
            found.append(
                Correction(
                    row["entity"],
                    account,
                    row["amount"],
                    origin,
                    row["from"],
                    row["reference"] or "",
                    row["reason"] or "",
                )
            )
    return tuple(found)


def _both(sheet: Sheet, line: int, row: Mapping[str, Any], amount: str, account: str) -> None:
    """An amount and its account come together."""
    if row[amount] and row[account] is None:
        sheet.report(line, account, "value-needed", why=amount)


def _check_classes(
    sheet: Sheet,
    line: int,
    row: Mapping[str, Any],
    chart: Chart | None,
    classes: Mapping[str, frozenset[AccountClass]],
) -> None:
    """Every account named is of a class that it can be here."""
    for column, kinds in classes.items():
        account = row[column]
        if chart is not None and account in chart and chart.kind(account) not in kinds:
            wanted = sorted(each.value for each in kinds)
            sheet.report(line, column, "account-class", text=account, wanted=wanted)
