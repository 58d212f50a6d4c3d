"""Opening balances of a company's first month in a source without a ledger, as documents."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from monthclose.ledger.cutover import CutOver, OpeningLine
from monthclose.ledger.errors import CloseError
from monthclose.ledger.sources import SourceDocument
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.files import CompanyFiles
from monthclose.store.intake_charts import open_company_month
from monthclose.store.lookup import hundredths, month, period_of
from monthclose.store.session import acting
from monthclose.store.tables import etl_batches
from monthclose.store.trail import note

OPENINGS = "application/vnd.monthclose.openings+json"


class OpeningsInMidLife(CloseError):
    """The month before was read from a source, and the month builds on what was read."""

    code = "openings-in-mid-life"

    def __init__(self, entity: str, period: str, erp: str) -> None:
        super().__init__(entity=entity, period=period, erp=erp)


@dataclass(frozen=True, slots=True)
class CompanyOpenings:
    """
    Opening balances of one company, with one person's rights.

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

    def check(self, given: CutOver, derived: Sequence[str]) -> None:
        """
        See that the month may open with other balances than the month before closed with.

        Args:
            given: The balances.
            derived: Sources without a ledger, each month of which builds on the month before.

        Raises:
            OpeningsInMidLife: the month before was read from one of them.
        """
        earlier = given.balance.period
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select erp from etl_batches where entity_id = %(e)s and period = %(p)s"
                " and kind = 'trial_balance' order by number desc limit 1",
                e=self.company,
                p=month(earlier),
            )
        if rows and rows[0][0] in derived:
            raise OpeningsInMidLife(given.entity, earlier, rows[0][0])

    def take(self, given: CutOver, document: SourceDocument | None = None) -> int:
        """
        Store opening balances; the same again changes nothing.

        Args:
            given: The balances.
            document: What they were read from; None: from the balance that stands.

        Returns:
            Number of the batch in force.

        Raises:
            PeriodClosed: the month is locked.
        """
        told = {
            "period": given.period,
            "currency": given.currency,
            "lines": [[line.account, line.name, line.amount] for line in given.lines],
            "sha256": document.sha256 if document else "",
        }
        content = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        files = CompanyFiles(self.engine, self.user, self.tenant, self.company)
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select number, content_hash from etl_batches where entity_id = %(e)s"
                " and period = %(p)s and kind = 'openings'",
                e=self.company,
                p=month(given.period),
            )
            known = {number: bytes(hashed) for number, hashed in rows}
            latest, hashed = max(known, default=0), sha256(content).digest()
            if latest and known[latest] in (hashed, _again(content, latest)):
                return latest
            if hashed in known.values():
                hashed = _again(content, latest + 1)
            open_company_month(session, self.tenant, self.company, given.period)
            if document is not None:
                files.keep(session, document.label, document.media_type, document.content)
            paper = files.keep(session, f"openings {given.period}", OPENINGS, content)
            debits = sum(line.amount for line in given.lines if line.amount > 0)
            total = hundredths(debits, given.currency)
            insert_columns(
                session,
                etl_batches,
                {
                    "tenant_id": self.tenant,
                    "kind": "openings",
                    "id": [uuid4()],
                    "entity_id": [self.company],
                    "period": [month(given.period)],
                    "number": [latest + 1],
                    "basis": ["imported_balancete"],
                    "currency": [given.currency],
                    "line_count": [len(given.lines)],
                    "debit_total": [total],
                    "credit_total": [total],
                    "content_hash": [hashed],
                    "source_document_id": [paper],
                    "erp": ["openings"],
                },
            )
            note(
                session, self.tenant, "import.openings", "entity", self.company,
                period=given.period, lines=len(given.lines), number=latest + 1,
            )  # fmt: skip
            return latest + 1


def _again(content: bytes, number: int) -> bytes:
    """Hash of balances that come again after others took their place."""
    return sha256(content + f"again {number}".encode()).digest()


def read_openings(session: Session, company: UUID, entity: str, period: str) -> CutOver | None:
    """The opening balances of a company's month that are in force, or None."""
    rows = fetch(
        session,
        "select d.bytes from etl_batches as b join source_documents as d"
        "    on d.entity_id = b.entity_id and d.id = b.source_document_id"
        " where b.entity_id = %(e)s and b.period = %(p)s and b.kind = 'openings'"
        " order by b.number desc limit 1",
        e=company,
        p=month(period),
    )
    if not rows:
        return None
    told = json.loads(bytes(rows[0][0]))
    lines = tuple(OpeningLine(*line) for line in told["lines"])
    return CutOver(entity, period, told["currency"], lines)


def first_month(session: Session, company: UUID) -> str:
    """The first month that opening balances were loaded for, or empty."""
    rows = fetch(
        session,
        "select min(period) from etl_batches where entity_id = %(e)s and kind = 'openings'",
        e=company,
    )
    return period_of(rows[0][0]) if rows[0][0] else ""
