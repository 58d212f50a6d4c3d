"""
What is known of the files of a company: how their tables are laid out, and lines for gaps.

Both are documents of the company, never changed: the latest layout and the highest batch of
a month are in force.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from monthclose.ledger.balances import Source
from monthclose.ledger.sources import SourceDocument, Supplement, SupplementLine
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.intake_charts import open_at_once, open_company_month
from monthclose.store.lookup import hundredths, month, period_of
from monthclose.store.session import acting
from monthclose.store.tables import etl_batches, source_documents
from monthclose.store.trail import note

LAYOUT = "application/vnd.monthclose.layout+json"
SUPPLEMENT = "application/vnd.monthclose.supplement+json"


@dataclass(frozen=True, slots=True)
class CompanyFiles:
    """
    Files of one company, with one person's rights.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
        company: The company.
    """

    engine: Engine
    user: UUID
    tenant: UUID
    company: UUID

    def layout(self, kind: str) -> Mapping[str, Any] | None:
        """The layout that is remembered for files of *kind*, or None."""
        with acting(self.engine, self.user) as session:
            found = self._layouts(session, kind)
        return found[-1]["layout"] if found else None

    def remember(self, kind: str, layout: Mapping[str, Any]) -> bool:
        """
        Remember a layout from here on.

        Returns:
            Whether it is another one than before.
        """
        with acting(self.engine, self.user) as session:
            found = self._layouts(session, kind)
            if found and found[-1]["layout"] == layout:
                return False
            # Its number keeps one that comes again after another apart from the first.
            told = {"number": len(found) + 1, "layout": dict(layout)}
            content = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
            self.keep(session, f"layout {kind}", LAYOUT, content)
            return True

    def _layouts(self, session: Session, kind: str) -> list[dict[str, Any]]:
        rows = fetch(
            session,
            "select bytes from source_documents where tenant_id = %(t)s and entity_id = %(e)s"
            " and media_type = %(m)s and label = %(l)s",
            t=self.tenant,
            e=self.company,
            m=LAYOUT,
            l=f"layout {kind}",
        )
        return sorted((json.loads(bytes(row[0])) for row in rows), key=lambda each: each["number"])

    def unknown(self, accounts: Iterable[str]) -> tuple[str, ...]:
        """Those accounts that the company's own chart does not have, in order."""
        wanted = sorted(set(accounts))
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select code from entity_chart_of_accounts where entity_id = %(e)s"
                " and code = any(%(c)s)",
                e=self.company,
                c=wanted,
            )
        known = {row[0] for row in rows}
        return tuple(code for code in wanted if code not in known)

    def supplement(self, entity: str, period: str) -> Supplement | None:
        """The lines for the gaps of a month that are in force, or None."""
        with acting(self.engine, self.user) as session:
            return read_supplement(session, self.company, entity, period)

    def take_supplement(self, given: Supplement, document: SourceDocument) -> int:
        """
        Store lines for the gaps of a month; the same again changes nothing.

        Returns:
            Number of the batch in force.

        Raises:
            PeriodClosed: the month is locked.
        """
        told = asdict(given) | {"sha256": document.sha256}
        del told["number"]  # what comes again has the number of what it repeats
        content = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        open_at_once(self.engine, self.user, self.tenant, self.company, given.period)
        with acting(self.engine, self.user) as session:
            known = {
                row[0]: bytes(row[1])
                for row in fetch(
                    session,
                    "select number, content_hash from etl_batches where entity_id = %(e)s"
                    " and period = %(p)s and kind = 'supplement'",
                    e=self.company,
                    p=month(given.period),
                )
            }
            latest = max(known, default=0)
            hashed = sha256(content).digest()
            again = sha256(content + f"again {latest}".encode()).digest()
            if latest and known[latest] in (hashed, again):
                return latest
            if hashed in known.values():
                hashed = sha256(content + f"again {latest + 1}".encode()).digest()
            open_company_month(session, self.tenant, self.company, given.period)
            self.keep(session, document.label, document.media_type, document.content)
            paper = self.keep(session, f"gaps {given.period}", SUPPLEMENT, content)
            total = hundredths(sum(line.debit for line in given.lines), given.currency)
            insert_columns(
                session,
                etl_batches,
                {
                    "tenant_id": self.tenant,
                    "kind": "supplement",
                    "id": [uuid4()],
                    "entity_id": [self.company],
                    "period": [month(given.period)],
                    "number": [latest + 1],
                    "basis": ["imported_balancete"],
                    "gaps": [Jsonb([{"name": gap, "note": ""} for gap in sorted(given.filled)])],
                    "currency": [given.currency],
                    "line_count": [len(given.lines)],
                    "debit_total": [total],
                    "credit_total": [total],
                    "content_hash": [hashed],
                    "source_document_id": [paper],
                    "erp": ["balancete"],
                },
            )
            note(
                session, self.tenant, "import.gaps", "entity", self.company,
                period=given.period, lines=len(given.lines), gaps=sorted(given.filled),
            )  # fmt: skip
            return latest + 1

    def derived_after(self, period: str) -> tuple[str, ...]:
        """Open months after one that have a derived balance: they opened with its closing."""
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select distinct b.period from etl_batches as b left join period_locks as l"
                "    on l.entity_id = b.entity_id and l.period = b.period"
                " where b.entity_id = %(e)s and b.kind = 'trial_balance'"
                "   and b.basis = 'derived' and b.period > %(p)s"
                "   and coalesce(l.state, '') <> 'closed' order by b.period",
                e=self.company,
                p=month(period),
            )
        return tuple(period_of(row[0]) for row in rows)

    def keep(self, session: Session, label: str, media_type: str, content: bytes) -> UUID:
        """Keep a document of the company once."""
        hashed = sha256(content).digest()
        rows = fetch(
            session,
            "select id from source_documents where tenant_id = %(t)s and entity_id = %(e)s"
            " and sha256 = %(h)s",
            t=self.tenant,
            e=self.company,
            h=hashed,
        )
        if rows:
            found: UUID = rows[0][0]
            return found
        made = uuid4()
        insert_columns(
            session,
            source_documents,
            {
                "tenant_id": self.tenant,
                "entity_id": self.company,
                "id": [made],
                "sha256": [hashed],
                "bytes": [content],
                "media_type": [media_type],
                "label": [label[:500]],
                "fetched_at": [datetime.now(UTC)],
            },
        )
        return made


def read_supplement(
    session: Session, company: UUID, entity: str, period: str, number: int = 0
) -> Supplement | None:
    """The lines for the gaps of a company's month of a load; nil: those in force, or None."""
    found = _supplement(session, company, period, number)
    if found is None:
        return None
    told, number = found
    lines = tuple(SupplementLine(**line) for line in told["lines"])
    return Supplement(entity, period, told["currency"], lines, tuple(told["none"]), number)


def read_paper(session: Session, company: UUID, period: str) -> Source | None:
    """The table that those lines stand in, or None."""
    found = _supplement(session, company, period)
    if found is None:
        return None
    told, _ = found
    rows = fetch(
        session,
        "select label from source_documents where entity_id = %(e)s and sha256 = %(h)s",
        e=company,
        h=bytes.fromhex(told["sha256"]),
    )
    return Source(rows[0][0], told["sha256"]) if rows else None


def _supplement(
    session: Session, company: UUID, period: str, number: int = 0
) -> tuple[dict[str, Any], int] | None:
    """What is stored of the lines of a load, and its number; nil: those in force."""
    rows = fetch(
        session,
        "select d.bytes, b.number from etl_batches as b join source_documents as d"
        "    on d.entity_id = b.entity_id and d.id = b.source_document_id"
        " where b.entity_id = %(e)s and b.period = %(p)s and b.kind = 'supplement'"
        "   and %(n)s in (0, b.number) order by b.number desc limit 1",
        e=company,
        p=month(period),
        n=number,
    )
    if not rows:
        return None
    return json.loads(bytes(rows[0][0])), rows[0][1]
