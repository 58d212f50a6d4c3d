"""The company that a file is of: found by its code, or by the CNPJ in the file."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine

from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.errors import CloseError
from monthclose.store.bulk import fetch
from monthclose.store.connections import StoredConnection, read_opened
from monthclose.store.errors import CompanyUnknown
from monthclose.store.session import acting

ROOT = 8
"""Characters of a CNPJ that name the legal entity; the next four its establishment."""


class CnpjUnknown(CloseError):
    """A file is of a CNPJ that no company has."""

    code = "company-cnpj-unknown"

    def __init__(self, file: str, cnpj: str) -> None:
        super().__init__(file=file, cnpj=cnpj)


class CnpjOfAnother(CloseError):
    """A file is of another company than the one that was named."""

    code = "company-cnpj-other"

    def __init__(self, file: str, cnpj: str, entity: str, own: str) -> None:
        super().__init__(file=file, cnpj=cnpj, entity=entity, own=own)


@dataclass(frozen=True, slots=True)
class FileCompany:
    """
    A company that a file is imported into.

    Attributes:
        id: Of the row.
        entity: Its code.
        currency: Functional, ISO 4217.
        cnpj: 14 characters, or empty.
        year_end: Month its year ends with, 1 to 12.
    """

    id: UUID
    entity: str
    currency: str
    cnpj: str
    year_end: int

    def brought(self, kind: str) -> StoredConnection:
        """The company as months of a file of *kind* are stored: no connection, no secret."""
        return StoredConnection(
            id=self.id,
            entity_id=self.id,
            entity=self.entity,
            tax_id=self.cnpj,
            erp=kind,
            company="",
            base_url="",
            settings={},
            secret_name="",
            fingerprint="",
            active=True,
        )


def find_company(
    engine: Engine, user: UUID, tenant: UUID, *, entity: str = "", cnpj: str = "", file: str = ""
) -> FileCompany:
    """
    The company of that code, or of that CNPJ.

    A file of another branch of the same legal entity is its file too.

    Raises:
        CompanyUnknown: there is none of that code.
        CnpjUnknown: none has the CNPJ, or several have its root and none was named.
        CnpjOfAnother: the company that was named has another.
    """
    with acting(engine, user) as session:
        rows = fetch(
            session,
            "select id, code, functional_currency, tax_id from portfolio_entities"
            " where tenant_id = %(t)s and active order by code",
            t=tenant,
        )
        found = [(*row[:3], parse_cnpj(row[3] or "") or "") for row in rows]
        if entity:
            chosen = [row for row in found if row[1] == entity]
            if not chosen:
                raise CompanyUnknown(entity, [row[1] for row in found])
            own = chosen[0][3]
            if cnpj and own and own[:ROOT] != cnpj[:ROOT]:
                raise CnpjOfAnother(file, cnpj, entity, own)
        else:
            chosen = [row for row in found if row[3] == cnpj] or [
                row for row in found if row[3] and row[3][:ROOT] == cnpj[:ROOT]
            ]
            if len(chosen) != 1 or not cnpj:
                raise CnpjUnknown(file, cnpj)
        id_, code, currency, own = chosen[0]
        opened = read_opened(session, tenant, id_, code)
        return FileCompany(id_, code, currency, own, opened.year_end)
