"""
Quotes as they were published. One is never edited: a correction is the next number.

A quote of a day stands in `fx_rates`, one of a month in `fx_rates_monthly`. Daily quotes
of several sources stand beside each other, so the latest number of each source is in
force; of a closing, average or historical quote there is one, so the latest number is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table
from sqlalchemy.orm import Session

from monthclose.ledger.rates import Quote, RateKind
from monthclose.ledger.sources import FetchedRates
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.lookup import decimal, month, period_of
from monthclose.store.review import Stored, withdraw
from monthclose.store.tables import fx_rates, fx_rates_monthly, source_documents

NOT_STATED = "–"
"""The source of a quote that names none."""

_DAYS = (
    "select base, quote, day, kind, number, (value * 10000000000)::numeric(30,0)::text, source,"
    " id, 'submitted', '', source_document_id is null"
    " from fx_rates where tenant_id = %(t)s order by number"
)
_MONTHS = (
    "select base, quote, period, kind, number, (value * 10000000000)::numeric(30,0)::text, source,"
    " id, status, origin, source_document_id is null"
    " from fx_rates_monthly where tenant_id = %(t)s order by number"
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A stored quote; *loose* is one that no document was kept with."""

    quote: Quote
    number: int
    row: Stored
    origin: str
    loose: bool

    @property
    def counts(self) -> bool:
        """Whether a run takes it: an override only once it is approved."""
        wanted = ("approved",) if self.origin == "override" else ("submitted", "approved")
        return self.row.status in wanted


def _place(quote: Quote) -> tuple[str, ...]:
    """What two quotes share of which one numbers the other."""
    return (quote.base, quote.quote, quote.kind.value, quote.on)


def stands(quote: Quote) -> tuple[str, ...]:
    """What two quotes share of which only the later is in force."""
    return (*_place(quote), quote.source if quote.kind is RateKind.DAILY else "")


def _read(session: Session, tenant: UUID) -> list[_Row]:
    """Every quote ever stored, the later numbers later."""
    rows: list[_Row] = []
    for query, write in ((_DAYS, date.isoformat), (_MONTHS, period_of)):
        for row in fetch(session, query, t=tenant):
            base, other, day, kind, number, value, source, key, status, origin, loose = row
            source = "" if source == NOT_STATED else source
            quote = Quote(base, other, int(value), RateKind(kind), write(day), source)
            rows.append(_Row(quote, number, Stored(key, status), origin, loose))
    return rows


def read_rates(session: Session, tenant: UUID) -> tuple[Quote, ...]:
    """The quotes in force, in order of what they are of."""
    latest = {stands(row.quote): row.quote for row in _read(session, tenant) if row.counts}
    return tuple(latest[key] for key in sorted(latest))


def read_loose_rates(session: Session, tenant: UUID) -> tuple[Quote, ...]:
    """Those of the quotes in force that came without a document: from a group folder."""
    latest = {stands(row.quote): row for row in _read(session, tenant) if row.counts}
    return tuple(latest[key].quote for key in sorted(latest) if latest[key].loose)


def load_fetched(session: Session, tenant: UUID, fetched: FetchedRates) -> int:
    """
    Add quotes that a central bank published, with the answer they stand in.

    A quote that is stored already is not stored again; one that was corrected is the next
    number. The document is kept only when a quote is new.

    Returns:
        How many were added.
    """
    return load_rates(session, tenant, fetched.quotes, fetched)


def load_rates(
    session: Session, tenant: UUID, quotes: Iterable[Quote], fetched: FetchedRates | None = None
) -> int:
    """
    Add quotes that are new, and those that are another number than before.

    What a person put over a quote stays over it: an import is held against what was
    imported before.

    Args:
        session: Acts for somebody who may load rates.
        tenant: The portfolio.
        quotes: As they were published.
        fetched: Where they were read, when they were fetched.

    Returns:
        How many were added.
    """
    numbers: dict[tuple[str, ...], int] = {}
    latest: dict[tuple[str, ...], _Row] = {}
    for row in _read(session, tenant):
        numbers[_place(row.quote)] = max(row.number, numbers.get(_place(row.quote), 0))
        if row.counts and row.origin != "override":
            latest[stands(row.quote)] = row
    fresh: list[tuple[Quote, int]] = []
    replaced: list[Stored] = []
    for quote in quotes:
        before = latest.get(stands(quote))
        if before and (before.quote.value_e10, before.quote.source) == (
            quote.value_e10,
            quote.source,
        ):
            continue
        place = _place(quote)
        numbers[place] = numbers.get(place, 0) + 1
        fresh.append((quote, numbers[place]))
        if before and before.origin and before.row.status == "submitted":
            replaced.append(before.row)
    withdraw(session, fx_rates_monthly, replaced)
    days = [each for each in fresh if len(each[0].on) == 10]
    months = [each for each in fresh if len(each[0].on) != 10]
    paper = _keep(session, tenant, fetched) if fetched and fresh else None
    published = fetched.published if fetched else {}
    _insert(
        session,
        fx_rates,
        tenant,
        days,
        day=[date.fromisoformat(q.on) for q, _ in days],
        published_at=[published.get((q.base, q.quote, q.on)) for q, _ in days],
        source_document_id=paper,
    )
    _insert(
        session,
        fx_rates_monthly,
        tenant,
        months,
        period=[month(q.on) for q, _ in months],
        origin="imported",
        status="submitted",
        source_document_id=paper,
    )
    return len(fresh)


def _keep(session: Session, tenant: UUID, fetched: FetchedRates) -> UUID | None:
    """Keep the answers that quotes were read from; the last is the one they refer to."""
    kept: UUID | None = None
    for each in fetched.documents:
        hashed = bytes.fromhex(each.sha256)
        known = fetch(
            session,
            "select id from source_documents"
            " where tenant_id = %(t)s and entity_id is null and sha256 = %(h)s",
            t=tenant,
            h=hashed,
        )
        if known:
            kept = known[0][0]
            continue
        kept = uuid4()
        insert_columns(
            session,
            source_documents,
            {
                "tenant_id": tenant,
                "id": [kept],
                "sha256": [hashed],
                "bytes": [each.content],
                "media_type": [each.media_type],
                "label": [each.label],
                "endpoint": [each.endpoint],
                "fetched_at": [each.fetched_at],
            },
        )
    return kept


def _insert(
    session: Session,
    table: Table,
    tenant: UUID,
    fresh: Sequence[tuple[Quote, int]],
    **columns: Any,
) -> None:
    if not fresh:
        return
    quotes = [quote for quote, _ in fresh]
    insert_columns(
        session,
        table,
        {
            "tenant_id": tenant,
            "base": [quote.base for quote in quotes],
            "quote": [quote.quote for quote in quotes],
            "kind": [quote.kind.value for quote in quotes],
            "number": [number for _, number in fresh],
            "value": [decimal(quote.value_e10, 10) for quote in quotes],
            "source": [quote.source or NOT_STATED for quote in quotes],
            **columns,
        },
    )
