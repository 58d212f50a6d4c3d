"""What one month's consolidation works on, step after step."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from monthclose.consolidation.attributable import Attributable
from monthclose.consolidation.capital_returned import Returned
from monthclose.consolidation.elimination import Sold
from monthclose.consolidation.treatments import add_parts
from monthclose.ledger.acquisitions import Transfer
from monthclose.ledger.adjustments import PostedAdjustment
from monthclose.ledger.associates import Equity
from monthclose.ledger.balances import CarriedForward, Layers, PeriodRates
from monthclose.ledger.book import Purchase
from monthclose.ledger.dealings import Dealt, dealt
from monthclose.ledger.entities import Entity, Method, ParentUnclear
from monthclose.ledger.equity import NciRollforward, OutsidePart
from monthclose.ledger.events import Change
from monthclose.ledger.facts import PeriodFacts
from monthclose.ledger.group import Group
from monthclose.ledger.journal import Entry
from monthclose.ledger.translations import Rollforward, Translation


class Worksheet:
    """
    The worksheet of a month: translated companies, and what the steps have found so far.

    Amounts are minor units of the presentation currency.

    Attributes:
        group: As described.
        chart: Its chart.
        facts: Dated records resolved for the month.
        acquisitions: In the order in which cents of a common account follow them.
        entities: Consolidated companies, by code.
        translations: By company.
        parent: Code of the company that reports.
        entries: Made so far.
        purchases: Purchase equations, by acquisition.
        retranslated: What each acquisition took out of its holder's CTA, in their order.
        moves: Transfers inside equity, by company.
        returned: What reductions of subsidiaries' capital did to their owners.
        capitalised_outside: Outsiders' part of what those made capital, credit positive.
        reserved_outside: Outsiders' part of what transfers brought into other comprehensive
            income, the same.
        paid_outside: Dividends that outsiders received, by payer, positive.
        reserved: Exchange differences moved to the CTA, by company, credit positive.
        nci: Roll-forwards, by company.
        outside: What outsiders share in, by company.
        changes: What changes of ownership did.
        attributable: What owners bear beside the books.
        associates: By the equity method, by associate.
        manual: What manual entries did to equity.
        part_sales: Sales that left control, by company sold, in order of their days; and
            those of companies above it, as they reach it.
        opened: What outsiders had as the period opened whose share had changed before it.
        sold: What sales took off investments, by acquisition.
        picked_up: What owners bear of equity pick-up that is undone.
    """

    def __init__(
        self,
        group: Group,
        entities: tuple[Entity, ...],
        facts: PeriodFacts,
        translations: list[Translation],
    ) -> None:
        self.group, self.chart, self.facts = group, group.chart, facts
        # Cents of an account with several investments follow this order, so it is one.
        self.acquisitions = sorted(facts.acquisitions, key=lambda a: (a.on or date.min, a.id))
        self.entities = {entity.code: entity for entity in entities}
        self.translations = {translation.entity: translation for translation in translations}
        parents = tuple(e.code for e in entities if e.method is Method.PARENT)
        if len(parents) != 1:
            raise ParentUnclear(group.code, parents)
        self.parent = parents[0]
        self.entries: list[Entry] = []
        self.purchases: dict[str, Purchase] = {}
        self.retranslated: list[Rollforward] = []
        self.moves: dict[str, list[Transfer]] = {}
        for moved in facts.transfers:
            self.moves.setdefault(moved.entity, []).append(moved)
        self.returned: list[Returned] = []
        self.capitalised_outside = 0
        self.reserved_outside = 0
        self.paid_outside: dict[str, int] = {}
        self.reserved: dict[str, int] = {}
        self.nci: dict[str, NciRollforward] = {}
        self.outside: dict[str, tuple[OutsidePart, ...]] = {}
        self.changes: list[Change] = []
        self.attributable: list[Attributable] = []
        self.associates: dict[str, Equity] = {}
        self.manual: list[PostedAdjustment] = []
        self.part_sales: dict[str, list[Dealt]] = {}
        for dealing in dealt(entities, facts.interests, facts.events):
            self.part_sales.setdefault(dealing.sale.entity, []).append(dealing)
        self.sold: dict[str, Sold] = {}
        self.picked_up: list[Attributable] = []
        self.opened = {each.entity: each for each in facts.outsiders}

    def outside_on(
        self, outsiders: Mapping[str, Fraction], code: str, day: date | None
    ) -> Fraction | None:
        """
        Outsiders' share of a company on a day of the period, after what was sold on it.

        Args:
            outsiders: Their share at the end of the period, of companies that have some.
            code: The company.
            day: None: as the period opened.
        """
        share = outsiders.get(code)
        if share is None or code not in self.part_sales:
            return share
        dealings = self.part_sales[code]
        later = [e.part for e in dealings if not (day and e.sale.on and e.sale.on <= day)]
        return share - sum(later, Fraction(0))

    def rates(self, entity: str) -> PeriodRates:
        """A company's quotes of the month; none for one in the presentation currency."""
        return self.facts.rates.get(entity) or PeriodRates(self.group.presentation)

    def came(self, translation: Translation, account: str, *, bought: bool = False) -> int:
        """
        What came into an equity account since its company's roll-forward began.

        Args:
            translation: Of the company.
            account: Of its equity.
            bought: Whether what later acquisitions cancel counts too.

        Returns:
            Minor units of the presentation currency, credit positive.
        """
        treatment = self.rates(translation.entity).treatments.get(account)
        if not isinstance(treatment, CarriedForward | Layers):
            return 0
        # An account is rounded once with all its parts: what came since is the rest.
        before = [e for e in treatment.parts if not e.flow or (e.acquired and not bought)]
        if len(before) == len(treatment.parts):
            return 0
        pair = (translation.functional, translation.presentation)
        return add_parts(before, *pair) - add_parts(treatment.parts, *pair)
