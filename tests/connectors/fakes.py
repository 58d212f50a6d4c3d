"""A clock that waits without time passing, a vault in memory, a neighbor by script."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monthclose.connectors.secrets import Secrets

NOON = datetime(2025, 7, 3, 12, tzinfo=UTC)


class FakeClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.moment = NOON
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def pass_(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class MemoryVault:
    """One credential, with its lock and a log of who asked."""

    def __init__(self, **parts: str) -> None:
        self.secrets = Secrets(parts)
        self.asked: list[str] = []
        self.dead = False
        self.stored: list[Secrets] = []
        self._lock = asyncio.Lock()

    async def read(self, purpose: str) -> Secrets:
        self.asked.append(purpose)
        return self.secrets

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator["MemoryVault"]:
        async with self._lock:
            yield self

    async def replace(self, secrets: Secrets) -> None:
        self.secrets = secrets
        self.stored.append(secrets)

    async def mark_dead(self) -> None:
        self.dead = True


def answering(*responses: Response | Callable[[Request], Response]) -> Any:
    """An application that gives these answers in turn, the last one for ever."""
    left = list(responses)
    app_calls: list[Request] = []

    async def answer(request: Request) -> Response:
        await request.body()
        app_calls.append(request)
        each = left.pop(0) if len(left) > 1 else left[0]
        return each if isinstance(each, Response) else each(request)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    app.state.calls = app_calls
    return app


def told(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as a neighbor sends it."""
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return Response(content, status, headers=headers, media_type="application/json")
