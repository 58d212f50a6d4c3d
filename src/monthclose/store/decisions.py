"""
What waits for a second person, whatever table it stands in, and the decision.

Who may decide, and that nobody decides on own work, are rules of the database.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, select, update
from sqlalchemy.orm import Session

from monthclose.ledger.errors import CloseError
from monthclose.store.errors import NotGranted
from monthclose.store.session import acting
from monthclose.store.tables import metadata, portfolio_entities, users
from monthclose.store.trail import note

REVIEWED = {
    name: table for name, table in sorted(metadata.tables.items()) if "approved_by" in table.c
}
"""Tables whose rows need a second person."""

_OF_REVIEW = {
    "id", "tenant_id", "entity_id", "status", "version", "created_by", "created_at",
    "last_edited_by", "editors", "submitted_by", "submitted_at", "approved_by", "approved_at",
    "approved_hash", "rejected_by", "decision_reason",
}  # fmt: skip

SHORTEST = 6
"""Characters of an id that name it, at least."""


class NothingWaits(CloseError):
    """Nothing that waits has that id, or none that the person may see."""

    code = "review-unknown"

    def __init__(self, id: str) -> None:
        super().__init__(id=id)


class WaitsUnclear(CloseError):
    """Several things that wait have an id that begins so."""

    code = "review-unclear"

    def __init__(self, id: str, count: int) -> None:
        super().__init__(id=id, count=count)


class DecidedMeanwhile(CloseError):
    """Somebody decided on it, or changed it, since it was looked at."""

    code = "review-changed"

    def __init__(self, id: str) -> None:
        super().__init__(id=id)


@dataclass(frozen=True, slots=True)
class Waits:
    """
    One thing that waits for a second person.

    Attributes:
        id: Of the row.
        kind: Its table.
        entity: Code of the company, or empty.
        facts: What it says, by column.
        version: As it was looked at.
        by: Login of who submitted it.
        at: When.
    """

    id: UUID
    kind: str
    entity: str
    facts: Mapping[str, str]
    version: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decisions:
    """
    What waits in a portfolio, for one person.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
    """

    engine: Engine
    user: UUID
    tenant: UUID

    def waiting(self, kind: str = "") -> tuple[Waits, ...]:
        """Everything that waits and that the person may see, oldest first within its kind."""
        with acting(self.engine, self.user) as session:
            return tuple(self._waiting(session, kind))

    def decide(self, id: str, *, approve: bool, reason: str = "") -> Waits:
        """
        Approve or reject what waits.

        Args:
            id: The beginning of its id.
            approve: Whether it counts from now on.
            reason: Why.

        Raises:
            NothingWaits, WaitsUnclear: the id names nothing, or several.
            OwnWork: the person had a part in it.
            NotGranted: the person's role does not decide on this.
            DecidedMeanwhile: somebody was faster.
        """
        with acting(self.engine, self.user) as session:
            wanted = id.strip().lower()
            found = [each for each in self._waiting(session) if str(each.id).startswith(wanted)]
            if len(wanted) < SHORTEST or not found:
                raise NothingWaits(id)
            if len(found) > 1:
                raise WaitsUnclear(id, len(found))
            (waits,) = found
            table = REVIEWED[waits.kind]
            done = session.execute(
                update(table)
                .where(
                    table.c.id == waits.id,
                    table.c.status == "submitted",
                    table.c.version == waits.version,
                )
                .values(status="approved" if approve else "rejected", decision_reason=reason[:1000])
                .returning(table.c.id)
            ).all()
            if not done:
                still = any(each.id == waits.id for each in self._waiting(session, waits.kind))
                raise NotGranted if still else DecidedMeanwhile(id)
            action = "review.approve" if approve else "review.reject"
            note(session, self.tenant, action, waits.kind, waits.id, version=waits.version)
        return waits

    def _waiting(self, session: Session, kind: str = "") -> Iterator[Waits]:
        """Rows that wait, table by table."""
        codes = dict(
            session.execute(
                select(portfolio_entities.c.id, portfolio_entities.c.code).where(
                    portfolio_entities.c.tenant_id == self.tenant
                )
            ).all()
        )
        logins = dict(session.execute(select(users.c.id, users.c.login)).all())
        for name, table in REVIEWED.items():
            if kind in ("", name):
                for row in self._rows(session, table):
                    yield Waits(
                        id=row["id"],
                        kind=name,
                        entity=codes.get(row.get("entity_id"), ""),
                        facts={
                            column: codes.get(value, "") if isinstance(value, UUID) else told
                            for column, value in row.items()
                            if column not in _OF_REVIEW and (told := _told(value))
                        },
                        version=row["version"],
                        by=logins.get(row["submitted_by"], ""),
                        at=row["submitted_at"],
                    )

    def _rows(self, session: Session, table: Table) -> list[Mapping[str, Any]]:
        """Rows of one table that wait."""
        found = session.execute(
            select(table)
            .where(table.c.tenant_id == self.tenant, table.c.status == "submitted")
            .order_by(table.c.submitted_at, table.c.id)
        )
        return [dict(row) for row in found.mappings()]


def _told(value: Any) -> str:
    """A value as a person reads it; empty for what says nothing to a person."""
    match value:
        case None | bytes() | memoryview():
            return ""
        case bool():
            return str(value).lower()
        case str() | int() | Decimal() | date() | UUID():
            return str(value)
        case dict() | list():
            return str(value) if value else ""
        case _:
            return str(value)
