"""Files that accountants send, into the database: whole or not at all."""

from dataclasses import dataclass, replace
from pathlib import Path

from monthclose.connectors.ecd.balances import Wanted, extracts
from monthclose.connectors.ecd.books import EcdBooks
from monthclose.connectors.ecd.continuity import continuity
from monthclose.ledger.extractions import Extraction
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Extract
from monthclose.store.companies import FileCompany, find_company
from monthclose.store.errors import NotGranted
from monthclose.store.extracts import Extracts
from monthclose.wiring.build import Desk
from monthclose.wiring.large_files import document_of, keep_pieces, read_books

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
        ReadingRanOut: time or memory ended.
        CloseError: no company is its, a month is not in it, the person may not write it.
    """
    engine, user, tenant = desk.database.engine, desk.user, desk.tenant
    books = read_books(asked.file)
    company = find_company(
        engine, user, tenant, entity=asked.entity, cnpj=books.cnpj, file=books.file
    )
    if company.currency != REAL:
        # The same file once more, for the figures beside those in reais.
        books = read_books(asked.file, functional=True)
    wanted = Wanted(company.entity, company.currency, company.year_end, asked.retained)
    document = document_of(asked.file, books.sha256)
    months = tuple(
        replace(each, documents=(document,)) for each in extracts(books, wanted, asked.periods)
    )
    kept = Extracts(engine, user, tenant)
    months = _continued(kept, company, books, months)
    if not store:
        return EcdImported(books, company, months)
    keep_pieces(kept, company.brought("ecd"), asked.file)
    return EcdImported(books, company, months, kept.store_all(company.brought("ecd"), months))


def _continued(
    kept: Extracts, company: FileCompany, books: EcdBooks, months: tuple[Extract, ...]
) -> tuple[Extract, ...]:
    """The months, the first held against the end of the file before it, where that is there."""
    first = months[0]
    if first.balance.period != books.months[0].period:
        return months
    earlier = str(Period.parse(first.balance.period).plus(-1))
    try:
        before = kept.before(company.brought("ecd"), earlier)
    except NotGranted:  # who only looks at a file need not write the company's figures
        return months
    if before.erp != "ecd" or before.standing is None:
        return months
    ties = (*first.tie_outs, *continuity(books, first, before.standing))
    return (replace(first, tie_outs=ties), *months[1:])
