"""Hyperinflation: everything in the purchasing power of the month's end, then one rate."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from monthclose.ledger.accounts import EQUITY, POSITION, RESULT, AccountClass, Chart
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.hyperinflation import (
    Past,
    PriceIndex,
    Restated,
    RestatedTranslation,
    Vintage,
)
from monthclose.ledger.money import Money, apart, rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, convert, ratio_of


class VintagesIncomplete(CloseError):
    """The months an account came from do not add up to what it holds."""

    code = "vintages-incomplete"

    def __init__(self, entity: str, account: str, currency: str, known: int, booked: int) -> None:
        super().__init__(
            entity=entity,
            account=account,
            **apart(currency, known, booked),
        )


class MonetaryResultUnproved(CloseError):
    """
    Restated lines leave another net monetary result than the monetary position lost.

    Money moved that no line explains, such as an equity movement without its month.
    """

    code = "monetary-result-unproved"

    def __init__(self, entity: str, currency: str, left: int, proved: int) -> None:
        super().__init__(
            entity=entity,
            left=Money(left, currency),
            proved=Money(proved, currency),
            size=Money(left - proved, currency),
        )


def is_monetary(chart: Chart, code: str) -> bool:
    """Whether an account is money, or an amount of money to be received or paid (IAS 29.12)."""
    return chart[code].monetary or chart[code].cash


def restate(
    months: Sequence[TrialBalance], chart: Chart, index: PriceIndex, past: Past, account: str
) -> Restated:
    """
    Restate a fiscal year to date to the purchasing power of its last month.

    Monetary items stay. Non-monetary items and capital grow with the index since the month
    each part came from; income, expense and dividends since the month they were booked in;
    retained earnings and reserves since the last close. What then no longer balances is
    what holding money lost, or owing it gained: the net monetary result.

    Args:
        months: Balances from the first month of the fiscal year on, each once, in order.
        chart: Gives classes, and says what is monetary.
        index: With the levels of every month that anything came from.
        past: The months that non-monetary items came from; the last close.
        account: Where the net monetary result goes, an income or expense account.

    Returns:
        (n,) lines that sum to zero.

    Raises:
        IndexMissing: a level is not there.
        VintagesIncomplete: the parts of an account are not what it holds.
        MonetaryResultUnproved: the result that is left is not what holding money lost.

    Source:
        IAS 29.11 to 29.28.
    """
    now = months[-1]
    end = Period.parse(now.period)
    held = _by_account(now)
    moved = _movements(months, chart)
    amounts: dict[str, int] = {}
    lines = 0
    for code in dict.fromkeys((*held, *moved, *past.equity)):
        kind, known = chart.kind(code), past.vintages.get(code)
        if kind in POSITION and is_monetary(chart, code):
            amounts[code] = held.get(code, 0)
            continue
        lines += 1
        if kind in EQUITY and known is None and (code in past.equity or not held.get(code)):
            factor = index.factor(past.opened, end) if past.opened else Fraction(1)
            amounts[code] = rounded(past.equity.get(code, 0) * factor)
        elif known is None and (kind in RESULT or kind is AccountClass.DIVIDENDS):
            amounts[code] = _grown(moved.get(code, ()), index, end)
        else:
            if (total := sum(part.amount for part in known or ())) != held.get(code, 0):
                raise VintagesIncomplete(now.entity, code, now.currency, total, held.get(code, 0))
            amounts[code] = _grown(known or (), index, end)
    result = sum(amounts.values())
    proved = prove_monetary_result(months, chart, index, past)
    growth = index.factor(past.opened, end) if past.opened else Fraction(1)
    if 2 * abs(result - proved) > lines + 3 * growth:  # openings were rounded before they grew
        raise MonetaryResultUnproved(now.entity, now.currency, result, proved)
    amounts[account] = amounts.get(account, 0) - result
    opening = _opening(past, chart, index, end)
    return Restated(
        entity=now.entity,
        period=end,
        currency=now.currency,
        accounts=tuple(amounts),
        amounts=np.array(list(amounts.values()), dtype=np.int64),
        monetary_result=result,
        opening_net_assets=opening,
        rounded_lines=lines,
    )


def prove_monetary_result(
    months: Sequence[TrialBalance], chart: Chart, index: PriceIndex, past: Past
) -> int:
    """
    Work out the net monetary result by another road: from the monetary position alone.

    What was held at the last close lost the index since then; what came in or went out
    in a month lost it since that month. No restated line is looked at.

    Args:
        months: As for `restate`.
        chart: Says what is monetary.
        index: The same.
        past: Of it, the monetary position and month of the last close.

    Returns:
        Minor units; a gain is positive.

    Source:
        IAS 29.27, 29.31.
    """
    end = Period.parse(months[-1].period)
    position, lost = past.monetary, Fraction(0)
    if past.opened is not None:
        lost += position * (index.factor(past.opened, end) - 1)
    for balance in months:
        held = sum(
            amount
            for code, amount in _by_account(balance).items()
            if chart.kind(code) in POSITION and is_monetary(chart, code)
        )
        month = Period.parse(balance.period)
        lost += (held - position) * (index.factor(month, end) - 1)
        position = held
    return -rounded(lost)


def translate_restated(
    restated: Restated, chart: Chart, closing: Quote, presentation: str, published: int
) -> RestatedTranslation:
    """
    Translate restated books: assets, liabilities, equity, income and expense at closing.

    Comparatives in a stable currency stay as they were published. So opening equity, as
    restated and translated now, differs from what was published by the effect of index and
    rate together; it is shown with the CTA.

    Args:
        restated: From `restate`.
        chart: Gives classes.
        closing: Functional to presentation currency, of the month's end.
        presentation: ISO 4217 code.
        published: Net assets of the last close as published, presentation currency.

    Source:
        IAS 21.42(a), 21.42(b), 21.43.
    """
    amounts = convert(restated.amounts, closing, restated.currency, presentation)
    kinds = [chart.kind(code) for code in restated.accounts]
    by_kind = list(zip(kinds, amounts.tolist(), strict=True))
    net_assets = sum(amount for kind, amount in by_kind if kind in POSITION)
    net_income = -sum(amount for kind, amount in by_kind if kind in RESULT)
    opening = -sum(
        amount
        for kind, amount in by_kind
        if kind not in POSITION and kind not in RESULT and kind is not AccountClass.DIVIDENDS
    )
    rate = ratio_of(closing, restated.currency, presentation)
    return RestatedTranslation(
        amounts=amounts,
        net_income=net_income,
        net_assets=net_assets,
        effect=opening - published,
        proved=rounded(restated.opening_net_assets * rate) - published,
    )


def _by_account(balance: TrialBalance) -> dict[str, int]:
    """What each account holds, over its partners."""
    held: dict[str, int] = {}
    for code, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
        held[code] = held.get(code, 0) + amount
    return held


def _movements(months: Sequence[TrialBalance], chart: Chart) -> dict[str, list[Vintage]]:
    """Income, expense and dividends by the month they were booked in."""
    moved: dict[str, list[Vintage]] = {}
    before: dict[str, int] = {}
    for balance in months:
        held = {
            code: amount
            for code, amount in _by_account(balance).items()
            if chart.kind(code) in RESULT or chart.kind(code) is AccountClass.DIVIDENDS
        }
        month = Period.parse(balance.period)
        for code in {**before, **held}:
            if change := held.get(code, 0) - before.get(code, 0):
                moved.setdefault(code, []).append(Vintage(month, change))
        before = held
    return moved


def _grown(parts: Sequence[Vintage], index: PriceIndex, end: Period) -> int:
    """Parts in the purchasing power of *end*: added exactly, rounded once."""
    return rounded(
        sum((part.amount * index.factor(part.month, end) for part in parts), Fraction(0))
    )


def _opening(past: Past, chart: Chart, index: PriceIndex, end: Period) -> int:
    """Net assets of the last close in the purchasing power of *end*, from equity as it was."""
    if past.opened is None:
        return 0
    factor = index.factor(past.opened, end)
    capital = sum(
        part.amount * index.factor(part.month, end)
        for code, parts in past.vintages.items()
        if chart.kind(code) in EQUITY
        for part in parts
        if part.month <= past.opened
    )
    return -rounded(capital + sum(past.equity.values()) * factor)
