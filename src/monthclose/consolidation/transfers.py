"""Transfers inside equity: nothing is translated, the translated amount goes along."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from monthclose.consolidation.reductions import CapitalReductionBeyond
from monthclose.consolidation.treatments import add_parts
from monthclose.ledger.acquisitions import Transfer
from monthclose.ledger.balances import Layer, Returned
from monthclose.ledger.entities import Entity
from monthclose.ledger.errors import CloseError
from monthclose.ledger.group import Group
from monthclose.ledger.money import Money, round_ratio
from monthclose.ledger.periods import Period
from monthclose.ledger.rates import MissingRate, convert_one

type Part = tuple[date, str, Layer]
"""A dated part of an equity account: its day, the account, the part."""


class TransferBeyond(CloseError):
    """More leaves an equity account than its history says that it held."""

    code = "transfer-beyond"

    def __init__(self, entity: str, on: date, account: str, held: Money, amount: Money) -> None:
        super().__init__(entity=entity, on=on, account=account, held=held, amount=amount)


@dataclass(slots=True)
class _Held:
    """What an account holds, functional and translated, credit positive."""

    functional: int = 0
    translated: int = 0


def take_along(
    group: Group,
    entity: Entity,
    period: Period,
    start: Period,
    carried: Mapping[str, tuple[int, int]],
    parts: Iterable[Part],
) -> tuple[Transfer, ...]:
    """
    Say what each transfer and reduction of capital took along, in the order of their days.

    A transfer takes of its source's translated amount the part that it takes of the
    functional one. Where retained earnings do not suffice, as when a legal reserve is set
    up from the profit of a running year, the rest is of that profit: it takes the average
    of the month of the transfer.

    Args:
        group: Holds the transfers, and the averages.
        entity: The company.
        period: The month; later transfers are left out.
        start: First month of its roll-forward.
        carried: Functional and translated amount by account at the start, debit positive;
            when there are any, they contain what was transferred before.
        parts: What acquisitions found and what was paid in, dated.

    Returns:
        The transfers, each with its translated amount in minor units of the presentation
        currency, positive; those without an account they go to are reductions of capital.

    Raises:
        TransferBeyond, CapitalReductionBeyond: an account other than retained earnings held
            less.
        MissingRate: the average of a month was not loaded.

    Source:
        IAS 21 leaves the rate of translated equity open: equity moved inside keeps what it
        was translated at, so that neither CTA nor total equity changes.
    """
    moving = list(group.transfers_of.get(entity.code, ()))
    if entity.code in group.reductions_of:
        moving += [each.leaving() for each in group.reductions_of[entity.code]]
        moving.sort(key=lambda each: each.on)
    due = [
        each
        for each in moving
        if each.on <= period.last_day and not (carried and each.on < start.first_day)
    ]
    if not due:
        return ()
    if entity.currency == group.presentation:
        return tuple(replace(each, translated=each.amount) for each in due)
    dated = list(parts)
    moved: list[Transfer] = []
    for each in due:
        held = _held(each, group, entity, carried, dated, moved)
        moved.append(replace(each, translated=_taken(each, held, group, entity)))
    return tuple(moved)


def _held(
    transfer: Transfer,
    group: Group,
    entity: Entity,
    carried: Mapping[str, tuple[int, int]],
    parts: list[Part],
    moved: list[Transfer],
) -> _Held:
    """What the source held before a transfer."""
    source = transfer.source
    functional, translated = carried.get(source, (0, 0))
    layers = [layer for on, code, layer in parts if code == source and on <= transfer.on]
    held = _Held(
        -functional - sum(layer.amount for layer in layers),
        -translated - add_parts(layers, entity.currency, group.presentation),
    )
    for each in moved:
        sign = (each.account == source) - (each.source == source)
        held.functional += sign * each.amount
        held.translated += sign * (each.translated or 0)
    return held


def _taken(transfer: Transfer, held: _Held, group: Group, entity: Entity) -> int:
    """The translated amount that goes along."""
    amount, functional, presentation = transfer.amount, entity.currency, group.presentation
    covered = min(amount, max(0, held.functional))
    taken = round_ratio(held.translated * covered, held.functional) if covered else 0
    rest = amount - covered
    if not rest:
        return taken
    if transfer.source != group.chart.roles.retained_earnings:
        held_money = Money(max(0, held.functional), functional)
        beyond = TransferBeyond if transfer.account else CapitalReductionBeyond
        raise beyond(
            entity.code, transfer.on, transfer.source, held_money, Money(amount, functional)
        )
    month = group.reported(entity.code, Period.of(transfer.on))
    average = group.rates.average(functional, presentation, month)
    if average is None:
        raise MissingRate(functional, presentation, "average", str(month), entity.code)
    return taken + convert_one(rest, average, functional, presentation)


type Moves = tuple[dict[str, tuple[int, int]], dict[str, list[Returned]], tuple[int, int]]
"""What moved each account, debit positive; capital returned; and what of it came earlier."""


def add_moves(transfers: Iterable[Transfer], start: Period) -> Moves:
    """
    Add transfers and reductions up by account, functional and translated.

    Args:
        transfers: As `take_along` resolved them.
        start: First month of the roll-forward: what is earlier is part of what opened.
    """
    moved: dict[str, tuple[int, int]] = {}
    gone: dict[str, list[Returned]] = {}
    before = (0, 0)
    for each in transfers:
        translated = each.translated or 0
        if not each.account and each.on < start.first_day:
            before = (before[0] + each.amount, before[1] + translated)
        elif not each.account:
            left = Returned(f"capital_reduction {each.on}", each.amount, translated)
            gone.setdefault(each.source, []).append(left)
        for account, sign in ((each.source, 1), (each.account, -1)):
            if account:
                both = moved.get(account, (0, 0))
                moved[account] = (both[0] + sign * each.amount, both[1] + sign * translated)
    return moved, gone, before
