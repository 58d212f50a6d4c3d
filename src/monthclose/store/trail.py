"""One entry of the audit chain for one business action."""

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session


def note(
    session: Session,
    tenant: UUID,
    action: str,
    kind: str,
    subject: UUID,
    /,
    **facts: Any,
) -> None:
    """
    Append what was done to a portfolio's chain, in the transaction that does it.

    The head of the chain is locked from here to the commit: append last.

    Args:
        session: Whose user is the actor.
        tenant: The portfolio.
        action: What was done, such as `run.start`.
        kind: What it was done to, such as `run`.
        subject: Its id.
        facts: What else the entry says; counts and hashes, no figures.
    """
    event = {"action": action, "object_type": kind, "object_id": str(subject), **facts}
    session.execute(
        text("select audit.append(:t, cast(:e as jsonb))"), {"t": tenant, "e": Jsonb(event)}
    )
