"""Exchange differences on designated loans: of the year to date, and of the years before."""

from collections.abc import Mapping, Sequence

from monthclose.consolidation.facts import quote_for
from monthclose.ledger.group import Group
from monthclose.ledger.intercompany import NetInvestment
from monthclose.ledger.loans import (
    ExchangeBefore,
    ExchangeDifference,
    ExchangeUnstated,
    Loan,
    LoanUnknown,
)
from monthclose.ledger.periods import Period
from monthclose.ledger.stated import Stated


def check_loans(group: Group) -> None:
    """
    Refuse an exchange difference that belongs to no loan, or to a time before it counted.

    Raises:
        LoanUnknown: nobody designated the loan.
        ExchangeBefore: the month ended before the loan was designated.
    """
    loans = {each.id: each for each in group.loans}
    for each in group.exchange:
        loan = loans.get(each.loan)
        if loan is None or loan.entity != each.entity:
            raise LoanUnknown(each.loan, each.period)
        if Period.parse(each.period) < Period.of(loan.on):
            raise ExchangeBefore(each.loan, each.period, loan.on)


def loans_of(
    group: Group, month: Period, firsts: Mapping[str, Period]
) -> tuple[NetInvestment, ...]:
    """
    What exchange differences on designated loans take from the result into the CTA.

    Those of the fiscal year to date leave the result, each month at the average it was
    translated at; those of the years before, retained earnings as they opened.

    Args:
        group: With its loans.
        month: The month that is closed.
        firsts: First month of each consolidated company.

    Raises:
        ExchangeUnstated: a month since the designation has no record.
        MissingRate: a month's average was not loaded.

    Source:
        IAS 21.15, 21.32, 21.40.
    """
    found: list[NetInvestment] = []
    for loan in group.loans:
        if loan.entity not in firsts or loan.on > month.last_day:
            continue
        records = group.exchange_of.get(loan.id, ())
        # With a stranger it is no net investment any more; what it was stays where it is.
        end = min(group.until(loan.entity, month), group.until(loan.partner, month))
        _check_months(loan, records, max(Period.of(loan.on), firsts[loan.entity]), end)
        year = group.fiscal_year.start(month)
        before = [each for each in records if Period.parse(each.period) < year]
        now = [each for each in records if year <= Period.parse(each.period) <= end]
        for opened, members in ((True, before), (False, now)):
            if members:
                months = tuple(_stated(group, each) for each in members)
                amount = sum(each.amount for each in months)
                found.append(
                    NetInvestment(
                        loan.id, loan.entity, loan.account, amount, months=months, opened=opened
                    )
                )
    return tuple(found)


def _check_months(
    loan: Loan, records: Sequence[ExchangeDifference], first: Period, month: Period
) -> None:
    """Every month is stated: one without a movement says nil."""
    stated = {each.period for each in records}
    while first <= month:
        if str(first) not in stated:
            raise ExchangeUnstated(loan.id, loan.entity, str(first), loan.on)
        first = first.plus(1)


def _stated(group: Group, record: ExchangeDifference) -> Stated:
    """A month's difference with its average, or with what an earlier close made of it."""
    currency, quote = group.currencies[record.entity], None
    if record.translated is None:
        month = group.reported(record.entity, Period.parse(record.period))
        quote = quote_for(group, currency, "average", month)
    return Stated(record.period, record.amount, currency, quote, record.translated)
