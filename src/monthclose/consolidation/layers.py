"""One month of a group: eliminate, attribute, and add up the layers."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from monthclose.consolidation.aggregation import add_layers, posted
from monthclose.consolidation.associate_sales import investments_sold
from monthclose.consolidation.associates import bought_as_associates, equity_account
from monthclose.consolidation.attributable import Attributable
from monthclose.consolidation.attribution import Attribution
from monthclose.consolidation.bought_with import check_bought_with
from monthclose.consolidation.capital_returned import investments_reduced, return_capital
from monthclose.consolidation.chain_sales import (
    above_of,
    came,
    give_above,
    stayed,
)
from monthclose.consolidation.chains import held_directly
from monthclose.consolidation.disposal import (
    check_ownership_sold,
    companies_left,
    derecognised,
    lose_control,
    sold_investments,
)
from monthclose.consolidation.elimination import (
    CarriedInvestment,
    carried_investments,
    eliminate_dividends,
    eliminate_investment,
    undo_retranslation,
)
from monthclose.consolidation.equity import roll_equity
from monthclose.consolidation.fair_value import carry_layers, price_purchase
from monthclose.consolidation.gaap import reconcile
from monthclose.consolidation.intercompany import eliminate_intercompany, move_to_reserve
from monthclose.consolidation.manual import post_manual
from monthclose.consolidation.movements import state_changes
from monthclose.consolidation.partial_disposal import carry_settled, clear_retranslation
from monthclose.consolidation.pickups import reverse_pickup
from monthclose.consolidation.profits import eliminate_profits
from monthclose.consolidation.restatement import restatements_of
from monthclose.consolidation.retained import carry_kept
from monthclose.consolidation.step import remeasure
from monthclose.consolidation.worksheet import Worksheet
from monthclose.ledger.acquisitions import Acquisition, Dividend
from monthclose.ledger.balances import (
    RawBalance,
    TrialBalance,
)
from monthclose.ledger.book import Book
from monthclose.ledger.entities import (
    UnknownEntity,
    group_shares,
)
from monthclose.ledger.events import (
    Disposal,
    StepAcquisition,
)
from monthclose.ledger.journal import Entry, LayerName
from monthclose.ledger.translations import Rollforward


class Month(Worksheet):
    """
    One month under consolidation: every entity translated, nothing added up yet.

    Steps 7 to 9 of a close, each once: investments and goodwill, dividends, outsiders.
    """

    def book(
        self,
        raw: tuple[RawBalance, ...],
        balances: tuple[TrialBalance, ...],
        before: Mapping[str, TrialBalance],
    ) -> Book:
        """Run the steps and close the book."""
        outsiders = self._outsiders()
        self._eliminate_investments()
        for event in self.facts.events:
            check_ownership_sold(event, self.facts, self.translations)
        self._eliminate_dividends(outsiders)
        between = eliminate_intercompany(self.group, self.facts, self.translations)
        self.entries += between.entries
        self._reserve_exchange()
        self._adjust_beside_books()
        Attribution(self).attribute(outsiders)
        self._lose_control(outsiders)
        translations, entries = tuple(self.translations.values()), posted(self.entries)
        layers, equity = add_layers(self.chart, translations, entries), roll_equity(self, entries)
        restated = restatements_of(
            self.facts,
            self.translations,
            outsiders,
            self.chart,
            [each for group in self.part_sales.values() for each in group],
        )
        book = Book(
            group=self.group,
            facts=self.facts,
            raw=raw,
            balances=balances,
            translations=translations,
            entries=tuple(self.entries),
            layers=layers,
            before=before,
            purchases=self.purchases,
            nci=self.nci,
            outside=self.outside,
            equity=equity,
            changes_in_equity=state_changes(self, equity, layers.sum(axis=1), restated),
            matches=between.matches,
            unmatched=between.unmatched,
            changes=tuple(self.changes),
            restatements=restated,
            associates=self.associates,
            manual=tuple(self.manual),
        )
        if any(each.layer is LayerName.GAAP for each in self.group.adjustments):
            made = reconcile(self.group, book.period, book.totals)
            return replace(book, reconciliation=made)
        return book

    def _outsiders(self) -> dict[str, Fraction]:
        """The outsiders' share of each subsidiary that has some, in the group's order."""
        shares = group_shares(tuple(self.entities.values()), self.facts.interests)
        # Bought out in the year or before it, they had a part of it all the same.
        had = self.part_sales.keys() | self.opened.keys()
        return {
            code: 1 - shares[code]
            for code in self.entities
            if shares.get(code, 1) != 1 or code in had
        }

    def _eliminate_investments(self) -> None:
        """Cancel every investment, undo its retranslation, carry its goodwill."""
        chart, presentation = self.chart, self.group.presentation
        held: dict[str, list[Acquisition]] = {}
        of_associates = [*bought_as_associates(self.facts.associates), *self.facts.former]
        for acquisition in (*self.acquisitions, *of_associates):
            held.setdefault(acquisition.acquirer, []).append(acquisition)
        currencies = {code: entity.currency for code, entity in self.entities.items()}
        sold = sold_investments(self.facts, self.acquisitions, currencies, self.group)
        presented = (currencies, presentation)
        sold |= investments_reduced(self.facts.reductions, self.acquisitions, presented)
        sold |= investments_sold(self.facts.associates, sold)
        self.sold = sold
        carried: dict[str, CarriedInvestment] = {}
        for holder, acquisitions in held.items():
            if holder not in self.translations:
                raise UnknownEntity(holder, self.group.code)
            carried |= carried_investments(
                tuple(acquisitions),
                self.translations[holder],
                self.rates(holder),
                chart,
                sold,
            )
        for acquisition in self.acquisitions:
            target = self.entities[acquisition.target]
            purchase, equity = price_purchase(
                acquisition,
                target.currency,
                self.rates(acquisition.target),
                chart.roles.goodwill,
            )
            undone, taken = self._to_cost(acquisition, carried[acquisition.id], self.picked_up)
            made = (
                eliminate_investment(acquisition, purchase, equity, chart, presentation),
                undone,
                *carry_layers(purchase, chart, presentation),
            )
            self.entries += [entry for entry in made if entry]
            self.purchases[acquisition.id] = purchase
            self.retranslated.append(taken)
        check_bought_with(self.acquisitions, self.purchases, presented)
        for acquisition in of_associates:
            undone, taken = self._to_cost(acquisition, carried[acquisition.id], self.attributable)
            self.entries += [undone] if undone else []
            self.attributable.append(Attributable(acquisition.acquirer, cta=taken))
        self._settle(presentation)
        self._return_capital(currencies)

    def _to_cost(
        self, acquisition: Acquisition, carried: CarriedInvestment, bears: list[Attributable]
    ) -> tuple[Entry | None, Rollforward]:
        """Take an investment to its historical cost; the entry, what left the CTA, who bears."""
        chart, presentation = self.chart, self.group.presentation
        currency = self.entities[acquisition.acquirer].currency
        if acquisition.pickup:
            undone, taken, attributable = reverse_pickup(
                acquisition, acquisition.pickup, carried, currency, chart, presentation
            )
            bears.append(attributable)
            return undone, taken
        if currency != presentation:
            return undo_retranslation(acquisition, carried, chart, presentation)
        return None, Rollforward(0, 0)

    def _return_capital(self, currencies: Mapping[str, str]) -> None:
        """Undo what subsidiaries returned of their capital; the parent's own has left."""
        presented = (currencies, self.group.presentation)
        given = [each for each in self.facts.reductions if each.entity != self.parent]
        for number, each in enumerate(given, 1):
            entry, made = return_capital(
                each, self.acquisitions, presented, self.chart, self.group.tolerance, number
            )
            self.entries.append(entry)
            self.returned.append(made)
            self.attributable.append(Attributable(each.entity, cta=made.in_cta))

    def _settle(self, presentation: str) -> None:
        """Go on with what sales of earlier periods left."""
        if self.facts.settled:
            self.entries += carry_settled(self.facts.settled, self.chart, presentation)
        if self.facts.kept:
            self.entries += carry_kept(self.facts.kept, self.chart, presentation)
        if self.facts.gone:
            self.entries += clear_retranslation(self.facts.gone, self.chart, presentation)
            for each in self.facts.gone:
                taken = Rollforward(-each.amount, 0)
                self.attributable.append(Attributable(each.holder, retained=each.amount, cta=taken))

    def _eliminate_dividends(self, outsiders: dict[str, Fraction]) -> None:
        """Cancel what subsidiaries declared against what their holders booked."""
        currencies = {code: entity.currency for code, entity in self.entities.items()}
        held = held_directly(self.facts.interests)
        declared: dict[str, list[Dividend]] = {}
        for dividend in self.facts.dividends:
            declared.setdefault(dividend.payer, []).append(dividend)
        for code, translation in self.translations.items():
            if code == self.parent:
                continue
            entry, outside = eliminate_dividends(
                tuple(declared.get(code, ())),
                translation,
                currencies,
                self.chart,
                shared=code in outsiders and held[code] != 1,
            )
            self.paid_outside[code] = outside
            if entry:
                self.entries.append(entry)

    def _reserve_exchange(self) -> None:
        """Move exchange differences on net investments from the result to the CTA."""
        for loan in sorted(self.facts.loans, key=lambda each: each.id):
            if loan.entity not in self.translations:
                raise UnknownEntity(loan.entity, self.group.code)
            entry, moved = move_to_reserve(loan, self.translations[loan.entity], self.chart)
            self.entries.append(entry)
            if loan.opened:
                cta = Rollforward(moved, 0)
                self.attributable.append(Attributable(loan.entity, retained=-moved, cta=cta))
                continue
            self.reserved[loan.entity] = self.reserved.get(loan.entity, 0) + moved

    def _adjust_beside_books(self) -> None:
        """Eliminate profit in stock, carry associates; keep who bears it."""
        where = (self.translations, self.chart, self.group.presentation)
        if self.facts.profits:
            entries, attributable = eliminate_profits(
                self.facts.profits, self.translations, self.group
            )
            self.entries += entries
            self.attributable += attributable
        if self.facts.associates:
            self.associates, entries, attributable = equity_account(self.facts.associates, *where)
            self.entries += entries
            self.attributable += attributable
            self.changes += [made for each in self.associates.values() for made in each.sales]
        if any(each.layer is LayerName.MANUAL for each in self.group.adjustments):
            self._post_manual()
        for step in self.facts.events:
            if isinstance(step, StepAcquisition):
                made, entry, bears = remeasure(step, self.associates, *where[1:])
                self.entries.append(entry)
                self.attributable.append(bears)
                self.changes.append(made)

    def _post_manual(self) -> None:
        """Post the manual entries of the group; who owns their company bears them."""
        entries, self.manual, bears = post_manual(self.group, self.facts.period, self.translations)
        self.entries += entries
        self.attributable += bears

    def _lose_control(self, outsiders: Mapping[str, Fraction]) -> None:
        """Take companies sold in the period out of the group."""
        chart, presentation = self.chart, self.group.presentation
        for place, disposal in enumerate(self.facts.events):
            if not isinstance(disposal, Disposal):
                continue
            holder, before = disposal.holder, self.facts.events[:place]
            left = companies_left(disposal, before, self.facts, self.translations)
            above = above_of(self, disposal, left, outsiders)
            lost, entry = lose_control(
                disposal,
                [self.translations[code] for code in left],
                self.entries,
                self.purchases.values(),
                chart,
                above,
            )
            self.entries.append(entry)
            self.changes.append(lost)
            if above.share:
                profit, given = give_above(disposal, lost, above, chart, presentation)
                self.entries += [given] if given else []
                for code, below in above.below.items():
                    self.nci[code] = stayed(self.nci[code], below)
                self.nci[holder] = came(self.nci[holder], sum(above.below.values()), profit)
            for code in left:
                if code in self.nci:
                    self.nci[code] = derecognised(self.nci[code])
