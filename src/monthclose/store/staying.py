"""What stays in force although an import no longer says it: quotes, balances, contracts."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from monthclose.ledger.balances import RawBalance
from monthclose.ledger.group import Group
from monthclose.ledger.rates import Quote
from monthclose.store.bulk import fetch
from monthclose.store.intake_contracts import KIND
from monthclose.store.intake_rates import read_loose_rates, stands
from monthclose.store.lookup import period_of

type Staying = dict[str, tuple[str, ...]]
"""By kind (`quotes`, `balances`, `subscriptions`), which: codes and months."""


def staying(
    session: Session, tenant: UUID, group: Group, balances: Sequence[RawBalance]
) -> Staying:
    """
    Name what was loaded once, is not among what is given now, and still counts.

    Events, owners and purchases that are no longer given are withdrawn; these are not,
    because a group may give its latest months only. What was read from a company's system
    or fetched from a central bank was never expected here, and is not named.

    Returns:
        Kinds of which something stays; each in order of its months.
    """
    given = {
        "trial_balance": {(raw.entity, raw.period) for raw in balances},
        KIND: {(each.entity, each.period) for each in group.subscriptions},
    }
    stands_still: dict[str, list[str]] = {"trial_balance": [], KIND: []}
    for kind, entity, day in fetch(
        session,
        "select distinct b.kind, e.code, b.period from etl_batches as b"
        "  join portfolio_entities as e on e.tenant_id = b.tenant_id and e.id = b.entity_id"
        " where b.tenant_id = %(t)s and b.kind = any(%(k)s) and b.erp = ''"
        " order by b.period, e.code",
        t=tenant,
        k=list(given),
    ):
        if (entity, period_of(day)) not in given[kind]:
            stands_still[kind].append(f"{entity} {period_of(day)}")
    found = {
        "quotes": _quotes(read_loose_rates(session, tenant), group.rates.quotes),
        "balances": tuple(stands_still["trial_balance"]),
        "subscriptions": tuple(stands_still[KIND]),
    }
    return {kind: names for kind, names in found.items() if names}


def _quotes(stored: Iterable[Quote], given: Iterable[Quote]) -> tuple[str, ...]:
    """Quotes in force that are not among those given, by pair, kind and day."""
    known = {stands(quote) for quote in given}
    left = sorted(
        (q for q in stored if stands(q) not in known), key=lambda q: (q.on, q.base, q.quote)
    )
    return tuple(f"{q.quote}/{q.base} {q.kind.value} {q.on} {q.source}".strip() for q in left)
