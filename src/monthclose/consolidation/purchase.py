"""The purchase equation, and the schedules of what it brought, in the target's currency."""

from collections.abc import Sequence
from fractions import Fraction

from monthclose.ledger.acquisitions import (
    Acquisition,
    ChargedPeriod,
    Impairment,
    PurchaseAccounts,
    StepUp,
)
from monthclose.ledger.book import Purchase
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Money, round_ratio, share_of
from monthclose.ledger.purchases import Charge, GoodwillSchedule, Schedule, Standing
from monthclose.ledger.rates import convert_one, ratio_of
from monthclose.ledger.translations import Rollforward


class ImpairmentTooLarge(CloseError):
    """Goodwill was written down by more than there was."""

    code = "impairment-too-large"

    def __init__(self, acquisition: str, currency: str, goodwill: int, impaired: int) -> None:
        super().__init__(
            acquisition=acquisition,
            goodwill=Money(goodwill, currency),
            impaired=Money(impaired, currency),
            size=Money(impaired - goodwill, currency),
        )


def straight_line(amount: int, months: int, life: int | None) -> int:
    """
    What of an amount is charged after a number of months.

    Rounding is cumulative: the charge of a month is the difference of two of these, and
    the last one takes what is left, so that a life ends at exactly nil.

    Args:
        amount: Minor units, of either sign.
        months: Since acquisition.
        life: Months; None: never charged.

    Returns:
        Minor units, of the sign of *amount*; *amount* itself from the end of the life on.

    Source:
        IAS 38.97; IAS 16.50.
    """
    if life is None or months <= 0:
        return 0
    return round_ratio(amount * min(months, life), life)


class PPAScheduler:
    """
    Schedules what a purchase brought, month after month, in the target's currency.

    Step-ups are charged straight line; deferred tax stands on the sum of their carrying
    amounts, and is released as that falls; goodwill falls by impairments, and by
    amortisation where that is elected. It needs no group and no rate of its own.

        scheduler = PPAScheduler(step_ups, tax_rate=Fraction(34, 100))
        scheduler.standing(12).carrying
        scheduler.monthly()[-1].net  # nil, unless something is never charged

    Source:
        IFRS 3.18, IAS 12.19 and 12.58, IAS 36.90, ASC 350-20-35-63.
    """

    def __init__(
        self,
        step_ups: Sequence[StepUp],
        tax_rate: Fraction = Fraction(0),
        accounts: PurchaseAccounts | None = None,
    ) -> None:
        self.step_ups = tuple(step_ups)
        self.tax_rate = tax_rate
        self.accounts = accounts or PurchaseAccounts()
        # All step-ups at acquisition, minor units, positive when assets are worth more.
        self.amount = sum([each.amount for each in self.step_ups])

    def deferred_tax(self, carrying: int) -> int:
        """Deferred tax on the sum of carrying amounts, minor units, a liability is positive."""
        return share_of(carrying, self.tax_rate)

    def standing(self, months: int) -> Standing:
        """Where the step-ups stand after *months* were charged."""
        accumulated = tuple(straight_line(s.amount, months, s.life) for s in self.step_ups)
        carrying = self.amount - sum(accumulated)
        deferred_tax = self.deferred_tax(carrying)
        lines: dict[str, int] = {}
        for step_up, charged in zip(self.step_ups, accumulated, strict=True):
            _add(lines, step_up.asset_account, step_up.amount)
            _add(lines, step_up.accumulated_account, -charged)
        _add(lines, self.accounts.deferred_tax, -deferred_tax)
        return Standing(months, accumulated, carrying, deferred_tax, lines)

    def monthly(self) -> tuple[Standing, ...]:
        """Every month from acquisition to the end of the longest life."""
        last = max((each.life or 0 for each in self.step_ups), default=0)
        return tuple(self.standing(months) for months in range(last + 1))

    def schedule(
        self, prior: Sequence[ChargedPeriod], current: Sequence[ChargedPeriod]
    ) -> Schedule:
        """
        Charge periods one after the other.

        Args:
            prior: Before the period being closed, in order.
            current: Of it, in order.

        Returns:
            Where the step-ups stood and stand, and each period's charge by expense account,
            with the deferred tax released.
        """
        acquired = opening = before = self.standing(0)
        charges: list[Charge] = []
        for place, period in enumerate((*prior, *current)):
            after = self.standing(before.months + period.months)
            is_current = place >= len(prior)
            charges += self._charges(before, after, period, is_current=is_current)
            if not is_current:
                opening = after
            before = after
        return Schedule(acquired, opening, before, tuple(charges))

    def _charges(
        self, before: Standing, after: Standing, period: ChargedPeriod, *, is_current: bool
    ) -> list[Charge]:
        """What one period charges, by account of the result."""
        by_account: dict[str, int] = {}
        pairs = zip(self.step_ups, before.accumulated, after.accumulated, strict=True)
        for step_up, was, now in pairs:
            _add(by_account, step_up.expense_account, now - was)
        found = list(by_account.items())
        found.append((self.accounts.deferred_tax_result, after.deferred_tax - before.deferred_tax))
        return [
            Charge(account, amount, period.quote, is_current, period.label, period.of_year)
            for account, amount in found
            if amount
        ]

    def goodwill(
        self,
        amount: int,
        impairments: Sequence[Impairment] = (),
        life: int | None = None,
        prior: Sequence[ChargedPeriod] = (),
        current: Sequence[ChargedPeriod] = (),
    ) -> GoodwillSchedule:
        """
        Write goodwill down.

        Amortisation is straight line on the amount at acquisition; what an impairment
        leaves is spread over the rest of the life.

        Args:
            amount: At acquisition, minor units of the target's currency, not negative.
            impairments: Losses, of earlier periods and of this one. One with a month
                counts after the charge of that month.
            life: Months of amortisation; None: none.
            prior: Periods amortised before the one being closed.
            current: Periods amortised in it.

        Source:
            IAS 36.63, 36.90, 36.124 (never reversed); ASC 350-20-35-8B, 35-63.
        """
        if not (life or impairments):
            return GoodwillSchedule(amount)
        charges: list[Charge] = []
        spread = _Spread(amount, life)
        for is_current, periods in ((False, prior), (True, current)):
            losses = [each for each in impairments if each.in_period is is_current]
            losses.sort(key=lambda each: (each.month, str(each.on or "")))
            for period in periods if life else ():
                while losses and (not losses[0].month or losses[0].month < period.label):
                    charges.append(self._loss(spread, losses.pop(0), is_current=is_current))
                if taken := spread.charge(period.months):
                    charges.append(
                        Charge(
                            self.accounts.amortisation,
                            taken,
                            period.quote,
                            is_current,
                            period.label,
                            period.of_year,
                        )
                    )
            charges += [self._loss(spread, each, is_current=is_current) for each in losses]
        return GoodwillSchedule(amount, tuple(charges))

    def _loss(self, spread: "_Spread", loss: Impairment, *, is_current: bool) -> Charge:
        """Write a loss off."""
        spread.lose(loss.amount)
        account = self.accounts.impairment
        return Charge(
            account, loss.amount, loss.quote, is_current, loss.month, loss.of_year, loss.on
        )


class _Spread:
    """
    Goodwill while it is charged month after month.

    Attributes:
        left: What has not been written off, minor units; negative: more was than there is.
    """

    def __init__(self, amount: int, life: int | None) -> None:
        self.left = self._base = amount
        self._life, self._months, self._charged = life, 0, 0

    def charge(self, months: int) -> int:
        """Take the charge of so many months, and say what it is."""
        self._months += months
        due = straight_line(self._base, self._months, self._life) - self._charged
        due = max(0, min(due, self.left))
        self._charged += due
        self.left -= due
        return due

    def lose(self, amount: int) -> None:
        """Take a loss: what it leaves is spread over the months that are left."""
        self.left -= amount
        if self._life is not None:
            self._life = max(self._life - self._months, 1)
        self._base, self._months, self._charged = max(self.left, 0), 0, 0


def _add(sums: dict[str, int], account: str, amount: int) -> None:
    if amount:
        sums[account] = sums.get(account, 0) + amount


def historical_cost(acquisition: Acquisition) -> int:
    """What the investment cost in presentation currency, at the day's rate; positive."""
    if acquisition.investment_historical is None:
        raise ValueError(f"{acquisition.id}: historical cost not resolved")
    return acquisition.investment_historical


def value_purchase(
    acquisition: Acquisition, currency: str, presentation: str
) -> tuple[Purchase, dict[str, int]]:
    """
    Solve the purchase equation in the target's currency, and translate it at the day's rate.

    `goodwill = consideration + NCI + interest held before - identifiable net assets`; a
    negative one is a bargain gain. In presentation currency each equity account, the NCI
    and the step-ups less their deferred tax (one amount) are translated and rounded, and
    goodwill (or the gain) is what the historical cost of the investment leaves.

    Args:
        acquisition: With its rates.
        currency: The target's functional currency.
        presentation: The group's.

    Returns:
        The purchase on its day, and the target's equity at acquisition by account in
        presentation currency, debit positive.

    Raises:
        ImpairmentTooLarge: losses exceed the goodwill.

    Source:
        IFRS 3.18, 3.19, 3.32, 3.34; IAS 12.19.
    """
    consideration = acquisition.consideration
    if acquisition.consideration_currency not in ("", currency):
        consideration = convert_one(
            consideration,
            acquisition.consideration_quote,
            acquisition.consideration_currency,
            currency,
        )
    scheduler = PPAScheduler(acquisition.step_ups, acquisition.tax_rate, acquisition.accounts)
    book_equity = -sum(acquisition.equity.values())
    deferred_tax = scheduler.deferred_tax(scheduler.amount)
    net_layer = scheduler.amount - deferred_tax
    identifiable = book_equity + net_layer
    nci = acquisition.nci_amount
    if acquisition.nci_method == "proportionate":
        nci = share_of(identifiable, acquisition.nci_share)
    elif acquisition.nci_method == "none":
        nci = 0
    surplus = consideration + nci + acquisition.previously_held - identifiable
    goodwill, gains = max(surplus, 0), surplus < 0
    periods = (acquisition.prior_periods, acquisition.current_periods)
    written_down = scheduler.goodwill(
        goodwill, acquisition.impairments, acquisition.goodwill_life, *periods
    )
    if written_down.closing < 0:
        impaired = sum(each.amount for each in acquisition.impairments)
        raise ImpairmentTooLarge(
            acquisition.id, currency, written_down.closing + impaired, impaired
        )
    of_its_day = ratio_of(acquisition.quote, currency, presentation)
    at_acquisition = {
        account: share_of(amount, of_its_day) for account, amount in acquisition.equity.items()
    }
    nci_presentation = share_of(nci, of_its_day)
    left = historical_cost(acquisition) + nci_presentation + sum(at_acquisition.values())
    left -= share_of(net_layer, of_its_day)
    purchase = Purchase(
        acquisition=acquisition.id,
        target=acquisition.target,
        currency=currency,
        consideration=consideration,
        nci=nci,
        book_equity=book_equity,
        goodwill=goodwill,
        bargain_gain=-surplus if gains else 0,
        goodwill_presentation=0 if gains else left,
        goodwill_closing=0,
        gain_presentation=-left if gains else 0,
        nci_presentation=nci_presentation,
        cta=Rollforward(0, 0),
        previously_held=acquisition.previously_held,
        step_ups=scheduler.amount,
        deferred_tax=deferred_tax,
        schedule=scheduler.schedule(*periods) if acquisition.step_ups else None,
        goodwill_schedule=written_down,
    )
    return purchase, at_acquisition
