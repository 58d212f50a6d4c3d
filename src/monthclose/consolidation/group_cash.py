"""The statement of cash flows of a group: its companies', less what passed between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from monthclose.consolidation.associates import bought_as_associates
from monthclose.consolidation.cash_days import account_of, change_key, reduction_key
from monthclose.consolidation.cash_rules import DIVIDENDS_LINE, CashRules
from monthclose.consolidation.company_cash import CashMonth, month_cash
from monthclose.consolidation.dividends import dividends_of
from monthclose.consolidation.months import Months
from monthclose.ledger.accounts import CONTRIBUTED, RESULT
from monthclose.ledger.acquisitions import AcquisitionKind
from monthclose.ledger.book import Book
from monthclose.ledger.cash_flows import (
    RESULT_LINE,
    CashFlows,
    CompanyCash,
    LineKey,
    Own,
    Part,
    Section,
    StatedCash,
    own_line,
)
from monthclose.ledger.entities import Entity, Method
from monthclose.ledger.errors import CloseError
from monthclose.ledger.events import Disposal, PartialDisposal, StepAcquisition
from monthclose.ledger.journal import Entry
from monthclose.ledger.money import Money, apart, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.pickups import EquityPickup
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import CtaProof, ProofComponent

OWNERS = own_line(Section.FINANCING, Own.DIVIDENDS_OWNERS)
OUTSIDERS = own_line(Section.FINANCING, Own.DIVIDENDS_OUTSIDERS)
CAPITAL = own_line(Section.FINANCING, Own.CAPITAL_OUTSIDERS)
BETWEEN = own_line(Section.OPERATING, Own.INTRAGROUP)
ACQUIRED = own_line(Section.INVESTING, Own.ACQUIRED)
SOLD = own_line(Section.INVESTING, Own.SOLD)
TRADED = own_line(Section.FINANCING, Own.OUTSIDERS_TRADED)


class CashEffectUnproved(CloseError):
    """The effect of exchange rates on cash is not what opening cash and the flows give."""

    code = "cash-effect-unproved"

    def __init__(self, entity: str, currency: str, proved: int, left: int) -> None:
        super().__init__(entity=entity, **apart(currency, proved, left))


class CashResultDiffers(CloseError):
    """The result that the cash flows begin with is not that of the income statement."""

    code = "cash-result-differs"

    def __init__(self, group: str, currency: str, stated: int, found: int) -> None:
        super().__init__(entity=group, **apart(currency, stated, found))


class CashEntryUnexplained(CloseError):
    """An entry of the consolidation moves cash, and no flow says why."""

    code = "cash-entry-unexplained"

    def __init__(self, entry: str, size: Money) -> None:
        super().__init__(entry=entry, size=size)


@dataclass(slots=True)
class _Year:
    """A company's months of the fiscal year, added up: see `CashMonth`."""

    entity: Entity
    since: Period
    lines: dict[LineKey, list[int]] = field(default_factory=dict)
    opening: tuple[int, int] = (0, 0)
    closing: tuple[int, int] = (0, 0)
    remeasured: int = 0
    effect: int = 0
    proved: int = 0
    causes: dict[str, int] = field(default_factory=dict)
    rounded_lines: int = 0
    intragroup: dict[LineKey, int] = field(default_factory=dict)
    declared: dict[LineKey, int] = field(default_factory=dict)
    invested: dict[str, int] = field(default_factory=dict)

    def add(self, month: CashMonth, *, first: bool) -> None:
        """Add a month that follows."""
        if first:
            self.opening = month.opening
        self.closing = month.closing
        translated = 0
        for key, both in month.lines.items():
            line = self.lines.setdefault(key, [0, 0])
            line[0] += both[0]
            line[1] += both[1]
            translated += both[1]
        self.effect += month.closing[1] - month.opening[1] - translated
        self.remeasured += month.remeasured
        self.proved += month.proof.total
        self.rounded_lines += month.rounded_lines
        for part in month.proof.components:
            self.causes[part.label] = self.causes.get(part.label, 0) + part.amount
        for kept, new in (
            (self.intragroup, month.intragroup),
            (self.declared, month.declared),
        ):
            for key, amount in new.items():
                kept[key] = kept.get(key, 0) + amount
        self.invested |= month.invested

    def stated(self, period: str, presentation: str) -> CompanyCash:
        """
        The two statements of the company.

        Raises:
            CashEffectUnproved: what is left is more than rounding.
        """
        code, currency, since = self.entity.code, self.entity.currency, str(self.since)
        if 2 * abs(self.effect - self.proved) > self.rounded_lines:
            raise CashEffectUnproved(code, presentation, self.proved, self.effect)
        own = {key: both[0] for key, both in self.lines.items() if both[0]}
        made = {key: both[1] for key, both in self.lines.items() if both[1]}
        return CompanyCash(
            StatedCash(
                code, currency, since, period, own, self.opening[0], self.closing[0],
                self.remeasured,
            ),
            StatedCash(
                code, presentation, since, period, made, self.opening[1], self.closing[1],
                self.effect, _proof(self.causes, self.proved), self.rounded_lines,
            ),
        )  # fmt: skip


def cash_flows(months: Months, book: Book) -> CashFlows:
    """
    State the cash flows of a close, fiscal year to date: every company's, and the group's.

    What cannot be stated is left out and named; no line takes up what is not known.

    Args:
        months: The months that the close was made of, each with the one before.
        book: The close, made from the group's records.

    Source:
        IAS 7.18(b), 7.25-28, 7.39-42B; ASC 830-230-45-1; CPC 03.
    """
    rules, period = CashRules(months.group.chart), Period.parse(book.period)
    problems: list[CloseError] = []
    years: dict[str, _Year] = {}
    stated: list[CompanyCash] = []
    try:
        rules.check(months.group.code)
    except CloseError as error:
        return CashFlows(book.period, None, (), (error,))
    for entity in months.in_scope(book.period):
        try:
            year = _year(months, rules, entity, period)
            stated.append(year.stated(book.period, book.presentation))
            years[entity.code] = year
        except CloseError as error:
            problems.append(error)
    group = None
    if not problems:
        try:
            group = _Consolidation(months, rules, book, years).stated()
        except CloseError as error:
            problems.append(error)
    return CashFlows(book.period, group, tuple(stated), tuple(problems))


def _year(months: Months, rules: CashRules, entity: Entity, period: Period) -> _Year:
    """Add up a company's months."""
    start = month = months.start(entity, period)
    period = months.group.until(entity.code, period)  # a company sold stays as it was
    year = _Year(entity, start)
    while month <= period:
        months.balance(entity.code, str(month), str(period))
        year.add(month_cash(months, rules, entity, month), first=month == start)
        month = month.plus(1)
    return year


class _Consolidation:
    """A group's statement under construction."""

    def __init__(
        self, months: Months, rules: CashRules, book: Book, years: Mapping[str, _Year]
    ) -> None:
        self.months, self.rules, self.book, self.years = months, rules, book, years
        self.chart, facts = book.chart, book.facts
        self.bought = (*facts.acquisitions, *bought_as_associates(facts.associates))
        self.lines: dict[LineKey, int] = {}
        self.left = 0  # cash that went with companies sold, negative
        self.since = min((year.since for year in years.values()), default=None)
        self._invested: dict[str, int] = {}
        for year in years.values():
            self._invested |= year.invested
        self.parent = next(
            (e.code for e in months.entities.values() if e.method is Method.PARENT), ""
        )

    def stated(self) -> StatedCash:
        """
        Add the companies up, and take out what passed between them.

        Raises:
            CashEntryUnexplained: an entry moves cash.
            CashResultDiffers: the result is not that of the income statement.
            CashUnexplained: the flows do not lead to closing cash.
        """
        for year in self.years.values():
            self._company(year)
        acquired = self._acquisitions()
        self._sales()
        self._reductions()
        for entry in self.book.entries:
            self._entry(entry)
        result = self.lines.get(RESULT_LINE, 0)
        book, years = self.book, self.years.values()
        if result != book.totals.net_income:
            raise CashResultDiffers(
                book.group.code, book.presentation, book.totals.net_income, result
            )
        causes: dict[str, int] = {}
        for year in years:
            for label, amount in year.causes.items():
                causes[label] = causes.get(label, 0) + amount
        return StatedCash(
            entity="",
            currency=book.presentation,
            since=str(min(year.since for year in years)),
            period=book.period,
            lines={key: amount for key, amount in self.lines.items() if amount},
            opening=sum(year.opening[1] for year in years) - acquired,
            closing=sum(year.closing[1] for year in years) + self.left,
            effect=sum(year.effect for year in years),
            proof=_proof(causes, sum(year.proved for year in years)),
            rounded_lines=sum(year.rounded_lines for year in years),
        )

    def _add(self, key: LineKey, amount: int) -> None:
        self.lines[key] = self.lines.get(key, 0) + amount

    def _move(self, source: LineKey, to: LineKey, amount: int) -> None:
        """Move an inflow from one line to another."""
        self._add(source, -amount)
        self._add(to, amount)

    def _company(self, year: _Year) -> None:
        """Add a company's lines: what it has with the group apart, owners and outsiders apart."""
        code = year.entity.code
        for key, (_, amount) in year.lines.items():
            line = key
            if key == DIVIDENDS_LINE and code == self.parent:
                line = OWNERS
            elif key == DIVIDENDS_LINE:
                outside = self._paid_outside(year, amount)
                self._add(OUTSIDERS, outside)
                self._add(BETWEEN, amount - outside)
                continue
            elif self._capital(key) and code != self.parent:
                line = self._capital_of(code)
            self._add(line, amount)
        for kept in (year.intragroup, year.declared):
            for key, amount in kept.items():
                self._move(key, BETWEEN, amount)

    def _paid_outside(self, year: _Year, paid: int) -> int:
        """
        What of a subsidiary's dividends left the group.

        What was declared in the year and paid, each to those who held it on its day; of
        what was declared before, or is not paid yet, the part of the last one declared.
        """
        payer, group, period = year.entity, self.months.group, Period.parse(self.book.period)
        if payer.code not in self.book.nci:
            return 0
        whole, received = self._declared(payer, year.since)
        if whole == -paid:
            return paid + received
        days = [each.on for each in group.dividends_of.get(payer.code, ()) if each.on is not None]
        last = max((on for on in days if on <= period.last_day), default=None)
        if last is None:
            held = [i.share for i in self.book.facts.interests if i.investee == payer.code]
            return share_of(paid, 1 - sum(held, Fraction(0)))
        whole, received = self._declared(payer, Period.of(last))
        return paid - share_of(paid, Fraction(received, whole)) if whole else 0

    def _declared(self, payer: Entity, since: Period) -> tuple[int, int]:
        """Dividends since a month, and what of them holders in the group received."""
        group, presentation = self.months.group, self.book.presentation
        whole = received = 0
        for each in dividends_of(group, payer, Period.parse(self.book.period), since):
            whole += convert_one(each.amount, each.quote, payer.currency, presentation)
            for part in each.received:
                currency = group.currencies[part.holder]
                received += convert_one(part.amount, part.quote, currency, presentation)
        return whole, received

    def _capital(self, key: LineKey) -> bool:
        return bool(key.account) and self.chart.kind(key.account) in CONTRIBUTED

    def _capital_of(self, entity: str) -> LineKey:
        """Where capital of a subsidiary goes that the group did not pay in."""
        return CAPITAL if entity in self.book.nci else BETWEEN

    def _acquisitions(self) -> int:
        """
        Take out capital paid into subsidiaries; net what was paid for others with their cash.

        Returns:
            Cash of companies bought in the year, which the group did not open with.
        """
        for each in self.bought:
            if each.pickup and each.pickup.reserve_moved:  # in both at once, and no cash
                self._unreserve(each.acquirer, each.investment_account, each.pickup)
        acquired = 0
        opened = set()
        for each in self.book.facts.acquisitions:
            paid = self._invested.get(each.id, 0)
            line = self.rules.lines[self.chart.index[each.investment_account]] if paid else None
            founded = each.kind is AcquisitionKind.FORMATION
            if line is not None:
                self._move(self._capital_of(each.target) if founded else ACQUIRED, line, paid)
            if founded or each.target in opened or each.target not in self.years:
                continue
            year = self.years[each.target]
            if each.in_period or year.since != self.since:  # the group did not open with it
                opened.add(each.target)
                acquired += year.opening[1]
                self._add(ACQUIRED, year.opening[1])
        return acquired

    def _reductions(self) -> None:
        """Take out capital that came back to holders in the group: what outsiders got is left."""
        for given in self.book.facts.reductions:
            for part in given.received:
                back = self._invested.get(reduction_key(given, part), 0)
                account = account_of(self.book.facts.acquisitions, part.holder, given.entity)
                line = self.rules.lines[self.chart.index[account]]
                if back and line is not None:
                    self._move(self._capital_of(given.entity), line, back)

    def _unreserve(self, holder: str, account: str, pickup: EquityPickup) -> None:
        """Take what equity pick-up put into a reserve back out of the investment."""
        places = self.chart.index
        reserve = self.rules.lines[places[pickup.reserve_account]]
        line = self.rules.lines[places[account]]
        if reserve is not None and line is not None:
            moved, translated = self.years[holder].lines.get(reserve, (0, 0))
            if moved:  # its part of the reserve's movement, as that was translated
                part = Fraction(pickup.reserve_moved, moved)
                self._move(reserve, line, share_of(translated, part))

    def _sales(self) -> None:
        """
        Move what left a holder's investments to the sale it was of.

        A loss of control is investing; shares sold to outsiders, or bought of them, while
        control stays are financing (IAS 7.39, 7.42A).
        """
        for event in self.book.facts.events:
            if isinstance(event, StepAcquisition):
                continue
            if isinstance(event, PartialDisposal) and event.through:
                continue
            taken = -self._invested.get(change_key(event), 0)
            line = self.rules.lines[self.chart.index[event.investment_account]]
            if taken and line is not None:
                self._move(line, SOLD if isinstance(event, Disposal) else TRADED, taken)
                if isinstance(event, Disposal) and (kept := event.retained):
                    # It left one investment for another, without cash.
                    line = self.rules.lines[self.chart.index[kept.account]]
                    if line is not None:
                        self._move(SOLD, line, kept.carried)
        for sale in (each for associate in self.book.facts.associates for each in associate.sales):
            # Its cost is a flow of the investment already, in the books of the holder.
            line = self.rules.lines[self.chart.index[sale.investment_account]]
            self._of_price(sale.gain_account, sale.separate_gain, line)

    def _entry(self, entry: Entry) -> None:
        """
        What an entry of the consolidation does to the result, it does without cash.

        Dividends inside the group leave the holder's result and the payer's dividends;
        equity pick-up leaves the result and the investment; anything else adjusts.
        """
        chart, rules = self.chart, self.rules
        cash = sum(each.amount for each in entry.lines if rules.cash[chart.index[each.account]])
        sold = entry.kind == "disposal"
        if cash and not sold:
            raise CashEntryUnexplained(entry.id, Money(cash, entry.currency))
        if cash:
            self.left += cash
            self._add(SOLD, cash)
        results: dict[str, int] = {}
        for each in entry.lines:
            if chart.kind(each.account) in RESULT:
                results[each.account] = results.get(each.account, 0) - each.amount
        if not sum(results.values()) and not sold:
            return  # two sides of one transaction, or nothing of the result
        target = self._target(entry)
        for account, amount in results.items():
            self._result(account, amount, target)
        if sold:
            # The holder's own gain was part of the price; the group's replaces it, without cash.
            for event in self.book.facts.events:
                if isinstance(event, Disposal) and event.entity == entry.entity:
                    self._of_price(event.gain_account, event.separate_gain, SOLD)

    def _of_price(self, account: str, gain: int, line: LineKey | None) -> None:
        """Take a gain that a holder booked from its result to the line of the price."""
        self._result(account, gain, None)
        self._result(account, -gain, line)

    def _result(self, account: str, amount: int, target: LineKey | None) -> None:
        """Add to the result, and take it from where its other side is; None: it adjusts."""
        adjustment = LineKey(Section.OPERATING, Part.ADJUSTMENT, account)
        self._add(RESULT_LINE, amount)
        if target is None:
            self._add(adjustment, -amount)
            return
        self._add(target, -amount)
        taken = self.rules.taken_out.get(self.chart.index[account])
        if taken is not None:
            self._move(adjustment, taken, amount)

    def _target(self, entry: Entry) -> LineKey | None:
        """Where the other side of an entry's result is a flow of a company; None: nowhere."""
        if entry.kind == "dividend":
            return BETWEEN
        if entry.kind == "partial_disposal":
            return TRADED
        if entry.kind == "equity_pickup":
            for each in self.bought:
                if each.id == entry.reference:
                    return self.rules.lines[self.chart.index[each.investment_account]]
        return None


def _proof(causes: Mapping[str, int], proved: int) -> CtaProof:
    """A proof by cause; each was rounded for display, the sum apart."""
    parts = tuple(ProofComponent(label, None, amount) for label, amount in causes.items())
    return CtaProof(parts, proved)
