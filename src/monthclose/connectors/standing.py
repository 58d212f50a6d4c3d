"""How a source stands with us: what its limits still allow, whether its circuit is closed."""

from collections.abc import Iterable
from dataclasses import dataclass

from monthclose.connectors import buckets
from monthclose.connectors.answers import Call
from monthclose.connectors.breaker import Breaker, Circuit, CircuitState
from monthclose.connectors.transport import Transport

ORDER = (CircuitState.CLOSED, CircuitState.HALF_OPEN, CircuitState.OPEN)
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Budget:
    """
    What one limit of a vendor still allows.

    Attributes:
        per: What the vendor counts by.
        left: Calls that may go at once; nil or less: the next one waits.
        capacity: Calls that may ever go at once.
    """

    per: str
    left: float
    capacity: float


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How a source stands with one credential.

    Attributes:
        budgets: The tightest bucket of each limit.
        circuit: The worst circuit of those the vendor counts by.
    """

    budgets: tuple[Budget, ...]
    circuit: CircuitState


class Looking(Transport):
    """A transport that looks and never calls."""

    async def standing(self, operations: Iterable[str]) -> Standing:
        """
        Look at limits and circuits.

        Args:
            operations: What the source was lately asked, where it counts by that.
        """
        state = self.around.state
        calls = [Call(each, self.base_url) for each in (*operations, "")]
        tightest: dict[str, Budget] = {}
        for limit in self.vendor.limits:
            found = {self._bucket(limit, call).key: self._bucket(limit, call) for call in calls}
            left = min(await buckets.levels(state, list(found.values())))
            tightest[limit.per] = Budget(limit.per, left, limit.burst * state.share)
        circuits: list[Circuit] = [
            await Breaker(state, f"{self.vendor.name}:{key}").look()
            for key in dict.fromkeys(map(self._breaker_key, calls))
        ]
        worst = max((each.state for each in circuits), key=ORDER.index)
        return Standing(tuple(tightest.values()), worst)
