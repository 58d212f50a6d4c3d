"""Entity chart to standard chart: every account that holds money, or a list of those missing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.accounts import Chart, UnknownAccount
from monthclose.ledger.balances import RawBalance, TrialBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.mappings import EntityMapping, Target
from monthclose.ledger.money import LARGEST_MINOR, Money, split


@dataclass(frozen=True, slots=True)
class Unmapped:
    """An account with money and no target; minor units, debit positive."""

    account: str
    amount: int
    currency: str

    def shown(self, lang: str) -> str:
        """Write `1.1.01 (BRL 1,234.56)`."""
        return f"{self.account} ({Money(self.amount, self.currency).shown(lang)})"


class UnmappedAccounts(CloseError):
    """Accounts that hold money go nowhere in the standard chart, largest first."""

    code = "accounts-unmapped"

    def __init__(self, entity: str, period: str, accounts: tuple[Unmapped, ...]) -> None:
        super().__init__(entity=entity, period=period, count=len(accounts), accounts=accounts)


class AccountNotEntered(CloseError):
    """A balance brings an account that the close computes itself."""

    code = "account-computed"

    def __init__(self, entity: str, account: str, kind: str) -> None:
        super().__init__(entity=entity, account=account, kind=kind)


def map_balance(raw: RawBalance, mapping: EntityMapping | None, chart: Chart) -> TrialBalance:
    """
    Move an entity's balance to the standard chart.

    Lines that go to the same account and partner are added; a split account is
    divided so that its parts add to it exactly. Accounts without money need no target.

    Args:
        raw: (n,) lines of the entity's own chart.
        mapping: Its targets; None: the entity already uses the standard chart.
        chart: The standard chart.

    Returns:
        (m,) lines in chart order, same currency, same sum.

    Raises:
        UnbalancedTrialBalance: the balance itself does not balance.
        UnmappedAccounts: accounts with money have no target; largest first.
        UnknownAccount: a target is not in the chart.
        AccountNotEntered: a target is computed by the close (CTA, NCI).
    """
    if mapping is None:
        return _as_is(raw, chart)
    if whole := _mapped_whole(raw, mapping, chart):
        return whole
    partners = raw.partners or ("",) * len(raw.accounts)
    sums: dict[tuple[str, str], int] = {}
    unmapped: list[Unmapped] = []
    for account, partner, amount in zip(raw.accounts, partners, raw.amounts.tolist(), strict=True):
        targets = mapping.targets.get(account)
        if targets is None:
            if amount:
                unmapped.append(Unmapped(account, amount, raw.currency))
            continue
        for target, part in zip(targets, _parts(amount, targets), strict=True):
            key = (target.account, partner)
            sums[key] = sums.get(key, 0) + part
    if unmapped:
        unmapped.sort(key=lambda line: (-abs(line.amount), line.account))
        raise UnmappedAccounts(raw.entity, raw.period, tuple(unmapped))
    keys = sorted(sums, key=lambda key: (_place(key[0], raw.entity, chart), key[1]))
    _check_entered({account for account, _ in keys}, raw.entity, chart)
    return TrialBalance(
        entity=raw.entity,
        period=raw.period,
        currency=raw.currency,
        accounts=chart.shared(tuple(account for account, _ in keys)),
        amounts=np.array([sums[key] for key in keys], dtype=np.int64),
        partners=tuple(partner for _, partner in keys) if any(p for _, p in keys) else (),
        basis=raw.basis,
        gaps=raw.gaps,
        source=raw.source,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Routes:
    """
    Where the lines of one list of accounts go, each whole, to one other.

    Attributes:
        own: (n,) the list, of the entity's own chart.
        chart: The standard chart.
        places: (n,) line of *accounts* each adds to; -1: it goes nowhere.
        accounts: (m,) standard accounts, in chart order.
    """

    own: tuple[str, ...]
    chart: Chart
    places: NDArray[np.intp]
    accounts: tuple[str, ...]


def _mapped_whole(raw: RawBalance, mapping: EntityMapping, chart: Chart) -> TrialBalance | None:
    """
    Map a balance whose accounts go whole to one other each, as a column.

    None when it is more than that: partners, a split, a target that may not be there, an
    account with money that goes nowhere, a sum that could leave int64.
    """
    if raw.partners or len(raw.accounts) * LARGEST_MINOR > 2**63 - 1:
        return None
    routes = _routes(raw, mapping, chart)
    if routes is None:
        return None
    amounts, there = raw.amounts, routes.places
    if len(there) and there.min() < 0:
        if amounts[there < 0].any():
            return None
        amounts, there = amounts[there >= 0], there[there >= 0]
    if amounts.size and max(int(amounts.max()), -int(amounts.min())) > LARGEST_MINOR:
        return None
    sums = np.zeros(len(routes.accounts), dtype=np.int64)
    np.add.at(sums, there, amounts)
    return TrialBalance(
        entity=raw.entity,
        period=raw.period,
        currency=raw.currency,
        accounts=routes.accounts,
        amounts=sums,
        basis=raw.basis,
        gaps=raw.gaps,
        source=raw.source,
    )


def _routes(raw: RawBalance, mapping: EntityMapping, chart: Chart) -> _Routes | None:
    """The routes of a balance's list of accounts, remembered: every month has the same one."""
    known = mapping.routes.get(id(raw.accounts))
    if isinstance(known, _Routes) and known.own is raw.accounts and known.chart is chart:
        return known
    if mapping.splits and not mapping.splits.keys().isdisjoint(raw.accounts):
        return None
    codes = mapping.codes(raw.accounts)
    named = {code for code in codes if code is not None}
    if not named <= chart.index.keys() or not chart.computed.isdisjoint(named):
        return None
    accounts = sorted(named, key=chart.index.__getitem__)
    place: dict[str | None, int] = {code: at for at, code in enumerate(accounts)}
    place[None] = -1
    places = np.array([*map(place.__getitem__, codes)], dtype=np.intp)
    routes = _Routes(raw.accounts, chart, places, chart.shared(tuple(accounts)))
    mapping.routes[id(raw.accounts)] = routes
    return routes


def _as_is(raw: RawBalance, chart: Chart) -> TrialBalance:
    """Take a balance that is kept in the standard chart line by line."""
    accounts, amounts, partners = raw.accounts, raw.amounts, raw.partners
    if strangers := set(accounts) - chart.index.keys():
        missing = sorted(
            (
                Unmapped(account, amount, raw.currency)
                for account, amount in zip(accounts, amounts.tolist(), strict=True)
                if amount and account in strangers
            ),
            key=lambda line: (-abs(line.amount), line.account),
        )
        if missing:
            raise UnmappedAccounts(raw.entity, raw.period, tuple(missing))
        # Without money: left out.
        keep = [place for place, account in enumerate(accounts) if account in chart]
        accounts = tuple(accounts[place] for place in keep)
        amounts = amounts[keep]
        partners = tuple(partners[place] for place in keep) if partners else ()
    _check_entered(set(accounts), raw.entity, chart)
    return TrialBalance(
        entity=raw.entity,
        period=raw.period,
        currency=raw.currency,
        accounts=chart.shared(accounts),
        amounts=amounts,
        partners=partners,
        basis=raw.basis,
        gaps=raw.gaps,
        source=raw.source,
    )


def _parts(amount: int, targets: tuple[Target, ...]) -> tuple[int, ...]:
    if len(targets) == 1:
        return (amount,)
    return split(amount, tuple(target.share for target in targets))


def _place(account: str, entity: str, chart: Chart) -> int:
    try:
        return chart.index[account]
    except KeyError:
        raise UnknownAccount(account, entity) from None


def _check_entered(accounts: set[str], entity: str, chart: Chart) -> None:
    for account in sorted(accounts & chart.computed):
        raise AccountNotEntered(entity, account, chart.kind(account).value)
