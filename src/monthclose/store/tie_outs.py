"""What the balances of a month were compared in, and what was noted, when they were read."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from monthclose.ledger.sources import TieOut
from monthclose.store.bulk import fetch
from monthclose.store.lookup import month


def read_tie_outs(
    session: Session, tenant: UUID, companies: Mapping[UUID, str], period: str
) -> dict[str, tuple[TieOut, ...]]:
    """
    Read the tie-outs of the balances in force.

    Args:
        session: Whose rights hold.
        tenant: The portfolio.
        companies: Codes by id.
        period: The month.

    Returns:
        By company, those alone that have some.
    """
    rows = fetch(
        session,
        "select distinct on (entity_id) entity_id, tie_outs from etl_batches"
        " where tenant_id = %(t)s and kind = 'trial_balance' and period = %(p)s"
        " order by entity_id, number desc",
        t=tenant,
        p=month(period),
    )
    return {
        companies[company]: tuple(TieOut(**each) for each in told) for company, told in rows if told
    }


def read_noted(
    session: Session, tenant: UUID, companies: Mapping[UUID, str], period: str
) -> dict[str, tuple[tuple[str, Mapping[str, str]], ...]]:
    """
    Read what was noted of the balances in force: codes with facts.

    Args and result as `read_tie_outs`.
    """
    rows = fetch(
        session,
        "select distinct on (entity_id) entity_id, notes from etl_batches"
        " where tenant_id = %(t)s and kind = 'trial_balance' and period = %(p)s"
        " order by entity_id, number desc",
        t=tenant,
        p=month(period),
    )
    return {
        companies[company]: tuple((code, facts) for code, facts in told)
        for company, told in rows
        if told
    }
