"""One month's close, whole: what the CFO signs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monthclose.ledger.accounts import CONTRIBUTED, RESULT, AccountClass, Chart
from monthclose.ledger.acquisitions import Transfer, moved_into
from monthclose.ledger.adjustments import PostedAdjustment
from monthclose.ledger.associates import Equity
from monthclose.ledger.balances import RawBalance, TrialBalance
from monthclose.ledger.digest import Stream, digest
from monthclose.ledger.equity import EquityRollforward, EquityStatement, NciRollforward, OutsidePart
from monthclose.ledger.events import Change
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import Match, Unmatched
from monthclose.ledger.journal import GROUP_LAYERS, Entry
from monthclose.ledger.money import Amounts, total
from monthclose.ledger.periods import Period
from monthclose.ledger.purchases import GoodwillSchedule, PurchaseLayer, Schedule
from monthclose.ledger.reconciliation import Reconciliation
from monthclose.ledger.restatements import Restatement
from monthclose.ledger.translations import Rollforward, Translation


@dataclass(frozen=True, slots=True)
class Purchase:
    """
    A purchase equation and where its goodwill stands.

    Functional figures are minor units of the target's currency, the others of the
    presentation currency; all natural (an asset, a gain, an interest is positive).

    Attributes:
        acquisition: Id of the acquisition.
        target: The company.
        currency: The target's currency.
        consideration: Given, functional.
        nci: Outsiders at acquisition, functional.
        book_equity: The target's equity at acquisition, functional.
        goodwill: At acquisition, functional; nil in a bargain purchase.
        bargain_gain: At acquisition, functional.
        goodwill_presentation: At acquisition.
        goodwill_closing: At the closing rate (IAS 21.47).
        gain_presentation: The bargain gain at acquisition.
        nci_presentation: At acquisition.
        cta: Roll-forward of the goodwill's own CTA, a gain is positive.
        previously_held: Fair value of the interest held before, functional.
        step_ups: Their sum at acquisition, functional.
        deferred_tax: On them at acquisition, functional, a liability is positive.
        schedule: The step-ups since; None without any.
        goodwill_schedule: Goodwill since, functional.
        fair_value_layer: The step-ups and their deferred tax; None without any.
        goodwill_layer: Goodwill, with what was charged on it.
    """

    acquisition: str
    target: str
    currency: str
    consideration: int
    nci: int
    book_equity: int
    goodwill: int
    bargain_gain: int
    goodwill_presentation: int
    goodwill_closing: int
    gain_presentation: int
    nci_presentation: int
    cta: Rollforward
    previously_held: int = 0
    step_ups: int = 0
    deferred_tax: int = 0
    schedule: Schedule | None = None
    goodwill_schedule: GoodwillSchedule = field(default_factory=GoodwillSchedule)
    fair_value_layer: PurchaseLayer | None = None
    goodwill_layer: PurchaseLayer | None = None

    @property
    def identifiable_net_assets(self) -> int:
        """Book equity, step-ups and their deferred tax at acquisition, functional."""
        return self.book_equity + self.step_ups - self.deferred_tax

    @property
    def layers(self) -> tuple[PurchaseLayer, ...]:
        """What has a CTA of its own: goodwill, the fair value layer."""
        both = (self.goodwill_layer, self.fair_value_layer)
        return tuple(each for each in both if each is not None)


@dataclass(frozen=True, slots=True)
class Totals:
    """
    Headline figures, minor units of the presentation currency, natural signs.

    `reclassified` is the part of the CTA's movement that went to the result, where a gain
    became income: negative for a gain; `oci_associates` the share of what associates recorded
    as other comprehensive income; `oci_other` what companies did, that of outsiders included.
    """

    total_assets: int
    total_liabilities: int
    equity_attributable_to_parent: int
    non_controlling_interests: int
    net_income: int
    net_income_parent: int
    net_income_nci: int
    oci_cta: int
    oci_cta_parent: int
    oci_cta_nci: int
    reclassified: int = 0
    oci_associates: int = 0
    oci_other: int = 0
    oci_other_nci: int = 0

    @property
    def total_equity(self) -> int:
        """Owners of the parent and outsiders."""
        return self.equity_attributable_to_parent + self.non_controlling_interests

    @property
    def comprehensive_income(self) -> int:
        """Result and other comprehensive income."""
        return self.net_income + self.oci_cta + self.oci_other + self.oci_associates

    @property
    def comprehensive_nci(self) -> int:
        """The outsiders' part of it."""
        return self.net_income_nci + self.oci_cta_nci + self.oci_other_nci


@dataclass(frozen=True, slots=True)
class ClosedPosition:
    """
    Where a close left one entity, presentation currency, credit positive.

    Attributes:
        entity: Short code.
        cta: Roll-forward of its CTA over the fiscal year to date.
        retained: Its retained earnings: as they opened, and with the result, the
            dividends and the transfers of the year to date. Of an associate: the holder's
            share of result and OCI since the purchase, less dividends.
        nci: Outsiders in it over the same time.
        restated: What its openings hold of corrections of prior periods; None: nothing.
        kept: Whether it is an associate that was a subsidiary, and has a position as that
            too until the year ends.
    """

    entity: str
    cta: Rollforward
    retained: Rollforward
    nci: Rollforward
    restated: Restatement | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class LastClose:
    """
    What the close of a month left for the next one to open with.

    Attributes:
        period: The month that was closed.
        positions: By entity.
        beside: Equity that entries beside the books add: of the layer `gaap` by company and
            topic, manual ones each.
    """

    period: str
    positions: tuple[ClosedPosition, ...]
    beside: Mapping[str, Rollforward] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Book:
    """
    All that a close of one month produced.

    Attributes:
        group: The group it is of, as described.
        facts: Dated records resolved for the month.
        raw: Balances as they were sent.
        balances: The same in the standard chart, functional currency.
        translations: One an entity, in the group's order.
        before: Balances of the month before, by entity, where they are loaded.
        entries: Eliminations, goodwill and attribution to outsiders.
        layers: (a, 6) minor units of the presentation currency by account of the chart and
            layer (`GROUP_LAYERS`), debit positive; every column sums to zero.
        purchases: Purchase equations, by acquisition.
        nci: Roll-forwards of the subsidiaries that have outsiders.
        equity: Roll-forward of the group's equity.
        changes_in_equity: The statement of changes in equity.
        matches: Intercompany items that face each other, in order of matching.
        unmatched: Those that found no other side, and stand in the figures.
        changes: What changes of ownership did.
        restatements: What corrections of prior periods did to openings, by entity.
        associates: What the equity method came to, by associate.
        reconciliation: To the other framework; None: no entry leads there.
        manual: What manual entries did to equity.
    """

    group: Group
    facts: PeriodFacts
    raw: tuple[RawBalance, ...]
    balances: tuple[TrialBalance, ...]
    translations: tuple[Translation, ...]
    entries: tuple[Entry, ...]
    layers: NDArray[np.int64]
    before: Mapping[str, TrialBalance] = field(default_factory=dict)
    purchases: Mapping[str, Purchase] = field(default_factory=dict)
    nci: Mapping[str, NciRollforward] = field(default_factory=dict)
    equity: EquityRollforward | None = None
    changes_in_equity: EquityStatement | None = None
    matches: tuple[Match, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    changes: tuple[Change, ...] = ()
    restatements: Mapping[str, Restatement] = field(default_factory=dict)
    associates: Mapping[str, Equity] = field(default_factory=dict)
    reconciliation: Reconciliation | None = None
    manual: tuple[PostedAdjustment, ...] = ()
    outside: Mapping[str, tuple[OutsidePart, ...]] = field(default_factory=dict)

    @property
    def period(self) -> str:
        """The month, such as `2025-06`."""
        return self.facts.period

    @property
    def presentation(self) -> str:
        """Currency of every consolidated figure."""
        return self.group.presentation

    @property
    def chart(self) -> Chart:
        """The standard chart."""
        return self.group.chart

    @property
    def reporting_dates(self) -> Mapping[str, date]:
        """The day of the books of companies that have another one than the group (IFRS 12)."""
        if not self.group.lags:
            return {}
        associates = {each.investee for each in self.facts.associates}
        month = Period.parse(self.period)
        reported = {
            each.code: self.group.reported(each.code, month).last_day
            for each in self.group.in_month(self.period, associates)
            if each.reporting_lag
        }
        return {code: on for code, on in reported.items() if on != month.last_day}

    @cached_property
    def consolidated(self) -> Amounts:
        """(a,) the sum of the layers: the trial balance before closing, debit positive."""
        return np.asarray(self.layers.sum(axis=1), dtype=np.int64)

    @cached_property
    def closed(self) -> Amounts:
        """(a,) the balance sheet: result and dividends closed into retained earnings."""
        closing = self.chart.of_kind(*RESULT, AccountClass.DIVIDENDS)
        sheet = np.where(closing, 0, self.consolidated)
        place = self.chart.index[self.chart.roles.retained_earnings]
        sheet[place] += total(self.consolidated[closing])
        return sheet

    def figure(self, account: str) -> int:
        """One consolidated account before closing, minor units, debit positive."""
        return int(self.consolidated[self.chart.index[account]])

    def of_kind(self, *kinds: AccountClass) -> int:
        """The sum of the accounts of *kinds* in the balance sheet, debit positive."""
        return total(self.closed[self.chart.of_kind(*kinds)])

    @cached_property
    def totals(self) -> Totals:
        """Headline figures, read off the layers and the roll-forwards."""
        result = -total(self.consolidated[self.chart.of_kind(*RESULT)])
        nci_profit = sum(each.share_of_profit for each in self.nci.values())
        nci_cta = sum(each.share_of_cta for each in self.nci.values())
        nci_oci = sum(each.share_of_oci for each in self.nci.values())
        movement = 0
        if self.equity:
            # What passed between owners and outsiders is no income of either.
            movement = self.equity.cta_parent.movement + self.equity.cta_reattributed
        outside = -self.of_kind(AccountClass.NCI)
        equity = -self.of_kind(
            *CONTRIBUTED, AccountClass.RETAINED_EARNINGS, AccountClass.OCI, AccountClass.CTA
        )
        return Totals(
            total_assets=self.of_kind(AccountClass.ASSET),
            total_liabilities=-self.of_kind(AccountClass.LIABILITY),
            equity_attributable_to_parent=equity,
            non_controlling_interests=outside,
            net_income=result,
            net_income_parent=result - nci_profit,
            net_income_nci=nci_profit,
            oci_cta=movement + nci_cta,
            oci_cta_parent=movement,
            oci_cta_nci=nci_cta,
            reclassified=-sum(each.cta_recycled for each in self.changes),
            oci_associates=sum(
                each.oci.movement + each.oci_released for each in self.associates.values()
            ),
            oci_other=nci_oci + (self.equity.oci_parent if self.equity else 0),
            oci_other_nci=nci_oci,
        )

    @cached_property
    def entity_amounts(self) -> NDArray[np.int64]:
        """(e, a) translated balances with their CTA, by entity and account of the chart."""
        table = np.zeros((len(self.translations), len(self.chart.accounts)), dtype=np.int64)
        cta = self.chart.index[self.chart.roles.cta]
        for row, translation in zip(table, self.translations, strict=True):
            places = self.chart.slots(translation.accounts, translation.entity).chart
            np.add.at(row, places, translation.amounts)
            row[cta] -= translation.cta.closing
        return table

    def left(self) -> LastClose:
        """What this close leaves for the next one to open with."""
        chart, retained = self.chart, self.chart.roles.retained_earnings
        # What a company bought this year had earned before is retained from the next one on.
        earned = [chart.index[each] for each in chart.roles.retained_in_all]
        earning = chart.of_kind(*RESULT, AccountClass.DIVIDENDS)
        moves: dict[str, list[Transfer]] = {}
        for each in self.facts.transfers:
            moves.setdefault(each.entity, []).append(each)
        positions = []
        for translation, row in zip(self.translations, self.entity_amounts, strict=True):
            outsiders = self.nci.get(translation.entity)
            opening, closing = (outsiders.opening, outsiders.closing) if outsiders else (0, 0)
            moved = moved_into(moves.get(translation.entity, ()), (retained,))
            positions.append(
                ClosedPosition(
                    translation.entity,
                    translation.cta,
                    Rollforward(-total(row[earned]) - moved, moved - total(row[earning])),
                    Rollforward(opening, closing - opening),
                    self.restatements.get(translation.entity),
                )
            )
        kept = {
            code for code, on in self.group.kept_on.items() if str(Period.of(on)) <= self.period
        }
        consolidated = {translation.entity for translation in self.translations}
        positions += [
            ClosedPosition(
                each.investee,
                each.cta,
                Rollforward(
                    each.opening_result + each.oci.opening,
                    each.income
                    - each.received
                    + each.made_good
                    + each.oci.movement
                    + each.oci_released,
                ),
                Rollforward(0, 0),
                kept=each.investee in kept,
            )
            for each in self.associates.values()
            if each.investee in kept or each.investee not in consolidated  # a subsidiary since
        ]
        beside = self.reconciliation.rolled if self.reconciliation else {}
        beside |= {each.name: each.equity for each in self.manual}
        return LastClose(self.period, tuple(positions), beside)

    def _streamed(self) -> Iterator[tuple[Any, ...]]:
        """The lines of each translation in order of entities, one entity at a time."""
        for translation in sorted(self.translations, key=lambda each: each.entity):
            yield self._lines(translation)

    def _lines(self, translation: Translation) -> tuple[Any, ...]:
        """The lines of a translation in order of the chart and of partners."""
        places = self.chart.slots(translation.accounts, translation.entity).chart
        partners = translation.partners
        ranks = {partner: rank for rank, partner in enumerate(sorted(set(partners)))}
        minor = [ranks[partner] for partner in partners] or [0] * len(places)
        order = np.lexsort((np.array(minor, dtype=np.intp), places))
        return (
            translation.entity,
            places[order].astype(np.int64),
            tuple(partners[line] for line in order.tolist()) if partners else (),
            translation.reported[order],
            translation.amounts[order],
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every figure and entry, whatever order companies and lines came in."""
        return digest(
            self.group.code,
            self.period,
            self.presentation,
            self.chart.codes,
            self.layers,
            Stream(len(self.translations), self._streamed()),
            sorted(self.entries, key=lambda each: each.id),
            [layer.value for layer in GROUP_LAYERS],
            self.nci,
            *(each.content for each in self.group.subscriptions if each.period <= self.period),
            *((self.reconciliation,) if self.reconciliation else ()),
        )
