"""Numbers as people write them: one form a folder, declared and never guessed, never a float."""

import re
from decimal import Decimal

import numpy as np

from monthclose.ledger.currencies import minor_digits
from monthclose.ledger.money import (
    LARGEST_MINOR,
    AmountOutOfRange,
    NotAnAmount,
    parse_amount,
    plain,
)
from monthclose.ledger.rates import NotARate, parse_rate

LOCALES = ("plain", "pt-BR")
"""`plain`: 1234.56 and nothing else. `pt-BR`: 1.234,56 with its signs."""

EXACT_DIGITS = 15
"""Significant digits that a workbook's binary number holds for certain."""

MOST_DECIMALS = 18
"""More than any currency has: to tell a number with too many from no number at all."""

_PLAIN_PERCENT = re.compile(r"\d{1,3}(\.\d{1,6})?", re.ASCII)
_PT_BR = re.compile(
    r"""(?P<open>\()?  (?P<minus>-)?
        (?P<whole>[1-9]\d{0,2}(?:\.\d{3})+ | \d{1,18})  (?:,(?P<decimals>\d+))?
        (?:[ ]?(?P<side>[DC]) | (?P<after>-))?  (?P<close>\))?""",
    re.ASCII | re.VERBOSE,
)
_POINT_OF_THREE = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_COMMA_OF_THREE = re.compile(r"-?[1-9]\d{0,2},\d{3}", re.ASCII)
_POINTLESS = re.compile(r"\d{1,10}(,\d{1,10})?", re.ASCII)


def read_amount(text: str, digits: int, locale: str) -> int:
    """
    Read an amount as minor units, debit positive.

    In pt-BR: `1.234,56`, `1234,56`, and below zero `-1.234,56`, `1.234,56-`,
    `(1.234,56)` or `1.234,56 C`; `D` says that it is a debit. One sign a number.

    Raises:
        NotAnAmount: any other form, or decimals beyond *digits*.
        AmountOutOfRange: more than nine trillion.
    """
    if locale != "plain":
        text = _plain_form(text, digits)
    if len(text.partition(".")[2]) > digits:
        # Also when they are noughts: 3.900 may be three thousand nine hundred.
        raise NotAnAmount(text, digits)
    return parse_amount(text, digits)


def _plain_form(text: str, digits: int) -> str:
    """Rewrite a Brazilian form as a plain one."""
    match = _PT_BR.fullmatch(text)
    if not match:
        raise NotAnAmount(text, digits)
    bracketed = bool(match["open"])
    signs = [match["minus"], match["side"], match["after"], bracketed or None]
    if bracketed != bool(match["close"]) or sum(sign is not None for sign in signs) > 1:
        raise NotAnAmount(text, digits)
    below = bracketed or match["minus"] or match["after"] or match["side"] == "C"
    whole = match["whole"].replace(".", "")
    decimals = f".{match['decimals']}" if match["decimals"] else ""
    return ("-" if below else "") + whole + decimals


def too_many_decimals(text: str, digits: int, locale: str) -> bool:
    """Whether *text*, no amount of *digits* decimals, would be one with more of them."""
    try:
        read_amount(text, max(MOST_DECIMALS, digits), locale)
    except NotAnAmount:
        return False
    except AmountOutOfRange:
        return True
    return True


def maybe_thousands(text: str, locale: str) -> bool:
    """Whether what looks like three decimals may be thousands: to round `4.200` would be wrong."""
    return bool((_POINT_OF_THREE if locale == "plain" else _COMMA_OF_THREE).fullmatch(text))


def amounts_at_once(cells: list[str], digits: int) -> list[int] | None:
    """
    Read a whole column of plain amounts that all carry *digits* decimals.

    Returns:
        Minor units, or None when any cell has another form: then they are read one by one.
    """
    joined = "\n".join(cells)
    pattern = rf"-?\d{{1,15}}\.\d{{{digits}}}" if digits else r"-?\d{1,15}"
    if not re.fullmatch(rf"(?:{pattern}\n)*{pattern}", joined, re.ASCII):
        return None
    read = list(map(int, joined.replace(".", "").split("\n")))
    # A cell that holds a line break would pass as two.
    if len(read) != len(cells):
        return None
    column = np.array(read, dtype=np.int64)
    if int(np.abs(column).max(initial=0)) > LARGEST_MINOR:
        return None
    return read


def read_rate(text: str, locale: str) -> int:
    """
    Read a rate in 10**-10; in pt-BR with a decimal comma and no thousands separator.

    Raises:
        NotARate: another form, more than ten decimals, or nil.
    """
    if locale == "plain":
        return parse_rate(text)
    if not _POINTLESS.fullmatch(text):
        raise NotARate(text)
    return parse_rate(text.replace(",", "."))


def read_percent(text: str, locale: str) -> int | None:
    """Read a percentage of at most six decimals as a fraction in 10**-8; None: it is none."""
    if locale != "plain":
        if not _POINTLESS.fullmatch(text):
            return None
        text = text.replace(",", ".")
    if not _PLAIN_PERCENT.fullmatch(text):
        return None
    whole, _, decimals = text.partition(".")
    share_e8 = int(whole + decimals.ljust(6, "0"))
    return share_e8 if share_e8 <= 100_000_000 else None


def write_percent(share_e8: int) -> str:
    """Write a fraction in 10**-8 as the shortest percentage: `66.67`."""
    whole, rest = divmod(share_e8, 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def write_amount(minor: int | None, currency: str) -> str:
    """Write an amount with the decimals of its currency; nothing for None."""
    return "" if minor is None else plain(minor, minor_digits(currency))


def decimal_of(number: float) -> str | None:
    """
    Write a workbook's number as the shortest decimal that means it.

    A binary number holds fifteen digits for certain; with more, the cents that were
    typed may not be the cents that come back.

    Returns:
        The decimal, such as `1234.5`; None when it needs more than fifteen digits.
    """
    exact = Decimal(repr(number)).normalize()
    if not exact.is_finite() or len(exact.as_tuple().digits) > EXACT_DIGITS:
        return None
    return f"{exact + 0:f}"
