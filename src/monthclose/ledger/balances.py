"""Trial balances as columns, and the position a month starts from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import LARGEST_MINOR, AmountOutOfRange, Amounts, Money, total
from monthclose.ledger.rates import Quote


class Basis(StrEnum):
    """How a balance came about."""

    NATIVE_GL = "native_gl"
    IMPORTED_ECD = "imported_ecd"
    IMPORTED_BALANCETE = "imported_balancete"
    DERIVED = "derived"


class UnbalancedTrialBalance(CloseError):
    """Debits and credits differ, so nothing built on this balance can be trusted."""

    code = "trial-balance-unbalanced"

    def __init__(self, entity: str, period: str, currency: str, out_by: int) -> None:
        super().__init__(
            entity=entity,
            period=period,
            out_by=out_by,
            side="credit" if out_by > 0 else "debit",
            size=Money(abs(out_by), currency),
        )


class DuplicateLine(CloseError):
    """The same account and partner stand in one balance twice."""

    code = "balance-line-duplicate"

    def __init__(self, entity: str, period: str, account: str, partner: str) -> None:
        super().__init__(entity=entity, period=period, account=account, partner=partner or "–")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a derived balance does not contain, named: never filled by a plug."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """
    The document a balance was read from.

    Attributes:
        name: Its label, such as `balances/2025-06.csv`.
        sha256: Hash of its bytes, hexadecimal.
        rows: (n,) row of the document each line stands in, counted from 1; empty: unknown.
        answers: How many answers of a system it lists; nil: it is no list.
        papers: How many documents that people sent it lists beside them.
    """

    name: str
    sha256: str = ""
    rows: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    answers: int = 0
    papers: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RawBalance:
    """
    One entity's month as it was sent: it may not balance, and is kept all the same.

    Attributes:
        entity: Short code of the entity.
        period: The month it closes, such as `2025-06`.
        currency: ISO 4217 code of *amounts*.
        accounts: (n,) account codes, the entity's own or the standard chart's.
        amounts: (n,) int64, minor units, debit positive, closing; P&L fiscal year to
            date, before closing entries.
        partners: (n,) partner of an intercompany line, or empty; () when none has one.
        opening: (n,) opening balances, or () when not given.
        debit: (n,) debits of the month, positive, or ().
        credit: (n,) credits of the month, positive, or ().
        basis: How it came about.
        gaps: What a derived one does not contain.
        source: The document it was read from.
        number: Which one of its company and month, where the records keep several; 0: the
            only one.
    """

    entity: str
    period: str
    currency: str
    accounts: tuple[str, ...]
    amounts: Amounts
    partners: tuple[str, ...] = ()
    opening: Amounts | None = None
    debit: Amounts | None = None
    credit: Amounts | None = None
    basis: Basis = Basis.NATIVE_GL
    gaps: tuple[Gap, ...] = ()
    source: Source | None = None
    number: int = 0

    @property
    def out_by(self) -> int:
        """Debits less credits, minor units: nil when it balances."""
        return total(self.amounts)


@dataclass(frozen=True, slots=True, eq=False)
class TrialBalance:
    """
    One entity's closing balances for one month. It balances, or it does not exist.

    Attributes:
        entity: Short code of the entity, such as `NVO`.
        period: The month it closes, such as `2025-06`.
        currency: ISO 4217 code of *amounts*.
        accounts: (n,) account codes; with *partners*, each pair once.
        amounts: (n,) int64, minor units, debit positive, summing to zero. Income and
            expense are fiscal year to date, before closing entries.
        partners: (n,) partner of an intercompany line, or empty; () when none has one.
        basis: How it came about.
        gaps: What a derived one does not contain.
        source: The document it was read from.
    """

    entity: str
    period: str
    currency: str
    accounts: tuple[str, ...]
    amounts: Amounts
    partners: tuple[str, ...] = ()
    basis: Basis = Basis.NATIVE_GL
    gaps: tuple[Gap, ...] = ()
    source: Source | None = None

    def __post_init__(self) -> None:
        if len(self.accounts) != len(self.amounts):
            raise ValueError(f"{len(self.accounts)} accounts, {len(self.amounts)} amounts")
        if self.amounts.dtype != np.int64:
            raise TypeError(f"amounts are {self.amounts.dtype}, not int64 minor units")
        if self.amounts.size:
            largest = max(int(self.amounts.max()), -int(self.amounts.min()))
            if largest > LARGEST_MINOR:
                raise AmountOutOfRange(largest, LARGEST_MINOR)
        if out_by := total(self.amounts):
            raise UnbalancedTrialBalance(self.entity, self.period, self.currency, out_by)
        self._check_lines_unique()

    def _check_lines_unique(self) -> None:
        if not self.partners:
            if len(set(self.accounts)) == len(self.accounts):
                return
            keys: tuple[Any, ...] = tuple((account, "") for account in self.accounts)
        else:
            keys = tuple(zip(self.accounts, self.partners, strict=True))
        seen: set[tuple[str, str]] = set()
        for account, partner in keys:
            if (account, partner) in seen:
                raise DuplicateLine(self.entity, self.period, account, partner)
            seen.add((account, partner))

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """(n,) account and partner of each line."""
        partners = self.partners or ("",) * len(self.accounts)
        return tuple(zip(self.accounts, partners, strict=True))

    def as_sent(self) -> RawBalance:
        """The same lines as if they had been sent so."""
        return RawBalance(
            entity=self.entity,
            period=self.period,
            currency=self.currency,
            accounts=self.accounts,
            amounts=self.amounts,
            partners=self.partners,
            basis=self.basis,
            gaps=self.gaps,
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """
    A part of an account with a rate of its own: a contribution and the rate of its day.

    Attributes:
        amount: Minor units of the functional currency, debit positive.
        quote: The rate of its day; None when the amount is in the presentation currency.
        label: What it is, for the proof of the CTA.
        flow: Whether it belongs to the period, so that the proof counts it.
        acquired: Whether an acquisition found it there, and so cancels it.
        growth: What a unit of its day is worth in units of the month's end: one, unless the
            books are restated with a price index (IAS 29).
    """

    amount: int
    quote: Quote | None
    label: str = ""
    flow: bool = False
    acquired: bool = False
    growth: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Layers:
    """Parts at their own rates: added exactly, then rounded once (IAS 21 names no rate)."""

    parts: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """
    Capital given back since the roll-forward began, part of what a `CarriedForward` moved.

    Attributes:
        label: What it is, for the proof of the CTA.
        amount: Minor units of the functional currency, positive.
        translated: What left with it, minor units of the presentation currency, positive.
    """

    label: str
    amount: int
    translated: int


@dataclass(frozen=True, slots=True)
class CarriedForward:
    """
    An amount translated at an earlier close and brought forward, never translated again.

    Attributes:
        translated: Minor units of the presentation currency, debit positive.
        parts: What came on top since, at its own rates.
        moved: What transfers inside equity and reductions of capital brought in or took
            away since, minor units of
            the presentation currency, debit positive.
        restated: Errors of prior periods, each at the rate of the period it belongs to
            (IAS 8.42): part of the opening, not of the period.
        returned: Reductions of capital: of *moved*, what no other account of equity took.
    """

    translated: int
    parts: tuple[Layer, ...] = ()
    moved: int = 0
    restated: tuple[Layer, ...] = ()
    returned: tuple[Returned, ...] = ()

    @property
    def history(self) -> tuple[Layer, ...]:
        """What came on top, and what was wrong before."""
        return (*self.parts, *self.restated)


@dataclass(frozen=True, slots=True)
class MonthAmount:
    """The movement of one month and its own average."""

    period: str
    amount: int
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Monthly:
    """A year-to-date account as the months it is made of (IAS 21.40)."""

    months: tuple[MonthAmount, ...]


@dataclass(frozen=True, slots=True)
class AtRate:
    """A whole account at one specific rate: a large single item, a dividend."""

    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Dated:
    """
    A result account with large single items of the month (IAS 21.40): a dividend received.

    Each part takes the rate of its day, rounded once; the rest of the month's movement
    takes the average.
    """

    parts: tuple[Layer, ...]


type Treatment = Layers | CarriedForward | Monthly | AtRate | Dated
"""How an account is translated when its class alone does not say."""


@dataclass(frozen=True, slots=True)
class PeriodRates:
    """
    Quotes of one entity for one month, each as published with its direction.

    Attributes:
        presentation: ISO 4217 code of the group's currency.
        opening: Closing rate of the last close, from which the proof starts.
        average: Of the month.
        closing: Of the month's last day.
        treatments: Accounts whose class alone does not name a rate.
        result_label: What the proof calls the result at *average*: `result 2025-06`.
        previous: Closing rate of the month before, near which the average should begin.
    """

    presentation: str
    opening: Quote | None = None
    average: Quote | None = None
    closing: Quote | None = None
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    result_label: str = "result"
    previous: Quote | None = None


@dataclass(frozen=True, slots=True)
class OpeningPosition:
    """
    Where an entity stood when the period began: the start of every roll-forward.

    Attributes:
        entity: Short code.
        net_assets: Minor units of the functional currency; positive: assets exceed liabilities.
        quote: Rate at which they were last translated; None: already in presentation currency.
        cta: Cumulative CTA then, minor units of the presentation currency; a gain is positive.
        nci: NCI then, presentation currency, credit positive; None: not stated.
        retained: Retained earnings and reserves then, of a company in the presentation
            currency, credit positive: nothing else holds its books to them. None: not known.
        year_so_far: Result less dividends of the fiscal year up to then, when the first
            month does not open one; presentation currency, credit positive.
        growth: What a unit of *net_assets* is worth in units of the month's end: one, unless
            the books are restated with a price index (IAS 29).
    """

    entity: str
    net_assets: int
    quote: Quote | None
    cta: int
    nci: int | None = None
    retained: int | None = None
    year_so_far: int = 0
    growth: Fraction = Fraction(1)
