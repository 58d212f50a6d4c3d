"""The months that an import opens, and the charts: the group's, and each company's own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from monthclose.ledger.accounts import Account, Chart
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.lookup import Directory, month
from monthclose.store.session import acting
from monthclose.store.tables import (
    entity_chart_of_accounts,
    group_locks,
    period_locks,
    standard_chart_of_accounts,
)

type Charts = Mapping[str, Mapping[str, int]]
"""Number of each account in a company's own chart, by company and code."""


def open_months(
    session: Session,
    tenant: UUID,
    directory: Directory,
    group: Group,
    balances: Sequence[RawBalance],
) -> int:
    """
    Open the months that balances come in, and those that show a company as it was sold.

    Until a month is closed any month opens; from then on only the one after a closed one
    does. A month that does not open stays locked, and so does what was for it.
    """
    companies = {
        (row[0], row[1]): row[2]
        for row in fetch(
            session,
            "select entity_id, period, state from period_locks where tenant_id = %(t)s",
            t=tenant,
        )
    }
    of_group = {
        (tenant, row[0]): row[1]
        for row in fetch(
            session, "select period, state from group_locks where tenant_id = %(t)s", t=tenant
        )
    }
    ids = {code: company.id for code, company in directory.companies.items()}
    due = {(raw.entity, raw.period) for raw in balances}
    for period in {raw.period for raw in balances} if group.sold_on else ():
        scope = {each.code for each in group.consolidated_in(period)}
        due |= {(code, period) for code in scope & group.sold_on.keys()}
    wanted = _openable(companies, {(ids[code], month(period)) for code, period in due})
    if wanted:
        columns = {"entity_id": [w[0] for w in wanted], "period": [w[1] for w in wanted]}
        insert_columns(session, period_locks, {"tenant_id": tenant, **columns})
    months = _openable(of_group, {(tenant, month(raw.period)) for raw in balances})
    if months:
        days = [day for _, day in months]
        insert_columns(session, group_locks, {"tenant_id": tenant, "period": days})
    return len(wanted) + len(months)


def open_company_month(session: Session, tenant: UUID, company: UUID, period: str) -> None:
    """
    Open a month of one company, and the group's for who writes the group's figures.

    One that does not open, because an earlier one is not closed yet, stays locked.
    """
    day = month(period)
    stored = fetch(
        session, "select period, state from period_locks where entity_id = %(e)s", e=company
    )
    # Somebody may open it at this moment, with another company: then theirs stands.
    if _openable({(company, row[0]): row[1] for row in stored}, [(company, day)]):
        session.execute(
            insert(period_locks)
            .values(tenant_id=tenant, entity_id=company, period=day)
            .on_conflict_do_nothing()
        )
    allowed = fetch(
        session, "select from my_groups where tenant_id = %(t)s and can_write", t=tenant
    )
    of_group = fetch(
        session, "select period, state from group_locks where tenant_id = %(t)s", t=tenant
    )
    known = {(tenant, row[0]): row[1] for row in of_group}
    if allowed and _openable(known, [(tenant, day)]):
        session.execute(
            insert(group_locks).values(tenant_id=tenant, period=day).on_conflict_do_nothing()
        )


def open_at_once(engine: Engine, user: UUID, tenant: UUID, company: UUID, period: str) -> None:
    """
    Open a month of one company before it is loaded, in a transaction of its own.

    Many companies are loaded at once, and all open the group's month: none may wait for
    the first to be through with everything else.
    """
    with acting(engine, user) as session:
        open_company_month(session, tenant, company, period)


def _openable(
    stored: Mapping[tuple[UUID, date], str], wanted: Iterable[tuple[UUID, date]]
) -> list[tuple[UUID, date]]:
    """Those of the months that have no lock and may have one."""
    closers = {subject for (subject, _), state in stored.items() if state == "closed"}
    return sorted(
        (subject, day)
        for subject, day in wanted
        if (subject, day) not in stored
        and (
            subject not in closers
            or stored.get((subject, Period.of(day).plus(-1).first_day)) == "closed"
        )
    )


def load_chart(session: Session, tenant: UUID, chart: Chart) -> int:
    """
    Bring the standard chart to what an import says.

    An account that is gone stays, inactive: its number stands in columns of closed months.

    Returns:
        How many accounts were added or changed.
    """
    a = standard_chart_of_accounts.c
    names = list(_described(chart.accounts[0]))
    rows = session.execute(
        select(a.code, a.number, a.active, *(a[name] for name in names)).where(
            a.tenant_id == tenant
        )
    )
    stored = {row[0]: (row[1], row[2], dict(zip(names, row[3:], strict=True))) for row in rows}
    fresh, changed = [], 0
    for account in chart.accounts:
        described = _described(account)
        if account.code not in stored:
            fresh.append((account.code, described))
        elif stored[account.code][1:] != (True, described):
            _rewrite(session, tenant, account.code, {**described, "active": True})
            changed += 1
    for code, (_, active, _) in stored.items():
        if active and code not in chart:
            _rewrite(session, tenant, code, {"active": False})
            changed += 1
    if fresh:
        first = max((row[0] for row in stored.values()), default=0) + 1
        columns: dict[str, Any] = {
            "tenant_id": tenant,
            "number": list(range(first, first + len(fresh))),
            "code": [code for code, _ in fresh],
        }
        # A list of lists is no column of PostgreSQL: frameworks are written afterwards.
        for name in names:
            if name != "gaap":
                columns[name] = [described[name] for _, described in fresh]
        insert_columns(session, standard_chart_of_accounts, columns)
        for code, described in fresh:
            if described["gaap"]:
                _rewrite(session, tenant, code, {"gaap": described["gaap"]})
    return len(fresh) + changed


def _described(account: Account) -> dict[str, Any]:
    """An account but for its code, by column."""
    return {
        "name": account.name,
        "class": account.kind.value,
        "parent_code": account.parent,
        "statement_line": account.statement_line,
        "monetary": account.monetary,
        "intercompany": account.intercompany,
        "cash": account.cash,
        "cash_flow": account.cash_flow,
        "deferred_tax": account.deferred_tax,
        "contra": account.contra,
        "gaap": sorted(account.gaap),
        "metric": account.metric,
    }


def _rewrite(session: Session, tenant: UUID, code: str, values: Mapping[str, Any]) -> None:
    a = standard_chart_of_accounts.c
    session.execute(
        standard_chart_of_accounts.update()
        .where(a.tenant_id == tenant, a.code == code)
        .values(dict(values))
    )


def read_company_charts(
    session: Session, tenant: UUID
) -> dict[UUID, tuple[list[str], NDArray[np.int32]]]:
    """Read the codes and numbers of every company's own chart."""
    rows = fetch(
        session,
        # One text a company: thirty thousand codes arrive as sixty values.
        "select c.entity_id, c.codes, c.numbers from portfolio_entities as k"
        "  join entity_chart_columns as c on c.entity_id = k.id where k.tenant_id = %(t)s"
        "   and c.numbers <> '{}'",
        t=tenant,
    )
    return {company: (codes.split("\x1f"), numbers) for company, codes, numbers in rows}


def load_company_charts(
    session: Session,
    tenant: UUID,
    directory: Directory,
    group: Group,
    balances: Sequence[RawBalance],
) -> tuple[Charts, int]:
    """
    Add accounts to the companies' own charts: those that balances or mappings name.

    Returns:
        The charts, and how many accounts were added.
    """
    charts = {
        directory.codes[company]: dict(zip(codes, numbers.tolist(), strict=True))
        for company, (codes, numbers) in read_company_charts(session, tenant).items()
    }
    named: dict[str, dict[str, None]] = {}
    for raw in balances:
        named.setdefault(raw.entity, {}).update(dict.fromkeys(raw.accounts))
    for company, mapping in group.mappings.items():
        named.setdefault(company, {}).update(dict.fromkeys(mapping.targets))
    ids: list[UUID] = []
    numbers: list[int] = []
    codes: list[str] = []
    for company, accounts in named.items():
        known = charts.setdefault(company, {})
        fresh = sorted(code for code in accounts if code not in known)
        first = max(known.values(), default=0) + 1
        known.update(zip(fresh, range(first, first + len(fresh)), strict=True))
        ids += [directory.companies[company].id] * len(fresh)
        numbers += range(first, first + len(fresh))
        codes += fresh
    if codes:
        columns = {"entity_id": ids, "number": np.array(numbers, dtype=np.int32), "code": codes}
        insert_columns(session, entity_chart_of_accounts, columns)
    return charts, len(codes)
