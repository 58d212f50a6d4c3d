"""
What people type and what tables hold: codes, ids, numbers, months, hundredths.

Arrays hold numbers in place of codes; amounts hold hundredths, whatever digits their
currency has.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from monthclose.ledger.accounts import Account, AccountClass
from monthclose.ledger.currencies import minor_digits
from monthclose.store.bulk import fetch


@dataclass(frozen=True, slots=True)
class Company:
    """An entity as stored."""

    id: UUID
    number: int
    code: str
    currency: str


@dataclass(frozen=True)
class Directory:
    """
    The entities and the standard accounts of a portfolio, as far as a person sees them.

    Attributes:
        companies: By code.
        accounts: Number of each standard account, by code.
    """

    companies: Mapping[str, Company]
    accounts: Mapping[str, int]

    @classmethod
    def read(cls, session: Session, tenant: UUID) -> "Directory":
        """Read it with the rights of the session's user."""
        companies = fetch(
            session,
            "select id, number, code, functional_currency from portfolio_entities"
            " where tenant_id = %(t)s",
            t=tenant,
        )
        accounts = fetch(
            session,
            "select code, number from standard_chart_of_accounts where tenant_id = %(t)s",
            t=tenant,
        )
        return cls({row[2]: Company(*row) for row in companies}, dict(accounts))

    @cached_property
    def codes(self) -> dict[UUID, str]:
        """Code of each entity, by id."""
        return {company.id: code for code, company in self.companies.items()}

    @cached_property
    def account_codes(self) -> NDArray[np.object_]:
        """Code of each standard account, by number."""
        return by_number(self.accounts)

    @cached_property
    def partner_codes(self) -> NDArray[np.object_]:
        """Code of each entity, by number; nil is no partner."""
        return by_number({code: company.number for code, company in self.companies.items()})

    def partner_numbers(self, partners: Iterable[str]) -> NDArray[np.int32]:
        """(n,) number of each partner; nil where there is none."""
        return np.array([*map(self._partners.__getitem__, partners)], dtype=np.int32)

    @cached_property
    def _partners(self) -> dict[str, int]:
        """Number of each entity, by code; nil is no partner."""
        return {code: company.number for code, company in self.companies.items()} | {"": 0}

    def account_numbers(self, accounts: Iterable[str]) -> NDArray[np.int32]:
        """(n,) number of each standard account."""
        return np.array([*map(self.accounts.__getitem__, accounts)], dtype=np.int32)


def by_number(numbers: Mapping[str, int]) -> NDArray[np.object_]:
    """Codes by their number, for looking up a whole column at once."""
    codes = np.full(max(numbers.values(), default=0) + 1, "", dtype=object)
    for code, number in numbers.items():
        codes[number] = code
    return codes


def month(period: str) -> date:
    """`2025-06` as its first day."""
    return date.fromisoformat(f"{period}-01")


def period_of(day: date) -> str:
    """The month of a day, such as `2025-06`."""
    return f"{day:%Y-%m}"


def hundredths(minor: Any, currency: str) -> Any:
    """Minor units of a currency as hundredths, which amounts are stored in: one yen is 100."""
    return minor * 10 ** (2 - minor_digits(currency))


def minor_of(stored: int, currency: str) -> int:
    """Hundredths as minor units of a currency."""
    scale: int = 10 ** (2 - minor_digits(currency))
    return stored // scale


def decimal(units: int, digits: int) -> str:
    """An integer of so many decimals as text: 66670000 of 8 is `0.66670000`."""
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}"


def lock_key(*parts: object) -> int:
    """Key of an advisory lock: 64 bits, signed, of what is to be locked."""
    text = "\0".join(map(str, parts)).encode()
    return int.from_bytes(sha256(text).digest()[:8], "big", signed=True)


def account_of(row: tuple[Any, ...]) -> Account:
    """One account of the standard chart, as it was selected."""
    return Account(
        code=row[0],
        name=row[1],
        kind=AccountClass(row[2]),
        parent=row[3],
        statement_line=row[4],
        monetary=row[5],
        intercompany=row[6],
        cash=row[7],
        cash_flow=row[8],
        deferred_tax=row[9],
        contra=row[10],
        gaap=frozenset(row[11]),
        metric=row[14],
    )
