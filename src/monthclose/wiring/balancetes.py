"""Balancetes and lines for gaps, into the database: proposed, confirmed, remembered, stored."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monthclose.connectors.derived import GAPS
from monthclose.groupfolder.balancetes.gaps import NEEDED_FOR_GAPS, read_gaps
from monthclose.groupfolder.balancetes.grids import is_workbook
from monthclose.groupfolder.balancetes.layouts import Layout, laid_out
from monthclose.groupfolder.balancetes.reading import NEEDED, Balancete, Month, read_balancete
from monthclose.groupfolder.files import LARGEST_FILE, Document
from monthclose.ledger.errors import CloseError
from monthclose.ledger.extractions import Extraction
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Extract, SourceDocument, Supplement, TieOut
from monthclose.store.companies import FileCompany, find_company
from monthclose.store.extracts import Extracts
from monthclose.store.files import CompanyFiles
from monthclose.wiring.build import Desk
from monthclose.wiring.completed import complete_balances
from monthclose.wiring.confined import confined

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileTooLarge(CloseError):
    """A table larger than any accountant's."""

    code = "file-too-large"

    def __init__(self, file: str) -> None:
        super().__init__(file=file, limit_mb=LARGEST_FILE // 2**20)


@dataclass(frozen=True, slots=True)
class TableAsked:
    """
    A table and how it is to be taken.

    Attributes:
        file: The file.
        entity: Code of the company.
        period: The month.
        layout: What a person says of its layout: `closing=Saldo Atual`, …
        accept: Whether a layout that was only proposed is taken and remembered.
        fresh: Whether the layout is proposed anew, though one is remembered.
        store: Whether anything is stored.
    """

    file: Path
    entity: str
    period: str
    layout: Sequence[str] = ()
    accept: bool = False
    fresh: bool = False
    store: bool = True


@dataclass(frozen=True, slots=True)
class TableImported:
    """
    What became of a table.

    Attributes:
        company: Whose it is.
        layout: By which it was read.
        remembered: Whether that was remembered before.
        balancete: What it says, of a balancete.
        supplement: What it says, of lines for gaps.
        done: What became of a balancete; None: nothing was stored.
        number: Batch of lines for gaps; nil: nothing was stored.
        fresh: Accounts of lines for gaps that the company's chart does not have.
        completed: Balances that were there already and have the lines now.
        later: Months after it that were derived from its old closing.
    """

    company: FileCompany
    layout: Layout
    remembered: bool
    balancete: Balancete | None = None
    supplement: Supplement | None = None
    done: Extraction | None = None
    number: int = 0
    fresh: tuple[str, ...] = ()
    completed: tuple[Extraction, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def stored(self) -> bool:
        """Whether anything was."""
        return self.done is not None or bool(self.number)


def import_balancete(desk: Desk, asked: TableAsked) -> TableImported:
    """
    Read a month's balancete; store it once its layout is confirmed.

    Raises:
        TableUnusable: every mistake with sheet, row and column.
        CloseError: no such company or month, a table too large, no right to write.
    """
    document, company, files = _opened(desk, asked)
    month = Month(company.entity, asked.period, company.currency)
    remembered = _remembered(files, "balancete", asked)
    said, known = (asked.layout, NEEDED), remembered is not None
    layout, found = confined(
        laid_out, document.name, read_balancete, document, remembered, said, month
    )
    told = TableImported(company, layout, known, balancete=found)
    if not asked.store or not (known or asked.accept):
        return told
    ties = (TieOut("debits_credits", "", 0, found.balance.out_by),)
    extract = Extract(found.balance, found.accounts, (kept_table(document),), ties)
    kept = Extracts(desk.database.engine, desk.user, desk.tenant)
    (done,) = kept.store_all(company.brought("balancete"), [extract])
    files.remember("balancete", layout.to_json())
    return TableImported(company, layout, known, balancete=found, done=done)


def import_gaps(desk: Desk, asked: TableAsked) -> TableImported:
    """
    Read a month's lines for the gaps of a derived balance; store them likewise.

    Raises:
        TableUnusable, SupplementUnbalanced, CloseError: as for a balancete.
    """
    document, company, files = _opened(desk, asked)
    month = Month(company.entity, asked.period, company.currency)
    remembered = _remembered(files, "gaps", asked)
    said, known = (asked.layout, NEEDED_FOR_GAPS), remembered is not None
    layout, found = confined(
        laid_out, document.name, read_gaps, document, remembered, said, month, GAPS
    )
    fresh = files.unknown(line.account for line in found.lines)
    if not asked.store or not (known or asked.accept):
        return TableImported(company, layout, known, supplement=found, fresh=fresh)
    number = files.take_supplement(found, kept_table(document))
    files.remember("gaps", layout.to_json())
    engine, user, tenant = desk.database.engine, desk.user, desk.tenant
    completed = complete_balances(engine, user, tenant, asked.period, company.id)
    return TableImported(
        company,
        layout,
        known,
        supplement=found,
        number=number,
        fresh=fresh,
        completed=completed,
        later=files.derived_after(asked.period) if completed else (),
    )


def _opened(desk: Desk, asked: TableAsked) -> tuple[Document, FileCompany, CompanyFiles]:
    """The file, the company and what is known of its files."""
    Period.parse(asked.period)
    engine, user, tenant = desk.database.engine, desk.user, desk.tenant
    company = find_company(engine, user, tenant, entity=asked.entity, file=asked.file.name)
    return opened_table(asked.file), company, CompanyFiles(engine, user, tenant, company.id)


def opened_table(file: Path) -> Document:
    """
    A table's bytes.

    Raises:
        FileTooLarge: no accountant's is so large.
    """
    with file.open("rb") as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise FileTooLarge(file.name)
    return Document(file.name, content, hashlib.sha256(content).hexdigest())


def _remembered(files: CompanyFiles, kind: str, asked: TableAsked) -> Mapping[str, Any] | None:
    """The layout that is remembered, unless the person says another."""
    told = files.layout(kind)
    return told if told is not None and not asked.fresh and not asked.layout else None


def kept_table(document: Document) -> SourceDocument:
    """A table as it is kept."""
    media = XLSX if is_workbook(document) else "text/csv"
    return SourceDocument(document.name, "", media, document.content, datetime.now(UTC))
