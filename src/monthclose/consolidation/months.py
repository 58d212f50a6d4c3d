"""The months of every company: what is loaded, and how one is translated from the one before."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from monthclose.consolidation.alike import AtClassRates, translate_alike
from monthclose.consolidation.before_control import (
    ResultBeforeMissing,
    bought_within,
    cut_from,
    with_results,
)
from monthclose.consolidation.facts import (
    Carried,
    carried_from_close,
    carried_from_openings,
    entity_facts,
)
from monthclose.consolidation.indexed import (
    IndexedBooks,
    as_balance,
    check_supported,
    restate_month,
)
from monthclose.consolidation.own_years import check_year, year_entries
from monthclose.consolidation.policy import with_policy
from monthclose.consolidation.preacquisition import without_result
from monthclose.consolidation.reporting_dates import entries_between
from monthclose.consolidation.translation import translate
from monthclose.ledger.accounts import RESULT
from monthclose.ledger.acquisitions import AcquisitionKind
from monthclose.ledger.balances import OpeningPosition, PeriodRates, RawBalance, TrialBalance
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.hyperinflation import Restated
from monthclose.ledger.lineage import EntityMonth
from monthclose.ledger.periods import NotAPeriod, Period
from monthclose.ledger.translations import Rollforward, Translation


class BalanceMissing(CloseError):
    """A month of an entity that the close needs was not loaded."""

    code = "balance-missing"

    def __init__(self, entity: str, period: str, needed_for: str) -> None:
        super().__init__(entity=entity, period=period, needed_for=needed_for)


class BalanceAfterSale(CloseError):
    """A balance of a company for a month in which it was no longer the group's."""

    code = "balance-after-sale"

    def __init__(self, entity: str, period: str, on: date) -> None:
        super().__init__(entity=entity, period=period, on=str(on))


class OpeningResultMissing(CloseError):
    """The first month does not open a fiscal year, and the result so far is not stated."""

    code = "opening-result-missing"

    def __init__(self, entity: str, period: str, year_start: str) -> None:
        super().__init__(entity=entity, period=period, year_start=year_start)


type Translated = tuple[PeriodRates, Translation, OpeningPosition]
"""A company's month: its quotes, its translation, and where its roll-forward started."""


@dataclass(frozen=True, slots=True)
class _Due:
    """One entity's month about to be translated, and what with."""

    balance: TrialBalance
    rates: PeriodRates
    opening: OpeningPosition
    before: Translation | None


class Months:
    """
    What is loaded of each company and month, and what has been translated of it.

    A month is translated from the one before, so what was once translated is kept; the
    order in which balances are loaded changes nothing.

    Attributes:
        entities: Its companies, by code.
        raw: Balances as they were sent, by company and month.
        balances: The same in the standard chart.
        restated: Books restated with a price index, by company and month.
    """

    def __init__(self, group: Group) -> None:
        self._given = self._with_years = group
        self._turned = False
        self.entities = {entity.code: entity for entity in group.entities}
        self.raw: dict[tuple[str, str], RawBalance] = {}
        self.balances: dict[tuple[str, str], TrialBalance] = {}
        self.restated: dict[tuple[str, str], Restated] = {}
        self._first_loaded: dict[str, str] = {}
        self._translations: dict[str, dict[Period, Translated]] = {}
        self._records: tuple[Group, frozenset[str]] | None = None
        self._bought_within = bought_within(group)

    def regroup(self, group: Group) -> None:
        """Go on with other companies; what was translated is forgotten."""
        self._given = self._with_years = group
        self._turned = False
        self.entities = {entity.code: entity for entity in group.entities}
        self._translations.clear()
        self._records = None
        self._bought_within = bought_within(group)

    @property
    def group(self) -> Group:
        """The group and its records, with what own fiscal years and reporting dates ask for."""
        if not self._turned:
            self._turned = True
            made = [
                entry
                for entity in self._given.entities
                if entity.year_end or entity.reporting_lag
                for entry in (
                    *year_entries(self._given, entity, self.balances),
                    *entries_between(self._given, entity),
                )
            ]
            self._with_years = self._given
            if made:
                adjustments = (*self._given.adjustments, *made)
                self._with_years = replace(self._given, adjustments=adjustments)
        return self._with_years

    def load(self, raw: RawBalance, mapped: TrialBalance) -> None:
        """
        Keep a balance, and forget what was translated from another of this company.

        Raises:
            BalanceAfterSale: the company had left the group by then.
        """
        key = (raw.entity, raw.period)
        sold = self.group.sold_on.get(raw.entity)
        kept = raw.entity in self.group.kept_on
        if sold is not None and not kept and raw.period > str(Period.of(sold)):
            raise BalanceAfterSale(raw.entity, raw.period, sold)
        self.raw[key], self.balances[key] = raw, mapped
        loaded = self._first_loaded.get(raw.entity, raw.period)
        self._first_loaded[raw.entity] = min(loaded, raw.period)
        self._translations.pop(raw.entity, None)  # the others do not build on it
        if self._own_dates(raw.entity):
            self._turned, self._records = False, None
        if raw.entity in self._bought_within:
            self._records = None  # what it had earned when it was bought may be in it

    @property
    def records(self) -> Group:
        """
        The group with what companies bought within a year had earned before.

        Raises:
            RoleMissing: the chart names no account for it.
        """
        return self._completed[0]

    @property
    def _completed(self) -> tuple[Group, frozenset[str]]:
        """The group's records, and the purchases whose result before is not known."""
        if self._records is None:
            firsts = {
                code: self.first(entity)
                for code, entity in self.entities.items()
                if code in self._first_loaded and code in self._bought_within
            }
            self._records = with_results(self.group, self.balances, firsts)
        return self._records

    def balance(self, entity: str, period: str, needed_for: str) -> TrialBalance:
        """The balance of a company and month in the standard chart."""
        try:
            return self.balances[entity, period]
        except KeyError:
            raise BalanceMissing(entity, period, needed_for) from None

    def own(self, entity: str, period: str, needed_for: str) -> TrialBalance:
        """The same with the policy entries made beside it: a company's own layers together."""
        balance, company = self.balance(entity, period, needed_for), self.entities[entity]
        if self._own_dates(entity) and (month := Period.parse(period)) >= self.first(company):
            check_year(self.group, company, month, self.balances)  # no result of before is shown
        return with_policy(self.group, balance)

    def _own_dates(self, code: str) -> bool:
        """Whether the fiscal years or the reporting date of a company may be its own."""
        entity = self.entities[code]
        return bool(entity.year_end or entity.reporting_lag)

    def last(self, keys: Iterable[tuple[str, str]]) -> dict[str, TrialBalance]:
        """The balances of the months before some, by entity, where they are loaded."""
        found: dict[str, TrialBalance] = {}
        before: dict[str, str] = {}  # of nearly all it is one month
        for entity, period in keys:
            if period not in before:
                before[period] = _month_before(period)
            balance = self.balances.get((entity, before[period]))
            if balance is not None:
                found[entity] = balance
        return found

    def in_scope(self, period: str) -> list[Entity]:
        """Consolidated entities that belong to the group in *period*, in order of registration."""
        return self.group.consolidated_in(period)

    def before(self, entity: str, period: str) -> EntityMonth | None:
        """
        The month that the translation of an entity's month builds on.

        Args:
            entity: Its code.
            period: A month that was translated.

        Returns:
            The month before in the same fiscal year, or the result of the year so far as
            loaded; None when there is neither.
        """
        company, month = self.entities[entity], Period.parse(period)
        if company.currency == self.group.presentation:
            return None
        start = self.start(company, month)
        if month > start:
            key = (entity, str(last := month.plus(-1)))
            rates, translation, _ = self.month(company, last)
            return EntityMonth(translation, rates, self.raw[key], self.balances[key])
        before = self.result_before(company, self.carried(company, start))
        return EntityMonth(before) if before else None

    def first(self, entity: Entity) -> Period:
        """The first month of an entity in this group's records."""
        firsts = [text for text in (self.group.first_period, entity.first_period) if text]
        if not firsts:
            firsts = [self._first_loaded[entity.code]]
        return Period.parse(max(firsts))

    def start(self, entity: Entity, month: Period) -> Period:
        """The month from which the roll-forward of *month* runs: of the year, or the first."""
        month = self.group.until(entity.code, month)
        self.balance(entity.code, str(month), str(month))
        return max(self.group.fiscal_year.start(month), self.first(entity))

    def month(self, entity: Entity, month: Period) -> Translated:
        """
        Translate one entity's month, and the months before it in the same fiscal year.

        A company that was sold stays as it was on the day.
        """
        month = self.group.until(entity.code, month)
        known = self._translations.get(entity.code, {}).get(month)
        return known or self._translate(entity, month, self._due(entity, month), None)

    def together(self, month: Period) -> None:
        """Translate a month, and those it builds on, company beside company."""
        scope = [
            entity
            for entity in self.in_scope(str(month))
            if (entity.code, str(month)) in self.balances
            and month not in self._translations.get(entity.code, {})
        ]
        for earlier in {each for entity in scope for each in self._needed(entity, month)}:
            self.together(earlier)
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
                self._translate(self.entities[code], month, each, alike.get(code))

    def _needed(self, entity: Entity, month: Period) -> Iterator[Period]:
        """The months that one entity's month is translated from."""
        start = self.start(entity, month)
        if month > start and entity.currency != self.group.presentation:
            yield month.plus(-1)
        if start > self.first(entity):
            yield start.plus(-1)

    def _translate(
        self, entity: Entity, month: Period, due: _Due, alike: AtClassRates | None
    ) -> Translated:
        """Translate and remember."""
        translation = translate(
            due.balance, due.rates, self.group.chart, due.opening, due.before, alike
        )
        made = (due.rates, translation, due.opening)
        self._translations.setdefault(entity.code, {})[month] = made
        return made

    def _due(self, entity: Entity, month: Period) -> _Due:
        """Find in the records what one entity's month is translated with."""
        if entity.index:
            check_supported(self.group, entity, month)
        balance = self.since_control(entity, month)
        start = self.start(entity, month)
        carried, before = self.carried(entity, start), None
        if entity.currency != self.group.presentation and not entity.index:
            if month > start:
                self.balance(entity.code, str(month.plus(-1)), str(month))
                before = self.month(entity, month.plus(-1))[1]
            else:
                before = self.result_before(entity, carried)
        rates, opening = entity_facts(self.records, entity, balance, carried)
        if entity.index:
            rates, restated = restate_month(
                self.group, self._indexed(entity, month, carried), rates
            )
            self.restated[entity.code, str(month)] = restated
            return _Due(as_balance(restated), rates, opening, None)
        return _Due(balance, rates, opening, before)

    def _indexed(self, entity: Entity, month: Period, carried: Carried) -> IndexedBooks:
        """The books that a restatement with a price index needs."""
        start, code = carried.start, entity.code
        walk = [start.plus(place) for place in range(start.until(month) + 1)]
        balances = tuple(self.own(code, str(each), str(month)) for each in walk)
        if not carried.accounts:
            return IndexedBooks(entity, balances, {})
        before = self.own(code, str(start.plus(-1)), str(start))
        first = start == self.first(entity)
        last = None if first else self.month(entity, start.plus(-1))[1]
        return IndexedBooks(entity, balances, carried.accounts, before, last, carried.restated)

    def carried(self, entity: Entity, start: Period) -> Carried:
        """What an entity brings into *start*: from the last close, or as loaded."""
        if start == self.first(entity):
            if entity.code in self.group.stepped_on:
                return Carried(start)  # what is stated is of the associate it was
            return carried_from_openings(self.group, entity, start)
        last = start.plus(-1)
        self.balance(entity.code, str(last), str(start))
        return carried_from_close(self.group, self.month(entity, last)[1])

    def result_before(self, entity: Entity, carried: Carried) -> Translation | None:
        """Income and expense of the fiscal year before the first month, as loaded."""
        chart, start = self.group.chart, carried.start
        rows = {a: both for a, both in carried.accounts.items() if chart.kind(a) in RESULT}
        year = self.group.fiscal_year.start(start)
        if start == year:
            return None
        if not rows:
            if not carried.accounts and self._began(entity, start):
                return None
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

    def since_control(self, entity: Entity, month: Period) -> TrialBalance:
        """
        A company's balance, without the result of a time when it was not the group's.

        That is part of what was bought: it stands in equity instead.

        Raises:
            BalanceMissing: the month was not loaded.
            ResultBeforeMissing: it was bought within its year, and that result is not known.
        """
        balance = self.own(entity.code, str(month), str(month))
        acquisitions = self.group.acquisitions_of.get(entity.code)
        if not acquisitions:
            return balance
        group, missing = self._completed
        for each in acquisitions:
            if each.id in missing and each.on is not None and each.on <= month.last_day:
                year = group.fiscal_year.start(Period.of(each.on))
                raise ResultBeforeMissing(each.id, entity.code, str(each.on), str(year))
        bought = cut_from(group, entity.code, month)
        return without_result(balance, bought, group.chart) if bought else balance

    def _began(self, entity: Entity, start: Period) -> bool:
        """Whether a company without openings began with a month within its fiscal year."""
        year = self.group.fiscal_year.start(start)
        days = [
            each.on
            for each in self.group.acquisitions_of.get(entity.code, ())
            if each.on is not None
            and each.kind in (AcquisitionKind.PURCHASE, AcquisitionKind.STEP)
            and each.on >= year.first_day
        ]
        if not days:
            return entity.first_period == str(start)
        # Bought before that day, it has months in the group that nobody stated.
        return min(days) >= start.plus(-1).last_day


def _month_before(period: str) -> str:
    """The month before one; empty when it is called by a label, as a worked case does."""
    try:
        return str(Period.parse(period).plus(-1))
    except NotAPeriod:
        return ""
