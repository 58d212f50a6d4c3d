"""Equity pick-up from dated records: what a holder booked month by month, and how it stands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.dividends import declared_quote, reduced_investment
from monthclose.consolidation.facts import quote_for
from monthclose.consolidation.months import Months
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.changes import ChangeKind, OwnershipChange
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Money, apart, share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.pickups import EquityPickup, PickedUp, PickupMonth
from monthclose.ledger.rates import convert_one


class PickupAccount(CloseError):
    """The chart has no account for what a holder books by equity pick-up."""

    code = "pickup-account"

    def __init__(self, holder: str, acquisition: str, role: str) -> None:
        super().__init__(holder=holder, acquisition=acquisition, role=role)


class PickupUnexplained(CloseError):
    """The holder's account of equity pick-up holds another amount than was recorded."""

    code = "pickup-unexplained"

    def __init__(
        self, holder: str, account: str, period: str, currency: str, known: int, booked: int
    ) -> None:
        super().__init__(
            holder=holder, account=account, period=period, **apart(currency, known, booked)
        )


class PickupTranslated(CloseError):
    """A month of equity pick-up whose translated amount is missing, or is none to state."""

    code = "pickup-translated"

    def __init__(self, acquisition: str, period: str, first: str, amount: Money) -> None:
        super().__init__(acquisition=acquisition, period=period, first=first, amount=amount)


class PickupChanged(CloseError):
    """A company under equity pick-up left the group, and a part of it was kept."""

    code = "pickup-changed"

    def __init__(self, acquisition: str, entity: str, on: str) -> None:
        super().__init__(acquisition=acquisition, entity=entity, on=on)


def picked_up(months: Months, acquisition: Acquisition, month: Period) -> Acquisition:
    """
    Give an acquisition what equity pick-up made of it in the holder's books.

    Months of earlier fiscal years stand in retained earnings, those of this one in the
    result, each at its average; dividends come off at the rate of their declaration.

    Args:
        months: The holder's balances, and the group's records.
        acquisition: With its rates; its investment is at cost.
        month: The month being closed.

    Returns:
        The same with what the holder carries; itself when it is at cost.

    Raises:
        PickupAccount: the chart has no account for it.
        PickupUnexplained: the account holds another amount than the months add up to.
        PickupChanged: control was lost by the month, and a part was kept as an associate.
        PickupTranslated: a month before the first one does not say what it was translated to.

    Source:
        Law 6.404 art. 248; CPC 18; ICPC 09; IAS 21.40.
    """
    records = months.group.pickups_of.get(acquisition.acquirer, ())
    if not any(each.acquisition == acquisition.id for each in records):
        return acquisition
    for change in months.group.changes_of.get(acquisition.target, ()):
        kept = change.kind is ChangeKind.DISPOSAL and change.retained_cost is not None
        if change.on <= month.last_day and kept:
            raise PickupChanged(acquisition.id, acquisition.target, str(change.on))
    end = months.group.until(acquisition.acquirer, month)  # a holder that was sold has no later one
    books = _Books(months, months.entities[acquisition.acquirer], records, end)
    pickup = books.of(acquisition)
    return replace(acquisition, investment=acquisition.investment + pickup.standing, pickup=pickup)


def picked_up_by(months: Months, acquisition: Acquisition, month: Period) -> int:
    """
    What equity pick-up had made of an investment when it was sold, presentation currency.

    With what of the holder's translation reserve went to the result.
    """
    records = months.group.pickups_of.get(acquisition.acquirer, ())
    own = [each for each in records if each.acquisition == acquisition.id]
    if not own:
        return 0
    books = _Books(months, months.entities[acquisition.acquirer], records, month)
    return books.added(acquisition) + books.recycled(acquisition)


class _Books:
    """What one holder has under equity pick-up."""

    def __init__(
        self, months: Months, holder: Entity, records: tuple[PickupMonth, ...], end: Period
    ) -> None:
        self.months, self.group, self.holder, self.end = months, months.group, holder, end
        self.records = [each for each in records if each.period <= str(end)]
        self.first = months.first(holder)
        self.year = self.group.fiscal_year.start(end)
        self.roles = self.group.chart.roles
        self.foreign = holder.currency != self.group.presentation

    def of(self, acquisition: Acquisition) -> EquityPickup:
        """What became of one investment."""
        own = [each for each in self.records if each.acquisition == acquisition.id]
        self._check(acquisition, own)
        prior = prior_presentation = 0
        current, dividends = [], []
        start = max(self.year, self.first)
        for each in own:
            part = self._part(each)
            if Period.parse(each.period) < self.year:
                prior += part.amount
                prior_presentation += part.presentation or 0
            else:
                current.append(replace(part, before=Period.parse(each.period) < start))
        for when, part in self._dividends(acquisition):
            if when < self.year:
                prior -= part.amount
                prior_presentation -= part.presentation or 0
            else:
                dividends.append(part)
        reserve = sum(each.reserve for each in own)
        since = sum(each.reserve for each in own if Period.parse(each.period) >= start)
        whole, before = self._reserves(acquisition, start) if reserve or since else (0, 0)
        return EquityPickup(
            income_account=self.roles.equity_pickup,
            current=tuple(current),
            prior=prior,
            prior_presentation=prior_presentation,
            dividends=tuple(dividends),
            reserve=reserve,
            reserve_moved=since,
            reserve_account=self.roles.translation_reserve,
            reserve_presentation=whole,
            reserve_moved_presentation=whole - before,
            recycled_account=self._gain_account(acquisition),
            recycled=self.recycled(acquisition),
        )

    def _sale(self, acquisition: str, by: date) -> OwnershipChange | None:
        """The change by which control of the company bought was lost; None: not by that day."""
        bought = self.group.acquisitions_by.get(self.holder.code, ())
        target = next(each.target for each in bought if each.id == acquisition)
        for change in self.group.changes_of.get(target, ()):
            if change.kind is ChangeKind.DISPOSAL and change.on <= by:
                return change
        return None

    def _gain_account(self, acquisition: Acquisition) -> str:
        sale = self._sale(acquisition.id, self.end.last_day)
        return sale.gain_account if sale else ""

    def recycled(self, acquisition: Acquisition) -> int:
        """What of the reserve went to the result with the company, at the rate of the day."""
        reserve = sum(e.reserve for e in self.records if e.acquisition == acquisition.id)
        sale = self._sale(acquisition.id, self.end.last_day) if reserve else None
        if sale is None:
            return 0
        quote = rate_of_day(self.group, self.holder.currency, sale.on, self.holder.code)
        return convert_one(reserve, quote, self.holder.currency, self.group.presentation)

    def added(self, acquisition: Acquisition) -> int:
        """What the months picked up less the dividends, each as it was translated."""
        own = [each for each in self.records if each.acquisition == acquisition.id]
        parts = [self._part(each).presentation or 0 for each in own]
        return sum(parts) - sum(e.presentation or 0 for _, e in self._dividends(acquisition))

    def _check(self, acquisition: Acquisition, own: list[PickupMonth]) -> None:
        """Refuse what has no account, and books that the records do not explain."""
        code, chart = self.holder.code, self.group.chart
        if not self.roles.equity_pickup:
            raise PickupAccount(code, acquisition.id, "equity_pickup")
        if any(each.reserve for each in own) and not self.roles.translation_reserve:
            raise PickupAccount(code, acquisition.id, "translation_reserve")
        balance = self.months.balance(code, str(self.end), str(self.end))
        lines = chart.slots(balance.accounts, code).lines.get(self.roles.equity_pickup, ())
        booked = -sum(int(balance.amounts[line]) for line in lines)
        known = sum(e.amount for e in self.records if Period.parse(e.period) >= self.year)
        if booked != known:
            raise PickupUnexplained(
                code, self.roles.equity_pickup, str(self.end), balance.currency, known, booked
            )

    def _reserves(self, acquisition: Acquisition, start: Period) -> tuple[int, int]:
        """What an investment has of the holder's translated reserve: now, and as it opened."""
        account = self.roles.translation_reserve
        translation = self.months.month(self.holder, self.end)[1]
        lines = self.group.chart.slots(translation.accounts, self.holder.code).lines
        places = lines.get(account, ())
        now = -sum(int(translation.amounts[place]) for place in places)
        booked = -sum(int(translation.reported[place]) for place in places)
        opened = self.months.carried(self.holder, start).accounts.get(account, (0, 0))
        stands = [e for e in self.records if not self._sale(e.acquisition, self.end.last_day)]
        known = sum(each.reserve for each in stands)
        if booked != known:
            raise PickupUnexplained(
                self.holder.code, account, str(self.end), self.holder.currency, known, booked
            )
        was = [
            each
            for each in self.records
            if Period.parse(each.period) < start
            and not self._sale(each.acquisition, start.plus(-1).last_day)
        ]
        return self._divided(now, stands, acquisition), self._divided(-opened[1], was, acquisition)

    def _divided(self, amount: int, of: list[PickupMonth], acquisition: Acquisition) -> int:
        """An investment's part of a translated amount: what the running total grows by."""
        whole = sum(each.reserve for each in of)
        if not whole:
            return 0
        upto = sum(each.reserve for each in of if each.acquisition < acquisition.id)
        own = sum(each.reserve for each in of if each.acquisition == acquisition.id)
        return share_of(amount, Fraction(upto + own, whole)) - share_of(
            amount, Fraction(upto, whole)
        )

    def _part(self, record: PickupMonth) -> PickedUp:
        """One month as it stands in the holder's translated books."""
        when = Period.parse(record.period)
        if not self.foreign:
            return PickedUp(record.amount, None, record.amount, period=record.period)
        if (record.translated is None) == (when < self.first):
            raise PickupTranslated(
                record.acquisition,
                record.period,
                str(self.first),
                Money(record.amount, self.holder.currency),
            )
        if record.translated is not None:
            return PickedUp(record.amount, None, record.translated, period=record.period)
        quote = quote_for(self.group, self.holder.currency, "average", when)
        pair = (self.holder.currency, self.group.presentation)
        # A line of the balance is translated once a month: each investment takes what the
        # running total of the line grows by, so that no cent stays on the account.
        upto = sum(e.amount for e in self._beside(record) if e.acquisition < record.acquisition)
        now = convert_one(upto + record.amount, quote, *pair)
        return PickedUp(
            record.amount, quote, now - convert_one(upto, quote, *pair), period=record.period
        )

    def _beside(self, record: PickupMonth) -> list[PickupMonth]:
        """What else went to the same line of the balance in that month."""
        same = [each for each in self.records if each.period == record.period]
        balance = self.months.balances.get((self.holder.code, record.period))
        if balance is None or not balance.partners:
            return same
        bought = self.group.acquisitions_by.get(self.holder.code, ())
        targets = {each.id: each.target for each in bought}
        of_it = targets[record.acquisition]
        return [each for each in same if targets[each.acquisition] == of_it]

    def _dividends(self, acquisition: Acquisition) -> Iterator[tuple[Period, PickedUp]]:
        """What the holder received of the company since its first month, by month."""
        ids = {each.acquisition for each in self.records}
        bought = self.group.acquisitions_of[acquisition.target]
        pair = (acquisition.acquirer, acquisition.target)
        first = next(a.id for a in bought if (a.acquirer, a.target) == pair and a.id in ids)
        if acquisition.id != first:
            return  # of several purchases of one company the first one bears them
        for dividend, part in self.group.dividends_to.get(self.holder.code, ()):
            if dividend.payer != acquisition.target or dividend.on is None:
                continue
            if not reduced_investment(self.group, dividend, part):
                continue
            when = Period.of(dividend.on)
            if not max(self.first, Period.of(acquisition.on or dividend.on)) <= when <= self.end:
                continue
            quote = declared_quote(self.group, self.holder.currency, part.quote, dividend)
            presentation = convert_one(
                part.amount, quote, self.holder.currency, self.group.presentation
            )
            yield when, PickedUp(part.amount, quote, presentation, period=str(when))
