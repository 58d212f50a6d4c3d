"""Equity pick-up taken out of a holder's books again, before anything is eliminated."""

from collections.abc import Iterable

from monthclose.consolidation.attributable import Attributable
from monthclose.consolidation.elimination import CarriedInvestment
from monthclose.consolidation.purchase import historical_cost
from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.pickups import EquityPickup, PickedUp
from monthclose.ledger.rates import convert_one
from monthclose.ledger.translations import Rollforward


def _reversed(pickup: EquityPickup) -> Rollforward:
    """What the reversal takes from the holder's translation reserve, credit positive."""
    moved = pickup.reserve_moved_presentation
    return Rollforward(moved - pickup.reserve_presentation, -moved)


def reverse_pickup(
    acquisition: Acquisition,
    pickup: EquityPickup,
    carried: CarriedInvestment,
    holder: str,
    chart: Chart,
    presentation: str,
) -> tuple[Entry | None, Rollforward, Attributable]:
    """
    Take an investment under equity pick-up back to its historical cost.

    Otherwise profit and equity of the subsidiary would count twice. Dividends of the
    period become income, so that their elimination finds them. What is left is the
    retranslation of the investment in a foreign holder's books, and leaves its CTA. What of
    its reserve the holder took to the result with a company it sold leaves that: the group
    recycles its own CTA.

    Args:
        acquisition: With its historical cost.
        pickup: What was picked up.
        carried: What the holder's translated balance carries the investment at.
        holder: Currency of the holder.
        chart: Names the accounts.
        presentation: The presentation currency.

    Returns:
        The entry (None when nothing moves), what it takes from the CTA (credit positive),
        and what the holder's owners bear.

    Source:
        Law 6.404 art. 248; CPC 18; IFRS 10.B86; IAS 21.39.
    """
    cost = historical_cost(acquisition)

    def together(parts: Iterable[PickedUp]) -> int:
        return sum(
            convert_one(each.amount, each.quote, holder, presentation)
            if each.presentation is None
            else each.presentation
            for each in parts
        )

    current, received = together(pickup.current), together(pickup.dividends)
    rest = carried.now - cost - pickup.prior_presentation - current + received
    rest -= pickup.reserve_presentation
    rest -= pickup.recycled
    was = 0
    if not acquisition.in_period:
        was = carried.was - cost - pickup.prior_presentation
        was -= pickup.reserve_presentation - pickup.reserve_moved_presentation
        was -= together(each for each in pickup.current if each.before)
        was += together(each for each in pickup.dividends if each.before)
    amounts = (
        (acquisition.investment_account, cost - carried.now),
        (pickup.income_account, current),
        (chart.roles.retained_earnings, pickup.prior_presentation),
        (chart.roles.dividend_income, -received),
        (pickup.reserve_account, pickup.reserve_presentation),
        (pickup.recycled_account, pickup.recycled),
        (chart.roles.cta, rest),
    )
    lines = tuple(EntryLine(*each, acquisition.acquirer) for each in amounts if each[1])
    # With the dividends the holder's own profit is whole; their elimination takes them out.
    attributable = Attributable(
        acquisition.acquirer,
        retained=-pickup.prior_presentation,
        profit=received - current - pickup.recycled,
        reserves=((pickup.reserve_account, _reversed(pickup)),) if pickup.reserve_account else (),
    )
    taken = Rollforward(-was, was - rest)
    if not lines:
        return None, taken, attributable
    entry = Entry(
        id=f"MEP-{acquisition.id}",
        layer=LayerName.ELIMINATION,
        kind="equity_pickup",
        reason="entries.equity-pickup",
        standard="CPC 18",
        currency=presentation,
        lines=lines,
        entity=acquisition.acquirer,
        reference=acquisition.id,
    )
    return entry, taken, attributable
