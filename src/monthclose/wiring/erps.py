"""The systems there are connectors for, and a stored connection as a connector takes it."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from monthclose.connectors.base import CONNECTORS, Connection, ERPConnector
from monthclose.connectors.derived import RETAINED
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.errors import CloseError
from monthclose.store.connections import Opened, StoredConnection

PARTS: Mapping[str, tuple[str, ...]] = {
    "bling": ("client_id", "client_secret"),
    "contaazul": ("client_id", "client_secret"),
    "omie": ("app_key", "app_secret"),
    "totvs": ("username", "password"),
}
"""What a person gives of each credential; tokens are taken from the vendor."""


class ErpUnknown(CloseError):
    """There is no connector of that name."""

    code = "erp-unknown"

    def __init__(self, erp: str) -> None:
        super().__init__(erp=erp, known=known_erps())


class SecretIncomplete(CloseError):
    """A credential lacks parts, or has parts that nobody asks for."""

    code = "secret-incomplete"

    def __init__(self, erp: str) -> None:
        super().__init__(erp=erp, parts=list(PARTS[erp]))


def known_erps() -> list[str]:
    """The systems there is a connector for."""
    return [erp for erp in PARTS if find_spec(f"monthclose.connectors.{erp}")]


def connector_class(erp: str, settings: Mapping[str, str] | None = None) -> type[ERPConnector]:
    """
    The connector of a system, or of the product of it that setting `product` names.

    Raises:
        ErpUnknown: there is none.
    """
    product = (settings or {}).get("product", "")
    name = f"{erp}_{product}" if product else erp
    known = erp in known_erps() and name.isidentifier()
    if not known or not find_spec(f"monthclose.connectors.{name}"):
        raise ErpUnknown(name)
    import_module(f"monthclose.connectors.{name}")  # registers itself
    if name not in CONNECTORS:
        raise ErpUnknown(name)
    return CONNECTORS[name]


def connection_of(
    stored: StoredConnection, opened: Opened | None = None, since: str = ""
) -> Connection:
    """
    A connection as a connector takes it.

    Args:
        stored: The connection.
        opened: The company's year and result accounts, or None.
        since: Month whose opening balances are loaded, unless a setting says another.
    """
    settings = stored.settings
    return Connection(
        entity=stored.entity,
        erp=stored.erp,
        company=stored.company,
        base_url=stored.base_url,
        cnpj=parse_cnpj(stored.tax_id) or "",
        since=settings.get("since", since),
        year_end=opened.year_end if opened else 12,
        results=opened.results if opened else frozenset(),
        told=opened.told if opened else frozenset(),
        retained=settings.get("retained", RETAINED),
        settings=settings,
    )
