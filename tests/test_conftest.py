"""The conveniences of conftest.py hold what they promise."""

import socket
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

from tests.conftest import compare, rewrite


class TestSockets:
    @pytest.mark.filterwarnings("ignore:A test tried")
    def test_are_closed_in_an_ordinary_test(self):
        with pytest.raises(SocketBlockedError):
            socket.socket()

    @pytest.mark.server
    def test_reach_loopback_where_a_server_is_tested(self):
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname(), timeout=5) as client,
        ):
            accepted, _ = server.accept()
            with accepted:
                client.sendall(b"close")
                assert accepted.recv(5) == b"close"

    @pytest.mark.server
    @pytest.mark.filterwarnings("ignore:A test tried")
    def test_reach_no_other_host_even_there(self):
        # 192.0.2.0/24 is kept for documentation (RFC 5737): nobody answers there.
        with socket.socket() as client, pytest.raises(SocketConnectBlockedError):
            client.connect(("192.0.2.1", 80))


class TestGolden:
    def test_a_changed_document_fails_until_it_is_rewritten(self, tmp_path: Path):
        file = tmp_path / "pages" / "balance.txt"
        rewrite(file, "cash 1.00\n")
        with pytest.raises(AssertionError):
            compare(file, "cash 2.00\n")
        rewrite(file, "cash 2.00\n")
        compare(file, "cash 2.00\n")

    def test_a_document_that_differs_by_one_byte_fails(self, tmp_path: Path):
        file = tmp_path / "pack.zip"
        rewrite(file, b"PK\x03")
        with pytest.raises(AssertionError, match="make golden"):
            compare(file, b"PK\x04")

    def test_a_document_nobody_wrote_down_fails(self, tmp_path: Path):
        with pytest.raises(AssertionError, match="make golden"):
            compare(tmp_path / "never.txt", "1")
