"""Files of any legal size: looked at in a process of their own, kept in pieces by their hash."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from monthclose.connectors.ecd.books import EcdBooks
from monthclose.connectors.ecd.reader import read_ecd
from monthclose.ledger.errors import CloseError
from monthclose.ledger.sources import SourceDocument
from monthclose.store.connections import StoredConnection
from monthclose.store.extracts import Extracts
from monthclose.wiring.confined import SECONDS, confined

PIECE = 8 * 2**20
"""Bytes up to which a file is one document; a larger one is kept in pieces of as many."""

LIST = "application/vnd.monthclose.pieces+json"
"""Media type of the document of a larger file: its size, its hash, those of its pieces."""

OCTETS = "application/octet-stream"


class FileChanged(CloseError):
    """A file is not any more what was read of it."""

    code = "file-changed"

    def __init__(self, file: str) -> None:
        super().__init__(file=file)


def read_books(file: Path, *, functional: bool = False) -> EcdBooks:
    """
    Read a file of the ECD in a process with limits: a second more for every MiB.

    Raises:
        EcdUnusable: what is wrong with it, line by line.
        ReadingRanOut: time or memory ended.
    """
    seconds = SECONDS + (file.stat().st_size >> 20)
    return confined(_read, file.name, str(file.resolve()), functional, seconds=seconds)


def _read(path: str, functional: bool) -> EcdBooks:
    """Read a file as a stream."""
    file = Path(path)
    with file.open("rb") as stream:
        return read_ecd(stream, file.name, functional=functional)


def document_of(file: Path, expected: str) -> SourceDocument:
    """
    A file as a document: itself, or for a large one the list of its pieces.

    Raises:
        FileChanged: its hash is not *expected*.
    """
    whole, size, hashes = sha256(), 0, []
    content = b""
    for content in pieces(file):
        whole.update(content)
        size += len(content)
        hashes.append(sha256(content).hexdigest())
    if whole.hexdigest() != expected:
        raise FileChanged(file.name)
    now = datetime.now(UTC)
    if len(hashes) <= 1:
        return SourceDocument(file.name, "", "text/plain", content, now)
    told = {"file": file.name, "sha256": expected, "size": size, "pieces": hashes}
    listed = json.dumps(told, ensure_ascii=False, indent=0).encode()
    return SourceDocument(file.name, "", LIST, listed, now)


def keep_pieces(kept: Extracts, company: StoredConnection, file: Path) -> int:
    """
    Keep the pieces of a large file, each once; a small one has none.

    Returns:
        How many were new.
    """
    if file.stat().st_size <= PIECE:
        return 0
    new = 0
    for number, content in enumerate(pieces(file), 1):
        piece = SourceDocument(f"{file.name} ({number})", "", OCTETS, content, datetime.now(UTC))
        new += kept.keep(company, [piece])
    return new


def pieces(file: Path) -> Iterator[bytes]:
    """The bytes of a file, piece by piece; never more than one is held."""
    with file.open("rb") as stream:
        while content := stream.read(PIECE):
            yield content
