"""The consolidation engine: runs the steps in order, month after month."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from monthclose.consolidation.alike import AtClassRates, translate_alike
from monthclose.consolidation.facts import (
    Carried,
    carried_from_close,
    carried_from_openings,
    dividends_of,
    entity_facts,
    resolve_acquisition,
    transfers_of,
)
from monthclose.consolidation.items import items_of
from monthclose.consolidation.layers import Month
from monthclose.consolidation.mapping import map_balance
from monthclose.consolidation.ownership import check_ownership
from monthclose.consolidation.preacquisition import cut_off
from monthclose.consolidation.trail import TrailStep, steps_of
from monthclose.consolidation.translation import translate
from monthclose.ledger.accounts import RESULT, UnknownAccount
from monthclose.ledger.acquisitions import Dividend, Transfer
from monthclose.ledger.balances import OpeningPosition, PeriodRates, RawBalance, TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.entities import Entity, Method, UnknownEntity, interests_on
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group, PeriodFacts, in_order
from monthclose.ledger.lineage import EntityMonth
from monthclose.ledger.periods import Period
from monthclose.ledger.translations import Rollforward, Translation


class BalanceMissing(CloseError):
    """A month of an entity that the close needs was not loaded."""

    code = "balance-missing"

    def __init__(self, entity: str, period: str, needed_for: str) -> None:
        super().__init__(entity=entity, period=period, needed_for=needed_for)


class OpeningResultMissing(CloseError):
    """The first month does not open a fiscal year, and the result so far is not stated."""

    code = "opening-result-missing"

    def __init__(self, entity: str, period: str, year_start: str) -> None:
        super().__init__(entity=entity, period=period, year_start=year_start)


class BoughtWithinYear(CloseError):
    """A company bought within a fiscal year: its result up to then is not cut off yet."""

    code = "bought-within-year"

    def __init__(self, entity: str, on: str, year_start: str) -> None:
        super().__init__(entity=entity, on=on, year_start=year_start)


class OtherCurrency(CloseError):
    """A balance is in another currency than its entity keeps its books in."""

    code = "balance-other-currency"

    def __init__(self, entity: str, period: str, currency: str, functional: str) -> None:
        super().__init__(entity=entity, period=period, currency=currency, functional=functional)


type _Translated = tuple[PeriodRates, Translation, OpeningPosition]


@dataclass(frozen=True, slots=True)
class _Due:
    """One entity's month about to be translated, and what with."""

    balance: TrialBalance
    rates: PeriodRates
    opening: OpeningPosition
    before: Translation | None


class ConsolidationEngine:
    """
    Consolidates a group, month by month, in memory.

    Load the balances of every month since the fiscal year began (or since the group's
    first month): income and expense of each month take their own average.

        engine = ConsolidationEngine(group)
        engine.register_entity(Entity("NVO", "Novo Ltda", "BRL"))
        engine.load_trial_balance(balance)
        book = engine.consolidate("2025-06")
        engine.get_audit_trail()

    The engine keeps what it has translated, so that closing the next month translates
    one month. The order in which balances are loaded changes nothing.
    """

    def __init__(self, group: Group) -> None:
        self.group = in_order(group)
        self._entities = {entity.code: entity for entity in group.entities}
        self._raw: dict[tuple[str, str], RawBalance] = {}
        self._balances: dict[tuple[str, str], TrialBalance] = {}
        self._first_loaded: dict[str, str] = {}
        self._translations: dict[str, dict[Period, _Translated]] = {}
        self._trail: list[TrailStep] = []
        self._unrecorded: list[Book] = []

    def register_entity(self, entity: Entity) -> None:
        """Add a company to the group, or replace the one of the same code."""
        self._entities[entity.code] = entity
        entities = tuple(self._entities.values())
        self.group = replace(self.group, entities=entities)
        self._translations.clear()

    def load_trial_balance(self, balance: RawBalance | TrialBalance) -> TrialBalance:
        """
        Take one entity's month: in its own chart when it has a mapping, else in the standard chart.

        Returns:
            The balance in the standard chart.

        Raises:
            UnknownEntity: the entity is not registered.
            OtherCurrency: it is not in the currency of the entity's books.
            UnbalancedTrialBalance: debits and credits differ.
            UnmappedAccounts: accounts with money have no target.
        """
        if balance.entity not in self._entities:
            raise UnknownEntity(balance.entity, self.group.code)
        functional = self._entities[balance.entity].currency
        if balance.currency != functional:
            raise OtherCurrency(balance.entity, balance.period, balance.currency, functional)
        raw = balance if isinstance(balance, RawBalance) else balance.as_sent()
        mapped = map_balance(raw, self.group.mappings.get(raw.entity), self.group.chart)
        key = (raw.entity, raw.period)
        self._raw[key], self._balances[key] = raw, mapped
        loaded = self._first_loaded.get(raw.entity, raw.period)
        self._first_loaded[raw.entity] = min(loaded, raw.period)
        self._translations.pop(raw.entity, None)  # the others do not build on it
        return mapped

    def consolidate(self, period: str, facts: PeriodFacts | None = None) -> Book:
        """
        Close one month: translate, eliminate, attribute, add up.

        Args:
            period: The month, such as `2025-06`.
            facts: Rates and records already resolved; None: found in the group's records.

        Returns:
            The book. Nothing in it depends on the order of entities, lines or calls.

        Raises:
            CloseError: what is missing or contradicts itself, by entity, with the remedy.
        """
        if facts is None:
            self._check_records()
            facts, translations = self._dated(period)
        else:
            facts, translations = self._resolved(period, facts)
        book = self._add_up(facts, translations)
        self._unrecorded.append(book)
        return book

    def translate_month(self, period: str) -> None:
        """
        Translate every company of a month together, as far as each can be.

        It saves time and changes nothing: `translate_entity` says what one of them misses.

        Args:
            period: The month, such as `2025-06`.
        """
        self._together(Period.parse(period))

    def translate_entity(self, entity: str, period: str) -> tuple[PeriodRates, Translation]:
        """
        Translate one entity's month, and the months before it that it builds on.

        Args:
            entity: Its code.
            period: The month, such as `2025-06`.

        Raises:
            CloseError: a balance, rate or part of its history is missing.
        """
        if entity not in self._entities:
            raise UnknownEntity(entity, self.group.code)
        rates, translation, _ = self._month(self._entities[entity], Period.parse(period))
        return rates, translation

    def month_before(self, entity: str, period: str) -> EntityMonth | None:
        """
        The month that the translation of an entity's month builds on.

        Args:
            entity: Its code.
            period: A month that was translated.

        Returns:
            The month before in the same fiscal year, or the result of the year so far as
            loaded; None when there is neither.
        """
        company, month = self._entities[entity], Period.parse(period)
        if company.currency == self.group.presentation:
            return None
        start = self._start(company, month)
        if month > start:
            key = (entity, str(last := month.plus(-1)))
            rates, translation, _ = self._month(company, last)
            return EntityMonth(translation, rates, self._raw[key], self._balances[key])
        before = self._result_before(company, self._carried(company, start))
        return EntityMonth(before) if before else None

    def get_audit_trail(self) -> list[TrailStep]:
        """
        Every step so far, in order, with the hashes of its inputs and outputs.

        To hash every column costs more than the close itself, so it waits until somebody
        asks: a book holds all that its steps are hashed from, and does not change.
        """
        for book in self._unrecorded:
            self._trail += steps_of(book)
        self._unrecorded.clear()
        return list(self._trail)

    def _in_scope(self, period: str) -> list[Entity]:
        """Consolidated entities that belong to the group in *period*, in order of registration."""
        return [
            entity
            for entity in self._entities.values()
            if entity.method is not Method.EQUITY
            and (not entity.first_period or entity.first_period <= period)
        ]

    def _resolved(self, period: str, facts: PeriodFacts) -> tuple[PeriodFacts, list[Translation]]:
        """Translate every entity from facts that were given."""
        nothing, scope = PeriodRates(self.group.presentation), self._in_scope(period)
        balances = [self._balance(entity.code, period, period) for entity in scope]
        balances, facts = cut_off(balances, facts, self.group)
        alike = translate_alike(balances, facts.rates, self.group.chart)
        return facts, [
            translate(
                balance,
                facts.rates.get(balance.entity, nothing),
                self.group.chart,
                facts.openings.get(balance.entity),
                at_class_rates=alike.get(balance.entity),
            )
            for balance in balances
        ]

    def _balance(self, entity: str, period: str, needed_for: str) -> TrialBalance:
        try:
            return self._balances[entity, period]
        except KeyError:
            raise BalanceMissing(entity, period, needed_for) from None

    def _dated(self, period: str) -> tuple[PeriodFacts, list[Translation]]:
        """Resolve the group's records for a month, and translate every entity."""
        month = Period.parse(period)
        self._together(month)
        rates, openings, translations = {}, {}, []
        starts: dict[str, Period] = {}
        dividends: list[Dividend] = []
        transfers: list[Transfer] = []
        for entity in self._in_scope(period):
            rates[entity.code], translation, opening = self._month(entity, month)
            openings[entity.code] = opening
            translations.append(translation)
            starts[entity.code] = self._start(entity, month)
            start = starts[entity.code]
            dividends += dividends_of(self.group, entity, month, start)
            if entity.code in self.group.transfers_of:
                transfers += transfers_of(self.group, entity, month, self._carried(entity, start))
        firsts = [(entity, self._first(entity)) for entity in self._in_scope(period)]
        check_ownership(self.group, firsts, month)
        acquisitions = tuple(
            resolve_acquisition(self.group, each, starts[each.target])
            for each in self.group.acquisitions
            if each.target in starts and (each.on is None or each.on <= month.last_day)
        )
        facts = PeriodFacts(
            period=period,
            rates=rates,
            openings=openings,
            acquisitions=acquisitions,
            dividends=tuple(dividends),
            transfers=tuple(transfers),
            interests=interests_on(self.group.interests, month.last_day),
            items=items_of(self.group, month, starts),
            tolerance=self.group.tolerance,
        )
        return facts, translations

    def _first(self, entity: Entity) -> Period:
        """The first month of an entity in this group's records."""
        firsts = [text for text in (self.group.first_period, entity.first_period) if text]
        if not firsts:
            firsts = [self._first_loaded[entity.code]]
        return Period.parse(max(firsts))

    def _start(self, entity: Entity, month: Period) -> Period:
        """The month from which the roll-forward of *month* runs: of the year, or the first."""
        self._balance(entity.code, str(month), str(month))
        return max(self.group.fiscal_year.start(month), self._first(entity))

    def _month(self, entity: Entity, month: Period) -> _Translated:
        """Translate one entity's month, and the months before it in the same fiscal year."""
        known = self._translations.get(entity.code, {}).get(month)
        return known or self._translate(entity, month, self._due(entity, month), None)

    def _together(self, month: Period) -> None:
        """Translate a month, and those it builds on, company beside company."""
        scope = [
            entity
            for entity in self._in_scope(str(month))
            if (entity.code, str(month)) in self._balances
            and month not in self._translations.get(entity.code, {})
        ]
        for earlier in {each for entity in scope for each in self._needed(entity, month)}:
            self._together(earlier)
        due: dict[str, _Due] = {}
        for entity in scope:
            with suppress(CloseError):  # said when it is this one's turn
                due[entity.code] = self._due(entity, month)
        alike = translate_alike(
            [each.balance for each in due.values()],
            {code: each.rates for code, each in due.items()},
            self.group.chart,
            {code: each.before for code, each in due.items() if each.before},
        )
        for code, each in due.items():
            with suppress(CloseError):
                self._translate(self._entities[code], month, each, alike.get(code))

    def _needed(self, entity: Entity, month: Period) -> Iterator[Period]:
        """The months that one entity's month is translated from."""
        start = self._start(entity, month)
        if month > start and entity.currency != self.group.presentation:
            yield month.plus(-1)
        if start > self._first(entity):
            yield start.plus(-1)

    def _translate(
        self, entity: Entity, month: Period, due: _Due, alike: AtClassRates | None
    ) -> _Translated:
        """Translate and remember."""
        translation = translate(
            due.balance, due.rates, self.group.chart, due.opening, due.before, alike
        )
        made = (due.rates, translation, due.opening)
        self._translations.setdefault(entity.code, {})[month] = made
        return made

    def _due(self, entity: Entity, month: Period) -> _Due:
        """Find in the records what one entity's month is translated with."""
        balance = self._balance(entity.code, str(month), str(month))
        start = self._start(entity, month)
        carried, before = self._carried(entity, start), None
        self._check_purchase(entity, month)
        if entity.currency != self.group.presentation:
            if month > start:
                self._balance(entity.code, str(month.plus(-1)), str(month))
                before = self._month(entity, month.plus(-1))[1]
            else:
                before = self._result_before(entity, carried)
        rates, opening = entity_facts(self.group, entity, balance, carried)
        return _Due(balance, rates, opening, before)

    def _carried(self, entity: Entity, start: Period) -> Carried:
        """What an entity brings into *start*: from the last close, or as loaded."""
        if start == self._first(entity):
            return carried_from_openings(self.group, entity, start)
        last = start.plus(-1)
        self._balance(entity.code, str(last), str(start))
        return carried_from_close(self.group, self._month(entity, last)[1])

    def _result_before(self, entity: Entity, carried: Carried) -> Translation | None:
        """Income and expense of the fiscal year before the first month, as loaded."""
        chart, start = self.group.chart, carried.start
        rows = {a: both for a, both in carried.accounts.items() if chart.kind(a) in RESULT}
        year = self.group.fiscal_year.start(start)
        if start == year:
            return None
        if not rows:
            if entity.first_period == str(start) and not carried.accounts:
                return None  # it began with this month
            raise OpeningResultMissing(entity.code, str(start), str(year))
        reported = np.array([both[0] for both in rows.values()], dtype=np.int64)
        translated = np.array([both[1] for both in rows.values()], dtype=np.int64)
        return Translation(
            entity=entity.code,
            period=str(start.plus(-1)),
            functional=entity.currency,
            presentation=self.group.presentation,
            accounts=tuple(rows),
            partners=(),
            amounts=translated,
            reported=reported,
            net_income=-int(translated.sum()),
            net_assets=0,
            cta=Rollforward(carried.cta or 0, 0),
            rounded_results=len(rows),
        )

    def _check_records(self) -> None:
        """Refuse a record of a company or an account that the group does not have."""
        group = self.group
        named = [(row.entity, row.account) for row in group.openings]
        named += [(paid.entity, paid.account) for paid in group.contributions]
        named += [(item.entity, item.account) for item in group.items]
        for moved in group.transfers:
            named += [(moved.entity, moved.source), (moved.entity, moved.account)]
        for bought in group.acquisitions:
            named += [(bought.target, account) for account in bought.equity]
            named.append((bought.acquirer, bought.investment_account))
        for dividend in group.dividends:
            named.append((dividend.payer, group.chart.roles.dividends))
            named += [(part.holder, part.income_account) for part in dividend.received]
        for code, account in named:
            if code not in self._entities:
                raise UnknownEntity(code, group.code)
            if account and account not in group.chart:
                raise UnknownAccount(account, code)

    def _check_purchase(self, entity: Entity, month: Period) -> None:
        """Refuse a purchase within a fiscal year, whose earlier result would count as ours."""
        year = self.group.fiscal_year.start(month)
        for acquisition in self.group.acquisitions_of.get(entity.code, ()):
            if acquisition.on is None:
                continue
            bought = acquisition.kind == "purchase" and year <= Period.of(acquisition.on) <= month
            if bought and acquisition.on > year.first_day:
                raise BoughtWithinYear(entity.code, str(acquisition.on), str(year))

    def _add_up(self, facts: PeriodFacts, translations: list[Translation]) -> Book:
        """Eliminate, attribute and add the layers of one month."""
        in_scope = tuple(self._in_scope(facts.period))
        month = Month(self.group, in_scope, facts, translations)
        keys = [(t.entity, t.period) for t in translations]
        return month.book(
            tuple(self._raw[key] for key in keys), tuple(self._balances[key] for key in keys)
        )
