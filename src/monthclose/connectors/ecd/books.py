"""What an ECD file holds, in our words: a company, its chart, and month after month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from monthclose.ledger.sources import SourceAccount


@dataclass(slots=True)
class AccountMonth:
    """
    One account in one month, its cost centres added up; minor units.

    Attributes:
        opening: Debit positive.
        debit: Of the month, positive.
        credit: Of the month, positive.
        closing: Debit positive.
    """

    opening: int = 0
    debit: int = 0
    credit: int = 0
    closing: int = 0


@dataclass(slots=True)
class Turnover:
    """Debits and credits of entries, minor units, both positive."""

    debit: int = 0
    credit: int = 0


@dataclass(slots=True)
class BookMonth:
    """
    One month of the books, closing entries and all.

    Attributes:
        period: The month, such as `2024-12`.
        last: Its last day in the books: earlier than the month's when the company ended.
        line: Where the file opens it.
        accounts: By account of the chart.
        carried: Balances that came from a former chart: new account, to former account, to
            its opening there, minor units, debit positive.
        entries: Turnover of every entry, by account; empty: the file has none.
        closing_entries: Turnover of the entries that close the result, by account.
        result: Result accounts before closing (I355), minor units, debit positive, by account.
        closed_on: Days on which the result was closed.
        by_statement_line: Closings added up by line of the balance sheet filed (J100).
        result_by_line: Results before closing added up by line of the statement filed (J150).
    """

    period: str
    last: date
    line: int
    accounts: dict[str, AccountMonth] = field(default_factory=dict)
    carried: dict[str, dict[str, int]] = field(default_factory=dict)
    entries: dict[str, Turnover] = field(default_factory=dict)
    closing_entries: dict[str, Turnover] = field(default_factory=dict)
    result: dict[str, int] = field(default_factory=dict)
    closed_on: list[date] = field(default_factory=list)
    by_statement_line: dict[str, int] = field(default_factory=dict)
    result_by_line: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """
    A line of a statement that was filed (J100, J150).

    Attributes:
        record: `J100` or `J150`.
        code: Of the line.
        name: What it is called.
        first: First day of the statement.
        last: Last day.
        amount: At the end, minor units, debit positive.
        line: Where it stands in the file.
        total: Whether it adds up others.
    """

    record: str
    code: str
    name: str
    first: date
    last: date
    amount: int
    line: int
    total: bool


@dataclass(frozen=True, slots=True)
class EcdBooks:
    """
    A file, read whole.

    Attributes:
        file: Its name.
        sha256: Hash of its bytes, signature included.
        lines: How many lines it has, up to `9999`.
        cnpj: Of the company, 14 characters.
        name: Of the company.
        kind: Kind of book (IND_ESC): `G` is everything in one.
        layout: Of the file, such as 9.
        referential: Which chart of the Receita Federal its codes are of, or empty.
        functional: Whether amounts are in the functional currency, which is not the real.
        accounts: Its chart, groups included; `referential` only where there is one code.
        several_codes: Accounts with several referential codes, by cost centre: they need a
            split, which nobody can guess.
        months: In order.
        statements: Lines of the statements filed.
        removed_characters: Control characters taken out of texts.
    """

    file: str
    sha256: str
    lines: int
    cnpj: str
    name: str
    kind: str
    layout: int
    referential: str
    functional: bool
    accounts: Mapping[str, SourceAccount]
    several_codes: Mapping[str, tuple[str, ...]]
    months: tuple[BookMonth, ...]
    statements: tuple[StatementLine, ...]
    removed_characters: int = 0
