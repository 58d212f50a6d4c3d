"""One request on the wire: sent as it is, its answer taken whole and no larger than honest."""

import logging
from collections.abc import Mapping

import httpx2

from monthclose.connectors.answers import Call
from monthclose.connectors.errors import AnswerTooLarge

MAX_BYTES = 20 * 2**20

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "monthclose",
}
"""What every call says."""

# At INFO the client logs addresses with their query, which may hold what nobody should read.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Wire:
    """
    Sends calls and takes answers.

    Without the HTTP client that usually stands around a transport: it would add a third to
    what a call costs, for redirects, cookies and proxies, none of which are taken here.
    """

    def __init__(
        self, source: str, transport: httpx2.AsyncBaseTransport, connect_s: float, read_s: float
    ) -> None:
        """
        Open nothing yet.

        Args:
            source: Name of the neighbor, for messages.
            transport: Holds the connections.
            connect_s: How long a connection may take.
            read_s: How long the next piece of an answer may take.
        """
        self._source, self._transport = source, transport
        self._times = httpx2.Timeout(read_s, connect=connect_s).as_dict()

    async def send(self, call: Call) -> tuple[int, Mapping[str, str], bytes]:
        """
        Send one call, once.

        Returns:
            Status, headers by name in lower case, and the body, unpacked.

        Raises:
            AnswerTooLarge: there is no end of it.
            httpx2.TransportError: no answer, or half of one.
            httpx2.DecodingError: it is not packed as it says.
        """
        request = httpx2.Request(
            call.method,
            call.url,
            params=list(call.params) or None,
            headers={**HEADERS, **call.headers},
            json=call.json,
            data=dict(call.form) if call.form is not None else None,
            extensions={"timeout": self._times},
        )
        response = await self._transport.handle_async_request(request)
        try:
            content = await self._body(call, response)
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return response.status_code, headers, content

    async def _body(self, call: Call, response: httpx2.Response) -> bytes:
        """The body, unpacked, as long as it is no larger than an honest one."""
        pieces, size = [], 0
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > MAX_BYTES:
                raise AnswerTooLarge(self._source, call.operation, MAX_BYTES >> 20)
            pieces.append(piece)
        return b"".join(pieces)

    async def close(self) -> None:
        """Close its connections."""
        await self._transport.aclose()
