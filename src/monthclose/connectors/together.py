"""Questions asked side by side: when one fails, none goes on behind the caller's back."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def together(*asked: Coroutine[Any, Any, Any]) -> list[Any]:
    """
    Wait for all of them, in order.

    Raises:
        BaseException: what the first to fail raised; the others are ended first, so that no
            connection is used after whoever opened it has closed it.
    """
    tasks = [asyncio.create_task(each) for each in asked]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
