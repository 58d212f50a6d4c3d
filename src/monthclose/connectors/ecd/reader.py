"""
A file of the ECD to books, in one pass: each line is looked at and let go.

Read: Manual de Orientação do Leiaute 9 da ECD; records 0000, I010, I050, I051, I052, I150,
I155, I157, I200, I250, I350, I355, J005, J100, J150 and 9999. What memory holds grows with
accounts and months, not with entries.
"""

from collections.abc import Callable
from datetime import date
from typing import BinaryIO

from monthclose.connectors.ecd.books import (
    AccountMonth,
    BookMonth,
    EcdBooks,
    StatementLine,
    Turnover,
)
from monthclose.connectors.ecd.chart import ChartReader
from monthclose.connectors.ecd.checks import check_books, check_month
from monthclose.connectors.ecd.lines import Lines
from monthclose.connectors.ecd.problems import Problems
from monthclose.ledger.cnpj import parse_cnpj
from monthclose.ledger.periods import Day, Period

OLDEST, NEWEST = 7, 9
"""Layouts that are read."""

USUAL = 9
"""Fields of I250, the record included."""

LARGE = 15
"""Digits of an amount from which on it may be out of range."""

_SIDES = (b"D", b"C")

_HEADERS = (20, 23)
"""Fields of 0000, the record included: of layout 7, and since layout 8."""


def read_ecd(stream: BinaryIO, file: str, *, functional: bool = False) -> EcdBooks:
    """
    Read a file whole, or not at all.

    Args:
        stream: Its bytes.
        file: Its name, for messages.
        functional: Take the amounts in the functional currency beside those in reais, for
            a company whose functional currency is not the real.

    Raises:
        EcdUnusable: what is wrong with it, line by line.
    """
    problems = Problems(file)
    return _Reader(Lines(stream, problems), problems, functional=functional).read()


class _Reader:
    """What is known while lines pass."""

    def __init__(self, lines: Lines, problems: Problems, *, functional: bool) -> None:
        self.lines, self.problems, self.functional = lines, problems, functional
        self.header: list[bytes] = []
        self.cnpj = ""
        self.kind, self.layout = "", 0
        self.chart = ChartReader(lines, problems)
        self.months: list[BookMonth] = []
        self.by_period: dict[str, BookMonth] = {}
        self.month: BookMonth | None = None
        self.seen: set[tuple[bytes, bytes]] = set()
        self.carried_to = ""
        self.carried_left = 0
        self.entry_line, self.entry_out_by, self.entry_debit, self.entry_told = 0, 0, 0, 0
        self.turnover: dict[str, Turnover] = {}
        self.closing_turnover: dict[str, Turnover] | None = None
        self.texts: dict[bytes, str] = {}
        self.result_month: BookMonth | None = None
        self.statement: tuple[date, date] | None = None
        self.statements: list[StatementLine] = []

    def read(self) -> EcdBooks:
        """Read to `9999`."""
        handlers: dict[bytes, Callable[[list[bytes]], None]] = {
            b"0000|": self._header,
            b"I010|": self._kind,
            b"I050|": self.chart.account,
            b"I051|": self.chart.reference,
            b"I052|": self.chart.statement_line,
            b"I150|": self._month,
            b"I155|": self._balance,
            b"I157|": self._carried,
            b"I200|": self._entry,
            b"I250|": self._entry_line,
            b"I350|": self._closing,
            b"I355|": self._result,
            b"J005|": self._statement,
            b"J100|": self._position,
            b"J150|": self._performance,
        }
        wanted = handlers.get
        for line in self.lines:
            if (handler := wanted(line[:5])) is not None:
                handler(line.split(b"|"))
            elif self.lines.at == 1:
                raise self.problems.fail("ecd-none", 1)
        self._end_carried()
        self._end_month()
        self._end_entry()
        if not self.months:
            raise self.problems.fail("ecd-no-months")
        check_books(self.months, self.chart.accounts, self.problems)
        self.problems.stop()
        return EcdBooks(
            file=self.problems.file,
            sha256=self.lines.sha256,
            lines=self.lines.at,
            cnpj=self.cnpj,
            name=self.lines.text(self.header[4], "0000"),
            kind=self.kind,
            layout=self.layout,
            referential=self._referential(),
            functional=self.functional,
            accounts=self.chart.described(),
            several_codes=self.chart.several(),
            months=tuple(self.months),
            statements=tuple(self.statements),
            removed_characters=self.lines.removed,
        )

    def _referential(self) -> str:
        """Which chart of the Receita Federal: of the header, or of the lines of layout 7."""
        if len(self.header) == _HEADERS[1]:
            return self.header[22].decode("latin-1").strip()
        return self.chart.reference_chart

    def _header(self, f: list[bytes]) -> None:
        if self.lines.at != 1 or len(f) not in _HEADERS or f[1] != b"LECD":
            raise self.problems.fail("ecd-none", self.lines.at, "0000")
        self.header = f
        told = f[5].decode("latin-1")[:20]
        self.cnpj = parse_cnpj(told) or ""
        if not self.cnpj:
            self.problems.add("ecd-cnpj", 1, "0000", text=told)
        if self.functional and f[18] != b"S":
            raise self.problems.fail("ecd-no-functional", 1, "0000")

    def _kind(self, f: list[bytes]) -> None:
        told = f[2].decode("latin-1") if len(f) > 2 else ""
        whole = told.partition(".")[0]
        layout = int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 3 else 0
        if not OLDEST <= layout <= NEWEST:
            raise self.problems.fail(
                "ecd-layout", self.lines.at, "I010", text=told[:20], oldest=OLDEST, newest=NEWEST
            )
        self.kind, self.layout = f[1].decode("latin-1")[:1], layout
        self.chart.layout = layout

    def _fields(self, f: list[bytes], *counts: int) -> bool:
        """Whether a record has as many fields as it should; more in a functional currency."""
        found = len(f) - 1
        enough = found >= counts[-1] if self.functional else found in counts
        if not enough:
            record = f[0].decode("latin-1")
            self.problems.add("ecd-fields", self.lines.at, record, found=found, wanted=counts[-1])
        return enough

    def _month(self, f: list[bytes]) -> None:
        self._end_carried()
        self._end_month()
        if not self.kind:
            raise self.problems.fail("ecd-layout-missing", self.lines.at, "I150")
        if not self._fields(f, 2):
            raise self.problems.error()
        first, last = self.lines.day(f[1], "I150"), self.lines.day(f[2], "I150")
        period = Period.of(last)
        if Period.of(first) != period or first > last:
            raise self.problems.fail(
                "ecd-month-span", self.lines.at, "I150", first=Day(first), last=Day(last)
            )
        if self.months and str(Period.parse(self.months[-1].period).plus(1)) != str(period):
            raise self.problems.fail(
                "ecd-month-order", self.lines.at, "I150", before=self.months[-1].period, now=period
            )
        self.month = BookMonth(str(period), last, self.lines.at)
        self.months.append(self.month)
        self.by_period[str(period)] = self.month
        self.seen.clear()

    def _end_month(self) -> None:
        if self.month is not None:
            check_month(self.month, self.problems)
            self.month = None

    def _balance(self, f: list[bytes]) -> None:
        self._end_carried()
        month = self.month
        if month is None:
            raise self.problems.fail("ecd-order", self.lines.at, "I155", before="I150")
        if not self._fields(f, *((14,) if self.functional else (8, 14))):
            return
        code = self.chart.posting(f[1], "I155")
        at = 6 if self.functional else 0
        amount, signed = self.lines.amount, self.lines.signed
        opening = signed(f[3 + at], f[4 + at], "I155")
        debit, credit = amount(f[5 + at], "I155"), amount(f[6 + at], "I155")
        closing = signed(f[7 + at], f[8 + at], "I155")
        if out_by := opening + debit - credit - closing:
            self.problems.add("ecd-row", self.lines.at, "I155", account=code, size=_reais(out_by))
        if (place := (f[1], f[2])) in self.seen:
            self.problems.add("ecd-twice", self.lines.at, "I155", account=code)
            return
        self.seen.add(place)
        row = month.accounts.setdefault(code, AccountMonth())
        row.opening += opening
        row.debit += debit
        row.credit += credit
        row.closing += closing
        for line in self.chart.lines_of(code, f[2]):
            month.by_statement_line[line] = month.by_statement_line.get(line, 0) + closing
        self.carried_to, self.carried_left = "", opening

    def _carried(self, f: list[bytes]) -> None:
        """A balance brought from the former chart to the account of the line above."""
        month = self.month
        if month is None or not month.accounts:
            raise self.problems.fail("ecd-order", self.lines.at, "I157", before="I155")
        if not self._fields(f, *((6,) if self.functional else (4, 6))):
            return
        at = 2 if self.functional else 0
        amount = self.lines.signed(f[3 + at], f[4 + at], "I157")
        target = next(reversed(month.accounts)) if not self.carried_to else self.carried_to
        self.carried_to = target
        self.carried_left -= amount
        former = self.lines.text(f[1], "I157")
        sources = month.carried.setdefault(target, {})
        sources[former] = sources.get(former, 0) + amount

    def _end_carried(self) -> None:
        """See that what came from the former chart is the opening."""
        if self.carried_to and self.carried_left:
            self.problems.add(
                "ecd-carried",
                self.lines.at - 1,
                "I157",
                account=self.carried_to,
                size=_reais(self.carried_left),
            )
        self.carried_to, self.carried_left = "", 0

    def _entry(self, f: list[bytes]) -> None:
        self._end_carried()
        self._end_month()
        self._end_entry()
        if len(f) < 5:
            self.problems.add("ecd-fields", self.lines.at, "I200", found=len(f) - 1, wanted=5)
            raise self.problems.error()
        day, kind = self.lines.day(f[2], "I200"), f[4]
        month = self.by_period.get(f"{day:%Y-%m}")
        if month is None:
            raise self.problems.fail("ecd-entry-month", self.lines.at, "I200", day=Day(day))
        if kind not in (b"N", b"E", b"X"):
            self.problems.add(
                "ecd-entry-kind", self.lines.at, "I200", text=kind.decode("latin-1")[:20]
            )
        at = 6 if self.functional and len(f) > 6 else 3
        self.entry_line, self.entry_told = self.lines.at, self.lines.amount(f[at], "I200")
        self.entry_out_by = self.entry_debit = 0
        self.turnover = month.entries
        self.closing_turnover = month.closing_entries if kind == b"E" else None

    def _entry_line(self, f: list[bytes]) -> None:
        if not self.entry_line:
            raise self.problems.fail("ecd-order", self.lines.at, "I250", before="I200")
        # Most of a file are these lines, so what is usual is written out here.
        if (len(f) != USUAL or self.functional) and not self._fields(
            f, *((10,) if self.functional else (8, 10))
        ):
            return
        at = 6 if self.functional else 0
        told, side = f[3 + at], f[4 + at]
        digits = told[:-3] + told[-2:]
        if told[-3:-2] == b"," and digits.isdigit() and len(digits) < LARGE and side in _SIDES:
            amount = int(digits) if side == b"D" else -int(digits)
        else:
            amount = self.lines.signed(told, side, "I250")
        if (code := self.texts.get(f[1])) is None:
            code = self.texts[f[1]] = self.chart.posting(f[1], "I250")
        if (moved := self.turnover.get(code)) is None:
            moved = self.turnover[code] = Turnover()
        self.entry_out_by += amount
        if amount > 0:
            moved.debit += amount
            self.entry_debit += amount
        else:
            moved.credit -= amount
        if self.closing_turnover is not None:
            closing = self.closing_turnover.setdefault(code, Turnover())
            closing.debit += max(amount, 0)
            closing.credit += max(-amount, 0)

    def _end_entry(self) -> None:
        """See that an entry balances and is of the amount it says."""
        if not self.entry_line:
            return
        if self.entry_out_by:
            size = _reais(self.entry_out_by)
            self.problems.add("ecd-entry-unbalanced", self.entry_line, "I200", size=size)
        elif self.entry_debit != self.entry_told:
            size = _reais(self.entry_debit - self.entry_told)
            self.problems.add("ecd-entry-amount", self.entry_line, "I200", size=size)
        self.entry_line = 0

    def _closing(self, f: list[bytes]) -> None:
        self._end_carried()
        self._end_month()
        self._end_entry()
        day = self.lines.day(f[1] if len(f) > 1 else b"", "I350")
        self.result_month = self.by_period.get(f"{day:%Y-%m}")
        if self.result_month is None or day != self.result_month.last:
            raise self.problems.fail("ecd-closing-day", self.lines.at, "I350", day=Day(day))
        if day in self.result_month.closed_on:
            raise self.problems.fail("ecd-closing-twice", self.lines.at, "I350", day=Day(day))
        self.result_month.closed_on.append(day)
        self.seen.clear()

    def _result(self, f: list[bytes]) -> None:
        month = self.result_month
        if month is None:
            raise self.problems.fail("ecd-order", self.lines.at, "I355", before="I350")
        if not self._fields(f, *((6,) if self.functional else (4, 6))):
            return
        at = 2 if self.functional else 0
        code = self.chart.posting(f[1], "I355")
        if (place := (f[1], f[2])) in self.seen:
            self.problems.add("ecd-twice", self.lines.at, "I355", account=code)
        self.seen.add(place)
        amount = self.lines.signed(f[3 + at], f[4 + at], "I355")
        month.result[code] = month.result.get(code, 0) + amount
        for line in self.chart.lines_of(code, f[2]):
            month.result_by_line[line] = month.result_by_line.get(line, 0) + amount

    def _statement(self, f: list[bytes]) -> None:
        self.statement = None
        if self._fields(f, 4):
            first, last = self.lines.day(f[1], "J005"), self.lines.day(f[2], "J005")
            # 1: its own statements; 2: those of the whole company, or of a group.
            self.statement = (first, last) if f[3] == b"1" else None

    def _position(self, f: list[bytes]) -> None:
        if self._fields(f, 11):
            self._filed("J100", f[1], f[2], f[6], f[9], f[10])

    def _performance(self, f: list[bytes]) -> None:
        # Before layout 8 there is no number of order in front.
        if self._fields(f, 12 if self.layout > OLDEST else 11, 12):
            at = len(f) - 13
            self._filed("J150", f[2 + at], f[3 + at], f[6 + at], f[9 + at], f[10 + at])

    def _filed(
        self, record: str, code: bytes, kind: bytes, name: bytes, amount: bytes, side: bytes
    ) -> None:
        if self.statement is None:
            return
        text = self.lines.text
        self.statements.append(
            StatementLine(
                record=record,
                code=text(code, record),
                name=text(name, record),
                first=self.statement[0],
                last=self.statement[1],
                amount=self.lines.signed(amount, side, record),
                line=self.lines.at,
                total=kind == b"T",
            )
        )


def _reais(minor: int) -> str:
    """An amount without its sign, as it would stand in the file."""
    whole, cents = divmod(abs(minor), 100)
    return f"{whole},{cents:02d}"
