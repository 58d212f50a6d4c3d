"""Associates from dated records: what each earned month by month, and where its year opened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from monthclose.consolidation.associate_figures import Figures
from monthclose.consolidation.associate_records import check_methods
from monthclose.consolidation.associate_sales import months_before
from monthclose.consolidation.associates import carry
from monthclose.consolidation.changes import presented
from monthclose.consolidation.dated_sales import check_gone, goodwill_sold, sales_of
from monthclose.consolidation.day_rates import rate_of_day
from monthclose.consolidation.dividends import dividends_of
from monthclose.consolidation.facts import quote_for
from monthclose.consolidation.months import Months
from monthclose.consolidation.pickup_months import picked_up
from monthclose.consolidation.retained import at_fair_value
from monthclose.ledger.accounts import AccountClass
from monthclose.ledger.acquisitions import Acquisition, AcquisitionKind
from monthclose.ledger.associates import (
    Associate,
    AssociateTwice,
    Distribution,
    Earned,
    Tranche,
)
from monthclose.ledger.entities import Entity, Interest, interests_on, percent
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import share_of
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import Quote, convert_one

ZERO = Fraction(0)


class AssociateAccount(CloseError):
    """The chart has no account for what the equity method enters."""

    code = "associate-account"

    def __init__(self, entity: str, role: str) -> None:
        super().__init__(entity=entity, role=role)


class AssociateOpening(CloseError):
    """An associate bought before the group's first month, and nothing says where it stood."""

    code = "associate-opening"

    def __init__(self, entity: str, on: str, first: str, account: str) -> None:
        super().__init__(entity=entity, on=on, first=first, account=account)


class AssociateShare(CloseError):
    """The share in an associate moved in a way the equity method has no rule for here."""

    code = "associate-share"

    def __init__(self, entity: str, holder: str, on: date, was: Fraction, now: Fraction) -> None:
        super().__init__(
            entity=entity, holder=holder, on=str(on), was=percent(was), now=percent(now)
        )


class AssociateDividend(CloseError):
    """A dividend of an associate of which the holder's part in its currency is not known."""

    code = "associate-dividend"

    def __init__(self, entity: str, on: str, currency: str) -> None:
        super().__init__(entity=entity, on=on, currency=currency)


def associates_of(months: Months, month: Period) -> tuple[Associate, ...]:
    """
    Every associate of a month, from the start of its fiscal year, with its rates.

    Args:
        months: Of the group: its records, and the balances of associates that send some.
        month: The month being closed.

    Raises:
        CloseError: a record is missing or contradicts another, with the remedy.

    Source:
        IAS 28.10, 28.32-39; IAS 21.44.
    """
    group = months.group
    bought: dict[str, list[Acquisition]] = {}
    for each in group.acquisitions:
        if each.kind is AcquisitionKind.ASSOCIATE:
            bought.setdefault(each.target, []).append(each)
    check_methods(group, bought)
    if group.associate_sales_of:
        check_gone(group)
    found: list[Associate] = []
    for code in sorted(bought):
        kept = group.kept_on.get(code, date.max)
        first = tuple(each for each in bought[code] if _day(each) < kept)
        since = tuple(each for each in bought[code] if _day(each) >= kept)
        if code in group.stepped_on and group.stepped_on[code] <= month.last_day:
            found += _until_control(months, code, first, month)
        elif any(each.on and each.on <= month.last_day for each in first):
            found += _while_held(months, code, first, month)
        if since and kept <= month.last_day:
            found += _while_held(months, code, since, month)
    return tuple(found)


def _while_held(
    months: Months, code: str, bought: tuple[Acquisition, ...], month: Period
) -> Iterator[Associate]:
    """
    An associate; with a holder that was sold it left, and its closing is of that day.

    Later fiscal years do not know it any more, nor one of which all was sold.
    """
    group, history = months.group, _History(months, months.entities[code], bought)
    sold, gone = group.sold_on.get(history.holder.code), history.gone
    if gone is not None and gone < group.fiscal_year.start(month).first_day:
        return
    if sold is None or sold > month.last_day:
        yield history.until(month)
    elif sold >= group.fiscal_year.start(month).first_day:
        carried = history.until(Period.of(sold))
        closing = rate_of_day(group, months.entities[code].currency, sold, code)
        yield replace(carried, closing=closing)


def _until_control(
    months: Months, code: str, bought: tuple[Acquisition, ...], month: Period
) -> Iterator[Associate]:
    """
    A company that was an associate up to a day of the fiscal year; its closing is of the day.

    Later years do not know it as one any more.
    """
    group, on = months.group, months.group.stepped_on[code]
    start = group.fiscal_year.start(month)
    if on >= start.first_day:
        history = _History(months, months.entities[code], bought)
        carried = history.until(Period.of(on).plus(-1), start)
        closing = rate_of_day(group, months.entities[code].currency, on, code)
        yield replace(carried, closing=closing)


@dataclass(frozen=True, slots=True)
class _Start:
    """Where an associate stands when a roll-forward begins; as the fields of an associate."""

    carrying: int = 0
    losses: int = 0
    result: int = 0
    oci: int = 0
    cta: int = 0


class _History:
    """One associate from the first month of the records on."""

    def __init__(
        self, months: Months, entity: Entity, acquisitions: tuple[Acquisition, ...]
    ) -> None:
        self.months, self.group, self.entity = months, months.group, entity
        self.bought = sorted(acquisitions, key=lambda each: (each.on or date.min, each.id))
        if len({each.acquirer for each in self.bought}) > 1:
            raise AssociateTwice(entity.code)
        self.holder = months.entities[self.bought[0].acquirer]
        self.first = months.first(self.holder)
        self.kept = months.group.kept_on.get(entity.code)
        kept, first = self.kept or date.max, _day(self.bought[0])
        self.sold = tuple(
            each
            for each in self.group.associate_sales_of.get(entity.code, ())
            if each.on > first and (first >= kept or each.on < kept)
        )
        self.figures = Figures(months, entity)
        self.pair = (entity.currency, self.group.presentation)
        if not self.group.chart.roles.associate_result:
            raise AssociateAccount(entity.code, "associate_result")

    def until(self, end: Period, year: Period | None = None) -> Associate:
        """The fiscal year to *end*; *year* is its first month, should it begin after that."""
        start = max(year or self.group.fiscal_year.start(end), self.first)
        ended = end
        if self.gone and self.gone <= end.last_day:
            ended = max(start.plus(-1), months_before(self.gone))
        resolved = tuple(
            picked_up(self.months, at_fair_value(self.group, each, start), end)
            for each in self.bought
            if _day(each) <= end.last_day
        )
        self._check_shares(resolved, end)
        costs = {each.id: self._cost(each) for each in resolved}
        opening, quote, later = self._opening(start, resolved, costs)
        sales = sales_of(self.group, self.held, self.sold, resolved, end) if self.sold else ()
        earlier = tuple(each for each in sales if each.on < start.first_day)
        historical = sum(each.investment_historical or 0 for each in resolved)
        historical -= sum(each.cost for each in earlier)
        acquired = {each.id: self._acquired(each, resolved) for each in resolved}
        goodwill = {code: cost - acquired[code] for code, cost in costs.items()}
        roles = self.group.chart.roles
        months = tuple(self._months(max(start, Period.of(_day(self.bought[0]))), ended))
        if any(each.oci for each in months) and not roles.associate_oci:
            raise AssociateAccount(self.entity.code, "associate_oci")
        return Associate(
            investee=self.entity.code,
            holder=self.holder.code,
            share=self._share(end.last_day),
            currency=self.entity.currency,
            account=resolved[0].investment_account,
            dividend_account=roles.dividend_income,
            result_account=roles.associate_result,
            book_balance=historical,
            cost=sum(costs.values()),
            cost_presentation=historical,
            net_assets=0,
            acquired=sum(acquired.values()),
            opening=opening.carrying,
            opening_losses=opening.losses,
            opening_result=opening.result,
            opening_oci=opening.oci,
            opening_cta=opening.cta,
            opening_quote=quote,
            # Of what was sold whole nothing is left to translate at the end.
            closing=sales[-1].quote if ended < end else self._quote("closing", end),
            oci_account=roles.associate_oci,
            months=months,
            distributions=tuple(self._distributions(start, ended)),
            tranches=tuple(
                Tranche(costs[each.id], each.quote, each.investment_historical or 0, each.on)
                for each in later
            ),
            acquisitions=resolved,
            sales=sales[len(earlier) :],
            sold=earlier,
            goodwill_sold=goodwill_sold(resolved, goodwill, sales) if sales else 0,
        )

    @cached_property
    def gone(self) -> date | None:
        """The day on which all of it was sold; None: some is left."""
        return next((each.on for each in self.sold if not self._share(each.on)), None)

    def _opening(
        self, start: Period, resolved: tuple[Acquisition, ...], costs: Mapping[str, int]
    ) -> tuple[_Start, Quote | None, tuple[Acquisition, ...]]:
        """Where the roll-forward begins, at which rate, and what was bought after that."""
        before = tuple(each for each in resolved if _day(each) < start.first_day)
        later = resolved[len(before) :]
        if not before:  # on the day of the purchase, like any acquisition of the period
            return _Start(costs[later[0].id]), later[0].quote, later[1:]
        closing = self._quote("closing", start.plus(-1))
        if start > self.first:
            last = carry(self.until(start.plus(-1)), self.group.presentation)
            result = last.opening_result + last.income - last.received
            result += last.made_good + last.oci_released
            opened = _Start(last.carrying, last.losses, result, last.oci.closing, last.cta.closing)
            return opened, closing, later
        if self.entity.code in self.group.openings_of:
            return self._stated(before, start.first_day), closing, later
        if all(_day(each) == start.plus(-1).last_day for each in before):
            return _Start(sum(costs[each.id] for each in before)), before[0].quote, later
        raise AssociateOpening(
            self.entity.code, str(before[0].on), str(self.first), before[0].investment_account
        )

    def _quote(self, kind: str, month: Period) -> Quote | None:
        """A rate of the month that its figures of a month are of (IAS 28.34)."""
        day = self.group.reported(self.entity.code, month)
        return quote_for(self.group, self.entity.currency, kind, day)

    def _stated(self, before: tuple[Acquisition, ...], start: date) -> _Start:
        """
        The position as loaded: what it is carried at, of which CTA and OCI.

        A credit carrying amount stands for losses that were not recognised. What neither
        cost nor CTA nor OCI explains is the result since acquisition, less dividends.
        """
        carried: int | None = None
        translated = cta = oci = 0
        for row in self.group.openings_of[self.entity.code]:
            match self.group.chart.kind(row.account):
                case AccountClass.CTA:
                    cta -= row.translated
                case AccountClass.OCI:
                    oci -= row.translated
                case _:
                    carried = (carried or 0) + (row.functional or 0)
                    translated += row.translated
        first = before[0]
        if carried is None:
            raise AssociateOpening(
                self.entity.code, str(first.on), str(self.first), first.investment_account
            )
        cost = sum(each.investment_historical or 0 for each in before)
        cost -= sum(presented(self.group, each)[1] for each in self.sold if each.on < start)
        return _Start(max(0, carried), max(0, -carried), translated - cost - cta - oci, oci, cta)

    def _cost(self, acquisition: Acquisition) -> int:
        """What was given for the shares, associate's currency."""
        given, own = acquisition.consideration_currency, self.entity.currency
        if given in ("", own):
            return acquisition.consideration
        return convert_one(acquisition.consideration, acquisition.consideration_quote, given, own)

    def _acquired(self, acquisition: Acquisition, all_of: tuple[Acquisition, ...]) -> int:
        """The share bought of the net assets of the day, associate's currency."""
        day = _day(acquisition)
        share = self._share(day)
        if len(all_of) > 1 and acquisition is not all_of[0]:
            share -= self._share(day - timedelta(days=1))
        return share_of(-sum(acquisition.equity.values()), share)

    def _share(self, day: date) -> Fraction:
        """What the holder owns on a day."""
        return sum((each.share for each in interests_on(self.held, day)), ZERO)

    @cached_property
    def held(self) -> tuple[Interest, ...]:
        """The holder's interests in the associate, over time."""
        pair = (self.holder.code, self.entity.code)
        return tuple(e for e in self.group.interests if (e.holder, e.investee) == pair)

    def _check_shares(self, resolved: tuple[Acquisition, ...], end: Period) -> None:
        """
        Refuse a share that moves otherwise than by a purchase or a sale at the turn of a month.

        The result of a month is shared at one share: of the month of the first purchase
        the holder states what was earned since.
        """
        days = {_day(each) for each in resolved}
        moves = {each.since for each in self.held if each.since is not None}
        sold = {each.on: each for each in self.sold}
        moves |= sold.keys()
        for day in sorted((moves | days) - {date.min}):
            if day > end.last_day or (day < self.first.first_day and day != min(days)):
                continue
            if self.kept is not None and day < min(days):
                continue  # of the subsidiary it was
            was, now = self._share(day - timedelta(days=1)), self._share(day)
            month = Period.of(day)
            turn = day in (month.first_day, month.last_day) or day == min(days)
            first = day == min(days) and now > 0
            if (sale := sold.get(day)) and day not in days:
                ended = day in (month.first_day, month.last_day)
                if was - now == sale.share and sale.holder == self.holder.code and ended:
                    continue
            over = self.gone is not None and day > self.gone
            if over or not (first or (day in days and now > was and turn)):
                raise AssociateShare(self.entity.code, self.holder.code, day, was, now)

    def _months(self, start: Period, end: Period) -> Iterator[Earned]:
        """The holder's share of each month, at its average."""
        bought = _day(self.bought[0])
        month = start
        while month <= end:
            quote = self._quote("average", month)
            share = self._share(max(month.first_day, bought))
            if bought == month.last_day and bought != month.first_day:
                yield Earned(str(month), share, 0, 0, quote)  # the month was the seller's
            else:
                # The balance of the month in which control went is of the day.
                kept = bought == self.kept and month == Period.of(bought)
                within = kept or month.first_day < bought
                whole, balances = self.figures.of(month, within=within)
                result, oci = share_of(whole.result, share), share_of(whole.oci, share)
                yield Earned(str(month), share, result, oci, quote, whole, balances)
            month = month.plus(1)

    def _distributions(self, start: Period, end: Period) -> Iterator[Distribution]:
        """The holder's part of each dividend, at the rate of its declaration."""
        own, currency = self.entity.currency, self.holder.currency
        since = max(start.first_day, _day(self.bought[0]))
        kept = self.kept is not None
        for dividend in dividends_of(self.group, self.entity, end, start, kept=kept):
            if dividend.on is None or dividend.on < since:
                continue
            for part in dividend.received:
                amount = part.paid
                if amount is None and currency == own:
                    amount = part.amount
                if amount is None or part.holder != self.holder.code:
                    raise AssociateDividend(self.entity.code, str(dividend.on), own)
                received = convert_one(part.amount, part.quote, currency, self.group.presentation)
                yield Distribution(
                    amount,
                    dividend.quote,
                    received,
                    part.income_account,
                    part.amount,
                    dividend.on,
                )


def _day(acquisition: Acquisition) -> date:
    """The day of a purchase."""
    return acquisition.on or date.min
