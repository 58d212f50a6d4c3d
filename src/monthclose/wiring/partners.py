"""A balance completed, gaps filled and partners named; and whole again for the next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from monthclose.connectors.derived import PAYABLES, RECEIVABLES
from monthclose.connectors.errors import QuestionRefused, RightMissing, SourceFailed
from monthclose.connectors.totvs_titles import SETTLEMENTS
from monthclose.consolidation.supplements import (
    book_items,
    partnered,
    supplemented,
    within,
)
from monthclose.ledger.balances import Basis, RawBalance, Source
from monthclose.ledger.sources import (
    BETWEEN,
    BookItem,
    Extract,
    Nature,
    OpenItem,
    Side,
    SourceAccount,
    Subledger,
    Supplement,
)

CONTROL = {BETWEEN[Side.RECEIVABLE]: RECEIVABLES, BETWEEN[Side.PAYABLE]: PAYABLES}
"""The control account that each account within the group was taken out of."""


NOT_GRANTED = (QuestionRefused, RightMissing)
"""Why open items may stay unread for good; a ledger's balance holds without them."""


def with_partners(extract: Extract, details: Subledger, roots: Mapping[str, str]) -> Extract:
    """
    Name the group's companies among what a balance is owed and owes.

    Items whose control account is not named, or of a ledger is not in the balance, are left
    out, and a note says so. An account to which a ledger gives partners itself stays as it is,
    and so does a ledger whose open items the source could not tell. What was read is kept
    with the balance, item by item, each with the account it stands on.

    Args:
        extract: Derived, or of a ledger.
        details: Of the same company and month.
        roots: Short codes of the group's companies by root of their CNPJ.
    """
    balance, items = extract.balance, within(extract.balance.entity, details, roots)
    derived = balance.basis is Basis.DERIVED
    if not derived and any(gap.name == SETTLEMENTS for gap in details.gaps):
        return without_partners(extract)
    lines = zip(balance.accounts, balance.partners or ("",) * len(balance.accounts), strict=True)
    named = {account for account, partner in lines if partner}
    given: list[OpenItem] = []
    nowhere: list[OpenItem] = []
    missing: list[OpenItem] = []
    for item, _ in items:
        if not item.account:
            nowhere.append(item)
        elif derived or item.account in balance.accounts:
            given += [item] if derived or item.account not in named else []
        else:
            missing.append(item)
    notes = [*extract.notes, *details.notes]
    if nowhere:
        notes.append(("items-without-account", {"count": str(len(nowhere)), **_sum(nowhere)}))
    if missing:
        accounts = ", ".join(sorted({item.account for item in missing}))
        notes.append(("items-account-missing", {"accounts": accounts, **_sum(missing)}))
    made = partnered(balance, replace(details, items=tuple(given)), roots)
    kept = book_items(made, details, roots, given)
    if unplaced := [each for each in kept if each.flow and not each.account]:
        notes.append(("flows-without-account", {"count": str(len(unplaced)), **_sum(unplaced)}))
    if given and made.opening is None and balance.opening is not None:
        notes.append(("partners-closing-only", {}))
    return replace(
        extract,
        balance=made,
        accounts=(*extract.accounts, *_between(extract, given, made)),
        notes=tuple(notes),
        items=kept,
    )


def without_partners(extract: Extract, failed: SourceFailed | None = None) -> Extract:
    """
    A ledger whose open items nobody knows, as it is: its figures hold, and a note says so.

    Args:
        extract: Of the ledger.
        failed: Why the items were not read, if that is it.

    Raises:
        SourceFailed: *failed*, where it is derived, or asking again may help.
    """
    if failed and (extract.balance.basis is Basis.DERIVED or not isinstance(failed, NOT_GRANTED)):
        raise failed
    return replace(extract, notes=(*extract.notes, ("partners-not-read", {})))


def _sum(items: Sequence[OpenItem | BookItem]) -> dict[str, str]:
    """What items are together, both sides counted up, as facts of a note."""
    return {"minor": str(sum(abs(item.amount) for item in items)), "currency": items[0].currency}


def _between(
    extract: Extract, given: list[OpenItem], made: RawBalance
) -> tuple[SourceAccount, ...]:
    """The accounts within the group that a chart has not, named after a control account."""
    chart = {account.code: account for account in extract.accounts}
    fresh = []
    for side, code in BETWEEN.items():
        if code in chart or code not in made.accounts:
            continue
        # One whose items are all paid by now is derived: only then it is told what moved.
        control = min((i.account for i in given if i.side is side), default=CONTROL[code])
        name = chart[control].name if control in chart else control
        nature = Nature.ASSET if side is Side.RECEIVABLE else Nature.LIABILITY
        parent = control if extract.balance.basis is Basis.DERIVED else ""
        fresh.append(SourceAccount(code, f"{name} (grupo)", nature, parent=parent))
    return tuple(fresh)


def with_supplement(
    extract: Extract, supplement: Supplement | None, paper: Source | None = None
) -> Extract:
    """Add a month's lines for its gaps to a derived balance; any other is left as it is."""
    if supplement is None or extract.balance.basis is not Basis.DERIVED:
        return extract
    known = {account.code for account in extract.accounts}
    named = {line.account: line.name for line in supplement.lines if line.account not in known}
    fresh = tuple(SourceAccount(code, name) for code, name in named.items())
    balance = supplemented(extract.balance, supplement)
    papers = (*extract.papers, paper) if paper else extract.papers
    return replace(
        extract,
        balance=balance,
        accounts=(*extract.accounts, *fresh),
        papers=papers,
        supplement=supplement.number,
    )


def named(extract: Extract, names: Mapping[str, str]) -> Extract:
    """Name accounts that only the opening balances have, as they were named there."""
    accounts = tuple(
        replace(each, name=names[each.code] or each.name)
        if each.code in names and each.name == each.code
        else each
        for each in extract.accounts
    )
    return replace(extract, accounts=accounts)


def in_control(opening: RawBalance | None) -> RawBalance | None:
    """A closing as the next month is derived from it: all that is open in its control accounts."""
    if opening is None or not CONTROL.keys() & set(opening.accounts):
        return opening
    totals: dict[str, int] = {}
    for account, amount in zip(opening.accounts, opening.amounts.tolist(), strict=True):
        control = CONTROL.get(account, account)
        totals[control] = totals.get(control, 0) + amount
    amounts = np.array(list(totals.values()), dtype=np.int64)
    return replace(opening, accounts=tuple(totals), amounts=amounts)
