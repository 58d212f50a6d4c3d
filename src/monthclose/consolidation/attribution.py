"""Each subsidiary's outsiders: what of capital, profits and CTA is theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, partial

from monthclose.consolidation.aggregation import line_amount
from monthclose.consolidation.attributable import Attributable, together
from monthclose.consolidation.capital_returned import follow_reductions
from monthclose.consolidation.chain_sales import (
    held_when_bought,
    passed_on,
    without_gains,
)
from monthclose.consolidation.chains import Chain, follow_chains, follow_dividends
from monthclose.consolidation.holdings import holdings_on
from monthclose.consolidation.nci import (
    Changed,
    Reserve,
    Shared,
    attribute,
    attribute_capital,
    shared_layers,
)
from monthclose.consolidation.outside_parts import outside_parts
from monthclose.consolidation.partial_disposal import changed, on_the_day, parts_of, reattribute
from monthclose.consolidation.worksheet import Worksheet
from monthclose.ledger.accounts import CONTRIBUTED, RESULT, AccountClass
from monthclose.ledger.acquisitions import Acquisition, moved_into
from monthclose.ledger.dealings import Dealt
from monthclose.ledger.events import Day, OutsidersOpening, PartialDisposal
from monthclose.ledger.money import share_of
from monthclose.ledger.translations import Translation


class Attribution:
    """Attributes the subsidiaries of a worksheet, on which everything is eliminated."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet

    def attribute(self, outsiders: dict[str, Fraction]) -> None:
        """
        Give each subsidiary's outsiders their part, and write it on the worksheet.

        Args:
            outsiders: The outsiders' indirect share of each company that has some.

        Source:
            IFRS 10.22, 10.B94; ASC 810-10-45.
        """
        sheet = self.sheet
        presentation = sheet.group.presentation
        bought: dict[str, list[Acquisition]] = {}
        for acquisition in sheet.acquisitions:
            bought.setdefault(acquisition.target, []).append(acquisition)
        chains, through = self._follow(outsiders)
        sales_of = [each for group in sheet.part_sales.values() for each in group]
        passed = passed_on(sales_of, outsiders)
        beside_books = together(sheet.attributable)
        owners = together((*sheet.attributable, *sheet.picked_up, *through, *without_gains(passed)))
        for code, share in outsiders.items():
            chain = chains.get(code, Chain())
            translation, acquisitions = sheet.translations[code], bought.get(code, [])
            dealings = sheet.part_sales.get(code, ())
            sales = [(each.sale, each.part) for each in dealings]
            was = share - sum((part for _, part in sales), Fraction(0)) if sales else share
            standing, opened = self._standing_capital(code), sheet.opened.get(code)
            beside = self._capital_beside(code, was, standing, sales) if sales or opened else None
            capital, theirs = attribute_capital(
                code, was, standing, sheet.chart, presentation, beside
            )
            came = sum([sheet.came(translation, each) for each in self._capital])
            moved = moved_into(sheet.moves.get(code, ()), self._capital)
            reserves = self._reserves_of(translation, sales, opened)
            from_before = share_of(-sum(standing.values()) - came - moved, was)
            if opened and opened.capital is not None:
                from_before = sum(opened.capital.values())
            before = [sheet.purchases[a.id] for a in acquisitions if not a.in_period]
            now = [sheet.purchases[a.id] for a in acquisitions if a.in_period]
            layers = list(shared_layers(acquisitions, sheet.purchases))
            attributable = owners.get(code, Attributable(code))
            brought = sum([each.transferred for each in reserves.values()])
            for account, rolled in attributable.reserves:
                own = reserves.get(account, Reserve(0, known=_kept(opened, account)))
                reserves[account] = replace(
                    own,
                    opening=own.opening + rolled.opening,
                    recognised=own.recognised + rolled.movement,
                    later=own.later + share_of(rolled.movement, share - was),
                )
            for account, amount in attributable.released:
                own = reserves[account]
                reserves[account] = replace(
                    own,
                    recognised=own.recognised + amount,
                    transferred=own.transferred - amount,
                    later=own.later + share_of(amount, share - was),
                )
            given = [each for each in sheet.returned if each.entity == code]
            shared = Shared(
                at_acquisition=from_before
                - sum(each.outside for each in given if not each.in_period)
                + chain.at_acquisition
                + sum([purchase.nci_presentation for purchase in before]),
                acquired=chain.acquired + sum([purchase.nci_presentation for purchase in now]),
                intragroup=chain.intragroup,
                contributed=theirs - from_before - share_of(moved, was),
                returned=sum(each.outside for each in given if each.in_period),
                retained=self._retained(translation)
                + moved
                + brought
                + attributable.retained
                - sum([each.prior for each in layers]),
                capitalised=moved,
                reserves=reserves,
                profit=translation.net_income
                + attributable.profit
                - self._received.get(code, 0)
                - sum([each.charged for each in layers])
                - sheet.reserved.get(code, 0),
                cta_opening=translation.cta.opening
                + attributable.cta.opening
                + sum([each.cta.opening for each in layers]),
                cta_movement=translation.cta.movement
                + attributable.cta.movement
                + sum([each.cta.movement for each in layers])
                + sheet.reserved.get(code, 0),
                dividends=sheet.paid_outside[code],
                passed=passed[code].proceeds if code in passed else 0,
            )
            if sales:
                stands = beside_books.get(code, Attributable(code))
                made = self._sell_parts(dealings, was, shared.cta_opening, stands)
                shared = replace(shared, changed=made)
            if opened:
                cta = opened.cta
                if cta is None:
                    cta = share_of(shared.cta_opening, was)
                kept = opened.nci - cta - shared.at_acquisition
                shared = replace(shared, known=(kept, cta))
            sheet.capitalised_outside += share_of(moved, was)
            sheet.reserved_outside += sum([share_of(r.transferred, was) for r in reserves.values()])
            sheet.nci[code], entry = attribute(code, share, shared, sheet.chart, presentation)
            sheet.outside[code] = outside_parts(share, shared, sheet.chart)
            sheet.entries += [each for each in (capital, entry) if each]

    def _follow(
        self, outsiders: dict[str, Fraction]
    ) -> tuple[dict[str, Chain], list[Attributable]]:
        """Follow purchases, dividends and reductions between levels, each at its day's shares."""
        sheet, presentation = self.sheet, self.sheet.group.presentation
        known = (sheet.acquisitions, sheet.purchases, sheet.retranslated)
        outside_on = partial(sheet.outside_on, outsiders)
        chains, through = follow_chains(
            *known, held_when_bought(sheet.facts), outside_on, presentation
        )
        presented = ({code: e.currency for code, e in sheet.entities.items()}, presentation)
        follow_dividends(chains, sheet.facts.dividends, outside_on, sheet.chart, presented)
        follow_reductions(chains, sheet.returned, outsiders)
        return chains, through

    def _sell_parts(
        self,
        dealings: Sequence[Dealt],
        was: Fraction,
        cta_opening: int,
        beside: Attributable,
    ) -> tuple[Changed, ...]:
        """
        Give outsiders what they bought; what they had before is at their old share.

        What stood beside the books as the period opened is part of what they bought. What
        moved it since has no day: they have their new share of it.
        """
        stood = beside.retained + beside.cta.opening
        stood += sum(rolled.opening for _, rolled in beside.reserves)
        sheet, made = self.sheet, []
        before, opening = Day(0, 0, 0), cta_opening
        for number, dealing in enumerate(dealings):
            sale, code = dealing.sale, dealing.sale.entity
            translation, rates = sheet.translations[code], sheet.rates(code)
            bought = [each for each in sheet.acquisitions if each.target == code]
            parts = parts_of(sale, bought, sheet.purchases, translation)
            day = on_the_day(sale, translation, rates, parts, sheet.chart)
            held = holdings_on(sheet, sale)
            day = Day(
                day.net_assets + stood + held.net_assets,
                day.cta + beside.cta.opening + held.cta,
                day.profit + held.profit,
            )
            currency = sheet.group.presentation
            moved, entry = reattribute(sale, day, sheet.chart, currency, number, dealing)
            sheet.entries.append(entry)
            sheet.changes.append(moved)
            made.append(changed(moved, day, before, was, opening))
            before, opening, was = day, 0, was + dealing.part
        return tuple(made)

    def _capital_beside(
        self,
        code: str,
        was: Fraction,
        standing: Mapping[str, int],
        sales: Sequence[tuple[PartialDisposal, Fraction]],
    ) -> dict[str, int]:
        """
        What outsiders have of capital beside their share of all of it; credit positive.

        Of what stood as the period opened they keep what they had; of what came after a
        change in the period they have more, or less.
        """
        sheet, beside = self.sheet, dict[str, int]()
        kept = sheet.opened[code].capital if code in sheet.opened else None
        for account in {**standing, **(kept or {})}:
            beside[account] = sum(
                share_of(each.paid_later.get(account, 0), part) for each, part in sales
            )
            if kept is not None:
                fresh = sheet.came(sheet.translations[code], account)
                fresh += moved_into(sheet.moves.get(code, ()), (account,))
                beside[account] += kept.get(account, 0) + share_of(fresh, was)
                beside[account] += share_of(standing.get(account, 0), was)
        return beside

    @cached_property
    def _cancelled(self) -> dict[tuple[str, str], int]:
        """Equity at acquisition that was cancelled, by target and account, debit positive."""
        sums: dict[tuple[str, str], int] = {}
        for entry in self.sheet.entries:
            if entry.kind not in ("investment", "capital_reduction"):
                continue
            for line in entry.lines:
                if line.entity == entry.entity:
                    key = (line.entity, line.account)
                    sums[key] = sums.get(key, 0) + line.amount
        return sums

    @cached_property
    def _received(self) -> dict[str, int]:
        """Dividend income from group companies, by holder, positive."""
        sheet = self.sheet
        sums: dict[str, int] = {}
        for entry in sheet.entries:
            if entry.kind != "dividend":
                continue
            for line in entry.lines:
                if sheet.chart.kind(line.account) in RESULT:
                    sums[line.entity] = sums.get(line.entity, 0) + line.amount
        return sums

    def _retained(self, translation: Translation) -> int:
        """Retained earnings since acquisition, as they opened; credit positive."""
        return -sum([self._left(translation, each) for each in self._retaining])

    def _left(self, translation: Translation, account: str) -> int:
        """What of an account no acquisition cancelled, debit positive."""
        booked = line_amount(translation, account, self.sheet.chart)
        return booked + self._cancelled.get((translation.entity, account), 0)

    def _reserves_of(
        self,
        translation: Translation,
        sales: Sequence[tuple[PartialDisposal, Fraction]],
        opened: OutsidersOpening | None,
    ) -> dict[str, Reserve]:
        """Other comprehensive income since acquisition, by account with any."""
        code, sheet = translation.entity, self.sheet
        found = {}
        for account in self._recognising:
            recognised = sheet.came(translation, account)
            transferred = moved_into(sheet.moves.get(code, ()), (account,))
            opening = -self._left(translation, account) - recognised - transferred
            known = _kept(opened, account)
            if opening or recognised or transferred or known:
                later = sum(share_of(e.recognised_later.get(account, 0), n) for e, n in sales)
                found[account] = Reserve(opening, recognised, transferred, later, known)
        return found

    @cached_property
    def _retaining(self) -> tuple[str, ...]:
        """Accounts of retained earnings, reserves of profits among them."""
        return self.sheet.chart.codes_of(AccountClass.RETAINED_EARNINGS)

    @cached_property
    def _recognising(self) -> tuple[str, ...]:
        """Accounts of other comprehensive income."""
        return self.sheet.chart.codes_of(AccountClass.OCI)

    @cached_property
    def _capital(self) -> tuple[str, ...]:
        """Accounts of capital paid in."""
        return self.sheet.chart.codes_of(*CONTRIBUTED)

    def _standing_capital(self, code: str) -> dict[str, int]:
        """Capital of a subsidiary that no acquisition cancelled, by account, debit positive."""
        sheet = self.sheet
        translation = sheet.translations[code]
        standing: dict[str, int] = {}
        for line in sheet.chart.slots(translation.accounts, code).other.tolist():
            account = translation.accounts[line]
            if sheet.chart.kind(account) in CONTRIBUTED and account not in standing:
                amount = line_amount(translation, account, sheet.chart)
                standing[account] = amount + self._cancelled.get((code, account), 0)
        return {account: amount for account, amount in standing.items() if amount}


def _kept(opened: OutsidersOpening | None, account: str) -> int | None:
    """What outsiders had of a reserve when the period opened; None: at the share they have."""
    if opened is None or opened.reserves is None:
        return None
    return opened.reserves.get(account, 0)
