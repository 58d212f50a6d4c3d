"""The documents that an import read: kept once, and referred to by what came out of them."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from monthclose.ledger.balances import Source
from monthclose.ledger.sources import BookItem
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.tables import source_documents

PART = "application/vnd.monthclose.part"
"""Media type of a slip that says in which document of the portfolio a company's lines stand."""

LABEL = 500
"""Characters of a name that are kept."""

_MEDIA = {
    ".csv": "text/csv",
    ".toml": "application/toml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Document(Protocol):
    """A file that a group was read from."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def content(self) -> bytes:
        """Its bytes."""
        ...


class Kept(Protocol):
    """Documents that balances were read from, as far as batches refer to them."""

    @property
    def told(self) -> Mapping[str, Any]:
        """More columns of the batches, with one value for all of them."""
        ...

    @property
    def items(self) -> tuple[BookItem, ...]:
        """What the one balance was read with: open items, flows; none of several balances."""
        ...

    def keep(self, sources: Iterable[tuple[Source | None, UUID]]) -> None:
        """Store what is not stored yet, given where each batch was read and whose it is."""
        ...

    def refer(self, sources: Iterable[tuple[Source | None, UUID]]) -> list[UUID | None]:
        """The document each batch refers to."""
        ...


class Papers:
    """
    The documents of an import.

    One that holds the lines of a single company is the company's. Any other is the
    portfolio's, which takes the group's rights to read; a batch refers to it by a slip of
    its company, because its own reference is to a document of the same company.

    What is kept once may have come under several names, such as two months with the same
    lines: whatever was read under another name than the first refers to it by a slip too.
    """

    told: Mapping[str, Any] = MappingProxyType({})
    items: tuple[BookItem, ...] = ()

    def __init__(self, session: Session, tenant: UUID, documents: Iterable[Document]) -> None:
        self.session, self.tenant, self.added = session, tenant, 0
        self.contents: dict[bytes, Document] = {}
        self.names: dict[bytes, set[str]] = {}
        for each in documents:
            hashed = sha256(each.content).digest()
            self.contents.setdefault(hashed, each)
            self.names.setdefault(hashed, set()).add(each.name)
        self.known: dict[tuple[UUID | None, bytes], tuple[UUID, str]] = {
            (row[0], bytes(row[1])): (row[2], row[3])
            for row in fetch(
                session,
                "select entity_id, sha256, id, label from source_documents where tenant_id = %(t)s",
                t=tenant,
            )
        }

    def keep(self, sources: Iterable[tuple[Source | None, UUID]]) -> None:
        """Store documents that are not stored yet, given where each batch was read."""
        owners: dict[bytes, set[UUID]] = {}
        for source, company in sources:
            if (hashed := self._hash(source)) is not None:
                owners.setdefault(hashed, set()).add(company)
        held = {hashed for _, hashed in self.known}
        fresh = []
        for hashed, document in self.contents.items():
            if hashed not in held:
                own = owners.get(hashed, set())
                owner = next(iter(own)) if len(own) == 1 else None
                fresh.append((owner, document.content, _media(document.name), document.name))
        self._insert(fresh)
        self.added = len(fresh)

    def _hash(self, source: Source | None) -> bytes | None:
        """Hash of the document that a balance was read from, when it is among those given."""
        hashed = bytes.fromhex(source.sha256) if source and source.sha256 else None
        return hashed if hashed in self.contents else None

    def refer(self, sources: Iterable[tuple[Source | None, UUID]]) -> list[UUID | None]:
        """The document each batch refers to, given where it was read and whose it is."""
        slips: dict[tuple[UUID, bytes], tuple[UUID, bytes, str, str]] = {}
        wanted: list[tuple[UUID, bytes] | None] = []
        for source, company in sources:
            hashed = self._hash(source)
            if hashed is None:
                wanted.append(None)
                continue
            name = self._name(source, hashed)
            _, label = self.known.get((company, hashed), (None, None))
            if label == name[:LABEL]:
                wanted.append((company, hashed))
                continue
            slip = f"{hashed.hex()}  {name}\n".encode()
            place = (company, sha256(slip).digest())
            wanted.append(place)
            if place not in self.known:
                slips[place] = (company, slip, PART, name)
        self._insert(list(slips.values()))
        return [None if place is None else self.known[place][0] for place in wanted]

    def _name(self, source: Source | None, hashed: bytes) -> str:
        """What the document was called that a balance was read from."""
        if source is not None and source.name in self.names[hashed]:
            return source.name
        return self.contents[hashed].name

    def _insert(self, papers: Sequence[tuple[UUID | None, bytes, str, str]]) -> None:
        """Insert documents: whose, what they hold, of which kind, called what."""
        if not papers:
            return
        ids = [uuid4() for _ in papers]
        owners, contents, kinds, names = map(list, zip(*papers, strict=True))
        hashes = [sha256(content).digest() for content in contents]
        insert_columns(
            self.session,
            source_documents,
            {
                "tenant_id": self.tenant,
                "id": ids,
                "entity_id": owners,
                "sha256": hashes,
                "bytes": contents,
                "media_type": kinds,
                "label": (labels := [name[:LABEL] for name in names]),
            },
        )
        kept = zip(ids, labels, strict=True)
        self.known |= dict(zip(zip(owners, hashes, strict=True), kept, strict=True))


def _media(name: str) -> str:
    return next(
        (kind for end, kind in _MEDIA.items() if name.lower().endswith(end)),
        "application/octet-stream",
    )
