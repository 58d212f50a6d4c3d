"""
The circuit breaker: a source that keeps failing is left alone for a while.

Closed, it looks at the last 20 outcomes of attempts; from 10 on, half of them failed
opens it for 30 seconds. Then three trials at a time are let through: three successes
close it, one failure opens it for twice as long, up to 300 seconds. A trial that never
reports counts as failed when its time is over.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from monthclose.connectors.state import SharedState, Values

WINDOW = 20
ENOUGH = 10
OPEN_S = 30.0
LONGEST_S = 300.0
TRIALS = 3
TRIAL_S = 60.0
"""How long a trial may take: the whole time a call has."""

FORGET_S = 3600

_ENCODER = json.JSONEncoder(separators=(",", ":"))


class CircuitState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True)
class Circuit:
    """
    What is known of one source.

    Attributes:
        state: Whether calls go through.
        outcomes: The last ones while closed: 1 a failure, 0 a success.
        until: When an open circuit lets trials through, seconds.
        hold_s: How long it opens next.
        trials: When each trial under way began.
        passed: Trials that succeeded since it was half open.
    """

    state: CircuitState = CircuitState.CLOSED
    outcomes: list[int] = field(default_factory=list)
    until: float = 0.0
    hold_s: float = OPEN_S
    trials: list[float] = field(default_factory=list)
    passed: int = 0

    def enter(self, now: float) -> float:
        """
        Ask to make a call.

        Returns:
            Nil when it may go, otherwise the seconds until somebody may.
        """
        self.settle(now)
        if self.state is CircuitState.CLOSED:
            return 0.0
        if self.state is CircuitState.OPEN:
            return self.until - now
        if len(self.trials) >= TRIALS:
            return max(0.1, min(self.trials) + TRIAL_S - now)
        self.trials.append(now)
        return 0.0

    def shut_for(self, now: float) -> float:
        """Seconds for which nobody may go, without asking to; nil when somebody may."""
        self.settle(now)
        return self.until - now if self.state is CircuitState.OPEN else 0.0

    def record(self, now: float, *, failed: bool) -> None:
        """Learn how a call ended."""
        self.settle(now)
        if self.state is CircuitState.CLOSED:
            self.outcomes = [*self.outcomes, int(failed)][-WINDOW:]
            if len(self.outcomes) >= ENOUGH and 2 * sum(self.outcomes) >= len(self.outcomes):
                self._open(now)
        elif self.state is CircuitState.HALF_OPEN:
            if self.trials:
                self.trials.remove(min(self.trials))
            if failed:
                self._open(now)
                return
            self.passed += 1
            if self.passed >= TRIALS:
                self._close()

    def release(self, now: float) -> None:
        """Take back a call that told nothing of the source's health."""
        self.settle(now)
        if self.trials:
            self.trials.remove(min(self.trials))

    def settle(self, now: float) -> None:
        """Do what time alone does."""
        if self.state is CircuitState.OPEN and now >= self.until:
            self.state, self.trials, self.passed = CircuitState.HALF_OPEN, [], 0
        if self.state is CircuitState.HALF_OPEN and any(now - t >= TRIAL_S for t in self.trials):
            self._open(now)

    def _open(self, now: float) -> None:
        """Let nobody through for the time held, and hold twice as long the next time."""
        self.state, self.until = CircuitState.OPEN, now + self.hold_s
        self.hold_s = min(LONGEST_S, 2 * self.hold_s)
        self.outcomes, self.trials, self.passed = [], [], 0

    def _close(self) -> None:
        """Forget what was."""
        self.state, self.hold_s = CircuitState.CLOSED, OPEN_S
        self.outcomes, self.trials, self.passed = [], [], 0


def _read(value: bytes | None) -> Circuit:
    """A circuit as it is stored; lost: closed."""
    if value is None:
        return Circuit()
    told = json.loads(value)
    told["state"] = CircuitState(told["state"])
    return Circuit(**told)


def _written(circuit: Circuit) -> bytes:
    """A circuit as it is stored."""
    # By hand: `asdict` copies what is in it, and this is done three times a call.
    told = {name: getattr(circuit, name) for name in Circuit.__slots__}
    return _ENCODER.encode(told).encode()


CLOSED = b'{"state":"closed"'
"""How a closed circuit begins as it is stored: nobody is kept from going, no trial is under way."""

ALL_WELL = _written(Circuit(outcomes=[0] * WINDOW))
"""A circuit whose last calls all went well, as it is stored: another one changes nothing."""


class Breaker:
    """The circuit of one key, in the shared state, for one call after the other."""

    def __init__(self, state: SharedState, key: str) -> None:
        """Watch what the source counts under *key*."""
        self._state, self._key = state, f"circuit:{key}"
        self._well = False

    async def shut_for(self) -> float:
        """Seconds for which nobody may go, without asking to."""
        return await self._change(lambda circuit, now: circuit.shut_for(now), 0.0)

    async def enter(self) -> float:
        """Nil when a call may go, otherwise the seconds until one may."""
        return await self._change(lambda circuit, now: circuit.enter(now), 0.0)

    async def record(self, *, failed: bool) -> None:
        """
        Learn how an attempt ended.

        One more that went well tells nothing new of a circuit whose last twenty had when the
        call was let through: nobody has to be asked again.
        """
        well, self._well = self._well, False
        if well and not failed:
            return

        def act(circuit: Circuit, now: float) -> None:
            circuit.record(now, failed=failed)

        await self._change(act, None, among=() if failed else (ALL_WELL,))

    async def release(self) -> None:
        """Take back an attempt that told nothing: refused, or limited."""
        await self._change(lambda circuit, now: circuit.release(now), None)

    async def look(self) -> Circuit:
        """The circuit as it stands."""

        def turn(values: Values, now: float) -> tuple[Values, Circuit]:
            circuit = _read(values[0])
            circuit.settle(now)
            return values, circuit

        return await self._state.change([self._key], turn, FORGET_S)

    async def _change[R](
        self, act: Callable[[Circuit, float], R], usual: R, among: tuple[bytes, ...] = (CLOSED,)
    ) -> R:
        """
        Read the circuit, act on it, write it back.

        Args:
            act: What is done with it.
            usual: What that gives while the circuit is as usual.
            among: Beginnings of what is stored of circuits that *act* does not change.
        """

        def turn(values: Values, now: float) -> tuple[Values, R]:
            # Every call, and nearly always so: not worth reading and writing it.
            self._well = values[0] == ALL_WELL
            if values[0] is not None and values[0].startswith(among):
                return values, usual
            circuit = _read(values[0])
            result = act(circuit, now)
            return [_written(circuit)], result

        return await self._state.change([self._key], turn, FORGET_S)
