"""Budgets: a batch for each company and month, the highest number in force."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from monthclose.ledger.balances import Source
from monthclose.ledger.budgets import BudgetLine
from monthclose.ledger.digest import digest
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.intake_balances import again
from monthclose.store.lookup import Directory, hundredths, minor_of, month
from monthclose.store.papers import Document, Papers
from monthclose.store.session import acting
from monthclose.store.tables import budgets, etl_batches
from monthclose.store.trail import note

SCENARIO = "budget"


def known_of(engine: Engine, user: UUID, tenant: UUID) -> tuple[dict[str, str], frozenset[str]]:
    """Currency of each company, and codes of the standard chart."""
    with acting(engine, user) as session:
        directory = Directory.read(session, tenant)
    companies = {code: company.currency for code, company in directory.companies.items()}
    return companies, frozenset(directory.accounts)


def load_budget(
    engine: Engine, user: UUID, tenant: UUID, lines: Iterable[BudgetLine], file: Document
) -> int:
    """
    Store a budget, every month of it or none, and the file it stood in; again changes nothing.

    Returns:
        How many months of companies are new or changed.

    Raises:
        PeriodClosed: a month of one that is new is locked.
    """
    months: dict[tuple[str, str], list[BudgetLine]] = {}
    for line in lines:
        months.setdefault((line.entity, line.period), []).append(line)
    with acting(engine, user) as session:
        directory = Directory.read(session, tenant)
        source = Source(file.name, sha256(file.content).hexdigest())
        papers = Papers(session, tenant, [file])
        papers.keep([(source, directory.companies[code].id) for code, _ in months])
        new = sum(_load(session, tenant, directory, m, (papers, source)) for m in months.values())
        if new:
            note(
                session,
                tenant,
                "import.budget",
                "portfolio",
                tenant,
                months=new,
                sha256=source.sha256,
            )
    return new


def read_budget(
    session: Session, tenant: UUID, companies: Mapping[UUID, str], period: str
) -> dict[str, dict[str, int]]:
    """
    Read the budget in force of each company's month.

    Returns:
        By company and account of the standard chart, minor units, debit positive; companies
        without a budget of the month are left out.
    """
    rows = fetch(
        session,
        "select b.entity_id, b.currency, s.code, (l.amount * 100)::bigint"
        "  from (select distinct on (entity_id) entity_id, id, currency, period"
        "          from etl_batches where tenant_id = %(t)s and kind = 'budget'"
        "           and period = %(p)s order by entity_id, number desc) as b"
        "  join budgets as l on l.entity_id = b.entity_id and l.period = b.period"
        "   and l.batch_id = b.id and l.scenario = %(s)s"
        "  join standard_chart_of_accounts as s"
        "    on s.tenant_id = %(t)s and s.number = l.standard_number",
        t=tenant,
        p=month(period),
        s=SCENARIO,
    )
    found: dict[str, dict[str, int]] = {}
    for company, currency, account, amount in rows:
        if company in companies:
            found.setdefault(companies[company], {})[account] = minor_of(amount, currency)
    return found


def _load(
    session: Session,
    tenant: UUID,
    directory: Directory,
    lines: Sequence[BudgetLine],
    read: tuple[Papers, Source],
) -> bool:
    """Store one company's month; say whether it says anything new."""
    first = lines[0]
    company, currency = directory.companies[first.entity].id, first.currency
    lines = sorted(lines, key=lambda line: line.account)
    content = bytes.fromhex(
        digest(
            first.entity, first.period, currency,
            [line.account for line in lines], [line.amount for line in lines],
        )
    )  # fmt: skip
    known = {
        row[0]: bytes(row[1])
        for row in fetch(
            session,
            "select number, content_hash from etl_batches where entity_id = %(e)s"
            " and period = %(p)s and kind = 'budget'",
            e=company,
            p=month(first.period),
        )
    }
    latest = max(known, default=0)
    if latest and known[latest] in (content, again(content, latest)):
        return False
    hashed = again(content, latest + 1) if content in known.values() else content
    amounts = [hundredths(line.amount, currency) for line in lines]
    batch = uuid4()
    papers, source = read
    about: Mapping[str, Any] = {
        "tenant_id": tenant, "entity_id": [company], "period": [month(first.period)],
    }  # fmt: skip
    insert_columns(
        session,
        etl_batches,
        {
            **about,
            "kind": "budget",
            "id": [batch],
            "number": [latest + 1],
            "currency": [currency],
            "line_count": [len(lines)],
            "debit_total": [sum(amount for amount in amounts if amount > 0)],
            "credit_total": [-sum(amount for amount in amounts if amount < 0)],
            "content_hash": [hashed],
            "source_document_id": papers.refer([(source, company)]),
        },
    )
    count = len(lines)
    insert_columns(
        session,
        budgets,
        {
            "tenant_id": tenant,
            "entity_id": [company] * count,
            "period": [month(first.period)] * count,
            "batch_id": [batch] * count,
            "scenario": [SCENARIO] * count,
            "standard_number": [directory.accounts[line.account] for line in lines],
            "currency": [currency] * count,
            "amount": amounts,
        },
    )
    return True
