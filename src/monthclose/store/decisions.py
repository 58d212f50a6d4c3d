"""
What waits for a second person, whatever table it stands in, and the decision.

Who may decide, and that nobody decides on own work, are rules of the database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, func, select, update
from sqlalchemy.orm import Session

from monthclose.ledger.errors import CloseError
from monthclose.store.errors import NotGranted
from monthclose.store.session import acting
from monthclose.store.tables import journal_entry_lines, metadata, portfolio_entities, users
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

_AMOUNTS = {
    "acquisitions": "consideration",
    "gaap_adjustments": "amount",
    "group_events": "amount",
}
"""What the amount of a thing that waits is called."""

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

    def concerns(self, entity: str) -> bool:
        """Whether it is of a company, or names it."""
        return self.entity == entity or any(
            value == entity for name, value in self.facts.items() if name.endswith("_id")
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """One thing that was to be decided, and why it was not, or None."""

    waits: Waits
    error: CloseError | None = None


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

    def choose(
        self, ids: Sequence[str] = (), kind: str = "", entity: str = ""
    ) -> tuple[Waits, ...]:
        """
        What waits, by the beginnings of ids, of one kind, of one company; nothing said: all.

        Raises:
            NothingWaits, WaitsUnclear: an id names nothing, or several.
        """
        waiting = [each for each in self.waiting(kind) if entity == "" or each.concerns(entity)]
        return tuple(_named(id, waiting) for id in dict.fromkeys(ids)) if ids else tuple(waiting)

    def decide(self, waits: Waits, *, approve: bool, reason: str = "") -> None:
        """
        Approve or reject one thing that waits.

        Args:
            waits: As it was looked at.
            approve: Whether it counts from now on.
            reason: Why.

        Raises:
            OwnWork: the person had a part in it.
            NotGranted: the person's role does not decide on this.
            DecidedMeanwhile: somebody was faster.
        """
        table = REVIEWED[waits.kind]
        as_it_was = (
            table.c.id == waits.id,
            table.c.status == "submitted",
            table.c.version == waits.version,
        )
        with acting(self.engine, self.user) as session:
            done = session.execute(
                update(table)
                .where(*as_it_was)
                .values(status="approved" if approve else "rejected", decision_reason=reason[:1000])
                .returning(table.c.id)
            ).all()
            if not done:
                still = session.scalar(select(table.c.id).where(*as_it_was))
                raise NotGranted if still else DecidedMeanwhile(str(waits.id))
            action = "review.approve" if approve else "review.reject"
            note(session, self.tenant, action, waits.kind, waits.id, version=waits.version)

    def decide_all(
        self, chosen: Iterable[Waits], *, approve: bool, reason: str = ""
    ) -> tuple[Decided, ...]:
        """Approve or reject each of some things; one that may not be decided stops no other."""
        found = []
        for each in chosen:
            try:
                self.decide(each, approve=approve, reason=reason)
                found.append(Decided(each))
            except CloseError as error:
                found.append(Decided(each, error))
        return tuple(found)

    def totals(self, chosen: Iterable[Waits]) -> dict[tuple[str, str], Decimal]:
        """
        What things add up to, by kind and currency: amounts without their sign.

        Of an entry its debits count; kinds without an amount are left out.
        """
        found: dict[tuple[str, str], Decimal] = {}
        entries = []
        for each in chosen:
            amount = each.facts.get(_AMOUNTS.get(each.kind, ""), "")
            if each.kind == "journal_entries":
                entries.append(each.id)
            elif amount:
                place = (each.kind, each.facts.get("currency", ""))
                found[place] = found.get(place, Decimal()) + abs(Decimal(amount))
        lines = journal_entry_lines.c
        with acting(self.engine, self.user) as session:
            rows = session.execute(
                select(lines.currency, func.sum(lines.amount))
                .where(lines.entry_id.in_(entries), lines.amount > 0)
                .group_by(lines.currency)
            ).all()
        return found | {("journal_entries", currency): total for currency, total in rows}

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


def _named(id: str, waiting: Sequence[Waits]) -> Waits:
    """
    The one thing whose id begins so.

    Raises:
        NothingWaits, WaitsUnclear: there is none, or there are several.
    """
    wanted = id.strip().lower()
    found = [each for each in waiting if str(each.id).startswith(wanted)]
    if len(wanted) < SHORTEST or not found:
        raise NothingWaits(id)
    if len(found) > 1:
        raise WaitsUnclear(id, len(found))
    return found[0]


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
