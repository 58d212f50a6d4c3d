"""What SaaS metrics are worked out from: thirteen months of contracts, two years of books."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from monthclose.consolidation.months import Months
from monthclose.ledger.accounts import CONTRIBUTED, EQUITY, METRICS, RESULT, AccountClass, Chart
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.money import Amounts, total
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, convert_one, ratio_of
from monthclose.ledger.subscriptions import (
    BooksMonth,
    ContractMonth,
    SaasFacts,
    Subscriber,
    Subscriptions,
)

CONTRACTS, BOOKS = 13, 24
"""Months that are looked at, the current one among them."""

_INCOME = ("subscription_revenue", "other_revenue")
_FINANCING = CONTRIBUTED | {AccountClass.DIVIDENDS}
"""Classes whose movements are financing whatever the chart says (IAS 7.17)."""

type LookBack = Callable[[str], Book | None]
"""The book of an earlier month; None: it cannot be closed."""

type _Sums = tuple[int, ...]
"""Accounts of each use in `METRICS` and the result, fiscal year to date, natural signs."""


def saas_facts(months: Months, book: Book, look_back: LookBack) -> tuple[SaasFacts, ...]:
    """
    Gather what the metrics of a month are worked out from.

    Both months of a comparison are translated at the current month's closing rate, so each
    currency comes with the closing rate of every month. A customer is one of its company:
    the same code in two companies is two customers.

    Args:
        months: Of every company.
        book: The current month.
        look_back: Closes an earlier month.

    Returns:
        The group, then each company that has contracts; nothing when none has.

    Raises:
        MissingRate: a currency of contracts has no closing rate of the current month.
    """
    contracts = _by_company(months, book)
    if not contracts:
        return ()
    group, now = book.group, Period.parse(book.period)
    window = [now.plus(place - CONTRACTS + 1) for place in range(CONTRACTS)]
    of_company = {
        code: _subscriptions(months, months.entities[code], each, window)
        for code, each in contracts.items()
    }
    books = _books(months, book, look_back)
    used = {account.metric for account in group.chart.accounts if account.metric}
    used |= {"cash"} if any(account.cash for account in group.chart.accounts) else set()
    named = frozenset(used)
    scopes = [("", _together(of_company))] if len(group.entities) > 1 else []
    scopes += of_company.items()
    return tuple(
        SaasFacts(
            code,
            group.presentation,
            subscriptions,
            _unbegun(months, code, now)
            | {label: each[code] for label, each in books.items() if code in each},
            named,
        )
        for code, subscriptions in scopes
    )


def _unbegun(months: Months, code: str, now: Period) -> dict[str, BooksMonth]:
    """Months before a company began: nothing happened in them."""
    first = months.entities[code].first_period if code else ""
    labels = [str(now.plus(-place)) for place in range(BOOKS)]
    return {label: BooksMonth(net_burn=0) for label in labels if label < first}


def _by_company(months: Months, book: Book) -> dict[str, dict[str, ContractMonth]]:
    """Contracts up to the month by company and month, of companies in the group by then."""
    scope = [entity.code for entity in months.in_scope(book.period)]
    found: dict[str, dict[str, ContractMonth]] = {code: {} for code in scope}
    for each in book.group.subscriptions:
        if each.period <= book.period and each.entity in found:
            found[each.entity][each.period] = each
    return {code: each for code, each in found.items() if each}


def _subscriptions(
    months: Months, entity: Entity, contracts: Mapping[str, ContractMonth], window: Sequence[Period]
) -> Subscriptions:
    """One company's customers over the window, with the months that were not loaded."""
    labels = tuple(map(str, window))
    before: dict[str, int] = {}
    mrr: dict[str, list[int]] = {}
    for label, each in sorted(contracts.items()):
        held = each.by_customer()
        if label < labels[0]:
            for customer, amount in held.items():
                before[customer] = max(before.get(customer, 0), amount)
            continue
        place = labels.index(label)
        for customer, amount in held.items():
            mrr.setdefault(customer, [0] * len(labels))[place] = amount
    # A company has nothing before it began; what it had before its first line is not known.
    begins = min(entity.first_period or labels[0], *contracts)
    missing = {
        label: (entity.code,)
        for label in labels
        if label not in contracts and (label >= begins or not entity.first_period)
    }
    return Subscriptions(
        labels,
        tuple(
            Subscriber(f"{entity.code} {customer}", tuple(each), before.get(customer, 0), currency)
            for currency in [entity.currency]
            for customer, each in mrr.items()
        ),
        _rates(months, entity.currency, window),
        missing,
    )


def _rates(
    months: Months, currency: str, window: Sequence[Period]
) -> Mapping[str, tuple[Fraction | None, ...]]:
    """The closing rate of each month; the current one has to be there."""
    group = months.group
    presentation = group.presentation
    if currency == presentation:
        return {}
    quotes = [group.rates.closing(currency, presentation, each.last_day) for each in window]
    if quotes[-1] is None:
        day = str(window[-1].last_day)
        raise MissingRate(currency, presentation, "closing", day, group.code)
    return {
        currency: tuple(
            None if quote is None else ratio_of(quote, currency, presentation) for quote in quotes
        )
    }


def _together(companies: Mapping[str, Subscriptions]) -> Subscriptions:
    """The customers of all companies; a month that one of them misses is missing."""
    missing: dict[str, tuple[str, ...]] = {}
    rates: dict[str, tuple[Fraction | None, ...]] = {}
    for each in companies.values():
        rates |= each.rates
        for label, codes in each.missing.items():
            missing[label] = (*missing.get(label, ()), *codes)
    return Subscriptions(
        next(iter(companies.values())).months,
        tuple(who for each in companies.values() for who in each.subscribers),
        rates,
        missing,
    )


def _books(months: Months, book: Book, look_back: LookBack) -> dict[str, dict[str, BooksMonth]]:
    """What each month's books say, by month and company (empty: the group)."""
    year, now = book.group.fiscal_year, Period.parse(book.period)
    uses = _Uses(book.group.chart)
    first = now.plus(1 - BOOKS)
    found: dict[str, dict[str, BooksMonth]] = {}
    before: dict[str, _Sums] | None = None
    for place in range(-1, BOOKS):
        month = first.plus(place)
        made = book if month == now else _earlier(months, month, look_back)
        if made is None:
            before = None
            continue
        sums = uses.of(made)
        if year.is_first(month):
            before = dict.fromkeys(sums, uses.nil)
        if before is not None and place >= 0:
            burns = _burns(months, made, month)
            found[str(month)] = {
                code: _month(each, before.get(code, uses.nil), burns[code])
                for code, each in sums.items()
                if code in before or months.entities[code].first_period == str(month)
            }
        before = sums
    return found


def _earlier(months: Months, month: Period, look_back: LookBack) -> Book | None:
    """The book of an earlier month, when there can be one."""
    label, first = str(month), months.group.first_period
    scope = months.in_scope(label)
    if not scope or (first and label < first):
        return None
    return look_back(label) if (scope[0].code, label) in months.balances else None


def _month(sums: _Sums, before: _Sums, burn: int | None) -> BooksMonth:
    """One month: the year to date less the year to the month before."""
    moved = [now - was for now, was in zip(sums, before, strict=True)]
    return BooksMonth(*moved, net_burn=burn)  # type: ignore[misc]  # as many as fields


class _Uses:
    """Where the accounts of each use stand in the chart."""

    def __init__(self, chart: Chart) -> None:
        uses = [account.metric for account in chart.accounts]
        self.places = [
            (np.flatnonzero([each == use for each in uses]), -1 if use in _INCOME else 1)
            for use in METRICS
        ]
        self.places.append((np.flatnonzero(chart.of_kind(*RESULT)), -1))
        self.nil: _Sums = (0,) * len(self.places)

    def of(self, book: Book) -> dict[str, _Sums]:
        """The sums of the group (empty code) and of each company."""
        found = {"": self._sums(book.consolidated)}
        for translation, row in zip(book.translations, book.entity_amounts, strict=True):
            found[translation.entity] = self._sums(row)
        return found

    def _sums(self, amounts: NDArray[np.int64]) -> _Sums:
        return tuple(sign * total(amounts[places]) for places, sign in self.places)


@dataclass(frozen=True, slots=True)
class _Held:
    """A company's cash and what financed it, functional currency, debit positive."""

    cash: int = 0
    financing: int = 0
    of_year: int = 0
    outside: int = 0
    outside_of_year: int = 0


def _burns(months: Months, book: Book, month: Period) -> dict[str, int | None]:
    """
    Cash that operating and investing used up in a month, by company (empty: the group).

    The movement of cash at the month's average rate, so without the effect of rates on cash
    held, less what financing brought. Between companies of a group neither counts: of the
    group's financing are accounts without a partner, and of equity the parent's alone.
    """
    burns: dict[str, int | None] = {}
    group: int | None = 0
    for entity in months.in_scope(book.period):
        before = _held_before(months, entity, month)
        if before is None:
            burns[entity.code] = group = None
            continue
        now = _held(months.balances[entity.code, str(month)], book.chart, entity)
        opens = months.group.fiscal_year.is_first(month)
        moved = now.cash - before.cash + now.financing - before.financing
        moved += now.of_year - (0 if opens else before.of_year)
        outside = now.cash - before.cash + now.outside - before.outside
        outside += now.outside_of_year - (0 if opens else before.outside_of_year)
        quote = book.facts.rates[entity.code].average
        there = (quote, entity.currency, book.presentation)
        burns[entity.code] = -convert_one(moved, *there)
        if group is not None:
            group -= convert_one(outside, *there)
    return burns | {"": group}


def _held_before(months: Months, entity: Entity, month: Period) -> _Held | None:
    """What a company held a month ago; nothing when it begins; None: not known."""
    balance = months.balances.get((entity.code, str(month.plus(-1))))
    if balance is not None:
        return _held(balance, months.group.chart, entity)
    return _Held() if entity.first_period == str(month) else None


def _held(balance: TrialBalance, chart: Chart, entity: Entity) -> _Held:
    """Cash and financing accounts of a balance."""
    slots = chart.slots(balance.accounts, balance.entity).chart
    kinds = [account.kind for account in chart.accounts]
    financed = np.array(
        [
            account.cash_flow == "financing" or account.kind in _FINANCING
            for account in chart.accounts
        ]
    )
    year = np.array([kind in RESULT or kind is AccountClass.DIVIDENDS for kind in kinds])
    own = np.array([kind in EQUITY or kind is AccountClass.DIVIDENDS for kind in kinds])
    cash = np.array([account.cash for account in chart.accounts])
    alone = np.array([not partner for partner in balance.partners] or [True] * len(slots))
    counted = alone if entity.method is Method.PARENT else alone & ~own[slots]
    financing, of_year = financed[slots] & ~cash[slots], year[slots]

    def held(lines: Iterable[bool] | NDArray[np.bool_]) -> int:
        chosen: Amounts = balance.amounts[np.asarray(lines, dtype=bool)]
        return total(chosen)

    return _Held(
        held(cash[slots]),
        held(financing & ~of_year),
        held(financing & of_year),
        held(financing & ~of_year & counted),
        held(financing & of_year & counted),
    )
