"""What every simulated neighbor has in common: faults by script, limits, JSON as it is sent."""

import json
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from monthclose.sandbox.faults import Fault, Kind, Script

type Clock = Callable[[], float]
"""Seconds that only grow."""


def reais(minor: int) -> float:
    """Cents as the JSON number a neighbor writes: exact to the cent in its shortest form."""
    return minor / 100


def answered(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, ascii: bool = False
) -> Response:
    """A JSON answer; *ascii* escapes every accent."""
    text = json.dumps(body, ensure_ascii=ascii, separators=(",", ":"))
    return Response(
        text.encode(), status, headers=dict(headers or {}), media_type="application/json"
    )


class Window:
    """Counts calls in the last seconds."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds, self._clock = seconds, clock
        self._times: deque[float] = deque()

    def add(self) -> int:
        """Count a call, and say how many there have been in the window."""
        now = self._clock()
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        self._times.append(now)
        return len(self._times)


class Neighbor(ABC):
    """
    An ASGI application that answers as a neighbor does.

    Attributes:
        script: The faults still to happen, and the calls counted by operation.
        limited: Whether the documented limits are enforced.
    """

    def __init__(
        self, script: Script | None = None, *, limited: bool = False, clock: Clock = monotonic
    ) -> None:
        self.script = script or Script()
        self.limited, self.clock = limited, clock
        self._last: dict[str, Response] = {}
        self._windows: dict[tuple[str, ...], Window] = {}
        self.seen: dict[str, list[Mapping[str, str]]] = defaultdict(list)

    @abstractmethod
    def operation(self, request: Request, body: bytes) -> str:
        """What the neighbor counts a request as."""

    @abstractmethod
    def respond(self, request: Request, body: bytes) -> Response:
        """Answer a request that no fault has taken."""

    def expire(self) -> None:
        """Let the access tokens given so far end."""
        raise NotImplementedError("this neighbor gives no tokens")

    def another(self, request: Request, body: bytes) -> Response:
        """Answer for another company than the one asked for: for a `tenant` fault."""
        return self.respond(request, body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        operation = self.operation(request, body)
        fault = self.script.next(operation)
        if fault is None:
            response = self.respond(request, body)
            self._last[operation] = response
            await response(scope, receive, send)
            return
        await self._fail(fault, operation, request, body, (scope, receive, send))

    async def _fail(
        self,
        fault: Fault,
        operation: str,
        request: Request,
        body: bytes,
        wire: tuple[Scope, Receive, Send],
    ) -> None:
        """Do what a fault says instead."""
        scope, receive, send = wire
        match fault.kind:
            case Kind.STATUS:
                response = Response(
                    fault.body.encode(),
                    fault.status,
                    headers=dict(fault.headers),
                    media_type=fault.media_type,
                )
            case Kind.SLOW | Kind.CUT:
                await self._break(self.respond(request, body), receive, send, fault.kind)
                return
            case Kind.RESET:
                # The server's own object behind `send` holds the connection.
                send.__self__.transport.abort()  # type: ignore[attr-defined]
                return
            case Kind.SAME_PAGE:
                response = self._last.get(operation) or self.respond(request, body)
            case Kind.DROP_FIELD:
                full = self.respond(request, body)
                told = _without(json.loads(bytes(full.body)), fault.field)
                response = answered(told, full.status_code)
            case Kind.EXPIRE:
                self.expire()
                response = self.respond(request, body)
            case Kind.TENANT:
                response = self.another(request, body)
        await response(scope, receive, send)

    async def _break(self, whole: Response, receive: Receive, send: Send, kind: Kind) -> None:
        """Send the beginning of an answer; then nothing, until the caller gives up, or the end."""
        half = bytes(whole.body)[: max(1, len(whole.body) // 2)]
        headers = [(b"content-type", b"application/json")]
        if kind is Kind.CUT:
            headers.append((b"content-length", str(len(whole.body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": half, "more_body": True})
        if kind is Kind.SLOW:
            while (await receive())["type"] != "http.disconnect":
                pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def window(self, seconds: float, *key: str) -> int:
        """Count a call under a key, and say how many there have been in the last seconds."""
        name = (str(seconds), *key)
        if name not in self._windows:
            self._windows[name] = Window(seconds, self.clock)
        return self._windows[name].add()


def _without(told: Any, field: str) -> Any:
    """An answer whose rows lack a field."""
    if isinstance(told, dict):
        return {name: _without(value, field) for name, value in told.items() if name != field}
    if isinstance(told, list):
        return [_without(each, field) for each in told]
    return told
