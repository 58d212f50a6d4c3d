"""Connections to the companies' systems: set up, tested, pulled, looked at."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from sqlalchemy import Engine

from monthclose.access.secret_file import SecretFiles, fingerprint
from monthclose.connectors.base import Connection, ERPConnector
from monthclose.connectors.clock import SystemClock
from monthclose.connectors.egress import HTTPS, Egress, plain_host
from monthclose.connectors.errors import AddressRefused, OpeningMissing, SourceFailed
from monthclose.connectors.fields import BRASILIA
from monthclose.connectors.oauth import OAuthSite, exchange
from monthclose.connectors.standing import Looking, Standing
from monthclose.connectors.together import together
from monthclose.connectors.transport import Neighborhood
from monthclose.connectors.validation import DataValidator
from monthclose.connectors.vendors import vendor
from monthclose.ledger.errors import CloseError
from monthclose.ledger.extractions import Extraction, Foreseen, LateChange, Outcome
from monthclose.ledger.periods import Period
from monthclose.ledger.sources import Extract, SourceCompany
from monthclose.store.connections import Connections, Made, NewConnection, StoredConnection
from monthclose.store.extracts import Before, Extracts
from monthclose.store.late import differences
from monthclose.store.source_records import SourceRecords
from monthclose.store.vault import CredentialRecord
from monthclose.wiring.completed import complete_balances
from monthclose.wiring.details import StoredDetails
from monthclose.wiring.erps import (
    PARTS,
    SecretIncomplete,
    check_told,
    connection_of,
    connector_class,
)
from monthclose.wiring.neighbors import (
    NOTHING_SERVED,
    Around,
    open_neighborhood,
    secret_files,
)
from monthclose.wiring.partners import (
    in_control,
    named,
    with_partners,
    with_supplement,
    without_partners,
)
from monthclose.wiring.settings import Settings
from monthclose.wiring.vault import Accesses, StoredBlocks, StoredVault

AT_ONCE = 32
"""Companies of one ERP that are read at once: few would leave unused what they may together."""

RENEWALS = 2
"""Tokens of one ERP renewed at once: each holds one of ten connections to the database."""

type Act[R] = Callable[[ERPConnector, StoredConnection], Awaitable[R]]
"""What is done with one connection."""


@dataclass(frozen=True, slots=True)
class Tested:
    """
    What a look at one source told.

    Attributes:
        connection: The connection.
        companies: What the credential opens.
        matches: Whether the company is among them, where both sides say its CNPJ.
        error: Why it did not answer, or None.
    """

    connection: StoredConnection
    companies: tuple[SourceCompany, ...] = ()
    matches: bool = True
    error: CloseError | None = None


@dataclass(frozen=True, slots=True)
class Stands:
    """How one connection stands."""

    connection: StoredConnection
    standing: Standing


@dataclass(frozen=True, slots=True)
class Sources:
    """
    The connections of a portfolio, for one person.

    Attributes:
        settings: Of the installation.
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
        around: What is unlike the installation's own while neighbors are made up.
        run: The run that the work belongs to, or None.
        accesses: Those of credentials, noted together where many are asked for at once.
    """

    settings: Settings
    engine: Engine
    user: UUID
    tenant: UUID
    around: Around = NOTHING_SERVED
    run: UUID | None = None
    accesses: Accesses = field(default_factory=Accesses, compare=False, repr=False)

    @property
    def connections(self) -> Connections:
        """The connections as stored."""
        return Connections(self.engine, self.user, self.tenant)

    @property
    def extracts(self) -> Extracts:
        """The extractions as stored."""
        return Extracts(self.engine, self.user, self.tenant)

    @property
    def files(self) -> SecretFiles:
        """The credentials."""
        return secret_files(self.settings)

    def last_month(self) -> str:
        """The last month that is over where the sources are."""
        now = (self.around.clock or SystemClock()).now().astimezone(BRASILIA)
        return str(Period(now.year, now.month).plus(-1))

    def add(self, new: NewConnection, secrets: Mapping[str, str], *, store: bool = True) -> Made:
        """
        Store a connection and its credential; a host outside the vendor's is proposed.

        Args:
            new: The connection.
            secrets: Its credential.
            store: Whether it is stored; else it is only checked.

        Raises:
            ErpUnknown, SecretIncomplete, ConnectionIncomplete, SettingUnknown: what was
                given is no connection.
            NotGranted: the person is no admin, or there is no such company.
        """
        check_told(new)
        if set(secrets) != set(PARTS[new.erp]) or not all(secrets.values()):
            raise SecretIncomplete(new.erp)
        outside = self._outside(new.erp, new.base_url)
        told = NewConnection(
            new.entity, new.erp, new.company, new.base_url, new.settings, fingerprint(secrets)
        )
        keep = (lambda name: self.files.put(name, secrets)) if store else None
        return self.connections.add(told, keep, outside)

    def _outside(self, erp: str, base_url: str) -> str:
        """
        `host:port` of a server that two people have to let in, or empty.

        Raises:
            AddressRefused: the address is one that is never called.
        """
        if not base_url:
            return ""
        hosts, test = vendor(erp).hosts, self.settings.test_addresses
        try:
            Egress(hosts, (), test).check(base_url)
        except AddressRefused:
            parts = urlsplit(base_url)
            host = plain_host(parts.hostname or "")
            address = f"{host}:{_port(parts, host)}"
            # Nobody lets in what is no HTTPS, but for what this process serves itself.
            Egress(hosts, {address}, test | self.around.served).check(base_url)
            return address
        return ""

    def asking(self, new: NewConnection) -> OAuthSite | None:
        """Where a person grants a connection in the browser; None: the credential is enough."""
        return connector_class(new.erp, new.settings).granted_at(
            Connection(new.entity, new.erp, new.company, new.base_url, settings=new.settings)
        )

    def grant(self, made: Made, site: OAuthSite, code: str, redirect: str) -> None:
        """
        Take the first tokens for the code of a redirect.

        Args:
            made: The connection.
            site: Where it was granted.
            code: Lives a few minutes, works once.
            redirect: The address it was given to.

        Raises:
            SourceFailed: the vendor did not take the code, or did not answer.
        """

        async def take(connector: ERPConnector, stored: StoredConnection) -> None:
            async with connector:
                await exchange(connector.transport, site, connector.vault, code, redirect)
            await asyncio.to_thread(self.record(stored).mark_alive)

        found = [each for each in self.connections.all() if each.id == made.id]
        asyncio.run(self.each(found, "grant", take))

    def test(self, entity: str = "") -> tuple[Tested, ...]:
        """
        Ask each source the cheapest question there is.

        Raises:
            ConnectionMissing: the company has no connection.
        """
        found = self.connections.active(entity)
        return tuple(asyncio.run(self.each(found, "test", self._tested)))

    def pull(self, period: str, entities: Sequence[str] = ()) -> tuple[Extraction, ...]:
        """
        Read a month of each company, many at once; one that fails stops no other.

        Args:
            period: The month.
            entities: Companies; none: every one the group has then that has a connection.

        Raises:
            ConnectionMissing, ConnectionOff: a company that was named has none that is pulled.
        """
        return self._all(self._chosen(period, entities), period)

    def foresee(self, period: str, entities: Sequence[str] = ()) -> tuple[Foreseen, ...]:
        """
        Read a month of each company as `pull` does, and store nothing of it.

        What is noted all the same is for the vendor's sake: who was handed the credential, a
        token that was renewed, a block.

        Raises:
            ConnectionMissing, ConnectionOff: a company that was named has none that is pulled.
        """
        found = self._chosen(period, entities)

        async def one(connector: ERPConnector, stored: StoredConnection) -> Foreseen:
            return await self._foreseen(connector, stored, period)

        return tuple(asyncio.run(self.each(found, "foresee", one))) if found else ()

    def _chosen(self, period: str, entities: Sequence[str]) -> list[StoredConnection]:
        """The connections of the companies that were named, or of all."""
        Period.parse(period)
        if not entities:
            return list(self.connections.active(period=period))
        return [each for entity in entities for each in self.connections.active(entity)]

    def _all(self, found: Sequence[StoredConnection], period: str) -> tuple[Extraction, ...]:
        """Read a month over some connections; nothing is opened when there are none."""
        if not found:
            return ()

        async def one(connector: ERPConnector, stored: StoredConnection) -> Extraction:
            return await self._pulled(connector, stored, period)

        return tuple(asyncio.run(self.each(found, "pull", one)))

    def extract(self, period: str, *, again: bool) -> tuple[Extraction, ...]:
        """
        Read the month of every company that has a connection, for a close.

        Args:
            period: The month.
            again: Whether to read also companies whose month is there.
        """
        found = self.connections.active(period=period)
        if not again and found:
            there = self.extracts.there(period)
            found = tuple(each for each in found if each.entity_id not in there)
        read = self._all(found, period)
        return (*read, *complete_balances(self.engine, self.user, self.tenant, period))

    def status(self, entity: str = "") -> tuple[Stands, ...]:
        """How every connection stands; nothing is called."""

        async def look(connector: ERPConnector, stored: StoredConnection) -> Stands:
            asked = await asyncio.to_thread(self.record(stored).operations)
            base_url = stored.base_url or connector.base_url
            looking = Looking(
                vendor(connector.name), connector.around, key=connector.key, base_url=base_url
            )
            try:
                return Stands(stored, await looking.standing(asked))
            finally:
                await looking.close()

        return tuple(asyncio.run(self.each(self.connections.all(entity), "status", look)))

    async def each[R](
        self,
        found: Sequence[StoredConnection],
        purpose: str,
        act: Act[R],
    ) -> list[R]:
        """Do something with each connection, some at once, in one neighborhood."""
        approved = await asyncio.to_thread(self.connections.approved_hosts)
        async with open_neighborhood(self.settings, approved, self.around) as around:

            async def one(stored: StoredConnection) -> R:
                async with around.turns.of(f"companies:{stored.erp}", AT_ONCE):
                    return await act(self._connector(stored, purpose, around), stored)

            return await together(*map(one, found))

    def _connector(
        self, stored: StoredConnection, purpose: str, around: Neighborhood
    ) -> ERPConnector:
        """A connector for a connection, with its vault and its blocks."""
        shared = replace(around, blocks=StoredBlocks(self.record(stored)))
        made, vault = connector_class(stored.erp, stored.settings), self.vault(stored, purpose)
        vault.gate = around.turns.of(f"renewals:{stored.erp}", RENEWALS)
        return made(connection_of(stored), vault, shared)

    def vault(self, stored: StoredConnection, purpose: str) -> StoredVault:
        """The credential of a connection, for a purpose."""
        clock = self.around.clock or SystemClock()
        record, name = self.record(stored), stored.secret_name
        return StoredVault(
            self.files, record, name, purpose, stored.erp, clock, accesses=self.accesses
        )

    def record(self, stored: StoredConnection) -> CredentialRecord:
        """The record of a connection's credential."""
        return CredentialRecord(
            self.engine, self.user, self.tenant, stored.entity_id, stored.id, self.run
        )

    async def _tested(self, connector: ERPConnector, stored: StoredConnection) -> Tested:
        """Ask one source which companies the credential opens."""
        error: CloseError | None = None
        companies: tuple[SourceCompany, ...] = ()
        try:
            async with connector:
                companies = await connector.get_companies()
        except CloseError as refused:
            error = refused
        if error is None or isinstance(error, SourceFailed):  # others tell nothing of the source
            await asyncio.to_thread(self.record(stored).checked, error.code if error else "")
        roots = {each.cnpj[:8] for each in companies if each.cnpj}
        own = connector.connection.cnpj[:8]
        return Tested(stored, companies, not (roots and own) or own in roots, error)

    async def _pulled(
        self, connector: ERPConnector, stored: StoredConnection, period: str
    ) -> Extraction:
        """Read one company's month and store it, or say why not."""
        try:
            _, extract, late = await self._month(connector, stored, period)
            done = await asyncio.to_thread(self.extracts.store, stored, extract, late)
            await asyncio.to_thread(self.record(stored).checked, "")
            return done
        except CloseError as refused:
            error: CloseError = refused
        if isinstance(error, SourceFailed):
            await asyncio.to_thread(self.record(stored).checked, error.code)
        return Extraction(stored.entity, period, stored.erp, Outcome.FAILED, error=error)

    async def _foreseen(
        self, connector: ERPConnector, stored: StoredConnection, period: str
    ) -> Foreseen:
        """Read one company's month and say what storing it would do."""
        try:
            before, extract, late = await self._month(connector, stored, period, keeps=False)
            return await asyncio.to_thread(self.extracts.foresee, stored, extract, before, late)
        except CloseError as error:
            failed = Extraction(stored.entity, period, stored.erp, Outcome.FAILED, error=error)
            return Foreseen(failed)

    async def _month(
        self, connector: ERPConnector, stored: StoredConnection, period: str, *, keeps: bool = True
    ) -> tuple[Before, Extract, tuple[LateChange, ...]]:
        """What stands before a month, the month as read, and what is late of the one before."""
        before = await asyncio.to_thread(self.extracts.before, stored, period)
        connector.connection = connection_of(stored, before.opened, before.since)
        details = StoredDetails(self._kept(stored), keeps)
        connector.around = replace(connector.around, details=details)
        async with connector:
            try:
                late = await self._late(connector, stored, period)
                extract = await self._read(connector, stored, period, before)
            except SourceFailed:
                # Whatever was read is kept: somebody has to see what could not be a balance.
                kept = tuple(connector.transport.documents) if keeps else ()
                await asyncio.to_thread(self.extracts.keep, stored, kept)
                raise
            finally:
                await details.flush()
        return before, extract, late

    def _kept(self, stored: StoredConnection) -> SourceRecords:
        """Records of a source from earlier readings."""
        return SourceRecords(self.engine, self.user, self.tenant, stored.entity_id, stored.id)

    async def _read(
        self, connector: ERPConnector, stored: StoredConnection, period: str, before: Before
    ) -> Extract:
        """A month's balance, checked; of a source without a ledger completed."""
        valid = DataValidator(stored.erp, stored.entity, period, connector.currency)
        opening = in_control(before.opening)
        extract = valid.check(await connector.get_trial_balance(period, opening))
        extract = named(extract, before.names)
        extract = with_supplement(extract, before.supplement, before.paper)
        roots = await asyncio.to_thread(self.extracts.roots)
        if len(roots) < 2:
            return extract
        try:
            details = valid.check_subledger(await connector.get_subledger_details(period))
        except SourceFailed as failed:
            return without_partners(extract, failed)
        return with_partners(extract, details, roots)

    async def _late(
        self, connector: ERPConnector, stored: StoredConnection, period: str
    ) -> tuple[LateChange, ...]:
        """Read the month before again, when it is closed and came from here."""
        earlier = str(Period.parse(period).plus(-1))
        before = await asyncio.to_thread(self.extracts.before, stored, earlier)
        if not before.locked or before.standing is None or before.erp != stored.erp:
            return ()
        try:
            extract = await self._read(connector, stored, earlier, before)
        except OpeningMissing:
            return ()
        return differences(before.standing, extract.balance, before.items, extract.items or ())


def _port(parts: SplitResult, host: str) -> int:
    """
    The port of an address.

    Raises:
        AddressRefused: it is no number.
    """
    try:
        return parts.port or HTTPS
    except ValueError:
        raise AddressRefused(host, "port") from None
