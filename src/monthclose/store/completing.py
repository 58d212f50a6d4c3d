"""
Balances without the lines for their gaps that came after them, and their next batches.

A balance of a source without a ledger is completed with such lines when it is read. Lines that
come later make it another balance: the same items and documents, the lines that were in it out,
the new ones in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from monthclose.ledger.balances import Basis, Gap, RawBalance
from monthclose.ledger.money import Amounts
from monthclose.ledger.sources import BookItem, SourceAccount, Supplement
from monthclose.store.answers import listed_anew
from monthclose.store.bulk import fetch
from monthclose.store.extract_charts import bring_accounts
from monthclose.store.files import read_paper, read_supplement
from monthclose.store.intake_balances import load_balances
from monthclose.store.lookup import Directory, minor_of, month, period_of
from monthclose.store.nouns import from_json
from monthclose.store.subledgers import read_items
from monthclose.store.trail import note


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    A balance in force that lacks lines for its gaps.

    Attributes:
        company: Whose.
        balance: As it stands, whole.
        items: What it was read with.
        was: The lines that are in it, or None.
        now: Those that should be.
        erp: Where it was read.
        writable: Whether the person may write the company's figures.
        told: Other columns of its batch.
        document: The document it was read from, or None.
    """

    company: UUID
    balance: RawBalance
    items: tuple[BookItem, ...]
    was: Supplement | None
    now: Supplement
    erp: str
    writable: bool
    told: Mapping[str, Any]
    document: UUID | None


@dataclass(frozen=True, slots=True)
class _Papers:
    """What a completed balance was read from: what it was read from before."""

    told: Mapping[str, Any]
    items: tuple[BookItem, ...]
    document: UUID | None

    def keep(self, sources: object) -> None:
        """It is kept already."""

    def refer(self, sources: Iterable[object]) -> list[UUID | None]:
        """The one document, of the one balance."""
        return [self.document for _ in sources]


def read_waiting(
    session: Session, tenant: UUID, period: str, company: UUID | None = None
) -> tuple[Waiting, ...]:
    """
    Balances of open months up to *period* that lack lines which came after them.

    Args:
        session: Whose rights hold.
        tenant: The portfolio.
        period: The last month.
        company: Whose; None: of all.
    """
    directory = Directory.read(session, tenant)
    partners = {each.number: code for code, each in directory.companies.items()}
    found = []
    for row in fetch(
        session,
        "select b.id, b.entity_id, b.period, b.currency, b.number, b.gaps, b.erp, b.tie_outs,"
        "       b.notes, b.removed_characters, b.late, b.source_document_id, s.number,"
        "       coalesce(b.supplement, (select max(e.number) from etl_batches as e"
        "          where e.entity_id = b.entity_id and e.period = b.period"
        "            and e.kind = 'supplement' and e.created_at <= b.created_at), 0) as has,"
        "       exists (select from user_entity_access as u where u.entity_id = b.entity_id"
        "          and u.user_id = public.current_user_id() and u.can_write)"
        "  from (select distinct on (entity_id, period) * from etl_batches"
        "         where tenant_id = %(t)s and kind = 'trial_balance' and period <= %(p)s"
        "           and (%(e)s::uuid is null or entity_id = %(e)s)"
        "         order by entity_id, period, number desc) as b"
        "  join (select entity_id, period, max(number) as number from etl_batches"
        "         where tenant_id = %(t)s and kind = 'supplement'"
        "         group by entity_id, period) as s"
        "    on s.entity_id = b.entity_id and s.period = b.period"
        "  left join period_locks as l on l.entity_id = b.entity_id and l.period = b.period"
        " where b.basis = 'derived' and coalesce(l.state, '') <> 'closed'"
        " order by b.entity_id, b.period",
        t=tenant,
        p=month(period),
        e=company,
    ):
        batch, company, day, currency, number, gaps, erp, ties, notes, removed, late = row[:11]
        document, wanted, has, writable = row[11:]
        if wanted <= has:
            continue
        entity, when = directory.codes[company], period_of(day)
        now = read_supplement(session, company, entity, when)
        if now is None:
            continue
        balance = _whole(session, company, batch, RawBalance(
            entity, when, currency, (), np.zeros(0, dtype=np.int64), basis=Basis.DERIVED,
            gaps=tuple(from_json(Gap, gap) for gap in gaps), number=number,
        ), partners)  # fmt: skip
        found.append(
            Waiting(
                company,
                balance,
                read_items(session, tenant, company, when, partners),
                read_supplement(session, company, entity, when, has) if has else None,
                now,
                erp,
                writable,
                {
                    "erp": erp,
                    "late": late,
                    "tie_outs": Jsonb(ties),
                    "notes": Jsonb(notes),
                    "removed_characters": removed,
                    "supplement": wanted,
                },
                document,
            )
        )
    return tuple(found)


def _whole(
    session: Session, company: UUID, batch: UUID, empty: RawBalance, partners: Mapping[int, str]
) -> RawBalance:
    """A balance with every column of its lines, in their order."""
    rows = fetch(
        session,
        "select a.code, t.partner_number, (t.closing * 100)::bigint, (t.opening * 100)::bigint,"
        "       (t.debit * 100)::bigint, (t.credit * 100)::bigint"
        "  from trial_balances as t join entity_chart_of_accounts as a"
        "    on a.entity_id = t.entity_id and a.number = t.account_number"
        " where t.entity_id = %(e)s and t.period = %(p)s and t.batch_id = %(b)s order by t.line",
        e=company,
        p=month(empty.period),
        b=batch,
    )
    columns: list[Amounts | None] = []
    for place in range(2, 6):
        told = [row[place] for row in rows]
        columns.append(
            None
            if None in told
            else np.array([minor_of(each, empty.currency) for each in told], dtype=np.int64)
        )
    amounts, opening, debit, credit = columns
    named = tuple(partners.get(row[1], "") for row in rows)
    return RawBalance(
        empty.entity,
        empty.period,
        empty.currency,
        tuple(row[0] for row in rows),
        empty.amounts if amounts is None else amounts,
        named if any(named) else (),
        basis=empty.basis,
        gaps=empty.gaps,
        number=empty.number,
        opening=opening,
        debit=debit,
        credit=credit,
    )


def complete(session: Session, tenant: UUID, waiting: Waiting, made: RawBalance) -> int:
    """
    Store a balance as it is with its lines for gaps.

    Returns:
        Number of the batch in force.

    Raises:
        PeriodClosed: the month is locked.
    """
    directory = Directory.read(session, tenant)
    known = frozenset(waiting.balance.accounts)
    fresh = [
        SourceAccount(each.account, each.name)
        for each in waiting.now.lines
        if each.account not in known
    ]
    numbers = bring_accounts(session, waiting.company, fresh)
    document, paper = waiting.document, read_paper(session, waiting.company, made.period)
    if document is not None and paper is not None:
        document = listed_anew(session, tenant, waiting.company, document, [paper])
    papers = _Papers(waiting.told, waiting.items, document)
    loaded = load_balances(session, tenant, directory, {made.entity: numbers}, [made], papers)
    note(
        session, tenant, "import.completed", "entity", waiting.company,
        period=made.period, sha256=loaded.hashes[0], lines=len(made.accounts),
    )  # fmt: skip
    return waiting.balance.number + loaded.counts["balances"]
