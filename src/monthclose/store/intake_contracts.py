"""
Contracts of customers: one batch a company and month, its lines as rows.

The same contracts are one batch however often they come; others of the same month are the
next batch, and the highest number is in force. A month that is no longer given stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy.orm import Session

from monthclose.ledger.balances import Source
from monthclose.ledger.digest import digest
from monthclose.ledger.subscriptions import ContractMonth
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.intake_balances import again
from monthclose.store.lookup import Directory, hundredths, minor_of, month, period_of
from monthclose.store.papers import PART, Papers
from monthclose.store.tables import etl_batches, subscriptions

KIND = "subscriptions"
_LAST = "2100-12"


def load_contracts(
    session: Session,
    tenant: UUID,
    directory: Directory,
    contracts: Sequence[ContractMonth],
    papers: Papers,
) -> int:
    """
    Load contracts that do not stand yet; a month at a time, in two statements.

    Returns:
        How many companies' months are new.

    Raises:
        PeriodClosed: a month of one that is new is locked.
    """
    if not contracts:
        return 0
    stored: dict[tuple[UUID, Any], dict[int, bytes]] = {}
    for company, period, number, hashed in fetch(
        session,
        "select entity_id, period, number, content_hash from etl_batches"
        " where tenant_id = %(t)s and kind = %(k)s order by number",
        t=tenant,
        k=KIND,
    ):
        stored.setdefault((company, period), {})[number] = bytes(hashed)
    fresh: dict[str, list[tuple[ContractMonth, UUID, int, bytes]]] = {}
    for each in contracts:
        company = directory.companies[each.entity].id
        known = stored.get((company, month(each.period)), {})
        hashed, latest = bytes.fromhex(digest(*each.content)), max(known, default=0)
        if known and known[latest] in (hashed, again(hashed, latest)):
            continue
        marked = again(hashed, latest + 1) if hashed in known.values() else hashed
        fresh.setdefault(each.period, []).append((each, company, latest + 1, marked))
    for period, batches in fresh.items():
        _insert(session, tenant, period, batches, papers)
    return sum(map(len, fresh.values()))


def _insert(
    session: Session,
    tenant: UUID,
    period: str,
    batches: Sequence[tuple[ContractMonth, UUID, int, bytes]],
    papers: Papers,
) -> None:
    """Insert the batches of a month and their lines."""
    ids = [uuid4() for _ in batches]
    insert_columns(
        session,
        etl_batches,
        {
            "tenant_id": tenant,
            "kind": KIND,
            "period": month(period),
            "id": ids,
            "entity_id": [company for _, company, _, _ in batches],
            "number": [number for _, _, number, _ in batches],
            "currency": [each.currency for each, *_ in batches],
            "line_count": [len(each.customers) for each, *_ in batches],
            "content_hash": [hashed for *_, hashed in batches],
            "source_document_id": papers.refer(
                [(each.source, company) for each, company, _, _ in batches]
            ),
        },
    )
    columns: dict[str, list[Any]] = {
        name: [] for name in ("entity_id", "batch_id", "customer", "product", "currency")
    }
    amounts: list[Any] = []
    rows: list[int | None] = []
    for key, (each, company, _, _) in zip(ids, batches, strict=True):
        count = len(each.customers)
        columns["entity_id"] += [company] * count
        columns["batch_id"] += [key] * count
        columns["customer"] += each.customers
        columns["product"] += each.plans
        columns["currency"] += [each.currency] * count
        amounts.append(hundredths(each.mrr, each.currency))
        known = each.source is not None and len(each.source.rows) == count
        rows += each.source.rows.tolist() if known and each.source else [None] * count
    given: dict[str, Any] = {**columns, "mrr": np.concatenate(amounts)}
    if any(row is not None for row in rows):
        given["source_row"] = rows
    insert_columns(session, subscriptions, {"period": month(period), **given})


def read_contracts(
    session: Session,
    tenant: UUID,
    period: str = "",
    chosen: Mapping[str, Mapping[str, int]] | None = None,
) -> tuple[ContractMonth, ...]:
    """
    Read contracts back, a row of the answer for each company and month.

    Args:
        session: Open.
        tenant: The portfolio.
        period: The last month; empty: all.
        chosen: Numbers of the batches, by month and company; None: the latest.
    """
    if chosen is not None and not chosen:
        return ()
    rows = fetch(
        session,
        "select e.code, b.period, b.currency, b.number, d.label,"
        "       case when d.media_type = %(slip)s"
        "            then convert_from(substr(d.bytes, 1, 64), 'UTF8')"
        "            else encode(d.sha256, 'hex') end,"
        "       array_agg(s.customer order by s.source_row, s.customer, s.product),"
        "       array_agg(s.product order by s.source_row, s.customer, s.product),"
        "       array_agg((s.mrr * 100)::bigint order by s.source_row, s.customer, s.product),"
        "       array_agg(coalesce(s.source_row, 0)"
        "                 order by s.source_row, s.customer, s.product)"
        "  from (select distinct on (entity_id, period) * from etl_batches"
        "         where tenant_id = %(t)s and kind = %(k)s and period <= %(p)s"
        "           and (%(all)s or (entity_id, period, number) in (select e.id, c.day, c.number"
        "                from unnest(%(c)s::text[], %(d)s::date[], %(n)s::integer[])"
        "                  as c (code, day, number)"
        "                join portfolio_entities as e"
        "                  on e.tenant_id = %(t)s and e.code = c.code))"
        "         order by entity_id, period, number desc) as b"
        "  join portfolio_entities as e on e.tenant_id = b.tenant_id and e.id = b.entity_id"
        "  join subscriptions as s"
        "    on s.entity_id = b.entity_id and s.period = b.period and s.batch_id = b.id"
        "  left join source_documents as d"
        "    on d.entity_id = b.entity_id and d.id = b.source_document_id"
        " group by e.code, b.period, b.currency, b.number, d.label, d.media_type, d.bytes, d.sha256"
        " order by b.period, e.code",
        t=tenant,
        k=KIND,
        slip=PART,
        p=month(period or _LAST),
        all=chosen is None,
        c=[code for each in (chosen or {}).values() for code in each],
        d=[month(when) for when, each in (chosen or {}).items() for _ in each],
        n=[number for each in (chosen or {}).values() for number in each.values()],
    )
    return tuple(map(_contracts, rows))


def _contracts(row: tuple[Any, ...]) -> ContractMonth:
    """One company's month as it was selected."""
    code, day, currency, number, label, sha256, customers, plans, amounts, rows = row
    places = np.asarray(rows, dtype=np.int32)
    known = places if places.all() else np.zeros(0, dtype=np.int32)
    source = None if label is None else Source(label, sha256 or "", known)
    mrr = [minor_of(int(each), currency) for each in amounts]
    return ContractMonth(
        code,
        period_of(day),
        currency,
        tuple(customers),
        tuple(plans),
        np.array(mrr, dtype=np.int64),
        source,
        number,
    )
