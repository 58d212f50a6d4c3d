"""Single records of a source, kept between readings with the documents they were read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert

from monthclose.ledger.details import Detail
from monthclose.ledger.sources import SourceDocument
from monthclose.store.answers import keep_documents
from monthclose.store.bulk import fetch
from monthclose.store.session import acting
from monthclose.store.tables import source_records

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Days that the database takes."""


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """
    What was last read of one connection, record by record, with one person's rights.

    Attributes:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
        entity_id: Of the company.
        connection_id: Of the connection.
    """

    engine: Engine
    user: UUID
    tenant: UUID
    entity_id: UUID
    connection_id: UUID

    def all(self) -> dict[str, dict[str, Detail]]:
        """Every record, by kind and id."""
        with acting(self.engine, self.user) as session:
            rows = fetch(
                session,
                "select r.kind, r.number, r.row_hash, d.label, d.endpoint, d.media_type, d.bytes,"
                "       d.fetched_at, r.issued, r.alive, r.ended, r.done"
                "  from source_records as r join source_documents as d"
                "    on d.entity_id = r.entity_id and d.id = r.source_document_id"
                " where r.entity_id = %(e)s and r.connection_id = %(c)s",
                e=self.entity_id,
                c=self.connection_id,
            )
        found: dict[str, dict[str, Detail]] = {}
        for kind, number, row, label, endpoint, media, content, at, *days in rows:
            document = SourceDocument(label, endpoint, media, bytes(content), at)
            found.setdefault(kind, {})[number] = Detail(row, document, *days)
        return found

    def put(self, fresh: Mapping[tuple[str, str], Detail]) -> None:
        """
        Keep records, by kind and id, in place of what was kept of them.

        Raises:
            NotGranted: the person does not write the company's figures.
        """
        if not fresh:
            return
        with acting(self.engine, self.user) as session:
            papers = [each.document for each in fresh.values()]
            keep_documents(session, self.tenant, self.entity_id, papers)
            ids = dict(
                fetch(
                    session,
                    "select encode(sha256, 'hex'), id from source_documents"
                    " where tenant_id = %(t)s and entity_id = %(e)s and sha256 = any(%(h)s)",
                    t=self.tenant,
                    e=self.entity_id,
                    h=[bytes.fromhex(each.sha256) for each in papers],
                )
            )
            new = insert(source_records).values(
                [
                    {
                        "entity_id": self.entity_id,
                        "connection_id": self.connection_id,
                        "kind": kind,
                        "number": number,
                        "tenant_id": self.tenant,
                        "row_hash": each.row,
                        "source_document_id": ids[each.document.sha256],
                        "issued": _storable(each.issued),
                        "alive": _storable(each.alive),
                        "ended": _storable(each.ended),
                        "done": _storable(each.done),
                    }
                    # In one order, so that two readings at once do not wait for each other.
                    for (kind, number), each in sorted(fresh.items(), key=lambda pair: pair[0])
                ]
            )
            changed = ("row_hash", "source_document_id", "issued", "alive", "ended", "done")
            session.execute(
                new.on_conflict_do_update(
                    index_elements=["entity_id", "connection_id", "kind", "number"],
                    set_={name: new.excluded[name] for name in changed},
                )
            )


def _storable(day: date | None) -> date | None:
    """A day as it is kept: one that somebody mistyped is the nearest that can be."""
    return None if day is None else min(max(day, FIRST), LAST)
