"""
Where calls may go: known hosts over verified TLS, at addresses that are public.

The name is looked up once, every address checked, and the connection made to the checked
address under the name's certificate, so that a second look-up cannot lead elsewhere.
"""

import asyncio
import ipaddress
import socket
import ssl
import unicodedata
from collections.abc import Callable, Collection, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx2

from monthclose.connectors.errors import AddressRefused

type Resolve = Callable[[str, int], Coroutine[Any, Any, list[str]]]

CONNECTIONS = httpx2.Limits(max_connections=32, max_keepalive_connections=16)

NAT64 = ipaddress.ip_network("64:ff9b::/96")
HTTPS = 443


@dataclass(frozen=True, slots=True)
class Egress:
    """
    What may be called.

    Attributes:
        hosts: Hosts of the vendor; one that begins with a dot allows what ends in it.
        approved: `host:port` that two people let in; these may be private addresses.
        test: `host:port` on loopback for tests and the sandbox; these may speak plain HTTP.
    """

    hosts: Collection[str] = ()
    approved: Collection[str] = field(default_factory=frozenset)
    test: Collection[str] = field(default_factory=frozenset)

    def check(self, url: str) -> tuple[str, int, bool]:
        """
        Check an address before anything is looked up.

        Returns:
            Host in its plain form, port, and whether private addresses are allowed.

        Raises:
            AddressRefused: it is not one we call.
        """
        parts = urlsplit(url)
        host = plain_host(parts.hostname or "")
        try:
            port = parts.port or (HTTPS if parts.scheme == "https" else 80)
        except ValueError:
            raise AddressRefused(host, "port") from None
        if parts.username is not None or parts.password is not None:
            raise AddressRefused(host, "user")
        if f"{host}:{port}" in self.test:
            return host, port, True
        if parts.scheme != "https":
            raise AddressRefused(host, "scheme")
        if f"{host}:{port}" in self.approved:
            return host, port, True
        if not any(_allows(pattern, host) for pattern in self.hosts):
            raise AddressRefused(host, "host")
        if port != HTTPS:
            raise AddressRefused(host, "port")
        return host, port, False


def plain_host(host: str) -> str:
    """Write a host as the HTTP client will: full-width letters, digits and dots as ASCII."""
    return unicodedata.normalize("NFKC", host).replace("。", ".").rstrip(".").lower()


def _allows(pattern: str, host: str) -> bool:
    """Whether a host is the one named, or ends in the suffix at a label boundary."""
    return host.endswith(pattern) if pattern.startswith(".") else host == pattern


def is_public(address: str) -> bool:
    """Whether an address is everybody's, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


async def resolve(host: str, port: int) -> list[str]:
    """Look a name up."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@cache
def usual_authorities() -> ssl.SSLContext:
    """What certificates are verified against, read once: it takes as long as forty calls."""
    return httpx2.create_ssl_context(trust_env=False)


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Sends a request to an address that was checked, under the name it was asked by."""

    def __init__(
        self, egress: Egress, look_up: Resolve = resolve, tls: ssl.SSLContext | None = None
    ) -> None:
        """
        Let through what *egress* allows.

        Args:
            egress: Where calls may go.
            look_up: Finds the addresses of a name.
            tls: What certificates are verified against; None: the usual authorities.
        """
        self._egress, self._look_up, self._tls = egress, look_up, tls
        self._inner: dict[str, httpx2.AsyncHTTPTransport] = {}

    def _of(self, host: str) -> httpx2.AsyncHTTPTransport:
        """
        The connections of one name.

        Two names may share an address; a connection whose certificate was verified for one
        of them is never used for the other.
        """
        if host not in self._inner:
            self._inner[host] = httpx2.AsyncHTTPTransport(
                verify=self._tls or usual_authorities(), trust_env=False, limits=CONNECTIONS
            )
        return self._inner[host]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """
        Send one request.

        Raises:
            AddressRefused: it leads where we do not call.
        """
        host, port, private = self._egress.check(str(request.url))
        addresses = await self._addresses(host, port)
        if not private:
            _check_public(host, addresses)
        request.headers["Host"] = _authority(request.url)
        request.extensions = {**request.extensions, "sni_hostname": host}
        if request.url.host != addresses[0]:
            request.url = request.url.copy_with(host=addresses[0])
        return await self._of(host).handle_async_request(request)

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Addresses of a host, which may be an address itself."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            try:
                return await self._look_up(host, port)
            except OSError as error:
                raise httpx2.ConnectError("the name of the host is not known") from error
        return [host]

    async def aclose(self) -> None:
        """Close connections."""
        for each in self._inner.values():
            await each.aclose()

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Close connections."""
        await self.aclose()


def _authority(url: httpx2.URL) -> str:
    """Host and port as the `Host` header names them."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return host if url.port is None else f"{host}:{url.port}"


def _check_public(host: str, addresses: Iterable[str]) -> None:
    """Refuse a name any of whose addresses is not public."""
    for address in addresses:
        if not is_public(address):
            raise AddressRefused(host, "private")
