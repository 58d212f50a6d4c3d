"""What a company expects of a month."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """
    What is expected of an account in one month.

    Attributes:
        entity: Short code of the company.
        period: The month.
        account: Of the standard chart.
        amount: Of the month alone, minor units of *currency*, debit positive.
        currency: The company's functional currency, ISO 4217.
    """

    entity: str
    period: str
    account: str
    amount: int
    currency: str
