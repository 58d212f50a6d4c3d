"""What outsiders share in, part by part: the sums behind their attribution, for the reader."""

from collections.abc import Iterator
from fractions import Fraction

from monthclose.consolidation.nci import Shared
from monthclose.ledger.accounts import Chart
from monthclose.ledger.equity import OutsidePart
from monthclose.ledger.money import share_of


def outside_parts(share: Fraction, shared: Shared, chart: Chart) -> tuple[OutsidePart, ...]:
    """
    Say what the lines of `attribute` are made of.

    Args:
        share: Share of the outsiders at the end of the period.
        shared: What they share in.
        chart: Names the accounts.

    Returns:
        What is not nil, by line: retained earnings, translation adjustment, reserves.

    Source:
        IFRS 10.B94; IAS 21.41.
    """
    return tuple(each for each in _parts(share, shared, chart) if each.part)


def _parts(share: Fraction, shared: Shared, chart: Chart) -> Iterator[OutsidePart]:
    before, roles = shared.changed, chart.roles
    was = before[0].was if before else share
    retained, translated = roles.retained_earnings, roles.cta
    if shared.known:
        opened = sum(
            share_of(each.opening, was) if each.known is None else each.known
            for each in shared.reserves.values()
        )
        yield OutsidePart("retained", retained, None, 0, shared.known[0] - opened)
        yield OutsidePart("cta_opening", translated, None, 0, shared.known[1])
    else:
        yield _part("retained", retained, was, shared.retained)
        yield _part("cta_opening", translated, was, shared.cta_opening)
    yield _part("moved", retained, was, -shared.capitalised)
    for each in before:
        yield _part("profit", retained, each.was, each.profit)
        yield _part("cta", translated, each.was, each.cta)
    yield _part("profit", retained, share, shared.profit - sum(e.profit for e in before))
    yield _part("cta", translated, share, shared.cta_movement - sum(e.cta for e in before))
    for account, reserve in shared.reserves.items():
        yield _part("moved", retained, was, -reserve.transferred)
        if reserve.known is None:
            yield _part("reserve", account, was, reserve.opening)
        else:
            yield OutsidePart("reserve", account, None, 0, reserve.known)
        yield _part("reserve", account, was, reserve.recognised)
        yield OutsidePart("reserve", account, None, 0, reserve.later)
        yield _part("moved", account, was, reserve.transferred)


def _part(name: str, account: str, share: Fraction, whole: int) -> OutsidePart:
    return OutsidePart(name, account, share, whole, share_of(whole, share))
