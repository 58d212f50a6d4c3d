"""What a purchase brought, charges and lost: from checked lines to nouns."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from monthclose.groupfolder.columns import Bought, Sheet
from monthclose.ledger.accounts import POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind, GoodwillLoss, StepUp
from monthclose.ledger.periods import FiscalYear, Period

_WITHOUT_RESULT = (AcquisitionKind.FORMATION, AcquisitionKind.ASSOCIATE)
"""Kinds by which nothing is acquired that had earned something before."""

type StepUps = dict[str, tuple[StepUp, ...]]
"""Step-ups by acquisition, in the order of the table."""

type Results = dict[str, dict[str, int]]
"""Income and expense up to control, by acquisition and account, debit positive."""

STEP_UP_ACCOUNTS = {
    "asset_account": POSITION,
    "accumulated_account": POSITION,
    "expense_account": RESULT,
}
"""Accounts of a step-up, and the classes they may be of."""


def nothing_in(sheet: Sheet, line: int, row: Mapping[str, Any], *columns: str) -> None:
    """Report what a kind of event has no use for."""
    for column in columns:
        if row[column] is not None:
            sheet.report(line, column, "value-unexpected", why=row["kind"])


def check_terms(sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None) -> None:
    """What an acquisition charges has its accounts, and does not begin before it."""
    if row["tax_rate_pct"]:
        _wants_role(sheet, line, "tax_rate_pct", "deferred_tax", chart)
        _wants_role(sheet, line, "tax_rate_pct", "deferred_tax_result", chart)
    if row["kind"] == AcquisitionKind.ASSOCIATE:
        nothing_in(sheet, line, row, "tax_rate_pct", "goodwill_life", "first_charge")
    if row["goodwill_life"] is not None:
        _wants_role(sheet, line, "goodwill_life", "goodwill_amortisation", chart)
    first, on = row["first_charge"], row["date"]
    if first is not None and on is not None and first < str(Period.of(on)):
        sheet.report(line, "first_charge", "charge-early", text=first, on=str(on))


def _wants_role(sheet: Sheet, line: int, column: str, role: str, chart: Chart | None) -> None:
    """Report that the chart names no account for what a cell needs."""
    if chart is not None and not getattr(chart.roles, role):
        sheet.report(line, column, "role-unassigned", role=role)


def acquisitions_of(sheet: Sheet) -> dict[str, Bought]:
    """Every acquisition named, also in a line that is otherwise wrong."""
    names = ("id", "target", "date", "kind", "acquirer")
    rows = zip(*(sheet.values[name] for name in names), strict=True)
    return {code: Bought(*said) for code, *said in rows if code}


def read_step_ups(sheet: Sheet, chart: Chart | None) -> StepUps:
    """Read the step-ups: what is charged has an account to stand on, and one to go to."""
    found: StepUps = {}
    for line, row in sheet.rows():
        for column, kinds in STEP_UP_ACCOUNTS.items():
            account = row[column]
            if account is None and row["life"] is not None:
                sheet.report(line, column, "value-needed", why="life")
            elif chart is not None and account in chart and chart.kind(account) not in kinds:
                _wrong_class(sheet, line, column, account, kinds)
        bought = (sheet.known.acquisitions or {}).get(row["acquisition"])
        if bought is not None and bought.kind == AcquisitionKind.ASSOCIATE:
            sheet.report(line, "acquisition", "value-unexpected", why=bought.kind)
        if line in sheet.bad:
            continue
        step_up = StepUp(
            id=row["id"],
            amount=row["amount"],
            life=row["life"],
            asset_account=row["asset_account"],
            accumulated_account=row["accumulated_account"] or "",
            expense_account=row["expense_account"] or "",
            name=row["name"] or "",
        )
        found[row["acquisition"]] = (*found.get(row["acquisition"], ()), step_up)
    return found


def _wrong_class(
    sheet: Sheet, line: int, column: str, account: str, kinds: Iterable[AccountClass]
) -> None:
    wanted = sorted(kind.value for kind in kinds)
    sheet.report(line, column, "account-class", text=account, wanted=wanted)


def read_acquired_results(sheet: Sheet, chart: Chart | None, year: FiscalYear) -> Results:
    """Read what companies bought within a year had earned before, by account."""
    found: Results = {}
    for line, row in sheet.rows():
        account, bought = row["account"], (sheet.known.acquisitions or {}).get(row["acquisition"])
        if chart is not None and account in chart and chart.kind(account) not in RESULT:
            _wrong_class(sheet, line, "account", account, RESULT)
        _wants_role(sheet, line, "acquisition", "result_before", chart)
        if bought is not None and bought.kind in _WITHOUT_RESULT:
            sheet.report(line, "acquisition", "value-unexpected", why=bought.kind)
        elif bought is not None and bought.on is not None:
            opens = year.start(Period.of(bought.on)).first_day
            if bought.on == opens:
                sheet.report(line, "acquisition", "result-of-nothing", on=str(opens))
        if line not in sheet.bad:
            found.setdefault(row["acquisition"], {})[account] = row["amount"]
    return found


def read_impairment(
    sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None
) -> GoodwillLoss | None:
    """Read a loss on the goodwill of an acquisition, which its reference names."""
    nothing_in(sheet, line, row, "account", "holder", "received", "income_account")
    reference, known = row["reference"], sheet.known.acquisitions
    if reference is None:
        sheet.report(line, "reference", "value-needed", why=row["kind"])
    elif known is not None:
        bought = known.get(reference)
        if bought is None:
            sheet.report(line, "reference", "acquisition-unknown", text=reference)
        elif bought.kind == AcquisitionKind.ASSOCIATE:
            sheet.report(line, "reference", "value-unexpected", why=bought.kind)
        elif bought.target not in (None, row["entity"]):
            facts = {"text": reference, "target": bought.target}
            sheet.report(line, "entity", "acquisition-other", **facts)
        elif bought.on is not None and row["date"] < bought.on:
            facts = {"text": reference, "on": str(bought.on)}
            sheet.report(line, "date", "loss-early", **facts)
    _wants_role(sheet, line, "kind", "goodwill_impairment", chart)
    if line in sheet.bad:
        return None
    return GoodwillLoss(reference, row["entity"], row["amount"], row["date"])


def complete(
    acquisitions: Iterable[Acquisition], step_ups: StepUps, results: Results, sheet: Sheet | None
) -> tuple[Acquisition, ...]:
    """Give every acquisition its step-ups and its result before; report what lacks the other."""
    if sheet is not None:
        for line, row in list(sheet.rows()):
            has, taxed = row["id"] in step_ups, row["tax_rate_pct"] is not None
            if has and not taxed:
                sheet.report(line, "tax_rate_pct", "value-needed", why="step_ups")
            if taxed and not has:
                sheet.report(line, "tax_rate_pct", "step-ups-none", text=row["id"])
            if row["first_charge"] and not has and row["goodwill_life"] is None:
                sheet.report(line, "first_charge", "step-ups-none", text=row["id"])
    return tuple(
        replace(each, step_ups=step_ups.get(each.id, ()), result=results.get(each.id, {}))
        for each in acquisitions
    )
