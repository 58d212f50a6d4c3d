"""A closed month held against what its source says now: account by account, in one form."""

from collections import Counter
from collections.abc import Iterable, Mapping

from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.extractions import LateChange
from monthclose.ledger.sources import BETWEEN, BookItem, Side

OWN = {BETWEEN[Side.RECEIVABLE]: "AR", BETWEEN[Side.PAYABLE]: "AP"}
"""The control accounts of a derived balance, whose names are ours."""


def differences(
    closed: RawBalance | None,
    found: RawBalance,
    closed_items: Iterable[BookItem] = (),
    found_items: Iterable[BookItem] = (),
) -> tuple[LateChange, ...]:
    """
    Find the accounts that a source shows otherwise than they were closed, in order of account.

    Whether partners were named then, or are now, is no difference: what was moved to accounts
    within the group is put back to the control accounts that it was taken out of. Where one
    side does not say which of several that was, they are compared as one, under the first.

    Args:
        closed: As it was closed; None: with nothing.
        found: As it is now.
        closed_items: What *closed* was read with.
        found_items: What *found* was read with.
    """
    then, now = tuple(closed_items), tuple(found_items)
    was = _put_back(closed, then) if closed is not None else Counter()
    is_now = _put_back(found, now)
    for between, controls in _controls(found, (*then, *now)).items():
        if not (was[between] or is_now[between]):
            continue
        first = min(controls)
        for totals in (was, is_now):
            totals[first] = totals.pop(between, 0) + sum(totals.pop(c, 0) for c in controls)
    return _changes(found, was, is_now)


def line_by_line(standing: RawBalance | None, found: RawBalance) -> tuple[LateChange, ...]:
    """The accounts of which a balance says otherwise than the one that stands, as they are."""
    was = _put_back(standing, ()) if standing is not None else Counter()
    return _changes(found, was, _put_back(found, ()))


def _changes(found: RawBalance, was: Counter[str], is_now: Counter[str]) -> tuple[LateChange, ...]:
    """Accounts that are not what they were, in order."""
    return tuple(
        LateChange(
            found.entity, found.period, account, was[account], is_now[account], found.currency
        )
        for account in sorted(was.keys() | is_now.keys())
        if was[account] != is_now[account]
    )


def _put_back(raw: RawBalance, items: Iterable[BookItem]) -> Counter[str]:
    """The closing of each account, whoever its partner is, items on their control accounts."""
    totals: Counter[str] = Counter()
    for account, amount in zip(raw.accounts, raw.amounts.tolist(), strict=True):
        totals[account] += amount
    for item in items:
        if item.control:
            totals[item.account] -= item.amount
            totals[item.control] += item.amount
    return totals


def _controls(found: RawBalance, items: Iterable[BookItem]) -> Mapping[str, frozenset[str]]:
    """The control accounts that each account within the group was taken out of, as known."""
    known = {
        between: {item.control for item in items if item.control and item.account == between}
        for between in BETWEEN.values()
    }
    if found.basis is Basis.DERIVED:
        for between, control in OWN.items():
            known[between].add(control)
    return {between: frozenset(each) for between, each in known.items() if each}
