"""The systems there are connectors for, and a stored connection as a connector takes it."""

import re
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from monthclose.connectors.base import CONNECTORS, Connection, ERPConnector
from monthclose.connectors.derived import RETAINED
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.errors import CloseError
from monthclose.store.connections import NewConnection, Opened, StoredConnection

PARTS: Mapping[str, tuple[str, ...]] = {
    "bling": ("client_id", "client_secret"),
    "contaazul": ("client_id", "client_secret"),
    "omie": ("app_key", "app_secret"),
    "totvs": ("username", "password"),
}
"""What a person gives of each credential; tokens are taken from the vendor."""


_NAMES = {
    "bling": "cancelled_between look_back paid_amount redirect retained returned since",
    "contaazul": "auth_url person_ids redirect renegotiated retained since",
    "omie": "accrual open_statuses retained since",
    "totvs": "auth balance_type branches closing_batches currency date_separator entries"
    " ledger_branch ledger_from login lp_closing module payables_account product query_path"
    " receivables_account reducing_types retained settlements since token_path",
}
SETTINGS: Mapping[str, frozenset[str]] = {
    erp: frozenset(names.split()) for erp, names in _NAMES.items()
}
"""What a connection to each system may be told beside the company and the server."""

SETTINGS_BY_CODE = {"bling": r"cancelled:.+", "totvs": r"currency_[2-9]|nature_.+"}
"""Settings whose names hold a number or a code of the system, as patterns."""

OWN_SERVER = frozenset({"totvs"})
"""Systems without hosts of their own: server and company have to be said."""


class ConnectionIncomplete(CloseError):
    """A system that every customer runs has to be told where it is and which company."""

    code = "connection-incomplete"

    def __init__(self, erp: str, lacking: list[str]) -> None:
        super().__init__(erp=erp, lacking=lacking)


class SettingUnknown(CloseError):
    """A setting that no connector of the system reads."""

    code = "setting-unknown"

    def __init__(self, erp: str, name: str) -> None:
        super().__init__(erp=erp, name=name[:40], known=sorted(SETTINGS[erp]))


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


def check_told(new: NewConnection) -> None:
    """
    See that a connection is told all it needs, and nothing that nobody reads.

    Raises:
        ErpUnknown, ConnectionIncomplete, SettingUnknown: it is not.
    """
    connector_class(new.erp, new.settings)
    if new.erp in OWN_SERVER:
        given = {"--base-url": new.base_url, "--company": new.company}
        if lacking := [name for name, value in given.items() if not value]:
            raise ConnectionIncomplete(new.erp, lacking)
    by_code = SETTINGS_BY_CODE.get(new.erp, "$^")
    for name in new.settings:
        if name not in SETTINGS[new.erp] and not re.fullmatch(by_code, name):
            raise SettingUnknown(new.erp, name)


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
