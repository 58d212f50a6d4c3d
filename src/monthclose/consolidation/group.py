"""The consolidation engine: runs the steps in order, month after month."""

from dataclasses import replace

from monthclose.consolidation.alike import translate_alike
from monthclose.consolidation.collecting import collected_later
from monthclose.consolidation.dated import check_records, resolve_month
from monthclose.consolidation.group_cash import cash_flows
from monthclose.consolidation.layers import Month
from monthclose.consolidation.mapping import map_balance
from monthclose.consolidation.months import Months
from monthclose.consolidation.preacquisition import cut_off
from monthclose.consolidation.trail import TrailStep, steps_of
from monthclose.consolidation.trailing import saas_facts
from monthclose.consolidation.translation import translate
from monthclose.ledger.balances import PeriodRates, RawBalance, TrialBalance
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import CashFlows
from monthclose.ledger.entities import Entity, UnknownEntity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.lineage import EntityMonth
from monthclose.ledger.periods import Period
from monthclose.ledger.record_order import in_order
from monthclose.ledger.subscriptions import SaasFacts
from monthclose.ledger.translations import Translation


class OtherCurrency(CloseError):
    """A balance is in another currency than its entity keeps its books in."""

    code = "balance-other-currency"

    def __init__(self, entity: str, period: str, currency: str, functional: str) -> None:
        super().__init__(entity=entity, period=period, currency=currency, functional=functional)


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
        self._months = Months(self.group)
        self._trail: list[TrailStep] = []
        self._unrecorded: list[Book] = []
        self._earlier_books: dict[str, Book] = {}

    def register_entity(self, entity: Entity) -> None:
        """Add a company to the group, or replace the one of the same code."""
        entities = {each.code: each for each in self.group.entities} | {entity.code: entity}
        self.group = replace(self.group, entities=tuple(entities.values()))
        self._months.regroup(self.group)
        self._earlier_books.clear()

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
        functional = self._company(balance.entity).currency
        if balance.currency != functional:
            raise OtherCurrency(balance.entity, balance.period, balance.currency, functional)
        raw = balance if isinstance(balance, RawBalance) else balance.as_sent()
        mapped = map_balance(raw, self.group.mappings.get(raw.entity), self.group.chart)
        self._months.load(raw, mapped)
        self._earlier_books.clear()
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
        with collected_later():
            if facts is None:
                check_records(self.group)
                facts, translations = resolve_month(self._months, period, self._earlier)
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
        self._months.together(Period.parse(period))

    def translate_entity(self, entity: str, period: str) -> tuple[PeriodRates, Translation]:
        """
        Translate one entity's month, and the months before it that it builds on.

        Args:
            entity: Its code.
            period: The month, such as `2025-06`.

        Raises:
            CloseError: a balance, rate or part of its history is missing.
        """
        rates, translation, _ = self._months.month(self._company(entity), Period.parse(period))
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
        return self._months.before(entity, period)

    def cash_flows(self, book: Book) -> CashFlows:
        """
        State the cash flows of a close of this engine, fiscal year to date.

        They are derived from the balances when they are asked for: a close does without.

        Args:
            book: Closed from the group's records, not from facts that were given.

        Returns:
            Each company's statement and the group's; what cannot be stated is named.
        """
        return cash_flows(self._months, book)

    def saas_facts(self, book: Book) -> tuple[SaasFacts, ...]:
        """
        Gather what SaaS metrics of a month that was closed are worked out from.

        Earlier months are closed again for comparison, which is no step of the trail.

        Args:
            book: The month.

        Returns:
            The group, then each company with contracts; nothing when there are none.

        Raises:
            MissingRate: a currency of contracts has no closing rate of the month.
        """
        if not self.group.subscriptions:
            return ()
        return saas_facts(self._months, book, self._look_back)

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

    def _look_back(self, period: str) -> Book | None:
        """The book of an earlier month; None: it cannot be closed."""
        try:
            return self._earlier(period)
        except CloseError:
            return None

    def _earlier(self, period: str) -> Book:
        """The book of an earlier month that a later one opens with: kept, no close of its own."""
        if period not in self._earlier_books:
            facts, translations = resolve_month(self._months, period, self._earlier)
            self._earlier_books[period] = self._add_up(facts, translations)
        return self._earlier_books[period]

    def _company(self, code: str) -> Entity:
        """A registered company."""
        try:
            return self._months.entities[code]
        except KeyError:
            raise UnknownEntity(code, self.group.code) from None

    def _resolved(self, period: str, facts: PeriodFacts) -> tuple[PeriodFacts, list[Translation]]:
        """Translate every entity from facts that were given."""
        nothing, scope = PeriodRates(self.group.presentation), self._months.in_scope(period)
        balances = [self._months.own(entity.code, period, period) for entity in scope]
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

    def _add_up(self, facts: PeriodFacts, translations: list[Translation]) -> Book:
        """Eliminate, attribute and add the layers of one month."""
        in_scope = tuple(self._months.in_scope(facts.period))
        month = Month(self._months.group, in_scope, facts, translations)
        keys = [(t.entity, t.period) for t in translations]
        return month.book(
            tuple(self._months.raw[key] for key in keys),
            tuple(self._months.balances[key] for key in keys),
            self._months.last(keys),
        )
