"""Bling's lists, page by page until one is empty, and its single records."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from typing import Any

from monthclose.connectors.answers import Answer, Call
from monthclose.connectors.errors import PageRepeated, RowTwice, SourceFailed
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.redaction import only
from monthclose.connectors.transport import Transport

SOURCE = "bling"
PAGE = "100"


class Calls:
    """Questions to one account of Bling."""

    def __init__(self, transport: Transport, removed: Removed) -> None:
        """Ask through *transport*; characters taken out of texts are counted in *removed*."""
        self._transport, self._removed = transport, removed

    async def answer(
        self,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        number: str = "",
        keep: Sequence[str] = (),
    ) -> Answer:
        """Ask one question; of rows with people in them only the fields *keep* are kept."""
        return await self._transport.send(
            Call(
                operation=path,
                url=f"{self._transport.base_url}/Api/v3/{path.replace('{id}', number)}",
                params=tuple(params),
                keep=only(keep, "data") if keep else bytes,
            )
        )

    def row(self, answer: Answer) -> Row:
        """An answer as one row."""
        told = self._transport.parse(answer)
        row = Row(
            told if isinstance(told, dict) else {}, SOURCE, answer.call.operation, self._removed
        )
        if not isinstance(told, dict):
            raise row.wrong("{}")
        return row

    async def record(
        self,
        path: str,
        *,
        number: str = "",
        wrapped: bool = True,
        keep: Sequence[str] = (),
    ) -> Row:
        """One record; only that of the cash book is not wrapped."""
        row = self.row(await self.answer(path, number=number, keep=keep))
        return row.row("data") if wrapped else row

    async def pages(
        self,
        path: str,
        params: Sequence[tuple[str, str]],
        *,
        sized: bool = True,
        keep: Sequence[str] = (),
    ) -> AsyncIterator[Row]:
        """
        Every row of every page, until one has none: a short page proves nothing.

        Raises:
            PageRepeated: a page came twice.
            RowTwice: a row came on two pages.
        """
        page, before, seen = 1, b"", set[str]()
        while True:
            asked = [*params, ("pagina", str(page)), *([("limite", PAGE)] if sized else [])]
            answer = await self.answer(path, asked, keep=keep)
            rows = self.row(answer).rows("data")
            if not rows:
                return
            if answer.content == before:
                raise PageRepeated(SOURCE, path, page)
            before = answer.content
            for row in rows:
                number = row.code("id")
                if number in seen:
                    raise RowTwice(SOURCE, path, number)
                seen.add(number)
                yield row
            page += 1


async def every[R](jobs: Iterable[Coroutine[Any, Any, R]]) -> list[R]:
    """Run calls side by side, in the order they were given; the first failure ends all."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except BaseExceptionGroup as failed:
        raise next((e for e in failed.exceptions if isinstance(e, SourceFailed)), failed) from None
    return [task.result() for task in tasks]
