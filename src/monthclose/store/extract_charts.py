"""A company's own chart of accounts, brought to what its source says."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from monthclose.ledger.sources import Extract, SourceAccount
from monthclose.store.bulk import fetch, insert_columns
from monthclose.store.tables import entity_chart_of_accounts

NAME = 200
"""Characters of an account's name that are kept."""


def brought_chart(session: Session, entity_id: UUID, extract: Extract) -> dict[str, int]:
    """Bring a company's own chart to what its source says, and give the numbers."""
    lines = (SourceAccount(code, "") for code in extract.balance.accounts)
    return bring_accounts(session, entity_id, (*extract.accounts, *lines))


def bring_accounts(
    session: Session, entity_id: UUID, accounts: Iterable[SourceAccount]
) -> dict[str, int]:
    """The same of single accounts; of one that comes twice the first time counts."""
    known = {
        row[0]: row[1:]
        for row in fetch(
            session,
            "select code, number, name, nature, parent_code, referential_code"
            "  from entity_chart_of_accounts where entity_id = %(e)s",
            e=entity_id,
        )
    }
    numbers = {code: int(row[0]) for code, row in known.items()}
    told: dict[str, SourceAccount] = {}
    for account in accounts:
        told.setdefault(account.code, account)
    first = max(numbers.values(), default=0) + 1
    fresh = [account for code, account in told.items() if code not in known]
    for place, account in enumerate(fresh):
        numbers[account.code] = first + place
    if fresh:
        described = list(zip(*map(_described, fresh), strict=True))
        insert_columns(
            session,
            entity_chart_of_accounts,
            {
                "entity_id": entity_id,
                "number": [numbers[account.code] for account in fresh],
                "code": [account.code for account in fresh],
                **dict(zip(_COLUMNS, map(list, described), strict=True)),
            },
        )
    a = entity_chart_of_accounts.c
    for code, account in told.items():
        # An account that nobody described has its code for a name: what is known of it stays.
        told_name = account.name not in ("", code)
        if code in known and told_name and _described(account) != tuple(known[code][1:]):
            session.execute(
                entity_chart_of_accounts.update()
                .where(a.entity_id == entity_id, a.code == code)
                .values(dict(zip(_COLUMNS, _described(account), strict=True)))
            )
    return numbers


_COLUMNS = ("name", "nature", "parent_code", "referential_code")


def _described(account: SourceAccount) -> tuple[str, str, str, str]:
    """An account but for its code."""
    return account.name[:NAME], account.nature.value, account.parent, account.referential
