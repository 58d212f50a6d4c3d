"""The embedded Valkey: one server that commands share, behind a password."""

import asyncio
import multiprocessing

import pytest
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as RedisConnectionError

from monthclose.connectors.buckets import Bucket, take
from monthclose.connectors.clock import SystemClock
from monthclose.connectors.valkey import ValkeyState
from monthclose.embedded.valkey import EmbeddedValkey

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


class TestServer:
    def test_it_answers_only_to_the_password(self, home):
        with EmbeddedValkey(home) as broker:
            stranger = Redis(host=broker.host, port=broker.port)
            with pytest.raises(AuthenticationError):
                stranger.ping()
            stranger.close()
            with Redis.from_url(broker.url) as friend:
                assert friend.ping()
                assert friend.config_get("appendonly") == {"appendonly": "yes"}
                assert friend.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"

    def test_two_users_share_it_and_the_last_stops_it(self, home):
        first, second = EmbeddedValkey(home), EmbeddedValkey(home)
        broker = first.start()
        assert second.start() == broker
        first.stop()
        with Redis.from_url(broker.url) as client:
            assert client.ping()
        second.stop()
        with Redis.from_url(broker.url) as client, pytest.raises(RedisConnectionError):
            client.ping()

    def test_what_was_written_is_there_after_a_restart(self, home):
        with EmbeddedValkey(home) as broker, Redis.from_url(broker.url) as client:
            client.set("kept", "1")
        with EmbeddedValkey(home) as broker, Redis.from_url(broker.url) as client:
            assert client.get("kept") == b"1"

    def test_the_password_is_not_in_the_printed_form(self, home):
        with EmbeddedValkey(home) as broker:
            assert broker.password not in repr(broker)


def take_tokens(url: str, count: int) -> list[float]:
    """Take tokens in a process of its own; the waits."""

    async def go() -> list[float]:
        state = ValkeyState(AsyncRedis.from_url(url), SystemClock(), workers=3)
        try:
            bucket = Bucket("shared", 5, 0.001)
            waits = [await take(state, [bucket], 1e9) for _ in range(count)]
            return [each for each in waits if isinstance(each, float)]
        finally:
            await state.close()

    return asyncio.run(go())


class TestSharedState:
    def test_processes_share_one_bucket(self, home):
        """Five tokens at once, then one in a thousand seconds: of 12 only 5 go at once."""
        with EmbeddedValkey(home) as broker:
            context = multiprocessing.get_context("spawn")
            with context.Pool(3) as pool:
                each_took = pool.starmap(take_tokens, [(broker.url, 4)] * 3)
            waits = [wait for took in each_took for wait in took]
            assert sum(each == 0 for each in waits) == 5
            steps = sorted(round(each / 1000) for each in waits if each)
            assert steps == [1, 2, 3, 4, 5, 6, 7]

    def test_without_the_server_a_process_keeps_to_its_part(self, home):
        """Five tokens among three workers: 5/3 at once and a third of the rate, so one goes."""
        waits = take_tokens("redis://127.0.0.1:1/0", 3)
        assert [each == 0 for each in waits] == [True, False, False]
