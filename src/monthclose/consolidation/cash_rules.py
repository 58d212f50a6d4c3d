"""Where the movement of each account goes in a statement of cash flows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.accounts import (
    CONTRIBUTED,
    POSITION,
    RESULT,
    Account,
    AccountClass,
    Chart,
)
from monthclose.ledger.cash_flows import LineKey, Own, Part, Section, own_line
from monthclose.ledger.errors import CloseError

DIVIDENDS_DUE = "dividends"
"""`cash_flow` of an account that holds dividends declared and not yet paid."""

DIVIDENDS_LINE = own_line(Section.FINANCING, Own.DIVIDENDS)
WRITTEN_OFF_LINE = own_line(Section.INVESTING, Own.WRITTEN_OFF)


class NoCashAccount(CloseError):
    """No account of the chart is marked as cash."""

    code = "cash-account-missing"

    def __init__(self, group: str) -> None:
        super().__init__(group=group)


class ChargeUnpaired(CloseError):
    """Accumulated depreciation is among the investing flows, and what was charged is not."""

    code = "cash-flow-charge-unpaired"

    def __init__(self, account: str) -> None:
        super().__init__(account=account)


@dataclass(frozen=True, eq=False)
class CashRules:
    """
    A chart as a statement of cash flows reads it.

    An account goes where its `cash_flow` says. Without one, an asset or a liability is an
    operating movement; a contra asset and deferred tax adjust the result (depreciation,
    losses estimated: no cash); capital and dividends are financing (IAS 7.17); a reserve
    of other comprehensive income adjusts the result. Income or an expense whose
    `cash_flow` is investing or financing leaves the result by an adjustment and goes
    there: the gain on a sale, interest, and depreciation, which there meets what was
    accumulated, so that what is left of both is what was written off. Income or an
    expense marked as cash is the exchange difference on foreign cash (IAS 7.28).

    Attributes:
        chart: The standard chart.
    """

    chart: Chart

    def check(self, group: str) -> None:
        """
        Refuse a chart that no statement can be made from.

        Raises:
            NoCashAccount: nothing is marked as cash.
            ChargeUnpaired: accumulated depreciation is investing, but no expense is.
        """
        if not self.cash.any():
            raise NoCashAccount(group)
        charged = any(
            self._section(account) is Section.INVESTING
            for account in self.chart.accounts
            if account.kind is AccountClass.EXPENSE
        )
        for account in self.chart.accounts:
            if _accumulated(account) and self._section(account) is Section.INVESTING:
                if not charged:
                    raise ChargeUnpaired(account.code)
                break

    @cached_property
    def cash(self) -> NDArray[np.bool_]:
        """(a,) cash and cash equivalents."""
        return self._flags(lambda each: each.cash and each.kind in POSITION)

    @cached_property
    def result(self) -> NDArray[np.bool_]:
        """(a,) income and expense."""
        return self._flags(lambda each: each.kind in RESULT)

    @cached_property
    def retained(self) -> NDArray[np.bool_]:
        """(a,) retained earnings, which move by the result, dividends and transfers alone."""
        return self._flags(lambda each: each.kind is AccountClass.RETAINED_EARNINGS)

    @cached_property
    def intercompany(self) -> NDArray[np.bool_]:
        """(a,) balances with group companies, cash apart."""
        return self._flags(
            lambda each: bool(each.intercompany) and each.kind in POSITION and not each.cash
        )

    @cached_property
    def taken_out(self) -> dict[int, LineKey]:
        """Places of income and expense that leave the result, and the line they go to."""
        found: dict[int, LineKey] = {}
        for place, account in enumerate(self.chart.accounts):
            section = self._section(account)
            if account.kind not in RESULT or account.cash or section is Section.OPERATING:
                continue
            charge = account.kind is AccountClass.EXPENSE and section is Section.INVESTING
            found[place] = (
                WRITTEN_OFF_LINE if charge else LineKey(section, Part.MOVEMENT, account.code)
            )
        return found

    @cached_property
    def foreign_cash(self) -> tuple[int, ...]:
        """Places of income and expense that are exchange differences on cash."""
        marked = self._flags(lambda each: each.cash and each.kind in RESULT)
        return tuple(np.flatnonzero(marked).tolist())

    @cached_property
    def lines(self) -> tuple[LineKey | None, ...]:
        """(a,) the line of each account's movement; None: it is no flow of its own."""
        return tuple(self._line(account) for account in self.chart.accounts)

    @cached_property
    def dividends_due(self) -> frozenset[int]:
        """Places of assets that hold dividends declared to the company and not yet received."""
        return frozenset(
            place
            for place, account in enumerate(self.chart.accounts)
            if account.cash_flow == DIVIDENDS_DUE and account.kind is AccountClass.ASSET
        )

    @cached_property
    def dividends(self) -> tuple[int, ...]:
        """Places of dividends declared."""
        return tuple(np.flatnonzero(self.chart.of_kind(AccountClass.DIVIDENDS)).tolist())

    @cached_property
    def payable(self) -> tuple[int, ...]:
        """Places of liabilities that hold dividends declared and not yet paid."""
        return tuple(
            place
            for place, account in enumerate(self.chart.accounts)
            if account.cash_flow == DIVIDENDS_DUE and account.kind is AccountClass.LIABILITY
        )

    def _line(self, account: Account) -> LineKey | None:
        kind, section = account.kind, self._section(account)
        moved = LineKey(section, Part.MOVEMENT, account.code)
        adjusts = LineKey(Section.OPERATING, Part.ADJUSTMENT, account.code)
        if kind in POSITION:
            if account.cash:
                return None
            if account.cash_flow == DIVIDENDS_DUE:
                return DIVIDENDS_LINE if kind is AccountClass.LIABILITY else adjusts
            if _accumulated(account) and section is Section.INVESTING:
                return WRITTEN_OFF_LINE
            unmarked = not account.cash_flow
            contra = account.contra and kind is AccountClass.ASSET
            return adjusts if unmarked and (contra or account.deferred_tax) else moved
        if kind in CONTRIBUTED:
            return moved if account.cash_flow else replace(moved, section=Section.FINANCING)
        if kind is AccountClass.DIVIDENDS:
            return DIVIDENDS_LINE
        if kind is AccountClass.OCI:
            return adjusts if section is Section.OPERATING else moved
        return None

    def _section(self, account: Account) -> Section:
        """The section that an account names; operating when it names none."""
        known = account.cash_flow in set(Section)
        return Section(account.cash_flow) if known else Section.OPERATING

    def _flags(self, holds: Callable[[Account], bool]) -> NDArray[np.bool_]:
        return np.array([holds(each) for each in self.chart.accounts], dtype=np.bool_)


def _accumulated(account: Account) -> bool:
    """Whether an account holds accumulated depreciation: a contra asset that is not monetary."""
    return account.kind is AccountClass.ASSET and account.contra and not account.monetary
