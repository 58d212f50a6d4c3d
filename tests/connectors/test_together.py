"""When one of several questions fails, the others have ended before it is told."""

import asyncio

import pytest

from monthclose.connectors.together import together


class TestTogether:
    def test_answers_come_in_the_order_of_the_questions(self):
        async def say(word: str) -> str:
            await asyncio.sleep(0)
            return word

        async def ask() -> list[str]:
            return await together(say("one"), say("two"))

        assert asyncio.run(ask()) == ["one", "two"]

    def test_none_goes_on_after_one_failed(self):
        ended: list[str] = []

        async def fail() -> None:
            await asyncio.sleep(0)
            raise LookupError

        async def wait() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("waiter")

        async def ask() -> None:
            with pytest.raises(LookupError):
                await together(fail(), wait())
            assert ended == ["waiter"]

        asyncio.run(ask())
