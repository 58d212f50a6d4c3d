"""Capital returned: which part of the capital leaves, and why a reduction is refused."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.entities import Entity, percent
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.money import Money
from monthclose.ledger.periods import Period
from monthclose.ledger.reductions import CapitalReduction


class CapitalReductionBeyond(CloseError):
    """A reduction takes more than the account held on its day."""

    code = "capital-reduction-beyond"

    def __init__(self, entity: str, on: date, account: str, held: Money, amount: Money) -> None:
        super().__init__(entity=entity, on=str(on), account=account, held=held, amount=amount)


class CapitalReductionUneven(CloseError):
    """A holder did not get its share: that changes who owns what, and is another event."""

    code = "capital-reduction-uneven"

    def __init__(
        self, entity: str, on: date, holder: str, share: Fraction, due: Money, paid: Money
    ) -> None:
        super().__init__(
            entity=entity, on=str(on), holder=holder, share=percent(share), due=due, paid=paid
        )


class CapitalReductionUnheld(CloseError):
    """No acquisition says where the holder carries what it gave back."""

    code = "capital-reduction-unheld"

    def __init__(self, entity: str, on: date, holder: str) -> None:
        super().__init__(entity=entity, on=str(on), holder=holder)


class CapitalReductionDiffers(CloseError):
    """The holder booked another amount than was paid, at the rates of the day."""

    code = "capital-reduction-differs"

    def __init__(self, entity: str, on: date, holder: str, paid: Money, booked: Money) -> None:
        super().__init__(entity=entity, on=str(on), holder=holder, paid=paid, booked=booked)


class CapitalReductionRefused(CloseError):
    """The shares in the company changed as well, or its books are restated (IAS 29)."""

    code = "capital-reduction-refused"

    def __init__(self, entity: str, on: date) -> None:
        super().__init__(entity=entity, on=str(on))


def due_until(reductions: Iterable[CapitalReduction], month: Period) -> list[CapitalReduction]:
    """Those up to the end of a month."""
    return [each for each in reductions if each.on <= month.last_day]


def check_reduced(group: Group, entity: Entity, balance: TrialBalance) -> None:
    """
    Refuse what cannot be followed, and an account that a reduction left in debit.

    Raises:
        CapitalReductionRefused: shares in the company changed, or a price index restates it.
        CapitalReductionBeyond: the books show less capital than was returned.
    """
    month = Period.parse(balance.period)
    due = due_until(group.reductions_of[entity.code], month)
    changed = [each for each in group.touching.get(entity.code, ()) if each.on <= month.last_day]
    for each in due:
        if entity.index or changed:
            raise CapitalReductionRefused(entity.code, each.on)
        pairs = zip(balance.accounts, balance.amounts, strict=True)
        booked = sum(int(amount) for account, amount in pairs if account == each.account)
        if booked > 0:
            held = Money(each.amount - booked, balance.currency)
            asked = Money(each.amount, balance.currency)
            raise CapitalReductionBeyond(entity.code, each.on, each.account, held, asked)
