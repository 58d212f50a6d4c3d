"""Where calls may go."""

import asyncio

import httpx2
import pytest

from monthclose.connectors.egress import CheckedTransport, Egress, is_public, plain_host
from monthclose.connectors.errors import AddressRefused

VENDOR = Egress(hosts=("app.omie.com.br", ".contaazul.com"))


class TestEgress:
    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("http://app.omie.com.br/", "scheme"),
            ("https://app.omie.com.br:8443/", "port"),
            ("https://user:pw@app.omie.com.br/", "user"),
            ("https://evil.example/", "host"),
            ("https://app.omie.com.br.evil.example/", "host"),
            ("https://xcontaazul.com/", "host"),
            ("https://127.0.0.1/", "host"),
            ("file:///etc/passwd", "scheme"),
            ("https://app.omie.com.br:99999/", "port"),
        ],
    )
    def test_what_is_on_no_list_is_not_called(self, url, reason):
        with pytest.raises(AddressRefused) as refused:
            VENDOR.check(url)
        assert refused.value.reason == f"source-{reason}"

    def test_a_suffix_holds_at_the_boundary_of_a_label(self):
        assert VENDOR.check("https://api-v2.contaazul.com/v1") == (
            "api-v2.contaazul.com",
            443,
            False,
        )

    def test_full_width_letters_are_read_as_the_client_will(self):
        assert plain_host("app．omie．com．br") == "app.omie.com.br"
        assert plain_host("１２７.0.0.1") == "127.0.0.1"

    def test_only_an_approved_entry_names_another_port_and_a_private_address(self):
        egress = Egress(approved=frozenset({"erp.local:8443"}))
        assert egress.check("https://erp.local:8443/rest") == ("erp.local", 8443, True)
        with pytest.raises(AddressRefused):
            egress.check("http://erp.local:8443/rest")

    @pytest.mark.parametrize(
        "address",
        [
            "10.0.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fd00::1",
            "fe80::1%eth0",
            "::ffff:10.0.0.1",
            "2002:0a00:0001::",
            "64:ff9b::a00:1",
            "64:ff9b::7f00:1",
        ],
    )
    def test_an_address_that_is_not_everybodys_is_not_public_however_wrapped(self, address):
        assert not is_public(address)

    def test_public_ones_are(self):
        assert is_public("200.160.2.3")
        assert is_public("2001:12ff:0:2::3")

    def test_a_name_one_of_whose_addresses_is_private_is_refused(self):
        async def look_up(host: str, port: int) -> list[str]:
            return ["200.160.2.3", "10.0.0.1"]

        async def ask() -> None:
            async with httpx2.AsyncClient(transport=CheckedTransport(VENDOR, look_up)) as client:
                await client.get("https://app.omie.com.br/api")

        with pytest.raises(AddressRefused) as refused:
            asyncio.run(ask())
        assert refused.value.reason == "source-private"
