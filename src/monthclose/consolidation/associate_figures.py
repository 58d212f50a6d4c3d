"""What an associate earned in a month: as its holder recorded it, or from its own balances."""

from monthclose.consolidation.elimination import DividendUnexplained
from monthclose.consolidation.months import BalanceMissing, Months
from monthclose.consolidation.policy import with_policy
from monthclose.ledger.accounts import RESULT, AccountClass
from monthclose.ledger.associates import AssociateMonth
from monthclose.ledger.balances import RawBalance, TrialBalance
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import total
from monthclose.ledger.periods import Period

type Found = tuple[AssociateMonth, tuple[RawBalance, ...]]
"""All of what was earned; and the balance it was read from, with the one before it."""


class AssociateMonthMissing(CloseError):
    """A month of an associate of which neither a balance nor a record was loaded."""

    code = "associate-month-missing"

    def __init__(self, entity: str, period: str) -> None:
        super().__init__(entity=entity, period=period)


class AssociateFiguresTwice(CloseError):
    """A month of an associate with a balance and a record, which may not say the same."""

    code = "associate-figures-twice"

    def __init__(self, entity: str, period: str) -> None:
        super().__init__(entity=entity, period=period)


class AssociateWithinMonth(CloseError):
    """An associate bought within a month of which only the whole result is known."""

    code = "associate-within-month"

    def __init__(self, entity: str, period: str) -> None:
        super().__init__(entity=entity, period=period)


class Figures:
    """The figures of one associate, month by month."""

    def __init__(self, months: Months, entity: Entity) -> None:
        self.months, self.entity = months, entity
        recorded = months.group.associate_months_of.get(entity.code, ())
        self.recorded = {each.period: each for each in recorded}

    def of(self, month: Period, *, within: bool = False) -> Found:
        """
        All that the associate earned in a month.

        Args:
            month: The month.
            within: Whether it was bought in the middle of it: a record then says what was
                earned since, and the balance is where the next month starts from.

        Raises:
            AssociateMonthMissing: nothing says it.
            AssociateFiguresTwice: a balance and a record do.
            AssociateWithinMonth: only the result of a whole month is known.
            BalanceMissing: the balance of the month before, from which it moved, is not loaded.
            DividendUnexplained: the balance shows other dividends than were declared.
        """
        code, period = self.entity.code, str(month)
        recorded, balance = self.recorded.get(period), self._balance(month)
        if recorded is not None:
            if balance is not None and not within:
                raise AssociateFiguresTwice(code, period)
            return recorded, ()
        if balance is None:
            raise AssociateMonthMissing(code, period)
        if within:
            raise AssociateWithinMonth(code, period)
        self._check_dividends(balance, month)
        last = month.plus(-1)
        before = self._balance(last)
        opens = month == self.months.group.fiscal_year.start(month)
        reserves = self._sum(balance, AccountClass.OCI)
        if before is None and (reserves or not opens):
            raise BalanceMissing(code, str(month.plus(-1)), period)
        result = -self._sum(balance, *RESULT)
        if before is not None:
            result += 0 if opens else self._sum(before, *RESULT)
            reserves -= self._sum(before, AccountClass.OCI)
        kept = self.months.group.kept_on.get(code)
        if kept and Period.of(kept) == last and (since := self.recorded.get(str(last))):
            # The balance before is of the day on which control went, within its month.
            result -= 0 if opens else since.result
            reserves += since.oci
        keys = [(code, period)]
        if before is not None and (reserves or not opens):
            keys.append((code, str(month.plus(-1))))
        raw = tuple(self.months.raw[key] for key in keys)
        return AssociateMonth(code, period, result, -reserves), raw

    def _balance(self, month: Period) -> TrialBalance | None:
        balance = self.months.balances.get((self.entity.code, str(month)))
        return with_policy(self.months.group, balance) if balance else None

    def _sum(self, balance: TrialBalance, *kinds: AccountClass) -> int:
        """The accounts of some classes, debit positive."""
        chart = self.months.group.chart
        places = chart.slots(balance.accounts, balance.entity).chart
        return total(balance.amounts[chart.of_kind(*kinds)[places]])

    def _check_dividends(self, balance: TrialBalance, month: Period) -> None:
        """Hold the dividends that a balance shows against those that were declared."""
        booked = self._sum(balance, AccountClass.DIVIDENDS)
        group = self.months.group
        start = group.fiscal_year.start(month)
        declared = sum(
            each.amount
            for each in group.dividends_of.get(self.entity.code, ())
            if each.on is not None and start.first_day <= each.on <= month.last_day
        )
        if booked != declared:
            raise DividendUnexplained(self.entity.code, self.entity.currency, declared, booked)
