"""Lines for gaps that came after the balance they are of: put into it, before a close reads it."""

from uuid import UUID

from sqlalchemy import Engine

from monthclose.connectors.derived import GAPS
from monthclose.consolidation.supplements import resupplemented
from monthclose.ledger.balances import RawBalance
from monthclose.ledger.errors import CloseError
from monthclose.ledger.extractions import Extraction, Outcome
from monthclose.store.completing import Waiting, complete, read_waiting
from monthclose.store.session import acting


class GapLinesWaiting(CloseError):
    """Lines for the gaps of a balance are there, and whoever closes may not put them into it."""

    code = "gap-lines-waiting"

    def __init__(self, entity: str, period: str) -> None:
        super().__init__(entity=entity, period=period)


def complete_balances(
    engine: Engine, user: UUID, tenant: UUID, period: str, company: UUID | None = None
) -> tuple[Extraction, ...]:
    """
    Put together anew every derived balance that lacks lines for its gaps, up to a month.

    Args:
        engine: Of the application's role.
        user: Who acts.
        tenant: The portfolio.
        period: The last month; closed ones stay as they were closed.
        company: Whose; None: of all.

    Returns:
        What became of each; one that the person may not write has failed, by name.
    """
    with acting(engine, user) as session:
        done = []
        for each in read_waiting(session, tenant, period, company):
            if not each.writable:
                raw = each.balance
                done.append(_told(each, raw, error=GapLinesWaiting(raw.entity, raw.period)))
                continue
            made = resupplemented(each.balance, each.was, each.now, GAPS)
            done.append(_told(each, made, complete(session, tenant, each, made)))
    return tuple(done)


def _told(
    waiting: Waiting, raw: RawBalance, number: int = 0, error: CloseError | None = None
) -> Extraction:
    """What became of a balance."""
    return Extraction(
        entity=raw.entity,
        period=raw.period,
        erp=waiting.erp,
        outcome=Outcome.FAILED if error else Outcome.COMPLETED,
        currency=raw.currency,
        lines=len(raw.accounts),
        number=number,
        gaps=tuple(gap.name for gap in raw.gaps),
        error=error,
    )
