"""
One HTTP client for every neighbor: where it may call, how often, how long, how often again.

A connector asks and reads; everything between is here. An answer comes back only when it
means something: data, or the end of data.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

import httpx2

from monthclose.connectors import buckets
from monthclose.connectors.answers import JSON, Answer, Call
from monthclose.connectors.auth import Auth, NoAuth
from monthclose.connectors.breaker import Breaker
from monthclose.connectors.buckets import Bucket, Turnaway
from monthclose.connectors.clock import Clock, SystemClock
from monthclose.connectors.details import Details, MemoryDetails
from monthclose.connectors.egress import CheckedTransport, Egress, Resolve, resolve
from monthclose.connectors.errors import (
    AnswerUnreadable,
    CircuitOpen,
    CredentialRefused,
    SourceAnsweredBadly,
    SourceBlocked,
    SourceBusy,
    SourceFailed,
    SourceUnreachable,
)
from monthclose.connectors.retry import (
    HONOURED_S,
    RetryBudget,
    TryAgain,
    moment,
    retry_after,
    with_retries,
)
from monthclose.connectors.secrets import Blocks, MemoryBlocks
from monthclose.connectors.sending import Wire
from monthclose.connectors.state import MemoryState, SharedState
from monthclose.connectors.turns import Turns
from monthclose.connectors.vendors import Do, Limit, Vendor
from monthclose.connectors.verdicts import Read, Verdict, by_status, stopped
from monthclose.ledger.sources import SourceDocument


@dataclass(frozen=True, slots=True)
class Times:
    """
    How long a call may take, in seconds.

    Attributes:
        connect: To a connection.
        read: Between two pieces of the answer.
        total: From the first byte sent to the last received.
        queue: For its turn under the vendor's limits.
    """

    connect: float = 5.0
    read: float = 30.0
    total: float = 60.0
    queue: float = buckets.LONGEST_S


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """
    What every transport of an installation shares.

    Attributes:
        state: Buckets and breakers.
        blocks: Times until which vendors have shut us out.
        details: Single records, kept between readings.
        turns: Calls under way at once.
        clock: Time.
        times: Limits of time.
        approved: `host:port` that two people let in.
        test: `host:port` of the sandbox and of tests.
        tls: What certificates are verified against; None: the usual authorities.
        look_up: Finds the addresses of a name.
        lifted: Whether limits of rate are left out: against the sandbox only.
        seed: Of the jitter.
    """

    state: SharedState
    blocks: Blocks = field(default_factory=MemoryBlocks)
    details: Details = field(default_factory=MemoryDetails)
    turns: Turns = field(default_factory=Turns)
    clock: Clock = field(default_factory=SystemClock)
    times: Times = field(default_factory=Times)
    approved: frozenset[str] = frozenset()
    test: frozenset[str] = frozenset()
    tls: ssl.SSLContext | None = None
    look_up: Resolve = resolve
    lifted: bool = False
    seed: int = 0

    @classmethod
    def alone(cls, clock: Clock | None = None, **facts: object) -> "Neighborhood":
        """The neighborhood of a process that shares nothing."""
        clock = clock or SystemClock()
        return cls(state=MemoryState(clock), clock=clock, **facts)  # type: ignore[arg-type]


class Transport:
    """
    Calls to one neighbor with one credential.

    Example:
        async with Transport(vendor("omie"), neighborhood, key="1234", auth=auth) as transport:
            answer = await transport.send(Call("ListarCategorias", url, "POST", json=body))
    """

    def __init__(
        self,
        vendor: Vendor,
        around: Neighborhood,
        *,
        key: str,
        auth: Auth | None = None,
        read: Read = by_status,
        base_url: str = "",
    ) -> None:
        """
        Open nothing yet.

        Args:
            vendor: The neighbor.
            around: What all transports share.
            key: What the vendor counts this credential by; no secret.
            auth: Puts the credential on calls.
            read: Reads what only a body tells.
            base_url: Server of this customer; its host still has to be allowed.
        """
        self.vendor, self.around, self.key = vendor, around, key
        self.base_url = base_url.rstrip("/")
        self.documents: list[SourceDocument] = []
        self._auth, self._read = auth or NoAuth(), read
        self._narrowest = vendor.narrowest
        self._budget = RetryBudget(around.clock, vendor.name)
        self._chance = Random(f"{around.seed}/{vendor.name}/{key}")  # noqa: S311
        self._egress = Egress(vendor.hosts, around.approved, around.test)
        transport = CheckedTransport(self._egress, around.look_up, around.tls)
        self._wire = Wire(vendor.name, transport, around.times.connect, around.times.read)

    async def __aenter__(self) -> "Transport":
        """Use it."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        await self._wire.close()

    async def send(self, call: Call) -> Answer:
        """
        Ask, as often as it makes sense.

        Returns:
            An answer that is data; one with `Do.EMPTY` as its meaning is the end of data,
            see `is_empty`.

        Raises:
            SourceFailed: it will not be had, and why.
        """
        async with self._turn(call):
            answer = await with_retries(
                lambda: self._attempt(call), self._budget, self.around.clock, self._chance
            )
        self._keep(answer)
        return answer

    async def json(self, call: Call) -> JSON:
        """
        Ask for JSON.

        Raises:
            SourceFailed: as `send`, or the answer is no JSON.
        """
        return self.parse(await self.send(call))

    def parse(self, answer: Answer) -> JSON:
        """
        Read an answer as JSON.

        Raises:
            AnswerUnreadable: it is not JSON with one meaning.
        """
        try:
            return answer.json()
        except (ValueError, RecursionError):
            raise AnswerUnreadable(self.vendor.name, answer.call.operation, "json") from None

    def is_empty(self, answer: Answer) -> bool:
        """Whether an answer is the end of data rather than data."""
        return self._verdict(answer).do is Do.EMPTY

    async def _attempt(self, call: Call) -> Answer:
        """One attempt, with one renewal of the token within it."""
        signed = call if call.anonymous else await self._auth.sign(call, self._raw)
        answer = await self._counted(signed)
        verdict = self._verdict(answer)
        if verdict.do is Do.REFRESH and not call.anonymous:
            if not await self._auth.renew(signed, self._raw):
                raise CredentialRefused(self.vendor.name, call.operation, answer.status)
            answer = await self._counted(await self._auth.sign(call, self._raw))
            verdict = self._verdict(answer)
            if verdict.do is Do.REFRESH:
                raise CredentialRefused(self.vendor.name, call.operation, answer.status)
        await self._act(call, answer, verdict)
        if verdict.do is Do.OK and answer.media_type not in call.media:
            raise AnswerUnreadable(self.vendor.name, call.operation, "media")
        return answer

    async def ask_token(self, call: Call) -> Answer:
        """
        Send a call of the authentication once, and return what was answered.

        Raises:
            Transient: there was no answer, or only a failure.
        """
        try:
            return await self._raw(call)
        except TryAgain as again:
            raise again.error from None

    async def _raw(self, call: Call) -> Answer:
        """
        Send a call of the authentication: counted on its own, never signed.

        Raises:
            Transient: the token endpoint fails for now.
        """
        limit = self.vendor.token_limit
        if limit is not None:
            await self._wait_for_turn(call, [self._bucket(limit, call, "token")])
        answer = await self._counted(call, limited=limit is None)
        again = answer.status == 429 or self.vendor.meaning(answer.status).do is Do.RETRY
        if answer.status >= 500 or again:
            raise TryAgain(
                SourceAnsweredBadly(self.vendor.name, call.operation, answer.status), 2.0
            )
        return answer

    async def _counted(self, call: Call, *, limited: bool = True) -> Answer:
        """Send once, if the breaker, the vendor's block and its limits let it through."""
        await self._check_block(call)
        breaker = Breaker(self.around.state, f"{self.vendor.name}:{self._breaker_key(call)}")
        if limited and not self.around.lifted:
            if wait_s := await breaker.shut_for():
                raise CircuitOpen(self.vendor.name, wait_s)
            limits = [self._bucket(limit, call) for limit in self.vendor.limits]
            await self._wait_for_turn(call, limits)
        # Asked after the wait: a trial of a half-open circuit has a minute, not a queue.
        if wait_s := await breaker.enter():
            raise CircuitOpen(self.vendor.name, wait_s)
        try:
            answer = await self._sent(call)
        except TryAgain:
            await breaker.record(failed=True)
            raise
        except BaseException:
            await breaker.release()
            raise
        verdict = self._verdict(answer)
        failed = verdict.failed or (answer.status >= 500 and verdict.do is not Do.EMPTY)
        if 400 <= answer.status < 500 or verdict.refused:
            await breaker.release()
        else:
            await breaker.record(failed=failed)
        return answer

    async def _sent(self, call: Call) -> Answer:
        """Send once and take the answer whole."""
        host = urlsplit(call.url).hostname or ""
        again = self.vendor.timeout_wait_s
        try:
            async with asyncio.timeout(self.around.times.total):
                status, headers, content = await self._wire.send(call)
        except (TimeoutError, httpx2.TimeoutException):
            raise self._again(
                call, SourceUnreachable(self.vendor.name, host, "time"), again
            ) from None
        except httpx2.ConnectError as error:
            if _is_tls(error):
                raise self._unreachable(host, "tls") from None
            raise self._again(
                call, SourceUnreachable(self.vendor.name, host, "connect"), 0
            ) from None
        except (httpx2.TransportError, httpx2.DecodingError):
            raise self._again(
                call, SourceUnreachable(self.vendor.name, host, "cut"), again
            ) from None
        return Answer(call, status, headers, content, self.around.clock.now())

    def _unreachable(self, host: str, what: str) -> SourceUnreachable:
        """No answer, and what became of it: `time`, `connect`, `cut`, `tls`."""
        return SourceUnreachable(self.vendor.name, host, what)

    def _verdict(self, answer: Answer) -> Verdict:
        """What an answer means: by its body where the connector reads it, else by status."""
        read = self._read(answer)
        if read is not None:
            return read
        meaning = self.vendor.meaning(answer.status)
        return Verdict(meaning.do, meaning.wait_s)

    async def _act(self, call: Call, answer: Answer, verdict: Verdict) -> None:
        """Raise what an answer that is no data has to be raised as."""
        if verdict.do in (Do.OK, Do.EMPTY):
            return
        error = verdict.error or stopped(answer, self.vendor)
        if verdict.block_s:
            until = self.around.clock.now().timestamp() + verdict.block_s
            await self.around.blocks.block(*self._blocked_by(call), until)
            raise SourceBlocked(self.vendor.name, call.operation, moment(until))
        if verdict.do not in (Do.RETRY, Do.ONCE):
            raise error
        asked = retry_after(answer)
        wait_s = verdict.wait_s if asked is None else asked
        if answer.status == 429 and not self.around.lifted:
            await self._slow_down(call, verdict.limit, wait_s)
        if wait_s > HONOURED_S:
            raise SourceBusy(self.vendor.name, call.operation, wait_s)
        raise self._again(call, error, wait_s, once=verdict.do is Do.ONCE)

    async def _slow_down(self, call: Call, named: str, wait_s: float) -> None:
        """After a 429: the limit that it names is used up; one that names none is a pause."""
        limits = [limit for limit in self.vendor.limits if named and limit.per == named]
        state, act = self.around.state, buckets.empty if limits else buckets.pause
        of = limits or self._narrowest
        await act(state, [self._bucket(limit, call) for limit in of], wait_s)

    def _again(
        self, call: Call, error: SourceFailed, wait_s: float, *, once: bool = False
    ) -> SourceFailed | TryAgain:
        """The error, to be tried again if the call can be."""
        if not call.repeatable:
            return error
        return TryAgain(error, wait_s, at_most=2 if once else 3)

    async def _wait_for_turn(self, call: Call, limits: list[Bucket]) -> None:
        """Wait until the vendor's limits let a call go."""
        if self.around.lifted:
            return
        patience = self.around.times.queue
        wait = await buckets.take(self.around.state, limits, patience)
        if isinstance(wait, Turnaway):
            raise SourceBusy(self.vendor.name, call.operation, wait.wait_s)
        if wait:
            await self.around.clock.sleep(wait)

    async def _check_block(self, call: Call) -> None:
        """Leave a vendor alone that has shut us out."""
        until = await self.around.blocks.until(*self._blocked_by(call))
        if until > self.around.clock.now().timestamp():
            raise SourceBlocked(self.vendor.name, call.operation, moment(until))

    def _bucket(self, limit: Limit, call: Call, what: str = "") -> Bucket:
        """The bucket that a call counts for under one limit."""
        kind = limit.per.partition("-")[0]
        parts = {
            "vendor": (),
            "server": (urlsplit(call.url).netloc,),
            "credential": (self.key,),
            "method": (self.key, call.operation),
        }[kind]
        key = ":".join((self.vendor.name, limit.per, what, *parts))
        return Bucket(key, limit.burst, limit.per_s, own=limit in self._narrowest)

    def _turn(self, call: Call) -> asyncio.Semaphore:
        """The turns of calls at once that a call takes one of: what its tightest limit counts."""
        counted = [self._bucket(limit, call).key for limit in self._narrowest[:1]]
        key = counted[0] if counted else f"{self.vendor.name}:{self.key}"
        return self.around.turns.of(key, self.vendor.parallel)

    def _breaker_key(self, call: Call) -> str:
        """What the circuit breaker watches: as the vendor counts."""
        return f"{self.key}:{call.operation}" if self._by_method else self.key

    def _blocked_by(self, call: Call) -> tuple[str, str]:
        """What a block of the vendor is for: a credential, and its method where it counts so."""
        return f"{self.vendor.name}:{self.key}", call.operation if self._by_method else ""

    @property
    def _by_method(self) -> bool:
        """Whether the vendor counts, and shuts out, each method on its own."""
        return any(limit.per == "method" for limit in self.vendor.limits)

    def _keep(self, answer: Answer) -> None:
        """Keep the bytes of an answer as a document."""
        if answer.call.keep is not None:
            self.documents.append(self.document(answer))

    def document(self, answer: Answer) -> SourceDocument:
        """An answer as it is kept."""
        keep, parts = answer.call.keep, urlsplit(answer.call.url)
        return SourceDocument(
            label=f"{self.vendor.name} {answer.call.operation}",
            endpoint=f"{parts.hostname or ''}{parts.path}",
            media_type=answer.media_type,
            content=b"" if keep is None else keep(answer.content),
            fetched_at=answer.at,
        )


def _is_tls(error: BaseException) -> bool:
    """Whether a connection failed over its certificate, which no repeat mends."""
    seen: BaseException | None = error
    while seen is not None:
        if type(seen).__module__ == "ssl" or "CERTIFICATE" in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
