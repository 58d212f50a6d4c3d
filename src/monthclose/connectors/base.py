"""
What a source must be able to answer.

A connector holds what is peculiar to its ERP. Retry, limits, breaker, tokens and the
bytes kept are the transport's; building a balance from titles is `derived`'s.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Self

from monthclose.connectors.auth import Auth
from monthclose.connectors.derived import RETAINED
from monthclose.connectors.errors import SourceFailed
from monthclose.connectors.oauth import OAuthSite
from monthclose.connectors.secrets import Vault
from monthclose.connectors.transport import Neighborhood, Transport
from monthclose.connectors.vendors import vendor
from monthclose.connectors.verdicts import Read, by_status
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.sources import Extract, Health, SourceCompany, Subledger


@dataclass(frozen=True, slots=True)
class Connection:
    """
    One company's way into one ERP; no secret is in it.

    Attributes:
        entity: Short code of the company.
        erp: Name of the connector.
        company: The company as the ERP calls it, such as `01,0101`; empty: the only one.
        base_url: Server of the customer; empty: the vendor's.
        cnpj: Of the company, which the answers have to be about; empty: not checked.
        since: Month whose opening balances are loaded, such as `2025-01`: a derived
            balance begins there.
        year_end: Month its fiscal year ends with.
        results: Its result accounts as mapped; empty: those the source says are.
        told: Accounts without a mapping that a chart once said are of the result.
        retained: Its account that takes the result of the year before.
        settings: What differs from customer to customer, by name.
    """

    entity: str
    erp: str
    company: str = ""
    base_url: str = ""
    cnpj: str = ""
    since: str = ""
    year_end: int = 12
    results: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    retained: str = RETAINED
    settings: Mapping[str, str] = field(default_factory=dict)


class ERPConnector(ABC):
    """
    Balances of one company from one ERP.

    Use it as a context, or call `connect` and `disconnect`. Every method raises
    `SourceFailed`: a balance that is not whole is never returned.
    """

    name: ClassVar[str]
    """As in `vendors.toml` and in a connection."""

    currency: ClassVar[str] = "BRL"

    def __init__(self, connection: Connection, vault: Vault, around: Neighborhood) -> None:
        """
        Take what is needed; nothing is called yet.

        Args:
            connection: Which company, and where.
            vault: Keeps its credential.
            around: What all connectors of the installation share.
        """
        self.connection, self.vault, self.around = connection, vault, around
        self._transport: Transport | None = None

    @property
    def transport(self) -> Transport:
        """The way to the ERP; `connect` opened it."""
        if self._transport is None:
            raise RuntimeError("connect first")
        return self._transport

    @abstractmethod
    def auth(self) -> Auth:
        """How this ERP is told who asks."""

    @property
    @abstractmethod
    def key(self) -> str:
        """What the ERP counts this credential by; no secret."""

    @property
    @abstractmethod
    def base_url(self) -> str:
        """Where the ERP answers, unless the connection names a server."""

    reads: ClassVar[Read] = staticmethod(by_status)
    """Reads what only the body of an answer tells."""

    @classmethod
    def granted_at(cls, connection: Connection) -> OAuthSite | None:  # noqa: ARG003
        """Where a person grants the connection in the browser; None: a credential is enough."""
        return None

    async def connect(self) -> None:
        """Open the way; a credential is asked for with the first call."""
        if self._transport is None:
            self._transport = Transport(
                vendor(self.name),
                self.around,
                key=self.key,
                auth=self.auth(),
                read=type(self).reads,
                base_url=self.connection.base_url or self.base_url,
            )

    async def disconnect(self) -> None:
        """Close it."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.close()

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        await self.disconnect()

    @abstractmethod
    async def get_trial_balance(self, period: str, opening: RawBalance | None = None) -> Extract:
        """
        Read one month of the company, every page, in the ERP's own accounts.

        Args:
            period: Such as `2025-06`.
            opening: The closing of the month before as it was kept, which a derived
                balance builds on; an ERP with a ledger reads its own.

        Raises:
            SourceFailed: and nothing is taken.
        """

    @abstractmethod
    async def get_subledger_details(self, period: str) -> Subledger:
        """
        Read what was owed to and by the company at the end of a month, and with whom it traded.

        Raises:
            SourceFailed: and nothing is taken.
        """

    @abstractmethod
    async def get_companies(self) -> tuple[SourceCompany, ...]:
        """
        Read which companies the credential opens.

        Raises:
            SourceFailed: they could not be read.
        """

    async def health_check(self) -> Health:
        """Ask the cheapest question there is; never raises `SourceFailed`."""
        try:
            return Health(reachable=True, companies=await self.get_companies())
        except SourceFailed as error:
            return Health(reachable=False, code=error.code, said=error.message())


CONNECTORS: dict[str, type[ERPConnector]] = {}
"""Connectors by name; a module that defines one registers it with `@connector`."""


def connector[C: type[Any]](made: C) -> C:
    """Register a connector under its name."""
    CONNECTORS[made.name] = made
    return made
