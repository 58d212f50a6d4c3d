"""Files that accountants send, into the database: whole or not at all."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from monthclose.connectors.ecd.balances import Wanted, extracts
from monthclose.connectors.ecd.books import EcdBooks
from monthclose.connectors.ecd.reader import read_ecd
from monthclose.ledger.extractions import Extraction
from monthclose.ledger.sources import Extract, SourceDocument
from monthclose.store.companies import FileCompany, find_company
from monthclose.store.extracts import Extracts
from monthclose.wiring.build import Desk

KEPT_WHOLE = 10 * 2**20
"""Bytes up to which a file is kept itself; of a larger one its hash is."""

SLIP = "application/vnd.monthclose.hash"
"""Media type of a slip that names a file too large to be kept, by its hash."""

REAL = "BRL"
"""The currency of an ECD file, unless its company has another functional one."""


@dataclass(frozen=True, slots=True)
class EcdAsked:
    """
    A file of the ECD and what of it is wanted.

    Attributes:
        file: The file.
        entity: Code of the company; empty: the one with its CNPJ.
        periods: Months; none: all.
        retained: Account that takes the result; empty: as the entries say.
    """

    file: Path
    entity: str = ""
    periods: tuple[str, ...] = ()
    retained: str = ""


@dataclass(frozen=True, slots=True)
class EcdImported:
    """
    What became of a file.

    Attributes:
        books: As they were read.
        company: Whose they are.
        months: As extracted.
        done: What became of each; empty: only looked at.
    """

    books: EcdBooks
    company: FileCompany
    months: tuple[Extract, ...]
    done: tuple[Extraction, ...] = ()


def import_ecd(desk: Desk, asked: EcdAsked, *, store: bool = True) -> EcdImported:
    """
    Read a file of the ECD and store its months, all or none.

    Raises:
        EcdUnusable: what is wrong with it, line by line.
        CloseError: no company is its, a month is not in it, the person may not write it.
    """
    engine, user, tenant = desk.database.engine, desk.user, desk.tenant
    with asked.file.open("rb") as stream:
        books = read_ecd(stream, asked.file.name)
        company = find_company(
            engine, user, tenant, entity=asked.entity, cnpj=books.cnpj, file=books.file
        )
        if company.currency != REAL:
            # The same file once more, for the figures beside those in reais.
            stream.seek(0)
            books = read_ecd(stream, asked.file.name, functional=True)
    wanted = Wanted(company.entity, company.currency, company.year_end, asked.retained)
    document = kept_document(asked.file, books.sha256)
    months = tuple(
        replace(each, documents=(document,)) for each in extracts(books, wanted, asked.periods)
    )
    if not store:
        return EcdImported(books, company, months)
    kept = Extracts(engine, user, tenant)
    return EcdImported(books, company, months, kept.store_all(company.brought("ecd"), months))


def kept_document(file: Path, sha256: str, media_type: str = "text/plain") -> SourceDocument:
    """A file as it is kept: itself, or for a large one a slip with its hash and name."""
    now = datetime.now(UTC)
    if file.stat().st_size > KEPT_WHOLE:
        slip = f"{sha256}  {file.name}\n".encode()
        return SourceDocument(file.name, "", SLIP, slip, now)
    return SourceDocument(file.name, "", media_type, file.read_bytes(), now)
