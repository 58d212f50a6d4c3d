"""Connections tried before they are stored, switched off and on, and removed for good."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from monthclose.connectors.base import Connection, ERPConnector
from monthclose.connectors.oauth import revoke
from monthclose.connectors.secrets import Secrets
from monthclose.ledger.errors import CloseError
from monthclose.ledger.sources import SourceCompany
from monthclose.store.companies import find_company
from monthclose.store.connections import Made, NewConnection, StoredConnection
from monthclose.wiring.erps import connection_of, connector_class
from monthclose.wiring.neighbors import open_neighborhood
from monthclose.wiring.sources import Sources
from monthclose.wiring.vault import TypedVault


@dataclass(frozen=True, slots=True)
class Tried:
    """
    What a connection would be that was only looked at.

    Attributes:
        made: As it would be stored.
        asked: Whether the source was asked: not where a grant or a second person is due first.
        companies: What the credential opens.
        matches: Whether the company is among them, where both sides say its CNPJ.
        error: Why the source did not answer, or None.
    """

    made: Made
    asked: bool = False
    companies: tuple[SourceCompany, ...] = ()
    matches: bool = True
    error: CloseError | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """
    A connection whose credential is gone.

    Attributes:
        connection: As it was.
        revoked: Whether the vendor has ended the grant.
        error: Why it could not, or None: it has, or it knows no such thing.
    """

    connection: StoredConnection
    revoked: bool = False
    error: CloseError | None = None


def try_out(sources: Sources, new: NewConnection, secrets: Mapping[str, str]) -> Tried:
    """
    Check a connection as if it were stored, and ask the source which companies it opens.

    Raises:
        ErpUnknown, SecretIncomplete, NotGranted: as when it is stored.
    """
    made = sources.add(new, secrets, store=False)
    if made.waits or sources.asking(new) is not None:
        return Tried(made)
    company = find_company(sources.engine, sources.user, sources.tenant, entity=new.entity)

    async def ask() -> tuple[SourceCompany, ...]:
        approved = await asyncio.to_thread(sources.connections.approved_hosts)
        told = Connection(
            new.entity, new.erp, new.company, new.base_url, company.cnpj, settings=new.settings
        )
        async with open_neighborhood(sources.settings, approved, sources.around) as around:
            made = connector_class(new.erp, new.settings)
            async with made(told, TypedVault(Secrets(secrets)), around) as connector:
                return await connector.get_companies()

    try:
        found = asyncio.run(ask())
    except CloseError as error:
        return Tried(made, asked=True, error=error)
    roots = {each.cnpj[:8] for each in found if each.cnpj}
    own = company.cnpj[:8]
    return Tried(made, True, found, not (roots and own) or own in roots)


def remove(sources: Sources, entity: str, erp: str = "") -> tuple[Removed, ...]:
    """
    End a company's connections: revoke the grant where the vendor can, erase the credential.

    The credential is erased also when the vendor did not answer; what was read stays.

    Args:
        sources: Of an admin.
        entity: Code of the company.
        erp: Those to one system; empty: all.

    Raises:
        ConnectionMissing: there is none.
        NotGranted: the person is no admin of the portfolio.
    """
    # Switched off first: whoever may not remove it may not revoke it, and nobody begins a pull.
    found = sources.connections.switch(entity, erp, active=False)

    async def end(connector: ERPConnector, stored: StoredConnection) -> Removed:
        removed = await _revoked(connector, stored)
        # Under the lock, so that nobody who renews a token meanwhile stores it again.
        async with sources.vault(stored, "remove").alone():
            await asyncio.to_thread(sources.connections.remove, stored, sources.files.remove)
        return removed

    return tuple(asyncio.run(sources.each(found, "remove", end)))


async def _revoked(connector: ERPConnector, stored: StoredConnection) -> Removed:
    """Ask the vendor to end a grant, where there is one and it can."""
    site = type(connector).granted_at(connection_of(stored))
    if site is None or not site.revoke:
        return Removed(stored)
    try:
        async with connector:
            ended = await revoke(connector.transport, site, connector.vault)
    except CloseError as error:
        return Removed(stored, error=error)
    return Removed(stored, revoked=ended)
