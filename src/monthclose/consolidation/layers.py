"""One month of a group: eliminate, attribute, and add up the layers."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np

from monthclose.consolidation.associates import equity_account
from monthclose.consolidation.borne import Borne, together
from monthclose.consolidation.chains import (
    Chain,
    follow_chains,
    follow_dividends,
    held_directly,
)
from monthclose.consolidation.disposal import (
    check_ownership_sold,
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
from monthclose.consolidation.fair_value import carry_layers, price_purchase
from monthclose.consolidation.intercompany import eliminate_intercompany, move_to_reserve
from monthclose.consolidation.nci import (
    Changed,
    Shared,
    attribute,
    attribute_capital,
    shared_layers,
)
from monthclose.consolidation.partial_disposal import changed, on_the_day, parts_of, reattribute
from monthclose.consolidation.pickups import reverse_pickup
from monthclose.consolidation.profits import eliminate_profits
from monthclose.consolidation.restatement import restatements_of
from monthclose.consolidation.step import remeasure
from monthclose.consolidation.sums import Posted, add_layers, line_amount, posted
from monthclose.consolidation.treatments import add_parts
from monthclose.ledger.accounts import CONTRIBUTED, RESULT, AccountClass
from monthclose.ledger.acquisitions import Acquisition, Dividend, Transfer, moved_into
from monthclose.ledger.associates import Equity
from monthclose.ledger.balances import (
    CarriedForward,
    Layers,
    PeriodRates,
    RawBalance,
    TrialBalance,
)
from monthclose.ledger.book import Book, EquityRollforward, NciRollforward, Purchase
from monthclose.ledger.entities import (
    Entity,
    Method,
    ParentUnclear,
    UnknownEntity,
    group_shares,
)
from monthclose.ledger.events import (
    Change,
    Derecognition,
    Disposal,
    PartialDisposal,
    StepAcquisition,
)
from monthclose.ledger.group import Group, PeriodFacts
from monthclose.ledger.journal import Entry, LayerName
from monthclose.ledger.money import share_of
from monthclose.ledger.translations import Rollforward, Translation


class Month:
    """
    One month under consolidation: every entity translated, nothing added up yet.

    Steps 7 to 9 of a close, each once: investments and goodwill, dividends, outsiders.
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
        self.capitalised_outside = 0
        self.paid_outside: dict[str, int] = {}
        self.reserved: dict[str, int] = {}
        self.nci: dict[str, NciRollforward] = {}
        self.changes: list[Change] = []
        self.borne: list[Borne] = []
        self.associates: dict[str, Equity] = {}
        self.part_sales = {
            each.entity: each for each in facts.events if isinstance(each, PartialDisposal)
        }

    def book(self, raw: tuple[RawBalance, ...], balances: tuple[TrialBalance, ...]) -> Book:
        """Run the steps and close the book."""
        outsiders = self._outsiders()
        self._eliminate_investments()
        for event in self.facts.events:
            check_ownership_sold(event, self.facts.interests, outsiders)
        self._eliminate_dividends(outsiders)
        between = eliminate_intercompany(self.group, self.facts, self.translations)
        self.entries += between.entries
        self._reserve_exchange()
        self._bear()
        self._attribute(outsiders)
        self._lose_control()
        translations, entries = tuple(self.translations.values()), posted(self.entries)
        return Book(
            group=self.group,
            facts=self.facts,
            raw=raw,
            balances=balances,
            translations=translations,
            entries=tuple(self.entries),
            layers=add_layers(self.chart, translations, entries),
            purchases=self.purchases,
            nci=self.nci,
            equity=self._equity(entries),
            matches=between.matches,
            unmatched=between.unmatched,
            changes=tuple(self.changes),
            restatements=restatements_of(self.facts, self.translations, outsiders),
            associates=self.associates,
        )

    def _rates(self, entity: str) -> PeriodRates:
        return self.facts.rates.get(entity) or PeriodRates(self.group.presentation)

    def _outsiders(self) -> dict[str, Fraction]:
        """The outsiders' share of each subsidiary that has some, in the group's order."""
        shares = group_shares(tuple(self.entities.values()), self.facts.interests)
        return {code: 1 - shares[code] for code in self.entities if shares.get(code, 1) < 1}

    def _eliminate_investments(self) -> None:
        """Cancel every investment, undo its retranslation, carry its goodwill."""
        chart, presentation = self.chart, self.group.presentation
        held: dict[str, list[Acquisition]] = {}
        for acquisition in self.acquisitions:
            held.setdefault(acquisition.acquirer, []).append(acquisition)
        currencies = {code: entity.currency for code, entity in self.entities.items()}
        sold = sold_investments(self.facts.events, self.acquisitions, currencies, self.group)
        carried: dict[str, CarriedInvestment] = {}
        for holder, acquisitions in held.items():
            if holder not in self.translations:
                raise UnknownEntity(holder, self.group.code)
            carried |= carried_investments(
                tuple(acquisitions), self.translations[holder], self._rates(holder), chart, sold
            )
        for acquisition in self.acquisitions:
            target = self.entities[acquisition.target]
            purchase, equity = price_purchase(
                acquisition, target.currency, self._rates(acquisition.target), chart.roles.goodwill
            )
            undone, taken = None, Rollforward(0, 0)
            currency = self.entities[acquisition.acquirer].currency
            if acquisition.pickup:
                undone, taken, borne = reverse_pickup(
                    acquisition,
                    acquisition.pickup,
                    carried[acquisition.id],
                    currency,
                    chart,
                    presentation,
                )
                self.borne.append(borne)
            elif currency != presentation:
                undone, taken = undo_retranslation(
                    acquisition, carried[acquisition.id], chart, presentation
                )
            made = (
                eliminate_investment(acquisition, purchase, equity, chart, presentation),
                undone,
                *carry_layers(purchase, chart, presentation),
            )
            self.entries += [entry for entry in made if entry]
            self.purchases[acquisition.id] = purchase
            self.retranslated.append(taken)

    def _eliminate_dividends(self, outsiders: dict[str, Fraction]) -> None:
        """Cancel what subsidiaries declared against what their holders booked."""
        currencies = {code: entity.currency for code, entity in self.entities.items()}
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
                shared=code in outsiders and held_directly(self.facts.interests, code) < 1,
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
            self.reserved[loan.entity] = self.reserved.get(loan.entity, 0) + moved

    def _bear(self) -> None:
        """Eliminate profit in stock, carry associates; keep who bears it."""
        where = (self.translations, self.chart, self.group.presentation)
        if self.facts.profits:
            entries, borne = eliminate_profits(self.facts.profits, self.translations, self.group)
            self.entries += entries
            self.borne += borne
        if self.facts.associates:
            self.associates, entries, borne = equity_account(self.facts.associates, *where)
            self.entries += entries
            self.borne += borne
        for step in self.facts.events:
            if isinstance(step, StepAcquisition):
                made, entry, bears = remeasure(step, self.associates, *where[1:])
                self.entries.append(entry)
                self.borne.append(bears)
                self.changes.append(made)

    def _attribute(self, outsiders: dict[str, Fraction]) -> None:
        """Give each subsidiary's outsiders their part."""
        presentation = self.group.presentation
        bought: dict[str, list[Acquisition]] = {}
        for acquisition in self.acquisitions:
            bought.setdefault(acquisition.target, []).append(acquisition)
        known = (self.acquisitions, self.purchases, self.retranslated)
        chains, through = follow_chains(*known, self.facts.interests, outsiders, presentation)
        follow_dividends(chains, self.entries, outsiders, self.chart)
        for code, share in outsiders.items():
            chain = chains.get(code, Chain())
            translation, acquisitions = self.translations[code], bought.get(code, [])
            sale = self.part_sales.get(code)
            was = share - sale.share if sale else share
            standing = self._standing_capital(code)
            capital, theirs = attribute_capital(code, was, standing, self.chart, presentation)
            paid_in = self._paid_in(translation)
            moved = moved_into(self.moves.get(code, ()), self._capital)
            from_before = share_of(-sum(standing.values()) - paid_in - moved, was)
            before = [self.purchases[a.id] for a in acquisitions if not a.in_period]
            now = [self.purchases[a.id] for a in acquisitions if a.in_period]
            layers = list(shared_layers(acquisitions, self.purchases))
            borne = together((*self.borne, *through), code)
            shared = Shared(
                at_acquisition=from_before
                + chain.at_acquisition
                + sum(purchase.nci_presentation for purchase in before),
                acquired=chain.acquired + sum(purchase.nci_presentation for purchase in now),
                intragroup=chain.intragroup,
                contributed=theirs - from_before - share_of(moved, was),
                retained=self._retained(translation)
                + moved
                + borne.retained
                - sum(each.prior for each in layers),
                capitalised=moved,
                profit=translation.net_income
                + borne.profit
                - self._received.get(code, 0)
                - sum(each.charged for each in layers)
                - self.reserved.get(code, 0),
                cta_opening=translation.cta.opening
                + borne.cta.opening
                + sum(each.cta.opening for each in layers),
                cta_movement=translation.cta.movement
                + borne.cta.movement
                + sum(each.cta.movement for each in layers)
                + self.reserved.get(code, 0),
                dividends=self.paid_outside[code],
            )
            if sale:
                shared = replace(shared, changed=self._sell_part(sale, share, shared.cta_opening))
            self.capitalised_outside += share_of(moved, was)
            self.nci[code], entry = attribute(code, share, shared, self.chart, presentation)
            self.entries += [each for each in (capital, entry) if each]

    def _sell_part(self, sale: PartialDisposal, now: Fraction, cta_opening: int) -> Changed:
        """Give outsiders what they bought; what they had before is at their old share."""
        code, pair = sale.entity, (self.translations[sale.entity], self._rates(sale.entity))
        bought = [each for each in self.acquisitions if each.target == code]
        parts = parts_of(sale, bought, self.purchases, pair[0])
        day = on_the_day(sale, *pair, parts, self.chart)
        made, entry = reattribute(sale, day, self.chart, self.group.presentation)
        self.entries.append(entry)
        self.changes.append(made)
        return changed(made, day, sale, now, cta_opening)

    def _lose_control(self) -> None:
        """Take companies sold in the period out of the group."""
        for disposal in self.facts.events:
            if not isinstance(disposal, Disposal):
                continue
            code = disposal.entity
            lost, entry = lose_control(
                disposal,
                self.translations[code],
                self.entries,
                self.purchases.values(),
                self.chart,
            )
            self.entries.append(entry)
            self.changes.append(lost)
            if code in self.nci:
                self.nci[code] = derecognised(self.nci[code])

    @cached_property
    def _cancelled(self) -> dict[tuple[str, str], int]:
        """Equity at acquisition that was cancelled, by target and account, debit positive."""
        sums: dict[tuple[str, str], int] = {}
        for entry in self.entries:
            if entry.kind != "investment":
                continue
            for line in entry.lines:
                if line.entity == entry.entity:
                    key = (line.entity, line.account)
                    sums[key] = sums.get(key, 0) + line.amount
        return sums

    @cached_property
    def _received(self) -> dict[str, int]:
        """Dividend income from group companies, by holder, positive."""
        sums: dict[str, int] = {}
        for entry in self.entries:
            if entry.kind != "dividend":
                continue
            for line in entry.lines:
                if self.chart.kind(line.account) in RESULT:
                    sums[line.entity] = sums.get(line.entity, 0) + line.amount
        return sums

    def _retained(self, translation: Translation) -> int:
        """Retained earnings and reserves since acquisition, as they opened; credit positive."""
        booked = sum(line_amount(translation, each, self.chart) for each in self._reserves)
        cancelled = sum(
            self._cancelled.get((translation.entity, each), 0) for each in self._reserves
        )
        return -booked - cancelled

    @cached_property
    def _reserves(self) -> list[str]:
        """Accounts of retained earnings and reserves."""
        kinds = (AccountClass.RETAINED_EARNINGS, AccountClass.OCI)
        return [self.chart.codes[place] for place in np.flatnonzero(self.chart.of_kind(*kinds))]

    @cached_property
    def _capital(self) -> list[str]:
        """Accounts of capital paid in."""
        places = np.flatnonzero(self.chart.of_kind(*CONTRIBUTED))
        return [self.chart.codes[place] for place in places]

    def _standing_capital(self, code: str) -> dict[str, int]:
        """Capital of a subsidiary that no acquisition cancelled, by account, debit positive."""
        translation = self.translations[code]
        standing: dict[str, int] = {}
        for line in self.chart.slots(translation.accounts, code).other.tolist():
            account = translation.accounts[line]
            if self.chart.kind(account) in CONTRIBUTED and account not in standing:
                amount = line_amount(translation, account, self.chart)
                standing[account] = amount + self._cancelled.get((code, account), 0)
        return {account: amount for account, amount in standing.items() if amount}

    def _paid_in(self, translation: Translation) -> int:
        """Capital paid in since the roll-forward began, no acquisition; credit positive."""
        pair = (translation.functional, translation.presentation)
        paid = 0
        for account, treatment in self._rates(translation.entity).treatments.items():
            if self.chart.kind(account) in CONTRIBUTED and isinstance(
                treatment, (CarriedForward, Layers)
            ):
                # An account is rounded once with all its parts: what came since is the rest.
                before = [each for each in treatment.parts if each.acquired or not each.flow]
                if len(before) < len(treatment.parts):
                    paid += add_parts(before, *pair) - add_parts(treatment.parts, *pair)
        return paid

    def _equity(self, entries: Posted) -> EquityRollforward:
        """Roll the group's equity forward from its openings, not from the closing balances."""
        chart, roles = self.chart, self.chart.roles
        attributed, before = entries[LayerName.NCI], 0
        result = 0
        for layer, accounts in entries.items():
            if layer is not LayerName.NCI:
                before += accounts.get(roles.retained_earnings, 0)
            result -= sum(each for code, each in accounts.items() if chart.kind(code) in RESULT)
        profit_nci = sum(each.share_of_profit for each in self.nci.values())
        cta_nci = sum(each.share_of_cta for each in self.nci.values())
        translations = self.translations.values()
        retained = -before - sum(
            line_amount(each, roles.retained_earnings, chart) for each in translations
        )
        retained -= attributed.get(roles.retained_earnings, 0) - profit_nci
        result += sum(each.net_income for each in translations)
        dividends = -line_amount(self.translations[self.parent], roles.dividends, chart)
        causes = [each.cta for each in translations]
        causes += [each.cta for bought in self.purchases.values() for each in bought.layers]
        causes += self.retranslated
        causes += [each.cta for each in self.borne]
        causes += [Rollforward(0, moved) for moved in self.reserved.values()]
        reattributed = sum(each.cta_reattributed for each in self.changes)
        gone = [each.cta_recycled for each in self.changes if isinstance(each, Derecognition)]
        causes.append(Rollforward(0, -sum(gone) - reattributed))
        transactions = sum(each.adjustment for each in self.changes)
        retained -= transactions
        transfers = moved_into(self.facts.transfers, (roles.retained_earnings,))
        transfers += self.capitalised_outside
        retained -= transfers
        opening_cta_nci = attributed.get(roles.cta, 0) - cta_nci
        return EquityRollforward(
            retained_opening=retained,
            net_income_parent=result - profit_nci,
            dividends_parent=dividends,
            transfers_parent=transfers,
            retained_closing=retained + result - profit_nci + dividends + transfers + transactions,
            transactions_parent=transactions,
            cta_reattributed=reattributed,
            cta_parent=Rollforward(
                sum(each.opening for each in causes) - opening_cta_nci,
                sum(each.movement for each in causes) - cta_nci,
            ),
            nci_opening=sum(each.opening for each in self.nci.values()),
            nci_closing=sum(each.closing for each in self.nci.values()),
        )
