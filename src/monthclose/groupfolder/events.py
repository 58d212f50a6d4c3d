"""What was bought, paid in and paid out: from checked lines to nouns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from monthclose.groupfolder.columns import Known, Sheet
from monthclose.groupfolder.equity_method import check_associate
from monthclose.groupfolder.purchases import check_terms, nothing_in, read_impairment
from monthclose.groupfolder.reductions import is_reduction, with_part
from monthclose.ledger.accounts import CONTRIBUTED, POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.accounts import EQUITY as EQUITY_CLASSES
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Contribution,
    Dividend,
    NciMethod,
    Received,
    Transfer,
)
from monthclose.ledger.entities import SHARE_UNIT
from monthclose.ledger.equity import OciMovement
from monthclose.ledger.reductions import CapitalReduction

EQUITY = {
    "share_capital": AccountClass.SHARE_CAPITAL,
    "apic": AccountClass.APIC,
    "retained_earnings": AccountClass.RETAINED_EARNINGS,
}
"""Columns of the target's equity at acquisition, and the class of their accounts."""


def read_acquisitions(sheet: Sheet, chart: Chart | None, known: Known) -> tuple[Acquisition, ...]:
    """Read how the group came to its companies; a chart that is not known is not asked."""
    found = []
    for line, row in sheet.rows():
        method = NciMethod(row["nci"] or NciMethod.NONE)
        _check_pair(sheet, line, row)
        check_associate(sheet, line, row, known)
        _check_outsiders(sheet, line, row, method)
        equity = _equity(sheet, line, row, chart)
        _check_paid_in(sheet, line, row)
        check_terms(sheet, line, row, chart)
        if line in sheet.bad:
            continue
        found.append(
            Acquisition(
                id=row["id"],
                acquirer=row["acquirer"],
                target=row["target"],
                kind=AcquisitionKind(row["kind"]),
                on=row["date"],
                consideration=row["consideration"],
                consideration_currency=row["consideration_currency"] or "",
                nci_method=method,
                nci_share=Fraction(row["nci_percent"] or 0, SHARE_UNIT),
                nci_amount=row["nci_amount"] or 0,
                equity=equity,
                investment_account=row["investment_account"],
                investment=row["investment"],
                tax_rate=Fraction(row["tax_rate_pct"] or 0, SHARE_UNIT),
                goodwill_life=row["goodwill_life"],
                first_charge=row["first_charge"] or "",
            )
        )
    _check_investments(sheet, chart)
    return tuple(found)


def _check_pair(sheet: Sheet, line: int, row: Mapping[str, Any]) -> None:
    if row["acquirer"] == row["target"]:
        sheet.report(line, "target", "owns-itself", text=row["target"])


def _check_outsiders(sheet: Sheet, line: int, row: Mapping[str, Any], method: NciMethod) -> None:
    """Each way to measure outsiders has its one figure, and no other."""
    wanted = {NciMethod.PROPORTIONATE: "nci_percent", NciMethod.FAIR_VALUE: "nci_amount"}
    for column in ("nci_percent", "nci_amount"):
        if wanted.get(method) == column:
            if row[column] is None:
                sheet.report(line, column, "value-needed", why=method.value)
        elif row[column] is not None:
            sheet.report(line, column, "value-unexpected", why=method.value)


def _check_paid_in(sheet: Sheet, line: int, row: Mapping[str, Any]) -> None:
    """What a founder gives is capital of the company: without it all would be goodwill."""
    founded = row["kind"] == AcquisitionKind.FORMATION and row["consideration"]
    if founded and not (row["share_capital"] or row["apic"]):
        sheet.report(line, "share_capital", "capital-unsaid", text=row["target"])


def _equity(sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None) -> dict[str, int]:
    """The target's equity by account: the named one, else the only one of its class."""
    equity: dict[str, int] = {}
    for column, kind in EQUITY.items():
        amount, named = row[column], row[f"{column}_account"]
        if column == "share_capital" and (amount or 0) > 0:
            sheet.report(line, column, "capital-debit")
        if amount is None and named is not None:
            sheet.report(line, column, "value-needed", why=f"{column}_account")
        if not amount or chart is None:
            continue
        account = named or _only(chart, kind)
        if account is None:
            found = [each.code for each in chart.accounts if each.kind is kind]
            where = f"{column}_account"
            code = "account-ambiguous" if found else "account-none"
            facts = {"found": found} if found else {}
            sheet.report(line, where, code, kind=kind.value, **facts)
        elif account in chart and chart.kind(account) is not kind:
            where = f"{column}_account"
            sheet.report(line, where, "account-class", text=account, wanted=[kind.value])
        else:
            equity[account] = equity.get(account, 0) + amount
    return equity


def _only(chart: Chart, kind: AccountClass) -> str | None:
    """The account of a class: of retained earnings the one with the role, else the only one."""
    if kind is AccountClass.RETAINED_EARNINGS:
        return chart.roles.retained_earnings
    found = [account.code for account in chart.accounts if account.kind is kind]
    return found[0] if len(found) == 1 else None


def _check_investments(sheet: Sheet, chart: Chart | None) -> None:
    """An investment is an asset of its holder."""
    if chart is None:
        return
    for line, row in list(sheet.rows()):
        account = row["investment_account"]
        if account in chart and chart.kind(account) is not AccountClass.ASSET:
            wanted = [AccountClass.ASSET.value]
            sheet.report(line, "investment_account", "account-class", text=account, wanted=wanted)


@dataclass(frozen=True, slots=True)
class Events:
    """
    What the events table holds.

    Attributes:
        records: Nouns, by the field of a group that keeps them.
    """

    records: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def read_events(sheet: Sheet, chart: Chart | None, known: Known) -> Events:
    """Read dated events; the rows of one dividend share its day, company and reference."""
    records: dict[str, list[Any]] = {}
    dividends: dict[tuple[str, ...], Dividend] = {}
    reductions: dict[tuple[str, ...], CapitalReduction] = {}
    for line, row in sheet.rows():
        kind = row["kind"]
        if kind != "reserve_transfer":
            nothing_in(sheet, line, row, "from_account")
        if kind == "capital_reduction":
            if is_reduction(sheet, line, row, chart, known):
                key = (row["entity"], str(row["date"]), row["account"], row["reference"] or "")
                reductions[key] = with_part(reductions.get(key), row, known)
        elif kind in ("dividend", "jcp"):
            if _is_dividend(sheet, line, row, chart, known):
                booked = (row["account"] or "") if kind == "jcp" else ""
                key = (row["entity"], str(row["date"]), row["reference"] or "", booked)
                new = Dividend(row["entity"], 0, None, row["date"], account=booked)
                before = dividends.get(key, new)
                dividends[key] = _with_part(before, row, chart, known)
        else:
            kept_in, read = _READERS[kind]
            if noun := read(sheet, line, row, chart):
                records.setdefault(kept_in, []).append(noun)
    records["dividends"] = list(dividends.values())
    records["reductions"] = list(reductions.values())
    return Events({name: tuple(each) for name, each in records.items()})


def _transfer(
    sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None
) -> Transfer | None:
    nothing_in(sheet, line, row, "holder", "received", "income_account")
    account, source = row["account"], row["from_account"]
    if account is None:
        sheet.report(line, "account", "value-needed", why=row["kind"])
    if chart is not None:
        source = source or chart.roles.retained_earnings
        wanted = sorted(kind.value for kind in EQUITY_CLASSES)
        for column in ("account", "from_account"):
            code = row[column]
            if code in chart and chart.kind(code) not in EQUITY_CLASSES:
                sheet.report(line, column, "account-class", text=code, wanted=wanted)
    if account is not None and account == source:
        sheet.report(line, "account", "transfer-nowhere", text=account)
    if line in sheet.bad:
        return None
    reference = row["reference"] or ""
    return Transfer(row["entity"], source or "", account, row["amount"], row["date"], reference)


def _contribution(
    sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None
) -> Contribution | None:
    account = row["account"]
    nothing_in(sheet, line, row, "holder", "received", "income_account")
    if account is None:
        sheet.report(line, "account", "value-needed", why=row["kind"])
    elif chart is not None and account in chart and chart.kind(account) not in CONTRIBUTED:
        wanted = sorted(kind.value for kind in CONTRIBUTED)
        sheet.report(line, "account", "account-class", text=account, wanted=wanted)
    if line in sheet.bad:
        return None
    reference = row["reference"] or ""
    return Contribution(row["entity"], account, row["amount"], row["date"], None, reference)


def _recognised(
    sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None
) -> OciMovement | None:
    account = row["account"]
    nothing_in(sheet, line, row, "holder", "received", "income_account")
    if account is None:
        sheet.report(line, "account", "value-needed", why=row["kind"])
    elif chart is not None and account in chart and chart.kind(account) is not AccountClass.OCI:
        wanted = [AccountClass.OCI.value]
        sheet.report(line, "account", "account-class", text=account, wanted=wanted)
    if line in sheet.bad:
        return None
    amount = row["amount"] if row["kind"] == "oci_gain" else -row["amount"]
    reference = row["reference"] or ""
    return OciMovement(row["entity"], account, amount, row["date"], None, reference)


def _is_dividend(
    sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None, known: Known
) -> bool:
    """Check one recipient's row of a dividend."""
    holder, income = row["holder"], row["income_account"]
    currencies = known.entities or {}
    if row["kind"] == "jcp":
        _check_interest(sheet, line, row, chart)
    elif row["account"] is not None and (chart and row["account"] != chart.roles.dividends):
        account = chart.roles.dividends
        sheet.report(line, "account", "dividend-account", text=row["account"], account=account)
    if holder is None:
        for column in ("received", "income_account"):
            if row[column] is not None:
                sheet.report(line, column, "value-unexpected", why="holder")
    elif holder == row["entity"]:
        sheet.report(line, "holder", "owns-itself", text=holder)
    elif currencies.get(holder) == currencies.get(row["entity"]):
        if row["received"] not in (None, row["amount"]):
            sheet.report(line, "received", "dividend-received")
    elif row["received"] is None:
        sheet.report(line, "received", "value-needed", why=currencies.get(holder, ""))
    if chart and income in chart and chart.kind(income) not in RESULT | POSITION:
        wanted = sorted(kind.value for kind in RESULT | POSITION)
        sheet.report(line, "income_account", "account-class", text=income, wanted=wanted)
    return line not in sheet.bad


def _check_interest(sheet: Sheet, line: int, row: Mapping[str, Any], chart: Chart | None) -> None:
    """Interest on equity names where payer and holder booked it: not among dividends."""
    account = row["account"]
    if account is None:
        sheet.report(line, "account", "value-needed", why=row["kind"])
    elif chart and account in chart and chart.kind(account) not in RESULT:
        wanted = sorted(kind.value for kind in RESULT)
        sheet.report(line, "account", "account-class", text=account, wanted=wanted)
    if row["holder"] is not None and row["income_account"] is None:
        sheet.report(line, "income_account", "value-needed", why=row["kind"])


def _with_part(
    dividend: Dividend, row: Mapping[str, Any], chart: Chart | None, known: Known
) -> Dividend:
    """Add one recipient's part: a group company's, or (without holder) the outsiders'."""
    received = dividend.received
    if row["holder"] is not None:
        default = chart.roles.dividend_income if chart else ""
        amount = row["amount"] if row["received"] is None else row["received"]
        currencies = known.entities or {}
        same = currencies.get(row["holder"]) == currencies.get(row["entity"])
        # In one currency the two sides are the same amount; a part of nil was not stated.
        paid = None if same else row["amount"] or None
        part = Received(row["holder"], amount, None, row["income_account"] or default, paid)
        received = (*received, part)
    return replace(dividend, amount=dividend.amount + row["amount"], received=received)


type _Reader = Callable[[Sheet, int, Mapping[str, Any], Chart | None], Any | None]

_READERS: Mapping[str, tuple[str, _Reader]] = {
    "contribution": ("contributions", _contribution),
    "reserve_transfer": ("transfers", _transfer),
    "oci_gain": ("recognised", _recognised),
    "oci_loss": ("recognised", _recognised),
    "impairment": ("impairments", read_impairment),
}
"""How a row of each kind is read, and the field of a group that keeps it."""
