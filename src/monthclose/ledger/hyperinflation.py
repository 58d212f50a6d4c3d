"""A general price index, and books restated to the purchasing power of one month (IAS 29)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Amounts
from monthclose.ledger.periods import Period


class IndexMissing(CloseError):
    """The general price index of a month was not loaded, or is not above nil."""

    code = "index-missing"

    def __init__(self, name: str, month: Period) -> None:
        super().__init__(index=name, period=str(month))


@dataclass(frozen=True, slots=True)
class IndexLevel:
    """
    A general price index of one month, as published.

    Attributes:
        code: Of the index, such as `IPC-AR`.
        month: Such as `2025-06`.
        value_e10: Its level, in 10**-10.
        source: Who published it.
    """

    code: str
    month: str
    value_e10: int
    source: str = ""


@dataclass(frozen=True)
class PriceIndex:
    """
    A general price index.

    Attributes:
        name: As published, such as `INPC`.
        levels: By month, in 10**-10; only ratios of two levels are used.
    """

    name: str
    levels: Mapping[Period, int]

    def factor(self, start: Period, end: Period) -> Fraction:
        """
        What a unit of *start* is worth in units of *end*.

        Raises:
            IndexMissing: one of the two levels is not there.
        """
        for month in (start, end):
            if self.levels.get(month, 0) <= 0:
                raise IndexMissing(self.name, month)
        return Fraction(self.levels[end], self.levels[start])


@dataclass(frozen=True, slots=True)
class Vintage:
    """A part of an account and the month it came from: minor units, debit positive."""

    month: Period
    amount: int


@dataclass(frozen=True, slots=True)
class Past:
    """
    What a restatement needs beside the balances of the fiscal year.

    Attributes:
        vintages: By account, the months that what it holds came from: of every non-monetary
            asset and liability and of capital; of income and expense where they consume a
            non-monetary item, as depreciation does. They add up to the account.
        opened: The last close; None: there was none.
        equity: Retained earnings and reserves then, by account, restated to that month, debit
            positive: IAS 29.24 derives them, the books do not hold them.
        monetary: Monetary assets less monetary liabilities then, debit positive.
    """

    vintages: Mapping[str, tuple[Vintage, ...]] = field(default_factory=dict)
    opened: Period | None = None
    equity: Mapping[str, int] = field(default_factory=dict)
    monetary: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Restated:
    """
    One entity's books in the purchasing power of a month's end.

    Attributes:
        entity: Short code.
        period: The month.
        currency: Of its books.
        accounts: (n,) codes, among them that of the net monetary result.
        amounts: (n,) minor units, restated, debit positive, summing to zero.
        monetary_result: A gain is positive.
        opening_net_assets: Of the last close, in the purchasing power of *period*.
        rounded_lines: How many were rounded, for the bound of the proof.
        proved: The net monetary result from the monetary position alone, a gain is positive.
        used: What restated non-monetary items cost beyond their books as they were used up.
        growth: Of the index since the last close.
        index: Its code.
        partners: (n,) partners, or () when no line has one.
    """

    entity: str
    period: Period
    currency: str
    accounts: tuple[str, ...]
    amounts: Amounts
    monetary_result: int
    opening_net_assets: int
    rounded_lines: int
    proved: int = 0
    used: int = 0
    growth: Fraction = Fraction(1)
    index: str = ""
    partners: tuple[str, ...] = ()

    @property
    def unproved(self) -> bool:
        """Whether the two roads to the net monetary result differ by more than rounding."""
        # Openings were rounded before they grew.
        bound = self.rounded_lines + 3 * self.growth
        return 2 * abs(self.monetary_result - self.proved) > bound


@dataclass(frozen=True, slots=True)
class RestatedTranslation:
    """
    Restated books in the presentation currency: everything at the closing rate.

    Attributes:
        amounts: (n,) minor units by the accounts of the restated books, debit positive.
        net_income: Of the year to date, with the net monetary result.
        net_assets: Assets less liabilities.
        effect: By how much restatement and rate moved opening equity: a gain is positive.
        proved: The same from opening net assets alone.
    """

    amounts: Amounts
    net_income: int
    net_assets: int
    effect: int
    proved: int
