"""The command that prints one statement: balance sheet, income statement, cash flows, equity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monthclose.cli.call import FAILURE, OK, Call
from monthclose.cli.payload import equity_payload
from monthclose.cli.statement_payload import cash_payload, statement_payload
from monthclose.ledger.errors import CloseError
from monthclose.reports.cash_table import cash_statement, column_of
from monthclose.reports.statements import Statement, balance_sheet, income_statement
from monthclose.wiring.statements import Stated, state_folder, state_stored
from monthclose.wording import say


class StatementUnknown(CloseError):
    """A kind of statement that there is not."""

    code = "statement-unknown"

    def __init__(self, kind: str, known: tuple[str, ...]) -> None:
        super().__init__(kind=kind[:40], known=known)


class StatementOfGroup(CloseError):
    """A statement that only the group has, asked of a company."""

    code = "statement-of-group"

    def __init__(self, kind: str, entity: str) -> None:
        super().__init__(kind=kind, entity=entity[:40])


class CashNotStated(CloseError):
    """A company whose cash flows are not stated, or that is not in the group."""

    code = "cash-not-stated"

    def __init__(self, entity: str, known: tuple[str, ...]) -> None:
        super().__init__(entity=entity[:40], known=known or ("–",))


@dataclass(frozen=True, slots=True)
class Asked:
    """
    The statement that somebody asked for.

    Attributes:
        label: Month, or one of its versions.
        kind: One of `KINDS`.
        entity: Company; empty: the group.
        folder: Where the group lies; None: in the database.
    """

    label: str
    kind: str
    entity: str
    folder: Path | None


type Shown = tuple[int, dict[str, Any]]
"""The exit code, and the answer as JSON."""


def run_statement(how: Call, asked: Asked, user: str, portfolio: str) -> int:
    """Print one statement of a folder's month or of a stored version."""
    if asked.kind not in KINDS:
        raise StatementUnknown(asked.kind, tuple(KINDS))
    if asked.entity and asked.kind != "dfc":
        raise StatementOfGroup(asked.kind, asked.entity)
    if asked.folder is not None:
        found = state_folder(asked.folder, asked.label)
    else:
        from monthclose.wiring.build import open_desk

        with open_desk(how.settings(), user, portfolio) as desk:
            found = state_stored(desk, asked.label)
    how.out.say("stated", "bold", group=found.book.group.name, label=found.label)
    code, payload = KINDS[asked.kind](how, found, asked.entity)
    about = {"group": found.book.group.code, "label": found.label, "sha256": found.book.digest}
    how.answer(about | payload)
    return code


def _of_group(state: Callable[[Any, str], Statement]) -> Callable[[Call, Stated, str], Shown]:
    """A statement that the book alone holds."""

    def show(how: Call, found: Stated, _: str) -> Shown:
        statement, currency = state(found.book, how.lang), found.book.presentation
        how.out.statement(statement, (currency,))
        return OK, statement_payload(statement, currency)

    return show


def _cash_flows(how: Call, found: Stated, entity: str) -> Shown:
    """The group's cash flows, or a company's in both currencies; a failure if not stated."""
    cash, chart = found.cash, found.book.chart
    if entity:
        stated = {each.functional.entity: each for each in cash.companies}
        if entity not in stated:
            for each in cash.problems:
                how.err.say("cash-not-stated", "yellow", reason=each.message(how.lang))
            raise CashNotStated(entity, tuple(stated))
        both = (stated[entity].functional, stated[entity].translated)
        shown = both if both[0].currency != both[1].currency else both[1:]
        statement = cash_statement([column_of(each, "") for each in shown], chart, how.lang)
        title = say("cli.cash_flows_of", how.lang, entity=entity)
        how.out.statement(statement, tuple(each.currency for each in shown), title)
    else:
        how.out.cash_flows(cash, chart)
    whole = cash.group is not None or bool(entity)
    return OK if whole else FAILURE, cash_payload(cash, chart, how.lang)


def _equity(how: Call, found: Stated, _: str) -> Shown:
    """Who had what, what moved it, who has what."""
    how.out.changes_in_equity(found.book)
    return OK, {
        "statement": "changes_in_equity",
        "currency": found.book.presentation,
        "rows": equity_payload(found.book),
    }


KINDS: Mapping[str, Callable[[Call, Stated, str], Shown]] = {
    "bp": _of_group(balance_sheet),
    "dre": _of_group(income_statement),
    "dfc": _cash_flows,
    "dmpl": _equity,
}
"""What can be printed, by the Brazilian name of the statement."""
