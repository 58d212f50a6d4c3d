"""Trial balances of a month: thirty thousand lines checked as columns, not one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from monthclose.groupfolder.columns import Known, Sheet
from monthclose.ledger.accounts import ENTERED, Chart
from monthclose.ledger.balances import RawBalance, Source
from monthclose.ledger.money import Amounts, Money
from monthclose.ledger.periods import Period

MOVEMENT = ("opening", "debit", "credit")
"""Columns beside the closing balance; all three or none."""


def read_balances(
    sheet: Sheet,
    period: str,
    sha256: str,
    chart: Chart | None,
    targets: Mapping[str, Mapping[str, object]] | None,
    known: Known,
) -> tuple[RawBalance, ...]:
    """
    Read one month: every company's lines, in the order of the file.

    Args:
        sheet: The table.
        period: Its month.
        sha256: Hash of its file.
        chart: The standard chart; None: unreadable, accounts are not checked.
        targets: Accounts with a mapping, by company; one without keeps the standard
            chart. None: unreadable, accounts are not checked.
        known: Currencies of the companies.

    Returns:
        One balance a company. One that does not balance is a problem.
    """
    _check_movement(sheet)
    lines = _lines_by_entity(sheet)
    if chart is not None and targets is not None:
        for entity, places in lines.items():
            mapped = None if entity is None else targets.get(entity)
            _check_accounts(sheet, places, chart, mapped)
    doubtful = {sheet.values["entity"][line] for line in sheet.bad}
    # A line whose company cannot be read may be any company's.
    anyones = None in doubtful
    found = []
    for entity, places in lines.items():
        if entity is None or not (currency := (known.entities or {}).get(entity)):
            continue
        if (sold := known.sold.get(entity)) and period > str(Period.of(sold)):
            sheet.report(places[0], "entity", "balance-after-sale", text=entity, on=str(sold))
            continue
        balance = _balance(sheet, entity, currency, places, Source(period, sha256))
        if entity in doubtful or anyones:
            continue
        if out_by := balance.out_by:
            size = Money(abs(out_by), currency)
            _report_out_by(sheet, entity, period, size, debit=out_by > 0)
        found.append(balance)
    return tuple(found)


def _report_out_by(sheet: Sheet, entity: str, period: str, size: Money, *, debit: bool) -> None:
    """Report a company whose debits and credits differ; no one row is to blame."""
    sheet.problems.add(
        sheet.table.file,
        "balance-out-by-debit" if debit else "balance-out-by-credit",
        0,
        "closing",
        entity=entity,
        period=period,
        size=size,
    )


def _lines_by_entity(sheet: Sheet) -> dict[str | None, Sequence[int]]:
    """The lines of each company, in order of the file: a range where they stand together."""
    entities = sheet.values["entity"]
    order = {entity: place for place, entity in enumerate(dict.fromkeys(entities))}
    numbers = np.fromiter(map(order.__getitem__, entities), dtype=np.intp, count=sheet.size)
    by_entity = np.argsort(numbers, kind="stable")
    bounds = np.searchsorted(numbers[by_entity], np.arange(len(order) + 1))
    lines: dict[str | None, Sequence[int]] = {}
    for entity, place in order.items():
        at = by_entity[bounds[place] : bounds[place + 1]]
        first, last = int(at[0]), int(at[-1])
        together = last - first + 1 == len(at)
        lines[entity] = range(first, last + 1) if together else at.tolist()
    return lines


def _take(values: Sequence[Any], places: Sequence[int]) -> Sequence[Any]:
    """Some lines of a column."""
    if isinstance(places, range):
        return values[places.start : places.stop]
    return [values[place] for place in places]


def _amounts(sheet: Sheet, column: str, places: Sequence[int]) -> Amounts | None:
    """Some lines of a column of amounts; None when it is empty throughout."""
    taken = _take(sheet.values[column], places)
    if None not in taken:
        return np.array(taken, dtype=np.int64)
    if all(value is None for value in taken):
        return None
    return np.array([value or 0 for value in taken], dtype=np.int64)


def _balance(
    sheet: Sheet, entity: str, currency: str, places: Sequence[int], source: Source
) -> RawBalance:
    """Put one company's month together."""
    accounts = _take(sheet.values["account"], places)
    partners = _take(sheet.values["partner"], places)
    closing = _amounts(sheet, "closing", places)
    rows = np.array(_take(sheet.table.rows, places), dtype=np.int32)
    return RawBalance(
        entity=entity,
        period=source.name,
        currency=currency,
        accounts=tuple(account or "" for account in accounts),
        amounts=np.zeros(len(places), dtype=np.int64) if closing is None else closing,
        partners=tuple(str(each or "") for each in partners) if any(partners) else (),
        opening=_amounts(sheet, "opening", places),
        debit=_amounts(sheet, "debit", places),
        credit=_amounts(sheet, "credit", places),
        source=Source(sheet.table.file, source.sha256, rows),
    )


def _check_movement(sheet: Sheet) -> None:
    """Opening plus debits less credits is the closing balance, where they are given."""
    given = [name for name in MOVEMENT if name in sheet.table.columns]
    if not given:
        return
    if _all_roll_forward(sheet):
        return
    for line, row in list(sheet.rows()):
        filled = [name for name in given if row[name] is not None]
        if not filled:
            continue
        if lacking := [name for name in MOVEMENT if name not in filled]:
            column = lacking[0] if lacking[0] in given else filled[0]
            sheet.report(line, column, "movement-incomplete", lacking=lacking)
            continue
        expected = row["opening"] + row["debit"] - row["credit"]
        if expected != row["closing"]:
            currency = (sheet.known.entities or {}).get(row["entity"], "")
            size = Money(row["closing"] - expected, currency)
            sheet.report(line, "closing", "movement-differs", size=size)


def _all_roll_forward(sheet: Sheet) -> bool:
    """Whether every line is complete and rolls forward: seen in whole columns at once."""
    columns = [sheet.values[name] for name in (*MOVEMENT, "closing")]
    if any(None in column for column in columns):
        return False
    opening, debit, credit, closing = (np.array(each, dtype=np.int64) for each in columns)
    # None exceeds nine trillion, so no sum of three leaves int64.
    return bool((opening + debit - credit == closing).all())


def _check_accounts(
    sheet: Sheet,
    places: Sequence[int],
    chart: Chart,
    mapped: Mapping[str, object] | None,
) -> None:
    """Every account that holds money is mapped, or is an account of the standard chart."""
    known = chart.index if mapped is None else mapped
    accounts = _take(sheet.values["account"], places)
    distinct = {account for account in set(accounts) if isinstance(account, str)}
    strange = distinct - known.keys()
    computed = set()
    if mapped is None:
        computed = {a for a in distinct - strange if chart.kind(a) not in ENTERED}
    if not strange and not computed:
        return
    code = "account-not-standard" if mapped is None else "account-unmapped"
    for line, account in zip(places, accounts, strict=True):
        if line in sheet.bad or not isinstance(account, str):
            continue
        if account in strange and sheet.values["closing"][line]:
            sheet.report(line, "account", code, text=account)
        elif account in computed:
            kind = chart.kind(account).value
            sheet.report(line, "account", "account-computed", text=account, kind=kind)
