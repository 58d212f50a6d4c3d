"""What the database refuses, and why the store does not start, named for what happened."""

import psycopg
from sqlalchemy.exc import DBAPIError

from monthclose.ledger.errors import CloseError


class NobodyActs(CloseError):
    """A transaction began without saying whom it acts for."""

    code = "store-nobody-acts"

    def __init__(self) -> None:
        super().__init__()


class AutocommitRefused(CloseError):
    """An engine that commits each statement loses who acts before the next one."""

    code = "store-autocommit"

    def __init__(self) -> None:
        super().__init__()


class UnsafeRole(CloseError):
    """The database role could see past row security."""

    code = "store-unsafe-role"

    def __init__(self, role: str, problem: str) -> None:
        super().__init__(role=role, problem=problem)


class ServerTooOld(CloseError):
    """The PostgreSQL server has a known leak of hidden rows."""

    code = "store-server-too-old"

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(found=found, wanted=wanted)


class SchemaBehind(CloseError):
    """The database has another schema version than the program."""

    code = "store-schema-behind"

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(found=found or "–", wanted=wanted)


class PeriodClosed(CloseError):
    """The month is locked, so nothing of it changes."""

    code = "period-closed"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class LockRefused(CloseError):
    """A month cannot take the state that was asked for."""

    code = "period-state"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class ReviewRefused(CloseError):
    """What waits for, or has, a decision cannot take this step."""

    code = "review-state"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class OwnWork(CloseError):
    """Nobody approves own work, or changes own rights."""

    code = "own-work"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class RoleCannotWrite(CloseError):
    """Figures are written by managers and analysts only."""

    code = "role-cannot-write"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class NotGranted(CloseError):
    """What was asked for is absent, or not granted: the answer is the same."""

    code = "not-granted"

    def __init__(self) -> None:
        super().__init__()


class YearWithoutPartition(CloseError):
    """The month lies in a year that the database has no partition for."""

    code = "year-without-partition"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class CompanyUnknown(CloseError):
    """No company of that code is there, or the person does not see it."""

    code = "company-unknown"

    def __init__(self, entity: str, known: list[str]) -> None:
        super().__init__(entity=entity, known=known or ["–"])


REFUSALS = {
    "FP001": PeriodClosed,
    "FP002": LockRefused,
    "FP003": ReviewRefused,
    "FP004": OwnWork,
    "FP005": RoleCannotWrite,
}
"""What the functions of the schema raise, by SQLSTATE."""


def as_close_error(error: DBAPIError | psycopg.Error) -> CloseError | None:
    """
    Say in the words of the trade what the database refused.

    Returns:
        The error to raise in its place, or None when the refusal is not one of ours.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return None
    state, said = cause.sqlstate or "", cause.diag.message_primary or ""
    if state in REFUSALS:
        return REFUSALS[state](said)
    if state == "23505" and cause.diag.constraint_name == "sign_offs_one_part_a_person":
        return OwnWork(said)
    if state == "42501":
        return NotGranted()
    if state == "23514" and said.startswith("no partition"):
        return YearWithoutPartition(said)
    return None
