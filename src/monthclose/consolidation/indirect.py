"""A part of a company that holds others changes hands: what that does to those below it."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from monthclose.consolidation.day_rates import rate_of_day
from monthclose.ledger.changes import OwnershipChange
from monthclose.ledger.entities import Interest, interests_on
from monthclose.ledger.events import PartialDisposal
from monthclose.ledger.group import Group


def passed_below(
    group: Group, change: OwnershipChange, sale: PartialDisposal, scope: Container[str]
) -> Iterator[PartialDisposal]:
    """
    The same sale as it reaches each company below the one it is of; no price is paid for those.

    Args:
        group: With interests and rates.
        change: As recorded.
        sale: Of the company at the top.
        scope: Codes of the consolidated companies.

    Raises:
        MissingRate: the rate of the day of one of them was not loaded.

    Source:
        IFRS 10.23, 10.B94, 10.B96: outsiders share in what is held through the company too.
    """
    below = [code for code in group.reached_by(change) if code in scope]
    if not below:
        return
    reach = shares_through(change.entity, interests_on(group.interests, change.on))
    for code in below:
        yield replace(
            sale,
            entity=code,
            share=sale.share * reach[code],
            proceeds=0,
            cost=0,
            separate_gain=0,
            investment_account="",
            gain_account="",
            quote=rate_of_day(group, group.currencies[code], change.on, code),
            net_assets=0,
            cost_booked=0,
            through=change.entity,
        )


def shares_through(entity: str, interests: Iterable[Interest]) -> dict[str, Fraction]:
    """What a company has of each one it holds, itself or through others."""
    held: dict[str, list[Interest]] = {}
    for each in interests:
        held.setdefault(each.holder, []).append(each)
    reach: dict[str, Fraction] = {}

    def follow(code: str, share: Fraction) -> None:
        for each in held.get(code, ()):
            reach[each.investee] = reach.get(each.investee, Fraction(0)) + share * each.share
            follow(each.investee, share * each.share)

    follow(entity, Fraction(1))
    return reach
