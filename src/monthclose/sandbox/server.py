"""Neighbors on loopback: ASGI applications, each on a port of its own, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import uvicorn

type Application = Any
"""An ASGI application."""

LOOPBACK = "127.0.0.1"


class Servers:
    """
    Applications by name, served while the context lasts.

    Example:
        with Servers({"omie": omie(world)}) as servers:
            servers.url("omie")  # http://127.0.0.1:40213
    """

    def __init__(self, applications: Mapping[str, Application], log_level: str = "error") -> None:
        """
        Name what is to be served; nothing listens yet.

        Args:
            applications: By name.
            log_level: From which on the servers say what happens; a body that is cut on
                purpose is an error to them.
        """
        self._log_level = log_level
        self._applications = dict(applications)
        self._sockets: dict[str, socket.socket] = {}
        self._servers: list[uvicorn.Server] = []
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Listen on free ports; requests are answered when this returns."""
        for name in self._applications:
            # Named as TCP, so that asyncio sends small answers at once: otherwise each waits
            # 40 ms for an acknowledgement.
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOPBACK, 0))
            listener.listen(256)
            self._sockets[name] = listener
        self._servers = [
            uvicorn.Server(
                uvicorn.Config(
                    each,
                    log_level=self._log_level,
                    lifespan="off",
                    timeout_graceful_shutdown=1,
                )
            )
            for each in self._applications.values()
        ]
        self._thread = threading.Thread(target=self._run, name="neighbors", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        for server in self._servers:
            server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=10)
        for listener in self._sockets.values():
            listener.close()

    def address(self, name: str) -> str:
        """`host:port` of one of them."""
        host, port = self._sockets[name].getsockname()[:2]
        return f"{host}:{port}"

    def url(self, name: str) -> str:
        """Where one of them answers."""
        return f"http://{self.address(name)}"

    @property
    def addresses(self) -> frozenset[str]:
        """`host:port` of all of them."""
        return frozenset(map(self.address, self._sockets))

    def _run(self) -> None:
        """Serve until told to stop."""

        async def serve() -> None:
            pairs = zip(self._servers, self._sockets.values(), strict=True)
            await asyncio.gather(*(server.serve(sockets=[each]) for server, each in pairs))

        asyncio.run(serve())
