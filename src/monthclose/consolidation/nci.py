"""Outside shareholders: what they had, what they earned, what they got."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from monthclose.ledger.accounts import Chart
from monthclose.ledger.acquisitions import Acquisition
from monthclose.ledger.book import Purchase
from monthclose.ledger.entities import percent
from monthclose.ledger.equity import NciRollforward
from monthclose.ledger.journal import Entry, EntryLine, LayerName
from monthclose.ledger.money import share_of
from monthclose.ledger.purchases import PurchaseLayer


@dataclass(frozen=True, slots=True)
class Changed:
    """
    Outsiders bought or sold a part in the period: what they shared in before the day.

    Attributes:
        was: Their share before the day.
        profit: Of the period up to the day, since the change before it; presentation
            currency, credit positive.
        cta: Movement of the CTA over the same time, the same.
        recognised: What they got of net assets on the day, its CTA included.
    """

    was: Fraction
    profit: int
    cta: int
    recognised: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """
    An account of other comprehensive income, presentation currency, credit positive.

    Attributes:
        opening: Since acquisition, at the start of the period.
        recognised: In the period.
        transferred: Brought in from other equity in the period, such as retained earnings.
        later: Outsiders' part of what was recognised after changes of their share, beside
            the share they had before.
        known: Theirs as it opened, carried forward because their share had changed before
            it; None: at the share they have.
    """

    opening: int
    recognised: int = 0
    transferred: int = 0
    later: int = 0
    known: int | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """
    What a subsidiary's outsiders share in, presentation currency, credit positive.

    Each amount is complete before it is multiplied by their share.

    Attributes:
        at_acquisition: Theirs already, from acquisitions before the period.
        acquired: Theirs from acquisitions of the period.
        contributed: Theirs of capital paid in since, that no acquisition cancelled.
        retained: Retained earnings since acquisition, at the start of the period.
        profit: Result of the period, without dividend income from group companies.
        cta_opening: CTA at the start, with that of full goodwill.
        cta_movement: Its movement.
        dividends: What they received, positive.
        returned: Capital they got back, positive.
        capitalised: Of the retained earnings, what transfers made capital in the period.
        intragroup: Moved to them by dividends inside a chain, from another level.
        passed: Their part of the price of shares that the subsidiary sold, control staying.
        changed: Each change of their share in the period, in order of its day.
        known: Theirs of retained earnings and of the CTA as they opened, carried forward
            because their share had changed before; None: at the share they have.
        reserves: Of other comprehensive income, by account.
    """

    at_acquisition: int
    acquired: int
    contributed: int
    retained: int
    profit: int
    cta_opening: int
    cta_movement: int
    dividends: int
    returned: int = 0
    capitalised: int = 0
    intragroup: int = 0
    passed: int = 0
    changed: tuple[Changed, ...] = ()
    known: tuple[int, int] | None = None
    reserves: Mapping[str, Reserve] = field(default_factory=dict)


def shared_layers(
    acquisitions: Iterable[Acquisition], purchases: Mapping[str, Purchase]
) -> Iterator[PurchaseLayer]:
    """
    Layers of a subsidiary that its outsiders share in.

    The fair value layer always; goodwill only when they were measured at fair value:
    partial goodwill is the acquirer's (IFRS 3.19, IAS 36.C6).
    """
    for acquisition in acquisitions:
        purchase = purchases[acquisition.id]
        if purchase.fair_value_layer is not None:
            yield purchase.fair_value_layer
        if purchase.goodwill_layer is not None and acquisition.nci_method == "fair_value":
            yield purchase.goodwill_layer


def attribute(
    entity: str, share: Fraction, shared: Shared, chart: Chart, currency: str
) -> tuple[NciRollforward, Entry]:
    """
    Attribute a subsidiary to its outsiders, by their indirect share.

    Each component is rounded once; what outsiders do not get is the parent's. Losses
    are shared even into deficit.

    Args:
        entity: The subsidiary.
        share: Share of the outsiders; nil when the last of them were bought out.
        shared: What they share in.
        chart: Names the accounts.
        currency: Presentation currency.

    Returns:
        Their roll-forward, and the entry that moves their part of retained earnings,
        result and CTA to the NCI account.

    Source:
        IFRS 10.B94; IAS 21.41; ASC 810-10-45-21, 830-30-45-17.
    """
    before = shared.changed
    was = before[0].was if before else share
    opened = {
        a: share_of(each.opening, was) if each.known is None else each.known
        for a, each in shared.reserves.items()
    }
    # What came up to a change is in what they bought on its day.
    came = {a: share_of(each.recognised, was) + each.later for a, each in shared.reserves.items()}
    kept = {a: share_of(each.transferred, was) for a, each in shared.reserves.items()}
    if shared.known:
        retained, cta_opening = shared.known[0] - sum(opened.values()), shared.known[1]
    else:
        retained, cta_opening = share_of(shared.retained, was), share_of(shared.cta_opening, was)
    profit = shared.profit - sum([each.profit for each in before])
    cta = shared.cta_movement - sum([each.cta for each in before])
    rollforward = NciRollforward(
        entity=entity,
        percent=percent(share),
        opening=shared.at_acquisition + retained + cta_opening + sum(opened.values()),
        acquired=shared.acquired,
        contributed=shared.contributed,
        returned=-shared.returned,
        share_of_profit=sum([share_of(each.profit, each.was) for each in before])
        + share_of(profit, share),
        share_of_cta=sum([share_of(each.cta, each.was) for each in before]) + share_of(cta, share),
        dividends=-shared.dividends,
        intragroup=shared.intragroup,
        recognised=sum([each.recognised for each in before]) + shared.passed,
        share_of_oci=sum(came.values()),
    )
    earned = retained - share_of(shared.capitalised, was) + rollforward.share_of_profit
    earned -= sum(kept.values())
    reserves = [(a, opened[a] + came[a] + kept[a]) for a in shared.reserves]
    translated = cta_opening + rollforward.share_of_cta
    roles = chart.roles
    amounts = (
        (roles.retained_earnings, earned),
        (roles.cta, translated),
        *reserves,
        (roles.nci, -earned - translated - sum([each for _, each in reserves])),
    )
    entry = Entry(
        id=f"NCI-{entity}",
        layer=LayerName.NCI,
        kind="attribution",
        reason="entries.attribution",
        standard="IFRS 10.B94",
        currency=currency,
        lines=tuple([EntryLine(*each, entity) for each in amounts if each[1]]),
        entity=entity,
    )
    return rollforward, entry


def attribute_capital(
    entity: str,
    share: Fraction,
    standing: dict[str, int],
    chart: Chart,
    currency: str,
    beside: Mapping[str, int] | None = None,
) -> tuple[Entry | None, int]:
    """
    Give outsiders their part of capital that no acquisition cancelled.

    Without a record of what the group paid, nothing can be eliminated: the group's part
    of that capital stays where it is, and the validation says so.

    Args:
        entity: The subsidiary.
        share: Share of the outsiders.
        standing: Capital left, by account, debit positive.
        chart: Names the NCI account.
        currency: Presentation currency.
        beside: What they have of an account beside their share of it, because that share
            has changed; credit positive.

    Returns:
        The entry (None when nothing stands), and what outsiders get, credit positive.

    Source:
        IFRS 10.22.
    """
    lines = []
    theirs = 0
    more = beside or {}
    for account in {**standing, **more}:
        part = share_of(standing.get(account, 0), share) - more.get(account, 0)
        if part:
            lines.append(EntryLine(account, -part, entity))
            theirs -= part
    if not lines:
        return None, 0
    lines.append(EntryLine(chart.roles.nci, -theirs, entity))
    entry = Entry(
        id=f"CAP-{entity}",
        layer=LayerName.NCI,
        kind="capital",
        reason="entries.capital",
        standard="IFRS 10.22",
        currency=currency,
        lines=tuple(lines),
        entity=entity,
    )
    return entry, theirs
