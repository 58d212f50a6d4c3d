"""
Exact amounts, and the one place that rounds: half away from zero, once a line.

Columns are int64 minor units (cents), debit positive. A conversion multiplies by a
ratio of two integers and never leaves integers on the way: a product that could
leave int64 goes by long division.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.errors import CloseError

type Amounts = NDArray[np.int64]
"""(n,) minor units, debit positive."""

LARGEST_MINOR = 900_000_000_000_000
"""The largest line: nine trillion, in hundredths. Ten thousand such lines still add up in int64."""

_INT64_MAX = 2**63 - 1
_BLOCK = 32_768  # lines: what a core's cache holds beats a whole column
_PLAIN = re.compile(r"-?\d{1,18}(\.\d+)?", re.ASCII)


class NotAnAmount(CloseError):
    """A text that is no amount, or has more decimals than its currency."""

    code = "amount-unreadable"

    def __init__(self, text: str, digits: int) -> None:
        super().__init__(text=text[:40], digits=digits)


class AmountOutOfRange(CloseError):
    """A line or a total that the ledger cannot hold exactly."""

    code = "amount-out-of-range"

    def __init__(self, amount: int, limit: int) -> None:
        super().__init__(amount=amount, limit=limit)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount to show: *minor* units of *currency*, sign as given."""

    minor: int
    currency: str

    def shown(self, lang: str) -> str:
        """Write `BRL 1,234.56`, or `BRL 1.234,56` in Portuguese."""
        return f"{self.currency} {write_amount(self.minor, minor_digits(self.currency), lang)}"

    def __str__(self) -> str:
        return self.shown("en")


def apart(currency: str, known: int, booked: int) -> dict[str, Money]:
    """The facts of an error: what records add up to, what the books hold, and the difference."""
    return {
        "known": Money(known, currency),
        "booked": Money(booked, currency),
        "size": Money(booked - known, currency),
    }


def parse_amount(text: str, digits: int = 2) -> int:
    """
    Read `1234.56` as minor units: a plain decimal point, no thousands separator.

    Raises:
        NotAnAmount: any other form, or decimals beyond *digits*.
        AmountOutOfRange: more than nine trillion.
    """
    if not _PLAIN.fullmatch(text):
        raise NotAnAmount(text, digits)
    whole, _, decimals = text.partition(".")
    if len(decimals) > digits:  # even nils: 3.900 may mean three thousand nine hundred
        raise NotAnAmount(text, digits)
    minor = int(whole + decimals[:digits].ljust(digits, "0"))
    if abs(minor) > LARGEST_MINOR:
        raise AmountOutOfRange(minor, LARGEST_MINOR)
    return minor


def plain(minor: int, digits: int = 2) -> str:
    """Write minor units as a machine reads them: `-1234.56`."""
    if digits == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}"


def write_amount(minor: int, digits: int = 2, lang: str = "en") -> str:
    """Write minor units as a person reads them: `-1,234.56`, in Portuguese `-1.234,56`."""
    whole, point, decimals = plain(minor, digits).partition(".")
    text = f"{int(whole):,}{point}{decimals}"
    if minor < 0 and not text.startswith("-"):
        text = "-" + text
    return text.translate(str.maketrans(",.", ".,")) if lang == "pt-BR" else text


def round_ratio(numerator: int, denominator: int) -> int:
    """Divide two integers, half away from zero; *denominator* is positive."""
    whole, rest = divmod(abs(numerator), denominator)
    rounded = whole + (2 * rest >= denominator)
    return -rounded if numerator < 0 else rounded


def rounded(exact: Fraction) -> int:
    """Round an exact figure to minor units, half away from zero."""
    return round_ratio(exact.numerator, exact.denominator)


def share_of(amount: int, share: Fraction) -> int:
    """Take a share of an amount, rounded once."""
    if not amount:
        return 0
    numerator, denominator = share.as_integer_ratio()
    return round_ratio(amount * numerator, denominator)


def split(amount: int, shares: tuple[Fraction, ...]) -> tuple[int, ...]:
    """
    Split an amount by *shares* that add to one; the parts add to the amount exactly.

    Rounding is cumulative, so that the parts differ from their exact value by less
    than one minor unit and the last one takes no heap of remainders.
    """
    parts, taken, upto = [], 0, Fraction(0)
    for share in shares:
        upto += share
        total = share_of(amount, upto)
        parts.append(total - taken)
        taken = total
    return tuple(parts)


def in_units(lines: Mapping[str, int], unit: int) -> dict[str, int]:
    """
    Round lines to whole units so that they foot to their rounded total.

    The total is rounded, each line is taken down, and the missing units go to the lines
    that lost most; among equals to the larger line, then to the first code.

    Args:
        lines: Minor units by account code, in the sign they are printed with.
        unit: Minor units in one printed unit: 100,000 for thousands.

    Source:
        Largest remainder method (Hamilton).
    """
    floors = {code: amount // unit for code, amount in lines.items()}
    missing = round_ratio(sum(lines.values()), unit) - sum(floors.values())
    ranked = sorted(lines, key=lambda code: (-(lines[code] % unit), -abs(lines[code]), code))
    for code in ranked[:missing]:
        floors[code] += 1
    return floors


def total(amounts: Amounts) -> int:
    """
    Add a column exactly, whatever its length.

    Raises:
        AmountOutOfRange: the total leaves int64.
    """
    if amounts.size == 0:
        return 0
    largest = max(int(amounts.max()), -int(amounts.min()))
    if largest * amounts.size <= _INT64_MAX:
        return int(amounts.sum())
    # The halves cannot overflow below four billion lines; together they are exact.
    added = (int((amounts >> 32).sum()) << 32) + int((amounts & 0xFFFF_FFFF).sum())
    if abs(added) > _INT64_MAX:
        raise AmountOutOfRange(added, _INT64_MAX)
    return added


def row_totals(table: NDArray[np.int64]) -> list[int]:
    """Add each row of a table exactly, as `total` adds a column."""
    if table.size:
        largest = max(int(table.max()), -int(table.min()))
        if largest * table.shape[1] > _INT64_MAX:
            return [total(row) for row in table]
    sums: list[int] = table.sum(axis=1).tolist()
    return sums


def scale(amounts: Amounts, numerator: int, denominator: int) -> Amounts:
    """
    Multiply a column by a ratio, each line rounded once, half away from zero.

    Args:
        amounts: (n,) minor units.
        numerator: Positive; with *denominator* the exact ratio.
        denominator: Positive.

    Returns:
        (n,) minor units. A debit and its mirror credit round alike.

    Raises:
        AmountOutOfRange: a line leaves int64.
    """
    shared = gcd(numerator, denominator)
    numerator, denominator = numerator // shared, denominator // shared
    if numerator == denominator or not amounts.any():
        return amounts.copy()
    largest = max(int(amounts.max()), -int(amounts.min()))
    reached = max(largest, largest * numerator // denominator)
    if reached >= _INT64_MAX:
        raise AmountOutOfRange(reached, _INT64_MAX)
    if amounts.size <= _BLOCK:
        return _scale_block(amounts, numerator, denominator, largest)
    scaled = np.empty_like(amounts)
    for start in range(0, amounts.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        scaled[block] = _scale_block(amounts[block], numerator, denominator, largest)
    return scaled


def _scale_block(amounts: Amounts, numerator: int, denominator: int, largest: int) -> Amounts:
    """Scale a block that fits the cache; *largest* is the column's largest absolute amount."""
    fits = (_INT64_MAX - denominator) // (2 * numerator)  # the largest line to stay in int64
    if fits > 0 and denominator < (2**40 if largest > fits else 2**62):
        # A quotient and a half, rounded down, is rounded half up: for a credit, whose halves
        # go down, the least step less. No remainder is needed, and no sign taken off.
        scaled = amounts * (2 * numerator)
        scaled += denominator
        scaled += amounts >> 63
        scaled //= 2 * denominator
        if largest > fits:  # few lines are: only theirs are divided as on paper
            large = np.flatnonzero(np.abs(amounts) > fits)
            scaled[large] = _scale_on_paper(amounts[large], numerator, denominator)
        return scaled
    if denominator < 2**40:
        return _scale_on_paper(amounts, numerator, denominator)
    # A rate of a million and more, at ten decimals: rare, exact, slow.
    ratios = [round_ratio(int(each) * numerator, denominator) for each in amounts]
    return np.array(ratios, dtype=np.int64)


def _scale_on_paper(amounts: Amounts, numerator: int, denominator: int) -> Amounts:
    """Scale lines whose product leaves int64."""
    whole, rest = _long_division(np.abs(amounts), numerator, denominator)
    whole += rest >= denominator - rest
    return whole * np.sign(amounts)


def _long_division(size: Amounts, numerator: int, denominator: int) -> tuple[Amounts, Amounts]:
    """
    Divide `size * numerator` by *denominator* without forming the product.

    As on paper: the multiplier is taken a few digits at a time, from the left, and
    the rest of each step is carried into the next. With base * denominator below
    2**62 no step leaves int64.
    """
    base = 1 << (61 - denominator.bit_length())
    digits = []
    while numerator:
        numerator, digit = divmod(numerator, base)
        digits.append(digit)
    whole_size = size // denominator
    rest_size = size - whole_size * denominator
    whole = np.zeros_like(size)
    rest = np.zeros_like(size)
    for digit in reversed(digits):
        carried = rest * base + rest_size * digit
        step = carried // denominator
        whole = whole * base + whole_size * digit + step
        rest = carried - step * denominator
    return whole, rest
