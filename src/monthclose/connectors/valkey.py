"""The shared state in a Valkey or Redis server, with its clock."""

import contextlib
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from monthclose.connectors.clock import Clock
from monthclose.connectors.state import MemoryState, Turn

PREFIX = "monthclose:neighbors:"

_READ = "return {redis.call('TIME'), redis.call('MGET', unpack(KEYS))}"

# Written only if nobody changed any of the values since they were read.
_WRITE = """
local n = #KEYS
for i = 1, n do
  local now = redis.call('GET', KEYS[i])
  if (now or '') ~= ARGV[i] then return 0 end
end
for i = 1, n do
  if ARGV[n + i] == '' then redis.call('DEL', KEYS[i])
  else redis.call('SET', KEYS[i], ARGV[n + i], 'EX', ARGV[2 * n + 1]) end
end
return 1
"""

TURNS = 200
"""How often a turn is taken anew before the server counts as away: others are faster."""


class ValkeyState:
    """The state that all processes share; when the server is away, each keeps to its part."""

    def __init__(self, client: Redis, clock: Clock, workers: int) -> None:
        """
        Use a server.

        Args:
            client: Connection to it.
            clock: For the time when it is away.
            workers: Processes that share each limit when it is away.
        """
        self._client = client
        self._alone = MemoryState(clock, workers)
        self._away = False
        self._read = client.register_script(_READ)
        self._write = client.register_script(_WRITE)

    @property
    def share(self) -> float:
        """One, or this process's part while the server is away."""
        return self._alone.share if self._away else 1.0

    async def change[R](self, keys: Sequence[str], turn: Turn[R], ttl_s: int) -> R:
        """Take a turn on the server, or alone when it does not answer."""
        with contextlib.suppress(RedisError, OSError):
            named = [PREFIX + key for key in keys]
            for _ in range(TURNS):
                (seconds, micros), old = await self._read(keys=named)
                self._away = False
                new, result = turn(old, int(seconds) + int(micros) / 1e6)
                if new is old:  # only looked at
                    return result
                values = [each or b"" for each in (*old, *new)]
                if await self._write(keys=named, args=[*values, ttl_s]):
                    return result
        self._away = True
        return await self._alone.change(keys, turn, ttl_s)

    async def close(self) -> None:
        """Give the connection back."""
        await self._client.aclose()
