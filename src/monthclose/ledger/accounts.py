"""The standard chart of accounts: what each account is, and which ones have a part to play."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.errors import CloseError
from monthclose.wording import say


class AccountClass(StrEnum):
    """What an account is; the class decides which rate translates it."""

    ASSET = "asset"
    LIABILITY = "liability"
    SHARE_CAPITAL = "share_capital"
    APIC = "apic"
    RETAINED_EARNINGS = "retained_earnings"
    DIVIDENDS = "dividends"
    OCI = "oci"
    INCOME = "income"
    EXPENSE = "expense"
    CTA = "cta"
    NCI = "nci"
    CLEARING = "clearing"


CODES = {kind: number for number, kind in enumerate(AccountClass)}
"""Each class as a small integer, for columns."""

POSITION = frozenset({AccountClass.ASSET, AccountClass.LIABILITY})
RESULT = frozenset({AccountClass.INCOME, AccountClass.EXPENSE})
CONTRIBUTED = frozenset({AccountClass.SHARE_CAPITAL, AccountClass.APIC})
EQUITY = CONTRIBUTED | {AccountClass.RETAINED_EARNINGS, AccountClass.OCI}
ENTERED = frozenset(AccountClass) - {AccountClass.CTA, AccountClass.NCI, AccountClass.CLEARING}
"""Classes that a trial balance may bring; the others are computed, never translated."""

METRICS = (
    "subscription_revenue",
    "other_revenue",
    "cost_of_revenue",
    "sales_marketing",
    "outside_ebitda",
)
"""What SaaS metrics take accounts of the result for; each may be several accounts."""

GOODWILL_CLEARING = "GOODWILL"
"""Goodwill at its acquisition-date amount, between the two entries that meet there."""

FAIR_VALUE_CLEARING = "FVA"
"""Step-ups less their deferred tax at their acquisition-date amount, between two entries."""


class UnknownAccount(CloseError):
    """An account code that the standard chart does not have."""

    code = "account-unknown"

    def __init__(self, account: str, where: str) -> None:
        super().__init__(account=account, where=where)


@dataclass(frozen=True, slots=True)
class Account:
    """
    One account of the standard chart.

    Attributes:
        code: What people type; unique in the chart.
        name: In the group's language.
        kind: Its class.
        parent: Code of the account it adds into, for printing; empty at the top.
        statement_line: The line of the statement it prints on; empty: its own.
        monetary: Whether it is a monetary item (IAS 21.8, 21.16).
        intercompany: Kind of intercompany balance it holds (`AR`, `AP`, `REV`, …), or empty.
        cash: Whether it is cash or a cash equivalent (IAS 7.6).
        cash_flow: Section of the cash flow statement its movements go to.
        deferred_tax: Whether it is deferred tax (IAS 12).
        contra: Whether its balance normally has the opposite sign of its class.
        gaap: Frameworks it exists in; empty: all.
        metric: What SaaS metrics take it for, one of `METRICS`; empty: nothing.
    """

    code: str
    name: str
    kind: AccountClass
    parent: str = ""
    statement_line: str = ""
    monetary: bool = False
    intercompany: str = ""
    cash: bool = False
    cash_flow: str = ""
    deferred_tax: bool = False
    contra: bool = False
    gaap: frozenset[str] = frozenset()
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Roles:
    """
    The accounts that entries of the close use, by what they are for.

    Those without a code are of groups that need them: nothing is added for them.

    Attributes:
        deferred_tax: Deferred tax on step-ups, a liability.
        deferred_tax_result: Where its release goes.
        goodwill_impairment: Losses on goodwill.
        goodwill_amortisation: Amortisation of goodwill, where it is elected.
        result_before: What a company earned before it was the group's, in the year it was
            bought; part of its retained earnings from the next year on.
        monetary_result: What holding money in a hyperinflationary economy lost or gained.
        restated_use: What restated items cost beyond their books as they are used up.
    """

    cta: str = "3400"
    nci: str = "3900"
    retained_earnings: str = "3300"
    dividends: str = "3350"
    goodwill: str = "1600"
    bargain_gain: str = "4500"
    dividend_income: str = "4200"
    difference_position: str = "1990"
    difference_result: str = "6990"
    associate_result: str = ""
    associate_oci: str = ""
    equity_pickup: str = ""
    translation_reserve: str = ""
    deferred_tax: str = ""
    deferred_tax_result: str = ""
    goodwill_impairment: str = ""
    goodwill_amortisation: str = ""
    result_before: str = ""
    monetary_result: str = ""
    restated_use: str = ""

    @property
    def retained_in_all(self) -> tuple[str, ...]:
        """Retained earnings, with the account of results before acquisition where there is one."""
        both = (self.retained_earnings, self.result_before)
        return tuple(account for account in both if account)


@dataclass(frozen=True, slots=True)
class Slots:
    """
    Where the lines of one list of accounts stand, by the rate their class calls for.

    Attributes:
        position: (p,) indexes of assets and liabilities.
        result: (r,) indexes of income and expense.
        other: (e,) indexes of equity lines, which have no rate of their own.
        chart: (n,) position of each line's account in the chart.
        lines: The lines of each account: several when they differ by partner.
    """

    position: NDArray[np.intp]
    result: NDArray[np.intp]
    other: NDArray[np.intp]
    chart: NDArray[np.intp]
    lines: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Chart:
    """
    The standard chart: accounts in order of code, each code once.

    Attributes:
        accounts: (a,) accounts.
        roles: The accounts that entries of the close use.
    """

    accounts: tuple[Account, ...]
    roles: Roles = field(default_factory=Roles)

    def __post_init__(self) -> None:
        if len(self.index) != len(self.accounts):
            raise ValueError("an account code stands in the chart twice")

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each code."""
        return {account.code: place for place, account in enumerate(self.accounts)}

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """(a,) codes in chart order."""
        return tuple(account.code for account in self.accounts)

    @cached_property
    def classes(self) -> NDArray[np.int8]:
        """(a,) class of each account, as in `CODES`."""
        return np.array([CODES[account.kind] for account in self.accounts], dtype=np.int8)

    def __getitem__(self, code: str) -> Account:
        return self.accounts[self.index[code]]

    def __contains__(self, code: object) -> bool:
        return code in self.index

    def kind(self, code: str) -> AccountClass:
        """The class of an account; `KeyError` when the chart does not have it."""
        return self.accounts[self.index[code]].kind

    @cached_property
    def computed(self) -> frozenset[str]:
        """Codes that no trial balance may bring, because the close computes them."""
        return frozenset(each.code for each in self.accounts if each.kind not in ENTERED)

    @cached_property
    def _of_kinds(self) -> dict[tuple[AccountClass, ...], NDArray[np.bool_]]:
        return {}

    def of_kind(self, *kinds: AccountClass) -> NDArray[np.bool_]:
        """(a,) whether each account is of one of *kinds*; remembered, not to be written into."""
        known = self._of_kinds.get(kinds)
        if known is None:
            known = np.isin(self.classes, [CODES[kind] for kind in kinds])
            known.setflags(write=False)
            self._of_kinds[kinds] = known
        return known

    def codes_of(self, *kinds: AccountClass) -> tuple[str, ...]:
        """Codes of the accounts that are of one of *kinds*, in chart order."""
        return tuple([self.codes[place] for place in np.flatnonzero(self.of_kind(*kinds)).tolist()])

    @cached_property
    def _lists(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    def shared(self, accounts: tuple[str, ...]) -> tuple[str, ...]:
        """
        The same list of accounts as it first came.

        Most companies of a group and all months of a company have the same accounts: one
        list is kept for them, and where its lines stand is worked out once.
        """
        return self._lists.setdefault(accounts, accounts)

    @cached_property
    def _slots(self) -> dict[int, tuple[tuple[str, ...], Slots]]:
        return {}

    def slots(self, accounts: tuple[str, ...], where: str) -> Slots:
        """
        Where each of *accounts* stands, by class; remembered for the same list.

        Raises:
            UnknownAccount: the chart does not have one of them; *where* goes in the message.
        """
        known = self._slots.get(id(accounts))
        if known is not None and known[0] is accounts:
            return known[1]
        missing = next((code for code in accounts if code not in self.index), None)
        if missing is not None:
            raise UnknownAccount(missing, where)
        places = np.array([self.index[code] for code in accounts], dtype=np.intp)
        classes = self.classes[places] if len(places) else np.zeros(0, dtype=np.int8)
        position = np.isin(classes, [CODES[kind] for kind in POSITION])
        result = np.isin(classes, [CODES[kind] for kind in RESULT])
        lines: dict[str, tuple[int, ...]] = {}
        for line, code in enumerate(accounts):
            lines[code] = (*lines.get(code, ()), line)
        slots = Slots(
            np.flatnonzero(position),
            np.flatnonzero(result),
            np.flatnonzero(~position & ~result),
            places,
            lines,
        )
        self._slots[id(accounts)] = (accounts, slots)
        return slots


def chart_of(accounts: tuple[Account, ...], roles: Roles | None = None, lang: str = "en") -> Chart:
    """Put accounts in order of code and add those of the close itself, named in *lang*."""
    roles = roles or Roles()
    known = {account.code: account for account in accounts}
    for code, name, kind in (
        (roles.retained_earnings, "retained-earnings", AccountClass.RETAINED_EARNINGS),
        (roles.dividends, "dividends", AccountClass.DIVIDENDS),
        (roles.cta, "cta", AccountClass.CTA),
        (roles.nci, "nci", AccountClass.NCI),
        (roles.goodwill, "goodwill", AccountClass.ASSET),
        (roles.bargain_gain, "bargain-gain", AccountClass.INCOME),
        (roles.dividend_income, "dividend-income", AccountClass.INCOME),
        (roles.difference_position, "difference-position", AccountClass.ASSET),
        (roles.difference_result, "difference-result", AccountClass.EXPENSE),
        (GOODWILL_CLEARING, "goodwill-clearing", AccountClass.CLEARING),
        (FAIR_VALUE_CLEARING, "fair-value-clearing", AccountClass.CLEARING),
    ):
        known.setdefault(code, Account(code, say(f"accounts.{name}", lang), kind))
    return Chart(tuple(known[code] for code in sorted(known)), roles)
