"""
What the database keeps of a credential: who was handed it, who renews it, how its grant stands.

The value itself is kept elsewhere. An access is committed before the value leaves, so a
person whom row security lets write no access gets no value.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert

from monthclose.store.bulk import fetch
from monthclose.store.lookup import lock_key
from monthclose.store.session import acting
from monthclose.store.tables import (
    connection_blocks,
    connection_states,
    credential_access_log,
)

HELD_S = 180
"""How long a renewal may hold its lock: a call to the source takes 60 s at most."""

PURPOSE = 200
"""Characters of a purpose that are kept."""


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """
    The record of one connection's credential.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
        entity_id: Of the company.
        connection_id: Of the connection.
        run: The run it is used for, or None.
    """

    engine: Engine
    user: UUID
    tenant: UUID
    entity_id: UUID
    connection_id: UUID
    run: UUID | None = None

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """
        Hold the credential's lock while the context lasts, if nobody else does.

        The lock ends with its transaction, so that a process that is killed holds nothing.

        Yields:
            Whether it was taken; never waits.
        """
        with acting(self.engine, self.user) as session:
            # A refresh waits for the source: longer than a transaction may idle otherwise.
            session.execute(text(f"set local idle_in_transaction_session_timeout = '{HELD_S}s'"))
            key = lock_key("credential", self.connection_id)
            taken = session.scalar(text("select pg_try_advisory_xact_lock(:k)"), {"k": key})
            yield bool(taken)

    def mark_dead(self) -> None:
        """Note that a person has to grant the connection again."""
        self._state(dead_since=func.now())

    def mark_alive(self) -> None:
        """Note that it was granted."""
        self._state(dead_since=None)

    def checked(self, code: str) -> None:
        """Note how a look at the source ended: the code of the error, or empty."""
        self._state(checked_at=func.now(), check_code=code[:100])

    def blocked_until(self, operation: str = "") -> float:
        """
        Until when the vendor shuts us out, seconds since the epoch; nil: it does not.

        Args:
            operation: What is asked; what blocks everything blocks it too.
        """
        b = connection_blocks.c
        with acting(self.engine, self.user) as session:
            found = session.scalar(
                select(func.max(b.blocked_until)).where(
                    b.entity_id == self.entity_id,
                    b.connection_id == self.connection_id,
                    b.operation.in_(("", operation)),
                )
            )
        return found.timestamp() if found else 0.0

    def block(self, until: float, operation: str = "") -> None:
        """Note that the vendor shuts us out until a moment, seconds since the epoch."""
        moment = datetime.fromtimestamp(until, UTC)
        row = insert(connection_blocks).values(
            entity_id=self.entity_id,
            connection_id=self.connection_id,
            operation=operation[:PURPOSE],
            tenant_id=self.tenant,
            blocked_until=moment,
        )
        later = func.greatest(connection_blocks.c.blocked_until, moment)
        with acting(self.engine, self.user) as session:
            session.execute(
                row.on_conflict_do_update(
                    index_elements=["entity_id", "connection_id", "operation"],
                    set_={"blocked_until": later},
                )
            )

    def operations(self) -> tuple[str, ...]:
        """What the source was lately asked, as an access was noted for it."""
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select distinct split_part(purpose, ': ', 2) from credential_access_log"
                " where tenant_id = %(t)s and entity_id = %(e)s and connection_id = %(c)s"
                "   and accessed_at > now() - interval '1 hour' and purpose like '%%: %%'",
                t=self.tenant,
                e=self.entity_id,
                c=self.connection_id,
            )
        return tuple(sorted(row[0] for row in rows))

    def _state(self, **values: object) -> None:
        """Write how the connection stands."""
        row = insert(connection_states).values(
            entity_id=self.entity_id,
            connection_id=self.connection_id,
            tenant_id=self.tenant,
            **values,
        )
        with acting(self.engine, self.user) as session:
            session.execute(
                row.on_conflict_do_update(
                    index_elements=["entity_id", "connection_id"], set_=dict(values)
                )
            )


@dataclass(frozen=True, slots=True)
class Access:
    """
    That a credential was asked for.

    Attributes:
        record: Of the credential.
        purpose: What for.
        granted: Whether there was one that could be opened.
    """

    record: CredentialRecord
    purpose: str
    granted: bool


def log_together(accesses: Sequence[Access]) -> None:
    """
    Note accesses of one person for good, all or none, in one transaction.

    Args:
        accesses: One at least, all of one engine, user and run.

    Raises:
        NotGranted: the person may not be handed one of these credentials.
        DBAPIError: they could not be noted, so no value may leave.
    """
    by = accesses[0].record
    rows = [
        {
            "id": uuid4(),  # nothing is asked back: only an admin reads the log
            "tenant_id": each.record.tenant,
            "entity_id": each.record.entity_id,
            "connection_id": each.record.connection_id,
            "purpose": each.purpose[:PURPOSE],
            "outcome": "granted" if each.granted else "refused",
        }
        for each in accesses
    ]
    with acting(by.engine, by.user, by.run) as session:
        session.execute(credential_access_log.insert(), rows)
