"""A month's lines, lined up with those of the month before."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from monthclose.ledger.accounts import RESULT, Chart, Slots
from monthclose.ledger.balances import CarriedForward, PeriodRates, TrialBalance
from monthclose.ledger.money import Amounts
from monthclose.ledger.translations import Translation


@dataclass(frozen=True, slots=True)
class Lines:
    """
    The lines under translation, beside those of the month before.

    Attributes:
        accounts: (n,) codes.
        partners: (n,) partners, or ().
        reported: (n,) functional, to date.
        earlier: (n,) functional, to the end of the month before; nil outside the result.
        earlier_translated: (n,) the same as it was translated.
        slots: Where each class stands.
    """

    accounts: tuple[str, ...]
    partners: tuple[str, ...]
    reported: Amounts
    earlier: Amounts
    earlier_translated: Amounts
    slots: Slots


def line_up(
    balance: TrialBalance, chart: Chart, before: Translation | None, rates: PeriodRates
) -> Lines:
    """Line up this month with the one before: what either has, in this month's order."""
    accounts, partners, reported = balance.accounts, balance.partners, balance.amounts
    nil = _nil(len(reported))
    unshown = _unshown(balance, rates, chart)
    if before is None and not unshown:
        return Lines(accounts, partners, reported, nil, nil, chart.slots(accounts, balance.entity))
    if before is None or unshown or (before.accounts, before.partners) != (accounts, partners):
        last = _keys(before.accounts, before.partners) if before else ()
        earlier = dict(zip(last, before.reported, strict=True)) if before else {}
        was = dict(zip(last, before.amounts, strict=True)) if before else {}
        keys = list(balance.keys)
        known = set(keys)
        gone = [key for key in was if key not in known and chart.kind(key[0]) in RESULT]
        gone += unshown
        keys += gone
        accounts = tuple(account for account, _ in keys)
        partners = tuple(partner for _, partner in keys) if any(p for _, p in keys) else ()
        reported = np.concatenate([reported, np.zeros(len(gone), dtype=np.int64)])
        before_reported = np.array([earlier.get(key, 0) for key in keys], dtype=np.int64)
        before_amounts = np.array([was.get(key, 0) for key in keys], dtype=np.int64)
    else:
        before_reported, before_amounts = before.reported, before.amounts
    return Lines(
        accounts,
        partners,
        reported,
        before_reported,
        before_amounts,
        chart.slots(accounts, balance.entity),
    )


def _unshown(balance: TrialBalance, rates: PeriodRates, chart: Chart) -> list[tuple[str, str]]:
    """
    Equity carried forward that the books no longer show.

    A profit and a loss of the same size leave nil in the books, and a line of nil may be
    left out; translated at two averages, they do not leave nil.
    """
    if balance.currency == rates.presentation:
        return []
    shown = chart.slots(balance.accounts, balance.entity).lines
    return [
        (account, "")
        for account, treatment in rates.treatments.items()
        if isinstance(treatment, CarriedForward)
        and (treatment.translated or treatment.history or treatment.moved)
        and account not in shown
    ]


def _keys(accounts: tuple[str, ...], partners: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(accounts, partners or ("",) * len(accounts), strict=True))


@lru_cache(64)
def _nil(count: int) -> Amounts:
    """A column of nils; one for all lists of a length, which nobody writes into."""
    column = np.zeros(count, dtype=np.int64)
    column.setflags(write=False)
    return column
