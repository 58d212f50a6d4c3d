"""
Protheus's generic query service: rows of a table under a condition.

It drops fields that it does not know without a word, pads texts with blanks, answers for
the server's own branch when it does not take the one asked for, and gives deleted rows
back unless it is told not to. Conditions are made of checked names and values only.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from monthclose.connectors.answers import JSON
from monthclose.connectors.errors import FieldsProtected, ValueUnknown, WrongCompany
from monthclose.connectors.fields import Removed, Row
from monthclose.connectors.totvs_site import Paged, Site, pages
from monthclose.connectors.transport import Transport

PATH = "/api/framework/v1/genericQuery"
DAY = "%Y%m%d"
IN_ONE = 40
"""Values in one condition: a URL has room for no more."""

_FIELD = re.compile(r"[a-z][a-z0-9]{1,2}_[a-z0-9_]{1,10}", re.ASCII)
_VALUE = re.compile(r"[0-9A-Za-z ./_-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tenant:
    """
    A company and branch of a Protheus server.

    Attributes:
        company: Code of the company group, such as `01`.
        branch: Code of the branch at full length, such as `0101`.
    """

    company: str
    branch: str

    def __str__(self) -> str:
        return f"{self.company},{self.branch}"


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table as it is read.

    Attributes:
        name: Such as `CQ0`.
        fields: Lower case; every one has to be in every row.
        key: Those that tell rows apart.
        shared: Whether branches may share its rows, which then name no branch or only
            the beginning of one.
        optional: Fields that an installation may lack.
    """

    name: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    shared: bool = False
    optional: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        """The field that names the branch."""
        return self.fields[0]


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a condition, made by the functions below only."""

    sql: str

    def __or__(self, other: "Condition") -> "Condition":
        """Either of them."""
        return Condition(f"({self.sql} OR {other.sql})")

    def __and__(self, other: "Condition") -> "Condition":
        """Both of them."""
        return Condition(f"({self.sql} AND {other.sql})")


def equal(field: str, value: str) -> Condition:
    """Where a text field is *value*."""
    return Condition(f"{_named(field)}={_quoted(field, value)}")


def among(field: str, values: Iterable[str]) -> Condition:
    """Where a text field is one of *values*."""
    listed = ",".join(_quoted(field, value) for value in values)
    return Condition(f"{_named(field)} IN ({listed})")


def between(field: str, first: date, last: date) -> Condition:
    """Where a day is in a span, its ends included."""
    return Condition(f"{_named(field)} BETWEEN '{first:{DAY}}' AND '{last:{DAY}}'")


def until(field: str, last: date) -> Condition:
    """Where a day is no later than *last*."""
    return Condition(f"{_named(field)}<='{last:{DAY}}'")


def after(field: str, last: date) -> Condition:
    """Where a day is later than *last*."""
    return Condition(f"{_named(field)}>'{last:{DAY}}'")


def not_nil(field: str) -> Condition:
    """Where an amount is not nil."""
    return Condition(f"{_named(field)}<>0")


def some(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Sorted values, as many at a time as one condition holds."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), IN_ONE):
        yield tuple(ordered[start : start + IN_ONE])


def _named(field: str) -> str:
    """A field name that is one."""
    if not _FIELD.fullmatch(field):
        raise ValueError(f"{field!r} is no field")
    return field


def _quoted(field: str, value: str) -> str:
    """
    A text as a condition has it.

    Raises:
        ValueUnknown: it holds characters that no code has, such as a quote.
    """
    if not _VALUE.fullmatch(value):
        raise ValueUnknown("totvs", field.partition("_")[0].upper(), field, value)
    return f"'{value}'"


class Query:
    """Reads tables of one branch."""

    def __init__(self, transport: Transport, site: Site, tenant: Tenant, removed: Removed) -> None:
        """
        Ask as one branch.

        Args:
            transport: To the server.
            site: Its settings: `query_path`, `module`, `ledger_branch`.
            tenant: The company and branch.
            removed: Counts characters taken out of texts.
        """
        self.transport, self.tenant, self.removed = transport, tenant, removed
        self.path = site.setting("query_path", PATH)
        self.headers = {"tenantId": str(tenant)}
        if module := site.setting("module", "", "[A-Z]*"):
            self.headers["x-erp-module"] = module
        self.branch = site.setting("ledger_branch", tenant.branch, "[0-9A-Za-z ]*").strip()

    def rows(
        self, table: Table, condition: Condition | None, size: int = 500
    ) -> AsyncIterator[Row]:
        """
        Every row of a table that fits, once, in the order of its key.

        Raises:
            FieldsProtected: the user may not see a field that is needed.
            FieldUnreadable: a field is missing: the server dropped it.
            WrongCompany: rows of another branch came.
            PageRepeated, PagesShifted: rows moved while they were read.
        """
        return pages(self.transport, self._asked(table, condition), self.removed, size)

    async def first(self, table: Table, condition: Condition | None) -> Row | None:
        """One row that fits, or None: the cheapest question there is."""
        asked = self._asked(table, condition)
        answer = await self.transport.send(asked.call(1, 1))
        told = Row(
            _object(self.transport.parse(answer)),
            self.transport.vendor.name,
            table.name,
            self.removed,
        )
        asked.told(told)
        for row in told.rows("items"):
            asked.check(row)
            return row
        return None

    def _asked(self, table: Table, condition: Condition | None) -> Paged:
        """A question for a table."""
        params = [
            ("tables", table.name),
            ("fields", ",".join((*table.fields, *table.optional))),
            ("order", ",".join(table.key)),
            ("FilialFilter", "true"),
            ("DeletedFilter", "true"),
        ]
        if condition is not None:
            params.append(("where", condition.sql))
        return Paged(
            operation=table.name,
            url=self.transport.base_url + self.path,
            params=tuple(params),
            key=table.key,
            headers=self.headers,
            counted=True,
            check=lambda row: self._check(table, row),
            told=lambda told: self._allowed(table, told),
        )

    def _check(self, table: Table, row: Row) -> None:
        """Hold a row against what was asked for."""
        for name in table.fields:
            row.value(name)
        found = row.text(table.branch)
        fits = self.tenant.branch.startswith(found) if table.shared else found == self.branch
        if not fits:
            wanted = f"{self.tenant.company},{self.branch}"
            raise WrongCompany(row.source, wanted, f"{self.tenant.company},{found}")

    def _allowed(self, table: Table, told: Row) -> None:
        """Fail when the user may not see a field."""
        hidden = {
            str(name).strip().lower()
            for listed in ("protectedDataFields", "nivelFields")
            for name in _listed(told, listed)
        }
        if missing := sorted(hidden & set(table.fields)):
            raise FieldsProtected(told.source, table.name, ", ".join(missing))


def _object(told: JSON) -> dict[str, JSON]:
    """A JSON object, or an empty one, in which everything is missing."""
    return told if isinstance(told, dict) else {}


def _listed(told: Row, name: str) -> list[JSON]:
    """A list that may be missing, or one text with commas."""
    value = told.fields.get(name)
    if isinstance(value, str):
        return list(value.split(","))
    return value if isinstance(value, list) else []
