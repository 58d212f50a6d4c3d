"""The answers of a source, kept once by their hash, with where and when each came from."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from monthclose.ledger.balances import Source
from monthclose.ledger.sources import Extract, SourceDocument
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.connections import StoredConnection
from monthclose.store.papers import LABEL
from monthclose.store.tables import source_documents

LISTED = "application/vnd.monthclose.answers"
"""Media type of the list of answers that a balance was made of."""

_NAMED = re.compile(r"(.+) \((\d+)(?: \+ (\d+))?\)", re.ASCII)


def keep_documents(
    session: Session, tenant: UUID, entity_id: UUID, documents: Iterable[SourceDocument]
) -> int:
    """Keep documents of a company that are not kept yet; say how many."""
    given = {bytes.fromhex(each.sha256): each for each in documents}
    known = known_documents(session, tenant, entity_id, given.values())
    fresh = {hashed: each for hashed, each in given.items() if hashed not in known}
    if fresh:
        insert_columns(
            session,
            source_documents,
            {
                "tenant_id": tenant,
                "entity_id": entity_id,
                "id": [uuid4() for _ in fresh],
                "sha256": list(fresh),
                "bytes": [each.content for each in fresh.values()],
                "media_type": [each.media_type or "text/plain" for each in fresh.values()],
                "label": [each.label[:LABEL] for each in fresh.values()],
                "endpoint": [each.endpoint[:LABEL] for each in fresh.values()],
                "fetched_at": [each.fetched_at for each in fresh.values()],
            },
        )
    return len(fresh)


def known_documents(
    session: Session, tenant: UUID, entity_id: UUID, documents: Iterable[SourceDocument]
) -> set[bytes]:
    """Hashes of those documents of a company that are kept already."""
    rows = fetch(
        session,
        "select sha256 from source_documents where tenant_id = %(t)s and entity_id = %(e)s"
        " and sha256 = any(%(h)s)",
        t=tenant,
        e=entity_id,
        h=[bytes.fromhex(each.sha256) for each in documents],
    )
    return {bytes(row[0]) for row in rows}


def as_list(name: str, sha256: str) -> Source:
    """A list of answers, as its name says how many there are: `omie 2025-06 (18 + 1)`."""
    found = _NAMED.fullmatch(name)
    if found is None:
        return Source(name, sha256)
    return Source(found[1], sha256, answers=int(found[2]), papers=int(found[3] or 0))


def _listed(answers: Sequence[Mapping[str, str]], papers: Iterable[Source]) -> tuple[bytes, str]:
    """A list of answers, and of what people sent beside them; how many of each in its name."""
    beside = [{"sha256": p.sha256, "label": p.name, "endpoint": ""} for p in papers]
    count = f"{len(answers)} + {len(beside)}" if beside else str(len(answers))
    return json.dumps([*answers, *beside], ensure_ascii=False, indent=0).encode(), count


def listed_anew(
    session: Session, tenant: UUID, company: UUID, document: UUID, papers: Iterable[Source]
) -> UUID:
    """
    The list of a balance's answers with other papers beside them, kept like the one before.

    Args:
        session: Whose rights hold.
        tenant: The portfolio.
        company: Whose balance.
        document: Id of the list before.
        papers: What people sent whose lines are in the balance now.

    Returns:
        Id of the list, or of *document* when it is no list.
    """
    ((label, endpoint, content, fetched_at),) = fetch(
        session,
        "select label, endpoint, bytes, fetched_at from source_documents"
        " where entity_id = %(e)s and id = %(d)s",
        e=company,
        d=document,
    )
    named = _NAMED.fullmatch(label)
    if named is None:
        return document
    answers = json.loads(bytes(content))[: int(named[2])]
    made, count = _listed(answers, papers)
    paper = SourceDocument(f"{named[1]} ({count})", endpoint, LISTED, made, fetched_at)
    keep_documents(session, tenant, company, [paper])
    rows = fetch(
        session,
        "select id from source_documents where entity_id = %(e)s and sha256 = %(h)s",
        e=company,
        h=bytes.fromhex(paper.sha256),
    )
    found: UUID = rows[0][0]
    return found


class Answers:
    """The answers that one balance was made of, kept, with a list that the batch refers to."""

    def __init__(
        self,
        session: Session,
        tenant: UUID,
        connection: StoredConnection,
        extract: Extract,
        told: Mapping[str, Any],
    ) -> None:
        self.told, self._session, self._company = told, session, connection.entity_id
        self.items = extract.items or ()
        self.added = keep_documents(session, tenant, connection.entity_id, extract.documents)
        listed = [
            {"sha256": d.sha256, "label": d.label, "endpoint": d.endpoint}
            # Answers come in any order; the same answers are one list.
            for d in sorted(extract.documents, key=lambda each: (each.label, each.sha256))
        ]
        content, count = _listed(listed, extract.papers)
        name = f"{connection.erp} {extract.balance.period} ({count})"
        self.source = Source(name, sha256(content).hexdigest())
        if extract.documents:
            first, last = extract.documents[0], extract.documents[-1]
            paper = SourceDocument(
                self.source.name, first.endpoint.partition("/")[0], LISTED, content, last.fetched_at
            )
            keep_documents(session, tenant, connection.entity_id, [paper])

    def keep(self, sources: Iterable[tuple[Source | None, UUID]]) -> None:
        """They are kept already."""

    def refer(self, sources: Iterable[tuple[Source | None, UUID]]) -> list[UUID | None]:
        """The list that each balance refers to."""
        return [self._found(source) for source, _ in sources]

    def _found(self, source: Source | None) -> UUID | None:
        hashed = bytes.fromhex(source.sha256) if source else b""
        found: UUID | None = self._session.scalar(
            text("select id from source_documents where entity_id = :e and sha256 = :h"),
            {"e": self._company, "h": hashed},
        )
        return found
