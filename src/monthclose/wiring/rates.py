"""Rates fetched from the central banks, once: what a group needs and does not have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Engine

from monthclose.connectors.central_bank import CentralBank
from monthclose.connectors.ecb import FILES, Ecb
from monthclose.connectors.errors import SourceFailed
from monthclose.connectors.ptax import CURRENCIES, Ptax
from monthclose.connectors.sgs import DAILY, MONTHLY, Sgs
from monthclose.connectors.together import together
from monthclose.connectors.transport import Neighborhood
from monthclose.ledger.group import Group
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, RateKind, RateTable
from monthclose.ledger.sources import FetchedRates
from monthclose.store.intake_rates import load_fetched, read_rates
from monthclose.store.records import StoredRecords
from monthclose.store.session import acting
from monthclose.wiring.build import Desk
from monthclose.wiring.neighbors import open_neighborhood

Source = Literal["bcb", "ecb"]

BEFORE = timedelta(days=10)
"""How far before a month its rates begin: its opening rate may be of a day a week before."""

LONG = timedelta(days=366)
"""A span longer than this is read from the ECB's one file of all its days and currencies."""

TOLERANCE_E10 = 10**6
"""By how much our average and the one the BCB publishes may differ: 0.0001."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two currencies between which a group translates."""

    functional: str
    presentation: str


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One series to be fetched.

    Attributes:
        source: Who publishes it.
        currency: Of which: in reais from the BCB, for one euro from the ECB.
    """

    source: Source
    currency: str


@dataclass(frozen=True, slots=True)
class RatesFetched:
    """
    What a fetch brought.

    Attributes:
        first: First day asked for.
        last: Last day asked for.
        quotes: How many quotes each series gave, by source and currency.
        added: How many of them were new.
        compared: Our average of a month and the one the BCB publishes, where they differ
            by more than the tolerance: by currency and month.
        days: A day of PTAX and of the BCB's series (SGS), where they are not the same: by
            currency and day.
        not_compared: Why neither was compared, or None.
    """

    first: date
    last: date
    quotes: Mapping[tuple[str, str], int]
    added: int
    compared: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    days: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    not_compared: SourceFailed | None = None


def pairs_of(group: Group) -> tuple[Pair, ...]:
    """The pairs a group translates between, each once."""
    return tuple(
        Pair(currency, group.presentation)
        for currency in sorted({entity.currency for entity in group.entities})
        if currency and currency != group.presentation
    )


def series_for(pairs: Iterable[Pair], source: str = "") -> tuple[Asked, ...]:
    """
    The series that give every pair, both legs of a pair from one source and day.

    PTAX, when the real is one side and the other is among the currencies the BCB surveys;
    otherwise the two legs in euros from the ECB.
    """
    asked: dict[Asked, None] = {}
    for pair in pairs:
        sides = {pair.functional, pair.presentation}
        others = sides - {"BRL"}
        by_bcb = len(others) == 1 and others <= CURRENCIES
        if source == "bcb" or (not source and by_bcb):
            asked |= dict.fromkeys(Asked("bcb", currency) for currency in sorted(others))
        else:
            legs = sorted(sides - {"EUR"})
            asked |= dict.fromkeys(Asked("ecb", currency) for currency in legs)
    return tuple(asked)


async def fetch(
    asked: Iterable[Asked],
    first: date,
    last: date,
    around: Neighborhood,
    addresses: Mapping[str, str] | None = None,
) -> list[tuple[Asked, FetchedRates]]:
    """
    Fetch series side by side.

    Args:
        asked: Which.
        first: First day.
        last: Last day.
        around: What all connectors of the installation share.
        addresses: Other servers by publisher, such as the sandbox's.

    Raises:
        SourceFailed: one of them could not be read; nothing of it is stored.
    """
    addresses, asked = addresses or {}, tuple(asked)
    long = tuple(each for each in asked if each.source == "ecb" and last - first > LONG)

    async def one(each: Asked) -> tuple[Asked, FetchedRates]:
        """One series."""
        made: type[CentralBank] = Ptax if each.source == "bcb" else Ecb
        async with made(around, addresses.get(each.source, "")) as bank:
            return each, await bank.daily(each.currency, first, last)

    async def whole() -> list[tuple[Asked, FetchedRates]]:
        """All series of the ECB out of its one file."""
        if not long:
            return []
        currencies, address = tuple(each.currency for each in long), addresses.get("ecb", "")
        async with Ecb(around, address) as bank:
            found = await bank.history(currencies, first, last, address or FILES)
        return [
            (
                each,
                replace(found, quotes=tuple(q for q in found.quotes if q.quote == each.currency)),
            )
            for each in long
        ]

    single, history = await together(
        together(*(one(each) for each in asked if each not in long)), whole()
    )
    return [*single, *history]


async def other_days(
    fetched: Iterable[tuple[Asked, FetchedRates]],
    span: tuple[date, date],
    around: Neighborhood,
    addresses: Mapping[str, str] | None = None,
) -> dict[tuple[str, str], tuple[str, str]]:
    """
    Compare what PTAX said with the BCB's own series of the same bulletin (SGS), day by day.

    Returns:
        PTAX and the series, by currency and day, where they are not the same. A day that only
        one of them has is not compared.
    """
    differing: dict[tuple[str, str], tuple[str, str]] = {}
    for asked, got in fetched:
        if asked.source != "bcb" or asked.currency not in DAILY:
            continue
        async with Sgs(around, (addresses or {}).get("sgs", "")) as bank:
            series = {q.on: q for q in (await bank.daily(asked.currency, *span)).quotes}
        for quote in got.quotes:
            other = series.get(quote.on)
            if other and other.value_e10 != quote.value_e10:
                differing[asked.currency, quote.on] = (quote.value, other.value)
    return differing


async def second_road(
    table: RateTable,
    currencies: Iterable[str],
    months: Iterable[Period],
    around: Neighborhood,
    addresses: Mapping[str, str] | None = None,
) -> dict[tuple[str, str], tuple[str, str]]:
    """
    Compare our averages with those the BCB publishes itself (series 3698).

    Returns:
        Ours and theirs, by currency and month, where they differ by more than 0.0001.
    """
    months = sorted(months, key=str)
    differing: dict[tuple[str, str], tuple[str, str]] = {}
    for currency in currencies:
        if currency not in MONTHLY or not months:
            continue
        async with Sgs(around, (addresses or {}).get("sgs", "")) as bank:
            span = (months[0].first_day, months[-1].first_day)
            published = {q.on: q for q in (await bank.monthly(currency, *span)).quotes}
        for month in months:
            ours = table.average("BRL", currency, month)
            theirs = published.get(str(month))
            if ours and theirs and abs(ours.value_e10 - theirs.value_e10) > TOLERANCE_E10:
                differing[currency, str(month)] = (ours.value, theirs.value)
    return differing


async def fetch_for(
    desk: Desk,
    months: tuple[Period | None, Period | None],
    source: str,
    today: date,
) -> RatesFetched:
    """
    Fetch and store what a group needs.

    Args:
        desk: Open, for somebody who may load rates.
        months: First and last; None: the group's first month, and the present one.
        source: Who publishes, `bcb` or `ecb`; empty: what fits each pair.
        today: No later day has rates.

    Raises:
        SourceFailed: a publisher could not be read; nothing of any was stored.
    """
    group = StoredRecords(desk.database.engine, desk.user, desk.tenant).group()
    last = months[1] or Period.of(today)
    first = months[0] or (Period.parse(group.first_period) if group.first_period else last)
    asked = series_for(pairs_of(group), source)
    span = span_of([min(first, last), last], today)
    addresses = desk.settings.rate_addresses
    async with open_neighborhood(desk.settings, told=desk.around) as around:
        fetched = await fetch(asked, *span, around, addresses)
        added = store(desk.database.engine, desk.user, desk.tenant, fetched)
        table = RateTable(stored(desk.database.engine, desk.user, desk.tenant))
        whole = [m for m in _between(first, last) if m.last_day < today]
        currencies = [each.currency for each, _ in fetched if each.source == "bcb"]
        compared: Mapping[tuple[str, str], tuple[str, str]] = {}
        days: Mapping[tuple[str, str], tuple[str, str]] = {}
        not_compared = None
        try:
            days = await other_days(fetched, span, around, addresses)
            compared = await second_road(table, currencies, whole, around, addresses)
        except SourceFailed as failed:
            # The quotes are stored and stand; only nobody held them against anything.
            not_compared = failed
    counts: dict[tuple[str, str], int] = {
        (each.source, each.currency): len(got.quotes) for each, got in fetched
    }
    return RatesFetched(*span, counts, added, compared, days, not_compared)


def _between(first: Period, last: Period) -> list[Period]:
    """Every month from the first to the last."""
    months = []
    while first <= last:
        months.append(first)
        first = first.plus(1)
    return months


def store(
    engine: Engine, user: UUID, tenant: UUID, fetched: Iterable[tuple[Asked, FetchedRates]]
) -> int:
    """
    Store what was fetched, all of it or nothing.

    Returns:
        How many quotes were new.
    """
    with acting(engine, user) as session:
        return sum(load_fetched(session, tenant, each) for _, each in fetched)


def stored(engine: Engine, user: UUID, tenant: UUID) -> tuple[Quote, ...]:
    """The quotes in force."""
    with acting(engine, user) as session:
        return read_rates(session, tenant)


def span_of(months: Iterable[Period], today: date) -> tuple[date, date]:
    """The days whose rates some months need; no day after today has any."""
    ordered = sorted(months, key=str)
    return ordered[0].first_day - BEFORE, min(ordered[-1].last_day, today)


def last_days(quotes: Iterable[Quote]) -> dict[tuple[str, str, str], str]:
    """The last day of each daily series in force, by base, quote currency and source."""
    latest: dict[tuple[str, str, str], str] = {}
    for quote in quotes:
        if quote.kind is RateKind.DAILY:
            key = (quote.base, quote.quote, quote.source)
            latest[key] = max(quote.on, latest.get(key, ""))
    return latest
