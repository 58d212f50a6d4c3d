"""Loans that are part of a net investment, and what exchange rates did to them."""

from dataclasses import dataclass
from datetime import date

from monthclose.ledger.errors import CloseError


class LoanUnknown(CloseError):
    """An exchange difference of a loan that nobody designated."""

    code = "loan-unknown"

    def __init__(self, loan: str, period: str) -> None:
        super().__init__(loan=loan, period=period)


class ExchangeUnstated(CloseError):
    """A month of a designated loan without its exchange difference."""

    code = "exchange-unstated"

    def __init__(self, loan: str, entity: str, period: str, on: date) -> None:
        super().__init__(loan=loan, entity=entity, period=period, on=on)


class ExchangeBefore(CloseError):
    """An exchange difference of a month before its loan was designated."""

    code = "exchange-before"

    def __init__(self, loan: str, period: str, on: date) -> None:
        super().__init__(loan=loan, period=period, on=on)


@dataclass(frozen=True, slots=True)
class Loan:
    """
    A loan between group companies whose settlement is neither planned nor likely.

    Attributes:
        id: Unique in the group.
        entity: Code of the company that books the exchange differences.
        partner: Code of the company on the other side.
        account: Where it books them, income or expense.
        on: The day from which the loan is part of the net investment.

    Source:
        IAS 21.15, 21.32; ASC 830-20-35-3(b).
    """

    id: str
    entity: str
    partner: str
    account: str
    on: date


@dataclass(frozen=True, slots=True)
class ExchangeDifference:
    """
    What the exchange rate did to a loan in a month, as its company booked it.

    Attributes:
        loan: Its id.
        entity: Code of the company that booked it.
        period: The month; one before the first closed here may stand for all up to it.
        amount: Minor units of the company's currency, debit positive (a loss).
        translated: What a close that is not among these records moved to the CTA, minor
            units of the presentation currency, debit positive; None: *amount* at the
            average of the month.
    """

    loan: str
    entity: str
    period: str
    amount: int
    translated: int | None = None
