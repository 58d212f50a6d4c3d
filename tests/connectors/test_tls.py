"""TLS is verified for the name that was asked, at the address that was checked, always."""

import asyncio
import datetime
import json
import logging
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monthclose.connectors.answers import Answer, Call
from monthclose.connectors.errors import AddressRefused, SourceUnreachable
from monthclose.connectors.transport import Neighborhood, Transport
from monthclose.connectors.vendors import vendor
from tests.connectors.fakes import FakeClock

pytestmark = pytest.mark.server


class Says(BaseHTTPRequestHandler):
    """Answers with the name it was asked by."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"host": self.headers["Host"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Site:
    port: int
    trusted: ssl.SSLContext


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with a certificate for erp.example and twin.example, and who vouches for it."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = certificate(folder, "erp.example", "twin.example")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Says)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(server.server_address[1], ssl.create_default_context(cafile=str(cert)))
    server.shutdown()
    server.server_close()


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    key_path, cert_path = folder / "key.pem", folder / "cert.pem"
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key_path, cert_path


def ask(site: Site, *hosts: str, trusted: bool = True, address: str = "127.0.0.1") -> list[Answer]:
    """Ask by several names, all of which lead to one address."""

    async def look_up(host: str, port: int) -> list[str]:
        return [address]

    async def go() -> list[Answer]:
        around = Neighborhood.alone(
            FakeClock(),
            approved=frozenset(f"{host}:{site.port}" for host in hosts),
            look_up=look_up,
            tls=site.trusted if trusted else None,
        )
        async with Transport(vendor("totvs"), around, key="k") as transport:
            urls = [f"https://{host}:{site.port}/rest" for host in hosts]
            return [await transport.send(Call("CQ0", url)) for url in urls]

    return asyncio.run(go())


class TestTls:
    def test_a_name_keeps_its_host_and_its_certificate_at_the_checked_address(self, site):
        answers = ask(site, "erp.example", "twin.example")
        assert [each.json() for each in answers] == [
            {"host": f"erp.example:{site.port}"},
            {"host": f"twin.example:{site.port}"},
        ]

    def test_a_certificate_of_another_name_is_refused_and_not_tried_again(self, site):
        with pytest.raises(SourceUnreachable) as refused:
            ask(site, "other.example")
        assert refused.value.what == "source-tls"

    def test_a_connection_verified_for_one_name_is_not_used_for_another(self, site):
        """Both names lead to one address; the second has no certificate there."""
        with pytest.raises(SourceUnreachable):
            ask(site, "erp.example", "other.example")

    def test_nobody_known_vouches_for_it(self, site):
        with pytest.raises(SourceUnreachable) as refused:
            ask(site, "erp.example", trusted=False)
        assert refused.value.what == "source-tls"


class TestRebinding:
    def test_a_vendors_name_that_leads_home_is_refused(self):
        async def look_up(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        async def go() -> None:
            around = Neighborhood.alone(FakeClock(), look_up=look_up)
            async with Transport(vendor("omie"), around, key="k") as transport:
                await transport.send(Call("x", "https://app.omie.com.br/api/v1/x/"))

        with pytest.raises(AddressRefused):
            asyncio.run(go())

    def test_an_address_in_numbers_is_no_vendors(self):
        async def go() -> None:
            async with Transport(vendor("omie"), Neighborhood.alone(), key="k") as transport:
                await transport.send(Call("x", "https://2130706433/"))

        with pytest.raises(AddressRefused):
            asyncio.run(go())


class TestSilence:
    def test_no_log_and_no_printed_form_holds_a_query_or_a_header(self, site, caplog):
        with caplog.at_level(logging.DEBUG):
            answers = ask(site, "erp.example")
        call = Call("CQ0", "https://x", params=(("password", "s3cret"),), headers={"A": "s3cret"})
        shown = repr(call) + repr(answers) + caplog.text
        assert "s3cret" not in shown
        assert "HTTP Request" not in caplog.text
