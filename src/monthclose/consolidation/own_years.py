"""Companies whose own fiscal year ends in another month than the group's."""

from collections.abc import Iterator, Mapping

from monthclose.ledger.accounts import RESULT, AccountClass
from monthclose.ledger.adjustments import Adjustment
from monthclose.ledger.balances import TrialBalance
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.journal import LayerName
from monthclose.ledger.periods import FiscalYear, Period
from monthclose.wording import say

_YEARLY = RESULT | {AccountClass.DIVIDENDS}
"""What the books of a company close into retained earnings when its year is over."""


class OwnYearUnknown(CloseError):
    """A month whose balance would tell a company's result of the group's year is not loaded."""

    code = "own-year-unknown"

    def __init__(self, entity: str, period: str, needed: str) -> None:
        super().__init__(entity=entity, period=period, needed=needed)


def year_entries(
    group: Group, entity: Entity, balances: Mapping[tuple[str, str], TrialBalance]
) -> tuple[Adjustment, ...]:
    """
    Policy entries that show a company's books by the group's fiscal year.

    Its income and expense run from the start of its own year. When the group's year
    begins, what they hold already was earned before: it is retained earnings. When its own
    year is over, its books retain what the group still shows as the year's result.

    Args:
        group: With its fiscal year and chart.
        entity: The company.
        balances: As mapped, by company and month.

    Source:
        IFRS 10.B87, B92: one reporting date and one period for all.
    """
    if group.own_year(entity) is None:
        return ()
    months = sorted(Period.parse(when) for code, when in balances if code == entity.code)
    entries: dict[str, Adjustment] = {}
    for month in months:
        for begins, sign, name in _turns(group, entity, month):
            before = balances.get((entity.code, str(begins.plus(-1))))
            if before is None or f"{begins} {name}" in entries:
                continue
            lines = _closed(group, before, sign)
            if lines:
                said = say(f"entries.{name}", group.language, month=begins.plus(-1))
                entries[f"{begins} {name}"] = Adjustment(
                    name.upper(), str(begins), LayerName.POLICY, entity.code, lines, said
                )
    return tuple(entries.values())


def check_year(
    group: Group, entity: Entity, month: Period, balances: Mapping[tuple[str, str], TrialBalance]
) -> None:
    """
    Refuse a month whose result of the group's year cannot be told.

    Raises:
        OwnYearUnknown: the balance of the month before one of the two years began is missing.
    """
    for begins, _, _ in _turns(group, entity, month):
        before = begins.plus(-1)
        if (entity.code, str(before)) not in balances:
            raise OwnYearUnknown(entity.code, str(month), str(before))


def _turns(group: Group, entity: Entity, month: Period) -> Iterator[tuple[Period, int, str]]:
    """
    The months of the group's year, up to *month*, in which one of the two years begins.

    With the sign of what the books held the month before; a company that was not there the
    month before had nothing to turn.
    """
    own = group.own_year(entity)
    if own is None:
        return
    start, its = group.fiscal_year.start(month), own.start(month)
    for begins, sign, name in ((start, -1, "own-year-before"), (its, 1, "own-year-closed")):
        if begins < start or (entity.first_period and str(begins) <= entity.first_period):
            continue
        if entity.reporting_lag and _of_one_year(group, entity, begins, name):
            continue
        yield begins, sign, name


def _of_one_year(group: Group, entity: Entity, begins: Period, name: str) -> bool:
    """
    Whether a company that came lately hands in books of one year around a turn.

    By its reporting lag alone they would be of the year before; but until the books after
    those of the month in which it came have their turn, these stand.
    """
    bought = group.acquisitions_of.get(entity.code, ())
    came = min((Period.of(each.on) for each in bought if each.on is not None), default=None)
    if came is None:
        return False
    closing = name == "own-year-closed"
    if came < begins:
        books = [group.reported(entity.code, each) for each in (begins.plus(-1), begins)]
        return closing and books[0] == books[1]
    return (
        closing or FiscalYear(entity.year_end or group.fiscal_year.end_month).start(came) >= begins
    )


def _closed(group: Group, balance: TrialBalance, sign: int) -> dict[str, int]:
    """Income, expense and dividends of a balance against retained earnings, debit positive."""
    lines: dict[str, int] = {}
    for account, amount in zip(balance.accounts, balance.amounts.tolist(), strict=True):
        if group.chart.kind(account) in _YEARLY and amount:
            lines[account] = lines.get(account, 0) + sign * amount
    retained = group.chart.roles.retained_earnings
    if whole := sum(lines.values()):
        lines[retained] = -whole
    return lines
