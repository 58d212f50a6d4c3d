"""A group as it is described: everything dated that a close reads beside the balances."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import (
    Acquisition,
    AcquisitionKind,
    Contribution,
    Dividend,
    GoodwillLoss,
    OpeningBalance,
    Received,
    Transfer,
)
from monthclose.ledger.adjustments import Adjustment, reclassified
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.changes import ChangeKind, OwnershipChange, gone_with, held_through
from monthclose.ledger.entities import Entity, Interest, Method, interests_on
from monthclose.ledger.equity import OciMovement
from monthclose.ledger.hyperinflation import IndexLevel, PriceIndex
from monthclose.ledger.intercompany import Item
from monthclose.ledger.journal import LayerName
from monthclose.ledger.loans import ExchangeDifference, Loan
from monthclose.ledger.mappings import EntityMapping
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.ledger.pickups import PickupMonth
from monthclose.ledger.profits import AssetSale, Unrealised
from monthclose.ledger.rates import RateTable
from monthclose.ledger.reductions import CapitalReduction
from monthclose.ledger.restatements import Correction
from monthclose.ledger.subscriptions import ContractMonth


@dataclass(frozen=True, eq=False)
class Group:
    """
    A group of companies and its records.

    Attributes:
        code: Short code, unique in an installation.
        name: Full name.
        presentation: ISO 4217 code of the currency it reports in.
        chart: The standard chart.
        entities: Its companies; exactly one is the parent.
        interests: Who owns what from which day.
        rates: Every quote loaded.
        mappings: Entity chart to standard chart, by entity; an entity without one keeps
            its books in the standard chart.
        openings: What the close before *first_period* left behind.
        acquisitions: Foundations and purchases.
        contributions: Capital paid in.
        reductions: Capital given back.
        recognised: Other comprehensive income, and what left its reserves.
        dividends: Dividends declared.
        transfers: Amounts moved inside equity.
        associate_months: What associates that send no balance earned.
        impairments: Losses on goodwill.
        pickups: What holders booked by equity pick-up in their separate books.
        items: What its companies have with each other: balances open at the end of a
            month, flows of the month.
        adjustments: Entries beside what the companies booked: policy, GAAP, manual.
        subscriptions: Contracts of its companies' customers, by company and month.
        indices: Levels of general price indices, by index and month.
        unrealised: Profit within the group that is still in stock, month by month.
        asset_sales: Assets sold within the group at a profit.
        loans: Designated as part of a net investment.
        exchange: What exchange rates did to those, month by month.
        corrections: Of errors of prior periods.
        changes: Companies sold, parts of them sold, and more of them bought.
        tolerance: Up to what part of the larger side two such items may differ.
        framework: `IFRS` or `US GAAP`: whose figures the book shows. Entries of the layer
            `gaap` lead from them to the other's.
        fiscal_year: Its calendar.
        first_period: First month it is closed for, empty: the first balance.
        language: Of its packs: `pt-BR` or `en`.
    """

    code: str
    name: str
    presentation: str
    chart: Chart
    entities: tuple[Entity, ...] = ()
    interests: tuple[Interest, ...] = ()
    rates: RateTable = field(default_factory=RateTable)
    mappings: Mapping[str, EntityMapping] = field(default_factory=dict)
    openings: tuple[OpeningBalance, ...] = ()
    acquisitions: tuple[Acquisition, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    reductions: tuple[CapitalReduction, ...] = ()
    recognised: tuple[OciMovement, ...] = ()
    dividends: tuple[Dividend, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    associate_months: tuple[AssociateMonth, ...] = ()
    impairments: tuple[GoodwillLoss, ...] = ()
    pickups: tuple[PickupMonth, ...] = ()
    items: tuple[Item, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    subscriptions: tuple[ContractMonth, ...] = ()
    indices: tuple[IndexLevel, ...] = ()
    unrealised: tuple[Unrealised, ...] = ()
    asset_sales: tuple[AssetSale, ...] = ()
    loans: tuple[Loan, ...] = ()
    exchange: tuple[ExchangeDifference, ...] = ()
    corrections: tuple[Correction, ...] = ()
    changes: tuple[OwnershipChange, ...] = ()
    tolerance: Fraction = Fraction(1, 100)
    framework: str = "IFRS"
    fiscal_year: FiscalYear = field(default_factory=FiscalYear)
    first_period: str = ""
    language: str = "en"

    # A close asks for the records of each company in turn; looked for one by one in all
    # of them, ten thousand companies would take a hundred times as long as a thousand.

    @cached_property
    def currencies(self) -> Mapping[str, str]:
        """Functional currency of each company."""
        return {entity.code: entity.currency for entity in self.entities}

    @cached_property
    def lags(self) -> Mapping[str, int]:
        """By how many months books are earlier; of companies with the group's date nothing."""
        return {each.code: each.reporting_lag for each in self.entities if each.reporting_lag}

    def own_year(self, entity: Entity) -> FiscalYear | None:
        """
        The fiscal year of a company's balances, in months of the group; None: it is the group's.

        One that ends in September ends in December of a group that gets the books of
        September three months later.
        """
        end = entity.year_end or self.fiscal_year.end_month
        end = (end + entity.reporting_lag - 1) % 12 + 1
        return None if end == self.fiscal_year.end_month else FiscalYear(end)

    def reported(self, code: str, month: Period) -> Period:
        """
        The month whose end a company's balance of a month of the group is of.

        Of the time before the group had it there is nothing to report: until its books of
        the month in which it came have their turn, they stand.

        Source:
            IFRS 10.B93; ASC 810-10-45-12.
        """
        lag = self.lags.get(code)
        if lag is None:
            return month
        came = [Period.of(a.on) for a in self.acquisitions_of.get(code, ()) if a.on is not None]
        books = month.plus(-lag)
        return max(books, min(month, *came)) if came else books

    @cached_property
    def prices(self) -> Mapping[str, PriceIndex]:
        """Price indices by code."""
        return {
            code: PriceIndex(code, {Period.parse(each.month): each.value_e10 for each in levels})
            for code, levels in _grouped(self.indices, lambda each: each.code).items()
        }

    def growth(self, entity: Entity, day: date, month: Period) -> Fraction:
        """
        What a unit of a company's currency of a day is worth in units of the end of a month.

        Returns:
            One for a company that is not restated.

        Raises:
            IndexMissing: the index of one of the two months was not loaded.
        """
        if not entity.index:
            return Fraction(1)
        index = self.prices.get(entity.index) or PriceIndex(entity.index, {})
        return index.factor(Period.of(day), month)

    @cached_property
    def openings_of(self) -> Mapping[str, tuple[OpeningBalance, ...]]:
        """Opening balances by company."""
        return _grouped(self.openings, lambda each: each.entity)

    @cached_property
    def acquisitions_of(self) -> Mapping[str, tuple[Acquisition, ...]]:
        """Foundations and purchases by target, without those of the associate it was before."""
        bought = tuple(each for each in self.acquisitions if not self.as_associate(each))
        return _grouped(bought, lambda each: each.target)

    @cached_property
    def acquisitions_by(self) -> Mapping[str, tuple[Acquisition, ...]]:
        """All acquisitions by acquirer."""
        return _grouped(self.acquisitions, lambda each: each.acquirer)

    def as_associate(self, acquisition: Acquisition) -> bool:
        """Whether shares were held as of an associate in what is or was a subsidiary too."""
        associate = acquisition.kind is AcquisitionKind.ASSOCIATE
        return associate and (
            acquisition.target in self.stepped_on or acquisition.target in self.kept_on
        )

    @cached_property
    def contributions_of(self) -> Mapping[str, tuple[Contribution, ...]]:
        """Capital paid in by company."""
        return _grouped(self.contributions, lambda each: each.entity)

    @cached_property
    def reductions_of(self) -> Mapping[str, tuple[CapitalReduction, ...]]:
        """Capital given back by company."""
        return _grouped(self.reductions, lambda each: each.entity)

    @cached_property
    def recognised_of(self) -> Mapping[str, tuple[OciMovement, ...]]:
        """Other comprehensive income by company."""
        return _grouped((*self.recognised, *self._reserved), lambda each: each.entity)

    @property
    def _reserved(self) -> Iterator[OciMovement]:
        """What equity pick-up brought into holders' own translation reserves, at month's end."""
        account = self.chart.roles.translation_reserve
        for each in self.pickups:
            if each.reserve and account:
                day, currency = Period.parse(each.period).last_day, self.currencies[each.holder]
                quote = None
                if currency != self.presentation:
                    quote = self.rates.closing(currency, self.presentation, day)
                yield OciMovement(each.holder, account, each.reserve, day, quote, each.acquisition)
        for sale in self.changes if account and self.pickups else ():
            if reserve := self.reserve_sold(sale):
                day, pair = sale.on, (self.currencies[sale.holder], self.presentation)
                quote = None
                if pair[0] != pair[1]:
                    quote = self.rates.historical(*pair, day)
                    if not quote or quote.on != str(day):
                        quote = self.rates.closing(*pair, day) or quote
                yield OciMovement(sale.holder, account, -reserve, day, quote, sale.entity)

    def reserve_sold(self, sale: OwnershipChange) -> int:
        """What of its own translation reserve a holder took to the result with a company."""
        if sale.kind is not ChangeKind.DISPOSAL:
            return 0
        bought = {
            e.id for e in self.acquisitions_by.get(sale.holder, ()) if e.target == sale.entity
        }
        booked = self.pickups_of.get(sale.holder, ())
        return sum(each.reserve for each in booked if each.acquisition in bought)

    @cached_property
    def dividends_of(self) -> Mapping[str, tuple[Dividend, ...]]:
        """Dividends by payer."""
        return _grouped(self.dividends, lambda each: each.payer)

    @cached_property
    def transfers_of(self) -> Mapping[str, tuple[Transfer, ...]]:
        """Transfers inside equity by company."""
        return _grouped(self.transfers, lambda each: each.entity)

    @cached_property
    def associate_months_of(self) -> Mapping[str, tuple[AssociateMonth, ...]]:
        """What was recorded of associates, by associate."""
        return _grouped(self.associate_months, lambda each: each.entity)

    @cached_property
    def impairments_of(self) -> Mapping[str, tuple[GoodwillLoss, ...]]:
        """Losses on goodwill by acquisition."""
        return _grouped(self.impairments, lambda each: each.acquisition)

    @cached_property
    def pickups_of(self) -> Mapping[str, tuple[PickupMonth, ...]]:
        """Equity pick-up by holder."""
        return _grouped(self.pickups, lambda each: each.holder)

    @cached_property
    def picked_up(self) -> frozenset[tuple[str, str]]:
        """Holder and company of every investment under equity pick-up."""
        ids = {each.acquisition for each in self.pickups}
        return frozenset((a.acquirer, a.target) for a in self.acquisitions if a.id in ids)

    @cached_property
    def dividends_to(self) -> Mapping[str, tuple[tuple[Dividend, Received], ...]]:
        """What each holder received, with the dividend it is part of."""
        received = tuple((each, part) for each in self.dividends for part in each.received)
        return _grouped(received, lambda pair: pair[1].holder)

    @cached_property
    def items_in(self) -> Mapping[str, tuple[Item, ...]]:
        """Intercompany items by month."""
        return _grouped(self.items, lambda each: each.period)

    @cached_property
    def adjustments_of(self) -> Mapping[tuple[str, LayerName], tuple[Adjustment, ...]]:
        """Entries beside the books by company and layer, interest on equity among them."""
        entries = (*self.adjustments, *reclassified(self.dividends, self.chart))
        return _grouped(entries, lambda each: (each.entity, each.layer))

    @cached_property
    def unrealised_of(self) -> Mapping[str, tuple[Unrealised, ...]]:
        """Records of each profit in stock, month after month."""
        return _grouped(self.unrealised, lambda each: each.id)

    @cached_property
    def exchange_of(self) -> Mapping[str, tuple[ExchangeDifference, ...]]:
        """Exchange differences of each designated loan, month after month."""
        return _grouped(self.exchange, lambda each: each.loan)

    @cached_property
    def corrections_of(self) -> Mapping[str, tuple[Correction, ...]]:
        """Corrections of prior periods by company."""
        return _grouped(self.corrections, lambda each: each.entity)

    @cached_property
    def changes_of(self) -> Mapping[str, tuple[OwnershipChange, ...]]:
        """Changes of who owns what of subsidiaries, by company, in order of their days."""
        dated = sorted(self.changes, key=lambda each: each.on)
        of_control = (e for e in dated if e.kind is not ChangeKind.ASSOCIATE_SALE)
        return _grouped(tuple(of_control), lambda each: each.entity)

    @cached_property
    def associate_sales_of(self) -> Mapping[str, tuple[OwnershipChange, ...]]:
        """Sales of shares of associates, by associate, in order of their days."""
        sold = (e for e in self.changes if e.kind is ChangeKind.ASSOCIATE_SALE)
        dated = tuple(sorted(sold, key=lambda each: each.on))
        return _grouped(dated, lambda each: each.entity)

    @cached_property
    def associates_gone(self) -> Mapping[str, date]:
        """The day on which the last shares of each associate that was sold whole were sold."""
        gone: dict[str, date] = {}
        for code, sales in self.associate_sales_of.items():
            held = tuple(each for each in self.interests if each.investee == code)
            days = [each.on for each in sales if not interests_on(held, each.on)]
            gone |= {code: days[0]} if days else {}
        return gone

    @cached_property
    def changes_by(self) -> Mapping[str, tuple[OwnershipChange, ...]]:
        """Changes of ownership by who sold or bought."""
        return _grouped(self.changes, lambda each: each.holder)

    @cached_property
    def sold_on(self) -> Mapping[str, date]:
        """The day on which each company left the group: sold whole, or below one that was."""
        gone = ChangeKind.DISPOSAL
        sold = {each.entity: each.on for each in self.changes if each.kind is gone}
        if sold:
            equity = [each.code for each in self.entities if each.method is Method.EQUITY]
            below = gone_with(self.changes, self.interests, equity)
            sold |= {code: sale.on for code, sale in below.items()}
        return sold

    @cached_property
    def kept_on(self) -> Mapping[str, date]:
        """The day on which each subsidiary became an associate: control went, a part was kept."""
        return {each.entity: each.on for each in self.changes if each.retained_cost is not None}

    @cached_property
    def stepped_on(self) -> Mapping[str, date]:
        """The day on which each associate became a subsidiary."""
        step = ChangeKind.STEP
        return {each.entity: each.on for each in self.changes if each.kind is step}

    def reached_by(self, change: OwnershipChange) -> tuple[str, ...]:
        """Subsidiaries below a company when shares of it changed hands: theirs did, through it."""
        gone = change.kind is ChangeKind.DISPOSAL
        day = change.on - timedelta(days=1) if gone else change.on
        below = held_through(change.entity, interests_on(self.interests, day))
        if not below:
            return ()
        equity = {each.code for each in self.entities if each.method is Method.EQUITY}
        return tuple(sorted(below - equity))

    @cached_property
    def touching(self) -> Mapping[str, tuple[OwnershipChange, ...]]:
        """Changes of ownership by every company that they reach, in order of their days."""
        found: dict[str, list[OwnershipChange]] = {}
        for change in sorted(self.changes, key=lambda each: each.on):
            for code in (change.entity, *self.reached_by(change)):
                found.setdefault(code, []).append(change)
        return {code: tuple(each) for code, each in found.items()}

    def consolidated_in(self, period: str) -> list[Entity]:
        """
        Companies that are consolidated in a month, in order of registration.

        A company sold stays until its fiscal year ends: its result up to the day, the gain
        and the CTA that was recycled are figures of the whole year.
        """
        return self.in_month(period, ())

    def in_month(self, period: str, associates: Container[str]) -> list[Entity]:
        """The same, with those associates that are named."""
        return [
            entity
            for entity in self.entities
            if (entity.method is not Method.EQUITY or entity.code in associates)
            and (not entity.first_period or entity.first_period <= period)
            and (entity.code not in self.sold_on or not self._gone(entity.code, period))
        ]

    def _gone(self, code: str, period: str) -> bool:
        """Whether a company was sold in a fiscal year before that of a month."""
        year = self.fiscal_year.start(Period.parse(period))
        return Period.of(self.sold_on[code]) < year

    def left_before(self, code: str, item: Item) -> bool:
        """
        Whether a company had left the group when an intercompany item counts.

        What is open at the end of the month of a sale is open with a stranger; income and
        expense of that month were still within the group.
        """
        sold = self.sold_on.get(code)
        if sold is None:
            return False
        month = str(Period.of(sold))
        return item.period > month if item.kind.flow else item.period >= month

    def until(self, code: str, month: Period) -> Period:
        """The month whose balance a close of *month* needs: that of the sale once it is sold."""
        sold = self.sold_on.get(code)
        return month if sold is None else min(month, Period.of(sold))


def _grouped[T, Key](records: tuple[T, ...], key: Callable[[T], Key]) -> dict[Key, tuple[T, ...]]:
    """Gather records by company or month, each in the order given."""
    groups: dict[Key, list[T]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return {named: tuple(group) for named, group in groups.items()}
