"""One company's cash flows of a month, from the balances at its two ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monthclose.consolidation.cash_days import DatedPart, parts_of_days
from monthclose.consolidation.cash_ends import Ends, balance_before, corrected, ends_of
from monthclose.consolidation.cash_flow import check_cash, prove_cash
from monthclose.consolidation.cash_rules import (
    DIVIDENDS_LINE,
    WRITTEN_OFF_LINE,
    CashRules,
)
from monthclose.consolidation.dividends import dividends_of
from monthclose.consolidation.months import Months
from monthclose.ledger.balances import Dated, TrialBalance
from monthclose.ledger.cash_flows import (
    RESULT_LINE,
    CashFlow,
    CashMovements,
    LineKey,
    Own,
    Part,
    Section,
    own_line,
)
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Amounts, Money, total
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, Quote, convert, convert_one
from monthclose.ledger.translations import CtaProof

CORRECTIONS_LINE = own_line(Section.OPERATING, Own.CORRECTIONS, Part.ADJUSTMENT)


class RetainedMoved(CloseError):
    """Retained earnings moved by something that is no result, dividend or transfer."""

    code = "cash-flow-retained-moved"

    def __init__(self, entity: str, period: str, size: Money) -> None:
        super().__init__(entity=entity, period=period, size=size)


class CashRestated(CloseError):
    """A company whose books are restated, and whose cash flows would have to be (IAS 29.33)."""

    code = "cash-restated"

    def __init__(self, entity: str) -> None:
        super().__init__(entity=entity)


@dataclass(frozen=True, slots=True)
class CashMonth:
    """
    A company's cash from the end of one month to the end of the next.

    Every pair is minor units of its own currency and of the presentation currency,
    inflows positive.

    Attributes:
        lines: By line.
        opening: Cash at the start, at the closing rate of the last month.
        closing: Cash at the end.
        remeasured: Exchange differences on its own foreign cash, its own currency.
        proof: Of the effect of exchange rates.
        rounded_lines: How many amounts were rounded.
        intragroup: What of *lines* are balances with group companies, presentation currency.
        declared: What of *lines* are dividends declared to it and not yet received.
        invested: What it paid for companies, by acquisition, and what left its investments
            with a sale (negative), by `change_key`; presentation currency.
    """

    lines: dict[LineKey, tuple[int, int]]
    opening: tuple[int, int]
    closing: tuple[int, int]
    remeasured: int
    proof: CtaProof
    rounded_lines: int
    intragroup: dict[LineKey, int]
    declared: dict[LineKey, int]
    invested: dict[str, int]


def month_cash(months: Months, rules: CashRules, entity: Entity, month: Period) -> CashMonth:
    """
    Derive a company's cash flows of one month by the indirect method.

    What cash moved by is what every other account moved by, turned: the result of the
    month, what of it was no cash, and the movements of assets, liabilities and equity.
    So the flows lead from opening to closing cash to the cent in the company's currency,
    and that is checked. Each takes the average of the month; capital paid in or out,
    dividends and what was paid for companies take the rate of their day. Nothing of it is
    the difference of two translated balances.

    Args:
        months: The month and the one before, loaded.
        rules: What each account is.
        entity: The company.
        month: The month.

    Raises:
        CashRestated: its books are restated with a price index.
        CashMonthMissing: the balance the month began with is not loaded.
        CashYearIncomplete: its records begin within a fiscal year.
        RetainedMoved: retained earnings moved otherwise than by result, dividends, transfers.
        CashUnexplained: the flows do not lead to closing cash.
        MissingRate: a rate of a day was not loaded.

    Source:
        IAS 7.18(b), 7.20, 7.25-28; ASC 230-10-45-28, 830-230-45-1; CPC 03.
    """
    if entity.index:
        raise CashRestated(entity.code)
    return _Derivation(months, rules, entity, month).month()


class _Derivation:
    """One company and month under derivation."""

    def __init__(self, months: Months, rules: CashRules, entity: Entity, month: Period) -> None:
        self.months, self.rules, self.entity, self.month_ = months, rules, entity, month
        self.group, self.chart = months.group, months.group.chart
        self.pair = (entity.currency, self.group.presentation)
        self.foreign = entity.currency != self.group.presentation
        self.rates, self.translation, self.start = months.month(entity, month)
        self.average = self.rates.average
        self.lines: dict[LineKey, list[int]] = {}
        self.intragroup: dict[LineKey, int] = {}
        self.declared: dict[LineKey, int] = {}
        self.invested: dict[str, int] = {}
        self.causes: list[CashFlow] = []
        self.at_average = 0
        self.rounded = 0
        self.opened_with_cash = False

    def month(self) -> CashMonth:
        """Derive the month."""
        now = self.months.since_control(self.entity, self.month_)
        was = balance_before(self.months, self.entity, self.month_)
        ends = ends_of(self.months, self.rules, self.entity, self.month_, (was, now))
        self._result(ends)
        self._equity_and_dividends(ends)
        self._movements(ends)
        remeasured = self._foreign_cash(ends)
        self.opened_with_cash = bool(self._cash_of(was).any())
        opening, closing = self._cash(was, now)
        self._flow("flows", self.at_average, self.average)
        cash = CashMovements(
            self.entity.code,
            self.entity.currency,
            opening[0],
            closing[0],
            tuple(self.causes),
            self._opening_quote(),
            self.rates.closing,
            remeasured,
        )
        check_cash(cash)
        return CashMonth(
            lines={key: (both[0], both[1]) for key, both in self.lines.items() if any(both)},
            opening=opening,
            closing=closing,
            remeasured=remeasured,
            proof=prove_cash(cash, self.group.presentation),
            rounded_lines=self.rounded + 1 if self.foreign else 0,
            intragroup=self.intragroup,
            declared=self.declared,
            invested=self.invested,
        )

    def _add(self, key: LineKey, amount: int, translated: int) -> None:
        both = self.lines.setdefault(key, [0, 0])
        both[0] += amount
        both[1] += translated

    def _flow(self, label: str, amount: int, quote: Quote | None) -> None:
        """Keep a cause of the effect of exchange rates."""
        if amount:
            self.causes.append(CashFlow(Section.OPERATING, label, amount, quote))

    def _averaged(self, amount: int) -> int:
        """Translate what has no day of its own, and count it among what takes the average."""
        self.at_average += amount
        self.rounded += amount != 0
        return convert_one(amount, self.average, *self.pair) if amount else 0

    def _result(self, ends: Ends) -> None:
        """The result of the month, and what of it is no operating cash."""
        rules, accounts = self.rules, self.chart.accounts
        self._add(RESULT_LINE, -total(ends.result), -total(ends.result_translated))
        if self.foreign:  # each line of the balance was rounded, partners apart
            slots = self.chart.slots(self.translation.accounts, self.entity.code)
            self.rounded += len(slots.result)
        rest = -total(ends.result)
        for treatment in self.rates.treatments.values() if self.foreign else ():
            if isinstance(treatment, Dated):
                for part in treatment.parts:
                    self._flow("single_items", -part.amount, part.quote)
                    rest += part.amount
                    self.rounded += 1
        self.at_average += rest
        for place, line in rules.taken_out.items():
            amount, translated = -int(ends.result[place]), -int(ends.result_translated[place])
            adjustment = LineKey(Section.OPERATING, Part.ADJUSTMENT, accounts[place].code)
            self._add(adjustment, -amount, -translated)
            self._add(line, amount, translated)
            if ends.result_within is not None and (within := -int(ends.result_within[place])):
                # Moved, not added: as it was translated when it is all of it, else its part.
                if within != amount:
                    translated = convert_one(within, self.average, *self.pair)
                self.intragroup[line] = self.intragroup.get(line, 0) + translated

    def _foreign_cash(self, ends: Ends) -> int:
        """Exchange differences on its own foreign cash: no flow, and shown apart (IAS 7.28)."""
        remeasured = 0
        for place in self.rules.foreign_cash:
            amount, translated = -int(ends.result[place]), -int(ends.result_translated[place])
            code = self.chart.accounts[place].code
            key = LineKey(Section.OPERATING, Part.ADJUSTMENT, code)
            self._add(key, -amount, -translated)
            self.at_average -= amount
            remeasured += amount
        return remeasured

    def _equity_and_dividends(self, ends: Ends) -> None:
        """Dividends less what is not paid yet; nothing else may have moved retained earnings."""
        restated = sum(corrected(self.months, self.entity, self.month_).values())
        if restated:  # what was restated moved with them, and was no cash
            self._add(CORRECTIONS_LINE, -restated, self._averaged(-restated))
        unexplained = total(ends.moved[self.rules.retained])
        if unexplained:
            size = Money(-unexplained, self.entity.currency)
            raise RetainedMoved(self.entity.code, str(self.month_), size)
        declared = -sum(int(ends.moved[place]) for place in self.rules.dividends)
        unpaid = -sum(int(ends.moved[place]) for place in self.rules.payable)
        if declared + unpaid == 0:
            return
        parts = []
        if unpaid == 0:
            parts = [
                DatedPart("dividends", -each.amount, each.quote)
                for each in dividends_of(self.group, self.entity, self.month_, self.month_)
            ]
        # A dividend paid later than it was declared has no day in the records.
        self._dated(DIVIDENDS_LINE, declared + unpaid, parts)

    def _dated(self, key: LineKey, amount: int, parts: Sequence[DatedPart]) -> int:
        """Add a flow: parts of a day at its rate, the rest at the average; give its translation."""
        translated = 0
        known = sum(each.amount for each in parts)
        certain = any(each.certain for each in parts)
        if certain or (known * amount > 0 and abs(known) <= abs(amount)):
            for each in parts:
                made = convert_one(each.amount, each.quote, *self.pair)
                self._flow(each.label, each.amount, each.quote)
                self.rounded += 1
                translated += made
                if each.key:
                    self.invested[each.key] = -made
            known = amount - known
        else:
            known = amount
        translated += self._averaged(known)
        self._add(key, amount, translated)
        return translated

    def _movements(self, ends: Ends) -> None:
        """Movements of assets, liabilities and capital."""
        rules = self.rules
        self._written_off(ends)
        dated = parts_of_days(self.group, self.entity, self.month_, rules)
        flows = -ends.moved
        for place in np.flatnonzero(flows).tolist():
            key = rules.lines[place]
            if key is None or key in (DIVIDENDS_LINE, WRITTEN_OFF_LINE):
                continue
            amount = int(flows[place])
            if inside := -int(ends.within[place]):
                translated = self._averaged(inside)
                self.intragroup[key] = self.intragroup.get(key, 0) + translated
                self._add(key, inside, translated)
                amount -= inside
            if amount:
                translated = self._dated(key, amount, dated.get(place, ()))
                if place in rules.dividends_due:
                    self.declared[key] = self.declared.get(key, 0) + translated

    def _written_off(self, ends: Ends) -> None:
        """
        What accumulated depreciation moved by beside what was charged.

        The charge stands on the line already, as it was translated. Only what the two leave
        is translated here: nothing, when nothing was written off.
        """
        rules = self.rules
        moved = -sum(
            int(ends.moved[place])
            for place, key in enumerate(rules.lines)
            if key == WRITTEN_OFF_LINE
        )
        charged, translated = self.lines.get(WRITTEN_OFF_LINE, (0, 0))
        self.at_average += moved - (charged + moved)
        left = self._averaged(charged + moved)
        self._add(WRITTEN_OFF_LINE, moved, left - translated)

    def _opening_quote(self) -> Quote | None:
        """The closing rate that cash was last translated at; of an acquisition, of its day."""
        if not self.foreign:
            return None
        if self.month_ > self.months.start(self.entity, self.month_):
            return self.months.month(self.entity, self.month_.plus(-1))[0].closing
        day = self.group.reported(self.entity.code, self.month_.plus(-1)).last_day
        quote = self.start.quote or self.group.rates.closing(*self.pair, day)
        if quote is None and self.opened_with_cash:
            raise MissingRate(*self.pair, "closing", str(day), self.entity.code)
        return quote

    def _cash(
        self, was: TrialBalance | None, now: TrialBalance
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        """Cash at both ends, translated line by line as the balance sheet is."""
        ends = []
        for balance, quote in ((was, self._opening_quote()), (now, self.rates.closing)):
            translated = amounts = self._cash_of(balance)
            if self.foreign and amounts.any():
                translated = convert(amounts, quote, *self.pair)
                self.rounded += len(amounts)
            ends.append((total(amounts), total(translated)))
        return ends[0], ends[1]

    def _cash_of(self, balance: TrialBalance | None) -> Amounts:
        """The lines of a balance that are cash."""
        if balance is None:
            return np.zeros(0, dtype=np.int64)
        places = self.chart.slots(balance.accounts, balance.entity).chart
        return balance.amounts[self.rules.cash[places]]
