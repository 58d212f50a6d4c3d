"""
Trial balances and the documents they were read from.

The same balance is one batch however often it comes; another one of the same month is the
next batch, and the highest number is in force. One that does not balance is kept with its
status, and a close stops at it. Lines stand as rows, to be asked for, and as one row of
arrays, to be closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.digest import digest
from monthclose.ledger.sources import BookItem
from monthclose.store.arrays import insert_rows
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.intake_charts import Charts
from monthclose.store.lookup import Directory, hundredths, month
from monthclose.store.nouns import to_json
from monthclose.store.papers import Kept
from monthclose.store.subledgers import Place, insert_items
from monthclose.store.tables import (
    etl_batches,
    trial_balance_columns,
    trial_balances,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    What was loaded.

    Attributes:
        counts: New balances.
        hashes: SHA-256 of each balance that is in force now, of those given.
    """

    counts: Mapping[str, int]
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Batch:
    """A balance that becomes a batch."""

    id: UUID
    raw: RawBalance
    company: UUID
    number: int
    hash: bytes
    accounts: NDArray[np.int32]
    partners: NDArray[np.int32]


def content_of(raw: RawBalance, items: tuple[BookItem, ...] = ()) -> str:
    """
    SHA-256 over all that a balance says; where it was read from is not part of it.

    The items it was read with are: others are another batch, though they come to the same.
    """
    return digest(
        raw.entity,
        raw.period,
        raw.currency,
        raw.accounts,
        raw.partners,
        raw.amounts,
        raw.opening,
        raw.debit,
        raw.credit,
        raw.basis,
        raw.gaps,
        *((items,) if items else ()),
    )


def again(content: bytes, number: int) -> bytes:
    """Hash of a balance that comes again after another one took its place."""
    return sha256(content + f"again {number}".encode()).digest()


def load_balances(
    session: Session,
    tenant: UUID,
    directory: Directory,
    charts: Charts,
    balances: Sequence[RawBalance],
    papers: Kept,
) -> Loaded:
    """
    Load balances that do not stand yet, and the documents they were read from.

    Raises:
        PeriodClosed: a month of one that is new is locked.
        YearWithoutPartition: the database has no room for its year.
    """
    stored: dict[tuple[UUID, Any], dict[int, bytes]] = {}
    opened: dict[tuple[UUID, Any], bool] = {}
    for company, period, number, hashed, opens in fetch(
        session,
        "select b.entity_id, b.period, b.number, b.content_hash, c.opening is not null"
        "       or coalesce(l.state, '') = 'closed'"
        "  from etl_batches as b left join trial_balance_columns as c"
        "    on c.entity_id = b.entity_id and c.period = b.period and c.batch_id = b.id"
        "  left join period_locks as l"
        "    on l.tenant_id = b.tenant_id and l.entity_id = b.entity_id and l.period = b.period"
        " where b.tenant_id = %(t)s and b.kind = 'trial_balance'"
        "   and b.entity_id = any(%(e)s) order by b.number",
        t=tenant,
        e=list({directory.companies[raw.entity].id for raw in balances}),
    ):
        stored.setdefault((company, period), {})[number] = bytes(hashed)
        opened[company, period] = opens
    batches: list[_Batch] = []
    hashes = []
    for raw in balances:
        company = directory.companies[raw.entity].id
        content = content_of(raw, papers.items)
        hashes.append(content)
        place = (company, month(raw.period))
        known = stored.get(place, {})
        hashed, latest = bytes.fromhex(content), max(known, default=0)
        # Schema 0001 kept no opening to be read back: one that is given is the next batch,
        # and what was closed with the batch before is still made with that. A month that
        # is locked stays as it was locked.
        lacks = raw.opening is not None and len(raw.accounts) and not opened.get(place, True)
        if known and not lacks and known[latest] in (hashed, again(hashed, latest)):
            continue
        numbers = charts[raw.entity]
        batches.append(
            _Batch(
                uuid4(),
                raw,
                company,
                latest + 1,
                again(hashed, latest + 1) if hashed in known.values() else hashed,
                np.array([numbers[code] for code in raw.accounts], dtype=np.int32),
                directory.partner_numbers(raw.partners or ("",) * len(raw.accounts)),
            )
        )
    papers.keep([(raw.source, directory.companies[raw.entity].id) for raw in balances])
    if batches:
        refer = papers.refer([(batch.raw.source, batch.company) for batch in batches])
        _insert_batches(session, tenant, batches, refer, papers.told)
        months: dict[str, list[_Batch]] = {}
        for batch in batches:
            months.setdefault(batch.raw.period, []).append(batch)
        for period, members in months.items():
            _insert_lines(session, period, members)
        _insert_arrays(session, batches)
        for batch in batches if papers.items else ():
            of = Place(batch.company, batch.raw.period, batch.id)
            insert_items(session, directory, charts[batch.raw.entity], of, papers.items)
    return Loaded({"balances": len(batches)}, tuple(hashes))


def _insert_batches(
    session: Session,
    tenant: UUID,
    batches: Sequence[_Batch],
    papers: Sequence[UUID | None],
    told: Mapping[str, Any],
) -> None:
    raws = [batch.raw for batch in batches]
    totals = [
        (
            hundredths(int(raw.amounts[raw.amounts > 0].sum()), raw.currency),
            hundredths(-int(raw.amounts[raw.amounts < 0].sum()), raw.currency),
        )
        for raw in raws
    ]
    insert_columns(
        session,
        etl_batches,
        {
            "tenant_id": tenant,
            "kind": "trial_balance",
            "id": [batch.id for batch in batches],
            "entity_id": [batch.company for batch in batches],
            "period": [month(raw.period) for raw in raws],
            "number": [batch.number for batch in batches],
            "status": ["unbalanced" if raw.out_by else "stored" for raw in raws],
            "basis": [raw.basis.value for raw in raws],
            "gaps": [Jsonb(to_json(raw.gaps)) for raw in raws],
            "currency": [raw.currency for raw in raws],
            "line_count": [len(raw.accounts) for raw in raws],
            "debit_total": [debit for debit, _ in totals],
            "credit_total": [credit for _, credit in totals],
            "content_hash": [batch.hash for batch in batches],
            "source_document_id": list(papers),
            **told,
        },
    )


def _insert_lines(session: Session, period: str, batches: Sequence[_Batch]) -> None:
    """Insert the lines of one month as rows, in one statement."""
    columns: dict[str, Any] = {
        "entity_id": [],
        "batch_id": [],
        "currency": [],
        "opening": [],
        "debit": [],
        "credit": [],
        "source_row": [],
    }
    closing, accounts, partners, lines = [], [], [], []
    for batch in batches:
        raw, count = batch.raw, len(batch.raw.accounts)
        columns["entity_id"] += [batch.company] * count
        columns["batch_id"] += [batch.id] * count
        columns["currency"] += [raw.currency] * count
        for name in ("opening", "debit", "credit"):
            amounts = getattr(raw, name)
            given = amounts is not None
            columns[name] += hundredths(amounts, raw.currency).tolist() if given else [None] * count
        rows = raw.source.rows if raw.source else ()
        columns["source_row"] += list(map(int, rows)) if len(rows) == count else [None] * count
        closing.append(hundredths(raw.amounts, raw.currency))
        accounts.append(batch.accounts)
        partners.append(batch.partners)
        lines.append(np.arange(1, count + 1, dtype=np.int32))
    for name in ("opening", "debit", "credit", "source_row"):
        if all(value is None for value in columns[name]):
            del columns[name]
    facing = np.concatenate(partners)
    if facing.any():
        columns["partner_number"] = [number or None for number in facing.tolist()]
    if not len(facing):
        return
    insert_columns(
        session,
        trial_balances,
        {
            "period": month(period),
            "line": np.concatenate(lines),
            "account_number": np.concatenate(accounts),
            "closing": np.concatenate(closing),
            **columns,
        },
    )


def _insert_arrays(session: Session, batches: Sequence[_Batch]) -> None:
    """Insert each balance as one row of arrays: minor units, as they came."""
    for opened in (False, True):  # an array that is not there has no length to cut at
        rows = [
            {
                "entity_id": batch.company,
                "period": month(batch.raw.period),
                "batch_id": batch.id,
                "account_numbers": batch.accounts,
                "partner_numbers": batch.partners,
                "net": batch.raw.amounts,
                **({"opening": batch.raw.opening} if opened else {}),
            }
            for batch in batches
            if (batch.raw.opening is not None) is opened
        ]
        insert_rows(session, trial_balance_columns, rows)
