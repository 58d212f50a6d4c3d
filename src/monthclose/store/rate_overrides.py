"""A rate that a person puts over what was published; it counts once another approved it."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from monthclose.ledger.errors import CloseError
from monthclose.ledger.rates import Quote, RateKind
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.lookup import decimal, month
from monthclose.store.tables import fx_rates_monthly

LEAST_REASON = 10
"""Characters that a reason has at least: the database refuses shorter ones."""


class ReasonMissing(CloseError):
    """A rate is put over a published one, and nobody says why."""

    code = "rate-override-reason"

    def __init__(self, base: str, quote: str, period: str) -> None:
        super().__init__(pair=f"{base}/{quote}", period=period, least=LEAST_REASON)


class NotOverridden(CloseError):
    """Only the closing and the average rate of a month can be overridden."""

    code = "rate-override-kind"

    def __init__(self, kind: str) -> None:
        super().__init__(kind=kind)


def propose_override(session: Session, tenant: UUID, quote: Quote, reason: str) -> UUID:
    """
    Put a rate over the published ones of a month, to be approved by a second person.

    Args:
        session: Acts for who proposes.
        tenant: The portfolio.
        quote: Closing or average, of a month such as `2025-06`.
        reason: Why, for whoever approves and for the auditor.

    Returns:
        The id under which it waits for review.

    Raises:
        ReasonMissing: the reason says nothing.
        NotOverridden: it is neither a closing nor an average rate.
        CloseError: the month is locked, or the person may not propose rates.
    """
    if quote.kind not in (RateKind.CLOSING, RateKind.AVERAGE) or len(quote.on) != 7:
        raise NotOverridden(quote.kind.value)
    if len(reason.strip()) < LEAST_REASON:
        raise ReasonMissing(quote.base, quote.quote, quote.on)
    ((number,),) = fetch(
        session,
        "select coalesce(max(number), 0) + 1 from fx_rates_monthly where tenant_id = %(t)s"
        " and base = %(b)s and quote = %(q)s and kind = %(k)s and period = %(p)s",
        t=tenant,
        b=quote.base,
        q=quote.quote,
        k=quote.kind.value,
        p=month(quote.on),
    )
    key = uuid4()
    insert_columns(
        session,
        fx_rates_monthly,
        {
            "id": [key],
            "tenant_id": tenant,
            "base": [quote.base],
            "quote": [quote.quote],
            "kind": [quote.kind.value],
            "period": [month(quote.on)],
            "number": [number],
            "origin": "override",
            "value": [decimal(quote.value_e10, 10)],
            "reason": [reason.strip()],
            "source": [quote.source or "override"],
            "status": "submitted",
        },
    )
    return key
