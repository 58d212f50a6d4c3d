"""An account whose class alone does not name its rate: equity, months, large single items."""

from collections.abc import Sequence
from fractions import Fraction

from monthclose.ledger.accounts import Chart
from monthclose.ledger.balances import (
    AtRate,
    CarriedForward,
    Dated,
    Layer,
    Layers,
    Monthly,
    PeriodRates,
    TrialBalance,
)
from monthclose.ledger.errors import CloseError
from monthclose.ledger.money import Money, round_ratio, split
from monthclose.ledger.rates import MissingRate, convert_one, ratio_of


class TreatmentIncomplete(CloseError):
    """The parts an account is translated by do not add up to its balance."""

    code = "treatment-incomplete"

    def __init__(self, entity: str, account: str, currency: str, parts: int, amount: int) -> None:
        super().__init__(
            entity=entity,
            account=account,
            parts=Money(parts, currency),
            amount=Money(amount, currency),
            size=Money(amount - parts, currency),
        )


def treat(
    balance: TrialBalance, account: str, each: list[int], rates: PeriodRates, chart: Chart
) -> list[int]:
    """
    Translate the lines of an account by its treatment, which is of the whole account.

    Args:
        balance: Names the entity, the month and the currency.
        account: The account, on several lines when it has partners.
        each: (k,) its lines, minor units of the functional currency.
        rates: Holds the treatment.
        chart: Gives the account's class, for the message.

    Returns:
        (k,) minor units of the presentation currency. What the whole was translated at is
        split in proportion to the lines.

    Raises:
        MissingRate: nothing says how the account is translated.
        TreatmentIncomplete: the parts do not add up to the account.
    """
    functional, presentation = balance.currency, rates.presentation
    treatment = rates.treatments.get(account)
    if treatment is None or isinstance(treatment, Dated):
        if not any(each):
            return [0] * len(each)
        where = f"{balance.entity} {account} ({chart[account].kind})"
        raise MissingRate(functional, presentation, "historical", balance.period, where)
    if isinstance(treatment, AtRate):
        return [convert_one(one, treatment.quote, functional, presentation) for one in each]
    amount = sum(each)
    whole = _whole(balance, account, amount, treatment, presentation)
    if len(each) == 1 or not amount:
        return [whole] + [0] * (len(each) - 1)
    return list(split(whole, tuple(Fraction(one, amount) for one in each)))


def _whole(
    balance: TrialBalance,
    account: str,
    amount: int,
    treatment: CarriedForward | Layers | Monthly,
    presentation: str,
) -> int:
    """Translate an account from its parts, rounded as the treatment says."""
    functional = balance.currency
    if isinstance(treatment, CarriedForward):
        parts_translated = add_parts(treatment.history, functional, presentation)
        return treatment.translated + treatment.moved + parts_translated
    if isinstance(treatment, Layers):
        parts = sum([part.amount for part in treatment.parts])
        translated = add_parts(treatment.parts, functional, presentation)
    else:
        parts = sum([month.amount for month in treatment.months])
        translated = sum(
            convert_one(month.amount, month.quote, functional, presentation)
            for month in treatment.months
        )
    if parts != amount:
        raise TreatmentIncomplete(balance.entity, account, functional, parts, amount)
    return translated


def add_parts(parts: Sequence[Layer], functional: str, presentation: str) -> int:
    """Add parts at their own rates over one denominator, and round the sum once."""
    numerator, denominator = 0, 1
    for part in parts:
        over, under = ratio_of(part.quote, functional, presentation).as_integer_ratio()
        numerator = numerator * under + part.amount * over * denominator
        denominator *= under
    return round_ratio(numerator, denominator)
