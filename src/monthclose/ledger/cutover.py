"""What a company that has no ledger begins with: a full trial balance on the day before."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from monthclose.ledger.balances import Basis, RawBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Money
from monthclose.ledger.periods import Period


class OpeningsUnbalanced(CloseError):
    """Opening balances do not sum to nil, so no month can build on them."""

    code = "openings-unbalanced"

    def __init__(self, entity: str, on: date, out_by: int, currency: str) -> None:
        super().__init__(entity=entity, on=on.isoformat(), size=Money(out_by, currency))


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """
    One account of opening balances.

    Attributes:
        account: As the source's own accounts are called, or the accountant's.
        name: Of the account, or empty.
        amount: Minor units, debit positive.
    """

    account: str
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class CutOver:
    """
    Opening balances of a company's first month in a source without a ledger.

    Attributes:
        entity: Short code of the company.
        period: The month that opens with them.
        currency: ISO 4217 code of every amount.
        lines: Each account once, in order.

    Raises:
        OpeningsUnbalanced: they do not sum to nil.
    """

    entity: str
    period: str
    currency: str
    lines: tuple[OpeningLine, ...]

    def __post_init__(self) -> None:
        if out_by := sum(line.amount for line in self.lines):
            raise OpeningsUnbalanced(self.entity, self.on, out_by, self.currency)

    @property
    def on(self) -> date:
        """The day they are of: the last of the month before."""
        return Period.parse(self.period).plus(-1).last_day

    @property
    def balance(self) -> RawBalance:
        """The closing of the month before, as the first month is derived from it."""
        return RawBalance(
            entity=self.entity,
            period=str(Period.parse(self.period).plus(-1)),
            currency=self.currency,
            accounts=tuple(line.account for line in self.lines),
            amounts=np.array([line.amount for line in self.lines], dtype=np.int64),
            basis=Basis.IMPORTED_BALANCETE,
        )
