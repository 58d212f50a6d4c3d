"""
Books of a hyperinflationary economy from dated records: restated month by month (IAS 29).

Money stays; everything else is in the purchasing power of the month's end. What was there
at the last close grows from the amount it was restated to then; what came since grows from
its month: income, expense, movements of non-monetary items, capital of its day. What a
non-monetary item loses goes out with the part of its restated amount that it is of its
books; what that is more than the books say is an expense of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np

from monthclose.consolidation.hyperinflation import is_monetary, prove_monetary_result
from monthclose.ledger.accounts import EQUITY, POSITION, RESULT, AccountClass
from monthclose.ledger.acquisitions import AcquisitionKind
from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Layers,
    PeriodRates,
    Treatment,
    TrialBalance,
)
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.hyperinflation import Past, PriceIndex, Restated
from monthclose.ledger.money import Money, rounded
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Translation
from monthclose.wording import Word

type Key = tuple[str, str]
"""Account and partner of a line."""

type Amounts = dict[Key, Fraction]


class RestatementRefused(CloseError):
    """Books that would have to be restated in a way that is not supported."""

    code = "restatement-refused"

    def __init__(self, entity: str, reason: str, standard: str) -> None:
        super().__init__(entity=entity, reason=Word(f"restatement-{reason}"), standard=standard)


class RestatementRoleMissing(CloseError):
    """The chart names no account for what a restatement leaves."""

    code = "restatement-role-missing"

    def __init__(self, entity: str, role: str, amount: Money) -> None:
        super().__init__(entity=entity, role=role, amount=amount)


class RestatedOpeningDiffers(CloseError):
    """A non-monetary item whose opening is not what its closing rate makes of it."""

    code = "restated-opening-differs"

    def __init__(self, entity: str, account: str, known: Money, stated: Money) -> None:
        super().__init__(entity=entity, account=account, known=known, stated=stated)


class RestatedEquityUnknown(CloseError):
    """An equity account of restated books has an amount without a record of its day."""

    code = "restated-equity-unknown"

    def __init__(self, entity: str, period: str, account: str, amount: Money) -> None:
        super().__init__(entity=entity, period=period, account=account, amount=amount)


@dataclass(frozen=True, slots=True)
class IndexedBooks:
    """
    A company's books of a fiscal year to date, and what they opened with.

    Attributes:
        entity: The company.
        balances: Of every month since the roll-forward began, in order.
        carried: What its equity accounts opened with, functional (restated to the last
            close) and translated, debit positive; empty: it began with these months.
        before: The books at the last close; None: as for *carried*.
        last: The last close, restated and translated; None: it is not this group's.
        opened_at: Then as loaded, non-monetary items by account: restated to the last
            close, and translated.
    """

    entity: Entity
    balances: tuple[TrialBalance, ...]
    carried: Mapping[str, tuple[int, int]]
    before: TrialBalance | None = None
    last: Translation | None = None
    opened_at: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def start(self) -> Period:
        """First month of the roll-forward."""
        return Period.parse(self.balances[0].period)

    @property
    def end(self) -> Period:
        """The month that is restated."""
        return Period.parse(self.balances[-1].period)

    @property
    def opened(self) -> Period | None:
        """The month of the last close; None: there was none."""
        return self.start.plus(-1) if self.before is not None else None


def restate_month(
    group: Group, books: IndexedBooks, rates: PeriodRates
) -> tuple[PeriodRates, Restated]:
    """
    Restate a company's fiscal year to date to the purchasing power of a month's end.

    Args:
        group: Its index is among the group's.
        books: Of the company.
        rates: Of the month, with the history of its equity.

    Returns:
        The same rates with income and expense at the closing rate, and the restated books:
        with them, the net monetary result by another road.

    Raises:
        RestatementRefused: US GAAP, a holder, a purchase, a correction, a currency of
            presentation.
        IndexMissing: a month that something came from has no index.
        RestatementRoleMissing: the chart names no account for the result.
        RestatedEquityUnknown: equity without a record.

    Source:
        IAS 29.11 to 29.28; IAS 21.42(a), 21.43.
    """
    if any(group.chart.kind(code) in RESULT for code in books.carried):
        raise RestatementRefused(books.entity.code, "within-year", "IAS 29.26")
    restated = _Restating(group, books, rates).restated()
    at_closing = AtRate(rates.closing)
    results: dict[str, Treatment] = {
        code: at_closing for code in restated.accounts if group.chart.kind(code) in RESULT
    }
    retained = {group.chart.roles.retained_earnings: CarriedForward(0)}  # dividends grow into it
    return replace(rates, treatments={**retained, **rates.treatments, **results}), restated


def as_balance(restated: Restated) -> TrialBalance:
    """Restated books as a trial balance, to be translated like any other."""
    return TrialBalance(
        restated.entity,
        str(restated.period),
        restated.currency,
        restated.accounts,
        restated.amounts,
        restated.partners,
    )


def check_supported(group: Group, entity: Entity, month: Period) -> None:
    """Refuse what the restatement does not know how to do, with the paragraph that asks for it."""
    if group.framework != "IFRS":
        raise RestatementRefused(entity.code, "us-gaap", "ASC 830-10-45-11")
    if any(Period.parse(e.since) <= month for e in group.corrections_of.get(entity.code, ())):
        raise RestatementRefused(entity.code, "correction", "IAS 8.42")
    if entity.currency == group.presentation:
        raise RestatementRefused(entity.code, "presentation", "IAS 29.8")
    if any(
        each.on is None or each.on <= month.last_day
        for each in group.acquisitions_by.get(entity.code, ())
    ):
        raise RestatementRefused(entity.code, "holder", "IAS 29.20")
    bought = group.acquisitions_of.get(entity.code, ())
    if any(each.kind is not AcquisitionKind.FORMATION for each in bought):
        raise RestatementRefused(entity.code, "purchase", "IAS 21.47")


class _Restating:
    """One company's month while it is restated: exact amounts, rounded once a line."""

    def __init__(self, group: Group, books: IndexedBooks, rates: PeriodRates) -> None:
        self.group, self.chart, self.rates = group, group.chart, rates
        self.books, self.entity, self.end = books, books.entity, books.end
        self.opened, self.carried = books.opened, books.carried
        self.index = group.prices.get(self.entity.index) or PriceIndex(self.entity.index, {})
        self.months = [Period.parse(each.period) for each in books.balances]
        self.exact: Amounts = {}
        self.used = Fraction(0)

    def restated(self) -> Restated:
        """Restate every line; what then no longer balances is the net monetary result."""
        before = self.books.before
        opening = {} if before is None else _lines(before)
        self._positions(opening)
        self._results()
        self._equity()
        used = rounded(self.used)
        if used:
            self._add((self._role("restated_use", used), ""), self.used)
        lines = {key: rounded(amount) for key, amount in self.exact.items()}
        rounded_lines = sum(1 for key in lines if not self._stays(key[0]))
        result = sum(lines.values())
        if result:
            key = (self._role("monetary_result", result), "")
            lines[key] = lines.get(key, 0) - result
        lines = {key: amount for key, amount in sorted(lines.items()) if amount}
        partners = tuple(partner for _, partner in lines)
        growth = self._factor(self.opened) if self.opened else Fraction(1)
        monetary = sum(int(amount) for (code, _), amount in opening.items() if self._money(code))
        past = Past(opened=self.opened, monetary=monetary)
        return Restated(
            entity=self.entity.code,
            period=self.end,
            currency=self.entity.currency,
            accounts=tuple(code for code, _ in lines),
            partners=partners if any(partners) else (),
            amounts=np.array(list(lines.values()), dtype=np.int64),
            monetary_result=result,
            opening_net_assets=-sum(both[0] for both in self.carried.values()),
            rounded_lines=rounded_lines,
            proved=prove_monetary_result(self.books.balances, self.chart, self.index, past),
            used=used,
            growth=growth,
            index=self.entity.index,
        )

    def _factor(self, start: Period) -> Fraction:
        """What a unit of a month is worth at the end."""
        return self.index.factor(start, self.end)

    def _money(self, code: str) -> bool:
        return self.chart.kind(code) in POSITION and is_monetary(self.chart, code)

    def _stays(self, code: str) -> bool:
        """Whether a line needs no restating: money, and dividends, whose rest is in earnings."""
        return self._money(code) or self.chart.kind(code) is AccountClass.DIVIDENDS

    def _role(self, role: str, amount: int) -> str:
        code: str = getattr(self.chart.roles, role)
        if not code:
            raise RestatementRoleMissing(
                self.entity.code, role, Money(abs(amount), self.entity.currency)
            )
        return code

    def _add(self, key: Key, amount: Fraction | int) -> None:
        self.exact[key] = self.exact.get(key, Fraction(0)) + amount

    def _opening_restated(self, nominal: Mapping[Key, int]) -> Mapping[Key, int]:
        """What non-monetary items were restated to at the last close; the first time: the books."""
        last = self.books.last
        if last is None:
            stated = self.books.opened_at
            kept = {key: each for key, each in nominal.items() if key[0] not in stated}
            return kept | {(code, ""): self._opened_at(code) for code in stated}
        partners = last.partners or ("",) * len(last.accounts)
        return dict(
            zip(zip(last.accounts, partners, strict=True), last.reported.tolist(), strict=True)
        )

    def _opened_at(self, code: str) -> int:
        """A non-monetary item as it was loaded; the rate of then gives what was published."""
        amount, translated = self.books.opened_at[code]
        there = (self.entity.currency, self.rates.presentation)
        known = convert_one(amount, self.rates.opening, *there)
        if abs(known - translated) > 1:
            both = (Money(known, there[1]), Money(translated, there[1]))
            raise RestatedOpeningDiffers(self.entity.code, code, *both)
        return amount

    def _positions(self, nominal: Mapping[Key, int]) -> None:
        """Money as it is; of everything else the parts that are left, each grown."""
        now = _lines(self.books.balances[-1])
        restated = self._opening_restated(nominal)
        history = [dict(nominal), *map(_lines, self.books.balances)]
        for key in dict.fromkeys(key for each in history for key in each):
            if self.chart.kind(key[0]) not in POSITION:
                continue
            if self._money(key[0]):
                self._add(key, now.get(key, 0))
                continue
            opened = Fraction(restated.get(key, 0))
            held = [each.get(key, 0) for each in history]
            self._add(key, self._grown(opened, held))

    def _grown(self, opened: Fraction, held: Sequence[int]) -> Fraction:
        """
        One non-monetary item at the end, from what it was restated to and what moved since.

        What an item loses is a part of it as its books go; the same part of its restated
        amount goes, and what that is more than the books say is used up in that month.
        """
        worth = opened  # in the purchasing power of the month before
        last = self.opened
        for (before, now), month in zip(pairwise(held), self.months, strict=True):
            if last is not None and worth:
                worth *= self.index.factor(last, month)
            last = month
            move = now - before
            if before and move and (move > 0) != (before > 0):
                gone = min(abs(move), abs(before))
                part = Fraction(gone, abs(before))
                books = gone if before > 0 else -gone
                self.used += (worth * part - books) * self._factor(month)
                worth -= worth * part
                move += books
            worth += move
        return worth

    def _results(self) -> None:
        """Income and expense by the month they were booked in; dividends as they are."""
        before: dict[Key, int] = {}
        for balance, month in zip(self.books.balances, self.months, strict=True):
            now = _lines(balance)
            for key in dict.fromkeys((*before, *now)):
                if self.chart.kind(key[0]) in RESULT and (
                    move := now.get(key, 0) - before.get(key, 0)
                ):
                    self._add(key, move * self._factor(month))
            before = now
        for key, amount in before.items():
            if self.chart.kind(key[0]) is AccountClass.DIVIDENDS:
                self._add(key, amount)

    def _equity(self) -> None:
        """Equity from records: what was carried in, paid in, paid out, moved inside."""
        known: set[str] = set()
        retained = self.chart.roles.retained_earnings
        for account, treatment in self.rates.treatments.items():
            kind = self.chart.kind(account)
            if isinstance(treatment, CarriedForward) and kind in EQUITY:
                known.add(account)
                was = self.carried.get(account, (0, 0))[0]
                if was and self.opened is not None:
                    self._add((account, ""), was * self._factor(self.opened))
                for part in treatment.parts:
                    self._add((account, ""), part.amount * part.growth)
            elif isinstance(treatment, Layers) and kind is AccountClass.DIVIDENDS:
                for part in treatment.parts:
                    self._add((retained, ""), part.amount * (part.growth - 1))
        for moved in self.group.transfers_of.get(self.entity.code, ()):
            if self.months[0].first_day <= moved.on <= self.end.last_day:
                grown = moved.amount * self._factor(Period.of(moved.on))
                self._add((moved.source, ""), grown)
                self._add((moved.account, ""), -grown)
        for key, amount in _lines(self.books.balances[-1]).items():
            if amount and self.chart.kind(key[0]) in EQUITY and key[0] not in known:
                size = Money(amount, self.entity.currency)
                raise RestatedEquityUnknown(self.entity.code, str(self.end), key[0], size)


def _lines(balance: TrialBalance) -> dict[Key, int]:
    """Amounts by account and partner."""
    return dict(zip(balance.keys, balance.amounts.tolist(), strict=True))
