"""The tale of P and S with P's books under equity pick-up (MEP)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from monthclose.consolidation.group import ConsolidationEngine
from monthclose.ledger.accounts import Account, AccountClass, chart_of
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.changes import ChangeKind
from monthclose.ledger.periods import Period
from monthclose.ledger.pickups import PickupMonth
from tests.changes.tale import MONTHS, Deal, Tale
from tests.consolidation.groups import CODES

PICKED, RESERVE = "4410", "3510"


class PickupTale(Tale):
    """
    P picks up its share of what S earns, and of what rates do to S its own reserve.

    It sells at the part of what it carries; the gain is what the price exceeds that by. More
    is bought at cost. Each month *moved* says what the reserve gets; sold whole, S takes it along.
    """

    def __init__(
        self,
        deals: Sequence[Deal],
        *,
        owner: str = "BRL",
        owned: str = "BRL",
        shares: dict[str, str],
        moved: Sequence[int] = (),
    ) -> None:
        super().__init__(deals, owner=owner, owned=owned, shares=shares)
        self.moved = moved
        self.pickups: list[PickupMonth] = []
        self.carried: list[int] = []
        self._carry(shares)
        chart = self.group.chart
        accounts = (
            *chart.accounts,
            Account(PICKED, "Equity pick-up", AccountClass.INCOME),
            Account(RESERVE, "Translation reserve", AccountClass.OCI),
        )
        roles = replace(chart.roles, equity_pickup=PICKED, translation_reserve=RESERVE)
        self.group = replace(
            self.group,
            chart=replace(chart_of(accounts), roles=roles),
            changes=tuple(self.changes),
            pickups=tuple(self.pickups),
        )
        self.engine = ConsolidationEngine(self.group)
        for made in self.books():
            self.engine.load_trial_balance(made)

    def _carry(self, shares: dict[str, str]) -> None:
        """Month by month what P carries S at; changes are of the last day of a month."""
        carried = self.investment
        for place, month in enumerate(MONTHS):
            end = Period.parse(month).last_day
            held = int(max((d, s) for d, s in shares.items() if date.fromisoformat(d) < end)[1])
            earned = 5000 + 1700 * (place % 5) - 2100 - 300 * (place % 3)
            part = earned * held // 100
            reserve = self.moved[place] if place < len(self.moved) else 0
            if held:
                self.pickups.append(PickupMonth("P", "ACQ-S", month, part, reserve))
                carried += part + reserve
            for number, each in enumerate(self.changes):
                if str(Period.of(each.on)) != month:
                    continue
                if each.kind is ChangeKind.INCREASE:
                    carried += each.cost
                    continue
                left = carried * int(each.share * 100) // held
                self.changes[number] = replace(each, cost=left, gain=each.proceeds - left)
                carried -= left
            self.carried.append(carried)

    def holder(self) -> list[TrialBalance]:
        """The books of P."""
        if not hasattr(self, "carried"):
            return super().holder()
        found = []
        year, retained, cash, reserve = 0, 0, 800000 - self.investment, 0
        picked = gain = 0
        for place, month in enumerate(MONTHS):
            if month.endswith("-01"):
                retained, year, picked, gain = retained + year + picked + gain, 0, 0, 0
            year, cash = year + 10000, cash + 10000
            for each in self.pickups:
                if each.period == month:
                    picked, reserve = picked + each.amount, reserve + each.reserve
            for change in self.changes:
                if str(Period.of(change.on)) == month:
                    sign = -1 if change.kind is ChangeKind.INCREASE else 1
                    cash, gain = cash + sign * change.proceeds, gain + change.gain
                    if change.kind is ChangeKind.DISPOSAL:  # to the result with the company
                        gain, reserve = gain + reserve, 0
            lines = {
                CODES["cash"][0]: cash,
                CODES["investment"][0]: self.carried[place],
                CODES["capital"][0]: -800000,
                CODES["retained"][0]: -retained,
                CODES["revenue"][0]: -year,
                PICKED: -picked,
                RESERVE: -reserve,
                "4510": -gain,
            }
            lines = {account: amount for account, amount in lines.items() if amount}
            amounts = np.array(list(lines.values()), dtype=np.int64)
            found.append(TrialBalance("P", month, self.owner, tuple(lines), amounts))
        return found
