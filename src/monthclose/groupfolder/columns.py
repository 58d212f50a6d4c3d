"""Typed columns: each cell read once, each mistake noted with its row and column."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from monthclose.groupfolder.numbers import (
    MOST_DECIMALS,
    amounts_at_once,
    maybe_thousands,
    read_amount,
    read_percent,
    read_rate,
    too_many_decimals,
)
from monthclose.groupfolder.problems import Problems
from monthclose.groupfolder.specs import NUMBERS, Column, Kind, TableSpec
from monthclose.groupfolder.tables import Table
from monthclose.groupfolder.workbooks import Moment, Number
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.currencies import MINOR_DIGITS, is_iso
from monthclose.ledger.money import AmountOutOfRange, NotAnAmount
from monthclose.ledger.periods import FiscalYear, NotAPeriod, Period
from monthclose.ledger.rates import NotARate

_COUNT = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_YEAR = re.compile(r"20\d{2}|2100", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bought:
    """What a row of `acquisitions` says of its companies, and when; None where it is in doubt."""

    target: str | None
    on: date | None
    kind: str | None
    acquirer: str | None = None


@dataclass(slots=True)
class Known:
    """
    What other tables have said so far, for the cells that name it.

    Attributes:
        locale: Form of numbers: `plain` or `pt-BR`.
        presentation: Currency of translated amounts; empty: it could not be read.
        entities: Currency by code; None: the table could not be read, nothing is checked.
        accounts: Codes of the standard chart, with those the close adds; None likewise.
        associates: Codes of the companies by the equity method.
        stepped: Codes of subsidiaries that were associates before.
        kept: Codes of subsidiaries that left the group but for a part of them.
        indexed: Codes of the companies that are restated with a price index.
        acquisitions: By id; None likewise.
        year: The group's fiscal years.
        lots: Ids of profit in stock.
        loans: Company and day of each designated loan; None: their table is in doubt.
        sold: The day each company left of which no associate was kept.
        unsure: Kinds of cell whose table lost a code: an unknown one may be the lost one.
    """

    locale: str = "plain"
    presentation: str = ""
    entities: dict[str, str] | None = None
    accounts: frozenset[str] | None = None
    associates: frozenset[str] = frozenset()
    stepped: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()
    acquisitions: dict[str, Bought] | None = field(default_factory=dict)
    year: FiscalYear = field(default_factory=FiscalYear)
    lots: frozenset[str] = frozenset()
    loans: dict[str, tuple[str, date]] | None = field(default_factory=dict)
    sold: dict[str, date] = field(default_factory=dict)
    unsure: set[Kind] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a cell cannot be read."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


class Sheet:
    """
    A table under checking.

    Attributes:
        table: Its cells.
        bad: Lines with a mistake, from 0: nothing else is said of them.
        values: (n,) read cells by column; None where empty or wrong.
    """

    def __init__(self, table: Table, spec: TableSpec, known: Known, problems: Problems) -> None:
        self.table, self.spec, self.known, self.problems = table, spec, known, problems
        self.bad = table.bad
        self.size = len(table.rows)
        self.values: dict[str, Sequence[Any]] = {}
        # What gives an amount its currency is read before the amounts.
        for column in sorted(spec.columns, key=lambda each: each.kind is Kind.AMOUNT):
            self.values[column.name] = self._read(column)
        self._check_keys()

    def report(self, line: int, column: str, code: str, **facts: Any) -> None:
        """Note a mistake of a line, counted from 0; the line is out."""
        self.bad.add(line)
        self.problems.add(self.table.file, code, self.table.rows[line], column, **facts)

    @property
    def lost(self) -> bool:
        """Whether a line's code is not known, or the whole line."""
        return bool(self.table.lost) or None in self.values["code"]

    def lines(self) -> Iterator[int]:
        """The lines without a mistake so far, from 0."""
        return (line for line in range(self.size) if line not in self.bad)

    def row(self, line: int) -> dict[str, Any]:
        """The cells of one line, by column."""
        return {name: values[line] for name, values in self.values.items()}

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every line without a mistake so far, with its cells."""
        return ((line, self.row(line)) for line in self.lines())

    def cell(self, line: int, column: str) -> str:
        """A cell as it was written."""
        return self.table.columns[column][line] if column in self.table.columns else ""

    def _read(self, column: Column) -> Sequence[Any]:
        """Read one column; one that is not there is empty in every line."""
        cells = self.table.columns.get(column.name)
        if cells is None:
            return [None] * self.size
        cells = self._native(cells, column)
        if column.kind is Kind.AMOUNT:
            return self._amounts(cells, column)
        parse = self._parser(column)
        read: dict[str, Any] = {text: parse(text) for text in set(cells) if text}
        read[""] = Wrong("cell-empty") if column.needed else None
        return self._taken(cells, read, column)

    def _taken(self, cells: Sequence[str], read: dict[str, Any], column: Column) -> list[Any]:
        """Look every cell up in what its text was read as, and report the wrong ones."""
        wrong = {text for text, value in read.items() if isinstance(value, Wrong)}
        if wrong:
            unsure = column.kind in self.known.unsure
            for line, text in enumerate(cells):
                if text in wrong and text and unsure:
                    self.bad.add(line)  # what it names was lost, which has been said
                elif text in wrong and (text or (line, column.name) not in self.table.spoilt):
                    self.report(line, column.name, read[text].code, **read[text].facts)
            read = {text: None if text in wrong else value for text, value in read.items()}
        return [read[text] for text in cells]

    def _native(self, cells: Sequence[str], column: Column) -> Sequence[str]:
        """Give a workbook's numbers and dates the form that a text of the column would have."""
        if set(map(type, cells)) <= {str}:
            return cells
        plain = []
        for line, cell in enumerate(cells):
            text = str(cell)
            if isinstance(cell, Number):
                if column.kind in NUMBERS:
                    text = text.replace(".", "," if self.known.locale != "plain" else ".")
                elif "." in text and column.kind is not Kind.LABEL:
                    self.report(line, column.name, "code-from-number", text=text)
                    self.table.spoilt.add((line, column.name))
                    text = ""
            elif isinstance(cell, Moment) and column.kind is Kind.MONTH and text.endswith("-01"):
                text = text[:7]  # what a spreadsheet makes of 2025-06 when it is typed
            plain.append(text)
        return plain

    def _parser(self, column: Column) -> Callable[[str], Any]:
        """The reader of one cell of a column that is no amount."""
        known, locale = self.known, self.known.locale
        match column.kind:
            case Kind.CODE:
                return lambda text: _code(text, column.longest)
            case Kind.TEXT | Kind.LABEL:
                return lambda text: _text(text, column.longest)
            case Kind.ENTITY:
                return lambda text: _one_of(text, known.entities, "entity-unknown")
            case Kind.ACCOUNT:
                return lambda text: _one_of(text, known.accounts, "account-unknown")
            case Kind.ACQUISITION:
                return lambda text: _one_of(text, known.acquisitions, "acquisition-unknown")
            case Kind.CHOICE:
                return lambda text: _choice(text, column.choices)
            case Kind.PERCENT:
                return lambda text: _percent(text, locale)
            case Kind.RATE:
                return lambda text: _rate(text, locale)
            case _:
                return _PARSERS[column.kind]

    def _amounts(self, cells: Sequence[str], column: Column) -> Sequence[int | None]:
        """Read a column of amounts, each with the decimals of its line's currency."""
        digits = self._digits(column)
        if self.known.locale == "plain" and len(alike := set(digits)) == 1 and None not in alike:
            read = amounts_at_once(list(cells), digits[0] or 0)
            if read is not None and (not column.positive or min(read, default=0) >= 0):
                return read
        values: list[int | None] = []
        for line, (text, places) in enumerate(zip(cells, digits, strict=True)):
            value: int | Wrong | None = None
            if text:
                value = _amount(text, places, self.known.locale, positive=column.positive)
                if value is None:
                    self.bad.add(line)  # its currency is in doubt, which has been said
            elif column.needed and (line, column.name) not in self.table.spoilt:
                value = Wrong("cell-empty")
            if isinstance(value, Wrong):
                self.report(line, column.name, value.code, **value.facts)
                value = None
            values.append(value)
        return values

    def _digits(self, column: Column) -> list[int | None]:
        """
        How many decimals each line's amounts have; None where the currency is in doubt.

        That its currency is wrong has been said already: only the form is looked at then.
        """
        if not column.of:
            return [MINOR_DIGITS.get(self.known.presentation)] * self.size
        entities = self.known.entities or {}
        digits: list[int | None] = [None] * self.size
        kinds = {each.name: each.kind for each in self.spec.columns}
        for name in reversed(column.of):
            values = self.values[name]
            if kinds[name] is Kind.ACQUISITION:
                values = [self._target(each) for each in values]
            places = {v: MINOR_DIGITS.get(entities.get(v, v)) for v in set(values) - {None}}
            digits = [
                (old if not self.cell(line, name) else None) if value is None else places[value]
                for line, (value, old) in enumerate(zip(values, digits, strict=True))
            ]
        return digits

    def _target(self, acquisition: str | None) -> str | None:
        """The company of an acquisition; None where it is in doubt."""
        bought = (self.known.acquisitions or {}).get(acquisition or "")
        return bought.target if bought else None

    def _check_keys(self) -> None:
        """No two lines bear the same key."""
        needed = (column for column in self.spec.columns if column.needed)
        if any(c.name in self.spec.keys and c.name not in self.table.columns for c in needed):
            return  # what tells the lines apart is missing, which has been said
        columns = [self.values[name] for name in self.spec.keys]
        if not columns:
            return
        keys = list(zip(*columns, strict=True))
        if len(set(keys)) == self.size:
            return
        first: dict[tuple[Any, ...], int] = {}
        for line in self.lines():
            if keys[line] in first:
                named = [str(part) for part in keys[line] if part is not None]
                row = self.table.rows[first[keys[line]]]
                self.report(line, self.spec.keys[0], "key-twice", key=named, first=row)
            else:
                first[keys[line]] = line


def _code(text: str, longest: int) -> Any:
    if text != text.strip() or "\n" in text or "\t" in text:
        return Wrong("text-blank", {"text": text.strip()[:40]})
    return _text(text, longest)


def _text(text: str, longest: int) -> Any:
    if len(text) > longest:
        return Wrong("text-too-long", {"length": len(text), "limit": longest})
    return text


def _one_of(text: str, known: Any, code: str) -> Any:
    if known is None or text in known:
        return text
    return Wrong(code, {"text": text[:60]})


def _currency(text: str) -> Any:
    if text in MINOR_DIGITS:
        return text
    return Wrong(
        "currency-unsupported" if is_iso(text) else "currency-unknown", {"text": text[:40]}
    )


def _choice(text: str, choices: tuple[str, ...]) -> Any:
    return (
        text if text in choices else Wrong("choice-unknown", {"text": text[:40], "known": choices})
    )


def _percent(text: str, locale: str) -> Any:
    share_e8 = read_percent(text, locale)
    return Wrong("percent-unreadable", {"text": text[:40]}) if share_e8 is None else share_e8


def _rate(text: str, locale: str) -> Any:
    try:
        return read_rate(text, locale)
    except NotARate:
        return Wrong("rate-unreadable", {"text": text[:40]})


def _date(text: str) -> Any:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        return Wrong("date-unreadable", {"text": text[:40]})
    return day


def _months(text: str) -> Any:
    if _COUNT.fullmatch(text) and int(text) <= 1200:
        return int(text)
    return Wrong("months-unreadable", {"text": text[:40]})


def _year(text: str) -> Any:
    if _YEAR.fullmatch(text):
        return text
    return Wrong("month-unreadable", {"text": text})


def _month(text: str) -> Any:
    try:
        return str(Period.parse(text))
    except NotAPeriod:
        return Wrong("month-unreadable", {"text": text[:40]})


def _amount(text: str, digits: int | None, locale: str, *, positive: bool) -> int | Wrong | None:
    """Read one amount; with *digits* in doubt only its form is looked at."""
    facts: dict[str, Any] = {"text": text[:40]}
    try:
        minor = read_amount(text, MOST_DECIMALS if digits is None else digits, locale)
    except NotAnAmount:
        finer = digits is not None and too_many_decimals(text, digits, locale)
        if finer and not maybe_thousands(text, locale):
            return Wrong("amount-decimals", facts | {"digits": digits})
        return Wrong("amount-unreadable" if locale == "plain" else "amount-unreadable-pt", facts)
    except AmountOutOfRange:
        return None if digits is None else Wrong("amount-out-of-range", facts)
    if positive and minor < 0:
        return Wrong("amount-negative", facts)
    return None if digits is None else minor


def _tax_id(text: str) -> Any:
    return parse_cnpj(text) or Wrong("tax-id-wrong", {"text": text[:40]})


_PARSERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.MONTHS: _months,
    Kind.CURRENCY: _currency,
    Kind.DATE: _date,
    Kind.MONTH: _month,
    Kind.YEAR_OR_MONTH: lambda text: _year(text) if len(text) == 4 else _month(text),
    Kind.DAY_OR_MONTH: lambda text: _month(text) if len(text) == 7 else _date(text),
    Kind.TAX_ID: _tax_id,
}
"""Readers of the kinds of cell that nothing else is asked about."""
