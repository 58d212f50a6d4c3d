"""A balance of a source without a ledger, completed: its gaps filled, its partners named."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from monthclose.ledger.balances import Gap, RawBalance
from monthclose.ledger.money import Amounts
from monthclose.ledger.sources import (
    BETWEEN,
    BookItem,
    Moved,
    OpenItem,
    Side,
    Subledger,
    Supplement,
)


def supplemented(balance: RawBalance, supplement: Supplement) -> RawBalance:
    """
    Add a month's entries for its gaps to a derived balance.

    Opening balances stay: what was supplemented in earlier months is in them already.
    Amounts in minor units of the balance's currency, debit positive.

    Returns:
        The balance, the gaps that were filled no longer among its gaps.
    """
    opening: dict[tuple[str, str], int] = defaultdict(int)
    debit: dict[tuple[str, str], int] = defaultdict(int)
    credit: dict[tuple[str, str], int] = defaultdict(int)
    count = len(balance.accounts)
    nothing = np.zeros(count, dtype=np.int64)
    columns = (
        balance.accounts,
        balance.partners or ("",) * count,
        (nothing if balance.opening is None else balance.opening).tolist(),
        (nothing if balance.debit is None else balance.debit).tolist(),
        (nothing if balance.credit is None else balance.credit).tolist(),
    )
    for account, partner, start, more, less in zip(*columns, strict=True):
        key = (account, partner)
        opening[key] += start
        debit[key] += more
        credit[key] += less
    for line in supplement.lines:
        debit[line.account, ""] += line.debit
        credit[line.account, ""] += line.credit
    keys = sorted({*opening, *debit, *credit})
    starts, mores, lesses = (
        np.array([column[key] for key in keys], dtype=np.int64)
        for column in (opening, debit, credit)
    )
    return replace(
        balance,
        accounts=tuple(account for account, _ in keys),
        partners=tuple(partner for _, partner in keys) if balance.partners else (),
        opening=starts,
        debit=mores,
        credit=lesses,
        amounts=starts + mores - lesses,
        gaps=tuple(gap for gap in balance.gaps if gap.name not in supplement.filled),
    )


def resupplemented(
    balance: RawBalance, was: Supplement | None, now: Supplement, order: Sequence[str]
) -> RawBalance:
    """
    Put other entries for the gaps into a balance than it was completed with.

    It becomes what it would have been with *now* from the start: openings stay, and so do
    lines that name a partner. Amounts in minor units of the balance's currency.

    Args:
        balance: With the entries of *was* in it.
        was: What it was completed with; None: nothing.
        now: What it is completed with from here on.
        order: Names of gaps in their order: one that is open again takes its place.
    """
    lines: dict[tuple[str, str], list[int]] = {}
    partners = balance.partners or ("",) * len(balance.accounts)
    columns = [_listed(each) for each in (balance.opening, balance.debit, balance.credit)]
    whole = all(each is not None for each in (balance.opening, balance.debit, balance.credit))
    for place, key in enumerate(zip(balance.accounts, partners, strict=True)):
        lines[key] = [
            int(balance.amounts[place]),
            *(column[place] if whole else 0 for column in columns),
        ]
    only_before = {line.account for line in was.lines} if was else set()
    for supplement, sign in ((was, -1), (now, 1)):
        for line in supplement.lines if supplement else ():
            found = lines.setdefault((line.account, ""), [0, 0, 0, 0])
            found[0] += sign * (line.debit - line.credit)
            found[2] += sign * line.debit
            found[3] += sign * line.credit
    only_before -= {line.account for line in now.lines}
    keys = sorted(
        key for key, amounts in lines.items() if any(amounts) or key[0] not in only_before
    )
    closing, opening, debit, credit = (
        np.array([lines[key][place] for key in keys], dtype=np.int64) for place in range(4)
    )
    open_again = {gap.name: gap for gap in balance.gaps}
    for name in was.filled if was else ():
        open_again.setdefault(name, Gap(name))
    places = {name: place for place, name in enumerate(order)}
    gaps = sorted(open_again.values(), key=lambda gap: places.get(gap.name, len(places)))
    return replace(
        balance,
        accounts=tuple(account for account, _ in keys),
        partners=tuple(partner for _, partner in keys) if balance.partners else (),
        amounts=closing,
        opening=opening if whole else None,
        debit=debit if whole else None,
        credit=credit if whole else None,
        gaps=tuple(gap for gap in gaps if gap.name not in now.filled),
    )


def within(
    entity: str, subledger: Subledger, roots: Mapping[str, str]
) -> Iterator[tuple[OpenItem, str]]:
    """Items open with other companies of the group, each with the short code of the other."""
    for item in subledger.items:
        if partner := _partner(entity, item.root, roots):
            yield item, partner


def partnered(balance: RawBalance, subledger: Subledger, roots: Mapping[str, str]) -> RawBalance:
    """
    Move what is open with companies of the group to accounts that name them.

    Args:
        balance: Derived, or of a ledger; control accounts without partners.
        subledger: Of the same company and month; items without an account are left out.
        roots: Short codes of the group's companies by root of their CNPJ.

    Returns:
        The balance with a line for each partner on `AR:GROUP` and `AP:GROUP`, and the
        control accounts down by as much, closing and movement alike. A source that does not
        tell what moved with whom leaves closing balances alone: then no line has an
        opening, debits and credits, the control account's being the sum of both.
    """
    open_with: dict[tuple[str, str], int] = defaultdict(int)
    control: dict[str, int] = defaultdict(int)
    for item, partner in within(balance.entity, subledger, roots):
        if item.account:
            open_with[BETWEEN[item.side], partner] += item.amount
            control[item.account] += item.amount
    columns = (balance.opening, balance.debit, balance.credit, subledger.moved)
    known = all(each is not None for each in columns)
    moved = list(_moved_within(balance.entity, subledger, roots)) if known else []
    for each, partner in moved:
        open_with[BETWEEN[each.side], partner] += 0  # paid by now, and a line all the same
        control[each.account] += 0
    if not open_with:
        return balance
    partners = balance.partners or ("",) * len(balance.accounts)
    lines = {
        (account, partner): amount - (control.pop(account, 0) if not partner else 0)
        for account, partner, amount in zip(
            balance.accounts, partners, balance.amounts.tolist(), strict=True
        )
    }
    for account, amount in control.items():
        lines[account, ""] = -amount
    for key, amount in open_with.items():
        lines[key] = lines.get(key, 0) + amount
    keys = sorted(lines)
    amounts = np.array([lines[key] for key in keys], dtype=np.int64)
    made = replace(
        balance,
        accounts=tuple(account for account, _ in keys),
        partners=tuple(partner for _, partner in keys),
        amounts=amounts,
        opening=None,
        debit=None,
        credit=None,
    )
    return _rolled(balance, made, keys, moved) if known else made


def book_items(
    balance: RawBalance,
    details: Subledger,
    roots: Mapping[str, str],
    given: Sequence[OpenItem],
) -> tuple[BookItem, ...]:
    """
    What a subledger says, item by item, each with where it stands in a balance.

    Args:
        balance: With its partners.
        details: Of the same company and month.
        roots: Short codes of the group's companies by root of their CNPJ.
        given: The items that were moved to accounts that name their partner.

    Returns:
        Everything open, whoever the other side is, and what was traded within the group: what
        one title brought to one account is one flow, and what it took back is none.
    """
    moved, there = {id(item) for item in given}, frozenset(balance.accounts)
    kept = []
    for item in details.items:
        between = id(item) in moved
        stands = item.account if item.account in there else ""
        kept.append(
            BookItem(
                side=item.side,
                flow=False,
                id=item.id,
                document=item.document,
                tax_id=item.tax_id if item.root else "",
                partner=_partner(balance.entity, item.root, roots),
                account=BETWEEN[item.side] if between else stands,
                control=item.account if between else "",
                amount=item.amount,
                currency=item.currency,
                on=item.issued,
                due=item.due,
                document_currency=item.document_currency,
                document_amount=item.document_amount,
            )
        )
    flows: dict[tuple[Side, str, str], BookItem] = {}
    for flow in details.flows:
        if not (partner := _partner(balance.entity, flow.root, roots)):
            continue
        key = (flow.side, flow.id, flow.account)
        before = flows.get(key)
        stated = flow.document_amount
        flows[key] = BookItem(
            side=flow.side,
            flow=True,
            id=flow.id,
            document=flow.document,
            tax_id=flow.tax_id,
            partner=partner,
            account=flow.account if flow.account in there else "",
            control="",
            amount=flow.amount + (before.amount if before else 0),
            currency=flow.currency,
            on=min(flow.on, before.on) if before else flow.on,
            document_currency=flow.document_currency,
            document_amount=None
            if stated is None
            else stated + ((before.document_amount or 0) if before else 0),
        )
    return (*kept, *(each for each in flows.values() if each.amount))


def _partner(entity: str, root: str, roots: Mapping[str, str]) -> str:
    """Short code of another company of the group; empty: it is none."""
    partner = roots.get(root, "") if root else ""
    return "" if partner == entity else partner


def _moved_within(
    entity: str, subledger: Subledger, roots: Mapping[str, str]
) -> Iterator[tuple[Moved, str]]:
    """What moved with other companies of the group, each with the short code of the other."""
    for each in subledger.moved or ():
        if partner := _partner(entity, each.root, roots):
            yield each, partner


def _rolled(
    balance: RawBalance,
    made: RawBalance,
    keys: list[tuple[str, str]],
    moved: list[tuple[Moved, str]],
) -> RawBalance:
    """
    Give a balance with partners the movement of the month, each line's own.

    What a partner's line moved by, its control account did not; each line opened with
    what it closes at, less what it moved by.
    """
    debit: dict[tuple[str, str], int] = defaultdict(int)
    credit: dict[tuple[str, str], int] = defaultdict(int)
    partners = balance.partners or ("",) * len(balance.accounts)
    columns = (balance.accounts, partners, _listed(balance.debit), _listed(balance.credit))
    for account, partner, more, less in zip(*columns, strict=True):
        debit[account, partner] += more
        credit[account, partner] += less
    for each, partner in moved:
        key = (BETWEEN[each.side], partner)
        debit[key] += each.debit
        credit[key] += each.credit
        debit[each.account, ""] -= each.debit
        credit[each.account, ""] -= each.credit
    mores, lesses = (
        np.array([column[key] for key in keys], dtype=np.int64) for column in (debit, credit)
    )
    return replace(made, opening=made.amounts - mores + lesses, debit=mores, credit=lesses)


def _listed(column: Amounts | None) -> list[int]:
    """A column that is there, as numbers."""
    return [] if column is None else [int(each) for each in column]
